//! Bad input: an error that says what and where, and the best point kept.

use wengert::objective;
use wengert::optim::least_squares::{LeastSquares, LeastSquaresError, ProgramResiduals};
use wengert::optim::newton::{Newton, NewtonError};
use wengert::optim::{Bounds, Stopped};
use wengert::program::{Columns, Program, RunError};
use wengert::{Error, Params};

/// The error of a fit, which has not moved.
fn refusal(
    fitter: &LeastSquares,
    start: &[f64],
    problem: impl FnMut(&[f64]) -> (Vec<f64>, Vec<f64>),
) -> LeastSquaresError {
    let mut x = start.to_vec();
    let error = fitter.fit(&mut x, problem).expect_err("bad input");
    let same = x.iter().zip(start).all(|(x, start)| x.to_bits() == start.to_bits());
    assert!(same, "{x:?} has moved");
    error
}

#[test]
fn what_is_not_finite_at_the_start_is_named() {
    let fitter = LeastSquares::new();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = refusal(&fitter, &[1.0, bad], |_| (vec![0.0; 2], vec![0.0; 4]));
        assert!(error.to_string().starts_with("the parameter at index 1 is "), "{error}");
        let error = refusal(&fitter, &[1.0], |_| (vec![1.0, bad], vec![1.0; 2]));
        assert!(error.to_string().starts_with("residual 1 is "), "{error}");
        let error = refusal(&fitter, &[1.0, 1.0], |_| (vec![1.0; 2], vec![1.0, 1.0, bad, 1.0]));
        let place = "the slope of residual 1 by the parameter at index 0 is ";
        assert!(error.to_string().starts_with(place), "{error}");
    }
    let mut params = Params::from_scalars([("a", 1.0), ("b", 1.0)]).unwrap();
    let problem = |_: &[f64]| (vec![1.0; 2], vec![1.0, 1.0, 1.0, f64::NAN]);
    let error = params.least_squares(&fitter, problem).unwrap_err();
    assert!(error.to_string().contains("index 1 (`b`) is NaN"), "{error}");
}

#[test]
fn lengths_are_checked_at_the_start_and_later() {
    let fitter = LeastSquares::new();
    let error = refusal(&fitter, &[1.0; 3], |_| (vec![1.0; 2], vec![1.0; 6]));
    assert!(matches!(error, LeastSquaresError::TooFewResiduals { expected: 3, found: 2 }));
    let error = refusal(&fitter, &[1.0; 2], |_| (vec![1.0; 2], vec![1.0; 5]));
    assert!(matches!(error, LeastSquaresError::JacobianLength { expected: 4, found: 5 }));
    let mut calls = 0;
    let error = refusal(&fitter, &[1.0], |p| {
        calls += 1;
        (vec![p[0]; calls], vec![1.0; calls])
    });
    assert!(matches!(error, LeastSquaresError::ResidualCount { expected: 1, found: 2 }));
    // Parameters between equal bounds need no residuals.
    let fast = Bounds::new(&[1.0, 0.0], &[1.0, 5.0]).unwrap();
    let fitter = LeastSquares::builder().within(fast).build().unwrap();
    let mut x = [1.0, 1.0];
    fitter.fit(&mut x, |p: &[f64]| (vec![p[0] + p[1] - 4.0], vec![1.0, 1.0])).unwrap();
    assert_eq!(x, [1.0, 3.0]);
}

#[test]
fn a_start_outside_its_bounds_is_refused() {
    let bounds = Bounds::new(&[0.0, 0.0], &[1.0, 1.0]).unwrap();
    let fitter = LeastSquares::builder().within(bounds).build().unwrap();
    let problem = |p: &[f64]| (p.to_vec(), vec![1.0, 0.0, 0.0, 1.0]);
    let error = refusal(&fitter, &[0.5, 1.5], problem);
    let text = "the parameter at index 1 starts at 1.5, outside its bounds 0 and 1";
    assert_eq!(error.to_string(), text);
    let error = refusal(&fitter, &[0.5], problem);
    assert!(error.to_string().contains("works on 2 parameters, not on 1"), "{error}");
}

#[test]
fn steps_to_where_nothing_is_defined_are_shortened() {
    // ln p to -3, from where the step of Gauss and Newton leads below 0.
    let mut asked = Vec::new();
    let mut x = [10.0];
    let fit = LeastSquares::builder().reach(1e6).build().unwrap().fit(&mut x, |p: &[f64]| {
        asked.push(p[0]);
        (vec![p[0].ln() + 3.0], vec![p[0].recip()])
    });
    assert!(fit.unwrap().ending().is_converged());
    assert!(asked.iter().any(|&p| p < 0.0));
    approx::assert_relative_eq!(x[0], (-3.0_f64).exp(), max_relative = 1e-12);
}

#[test]
fn where_every_step_is_refused_the_start_is_kept() {
    let mut x = [1.0];
    let fit = LeastSquares::new().fit(&mut x, |p: &[f64]| match p[0] == 1.0 {
        true => (vec![2.0], vec![1.0]),
        false => (vec![f64::NAN], vec![1.0]),
    });
    let fit = fit.unwrap();
    assert_eq!((x, fit.ending(), fit.cost()), ([1.0], Stopped::Refused, 2.0));
    assert!(fit.evaluation_count() < 100 && fit.step_count() == 0);
}

#[test]
fn the_best_point_is_kept_when_evaluations_run_out() {
    let valley = |p: &[f64]| {
        (vec![10.0 * (p[1] - p[0] * p[0]), 1.0 - p[0]], vec![-20.0 * p[0], 10.0, -1.0, 0.0])
    };
    for limit in 1..12 {
        let fitter = LeastSquares::builder().evaluations(limit).build().unwrap();
        let (mut x, mut least) = ([-1.2, 1.0], f64::INFINITY);
        let mut asked = 0;
        let fit = fitter.fit(&mut x, |p: &[f64]| {
            let (residuals, slopes) = valley(p);
            asked += 1;
            least = least.min(residuals.iter().map(|r| r * r).sum::<f64>() / 2.0);
            (residuals, slopes)
        });
        let fit = fit.unwrap();
        assert_eq!(
            (fit.ending(), fit.evaluation_count(), asked),
            (Stopped::Evaluations, limit, limit)
        );
        approx::assert_relative_eq!(fit.cost(), least, max_relative = 1e-14);
        let again: f64 = valley(&x).0.iter().map(|r| r * r).sum::<f64>() / 2.0;
        approx::assert_relative_eq!(fit.cost(), again, max_relative = 1e-14);
    }
}

#[test]
fn programs_refuse_what_they_cannot_run() {
    let line = objective!(|[a, b], [x, y]| a * x + b - y);
    let program = Program::record(&line, &[0.0; 2], &[0.0; 2]).unwrap();
    let (x, y, weights) = ([1.0, 2.0, 3.0], [1.0, f64::NAN, 2.0], [1.0, 2.0, -1.0]);
    let fit = |data: &Columns<'_>, parameters: &mut [f64]| -> Result<(), Error> {
        LeastSquares::new().fit(parameters, ProgramResiduals::new(&program, data))?;
        Ok(())
    };
    let data = Columns::new(&[&x, &y]).unwrap();
    let error = fit(&data, &mut [0.0; 2]).unwrap_err();
    assert!(matches!(
        error,
        Error::LeastSquares(LeastSquaresError::Run(RunError::NotFinite { column: 1, row: 1, .. }))
    ));
    let error = fit(&data, &mut [0.0; 3]).unwrap_err().to_string();
    assert_eq!(error, "the program has 2 parameters, but 3 were given");
    assert!(fit(&Columns::new(&[&x]).unwrap(), &mut [0.0; 2]).is_err());
    let data = Columns::new(&[&x, &x, &weights]).unwrap();
    let beyond = ProgramResiduals::new(&program, &data).weights_in(3).unwrap_err();
    assert!(matches!(beyond, LeastSquaresError::WeightColumn { expected: 3, found: 3 }));
    let error = ProgramResiduals::new(&program, &data).weights_in(2).unwrap_err().to_string();
    assert_eq!(error, "the weight of row 2 is -1: it must be finite and not negative");
}

#[test]
fn responses_are_as_many_as_residuals_and_not_all_the_same() {
    let fit = LeastSquares::new()
        .fit(&mut [0.0], |p: &[f64]| (vec![p[0] - 1.0, p[0] - 2.0], vec![1.0; 2]))
        .unwrap();
    let error = fit.r_squared(&[1.0]).unwrap_err().to_string();
    assert_eq!(error, "1 responses or weights, but 2 residuals");
    assert!(matches!(fit.r_squared(&[3.0, 3.0]), Err(LeastSquaresError::SameResponses)));
}

#[test]
fn newton_names_what_is_wrong() {
    let refusal = |value: f64, gradient: &[f64], hessian: &[f64]| {
        let mut x = [1.0, 2.0];
        let problem = |_: &[f64]| (value, gradient.to_vec(), hessian.to_vec());
        let error = Newton::new().minimize(&mut x, problem).unwrap_err();
        assert_eq!(x, [1.0, 2.0]);
        error.to_string()
    };
    let nan = f64::NAN;
    assert_eq!(refusal(nan, &[0.0; 2], &[0.0; 4]), "the loss is NaN at the start");
    let text = "the slope by the parameter at index 1 is NaN at the start";
    assert_eq!(refusal(0.0, &[0.0, nan], &[0.0; 4]), text);
    let text = "the second derivative by the parameters at index 1 and index 0 is NaN at the start";
    assert_eq!(refusal(0.0, &[0.0; 2], &[0.0, 0.0, nan, 0.0]), text);
    let text = "a Hessian of 3 numbers, where parameters times parameters are 4";
    assert_eq!(refusal(0.0, &[0.0; 2], &[0.0; 3]), text);
    let error = Newton::new().minimize(&mut [nan], |_: &[f64]| (0.0, vec![0.0], vec![0.0]));
    assert!(matches!(error, Err(NewtonError::NonFiniteParameter { .. })));
}
