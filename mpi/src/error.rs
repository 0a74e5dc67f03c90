//! What can go wrong on some rank: [`RankError`].

use serde::{Deserialize, Serialize};
use wengert::program::partials::PartialError;

/// What went wrong on a rank, which all ranks get: of several the first by rank.
///
/// ```
/// use wengert_mpi::RankError;
/// let error = RankError::Failed { rank: 3, reason: "no file `part-3.parquet`".into() };
/// assert_eq!(error.to_string(), "rank 3: no file `part-3.parquet`");
/// assert_eq!(error.rank(), 3);
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RankError {
    /// The program could not run over the rows of a rank.
    #[error("rank {rank}, {rows}: {source}")]
    Run {
        /// The rank.
        rank: usize,
        /// What its rows are called.
        rows: String,
        /// What is wrong. A row is counted from the first of all.
        source: PartialError,
    },
    /// Two ranks have other programs, parameters or rows than go together.
    #[error("ranks {} and {} do not go together: {source}", ranks[0], ranks[1])]
    Differ {
        /// The two: one of them differs from what the others have.
        ranks: [usize; 2],
        /// In what they differ.
        source: PartialError,
    },
    /// A rank could not read its rows.
    #[error("rank {rank}, {rows}: {reason}")]
    Source {
        /// The rank.
        rank: usize,
        /// What its rows are called.
        rows: String,
        /// What the source said.
        reason: String,
    },
    /// A rank has another number of rows than it said it has, as where a file changed between steps.
    #[error("rank {rank}, {rows}: there are {found} rows, expected {expected}")]
    Changed {
        /// The rank.
        rank: usize,
        /// What its rows are called.
        rows: String,
        /// How many it said it has.
        expected: u64,
        /// How many were read.
        found: u64,
    },
    /// What a rank did for itself failed, and it said so by [`agree`](crate::Ranks::agree).
    #[error("rank {rank}: {reason}")]
    Failed {
        /// The rank.
        rank: usize,
        /// What it said.
        reason: String,
    },
    /// A rank sent what another does not understand: it runs another version, or does something else.
    #[error("rank {rank} sent a message that cannot be read: {reason}")]
    Message {
        /// The rank that sent it.
        rank: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl RankError {
    /// The rank that it happened on; of two that differ the first.
    pub fn rank(&self) -> usize {
        match *self {
            RankError::Differ { ranks: [rank, _], .. }
            | RankError::Run { rank, .. }
            | RankError::Source { rank, .. }
            | RankError::Changed { rank, .. }
            | RankError::Failed { rank, .. }
            | RankError::Message { rank, .. } => rank,
        }
    }
}
