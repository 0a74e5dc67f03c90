//! Differences of the gamma function and its relatives, without the cancellation.

use super::{ln_gamma, polynomial};

/// Where the asymptotic series begin.
const FAR: f64 = 10.0;

/// `ln Γ(x) - ((x - ½) ln x - x + ln √(2π))` for `x ≥ 10`. DLMF 5.11.1.
fn stirling_rest(x: f64) -> f64 {
    /// `B₂ₖ / (2k (2k-1))` for `k = 1, 2, ...`.
    const SERIES: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
    ];
    let r = x.recip();
    r * polynomial(r * r, &SERIES)
}

/// `ln B(a, b) = ln Γ(a) + ln Γ(b) - ln Γ(a + b)` for positive numbers. Where one is great, Stirling's
/// series of two of the terms are taken together. A. DiDonato and A. Morris, ACM TOMS 18 (1992).
pub(in crate::op) fn ln_beta(a: f64, b: f64) -> f64 {
    if !(a >= 0.0 && b >= 0.0) {
        return f64::NAN;
    }
    let (p, q) = if a < b { (a, b) } else { (b, a) };
    if p == 0.0 {
        return if q.is_infinite() { f64::NAN } else { f64::INFINITY };
    }
    if q.is_infinite() {
        return f64::NEG_INFINITY;
    }
    // `B(p, q) = B(p, q + 1) (1 + p / q)`
    let (mut q, mut factor) = (q, 1.0);
    while q < FAR {
        factor *= 1.0 + p / q;
        q += 1.0;
    }
    ln_beta_far(p, q) + factor.ln()
}

/// [`ln_beta`] of a `q` that is great.
fn ln_beta_far(p: f64, q: f64) -> f64 {
    // `ln (q / (p + q))`
    let share = -(p / q).ln_1p();
    if p < FAR {
        let rest = stirling_rest(q) - stirling_rest(p + q);
        return ln_gamma(p) + p - p * (p + q).ln() + (q - 0.5) * share + rest;
    }
    let rest = stirling_rest(p) + (stirling_rest(q) - stirling_rest(p + q));
    let ratio = p / q;
    const LN_SQRT_TAU: f64 = 0.9189385332046728;
    -0.5 * q.ln() + LN_SQRT_TAU + rest + (p - 0.5) * (ratio / (1.0 + ratio)).ln() + q * share
}

/// `ψ(a) - ψ(a + b)`, the slope of [`ln_beta`] by `a`.
///
/// From 10 the differences of the terms of the asymptotic series; below, the recurrence, whose terms
/// `1/a - 1/(a+b)` have all one sign.
pub(in crate::op) fn ln_beta_slope(a: f64, b: f64) -> f64 {
    if !(a >= 0.0 && b >= 0.0) {
        return f64::NAN;
    }
    if a == 0.0 {
        return if b == 0.0 { f64::NAN } else { f64::NEG_INFINITY };
    }
    if a.is_infinite() {
        return if b.is_infinite() { f64::NAN } else { 0.0 };
    }
    if b.is_infinite() {
        return f64::NEG_INFINITY;
    }
    let (mut low, mut sum) = (a, 0.0);
    while low < FAR {
        sum += b / (low * (low + b));
        low += 1.0;
    }
    -(sum + digamma_rise(low, b))
}

/// `ψ(x + b) - ψ(x)` for `x ≥ 10`: with `r = 1/x` and `s = 1/(x + b)`, powers `r²ᵏ - s²ᵏ` have the factor
/// `r - s = b r s`.
fn digamma_rise(x: f64, b: f64) -> f64 {
    /// `B₂ₖ / 2k` for `k = 1, 2, ...`.
    const SERIES: [f64; 8] = [
        1.0 / 12.0,
        -1.0 / 120.0,
        1.0 / 252.0,
        -1.0 / 240.0,
        1.0 / 132.0,
        -691.0 / 32_760.0,
        1.0 / 12.0,
        -3617.0 / 8160.0,
    ];
    let (r, s) = (x.recip(), (x + b).recip());
    let apart = b * r * s;
    // `(r²ᵏ - s²ᵏ) / (r - s)`, from one power to the next.
    let (mut quotient, mut power, mut sum) = (r + s, r * r, 0.0);
    for c in SERIES {
        sum += c * quotient;
        quotient = quotient * (s * s) + power * (r + s);
        power *= r * r;
    }
    (b * r).ln_1p() + apart * (0.5 + sum)
}

/// The tetragamma function `ψ''(x)`, the slope of [`trigamma`](super::trigamma).
pub(in crate::op) fn tetragamma(x: f64) -> f64 {
    if x.is_infinite() {
        return if x > 0.0 { -0.0 } else { f64::NAN };
    }
    if x.abs() < 1e-6 {
        return -2.0 / (x * x * x);
    }
    if x < 0.0 && x == x.round() {
        return f64::NAN;
    }
    super::super::curve::tetragamma(x)
}
