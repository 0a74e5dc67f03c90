//! What can be wrong with a question about kinks.

use crate::real::Short;
use crate::tape::{Kink, TapeError};

/// Why a question about kinks could not be answered.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KinkError {
    /// A radius within which kinks are near must be 0 or more; it may be infinite.
    #[error("a kink cannot be near within a radius of {}", Short(*value))]
    Radius {
        /// The radius.
        value: f64,
    },
    /// A direction must have one number for each variable.
    #[error("a direction of {found} numbers for {expected} variables")]
    Length {
        /// How many variables there are.
        expected: usize,
        /// How many numbers the direction has.
        found: usize,
    },
    /// A direction must be finite.
    #[error("the direction is {} at index {index}, expected a finite number", Short(*value))]
    Direction {
        /// Which number of the direction, counted from 0.
        index: usize,
        /// The number.
        value: f64,
    },
    /// The output is NaN, which has no generalized gradient.
    #[error("the output is NaN, which has no generalized gradient")]
    NotANumber,
    /// The gradient depends on the slope that is chosen at a kink.
    #[error("the gradient depends on the slope chosen for {kink}")]
    Met {
        /// The first such kink.
        kink: Box<Kink>,
    },
    /// The gradient's recording is over, or it belongs to another thread.
    #[error("the recording is over or on another thread, and what it met is forgotten")]
    Over,
    /// A list of pieces must be allowed at least one.
    #[error("the budget is 0 pieces, expected at least 1")]
    Budget,
    /// A tolerance must be 0 or more.
    #[error("the tolerance is {}, expected 0 or more", Short(*value))]
    Tolerance {
        /// The tolerance.
        value: f64,
    },
    /// The recording had to stop before it was whole.
    #[error(transparent)]
    Tape(#[from] TapeError),
}
