//! `asinh`, `acosh`, `atanh`, by `ln(1 + t)`. DLMF section 4.37.

use super::logarithm::{ln_1p, ln_1p_sum};
use super::parts::{fast_two_sum, two_product};
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

/// `asinh x = ln(1 + t)` with `t = |x| + x² / (1 + √(1 + x²))`. Within 1.1 ULP. ±0 stay.
#[inline(always)]
pub(crate) fn asinh(x: f64) -> f64 {
    let magnitude = x.abs();
    let square = x * x;
    let t = fast_two_sum(magnitude, square / (1.0 + (1.0 + square).sqrt()));
    by_size(magnitude, t).copysign(x)
}

/// `acosh x = ln(1 + t)` with `t = √(d (2 + d)) + d`, `d = x - 1`. What sum, product and root lose goes
/// back into the root. Within 0.9 ULP. NaN below 1.
#[inline(always)]
pub(crate) fn acosh(x: f64) -> f64 {
    let d = x - 1.0;
    let sum = 2.0 + d;
    let lost = if d > 2.0 { 2.0 - (sum - d) } else { d - (sum - 2.0) };
    let (product, product_lost) = two_product(d, sum);
    let root = product.sqrt();
    let (square, square_lost) = two_product(root, root);
    let residual = ((product - square) - square_lost) + (product_lost + d * lost);
    // The root is 0 or at least 1e-8.
    let mend = residual / (2.0 * root + f64::MIN_POSITIVE);
    let (t, t_lost) = fast_two_sum(root, d);
    let y = by_size(x, (t, t_lost + mend));
    if x >= 1.0 { y } else { f64::NAN }
}

/// `atanh x = ½ ln(1 + t)` with `t = 2|x| / (1 - |x|)`.
///
/// Within 2 ULP. ±0 stay; infinite at ±1, NaN beyond.
#[inline(always)]
pub(crate) fn atanh(x: f64) -> f64 {
    let magnitude = x.abs();
    let y = 0.5 * ln_1p((2.0 * magnitude) / (1.0 - magnitude));
    if magnitude <= 1.0 { y.copysign(x) } else { f64::NAN }
}

/// `1 / √(1 + x²)`, the slope of [`asinh`]. Within 1.5 ULP.
#[inline(always)]
pub(crate) fn asinh_slope(x: f64) -> f64 {
    super::hypot(x, 1.0).recip()
}
