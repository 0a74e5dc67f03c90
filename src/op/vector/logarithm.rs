//! `ln`, `ln_1p`, `log2`, `log10`.
//!
//! `x = 2^k (1 + f)` with `1 + f` between `√½` and `√2`. With `s = f / (2 + f)` is
//! `ln(1 + f) = 2 atanh s = f - (f²/2 - s (f²/2 + R))`, where `R = 2/3 s² + 2/5 s⁴ + ...` is a
//! polynomial (the method of fdlibm's `__ieee754_log`, Sun Microsystems, 1993). `k ln 2 + f` is
//! summed with what its rounding takes.

use super::parts::{LN2_HI, LN2_LO, MANTISSA_BITS, ROUND, fast_two_sum, polynomial};
use std::f64::consts::{LOG2_E, LOG10_2, LOG10_E};

/// `(2 atanh(s)/s - 2) / s²` in powers of `s²`.
const ATANH: [f64; 7] = [
    0.6666666666666735,
    0.39999999999409325,
    0.2857142874369748,
    0.2222219842743054,
    0.1818357245522009,
    0.1531382912378903,
    0.14798293615680894,
];

const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
const MANTISSA: u64 = (1 << MANTISSA_BITS) - 1;

/// `k` and `f` with `x = 2^k (1 + f)`, for positive finite `x`.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    /// The bits of `2^52`; a small whole number in its last bits is added to it.
    const CARRIER: u64 = 0x4330_0000_0000_0000;
    const CARRIED: f64 = 4503599627370496.0 + 1023.0;
    let small = x < f64::MIN_POSITIVE;
    let scaled = if small { x * 18014398509481984.0 } else { x };
    let bias = if small { CARRIED + 54.0 } else { CARRIED };
    // The exponent steps up at √2 in place of 2.
    let bits = scaled.to_bits().wrapping_add(1f64.to_bits() - SQRT_HALF);
    let k = f64::from_bits((bits >> MANTISSA_BITS) | CARRIER) - bias;
    let near_one = f64::from_bits((bits & MANTISSA) + SQRT_HALF);
    (k, near_one - 1.0)
}

/// `half`, `rest` and `s`, where `ln(1 + f) = f - half + rest`.
#[inline(always)]
fn kernel(f: f64) -> (f64, f64, f64) {
    let s = f / (2.0 + f);
    let z = s * s;
    let half = 0.5 * f * f;
    (half, s * (half + z * polynomial(z, &ATANH)), s)
}

/// `y` where `x` is positive and finite; the limits and NaN elsewhere.
#[inline(always)]
fn ends(x: f64, y: f64) -> f64 {
    let y = if x < f64::INFINITY { y } else { x };
    let below = if x == 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    if x > 0.0 { y } else { below }
}

/// `ln x`. Within 0.9 ULP. `-∞` at ±0; NaN below.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    let (k, f) = split(x);
    let (half, rest, _) = kernel(f);
    let (sum, lost) = fast_two_sum(k * LN2_HI, f);
    ends(x, sum + (lost - (half - (rest + k * LN2_LO))))
}

/// `ln(1 + x + rest)`, where `rest` is below the last place of `x`. The sign of a zero is lost.
///
/// What the sum `1 + x` loses comes back as `lost / (1 + x)`. The quotient needs few digits, as `lost`
/// is below the last place of the sum, except that it must be `lost` where the sum is 1: it is taken
/// from `1 / (1 + f) = (1 - s) / (1 + s)`.
#[inline(always)]
pub(super) fn ln_1p_sum(x: f64, rest: f64) -> f64 {
    let u = 1.0 + x;
    let lost = if x > 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) };
    let (k, f) = split(u);
    // 2^-k, as far as it matters.
    let exponent = if k > 100.0 { 100.0 } else { k };
    let back = f64::from_bits((ROUND + 1023.0 - exponent).to_bits() << MANTISSA_BITS);
    let (half, kernel_rest, s) = kernel(f);
    let mend = (lost + rest) * back * ((1.0 - s) * (1.0 - s + s * s));
    let (sum, lost) = fast_two_sum(k * LN2_HI, f);
    ends(u, sum + (lost - (half - (kernel_rest + (k * LN2_LO + mend)))))
}

/// `ln(1 + x)`. Within 0.9 ULP. ±0 stay; `-∞` at -1; NaN below.
#[inline(always)]
pub(crate) fn ln_1p(x: f64) -> f64 {
    ln_1p_sum(x, 0.0).copysign(x)
}

/// [`ln_1p`] for `x` from 0 to 1, where there is little to take apart.
#[inline(always)]
pub(super) fn ln_1p_unit(x: f64) -> f64 {
    let u = 1.0 + x;
    let lost = x - (u - 1.0);
    let above = u > std::f64::consts::SQRT_2;
    let back = if above { 0.5 } else { 1.0 };
    let f = u * back - 1.0;
    let (half, rest, s) = kernel(f);
    let mend = lost * back * ((1.0 - s) * (1.0 - s + s * s));
    let (sum, error) = fast_two_sum(if above { LN2_HI } else { 0.0 }, f);
    let low = if above { LN2_LO } else { 0.0 };
    sum + (error - (half - (rest + (low + mend))))
}

/// `k a + b ln(1 + f)`, the factors in two parts of which the first has at most 32 bits.
#[inline(always)]
fn to_base(x: f64, a: (f64, f64), b: (f64, f64)) -> f64 {
    const UPPER: u64 = !0 << 32;
    let (k, f) = split(x);
    let (half, rest, _) = kernel(f);
    let hi = f64::from_bits((f - half).to_bits() & UPPER);
    let lo = ((f - hi) - half) + rest;
    let (sum, lost) = fast_two_sum(k * a.0, hi * b.0);
    ends(x, sum + (lost + (lo * b.0 + ((lo + hi) * b.1 + k * a.1))))
}

/// `x` cut to its upper 32 bits, and what is left of it, given what `x` itself lacks.
const fn cut(x: f64, rest: f64) -> (f64, f64) {
    let hi = f64::from_bits(x.to_bits() & (!0 << 32));
    (hi, (x - hi) + rest)
}

/// `log₂ x`; exact for powers of two. Within 0.9 ULP.
#[inline(always)]
pub(crate) fn log2(x: f64) -> f64 {
    const FACTOR: (f64, f64) = cut(LOG2_E, 2.0355273740931033e-17);
    to_base(x, (1.0, 0.0), FACTOR)
}

/// `log₁₀ x`. Within 0.8 ULP.
#[inline(always)]
pub(crate) fn log10(x: f64) -> f64 {
    const OF_TWO: (f64, f64) = cut(LOG10_2, -2.8037281277851704e-18);
    const FACTOR: (f64, f64) = cut(LOG10_E, 1.098319650216765e-17);
    to_base(x, OF_TWO, FACTOR)
}
