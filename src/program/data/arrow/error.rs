//! Why an Arrow array is no column: [`ArrowColumnError`].

use crate::program::RunError;

/// An Arrow array that cannot be read as a column.
///
/// ```
/// use arrow_array::StringArray;
/// use wengert::program::{ArrowColumnError, Column};
/// let array = StringArray::from(vec!["one"]);
/// assert!(matches!(Column::arrow("x", &array), Err(ArrowColumnError::Type { .. })));
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ArrowColumnError {
    /// There is no column of this name.
    #[error("no column is called {name:?}")]
    Missing {
        /// The name.
        name: String,
    },
    /// There are several columns of this name.
    #[error("more than one column is called {name:?}")]
    Twice {
        /// The name.
        name: String,
    },
    /// The type is none of `Float64`, `Float32`, whole numbers and dictionaries of those.
    #[error(
        "column {name:?} is of type {found}, expected f64, f32, whole numbers, or a dictionary of those"
    )]
    Type {
        /// The column.
        name: String,
        /// Its type, as Arrow writes it.
        found: String,
    },
    /// A whole number has more digits than an `f64` can hold.
    #[error("column {name:?} is {value} in row {row}, which an f64 cannot hold")]
    Digits {
        /// The column.
        name: String,
        /// The row, counted from the first of the array; of a file from its first.
        row: usize,
        /// The number.
        value: i128,
    },
    /// The columns do not fit together.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl ArrowColumnError {
    /// The same of an array that comes after so many rows.
    #[cfg(any(feature = "ipc", feature = "parquet"))]
    pub(super) fn after(mut self, rows: u64) -> Self {
        if let ArrowColumnError::Digits { row, .. } = &mut self {
            *row += rows as usize;
        }
        self
    }
}
