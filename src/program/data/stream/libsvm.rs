//! Text of sparse features, as LIBSVM and SVMlight have it.
//!
//! ```text
//! row:      label (blank "qid:" number)? (blank index ":" value)* blank* ("#" text)? end of line
//! index:    a whole number, greater than that before it
//! ```

use super::text::{Text, shown};
use super::{Stream, Table};
use crate::program::Column;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// No label, index or value has more characters.
const LONGEST: usize = 1024;

/// Rows of labels and sparse features, as a [`Stream`]. Column 0 is the label, columns 1 to `width` are the features;
/// one that a row does not name is 0. So a row takes the memory of all features, a chunk that of one row or of 65,536
/// numbers: it is for some thousands of features.
///
/// An empty line, and what follows a `#`, is no row. A query's number, `qid:7`, is left out unless it is
/// [asked for](Self::with_query).
///
/// ```
/// use wengert::{Scalar, objective, program::{Program, stream::Libsvm}};
/// let file = "+1 1:0.5 3:2 # the first\n-1 2:1\n";
/// let loss = objective!(|w, row| (-(T::dot(w, &row[1..]) * row[0])).softplus());
/// let program = Program::record(&loss, &[0.0; 3], &[0.5; 4])?.sum().gradient();
/// let mut sweep = program.compile();
/// let found = sweep.run_stream(&[0.0; 3], Libsvm::new(file.as_bytes(), 3))?;
/// assert_eq!(found.gradient(), [-0.25, 0.5, -1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Libsvm<R> {
    source: BufReader<Text<R>>,
    path: Option<PathBuf>,
    width: usize,
    /// The index of the first feature.
    first: u64,
    has_query: bool,
    /// That is being read, counted from 1.
    line: u64,
    word: Vec<u8>,
    /// What went wrong after rows that have not been given yet.
    failed: Option<LibsvmError>,
}

/// Why a text of sparse features could not be read. Its file is known if that was opened by its name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibsvmError {
    /// It could not be opened or read, or no memory has room for a row.
    #[error("{}line {line} could not be read: {source}", of(path))]
    Io {
        /// The file.
        path: Option<PathBuf>,
        /// The line, counted from 1.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// A part of a line is not what should stand there.
    #[error("{}line {line} has {found:?}, expected {expected}", of(path))]
    Word {
        /// The file.
        path: Option<PathBuf>,
        /// The line, counted from 1.
        line: u64,
        /// What should stand there.
        expected: &'static str,
        /// What does, or its beginning.
        found: String,
    },
    /// An index is none of a feature.
    #[error("{}line {line} has the feature {found}, expected one of {expected:?}", of(path))]
    Index {
        /// The file.
        path: Option<PathBuf>,
        /// The line, counted from 1.
        line: u64,
        /// The first index, and the one after the last.
        expected: std::ops::Range<u64>,
        /// The index.
        found: u64,
    },
    /// An index is not greater than that before it.
    #[error(
        "{}line {line} has the feature {found} after {expected}, expected a greater one",
        of(path)
    )]
    Order {
        /// The file.
        path: Option<PathBuf>,
        /// The line, counted from 1.
        line: u64,
        /// What it should be greater than.
        expected: u64,
        /// The index.
        found: u64,
    },
}

fn of(path: &Option<PathBuf>) -> String {
    path.as_ref().map_or(String::new(), |path| format!("{}, ", path.display()))
}

/// What comes next.
enum Next {
    /// A word, which now lies in its place.
    Word,
    LineEnd,
    End,
}

impl Libsvm<File> {
    /// Opens a file of so many features.
    ///
    /// # Errors
    /// If it cannot be opened.
    ///
    /// ```
    /// use wengert::program::stream::{Libsvm, LibsvmError};
    /// assert!(matches!(Libsvm::open("no such file", 3), Err(LibsvmError::Io { line: 1, .. })));
    /// ```
    pub fn open(path: impl AsRef<Path>, width: usize) -> Result<Self, LibsvmError> {
        let path = Some(path.as_ref().to_path_buf());
        match path.as_deref().map_or_else(|| Err(io::ErrorKind::NotFound.into()), File::open) {
            Ok(file) => Ok(Libsvm { path, ..Self::new(file, width) }),
            Err(source) => Err(LibsvmError::Io { path, line: 1, source }),
        }
    }
}

impl<R: Read> Libsvm<R> {
    /// Reads rows of so many features from any source of bytes, which need not be buffered.
    ///
    /// ```
    /// use wengert::program::stream::{Chunk, Libsvm, Stream, Table};
    /// let mut chunk = Table::default();
    /// assert!(Libsvm::new("1 2:0.5\n0\n".as_bytes(), 2).read(&mut chunk)?);
    /// assert_eq!((chunk.columns()?.column_count(), chunk.columns()?.row_count()), (3, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(source: R, width: usize) -> Self {
        let (source, word) = (BufReader::with_capacity(64 << 10, Text::new(source)), Vec::new());
        let (path, failed) = (None, None);
        Libsvm { source, path, width, first: 1, has_query: false, line: 1, word, failed }
    }

    /// The same where the first feature has the index 0, as scikit-learn writes it unless told otherwise.
    ///
    /// ```
    /// use wengert::program::stream::{Libsvm, Stream, Table};
    /// let file = "1 0:0.5 1:2\n";
    /// assert!(Libsvm::new(file.as_bytes(), 2).read(&mut Table::default()).is_err());
    /// assert!(Libsvm::new(file.as_bytes(), 2).from_zero().read(&mut Table::default())?);
    /// # Ok::<(), wengert::program::stream::LibsvmError>(())
    /// ```
    #[must_use]
    pub fn from_zero(self) -> Self {
        Libsvm { first: 0, ..self }
    }

    /// The same with the number of the query as one more column, the last; [missing](Column::MISSING) in a row without.
    ///
    /// ```
    /// use wengert::program::stream::{Chunk, Libsvm, Stream, Table};
    /// let mut chunk = Table::default();
    /// Libsvm::new("2 qid:7 1:0.5\n".as_bytes(), 1).with_query().read(&mut chunk)?;
    /// assert_eq!(chunk.columns()?.column_count(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_query(self) -> Self {
        Libsvm { has_query: true, ..self }
    }

    /// The next row, if there is one.
    fn row(&mut self, numbers: &mut Vec<f64>) -> Result<bool, LibsvmError> {
        loop {
            match self.next()? {
                Next::Word => break,
                Next::LineEnd => self.line += 1,
                Next::End => return Ok(false),
            }
        }
        let label = number(&self.word).ok_or_else(|| self.expected("a label"))?;
        // With label and query.
        if numbers.try_reserve(self.width.saturating_add(2)).is_err() {
            return Err(self.io(io::ErrorKind::OutOfMemory.into()));
        }
        numbers.push(label);
        let features = numbers.len();
        numbers.resize(features + self.width, 0.0);
        let (mut query, mut before) = (None, None);
        loop {
            match self.next()? {
                Next::Word => {}
                Next::LineEnd => {
                    self.line += 1;
                    break;
                }
                Next::End => break,
            }
            let colon = self.word.iter().position(|&byte| byte == b':');
            let (name, value) = self.word.split_at(colon.unwrap_or(self.word.len()));
            let value = value.get(1..).unwrap_or_default();
            if name == b"qid" && query.is_none() && before.is_none() {
                query = Some(whole(value).ok_or_else(|| self.expected("qid:number"))?);
                continue;
            }
            let (Some(index), Some(value)) = (whole(name), number(value)) else {
                return Err(self.expected("index:value"));
            };
            let place = self.place(index, before)?;
            numbers[features + place] = value;
            before = Some(index);
        }
        if self.has_query {
            numbers.push(query.map_or(Column::MISSING, |query| query as f64));
        }
        Ok(true)
    }

    /// Which feature has an index, after that before it.
    fn place(&self, found: u64, before: Option<u64>) -> Result<usize, LibsvmError> {
        let (path, line) = (self.path.clone(), self.line);
        let width = self.width as u64;
        let place = found.checked_sub(self.first).filter(|&place| place < width);
        let Some(place) = place else {
            let expected = self.first..self.first.saturating_add(width);
            return Err(LibsvmError::Index { path, line, expected, found });
        };
        match before.filter(|&before| found <= before) {
            None => Ok(place as usize),
            Some(expected) => Err(LibsvmError::Order { path, line, expected, found }),
        }
    }

    /// An error of the word that was read.
    fn expected(&self, expected: &'static str) -> LibsvmError {
        let (path, line) = (self.path.clone(), self.line);
        LibsvmError::Word { path, line, expected, found: shown(&self.word) }
    }

    fn next(&mut self) -> Result<Next, LibsvmError> {
        self.scan().map_err(|source| self.io(source))
    }

    fn io(&self, source: io::Error) -> LibsvmError {
        LibsvmError::Io { path: self.path.clone(), line: self.line, source }
    }

    /// Reads up to the end of a word or line.
    fn scan(&mut self) -> io::Result<Next> {
        self.word.clear();
        loop {
            let bytes = self.source.fill_buf()?;
            let Some(&byte) = bytes.first() else {
                return Ok(if self.word.is_empty() { Next::End } else { Next::Word });
            };
            if ends_word(byte) && !self.word.is_empty() {
                return Ok(Next::Word);
            }
            match byte {
                b'\n' => {
                    self.source.consume(1);
                    return Ok(Next::LineEnd);
                }
                b'#' => self.skip_comment()?,
                _ if ends_word(byte) => self.source.consume(1),
                _ => {
                    let len = bytes.iter().position(|&byte| ends_word(byte));
                    let len = len.unwrap_or(bytes.len());
                    // One more than is allowed, so that it is seen to be too long.
                    let kept = len.min(LONGEST + 1 - self.word.len());
                    self.word.extend_from_slice(&bytes[..kept]);
                    self.source.consume(len);
                }
            }
        }
    }

    /// Goes on to the end of the line.
    fn skip_comment(&mut self) -> io::Result<()> {
        loop {
            let bytes = self.source.fill_buf()?;
            let end = bytes.iter().position(|&byte| byte == b'\n');
            let len = end.unwrap_or(bytes.len());
            self.source.consume(len);
            if end.is_some() || len == 0 {
                return Ok(());
            }
        }
    }
}

fn ends_word(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'#'
}

fn text(word: &[u8]) -> Option<&str> {
    std::str::from_utf8(word).ok().filter(|text| text.len() <= LONGEST)
}

fn number(word: &[u8]) -> Option<f64> {
    text(word)?.parse().ok()
}

/// A whole number that an `f64` holds.
fn whole(word: &[u8]) -> Option<u64> {
    let digits = text(word)?;
    let is_held = |&number: &u64| number <= 1 << f64::MANTISSA_DIGITS;
    digits.parse().ok().filter(is_held).filter(|_| !digits.starts_with('+'))
}

impl<R: Read> Stream for Libsvm<R> {
    type Chunk = Table;
    type Error = LibsvmError;

    fn read(&mut self, chunk: &mut Table) -> Result<bool, LibsvmError> {
        let mut failed = self.failed.take();
        let more = chunk.fill(&mut failed, |numbers| self.row(numbers));
        self.failed = failed;
        more
    }
}
