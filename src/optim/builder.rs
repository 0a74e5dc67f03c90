//! The options of [`Sgd`]: [`SgdBuilder`].

use super::error::{OptimError, check_option};
use super::region::Region;
use super::sgd::Sgd;
use super::step::StepSize;
use crate::Real;

/// The options of [`Sgd`], checked together by [`SgdBuilder::build`].
///
/// ```
/// use wengert::optim::Sgd;
/// let sgd = Sgd::builder(0.01).momentum(0.9).nesterov(true).weight_decay(1e-4).build();
/// assert!(sgd.is_ok());
///
/// let refused = Sgd::builder(0.01).nesterov(true).build().unwrap_err();
/// assert_eq!(refused.to_string(), "nesterov needs momentum above 0");
/// ```
#[derive(Clone, Debug)]
#[must_use = "`build` makes the optimizer"]
pub struct SgdBuilder<F: Real = f64> {
    pub(super) step_size: StepSize<F>,
    pub(super) momentum: F,
    pub(super) dampening: F,
    pub(super) nesterov: bool,
    pub(super) weight_decay: F,
    pub(super) maximize: bool,
    pub(super) clip_norm: Option<F>,
    pub(super) clip_value: Option<F>,
    pub(super) factors: Option<Vec<F>>,
    pub(super) region: Option<Region<F>>,
}

impl<F: Real> SgdBuilder<F> {
    pub(super) fn new(step_size: StepSize<F>) -> Self {
        SgdBuilder {
            step_size,
            momentum: F::zero(),
            dampening: F::zero(),
            nesterov: false,
            weight_decay: F::zero(),
            maximize: false,
            clip_norm: None,
            clip_value: None,
            factors: None,
            region: None,
        }
    }

    /// How many parameters there must be, where an option tells.
    pub(super) fn parameter_count(&self) -> Option<usize> {
        let factors = self.factors.as_ref().map(Vec::len);
        factors.or(self.region.as_ref().and_then(Region::parameter_count))
    }

    /// Momentum `μ ≥ 0`: the direction is a sum of past gradients, and each step multiplies the
    /// weight of an older gradient by `μ`. 0 unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(1.0).momentum(0.5).build()?;
    /// let mut x = [0.0];
    /// sgd.step(&mut x, 0.0, &[1.0])?; // direction 1
    /// sgd.step(&mut x, 0.0, &[1.0])?; // direction 0.5 + 1
    /// assert_eq!(x, [-2.5]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn momentum(mut self, momentum: F) -> Self {
        self.momentum = momentum;
        self
    }

    /// Dampening `τ`: each new gradient is multiplied by `1 − τ` before it enters the momentum,
    /// except the first. 0 unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(1.0).momentum(0.5).dampening(0.5).build()?;
    /// let mut x = [0.0];
    /// sgd.step(&mut x, 0.0, &[1.0])?; // direction 1
    /// sgd.step(&mut x, 0.0, &[1.0])?; // direction 0.5 + 0.5
    /// assert_eq!(x, [-2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn dampening(mut self, dampening: F) -> Self {
        self.dampening = dampening;
        self
    }

    /// Nesterov's momentum: the direction is `g + μ b` instead of `b`. Needs momentum, and no
    /// dampening.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(1.0).momentum(0.5).nesterov(true).build()?;
    /// let mut x = [0.0];
    /// sgd.step(&mut x, 0.0, &[1.0])?; // direction 1 + 0.5
    /// assert_eq!(x, [-1.5]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.nesterov = nesterov;
        self
    }

    /// Weight decay `λ ≥ 0`: adds `λ x` to the gradient, as if the loss had the term `½ λ ‖x‖²`
    /// (`-½ λ ‖x‖²` when maximising). 0 unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(0.5).weight_decay(0.5).build()?;
    /// let mut x = [8.0];
    /// sgd.step(&mut x, 0.0, &[0.0])?;
    /// assert_eq!(x, [6.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn weight_decay(mut self, weight_decay: F) -> Self {
        self.weight_decay = weight_decay;
        self
    }

    /// Whether to go up instead of down.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(0.2).maximize(true).build()?;
    /// let mut length = [57.0];
    /// sgd.step(&mut length, 2451.0, &[-14.0])?;
    /// assert_eq!(length, [54.2]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn maximize(mut self, maximize: bool) -> Self {
        self.maximize = maximize;
        self
    }

    /// Shortens longer gradients to this Euclidean norm; see [`clip_norm`](super::clip_norm). After
    /// clipping by value, if there is both.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(1.0).clip_norm(5.0).build()?;
    /// let mut x = [0.0, 0.0];
    /// assert!(sgd.step(&mut x, 0.0, &[30.0, 40.0])?.clipped);
    /// assert_eq!(x, [-3.0, -4.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn clip_norm(mut self, max_norm: F) -> Self {
        self.clip_norm = Some(max_norm);
        self
    }

    /// Brings each entry of the gradient into `[-bound, bound]`; see
    /// [`clip_value`](super::clip_value).
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(1.0).clip_value(5.0).build()?;
    /// let mut x = [0.0, 0.0];
    /// assert!(sgd.step(&mut x, 0.0, &[3.0, -40.0])?.clipped);
    /// assert_eq!(x, [-3.0, 5.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn clip_value(mut self, bound: F) -> Self {
        self.clip_value = Some(bound);
        self
    }

    /// Per-parameter learning rates: parameter `i` moves by the step size times `factors[i] ≥ 0`. A
    /// factor of 0 freezes it. [`Params::factors`](crate::Params::factors) makes them by name.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(0.5).factors(&[1.0, 4.0, 0.0]).build()?;
    /// let mut x = [0.0; 3];
    /// sgd.step(&mut x, 0.0, &[1.0, 1.0, 1.0])?;
    /// assert_eq!(x, [-0.5, -2.0, 0.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn factors(mut self, factors: &[F]) -> Self {
        self.factors = Some(factors.to_vec());
        self
    }

    /// Keeps the parameters within [`Bounds`](super::Bounds), or in another set by its
    /// [`Projection`](super::Projection): each step ends with the projection.
    ///
    /// Where the step stays inside anyway, nothing changes, to the bit. The momentum does not know of
    /// the projection: against a bound it goes on as if there were none, so that after the gradient has
    /// turned it takes about `1/(1 − μ)` steps to leave. The rules of [`StepSize`] stay as they are:
    /// Polyak's, with the least value within the region for its optimum, comes nearer to every minimum
    /// there at each step. A point outside from which a step begins need not be brought inside before.
    ///
    /// ```
    /// use wengert::optim::{Bounds, Optimizer, Sgd};
    /// let bounds = Bounds::new(&[0.0, 0.0], &[1.0, f64::INFINITY])?;
    /// let mut sgd = Sgd::builder(1.0).within(bounds).build()?;
    /// let mut x = [0.5, 0.5];
    /// sgd.step(&mut x, 0.0, &[-3.0, 0.25])?;
    /// assert_eq!(x, [1.0, 0.25]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn within(mut self, region: impl Into<Region<F>>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The optimizer.
    ///
    /// # Errors
    /// If an option is out of its range, there are factors and bounds of different lengths, or two
    /// options contradict each other: Nesterov's momentum without
    /// momentum or with dampening; dampening without momentum; Polyak's step size, which takes the
    /// value of the loss for that of the function descended, with weight decay or clipping.
    ///
    /// ```
    /// use wengert::optim::{OptimError, Sgd};
    /// let refused = Sgd::builder(0.1).dampening(0.5).build().unwrap_err();
    /// assert_eq!(refused.to_string(), "dampening needs momentum above 0");
    /// let refused = Sgd::builder(-0.1).build().unwrap_err();
    /// assert_eq!(refused.to_string(), "learning rate must be finite and not negative, not -0.1");
    /// ```
    pub fn build(self) -> Result<Sgd<F>, OptimError> {
        let zero = F::zero();
        self.step_size.check()?;
        let not_negative = "finite and not negative";
        check_option("momentum", self.momentum, not_negative, |m| m >= zero)?;
        check_option("dampening", self.dampening, "finite", |_| true)?;
        check_option("weight decay", self.weight_decay, not_negative, |d| d >= zero)?;
        let bounds = [("norm to clip at", self.clip_norm), ("value to clip at", self.clip_value)];
        for (option, bound) in bounds {
            let bound = bound.unwrap_or(F::one());
            check_option(option, bound, "finite and positive", |b| b > zero)?;
        }
        for &factor in self.factors.iter().flatten() {
            check_option("factor of a learning rate", factor, not_negative, |f| f >= zero)?;
        }
        let bounded = self.region.as_ref().and_then(Region::parameter_count);
        if let (Some(factors), Some(found)) = (&self.factors, bounded)
            && factors.len() != found
        {
            return Err(OptimError::ParameterCount { expected: factors.len(), found });
        }
        let refuse = |option, reason| Err(OptimError::Contradiction { option, reason });
        if self.nesterov && self.momentum == zero {
            return refuse("nesterov", "needs momentum above 0");
        }
        if self.nesterov && self.dampening != zero {
            return refuse("nesterov", "needs dampening 0");
        }
        if self.dampening != zero && self.momentum == zero {
            return refuse("dampening", "needs momentum above 0");
        }
        if self.step_size.uses_value() && self.weight_decay != zero {
            return refuse(
                "weight decay",
                "is not in the value that Polyak's step size takes; add it to the loss",
            );
        }
        if self.step_size.uses_value() && (self.clip_norm.is_some() || self.clip_value.is_some()) {
            return refuse("clipping", "would lengthen Polyak's step, which divides by the norm");
        }
        Ok(Sgd::from_options(self))
    }
}
