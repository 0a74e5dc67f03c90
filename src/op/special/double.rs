//! Doubled precision: a number as the unevaluated sum of two, about 32 digits.
//!
//! Dekker, Numer. Math. 18 (1971), with the fused multiply-add for exact products.

use super::super::rule::two_sum;

/// `hi + lo`, where `lo` is at most half a unit in the last place of `hi`.
#[derive(Clone, Copy)]
pub(super) struct Double {
    pub(super) hi: f64,
    pub(super) lo: f64,
}

impl Double {
    pub(super) const ZERO: Self = Self { hi: 0.0, lo: 0.0 };
    pub(super) const ONE: Self = Self { hi: 1.0, lo: 0.0 };
    pub(super) const PI: Self = Self { hi: std::f64::consts::PI, lo: 1.2246467991473532e-16 };

    pub(super) fn sum(a: f64, b: f64) -> Self {
        let (hi, lo) = two_sum(a, b);
        Self { hi, lo }
    }

    pub(super) fn negated(self) -> Self {
        Self { hi: -self.hi, lo: -self.lo }
    }

    pub(super) fn add(self, other: Self) -> Self {
        self.sub(other.negated())
    }

    pub(super) fn sub(self, other: Self) -> Self {
        let (hi, lost) = two_sum(self.hi, -other.hi);
        let (lo, lost_low) = two_sum(self.lo, -other.lo);
        let Self { hi, lo } = Self::sum(hi, lost + lo);
        Self::sum(hi, lo + lost_low)
    }

    pub(super) fn mul(self, other: Self) -> Self {
        let hi = self.hi * other.hi;
        let lost = self.hi.mul_add(other.hi, -hi);
        Self::sum(hi, lost + (self.hi * other.lo + self.lo * other.hi))
    }

    pub(super) fn times(self, factor: f64) -> Self {
        self.mul(Self { hi: factor, lo: 0.0 })
    }

    pub(super) fn div(self, other: Self) -> Self {
        let first = self.hi / other.hi;
        let rest = self.sub(other.times(first));
        Self::sum(first, (rest.hi + rest.lo) / other.hi)
    }

    pub(super) fn over(self, divisor: f64) -> Self {
        self.div(Self { hi: divisor, lo: 0.0 })
    }

    pub(super) fn sqrt(self) -> Self {
        let first = self.hi.sqrt();
        let square = Self::ONE.times(first).times(first);
        let rest = self.sub(square);
        Self::sum(first, (rest.hi + rest.lo) / (2.0 * first))
    }
}
