//! Arrow IPC files as streams of rows: [`ArrowIpc`].

mod messages;

use super::array::only;
use super::guard::guarded;
use super::opened::State;
use super::{ArrowChunk, ArrowColumnError};
use crate::program::data::columns::Columns;
use crate::program::data::stream::Stream;
use arrow_array::RecordBatch;
use arrow_ipc::reader::FileDecoder;
use arrow_schema::Schema;
use messages::{Kind, Message, Messages};
use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of an Arrow IPC file, as a [`Stream`]: of all its batches, or of some of them. It may be of either form, that
/// with a list of its batches at its end (`.arrow`, Feather's second version) or the mere stream (`.arrows`), and
/// compressed by LZ4 or Zstandard. Only the columns that are asked for are decoded; what is null in them is
/// [missing](crate::program::Column::MISSING). A batch is read as a whole, so that memory is bounded by the longest of the file.
///
/// A clone begins anew: so a program goes through the rows several times, by
/// [`run_reopened`](crate::program::Sweep::run_reopened). A file that was written to or replaced since is an error, as
/// far as its length and its time tell. Several ranges of batches are the parts of several machines.
///
/// ```no_run
/// use wengert::{objective, program::{ArrowIpc, Program}};
/// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
/// let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.mean().gradient().compile();
/// let file = ArrowIpc::open("points.arrow", &["x", "y"])?;
/// println!("{} rows in {} batches", file.row_count(), file.batch_count());
/// let half = file.clone().batches(0..file.batch_count() / 2)?;
/// let found = sweep.run_stream(&[2.0], half)?;
/// println!("{}", found.value());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ArrowIpc {
    path: PathBuf,
    names: Arc<[String]>,
    /// What the file was when it was opened.
    state: State,
    messages: Arc<Messages>,
    batches: Range<usize>,
    /// Once the first rows were asked for.
    reader: Option<Reader>,
    /// The next row, counted from the first of the file.
    row: u64,
}

/// What is read next, and what came before that it needs.
struct Reader {
    file: File,
    decoder: FileDecoder,
    /// The next message.
    at: usize,
    /// The batch that it is, or that comes next.
    batch: usize,
}

/// Why an Arrow IPC file, or a part of it, could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArrowIpcError {
    /// The file could not be opened or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is none, is cut short, or is damaged where it says what is in it.
    #[error("{} is no Arrow IPC file that can be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is no such column, or it is of a type without numbers.
    #[error("{}: {source}", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// Which, and why.
        source: ArrowColumnError,
    },
    /// A batch is damaged, or has a number that an `f64` does not hold.
    #[error("{}, batch {batch}, from row {row} on: {source}", path.display())]
    Batch {
        /// The file.
        path: PathBuf,
        /// The batch, counted from 0.
        batch: usize,
        /// Its first row, counted from the first of the file.
        row: u64,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file was written to, or replaced, since it was opened.
    #[error("{} was changed since it was opened", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// There are no such batches.
    #[error("{} has {expected} batches, not {found:?}", path.display())]
    Batches {
        /// The file.
        path: PathBuf,
        /// How many there are.
        expected: usize,
        /// Those that were asked for.
        found: Range<usize>,
    },
}

impl ArrowIpc {
    /// Opens a file, to read the columns of these names, in this order.
    ///
    /// # Errors
    /// If the file cannot be read, is no Arrow IPC file, or lacks a column, or if one is of a type that is no
    /// [column](crate::program::Column::arrow).
    pub fn open(path: impl AsRef<Path>, names: &[&str]) -> Result<Self, ArrowIpcError> {
        let path = path.as_ref().to_path_buf();
        let (mut file, state) = open(&path)?;
        let messages = Messages::of(&mut file)
            .map_err(|source| ArrowIpcError::File { path: path.clone(), source })?;
        let schema = &messages.schema;
        let place = |name: &&str| only(schema.fields().iter().map(|field| &field.name()[..]), name);
        if let Err(source) = names.iter().try_for_each(|name| place(name).map(drop)) {
            return Err(ArrowIpcError::Column { path, source });
        }
        // Of other columns no array is made: not all types that a file can say have one.
        let none = guarded(|| {
            let wanted = schema.project(&places(schema, names))?;
            Ok(RecordBatch::new_empty(Arc::new(wanted)))
        });
        let none = none
            .unwrap_or_else(|text| Err(text.into()))
            .map_err(|source| ArrowIpcError::File { path: path.clone(), source })?;
        if let Err(source) = Columns::arrow(&none, names) {
            return Err(ArrowIpcError::Column { path, source });
        }
        let (names, batches) =
            (names.iter().map(|&name| name.into()).collect(), 0..messages.batches().count());
        let messages = Arc::new(messages);
        Ok(ArrowIpc { path, names, state, messages, batches, reader: None, row: 0 })
    }

    /// The same, of these batches alone.
    ///
    /// # Errors
    /// If there are no such batches.
    pub fn batches(self, batches: Range<usize>) -> Result<Self, ArrowIpcError> {
        let expected = self.batch_count();
        if batches.start > batches.end || batches.end > expected {
            return Err(ArrowIpcError::Batches { path: self.path, expected, found: batches });
        }
        let row = self.rows_before(batches.start);
        Ok(ArrowIpc { batches, row, reader: None, ..self })
    }

    /// How many batches the file has.
    pub fn batch_count(&self) -> usize {
        self.messages.batches().count()
    }

    /// How many rows there are in the batches that are read.
    pub fn row_count(&self) -> u64 {
        self.rows_before(self.batches.end) - self.rows_before(self.batches.start)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many rows the batches before this one have.
    fn rows_before(&self, batch: usize) -> u64 {
        self.messages.batches().take(batch).sum()
    }

    fn begin(&self) -> Result<Reader, ArrowIpcError> {
        let Messages { schema, version, .. } = &*self.messages;
        let columns = places(schema, &self.names);
        let decoder = FileDecoder::new(schema.clone(), *version).with_projection(columns);
        let (file, state) = open(&self.path)?;
        if state != self.state {
            return Err(ArrowIpcError::Changed { path: self.path.clone() });
        }
        Ok(Reader { file, decoder, at: 0, batch: 0 })
    }
}

/// Where the columns of these names are, in their order there; those that are missing are left out.
fn places(schema: &Schema, names: &[impl AsRef<str>]) -> Vec<usize> {
    let places = names.iter().filter_map(|name| schema.index_of(name.as_ref()).ok());
    let mut places: Vec<usize> = places.collect();
    places.sort_unstable();
    places.dedup();
    places
}

impl Reader {
    /// The columns of the next batch of these. After an error it stands at the batch that is at fault.
    fn next(
        &mut self,
        messages: &[Message],
        batches: &Range<usize>,
        names: &Arc<[String]>,
    ) -> Result<Option<ArrowChunk>, Box<dyn std::error::Error + Send + Sync>> {
        while self.batch < batches.end
            && let Some(message) = messages.get(self.at)
        {
            let is_wanted = match message.kind {
                Kind::Dictionary => true,
                Kind::Batch { .. } => batches.contains(&self.batch),
            };
            let decoded =
                if is_wanted { message.decode(&mut self.file, &mut self.decoder)? } else { None };
            let chunk = decoded.map(|batch| ArrowChunk::of(&batch, names)).transpose()?;
            self.at += 1;
            self.batch += usize::from(matches!(message.kind, Kind::Batch { .. }));
            if chunk.is_some() {
                return Ok(chunk);
            }
        }
        Ok(None)
    }
}

fn open(path: &Path) -> Result<(File, State), ArrowIpcError> {
    let opened = File::open(path).and_then(|file| State::of(&file).map(|state| (file, state)));
    opened.map_err(|source| ArrowIpcError::Io { path: path.into(), source })
}

impl Stream for ArrowIpc {
    type Chunk = Option<ArrowChunk>;
    type Error = ArrowIpcError;

    fn read(&mut self, chunk: &mut Option<ArrowChunk>) -> Result<bool, ArrowIpcError> {
        *chunk = None;
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => self.begin()?,
        };
        match reader.next(&self.messages.all, &self.batches, &self.names) {
            Ok(Some(next)) => {
                self.row += next.row_count() as u64;
                (*chunk, self.reader) = (Some(next), Some(reader));
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(source) => {
                // A dictionary before them is read with the first.
                let batch = reader.batch.max(self.batches.start);
                let source = match source.downcast::<ArrowColumnError>() {
                    Ok(error) => Box::new(error.after(self.row)),
                    Err(other) => other,
                };
                Err(ArrowIpcError::Batch { path: self.path.clone(), batch, row: self.row, source })
            }
        }
    }
}

impl Clone for ArrowIpc {
    fn clone(&self) -> Self {
        ArrowIpc {
            path: self.path.clone(),
            names: Arc::clone(&self.names),
            state: self.state,
            messages: Arc::clone(&self.messages),
            batches: self.batches.clone(),
            reader: None,
            row: self.rows_before(self.batches.start),
        }
    }
}

impl fmt::Debug for ArrowIpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrowIpc")
            .field("path", &self.path)
            .field("names", &self.names)
            .field("batches", &self.batches)
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}
