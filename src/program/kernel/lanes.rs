//! Reductions over rows: many numbers become one, always in the same order.
//!
//! Row `r` goes to lane `r mod 32`, wherever blocks begin and end, so that neither their length nor
//! the instruction set changes a bit; 32 lanes need not wait for one another's additions.

use super::{Arg, Map2};
use crate::op::vector::level::{Level, Work};
use crate::program::operation::chain;

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

/// Adds a block's products; if `careful`, as [`chain`].
pub(crate) fn add_products(
    level: Level,
    careful: bool,
    lanes: &mut Lanes,
    from: usize,
    (a, b): (Arg<'_>, Arg<'_>),
    len: usize,
) {
    match (a, b) {
        (Arg::Rows(a), Arg::Rows(b)) if !careful && from == 0 => {
            level.run(FoldProducts { lanes, a, b });
        }
        _ => {
            for row in 0..len {
                let (a, b) = (a.at(row), b.at(row));
                lanes[(from + row) % LANES] += if careful { chain(a, b) } else { a * b };
            }
        }
    }
}

/// One number from all lanes, as a tree.
pub(crate) fn total(lanes: &Lanes, of: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = *lanes;
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] = of(lanes[i], lanes[i + width]);
        }
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

struct Fold<'a, M> {
    map: M,
    lanes: &'a mut Lanes,
    from: usize,
    rows: &'a [f64],
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
        let mut sums = *lanes;
        for block in blocks {
            for (sum, &x) in sums.iter_mut().zip(block) {
                *sum = map.of(*sum, x);
            }
        }
        for (sum, &x) in sums.iter_mut().zip(tail) {
            *sum = map.of(*sum, x);
        }
        *lanes = sums;
    }
}

struct FoldProducts<'a> {
    lanes: &'a mut Lanes,
    a: &'a [f64],
    b: &'a [f64],
}

impl Work for FoldProducts<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let FoldProducts { lanes, a, b } = self;
        let (a_blocks, a_tail) = a.as_chunks::<LANES>();
        let (b_blocks, b_tail) = b.as_chunks::<LANES>();
        let mut sums = *lanes;
        for (a, b) in a_blocks.iter().zip(b_blocks) {
            for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
                *sum += a * b;
            }
        }
        for ((sum, &a), &b) in sums.iter_mut().zip(a_tail).zip(b_tail) {
            *sum += a * b;
        }
        *lanes = sums;
    }
}

/// In how many rows a condition holds.
pub(crate) fn count(level: Level, condition: Arg<'_>, len: usize) -> u64 {
    struct Count<'a>(&'a [f64]);
    impl Work for Count<'_> {
        type Output = f64;
        #[inline(always)]
        fn run(self) -> f64 {
            // Sums of 1 and 0 in lanes are exact.
            let mut sums = [0.0; LANES];
            let (blocks, tail) = self.0.as_chunks::<LANES>();
            for block in blocks {
                for (sum, &x) in sums.iter_mut().zip(block) {
                    *sum += x;
                }
            }
            sums.iter().sum::<f64>() + tail.iter().sum::<f64>()
        }
    }
    match condition {
        Arg::Rows(condition) => level.run(Count(condition)) as u64,
        Arg::Same(condition) => (condition as u64) * len as u64,
    }
}
