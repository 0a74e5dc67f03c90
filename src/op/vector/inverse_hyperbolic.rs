//! `asinh`, `acosh`, `atanh`, by `ln(1 + t)`. DLMF section 4.37.

use super::logarithm::{ln_1p, ln_1p_sum};
use super::parts::fast_two_sum;
use std::f64::consts::LN_2;

/// From here on `asinh x` and `acosh x` are `ln 2x` to the last place.
const GREAT: f64 = 1e9;

/// `ln(1 + t)`, `t` as the sum of two numbers, or `ln 2x` where `x` is great.
#[inline(always)]
fn by_size(x: f64, t: (f64, f64)) -> f64 {
    let great = x > GREAT;
    let ln = ln_1p_sum(if great { x - 1.0 } else { t.0 }, if great { 0.0 } else { t.1 });
    if great { ln + LN_2 } else { ln }
}

/// `asinh x = ln(1 + t)` with `t = |x| + x² / (1 + √(1 + x²))`.
#[inline(always)]
pub(crate) fn asinh(x: f64) -> f64 {
    let magnitude = x.abs();
    let square = x * x;
    let t = fast_two_sum(magnitude, square / (1.0 + (1.0 + square).sqrt()));
    by_size(magnitude, t).copysign(x)
}

/// `acosh x = ln(1 + t)` with `t = √(2d + d²) + d`, `d = x - 1`.
#[inline(always)]
pub(crate) fn acosh(x: f64) -> f64 {
    let d = x - 1.0;
    let y = by_size(x, fast_two_sum((d * (2.0 + d)).sqrt(), d));
    if x >= 1.0 { y } else { f64::NAN }
}

/// `atanh x = ½ ln(1 + t)` with `t = 2|x| / (1 - |x|)`.
#[inline(always)]
pub(crate) fn atanh(x: f64) -> f64 {
    let magnitude = x.abs();
    let y = 0.5 * ln_1p((2.0 * magnitude) / (1.0 - magnitude));
    if magnitude <= 1.0 { y.copysign(x) } else { f64::NAN }
}

/// `1 / √(1 + x²)`, the slope of [`asinh`].
#[inline(always)]
pub(crate) fn asinh_slope(x: f64) -> f64 {
    super::hypot(x, 1.0).recip()
}
