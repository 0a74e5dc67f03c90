//! Random expressions: the tape computes what plain numbers compute, and its gradient is that of a
//! naive tape with one node for each operation, and of differences.

use crate::generator::{Expr, LEAVES, Many, expressions, fixed, leaves, same};
use crate::naive::{Naive, Slope};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use wengert::check::{self, Verdict};
use wengert::op::Op;
use wengert::{Tape, Var};

/// Every row, operator and n-ary function.
fn any_expression() -> BoxedStrategy<Expr> {
    expressions(Op::ENTRIES.to_vec(), Many::ALL.to_vec(), vec!['+', '-', '*', '/', '%'])
}

/// Those that have a derivative wherever they are finite.
fn smooth_expression() -> BoxedStrategy<Expr> {
    let rows = vec![Op::Sin, Op::Cos, Op::Tanh, Op::Atan, Op::Sigmoid, Op::Softplus, Op::LogAddExp];
    let many = vec![Many::Sum, Many::Mean, Many::SelfDot, Many::LogSumExp, Many::Custom];
    expressions(rows, many, vec!['+', '-', '*'])
}

proptest! {
    #![proptest_config(fixed(2000))]

    #[test]
    fn the_tape_computes_the_same_bits_as_plain_numbers(expr in any_expression(), x in leaves()) {
        let plain: f64 = expr.eval(&x);
        let tape = Tape::new();
        let recorded: Var = expr.eval(&tape.vars_from(&x));
        prop_assert!(same(plain, recorded.value()), "{plain:?} and {recorded:?}");
        let constants: Vec<Var> = x.iter().map(|&x| Var::from(x)).collect();
        let constant: Var = expr.eval(&constants);
        prop_assert!(constant.is_constant() && same(plain, constant.value()));

        let single: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        let plain: f32 = expr.eval(&single);
        let tape = Tape::<f32>::default();
        let recorded: Var<f32> = expr.eval(&tape.vars_from(&single));
        prop_assert!(same(plain.into(), recorded.value().into()), "{plain:?} and {recorded:?}");
    }

    #[test]
    fn the_gradient_is_that_of_one_node_for_each_operation(
        expr in any_expression(),
        x in leaves(),
    ) {
        let Naive { value, slopes: expected, finite } = Naive::gradient(&expr, &x, LEAVES, None);
        prop_assume!(finite);
        let tape = Tape::new();
        let vars = tape.vars_from(&x);
        let y: Var = expr.eval(&vars);
        prop_assert!(same(y.value(), value));
        for (got, Slope { slope, magnitude }) in y.backward().wrt(&vars).into_iter().zip(expected) {
            let tolerance = 64.0 * f64::EPSILON * magnitude;
            prop_assert!((got - slope).abs() <= tolerance, "{got} and {slope} ± {tolerance}");
        }
    }

    #[test]
    fn a_recording_on_a_used_tape_is_the_same_to_the_bit(expr in any_expression(), x in leaves()) {
        let tape = Tape::new();
        let mut runs = (0..2).map(|_| {
            tape.clear();
            let vars = tape.vars_from(&x);
            let y: Var = expr.eval(&vars);
            y.backward().wrt(&vars)
        });
        let (first, second) = (runs.next().unwrap_or_default(), runs.next().unwrap_or_default());
        prop_assert!(first.iter().zip(&second).all(|(&a, &b)| same(a, b)));
    }
}

#[test]
fn the_gradient_of_smooth_expressions_is_that_of_differences() {
    let mut runner = TestRunner::new(fixed(300));
    let agreed = Cell::new(0);
    let input = (smooth_expression(), prop::collection::vec(-2.0..2.0, LEAVES));
    let outcome = runner.run(&input, |(expr, x)| {
        let report = check::differences(|x: &[Var]| expr.eval(x), &x);
        prop_assert!(report.verdict() != Verdict::Wrong, "{}", report);
        agreed.set(agreed.get() + u32::from(report.verdict() == Verdict::Agrees));
        Ok(())
    });
    outcome.unwrap();
    assert!(agreed.get() > 270, "only {} of 300 were conclusive", agreed.get());
}

/// Slopes of a few functions in closed form, so that not all rests on the table.
#[test]
fn chains_of_closed_forms_multiply() {
    type Function = (fn(Var) -> Var, fn(f64) -> f64, fn(f64) -> f64);
    let functions: [Function; 8] = [
        (|x| x.sin(), f64::sin, f64::cos),
        (|x| x.exp(), f64::exp, f64::exp),
        (|x| x.tanh(), f64::tanh, |x| x.cosh().powi(-2)),
        (|x| x.powi(3), |x| x.powi(3), |x| 3.0 * x * x),
        (|x| 1.0 / (x * x + 1.0), |x| 1.0 / (x * x + 1.0), |x| -2.0 * x / (x * x + 1.0).powi(2)),
        (|x| (x * x + 2.0).ln(), |x| (x * x + 2.0).ln(), |x| 2.0 * x / (x * x + 2.0)),
        (|x| (x * x + 2.0).sqrt(), |x| (x * x + 2.0).sqrt(), |x| x / (x * x + 2.0).sqrt()),
        (|x| x.atan() * 2.0 - x, |x| x.atan() * 2.0 - x, |x| 2.0 / (1.0 + x * x) - 1.0),
    ];
    for x in [-1.5, -0.3, 0.0, 0.7, 1.1] {
        for (f, f_value, f_slope) in functions {
            for (g, g_value, g_slope) in functions {
                for (h, _, h_slope) in functions {
                    let tape = Tape::new();
                    let v = tape.var(x);
                    let slope = h(g(f(v))).backward().wrt(v);
                    let (a, b) = (f_value(x), g_value(f_value(x)));
                    let truth = h_slope(b) * g_slope(a) * f_slope(x);
                    // The last slope of atan may cancel.
                    let scale = truth.abs() + 0.5 * (g_slope(a) * f_slope(x)).abs() + 1e-3;
                    assert!((slope - truth).abs() <= 1e-13 * scale, "{slope} {truth} at {x}");
                }
            }
        }
    }
}
