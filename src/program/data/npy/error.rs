//! Why numpy's files are no columns: [`NpyError`].

use crate::program::RunError;
use std::io;

/// An array of numpy's that cannot be read as columns. It is named: by the array's name in an archive, by the path of
/// a file that was opened, or not at all where bytes were given.
///
/// ```
/// use wengert::program::{Columns, npy::NpyError};
/// let cut = b"\x93NUMPY\x01\0";
/// assert!(matches!(Columns::npy(cut), Err(NpyError::Header { .. })));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NpyError {
    /// The file could not be opened or read.
    #[error("{name}: {source}")]
    Io {
        /// Which file.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// What should stand before the numbers does not.
    #[error("{}it is no array that can be read: {reason}", of(name))]
    Header {
        /// Which array.
        name: String,
        /// Why.
        reason: String,
    },
    /// The numbers are of another type, or have their greatest byte first.
    #[error(
        "{}the numbers are of type {found}, expected <f8, <f4, or whole numbers such as <i4 or |u1",
        of(name)
    )]
    Type {
        /// Which array.
        name: String,
        /// Its type, as numpy writes it.
        found: String,
    },
    /// The array is neither a list nor a table.
    #[error("{}the array has the shape {found:?}, expected one or two dimensions", of(name))]
    Shape {
        /// Which array.
        name: String,
        /// Its extents.
        found: Vec<usize>,
    },
    /// A table lies column by column, so that its rows cannot be read one after the other.
    #[error(
        "{}the table lies column by column (Fortran's order), so that it cannot be streamed; map the file \
         and take `Columns::npy` of it",
        of(name)
    )]
    Order {
        /// Which array.
        name: String,
    },
    /// There are more or fewer bytes than numbers.
    #[error("{}the numbers are {expected} bytes, but there are {found}", of(name))]
    Length {
        /// Which array.
        name: String,
        /// How many bytes the numbers are.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// A whole number has more digits than an `f64` can hold.
    #[error("{}column {column} is {value} in row {row}, which an f64 cannot hold", of(name))]
    Digits {
        /// Which array.
        name: String,
        /// The column, counted from the first of the array.
        column: usize,
        /// The row.
        row: u64,
        /// The number.
        value: i128,
    },
    /// The file is no archive, or is damaged where it says what is in it.
    #[error("it is no archive of arrays that can be read: {reason}")]
    Archive {
        /// Why.
        reason: String,
    },
    /// The archive has no such array.
    #[error("no array is called {name:?}")]
    Missing {
        /// The name.
        name: String,
    },
    /// The array is compressed, so that its numbers lie nowhere.
    #[error("{name}: the array is compressed; `numpy.savez` writes it as it is")]
    Compressed {
        /// Which array.
        name: String,
    },
    /// The columns do not fit together.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// The beginning of a message about an array.
fn of(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("{name}: ") }
}
