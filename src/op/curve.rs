//! Second derivatives too long for an entry of the table.
//!
//! They are expressions in any [`Scalar`], and programs record them: where a branch is needed, both
//! sides are computed and `select` takes one. The side not taken may be anything.

use crate::op::scalar::Scalar;
use std::f64::consts::PI;

/// `x`, and `guard` itself where it is 0 or NaN: a factor that is 0 ends all that it multiplies.
pub(super) fn unless_zero<S: Scalar>(guard: S, x: S) -> S {
    S::select(guard.abs().above(0.0), x, guard)
}

/// `x`, but NaN where the value `y` is: outside the domain there is no derivative, whatever a formula
/// happens to give.
pub(super) fn within<S: Scalar>(y: S, x: S) -> S {
    S::select(y.abs().above(-1.0), x, y)
}

/// The difference of two numbers, 0 of two infinities that are equal.
fn apart<S: Scalar>(a: S, b: S) -> S {
    let zero = || S::from(0.0);
    let tied = within(a, within(b, zero()));
    S::select(a.above(b), a - b, S::select(b.above(a), a - b, tied))
}

/// `Σ coefficients[k] x^k`.
fn polynomial<S: Scalar>(x: S, coefficients: &[f64]) -> S {
    let (last, others) = coefficients.split_last().unwrap_or((&0.0, &[]));
    others.iter().rev().fold(S::from(*last), |sum, &c| sum * x + c)
}

/// `n (n-1) x^(n-2)`.
pub(super) fn powi<S: Scalar>(x: S, n: i32) -> S {
    match n {
        0 | 1 => S::from(0.0),
        2 => S::from(2.0),
        _ => x.powi(n.saturating_sub(2)) * (f64::from(n) * (f64::from(n) - 1.0)),
    }
}

/// `-π² y - 2s/x` of `y = sinc x` with slope `s`. Near 0, where that cancels, its series
/// `π² Σ (-1)ᵏ z²ᵏ⁻² / ((2k+1) (2k-2)!)` from `k = 1`, with `z = πx`.
pub(super) fn sinc<S: Scalar>(x: S, y: S, s: S) -> S {
    let z = x * PI;
    let series = polynomial(
        z * z,
        &[
            -1.0 / 3.0,
            1.0 / 10.0,
            -1.0 / 168.0,
            1.0 / 6480.0,
            -1.0 / 443_520.0,
            1.0 / 47_174_400.0,
            -1.0 / 7_185_024_000.0,
            1.0 / 1_482_030_950_400.0,
        ],
    );
    let plain = -(y * (PI * PI) + s / x * 2.0);
    S::select(x.abs().below(0.25), series * (PI * PI), plain)
}

/// 0 above 0 and `alpha e^x` below.
pub(super) fn elu<S: Scalar>(x: S, alpha: f64) -> S {
    S::select(x.above(0.0), S::from(0.0), x.exp() * alpha)
}

/// Where the recurrence of the polygamma functions ends and the asymptotic series begins.
const SHIFT: i32 = 10;

/// The trigamma function `ψ'(x)`, for `t ≥ ½` as `Σ 1/(t+k)²` and, from `z = t + 10` on, as
/// `1/z + 1/(2z²) + Σ B₂ₖ / z²ᵏ⁺¹`; below by the reflection `ψ'(x) = π² / sin²(πx) - ψ'(1-x)`.
/// DLMF section 5.15.
pub(super) fn trigamma<S: Scalar>(x: S) -> S {
    let reflected = x.below(0.5);
    let t = S::select(reflected, -x + 1.0, x);
    let r = (t + f64::from(SHIFT)).recip();
    let bernoulli =
        [1.0 / 6.0, -1.0 / 30.0, 1.0 / 42.0, -1.0 / 30.0, 5.0 / 66.0, -691.0 / 2730.0, 7.0 / 6.0];
    let tail = r + r * r * 0.5 + r * r * r * polynomial(r * r, &bernoulli);
    let terms = (0..SHIFT).rev().map(|k| (t + f64::from(k)).powi(-2));
    let sum = terms.fold(tail, |sum, term| sum + term);
    let (sine, _) = sin_cos_pi(x);
    S::select(reflected, (sine.recip() * PI).powi(2) - sum, sum)
}

/// The tetragamma function `ψ''(x)`: the derivatives of the series of [`trigamma`], and the
/// reflection `ψ''(x) = ψ''(1-x) - 2π³ cos(πx) / sin³(πx)`. DLMF section 5.15.
pub(super) fn tetragamma<S: Scalar>(x: S) -> S {
    let reflected = x.below(0.5);
    let t = S::select(reflected, -x + 1.0, x);
    let r = (t + f64::from(SHIFT)).recip();
    // `(2k+1) B₂ₖ`
    let bernoulli = [0.5, -1.0 / 6.0, 1.0 / 6.0, -3.0 / 10.0, 5.0 / 6.0, -691.0 / 210.0, 17.5];
    let square = r * r;
    let tail = square + square * r + square * square * polynomial(square, &bernoulli);
    let terms = (0..SHIFT).rev().map(|k| (t + f64::from(k)).powi(-3) * 2.0);
    let sum = terms.fold(tail, |sum, term| sum + term);
    let (sine, cosine) = sin_cos_pi(x);
    S::select(reflected, -(sum + cosine * (sine.recip() * PI).powi(3) * 2.0), -sum)
}

/// `sin(πr)` and `cos(πr)` for `r = x - round x`: those of `πx` up to one sign for both.
fn sin_cos_pi<S: Scalar>(x: S) -> (S, S) {
    ((x - x.round()) * PI).sin_cos()
}

/// `b (b-1) a^(b-2)`, `a^(b-1) (1 + b ln a)` and `y ln² a` of `y = a^b`.
pub(super) fn powf<S: Scalar>(a: S, b: S, y: S) -> (S, S, S) {
    let factor = b * (b - 1.0);
    let (ln, slope) = (a.ln(), a.powf(b - 1.0));
    (
        unless_zero(factor, a.powf(b - 2.0) * factor),
        unless_zero(slope, slope * (b * ln + 1.0)),
        unless_zero(y, y * ln * ln),
    )
}

/// `-1 / (a² ln b)`, `-1 / (a b ln² b)` and `y (2 + ln b) / (b ln b)²` of `y = ln a / ln b`.
pub(super) fn log<S: Scalar>(a: S, b: S, y: S) -> (S, S, S) {
    let ln = b.ln();
    let steep = (b * ln).recip();
    let by_first = within(y, -(a.recip() / a / ln));
    (by_first, within(y, -(a.recip() / ln * steep)), y * (ln + 2.0) * steep * steep)
}

/// `p (1-p)` and its negative, with `p = 1 / (1 + e^(b-a))`.
pub(super) fn log_add_exp<S: Scalar>(a: S, b: S) -> (S, S, S) {
    let d = apart(a, b);
    let curve = d.sigmoid() * (-d).sigmoid();
    (curve, -curve, curve)
}

/// 0, `1 / b` and `-a / b²` of `y = a ln b`, 0 where `a` is.
pub(super) fn xlogy<S: Scalar>(a: S, b: S, y: S) -> (S, S, S) {
    let curve = |x: S| within(y, x);
    (curve(S::from(0.0)), curve(b.recip()), curve(unless_zero(a, -(a / b / b))))
}

/// `-2ab / r⁴`, `(a² - b²) / r⁴` and `2ab / r⁴` with `r² = a² + b²`; 0 at the origin.
pub(super) fn atan2<S: Scalar>(a: S, b: S) -> (S, S, S) {
    let r = a.hypot(b);
    let (u, v) = (a / r, b / r);
    let twice = unless_zero(r, u * v / r / r * 2.0);
    (-twice, unless_zero(r, (u - v) * (u + v) / r / r), twice)
}

/// `b² / h³`, `-ab / h³` and `a² / h³` of `h = √(a² + b²)`; 0 at the origin.
pub(super) fn hypot<S: Scalar>(a: S, b: S, h: S) -> (S, S, S) {
    let (u, v) = (a / h, b / h);
    let curve = |product: S| unless_zero(h, product / h);
    (curve(v * v), -curve(u * v), curve(u * u))
}

/// 0 above 0 and `e^(x/α) / α` below.
pub(super) fn celu<S: Scalar>(x: S, alpha: f64) -> S {
    S::select(x.above(0.0), S::from(0.0), (x / alpha).exp() / alpha)
}

/// `s (1 - s) (2 + x (1 - 2s))` with `s = 1 / (1 + e^-x)`.
pub(super) fn silu<S: Scalar>(x: S) -> S {
    let (s, rest) = (x.sigmoid(), (-x).sigmoid());
    unless_zero(s * rest, s * rest * (x * (rest - s) + 2.0))
}

/// `2t' + x t''` with `t = n / (n + 2)`, `n = e^x (e^x + 2)`; 0 far above 0.
pub(super) fn mish<S: Scalar>(x: S) -> S {
    let e = x.exp();
    let all = (e + 2.0) * e + 2.0;
    let rise = (e + 1.0) * e * 2.0;
    let slope = rise * 2.0 / all / all;
    let curve = ((e * 2.0 + 1.0) * e * 4.0 - rise * rise * 4.0 / all) / all / all;
    let near = unless_zero(e, slope * 2.0 + x * curve);
    S::select(x.above(100.0), S::from(0.0), near)
}

/// `φ(x) (2 - x²)`.
pub(super) fn gelu<S: Scalar>(x: S) -> S {
    let pdf = (x * x * -0.5).exp() * (0.5 / PI).sqrt();
    unless_zero(pdf, pdf * (-(x * x) + 2.0))
}

/// `s (1 - s) (2v' + x (v'' + (1 - 2s) v'²))` with `s = 1 / (1 + e^-v)`, `v = c (x + 0.044715 x³)`.
pub(super) fn gelu_tanh<S: Scalar>(x: S) -> S {
    let c = (8.0 / PI).sqrt();
    let v = (x * x * 0.044715 + 1.0) * x * c;
    let rise = (x * x * (3.0 * 0.044715) + 1.0) * c;
    let (s, rest) = (v.sigmoid(), (-v).sigmoid());
    let bent = x * (6.0 * 0.044715 * c) + (rest - s) * rise * rise;
    unless_zero(s * rest, s * rest * (rise * 2.0 + x * bent))
}

/// `-2 sign(x) / (1 + |x|)³`.
pub(super) fn softsign<S: Scalar>(x: S) -> S {
    let r = (x.abs() + 1.0).recip();
    let curve = r * r * r * 2.0;
    S::select(x.above(0.0), -curve, S::select(x.below(0.0), curve, x * 0.0))
}

/// 1/3 between -3 and 3, else 0.
pub(super) fn hard_swish<S: Scalar>(x: S) -> S {
    let inside = S::select(x.below(3.0), S::from(1.0 / 3.0), S::from(0.0));
    within(x, S::select(x.above(-3.0), inside, S::from(0.0)))
}

/// `-s (x + s)` with the slope `s` of `ln Φ(x)`; far below 0, where that cancels, a series.
pub(super) fn ln_normal_cdf<S: Scalar>(x: S, s: S) -> S {
    let w = (x * x).recip();
    let series = polynomial(w, &[1.0, -1.0, 6.0, -50.0, 518.0, -6354.0]);
    S::select(x.below(-25.0), -series, -(unless_zero(s, s * (x + s))))
}

/// `ψ'(a) - ψ'(a + b)`, `-ψ'(a + b)` and `ψ'(b) - ψ'(a + b)` of `y = ln B(a, b)`.
pub(super) fn ln_beta<S: Scalar>(a: S, b: S, y: S) -> (S, S, S) {
    let both = trigamma(a + b);
    let curve = |x: S| within(y, x);
    (curve(trigamma(a) - both), curve(-both), curve(trigamma(b) - both))
}

/// The derivative of [`tetragamma`]: of its series, and by the reflection
/// `ψ'''(x) = s (6s - 4π²) - ψ'''(1-x)` with `s = π² / sin²(πx)`. DLMF section 5.15.
pub(super) fn pentagamma<S: Scalar>(x: S) -> S {
    let reflected = x.below(0.5);
    let t = S::select(reflected, -x + 1.0, x);
    let r = (t + f64::from(SHIFT)).recip();
    // `(2k+1) (2k+2) B₂ₖ`
    let bernoulli = [2.0, -1.0, 4.0 / 3.0, -3.0, 10.0, -691.0 / 15.0, 280.0];
    let square = r * r;
    let tail = square * r * (r * 3.0 + 2.0) + square * square * r * polynomial(square, &bernoulli);
    let terms = (0..SHIFT).rev().map(|k| (t + f64::from(k)).powi(-4));
    let sum = terms.fold(tail / 6.0, |sum, term| sum + term) * 6.0;
    let (sine, _) = sin_cos_pi(x);
    let steep = (sine.recip() * PI).powi(2);
    S::select(reflected, steep * (steep * 6.0 - 4.0 * PI * PI) - sum, sum)
}
