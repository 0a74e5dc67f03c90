//! Newton's method against closed forms, other methods and its own promises.

use crate::{models, nist, whole_numbers};
use std::path::Path;
use wengert::objective;
use wengert::optim::Stopped;
use wengert::optim::least_squares::{LeastSquares, ProgramResiduals};
use wengert::optim::newton::{Newton, NewtonError, ProgramHessian};
use wengert::program::{Columns, Program};

#[test]
fn quadratics_end_at_their_minimum() {
    for (seed, n) in (1..).zip([1, 2, 5, 20]) {
        // BᵀB + 1, of whole numbers, and a minimum of whole numbers.
        let (b, at) = (whole_numbers(n * n, seed), whole_numbers(n, seed + 50));
        let entry = |i: usize, j: usize| {
            (0..n).map(|k| b[k * n + i] * b[k * n + j]).sum::<f64>() + f64::from(u8::from(i == j))
        };
        let hessian: Vec<f64> = (0..n * n).map(|ij| entry(ij / n, ij % n)).collect();
        let problem = |p: &[f64]| {
            let off: Vec<f64> = p.iter().zip(&at).map(|(p, at)| p - at).collect();
            let row = |row: &[f64]| row.iter().zip(&off).map(|(h, x)| h * x).sum::<f64>();
            let gradient: Vec<f64> = hessian.chunks(n).map(row).collect();
            let value = gradient.iter().zip(&off).map(|(g, x)| g * x / 2.0).sum();
            (value, gradient, hessian.clone())
        };
        let mut x = whole_numbers(n, seed + 90);
        let end = Newton::new().minimize(&mut x, problem).unwrap();
        assert!(
            end.is_minimum() && end.evaluation_count() < 15,
            "{} {}",
            end.ending(),
            end.evaluation_count()
        );
        for (x, at) in x.iter().zip(&at) {
            assert!((x - at).abs() <= 1e-9 * (1.0 + at.abs()), "{x}, not {at}");
        }
        let inverse = end.inverse_hessian().unwrap();
        for i in 0..n {
            for j in 0..n {
                let column = inverse.iter().map(|row| row[j]);
                let product: f64 = hessian[i * n..].iter().zip(column).map(|(h, x)| h * x).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-8);
            }
        }
    }
}

#[test]
fn valleys_of_programs_are_followed() {
    let rosenbrock = objective!(|x| x
        .windows(2)
        .map(|w| (1.0 - w[0]).square() + 100.0 * (w[1] - w[0].square()).square())
        .sum::<T>());
    let start = [-1.2, 1.0, -1.2, 1.0, 0.5];
    let program = Program::record(&rosenbrock, &start, &[]).unwrap();
    let mut x = start;
    let end =
        Newton::new().minimize(&mut x, ProgramHessian::new(&program, &Columns::none())).unwrap();
    assert!(end.ending().is_converged() && end.is_minimum());
    assert!(end.evaluation_count() < 60, "{}", end.evaluation_count());
    // The minimum, or the local one near (-1, 1, 1, 1, 1).
    let gradient: f64 = end.gradient().iter().map(|g| g.abs()).sum();
    assert!(gradient < 1e-9);
    approx::assert_relative_eq!(x[4], 1.0, max_relative = 1e-6);
}

#[test]
fn maxima_and_saddles_are_left() {
    // (x² - 1)² + (y² - 4)², from its maximum, its saddles, and nearby.
    let problem = |p: &[f64]| {
        let [u, v] = [p[0] * p[0] - 1.0, p[1] * p[1] - 4.0];
        let hessian = vec![12.0 * p[0] * p[0] - 4.0, 0.0, 0.0, 12.0 * p[1] * p[1] - 16.0];
        (u * u + v * v, vec![4.0 * p[0] * u, 4.0 * p[1] * v], hessian)
    };
    for start in [[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [1e-9, -1e-3], [0.0, -7.0]] {
        let mut x = start;
        let end = Newton::new().minimize(&mut x, problem).unwrap();
        assert!(end.is_minimum() && end.value() < 1e-20, "from {start:?}: {}", end.ending());
        approx::assert_relative_eq!(x[0].abs(), 1.0, max_relative = 1e-10);
        approx::assert_relative_eq!(x[1].abs(), 2.0, max_relative = 1e-10);
    }
}

#[test]
fn half_the_squares_have_the_minimum_of_least_squares() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/nist");
    for of in nist::read_all(&folder).unwrap() {
        if !["Rat42", "Misra1b", "DanWood", "Chwirut2", "Eckerle4"].contains(&&of.name[..]) {
            continue;
        }
        let start = &of.starts[1];
        let row: Vec<f64> = of.columns.iter().map(|column| column[0]).collect();
        let columns: Vec<&[f64]> = of.columns.iter().map(|column| &column[..]).collect();
        let data = Columns::new(&columns).unwrap();
        // Half the squares as a program, which has second derivatives like any.
        let residuals = models::record(&of.name, start, &row).expect("a model").unwrap();
        let mut x = start.clone();
        let loss = ProgramHessian::new(&residuals.gauss_newton(), &data);
        let end = Newton::new().minimize(&mut x, loss).unwrap();
        assert!(end.is_minimum(), "{}: {}", of.name, end.ending());
        approx::assert_relative_eq!(2.0 * end.value(), of.sum_of_squares, max_relative = 1e-9);
        approx::assert_relative_eq!(&x[..], &of.parameters[..], max_relative = 1e-8);
    }
    let rise = objective!(|[h, r], [y, x]| (h * (1.0 - (-r * x).exp()) - y).square() * 0.5);
    let residual = objective!(|[h, r], [y, x]| h * (1.0 - (-r * x).exp()) - y);
    let y = [109.0, 149.0, 149.0, 191.0, 213.0, 224.0];
    let x = [1.0, 2.0, 3.0, 5.0, 7.0, 10.0];
    let data = Columns::new(&[&y, &x]).unwrap();
    let start = [100.0, 0.75];
    let loss = Program::record(&rise, &start, &[1.0, 1.0]).unwrap().sum();
    let residuals = Program::record(&residual, &start, &[1.0, 1.0]).unwrap();
    let (mut by_newton, mut by_squares) = (start, start);
    let end = Newton::new().minimize(&mut by_newton, ProgramHessian::new(&loss, &data)).unwrap();
    let fit = LeastSquares::new().fit(&mut by_squares, ProgramResiduals::new(&residuals, &data));
    assert!(end.is_minimum());
    approx::assert_relative_eq!(end.value(), fit.unwrap().cost(), max_relative = 1e-12);
    approx::assert_relative_eq!(&by_newton[..], &by_squares[..], max_relative = 1e-9);
}

#[test]
fn steps_that_are_refused_are_shortened_and_limits_end_it() {
    // x - ln x from where Newton's step leads below 0.
    let barrier =
        |p: &[f64]| (p[0] - p[0].ln(), vec![1.0 - p[0].recip()], vec![(p[0] * p[0]).recip()]);
    let mut x = [5.0];
    let end = Newton::builder().reach(1e9).build().unwrap().minimize(&mut x, barrier).unwrap();
    assert!(end.is_minimum());
    approx::assert_relative_eq!(x[0], 1.0, max_relative = 1e-12);
    let mut x = [5.0];
    let end = Newton::builder().evaluations(2).build().unwrap().minimize(&mut x, barrier).unwrap();
    assert_eq!((end.ending(), end.evaluation_count()), (Stopped::Evaluations, 2));
    assert!(!end.is_minimum());
    // A slope without end has no minimum and says so.
    let end = Newton::builder().evaluations(20).build().unwrap();
    let end = end.minimize(&mut [1.0], |p: &[f64]| (-p[0], vec![-1.0], vec![0.0])).unwrap();
    assert_eq!(end.ending(), Stopped::Evaluations);
    assert!(matches!(end.inverse_hessian(), Err(NewtonError::NotPositive)));
}
