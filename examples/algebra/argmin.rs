//! Solvers of argmin over derivatives from one expression: Newton's method on Rosenbrock's function, and
//! Gauss-Newton on a curve fit with certified parameters.
//!
//! ```text
//! cargo run --release --example argmin
//! ```
//!
//! A program gives what argmin asks for: `CostFunction` and `Gradient` and `Hessian` from `hessian()`,
//! `Operator` and `Jacobian` from `jacobian()`. argmin passes its problem by reference and a sweep works in
//! memory of its own, hence the cell. argmin's matrices are those of the `nalgebra` that it was built with.

use argmin::core::{CostFunction, Error, Executor, Gradient, Hessian, Jacobian, Operator, State};
use argmin::solver::gaussnewton::GaussNewton;
use argmin::solver::newton::Newton;
use nalgebra::{DMatrix, DVector};
use std::cell::RefCell;
use wengert::objective;
use wengert::program::{Columns, Found, Program, Sweep};

/// A program over data, as the problem of a solver.
struct Problem<'d> {
    sweep: RefCell<Sweep>,
    data: Columns<'d>,
}

impl<'d> Problem<'d> {
    fn new(program: &Program, data: Columns<'d>) -> Self {
        Problem { sweep: RefCell::new(program.compile()), data }
    }

    /// What `read` takes from a pass at these parameters.
    fn at<R>(&self, x: &DVector<f64>, read: impl FnOnce(Found<'_>) -> R) -> Result<R, Error> {
        Ok(read(self.sweep.borrow_mut().run(x.as_slice(), &self.data)?))
    }
}

impl CostFunction for Problem<'_> {
    type Param = DVector<f64>;
    type Output = f64;
    fn cost(&self, x: &Self::Param) -> Result<f64, Error> {
        self.at(x, |found| found.value())
    }
}

impl Gradient for Problem<'_> {
    type Param = DVector<f64>;
    type Gradient = DVector<f64>;
    fn gradient(&self, x: &Self::Param) -> Result<Self::Gradient, Error> {
        self.at(x, |found| DVector::from_column_slice(found.gradient()))
    }
}

impl Hessian for Problem<'_> {
    type Param = DVector<f64>;
    type Hessian = DMatrix<f64>;
    fn hessian(&self, x: &Self::Param) -> Result<Self::Hessian, Error> {
        let rows = |rows: &[Vec<f64>]| DMatrix::from_fn(x.len(), x.len(), |i, j| rows[i][j]);
        self.at(x, |found| rows(found.hessian()))
    }
}

impl Operator for Problem<'_> {
    type Param = DVector<f64>;
    type Output = DVector<f64>;
    fn apply(&self, x: &Self::Param) -> Result<Self::Output, Error> {
        self.at(x, |found| DVector::from_column_slice(found.residuals()))
    }
}

impl Jacobian for Problem<'_> {
    type Param = DVector<f64>;
    type Jacobian = DMatrix<f64>;
    fn jacobian(&self, x: &Self::Param) -> Result<Self::Jacobian, Error> {
        self.at(x, |found| {
            let all = found.jacobian();
            DMatrix::from_row_slice(all.row_count(), all.column_count(), all.as_slice())
        })
    }
}

/// The valley that leads to (1, 1), from the start that is customary.
fn rosenbrock() -> Result<(), Error> {
    let loss = objective!(|[x, y]| (1.0 - x).square() + 100.0 * (y - x.square()).square());
    let program = Program::record(&loss, &[-1.2, 1.0], &[])?.hessian();
    let found = Executor::new(Problem::new(&program, Columns::none()), Newton::<f64>::new())
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
        let program = Program::record(&residual, &start, &[pressure[0], volume[0]])?.jacobian();
        let data = Columns::new(&[&pressure, &volume])?;
        let found = Executor::new(Problem::new(&program, data), solver.clone())
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
