//! The normal distribution and its relatives. The tails fall so fast that the rounding of an argument
//! would cost hundreds of units in the last place: it is put back as a factor or a term.

use super::erf_slope;
use std::f64::consts::FRAC_1_SQRT_2;

/// `1/√2` beyond its `f64`.
const FRAC_1_SQRT_2_LOW: f64 = -4.833646656726457e-17;
/// `1/√(2π)`.
const FRAC_1_SQRT_TAU: f64 = 0.3989422804014327;
/// `ln √(2π)`.
const LN_SQRT_TAU: f64 = 0.9189385332046728;
/// From here down the logarithm of the distribution is taken from its asymptotic series.
const TAIL: f64 = -25.0;

/// `e^(-x²/2) / √(2π)`, the slope of [`normal_cdf`].
pub(in crate::op) fn normal_pdf(x: f64) -> f64 {
    if x.abs() > 39.0 {
        return 0.0;
    }
    let square = x * x;
    let lost = x.mul_add(x, -square);
    let e = FRAC_1_SQRT_TAU * (-0.5 * square).exp();
    e - e * (0.5 * lost)
}

/// `factor φ(x)`, rounded as often where `φ(x)` is subnormal: the power is taken as a square.
fn times_pdf(factor: f64, x: f64) -> f64 {
    let square = x * x;
    let lost = x.mul_add(x, -square);
    let root = (-0.25 * square).exp();
    // Where it is 0 the rest may be infinite.
    if root == 0.0 {
        return 0f64.copysign(factor);
    }
    let factor = factor * FRAC_1_SQRT_TAU;
    (factor - factor * (0.5 * lost)) * root * root
}

/// `Φ(x) = erfc(-x/√2) / 2`.
pub(in crate::op) fn normal_cdf(x: f64) -> f64 {
    let z = -x * FRAC_1_SQRT_2;
    let lost = (-x).mul_add(FRAC_1_SQRT_2, -z) - x * FRAC_1_SQRT_2_LOW;
    let tail = libm::erfc(z);
    // Where the slope is 0 the argument may be infinite, and what it lost is no number.
    let slope = erf_slope(z);
    0.5 * if slope == 0.0 { tail } else { tail - slope * lost }
}

/// `1 - 1/x² + 3/x⁴ - 15/x⁶ ...`: what `Φ(x)` is of `φ(x) / |x|`, far below 0. DLMF 7.12.1.
fn tail_ratio(x: f64) -> f64 {
    let w = (x * x).recip();
    let series = [1.0, -1.0, 3.0, -15.0, 105.0, -945.0, 10395.0, -135135.0, 2027025.0];
    super::polynomial(w, &series)
}

/// `ln Φ(x)`.
pub(in crate::op) fn ln_normal_cdf(x: f64) -> f64 {
    if x < TAIL {
        return -(0.5 * x * x) - ((-x).ln() + LN_SQRT_TAU) + tail_ratio(x).ln();
    }
    if x > 0.0 { (-normal_cdf(-x)).ln_1p() } else { normal_cdf(x).ln() }
}

/// `φ(x) / Φ(x)`.
pub(in crate::op) fn ln_normal_cdf_slope(x: f64) -> f64 {
    if x < TAIL { -x / tail_ratio(x) } else { normal_pdf(x) / normal_cdf(x) }
}

/// `x Φ(x)`.
pub(in crate::op) fn gelu(x: f64) -> f64 {
    // There `Φ` itself loses bits to underflow.
    if x < TAIL { times_pdf(-tail_ratio(x), x) } else { x * normal_cdf(x) }
}

/// `Φ(x) + x φ(x)`.
pub(in crate::op) fn gelu_slope(x: f64) -> f64 {
    if x < TAIL {
        return times_pdf(x - tail_ratio(x) / x, x);
    }
    let pdf = normal_pdf(x);
    if pdf == 0.0 { normal_cdf(x) } else { x.mul_add(pdf, normal_cdf(x)) }
}

/// The inverse of the error function.
///
/// A start within a few percent, and Newton's method with its second-order term (Halley's), on `erf` up
/// to one half and on `erfc` beyond, which is exact to the last place near 1 too.
pub(in crate::op) fn erf_inv(y: f64) -> f64 {
    let size = y.abs();
    if y == 0.0 || size == 1.0 || size.is_nan() || size > 1.0 {
        return match size {
            1.0 => f64::INFINITY.copysign(y),
            0.0 => y,
            _ => f64::NAN,
        };
    }
    // S. Winitzki, "A handy approximation for the error function and its inverse" (2008).
    const A: f64 = 0.147;
    let ln = (-size * size).ln_1p();
    let t = 2.0 / (std::f64::consts::PI * A) + 0.5 * ln;
    let start = ((t * t - ln / A).sqrt() - t).sqrt();
    // That cancels near 0.
    let mut x = if size < 1e-3 { size / std::f64::consts::FRAC_2_SQRT_PI } else { start };
    for _ in 0..3 {
        let step = erf_beyond(x, size) / erf_slope(x);
        x -= step / (1.0 + x * step);
    }
    x.copysign(y)
}

/// `erf x - y` for `x, y ≥ 0`.
fn erf_beyond(x: f64, y: f64) -> f64 {
    if y <= 0.5 { libm::erf(x) - y } else { (1.0 - y) - libm::erfc(x) }
}

/// `√π/2 e^(x²)` with `x = erf⁻¹ y`; what `x` lost to rounding comes back as a factor.
pub(in crate::op) fn erf_inv_slope(y: f64, x: f64) -> f64 {
    let size = x.abs();
    let slope = erf_slope(size);
    if slope == 0.0 || size.is_nan() {
        return slope.recip();
    }
    let lost = -erf_beyond(size, y.abs()) / slope;
    (1.0 + 2.0 * size * lost) / slope
}
