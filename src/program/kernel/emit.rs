//! Numbers of each row, side by side in the row's own list.

use crate::op::vector::level::{Level, Work};
use smallvec::SmallVec;

/// The most neighbours that are written at a time: what a cache line holds.
pub(crate) const NEIGHBOURS: usize = 8;

/// Numbers of each row for neighbouring places, from the first on.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) base: usize,
    pub(crate) xs: SmallVec<[&'a [f64]; NEIGHBOURS]>,
}

/// Adds numbers to their places in each row's list. The lists, each `width` long, follow one another in
/// `out`.
pub(crate) fn emit(level: Level, out: &mut [f64], width: usize, runs: &[Run<'_>]) {
    /// As many rows at a time as stay in the nearest cache while all runs come to them.
    const NUMBERS: usize = 1 << 11;
    let together = (NUMBERS / width.max(1)).max(1);
    for (at, out) in out.chunks_mut(together * width).enumerate() {
        for &Run { base, ref xs } in runs {
            let first = at * together;
            macro_rules! of {
                ($($count:literal)+) => {
                    match xs.len() {
                        $($count => {
                            let mut of = [&[][..]; $count];
                            of.copy_from_slice(xs);
                            level.run(AddRun { out, width, base, xs: of, first });
                        })+
                        count => unreachable!("{count} neighbours"),
                    }
                };
            }
            of!(1 2 3 4 5 6 7 8);
        }
    }
}

struct AddRun<'a, 'o, const N: usize> {
    out: &'o mut [f64],
    width: usize,
    base: usize,
    xs: [&'a [f64]; N],
    /// The first row's place in the block.
    first: usize,
}

impl<const N: usize> Work for AddRun<'_, '_, N> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let AddRun { out, width, base, xs, first } = self;
        let rows = out.len() / width;
        let mut lists = [&[][..]; N];
        for (list, x) in lists.iter_mut().zip(&xs) {
            *list = &x[first..first + rows];
        }
        for (row, out) in out.chunks_exact_mut(width).enumerate() {
            let out = &mut out[base..base + N];
            for k in 0..N {
                out[k] += lists[k][row];
            }
        }
    }
}
