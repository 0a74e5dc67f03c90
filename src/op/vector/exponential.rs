//! `exp`, `exp2`, `exp_m1`.
//!
//! `x = k ln 2 + r` with whole `k` and `|r| ≤ ½ ln 2` (Cody and Waite, Software Manual for the
//! Elementary Functions, 1980, chapter 6). `e^r = 1 + r + r² p(r)`, summed so that only the last
//! addition rounds to the full. `2^k` goes in as two factors, each a normal number, so that results
//! below the normal numbers are rounded once.

use super::parts::{
    LN2_HI, LN2_LO, MANTISSA_BITS, ROUND, fast_two_sum, hold, polynomial, two_product,
};
use crate::op::rule::two_sum;
use std::f64::consts::{LN_2, LOG2_E};

/// `(e^r - 1 - r) / r²`.
const EXP: [f64; 11] = [
    0.5,
    0.16666666666666677,
    0.041666666666666505,
    0.008333333333321608,
    0.001388888888896287,
    0.00019841269886207883,
    2.4801587171895576e-05,
    2.755724410411333e-06,
    2.755740289915292e-07,
    2.5109081446670244e-08,
    2.087534044663521e-09,
];

/// `(2^r - 1 - r ln 2) / r²`.
const EXP2: [f64; 10] = [
    0.24022650695910122,
    0.05550410866482074,
    0.009618129107596992,
    0.0013333558146686045,
    0.0001540353045405542,
    1.5252733546925694e-05,
    1.321543661482915e-06,
    1.0178184639246666e-07,
    7.073578318150993e-09,
    4.436304326904481e-10,
];

/// `ln 2` less the `f64` nearest to it.
const LN_2_REST: f64 = 2.3190468138462996e-17;

/// A power as `(hi + lo) · scale.0 · scale.1`, where `hi` is near 1 and `lo` below half its last
/// place.
#[derive(Clone, Copy)]
pub(in crate::op) struct Power {
    pub(super) hi: f64,
    pub(super) lo: f64,
    scale: (f64, f64),
}

impl Power {
    /// The power times a `factor` near 1.
    #[inline(always)]
    pub(super) fn times(self, factor: f64) -> f64 {
        (self.hi + self.lo) * factor * self.scale.0 * self.scale.1
    }

    /// The power times the sum of two numbers, the second of which is small; rounded once.
    #[inline(always)]
    pub(super) fn times_sum(self, factor: f64, rest: f64) -> f64 {
        let (product, lost) = two_product(self.hi, factor);
        let lost = lost + (self.lo * factor + self.hi * rest);
        (product + lost) * self.scale.0 * self.scale.1
    }

    /// The power as the sum of two numbers, as long as it is neither below the normal numbers nor
    /// too great.
    #[inline(always)]
    pub(in crate::op) fn sum(self) -> (f64, f64) {
        let scale = self.scale.0 * self.scale.1;
        (self.hi * scale, self.lo * scale)
    }
}

/// `2^⌈k/2⌋` and `2^(k - ⌈k/2⌋)` for whole `k` between -2000 and 2000.
#[inline(always)]
fn halves(k: f64) -> (f64, f64) {
    // The last bits of a sum with this are a biased exponent.
    const BIASED: f64 = ROUND + 1023.0;
    let first = k * 0.5 + BIASED;
    let second = (k - (first - BIASED)) + BIASED;
    (
        f64::from_bits(first.to_bits() << MANTISSA_BITS),
        f64::from_bits(second.to_bits() << MANTISSA_BITS),
    )
}

/// `e^x`, where `x` is held between -750 and 712; beyond them the power times 4 is 0, and half of it
/// is infinite.
#[inline(always)]
pub(super) fn power(x: f64) -> Power {
    power_of_parts(hold(x, -750.0, 712.0), 0.0)
}

/// `e^(x + lo)`, where `lo` is below the last place of `x`, or any number where that is not held.
#[inline(always)]
pub(in crate::op) fn power_of_sum(x: f64, lo: f64) -> Power {
    let held = hold(x, -750.0, 712.0);
    power_of_parts(held, if held == x { lo } else { 0.0 })
}

#[inline(always)]
fn power_of_parts(x: f64, lo: f64) -> Power {
    let k = (x * LOG2_E + ROUND) - ROUND;
    let (r_hi, r_lo) = (x - k * LN2_HI, k * LN2_LO - lo);
    let r = r_hi - r_lo;
    let (hi, lost) = fast_two_sum(1.0, r_hi);
    let lo = lost + (r * r * polynomial(r, &EXP) - r_lo);
    Power { hi, lo, scale: halves(k) }
}

/// `e^x`. Within 0.8 ULP. 0 below -745.14, `∞` above 709.79.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    power(x).times(1.0)
}

/// The power of two, where `x` is held between -1080 and 1026. The rest `x - k` is exact here.
#[inline(always)]
fn power_of_two(x: f64) -> Power {
    let x = hold(x, -1080.0, 1026.0);
    let k = (x + ROUND) - ROUND;
    let r = x - k;
    let (hi, lost) = fast_two_sum(1.0, r * LN_2);
    let lo = lost + (r * r * polynomial(r, &EXP2) + r * LN_2_REST);
    Power { hi, lo, scale: halves(k) }
}

/// `2^x`. Within 0.9 ULP; exact for whole `x`. 0 from -1075 down, `∞` from 1024 on.
#[inline(always)]
pub(crate) fn exp2(x: f64) -> f64 {
    power_of_two(x).times(1.0)
}

/// `2^x ln 2`, the slope of [`exp2`]; finite until it overflows itself. Within 2 ULP.
#[inline(always)]
pub(crate) fn exp2_slope(x: f64) -> f64 {
    power_of_two(x).times(LN_2)
}

/// `e^x - 1` as the sum of two numbers, for `x ≤ 60`. The sign of a zero is lost.
#[inline(always)]
pub(in crate::op) fn exp_m1_sum(power: Power) -> (f64, f64) {
    let (hi, lo) = power.sum();
    let (difference, lost) = two_sum(hi, -1.0);
    (difference, lost + lo)
}

/// `e^x - 1`, with the power in two parts, so that nothing is lost where 1 cancels.
///
/// Within 1.3 ULP. ±0 stay; -1 at `-∞`.
#[inline(always)]
pub(crate) fn exp_m1(x: f64) -> f64 {
    let power = power(x);
    let (hi, lo) = exp_m1_sum(power);
    let great = power.times(1.0);
    let y = if x > 60.0 { great } else { hi + lo };
    y.copysign(x)
}
