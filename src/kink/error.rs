//! What can be wrong with a question about kinks.

use crate::short::Short;
use crate::tape::{Kink, TapeError};

/// Why a question about kinks has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KinkError {
    /// A radius within which kinks are near must be 0 or more; it may be infinite.
    #[error("a kink cannot be near within a radius of {}", Short(*.0))]
    Radius(f64),
    /// A direction must have one number for each variable.
    #[error("a direction of {numbers} numbers for {variables} variables")]
    Length {
        /// Variables given.
        variables: usize,
        /// Numbers given.
        numbers: usize,
    },
    /// A direction must be finite.
    #[error("number {place} of a direction is {}", Short(*number))]
    Direction {
        /// Its place in the direction, from 0.
        place: usize,
        /// What stands there.
        number: f64,
    },
    /// The output is NaN, which has no generalized gradient.
    #[error("the output is NaN, which has no generalized gradient")]
    NotANumber,
    /// The gradient depends on which slope is chosen at this kink, the first such.
    #[error("the gradient depends on the slope chosen for {0}")]
    Met(Box<Kink>),
    /// The recording that the gradient came from is over, or on another thread.
    #[error("the recording is over or on another thread, and what it met is forgotten")]
    Over,
    /// A list of pieces must be allowed at least one.
    #[error("a budget of no pieces")]
    Budget,
    /// A tolerance must be 0 or more.
    #[error("a tolerance of {}", Short(*.0))]
    Tolerance(f64),
    /// The recording had to stop before it was whole.
    #[error(transparent)]
    Tape(#[from] TapeError),
}
