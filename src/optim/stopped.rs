//! Why a method that goes to where a slope vanishes ended: [`Stopped`].

use std::fmt;

/// Why a fit, [`Lbfgs`](super::Lbfgs), or Newton's method ended; the best point is kept in each case.
///
/// ```
/// use wengert::optim::Stopped;
/// assert!(Stopped::Step.is_converged() && !Stopped::Evaluations.is_converged());
/// assert_eq!(Stopped::Gain.to_string(), "the last step could gain nothing that counts");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stopped {
    /// The slope is flat within `gtol`, or 0.
    Flat,
    /// The last step was within `xtol` of the parameters, or too small to change them.
    Step,
    /// What the last step could gain, as its model foresees, was within `ftol` of the value.
    Gain,
    /// Rounding hides what is left to gain: a further step changes the value by as little as its rounding, and
    /// makes the slope no flatter.
    Rounding,
    /// Steps of all lengths lead to where the problem is refused, infinite or NaN.
    Refused,
    /// The loss falls along a line of descent as far as numbers go: it has no minimum within their reach.
    Unbounded,
    /// Along lines of descent the slope jumps: there is a kink between, at which no slope is flat enough.
    Kink,
    /// Steps of all lengths along the way down, as the slopes tell it, lead to nothing lower, and rounding alone
    /// does not account for it: slopes may be wrong, a kink or a wall may be there, or the values be rough.
    Stalled,
    /// The evaluations allowed ran out.
    Evaluations,
}

impl Stopped {
    /// Whether it is an end by itself, and not by a limit or a refusal.
    ///
    /// ```
    /// assert!(wengert::optim::Stopped::Rounding.is_converged());
    /// ```
    #[must_use]
    pub fn is_converged(self) -> bool {
        match self {
            Stopped::Flat | Stopped::Step | Stopped::Gain | Stopped::Rounding => true,
            Stopped::Refused
            | Stopped::Unbounded
            | Stopped::Kink
            | Stopped::Stalled
            | Stopped::Evaluations => false,
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stopped::Flat => "the slope is flat",
            Stopped::Step => "the step left is none",
            Stopped::Gain => "the last step could gain nothing that counts",
            Stopped::Rounding => "rounding hides the rest of the way",
            Stopped::Refused => "steps of all lengths are refused",
            Stopped::Unbounded => "the loss falls without end",
            Stopped::Kink => "there is a kink across the way down",
            Stopped::Stalled => "no step is lower, though the slope is not flat",
            Stopped::Evaluations => "the evaluations ran out",
        })
    }
}
