//! Gradients on the side that a direction enters: those of the tape's rule.

use crate::generator::{Expr, Many, expressions, fixed, leaves};
use proptest::prelude::*;
use wengert::op::Op;
use wengert::program::{Columns, Program};
use wengert::{Objective, Rule, Scalar, Tape, Var, objective};

/// The gradient at `x` along `direction`, by the tape.
fn by_tape(f: impl Fn(&[Var]) -> Var, x: &[f64], direction: &[f64]) -> Option<Vec<f64>> {
    let tape = Tape::new();
    let vars = tape.vars_from(x);
    let rule = Rule::Along(&vars, direction);
    let gradient = f(&vars).backward_with(rule).ok()?.wrt(&vars[..]);
    gradient.iter().all(|slope| slope.is_finite()).then_some(gradient)
}

/// The same by a program without rows.
fn by_program(f: &impl Objective, x: &[f64], direction: &[f64]) -> Vec<f64> {
    // Recorded elsewhere: which kinks are met is not known then.
    let program = Program::record(f, &vec![0.3; x.len()], &[]).unwrap().gradient_along();
    let inputs = [x, direction].concat();
    program.compile().run(&inputs, &Columns::none()).unwrap().gradient().to_vec()
}

#[track_caller]
fn assert_agree(text: &str, f: &impl Objective, x: &[f64], direction: &[f64]) {
    let want = by_tape(|v| f.at(v, &[]), x, direction).unwrap();
    let got = by_program(f, x, direction);
    for (got, want) in got.iter().zip(&want) {
        let near = (got - want).abs() <= 1e-14 * (1.0 + want.abs());
        assert!(near, "{text} at {x:?} along {direction:?}: {got}, not {want}");
    }
}

#[test]
fn compositions_have_the_gradient_of_the_piece_that_is_entered() {
    macro_rules! check {
        ($(|[$x:ident, $y:ident]| $body:expr;)+) => {
            $(
                let f = objective!(|[$x, $y]| $body);
                for x in [0.0, -0.0, 1.0, -1.0, 0.5] {
                    for y in [0.0, 1.0, -1.0, x, 0.25] {
                        for direction in [[0.75, -1.3], [-0.4, 0.9], [1.1, 0.6], [-0.5, -0.8]] {
                            assert_agree(stringify!($body), &f, &[x, y], &direction);
                        }
                    }
                }
            )+
        };
    }
    check! {
        |[x, y]| x.relu() - (-x).relu() + y;
        |[x, y]| x.relu() * 2.0 - x.abs() + y * x;
        |[x, y]| x.abs() - (-x).abs() + y.leaky_relu(-0.5);
        |[x, y]| x.max(x.min(y));
        |[x, y]| (x - y).abs().max(x.relu()) - y.min(x * 2.0);
        |[x, y]| x.clamp(-1.0, 1.0) + y.clamp(0.0, 0.0) - (x * y).clamp(0.0, 1.0);
        |[x, y]| x.hypot(y) + (x * 2.0).hypot(x - y) * 0.5;
        |[x, y]| T::norm(&[x, y, x - y]) + T::norm(&[x.abs(), y]);
        |[x, y]| T::max_of(&[x, y, x * y, 0.0.into()]) - T::min_of(&[x, y * 2.0, x + y]);
        |[x, y]| T::select(x.above(0.0), x, -x) + T::select(x.above(y), x, y) * 3.0;
        |[x, y]| T::select(x.below(y), (y - x) * (y - x), x - y) + (x - y).relu().abs();
        |[x, y]| T::select(x.above(0.0), y, x) * T::select(y.above(1.0), y * y, y * 2.0 - 1.0);
    }
}

/// Rows that are linear in pieces: tangents decide all that matters.
fn pieces() -> BoxedStrategy<Expr> {
    let rows = vec![Op::Abs, Op::Relu, Op::LeakyRelu, Op::Clamp, Op::Max, Op::Min];
    expressions(rows, vec![Many::MaxOf, Many::Sum, Many::Iterated], vec!['+', '-', '*'])
}

struct Random<'a>(&'a Expr);

impl Objective for Random<'_> {
    fn at<T: Scalar>(&self, x: &[T], _row: &[T]) -> T {
        self.0.eval::<f64, T>(x)
    }
}

proptest! {
    #![proptest_config(fixed(1000))]

    #[test]
    fn random_compositions_agree_with_the_tape(expr in pieces(), x in leaves()) {
        let direction = [0.62, -0.871, 1.173, -0.539];
        let want = by_tape(|v| expr.eval::<f64, Var>(v), &x, &direction);
        prop_assume!(want.is_some());
        let want = want.unwrap_or_default();
        prop_assume!(want.iter().all(|slope| slope.abs() < 1e6));
        for (got, want) in by_program(&Random(&expr), &x, &direction).iter().zip(&want) {
            let near = (got - want).abs() <= 1e-9 * (1.0 + want.abs());
            prop_assert!(near, "{} and {}\n{:?}", got, want, expr);
        }
    }
}

#[test]
fn rows_that_choose_parameters_enter_the_side_of_their_own() {
    let f = objective!(|w, [k, x]| (T::gather(&w[1..], k) - w[0] * x).abs());
    let (k, x) = ([0.0, 1.0, 2.0, 1.0, 0.0], [1.0, 2.0, -1.0, 1.0, 0.5]);
    let w = [2.0, 2.0, 4.0, -2.0]; // kinks in rows 0, 1 and 2
    let mut sweep = Program::record(&f, &w, &[0.0, 1.0]).unwrap().gradient_along().compile();
    let data = Columns::new(&[&k, &x]).unwrap();
    for direction in [[0.7, -0.9, 1.6, 0.3], [-0.2, 0.4, -0.5, 0.6]] {
        let loss = |v: &[Var]| {
            let rows = k.iter().zip(&x).map(|(&k, &x)| f.at(v, &[k.into(), x.into()]));
            rows.sum::<Var>()
        };
        let want = by_tape(loss, &w, &direction).unwrap();
        let inputs = [w, direction].concat();
        let found = sweep.run(&inputs, &data).unwrap();
        assert_eq!(found.gradient(), want);
        assert_eq!(found.kinks()[0].row_count, 3);
    }
}

#[test]
fn of_rows_that_tie_for_the_greatest_the_one_that_grows_has_the_slope() {
    let f = objective!(|[a], [x]| (a - x).abs());
    let program = Program::record(&f, &[1.0], &[0.5]).unwrap().max();
    let data = Columns::new(&[&[-1.0, 0.0, 1.0]]).unwrap();
    let mut along = program.clone().gradient_along().compile();
    for direction in [0.3, -0.3] {
        let found = along.run(&[0.0, direction], &data).unwrap();
        assert_eq!((found.value(), found.gradient()), (1.0, &[f64::signum(direction)][..]));
    }
    // By convention they share it, and that is told.
    let mut convention = program.gradient().compile();
    let found = convention.run(&[0.0], &data).unwrap();
    assert_eq!(found.gradient(), [0.0]);
    let kinks = found.kinks();
    assert!(kinks.iter().any(|kink| kink.operation == "max over rows"), "{kinks:?}");
    let apart = convention.run(&[0.25], &data).unwrap();
    assert_eq!((apart.gradient(), apart.kinks().len()), (&[1.0][..], 0));
}

#[cfg(feature = "serde")]
#[test]
fn its_programs_can_be_written_and_read() {
    let f = objective!(|[a, b], [x]| {
        T::select((a * x).above(b), a * x, b) + T::max_of(&[a, b, x]) + a.hypot(b).clamp(0.0, 1.0)
    });
    let program = Program::record(&f, &[1.0, 2.0], &[3.0]).unwrap().mean().gradient_along();
    let text = serde_json::to_string(&program).unwrap();
    let back: Program = serde_json::from_str(&text).unwrap();
    assert_eq!(back.to_string(), program.to_string());
}
