//! What may be wrong with an optimizer's options or with what it is fed: [`OptimError`].

use crate::Real;
use crate::real::Short;
use std::fmt;

/// Why an optimizer could not be built, or refused a step.
///
/// A refused step has changed nothing: neither the parameters nor the state of the optimizer.
///
/// ```
/// use wengert::optim::{OptimError, Optimizer, Sgd};
/// let mut sgd = Sgd::builder(0.1).momentum(0.9).build()?;
/// let mut x = [1.0, 2.0];
/// let refused = sgd.step(&mut x, 0.0, &[0.5]);
/// assert_eq!(refused, Err(OptimError::GradientLength { expected: 2, found: 1 }));
/// assert_eq!((x, sgd.step_count()), ([1.0, 2.0], 0));
/// # Ok::<(), OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OptimError {
    /// An option has a value out of its range.
    #[error("{option} must be {expected}, not {}", Short(*value))]
    Option {
        /// The option.
        option: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        expected: &'static str,
    },
    /// Two options that cannot both hold.
    #[error("{option} {reason}")]
    Contradiction {
        /// The option that contradicts the others.
        option: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// Lower and upper bounds of different lengths.
    #[error("{expected} lower bounds, but {found} upper ones")]
    BoundsLength {
        /// How many lower bounds there are.
        expected: usize,
        /// How many upper bounds there are.
        found: usize,
    },
    /// A lower bound is above its upper bound, or a bound is NaN.
    #[error("no number lies between the bounds {} and {} at {place}", Short(*lower), Short(*upper))]
    Bounds {
        /// Which parameter they are for.
        place: Place,
        /// The lower one.
        lower: f64,
        /// The upper one.
        upper: f64,
    },
    /// A projection makes a parameter infinite or NaN.
    #[error("the projection takes the parameter at {place} to {}", Short(*value))]
    Projection {
        /// Which parameter.
        place: Place,
        /// Its value after the projection.
        value: f64,
    },
    /// A name or number of [`Params`](crate::Params) is wrong.
    #[error(transparent)]
    Params(#[from] crate::ParamsError),
    /// The gradient and the parameters have different lengths.
    #[error("{expected} parameters, but a gradient of {found}")]
    GradientLength {
        /// How many parameters there are.
        expected: usize,
        /// How long the gradient is.
        found: usize,
    },
    /// The number of parameters is not that which the optimizer was built for or began with.
    #[error("the optimizer works on {expected} parameters, not on {found}")]
    ParameterCount {
        /// How many it works on.
        expected: usize,
        /// How many it was given.
        found: usize,
    },
    /// The value of the loss is infinite or NaN.
    #[error("the value of the loss is {}", Short(*value))]
    NonFiniteValue {
        /// The value.
        value: f64,
    },
    /// An entry of the gradient is infinite or NaN. [`Tape::troubles`](crate::Tape::troubles) tells
    /// where it began.
    #[error("the gradient is {} at {place}", Short(*value))]
    NonFiniteGradient {
        /// Which entry.
        place: Place,
        /// Its value.
        value: f64,
    },
    /// A parameter is infinite or NaN already.
    #[error("the parameter at {place} is {}", Short(*value))]
    NonFiniteParameter {
        /// Which parameter.
        place: Place,
        /// Its value.
        value: f64,
    },
    /// The step would make a parameter infinite or NaN.
    #[error("the step would take the parameter at {place} from {} to {}", Short(*from), Short(*to))]
    Overflow {
        /// Which parameter.
        place: Place,
        /// Its value.
        from: f64,
        /// Its value after the step.
        to: f64,
    },
    /// The step would make what is remembered of a parameter infinite or NaN, or a state that was read
    /// does.
    #[error("`{buffer}` of the parameter at {place} would not be finite")]
    StateOverflow {
        /// Which parameter.
        place: Place,
        /// What is remembered; one of [`UpdateRule::BUFFERS`](super::rule::UpdateRule::BUFFERS), or the average.
        buffer: &'static str,
    },
    /// Where a rate is, in a state that was read, is infinite or NaN.
    #[error("a number of the {part} of the state is {}", Short(*value))]
    NonFiniteState {
        /// Which part.
        part: &'static str,
        /// The number.
        value: f64,
    },
    /// A group has places beyond the last parameter.
    #[error("a group goes up to parameter {end} of {parameters}")]
    Group {
        /// One past its last place.
        end: usize,
        /// How many parameters there are.
        parameters: usize,
    },
    /// A state is not one of this optimizer.
    #[error("the state is of `{found}`, not of `{expected}`")]
    ForeignState {
        /// The name that was expected.
        expected: &'static str,
        /// The name in the state.
        found: String,
    },
    /// A part of a state has another length than this optimizer's.
    #[error("the {part} of the state has {found} entries, not {expected}")]
    StateLength {
        /// Which part.
        part: String,
        /// How many it must have.
        expected: usize,
        /// How many it has.
        found: usize,
    },
    /// The loss falls without end.
    #[error("the loss falls without end: it is {}", Short(*value))]
    Unbounded {
        /// The value reached.
        value: f64,
    },
    /// The tape could not hold the loss.
    #[error(transparent)]
    Tape(#[from] crate::TapeError),
    /// The loss is better than the optimum that Polyak's step size was told.
    #[error("the loss is {}, beyond the optimum of {} that the step size was told", Short(*value), Short(*optimum))]
    BeyondOptimum {
        /// The value of the loss.
        value: f64,
        /// The optimum it was told.
        optimum: f64,
    },
}

/// A parameter: its index in the flat vector, and its name where that is known.
///
/// ```
/// use wengert::optim::{OptimError, Optimizer, Sgd};
/// let mut sgd = Sgd::builder(0.1).build()?;
/// match sgd.step(&mut [1.0, 2.0], 0.0, &[0.5, f64::INFINITY]) {
///     Err(OptimError::NonFiniteGradient { place, .. }) => assert_eq!(place.index, 1),
///     other => panic!("{other:?}"),
/// }
/// # Ok::<(), OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index in the flat vector.
    pub index: usize,
    /// Name, as [`Params::name_of`](crate::Params::name_of) gives it.
    pub name: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "index {}", self.index)?;
        match &self.name {
            Some(name) => write!(f, " (`{name}`)"),
            None => Ok(()),
        }
    }
}

impl OptimError {
    /// The parameter that the error is about, if it is about one.
    pub(super) fn place_mut(&mut self) -> Option<&mut Place> {
        match self {
            Self::NonFiniteGradient { place, .. }
            | Self::NonFiniteParameter { place, .. }
            | Self::Bounds { place, .. }
            | Self::Projection { place, .. }
            | Self::StateOverflow { place, .. }
            | Self::Overflow { place, .. } => Some(place),
            _ => None,
        }
    }
}

impl From<usize> for Place {
    fn from(index: usize) -> Self {
        Place { index, name: None }
    }
}

/// `Ok` if the option is finite and `holds`.
pub(crate) fn check_option<F: Real>(
    option: &'static str,
    value: F,
    expected: &'static str,
    holds: impl FnOnce(F) -> bool,
) -> Result<(), OptimError> {
    if value.is_finite() && holds(value) {
        return Ok(());
    }
    Err(OptimError::Option { option, value: value.to_double(), expected })
}

/// Why an optimizer stopped that asks for a loss itself.
pub(super) enum Halt<E> {
    /// The loss was refused.
    Loss(E),
    /// The optimizer refused what it was given.
    Optimizer(OptimError),
}

impl<E> From<OptimError> for Halt<E> {
    fn from(error: OptimError) -> Self {
        Halt::Optimizer(error)
    }
}

impl<E: From<OptimError>> Halt<E> {
    /// The error for the user, where `named` tells more of the optimizer's.
    pub(super) fn error(self, named: impl FnOnce(OptimError) -> OptimError) -> E {
        match self {
            Halt::Loss(error) => error,
            Halt::Optimizer(error) => named(error).into(),
        }
    }
}
