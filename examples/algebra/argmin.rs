//! Solvers of argmin over derivatives from one expression: Newton's method on Rosenbrock's function, and
//! Gauss-Newton on a curve fit with certified parameters.
//!
//! ```text
//! cargo run --release --features argmin --example argmin
//! ```
//!
//! argmin's matrices are those of the `nalgebra` that it was built with, which a `Problem` is told.

use argmin::core::{Error, Executor, State};
use argmin::solver::gaussnewton::GaussNewton;
use argmin::solver::newton::Newton;
use nalgebra::{DMatrix, DVector};
use wengert::objective;
use wengert::optim::argmin::{ExpressionLoss, Problem, ProgramResiduals};
use wengert::program::{Columns, Program};

/// With vectors and matrices that can be factored.
fn problem<E>(of: E) -> Problem<E, DVector<f64>, DMatrix<f64>> {
    let vectors = Problem::new(of).vectors(DVector::as_slice, DVector::from_vec);
    vectors.matrices(DMatrix::from_row_slice)
}

/// The valley that leads to (1, 1), from the start that is customary.
fn rosenbrock() -> Result<(), Error> {
    let loss = objective!(|[x, y]| (1.0 - x).square() + 100.0 * (y - x.square()).square());
    let found = Executor::new(problem(ExpressionLoss::new(loss)), Newton::<f64>::new())
        .configure(|state| state.param(DVector::from_vec(vec![-1.2, 1.0])).max_iters(7))
        .run()?;
    let state = found.state();
    let x = state.get_param().ok_or_else(|| Error::msg("no step was taken"))?;
    println!("Newton on Rosenbrock: ({}, {}) after {} steps", x[0], x[1], state.get_iter());
    assert!((x[0] - 1.0).abs() < 1e-12 && (x[1] - 1.0).abs() < 1e-12);
    Ok(())
}

/// Misra1a of the Statistical Reference Datasets of the National Institute of Standards and Technology:
/// pressure and volume of adsorbed gas, and the model `b₁ (1 - e^(-b₂ x))`.
fn misra() -> Result<(), Error> {
    const CERTIFIED: [f64; 2] = [2.389_421_291_8e2, 5.501_564_318_1e-4];
    let pressure = [
        77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1,
        760.0,
    ];
    let volume = [
        10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47,
        81.78,
    ];
    let residual = objective!(|[b1, b2], [x, y]| b1 * -(-b2 * x).exp_m1() - y);
    // argmin ends where the norm of the residuals changes by less, which is 0.35 here.
    let solver = GaussNewton::<f64>::new().with_tolerance(1e-15)?;
    for start in [[500.0, 1e-4], [250.0, 5e-4]] {
        let program = Program::record(&residual, &start, &[pressure[0], volume[0]])?;
        let data = Columns::new(&[&pressure, &volume])?;
        let found = Executor::new(problem(ProgramResiduals::new(&program, &data)), solver.clone())
            .configure(|state| state.param(DVector::from_column_slice(&start)).max_iters(50))
            .run()?;
        let state = found.state();
        let b = state.get_param().ok_or_else(|| Error::msg("no step was taken"))?;
        let misfit = state.get_cost().powi(2);
        println!(
            "Gauss-Newton on Misra1a from {start:?}: ({:.10e}, {:.10e}) after {} steps, sum of squares {misfit:.10e}",
            b[0],
            b[1],
            state.get_iter()
        );
        for (b, certified) in b.iter().zip(CERTIFIED) {
            assert!((b / certified - 1.0).abs() < 1e-9, "{b} for {certified}");
        }
        assert!((misfit / 1.245_513_889_4e-1 - 1.0).abs() < 1e-9);
    }
    Ok(())
}

fn main() -> Result<(), Error> {
    rosenbrock()?;
    misra()
}
