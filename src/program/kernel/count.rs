//! Counts of rows.

use super::{Arg, Map1};
use crate::op::Unary;
use crate::op::vector::level::{Level, Work};
use crate::program::ir::operation::mask;

/// In how many rows a condition holds.
pub(crate) fn count(level: Level, condition: Arg<'_>, len: usize) -> u64 {
    count_where(level, IsNotZero, condition, len)
}

/// 1 or 0, as a condition is.
#[derive(Clone, Copy)]
struct IsNotZero;
impl Map1 for IsNotZero {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        x
    }
}

/// 1 at a kink, else 0.
#[derive(Clone, Copy)]
pub(super) struct IsKink<O>(pub(super) O);
impl<O: Unary> Map1 for IsKink<O> {
    #[inline(always)]
    fn of(self, x: f64) -> f64 {
        mask(self.0.kink(x).is_some())
    }
}

fn count_where<M: Map1>(level: Level, map: M, x: Arg<'_>, len: usize) -> u64 {
    struct Count<'a, M>(M, &'a [f64]);
    impl<M: Map1> Work for Count<'_, M> {
        type Output = f64;
        #[inline(always)]
        fn run(self) -> f64 {
            let Count(map, rows) = self;
            // Sums of 1 and 0 are exact in any order.
            let (blocks, tail) = rows.as_chunks::<16>();
            let (mut a, mut b) = ([0.0; 8], [0.0; 8]);
            for x in blocks {
                for (i, sum) in a.iter_mut().enumerate() {
                    *sum += map.of(x[i]);
                }
                for (i, sum) in b.iter_mut().enumerate() {
                    *sum += map.of(x[8 + i]);
                }
            }
            let rest: f64 = tail.iter().map(|&x| map.of(x)).sum();
            a.iter().chain(&b).sum::<f64>() + rest
        }
    }
    match x {
        Arg::Rows(rows) => level.run(Count(map, rows)) as u64,
        Arg::Same(x) => map.of(x) as u64 * len as u64,
    }
}
