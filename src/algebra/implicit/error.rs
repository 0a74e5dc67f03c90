//! Why a root cannot be differentiated.

use crate::real::Short;

/// Why a root cannot be differentiated; from [`implicit`](crate::implicit) and
/// [`fixed_point`](crate::fixed_point).
///
/// ```
/// use wengert::{ImplicitError, implicit, residuals};
/// let root = residuals!(|[x], [p]| [x * x - p]);
/// assert_eq!(implicit(&[0.0], &[0.0], &root), Err(ImplicitError::Singular { column: 0 }));
/// let error = implicit(&[1.5], &[2.0], &root).unwrap_err();
/// assert_eq!(error.to_string(), "no root: from unknown 0, 1.5, Newton's step is -0.08333333333333333");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ImplicitError {
    /// There must be as many residuals as unknowns, and of both and of arguments as many as the residuals
    /// take.
    #[error("expected {expected} {what}, found {found}")]
    Count {
        /// `"unknowns"`, `"arguments"` or `"residuals"`.
        what: &'static str,
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Something is infinite or NaN.
    #[error("{what} {index} is {}, expected a finite number", Short(*value))]
    NotFinite {
        /// `"unknown"`, `"argument"`, `"residual"`, `"slope of residual"`, or `"slope of unknown"`, the derivative
        /// of one by a residual.
        what: &'static str,
        /// Which, counted from 0.
        index: usize,
        /// The number.
        value: f64,
    },
    /// The derivative of the residuals by the unknowns is singular up to rounding, so the root does not move
    /// with the arguments by one derivative: it is multiple, or not isolated.
    #[error("the slopes by unknown {column} depend on those by the unknowns before it")]
    Singular {
        /// The unknown whose column depends on those before it, counted from 0.
        column: usize,
    },
    /// The unknowns are no root: the step of Newton's method from there is not small beside them.
    #[error("no root: from unknown {unknown}, {}, Newton's step is {}", Short(*value), Short(*step))]
    NoRoot {
        /// Which unknown, counted from 0.
        unknown: usize,
        /// Its value.
        value: f64,
        /// What Newton's method would add to it.
        step: f64,
    },
}
