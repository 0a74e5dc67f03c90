use crate::program::error::SourceLine;

/// Why a program could not be printed as Rust.
///
/// ```
/// use wengert::{objective, program::{EmitError, Program}};
/// let program = Program::record(&objective!(|[x]| x * x), &[1.0], &[])?;
/// assert_eq!(program.to_rust("1st"), Err(EmitError::Name { found: "1st".into() }));
/// # Ok::<(), wengert::program::RecordError>(())
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The function's name has other characters than a name of Rust, in ASCII.
    #[error("{found:?} is no name of a function, expected ASCII letters, digits and underscores")]
    Name {
        /// The name.
        found: String,
    },
    /// The function's name is a word of the language, of one of its editions.
    #[error("{found:?} is a keyword of Rust, so that no function can have this name")]
    Keyword {
        /// The name.
        found: String,
    },
    /// The function's name is that of a variant of `Result` or `Option`, which it would hide.
    #[error(
        "{found:?} is a variant of `Result` or `Option`, which a function of this name would hide"
    )]
    Variant {
        /// The name.
        found: String,
    },
    /// An operation that calls a function of another crate, as `ln_gamma` does, whose text is not known.
    #[error("{operation} calls what is no part of this crate, so that its text is not known{}", at(line.as_ref()))]
    Operation {
        /// The operation.
        operation: String,
        /// Where it was written, if that is known.
        line: Option<SourceLine>,
    },
    /// A sum over the rows of an objective that is given no column: it has no value.
    #[error("the objective has no column, so that there are no rows to sum over")]
    NoColumn,
    /// The columns of a sparse matrix together, which mean nothing without the pattern.
    #[error("a sparse matrix cannot be printed; print the dense one")]
    Sparse,
}

fn at(line: Option<&SourceLine>) -> String {
    line.map_or_else(String::new, |line| format!(", at {line}"))
}
