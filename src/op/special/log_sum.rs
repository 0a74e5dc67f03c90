//! `ln Σ e^xᵢ` near its zeros.
//!
//! Usually it is `m + ln Σ e^(xᵢ - m)` with the greatest `m`. Two things take digits from that. A sum near 1 is rounded
//! by more than its logarithm bears: there it is `m + ln(1 + Σ')` with the sum `Σ'` of all but one. And where `m` is
//! negative and the logarithm nearly `-m`, both cancel: there Newton's method goes on from that estimate `y`,
//!
//! ```text
//! y + ln(1 + t)        t = (e^(m - y) - 1) + Σ' e^(xᵢ - y)
//! ```
//!
//! where `t`, of the size of the error of `y`, is found in doubled precision.

use super::super::vector::{exp_m1_sum, power_of_sum};
use super::double::Double;
use std::f64::consts::LOG2_E;

/// Whether the value `y` is so small, alone or beside the logarithm that was added to the greatest of the numbers,
/// that it is better [found another way](log_sum_near_zero).
#[inline(always)]
pub(crate) fn is_near_zero(most: f64, y: f64) -> bool {
    let size = y.abs();
    (size < 0.5) | ((most < 0.0) & ((size < 1.0) | (2.0 * size < y - most)))
}

/// `ln Σ e^x`, where the greatest number is finite and the sum of it and a logarithm is `y`. Within 2 ULP, or
/// 2^-102 of that number, which is more where its rounding alone keeps the value from 0; and, below the range of normal
/// numbers, some of the least ones.
#[cold]
#[inline(never)]
pub(crate) fn log_sum_near_zero(
    xs: impl Iterator<Item = f64> + Clone,
    most: f64,
    mut y: f64,
) -> f64 {
    let cancels = |y: f64| most < 0.0 && 2.0 * y.abs() < y - most;
    if !cancels(y) {
        y = most + sum_less_one(xs.clone(), most, most, 0).hi.ln_1p();
        if !cancels(y) {
            return y;
        }
    }
    // An error of 2^-56 is enough for most, and one of 2^-68 for most others.
    let exact = match y.abs() {
        0.0625.. => 0,
        1e-4.. => 2,
        _ => 8,
    };
    let mut t = sum_less_one(xs.clone(), most, y, exact);
    if t.hi.abs() > 1e-10 {
        // After an estimate in single precision.
        y += t.hi.ln_1p();
        t = sum_less_one(xs, most, y, exact);
    }
    let next = Double::sum(y, t.hi);
    next.hi + (next.lo + (t.lo - t.hi * t.hi * (0.5 - t.hi / 3.0)))
}

/// `Σ e^(x - at) - 1`, where the 1 is taken from what the first of the greatest numbers makes.
fn sum_less_one(xs: impl Iterator<Item = f64>, most: f64, at: f64, exact: usize) -> Double {
    let mut sum = exp(Double::sum(most, -at), exact, true);
    let mut met = false;
    for x in xs {
        if !met && x == most {
            met = true;
        } else {
            sum = sum.add(exp(Double::sum(x, -at), exact, false));
        }
    }
    sum
}

/// `e^x`, or that less 1. Its error is below 2^-56 of the greater of it and 1, with two terms of a series in doubled
/// precision below 2^-68 of that, and with eight below 2^-98 of itself.
fn exp(x: Double, exact: usize, less_one: bool) -> Double {
    /// The first 32 bits of `ln 2`, whose product with `k` is exact, and what is left.
    const LN_2: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN_2_REST: Double = Double { hi: 1.9082149292705877e-10, lo: 1.1612227229362532e-26 };
    /// Of the series, as far as they matter.
    const TERMS: usize = 15;
    if x.hi == 0.0 {
        return if less_one { Double::ZERO } else { Double::ONE };
    }
    // Below the least number it is 0.
    if exact == 0 || x.hi < -746.0 {
        let power = power_of_sum(x.hi, x.lo);
        let (hi, lo) = if less_one { exp_m1_sum(power) } else { power.sum() };
        return Double::sum(hi, lo);
    }
    let k = (x.hi * LOG2_E).round();
    // e^r - 1 = r (1 + r/2 (1 + r/3 (1 + ...))) of a sixteenth of what is left, which is below 0.022.
    let r = x.sub(Double::sum(k * LN_2, 0.0)).sub(LN_2_REST.times(k)).times(0.0625);
    let rough = (exact + 1..=TERMS).rev().fold(0.0, |rest, term| r.hi / term as f64 * (1.0 + rest));
    let mut rest = Double::sum(rough, 0.0);
    for term in (1..=exact).rev() {
        rest = r.mul(Double::ONE.add(rest)).over(term as f64);
    }
    // (1 + e)² - 1
    for _ in 0..4 {
        rest = rest.add(rest).add(rest.mul(rest));
    }
    if less_one && k == 0.0 {
        return rest;
    }
    // In two factors, for the power itself may be below the range of normal numbers.
    let half = (k / 2.0).trunc();
    let e =
        Double::ONE.add(rest).times(2_f64.powi(half as i32)).times(2_f64.powi((k - half) as i32));
    if less_one { e.sub(Double::ONE) } else { e }
}
