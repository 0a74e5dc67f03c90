//! Files of raw numbers.

use super::{Chunk, ReadError, Stream};
use crate::program::{Column, Columns, NumberType, RunError};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// How the numbers of a file are arranged. Each number has its least byte first.
///
/// ```
/// use wengert::program::{NumberType, stream::Layout};
/// // x y x y x y …
/// assert_eq!(Layout::rows(2, NumberType::F64).column_count(), 2);
/// // 1000 x, 1000 y, 1000 x, …
/// assert_eq!(Layout::groups(2, NumberType::F32, 1000).column_count(), 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    columns: usize,
    number: NumberType,
    /// Rows to a group; `None` if a row's numbers lie together.
    group: Option<usize>,
}

impl Layout {
    /// Row after row.
    ///
    /// ```
    /// use wengert::program::{NumberType, stream::Layout};
    /// assert_eq!(Layout::rows(3, NumberType::F64).row_bytes(), 24);
    /// ```
    pub const fn rows(columns: usize, number: NumberType) -> Self {
        Layout { columns, number, group: None }
    }

    /// Groups of so many rows. A group holds its first column, then its second, and so on. The last
    /// group may have fewer rows. A group is read as a whole.
    ///
    /// # Panics
    /// If a group has no rows.
    ///
    /// ```
    /// use wengert::program::{NumberType, stream::Layout};
    /// assert_eq!(Layout::groups(3, NumberType::F32, 4096).row_bytes(), 12);
    /// ```
    #[track_caller]
    pub const fn groups(columns: usize, number: NumberType, rows: usize) -> Self {
        assert!(rows > 0, "a group has at least one row");
        Layout { columns, number, group: Some(rows) }
    }

    /// How many columns there are.
    ///
    /// ```
    /// use wengert::program::{NumberType, stream::Layout};
    /// assert_eq!(Layout::rows(3, NumberType::F64).column_count(), 3);
    /// ```
    pub const fn column_count(self) -> usize {
        self.columns
    }

    /// How many bytes a row has, at most `usize::MAX`.
    ///
    /// ```
    /// use wengert::program::{NumberType, stream::Layout};
    /// assert_eq!(Layout::rows(3, NumberType::F64).row_bytes(), 24);
    /// assert_eq!(Layout::rows(usize::MAX, NumberType::F64).row_bytes(), usize::MAX);
    /// ```
    pub const fn row_bytes(self) -> usize {
        self.columns.saturating_mul(self.number.size())
    }

    /// Bytes, as these numbers: of all, or of one group.
    fn view(self, bytes: &[u8]) -> Result<Columns<'_>, RunError> {
        let (number, size) = (self.number, self.number.size());
        let rows = bytes.len() / self.row_bytes().max(1);
        Columns::mixed((0..self.columns).map(|column| match self.group {
            None => Column::Bytes { bytes, first: column * size, stride: self.row_bytes(), number },
            Some(_) => {
                let bytes = &bytes[column * rows * size..][..rows * size];
                Column::Bytes { bytes, first: 0, stride: size, number }
            }
        }))
    }
}

/// Bytes to a chunk, unless said otherwise: long enough that threads need not wait for one another at
/// each turn, short enough that what was read is still in the processor's cache when it is computed with.
const CHUNK: usize = 512 << 10;

/// A file of raw numbers, or any other source of bytes, as a [`Stream`].
///
/// ```
/// use wengert::program::{NumberType, Program, stream::{Binary, Layout}};
/// use wengert::objective;
/// let file: Vec<u8> = [1.0, 3.0, 2.0, 6.0].iter().flat_map(|x: &f64| x.to_le_bytes()).collect();
///
/// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
/// let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.sum().compile();
/// let stream = Binary::new(&file[..], Layout::rows(2, NumberType::F64));
/// assert_eq!(sweep.run_stream(&[0.0], stream)?.value(), 9.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Binary<R> {
    source: R,
    layout: Layout,
    /// Bytes to a chunk.
    most: usize,
    rows: u64,
    /// What went wrong after rows that have not been given yet.
    failed: Option<ReadError>,
}

/// The bytes of some rows.
///
/// ```
/// use wengert::program::{NumberType, stream::{Binary, Chunk, Layout, Raw, Stream}};
/// let mut chunk = Raw::default();
/// let mut file = Binary::new(&[0; 80][..], Layout::rows(2, NumberType::F64));
/// assert!(file.read(&mut chunk)?);
/// assert_eq!(chunk.columns()?.row_count(), 5);
/// assert!(!file.read(&mut chunk)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Raw {
    bytes: Vec<u8>,
    /// How many of them are rows.
    len: usize,
    layout: Option<Layout>,
}

impl Binary<File> {
    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be opened, or the layout has no columns.
    ///
    /// ```
    /// use wengert::program::{NumberType, stream::{Binary, Layout, ReadError}};
    /// let missing = Binary::open("no such file", Layout::rows(2, NumberType::F64));
    /// assert!(matches!(missing, Err(ReadError::Io { row: 0, .. })));
    /// ```
    pub fn open(path: impl AsRef<Path>, layout: Layout) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(|error| ReadError::Io { row: 0, error })?;
        Self::try_new(file, layout)
    }
}

impl<R: Read> Binary<R> {
    /// Reads from any source of bytes, which need not be buffered.
    ///
    /// # Panics
    /// If the layout has no columns; [`Binary::try_new`] says so instead.
    ///
    /// ```
    /// use wengert::program::{NumberType, stream::{Binary, Layout}};
    /// let empty = Binary::new(std::io::empty(), Layout::rows(2, NumberType::F64));
    /// ```
    #[track_caller]
    pub fn new(source: R, layout: Layout) -> Self {
        match Self::try_new(source, layout) {
            Ok(stream) => stream,
            Err(error) => panic!("{error}"),
        }
    }

    /// [`Binary::new`], with an error where the layout has no columns.
    ///
    /// # Errors
    /// If the layout has no columns.
    ///
    /// ```
    /// use wengert::program::{NumberType, stream::{Binary, Layout, ReadError}};
    /// let empty = Binary::try_new(std::io::empty(), Layout::rows(0, NumberType::F64));
    /// assert!(matches!(empty, Err(ReadError::NoColumn)));
    /// ```
    pub fn try_new(source: R, layout: Layout) -> Result<Self, ReadError> {
        if layout.columns == 0 {
            return Err(ReadError::NoColumn);
        }
        let row = layout.row_bytes();
        let most = layout.group.unwrap_or((CHUNK / row).max(1)).saturating_mul(row);
        Ok(Binary { source, layout, most, rows: 0, failed: None })
    }

    /// The same in chunks of so many rows, as mini-batches; the last may be shorter. A file in groups
    /// keeps those. Memory follows what is read: a chunk longer than the file takes no more than that.
    ///
    /// # Panics
    /// If a chunk has no rows.
    ///
    /// ```
    /// use wengert::program::{NumberType, stream::{Binary, Chunk, Layout, Raw, Stream}};
    /// let layout = Layout::rows(1, NumberType::F32);
    /// let (mut file, mut chunk) = (Binary::new(&[0; 40][..], layout).chunks(4), Raw::default());
    /// let mut lengths = vec![];
    /// while file.read(&mut chunk)? {
    ///     lengths.push(chunk.columns()?.row_count());
    /// }
    /// assert_eq!(lengths, [4, 4, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn chunks(self, rows: usize) -> Self {
        assert!(rows > 0, "a chunk has at least one row");
        let rows = self.layout.group.unwrap_or(rows);
        Binary { most: rows.saturating_mul(self.layout.row_bytes()), ..self }
    }
}

impl<R: Read> Stream for Binary<R> {
    type Chunk = Raw;
    type Error = ReadError;

    fn read(&mut self, chunk: &mut Raw) -> Result<bool, ReadError> {
        (chunk.len, chunk.layout) = (0, None);
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let (len, failed) = fill(&mut self.source, &mut chunk.bytes, self.most);
        let row = self.layout.row_bytes();
        let (rows, rest) = (len / row, len % row);
        if rows > 0 {
            (chunk.len, chunk.layout) = (rows * row, Some(self.layout));
        }
        self.rows += rows as u64;
        let half = ReadError::HalfRow {
            row: self.rows,
            expected: self.layout.columns,
            found: rest / self.layout.number.size(),
        };
        let io = failed.map(|error| ReadError::Io { row: self.rows, error });
        match io.or((rest > 0).then_some(half)) {
            None => Ok(rows > 0),
            // A group that is not whole cannot be read: where its columns begin is not known.
            Some(error) if rows == 0 || self.layout.group.is_some() => Err(error),
            Some(error) => {
                self.failed = Some(error);
                Ok(true)
            }
        }
    }
}

/// Reads until there are so many bytes, the source is at its end, or an error comes; how many bytes
/// there are. The buffer grows with them.
fn fill(source: &mut impl Read, buffer: &mut Vec<u8>, most: usize) -> (usize, Option<io::Error>) {
    let mut len = 0;
    while len < most {
        if len == buffer.len() {
            let longer = len.saturating_mul(2).max(CHUNK).min(most);
            if buffer.try_reserve_exact(longer - len).is_err() {
                return (len, Some(io::ErrorKind::OutOfMemory.into()));
            }
            buffer.resize(longer, 0);
        }
        let end = buffer.len().min(most);
        match source.read(&mut buffer[len..end]) {
            Ok(0) => break,
            Ok(more) => len += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (len, Some(error)),
        }
    }
    (len, None)
}

#[cfg(feature = "npy")]
impl Raw {
    /// Those of its rows.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Chunk for Raw {
    fn columns(&self) -> Result<Columns<'_>, RunError> {
        match self.layout {
            None => Ok(Columns::none()),
            Some(layout) => layout.view(&self.bytes[..self.len]),
        }
    }
}
