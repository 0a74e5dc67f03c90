//! Why a problem of argmin has no answer at a point: [`ProblemError`].

use crate::optim::Place;
use crate::program::RunError;
use crate::real::Short;

/// Why a problem has no answer at the parameters that a solver asked for. argmin hands it on in its own error, of
/// which `downcast_ref` gives it back.
///
/// ```
/// use argmin::core::{CostFunction, Error};
/// use wengert::optim::argmin::{ExpressionLoss, Problem, ProblemError};
/// use wengert::{Scalar, objective};
/// let problem = Problem::new(ExpressionLoss::new(objective!(|[x]| x.ln())));
/// let refused: Error = problem.cost(&vec![-1.0]).unwrap_err();
/// let told = refused.downcast_ref();
/// assert!(matches!(told, Some(ProblemError::NonFiniteValue { value }) if value.is_nan()));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProblemError {
    /// The loss takes another number of parameters.
    #[error("the problem has {expected} parameters, but {found} were given")]
    Length {
        /// How many it takes.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// A parameter is infinite or NaN.
    #[error("the parameter at {place} is {}", Short(*value))]
    NonFiniteParameter {
        /// Which one.
        place: Place,
        /// Its value.
        value: f64,
    },
    /// The loss is infinite or NaN.
    #[error("the loss is {}", Short(*value))]
    NonFiniteValue {
        /// Its value.
        value: f64,
    },
    /// A slope is infinite or NaN.
    #[error("the slope by the parameter at {place} is {}", Short(*value))]
    NonFiniteSlope {
        /// By which parameter.
        place: Place,
        /// The derivative.
        value: f64,
    },
    /// A second derivative is infinite or NaN.
    #[error("the second derivative by the parameters at {place} and {by} is {}", Short(*value))]
    NonFiniteCurvature {
        /// By which parameter.
        place: Place,
        /// And by which.
        by: Place,
        /// The derivative.
        value: f64,
    },
    /// A residual is infinite or NaN.
    #[error("the residual {index} is {}", Short(*value))]
    NonFiniteResidual {
        /// Which one, from 0.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A derivative of a residual is infinite or NaN.
    #[error("the slope of the residual {index} by the parameter at {by} is {}", Short(*value))]
    NonFiniteDerivative {
        /// Of which residual, from 0.
        index: usize,
        /// By which parameter.
        by: Place,
        /// The derivative.
        value: f64,
    },
    /// The program could not run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// What a problem of your own refuses.
    #[error(transparent)]
    Other(Box<dyn std::error::Error + Send + Sync>),
}
