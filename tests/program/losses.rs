//! Losses inside an objective: the program agrees with the tape, kinks included.

use wengert::loss::*;
use wengert::program::{Columns, Program};
use wengert::{Objective, Scalar, Tape, Var};

/// A line `a x + b`, by a loss.
struct Line<L>(L);

impl<L: Loss> Objective for Line<L> {
    fn at<T: Scalar>(&self, w: &[T], row: &[T]) -> T {
        self.0.at(w[0] * row[0] + w[1], row[1])
    }
}

/// Logits of three classes, of which the second is the true one.
struct Classes;

impl Objective for Classes {
    fn at<T: Scalar>(&self, w: &[T], row: &[T]) -> T {
        let logits = [w[0] * row[0], w[1] * row[0] + row[1], w[0] - w[1]];
        CrossEntropy.at(&logits, 1).unwrap()
    }
}

/// The value and gradient of the mean over rows, and the number of kinks, by both.
#[track_caller]
fn assert_agree(objective: &impl Objective, w: [f64; 2], x: &[f64], y: &[f64]) {
    let program = Program::record(objective, &[0.3, 0.4], &[0.5, 1.0]).unwrap();
    assert_eq!(program.guards().count(), 0, "a loss chooses without comparing");
    let mut sweep = program.mean().gradient().compile();
    let found = sweep.run(&w, &Columns::new(&[x, y]).unwrap()).unwrap();

    let tape = Tape::new();
    let vars = tape.vars(w);
    let rows = x.iter().zip(y);
    let losses: Vec<Var> =
        rows.map(|(&x, &y)| objective.at(&vars, &[x.into(), y.into()])).collect();
    let mean = Var::mean(&losses);
    let gradient = mean.backward().wrt(vars);
    let close = |got: f64, want: f64| (got - want).abs() <= 1e-12 * (1.0 + want.abs());
    assert!(close(found.value(), mean.value()), "{} and {}", found.value(), mean.value());
    for (&got, want) in found.gradient().iter().zip(gradient) {
        assert!(close(got, want), "{:?} and {gradient:?}", found.gradient());
    }
    let met: u64 = found.kinks().iter().map(|kink| kink.row_count).sum();
    assert_eq!(met, tape.kinks().len() as u64);
}

#[test]
fn of_regression() {
    // The line 0.5 x + 1 meets kinks in some rows: residuals 0, 1, -1, 2.
    let x: Vec<f64> = (0..300).map(|i| f64::from(i % 41) * 0.5 - 10.0).collect();
    let y: Vec<f64> = (0..300)
        .map(|i| 0.5 * x[i as usize] + 1.0 + [0.0, 1.0, -1.0, 2.0, 0.3, -7.5][i as usize % 6])
        .collect();
    let w = [0.5, 1.0];
    assert_agree(&Line(AbsoluteError), w, &x, &y);
    assert_agree(&Line(SquaredError), w, &x, &y);
    assert_agree(&Line(Huber::new(1.0).unwrap()), w, &x, &y);
    assert_agree(&Line(PseudoHuber::new(2.0).unwrap()), w, &x, &y);
    assert_agree(&Line(LogCosh), w, &x, &y);
    assert_agree(&Line(Quantile::new(0.9).unwrap()), w, &x, &y);
    assert_agree(&Line(EpsilonInsensitive::new(1.0).unwrap()), w, &x, &y);
    let counts: Vec<f64> = (0..300).map(|i| f64::from(i % 7)).collect();
    assert_agree(&Line(Poisson), w, &x, &counts);
}

#[test]
fn of_classification() {
    let x: Vec<f64> = (0..300).map(|i| f64::from(i % 41) * 0.5 - 10.0).collect();
    let signs: Vec<f64> = (0..300).map(|i| if i % 3 == 0 { 1.0 } else { -1.0 }).collect();
    let w = [0.5, 1.0]; // `t x = 1` at x = 0 and x = -4
    assert_agree(&Line(Hinge), w, &x, &signs);
    assert_agree(&Line(SquaredHinge), w, &x, &signs);
    assert_agree(&Line(Logistic), w, &x, &signs);
    let probabilities: Vec<f64> = (0..300).map(|i| f64::from(i % 5) / 4.0).collect();
    assert_agree(&Line(BinaryCrossEntropy), w, &x, &probabilities);
    assert_agree(&Classes, w, &x, &probabilities);
    let far: Vec<f64> = x.iter().map(|x| x * 200.0).collect();
    assert_agree(&Line(Logistic), w, &far, &signs);
    assert_agree(&Classes, w, &far, &probabilities);
}

/// Losses state all rows that their second derivatives need.
#[test]
fn have_hessians() {
    let logistic = Program::record(&Line(Logistic), &[0.3, 0.4], &[0.5, 1.0]).unwrap();
    let huber = Program::record(&Line(Huber::new(1.0).unwrap()), &[0.0, 0.0], &[0.5, 1.0]).unwrap();
    let (x, y) = ([1.0, 2.0, -1.0], [1.0, -1.0, 1.0]);
    let data = Columns::new(&[&x, &y]).unwrap();
    let mut sweep = logistic.sum().hessian().compile();
    let found = sweep.run(&[0.0, 0.0], &data).unwrap();
    assert_eq!((found.output(2), found.output(3)), (&[1.5, 0.5][..], &[0.5, 0.75][..]));
    // At 0.25 x only the second residual is beyond the width.
    let mut sweep = huber.sum().hessian().compile();
    let found = sweep.run(&[0.25, 0.1], &data).unwrap();
    let within: Vec<f64> = x
        .iter()
        .zip(y)
        .filter(|&(x, y)| (0.25 * x + 0.1 - y).abs() < 1.0)
        .map(|(&x, _)| x)
        .collect();
    let squares: f64 = within.iter().map(|x| x * x).sum();
    assert_eq!(found.output(2), [squares, within.iter().sum()]);
}
