//! What can be wrong with the data or the parameter of a loss.

use super::Targets;
use crate::real::Short;

/// Why a loss could not be formed.
///
/// `index` counts the points of the iterator from 0.
///
/// ```
/// use wengert::loss::{LossError, mean_absolute_error};
/// let error = mean_absolute_error([(1.0, 2.0), (1.0, f64::NAN)]).unwrap_err();
/// assert_eq!(error.to_string(), "target at index 1 is NaN, expected a finite number");
/// assert!(matches!(error, LossError::Target { index: 1, .. }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LossError {
    /// There are no points.
    #[error("no data: a loss needs at least one point")]
    Empty,
    /// More predictions than targets, or fewer.
    #[error("{found} predictions, but {expected} targets")]
    #[non_exhaustive]
    Length {
        /// How many targets there are.
        expected: usize,
        /// How many predictions.
        found: usize,
    },
    /// A prediction is NaN or infinite.
    #[error("prediction at index {index} is {}, expected a finite number", Short(*value))]
    #[non_exhaustive]
    Prediction {
        /// Which point.
        index: usize,
        /// The prediction.
        value: f64,
    },
    /// A target is not among those that the loss is defined for.
    #[error("target at index {index} is {}, expected {expected}", Short(*value))]
    #[non_exhaustive]
    Target {
        /// Which point.
        index: usize,
        /// The target.
        value: f64,
        /// What it may be.
        expected: Targets,
    },
    /// A weight is negative, infinite or NaN.
    #[error("weight at index {index} is {}, expected a finite number of at least 0", Short(*value))]
    #[non_exhaustive]
    Weight {
        /// Which point.
        index: usize,
        /// The weight.
        value: f64,
    },
    /// The weights sum to 0 or beyond the greatest number, so that they define no mean.
    #[error("the weights sum to {}, expected a finite number above 0", Short(*value))]
    #[non_exhaustive]
    WeightSum {
        /// Their sum.
        value: f64,
    },
    /// A logit is NaN or infinite.
    #[error("logit {logit} at index {index} is {}, expected a finite number", Short(*value))]
    #[non_exhaustive]
    Logit {
        /// Which point.
        index: usize,
        /// Which of its logits.
        logit: usize,
        /// The logit.
        value: f64,
    },
    /// A class has no logit.
    #[error("class {class} at index {index}, but there are {len} logits")]
    #[non_exhaustive]
    Class {
        /// Which point.
        index: usize,
        /// The class, counted from 0.
        class: usize,
        /// The number of logits.
        len: usize,
    },
    /// A parameter of a loss is out of range.
    #[error("{name} is {}, expected {expected}", Short(*value))]
    #[non_exhaustive]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What was given for it.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
}
