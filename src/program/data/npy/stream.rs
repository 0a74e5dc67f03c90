//! A `.npy` file as a stream of rows: [`Npy`].

use super::NpyError;
use super::header::{LONGEST, read_header};
use super::view::Shape;
use crate::program::data::stream::{Binary, Layout, Raw, ReadError, Stream};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Rows of a `.npy` file, as a [`Stream`] that takes little memory: of a list, the one column, or of a table whose rows
/// lie together, as numpy writes it unless told otherwise.
///
/// ```no_run
/// use wengert::{objective, program::{Program, npy::Npy}};
/// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
/// let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.mean().gradient().compile();
/// let found = sweep.run_stream(&[2.0], Npy::open("points.npy")?)?;
/// println!("{}", found.value());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Npy {
    path: PathBuf,
    rows: Binary<io::Take<File>>,
    shape: Shape,
    /// How many rows were read.
    row: u64,
}

impl Npy {
    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be read, is a pipe or no such file, if the file is longer or shorter than its array, if the array is no list
    /// or table, lies column by column, or is of another type than [`Columns::npy`](crate::program::Columns::npy) takes.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, NpyError> {
        let path = path.as_ref().to_path_buf();
        let name = path.display().to_string();
        let io = |source| NpyError::Io { name: name.clone(), source };
        let mut file = File::open(&path).map_err(io)?;
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(io(io::Error::new(io::ErrorKind::Unsupported, "it is no regular file")));
        }
        // What stands before the length of a header, and that.
        let most = 12 + u64::from(LONGEST);
        let mut beginning = Vec::new();
        (&mut file).take(most).read_to_end(&mut beginning).map_err(io)?;
        let mut rest = &beginning[..];
        let header = read_header(&mut rest)
            .map_err(|reason| NpyError::Header { name: name.clone(), reason })?;
        let shape = Shape::of(&header, &name)?;
        if shape.by_columns {
            return Err(NpyError::Order { name });
        }
        let start = (beginning.len() - rest.len()) as u64;
        let layout = Layout::rows(shape.columns, shape.number);
        let expected = shape.rows as u64 * layout.row_bytes() as u64;
        // Files of the system say that they have no bytes.
        let found = metadata.len().saturating_sub(start);
        if found != expected {
            return Err(NpyError::Length { name, expected, found });
        }
        file.seek(SeekFrom::Start(start)).map_err(io)?;
        match Binary::try_new(file.take(expected), layout) {
            Ok(rows) => Ok(Npy { path, rows, shape, row: 0 }),
            Err(_) => Err(NpyError::Shape { name, found: header.shape }),
        }
    }

    /// The same in chunks of so many rows, as mini-batches; the last may be shorter.
    ///
    /// # Panics
    /// If a chunk has no rows.
    #[must_use]
    #[track_caller]
    pub fn chunks(self, rows: usize) -> Self {
        Npy { rows: self.rows.chunks(rows), ..self }
    }

    /// How many rows the file has.
    pub fn row_count(&self) -> u64 {
        self.shape.rows as u64
    }

    /// How many columns it has.
    pub fn column_count(&self) -> usize {
        self.shape.columns
    }

    /// The file is shorter than it was when it was opened.
    fn short(&self, name: String) -> NpyError {
        let row = (self.shape.columns * self.shape.number.size()) as u64;
        NpyError::Length { name, expected: self.row_count() * row, found: self.row * row }
    }
}

impl Stream for Npy {
    type Chunk = Raw;
    type Error = NpyError;

    fn read(&mut self, chunk: &mut Raw) -> Result<bool, NpyError> {
        let name = || self.path.display().to_string();
        match self.rows.read(chunk) {
            Ok(true) => {
                let bytes = chunk.bytes();
                self.shape.check_digits(bytes, self.row, &name())?;
                self.row += (bytes.len() / (self.shape.columns * self.shape.number.size())) as u64;
                Ok(true)
            }
            Ok(false) if self.row == self.row_count() => Ok(false),
            Err(ReadError::Io { error: source, .. }) => Err(NpyError::Io { name: name(), source }),
            Ok(false) | Err(_) => Err(self.short(name())),
        }
    }
}
