//! `asin`, `acos`, `atan`, `atan2`. DLMF section 4.24.

use super::parts::{fast_two_sum, polynomial};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

/// `(atan(t)/t - 1) / t²` in powers of `t²`, for `|t| ≤ ½`.
const ATAN: [f64; 13] = [
    -0.3333333333333331,
    0.199999999999924,
    -0.1428571428487331,
    0.11111111064152986,
    -0.09090907540186924,
    0.07692274665714063,
    -0.0666618909998741,
    0.058775193277900005,
    -0.05228368195520796,
    0.04583124819373931,
    -0.0369623388381478,
    0.02343027067788754,
    -0.00822310479238129,
];

/// `(asin(x)/x - 1) / x²` in powers of `x²`, for `|x| ≤ ½`.
const ASIN: [f64; 13] = [
    0.1666666666666676,
    0.07499999999970865,
    0.044642857174562976,
    0.03038194270974534,
    0.022372214939918866,
    0.017351612768522012,
    0.01398081240641516,
    0.01139897466919421,
    0.01077990098128112,
    0.003707865297054113,
    0.02170325542478209,
    -0.02099171660678246,
    0.032622846599340435,
];

/// `π/2` less the `f64` nearest to it.
const FRAC_PI_2_REST: f64 = 6.123233995736766e-17;

/// `asin x`: the polynomial up to one half, `π/2 - 2 asin √((1 - |x|)/2)` beyond.
///
/// Within 1.2 ULP. ±0 stay; NaN beyond ±1.
#[inline(always)]
pub(crate) fn asin(x: f64) -> f64 {
    let magnitude = x.abs();
    let near = magnitude <= 0.5;
    let square = if near { x * x } else { 0.5 - 0.5 * magnitude };
    let root = if near { magnitude } else { square.sqrt() };
    let rest = root * (square * polynomial(square, &ASIN));
    let (hi, lost) = fast_two_sum(FRAC_PI_2, -2.0 * root);
    let far = hi + (lost + (FRAC_PI_2_REST - 2.0 * rest));
    if near { root + rest } else { far }.copysign(x)
}

/// `acos x`: `π/2 - asin x` up to one half; beyond, `2 asin √((1 - |x|)/2)`, taken from `π` below 0.
///
/// Within 1.2 ULP. NaN beyond ±1.
#[inline(always)]
pub(crate) fn acos(x: f64) -> f64 {
    let magnitude = x.abs();
    let near = magnitude <= 0.5;
    let square = if near { x * x } else { 0.5 - 0.5 * magnitude };
    let root = if near { x } else { square.sqrt() };
    let rest = root * (square * polynomial(square, &ASIN));
    let twice = 2.0 * (root + rest);
    // `base - factor (root + rest)`, where the base is not 0.
    let (base, base_rest) =
        if near { (FRAC_PI_2, FRAC_PI_2_REST) } else { (PI, 2.0 * FRAC_PI_2_REST) };
    let factor = if near { 1.0 } else { 2.0 };
    let (hi, lost) = fast_two_sum(base, -factor * root);
    let from_base = hi + (lost + (base_rest - factor * rest));
    if magnitude > 0.5 && x > 0.0 { twice } else { from_base }
}

/// The angle of the point `(x, y)`, where neither is negative nor both 0 or infinite, and where
/// `mirror` it is taken from `π`.
///
/// With the smaller of the two as `a` and the greater as `b`: `atan(a/b)` up to one half, else
/// `π/4 + atan((a - b) / (a + b))`, whose numerator is exact.
#[inline(always)]
fn angle(y: f64, x: f64, mirror: bool) -> f64 {
    let steep = y > x;
    let (a, b) = if steep { (x, y) } else { (y, x) };
    let middle = a > 0.5 * b;
    let above = if middle { a - b } else { a };
    let below = if middle { a + b } else { b };
    let t = above / below;
    // The base as a multiple of π/4, whose last three bits are 0, and the sign of what is added.
    let base = if middle { 1.0 } else { 0.0 };
    let base = if steep { 2.0 - base } else { base };
    let base = if mirror { 4.0 - base } else { base };
    let sign = if steep { -1.0 } else { 1.0 };
    let sign = if mirror { -sign } else { sign };
    let square = t * t;
    let t = sign * t;
    let rest = t * (square * polynomial(square, &ATAN));
    let (hi, lost) = fast_two_sum(base * FRAC_PI_4, t);
    hi + (lost + (base * (0.5 * FRAC_PI_2_REST) + rest))
}

/// `atan x`. Within 1.4 ULP. ±0 stay.
#[inline(always)]
pub(crate) fn atan(x: f64) -> f64 {
    angle(x.abs(), 1.0, false).copysign(x)
}

/// `atan2(y, x)`. Two infinities count as two ones, and so do two zeros, of which the first stays.
///
/// Within 1.5 ULP.
#[inline(always)]
pub(crate) fn atan2(y: f64, x: f64) -> f64 {
    const HUGE: f64 = 1e300;
    let (a, b) = (y.abs(), x.abs());
    // Against overflow of the sum; what is lost below is less than a place of the angle.
    let scale = if a > HUGE || b > HUGE { f64::from_bits((1023 - 100) << 52) } else { 1.0 };
    let both = a == f64::INFINITY && b == f64::INFINITY;
    let a = if both { 1.0 } else { a * scale };
    let b = if both || (a == 0.0 && b == 0.0) { 1.0 } else { b * scale };
    angle(a, b, 1f64.copysign(x) < 0.0).copysign(y)
}
