//! Reductions over rows: many numbers become one, always in the same order.
//!
//! Row `r` goes to lane `r mod 32`, wherever blocks begin and end, so that neither their length nor
//! the instruction set changes a bit; 32 lanes need not wait for one another's additions.

use super::{Arg, Map2};
use crate::op::vector::level::{Level, Work};
use crate::program::ir::operation::Reduction;

/// How many rows are added side by side.
pub(crate) const LANES: usize = 32;

/// Sums, or maxima, side by side.
pub(crate) type Lanes = [f64; LANES];

/// Adds a block's rows, the first of which belongs to lane `from`.
pub(crate) fn add_rows(level: Level, lanes: &mut Lanes, from: usize, rows: Arg<'_>, len: usize) {
    match rows {
        Arg::Rows(a) => level.run(Fold { map: Plus, lanes, from, rows: a }),
        Arg::Same(x) => {
            for row in 0..len {
                lanes[(from + row) % LANES] += x;
            }
        }
    }
}

/// Takes the greatest of a block's rows; NaN if any is NaN.
pub(crate) fn max_rows(level: Level, lanes: &mut Lanes, from: usize, rows: &[f64]) {
    level.run(Fold { map: Greater, lanes, from, rows });
}

/// One number from all lanes, as a tree: each half is joined to the other until one number is left.
pub(crate) fn total(reduction: Reduction, lanes: &Lanes) -> f64 {
    match reduction {
        Reduction::Sum => halved(*lanes, |a, b| a + b),
        Reduction::Max => halved(*lanes, greater),
    }
}

/// Each half added to the other, until one number is left.
#[inline(always)]
fn halved(mut lanes: Lanes, of: impl Fn(f64, f64) -> f64) -> f64 {
    let mut width = LANES / 2;
    while width > 0 {
        let (to, from) = lanes.split_at_mut(width);
        to.iter_mut().zip(&*from).for_each(|(a, &b)| *a = of(*a, b));
        width /= 2;
    }
    lanes[0]
}

/// The greater; NaN if either is.
#[inline(always)]
pub(crate) fn greater(most: f64, x: f64) -> f64 {
    if most >= x || most.is_nan() { most } else { x }
}

#[derive(Clone, Copy)]
struct Plus;
impl Map2 for Plus {
    #[inline(always)]
    fn of(self, a: f64, b: f64) -> f64 {
        a + b
    }
}

#[derive(Clone, Copy)]
struct Greater;
impl Map2 for Greater {
    #[inline(always)]
    fn of(self, a: f64, b: f64) -> f64 {
        greater(a, b)
    }
}

/// Lanes as vectors that the widest registers hold.
pub(super) const WIDTH: usize = 8;
pub(super) type Vectors = [[f64; WIDTH]; LANES / WIDTH];

/// One vector's worth of a fold. The compiler makes one instruction of it, where it would take a loop
/// over all lanes apart into single numbers.
#[inline(always)]
pub(super) fn each<const W: usize>(sums: &mut [f64; W], of: impl Fn(f64, usize) -> f64) {
    for (i, sum) in sums.iter_mut().enumerate() {
        *sum = of(*sum, i);
    }
}

#[inline(always)]
pub(super) fn vectors(lanes: &Lanes) -> Vectors {
    let mut vectors = Vectors::default();
    vectors.as_flattened_mut().copy_from_slice(lanes);
    vectors
}

pub(super) struct Fold<'a, M> {
    pub(super) map: M,
    pub(super) lanes: &'a mut Lanes,
    pub(super) from: usize,
    pub(super) rows: &'a [f64],
}

impl<M: Map2> Work for Fold<'_, M> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Fold { map, lanes, from, rows } = self;
        let (head, rows) = rows.split_at(((LANES - from) % LANES).min(rows.len()));
        for (lane, &x) in lanes[from..].iter_mut().zip(head) {
            *lane = map.of(*lane, x);
        }
        let (blocks, tail) = rows.as_chunks::<LANES>();
        let [mut a, mut b, mut c, mut d] = vectors(lanes);
        for x in blocks {
            each(&mut a, |sum, i| map.of(sum, x[i]));
            each(&mut b, |sum, i| map.of(sum, x[WIDTH + i]));
            each(&mut c, |sum, i| map.of(sum, x[2 * WIDTH + i]));
            each(&mut d, |sum, i| map.of(sum, x[3 * WIDTH + i]));
        }
        lanes.copy_from_slice([a, b, c, d].as_flattened());
        for (sum, &x) in lanes.iter_mut().zip(tail) {
            *sum = map.of(*sum, x);
        }
    }
}
