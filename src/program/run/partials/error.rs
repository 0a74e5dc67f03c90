//! What can be wrong with partial results: [`PartialError`].

use super::Offset;
use crate::program::RunError;

/// Why partial results do not go together, or what came of a range of rows that has no result.
///
/// ```
/// use wengert::{objective, program::{Columns, Program, partials::{Offset, PartialError}}};
/// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
/// let data = Columns::new(&[&[1.0, 2.0]])?;
/// let mut partial = sweep.partial(&[3.0], &[], &data, Offset::at(0));
/// let twice = partial.clone();
/// let expected = PartialError::Rows { expected: Offset::at(2), found: Offset::at(0) };
/// assert_eq!(partial.merge(&twice), Err(expected));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum PartialError {
    /// The program could not run over the rows. They are counted from the first of the whole.
    #[error(transparent)]
    Run(#[from] RunError),
    /// It is of another program, or made by another version of this crate, or under another rule for rows
    /// that are not finite.
    #[error("the partial result is of program {found:016x}, expected {expected:016x}")]
    Program {
        /// The digest of the program.
        expected: u64,
        /// That of the program that the partial result is of.
        found: u64,
    },
    /// It was computed at other parameters.
    #[error("the partial result is at parameters {found:016x}, expected {expected:016x}")]
    Parameters {
        /// The digest of the parameters.
        expected: u64,
        /// That of the parameters that it was computed at.
        found: u64,
    },
    /// It is of another pass over the rows.
    #[error("the partial result is of pass {found}, expected one of pass {expected}")]
    Pass {
        /// The pass, counted from 0.
        expected: usize,
        /// The pass that it is of.
        found: usize,
    },
    /// The passes before came to other totals.
    #[error("the partial result follows passes with totals {found:016x}, expected {expected:016x}")]
    Totals {
        /// The digest of the totals.
        expected: u64,
        /// That of the totals that it was computed after.
        found: u64,
    },
    /// More or fewer passes were given than the program makes.
    #[error("the program goes through the rows {expected} times, but {found} passes were given")]
    Passes {
        /// How many passes the program makes, at least one.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// Its rows do not follow those that it is merged to; or those of a whole begin or end elsewhere.
    #[error("the rows of the partial result are at {found}, expected at {expected}")]
    Rows {
        /// Where they should begin or end.
        expected: Offset,
        /// Where they do.
        found: Offset,
    },
    /// More rows than 2⁵⁶, or more that are left out than there are.
    #[error(
        "{rows} rows cannot begin at {found}: up to 2^56 are counted, of which no more are left out"
    )]
    Offset {
        /// Where they should begin.
        found: Offset,
        /// How many they are.
        rows: u64,
    },
    /// It holds other numbers than a pass of the program computes. Only a partial result that was written by
    /// other means than this crate does.
    #[error("the partial result holds other numbers than the pass computes")]
    Contents,
}

impl PartialError {
    /// The row at fault, if there is one; an example is at [`RunError::row`].
    pub fn row(&self) -> Option<u64> {
        match self {
            PartialError::Run(error) => error.row(),
            _ => None,
        }
    }
}
