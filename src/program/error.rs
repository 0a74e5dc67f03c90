//! What can go wrong with a program: while it is recorded, and while it runs.

use crate::short::Short;
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
pub struct Line {
    /// The file, as the compiler names it.
    pub file: Cow<'static, str>,
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1.
    pub column: u32,
}

impl From<&'static Location<'static>> for Line {
    fn from(location: &'static Location<'static>) -> Self {
        Line { file: location.file().into(), line: location.line(), column: location.column() }
    }
}

impl fmt::Display for Line {
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
        /// As the objective says.
        expected: usize,
        /// As given.
        found: usize,
    },
    /// The value of a number was read: a program cannot follow what is computed from it.
    #[error(
        "the value of a number was read at {line}, so that what is computed from it would not \
         follow new data; compare numbers instead, or use `select`"
    )]
    ValueRead {
        /// Where.
        line: Line,
    },
    /// A function of the user's own, which can be called but not recorded.
    #[error("the function {name} at {line} is the user's own and cannot be recorded")]
    Custom {
        /// Its name.
        name: &'static str,
        /// Where.
        line: Line,
    },
    /// An index into a table of parameters that is no whole number within it.
    #[error("the index {} at {line} is outside a table of {len}", Short(*index))]
    Index {
        /// The index at which the recording was made.
        index: f64,
        /// The length of the table.
        len: usize,
        /// Where.
        line: Line,
    },
    /// An index that is computed from parameters: only the data can choose from a table.
    #[error("the index at {line} comes from no column of the data")]
    IndexOfNoColumn {
        /// Where.
        line: Line,
    },
    /// A long table that an index column chooses from, and that is no list of neighbouring parameters.
    /// One of up to 4096 numbers of any kind is searched.
    #[error(
        "the table at {line} is long and no list of neighbouring parameters; choose its parts with \
         `select`, or make its numbers parameters"
    )]
    Table {
        /// Where.
        line: Line,
    },
}

/// Why a program could not run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Another number of parameters than the program has.
    #[error("the program has {expected} parameters, but {found} were given")]
    Parameters {
        /// As recorded.
        expected: usize,
        /// As given.
        found: usize,
    },
    /// Too few columns.
    #[error("the program reads {expected} columns, but the data have {found}")]
    Columns {
        /// As recorded.
        expected: usize,
        /// As given.
        found: usize,
    },
    /// A sum over the rows of an objective that uses no column: its value does not depend on the row, and
    /// how often it is to count is not known.
    #[error(
        "the objective uses no column, so that there are no rows to sum over; leave out `sum`, or \
         multiply the objective by the number of rows"
    )]
    NoColumn,
    /// Columns of different lengths.
    #[error("column {column} has {found} rows, but column 0 has {expected}")]
    Length {
        /// The column at fault.
        column: usize,
        /// Rows of the first.
        expected: usize,
        /// Rows of this one.
        found: usize,
    },
    /// A comparison went the other way than in the recording.
    #[error(
        "the comparison at {line} went the other way than when the program was recorded{}",
        in_row(*row)
    )]
    GuardTurned {
        /// The comparison in the user's source.
        line: Line,
        /// The first row where it did; `None` if it does not depend on the row.
        row: Option<u64>,
    },
    /// An index that is no whole number within its table.
    #[error("the index {} is outside a table of {len}{}", Short(*index), in_row(Some(*row)))]
    Index {
        /// The number found.
        index: f64,
        /// The length of the table.
        len: usize,
        /// The row.
        row: u64,
    },
    /// A weight of a weighted mean that is negative, infinite or NaN.
    #[error("the weight in row {row} is {}, expected a finite number of at least 0", Short(*value))]
    Weight {
        /// The row, counted from 0.
        row: u64,
        /// What stands there.
        value: f64,
    },
    /// The weights of a weighted mean sum to 0 or beyond the greatest number, so that they define no
    /// mean.
    #[error("the weights sum to {}, expected a finite number above 0", Short(*value))]
    WeightSum {
        /// Their sum.
        value: f64,
    },
    /// A row that is picked for a mini-batch, but that the data do not have.
    #[error("row {row}, at index {index} of the list, is outside data of {len} rows")]
    Row {
        /// The row.
        row: u64,
        /// Which number of the list of rows it is, counted from 0.
        index: usize,
        /// How many rows the data have.
        len: usize,
    },
    /// A column whose numbers would lie in one another or all in one place.
    #[error("column {column} has a number every {found} places, expected at least {expected}")]
    Stride {
        /// The column.
        column: usize,
        /// The least number of places from one number to the next.
        expected: usize,
        /// As given.
        found: usize,
    },
    /// A row that ends too early.
    #[error("row {row} has {found} numbers instead of {expected}")]
    HalfRow {
        /// The row, counted from 0.
        row: u64,
        /// Numbers of a whole row.
        expected: usize,
        /// Numbers of this one.
        found: usize,
    },
    /// A missing or infinite number in the data.
    #[error("column {column} is {} in row {row}", Short(*value))]
    NotFinite {
        /// The column.
        column: usize,
        /// The row, counted from 0.
        row: u64,
        /// What stands there.
        value: f64,
    },
}

impl RunError {
    /// The same, of another row.
    pub(super) fn in_row(mut self, of: impl FnOnce(u64) -> u64) -> Self {
        match &mut self {
            RunError::GuardTurned { row: Some(row), .. }
            | RunError::Index { row, .. }
            | RunError::HalfRow { row, .. }
            | RunError::NotFinite { row, .. } => *row = of(*row),
            _ => {}
        }
        self
    }
}

fn in_row(row: Option<u64>) -> String {
    row.map_or(String::new(), |row| format!(", in row {row}"))
}
