//! Bounds: minima in a box, with multipliers.

use crate::{Random, assert_consistent};
use wengert::optim::{Bounds, Ending, KinkDescent, OptimError};
use wengert::{Params, Scalar, Var};

fn within(lower: &[f64], upper: &[f64]) -> KinkDescent {
    let bounds = Bounds::new(lower, upper).expect("sound bounds");
    KinkDescent::builder().within(bounds).build().expect("sound options")
}

/// `Σ |rᵢ · p - yᵢ|` and its like.
fn deviation<T: Scalar>(p: &[T], rows: &[Vec<f64>], y: &[f64]) -> T {
    let fits = rows.iter().map(|row| p.iter().zip(row).map(|(&p, &a)| p * a).sum::<T>());
    fits.zip(y).map(|(fit, &y)| (fit - y).abs()).sum()
}

/// The least of it in a box, by trying all points where two of the lines `rᵢ · p = yᵢ` and the sides meet.
fn least_by_trying(rows: &[Vec<f64>], y: &[f64], lower: [f64; 2], upper: [f64; 2]) -> f64 {
    let mut lines: Vec<([f64; 2], f64)> =
        rows.iter().zip(y).map(|(r, &y)| ([r[0], r[1]], y)).collect();
    for j in 0..2 {
        let side = [f64::from(j == 0), f64::from(j == 1)];
        lines.extend([(side, lower[j]), (side, upper[j])]);
    }
    let mut least = f64::INFINITY;
    for (i, (a, b)) in lines.iter().enumerate() {
        for (c, d) in &lines[..i] {
            let det = a[0] * c[1] - a[1] * c[0];
            let p = [(b * c[1] - a[1] * d) / det, (a[0] * d - b * c[0]) / det];
            let is_inside = |j: usize| p[j] >= lower[j] - 1e-12 && p[j] <= upper[j] + 1e-12;
            if det != 0.0 && is_inside(0) && is_inside(1) {
                let p = [p[0].clamp(lower[0], upper[0]), p[1].clamp(lower[1], upper[1])];
                least = least.min(deviation(&p, rows, y));
            }
        }
    }
    least
}

#[test]
fn a_linear_loss_ends_at_the_least_of_all_vertices_in_the_box() {
    let mut random = Random(21);
    let mut held = 0;
    for case in 0..600 {
        let k = 3 + random.below(8);
        let mut whole = |n: usize| random.below(2 * n + 1) as f64 - n as f64;
        let rows: Vec<Vec<f64>> = (0..k).map(|_| vec![whole(3), whole(3)]).collect();
        let y: Vec<f64> = (0..k).map(|_| whole(5)).collect();
        let lower = [whole(2), whole(2)];
        let upper = [lower[0] + whole(2).abs(), lower[1] + whole(2).abs()];
        let scale = 10f64.powi(case % 41 - 20);
        let mut x = [7.0, -7.0];
        let mut outside = 0;
        let found = within(&lower, &upper)
            .minimize(&mut x, |p| {
                let inside = |(p, j): (&Var, usize)| lower[j] <= p.value() && p.value() <= upper[j];
                outside += p.iter().zip(0..).filter(|&at| !inside(at)).count();
                deviation(p, &rows, &y) * scale
            })
            .unwrap();
        let least = least_by_trying(&rows, &y, lower, upper) * scale;
        assert!((found.value() - least).abs() <= 1e-12 * scale, "{case} {least} {x:?}\n{found}");
        assert!(found.is_minimum() && outside == 0, "{case} {x:?}\n{found}");
        assert_consistent(&found, 2);
        for bound in found.bounds() {
            let side = if bound.is_upper() { upper } else { lower };
            assert!(bound.multiplier() >= 0.0 && x[bound.place()] == side[bound.place()]);
        }
        held += usize::from(!found.bounds().is_empty());
    }
    assert!(held > 300, "{held}");
}

#[test]
fn least_squares_in_a_box_meet_the_conditions_of_a_minimum() {
    let mut random = Random(4);
    for case in 0..60 {
        let n = 1 + case % 6;
        let rows: Vec<Vec<f64>> =
            (0..2 * n + 2).map(|_| (0..n).map(|_| random.normal()).collect()).collect();
        let y: Vec<f64> = rows.iter().map(|_| 2.0 * random.normal()).collect();
        let lower: Vec<f64> = (0..n).map(|_| -random.unit()).collect();
        let upper: Vec<f64> = lower.iter().map(|l| l + 0.5 * random.unit()).collect();
        let mut x: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        let found = within(&lower, &upper)
            .minimize(&mut x, |p| {
                let fits = rows.iter().map(|row| Var::dot(p, row));
                fits.zip(&y).map(|(fit, &y)| (fit - y).powi(2)).sum()
            })
            .unwrap();
        assert!(found.is_certified(), "{case} {x:?}\n{found}");
        // From the data alone: the gradient is 0 inside, and points outwards at a side.
        for j in 0..n {
            let error =
                |row: &Vec<f64>, y: f64| row.iter().zip(&x).map(|(a, x)| a * x).sum::<f64>() - y;
            let g: f64 = rows.iter().zip(&y).map(|(row, &y)| 2.0 * error(row, y) * row[j]).sum();
            let bound = found.bounds().iter().find(|bound| bound.place() == j);
            let own = match bound {
                Some(bound) if bound.is_upper() => -bound.multiplier(),
                Some(bound) => bound.multiplier(),
                None => 0.0,
            };
            assert!((g - own).abs() < 1e-6, "{case} {j} {g} {own}\n{found}");
            assert!(lower[j] <= x[j] && x[j] <= upper[j]);
        }
    }
}

#[test]
fn a_bound_that_holds_a_maximum_is_left() {
    // To first order nothing leads off the bound.
    let mut x = [0.0];
    let found = within(&[0.0], &[1.0]).minimize(&mut x, |x| -(x[0] * x[0])).unwrap();
    assert!(x == [1.0] && found.is_certified(), "{x:?}\n{found}");
    let mut x = [0.0, 0.0];
    let found =
        within(&[0.0, 0.0], &[1.0, 2.0]).minimize(&mut x, |x| x[0] * x[0] - x[1].powi(3)).unwrap();
    assert!(x == [0.0, 2.0] && found.is_certified(), "{x:?}\n{found}");
    // Without bounds it falls for ever, which the certificate of its maximum says.
    let found = KinkDescent::new().minimize(&mut [0.0], |x| -(x[0] * x[0])).unwrap();
    assert!(found.ending() == Ending::CurvesDown && !found.is_certified());
}

#[test]
fn bounds_that_do_not_hold_leave_their_ways_open() {
    type Case = (fn(&[Var]) -> Var, Vec<f64>, f64, f64);
    let cases: [Case; 4] = [
        (|x| -(x[0] * x[1]), vec![0.0, 0.0], 1.0, -1.0),
        (|x| (x[1] - x[0]).abs() - x[0] * x[0] * 0.5, vec![0.0, 0.4], 1.0, -0.5),
        (
            |x| {
                let square = x.iter().map(|&x| x * x).sum::<Var>();
                square - (x[0] * x[1] + x[1] * x[2] + x[0] * x[2]) * 1.5
            },
            vec![0.0; 3],
            1.0,
            -1.5,
        ),
        (
            |x| (x[0] - 1.0).powi(2) - (x[0] - 1.0) * x[1] * 3.0 + x[1] * x[1],
            vec![1.0, 0.0],
            9.0,
            -71.0,
        ),
    ];
    for (loss, start, upper, least) in cases {
        let (lower, upper) = (vec![0.0; start.len()], vec![upper; start.len()]);
        let mut x = start;
        let found = within(&lower, &upper).minimize(&mut x, loss).unwrap();
        assert!(found.is_certified() && (found.value() - least).abs() < 1e-12, "{x:?}\n{found}");
    }
}

#[test]
fn a_multiplier_is_in_the_units_of_the_caller_and_of_two_equal_bounds_one_holds() {
    let mut x = [1e6, 1e6];
    let found = within(&[0.0; 2], &[f64::INFINITY; 2])
        .minimize(&mut x, |x| (x[0] + 3.0).powi(2) + (x[1] + x[0] * 2.0 + 1.0).powi(2))
        .unwrap();
    let multipliers: Vec<f64> = found.bounds().iter().map(|bound| bound.multiplier()).collect();
    assert!((multipliers[0] - 10.0).abs() < 1e-9 && (multipliers[1] - 2.0).abs() < 1e-9, "{found}");
    let mut x = [0.0, 0.0];
    let found =
        within(&[0.3, 0.4], &[0.3, 0.4]).minimize(&mut x, |x| x[0].abs() + x[1] * x[1]).unwrap();
    let [a, b] = found.bounds() else { panic!("{found}") };
    assert!(!a.is_upper() && !b.is_upper() && (a.multiplier() - 1.0).abs() < 1e-14, "{found}");
    assert!((b.multiplier() - 0.8).abs() < 1e-14, "{found}");
}

#[test]
fn a_loss_is_not_asked_for_outside() {
    // Without its bounds this logarithm is NaN at the first step.
    let mut x = [5.0, 1.0];
    let found = within(&[1e-9, -1.0], &[f64::INFINITY, 1.0])
        .minimize(&mut x, |x| x[0] * 4.0 - x[0].ln() + (x[1] - x[0]).abs())
        .unwrap();
    assert!((x[0] - 0.25).abs() < 1e-6 && (x[1] - 0.25).abs() < 1e-6, "{x:?}\n{found}");
    assert!(found.is_certified() && found.bounds().is_empty(), "{found}");
}

#[test]
fn equal_bounds_hold_a_parameter_fast_and_lengths_are_checked() {
    let mut x = [9.0, 9.0];
    let loss = |x: &[Var]| (x[0] - 1.0).abs() + (x[1] - x[0]).powi(2);
    let found = within(&[3.0, -5.0], &[3.0, 5.0]).minimize(&mut x, loss).unwrap();
    assert!(x[0] == 3.0 && (x[1] - 3.0).abs() < 1e-7 && found.is_certified(), "{x:?}\n{found}");
    let error = within(&[3.0], &[3.0]).minimize(&mut x, loss).unwrap_err();
    assert!(matches!(error, OptimError::ParameterCount { expected: 1, found: 2 }), "{error}");
}

#[test]
fn shares_that_are_not_negative_are_found_by_name() {
    // A mixture of three prices by absolute error, one of which is of no use.
    let mut params = Params::from_scalars([("a", 0.3), ("b", 0.3), ("c", 0.3)]).unwrap();
    let bounds = params.bounds(&[("a", 0.0..=1.0), ("b", 0.0..=1.0), ("c", 0.0..=1.0)]).unwrap();
    let descent = KinkDescent::builder().within(bounds).build().unwrap();
    let rows =
        [[1.0, 2.0, 0.5], [2.0, 1.0, 3.0], [0.0, 1.0, 1.0], [1.0, 1.0, 4.0], [3.0, 0.0, 1.0]];
    let found = params
        .minimize(&descent, |p| {
            let p = p.scalars(["a", "b", "c"])?;
            let right = [0.5, 0.25, 0.0];
            let at = |p: &[Var], row: &[f64; 3]| Var::dot(p, &row[..]);
            let aim = |row: &[f64; 3]| row.iter().zip(right).map(|(a, b)| a * b).sum::<f64>();
            let error = |row: &[f64; 3]| (at(&p, row) - aim(row) + 0.1 * row[2]).abs();
            Ok::<_, OptimError>(rows.iter().map(error).sum::<Var>())
        })
        .unwrap();
    assert!(found.is_minimum() && found.bounds()[0].place() == 2, "{found}");
    assert_eq!(params.values()[2], 0.0);
}

#[test]
fn many_parameters_in_a_box_are_a_clipped_median_each() {
    // Separable: the minimum of each is the nearest of its box to its datum.
    let mut random = Random(9);
    for n in [20, 200] {
        let y: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        let lower: Vec<f64> = (0..n).map(|_| random.normal() - 1.0).collect();
        let upper: Vec<f64> = lower.iter().map(|l| l + random.unit()).collect();
        let mut x = vec![0.0; n];
        let found = within(&lower, &upper)
            .minimize(&mut x, |p| p.iter().zip(&y).map(|(&p, &y)| (p - y).abs()).sum())
            .unwrap();
        for j in 0..n {
            let right = y[j].clamp(lower[j], upper[j]);
            assert!((x[j] - right).abs() <= 1e-15 * right.abs(), "{j} {} {right}\n{found}", x[j]);
        }
        assert!(found.is_minimum(), "{found}");
    }
}
