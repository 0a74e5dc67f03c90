//! What may be wrong with a least squares problem: [`LeastSquaresError`].

use crate::optim::{OptimError, Place};
use crate::program::RunError;
use crate::real::Short;

/// Why a problem could not be fitted, or a fit does not tell what was asked for.
///
/// A fit that is refused has left the parameters as they were. That it has not converged is no error:
/// [`Fit::ending`](super::Fit::ending) says so.
///
/// ```
/// use wengert::optim::least_squares::{LeastSquares, LeastSquaresError};
/// let mut x = [1.0, 2.0];
/// let one_residual = |p: &[f64]| (vec![p[0] + p[1]], vec![1.0, 1.0]);
/// let refused = LeastSquares::new().fit(&mut x, one_residual).unwrap_err();
/// assert!(matches!(refused, LeastSquaresError::TooFewResiduals { expected: 2, found: 1 }));
/// assert_eq!(refused.to_string(), "1 residuals, but 2 parameters that may move");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LeastSquaresError {
    /// Fewer residuals than parameters that may move.
    #[error("{found} residuals, but {expected} parameters that may move")]
    TooFewResiduals {
        /// How many parameters are not held fast by equal bounds.
        expected: usize,
        /// How many residuals there are.
        found: usize,
    },
    /// Another number of residuals than at the start.
    #[error("{found} residuals, but {expected} at the start")]
    ResidualCount {
        /// At the start.
        expected: usize,
        /// At a later point.
        found: usize,
    },
    /// A Jacobian of another size than residuals times parameters.
    #[error("a Jacobian of {found} numbers, where residuals times parameters are {expected}")]
    JacobianLength {
        /// Residuals times parameters.
        expected: usize,
        /// How many numbers it has.
        found: usize,
    },
    /// The column of the weights is none of the data.
    #[error("weights in column {found} of data that have {expected}")]
    WeightColumn {
        /// How many columns the data have.
        expected: usize,
        /// The column, counted from 0.
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
    /// A residual is infinite or NaN at the start.
    #[error("residual {residual} is {} at the start", Short(*value))]
    NonFiniteResidual {
        /// Which one, counted from 0.
        residual: usize,
        /// Its value.
        value: f64,
    },
    /// A residual lies so far beyond the scale of the robust loss that it does not tell what to pull it by.
    #[error(
        "residual {residual} is {} at the start, too far beyond the scale {} of the robust loss",
        Short(*value), Short(*scale)
    )]
    RobustScale {
        /// Which one, counted from 0.
        residual: usize,
        /// Its value.
        value: f64,
        /// The scale.
        scale: f64,
    },
    /// A derivative is infinite or NaN at the start.
    #[error("the slope of residual {residual} by the parameter at {place} is {} at the start", Short(*value))]
    NonFiniteSlope {
        /// Which residual, counted from 0.
        residual: usize,
        /// By which parameter.
        place: Place,
        /// The derivative.
        value: f64,
    },
    /// The start lies outside the bounds.
    #[error(
        "the parameter at {place} starts at {}, outside its bounds {} and {}",
        Short(*value), Short(*lower), Short(*upper)
    )]
    OutsideBounds {
        /// Which parameter.
        place: Place,
        /// Where it starts.
        value: f64,
        /// Its lower bound.
        lower: f64,
        /// Its upper bound.
        upper: f64,
    },
    /// A weight that is negative, infinite or NaN.
    #[error("the weight of row {row} is {}: it must be finite and not negative", Short(*value))]
    Weight {
        /// Which row.
        row: usize,
        /// Its weight.
        value: f64,
    },
    /// Another number of responses, or of their weights, than residuals.
    #[error("{found} responses or weights, but {expected} residuals")]
    Responses {
        /// How many residuals there are.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// All responses are the same, so that nothing is to be explained.
    #[error("all responses are the same: R² has no meaning")]
    SameResponses,
    /// The residuals do not tell parameters apart: along this combination of them nothing changes.
    #[error(
        "the residuals do not tell parameters apart: nothing changes along {}",
        listed(combination)
    )]
    Indistinct {
        /// The parameters that are in it, each with how far it moves.
        combination: Vec<(Place, f64)>,
    },
    /// No more residuals than parameters, so that nothing is left to tell their scatter.
    #[error("{residuals} residuals of {parameters} parameters leave no degree of freedom")]
    NoFreedom {
        /// How many residuals there are.
        residuals: usize,
        /// How many parameters were fitted.
        parameters: usize,
    },
    /// Most residuals lie beyond the scale of the robust loss, so that it tells no scatter.
    #[error(
        "the robust loss bends downwards on the whole: its scale is too small for standard errors"
    )]
    Scatter,
    /// An option is wrong, or the bounds are for another number of parameters.
    #[error(transparent)]
    Option(#[from] OptimError),
    /// The program could not run at the start.
    #[error(transparent)]
    Run(#[from] RunError),
    /// What a problem of your own refuses.
    #[error(transparent)]
    Problem(Box<dyn std::error::Error + Send + Sync>),
}

/// `1 · index 0 (`a`) - 0.5 · index 1`, to six digits: rounding tells it to few.
pub(super) fn listed(combination: &[(Place, f64)]) -> String {
    let mut text = String::new();
    for (place, by) in combination {
        match (text.is_empty(), *by < 0.0) {
            (true, false) => {}
            (true, true) => text.push('-'),
            (false, false) => text.push_str(" + "),
            (false, true) => text.push_str(" - "),
        }
        let size = by.abs();
        let digits = format!("{size:.5e}").parse().unwrap_or(size);
        text.push_str(&format!("{} · {place}", Short(digits)));
    }
    text
}

impl LeastSquaresError {
    /// The parameters that the error is about.
    pub(super) fn places_mut(&mut self) -> Vec<&mut Place> {
        match self {
            Self::NonFiniteParameter { place, .. }
            | Self::NonFiniteSlope { place, .. }
            | Self::OutsideBounds { place, .. } => vec![place],
            Self::Indistinct { combination } => combination.iter_mut().map(|(p, _)| p).collect(),
            Self::TooFewResiduals { .. }
            | Self::ResidualCount { .. }
            | Self::JacobianLength { .. }
            | Self::NonFiniteResidual { .. }
            | Self::RobustScale { .. }
            | Self::Weight { .. }
            | Self::WeightColumn { .. }
            | Self::Responses { .. }
            | Self::SameResponses
            | Self::NoFreedom { .. }
            | Self::Scatter
            | Self::Option(_)
            | Self::Run(_)
            | Self::Problem(_) => Vec::new(),
        }
    }
}
