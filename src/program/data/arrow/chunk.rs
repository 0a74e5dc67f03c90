//! Batches of Arrow arrays as chunks of a stream: [`ArrowChunk`].

use super::ArrowColumnError;
use super::array::{borrowed, named};
use crate::program::data::column::Column;
use crate::program::data::columns::Columns;
use crate::program::data::stream::Chunk;
use crate::program::error::RunError;
use arrow_array::{ArrayRef, RecordBatch};
use std::sync::Arc;

/// Some columns of a batch of Arrow arrays, as a chunk of a stream. They are shared with the batch, not copied.
///
/// A reader of batches, as of Parquet or Arrow IPC files, becomes a stream so; ask it for the columns that the
/// program reads, and no others are decoded.
///
/// ```
/// use arrow_array::{ArrayRef, Float64Array, RecordBatch};
/// use std::sync::Arc;
/// use wengert::program::{ArrowChunk, Program};
/// use wengert::objective;
/// let batches = [[1.0, 2.0], [3.0, 4.0]].map(|x| {
///     let x: ArrayRef = Arc::new(Float64Array::from_iter_values(x));
///     RecordBatch::try_from_iter([("x", x)])
/// });
/// let batches = batches.into_iter().collect::<Result<Vec<_>, _>>()?;
/// let chunks = batches.iter().map(|batch| ArrowChunk::new(batch, &["x"]));
/// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.mean().compile();
/// assert_eq!(sweep.run_stream(&[2.0], chunks)?.value(), 5.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ArrowChunk {
    arrays: Vec<ArrayRef>,
    names: Arc<[String]>,
    rows: usize,
}

impl ArrowChunk {
    /// The columns of these names, in this order.
    ///
    /// # Errors
    /// If there is no column of a name, or as [`Column::arrow`].
    ///
    /// ```
    /// use arrow_array::{ArrayRef, Float64Array, RecordBatch};
    /// use std::sync::Arc;
    /// use wengert::program::{ArrowChunk, stream::Chunk};
    /// let x: ArrayRef = Arc::new(Float64Array::from(vec![0.5, 1.5]));
    /// let batch = RecordBatch::try_from_iter([("x", x)])?;
    /// assert_eq!(ArrowChunk::new(&batch, &["x"])?.columns()?.row_count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(batch: &RecordBatch, names: &[&str]) -> Result<Self, ArrowColumnError> {
        Self::of(batch, &names.iter().map(|&name| name.into()).collect())
    }

    /// The same with names that many chunks share.
    pub(super) fn of(batch: &RecordBatch, names: &Arc<[String]>) -> Result<Self, ArrowColumnError> {
        let arrays = names.iter().map(|name| {
            let array = named(batch, name)?;
            Column::arrow(name, array).map(|_| Arc::clone(array))
        });
        let (arrays, rows) = (arrays.collect::<Result<_, _>>()?, batch.num_rows());
        Ok(ArrowChunk { arrays, names: Arc::clone(names), rows })
    }

    /// How many rows it has.
    #[cfg(feature = "ipc")]
    pub(super) fn row_count(&self) -> usize {
        self.rows
    }
}

impl Chunk for ArrowChunk {
    fn columns(&self) -> Result<Columns<'_>, RunError> {
        // Each was a column when the chunk was made.
        let columns = self.arrays.iter().filter_map(|x| borrowed(x));
        Ok(Columns::of_rows(columns, self.rows)?.called(Arc::clone(&self.names)))
    }
}
