//! Linear problems of whole numbers, against exact rational solutions.

use crate::{linear_problem, whole_numbers};
use wengert::objective;
use wengert::optim::Stopped;
use wengert::optim::least_squares::{LeastSquares, LeastSquaresError, ProgramResiduals};
use wengert::program::{Columns, Program};

/// The determinant of whole numbers, by minors.
fn determinant(rows: &[Vec<i128>]) -> i128 {
    let Some((first, rest)) = rows.split_first() else { return 1 };
    let minor = |j: usize| -> Vec<Vec<i128>> {
        let without = |row: &Vec<i128>| {
            row.iter().enumerate().filter(|&(k, _)| k != j).map(|(_, &x)| x).collect()
        };
        rest.iter().map(without).collect()
    };
    let sign = |j: usize| if j.is_multiple_of(2) { 1 } else { -1 };
    first.iter().enumerate().map(|(j, &x)| sign(j) * x * determinant(&minor(j))).sum()
}

/// By Cramer's rule on the normal equations: the solution, `(AᵀA)⁻¹`, and `Σ r²`, each rounded once or twice.
fn exact(a: &[f64], b: &[f64], n: usize) -> (Vec<f64>, Vec<Vec<f64>>, f64) {
    let rows: Vec<Vec<i128>> =
        a.chunks(n).map(|row| row.iter().map(|&x| x as i128).collect()).collect();
    let b: Vec<i128> = b.iter().map(|&x| x as i128).collect();
    let dot = |i: usize, j: usize| rows.iter().map(|row| row[i] * row[j]).sum::<i128>();
    let normal: Vec<Vec<i128>> = (0..n).map(|i| (0..n).map(|j| dot(i, j)).collect()).collect();
    let right: Vec<i128> =
        (0..n).map(|i| rows.iter().zip(&b).map(|(row, b)| row[i] * b).sum()).collect();
    let whole = determinant(&normal);
    assert_ne!(whole, 0);
    let replaced = |j: usize, by: &dyn Fn(usize) -> i128| {
        let mut matrix = normal.clone();
        matrix.iter_mut().enumerate().for_each(|(i, row)| row[j] = by(i));
        determinant(&matrix)
    };
    let numerators: Vec<i128> = (0..n).map(|j| replaced(j, &|i| right[i])).collect();
    let inverse = |i: usize, j: usize| replaced(i, &|k| i128::from(k == j)) as f64 / whole as f64;
    // Σ r² = b·b - x·Aᵀb, over the determinant.
    let squares = b.iter().map(|b| b * b).sum::<i128>() * whole
        - numerators.iter().zip(&right).map(|(x, r)| x * r).sum::<i128>();
    let solution = numerators.iter().map(|&x| x as f64 / whole as f64).collect();
    let inverse = (0..n).map(|i| (0..n).map(|j| inverse(i, j)).collect()).collect();
    (solution, inverse, squares as f64 / whole as f64)
}

#[test]
fn solutions_and_covariances_are_the_rational_ones() {
    for (seed, (m, n)) in (1..).zip([(2, 1), (3, 2), (5, 3), (12, 4), (40, 5), (7, 5)]) {
        let (a, b) = (whole_numbers(m * n, seed), whole_numbers(m, seed + 100));
        let (solution, inverse, squares) = exact(&a, &b, n);
        let mut x = whole_numbers(n, seed + 200);
        let fit = LeastSquares::new().fit(&mut x, linear_problem(&a, &b)).unwrap();
        assert!(fit.ending().is_converged() && fit.evaluation_count() < 12);
        let size = solution.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        for (x, want) in x.iter().zip(&solution) {
            assert!((x - want).abs() <= 1e-13 * size, "{x}, not {want}");
        }
        approx::assert_relative_eq!(fit.sum_of_squares(), squares, max_relative = 1e-12);
        approx::assert_relative_eq!(fit.cost(), squares / 2.0, max_relative = 1e-12);
        assert_eq!(fit.degrees_of_freedom(), m - n);
        let variance = squares / (m - n) as f64;
        approx::assert_relative_eq!(
            fit.residual_deviation().unwrap(),
            variance.sqrt(),
            max_relative = 1e-12
        );
        let (covariance, errors) = (fit.covariance().unwrap(), fit.standard_errors().unwrap());
        for i in 0..n {
            for j in 0..n {
                let size = variance * (inverse[i][i] * inverse[j][j]).sqrt();
                assert!((covariance[i][j] - variance * inverse[i][j]).abs() <= 1e-12 * size);
            }
            let want = (variance * inverse[i][i]).sqrt();
            approx::assert_relative_eq!(errors[i].unwrap(), want, max_relative = 1e-12);
        }
        let mean = b.iter().sum::<f64>() / m as f64;
        let total: f64 = b.iter().map(|b| (b - mean).powi(2)).sum();
        approx::assert_relative_eq!(
            fit.r_squared(&b).unwrap(),
            1.0 - squares / total,
            max_relative = 1e-11,
            epsilon = 1e-13
        );
    }
}

#[test]
fn a_program_over_columns_is_the_same_problem_and_rows_can_weigh() {
    let plane = objective!(|[a, b, c], [y, u, v]| a + b * u + c * v - y);
    let program = Program::record(&plane, &[0.0; 3], &[0.0; 3]).unwrap();
    let n = 20;
    let [y, u, v] = [1, 2, 3].map(|seed| whole_numbers(n, seed));
    // Weights that are squares of whole numbers, so that repeated rows do the same exactly.
    let weights: Vec<f64> = (0..n).map(|i| [1.0, 4.0, 0.0, 9.0][i % 4]).collect();
    let spoilt: Vec<f64> =
        (0..n).map(|i| if weights[i] == 0.0 { f64::NAN } else { u[i] }).collect();
    let data = Columns::new(&[&y, &spoilt, &v, &weights]).unwrap();
    let mut x = [1.0; 3];
    let problem = ProgramResiduals::new(&program, &data).weights_in(3).unwrap();
    let fit = LeastSquares::new().fit(&mut x, problem).unwrap();
    let (mut a, mut b) = (Vec::new(), Vec::new());
    let (mut responses, mut of_rows) = (Vec::new(), Vec::new());
    for i in (0..n).filter(|&i| weights[i] > 0.0) {
        let root = weights[i].sqrt();
        a.extend([root, root * u[i], root * v[i]]);
        b.push(root * y[i]);
        responses.push(y[i]);
        of_rows.push(weights[i]);
    }
    let (solution, _, squares) = exact(&a, &b, 3);
    for (x, want) in x.iter().zip(&solution) {
        approx::assert_relative_eq!(*x, *want, max_relative = 1e-12);
    }
    assert_eq!(fit.residuals().len(), 15);
    approx::assert_relative_eq!(fit.sum_of_squares(), squares, max_relative = 1e-12);
    let sum: f64 = of_rows.iter().sum();
    let mean = responses.iter().zip(&of_rows).map(|(y, w)| y * w).sum::<f64>() / sum;
    let total: f64 = responses.iter().zip(&of_rows).map(|(y, w)| w * (y - mean).powi(2)).sum();
    let explained = fit.weighted_r_squared(&responses, &of_rows).unwrap();
    approx::assert_relative_eq!(explained, 1.0 - squares / total, max_relative = 1e-11);
    // Picked rows, and weights of those.
    let rows: Vec<u32> = (0..n as u32).rev().collect();
    let picked = data.pick(&rows).unwrap();
    let problem = ProgramResiduals::new(&program, &picked).weights_in(3).unwrap();
    let mut again = [1.0; 3];
    let other = LeastSquares::new().fit(&mut again, problem).unwrap();
    approx::assert_relative_eq!(&again[..], &x[..], max_relative = 1e-12);
    let reversed: Vec<f64> = other.residuals().iter().rev().copied().collect();
    approx::assert_relative_eq!(&reversed[..], fit.residuals(), epsilon = 1e-11);
}

#[test]
fn what_cannot_be_told_apart_is_said() {
    // The third column is the sum of the first two, the fifth is 0, the sixth twice the fourth.
    let m = 12;
    let columns = [1, 2, 3].map(|seed| whole_numbers(m, seed));
    let row = |i: usize| {
        let [p, q, r] = [columns[0][i], columns[1][i], columns[2][i]];
        [p, q, p + q, r, 0.0, 2.0 * r]
    };
    let a: Vec<f64> = (0..m).flat_map(row).collect();
    let b = whole_numbers(m, 4);
    let mut x = [1.0; 6];
    let fit = LeastSquares::new().fit(&mut x, linear_problem(&a, &b)).unwrap();
    assert!(fit.ending().is_converged());
    let told: Vec<f64> = (0..m).flat_map(|i| columns.iter().map(move |c| c[i])).collect();
    let (_, _, squares) = exact(&told, &b, 3);
    approx::assert_relative_eq!(fit.sum_of_squares(), squares, max_relative = 1e-12);
    let ways = fit.indistinct();
    assert_eq!(ways.len(), 3);
    let mut met = Vec::new();
    for way in &ways {
        assert_eq!(way[0].1, 1.0);
        for i in 0..m {
            let row = row(i);
            let change: f64 = way.iter().map(|(place, by)| row[place.index] * by).sum();
            assert!(change.abs() < 1e-12);
        }
        met.push(way.iter().map(|(place, _)| place.index).collect::<Vec<_>>());
    }
    met.sort();
    assert_eq!(met, [vec![0, 1, 2], vec![3, 5], vec![4]]);
    assert!(matches!(fit.covariance(), Err(LeastSquaresError::Indistinct { .. })));
    assert!(fit.to_string().contains("not told apart"));
}

#[test]
fn columns_that_are_multiples_of_each_other_end_at_the_least_squares_of_one() {
    for seed in 1..=3000 {
        let (m, times) = (3 + seed as usize % 2, [2.0, -1.0, 0.5][seed as usize % 3]);
        let columns = whole_numbers(2 * m, seed);
        let b = whole_numbers(m, seed + 5000);
        let some: Vec<f64> = (0..m).flat_map(|i| [columns[i], columns[m + i]]).collect();
        let dot = |j: usize, k: usize| some.chunks(2).map(|row| row[j] * row[k]).sum::<f64>();
        if dot(0, 0) * dot(1, 1) == dot(0, 1) * dot(0, 1) {
            continue;
        }
        let all: Vec<f64> =
            some.chunks(2).flat_map(|row| [row[0], row[1], times * row[0]]).collect();
        let (_, _, squares) = exact(&some, &b, 2);
        let fit = LeastSquares::new().fit(&mut [0.0; 3], linear_problem(&all, &b)).unwrap();
        assert!(fit.ending().is_converged(), "{seed}: {}", fit.ending());
        let (found, size) = (fit.sum_of_squares(), b.iter().map(|b| b * b).sum::<f64>());
        assert!((found - squares).abs() <= 1e-12 * size, "{seed}: {found}, not {squares}");
    }
}

#[test]
fn without_a_degree_of_freedom_there_are_no_errors() {
    let fit =
        LeastSquares::new().fit(&mut [0.0], |p: &[f64]| (vec![p[0] - 2.0], vec![1.0])).unwrap();
    assert_eq!((fit.parameters(), fit.cost(), fit.ending()), (&[2.0][..], 0.0, Stopped::Flat));
    let refused = fit.standard_errors().unwrap_err();
    assert_eq!(refused.to_string(), "1 residuals of 1 parameters leave no degree of freedom");
}
