//! Derivatives of high orders: against closed forms, and at order 2 against `Dual2`.

use super::generator::{fixed, leaves, same};
use super::oracle::truth::{Entry, Point, rows_of};
use super::oracle::{apply, op_named};
use super::random::any_expression;
use proptest::prelude::*;
use wengert::{Dual, Dual2, Scalar, Taylor, taylor};

const K: usize = 12;

fn factorial(k: usize) -> f64 {
    (1..=k).map(|j| j as f64).product()
}

/// The derivatives of a function at a point against those of a closed form, to so many units of `ε`.
fn check(f: fn(Taylor<K>) -> Taylor<K>, x: f64, derivative: impl Fn(usize) -> f64, ulps: f64) {
    let y = taylor(f, x);
    for k in 0..=K {
        let (got, want) = (y.derivative(k), derivative(k));
        let near = (got - want).abs() <= ulps * f64::EPSILON * want.abs();
        assert!(near, "order {k} at {x}: {got:e}, want {want:e}");
    }
}

#[test]
fn elementary_functions_have_their_derivatives_of_all_orders() {
    for x in [-1.5, -0.25, 0.0, 0.5, 2.0] {
        check(|x| x.exp(), x, |_| x.exp(), 32.0);
        check(|x| x.exp2(), x, |k| x.exp2() * 2f64.ln().powi(k as i32), 64.0);
        let turned = |k: usize| [x.sin(), x.cos(), -x.sin(), -x.cos()][k % 4];
        check(|x| x.sin(), x, turned, 64.0);
        check(|x| x.cos(), x, |k| turned(k + 1), 64.0);
        check(|x| x.sinh(), x, |k| if k.is_multiple_of(2) { x.sinh() } else { x.cosh() }, 64.0);
        check(|x| x.powi(5), x, |k| falling(5.0, k) * x.powi(5 - k.min(5) as i32), 64.0);
    }
    for x in [0.25, 1.0, 3.0] {
        let sign = |k: usize| if k.is_multiple_of(2) { -1.0 } else { 1.0 };
        let ln = |k: usize| {
            if k == 0 { x.ln() } else { sign(k) * factorial(k - 1) * x.powi(-(k as i32)) }
        };
        check(|x| x.ln(), x, ln, 256.0);
        let power = |p: f64| move |k: usize| falling(p, k) * x.powf(p - k as f64);
        check(|x| x.sqrt(), x, power(0.5), 256.0);
        check(|x| x.cbrt(), x, power(1.0 / 3.0), 1024.0);
        check(|x| x.powf(2.5), x, power(2.5), 256.0);
        check(|x| x.powf(-1.5), x, power(-1.5), 256.0);
        check(|x| x.powi(-3), x, power(-3.0), 256.0);
        check(|x| x.powi(100), x, power(100.0), 1024.0);
        check(|x| x.recip(), x, power(-1.0), 64.0);
        check(|x| 1.0 / x, x, power(-1.0), 64.0);
        // A base that stays.
        check(|x| Taylor::from(2.0).powf(x), x, |k| x.exp2() * 2f64.ln().powi(k as i32), 64.0);
    }
    check(|x| 1.0 / (1.0 - x), 0.5, |k| factorial(k) * 2f64.powi(k as i32 + 1), 64.0);
}

/// `p (p - 1) … (p - k + 1)`.
fn falling(p: f64, k: usize) -> f64 {
    (0..k).map(|j| p - j as f64).product()
}

/// The `k`-th derivative of erf is `2/√π (-1)^(k-1) H_(k-1)(x) e^(-x²)`, with Hermite's polynomials.
#[test]
fn the_error_function_has_hermites_polynomials() {
    for x in [0.3, 1.0, 1.7] {
        let mut hermite = vec![1.0, 2.0 * x];
        for n in 1..K {
            hermite.push(2.0 * x * hermite[n] - 2.0 * n as f64 * hermite[n - 1]);
        }
        let size = |k: usize| factorial(k) * 4.0;
        let y = taylor::<K, f64>(|x| x.erf(), x);
        for k in 1..=K {
            let sign = if k.is_multiple_of(2) { -1.0 } else { 1.0 };
            let want = std::f64::consts::FRAC_2_SQRT_PI * sign * hermite[k - 1] * (-x * x).exp();
            let got = y.derivative(k);
            assert!((got - want).abs() <= 1e-14 * size(k), "{k} at {x}: {got} {want}");
        }
    }
}

/// By the Bernoulli numbers: `tan x = x + x³/3 + 2x⁵/15 + 17x⁷/315 + 62x⁹/2835 + 1382x¹¹/155925`.
#[test]
fn the_tangent_has_its_series() {
    let odd = [1.0, 1.0 / 3.0, 2.0 / 15.0, 17.0 / 315.0, 62.0 / 2835.0, 1382.0 / 155_925.0];
    let y = taylor::<K, f64>(|x| x.tan(), 0.0);
    let z = taylor::<K, f64>(|x| x.tanh(), 0.0);
    for k in 0..=K {
        let want = if k % 2 == 1 { odd[k / 2] } else { 0.0 };
        assert!((y.coefficient(k) - want).abs() <= 1e-15, "{k}");
        let turned = if k % 4 == 3 { -want } else { want };
        assert!((z.coefficient(k) - turned).abs() <= 1e-15, "{k}");
    }
    let w = taylor::<K, f64>(|x| x.atan(), 0.0);
    for k in (1..=K).step_by(2) {
        let sign = if k % 4 == 1 { 1.0 } else { -1.0 };
        assert!((w.coefficient(k) - sign / k as f64).abs() <= 1e-15, "{k}");
    }
}

/// Functions that are one another's inverse, or equal, are so in all orders.
#[test]
fn identities_hold_in_all_orders() {
    type Pair = (fn(Taylor<K>) -> Taylor<K>, fn(Taylor<K>) -> Taylor<K>, f64);
    let pairs: [Pair; 20] = [
        (|x| x.asin().sin(), |x| x, 0.4),
        (|x| x.acos().cos(), |x| x, 0.4),
        (|x| x.sinh().asinh(), |x| x, 0.7),
        (|x| x.cosh().acosh(), |x| x, 0.7),
        (|x| x.tanh().atanh(), |x| x, 0.7),
        (|x| x.sigmoid().logit(), |x| x, 0.3),
        (|x| x.exp_m1().ln_1p(), |x| x, 0.3),
        (|x| x.softplus(), |x| (x.exp() + 1.0).ln(), 0.3),
        (|x| x.log_sigmoid(), |x| -((-x).exp() + 1.0).ln(), 0.3),
        (|x| x.silu(), |x| x / ((-x).exp() + 1.0), -0.3),
        (|x| x.gelu(), |x| x * ((x * 0.5f64.sqrt()).erf() + 1.0) * 0.5, 0.6),
        (|x| x.mish(), |x| x * x.softplus().tanh(), 0.6),
        (|x| x.celu(2.0), |x| ((x * 0.5).exp() - 1.0) * 2.0, -0.6),
        (|x| x.hypot(2.0), |x| (x * x + 4.0).sqrt(), 0.6),
        (|x| x.atan2(x * x + 1.0), |x| (x / (x * x + 1.0)).atan(), 0.6),
        (|x| x.log_add_exp(x * x), |x| (x.exp() + (x * x).exp()).ln(), 0.6),
        (|x| x.powf(x), |x| (x * x.ln()).exp(), 0.6),
        (|x| Taylor::norm(&[x, x * 2.0, x.exp()]), |x| (x * x * 5.0 + (x * 2.0).exp()).sqrt(), 0.6),
        (|x| Taylor::log_sum_exp(&[x, x * x]), |x| (x.exp() + (x * x).exp()).ln(), 0.6),
        (|x| Taylor::softmax(&[x, x * 3.0])[0], |x| (x * -2.0).sigmoid(), 0.6),
    ];
    for (index, (f, g, x)) in pairs.into_iter().enumerate() {
        let (a, b) = (taylor(f, x), taylor(g, x));
        let size = b.coefficients().iter().fold(b.value().abs(), |size, c| size.max(c.abs()));
        for k in 0..=K {
            let apart = (a.coefficient(k) - b.coefficient(k)).abs();
            assert!(apart <= 1e-11 * size * 3f64.powi(k as i32), "{index}, {k}: {a:?} {b:?}");
        }
    }
    // `ln Γ(x + 1) = ln Γ(x) + ln x`, and so of its derivatives.
    let a = taylor::<K, f64>(|x| (x + 1.0).ln_gamma() - x.ln_gamma() - x.ln(), 2.3);
    assert!(a.coefficients().iter().all(|c| c.abs() < 1e-12), "{a:?}");
}

#[test]
fn up_to_the_second_order_it_is_dual2() {
    let mut judged = 0;
    for Entry { name, parameters, points } in &rows_of(include_str!("../oracle/curves.txt")) {
        for Point { args, .. } in points {
            let slopes = |i: usize| [1.0, -0.5, 0.25, 2.0, 1.0, -1.0, 0.5, 1.0][i % 8];
            let seeds = || args.iter().enumerate();
            let twice: Vec<Dual2> = seeds().map(|(i, &x)| Dual2::new(x, [slopes(i)])).collect();
            let series: Vec<Taylor<2>> =
                seeds().map(|(i, &x)| Taylor::new(x, [slopes(i), 0.0])).collect();
            let twice = apply::<f64, Dual2>(name, &twice, parameters);
            let series = apply::<f64, Taylor<2>>(name, &series, parameters);
            let near = |a: f64, b: f64, room: f64| {
                (a - b).abs() <= room * b.abs() + 1e-12
                    || a == b
                    || (!a.is_finite() && !b.is_finite())
            };
            judged += 1;
            let value = series.value().to_bits() == twice.value().to_bits();
            assert!(value, "{name} {parameters:?} at {args:?}: {series:?}, {twice:?}");
            let same = near(series.derivative(1), twice.first(), 1e-12)
                && near(series.derivative(2), twice.second(), 1e-9);
            assert!(same, "{name} {parameters:?} at {args:?}: {series:?}, {twice:?}");
        }
    }
    assert!(judged > 2000 && op_named("sin").is_some(), "{judged}");
}

proptest! {
    #![proptest_config(fixed(500))]

    #[test]
    fn values_and_slopes_are_those_of_dual(expr in any_expression(), x in leaves()) {
        let dual: Vec<Dual> = x.iter().map(|&x| Dual::variable(x)).collect();
        let series: Vec<Taylor<3>> = x.iter().map(|&x| Taylor::variable(x)).collect();
        let dual: Dual = expr.eval(&dual);
        let series: Taylor<3> = expr.eval(&series);
        prop_assert!(same(dual.value(), series.value()), "{dual:?} {series:?}");
    }
}

#[test]
fn kinks_are_one_sided_in_all_orders() {
    type F = fn(Taylor<6>) -> Taylor<6>;
    let cases: [(F, F); 12] = [
        (|x| x.abs(), |x| x),
        (|x| (-x).abs() * x, |x| x * x),
        // What decides may be of any order.
        (|x| (x * x * x).abs(), |x| x * x * x),
        (|x| (-(x * x * x)).relu(), |x| x * 0.0),
        (|x| x.max(x + x.powi(4)), |x| x + x.powi(4)),
        (|x| Taylor::min_of(&[x, x - x.powi(5), x + x * x]), |x| x - x.powi(5)),
        (|x| x.elu(2.0), |x| x),
        (|x| (-x).elu(2.0), |x| ((-x).exp() - 1.0) * 2.0),
        (|x| (x - 3.0).hard_swish(), |x| (x - 3.0) * x / 6.0),
        // The tip of a cone: √(t² + t⁴) = t √(1 + t²).
        (|x| x.hypot(x * x), |x| x * (x * x + 1.0).sqrt()),
        (|x| Taylor::norm(&[x * x, x * x * 2.0, x * x * x]), |x| x * x * (x * x + 5.0).sqrt()),
        (|x| Taylor::select(x.above(0.0), x.sin(), x * 9.0), |x| x.sin()),
    ];
    for (index, (f, g)) in cases.into_iter().enumerate() {
        let (a, b) = (taylor(f, 0.0), taylor(g, 0.0));
        for k in 0..=6 {
            let apart = (a.coefficient(k) - b.coefficient(k)).abs();
            assert!(apart <= 4.0 * f64::EPSILON, "{index}, {k}: {a:?} {b:?}");
        }
    }
}

#[test]
fn of_a_function_of_the_users_own_only_slopes_are_known() {
    let x = Taylor::<3>::variable(2.0);
    let y = Taylor::custom("square", [x], |[x]| (x * x, [2.0 * x]));
    assert_eq!((y.value(), y.coefficient(1)), (4.0, 4.0));
    assert!(y.coefficient(2).is_nan() && y.coefficient(3).is_nan());
    let still = Taylor::<3>::custom("square", [Taylor::from(2.0)], |[x]| (x * x, [2.0 * x]));
    assert_eq!(still.coefficients(), [0.0; 3]);
}

#[test]
fn an_order_of_none_is_a_plain_number() {
    let y = taylor::<0, f64>(|x| x.sin() / x.hypot(1.0) + Taylor::norm(&[x, x]), 2.0);
    assert_eq!(y.value(), 2f64.sin() / 2f64.hypot(1.0) + f64::norm(&[2.0, 2.0]));
    assert_eq!(taylor::<0, f64>(|x| x.abs().hypot(x), 0.0).value(), 0.0);
}

#[test]
#[should_panic(expected = "order 4 of a series with 3")]
fn an_order_that_there_is_not_is_refused() {
    Taylor::<3>::variable(1.0).derivative(4);
}

/// `x^b` at 0 is `tᵇ`, and `x^(x + n)` is `tⁿ (1 + t ln t + …)`: what is not finite is not hidden, and what is, is
/// exact.
#[test]
fn powers_of_zero_have_their_orders() {
    const INF: f64 = f64::INFINITY;
    type F = fn(Taylor<5>) -> Taylor<5>;
    let cases: [(F, [f64; 5]); 12] = [
        (|x| x.powf(1.5), [0.0, INF, -INF, INF, -INF]),
        (|x| x.powf(2.5), [0.0, 0.0, INF, -INF, INF]),
        (|x| x.powf(0.5), [INF, -INF, INF, -INF, INF]),
        (|x| (x * 4.0).powf(3.5), [0.0, 0.0, 0.0, INF, -INF]),
        (|x| x.powf(x + 2.0), [0.0, 1.0, -INF, INF, -INF]),
        (|x| x.powf(x + 1.0), [1.0, -INF, INF, -INF, INF]),
        (|x| x.powf(-x + 2.0), [0.0, 1.0, INF, -INF, INF]),
        (|x| x.powf(x * x + 2.0), [0.0, 1.0, 0.0, -INF, INF]),
        (|x| x.powf(x + 1.5), [0.0, INF, -INF, INF, -INF]),
        // (x²)^1.5 = x³, and ((2x)² (1 + x))^1.5 = 8 x³ (1 + x)^1.5.
        (|x| (x * x).powf(1.5), [0.0, 0.0, 1.0, 0.0, 0.0]),
        (|x| (x * x * 4.0 * (x + 1.0)).powf(1.5), [0.0, 0.0, 8.0, 12.0, 3.0]),
        (|x| Taylor::from(0.0).powf(x + 2.0), [0.0; 5]),
    ];
    for (index, (f, want)) in cases.into_iter().enumerate() {
        assert_eq!(taylor(f, 0.0).coefficients(), want, "{index}");
    }
    // On the other side there is no such power.
    let y = taylor::<3, f64>(|x| (-x).powf(1.5), 0.0).coefficients();
    assert!(y[0] == 0.0 && y[1].is_nan() && y[2].is_nan(), "{y:?}");
    for power in [1.5, 2.5, 2.0] {
        let twice = Dual2::variable(0.0).powf(power).second();
        assert_eq!(taylor::<2, f64>(|x| x.powf(power), 0.0).derivative(2), twice, "{power}");
    }
    let twice = Dual2::variable(0.0).powf(Dual2::variable(0.0) + 2.0).second();
    assert_eq!(taylor::<2, f64>(|x| x.powf(x + 2.0), 0.0).derivative(2), twice);
}

/// A slope of 0 is no reason to think that a function of the user's own is level.
#[test]
fn of_a_function_of_the_users_own_with_slope_0_no_more_is_known() {
    let y = Taylor::<2>::custom("square", [Taylor::variable(0.0)], |[x]| (x * x, [2.0 * x]));
    assert!(y.coefficient(1) == 0.0 && y.coefficient(2).is_nan(), "{y:?}");
}
