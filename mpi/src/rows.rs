//! Which rank has which rows: [`Rows`].

use serde::{Deserialize, Serialize};
use wengert::program::partials::Offset;

/// Which rank has which rows: those of rank 0 come first. [`Ranks::rows`](crate::Ranks::rows) finds out.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    rank: usize,
    /// Where the rows of each rank begin, and then where all end.
    bounds: Vec<Offset>,
    names: Vec<String>,
}

/// What a rank says of its rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) count: Offset,
    pub(crate) name: String,
}

impl Rows {
    pub(crate) fn new(rank: usize, shares: Vec<Share>) -> Self {
        let mut bounds = vec![Offset::default()];
        let mut names = Vec::new();
        for Share { count, name } in shares {
            bounds.push(bounds[bounds.len() - 1] + count);
            names.push(name);
        }
        Rows { rank, bounds, names }
    }

    /// Where the rows of this rank begin.
    pub fn start(&self) -> Offset {
        self.bounds[self.rank]
    }

    /// How many rows this rank has.
    pub fn own_count(&self) -> u64 {
        self.bounds[self.rank + 1].rows - self.start().rows
    }

    /// How many rows there are.
    pub fn total_count(&self) -> u64 {
        self.bounds[self.bounds.len() - 1].rows
    }

    /// Which rank has this row, and the row's place among its own; `None` of a row that nobody has.
    pub fn place(&self, row: u64) -> Option<(usize, u64)> {
        let rank = self.bounds[1..].partition_point(|end| end.rows <= row);
        (row < self.total_count()).then(|| (rank, row - self.bounds[rank].rows))
    }

    /// What the rows of a rank are called.
    pub(crate) fn name(&self, rank: usize) -> String {
        self.names.get(rank).cloned().unwrap_or_default()
    }

    pub(crate) fn rank_of(&self, row: u64) -> Option<usize> {
        self.place(row).map(|(rank, _)| rank)
    }
}
