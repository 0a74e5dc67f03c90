//! Rules too long for an entry of the table.
//!
//! Each keeps to the entry's bar over the whole range of the arguments. What costs care is a factor
//! that leaves the normal range while the product does not, and an argument's rounding that an
//! exponential turns into a relative error.

use super::arithmetic;
use crate::Scalar;
use std::f64::consts::LN_2;

/// -1 or 1 by value, of a number other than 0; NaN stays NaN.
#[inline(always)]
pub(super) fn sign(x: f64) -> f64 {
    // Without a branch on the sign, which no processor predicts where residuals are noise.
    if x.is_nan() { x } else { 1f64.copysign(x) }
}

/// 0 up to 0 and 1 above; NaN stays NaN.
#[inline(always)]
pub(super) fn step(x: f64) -> f64 {
    if x > 0.0 {
        1.0
    } else if x <= 0.0 {
        0.0
    } else {
        x
    }
}

/// The slope of a constant: 0; NaN stays NaN.
#[inline(always)]
pub(super) fn flat(x: f64) -> f64 {
    if x.is_nan() { x } else { 0.0 }
}

/// `slope` inside the domain, NaN outside.
#[inline(always)]
pub(super) fn within(inside: bool, slope: f64) -> f64 {
    if inside { slope } else { f64::NAN }
}

/// `a + b` rounded, and what rounding took away (Knuth's two-sum).
#[inline(always)]
pub(in crate::op) fn two_sum<S: Scalar>(a: S, b: S) -> (S, S) {
    let sum = a + b;
    let b_part = sum - a;
    let a_part = sum - b_part;
    (sum, (a - a_part) + (b - b_part))
}

// Powers.

/// `x^n`: by multiplication while that stays within the bar, so that a small `n` costs one to three
/// products. They are written out, since std leaves the order of its own open.
#[inline(always)]
pub(super) fn powi(x: f64, n: i32) -> f64 {
    if !(-1..=5).contains(&n) {
        return x.powf(f64::from(n));
    }
    let square = x * x;
    match n {
        -1 => x.recip(),
        0 => 1.0,
        1 => x,
        2 => square,
        3 => x * square,
        4 => square * square,
        _ => x * (square * square),
    }
}

/// `y / (3x)` for `y = ∛x`; `+∞` at 0.
#[inline(always)]
pub(super) fn cbrt_slope(x: f64, y: f64) -> f64 {
    let slope = y / x / 3.0;
    let slope = if x.is_infinite() { 0.0 } else { slope };
    if x == 0.0 { f64::INFINITY } else { slope }
}

/// `n x^(n-1)`; NaN stays NaN.
#[inline(always)]
pub(super) fn powi_slope(x: f64, n: i32, y: f64) -> f64 {
    match n {
        0 => flat(x),
        1 => flat(x) + 1.0,
        // The factor `n` goes in before the power can become subnormal.
        2..=5 => (f64::from(n) * x) * powi(x, n - 2),
        _ => powf_slope_base(x, f64::from(n), y),
    }
}

/// `b a^(b-1)`, the slope of `v = a^b` by `a`.
pub(super) fn powf_slope_base(a: f64, b: f64, v: f64) -> f64 {
    if a == 0.0 {
        let even = b % 2.0 == 0.0;
        return if b > 1.0 || b == 0.0 {
            0.0
        } else if b == 1.0 {
            1.0
        } else if b > 0.0 || (b < 0.0 && even && a.is_sign_negative()) {
            f64::INFINITY
        } else if b < 0.0 {
            f64::NEG_INFINITY
        } else {
            b
        };
    }
    if v.is_nan() {
        return v;
    }
    let power = v / a;
    if v.is_normal() && power.is_normal() {
        return b * power;
    }
    if b.is_infinite() && v == 0.0 {
        return 0.0;
    }
    // `a^(b-1)` as a square, so that no part of the product leaves the range before the whole
    // does. What `b - 1` lost to rounding comes back as a factor `|a|^lost`.
    let (less, lost) = two_sum(b, -1.0);
    let root = a.abs().powf(0.5 * less);
    let mended = if root != 0.0 && a.is_finite() && b.is_finite() {
        root * (lost * a.abs().ln()).exp()
    } else {
        root
    };
    let slope = (b * root) * mended;
    if v.is_sign_negative() == a.is_sign_negative() { slope } else { -slope }
}

/// `a^b ln a`, the slope of `v = a^b` by `b`.
pub(super) fn powf_slope_exponent(a: f64, b: f64, v: f64) -> f64 {
    if b.is_nan() {
        return b;
    }
    if a == 0.0 {
        return if b > 0.0 { 0.0 } else { f64::NEG_INFINITY };
    }
    if a == f64::INFINITY && b < 0.0 {
        return 0.0;
    }
    let ln = a.ln();
    if v.is_normal() {
        v * ln
    } else {
        let root = a.powf(0.5 * b);
        (root * ln) * root
    }
}

/// `2^x ln 2`, where `y = 2^x` may overflow before the slope does.
#[inline(always)]
pub(super) fn exp2_slope(x: f64, y: f64) -> f64 {
    if y == f64::INFINITY { (x - 1.0).exp2() * (2.0 * LN_2) } else { y * LN_2 }
}

// Logarithms to a base.

/// `1 / (a ln b)`, the slope of `y = log_b a` by `a`. NaN at base 1, whose two sides disagree.
pub(super) fn log_slope(a: f64, b: f64, y: f64) -> f64 {
    within(b != 1.0 && !y.is_nan(), b.abs().ln().recip() / a.abs())
}

/// `-ln a / (b ln² b)`, the slope of `y = log_b a` by the base.
pub(super) fn log_slope_base(a: f64, b: f64, y: f64) -> f64 {
    if b == 0.0 && a > 0.0 && a < f64::INFINITY {
        return if a == 1.0 { 0.0 } else { -sign(a - 1.0) * f64::INFINITY };
    }
    within(b != 1.0 && !y.is_nan(), -(y / b.ln()) / b)
}

// Trigonometric and hyperbolic functions.

/// `1 / (1 + x²)`, also where `x²` overflows.
#[inline(always)]
pub(super) fn atan_slope(x: f64) -> f64 {
    if x.abs() > 1e9 {
        let r = x.recip();
        r * r
    } else {
        (1.0 + x * x).recip()
    }
}

/// `1 - x²` without cancellation.
#[inline(always)]
pub(super) fn one_minus_square(x: f64) -> f64 {
    (1.0 - x) * (1.0 + x)
}

/// `sech² x = 4e / (1 + e)²` with `e = e^(-2|x|)`.
pub(super) fn sech_squared(x: f64) -> f64 {
    let x = x.abs();
    if x > 300.0 {
        // `e` may be subnormal while `4e` is not.
        let double = 2.0 * (-x).exp();
        return double * double;
    }
    let e = (-2.0 * x).exp();
    4.0 * e / (1.0 + e * (2.0 + e))
}

/// `1 / √(x² - 1)` for `x ≥ 1`.
pub(super) fn acosh_slope(x: f64) -> f64 {
    if x > 1e9 { x.recip() } else { within(x >= 1.0, ((x - 1.0) * (x + 1.0)).sqrt().recip()) }
}

/// `n / (a² + b²)`, scaled by powers of two against overflow and underflow.
pub(super) fn over_square(n: f64, a: f64, b: f64) -> f64 {
    const DOWN: f64 = f64::from_bits((1023 - 750) << 52);
    const UP: f64 = f64::from_bits((1023 + 750) << 52);
    let most = a.abs().max(b.abs());
    if most == f64::INFINITY {
        return flat(a) + flat(b);
    }
    let scale = if most > 1e150 {
        DOWN
    } else if most < 1e-150 {
        UP
    } else {
        1.0
    };
    let (n, a, b) = (n * scale, a * scale, b * scale);
    n / (a * a + b * b) * scale
}

/// `a / h` for `h = √(a² + b²)`, scaled where `h` overflowed or is coarse.
#[inline(always)]
pub(super) fn hypot_slope(a: f64, b: f64, h: f64) -> f64 {
    const TINY: f64 = f64::MIN_POSITIVE / f64::EPSILON;
    if h > TINY && h < f64::INFINITY { a / h } else { hypot_slope_scaled(a, b, h <= TINY) }
}

#[cold]
fn hypot_slope_scaled(a: f64, b: f64, tiny: bool) -> f64 {
    match (a.is_infinite(), b.is_infinite()) {
        (true, true) => f64::NAN,
        (true, false) => flat(b) + sign(a),
        (false, true) => flat(a),
        (false, false) => {
            let scale = if tiny { f64::EPSILON.recip().powi(3) } else { 0.25 };
            let (a, b) = (a * scale, b * scale);
            a / a.hypot(b)
        }
    }
}

// Rectifiers and the logistic family. `e = e^(-|x|)` never overflows.

/// `alpha x` below 0, `x` above.
#[inline(always)]
pub(super) fn leaky_relu(x: f64, alpha: f64) -> f64 {
    if x > 0.0 {
        x
    } else if alpha == 0.0 {
        flat(x)
    } else {
        alpha * x
    }
}

/// `ln(1 + e^x)`.
pub(super) fn softplus(x: f64) -> f64 {
    let tail = (-x.abs()).exp().ln_1p();
    if x > 0.0 { x + tail } else { tail }
}

/// `1 / (1 + e^-x)`.
pub(super) fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x < 0.0 { e / (1.0 + e) } else { (1.0 + e).recip() }
}

/// `e / (1 + e)²` with `e = e^(-|x|)`.
pub(super) fn sigmoid_slope(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    e / (1.0 + e * (2.0 + e))
}

/// `e^(a-b)`. What `a - b` lost to rounding comes back as a factor.
fn exp_difference(a: f64, b: f64) -> f64 {
    let (d, lost) = two_sum(a, -b);
    let e = d.exp();
    // Beyond 800 it is 0 or infinite, and `lost` may not be finite.
    if d.abs() < 800.0 { e + e * lost } else { e }
}

/// `ln(e^a + e^b)`.
pub(super) fn log_add_exp(a: f64, b: f64) -> f64 {
    if a == b {
        a + LN_2
    } else if a > b {
        a + exp_difference(b, a).ln_1p()
    } else {
        b + exp_difference(a, b).ln_1p()
    }
}

/// `e^a / (e^a + e^b)`, the slope of `log_add_exp` by `a`.
pub(super) fn log_add_exp_slope(a: f64, b: f64) -> f64 {
    if a == b {
        0.5
    } else if a > b {
        (1.0 + exp_difference(b, a)).recip()
    } else {
        let e = exp_difference(a, b);
        e / (1.0 + e)
    }
}

// Choices and remainders.

/// 1 to the operand that `max` chose, by whether `a` is the one: `a` wins against NaN.
#[inline(always)]
pub(super) fn chosen(a_wins: bool, a: f64, b: f64) -> f64 {
    if a.is_nan() && b.is_nan() {
        a
    } else if a_wins || b.is_nan() {
        1.0
    } else {
        0.0
    }
}

/// `-div_euclid(a, b)`, the slope by `b` of the remainder that is never negative.
pub(super) fn rem_euclid_slope(a: f64, b: f64) -> f64 {
    let (r, _, slope) = arithmetic::rem(a, b);
    if r < 0.0 { slope + sign(b) } else { slope }
}

/// `x ln y`, and 0 where `x` is 0.
#[inline(always)]
pub(super) fn xlogy(x: f64, y: f64) -> f64 {
    if x == 0.0 { flat(y) } else { x * y.ln() }
}

/// `x / y`, the slope of `x ln y` by `y`.
#[inline(always)]
pub(super) fn xlogy_slope(x: f64, y: f64) -> f64 {
    if x == 0.0 { flat(y) } else { within(y >= 0.0, x / y.abs()) }
}

/// `a + t (b - a)`, counted from the nearer end.
#[inline(always)]
pub(super) fn lerp(a: f64, b: f64, t: f64) -> f64 {
    let way = b - a;
    if way.is_infinite() {
        (1.0 - t) * a + t * b
    } else if t < 0.5 {
        a + t * way
    } else {
        b - (1.0 - t) * way
    }
}
