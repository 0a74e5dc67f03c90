//! From segments to the whole: numbers added as a tree.

use super::block::Partial;
use super::kernel::{greater, total};
use super::operation::Reduction;
use super::pass::Pass;

/// The reductions of all segments so far.
///
/// Two neighbouring segments become one of the next rank, two of those one of the next, and so on.
/// So which numbers are added follows from how many segments there are, not from who computed them
/// when; and rounding errors grow with the logarithm of their number.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Each rank at most once, the greatest first; with their numbers one after the other.
    ranks: Vec<u32>,
    numbers: Vec<f64>,
}

impl Tree {
    pub(super) fn clear(&mut self) {
        self.ranks.clear();
        self.numbers.clear();
    }

    /// Adds the next segment.
    pub(super) fn push(&mut self, pass: &Pass, partial: &Partial) {
        let reductions = pass.reductions.iter().zip(&partial.lanes);
        self.numbers.extend(reductions.map(|(&(reduction, _), lanes)| match reduction {
            Reduction::Sum => total(lanes, |a, b| a + b),
            Reduction::Max => total(lanes, greater),
        }));
        self.ranks.push(0);
        while let [.., a, b] = self.ranks[..]
            && a == b
        {
            self.join(pass);
        }
    }

    /// The last two become one.
    fn join(&mut self, pass: &Pass) {
        let width = pass.reductions.len();
        let to = self.numbers.len() - width;
        let (earlier, later) = self.numbers.split_at_mut(to);
        let from = to - width;
        for ((&(reduction, _), a), &b) in
            pass.reductions.iter().zip(&mut earlier[from..]).zip(&*later)
        {
            *a = match reduction {
                Reduction::Sum => *a + b,
                Reduction::Max => greater(*a, b),
            };
        }
        self.numbers.truncate(from + width);
        self.ranks.pop();
        if let Some(rank) = self.ranks.last_mut() {
            *rank += 1;
        }
    }

    /// Writes the results into their places among `numbers`.
    pub(super) fn finish(&mut self, pass: &Pass, numbers: &mut [f64]) {
        while self.ranks.len() > 1 {
            self.join(pass);
        }
        for (i, &(reduction, at)) in pass.reductions.iter().enumerate() {
            let nothing = match reduction {
                Reduction::Sum => 0.0,
                Reduction::Max => f64::NEG_INFINITY,
            };
            numbers[at as usize] = self.numbers.get(i).copied().unwrap_or(nothing);
        }
        self.clear();
    }
}
