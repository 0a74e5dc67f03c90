//! Derivatives of whole functions in one call: Jacobians, Hessians and directions.

use super::generator::{Expr, LEAVES, Many, expressions, fixed, leaves};
use super::random::any_expression;
use proptest::prelude::*;
use wengert::op::Op;
use wengert::program::{Columns, Program};
use wengert::{
    Dual, Dual2, Objective, Scalar, Tape, Var, gradient, hessian, hvp, hvps, jacobian, jvp,
};

/// As many functions of four numbers as there are expressions.
fn values_of<T: Scalar>(functions: &[Expr], x: &[T]) -> Vec<T> {
    functions.iter().map(|f| f.eval(x)).collect()
}

proptest! {
    #![proptest_config(fixed(300))]

    /// With few outputs swept back, with many swept forward: rows are gradients.
    #[test]
    fn rows_of_a_jacobian_are_gradients(
        functions in prop::collection::vec(any_expression(), 0..4 * LEAVES),
        x in leaves(),
    ) {
        let tape = Tape::new();
        values_of(&functions, &tape.vars_from(&x));
        // What is infinite on the way cancels in other ways.
        prop_assume!(tape.troubles().is_empty());
        let (values, rows) = jacobian(|x: &[Var]| values_of(&functions, x), &x);
        prop_assert_eq!((values.len(), rows.len()), (functions.len(), functions.len()));
        for (f, (value, row)) in functions.iter().zip(values.into_iter().zip(rows)) {
            let (want, slope) = gradient(|x: &[Var]| f.eval(x), &x);
            prop_assert_eq!(value.to_bits(), want.to_bits());
            let scale = slope.iter().fold(1.0_f64, |scale, s| scale.max(s.abs()));
            for (got, want) in row.into_iter().zip(slope) {
                let near = (got - want).abs() <= 1e-10 * scale;
                prop_assert!(near || !want.is_finite() || !scale.is_finite(), "{got} and {want}");
            }
        }
    }

    #[test]
    fn along_a_direction_it_is_forward_mode(
        f in any_expression(),
        x in leaves(),
        direction in prop::collection::vec(-2.0..2.0, LEAVES),
    ) {
        let moved: Vec<Dual> = x.iter().zip(&direction).map(|(&x, &d)| Dual::new(x, [d])).collect();
        let want: Dual = f.eval(&moved);
        let (value, slope) = jvp(|x: &[Dual]| f.eval(x), &x, &direction).unwrap();
        prop_assert_eq!(value.to_bits(), want.value().to_bits());
        prop_assert_eq!(slope.to_bits(), want.tangent().to_bits());
    }
}

#[test]
fn a_jacobian_of_many_outputs_and_of_none_has_its_shape() {
    fn squares<T: Scalar>(x: &[T]) -> Vec<T> {
        (0..50).map(|i| x[i % 3].square() * i as f64).collect()
    }
    let (values, rows) = jacobian(squares, &[1.0, 2.0, 3.0]);
    for (i, (value, row)) in values.into_iter().zip(rows).enumerate() {
        let (x, n) = ((i % 3 + 1) as f64, i as f64);
        assert_eq!(value, x * x * n);
        let want: Vec<f64> = (0..3).map(|j| if j == i % 3 { 2.0 * x * n } else { 0.0 }).collect();
        assert_eq!(row, want);
    }
    let (values, rows) = jacobian(|_: &[Var]| vec![], &[1.0]);
    assert!(values.is_empty() && rows.is_empty());
    let (values, rows) = jacobian(|_: &[Var]| vec![Var::from(2.0)], &[]);
    assert_eq!((values, rows), (vec![2.0], vec![vec![]]));
}

/// A quadratic form has its matrix as Hessian, whatever the number of rows at a time.
#[test]
fn a_hessian_of_any_size_is_the_matrix_of_a_quadratic_form() {
    for n in 0..=13 {
        let entry = |i: usize, j: usize| ((i * j) % 5) as f64 - ((i + j) % 3) as f64;
        let x: Vec<f64> = (0..n).map(|i| i as f64 - 2.0).collect();
        let (value, slope, rows) = hessian(
            |x| {
                let row = |i: usize| (0..n).map(|j| x[i] * x[j] * (0.5 * entry(i, j))).sum();
                let rows: Vec<_> = (0..n).map(row).collect();
                Scalar::sum_of(&rows)
            },
            &x,
        );
        assert_eq!((slope.len(), rows.len()), (n, n));
        let product: Vec<f64> = (0..n).map(|i| (0..n).map(|j| entry(i, j) * x[j]).sum()).collect();
        assert_eq!(slope, product);
        assert_eq!(value, 0.5 * product.iter().zip(&x).map(|(p, x)| p * x).sum::<f64>());
        for (i, row) in rows.iter().enumerate() {
            assert_eq!(*row, (0..n).map(|j| entry(i, j)).collect::<Vec<f64>>(), "{n}");
        }
    }
}

struct Kinked;

impl Objective for Kinked {
    fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
        let squares = T::norm(x).square() * 0.5 + x[0].hypot(x[1]).square();
        let pieces = x[0].abs() * x[1].abs() + x[2].relu() * x[2] + x[0].max(x[2]).square();
        squares + pieces + (-(x[1] * x[1])).abs() + (x[0] * x[0]).max(-x[2] * x[2])
    }
}

/// Each row on the piece that its axis enters.
#[test]
fn at_kinks_a_hessian_is_that_of_programs() {
    for x in [[0.0; 3], [0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [-1.0, 0.0, -1.0], [0.5, 0.5, 0.5]] {
        let program = Program::record(&Kinked, &x, &[]).unwrap().hessian();
        let mut sweep = program.compile();
        let found = sweep.run(&x, &Columns::none()).unwrap();
        let (value, _, rows) = hessian(|x| Kinked.at(x, &[]), &x);
        assert_eq!(value, found.output(0)[0]);
        for (got, want) in rows.iter().flatten().zip(found.hessian().iter().flatten()) {
            assert!(
                (got - want).abs() <= 1e-14 * want.abs().max(1.0),
                "{rows:?} {:?}",
                found.hessian()
            );
        }
    }
}

#[test]
fn several_products_at_once_are_those_of_each_direction() {
    fn loss<T: Scalar>(x: &[T]) -> T {
        T::log_sum_exp(x) * T::norm(x) + T::dot(x, x).sqrt() + T::softmax(x)[1] / x[0]
    }
    let x = [0.5, -1.5, 2.0];
    let directions = [[1.0, 0.0, 2.0], [-1.0, 3.0, 0.5], [0.0, 0.0, 1.0]];
    let (value, slope, products) = hvps(loss, &x, directions.each_ref().map(|d| &d[..])).unwrap();
    let (plain, first) = gradient(loss, &x);
    assert_eq!((value, slope), (plain, first));
    for (direction, product) in directions.iter().zip(products) {
        let (_, _, [alone]) = hvps(loss, &x, [&direction[..]]).unwrap();
        assert_eq!(product, alone);
    }
}

/// Kinks in kinks, and what is smooth beside them.
fn kinked_expression() -> BoxedStrategy<Expr> {
    let entries = vec![
        Op::Abs,
        Op::Relu,
        Op::Max,
        Op::Min,
        Op::Clamp,
        Op::HardTanh,
        Op::LeakyRelu,
        Op::Hypot,
    ];
    expressions(
        entries,
        vec![Many::MaxOf, Many::Sum, Many::Norm, Many::SelfDot],
        vec!['+', '-', '*'],
    )
}

struct Drawn(Expr);

impl Objective for Drawn {
    fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
        self.0.eval(x)
    }
}

proptest! {
    #![proptest_config(fixed(1000))]

    /// At whole numbers, where most kinks are met: along each axis as forward mode, and as programs.
    #[test]
    fn at_random_kinks_products_are_those_of_forward_mode(
        f in kinked_expression(),
        x in prop::collection::vec((-1..2_i32).prop_map(f64::from), LEAVES),
        direction in prop::collection::vec((-2..3_i32).prop_map(f64::from), LEAVES),
    ) {
        let moved: Vec<Dual2> = x.iter().zip(&direction).map(|(&x, &d)| Dual2::new(x, [d])).collect();
        let forward: Dual2 = f.eval(&moved);
        let (value, slope, product) = hvp(|x| f.eval(x), &x, &direction).unwrap();
        prop_assert_eq!(value.to_bits(), forward.value().to_bits());
        // A slope of 0 beside an infinite one passes nothing on in either, in another order.
        prop_assume!(slope.iter().chain(&product).all(|x| x.is_finite()) && forward.second().is_finite());
        let along = |v: &[f64]| v.iter().zip(&direction).map(|(p, d)| p * d).sum::<f64>();
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0);
        prop_assert!(near(along(&slope), forward.first()), "{} {}", along(&slope), forward.first());
        prop_assert!(near(along(&product), forward.second()), "{} {}", along(&product), forward.second());
        let Ok(program) = Program::record(&Drawn(f.clone()), &x, &[]) else { return Ok(()) };
        let program = program.hessian();
        let mut sweep = program.compile();
        let Ok(found) = sweep.run(&x, &Columns::none()) else { return Ok(()) };
        let (_, _, rows) = hessian(|x| f.eval(x), &x);
        for (got, &want) in rows.iter().flatten().zip(found.hessian().iter().flatten()) {
            prop_assert!(near(*got, want), "{rows:?} {:?}", found.hessian());
        }
    }
}
