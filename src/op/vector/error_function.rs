//! `erf`, `erfc`, and their slope.
//!
//! Up to 1 (`erf`) and one half (`erfc`) a polynomial for `erf(x)/x`. Beyond, `erfc(x) = e^(-x²) w g(q)` with
//! `w = 1 / (x + 2)` and `q = (x - 2) / (x + 2)`, where `g` is smooth to infinity (after Shepherd and
//! Laframboise, Math. Comp. 36 (1981) 249). DLMF section 7.2.

use super::exponential::{Power, power_of_sum};
use super::parts::{fast_two_sum, polynomial, two_product};
use std::f64::consts::FRAC_2_SQRT_PI;

/// `erf(x)/x - 1` in powers of `x²`, for `|x| ≤ 1`.
const ERF: [f64; 13] = [
    0.1283791670955126,
    -0.3761263890318375,
    0.11283791670954857,
    -0.026866170645072896,
    0.005223977624780867,
    -0.0008548326978742312,
    0.00012055331036905455,
    -1.4925593507050892e-05,
    1.6460972819719146e-06,
    -1.635002525139848e-07,
    1.4657880034063603e-08,
    -1.1365666695869012e-09,
    5.945262982589014e-11,
];

/// `(x + 2) e^(x²) erfc(x)` in powers of `q`, for `x` from 0.5 to 28: the first two
/// coefficients in two parts, and the others.
const ERFCX: ([(f64, f64); 2], [f64; 22]) = (
    [(1.021582705242023, -1.832563921346076e-17), (-0.6871606844138106, 4.211103281379301e-17)],
    [
        0.2794720925560555,
        -0.03644223150688212,
        -0.021510661889556214,
        0.006479185067939297,
        0.0030906120616596413,
        -0.0008372960683598617,
        -0.0006630735477457988,
        3.437153138901115e-05,
        0.00014447114959454546,
        3.414796014589146e-05,
        -2.1698390372150256e-05,
        -1.6115091583569857e-05,
        -1.1191371353891226e-06,
        3.62067758303946e-06,
        1.994574991096126e-06,
        5.9314074883549776e-08,
        -5.82626324227749e-07,
        -4.078372185148615e-07,
        4.313892756915051e-08,
        1.728160803164071e-07,
        5.978770080157213e-09,
        -2.8013401701647993e-08,
    ],
);

/// `e^(-x²)`; what `x²` loses comes back in the exponent.
#[inline(always)]
fn gauss(x: f64) -> Power {
    let (square, lost) = two_product(x, x);
    power_of_sum(-square, -lost)
}

/// `erf x` for `|x| ≤ 1`.
#[inline(always)]
fn near(x: f64) -> f64 {
    x + x * polynomial(x * x, &ERF)
}

/// `erfc x` for `x ≥ ½`; 0 from 28 on. `w` is the sum of two numbers, so that `q = 1 - 4w`, which `g`
/// depends on most near one half, is right to its last place.
#[inline(always)]
fn far(x: f64) -> f64 {
    let x = if x > 28.0 { 28.0 } else { x };
    let sum = x + 2.0;
    let lost = if x > 2.0 { 2.0 - (sum - x) } else { x - (sum - 2.0) };
    let w = sum.recip();
    let (product, product_lost) = two_product(w, sum);
    let w_lost = w * ((1.0 - product) - (product_lost + w * lost));
    let q = (1.0 - 4.0 * w) - 4.0 * w_lost;
    let ([first, second], others) = ERFCX;
    let above = q * (second.0 + q * polynomial(q, &others));
    let (g, g_lost) = fast_two_sum(first.0, above + (first.1 + q * second.1));
    let (factor, factor_lost) = two_product(w, g);
    gauss(x).times_sum(factor, factor_lost + (w_lost * g + w * g_lost))
}

/// [`far`] to some 2^-50 of it, which is enough to take it from 1 where it is below a sixth.
#[inline(always)]
fn far_roughly(x: f64) -> f64 {
    let x = if x > 28.0 { 28.0 } else { x };
    let ([first, second], others) = ERFCX;
    let w = (x + 2.0).recip();
    let q = 1.0 - 4.0 * w;
    gauss(x).times(w * (first.0 + q * (second.0 + q * polynomial(q, &others))))
}

/// `erf x`. Within 1.4 ULP. ±0 stay; ±1 at `±∞`.
#[inline(always)]
pub(crate) fn erf(x: f64) -> f64 {
    let magnitude = x.abs();
    let far = (1.0 - far_roughly(magnitude)).copysign(x);
    if magnitude <= 1.0 { near(x) } else { far }
}

/// `erfc x`. Within 1.6 ULP up to 6, and 2.3 beyond. 0 from 27.3 on.
#[inline(always)]
pub(crate) fn erfc(x: f64) -> f64 {
    let magnitude = x.abs();
    let far = far(magnitude);
    let far = if x < 0.0 { 2.0 - far } else { far };
    if magnitude <= 0.5 { 1.0 - near(x) } else { far }
}

/// `2/√π e^(-x²)`, the slope of [`erf`]. Within 1.4 ULP.
#[inline(always)]
pub(crate) fn erf_slope(x: f64) -> f64 {
    let magnitude = x.abs();
    gauss(if magnitude > 28.0 { 28.0 } else { magnitude }).times(FRAC_2_SQRT_PI)
}
