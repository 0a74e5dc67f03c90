//! Comparisons that a recording followed.

use super::graph::Id;
use crate::program::error::SourceLine;

/// A comparison of the recording, which must come out the same when the program runs.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Guard {
    pub(crate) condition: Id,
    pub(crate) holds: bool,
    pub(crate) line: SourceLine,
}
