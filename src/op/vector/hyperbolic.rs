//! `sinh`, `cosh`, `tanh`, and `sech²`, the slope of the last.

use super::exponential::power;
use super::parts::polynomial;

/// `(sinh(x)/x - 1) / x²` in powers of `x²`, for `|x| ≤ 1`.
const SINH: [f64; 8] = [
    0.16666666666666666,
    0.008333333333333573,
    0.00019841269841061162,
    2.7557319310088016e-06,
    2.5052089413756944e-08,
    1.6061338986144477e-10,
    7.503281306205641e-13,
    6.474788216568894e-15,
];

/// `(tanh(x)/x - 1) / x²` in powers of `x²`, for `|x| ≤ 0.625`: numerator and denominator.
const TANH: ([f64; 3], [f64; 4]) = (
    [-0.3333333333333333, -0.020498799708498872, -0.0001991780435861287],
    [1.0, 0.4614963991254931, 0.02329133187629886, 0.0002065337374875025],
);

/// `sinh x`: a polynomial up to 1, and `½ e^|x| - ½ e^-|x|` beyond.
///
/// Within 1.6 ULP. ±0 stay; overflows beyond 710.47, as the true value does.
#[inline(always)]
pub(crate) fn sinh(x: f64) -> f64 {
    let square = x * x;
    let near = x + x * (square * polynomial(square, &SINH));
    let half = power(x.abs()).times(0.5);
    let far = (half - 0.25 / half).copysign(x);
    if x.abs() <= 1.0 { near } else { far }
}

/// `cosh x = ½ e^|x| + ½ e^-|x|`. Within 1.1 ULP. Overflows beyond 710.47, as the true value does.
#[inline(always)]
pub(crate) fn cosh(x: f64) -> f64 {
    let half = power(x.abs()).times(0.5);
    half + 0.25 / half
}

/// `4e` and `e` for `e = e^(-2|x|)`. The 4 goes in before `e` can become subnormal.
#[inline(always)]
fn double_tail(x: f64) -> (f64, f64) {
    let four = power(-2.0 * x.abs()).times(4.0);
    (four, 0.25 * four)
}

/// `tanh x`: a rational function up to 0.625, and `1 - 2e / (1 + e)` with `e = e^(-2|x|)` beyond. The
/// two share the division, which costs more than the rest of the shorter one.
///
/// Within 1.4 ULP. ±0 stay; ±1 at `±∞`.
#[inline(always)]
pub(crate) fn tanh(x: f64) -> f64 {
    let magnitude = x.abs();
    let square = x * x;
    let near = magnitude <= 0.625;
    let (_, e) = double_tail(x);
    let above = if near { magnitude * (square * polynomial(square, &TANH.0)) } else { -2.0 * e };
    let below = if near { polynomial(square, &TANH.1) } else { 1.0 + e };
    let base = if near { magnitude } else { 1.0 };
    (base + above / below).copysign(x)
}

/// `sech² x = 4e / (1 + e)²` with `e = e^(-2|x|)`, the slope of [`tanh`].
///
/// Within 2.3 ULP. 0 beyond 373.
#[inline(always)]
pub(crate) fn sech_squared(x: f64) -> f64 {
    let (four, e) = double_tail(x);
    four / (1.0 + e * (2.0 + e))
}
