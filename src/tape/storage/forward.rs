//! The forward sweep, which carries tangents from the variables up, and the slopes of kinks, which can
//! be exchanged for a reverse sweep.
//!
//! ```text
//! for i in statements, first to last:
//!     tangent[i] = Σ over (partial, parent) in the edges of i of partial * tangent[parent]
//! ```
//!
//! As in the reverse sweep, 0 passes nothing on: neither a tangent of 0 through an infinite partial,
//! nor an infinite tangent through a partial of 0.

use super::{Index, Link, Run, Storage};
use crate::Real;
use std::ops::Range;

impl<F: Real> Storage<F> {
    /// Puts the tangents of a range of statements behind those of all statements before it. A
    /// statement without edges is a leaf, whose tangent is given.
    pub(crate) fn sweep_forward(
        &self,
        range: Range<usize>,
        tangents: &mut Vec<F>,
        mut leaf: impl FnMut(Index) -> F,
    ) {
        debug_assert!(tangents.len() == range.start);
        let mut run = self.runs.partition_point(|run| run.statement.at() < range.start);
        let mut start = self.links_before(range.start);
        for (i, &end) in range.clone().zip(&self.ends[range]) {
            let end = end as usize;
            let first_run = run;
            while self.runs.get(run).is_some_and(|run| run.statement.at() == i) {
                run += 1;
            }
            let tangent = if start == end && first_run == run {
                leaf(Index(i as u32))
            } else {
                let linked = self.links[start..end].iter().map(|link| along_link(link, tangents));
                let through = |run: &Run| along_run(run, &self.run_partials, tangents);
                linked.chain(self.runs[first_run..run].iter().map(through)).sum()
            };
            tangents.push(tangent);
            start = end;
        }
    }

    /// Exchanges the slopes of a kink's statement by those of its operands that vary.
    pub(crate) fn set_slopes(&mut self, statement: Index, slopes: impl Iterator<Item = F>) {
        let (start, end) = (self.links_before(statement.at()), self.ends[statement.at()] as usize);
        for (link, slope) in self.links[start..end].iter_mut().zip(slopes) {
            link.partials[0] = slope;
        }
    }

    fn links_before(&self, statement: usize) -> usize {
        statement.checked_sub(1).map_or(0, |last| self.ends[last] as usize)
    }
}

/// `partial · tangent`, where 0 passes nothing on.
#[inline(always)]
pub(crate) fn along<F: Real>(partial: F, tangent: F) -> F {
    if partial == F::zero() || tangent == F::zero() { F::zero() } else { partial * tangent }
}

#[inline(always)]
fn along_link<F: Real>(link: &Link<F>, tangents: &[F]) -> F {
    let through = |(place, partial): (Index, F)| along(partial, tangents[place.at()]);
    link.parents.iter().zip(link.partials).map(through).sum()
}

#[inline(always)]
fn along_run<F: Real>(run: &Run, partials: &[F], tangents: &[F]) -> F {
    let partials = &partials[run.at as usize..][..run.len as usize];
    let parents = tangents[run.base.at()..].iter().step_by(run.stride as usize);
    partials.iter().zip(parents).map(|(&partial, &tangent)| along(partial, tangent)).sum()
}
