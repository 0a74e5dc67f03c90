//! Bounds, against all sets of them that may hold.

use crate::{linear_problem, whole_numbers};
use wengert::optim::Bounds;
use wengert::optim::least_squares::LeastSquares;

/// The least squares of `A x - b` with some of `x` fixed: by elimination in the normal equations.
fn solved(a: &[f64], b: &[f64], fixed: &[Option<f64>]) -> Vec<f64> {
    let n = fixed.len();
    let free: Vec<usize> = (0..n).filter(|&j| fixed[j].is_none()).collect();
    let left = |row: &[f64], b: f64| {
        b - row.iter().zip(fixed).map(|(a, x)| a * x.unwrap_or(0.0)).sum::<f64>()
    };
    let mut rows: Vec<Vec<f64>> = free.iter().map(|_| vec![0.0; free.len() + 1]).collect();
    for (row, &b) in a.chunks(n).zip(b) {
        let mut of_free: Vec<f64> = free.iter().map(|&j| row[j]).collect();
        of_free.push(left(row, b));
        for i in 0..free.len() {
            for j in 0..=free.len() {
                rows[i][j] += of_free[i] * of_free[j];
            }
        }
    }
    for i in 0..free.len() {
        let pivot = rows[i].clone();
        for k in (0..free.len()).filter(|&k| k != i) {
            let share = rows[k][i] / pivot[i];
            rows[k].iter_mut().zip(&pivot).for_each(|(x, p)| *x -= share * p);
        }
    }
    let mut x: Vec<f64> = fixed.iter().map(|x| x.unwrap_or(0.0)).collect();
    free.iter().enumerate().for_each(|(i, &j)| x[j] = rows[i][free.len()] / rows[i][i]);
    x
}

fn cost(a: &[f64], b: &[f64], x: &[f64]) -> f64 {
    linear_problem(a, b)(x).0.iter().map(|r| r * r / 2.0).sum()
}

/// The best of the points at which some set of bounds holds and the others are kept.
fn enumerated(a: &[f64], b: &[f64], bounds: &Bounds) -> Vec<f64> {
    let n = bounds.len();
    let mut best: Option<(f64, Vec<f64>)> = None;
    for code in 0..3_usize.pow(n as u32) {
        let hold = |j: usize| match code / 3_usize.pow(j as u32) % 3 {
            0 => None,
            1 => Some(bounds.lower()[j]),
            _ => Some(bounds.upper()[j]),
        };
        let fixed: Vec<Option<f64>> = (0..n).map(hold).collect();
        if fixed.iter().flatten().any(|x| x.is_infinite()) {
            continue;
        }
        let x = solved(a, b, &fixed);
        let value = cost(a, b, &x);
        if bounds.contains(&x) && best.as_ref().is_none_or(|(least, _)| value < *least) {
            best = Some((value, x));
        }
    }
    best.expect("the corners are there").1
}

#[test]
fn linear_problems_end_where_the_best_set_of_bounds_does() {
    let (mut held, mut inside) = (0, 0);
    for seed in 1..=150 {
        let n = 1 + seed as usize % 4;
        let m = n + 3;
        let (a, b) = (whole_numbers(m * n, seed), whole_numbers(m, seed + 1000));
        let sides = whole_numbers(2 * n, seed + 2000);
        let lower: Vec<f64> = (0..n).map(|j| sides[j].min(sides[n + j]) / 16.0).collect();
        let upper: Vec<f64> = (0..n)
            .map(|j| match seed % 5 {
                0 if j == 0 => f64::INFINITY,
                _ => sides[j].max(sides[n + j]) / 16.0 + 0.125,
            })
            .collect();
        let bounds = Bounds::new(&lower, &upper).unwrap();
        let want = enumerated(&a, &b, &bounds);
        let mut x: Vec<f64> = (0..n)
            .map(|j| match seed % 3 {
                0 => lower[j],
                1 if upper[j].is_finite() => upper[j],
                _ => lower[j] + 0.0625,
            })
            .collect();
        let fitter = LeastSquares::builder().within(bounds.clone()).build().unwrap();
        let mut problem = linear_problem(&a, &b);
        let fit = fitter.fit(&mut x, |p: &[f64]| {
            assert!(bounds.contains(p), "asked outside: {p:?}");
            problem(p)
        });
        let fit = fit.unwrap();
        let (ending, n_asked) = (fit.ending(), fit.evaluation_count());
        assert!(ending.is_converged() && n_asked < 60, "{seed}: {ending} after {n_asked}");
        for (x, want) in x.iter().zip(&want) {
            assert!((x - want).abs() <= 1e-10 * (1.0 + want.abs()), "{seed}: {x}, not {want}");
        }
        let (residuals, slopes) = linear_problem(&a, &b)(&x);
        for one in fit.held() {
            let j = one.place().index;
            assert_eq!(x[j], if one.is_upper() { upper[j] } else { lower[j] });
            let gradient: f64 =
                residuals.iter().zip(slopes.chunks(n)).map(|(r, row)| r * row[j]).sum();
            let want = if one.is_upper() { -gradient } else { gradient };
            assert!(want >= 0.0 && (one.multiplier() - want).abs() <= 1e-9 * (1.0 + want));
        }
        held += fit.held().len();
        inside += n - fit.held().len();
        let errors = fit.standard_errors().unwrap();
        for (j, error) in errors.iter().enumerate() {
            assert_eq!(error.is_none(), fit.held().iter().any(|held| held.place().index == j));
        }
    }
    // The problems are of both kinds.
    assert!(held > 80 && inside > 80, "{held} held, {inside} inside");
}

#[test]
fn the_errors_beside_a_bound_are_those_with_the_parameter_held() {
    let (a, b) = (whole_numbers(30, 1), whole_numbers(10, 2));
    let infinity = f64::INFINITY;
    let bounds = Bounds::new(&[-infinity, 3.0, -infinity], &[infinity, 3.0, infinity]).unwrap();
    let fitter = LeastSquares::builder().within(bounds).build().unwrap();
    let fit = fitter.fit(&mut [0.0, 3.0, 0.0], linear_problem(&a, &b)).unwrap();
    let others: Vec<f64> = a.chunks(3).flat_map(|row| [row[0], row[2]]).collect();
    let right: Vec<f64> = a.chunks(3).zip(&b).map(|(row, b)| b - 3.0 * row[1]).collect();
    let alone = LeastSquares::new().fit(&mut [0.0, 0.0], linear_problem(&others, &right)).unwrap();
    let (some, all) = (alone.standard_errors().unwrap(), fit.standard_errors().unwrap());
    assert_eq!((all[1], fit.degrees_of_freedom()), (None, 8));
    for (with, without) in [(all[0], some[0]), (all[2], some[1])] {
        approx::assert_relative_eq!(with.unwrap(), without.unwrap(), max_relative = 1e-12);
    }
    assert!(fit.covariance().unwrap()[1].iter().all(|&x| x == 0.0));
}

#[test]
fn curved_problems_slide_along_their_bounds() {
    // Rosenbrock's valley with x ≤ ½: the least is at (½, ¼).
    let valley = |p: &[f64]| {
        (vec![10.0 * (p[1] - p[0] * p[0]), 1.0 - p[0]], vec![-20.0 * p[0], 10.0, -1.0, 0.0])
    };
    let bounds = Bounds::new(&[-2.0, -2.0], &[0.5, 2.0]).unwrap();
    let fitter = LeastSquares::builder().within(bounds).build().unwrap();
    for start in [[-1.2, 1.0], [0.5, 2.0], [-2.0, -2.0]] {
        let mut x = start;
        let fit = fitter.fit(&mut x, valley).unwrap();
        assert_eq!(x[0], 0.5);
        approx::assert_relative_eq!(x[1], 0.25, max_relative = 1e-12);
        approx::assert_relative_eq!(fit.held()[0].multiplier(), 0.5, max_relative = 1e-9);
    }
}
