//! Losses as problems of the crate [`argmin`](https://docs.rs/argmin), for all its solvers.
//!
//! A [`Problem`] is argmin's `CostFunction` and `Gradient`, and where second derivatives are known its `Hessian`; of
//! residuals it is the `Operator` and the `Jacobian` too, with half the sum of their squares as the cost. What it is
//! made of is
//!
//! | | cost, gradient | Hessian | operator, Jacobian |
//! | --- | --- | --- | --- |
//! | [`ExpressionLoss`], an [`objective!`](crate::objective) on the tape | yes | yes | |
//! | [`TapeLoss`], a closure over variables | yes | | |
//! | [`ProgramLoss`], a program over columns | yes | yes | |
//! | [`ExpressionResiduals`], [`residuals!`](crate::residuals) on the tape | yes | | yes |
//! | [`ProgramResiduals`], a program over columns | yes | | yes |
//! | a type of your own: [`Evaluate`], [`EvaluateHessian`], [`EvaluateResiduals`] | yes | if so | if so |
//!
//! ```
//! use argmin::core::{Executor, State};
//! use argmin::solver::linesearch::MoreThuenteLineSearch;
//! use argmin::solver::quasinewton::LBFGS;
//! use wengert::objective;
//! use wengert::optim::argmin::{ExpressionLoss, Problem};
//!
//! let loss = objective!(|[x, y]| (1.0 - x).square() + 100.0 * (y - x.square()).square());
//! let problem = Problem::new(ExpressionLoss::new(loss));
//! let solver = LBFGS::new(MoreThuenteLineSearch::new(), 7);
//! let found = Executor::new(problem, solver)
//!     .configure(|state| state.param(vec![-1.2, 1.0]).max_iters(100))
//!     .run()?;
//! let x = found.state().get_best_param().expect("a step was taken");
//! assert!((x[0] - 1.0).abs() < 1e-6 && (x[1] - 1.0).abs() < 1e-6);
//! # Ok::<(), argmin::core::Error>(())
//! ```
//!
//! Parameters and gradients are a `Vec<f64>`, matrices a `Vec<Vec<f64>>`, unless [`Problem::vectors`] and
//! [`Problem::matrices`] say otherwise: those of any release of `nalgebra` or `ndarray` that argmin was built with,
//! or a plain `f64` for its solvers of one parameter. Solvers that factor matrices, as `Newton`, `Dogleg` and
//! `GaussNewton`, need those of such a crate.
//!
//! What is infinite or NaN is an error that ends the run, as is a comparison that turned in a program: a solver would
//! go on and end anywhere. argmin's error gives back the [`ProblemError`].
//!
//! Of argmin 0.11 it is good to know that
//!
//! - its `LBFGS` makes of an error an end like others, with the parameters from before: whether all went well is told
//!   by the termination status, which then is `SolverExit` with the text of the error;
//! - its `NewtonCG` compares the square of a norm with a norm, and takes Newton's steps only while slopes are far above
//!   1: multiply the loss;
//! - its `TrustRegion` and `NonlinearConjugateGradient` have no end of their own: give them `max_iters` or a
//!   `target_cost`.

mod error;
mod evaluate;
mod losses;
mod pass;
mod residuals;

pub use error::ProblemError;
pub use evaluate::{Evaluate, EvaluateHessian, EvaluateResiduals};
pub use losses::{ExpressionLoss, ProgramLoss, TapeLoss};
pub use residuals::{ExpressionResiduals, ProgramResiduals};

use argmin::core::{CostFunction, Error, Gradient, Hessian, Jacobian, Operator};
use std::fmt;

/// A loss, or residuals, as argmin takes it: with parameters of the type `P` and matrices of the type `M`.
///
/// See [the module](self).
///
/// ```
/// use argmin::core::CostFunction;
/// use wengert::optim::argmin::{Problem, TapeLoss};
/// let problem = Problem::new(TapeLoss::new(|x| x[0].abs() + x[1].square()));
/// assert_eq!(problem.cost(&vec![-1.0, 2.0])?, 5.0);
/// # Ok::<(), argmin::core::Error>(())
/// ```
pub struct Problem<E, P = Vec<f64>, M = Vec<Vec<f64>>> {
    evaluate: E,
    read: fn(&P) -> &[f64],
    vector: fn(Vec<f64>) -> P,
    matrix: fn(usize, usize, &[f64]) -> M,
}

impl<E> Problem<E> {
    /// The problem to minimise this loss.
    ///
    /// ```
    /// use argmin::core::{CostFunction, Gradient, Hessian};
    /// use wengert::objective;
    /// use wengert::optim::argmin::{ExpressionLoss, Problem};
    /// let problem = Problem::new(ExpressionLoss::new(objective!(|[x, y]| x * x * y)));
    /// let x = vec![2.0, 3.0];
    /// assert_eq!((problem.cost(&x)?, problem.gradient(&x)?), (12.0, vec![12.0, 4.0]));
    /// assert_eq!(problem.hessian(&x)?, [[6.0, 4.0], [4.0, 0.0]]);
    /// # Ok::<(), argmin::core::Error>(())
    /// ```
    #[must_use]
    pub fn new(loss: E) -> Self {
        Problem {
            evaluate: loss,
            read: Vec::as_slice,
            vector: |x| x,
            matrix: |rows, columns, entries| {
                (0..rows).map(|row| entries[row * columns..][..columns].to_vec()).collect()
            },
        }
    }
}

impl<E, P, M> Problem<E, P, M> {
    /// With parameters of another type, which is read as a slice and made of a list: for `nalgebra`
    /// `.vectors(DVector::as_slice, DVector::from_vec)`.
    ///
    /// ```
    /// use argmin::core::{Executor, State};
    /// use argmin::solver::brent::BrentOpt;
    /// use wengert::objective;
    /// use wengert::optim::argmin::{ExpressionLoss, Problem};
    /// // One parameter, as a number.
    /// let problem = Problem::new(ExpressionLoss::new(objective!(|[x]| x.exp() - 2.0 * x)))
    ///     .vectors(std::slice::from_ref, |x| x[0]);
    /// let found = Executor::new(problem, BrentOpt::new(0.0, 2.0))
    ///     .configure(|state| state.max_iters(50))
    ///     .run()?;
    /// let x: f64 = *found.state().get_best_param().expect("a step was taken");
    /// assert!((x - 2_f64.ln()).abs() < 1e-4);
    /// # Ok::<(), argmin::core::Error>(())
    /// ```
    #[must_use]
    pub fn vectors<Q>(self, read: fn(&Q) -> &[f64], make: fn(Vec<f64>) -> Q) -> Problem<E, Q, M> {
        let Problem { evaluate, matrix, .. } = self;
        Problem { evaluate, read, vector: make, matrix }
    }

    /// With matrices of another type, which is made from the numbers of rows and columns and the entries row by
    /// row: for `nalgebra` `.matrices(DMatrix::from_row_slice)`.
    ///
    /// ```
    /// use argmin::core::Hessian;
    /// use wengert::objective;
    /// use wengert::optim::argmin::{ExpressionLoss, Problem};
    /// let problem = Problem::new(ExpressionLoss::new(objective!(|[x, y]| x * x * y)))
    ///     .matrices(|rows, columns, entries| (rows, columns, entries.to_vec()));
    /// assert_eq!(problem.hessian(&vec![2.0, 3.0])?, (2, 2, vec![6.0, 4.0, 4.0, 0.0]));
    /// # Ok::<(), argmin::core::Error>(())
    /// ```
    #[must_use]
    pub fn matrices<N>(self, make: fn(usize, usize, &[f64]) -> N) -> Problem<E, P, N> {
        let Problem { evaluate, read, vector, .. } = self;
        Problem { evaluate, read, vector, matrix: make }
    }

    /// The parameters, if all are finite.
    fn parameters<'p>(&self, x: &'p P) -> Result<&'p [f64], ProblemError> {
        let x = (self.read)(x);
        finite(x, |index, value| ProblemError::NonFiniteParameter { place: index.into(), value })?;
        Ok(x)
    }
}

/// Whether all numbers are finite; else what the first is that is not.
fn finite(
    numbers: &[f64],
    refused: impl FnOnce(usize, f64) -> ProblemError,
) -> Result<(), ProblemError> {
    match numbers.iter().position(|x| !x.is_finite()) {
        Some(index) => Err(refused(index, numbers[index])),
        None => Ok(()),
    }
}

impl<E: fmt::Debug, P, M> fmt::Debug for Problem<E, P, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Problem").field(&self.evaluate).finish()
    }
}

impl<E: Evaluate, P, M> CostFunction for Problem<E, P, M> {
    type Param = P;
    type Output = f64;

    fn cost(&self, x: &P) -> Result<f64, Error> {
        let value = self.evaluate.value(self.parameters(x)?)?;
        finite(&[value], |_, value| ProblemError::NonFiniteValue { value })?;
        Ok(value)
    }
}

impl<E: Evaluate, P, M> Gradient for Problem<E, P, M> {
    type Param = P;
    type Gradient = P;

    fn gradient(&self, x: &P) -> Result<P, Error> {
        let gradient = self.evaluate.gradient(self.parameters(x)?)?;
        finite(&gradient, |index, value| ProblemError::NonFiniteSlope {
            place: index.into(),
            value,
        })?;
        Ok((self.vector)(gradient))
    }
}

impl<E: EvaluateHessian, P, M> Hessian for Problem<E, P, M> {
    type Param = P;
    type Hessian = M;

    fn hessian(&self, x: &P) -> Result<M, Error> {
        let x = self.parameters(x)?;
        let hessian = self.evaluate.hessian(x)?;
        finite(&hessian, |index, value| ProblemError::NonFiniteCurvature {
            place: (index / x.len()).into(),
            by: (index % x.len()).into(),
            value,
        })?;
        Ok((self.matrix)(x.len(), x.len(), &hessian))
    }
}

impl<E: EvaluateResiduals, P, M> Operator for Problem<E, P, M> {
    type Param = P;
    type Output = P;

    fn apply(&self, x: &P) -> Result<P, Error> {
        let residuals = self.evaluate.residuals(self.parameters(x)?)?;
        finite(&residuals, |index, value| ProblemError::NonFiniteResidual { index, value })?;
        Ok((self.vector)(residuals))
    }
}

impl<E: EvaluateResiduals, P, M> Jacobian for Problem<E, P, M> {
    type Param = P;
    type Jacobian = M;

    fn jacobian(&self, x: &P) -> Result<M, Error> {
        let x = self.parameters(x)?;
        let (_, jacobian) = self.evaluate.jacobian(x)?;
        finite(&jacobian, |index, value| ProblemError::NonFiniteDerivative {
            index: index / x.len(),
            by: (index % x.len()).into(),
            value,
        })?;
        Ok((self.matrix)(jacobian.len() / x.len().max(1), x.len(), &jacobian))
    }
}
