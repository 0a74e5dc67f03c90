//! Arrow arrays as columns, borrowed where they lie.

mod array;
mod chunk;
mod error;
#[cfg(any(feature = "parquet", feature = "ipc"))]
mod guard;
#[cfg(feature = "ipc")]
mod ipc;
#[cfg(any(feature = "parquet", feature = "ipc"))]
mod opened;
#[cfg(feature = "parquet")]
mod parquet;

pub use chunk::ArrowChunk;
pub use error::ArrowColumnError;
#[cfg(feature = "ipc")]
pub use ipc::{ArrowIpc, ArrowIpcError};
#[cfg(feature = "parquet")]
pub use parquet::{Parquet, ParquetError};

use crate::program::data::column::Column;
use crate::program::data::columns::Columns;
use arrow_array::RecordBatch;

impl<'a> Columns<'a> {
    /// The columns of these names, in this order, of a batch of Arrow arrays. None is copied. Errors call them by
    /// their names. Without names there are no columns, and as many rows as the batch has.
    ///
    /// Batches that come one after the other are a stream of [`ArrowChunk`]s.
    ///
    /// # Errors
    /// If there is no column of a name, or as [`Column::arrow`].
    ///
    /// ```
    /// use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
    /// use std::sync::Arc;
    /// use wengert::program::Columns;
    /// let x: ArrayRef = Arc::new(Float64Array::from(vec![0.5, 1.5]));
    /// let kind: ArrayRef = Arc::new(Int64Array::from(vec![0, 2]));
    /// let batch = RecordBatch::try_from_iter([("kind", kind), ("x", x)])?;
    /// let data = Columns::arrow(&batch, &["x", "kind"])?;
    /// assert_eq!((data.column_count(), data.row_count()), (2, 2));
    /// assert!(Columns::arrow(&batch, &["y"]).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn arrow(batch: &'a RecordBatch, names: &[&str]) -> Result<Self, ArrowColumnError> {
        let column = |&name: &&str| Column::arrow(name, array::named(batch, name)?);
        let columns: Vec<Column<'a>> = names.iter().map(column).collect::<Result<_, _>>()?;
        let names = names.iter().map(|&name| name.into()).collect();
        Ok(Columns::of_rows(columns, batch.num_rows())?.called(names))
    }
}
