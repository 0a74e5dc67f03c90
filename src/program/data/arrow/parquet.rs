//! Parquet files as streams of rows: [`Parquet`].

mod pages;

use super::array::only;
use super::guard::guarded;
use super::opened::State;
use super::{ArrowChunk, ArrowColumnError};
use crate::program::data::columns::Columns;
use crate::program::data::stream::Stream;
use arrow_array::RecordBatch;
use pages::Pages;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Numbers to a batch, about: long enough that the work on a batch does not count, short enough that what was
/// decoded is still in the processor's cache when it is computed with.
const NUMBERS: usize = 1 << 16;

/// Rows of a Parquet file, as a [`Stream`]: of all its row groups, or of some of them. Only the columns that are asked
/// for are decoded; what is null in them is missing. It may be compressed by any of the format's methods but LZO; a page
/// that has a checksum is compared with it.
///
/// A clone begins anew, without reading again what the end of the file says of its groups: so a program goes through
/// the rows several times, by [`run_reopened`](crate::program::Sweep::run_reopened). A file that was written to or
/// replaced since is an error, as far as its length and its time tell. Several ranges of groups are the
/// parts of several machines.
///
/// ```no_run
/// use wengert::{objective, program::{Parquet, Program}};
/// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
/// let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.mean().gradient().compile();
/// let file = Parquet::open("points.parquet", &["x", "y"])?;
/// println!("{} rows in {} groups", file.row_count(), file.group_count());
/// let half = file.clone().groups(0..file.group_count() / 2)?;
/// let found = sweep.run_stream(&[2.0], half)?;
/// println!("{}", found.value());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Parquet {
    path: PathBuf,
    names: Arc<[String]>,
    /// What the file was when it was opened.
    state: State,
    metadata: ArrowReaderMetadata,
    groups: Range<usize>,
    /// Once the first rows were asked for.
    reader: Option<ParquetRecordBatchReader>,
    /// The next row, counted from the first of the file.
    row: u64,
}

/// Why a Parquet file, or a part of it, could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParquetError {
    /// The file could not be opened.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is none, is cut short, or is damaged where it says what is in it.
    #[error("{} is no Parquet file that can be read: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
    /// There is no such column, or it is of a type without numbers.
    #[error("{}: {source}", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// Which, and why.
        source: ArrowColumnError,
    },
    /// A row group is damaged, or has a number that an `f64` does not hold.
    #[error("{}, row group {group}{}, from row {row} on: {source}", path.display(), of(column))]
    Group {
        /// The file.
        path: PathBuf,
        /// The group, counted from 0.
        group: usize,
        /// The column, if one alone is at fault.
        column: Option<String>,
        /// The first row that cannot be read, as far as is known, counted from the first of the file.
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
    /// There are no such row groups.
    #[error("{} has {expected} row groups, not {found:?}", path.display())]
    Groups {
        /// The file.
        path: PathBuf,
        /// How many there are.
        expected: usize,
        /// Those that were asked for.
        found: Range<usize>,
    },
}

fn of(column: &Option<String>) -> String {
    column.as_ref().map_or_else(String::new, |name| format!(", column {name:?}"))
}

impl Parquet {
    /// Opens a file, to read the columns of these names, in this order.
    ///
    /// # Errors
    /// If the file cannot be read, is no Parquet file, or lacks a column, or if one is of a type that is no
    /// [column](crate::program::Column::arrow).
    pub fn open(path: impl AsRef<Path>, names: &[&str]) -> Result<Self, ParquetError> {
        let path = path.as_ref().to_path_buf();
        let (file, state) = open(&path)?;
        let metadata = decoded(|| ArrowReaderMetadata::load(&file, Default::default()));
        let metadata =
            metadata.map_err(|source| ParquetError::File { path: path.clone(), source })?;
        // Of other columns no array is made: not all types that a schema can say have one.
        let schema = metadata.schema();
        let place = |name: &&str| only(schema.fields().iter().map(|field| &field.name()[..]), name);
        let mut places: Vec<usize> = match names.iter().map(place).collect() {
            Ok(places) => places,
            Err(source) => return Err(ParquetError::Column { path, source }),
        };
        places.sort_unstable();
        places.dedup();
        let wanted = schema
            .project(&places)
            .map_err(|source| ParquetError::File { path: path.clone(), source: source.into() })?;
        let none = decoded(|| Ok(RecordBatch::new_empty(Arc::new(wanted))))
            .map_err(|source| ParquetError::File { path: path.clone(), source })?;
        if let Err(source) = Columns::arrow(&none, names) {
            return Err(ParquetError::Column { path, source });
        }
        let (names, groups) = (names.iter().map(|&name| name.into()).collect(), 0..0);
        let mut file = Parquet { path, names, state, metadata, groups, reader: None, row: 0 };
        file.groups = 0..file.group_count();
        Ok(file)
    }

    /// The same, of these row groups alone.
    ///
    /// # Errors
    /// If there are no such groups.
    pub fn groups(self, groups: Range<usize>) -> Result<Self, ParquetError> {
        let expected = self.group_count();
        if groups.start > groups.end || groups.end > expected {
            return Err(ParquetError::Groups { path: self.path, expected, found: groups });
        }
        let row = self.rows_before(groups.start);
        Ok(Parquet { groups, row, reader: None, ..self })
    }

    /// How many row groups the file has.
    pub fn group_count(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// How many rows there are in the groups that are read.
    pub fn row_count(&self) -> u64 {
        self.rows_before(self.groups.end) - self.rows_before(self.groups.start)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many rows the groups before this one have.
    fn rows_before(&self, group: usize) -> u64 {
        let groups = &self.metadata.metadata().row_groups()[..group];
        groups.iter().map(|group| group.num_rows().unsigned_abs()).fold(0, u64::saturating_add)
    }

    /// How many rows are decoded at a time.
    fn batch_length(&self) -> usize {
        (NUMBERS / self.names.len().max(1)).max(1024)
    }

    fn begin(&self) -> Result<ParquetRecordBatchReader, ParquetError> {
        let (file, state) = open(&self.path)?;
        if state != self.state {
            return Err(ParquetError::Changed { path: self.path.clone() });
        }
        let reader = self.reader(file, &self.names, self.groups.clone());
        reader.map_err(|source| self.damaged(source.into()))
    }

    /// A reader of these columns of these groups.
    fn reader(
        &self,
        file: File,
        names: &[String],
        groups: Range<usize>,
    ) -> parquet::errors::Result<ParquetRecordBatchReader> {
        let schema = self.metadata.schema();
        let columns = names.iter().filter_map(|name| schema.index_of(name).ok());
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), columns);
        let (pages, metadata) = (Pages::new(file, self.state.len), self.metadata.clone());
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(pages, metadata)
            .with_projection(mask)
            .with_row_groups(groups.collect())
            .with_batch_size(self.batch_length());
        decoded(|| reader.build())
    }

    /// The group that a row is in.
    fn group_of(&self, row: u64) -> usize {
        let mut end = self.rows_before(self.groups.start);
        let groups = &self.metadata.metadata().row_groups()[self.groups.clone()];
        let ends = groups.iter().map(|group| {
            end = group.num_rows().unsigned_abs().saturating_add(end);
            end
        });
        self.groups.start + ends.take_while(|&end| end <= row).count()
    }

    /// The next rows have a number that cannot be a column's.
    fn refused(&self, error: ArrowColumnError) -> ParquetError {
        let source = error.after(self.row);
        let (row, column) = match &source {
            ArrowColumnError::Digits { name, row, .. } => (*row as u64, Some(name.clone())),
            _ => (self.row, None),
        };
        let (path, group) = (self.path.clone(), self.group_of(row));
        ParquetError::Group { path, group, column, row, source: source.into() }
    }

    /// The next rows cannot be decoded. They may be of several groups, so each column of each group is read alone to
    /// find the first at fault.
    fn damaged(&self, source: Box<dyn std::error::Error + Send + Sync>) -> ParquetError {
        let first = self.group_of(self.row);
        let end = self.row + self.batch_length() as u64;
        let mut from = self.rows_before(first);
        let mut found = (first, None, self.row);
        for group in first..self.groups.end {
            if from >= end {
                break;
            }
            let mut names = self.names.iter();
            let fault = names.find_map(|name| Some((name, self.readable(name, group)?)));
            if let Some((name, rows)) = fault {
                found = (group, Some(name.clone()), self.row.max(from.saturating_add(rows)));
                break;
            }
            let rows = self.metadata.metadata().row_group(group).num_rows().unsigned_abs();
            from = rows.saturating_add(from);
        }
        let (path, (group, column, row)) = (self.path.clone(), found);
        ParquetError::Group { path, group, column, row, source }
    }

    /// How many rows of a column of a group can be read, if not all.
    fn readable(&self, name: &String, group: usize) -> Option<u64> {
        let file = File::open(&self.path).ok()?;
        let Ok(mut reader) = self.reader(file, std::slice::from_ref(name), group..group + 1) else {
            return Some(0);
        };
        let mut rows = 0;
        loop {
            match next(&mut reader) {
                Ok(Some(batch)) => rows += batch.num_rows() as u64,
                Ok(None) => return None,
                Err(_) => return Some(rows),
            }
        }
    }
}

fn open(path: &Path) -> Result<(File, State), ParquetError> {
    let opened = File::open(path).and_then(|file| State::of(&file).map(|state| (file, state)));
    opened.map_err(|source| ParquetError::Io { path: path.into(), source })
}

/// What the crate `parquet` reads; also a panic of it is an error.
fn decoded<T>(read: impl FnOnce() -> parquet::errors::Result<T>) -> parquet::errors::Result<T> {
    guarded(read).unwrap_or_else(|text| Err(parquet::errors::ParquetError::General(text)))
}

/// The next batch; none after the last.
fn next(reader: &mut ParquetRecordBatchReader) -> parquet::errors::Result<Option<RecordBatch>> {
    decoded(|| Ok(reader.next().transpose()?))
}

impl Stream for Parquet {
    type Chunk = Option<ArrowChunk>;
    type Error = ParquetError;

    fn read(&mut self, chunk: &mut Option<ArrowChunk>) -> Result<bool, ParquetError> {
        *chunk = None;
        if self.reader.is_none() {
            self.reader = Some(self.begin()?);
        }
        let batch = self.reader.as_mut().map_or(Ok(None), next);
        let Some(batch) = batch.map_err(|error| self.damaged(error.into()))? else {
            let (end, row) = (self.rows_before(self.groups.end), self.row);
            if row == end {
                return Ok(false);
            }
            let source = format!("the row groups say that {end} rows end here, and {row} do");
            let (path, group) = (self.path.clone(), self.groups.end.saturating_sub(1));
            return Err(ParquetError::Group {
                path,
                group,
                column: None,
                row,
                source: source.into(),
            });
        };
        *chunk = Some(ArrowChunk::of(&batch, &self.names).map_err(|error| self.refused(error))?);
        self.row += batch.num_rows() as u64;
        Ok(true)
    }
}

impl Clone for Parquet {
    fn clone(&self) -> Self {
        let (path, names, metadata) =
            (self.path.clone(), Arc::clone(&self.names), self.metadata.clone());
        let (row, state) = (self.rows_before(self.groups.start), self.state);
        Parquet { path, names, state, metadata, groups: self.groups.clone(), reader: None, row }
    }
}

impl fmt::Debug for Parquet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parquet")
            .field("path", &self.path)
            .field("names", &self.names)
            .field("groups", &self.groups)
            .field("row", &self.row)
            .finish_non_exhaustive()
    }
}
