//! The logistic function and its integral. With `e = e^(-|x|)` nothing overflows.

use super::exponential::power;
use super::logarithm::ln_1p_unit;
use super::parts::fast_two_sum;

/// `1 / (1 + e^-x)`. What the sum `1 + e` loses is put back into the quotient, where a twentieth of it
/// may be wrong: `1/d` is near `(24 - 8d)/17` for `d` from 1 to 2.
#[inline(always)]
pub(crate) fn sigmoid(x: f64) -> f64 {
    let e = power(-x.abs()).times(1.0);
    let (sum, lost) = fast_two_sum(1.0, e);
    let y = if x < 0.0 { e } else { 1.0 } / sum;
    y - y * (lost * (24.0 / 17.0 - 8.0 / 17.0 * sum))
}

/// `e / (1 + e)²`, the slope of [`sigmoid`].
#[inline(always)]
pub(crate) fn sigmoid_slope(x: f64) -> f64 {
    let e = power(-x.abs()).times(1.0);
    e / (1.0 + e * (2.0 + e))
}

/// `ln(1 + e^x) = max(x, 0) + ln(1 + e)`.
#[inline(always)]
pub(crate) fn softplus(x: f64) -> f64 {
    let tail = ln_1p_unit(power(-x.abs()).times(1.0));
    if x > 0.0 { x + tail } else { tail }
}

/// `-ln(1 + e^-x)`.
#[inline(always)]
pub(crate) fn log_sigmoid(x: f64) -> f64 {
    -softplus(-x)
}
