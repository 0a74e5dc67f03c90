//! Means over batches, from tapes, programs and functions.

use super::{line, point};
use wengert::Var;
use wengert::objective;
use wengert::program::{Columns, Program};
use wengert::train::{BatchLoss, ProgramLoss, TapeLoss, TrainError};

const ROWS: usize = 77;

/// By hand: the weighted mean and its gradient.
fn by_hand(p: [f64; 2], rows: &[u32], weight: impl Fn(usize) -> f64) -> (f64, [f64; 2]) {
    let (mut sum, mut slope, mut weights) = (0.0, [0.0; 2], 0.0);
    for &row in rows {
        let ((x, y), w) = (point(row as usize), weight(row as usize));
        let off = p[0] + p[1] * x - y;
        sum += w * off * off;
        slope[0] += 2.0 * w * off;
        slope[1] += 2.0 * w * off * x;
        weights += w;
    }
    (sum / weights, slope.map(|slope| slope / weights))
}

fn assert_alike(loss: &mut dyn BatchLoss, weight: impl Fn(usize) -> f64) {
    for (first, step, count) in [(0, 1, 77), (3, 5, 14), (76, 75, 2), (20, 1, 1), (0, 7, 11)] {
        let rows: Vec<u32> = (0..count).map(|i| (first + i * step) % 77).collect();
        if rows.iter().all(|&row| weight(row as usize) == 0.0) {
            continue;
        }
        let (value, slope) = by_hand([0.5, -1.5], &rows, &weight);
        let mut found = [0.0; 2];
        let mean = loss.gradient(&[0.5, -1.5], &rows, &mut found).expect("a mean");
        approx::assert_relative_eq!(mean, value, max_relative = 1e-13);
        approx::assert_relative_eq!(&found[..], &slope[..], max_relative = 1e-13);
        let alone = loss.value(&[0.5, -1.5], &rows).expect("a mean");
        approx::assert_relative_eq!(alone, value, max_relative = 1e-13);
    }
}

#[test]
fn tapes_and_programs_have_the_mean_of_the_rows() {
    assert_alike(&mut line(ROWS), |_| 1.0);
    let (x, y): (Vec<f64>, Vec<f64>) = (0..ROWS).map(point).unzip();
    let square = objective!(|[a, b], [x, y]| (a + b * x - y).square());
    let program = Program::record(&square, &[0.0; 2], &[0.0; 2]).expect("an objective");
    let data = Columns::new(&[&x, &y]).expect("columns");
    assert_alike(&mut ProgramLoss::new(&program, data), |_| 1.0);
}

#[test]
fn weights_weigh_and_a_row_of_weight_0_is_left_out() {
    let weight = |row: usize| if row % 5 == 3 { 0.0 } else { (row % 4) as f64 + 0.5 };
    let weights: Vec<f64> = (0..ROWS).map(weight).collect();
    let spoilt = |row: usize| if row % 5 == 3 { (f64::NAN, 1.0) } else { point(row) };
    let tape = TapeLoss::new(ROWS, |p: &[Var], row| {
        let (x, y) = spoilt(row);
        (p[0] + p[1] * x - y).square()
    });
    assert_alike(&mut tape.weighted(&weights).expect("weights"), weight);
    let (x, y): (Vec<f64>, Vec<f64>) = (0..ROWS).map(spoilt).unzip();
    let square = objective!(|[a, b], [x, y]| (a + b * x - y).square());
    let program = Program::record(&square, &[0.0; 2], &[0.0; 2]).expect("an objective");
    let data = Columns::new(&[&x, &y, &weights]).expect("columns");
    assert_alike(&mut ProgramLoss::weighted(&program, data).expect("weights"), weight);
}

#[test]
fn weights_that_are_none_are_refused() {
    let refused = |weights: &[f64]| line(3).weighted(weights).map(|_| ()).expect_err("no weights");
    assert!(matches!(refused(&[1.0]), TrainError::WeightCount { expected: 3, found: 1 }));
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(refused(&[1.0, bad, 1.0]), TrainError::Weight { row: 1, .. }));
    }
    let program = Program::record(&objective!(|[a], [x]| a * x), &[0.0], &[0.0]).expect("one");
    let data = Columns::new(&[&[1.0, 2.0]]).expect("columns");
    let refused = ProgramLoss::weighted(&program, data).expect_err("no column of weights");
    assert!(matches!(refused, TrainError::WeightCount { expected: 2, found: 0 }));
}

#[cfg(feature = "parallel")]
#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let rows: Vec<u32> = (0..ROWS as u32).rev().collect();
    let bits = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| {
            let mut slope = [0.0; 2];
            let value = line(ROWS).gradient(&[0.3, 0.7], &rows, &mut slope).expect("a mean");
            [value, slope[0], slope[1]].map(f64::to_bits)
        })
    };
    assert!([2, 3, 5].into_iter().all(|threads| bits(threads) == bits(1)));
}
