//! The forward sweep, which carries tangents from the variables up, and the slopes of kinks, which can
//! be exchanged for a reverse sweep.
//!
//! ```text
//! for i in statements, first to last:
//!     tangent[i] = Σ over (partial, parent) in the edges of i of partial * tangent[parent]
//! ```
//!
//! The sums are formed in double precision. As in the reverse sweep, 0 passes nothing on: neither a tangent of 0 through an infinite partial,
//! nor an infinite tangent through a partial of 0.

use super::{Link, StatementId, Storage};
use crate::Real;
use std::ops::Range;

impl<F: Real> Storage<F> {
    /// Computes the tangents of a range of statements from those of all statements before it. A
    /// statement without edges is a leaf, whose tangent is given.
    pub(crate) fn sweep_forward(
        &self,
        range: Range<usize>,
        tangents: &mut [F],
        mut leaf: impl FnMut(StatementId) -> F,
    ) {
        let mut runs = self.runs.within(range.clone());
        let mut from = range.start;
        while from < range.end {
            let to = runs.first().map_or(range.end, |run| run.statement.at());
            self.sweep_links_forward(from..to, tangents, &mut leaf);
            if to == range.end {
                break;
            }
            let links = &self.links[self.links_before(to)..self.ends[to] as usize];
            let mut tangent = along_links(links, &tangents[..to]);
            while let [run, rest @ ..] = runs
                && run.statement.at() == to
            {
                tangent += self.runs.along(*run, tangents);
                runs = rest;
            }
            tangents[to] = tangent;
            from = to + 1;
        }
    }

    /// The tangents of statements without runs.
    #[inline(always)]
    fn sweep_links_forward(
        &self,
        range: Range<usize>,
        tangents: &mut [F],
        leaf: &mut impl FnMut(StatementId) -> F,
    ) {
        let mut start = self.links_before(range.start);
        let ends = self.ends[range.clone()].iter().map(|&end| end as usize);
        for (i, end) in range.zip(ends) {
            let (parents, own) = tangents.split_at_mut(i);
            own[0] = match &self.links[start..end] {
                [] => leaf(StatementId(i as u32)),
                links => along_links(links, parents),
            };
            start = end;
        }
    }

    /// Exchanges the slopes of a kink's statement by those of its operands that vary.
    pub(crate) fn set_slopes(&mut self, statement: StatementId, slopes: impl Iterator<Item = F>) {
        let (start, end) = (self.links_before(statement.at()), self.ends[statement.at()] as usize);
        for (link, slope) in self.links[start..end].iter_mut().zip(slopes) {
            link.partials[0] = slope;
        }
    }
}

/// `partial · tangent`, where 0 passes nothing on.
#[inline(always)]
pub(crate) fn along<F: Real>(partial: F, tangent: F) -> F {
    let product = partial * tangent;
    // Only of 0 and an infinity, or of NaN.
    if product.is_nan() && (partial == F::zero() || tangent == F::zero()) {
        F::zero()
    } else {
        product
    }
}

/// What the tangents of all statements before one make of its links.
#[inline(always)]
fn along_links<F: Real>(links: &[Link<F>], tangents: &[F]) -> F {
    let sum = sum_along(links, tangents, |partial, tangent| partial * tangent);
    // Where 0 met an infinity, with care.
    if sum.is_nan() { sum_along(links, tangents, along) } else { sum }
}

#[inline(always)]
fn sum_along<F: Real>(links: &[Link<F>], tangents: &[F], along: impl Fn(F, F) -> F) -> F {
    let mut sum = match (links, tangents) {
        ([first, ..], [.., previous]) if first.parents.are_onto_previous() => previous.to_double(),
        _ => 0.0,
    };
    for Link { partials: [p, q], parents } in links {
        sum += along(*p, tangents[parents.place(0).at()]).to_double();
        if !parents.is_single() {
            sum += along(*q, tangents[parents.place(1).at()]).to_double();
        }
    }
    F::from_double(sum)
}
