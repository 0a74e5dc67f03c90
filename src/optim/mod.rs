//! Optimizers: what turns a gradient into better parameters.
//!
//! An [`Optimizer`] changes a flat vector of parameters by a gradient of the same length. [`Sgd`] is
//! (sub)gradient descent with momentum; [`StepSize`] says how long its steps are. [`Adam`] and its kin,
//! [`RmsProp`], [`Adagrad`], [`Adadelta`], [`Rprop`], [`Lion`], [`Asgd`] are update [rules](rule) in the same
//! [`Driver`], which clips, decays, checks, and saves for all of them; a [`Schedule`] says how the learning rate
//! of any goes. [`Search`] is the loop around it: it stops by number of steps, value, slope or patience, and ends at the [`Best`] point
//! met. [`Lbfgs`] minimises smooth losses without a learning rate. [`KinkDescent`] needs no step size: it goes from kink to kink, and proves where it ends.
//! Parameters are kept within [`Bounds`], or in any convex set by its [`Projection`].
//!
//! ```
//! use wengert::optim::{Search, Sgd};
//!
//! // The pasture: 200 m of fence, sides l and 100 - l. Which l has the greatest area?
//! let sgd = Sgd::builder(0.2).maximize(true).build()?;
//! let mut length = [57.0];
//! let arrival = Search::new(sgd, 100).flat(1e-9).fit(&mut length, |l| l[0] * (100.0 - l[0]))?;
//! approx::assert_relative_eq!(length[0], 50.0, max_relative = 1e-10);
//! println!("{arrival}"); // the slope is flat: 2500 at step 46 of 46
//! # Ok::<(), wengert::optim::OptimError>(())
//! ```
//!
//! Options that contradict each other are refused when the optimizer is built; a gradient that is
//! not finite is refused at the step, which then changes nothing.

#[cfg(feature = "argmin")]
pub mod argmin;
mod clip;
mod descent;
mod driver;
mod error;
mod lbfgs;
#[cfg(feature = "least-squares")]
pub mod least_squares;
mod named;
#[cfg(feature = "least-squares")]
pub mod newton;
mod region;
pub mod rule;
mod schedule;
mod search;
mod stopped;

pub use clip::{clip_norm, clip_value};
pub use descent::{ActiveBound, ActiveKink, Certificate, Ending, KinkDescent, KinkDescentBuilder};
pub use driver::{Buffer, Driver, DriverBuilder, DriverState};
#[cfg(feature = "train")]
pub(crate) use error::check_option;
pub use error::{OptimError, Place};
pub use lbfgs::{Lbfgs, LbfgsBuilder, LbfgsEnd};
pub use named::{
    AdaBelief, Adadelta, Adagrad, Adam, AdamW, Adamax, Adan, AmsGrad, Asgd, Lion, NAdam, RAdam,
    RmsProp, Rprop, Sgd, SgdBuilder, Yogi,
};
pub use region::{Bounds, Projection, Region};
pub use schedule::{Course, Cyclic, OneCycle, Pace, Plateau, Schedule, Shape, StepSize};
pub use search::{Arrival, Best, End, Search, Visit};
pub use stopped::Stopped;

use crate::{Params, Real};

/// Changes parameters by a gradient, one step at a time.
///
/// What is generic over it, as [`Search`] is, runs with an optimizer of your own:
///
/// ```
/// use wengert::optim::{OptimError, Optimizer, Search, Step};
///
/// /// Steps of one length along each axis, up or down as the slope's sign says: Rprop without adapting.
/// struct SignDescent(f64);
///
/// impl Optimizer for SignDescent {
///     fn step(&mut self, x: &mut [f64], _: f64, gradient: &[f64]) -> Result<Step, OptimError> {
///         let (expected, found) = (x.len(), gradient.len());
///         if expected != found {
///             return Err(OptimError::GradientLength { expected, found });
///         }
///         if let Some(i) = gradient.iter().position(|g| !g.is_finite()) {
///             return Err(OptimError::NonFiniteGradient { place: i.into(), value: gradient[i] });
///         }
///         for (x, g) in x.iter_mut().zip(gradient).filter(|(_, g)| **g != 0.0) {
///             *x -= self.0 * g.signum();
///         }
///         let norm = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
///         Ok(Step::new(self.0, norm))
///     }
///     fn reset(&mut self) {}
///     fn maximizes(&self) -> bool {
///         false
///     }
/// }
///
/// let mut x = [4.0, -2.5];
/// Search::new(SignDescent(0.5), 20).flat(0.0).fit(&mut x, |x| x[0].abs() + (x[1] - 1.0).abs())?;
/// assert_eq!(x, [0.0, 1.0]);
/// # Ok::<(), OptimError>(())
/// ```
///
/// ```
/// use wengert::optim::{OptimError, Optimizer, Sgd};
///
/// fn descend(optimizer: &mut impl Optimizer, mut x: [f64; 1]) -> Result<[f64; 1], OptimError> {
///     for _ in 0..100 {
///         let (value, slope) = wengert::gradient_array(|[x]| (x - 3.0).powi(2), x);
///         optimizer.step(&mut x, value, &slope)?;
///     }
///     Ok(x)
/// }
///
/// let [x] = descend(&mut Sgd::builder(0.3).build()?, [0.0])?;
/// approx::assert_relative_eq!(x, 3.0, max_relative = 1e-12);
/// # Ok::<(), OptimError>(())
/// ```
pub trait Optimizer<F: Real = f64> {
    /// Changes the parameters `x`, where the loss has this value and gradient.
    ///
    /// # Errors
    /// If the lengths differ from each other or from those of the first step, or a number is
    /// infinite or NaN, now or after the step. Neither `x` nor the optimizer has changed then.
    fn step(&mut self, x: &mut [F], value: F, gradient: &[F]) -> Result<Step<F>, OptimError>;

    /// Forgets all steps, as if newly built.
    fn reset(&mut self);

    /// Whether it goes up instead of down.
    fn maximizes(&self) -> bool;

    /// Where it keeps the parameters, if they may not be everywhere: every step ends there.
    fn region(&self) -> Option<&Region<F>> {
        None
    }
}

/// A borrowed optimizer is one too.
impl<F: Real, O: Optimizer<F> + ?Sized> Optimizer<F> for &mut O {
    fn step(&mut self, x: &mut [F], value: F, gradient: &[F]) -> Result<Step<F>, OptimError> {
        (**self).step(x, value, gradient)
    }
    fn reset(&mut self) {
        (**self).reset();
    }
    fn maximizes(&self) -> bool {
        (**self).maximizes()
    }
    fn region(&self) -> Option<&Region<F>> {
        (**self).region()
    }
}

/// What a step did; from [`Optimizer::step`].
///
/// ```
/// use wengert::optim::{Optimizer, Sgd};
/// let mut sgd = Sgd::builder(0.1).clip_norm(1.0).build()?;
/// let step = sgd.step(&mut [1.0, 2.0], 0.0, &[3.0, 4.0])?;
/// assert_eq!((step.size, step.gradient_norm, step.clipped), (0.1, 5.0, true));
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Step<F: Real = f64> {
    /// The step size `γ`, per-parameter factors not included.
    pub size: F,
    /// The Euclidean norm of the gradient as it was given.
    pub gradient_norm: F,
    /// Whether the gradient was clipped.
    pub clipped: bool,
}

impl<F: Real> Step<F> {
    /// A step of this size from a gradient of this Euclidean norm, which was not clipped; for an
    /// [`Optimizer`] of your own.
    ///
    /// ```
    /// use wengert::optim::Step;
    /// let mut step = Step::new(0.1, 5.0);
    /// assert!(!step.clipped);
    /// step.clipped = true;
    /// ```
    #[must_use]
    pub fn new(size: F, gradient_norm: F) -> Self {
        Step { size, gradient_norm, clipped: false }
    }
}

impl<F: Real> Params<F> {
    /// [`Optimizer::step`] on these parameters; an error names the parameter it is about.
    ///
    /// # Errors
    /// As [`Optimizer::step`].
    ///
    /// ```
    /// use wengert::{Params, optim::Sgd};
    /// let mut params = Params::new();
    /// params.insert_block("w", &[1.0, 2.0])?;
    /// let mut sgd = Sgd::builder(0.5).build()?;
    /// params.step(&mut sgd, 0.0, &[1.0, -1.0])?;
    /// assert_eq!(params.values(), [0.5, 2.5]);
    ///
    /// let error = params.step(&mut sgd, 0.0, &[1.0, f64::NAN]).unwrap_err();
    /// assert_eq!(error.to_string(), "the gradient is NaN at index 1 (`w[1]`)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn step(
        &mut self,
        optimizer: &mut (impl Optimizer<F> + ?Sized),
        value: F,
        gradient: &[F],
    ) -> Result<Step<F>, OptimError> {
        optimizer.step(self.values_mut(), value, gradient).map_err(|error| self.named(error))
    }

    /// The same error, with the name of the parameter that it is about.
    fn named(&self, mut error: OptimError) -> OptimError {
        if let Some(place) = error.place_mut() {
            place.name = self.name_of(place.index);
        }
        error
    }
}
