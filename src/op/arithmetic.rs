//! The arithmetic operators: value and the partials by each operand, in the caller's precision.

use super::{Binary, Op};
use crate::real::Number;

/// `a + b` and its partials.
#[inline(always)]
pub(crate) fn add<F: Number>(a: F, b: F) -> (F, F, F) {
    (a + b, F::one(), F::one())
}

/// `a - b` and its partials.
#[inline(always)]
pub(crate) fn sub<F: Number>(a: F, b: F) -> (F, F, F) {
    (a - b, F::one(), -F::one())
}

/// `a · b` and its partials.
#[inline(always)]
pub(crate) fn mul<F: Number>(a: F, b: F) -> (F, F, F) {
    (a * b, b, a)
}

/// `a / b` and its partials. The second is `-(a/b)/b`, which does not overflow where `b²` would.
#[inline(always)]
pub(crate) fn div<F: Number>(a: F, b: F) -> (F, F, F) {
    let y = a / b;
    (y, b.recip(), -y / b)
}

/// `a % b`, the remainder of truncated division, and its partials: 1 and minus the quotient. The
/// quotient comes from the exact difference, since `a / b` may round up to the next integer.
#[inline(always)]
pub(crate) fn rem<F: Number>(a: F, b: F) -> (F, F, F) {
    let y = a % b;
    (y, F::one(), -((a - y) / b).round())
}

/// [`div`] as an entry, for a divisor of 0, which is watched like the entries of the table.
#[derive(Clone, Copy)]
pub(crate) struct Quotient;

impl Binary for Quotient {
    const OP: Op = Op::Div;
    fn value(self, a: f64, b: f64) -> f64 {
        div(a, b).0
    }
    fn slope_a(self, a: f64, b: f64, _: f64) -> f64 {
        div(a, b).1
    }
    fn slope_b(self, a: f64, b: f64, _: f64) -> f64 {
        div(a, b).2
    }
}
