//! Second derivatives by the tape: against the 60-digit results, other engines, and closed forms at kinks.

use super::generator::{Expr, LEAVES, Many, fixed, leaves, same};
use super::oracle::truth::{Entry, Point, bar, entries, error, is_of_lists, rows_of};
use super::oracle::{apply, is_kink};
use super::random::any_expression;
use proptest::prelude::*;
use wengert::program::{Columns, Program};
use wengert::{
    Dual2, LengthError, Objective, Scalar, Tape, Var, Var2, hessian, hvp, hvps, objective,
};

/// A unit vector.
fn unit(n: usize, which: usize) -> Vec<f64> {
    (0..n).map(|i| if i == which { 1.0 } else { 0.0 }).collect()
}

#[test]
fn second_derivatives_are_those_of_sixty_digits() {
    let mut failures = Vec::new();
    let mut judged = 0;
    for Entry { name, parameters, points } in &rows_of(include_str!("../oracle/curves.txt")) {
        let absolute = if is_of_lists(name) { 0.0 } else { 1e-12 };
        for Point { args, truth } in points {
            let n = args.len();
            let row = |i: usize| {
                let f = |x: &[Var2]| apply::<f64, Var2>(name, x, parameters);
                hvp(f, args, &unit(n, i)).unwrap().2
            };
            let rows: Vec<Vec<f64>> = (0..n).map(row).collect();
            let upper = (0..n).flat_map(|i| (i..n).map(move |j| (i, j)));
            for ((i, j), want) in upper.zip(truth) {
                for got in [rows[i][j], rows[j][i]] {
                    let want = want.nearest;
                    judged += 1;
                    let near = (got - want).abs() <= absolute + 1e-10 * want.abs();
                    if !near && got != want {
                        failures.push(format!(
                            "{name} {parameters:?} at {args:?}, {i} {j}: {got:e}, want {want:e}"
                        ));
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} of {judged}\n{}", failures.len(), failures.join("\n"));
    assert!(judged > 8000, "{judged}");
}

#[test]
fn values_and_gradients_are_within_the_bars() {
    let mut failures = Vec::new();
    for Entry { name, parameters, points } in &entries() {
        for Point { args, truth } in points {
            if is_kink(name, args, parameters) {
                continue;
            }
            // With and without a direction.
            for direction in [vec![0.0; args.len()], unit(args.len(), 0)] {
                let f = |x: &[Var2]| apply::<f64, Var2>(name, x, parameters);
                let (value, slopes, _) = hvp(f, args, &direction).unwrap();
                let numbers = std::iter::once(value).chain(slopes);
                for (which, (got, &truth)) in numbers.zip(truth).enumerate() {
                    let error = error(name, which, args, truth, got);
                    if error > bar(name, which) {
                        let want = truth.nearest;
                        failures.push(format!(
                            "{name} {parameters:?} at {args:?}, {which}: {got:e}, want {want:e}, {error:.1} off"
                        ));
                    }
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}\n{}", failures.len(), failures.join("\n"));
}

struct Drawn(Expr);

impl Objective for Drawn {
    fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
        self.0.eval(x)
    }
}

/// Whether the expression calls a function of the user's own, of which only slopes are known.
fn has_custom(expr: &Expr) -> bool {
    let own = matches!(expr, Expr::Many(Many::Custom, _));
    own || expr.children().into_iter().any(has_custom)
}

fn greatest<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> f64 {
    numbers.into_iter().fold(1.0, |size: f64, x| size.max(x.abs()))
}

proptest! {
    #![proptest_config(fixed(1500))]

    /// Value, gradient and Hessian are those of the tape in first order, of forward mode and of programs.
    #[test]
    fn all_engines_agree(expr in any_expression(), x in leaves()) {
        prop_assume!(!has_custom(&expr));
        let tape = Tape::new();
        let vars = tape.vars_from(&x);
        let recorded: Var = expr.eval(&vars);
        prop_assume!(recorded.value().is_finite() && tape.kinks().is_empty() && tape.troubles().is_empty());
        let (value, slopes, rows) = hessian(|x| expr.eval(x), &x);
        prop_assert!(same(value, recorded.value()));
        let first = recorded.backward().wrt(&vars);
        let scale = greatest(&slopes);
        for (&got, &want) in slopes.iter().zip(&first) {
            prop_assert!((got - want).abs() <= 1e-12 * scale || !got.is_finite(), "{got} {want}");
        }
        let forward: Dual2<LEAVES> = expr.eval(&Dual2::<LEAVES>::seeds([x[0], x[1], x[2], x[3]]));
        let scale = greatest(rows.iter().flatten()).max(scale).max(greatest(forward.hessian().as_flattened()));
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * scale || !a.is_finite() || !b.is_finite();
        for (row, other) in rows.iter().zip(forward.hessian()) {
            for (&got, want) in row.iter().zip(other) {
                prop_assert!(near(got, want), "{got} {want} {scale}");
            }
        }
        let product = hvp(|x| expr.eval(x), &x, &[1.0, -2.0, 0.5, 3.0]).unwrap().2;
        for (i, got) in product.into_iter().enumerate() {
            let want = rows[0][i] - 2.0 * rows[1][i] + 0.5 * rows[2][i] + 3.0 * rows[3][i];
            prop_assert!(near(got, want), "{got} {want} {scale}");
        }
        let Ok(program) = Program::record(&Drawn(expr), &x, &[]) else { return Ok(()) };
        let mut sweep = program.hessian().compile();
        let Ok(found) = sweep.run(&x, &Columns::none()) else { return Ok(()) };
        for (i, row) in rows.iter().enumerate() {
            for (&got, &want) in row.iter().zip(found.output(2 + i)) {
                prop_assert!(near(got, want), "{got} {want} {scale}");
            }
        }
    }

    #[test]
    fn single_precision_has_the_values_of_plain_numbers(expr in any_expression(), x in leaves()) {
        let x: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        let plain: f32 = expr.eval(&x);
        let (value, _, _) = hvp(|x: &[Var2<1, f32>]| expr.eval(x), &x, &[1.0; LEAVES]).unwrap();
        prop_assert!(same(plain.into(), value.into()), "{plain} and {value}");
    }
}

#[test]
fn one_branch_is_taken_for_all_orders() {
    let along = |f: fn(Var2) -> Var2, d: f64| hvp(|x| f(x[0]), &[0.0], &[d]).unwrap().2[0] * d;
    type Case = (fn(Var2) -> Var2, f64, f64);
    let cases: [Case; 16] = [
        (|x| x.abs() * x.abs(), 2.0, 2.0),
        (|x| x.abs().powi(2), 2.0, 2.0),
        (|x| x.relu().powi(2), 2.0, 0.0),
        (|x| x.relu() * x, 2.0, 0.0),
        (|x| x.abs(), 0.0, 0.0),
        (|x| x.max(-x) * x, 2.0, -2.0),
        (|x| Var2::select(x.above(0.0), x * x, x), 2.0, 0.0),
        (|x| Var2::norm(&[x * 3.0, x * 4.0]).powi(2), 50.0, 50.0),
        (|x| (x * 3.0).hypot(x * 4.0).powi(2), 50.0, 50.0),
        (|x| x.elu(2.0), 0.0, 2.0),
        (|x| (x - 3.0).hard_swish(), 1.0 / 3.0, 0.0),
        // What is level is decided by the second derivative.
        (|x| (-(x * x)).abs(), 2.0, 2.0),
        (|x| (x * x).max(-x * x), 2.0, 2.0),
        (|x| (x * x).min(-x * x * 3.0), -6.0, -6.0),
        (|x| (x * x * 3.0).hypot(x * x * -4.0), 10.0, 10.0),
        (|x| Var2::norm(&[x * x * 3.0, x * x * 4.0]), 10.0, 10.0),
    ];
    for (index, (f, after, before)) in cases.into_iter().enumerate() {
        assert_eq!((along(f, 1.0), along(f, -1.0)), (after, before), "{index}");
    }
}

#[test]
fn a_direction_of_another_length_is_an_error() {
    let error: LengthError = hvp(|x| x[0] * x[1], &[1.0, 2.0], &[1.0]).unwrap_err();
    assert_eq!((error.expected, error.found), (2, 1));
    let error = hvps(|x| x[0] * x[1], &[1.0, 2.0], [&[1.0, 0.0], &[1.0, 2.0, 3.0]]).unwrap_err();
    assert_eq!((error.expected, error.found), (2, 3));
}

/// What enters from a tie has no infinite derivative, of the first order or the second, by whichever variable.
#[test]
fn nothing_infinite_enters_from_a_branch_that_is_not_taken() {
    type F = fn(&[Var2]) -> Var2;
    let cases: [F; 5] = [
        |x| Scalar::select(x[0].above(0.0), x[0].sqrt(), Var2::ZERO),
        |x| Scalar::select(x[0].above(0.0), x[0].powf(1.5), Var2::ZERO),
        |x| Scalar::select(x[0].above(0.0), x[1].sqrt(), Var2::ZERO),
        |x| Scalar::select(x[0].above(0.0), x[0] * x[1].cbrt(), Var2::ZERO),
        |x| Scalar::select_with(x[0].above(0.0), || x[0].sqrt() * 2.0, || Var2::ZERO),
    ];
    for (index, f) in cases.into_iter().enumerate() {
        for direction in [[1.0, 0.0], [1.0, 1.0], [2.0, -1.0]] {
            let found = hvp(f, &[0.0, 0.0], &direction).unwrap();
            assert_eq!(found, (0.0, vec![0.0; 2], vec![0.0; 2]), "{index} along {direction:?}");
        }
        let (value, gradient, rows) = hessian(|x| recorded_again(index, x), &[0.0, 0.0]);
        assert_eq!((value, gradient, rows), (0.0, vec![0.0; 2], vec![vec![0.0; 2]; 2]), "{index}");
    }
    // What is finite enters.
    let along = |x: &[Var2]| Scalar::select(x[0].above(0.0), x[0] * x[0] * 3.0, Var2::ZERO);
    assert_eq!(hvp(along, &[0.0], &[1.0]).unwrap(), (0.0, vec![0.0], vec![6.0]));
}

/// Some of these for a Hessian.
fn recorded_again<T: Scalar>(index: usize, x: &[T]) -> T {
    let yes = match index {
        0 | 4 => x[0].sqrt() * 2.0,
        1 => x[0].powf(1.5),
        2 => x[1].sqrt(),
        _ => x[0] * x[1].cbrt(),
    };
    T::select(x[0].above(0.0), yes, T::ZERO)
}

#[test]
fn lists_in_single_precision_have_the_bits_of_plain_numbers() {
    let mut state = 3_u64;
    let mut number = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * 8.0
    };
    for _ in 0..20_000 {
        let x: [f32; 3] = std::array::from_fn(|_| number());
        let (sum, _, _) = hvp(|x: &[Var2<1, f32>]| Var2::log_sum_exp(x), &x, &[1.0; 3]).unwrap();
        assert_eq!(sum.to_bits(), f32::log_sum_exp(&x).to_bits(), "{x:?}");
        let shares = f32::softmax(&x);
        for (which, share) in shares.into_iter().enumerate() {
            let (got, _, _) =
                hvp(|x: &[Var2<1, f32>]| Var2::softmax(x)[which], &x, &[1.0; 3]).unwrap();
            assert_eq!(got.to_bits(), share.to_bits(), "{x:?}");
        }
    }
}

/// Numbers that are the same infinity go on as numbers that are equal do, on every engine.
#[test]
fn of_equal_infinities_the_second_derivatives_are_those_of_equal_numbers() {
    fn both<T: Scalar>(which: usize, x: &[T]) -> T {
        match which {
            0 => T::log_sum_exp(x),
            1 => x[0].log_add_exp(x[1]),
            _ => T::softmax(x)[0],
        }
    }
    for which in 0..3 {
        let f = objective!((which: usize) |x| both(which, x));
        let of = |at: f64| {
            let x = [at; 2];
            let twice = both(which, &Dual2::seeds(x));
            let (value, gradient, rows) = hessian(|x| both(which, x), &x);
            let program = Program::record(&f, &[0.0; 2], &[]).unwrap().hessian();
            let mut sweep = program.compile();
            let found = sweep.run(&x, &Columns::none()).unwrap();
            let program = [found.output(2).to_vec(), found.output(3).to_vec()];
            assert_eq!(
                (twice.value(), twice.gradient().to_vec()),
                (value, gradient.clone()),
                "{which}"
            );
            assert_eq!(twice.hessian().map(|row| row.to_vec()).to_vec(), rows, "{which} at {at}");
            assert_eq!(program.to_vec(), rows, "{which} at {at}");
            (gradient, rows)
        };
        let equal = of(0.0);
        for infinity in [f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(of(infinity), equal, "{which}");
        }
    }
}

/// Where numbers tie all along an axis, the row of that axis has the shares of the default convention.
#[test]
fn what_ties_all_along_the_axis_is_shared_as_in_programs() {
    fn f<T: Scalar>(which: usize, x: &[T]) -> T {
        let list = [x[0] * x[2], x[1] * x[2], x[2] * x[2] * 5.0];
        match which {
            0 => T::quantile_of(&list, 0.375),
            1 => T::sorted(&list)[0],
            2 => T::median_of(&list) + T::sorted(&[list[1], list[0]])[0],
            _ => T::min_of(&list),
        }
    }
    for (which, share) in [(0, 0.5), (1, 0.5), (2, 1.0), (3, 0.5)] {
        let at = [1.0, 1.0, 1.0];
        let objective = objective!((which: usize) |x| f(which, x));
        let program = Program::record(&objective, &[1.0, 2.0, 3.0], &[]).unwrap().hessian();
        let mut sweep = program.compile();
        let found = sweep.run(&at, &Columns::none()).unwrap();
        let (value, _, rows) = hessian(|x| f(which, x), &at);
        assert_eq!(value, found.value(), "{which}");
        for (i, row) in rows.iter().enumerate() {
            for (got, want) in row.iter().zip(found.output(2 + i)) {
                assert!(
                    (got - want).abs() < 1e-15,
                    "{which}, {i}: {rows:?} {:?}",
                    found.output(2 + i)
                );
            }
        }
        // The gradient by the first two is that of the product with the third, half of it each.
        assert!(
            (rows[2][0] - share).abs() < 1e-15 && (rows[2][1] - share).abs() < 1e-15,
            "{rows:?}"
        );
    }
}
