//! Data that arrive in portions: files larger than memory.
//!
//! A [`Stream`] gives one [`Chunk`] of rows after the other; any iterator of `Result<Chunk, E>` is
//! one. While a chunk is computed, a thread reads the next ones, into memory that is used again and
//! again. The bits of the results are those of the same rows in memory, however long the chunks are.
//!
//! [`Binary`] reads files of raw numbers, `Csv` (feature `csv`) tables of text.

mod again;
mod ahead;
mod binary;
#[cfg(feature = "csv")]
mod csv;

pub use ahead::read_ahead;
pub use binary::{Binary, Layout, Raw};
#[cfg(feature = "csv")]
pub use csv::{Csv, Table};

use super::{Column, Columns, Found, RunError, Sweep};
use again::Noted;
use std::io;

/// Rows that lie in memory: an array or a vector of columns, `Vec<f64>`, `Vec<f32>` or `Vec<u32>`, or a
/// type of your own.
///
/// ```
/// use wengert::program::stream::Chunk;
/// let chunk = [vec![1.0, 2.0], vec![3.0, 4.0]]; // two columns
/// assert_eq!(chunk.columns()?.rows(), 2);
/// assert_eq!(vec![vec![1.0_f32]; 3].columns()?.columns(), 3);
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

    /// Puts the next rows into `chunk`, which holds earlier ones, in memory to be used again; `false`
    /// if there are no more. It is not asked again after that, nor after an error.
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
    /// stream can be read only once; see [`Sweep::run_reopened`].
    #[error("the program goes through the rows {passes} times, and the stream can be read once")]
    Passes {
        /// How many times it does.
        passes: usize,
    },
    /// The stream had other rows when it was opened again.
    #[error("the stream had {expected} rows, and {found} when it was opened again")]
    Changed {
        /// How many rows it had at first.
        expected: u64,
        /// How many later.
        found: u64,
    },
    /// The stream had as many rows when it was opened again, but other numbers in them, or the same in
    /// another order.
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
    /// A row that ends too early.
    #[error("row {row} has {found} numbers instead of {expected}")]
    HalfRow {
        /// The row, counted from 0.
        row: u64,
        /// Numbers of a whole row.
        expected: usize,
        /// Whole numbers of this one.
        found: usize,
    },
    /// A field of a table that is no number.
    #[error("column {column} is {text:?} in row {row}, which is no number")]
    Number {
        /// The row, counted from 0, without the header.
        row: u64,
        /// The column of the file, counted from 0.
        column: usize,
        /// What stands there, or the beginning of it.
        text: String,
    },
    /// A header of numbers only: probably a row of a table that has no header.
    #[error(
        "the header is {text:?}, numbers only: `Csv::without_header` reads it as a row, \
         `Csv::columns` as names"
    )]
    Header {
        /// The header, or the beginning of it.
        text: String,
    },
    /// A column that the header does not name.
    #[error("no column is called {name:?}")]
    Name {
        /// The name.
        name: String,
    },
    /// A name that the header gives to several columns.
    #[error("several columns are called {name:?}")]
    Ambiguous {
        /// The name.
        name: String,
    },
}

impl Sweep {
    /// Runs the program over a stream of rows, reading ahead by a thread of its own.
    ///
    /// # Errors
    /// If the stream fails, as [`Sweep::run`], with rows counted from the first of the stream, or if
    /// the program goes through the rows more than once. The sweep stays usable, and
    /// [`found`](Sweep::found) still has what the run before has found.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
    /// let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.mean().gradient().compile();
    /// let chunks = [[vec![1.0], vec![3.0]], [vec![2.0], vec![6.0]]];
    /// let chunks = chunks.into_iter().map(Ok::<_, std::io::Error>);
    /// let found = sweep.run_stream(&[2.0], chunks)?;
    /// assert_eq!((found.value(), found.gradient(), found.rows()), (1.5, &[-1.5][..], 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run_stream<S>(
        &mut self,
        parameters: &[f64],
        stream: S,
    ) -> Result<Found<'_>, StreamError<S::Error>>
    where
        S: Stream<Chunk: Send, Error: Send> + Send,
    {
        if self.passes() > 1 {
            return Err(StreamError::Passes { passes: self.passes() });
        }
        let mut stream = Some(stream);
        self.passes_over(parameters, || Ok(stream.take()))
    }

    /// The same with a function that opens the stream, which is called for each time that the program
    /// goes through the rows.
    ///
    /// # Errors
    /// As [`run_stream`](Sweep::run_stream), and if the stream has another number of rows, or other
    /// numbers in them, when it is opened again. For the numbers, the first 512 rows are compared, and of
    /// the later ones one in 64: a stream that is shuffled or drawn anew is refused, a change of a few
    /// rows may go unnoticed, and the result is then of neither.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let loss = objective!(|[a], [x]| a * x);
    /// let mut sweep = Program::record(&loss, &[0.0], &[1.0])?.max().gradient().compile();
    /// let open = || Ok([[vec![1.0, 5.0]], [vec![3.0, 5.0]]].into_iter().map(Ok::<_, std::io::Error>));
    /// let found = sweep.run_reopened(&[2.0], open)?;
    /// assert_eq!((found.value(), found.gradient()), (10.0, &[5.0][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run_reopened<S>(
        &mut self,
        parameters: &[f64],
        mut open: impl FnMut() -> Result<S, S::Error>,
    ) -> Result<Found<'_>, StreamError<S::Error>>
    where
        S: Stream<Chunk: Send, Error: Send> + Send,
    {
        self.passes_over(parameters, || open().map(Some))
    }

    fn passes_over<S>(
        &mut self,
        parameters: &[f64],
        mut open: impl FnMut() -> Result<Option<S>, S::Error>,
    ) -> Result<Found<'_>, StreamError<S::Error>>
    where
        S: Stream<Chunk: Send, Error: Send> + Send,
    {
        self.begin(parameters)?;
        let read = self.read_columns().to_vec();
        let (mut rows, mut digest) = (None, None);
        for stage in 0..self.stages() {
            if !self.compute(stage)? {
                continue;
            }
            let stream = open().map_err(|error| StreamError::Source { rows: 0, error })?;
            let once = self.passes() == 1;
            let mut push = |data: &Columns<'_>| -> Result<(), StreamError<S::Error>> {
                Ok(self.push(stage, parameters, data)?)
            };
            let mut again = None;
            match stream {
                Some(mut stream) if once => read_ahead(&mut stream, push)?,
                Some(stream) => {
                    let mut noted = Noted::new(stream, &read);
                    read_ahead(&mut noted, &mut push)?;
                    again = Some(noted.digest());
                }
                None => {}
            }
            self.finish(stage)?;
            let (found, expected) = (self.seen(), *rows.get_or_insert(self.seen()));
            if found != expected {
                return Err(StreamError::Changed { expected, found });
            }
            if digest.is_some() && digest != again {
                return Err(StreamError::Altered { rows: found });
            }
            digest = again;
        }
        Ok(self.end(rows.unwrap_or(0)))
    }
}
