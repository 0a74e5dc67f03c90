//! What a block adds to the sums of its segment.

use super::Block;
use crate::op::vector::level::Level;
use crate::program::ir::operation::Reduction;
use crate::program::kernel::{self, CROSSED, Crossed, LANES, Lanes, MOMENTS, Tile};
use crate::program::plan::pass::{CrossMoments, Source};

/// The sums of a segment, to which a block is added. The first block begins with lanes of its own, and the
/// last leaves totals; a block that is both needs no lanes but those of the sums being computed.
pub(super) struct Sums<'p> {
    pub(super) level: Level,
    pub(super) lanes: &'p mut [Lanes],
    pub(super) totals: &'p mut [f64],
    pub(super) room: &'p mut Room,
    pub(super) opens: bool,
    pub(super) block: Block,
}

/// Room for the lanes of sums that are computed together.
#[derive(Debug, Default)]
pub(super) struct Room {
    few: [Lanes; MOMENTS],
    /// Where they are crossed.
    tile: Tile,
}

impl Sums<'_> {
    /// Adds the block to sums that follow one another; `add` adds it to their lanes.
    pub(super) fn add<T>(
        &mut self,
        reduction: Reduction,
        into: u32,
        count: usize,
        add: impl FnOnce(&mut [Lanes]) -> T,
    ) -> T {
        let sums = into as usize..into as usize + count;
        let lanes = match self.is_whole() {
            true => &mut self.room.few[..count],
            false => &mut self.lanes[sums.clone()],
        };
        if self.opens {
            lanes.fill(match reduction {
                Reduction::Sum => [0.0; LANES],
                Reduction::Max => [f64::NEG_INFINITY; LANES],
            });
        }
        let added = add(lanes);
        if self.block.closes {
            let all = self.totals[sums].iter_mut().zip(lanes);
            all.for_each(|(to, lanes)| *to = kernel::total(reduction, lanes));
        }
        added
    }

    /// Adds the products of several factors with the same others.
    pub(super) fn add_crossed<'a>(
        &mut self,
        moments: &CrossMoments,
        rows: impl Fn(Source) -> &'a [f64],
    ) {
        let &CrossMoments { ref factors, into, others, count, chained } = moments;
        let Sums { level, block: Block { careful, lane, .. }, .. } = *self;
        let mut factor_rows = [&[][..]; CROSSED];
        for (to, &factor) in factor_rows.iter_mut().zip(factors) {
            *to = rows(factor);
        }
        let mut other_rows = [None; MOMENTS];
        for (to, other) in other_rows.iter_mut().zip(others) {
            *to = other.map(&rows);
        }
        let (factors, careful) = (&factor_rows[..factors.len()], chained.filter(|_| careful));
        let add = |crossed: Crossed<'_>| {
            kernel::add_cross_moments(level, careful, lane, crossed, factors, other_rows);
        };
        let count = factors.len() * count;
        if self.is_whole() {
            add(Crossed::Totals(&mut self.totals[into as usize..][..count], &mut self.room.tile));
        } else {
            self.add(Reduction::Sum, into, count, |lanes| add(Crossed::Lanes(lanes)));
        }
    }

    /// Whether the block is all of its segment.
    fn is_whole(&self) -> bool {
        self.opens && self.block.closes
    }
}
