//! What an update rule is: [`UpdateRule`].

use crate::Real;
use crate::optim::OptimError;
use std::fmt::Debug;

/// An update rule: what of each parameter is remembered, and how a gradient becomes a direction.
///
/// A rule is a pure function of one parameter. All that optimizers have in common is in the
/// [`Driver`](super::Driver), once: clipping, weight decay, groups, rates of single parameters, regions,
/// checks, and saving. A rule of your own has them too:
///
/// ```
/// use wengert::optim::rule::{At, UpdateRule};
/// use wengert::optim::{Driver, DriverBuilder, OptimError, Optimizer};
///
/// /// Optimistic gradient descent: the direction is `2 gₖ − gₖ₋₁`.
/// #[derive(Clone, Debug)]
/// struct Optimistic;
///
/// impl UpdateRule<f64> for Optimistic {
///     const NAME: &'static str = "optimistic gradient descent";
///     const BUFFERS: &'static [&'static str] = &["previous"];
///     type State = [f64; 1];
///     type Coefficients = bool;
///     fn check(&self) -> Result<(), OptimError> {
///         Ok(())
///     }
///     fn coefficients(&self, at: At) -> bool {
///         at.step == 1
///     }
///     fn apply(first: bool, _: f64, g: f64, [previous]: [f64; 1]) -> (f64, [f64; 1]) {
///         (2.0 * g - if first { g } else { previous }, [g])
///     }
/// }
///
/// let mut optimizer: Driver<Optimistic> = DriverBuilder::new(0.5, Optimistic).clip_norm(9.0).build()?;
/// let mut x = [0.0];
/// optimizer.step(&mut x, 0.0, &[1.0])?;
/// optimizer.step(&mut x, 0.0, &[2.0])?;
/// assert_eq!(x, [-2.0]); // - 0.5 - 0.5 * (4 - 1)
/// # Ok::<(), OptimError>(())
/// ```
pub trait UpdateRule<F: Real = f64>: Clone + Debug {
    /// What a saved state calls the rule.
    const NAME: &'static str;
    /// What a saved state calls the numbers of [`UpdateRule::State`].
    const BUFFERS: &'static [&'static str];
    /// Whether the direction is the whole step already, so that no learning rate is multiplied with it.
    const OWN_SIZE: bool = false;
    /// What is remembered of a parameter: an array as long as [`UpdateRule::BUFFERS`].
    type State: Copy + Debug + Default + AsRef<[F]> + AsMut<[F]>;
    /// What a step's number and rate make of the options, the same for all parameters.
    type Coefficients: Copy;

    /// Checks the options.
    ///
    /// # Errors
    /// If one is out of its range, or two contradict each other.
    fn check(&self) -> Result<(), OptimError>;

    /// What is remembered before the first step, whose rate is given; zeros unless said otherwise.
    fn initial(&self, _rate: F) -> Self::State {
        Self::State::default()
    }

    /// Whether anything is remembered; nothing is kept if not.
    fn remembers(&self) -> bool {
        true
    }

    /// [`At::product`] at a step, from that of the step before, which is 1 before the first.
    fn product(&self, before: F, _step: u64) -> F {
        before
    }

    /// What holds for all parameters at a step.
    fn coefficients(&self, at: At<F>) -> Self::Coefficients;

    /// The direction, which is subtracted, and what is remembered after it; of a parameter `x` with the
    /// gradient `g`, clipped, turned round when maximising, and with coupled weight decay in it.
    fn apply(coefficients: Self::Coefficients, x: F, g: F, state: Self::State) -> (F, Self::State);
}

/// When a [`UpdateRule`] is applied.
///
/// ```
/// use wengert::optim::rule::At;
/// let at = At::first(0.1);
/// assert_eq!((at.step, at.rate, at.product), (1, 0.1, 1.0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct At<F: Real = f64> {
    /// Which step it is, from 1.
    pub step: u64,
    /// The learning rate of the step. 1 under a rule of [`StepSize`](crate::optim::StepSize) other than a
    /// constant, which is told later.
    pub rate: F,
    /// The product over all steps up to this one that [`UpdateRule::product`] forms, 1 unless it does.
    pub product: F,
}

impl<F: Real> At<F> {
    /// The first step, of this rate, of a rule without a product.
    ///
    /// ```
    /// use wengert::optim::rule::At;
    /// assert_eq!(At::first(0.1).step, 1);
    /// ```
    #[must_use]
    pub fn first(rate: F) -> Self {
        At { step: 1, rate, product: F::one() }
    }
}
