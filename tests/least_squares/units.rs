//! In other units, by powers of two, the same bits come out.

use crate::whole_numbers;
use wengert::optim::least_squares::{Fit, LeastSquares, LeastSquaresBuilder, Robust};
use wengert::optim::newton::{Newton, Stationary};
use wengert::optim::{Bounds, Stopped};

/// `height (1 - e^(-rate x)) + base - y` of some data, in units of residuals and parameters.
fn fitted(residual: f64, units: [f64; 3], options: LeastSquaresBuilder) -> Fit {
    let noise = whole_numbers(20, 3);
    let problem = |p: &[f64]| {
        let [height, rate, base] = [p[0] / units[0], p[1] / units[1], p[2] / units[2]];
        let (mut residuals, mut slopes) = (Vec::new(), Vec::new());
        for (i, noise) in noise.iter().enumerate() {
            let x = i as f64 / 2.0;
            let e = (-rate * x).exp();
            let y = 5.0 * (1.0 - (-0.5 * x).exp()) - 1.0 + noise / 64.0;
            residuals.push((height * (1.0 - e) + base - y) * residual);
            let row = [(1.0 - e) / units[0], height * x * e / units[1], 1.0 / units[2]];
            slopes.extend(row.map(|slope| slope * residual));
        }
        (residuals, slopes)
    };
    let mut x = [1.0 * units[0], 2.0 * units[1], 0.25 * units[2]];
    let fitter = options.build().expect("good options");
    fitter.fit(&mut x, problem).expect("a good start")
}

fn powers() -> [(f64, [f64; 3]); 6] {
    let two = |power: i32| 2.0_f64.powi(power);
    [
        (two(40), [1.0; 3]),
        (two(-40), [1.0; 3]),
        (1.0, [two(40), 1.0, two(-40)]),
        (two(-1), [two(-3), two(40), two(7)]),
        (two(300), [two(200), 1.0, two(-150)]),
        (two(-300), [1.0, two(-140), two(100)]),
    ]
}

/// Squares of residuals or of parameters leave the range of numbers.
fn far_powers() -> [(f64, [f64; 3]); 4] {
    let two = |power: i32| 2.0_f64.powi(power);
    [
        (two(-520), [1.0; 3]),
        (two(-600), [1.0, two(20), 1.0]),
        (two(660), [1.0; 3]),
        (1.0, [two(-520); 3]),
    ]
}

#[test]
fn of_least_squares() {
    let plain = LeastSquares::builder;
    let here = fitted(1.0, [1.0; 3], plain());
    assert!(here.ending().is_converged() && here.evaluation_count() > 4);
    for (residual, units) in powers().into_iter().chain(far_powers()) {
        let there = fitted(residual, units, plain());
        let counts = |fit: &Fit| (fit.ending(), fit.evaluation_count(), fit.step_count());
        assert_eq!(counts(&there), counts(&here));
        let errors = [&here, &there].map(|fit| fit.standard_errors().unwrap());
        for j in 0..3 {
            assert_eq!(there.parameters()[j], here.parameters()[j] * units[j]);
            assert_eq!(there.residuals()[j], here.residuals()[j] * residual);
            let [here, there] = errors.each_ref().map(|errors| errors[j].unwrap());
            assert_eq!(there, here * units[j]);
        }
    }
}

#[test]
fn of_robust_ones_with_bounds() {
    let options = |residual: f64, units: [f64; 3]| {
        let upper = [4.5 * units[0], f64::INFINITY, f64::INFINITY];
        let lower = [f64::NEG_INFINITY; 3];
        let scaled = Robust::Cauchy(0.125 * residual);
        LeastSquares::builder().robust(scaled).within(Bounds::new(&lower, &upper).unwrap())
    };
    let here = fitted(1.0, [1.0; 3], options(1.0, [1.0; 3]));
    assert_eq!(here.parameters()[0], 4.5);
    for (residual, units) in powers() {
        let there = fitted(residual, units, options(residual, units));
        assert_eq!(there.evaluation_count(), here.evaluation_count());
        for (j, unit) in units.iter().enumerate() {
            assert_eq!(there.parameters()[j], here.parameters()[j] * unit);
        }
    }
}

/// A valley with a saddle beside it, `(x² - 1)² / 4 + 50 (y - x²)²`, in units of the loss and parameters.
fn minimised(loss: f64, units: [f64; 2]) -> Stationary {
    let problem = |p: &[f64]| {
        let [x, y] = [p[0] / units[0], p[1] / units[1]];
        let (u, v) = (x * x - 1.0, y - x * x);
        let gradient = [u * x - 200.0 * v * x, 100.0 * v];
        let curved = 3.0 * x * x - 1.0 - 200.0 * (y - 3.0 * x * x);
        let hessian = [curved, -200.0 * x, -200.0 * x, 100.0];
        let scaled = |i: usize, j: usize| hessian[2 * i + j] * loss / units[i] / units[j];
        let gradient = (0..2).map(|i| gradient[i] * loss / units[i]).collect();
        let hessian = (0..4).map(|at| scaled(at / 2, at % 2)).collect();
        ((u * u / 4.0 + 50.0 * v * v) * loss, gradient, hessian)
    };
    let mut x = [0.125 * units[0], 3.0 * units[1]];
    Newton::new().minimize(&mut x, problem).expect("a good start")
}

#[test]
fn of_newtons_method() {
    let here = minimised(1.0, [1.0; 2]);
    assert!(here.is_minimum() && here.ending() != Stopped::Evaluations);
    approx::assert_relative_eq!(here.parameters()[0].abs(), 1.0, max_relative = 1e-12);
    for (loss, [x, y, _]) in powers() {
        let there = minimised(loss, [x, y]);
        assert_eq!(
            (there.evaluation_count(), there.ending()),
            (here.evaluation_count(), here.ending())
        );
        assert_eq!(there.parameters()[0], here.parameters()[0] * x);
        assert_eq!(there.parameters()[1], here.parameters()[1] * y);
    }
}
