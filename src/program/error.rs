//! What can go wrong with a program: while it is recorded, and while it runs.

use crate::program::data::column::Column;
use crate::program::data::columns::Columns;
use crate::real::Short;
use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

/// A line of the user's source.
///
/// ```
/// use wengert::{objective, program::Program};
/// let cost = objective!(|[a]| if a > 0.0 { a } else { a * 2.0 });
/// let program = Program::record(&cost, &[1.0], &[])?;
/// assert!(program.guards().next().is_some_and(|guard| guard.line.file.ends_with(".rs")));
/// # Ok::<(), wengert::program::RecordError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SourceLine {
    /// The file, as the compiler names it.
    pub file: Cow<'static, str>,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1.
    pub column: u32,
}

impl From<&'static Location<'static>> for SourceLine {
    fn from(location: &'static Location<'static>) -> Self {
        SourceLine {
            file: location.file().into(),
            line: location.line(),
            column: location.column(),
        }
    }
}

impl fmt::Display for SourceLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Why an objective could not be recorded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The objective wants another number of parameters or columns than the recording has.
    #[error("the objective takes {expected} {what}, but {found} were given")]
    Count {
        /// Parameters or columns.
        what: &'static str,
        /// What the objective takes.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// There are no residuals.
    #[error("there are no residuals")]
    NoValue,
    /// The value of a number was read: a program cannot follow what is computed from it.
    #[error(
        "the value of a number was read at {line}, so that what is computed from it would not \
         follow new data; compare numbers instead, or use `select`"
    )]
    ValueRead {
        /// Where.
        line: SourceLine,
    },
    /// The objective calls a function of your own. A program cannot record it.
    #[error("the function {name} at {line} is the user's own and cannot be recorded")]
    Custom {
        /// Its name.
        name: &'static str,
        /// Where.
        line: SourceLine,
    },
    /// An index into a table of parameters is not a whole number below its length.
    #[error("the index {} at {line} is outside a table of {len}", Short(*index))]
    Index {
        /// The index at which the recording was made.
        index: f64,
        /// The length of the table.
        len: usize,
        /// Where.
        line: SourceLine,
    },
    /// An index is computed from parameters. Only data can be an index into a table.
    #[error("the index at {line} comes from no column of the data")]
    IndexOfNoColumn {
        /// Where.
        line: SourceLine,
    },
    /// A long table that an index column chooses from, and that is no list of neighbouring parameters.
    /// One of up to 4096 numbers of any kind is searched.
    #[error(
        "the table at {line} is long and no list of neighbouring parameters; choose its parts with \
         `select`, or make its numbers parameters"
    )]
    Table {
        /// Where.
        line: SourceLine,
    },
}

/// Why a program could not run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum RunError {
    /// The number of parameters is not that of the program.
    #[error("the program has {expected} parameters, but {found} were given")]
    Parameters {
        /// What the program was recorded with.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// The parameters of several points are not as many as these have together.
    #[error("the parameters of {points} points are {expected} numbers, but {found} were given")]
    Points {
        /// How many points there are.
        points: usize,
        /// How many numbers they have together.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// There is room for another number of results than the program has.
    #[error("an output has {expected} numbers, but room for {found} was given")]
    Room {
        /// How many there are.
        expected: usize,
        /// How many were asked for.
        found: usize,
    },
    /// There are too few columns.
    #[error("the program reads {expected} columns, but the data have {found}")]
    Columns {
        /// What the program was recorded with.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A sum over the rows of an objective that is given no column: its value does not depend on the row, and
    /// how often it is to count is not known.
    #[error(
        "the objective has no column, so that there are no rows to sum over; leave out `sum`, or \
         multiply the objective by the number of rows"
    )]
    NoColumn,
    /// The columns have different lengths.
    #[error("column {column} has {found} rows, but column 0 has {expected}")]
    Length {
        /// The column at fault.
        column: usize,
        /// How many rows the first column has.
        expected: usize,
        /// How many rows this column has.
        found: usize,
    },
    /// A comparison went the other way than in the recording.
    #[error(
        "the comparison at {line} went the other way than when the program was recorded{}",
        in_row(*row)
    )]
    GuardTurned {
        /// The comparison in the user's source.
        line: SourceLine,
        /// The first row where it did; `None` if it does not depend on the row.
        row: Option<u64>,
    },
    /// An index is not a whole number below the length of its table.
    #[error("the index {} is outside a table of {len}{}", Short(*index), in_row(Some(*row)))]
    Index {
        /// The number found.
        #[cfg_attr(feature = "serde", serde(with = "crate::real::bits"))]
        index: f64,
        /// The length of the table.
        len: usize,
        /// The row.
        row: u64,
    },
    /// A weight of a weighted mean is negative, infinite or NaN.
    #[error("the weight in row {row} is {}, expected a finite number of at least 0", Short(*value))]
    Weight {
        /// The row, counted from 0.
        row: u64,
        /// The number.
        #[cfg_attr(feature = "serde", serde(with = "crate::real::bits"))]
        value: f64,
    },
    /// The weights of a weighted mean sum to 0 or beyond the greatest number, so that they define no
    /// mean.
    #[error("the weights sum to {}, expected a finite number above 0", Short(*value))]
    WeightSum {
        /// Their sum.
        #[cfg_attr(feature = "serde", serde(with = "crate::real::bits"))]
        value: f64,
    },
    /// A row was picked for a mini-batch, and the data have no such row.
    #[error("row {row}, at index {index} of the list, is outside data of {len} rows")]
    Row {
        /// The row.
        row: u64,
        /// Its index in the list of rows, counted from 0.
        index: usize,
        /// How many rows the data have.
        len: usize,
    },
    /// A range of rows reaches beyond the data, or ends before it begins.
    #[error("rows {start}..{end} of data that have {len}")]
    Range {
        /// Where the range begins.
        start: usize,
        /// Where it ends.
        end: usize,
        /// How many rows the data have.
        len: usize,
    },
    /// The stride of a column is so small that its numbers overlap.
    #[error("column {column} has a number every {found} places, expected at least {expected}")]
    Stride {
        /// The column.
        column: usize,
        /// The least stride.
        expected: usize,
        /// What was given.
        found: usize,
    },
    /// A row ends too early.
    #[error("row {row} has {found} numbers instead of {expected}")]
    HalfRow {
        /// The row, counted from 0.
        row: u64,
        /// How many numbers a whole row has.
        expected: usize,
        /// How many this row has.
        found: usize,
    },
    /// A number in the data is missing, as a null of an Arrow array.
    #[error("column {} is missing in row {row}", called(*column, name.as_deref()))]
    Missing {
        /// The column.
        column: usize,
        /// What the data call it, if they have names.
        name: Option<String>,
        /// The row, counted from 0.
        row: u64,
    },
    /// A number in the data is NaN or infinite.
    #[error("column {column} is {} in row {row}", Short(*value))]
    NotFinite {
        /// The column.
        column: usize,
        /// The row, counted from 0.
        row: u64,
        /// The number.
        #[cfg_attr(feature = "serde", serde(with = "crate::real::bits"))]
        value: f64,
    },
}

impl RunError {
    /// The row at fault, if there is one.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
    /// let error = sweep.run(&[1.0], &Columns::new(&[&[0.0, f64::NAN]])?).err().expect("an error");
    /// assert_eq!(error.row(), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn row(&self) -> Option<u64> {
        match *self {
            RunError::GuardTurned { row, .. } => row,
            RunError::Index { row, .. }
            | RunError::Weight { row, .. }
            | RunError::Row { row, .. }
            | RunError::HalfRow { row, .. }
            | RunError::Missing { row, .. }
            | RunError::NotFinite { row, .. } => Some(row),
            _ => None,
        }
    }

    /// What is wrong with a number of a column that must be finite.
    pub(crate) fn of_number(data: &Columns<'_>, column: u32, row: u64, value: f64) -> Self {
        let column = column as usize;
        if Column::is_missing(value) {
            RunError::Missing { column, name: data.name(column).map(Into::into), row }
        } else {
            RunError::NotFinite { column, row, value }
        }
    }

    /// The same, of another row.
    pub(super) fn in_row(mut self, of: impl FnOnce(u64) -> u64) -> Self {
        match &mut self {
            RunError::GuardTurned { row: Some(row), .. }
            | RunError::Index { row, .. }
            | RunError::HalfRow { row, .. }
            | RunError::Missing { row, .. }
            | RunError::NotFinite { row, .. } => *row = of(*row),
            _ => {}
        }
        self
    }
}

fn called(column: usize, name: Option<&str>) -> String {
    name.map_or_else(|| column.to_string(), |name| format!("{name:?}"))
}

fn in_row(row: Option<u64>) -> String {
    row.map_or(String::new(), |row| format!(", in row {row}"))
}
