//! The reverse sweep over a long tape in single precision, where the slopes of many rows add up to few
//! parameters.
//!
//! ```text
//! while statements are left above the first ones:
//!     sweep over a period of them
//!     carry the adjoints of the first ones over to double precision
//! ```
//!
//! The first ones are the leaves that begin the tape, and some after them, what is computed of parameters
//! before the rows. A period is so much longer that carrying them costs little.

use super::Storage;
use super::sweep::sweep_statement;
use crate::op::nary::carried::{carry, settle};
use crate::real::Number;
use crate::tape::pool::{give_numbers, take_numbers};
use num_traits::Float;

/// The shortest period, in statements and in their links.
const PERIOD: usize = 1024;
/// A period has so many statements and links for each adjoint that is carried over.
const SHARE: usize = 32;

impl<F: Number> Storage<F> {
    /// Sweeps back over a long tape; false, with nothing done, if it is short.
    #[inline(never)]
    pub(super) fn sweep_long(&self, adjoints: &mut [F]) -> bool {
        let mut end = adjoints.len();
        let size = end + self.links_before(end);
        if size < 2 * PERIOD {
            return false;
        }
        let first = self.first_statements(end);
        let period = PERIOD.max(SHARE * first);
        if size < 2 * period {
            return false;
        }
        let mut carried = take_numbers::<F::Wide>();
        carried.resize(first, F::Wide::neg_zero());
        while end > first {
            let from = self.period_before(end, period).max(first);
            if from < end {
                let runs = self.runs.within(from..end);
                self.sweep_statements(from, runs, &mut adjoints[..end]);
                end = from;
            } else {
                end -= 1;
                let (parents, own) = adjoints.split_at_mut(end);
                self.sweep_in_parts(end, period, own[0], parents, &mut carried);
            }
            carry(&mut carried, &mut adjoints[..first]);
        }
        settle(&carried, &mut adjoints[..first]);
        give_numbers(carried);
        self.sweep_statements(0, self.runs.before(first), &mut adjoints[..first]);
        true
    }

    /// How many statements come first: the leaves at the bottom, and about as many more, of few links.
    fn first_statements(&self, end: usize) -> usize {
        let with_links = |most: usize| self.ends[..end].partition_point(|&to| to as usize <= most);
        let before_runs = self.runs.before(end).first().map_or(end, |run| run.statement.at());
        let most = 2 * with_links(0).min(before_runs) + 64;
        with_links(PERIOD.max(2 * most)).min(most)
    }

    /// Where the period begins that ends there; the end itself if the last statement alone is longer.
    fn period_before(&self, end: usize, period: usize) -> usize {
        let Some(links) = self.links_before(end).checked_sub(period) else {
            return end.saturating_sub(period);
        };
        let whole = self.ends[..end].partition_point(|&before| (before as usize) < links) + 1;
        whole.max(end.saturating_sub(period)).min(end)
    }

    /// Sweeps back over one statement that is longer than a period.
    fn sweep_in_parts(
        &self,
        statement: usize,
        period: usize,
        adjoint: F,
        parents: &mut [F],
        carried: &mut [F::Wide],
    ) {
        if adjoint.is_nothing() {
            return;
        }
        let links = self.links_before(statement)..self.links_before(statement + 1);
        for part in self.links[links].chunks(period) {
            sweep_statement(part, parents, adjoint);
            carry(carried, &mut parents[..carried.len()]);
        }
        for &run in self.runs.within(statement..statement + 1) {
            self.runs.sweep(run, parents, adjoint);
        }
    }
}
