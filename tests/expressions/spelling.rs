//! Expressions as people write them: in generic functions and in `objective!`, on each engine.

use wengert::program::{Columns, Program};
use wengert::{LeftOf, Objective, Real, Scalar, Tape, Var, gradient_array, objective};

/// Each operator with a number on the left, among sums and products of plain numbers, which stay plain.
fn mixed<T: Scalar>(t: T, xs: &[f64], ts: &[T]) -> T {
    let n = xs.len() as f64;
    let literals = 2.0 * 3.0 - 1.0 / 4.0 + 7.0 % 4.0;
    let (p, q) = (2.0, 0.5);
    let plain: f64 = xs.iter().map(|x| 0.5 * x - 1.0).sum::<f64>() / n;
    let by_closure = |x: f64| 1.0 - x * x;
    let folded = xs.iter().fold(0.0, |sum, &x| sum + x * x);
    let mut total = 0.0;
    for x in xs {
        total += 2.0 * x;
        total -= x * x;
    }
    let count = if n > 2.0 * 1.0 { 1.0 - n } else { 2.0 };
    let terms = ts.iter().fold(T::ZERO, |sum, &t| sum + 0.5 * t);
    let nested = 1.0 - 2.0 * (3.0 - t);
    p * t + 1.0 / (2.0 + t.square()) + 5.0 % t - t * (p * q) + terms * (plain + literals)
        - nested / (by_closure(2.0) + folded + total + count)
}

/// The same, with numbers on the right alone.
fn turned<T: Scalar>(t: T, xs: &[f64], ts: &[T]) -> T {
    let n = xs.len() as f64;
    let plain = xs.iter().map(|x| x * 0.5 - 1.0).sum::<f64>() / n;
    let folded: f64 = xs.iter().map(|x| x * x).sum();
    let total = xs.iter().map(|x| x * 2.0 - x * x).sum::<f64>();
    let count = if n > 2.0 { -n + 1.0 } else { 2.0 };
    let terms: T = ts.iter().fold(T::from(0.0), |sum, &t| sum + t * 0.5);
    let nested = -((-t + 3.0) * 2.0) + 1.0;
    t * 2.0 + T::from(1.0) / (t * t + 2.0) + T::from(5.0) % t - t + terms * (plain + 8.75)
        - nested / (-3.0 + folded + total + count)
}

#[test]
fn a_number_on_the_left_is_the_same_as_on_the_right() {
    let xs = [0.25, 3.0, -1.5];
    for at in [0.5, -2.0, 3.25, 1e-3] {
        let here = [at, 1.0 - at];
        assert_eq!(mixed(at, &xs, &here), turned(at, &xs, &here));
        let left = gradient_array(|[a, b]| mixed(a, &xs, &[a, b]), here);
        let right = gradient_array(|[a, b]| turned(a, &xs, &[a, b]), here);
        assert_eq!(left, right);

        let left = objective!(|[a, b], [x]| mixed(a, &[0.25, 3.0, -1.5], &[a, b]) * x);
        let right = objective!(|[a, b], [x]| turned(a, &[0.25, 3.0, -1.5], &[a, b]) * x);
        let run = |program: Result<Program, _>| {
            let program = program.expect("it can be recorded").sum().gradient();
            let columns = [2.0, 3.0];
            let columns = Columns::new(&[&columns]).expect("one column");
            let mut sweep = program.compile();
            let found = sweep.run(&here, &columns).expect("it can be run");
            (found.value(), found.gradient().to_vec())
        };
        let found = run(Program::record(&left, &here, &[1.0]));
        assert_eq!(found, run(Program::record(&right, &here, &[1.0])));
        let plain = mixed(at, &xs, &here);
        approx::assert_relative_eq!(found.0, 5.0 * plain, max_relative = 1e-13);
    }
}

#[test]
fn numbers_stand_on_the_left_in_objectives_of_ones_own() {
    struct Decay;
    impl Objective for Decay {
        fn at<T: Scalar>(&self, parameters: &[T], row: &[T]) -> T {
            2.0 * (1.0 - parameters[0] * row[0])
        }
    }
    let written = objective!(|[a], [x]| 2.0 * (1.0 - a * x));
    assert_eq!(Decay.at(&[3.0], &[2.0]), -10.0);
    assert_eq!(written.at(&[3.0], &[2.0]), -10.0);
    for program in
        [Program::record(&Decay, &[3.0], &[2.0]), Program::record(&written, &[3.0], &[2.0])]
    {
        let mut sweep = program.expect("it can be recorded").sum().gradient().compile();
        let columns = [2.0, 5.0];
        let columns = Columns::new(&[&columns]).expect("one column");
        let found = sweep.run(&[3.0], &columns).expect("it can be run");
        assert_eq!((found.value(), found.gradient()), (-38.0, &[-14.0][..]));
    }
}

#[test]
fn numbers_stand_on_the_left_in_every_precision() {
    fn damped<F: Real, T: Scalar<F>>(t: T, by: F) -> T {
        by * t - by * by + by
    }
    fn on_tape<F: Real + LeftOf<Var<F>>>(t: Var<F>, by: F) -> Var<F> {
        by * t - by * by + by
    }
    let tape = Tape::<f32>::default();
    let x = tape.var(3.0);
    for y in [damped(x, 0.5), on_tape(x, 0.5)] {
        assert_eq!((y.value(), y.backward().wrt(x)), (1.75, 0.5));
    }
    assert_eq!(damped(3.0_f32, 0.5), 1.75);
    assert_eq!(damped(3.0_f64, 0.5), 1.75);
}

#[test]
fn powers_squares_lengths_and_constants_are_found_by_their_names() {
    let tape = Tape::new();
    let xs = tape.vars([1.0, 2.0, 6.0]);
    let mut total = Var::ZERO;
    for x in xs {
        total += x;
    }
    let mut mean = total / xs.len();
    assert_eq!((mean.value(), mean.backward().wrt(xs)), (3.0, [1.0 / 3.0; 3]));
    assert_eq!((&total / 3_usize).value(), 3.0);
    mean /= 2_usize;
    assert_eq!(mean.value(), 1.5);
    // Literals are numbers still.
    assert_eq!(((xs[1] / 2.0) * 2.0 + 1.0 - 3.0).value(), 0.0);
    assert!((total / 0_usize).value().is_infinite());

    let x = xs[1];
    for square in [x.pow(2), x.square(), Scalar::pow(x, 2), Scalar::square(x)] {
        assert_eq!((square.value(), square.backward().wrt(x)), (4.0, 4.0));
    }
    assert_eq!((x.pow(2.0).backward().wrt(x), x.pow(x).value()), (4.0, 4.0));
    assert_eq!(xs.iter().fold(Var::ONE, |product, &x| product * x).value(), 12.0);
    let constant: Var = 1.0.into();
    assert!(constant.is_constant() && Var::<f32>::ONE.value() == 1.0);
    assert_eq!(x.max(1.0).value(), Scalar::max(x, Var::from(1.0)).value());
}

#[test]
fn a_gradient_answers_by_index_and_by_get() {
    let tape = Tape::new();
    let [a, b, late] = tape.vars([2.0, 3.0, 4.0]);
    let kept = (a * b).keep();
    let g = (kept * a).backward();
    for x in [a, b, kept] {
        assert_eq!((g[x], g.get(x)), (g.wrt(x), Some(g.wrt(x))));
    }
    assert_eq!((g[late], g.get(late)), (0.0, Some(0.0)));
    let after = tape.var(1.0);
    assert_eq!((g[after], g.get(after)), (0.0, Some(0.0)));

    let foreign = Tape::new().var(1.0);
    for x in [foreign, Var::ONE, a * b] {
        assert_eq!(g.get(x), None);
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| g[x])).is_err());
    }
    assert_eq!(Var::ONE.backward().get(a), Some(0.0));
}

#[test]
fn gradients_of_one_function_recorded_twice_are_equal() {
    let at = |x: f64, y: f64| {
        let tape = Tape::new();
        let [x, y, z] = tape.vars([x, y, 1.0]);
        (x.sin() * y.exp() * z + x).abs().backward()
    };
    assert_eq!(at(1.0, 2.0), at(1.0, 2.0));
    assert_ne!(at(1.0, 2.0), at(1.0, 2.5));
    approx::assert_relative_eq!(at(1.0, 2.0), at(1.0, 2.0 + 1e-13), max_relative = 1e-12);
    assert!(approx::relative_ne!(at(1.0, 2.0), at(1.0, 2.5), max_relative = 1e-12));

    // What was recorded after the output has slope 0, whether the gradient reaches so far or not.
    let tape = Tape::new();
    let x = tape.var(3.0);
    let y = x * x;
    let before = y.backward();
    let z = tape.var(1.0);
    let after = tape.backward([(y, 1.0)]);
    assert_eq!(before, after);
    assert_ne!(before, tape.backward([(y, 1.0), (z, 1.0)]));
    // NaN differs from itself, as among numbers.
    let nan = (x * f64::NAN).backward();
    assert_ne!(nan, nan.clone());
}
