//! The reverse sweep.
//!
//! ```text
//! for i in statements, last to first:
//!     for (partial, parent) in the edges of i:
//!         adjoint[parent] += partial * adjoint[i]
//! ```
//!
//! A statement whose adjoint is 0 passes nothing on, even where a partial is infinite. Over a long tape in
//! single precision the first adjoints are [carried](super::long) over to double precision.

use super::runs::Run;
use super::{Link, Storage};
use crate::real::Number;
use std::ops::Range;

impl<F: Number> Storage<F> {
    /// The reverse sweep from the last of `adjoints`, which holds the seeds, to the first statement.
    #[inline(always)]
    pub(crate) fn sweep(&self, adjoints: &mut [F]) {
        // Where all stays pending there are leaves alone.
        if !(self.links.is_empty() && self.runs.is_empty()) {
            self.sweep_edges(adjoints);
        }
    }

    #[inline(never)]
    fn sweep_edges(&self, adjoints: &mut [F]) {
        let end = adjoints.len();
        if F::SINGLE && self.sweep_long(adjoints) {
            return;
        }
        self.sweep_statements(0, self.runs.before(end), adjoints);
    }

    /// The reverse sweep from the last of `adjoints` to statement `first`, with the runs of these.
    #[inline(always)]
    pub(super) fn sweep_statements(&self, first: usize, runs: &[Run], adjoints: &mut [F]) {
        // The leaves at the bottom have no edges: nothing is left to do there.
        let leaves = self.ends.partition_point(|&end| end == 0);
        let mut end = adjoints.len();
        for run in runs.iter().rev() {
            let own = run.statement.at();
            // Often the statements from a run's on have nothing but the run.
            if self.links_before(own) < self.links_before(end) {
                self.sweep_links(own.max(leaves)..end, adjoints);
            }
            end = own;
            let (parents, from_own) = adjoints.split_at_mut(own);
            if !from_own[0].is_nothing() {
                self.runs.sweep(*run, parents, from_own[0]);
            }
        }
        self.sweep_links(first.max(leaves)..end, adjoints);
    }

    /// The reverse sweep over the links of some statements, of which the first of the tape, a leaf, is none.
    #[inline(always)]
    fn sweep_links(&self, statements: Range<usize>, adjoints: &mut [F]) {
        let Range { start, end } = statements;
        if start >= end {
            return;
        }
        let mut links = &self.links[..self.links_before(end)];
        let mut rest = &mut adjoints[..end];
        for &start in self.ends[start - 1..end - 1].iter().rev() {
            let [parents @ .., own] = rest else { break };
            let (before, own_links) = links.split_at(start as usize);
            if !own.is_nothing() {
                sweep_statement(own_links, parents, *own);
            }
            (links, rest) = (before, parents);
        }
    }
}

/// The links of one statement, or some of them. `parents` are all statements before it.
#[inline(always)]
pub(super) fn sweep_statement<F: Number>(links: &[Link<F>], parents: &mut [F], adjoint: F) {
    let [first, rest @ ..] = links else { return };
    if first.parents.are_onto_previous()
        && let [.., previous] = &mut *parents
    {
        *previous += adjoint;
    }
    sweep_link(*first, parents, adjoint);
    for &link in rest {
        sweep_link(link, parents, adjoint);
    }
}

#[inline(always)]
fn sweep_link<F: Number>(link: Link<F>, parents: &mut [F], adjoint: F) {
    let Link { partials: [p, q], parents: places } = link;
    parents[places.place(0).at()] += p.pass(adjoint);
    if !places.is_single() {
        parents[places.place(1).at()] += q.pass(adjoint);
    }
}
