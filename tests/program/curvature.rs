//! Second derivatives at kinks, at infinities and outside the domains.

use crate::hessians::hessian;
use wengert::loss::{LogCosh, Loss, PseudoHuber};
use wengert::op::Op;
use wengert::program::{Columns, Program};
use wengert::{Objective, Scalar, objective};

/// A row of the table, of one parameter or two.
struct Row(Op, Vec<f64>);

impl Objective for Row {
    fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
        let arguments = self.0.arity().map_or(0, |(arguments, _)| arguments);
        self.0.apply(&x[..arguments], &self.1).unwrap()
    }
}

#[test]
fn outside_its_domain_a_row_has_no_second_derivative() {
    // Beside the domains' ends, on both sides, and at them.
    let nasty = [-3.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0];
    let mut met = 0;
    for &op in Op::ROWS.iter() {
        let (arguments, parameters) = op.arity().unwrap();
        let row = Row(op, [0.25, 2.0][..parameters].to_vec());
        // Linear between its jumps: nothing there depends on the arguments.
        if op == Op::RemEuclid {
            continue;
        }
        let program = Program::record(&row, &vec![0.5; arguments], &[]).unwrap();
        let mut sweep = program.hessian().compile();
        let points: Vec<Vec<f64>> = match arguments {
            1 => nasty.iter().map(|&x| vec![x]).collect(),
            _ => nasty.iter().flat_map(|&a| nasty.map(|b| vec![a, b])).collect(),
        };
        for x in points {
            let found = sweep.run(&x, &Columns::none()).unwrap();
            if !found.value().is_nan() {
                continue;
            }
            met += 1;
            for i in 0..arguments {
                let entries = found.output(2 + i);
                assert!(entries.iter().all(|x| x.is_nan()), "{op:?} at {x:?}: {entries:?}");
            }
        }
    }
    assert!(met > 50, "{met}");
}

#[test]
fn at_a_kink_they_are_those_of_the_piece_that_the_direction_enters() {
    let none = &Columns::none();
    let one = |objective: &dyn Fn() -> Vec<f64>, want: f64| assert_eq!(objective(), [want]);
    one(&|| hessian(&objective!(|[x]| x.abs() * x.abs()), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| x.abs().powi(2)), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| x.relu().powi(2)), &[0.0], none), 2.0);
    one(&|| hessian(&objective!(|[x]| x.abs()), &[0.0], none), 0.0);
    one(&|| hessian(&objective!(|[x]| x * (-x.powf(1.1) + 1.0)), &[0.0], none), 0.0);
    let identity = [1.0, 0.0, 0.0, 1.0];
    let half_norm = objective!(|x| T::norm(x).powi(2) * 0.5);
    let half_product = objective!(|x| T::norm(x) * T::norm(x) * 0.5);
    let half_hypot = objective!(|[a, b]| a.hypot(b).powi(2) * 0.5);
    assert_eq!(hessian(&half_norm, &[0.0; 2], none), identity);
    assert_eq!(hessian(&half_product, &[0.0; 2], none), identity);
    assert_eq!(hessian(&half_hypot, &[0.0; 2], none), identity);
    let extremes = objective!(|[a, b]| a.max(b).powi(2) + a.min(b).powi(2));
    assert_eq!(hessian(&extremes, &[2.0; 2], none), [2.0, 0.0, 0.0, 2.0]);
    let greatest = objective!(|x| T::max_of(x).powi(2) + T::min_of(x).powi(2));
    assert_eq!(hessian(&greatest, &[2.0; 2], none), [2.0, 0.0, 0.0, 2.0]);
}

#[test]
fn a_convex_loss_curves_upwards_however_far_from_its_corner() {
    struct At<L>(L);
    impl<L: Loss> Objective for At<L> {
        fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
            self.0.at(x[0], T::from(0.0))
        }
    }
    fn curvature<L: Loss>(loss: L, r: f64) -> f64 {
        hessian(&At(loss), &[r], &Columns::none())[0]
    }
    let close = |found: f64, right: f64, what: &str| {
        let off = (found - right).abs();
        assert!(off <= 1e-13 * right.abs() + 1e-300, "{what}: {found:e} for {right:e}");
    };
    for exponent in -60..=60 {
        for sign in [1.0, -1.0] {
            let r = sign * 2f64.powi(exponent) * 1.3;
            for delta in [1e-8, 1e-3, 0.5, 1.0, 3.0, 1e3, 1e8] {
                let right = (delta / r.hypot(delta)).powi(3);
                close(
                    curvature(PseudoHuber::new(delta).unwrap(), r),
                    right,
                    &format!("{delta} {r}"),
                );
            }
            if r.abs() < 300.0 {
                close(curvature(LogCosh, r), r.cosh().powi(-2), &format!("ln cosh {r}"));
                // σ(r) σ(-r), of a margin that is the prediction.
                let half = (0.5 * r).cosh();
                let at = objective!(|[x]| x.softplus());
                let found = hessian(&at, &[r], &Columns::none())[0];
                close(found, 0.25 / (half * half), &format!("softplus {r}"));
                let at = objective!(|[x]| x.log_sigmoid() * -1.0);
                let found = hessian(&at, &[r], &Columns::none())[0];
                close(found, 0.25 / (half * half), &format!("log_sigmoid {r}"));
            }
        }
    }
}

#[test]
fn the_kinks_where_the_side_matters_are_counted() {
    let f = objective!(|[x]| x.abs() * x);
    let program = Program::record(&f, &[1.0], &[]).unwrap().gradient().jvp();
    let mut sweep = program.compile();
    for (direction, want) in [(1.0, 2.0), (-1.0, 2.0)] {
        let found = sweep.run(&[0.0, direction], &Columns::none()).unwrap();
        // Along -1 the slope -2x of -x² changes by 2.
        assert_eq!((found.output(3), found.kinks().len()), (&[want][..], 1));
    }
    assert_eq!(sweep.run(&[0.5, 1.0], &Columns::none()).unwrap().kinks().len(), 0);
}

#[test]
fn at_infinity_two_that_tie_share() {
    const LEAST: f64 = f64::NEG_INFINITY;
    let quarter = [0.25, -0.25, -0.25, 0.25];
    let of_two = objective!(|[a, b]| a.log_add_exp(b));
    let of_many = objective!(|x| T::log_sum_exp(x));
    let none = &Columns::none();
    for x in [LEAST, -3.0, 700.0, f64::INFINITY] {
        assert_eq!(hessian(&of_two, &[x; 2], none), quarter, "{x}");
        assert_eq!(hessian(&of_many, &[x; 2], none), quarter, "{x}");
    }
    for x in [[LEAST, 1.0], [1.0, LEAST], [f64::INFINITY, 1.0]] {
        assert_eq!(hessian(&of_two, &x, none), [0.0; 4], "{x:?}");
    }
}

#[test]
fn nan_among_several_is_the_greatest_and_the_least() {
    let run = |objective: &dyn Fn() -> Program, at: &[f64]| {
        let mut sweep = objective().gradient().compile();
        sweep.run(at, &Columns::none()).unwrap().gradient().to_vec()
    };
    let greatest = || Program::record(&objective!(|x| T::max_of(x)), &[1.0, 2.0], &[]).unwrap();
    let least = || Program::record(&objective!(|x| T::min_of(x)), &[1.0, 2.0], &[]).unwrap();
    assert_eq!(run(&greatest, &[2.0, f64::NAN]), [0.0, 1.0]);
    assert_eq!(run(&least, &[2.0, f64::NAN]), [0.0, 1.0]);
    assert_eq!(run(&greatest, &[f64::NAN, 2.0]), [1.0, 0.0]);
    let held = objective!(|[a]| a.ln().max(2.0) + a);
    let program = Program::record(&held, &[1.0], &[]).unwrap();
    let found = |program: Program, at: &[f64], which: usize| {
        program.compile().run(at, &Columns::none()).unwrap().output(which).to_vec()
    };
    assert_eq!(found(program.clone().jvp(), &[-1.0, 1.0], 1), [1.0]);
    assert_eq!(found(program.hessian(), &[-1.0], 2), [0.0]);
}

/// Lines of a program's listing.
fn size(program: &Program) -> usize {
    program.to_string().lines().count()
}

#[test]
fn a_hessian_grows_with_what_it_is_of() {
    let lines = |n: usize| {
        let at: Vec<f64> = (0..n).map(|i| 0.5 + i as f64 / 100.0).collect();
        let power = objective!(|v| v[0].powf(v[1]));
        let chain = objective!(|v| v.windows(2).map(|w| w[0].powf(w[1])).sum());
        let hessian = |program: Program| size(&program.hessian());
        [
            hessian(Program::record(&power, &at, &[]).unwrap()),
            hessian(Program::record(&chain, &at, &[]).unwrap()),
        ]
    };
    // A line more for each row without entries; and of a chain as many for each link.
    let [few, more] = [lines(8), lines(40)];
    assert!(more[0] <= few[0] + 2 * 32, "{few:?} {more:?}");
    assert!(more[1] <= few[1] * 6, "{few:?} {more:?}");
}

#[test]
fn no_operation_makes_a_transformation_long() {
    for &op in Op::ROWS.iter() {
        let (_, parameters) = op.arity().unwrap();
        let row = Row(op, [0.25, 2.0][..parameters].to_vec());
        // A chain of them, so that what a program costs by itself does not count.
        struct Chain(Row);
        impl Objective for Chain {
            fn at<T: Scalar>(&self, x: &[T], row: &[T]) -> T {
                (0..8).fold(x[0], |y, _| self.0.at(&[y * 0.5, x[1]], row))
            }
        }
        let program = Program::record(&Chain(row), &[0.5; 2], &[]).unwrap();
        let (own, gradient) = (size(&program), size(&program.clone().gradient()));
        assert!(gradient <= 12 * own, "{op:?}: {own} {gradient}");
        for derived in [
            program.clone().jvp(),
            program.clone().gradient_along(),
            program.clone().gradient().jvp(),
        ] {
            let lines = size(&derived);
            // Their second derivatives are series.
            let most = if matches!(op, Op::LnGamma | Op::Digamma) { 18 } else { 12 };
            assert!(lines <= most * own.max(gradient), "{op:?}: {own} {gradient} {lines}");
        }
    }
}
