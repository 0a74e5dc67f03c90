//! `sin`, `cos`, `tan`, for arguments up to [`TRIGONOMETRIC_REACH`].
//!
//! `x = n π/2 + r` with whole `n` and `|r| ≤ π/4`, by Cody and Waite: `π/2` in three parts of 33 bits,
//! whose products with `n` are exact, and a fourth; `r` in two numbers, as the last digits of
//! `x` near a multiple of `π/2` are the first of the result. Then polynomials for `sin r` and
//! `cos r`, of which the last bits of `n` choose. DLMF section 4.21.

use super::parts::{ROUND, fast_two_sum, polynomial};
use crate::op::rule::two_sum;
use std::f64::consts::FRAC_2_PI;

/// Up to here `n` has at most 20 bits.
pub(crate) const TRIGONOMETRIC_REACH: f64 = 1e6;

/// `π/2` in four parts.
const FRAC_PI_2: [f64; 4] =
    [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32];

/// `(sin(r)/r - 1) / r²` in powers of `r²`.
const SIN: [f64; 6] = [
    -0.1666666666666663,
    0.008333333333321842,
    -0.0001984126982936183,
    2.7557313540515358e-06,
    -2.5050734860565157e-08,
    1.5895471516375353e-10,
];

/// `(cos(r) - 1 + r²/2) / r⁴` in powers of `r²`.
const COS: [f64; 6] = [
    0.041666666666666595,
    -0.0013888888888873325,
    2.4801587288983702e-05,
    -2.7557314210091083e-07,
    2.087570427469436e-09,
    -1.135868360221785e-11,
];

/// The multiple of `π/2` that was taken away, in its last bits, and the sine and cosine of what is
/// left, each as a sum of two numbers.
struct Reduced {
    n: u64,
    sin: (f64, f64),
    cos: (f64, f64),
}

#[inline(always)]
fn reduced(x: f64) -> Reduced {
    let shifted = x * FRAC_2_PI + ROUND;
    let n = shifted - ROUND;
    let (second, lost_second) = two_sum(x - n * FRAC_PI_2[0], -(n * FRAC_PI_2[1]));
    let (third, lost_third) = two_sum(second, -(n * FRAC_PI_2[2]));
    let (r, lo) = fast_two_sum(third, (lost_second + lost_third) - n * FRAC_PI_2[3]);
    let z = r * r;
    let half = 0.5 * z;
    let sin = (r, r * z * polynomial(z, &SIN) + (lo - half * lo));
    let (near, lost) = fast_two_sum(1.0, -half);
    let cos = (near, lost + (z * z * polynomial(z, &COS) - r * lo));
    Reduced { n: shifted.to_bits(), sin, cos }
}

/// `a` where the last bit of `n` is 0, else `b`.
#[inline(always)]
fn by_parity(n: u64, a: f64, b: f64) -> f64 {
    let mask = (n & 1).wrapping_neg();
    f64::from_bits((a.to_bits() & !mask) | (b.to_bits() & mask))
}

/// `y`, with its sign changed where the bit of `n` before the last is 1.
#[inline(always)]
fn signed(n: u64, y: f64) -> f64 {
    f64::from_bits(y.to_bits() ^ ((n & 2) << 62))
}

/// `sin x`. Within 0.9 ULP. ±0 stay; NaN at `±∞`.
#[inline(always)]
pub(crate) fn sin(x: f64) -> f64 {
    let Reduced { n, sin, cos } = reduced(x);
    let y = signed(n, by_parity(n, sin.0 + sin.1, cos.0 + cos.1));
    if x == 0.0 { x } else { y }
}

/// `cos x`. Within 0.9 ULP. NaN at `±∞`.
#[inline(always)]
pub(crate) fn cos(x: f64) -> f64 {
    let Reduced { n, sin, cos } = reduced(x);
    signed(n.wrapping_add(1), by_parity(n, cos.0 + cos.1, sin.0 + sin.1))
}

/// `tan x`: sine by cosine or, for odd `n`, cosine by sine.
///
/// With what their roundings lost the quotient `q = a / b` becomes `q + (a' - q b') / b`. There a
/// tenth may be wrong: `1 / cos r` is near `1.84 - 0.86 cos r`, and `1 / sin r = q / cos r`.
///
/// Within 1.5 ULP. ±0 stay; NaN at `±∞`.
#[inline(always)]
pub(crate) fn tan(x: f64) -> f64 {
    let Reduced { n, sin, cos } = reduced(x);
    let (sin, cos) = (fast_two_sum(sin.0, sin.1), fast_two_sum(cos.0, cos.1));
    let quotient = by_parity(n, sin.0, cos.0) / by_parity(n, cos.0, sin.0);
    let lost = by_parity(n, sin.1, cos.1) - quotient * by_parity(n, cos.1, sin.1);
    let mend = lost * (1.84 - 0.86 * cos.0) * by_parity(n, 1.0, quotient);
    let y = signed(n << 1, quotient + mend);
    if x == 0.0 { x } else { y }
}
