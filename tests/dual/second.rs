//! Second derivatives: against the 60-digit results, programs, and closed forms at kinks.

use super::generator::{LEAVES, Many, fixed, leaves, same};
use super::oracle::truth::{Entry, Point, bar, entries, error, is_of_lists, rows_of};
use super::oracle::{apply, is_kink};
use super::random::any_expression;
use proptest::prelude::*;
use wengert::program::{Columns, Program};
use wengert::{Dual, Dual2, Objective, Scalar, Var, second_derivative};

/// Value, gradient and the upper triangle of the Hessian, by two arguments at a time.
fn of<const N: usize>(name: &str, args: &[f64], parameters: &[f64]) -> Dual2<N> {
    let seed = |(i, &x)| if i < N { Dual2::seed(x, i) } else { Dual2::from(x) };
    let seeded: Vec<Dual2<N>> = args.iter().enumerate().map(seed).collect();
    apply::<f64, Dual2<N>>(name, &seeded, parameters)
}

#[test]
fn second_derivatives_are_those_of_sixty_digits() {
    let mut failures = Vec::new();
    let mut judged = 0;
    for Entry { name, parameters, points } in &rows_of(include_str!("../oracle/curves.txt")) {
        let absolute = if is_of_lists(name) { 0.0 } else { 1e-12 };
        for Point { args, truth } in points {
            const N: usize = 8;
            assert!(args.len() <= N, "{name}");
            let hessian = of::<N>(name, args, parameters).hessian();
            let n = args.len();
            let upper = (0..n).flat_map(|i| (i..n).map(move |j| (i, j)));
            for ((i, j), want) in upper.zip(truth) {
                let (got, want) = (hessian[i][j], want.nearest);
                judged += 1;
                let near = (got - want).abs() <= absolute + 1e-10 * want.abs();
                if !near && got != want {
                    failures.push(format!(
                        "{name} {parameters:?} at {args:?}, {i} {j}: {got:e}, want {want:e}"
                    ));
                }
                assert_eq!(got.to_bits(), hessian[j][i].to_bits(), "{name} at {args:?}");
            }
        }
    }
    assert!(failures.is_empty(), "{} of {judged}\n{}", failures.len(), failures.join("\n"));
    assert!(judged > 4000, "{judged}");
}

#[test]
fn values_and_gradients_are_within_the_bars() {
    let mut failures = Vec::new();
    for Entry { name, parameters, points } in &entries() {
        for Point { args, truth } in points {
            if is_kink(name, args, parameters) {
                continue;
            }
            let y = of::<1>(name, args, parameters);
            for (which, got) in [y.value(), y.first()].into_iter().enumerate() {
                let error = error(name, which, args, truth[which], got);
                if error > bar(name, which) {
                    failures
                        .push(format!("{name} {parameters:?} at {args:?}: {got:e}, {error:.1}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}\n{}", failures.len(), failures.join("\n"));
}

struct Drawn(super::generator::Expr);

impl Objective for Drawn {
    fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
        self.0.eval(x)
    }
}

/// Whether the expression calls a function of the user's own, of which only slopes are known.
fn has_custom(expr: &super::generator::Expr) -> bool {
    let own = matches!(expr, super::generator::Expr::Many(Many::Custom, _));
    own || expr.children().into_iter().any(has_custom)
}

proptest! {
    #![proptest_config(fixed(1500))]

    #[test]
    fn hessians_are_those_of_programs(expr in any_expression(), x in leaves()) {
        prop_assume!(!has_custom(&expr));
        let tape = wengert::Tape::new();
        let recorded: Var = expr.eval(&tape.vars_from(&x));
        prop_assume!(recorded.value().is_finite() && tape.kinks().is_empty() && tape.troubles().is_empty());
        let y: Dual2<LEAVES> = expr.eval(&Dual2::<LEAVES>::seeds([x[0], x[1], x[2], x[3]]));
        let first: Dual<LEAVES> = expr.eval(&Dual::<LEAVES>::seeds([x[0], x[1], x[2], x[3]]));
        prop_assert!(same(y.value(), recorded.value()));
        let size = |m: [f64; LEAVES]| m.iter().fold(1.0_f64, |size, x| size.max(x.abs()));
        let scale = size(y.gradient());
        for (a, b) in y.gradient().into_iter().zip(first.tangents()) {
            prop_assert!((a - b).abs() <= 1e-9 * scale || !a.is_finite(), "{a} {b}");
        }
        let Ok(program) = Program::record(&Drawn(expr), &x, &[]) else { return Ok(()) };
        let mut sweep = program.hessian().compile();
        let Ok(found) = sweep.run(&x, &Columns::none()) else { return Ok(()) };
        let scale = y.hessian().into_iter().map(size).fold(scale, f64::max);
        for (i, row) in y.hessian().into_iter().enumerate() {
            for (got, &want) in row.into_iter().zip(found.output(2 + i)) {
                let near = (got - want).abs() <= 1e-9 * scale;
                prop_assert!(near || !got.is_finite() || !want.is_finite(), "{got} {want} {scale}");
            }
        }
    }
}

#[test]
fn one_branch_is_taken_for_all_orders() {
    let right = |f: fn(Dual2) -> Dual2| second_derivative(f, 0.0).2;
    let left = |f: fn(Dual2) -> Dual2| f(Dual2::new(0.0, [-1.0])).second();
    type Case = (fn(Dual2) -> Dual2, f64, f64);
    let cases: [Case; 16] = [
        (|x| x.abs() * x.abs(), 2.0, 2.0),
        (|x| x.abs().powi(2), 2.0, 2.0),
        (|x| x.relu().powi(2), 2.0, 0.0),
        (|x| x.relu() * x, 2.0, 0.0),
        (|x| x.abs(), 0.0, 0.0),
        (|x| x.max(-x) * x, 2.0, -2.0),
        (|x| Dual2::select(x.above(0.0), x * x, x), 2.0, 0.0),
        (|x| Dual2::norm(&[x * 3.0, x * 4.0]).powi(2), 50.0, 50.0),
        (|x| (x * 3.0).hypot(x * 4.0).powi(2), 50.0, 50.0),
        (|x| x.elu(2.0), 0.0, 2.0),
        (|x| (x - 3.0).hard_swish(), 1.0 / 3.0, 0.0),
        // What is level is decided by the second derivative.
        (|x| (-(x * x)).abs(), 2.0, 2.0),
        (|x| (x * x).max(-x * x), 2.0, 2.0),
        (|x| (x * x).min(-x * x * 3.0), -6.0, -6.0),
        (|x| (x * x * 3.0).hypot(x * x * -4.0), 10.0, 10.0),
        (|x| Dual2::norm(&[x * x * 3.0, x * x * 4.0]), 10.0, 10.0),
    ];
    for (index, (f, after, before)) in cases.into_iter().enumerate() {
        assert_eq!((right(f), left(f)), (after, before), "{index}");
    }
}

#[test]
fn smooth_functions_in_pieces_have_their_hessian() {
    let [a, b] = Dual2::seeds([2.0, 2.0]);
    let y = a.max(b).powi(2) + a.min(b).powi(2);
    assert_eq!((y.gradient(), y.hessian()), ([4.0, 4.0], [[2.0, 0.0], [0.0, 2.0]]));
    let y = Dual2::max_of(&[a, b]).powi(2) + Dual2::min_of(&[a, b]).powi(2);
    assert_eq!(y.hessian(), [[2.0, 0.0], [0.0, 2.0]]);
    let [low, high]: [Dual2<2>; 2] = Dual2::sorted(&[a, b]).try_into().unwrap();
    assert_eq!((low * high).hessian(), [[0.0, 1.0], [1.0, 0.0]]);
    let [a, b] = Dual2::seeds([0.0, 0.0]);
    let y = (a.relu() - (-a).relu()) * (b.relu() - (-b).relu());
    assert_eq!(y.hessian(), [[0.0, 1.0], [1.0, 0.0]]);
}

#[test]
fn of_a_function_of_the_users_own_only_slopes_are_known() {
    let [a, b] = Dual2::seeds([2.0, 3.0]);
    let y = Dual2::custom("square", [a], |[x]| (x * x, [2.0 * x])) + b * b;
    assert_eq!((y.value(), y.gradient()), (13.0, [4.0, 6.0]));
    let h: [[f64; 2]; 2] = y.hessian();
    assert!(h[0][0].is_nan() && h[1][1] == 2.0 && h[0][1] == 0.0);
}

#[test]
fn single_precision_has_second_derivatives_too() {
    let [x, y] = Dual2::<2, f32>::seeds([0.5, 2.0]);
    let z = x.sin() * y.ln();
    assert_eq!(z.hessian()[0][1], 0.5_f32.cos() * 0.5);
    assert_eq!(z.hessian()[1][1], 0.5_f32.sin() * -0.25);
}
