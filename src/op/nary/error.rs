//! Questions about a list that it has no answer to: [`ListError`].

use crate::Real;
use crate::real::Short;

/// What a list was asked for that it does not have.
///
/// ```
/// use wengert::{ListError, Scalar};
/// let error = f64::try_gather(&[1.0, 2.0], 2.0).unwrap_err();
/// assert_eq!(error.to_string(), "the index 2 is outside a table of 2");
/// assert!(matches!(error, ListError::Index { expected: 2, found: 2.0 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// An index is no whole number below the length of its table.
    #[error("the index {} is outside a table of {expected}", Short(*found))]
    Index {
        /// The length of the table.
        expected: usize,
        /// The index.
        found: f64,
    },
    /// The level of a quantile is not between 0 and 1.
    #[error("the level of a quantile is {}, not between 0 and 1", Short(*found))]
    Level {
        /// The level.
        found: f64,
    },
}

impl ListError {
    /// A whole number as a place in a table of this length.
    pub(crate) fn place<F: Real>(len: usize, index: F) -> Result<usize, Self> {
        let whole = |at: &usize| *at < len && F::from_usize(*at) == Some(index);
        let error = ListError::Index { expected: len, found: index.to_double() };
        index.to_usize().filter(whole).ok_or(error)
    }

    /// `Ok` if it is the level of a quantile.
    pub(crate) fn level<F: Real>(level: F) -> Result<(), Self> {
        let within = level >= F::zero() && level <= F::one();
        within.then_some(()).ok_or(ListError::Level { found: level.to_double() })
    }
}
