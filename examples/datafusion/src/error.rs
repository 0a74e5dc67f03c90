//! What a query failed with: [`QueryError`].

use datafusion::common::DataFusionError;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt::{self, Write};
use wengert::program::partials::PartialError;

/// Why a query with a function of [`gradient`](crate::gradient) has no result.
///
/// [`of`](Self::of) finds it in the error that a session gives, of a local query as of one on a cluster. A cluster hands
/// errors on as text alone, which it makes of `Debug`; so what `Debug` writes ends with a code of all that the error
/// holds, from which it is read again.
///
/// ```
/// use datafusion::common::DataFusionError;
/// use gradient_sql::QueryError;
///
/// let error = QueryError::Twice { row: 17 };
/// let local = DataFusionError::External(Box::new(error.clone()));
/// assert_eq!(QueryError::of(&local), Some(error.clone()));
/// // As it comes from a cluster.
/// let text = format!("Job 5 failed: Task failed: {local:?}, stage 2");
/// let found = QueryError::of(&DataFusionError::Execution(text));
/// assert_eq!(found, Some(error));
/// assert_eq!(found.and_then(|error| error.row()), Some(17));
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum QueryError {
    /// The program could not run over the rows, or partial results do not go together.
    Run(PartialError),
    /// Two rows have this number.
    Twice {
        /// The number.
        row: u64,
    },
    /// No row has this number.
    Missing {
        /// The number.
        row: u64,
        /// The next that there is.
        next: u64,
    },
    /// A row has no number.
    Null,
    /// Rows are numbered beyond the greatest number.
    Last {
        /// The first of those that go beyond it.
        row: u64,
    },
    /// An executor, or the scheduler, has no function of this name, and no codec that would make it of its program.
    Function {
        /// The function.
        name: String,
    },
}

/// What stands before the code of an error; its version is in it.
const BEGIN: &str = "gradient-sql:1:";

/// What stands after it, so that a text that is cut short has no code.
const END: char = ';';

impl QueryError {
    /// The error of this kind that an error of DataFusion is made of, if it is.
    pub fn of(error: &DataFusionError) -> Option<Self> {
        if let DataFusionError::External(cause) = error.find_root()
            && let Some(found) = cause.downcast_ref::<QueryError>()
        {
            return Some(found.clone());
        }
        let text = error.to_string();
        Self::read(&text).or_else(|| lacking(&text).map(|name| QueryError::Function { name }))
    }

    /// The row at fault, if there is one.
    pub fn row(&self) -> Option<u64> {
        match self {
            QueryError::Run(error) => error.row(),
            QueryError::Twice { row }
            | QueryError::Missing { row, .. }
            | QueryError::Last { row } => Some(*row),
            QueryError::Null | QueryError::Function { .. } => None,
        }
    }

    /// That of the first code in a text.
    fn read(text: &str) -> Option<Self> {
        text.split(BEGIN).skip(1).find_map(|rest| {
            let (code, _) = rest.split_once(END)?;
            let (pairs, []) = code.as_bytes().as_chunks::<2>() else { return None };
            let digit = |at: u8| char::from(at).to_digit(16);
            let byte = |&[high, low]: &[u8; 2]| Some((digit(high)? << 4 | digit(low)?) as u8);
            let bytes: Vec<u8> = pairs.iter().map(byte).collect::<Option<_>>()?;
            match postcard::take_from_bytes(&bytes) {
                Ok((error, [])) => Some(error),
                _ => None,
            }
        })
    }
}

/// The function that an error of DataFusion or Ballista says is not there: they have no type for it.
fn lacking(text: &str) -> Option<String> {
    let named = ["Codec is not provided for aggregate function ", "There is no UDAF named "];
    let rest = named.iter().find_map(|&before| text.split(before).nth(1))?;
    // Quotes are escaped where the text was written as one of another.
    let is_mark = |c: char| matches!(c, '"' | '\\' | '\'' | '`');
    let rest = rest.trim_start_matches(is_mark);
    let is_end = |c: char| is_mark(c) || c.is_whitespace() || matches!(c, ')' | ',');
    let name = rest.split(is_end).next()?;
    (!name.is_empty()).then(|| name.to_string())
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueryError::Run(error) => error.fmt(f),
            QueryError::Twice { row } => write!(f, "row {row} is there twice"),
            QueryError::Missing { row, next } => {
                write!(f, "there is no row {row}: the next is {next}")
            }
            QueryError::Null => write!(f, "the number of a row is null"),
            QueryError::Last { row } => write!(f, "row {row} is the last that can be numbered"),
            QueryError::Function { name } => {
                write!(f, "there is no aggregate function {name}, and no codec that reads it")
            }
        }
    }
}

impl fmt::Debug for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = postcard::to_allocvec(self).map_err(|_| fmt::Error)?;
        write!(f, "{self} [{BEGIN}")?;
        code.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_char(END)?;
        f.write_char(']')
    }
}

impl Error for QueryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // It says what its cause says.
            QueryError::Run(error) => error.source(),
            _ => None,
        }
    }
}

impl From<PartialError> for QueryError {
    fn from(error: PartialError) -> Self {
        QueryError::Run(error)
    }
}

impl From<QueryError> for DataFusionError {
    fn from(error: QueryError) -> Self {
        DataFusionError::External(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wengert::program::RunError;
    use wengert::program::partials::Offset;

    fn all() -> Vec<QueryError> {
        let run = |error: RunError| QueryError::Run(error.into());
        vec![
            run(RunError::NotFinite { column: 1, row: 7321, value: f64::NEG_INFINITY }),
            run(RunError::Index { index: -0.5, len: 3, row: u64::MAX }),
            QueryError::Run(PartialError::Program { expected: 1, found: u64::MAX }),
            QueryError::Run(PartialError::Rows { expected: Offset::at(0), found: Offset::at(3) }),
            QueryError::Twice { row: 17 },
            QueryError::Missing { row: 9999, next: 10_000 },
            QueryError::Null,
            QueryError::Last { row: u64::MAX },
            QueryError::Function { name: "a \"loss\"; of\nlines".into() },
        ]
    }

    #[test]
    fn what_came_as_text_is_the_error_that_was_written() {
        for error in all() {
            let raised = DataFusionError::from(error.clone());
            assert_eq!(QueryError::of(&raised).as_ref(), Some(&error));
            let mut text = format!("{raised:?}");
            // Each that hands it on may write it as a text of its own.
            for _ in 0..3 {
                text = format!("{:?}", DataFusionError::Execution(format!("stage 1: {text}, end")));
                let come = DataFusionError::Execution(text.clone());
                assert_eq!(QueryError::of(&come).as_ref(), Some(&error), "{text}");
            }
        }
    }

    #[test]
    fn a_code_that_is_cut_short_or_changed_is_no_other_error() {
        for error in all() {
            let text = format!("{error:?}");
            let code = text.find(BEGIN).expect("a code") + BEGIN.len();
            let end = code + text[code..].find(END).expect("an end");
            for at in code..end {
                assert_eq!(QueryError::read(&text[..at]), None, "{text} up to {at}");
                let short = format!("{};]", &text[..at]);
                assert_ne!(QueryError::read(&short), Some(error.clone()));
                let other = format!("{}g{}", &text[..at], &text[at + 1..]);
                assert_eq!(QueryError::read(&other), None, "{other}");
            }
        }
        assert_eq!(QueryError::of(&DataFusionError::Execution("row 17".into())), None);
    }
}
