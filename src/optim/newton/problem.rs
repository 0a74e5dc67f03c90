//! What is minimised: [`NewtonProblem`], and programs over columns, [`ProgramHessian`]; and what may be wrong
//! with it.

use crate::optim::{OptimError, Place};
use crate::program::{Columns, Program, RunError, Sweep};
use crate::real::Short;

/// A loss with its gradient and its Hessian at a point.
///
/// A closure from parameters to all three is one, the Hessian row by row; so is a program over columns,
/// [`ProgramHessian`].
///
/// ```
/// use wengert::optim::newton::{Newton, NewtonError, NewtonProblem};
///
/// /// `Σ (x - ln x)`.
/// struct Barrier;
/// impl NewtonProblem for Barrier {
///     fn evaluate(
///         &mut self,
///         parameters: &[f64],
///         gradient: &mut Vec<f64>,
///         hessian: &mut Vec<f64>,
///     ) -> Result<f64, NewtonError> {
///         let n = parameters.len();
///         hessian.resize(n * n, 0.0);
///         for (i, x) in parameters.iter().enumerate() {
///             gradient.push(1.0 - 1.0 / x);
///             hessian[i * n + i] = 1.0 / (x * x);
///         }
///         Ok(parameters.iter().map(|x| x - x.ln()).sum())
///     }
/// }
/// let mut x = [0.25, 3.0];
/// Newton::new().minimize(&mut x, Barrier)?;
/// approx::assert_relative_eq!(&x[..], &[1.0, 1.0][..], max_relative = 1e-12);
/// # Ok::<(), NewtonError>(())
/// ```
pub trait NewtonProblem {
    /// The loss at these parameters; adds its gradient, and its second derivatives row by row, to lists that
    /// are empty before.
    ///
    /// # Errors
    /// If the problem refuses the parameters, as [`NewtonError::Problem`]. At the start that is the end; after
    /// a step, the step was too long.
    fn evaluate(
        &mut self,
        parameters: &[f64],
        gradient: &mut Vec<f64>,
        hessian: &mut Vec<f64>,
    ) -> Result<f64, NewtonError>;
}

impl<F: FnMut(&[f64]) -> (f64, Vec<f64>, Vec<f64>)> NewtonProblem for F {
    fn evaluate(
        &mut self,
        parameters: &[f64],
        gradient: &mut Vec<f64>,
        hessian: &mut Vec<f64>,
    ) -> Result<f64, NewtonError> {
        let value;
        (value, *gradient, *hessian) = self(parameters);
        Ok(value)
    }
}

/// The loss of a program over data.
///
/// ```
/// use wengert::optim::newton::{Newton, ProgramHessian};
/// use wengert::program::{Columns, Program};
/// use wengert::{Scalar, objective};
/// // Counts by Poisson's law: the rate is their mean.
/// let loss = objective!(|[rate], [count]| rate - count * rate.ln());
/// let program = Program::record(&loss, &[1.0], &[1.0])?.sum();
/// let data = Columns::new(&[&[3.0, 5.0, 1.0, 7.0]])?;
/// let mut rate = [1.0];
/// let end = Newton::new().minimize(&mut rate, ProgramHessian::new(&program, &data))?;
/// assert!(end.is_minimum());
/// approx::assert_relative_eq!(rate[0], 4.0, max_relative = 1e-14);
/// // Its variance by the inverse Hessian: mean / n.
/// approx::assert_relative_eq!(end.inverse_hessian()?[0][0], 1.0, max_relative = 1e-12);
/// # Ok::<(), wengert::Error>(())
/// ```
#[derive(Debug)]
pub struct ProgramHessian<'a> {
    sweep: Sweep,
    data: Columns<'a>,
}

impl<'a> ProgramHessian<'a> {
    /// That of the first value of a program.
    ///
    /// ```
    /// use wengert::optim::newton::{Newton, ProgramHessian};
    /// use wengert::program::{Columns, Program};
    /// use wengert::{Scalar, objective};
    /// let program = Program::record(&objective!(|[x]| x.exp() - 2.0 * x), &[0.0], &[])?;
    /// let mut x = [0.0];
    /// Newton::new().minimize(&mut x, ProgramHessian::new(&program, &Columns::none()))?;
    /// approx::assert_relative_eq!(x[0], 2_f64.ln(), max_relative = 1e-14);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn new(program: &Program, data: &Columns<'a>) -> Self {
        ProgramHessian { sweep: program.clone().hessian().compile(), data: data.clone() }
    }
}

impl NewtonProblem for ProgramHessian<'_> {
    fn evaluate(
        &mut self,
        parameters: &[f64],
        gradient: &mut Vec<f64>,
        hessian: &mut Vec<f64>,
    ) -> Result<f64, NewtonError> {
        let found = self.sweep.run(parameters, &self.data)?;
        gradient.extend_from_slice(found.gradient());
        found.hessian().iter().for_each(|row| hessian.extend_from_slice(row));
        Ok(found.value())
    }
}

/// Why a loss could not be minimised, or an end does not tell what was asked for.
///
/// What is refused has left the parameters as they were. That it has not converged is no error:
/// [`Stationary::ending`](super::Stationary::ending) says so.
///
/// ```
/// use wengert::optim::newton::{Newton, NewtonError};
/// let refused = Newton::new().minimize(&mut [1.0], |_: &[f64]| (f64::NAN, vec![0.0], vec![1.0]));
/// assert!(matches!(refused, Err(NewtonError::NonFiniteValue { value }) if value.is_nan()));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NewtonError {
    /// A gradient of another length than the parameters.
    #[error("a gradient of {found} numbers, but {expected} parameters")]
    GradientLength {
        /// How many parameters there are.
        expected: usize,
        /// How long it is.
        found: usize,
    },
    /// A Hessian of another size than parameters times parameters.
    #[error("a Hessian of {found} numbers, where parameters times parameters are {expected}")]
    HessianLength {
        /// Parameters times parameters.
        expected: usize,
        /// How many numbers it has.
        found: usize,
    },
    /// A parameter is infinite or NaN at the start.
    #[error("the parameter at {place} is {}", Short(*value))]
    NonFiniteParameter {
        /// Which one.
        place: Place,
        /// Its value.
        value: f64,
    },
    /// The loss is infinite or NaN at the start.
    #[error("the loss is {} at the start", Short(*value))]
    NonFiniteValue {
        /// Its value.
        value: f64,
    },
    /// A slope is infinite or NaN at the start.
    #[error("the slope by the parameter at {place} is {} at the start", Short(*value))]
    NonFiniteSlope {
        /// By which parameter.
        place: Place,
        /// The derivative.
        value: f64,
    },
    /// A second derivative is infinite or NaN at the start.
    #[error("the second derivative by the parameters at {place} and {by} is {} at the start", Short(*value))]
    NonFiniteCurvature {
        /// By which parameter.
        place: Place,
        /// And by which.
        by: Place,
        /// The derivative.
        value: f64,
    },
    /// The Hessian is singular but for rounding, or not positive: there is no minimum that it describes.
    #[error("the Hessian at the end is not positive definite")]
    NotPositive,
    /// An option is wrong.
    #[error(transparent)]
    Option(#[from] OptimError),
    /// The program could not run at the start.
    #[error(transparent)]
    Run(#[from] RunError),
    /// What a problem of your own refuses.
    #[error(transparent)]
    Problem(Box<dyn std::error::Error + Send + Sync>),
}
