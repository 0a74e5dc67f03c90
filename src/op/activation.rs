//! Rules of activation functions too long for an entry of the table.

use super::rule::{flat, sigmoid, two_sum};

/// `λα` and `λ` of the self-normalizing networks of G. Klambauer et al. (NeurIPS 2017).
pub(super) const SELU: [f64; 2] = [1.7580993408473766, 1.0507009873554805];

/// `x / α`, and what that lost to rounding.
fn quotient(x: f64, alpha: f64) -> (f64, f64) {
    let q = x / alpha;
    let lost = (-q).mul_add(alpha, x) / alpha;
    (q, if lost.is_finite() { lost } else { 0.0 })
}

/// `x` above 0 and `α (e^(x/α) - 1)` below.
pub(super) fn celu(x: f64, alpha: f64) -> f64 {
    if x > 0.0 {
        return x;
    }
    let (q, lost) = quotient(x, alpha);
    alpha * (q.exp_m1() + q.exp() * lost)
}

/// 1 above 0 and `e^(x/α)` below.
pub(super) fn celu_slope(x: f64, alpha: f64) -> f64 {
    if x > 0.0 {
        return 1.0;
    }
    let (q, lost) = quotient(x, alpha);
    let e = q.exp();
    e + e * lost
}

/// Where `e^x` loses bits to underflow: there it is taken as a square, after a factor.
const SUBNORMAL: f64 = -700.0;

/// `factor e^x`, rounded as often where that is subnormal.
fn times_exp(factor: f64, x: f64) -> f64 {
    let root = (0.5 * x).exp();
    // 0 · ∞ at -∞.
    if root == 0.0 { root.copysign(factor) } else { factor * root * root }
}

/// `x / (1 + e^-x)`.
pub(super) fn silu(x: f64) -> f64 {
    if x < SUBNORMAL { times_exp(x, x) } else { x * sigmoid(x) }
}

/// `s (1 + x (1 - s))` with `s = 1 / (1 + e^-x)`.
pub(super) fn silu_slope(x: f64) -> f64 {
    if x < SUBNORMAL {
        return times_exp(1.0 + x, x);
    }
    // 1 + ∞ · 0 at ∞.
    if x > 800.0 { 1.0 } else { sigmoid(x) * x.mul_add(sigmoid(-x), 1.0) }
}

/// Beyond, `mish x` is `x`.
const MISH_END: f64 = 40.0;

/// `x n / (n + 2)` with `n = e^x (e^x + 2)`, which is `x tanh(ln(1 + e^x))`.
pub(super) fn mish(x: f64) -> f64 {
    if x > MISH_END {
        return x;
    }
    if x < SUBNORMAL {
        return times_exp(x, x);
    }
    let e = x.exp();
    let n = e * (e + 2.0);
    x * (n / (n + 2.0))
}

/// `n / (n + 2) + 4 x e (1 + e) / (n + 2)²` with `e = e^x` and `n = e (e + 2)`.
pub(super) fn mish_slope(x: f64) -> f64 {
    if x > MISH_END {
        return 1.0;
    }
    if x < SUBNORMAL {
        return times_exp(1.0 + x, x);
    }
    let e = x.exp();
    let all = e * (e + 2.0) + 2.0;
    e * ((e + 2.0) * all + 4.0 * x * (1.0 + e)) / (all * all)
}

/// `2 √(2/π) (x + 0.044715 x³)`, and what that lost to rounding.
fn gelu_argument(x: f64) -> (f64, f64) {
    const SCALE: [f64; 2] = [1.5957691216057308, -9.96930880911092e-17];
    const CUBIC: [f64; 2] = [0.07135481627260025, -6.175149918155315e-19];
    let product = |a: f64, b: f64| {
        let y = a * b;
        (y, a.mul_add(b, -y))
    };
    let (square, square_lost) = product(x, x);
    let (cubic, cubic_lost) = product(CUBIC[0], square);
    let (factor, factor_lost) = two_sum(SCALE[0], cubic);
    let low = factor_lost + cubic_lost + CUBIC[0] * square_lost + CUBIC[1] * square + SCALE[1];
    let (v, v_lost) = product(factor, x);
    (v, v_lost + low * x)
}

/// `x / (1 + e^-v)` with the `v` of [`gelu_argument`], which is `½ x (1 + tanh ½v)`.
pub(super) fn gelu_tanh(x: f64) -> f64 {
    if x.abs() > 30.0 {
        return if x > 0.0 { x } else { -0.0 };
    }
    let (v, lost) = gelu_argument(x);
    let s = sigmoid(v);
    x * (s + s * sigmoid(-v) * lost)
}

/// `s + x s (1 - s) v'` with `s = 1 / (1 + e^-v)`.
pub(super) fn gelu_tanh_slope(x: f64) -> f64 {
    if x.abs() > 30.0 {
        return if x > 0.0 { 1.0 } else { -0.0 };
    }
    let (v, lost) = gelu_argument(x);
    let (s, rest) = (sigmoid(v), sigmoid(-v));
    let s = s + s * rest * lost;
    s * (x * rest).mul_add(gelu_tanh_rise(x), 1.0)
}

/// The derivative of [`gelu_argument`].
pub(super) fn gelu_tanh_rise(x: f64) -> f64 {
    0.21406444881780073f64.mul_add(x * x, 1.5957691216057308)
}

/// `x / (1 + |x|)`.
pub(super) fn softsign(x: f64) -> f64 {
    if x.is_infinite() { x.signum() } else { x / (1.0 + x.abs()) }
}

/// `1 / (1 + |x|)²`.
pub(super) fn softsign_slope(x: f64) -> f64 {
    let r = (1.0 + x.abs()).recip();
    r * r
}

/// `(x + 3) / 6`, held between 0 and 1.
pub(super) fn hard_sigmoid(x: f64) -> f64 {
    if x <= -3.0 {
        0.0
    } else if x >= 3.0 {
        1.0
    } else {
        (x + 3.0) / 6.0
    }
}

/// 1/6 between -3 and 3, else 0.
pub(super) fn hard_sigmoid_slope(x: f64) -> f64 {
    if x.abs() >= 3.0 { 0.0 } else { flat(x) + 1.0 / 6.0 }
}

/// `x (x + 3) / 6` between -3 and 3, 0 below, `x` above.
pub(super) fn hard_swish(x: f64) -> f64 {
    if x <= -3.0 {
        -0.0
    } else if x >= 3.0 {
        x
    } else {
        x * ((x + 3.0) / 6.0)
    }
}

/// `(2x + 3) / 6` between -3 and 3, 0 below, 1 above.
pub(super) fn hard_swish_slope(x: f64) -> f64 {
    if x <= -3.0 {
        0.0
    } else if x >= 3.0 {
        1.0
    } else {
        (2.0 * x + 3.0) / 6.0
    }
}

/// What lies beyond `-lambda` or `lambda`, moved to 0.
pub(super) fn soft_shrink(x: f64, lambda: f64) -> f64 {
    if x > lambda {
        x - lambda
    } else if x < -lambda {
        x + lambda
    } else {
        flat(x)
    }
}

/// 1 beyond `-lambda` and `lambda`, 0 between. Between two ends that are one there is nothing.
pub(super) fn shrink_slope(x: f64, lambda: f64) -> f64 {
    if x.abs() > lambda { 1.0 } else { flat(x) + f64::from(lambda == 0.0) }
}

/// `x` beyond `-lambda` and `lambda`, 0 between.
pub(super) fn hard_shrink(x: f64, lambda: f64) -> f64 {
    if x.abs() > lambda { x } else { flat(x) }
}

/// `ln(1 - e^x)`. M. Mächler, "Accurately computing log(1 - exp(-|a|))" (2012).
pub(super) fn log1mexp(x: f64) -> f64 {
    if x > 0.0 {
        f64::NAN
    } else if x > -std::f64::consts::LN_2 {
        (-x.exp_m1()).ln()
    } else {
        (-x.exp()).ln_1p()
    }
}

/// `-1 / (e^-x - 1) = e^x / (e^x - 1)`.
pub(super) fn log1mexp_slope(x: f64) -> f64 {
    if x > 0.0 { f64::NAN } else { -(x.exp() / x.exp_m1().abs()) }
}

/// `ln(x / (1 - x))`.
pub(super) fn logit(x: f64) -> f64 {
    // Both logarithms are near each other in the middle.
    if (x - 0.5).abs() < 0.25 { 2.0 * libm::atanh(2.0 * x - 1.0) } else { x.ln() - (-x).ln_1p() }
}

/// `1 / (x (1 - x))`.
pub(super) fn logit_slope(x: f64) -> f64 {
    if (0.0..=1.0).contains(&x) { (x.abs() * (1.0 - x)).recip() } else { f64::NAN }
}
