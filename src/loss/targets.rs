//! What a loss may be compared with.

use crate::Real;
use std::fmt;

/// The targets that a loss is defined for.
///
/// ```
/// use wengert::loss::Targets;
/// assert!(Targets::Signs.contain(-1.0) && !Targets::Signs.contain(0.0));
/// assert_eq!(Targets::Signs.to_string(), "1 or -1");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Targets {
    /// Any finite number.
    Finite,
    /// 1 or -1: the class of a binary classification by margin.
    Signs,
    /// A number in `[0, 1]`: the probability of a class.
    Probabilities,
    /// A finite number of at least 0; whole in the statistical model, which is not asked for.
    Counts,
}

impl Targets {
    /// Whether `target` is one of them.
    ///
    /// ```
    /// use wengert::loss::Targets;
    /// assert!(!Targets::Finite.contain(f64::NAN));
    /// ```
    #[inline(always)]
    pub fn contain<F: Real>(self, target: F) -> bool {
        match self {
            Targets::Finite => target.is_finite(),
            Targets::Signs => target.abs() == F::one(),
            Targets::Probabilities => target >= F::zero() && target <= F::one(),
            Targets::Counts => target >= F::zero() && target.is_finite(),
        }
    }
}

impl fmt::Display for Targets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Targets::Finite => "a finite number",
            Targets::Signs => "1 or -1",
            Targets::Probabilities => "a number in [0, 1]",
            Targets::Counts => "a finite number of at least 0",
        })
    }
}
