//! Tables of text, their fields separated by commas.

use super::text::{Text, shown};
use super::{ReadError, Stream, Table};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A table of text as a [`Stream`]: numbers, separated by commas, under a header.
///
/// An empty field, or `NA`, is a missing number, a NaN; [`NonFinite`](crate::program::NonFinite) says
/// what becomes of it. An empty line is no row.
///
/// ```
/// use wengert::{objective, program::{Program, stream::Csv}};
/// let file = "y,name,x\n3,first,1\n6.5,second,2\n";
/// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
/// let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.sum().compile();
/// let stream = Csv::new(file.as_bytes()).columns(&["x", "y"])?;
/// assert_eq!(sweep.run_stream(&[3.0], stream)?.value(), 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Csv<R> {
    reader: csv::Reader<Text<R>>,
    record: csv::ByteRecord,
    /// Which columns; all if there is no choice.
    columns: Option<Vec<usize>>,
    /// Whether the header, if there is one, was looked at.
    begun: bool,
    /// Numbers to a row, once one was read.
    width: usize,
    rows: u64,
    /// What went wrong after rows that have not been given yet.
    failed: Option<ReadError>,
}

impl Csv<File> {
    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be opened.
    ///
    /// ```
    /// use wengert::program::stream::{Csv, ReadError};
    /// assert!(matches!(Csv::open("no such file"), Err(ReadError::Io { row: 0, .. })));
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(|error| ReadError::Io { row: 0, error })?;
        Ok(Self::new(file))
    }
}

impl<R: Read> Csv<R> {
    /// Reads from any source of bytes, which need not be buffered. The first row is the header; one of
    /// numbers only, missing ones among them, is refused, unless [`columns`](Csv::columns) chooses among them as
    /// names.
    ///
    /// ```
    /// use wengert::program::stream::{Csv, Stream, Table};
    /// assert!(Csv::new("x\n1\n2\n".as_bytes()).read(&mut Table::default())?);
    /// let refused = Csv::new("1\n2\n".as_bytes()).read(&mut Table::default()).unwrap_err();
    /// assert!(refused.to_string().starts_with("the header is \"1\", numbers only"));
    /// # Ok::<(), wengert::program::stream::ReadError>(())
    /// ```
    pub fn new(source: R) -> Self {
        Self::with(csv::ReaderBuilder::new().trim(csv::Trim::All), source)
    }

    /// Reads from any source of bytes that has no header: its first row is data.
    ///
    /// ```
    /// use wengert::program::stream::{Chunk, Csv, Stream, Table};
    /// let mut chunk = Table::default();
    /// assert!(Csv::without_header("1,2\n3,4\n".as_bytes()).read(&mut chunk)?);
    /// assert_eq!(chunk.columns()?.row_count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn without_header(source: R) -> Self {
        let mut dialect = csv::ReaderBuilder::new();
        Self::with(dialect.has_headers(false).trim(csv::Trim::All), source)
    }

    /// Reads a dialect: the separator, and whether there is a header.
    ///
    /// ```
    /// use wengert::program::stream::{Chunk, Csv, Stream, Table};
    /// let mut dialect = csv::ReaderBuilder::new();
    /// dialect.delimiter(b';').has_headers(false);
    /// let mut table = Csv::with(&dialect, "1;2\n3;4\n".as_bytes());
    /// let mut chunk = Table::default();
    /// assert!(table.read(&mut chunk)?);
    /// assert_eq!(chunk.columns()?.row_count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with(dialect: &csv::ReaderBuilder, source: R) -> Self {
        let reader = dialect.from_reader(Text::new(source));
        let record = csv::ByteRecord::new();
        Csv { reader, record, columns: None, begun: false, width: 0, rows: 0, failed: None }
    }

    /// Only these columns, in this order, by their names in the header.
    ///
    /// # Errors
    /// If there are no names, if there is no header, if it lacks one or has it twice, or if it cannot be read.
    ///
    /// ```
    /// use wengert::program::stream::Csv;
    /// assert!(Csv::new("x,y\n1,2\n".as_bytes()).columns(&["y"]).is_ok());
    /// assert!(Csv::new("x,y\n1,2\n".as_bytes()).columns(&["z"]).is_err());
    /// assert!(Csv::new("x,y\n1,2\n".as_bytes()).columns(&[]).is_err());
    /// assert!(Csv::without_header("1,2\n".as_bytes()).columns(&["1"]).is_err());
    /// ```
    pub fn columns(mut self, names: &[&str]) -> Result<Self, ReadError> {
        if names.is_empty() {
            return Err(ReadError::NoColumn);
        }
        if !self.reader.has_headers() {
            return Err(ReadError::NoHeader { name: names[0].to_owned() });
        }
        let header = self.reader.byte_headers().map_err(|error| failed(error, 0))?;
        let place = |&name: &&str| {
            let mut named =
                header.iter().enumerate().filter(|(_, field)| *field == name.as_bytes());
            match (named.next(), named.next()) {
                (Some((place, _)), None) => Ok(place),
                (None, _) => Err(ReadError::Name { name: name.to_owned() }),
                (Some(_), Some(_)) => Err(ReadError::Ambiguous { name: name.to_owned() }),
            }
        };
        let columns = names.iter().map(place).collect::<Result<_, _>>()?;
        Ok(Csv { columns: Some(columns), ..self })
    }

    /// Refuses a header that looks like a row, unless its names were asked for.
    fn check_header(&mut self) -> Result<(), ReadError> {
        if !self.reader.has_headers() || self.columns.is_some() {
            return Ok(());
        }
        let header = self.reader.byte_headers().map_err(|error| failed(error, 0))?;
        let is_name = |field: &[u8]| parse(field).is_none();
        // Names may be missing, and no name is wanted where all are.
        if header.iter().any(is_name) || header.iter().all(<[u8]>::is_empty) {
            return Ok(());
        }
        let fields: Vec<&[u8]> = header.iter().collect();
        Err(ReadError::Header { text: shown(&fields.join(&b',')) })
    }

    /// The next row, if there is one.
    fn row(&mut self, numbers: &mut Vec<f64>) -> Result<bool, ReadError> {
        let Csv { reader, record, columns, width, rows, .. } = self;
        if !reader.read_byte_record(record).map_err(|error| failed(error, *rows))? {
            return Ok(false);
        }
        let found = columns.as_ref().map_or(record.len(), Vec::len);
        if *width == 0 {
            *width = found;
        } else if *width != found {
            // A reader may have been told to let that pass.
            return Err(ReadError::HalfRow { row: *rows, expected: *width, found });
        }
        for at in 0..found {
            let column = columns.as_ref().map_or(at, |columns| columns[at]);
            let field = record.get(column).unwrap_or_default();
            let Some(number) = parse(field) else {
                let text = shown(field);
                return Err(ReadError::Number { row: *rows, column, text });
            };
            numbers.push(number);
        }
        *rows += 1;
        Ok(true)
    }
}

impl<R: Read> Stream for Csv<R> {
    type Chunk = Table;
    type Error = ReadError;

    fn read(&mut self, chunk: &mut Table) -> Result<bool, ReadError> {
        let mut failed = self.failed.take();
        if failed.is_none() && !std::mem::replace(&mut self.begun, true) {
            self.check_header()?;
        }
        let more = chunk.fill(&mut failed, |numbers| self.row(numbers));
        self.failed = failed;
        more
    }
}

/// A number, or NaN for a missing one.
fn parse(field: &[u8]) -> Option<f64> {
    match field {
        b"" | b"NA" => Some(f64::NAN),
        _ => std::str::from_utf8(field).ok()?.trim().parse().ok(),
    }
}

fn failed(error: csv::Error, row: u64) -> ReadError {
    match *error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            ReadError::HalfRow { row, expected: expected_len as usize, found: len as usize }
        }
        _ => ReadError::Io { row, error: io::Error::from(error) },
    }
}

#[cfg(test)]
mod tests;
