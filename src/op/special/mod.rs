//! Special functions and their slopes, where no crate provides them accurately enough.

mod beta;
mod double;
mod log_sum;
mod normal;
mod spread;

pub(super) use beta::{ln_beta, ln_beta_slope, tetragamma};
pub(crate) use log_sum::{is_near_zero, log_sum_near_zero};
pub(super) use normal::{
    erf_inv, erf_inv_slope, gelu, gelu_slope, ln_normal_cdf, ln_normal_cdf_slope, normal_cdf,
    normal_pdf,
};
pub(super) use spread::{variance, variance_slopes};

use double::Double;
use std::f64::consts::{FRAC_2_SQRT_PI, PI};

/// `Σ coefficients[k] x^k`.
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// `x - n` for the nearest whole `n`, exactly, and whether `n` is odd.
fn beside_whole(x: f64) -> (f64, bool) {
    let n = x.round();
    (x - n, n % 2.0 != 0.0)
}

/// `sin(πr)` for `|r| ≤ ½`.
fn sin_pi(r: f64) -> f64 {
    if r.abs() <= 0.25 { (PI * r).sin() } else { (PI * (0.5 - r.abs())).cos().copysign(r) }
}

/// `cos(πr)` for `|r| ≤ ½`.
fn cos_pi(r: f64) -> f64 {
    if r.abs() <= 0.25 { (PI * r).cos() } else { (PI * (0.5 - r.abs())).sin() }
}

/// `sin(πx) / (πx)`.
pub(super) fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    let (r, odd) = beside_whole(x.abs());
    let s = sin_pi(r) / (PI * x.abs());
    if odd { -s } else { s }
}

/// `(cos(πx) - sinc x) / x`.
///
/// Up to one half by its Taylor series. Beyond, the difference vanishes at each extremum, near
/// which it is taken in doubled precision.
pub(super) fn sinc_slope(x: f64) -> f64 {
    /// `(-1)^k π^(2k) 2k / (2k+1)!` for `k = 1, 2, ...`.
    const SERIES: [f64; 12] = [
        -3.289868133696453,
        3.2469697011334144,
        -1.1445109447325053,
        0.2091827825412384,
        -0.023460810354558236,
        0.001781145516372852,
        -9.766223126318933e-05,
        4.049947846619244e-06,
        -1.3148481279991994e-07,
        3.4330769499642866e-09,
        -7.365893777096947e-11,
        1.3217901389162318e-12,
    ];
    if x.abs() <= 0.5 {
        return x * polynomial(x * x, &SERIES);
    }
    if x.is_infinite() {
        return 0.0;
    }
    let (r, odd) = beside_whole(x.abs());
    let c = cos_pi(r);
    let difference = c - sin_pi(r) / (PI * x.abs());
    let difference =
        if difference.abs() < 0.75 * c.abs() { sinc_difference(x.abs(), r) } else { difference };
    let slope = difference / x;
    if odd { -slope } else { slope }
}

/// `cos(πr) - sin(πr) / (πx)` in doubled precision, where both terms are small: `|r|` is near ½.
fn sinc_difference(x: f64, r: f64) -> f64 {
    let z = Double::PI.times(0.5 - r.abs());
    let square = z.mul(z);
    // Horner's scheme for `sin z / z`, where |z| < 1.
    let mut series = Double::ONE;
    for k in (1..=12).rev() {
        let divisor = f64::from(2 * k * (2 * k + 1));
        series = Double::ONE.sub(square.mul(series).over(divisor));
    }
    let c = z.mul(series);
    let s = Double::ONE.sub(c.mul(c)).sqrt();
    let s = if r < 0.0 { s.negated() } else { s };
    c.sub(s.div(Double::PI.times(x))).hi
}

/// `2/√π e^(-x²)`, the slope of `erf`. The rounding of `x²` is put back as a factor.
pub(super) fn erf_slope(x: f64) -> f64 {
    if x.abs() > 28.0 {
        return 0.0;
    }
    let square = x * x;
    let lost = x.mul_add(x, -square);
    let e = FRAC_2_SQRT_PI * (-square).exp();
    e - e * lost
}

/// `ln |Γ(x)|`.
pub(super) fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// `π cot(πr)` for `0 < |r| ≤ ½`.
fn pi_cot_pi(r: f64) -> f64 {
    if r.abs() <= 0.25 {
        PI / (PI * r).tan()
    } else {
        (PI * (PI * (0.5 - r.abs())).tan()).copysign(r)
    }
}

/// The digamma function `ψ(x) = Γ'(x) / Γ(x)`.
///
/// - on `[1, 2]`: `(x - x₀) p(x)`, where `x₀` is the positive root in doubled precision;
/// - between 0 and 8: the recurrence `ψ(x+1) = ψ(x) + 1/x` into that interval;
/// - from 8: `ln x - 1/(2x) - Σ B₂ₖ / (2k x²ᵏ)`;
/// - below 0: the reflection `ψ(x) = ψ(1-x) - π cot(πx)`.
///
/// DLMF sections 5.5 and 5.11.
pub(super) fn digamma(x: f64) -> f64 {
    /// `B₂ₖ / 2k` for `k = 1, 2, ...`.
    const ASYMPTOTIC: [f64; 10] = [
        0.08333333333333333,
        -0.008333333333333333,
        0.003968253968253968,
        -0.004166666666666667,
        0.007575757575757576,
        -0.021092796092796094,
        0.08333333333333333,
        -0.4432598039215686,
        3.0539543302701198,
        -26.456212121212122,
    ];
    if x == 0.0 {
        return x.recip().copysign(-x);
    }
    if x < 0.0 {
        let r = x - x.round();
        if r == 0.0 || x.is_infinite() {
            return f64::NAN;
        }
        return digamma(1.0 - x) - pi_cot_pi(r);
    }
    if x < 1.0 {
        return digamma_near_root(1.0 + x) - x.recip();
    }
    if x < 8.0 {
        let mut low = x;
        let mut sum = 0.0;
        while low > 2.0 {
            low -= 1.0;
            sum += low.recip();
        }
        return digamma_near_root(low) + sum;
    }
    let r = x.recip();
    let w = r * r;
    x.ln() - (0.5 * r + w * polynomial(w, &ASYMPTOTIC))
}

/// [`digamma`] on `[1, 2]`.
fn digamma_near_root(x: f64) -> f64 {
    const ROOT: f64 = 1.4616321449683622;
    const ROOT_LOW: f64 = 9.549995429965697e-17;
    /// `ψ(x) / (x - x₀)` in powers of `x - 3/2`: its Chebyshev series on `[1, 2]`, cut off.
    const QUOTIENT: [f64; 23] = [
        0.9510558760318328,
        -0.4236274212814606,
        0.24054248424078736,
        -0.14840492305388006,
        0.09498872445282817,
        -0.06192213327556183,
        0.040760833944741226,
        -0.02697579665686472,
        0.01790724819228875,
        -0.011908220169786002,
        0.007927024136843637,
        -0.0052799364178857415,
        0.0035180792717028125,
        -0.0023455016279107115,
        0.0015635739915515125,
        -0.0010364227247828023,
        0.0006899428514219089,
        -0.00048606417050412354,
        0.00032689316473621455,
        -0.00014460384609240088,
        9.158816882117e-05,
        -0.00017837342400462423,
        0.00012241591000024265,
    ];
    ((x - ROOT) - ROOT_LOW) * polynomial(x - 1.5, &QUOTIENT)
}

/// The trigamma function, the slope of [`digamma`].
///
/// - from 8: `1/x + 1/(2x²) + Σ B₂ₖ / x²ᵏ⁺¹`;
/// - between 0 and 8: the recurrence `ψ'(x) = ψ'(x+1) + 1/x²`, whose terms are all positive;
/// - below 0: the reflection `ψ'(x) = π² / sin²(πx) - ψ'(1-x)`.
///
/// DLMF section 5.15.
pub(super) fn trigamma(x: f64) -> f64 {
    /// `B₂ₖ` for `k = 1, 2, ...`.
    const ASYMPTOTIC: [f64; 10] = [
        0.16666666666666666,
        -0.03333333333333333,
        0.023809523809523808,
        -0.03333333333333333,
        0.07575757575757576,
        -0.2531135531135531,
        1.1666666666666667,
        -7.092156862745098,
        54.971177944862156,
        -529.1242424242424,
    ];
    if x <= 0.0 {
        if x.is_infinite() {
            return f64::NAN;
        }
        let r = x - x.round();
        let s = PI / sin_pi(r.abs());
        return if r == 0.0 { f64::INFINITY } else { s * s - trigamma(1.0 - x) };
    }
    if x >= 8.0 || x.is_nan() {
        let r = x.recip();
        let w = r * r;
        return r + (0.5 * w + r * w * polynomial(w, &ASYMPTOTIC));
    }
    let steps = (8.0 - x).ceil();
    let mut sum = trigamma(x + steps);
    let mut k = steps;
    while k > 0.0 {
        k -= 1.0;
        let r = (x + k).recip();
        sum += r * r;
    }
    sum
}
