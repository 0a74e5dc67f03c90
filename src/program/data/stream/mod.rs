//! Data that arrive in portions: files larger than memory.
//!
//! A [`Stream`] gives one [`Chunk`] of rows after the other; any iterator of `Result<Chunk, E>` is
//! one. While a chunk is computed, a thread reads the next ones, into memory that is used again and
//! again. The bits of the results are those of the same rows in memory, however long the chunks are.
//!
//! [`Binary`] reads files of raw numbers, `Csv` (feature `csv`) tables of text, `Libsvm` (feature `libsvm`) text of
//! sparse features.

pub(crate) mod again;
pub(crate) mod ahead;
mod binary;
#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "libsvm")]
mod libsvm;
#[cfg(any(feature = "csv", feature = "libsvm"))]
mod table;
#[cfg(any(feature = "csv", feature = "libsvm"))]
mod text;

pub use ahead::read_ahead;
pub use binary::{Binary, Layout, Raw};
#[cfg(feature = "csv")]
pub use csv::Csv;
#[cfg(feature = "libsvm")]
pub use libsvm::{Libsvm, LibsvmError};
#[cfg(any(feature = "csv", feature = "libsvm"))]
pub use table::Table;

use crate::program::{Column, Columns, RunError};
use std::io;

/// Rows that lie in memory: an array or a vector of columns, `Vec<f64>`, `Vec<f32>` or `Vec<u32>`, or a
/// type of your own.
///
/// ```
/// use wengert::program::stream::Chunk;
/// let chunk = [vec![1.0, 2.0], vec![3.0, 4.0]]; // two columns
/// assert_eq!(chunk.columns()?.row_count(), 2);
/// assert_eq!(vec![vec![1.0_f32]; 3].columns()?.column_count(), 3);
/// # Ok::<(), wengert::program::RunError>(())
/// ```
pub trait Chunk {
    /// The rows, by columns.
    ///
    /// # Errors
    /// If they do not fit together.
    fn columns(&self) -> Result<Columns<'_>, RunError>;
}

impl<C, const N: usize> Chunk for [C; N]
where
    for<'c> Column<'c>: From<&'c C>,
{
    fn columns(&self) -> Result<Columns<'_>, RunError> {
        Columns::mixed(self.iter().map(Into::into))
    }
}

impl<C> Chunk for Vec<C>
where
    for<'c> Column<'c>: From<&'c C>,
{
    fn columns(&self) -> Result<Columns<'_>, RunError> {
        Columns::mixed(self.iter().map(Into::into))
    }
}

/// Nothing is no rows.
impl<C: Chunk> Chunk for Option<C> {
    fn columns(&self) -> Result<Columns<'_>, RunError> {
        self.as_ref().map_or_else(|| Ok(Columns::none()), Chunk::columns)
    }
}

/// A source of chunks, each of any length. All iterators of `Result<Chunk, E>` are streams.
///
/// ```
/// use wengert::program::stream::Stream;
/// /// The natural numbers up to a last one, ten at a time.
/// struct Naturals(std::ops::Range<u32>);
///
/// impl Stream for Naturals {
///     type Chunk = Vec<Vec<f64>>;
///     type Error = std::convert::Infallible;
///     fn read(&mut self, chunk: &mut Self::Chunk) -> Result<bool, Self::Error> {
///         chunk.resize(1, Vec::new());
///         chunk[0].clear();
///         chunk[0].extend(self.0.by_ref().take(10).map(f64::from));
///         Ok(!chunk[0].is_empty())
///     }
/// }
///
/// use wengert::{objective, program::Program};
/// let mut sum = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
/// assert_eq!(sum.run_stream(&[1.0], Naturals(0..101))?.value(), 5050.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Stream {
    /// What it fills. `Default` makes an empty one.
    type Chunk: Chunk + Default;
    /// Why it can fail.
    type Error;

    /// Puts the next rows into `chunk`, in place of the rows that it holds; its memory can be
    /// reused. Returns `false` if there are no more rows. It is not called again after that, nor
    /// after an error.
    ///
    /// # Errors
    /// If the rows cannot be had.
    fn read(&mut self, chunk: &mut Self::Chunk) -> Result<bool, Self::Error>;
}

impl<I, C, E> Stream for I
where
    I: Iterator<Item = Result<C, E>>,
    C: Chunk,
{
    type Chunk = Option<C>;
    type Error = E;

    fn read(&mut self, chunk: &mut Option<C>) -> Result<bool, E> {
        *chunk = self.next().transpose()?;
        Ok(chunk.is_some())
    }
}

/// Why a program could not run over a stream.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError<E> {
    /// The stream failed.
    #[error("the stream failed after {rows} rows: {error}")]
    Source {
        /// How many rows had come before.
        rows: u64,
        /// Why.
        #[source]
        error: E,
    },
    /// The program could not run over the rows that came.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The program goes through the rows more than once, as for a maximum and its slope, and the
    /// stream can be read only once; see [`Sweep::run_reopened`](crate::program::Sweep::run_reopened).
    #[error("the program goes through the rows {passes} times, and the stream can be read once")]
    Passes {
        /// How many times it does.
        passes: usize,
    },
    /// When the stream was opened again, it had another number of rows.
    #[error("the stream had {expected} rows, and {found} when it was opened again")]
    Changed {
        /// How many rows it had at first.
        expected: u64,
        /// How many later.
        found: u64,
    },
    /// When the stream was opened again, it had as many rows, and other numbers or another order.
    #[error("the {rows} rows of the stream had other numbers when it was opened again")]
    Altered {
        /// How many rows it has.
        rows: u64,
    },
}

/// Why a file of numbers could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file could not be read.
    #[error("row {row} could not be read: {error}")]
    Io {
        /// The row, counted from 0, that was to be read.
        row: u64,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// A row ends too early.
    #[error("row {row} has {found} numbers instead of {expected}")]
    HalfRow {
        /// The row, counted from 0.
        row: u64,
        /// Numbers of a whole row.
        expected: usize,
        /// Whole numbers of this one.
        found: usize,
    },
    /// A field is not a number.
    #[error("column {column} is {text:?} in row {row}, which is no number")]
    Number {
        /// The row, counted from 0, without the header.
        row: u64,
        /// The column of the file, counted from 0.
        column: usize,
        /// The text of the field, or its beginning.
        text: String,
    },
    /// A header of numbers only, missing ones among them: probably a row of a table that has no header.
    #[error(
        "the header is {text:?}, numbers only: `Csv::without_header` reads it as a row, \
         `Csv::columns` as names"
    )]
    Header {
        /// The header, or the beginning of it.
        text: String,
    },
    /// No column is to be read.
    #[error("found no columns, expected at least one")]
    NoColumn,
    /// A column was asked for by its name, in a table without a header.
    #[error("no column is called {name:?}, as the table has no header")]
    NoHeader {
        /// The first name that was asked for.
        name: String,
    },
    /// The header has no such column.
    #[error("no column is called {name:?}")]
    Name {
        /// The name.
        name: String,
    },
    /// The header gives a name to several columns.
    #[error("several columns are called {name:?}")]
    Ambiguous {
        /// The name.
        name: String,
    },
}
