//! Piecewise-linear losses of linear models: exact minima in finitely many steps.

use crate::{Random, assert_consistent};
use wengert::loss::{
    AbsoluteError, EpsilonInsensitive, Hinge, Loss, Quantile, mean_absolute_error,
};
use wengert::optim::{Certificate, KinkDescent};
use wengert::{Scalar, Var};

fn engel() -> Vec<(f64, f64)> {
    let text = include_str!("../../examples/data/engel.csv");
    let rows = text.lines().skip(1).map(|line| {
        let numbers: Vec<f64> = line.split(',').flat_map(|x| x.trim().parse()).collect();
        (numbers[0], numbers[1])
    });
    rows.collect()
}

/// Slope and intercept of the line through data with 0 in its generalized gradient, checked from the
/// data alone: the errors' signs, and the multipliers of those that are 0.
fn assert_median(found: &Certificate, data: &[(f64, f64)], [a, b]: [f64; 2]) {
    let n = data.len() as f64;
    let mut sum = [0.0; 2];
    let mut at_zero = 0;
    for &(x, y) in data {
        let error = a + b * x - y;
        if error.abs() > 1e-9 {
            sum[0] += error.signum() / n;
            sum[1] += error.signum() * x / n;
        } else {
            at_zero += 1;
        }
    }
    assert_eq!(found.kinks().len(), at_zero);
    for kink in found.kinks() {
        let [one, x] = kink.row() else { panic!("{kink:?}") };
        assert!(*one == 1.0 && data.iter().any(|d| d.0 == *x) && kink.slope().abs() <= 1.0);
        assert!((kink.weight() - 1.0 / n).abs() < 1e-15);
        sum[0] += kink.slope() / n;
        sum[1] += kink.slope() * x / n;
    }
    assert!(sum[0].abs() < 1e-14 && sum[1].abs() < 1e-10, "{sum:?}");
}

#[test]
fn the_median_line_of_engel_is_that_of_linear_programming_and_certified() {
    let data = engel();
    for start in [[0.0, 0.0], [-1e4, 7.0], [1e6, -1e6]] {
        let mut x = start;
        let found = KinkDescent::new()
            .minimize(&mut x, |p| {
                mean_absolute_error(data.iter().map(|&(x, y)| (p[0] + p[1] * x, y))).unwrap()
            })
            .unwrap();
        assert!((x[0] - 81.482247416936).abs() < 1e-9, "{x:?}");
        assert!((x[1] - 0.560180551209).abs() < 1e-9);
        assert!((found.value() - 74.723117649471).abs() < 1e-9);
        assert!(found.is_minimum() && found.no_way_down());
        assert_consistent(&found, 2);
        assert_median(&found, &data, x);
    }
}

#[test]
fn the_lower_quartile_of_engel_is_the_published_one() {
    let data = engel();
    let quartile = Quantile::new(0.25).unwrap();
    let mut x = [0.0, 0.0];
    let found = KinkDescent::new()
        .minimize(&mut x, |p| {
            quartile.mean(data.iter().map(|&(x, y)| (p[0] + p[1] * x, y))).unwrap()
        })
        .unwrap();
    assert!((x[0] - 95.483539634553).abs() < 1e-9 && (x[1] - 0.474103208193).abs() < 1e-9);
    assert!(found.is_exact() && (found.value() - 30.137514463723).abs() < 1e-9);
}

#[test]
fn the_parabola_is_fitted_exactly_from_far_off() {
    let points: Vec<(f64, f64)> = (0..100).map(f64::from).map(|x| (x, 100.0 * x - x * x)).collect();
    let mut x = [-2.0, 30.0];
    let found = KinkDescent::new()
        .minimize(&mut x, |p| {
            mean_absolute_error(points.iter().map(|&(x, y)| (p[0] * x * x + p[1] * x, y))).unwrap()
        })
        .unwrap();
    assert!((x[0] + 1.0).abs() < 1e-13 && (x[1] - 100.0).abs() < 1e-11, "{x:?}");
    assert!(found.is_exact() && found.value() < 1e-11);
    // All errors but that at 0, which does not depend on the parameters.
    assert_eq!(found.kinks().len(), 99);
}

/// A weighted loss of a line, by number.
fn line_loss<T: Scalar>(loss: usize, points: &[(f64, f64, f64)], [a, b]: [T; 2]) -> T {
    let fits = points.iter().map(|&(x, y, w)| (a + b * x, y, w));
    let sum = match loss {
        0 => AbsoluteError.weighted_sum(fits),
        1 => Quantile::new(0.25).and_then(|loss| loss.weighted_sum(fits)),
        2 => Quantile::new(0.9).and_then(|loss| loss.weighted_sum(fits)),
        3 => EpsilonInsensitive::new(0.5).and_then(|loss| loss.weighted_sum(fits)),
        _ => Hinge.weighted_sum(fits.map(|(p, y, w)| (p, class(y), w))),
    };
    sum.expect("sound data")
}

fn class(y: f64) -> f64 {
    if y < 2.0 { -1.0 } else { 1.0 }
}

/// The least loss among the lines through two kinks, and the level ones through one.
fn least_by_trying(loss: usize, points: &[(f64, f64, f64)]) -> f64 {
    let mut kinks = Vec::new();
    for &(x, y, _) in points {
        match loss {
            3 => kinks.extend([(x, y - 0.5), (x, y + 0.5)]),
            4 => kinks.push((x, class(y))),
            _ => kinks.push((x, y)),
        }
    }
    let mut least = f64::INFINITY;
    for (i, &(x, y)) in kinks.iter().enumerate() {
        least = least.min(line_loss(loss, points, [y, 0.0]));
        for &(u, v) in kinks[..i].iter().filter(|other| other.0 != x) {
            let slope = (y - v) / (x - u);
            least = least.min(line_loss(loss, points, [y - slope * x, slope]));
        }
    }
    least
}

#[test]
fn repeated_and_tied_data_end_at_the_least_of_all_vertices() {
    let mut random = Random(7);
    for case in 0..2000 {
        let k = 3 + random.below(9);
        let points: Vec<(f64, f64, f64)> = (0..k)
            .map(|_| (random.below(4) as f64, random.below(5) as f64, 1.0 + random.below(3) as f64))
            .collect();
        let loss = case % 5;
        let mut x = [random.normal() * 10.0, random.normal() * 10.0];
        let found = KinkDescent::new()
            .minimize(&mut x, |p| line_loss(loss, &points, [p[0], p[1]]))
            .unwrap();
        let least = least_by_trying(loss, &points);
        assert!((found.value() - least).abs() < 1e-12, "{least} {points:?} {x:?}\n{found}");
        assert!(found.is_exact() && found.move_count() < 50, "{points:?} {x:?}\n{found}");
        assert_consistent(&found, 2);
    }
}

#[test]
fn repeated_columns_and_collinear_features_end_too() {
    let mut random = Random(3);
    for case in 0..50 {
        let rows: Vec<[f64; 5]> = (0..60)
            .map(|_| {
                let (a, b) = (random.normal(), random.below(3) as f64);
                [1.0, a, b, if case % 2 == 0 { a } else { a + 2.0 * b }, 0.0]
            })
            .collect();
        let targets: Vec<f64> = rows.iter().map(|r| r[1] - r[2] + random.laplace()).collect();
        let mae = |p: &[Var], columns: usize| {
            let fits = rows.iter().map(|row| Var::dot(&p[..columns], &row[..columns]));
            mean_absolute_error(fits.zip(targets.iter().copied())).unwrap()
        };
        let (mut full, mut x) = ([0.5; 3], [0.5; 5]);
        let bare = KinkDescent::new().minimize(&mut full, |p| mae(p, 3)).unwrap();
        let found = KinkDescent::new().minimize(&mut x, |p| mae(p, 5)).unwrap();
        assert!((found.value() - bare.value()).abs() < 1e-12, "{found}\n{bare}");
        assert!(found.is_exact() && bare.is_exact(), "{found}\n{bare}");
        assert_consistent(&found, 5);
    }
}

#[test]
fn a_hundred_thousand_rows_are_certified_in_tens_of_steps() {
    // Sized down where nothing is optimised.
    let (k, n) = if cfg!(debug_assertions) { (4_000, 10) } else { (100_000, 10) };
    let mut random = Random(1);
    let mut row =
        |_| -> Vec<f64> { (0..n).map(|j| if j == 0 { 1.0 } else { random.normal() }).collect() };
    let rows: Vec<Vec<f64>> = (0..k).map(&mut row).collect();
    let targets: Vec<f64> = rows
        .iter()
        .map(|row| {
            let truth = row.iter().enumerate().map(|(j, x)| x * (j as f64 - 4.0)).sum::<f64>();
            truth + random.laplace()
        })
        .collect();
    let mut x = vec![0.0; n];
    let start = std::time::Instant::now();
    let found = KinkDescent::new()
        .minimize(&mut x, |p| {
            let fits = rows.iter().map(|row| Var::dot(p, row));
            mean_absolute_error(fits.zip(targets.iter().copied())).unwrap()
        })
        .unwrap();
    println!("{k} rows of {n}: {:?}, {} steps", start.elapsed(), found.move_count());
    assert!(found.is_minimum() && found.move_count() < 200, "{found}");
    // Mostly two recordings, and a few more where rounding leaves a row beside its kink.
    assert!(found.kinks().len() == n && found.recording_count() <= 5, "{found}");
    // From the data alone: 0 = Σ sign(error) row + Σ slope row.
    let mut sum = vec![0.0; n];
    let mut at_zero = 0;
    for (row, y) in rows.iter().zip(&targets) {
        let error = row.iter().zip(&x).map(|(a, x)| a * x).sum::<f64>() - y;
        if error.abs() > 1e-10 {
            sum.iter_mut().zip(row).for_each(|(s, a)| *s += error.signum() * a);
        } else {
            at_zero += 1;
        }
    }
    assert_eq!(at_zero, n);
    for kink in found.kinks() {
        assert!(rows.iter().any(|row| row == kink.row()) && kink.slope().abs() <= 1.0);
        sum.iter_mut().zip(kink.row()).for_each(|(s, a)| *s += kink.slope() * a);
    }
    assert!(sum.iter().all(|s| s.abs() < 1e-11 * k as f64), "{sum:?}");
}

#[test]
fn the_greatest_error_is_made_least_too() {
    // A line through (i, yᵢ) by the greatest error: of three points the error is the same.
    let mut random = Random(5);
    for _ in 0..30 {
        let data: Vec<(f64, f64)> =
            (0..40).map(|i| (f64::from(i), random.normal() + 0.3 * f64::from(i))).collect();
        let mut x = [0.0, 0.0];
        let found = KinkDescent::new()
            .minimize(&mut x, |p| {
                let errors: Vec<Var> =
                    data.iter().map(|&(x, y)| (p[0] + p[1] * x - y).abs()).collect();
                Var::max_of(&errors)
            })
            .unwrap();
        assert!(found.is_minimum() && found.is_nested(), "{found}");
        let error = |&(u, y): &(f64, f64)| x[0] + x[1] * u - y;
        let at_most: Vec<f64> =
            data.iter().map(error).filter(|e| e.abs() > found.value() - 1e-9).collect();
        assert!(at_most.len() >= 3 && at_most.iter().any(|e| *e > 0.0), "{at_most:?}");
        assert!(at_most.iter().any(|e| *e < 0.0), "{at_most:?}");
        assert_consistent(&found, 2);
    }
}
