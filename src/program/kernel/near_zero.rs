//! Logarithms of sums that are near 0 in some rows: see [`log_sum_near_zero`](crate::op::special::log_sum_near_zero).

use super::Arg;
use crate::op::nary;
use crate::op::special::is_near_zero;
use crate::op::vector::level::{Level, Work};

/// Finds the values of the few rows where they are near 0 another way, if there are any.
pub(super) fn near_zero(level: Level, out: &mut [f64], most: Arg<'_>, xs: &[Arg<'_>]) {
    if !level.run(IsNearZero { most, values: out }) {
        return;
    }
    for (row, value) in out.iter_mut().enumerate() {
        let near = nary::LogSum { most: most.at(row), value: *value };
        *value = nary::right_near_zero(near, xs.iter().map(|x| x.at(row)));
    }
}

/// Whether the logarithm of a sum is near 0 in any row.
struct IsNearZero<'a, 'b> {
    most: Arg<'b>,
    values: &'a [f64],
}
impl Work for IsNearZero<'_, '_> {
    type Output = bool;
    #[inline(always)]
    fn run(self) -> bool {
        let values = self.values.iter();
        match self.most {
            Arg::Rows(most) => {
                values.zip(most).fold(false, |any, (&y, &m)| any | is_near_zero(m, y))
            }
            Arg::Same(most) => values.fold(false, |any, &y| any | is_near_zero(most, y)),
        }
    }
}
