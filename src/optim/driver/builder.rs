//! What all optimizers can be told: [`DriverBuilder`].

use super::group::Group;
use super::{Averaging, Driver};
use crate::Real;
use crate::optim::clip::Clipping;
use crate::optim::driver::UpdateRule;
use crate::optim::error::{OptimError, check_option};
use crate::optim::region::Region;
use crate::optim::schedule::{Schedule, StepSize};
use std::ops::Range;

/// The options of an optimizer, checked together by [`DriverBuilder::build`]: those that all have in
/// common. The options of a [`UpdateRule`] are with the rule.
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
pub struct DriverBuilder<R: UpdateRule<F>, F: Real = f64> {
    pub(super) group: Group<R, F>,
    pub(super) groups: Vec<(Range<usize>, DriverBuilder<R, F>)>,
    pub(super) maximize: bool,
    pub(super) clipping: Clipping<F>,
    pub(super) factors: Option<Vec<F>>,
    pub(super) region: Option<Region<F>>,
    pub(super) averaging: Option<Averaging>,
}

impl<F: Real, R: UpdateRule<F>> DriverBuilder<R, F> {
    /// Options for a rule with a constant learning rate, or that of a
    /// [`schedule`](DriverBuilder::schedule).
    ///
    /// ```
    /// use wengert::optim::{DriverBuilder, Optimizer, rule};
    /// let mut sgd = DriverBuilder::new(0.5, rule::Sgd::default()).build()?;
    /// let mut x = [1.0];
    /// sgd.step(&mut x, 0.0, &[4.0])?;
    /// assert_eq!(x, [-1.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn new(learning_rate: F, rule: R) -> Self {
        Self::with_step_size(StepSize::constant(learning_rate), rule)
    }

    pub(in crate::optim) fn with_step_size(step_size: StepSize<F>, rule: R) -> Self {
        DriverBuilder {
            group: Group::new(step_size, rule),
            groups: Vec::new(),
            maximize: false,
            clipping: Clipping { norm: None, value: None },
            factors: None,
            region: None,
            averaging: None,
        }
    }

    pub(in crate::optim) fn rule_mut(&mut self) -> &mut R {
        &mut self.group.rule
    }

    /// How many parameters there must be, where an option tells.
    pub(super) fn parameter_count(&self) -> Option<usize> {
        let factors = self.factors.as_ref().map(Vec::len);
        factors.or(self.region.as_ref().and_then(Region::parameter_count))
    }

    /// The learning rate by a schedule, from the rate that the options began with.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Schedule, Sgd};
    /// let mut sgd = Sgd::builder(8.0).schedule(Schedule::exponential(0.5)).build()?;
    /// let mut x = [0.0];
    /// sgd.step(&mut x, 0.0, &[1.0])?;
    /// sgd.step(&mut x, 0.0, &[1.0])?;
    /// assert_eq!(x, [-12.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn schedule(mut self, schedule: impl Into<Schedule<F>>) -> Self {
        self.group.schedule = Some(schedule.into());
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
        self.group.weight_decay = weight_decay;
        self
    }

    /// Whether weight decay stays out of the gradient: `x ← x − γ s λ x` before the step, so that no rule
    /// divides it by the size of the gradients.
    ///
    /// I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019. As in PyTorch and
    /// optax the rate is multiplied with it, and a schedule that falls lets it fade.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(0.5).momentum(0.9).weight_decay(0.5).decoupled(true).build()?;
    /// let mut x = [8.0];
    /// sgd.step(&mut x, 0.0, &[0.0])?;
    /// assert_eq!((x, sgd.momentum_buffer()), ([6.0], &[0.0][..]));
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn decoupled(mut self, decoupled: bool) -> Self {
        self.group.decoupled = decoupled;
        self
    }

    /// A penalty `λ Σ |x|` that the loss does not contain, by its proximal operator: after the step
    /// `x ← sign(x) max(|x| − γ s λ, 0)`, so that parameters become exactly 0.
    ///
    /// With [`Sgd`](crate::optim::Sgd) it is the proximal gradient method (ISTA): P. L. Combettes and
    /// V. R. Wajs, "Signal recovery by proximal forward-backward splitting", Multiscale Modeling and
    /// Simulation 4(4), 2005. A box is kept by [`within`](Self::within). With other rules it is the
    /// operator in the metric of the rates `γ s` alone, as decoupled weight decay is.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(0.5).soft_threshold(2.0).build()?;
    /// let mut x = [3.0, -0.5];
    /// sgd.step(&mut x, 0.0, &[0.0, 0.0])?;
    /// assert_eq!(x, [2.0, 0.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn soft_threshold(mut self, penalty: F) -> Self {
        self.group.penalty = penalty;
        self
    }

    /// Other options for some of the parameters, by their places in the flat vector, of which
    /// [`Params::range`](crate::Params::range) tells those of a name. Nothing is inherited; what is not
    /// of a group belongs to all and is told here: clipping, maximising, factors, region, averaging.
    ///
    /// ```
    /// use wengert::Params;
    /// use wengert::optim::Sgd;
    /// let mut params = Params::from_scalars([("bias", 8.0)])?;
    /// params.insert_block("weights", &[8.0, 8.0])?;
    /// let decayed = Sgd::builder(0.5).weight_decay(1.0);
    /// let mut sgd = Sgd::builder(0.25).group(params.range("weights")?, decayed).build()?;
    /// params.step(&mut sgd, 0.0, &[4.0, 4.0, 4.0])?;
    /// assert_eq!(params.values(), [7.0, 2.0, 2.0]);
    /// assert!(params.range("wieghts").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn group(mut self, parameters: Range<usize>, options: DriverBuilder<R, F>) -> Self {
        self.groups.push((parameters, options));
        self
    }

    /// Keeps the mean of the points after the first `steps` steps, which
    /// [`Driver::averaged`](super::Driver::averaged) tells; before, the last point.
    ///
    /// B. T. Polyak and A. B. Juditsky, "Acceleration of stochastic approximation by averaging", SIAM
    /// Journal on Control and Optimization 30(4), 1992.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(1.0).average_from(0).build()?;
    /// let mut x = [0.0];
    /// for slope in [-2.0, 4.0] {
    ///     sgd.step(&mut x, 0.0, &[slope])?;
    /// }
    /// assert_eq!((x, sgd.averaged()), ([-2.0], &[0.0][..])); // the mean of 2 and -2
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn average_from(mut self, steps: u64) -> Self {
        let single = self.averaging.is_some_and(|averaging| averaging.single);
        self.averaging = Some(Averaging { from: steps, single });
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

    /// Shortens longer gradients to this Euclidean norm; see [`clip_norm`](crate::optim::clip_norm). After
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
        self.clipping.norm = Some(max_norm);
        self
    }

    /// Brings each entry of the gradient into `[-bound, bound]`; see
    /// [`clip_value`](crate::optim::clip_value).
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
        self.clipping.value = Some(bound);
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

    /// Keeps the parameters within [`Bounds`](crate::optim::Bounds), or in another set by its
    /// [`Projection`](crate::optim::Projection): each step ends with the projection.
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

    /// Rounds the shares of the mean to single precision.
    pub(in crate::optim) fn single_average(mut self, single: bool) -> Self {
        if let Some(averaging) = &mut self.averaging {
            averaging.single = single;
        }
        self
    }

    /// The optimizer.
    ///
    /// # Errors
    /// If an option is out of its range, there are factors and bounds of different lengths, groups
    /// overlap or are told what belongs to all, or two options contradict each other: options of the
    /// rule; Polyak's step size, which takes the value of the loss for that of the function descended,
    /// with weight decay, a penalty or clipping; a schedule and a step size that is not constant.
    ///
    /// ```
    /// use wengert::optim::{OptimError, Sgd};
    /// let refused = Sgd::builder(0.1).dampening(0.5).build().unwrap_err();
    /// assert_eq!(refused.to_string(), "dampening needs momentum above 0");
    /// let refused = Sgd::builder(-0.1).build().unwrap_err();
    /// assert_eq!(refused.to_string(), "learning rate must be finite and positive, not -0.1");
    /// ```
    pub fn build(self) -> Result<Driver<R, F>, OptimError> {
        let zero = F::zero();
        self.group.check()?;
        for (_, options) in &self.groups {
            options.check_as_group(self.averaging)?;
        }
        let bounds =
            [("norm to clip at", self.clipping.norm), ("value to clip at", self.clipping.value)];
        for (option, bound) in bounds {
            let bound = bound.unwrap_or(F::one());
            check_option(option, bound, "finite and positive", |b| b > zero)?;
        }
        for &factor in self.factors.iter().flatten() {
            let not_negative = "finite and not negative";
            check_option("factor of a learning rate", factor, not_negative, |f| f >= zero)?;
        }
        let bounded = self.region.as_ref().and_then(Region::parameter_count);
        if let (Some(factors), Some(found)) = (&self.factors, bounded)
            && factors.len() != found
        {
            return Err(OptimError::ParameterCount { expected: factors.len(), found });
        }
        let refuse = |option, reason| Err(OptimError::Contradiction { option, reason });
        let clips = self.clipping.norm.is_some() || self.clipping.value.is_some();
        if self.group.step_size.uses_value() && clips {
            return refuse("clipping", "would lengthen Polyak's step, which divides by the norm");
        }
        if self.group.step_size.constant_rate().is_none() && !self.groups.is_empty() {
            return refuse("a group", "needs a learning rate, as the other parameters do");
        }
        Driver::from_options(self)
    }

    /// What is wrong with these options as those of a group.
    fn check_as_group(&self, averaging: Option<Averaging>) -> Result<(), OptimError> {
        self.group.check()?;
        let refuse = |option, reason| Err(OptimError::Contradiction { option, reason });
        let of_all = "belongs to the optimizer, not to a group";
        if self.group.step_size.constant_rate().is_none() {
            return refuse("a group", "needs a learning rate, as the other parameters do");
        }
        if self.clipping.norm.is_some() || self.clipping.value.is_some() {
            return refuse("clipping", of_all);
        }
        if self.maximize {
            return refuse("maximizing", of_all);
        }
        if self.factors.is_some() || self.region.is_some() {
            return refuse("a list of factors, or a region,", of_all);
        }
        // Rules that begin with averaging do so in a group too.
        let averages = self.averaging.is_some() && self.averaging != averaging;
        if averages || !self.groups.is_empty() {
            return refuse("averaging, or a group,", of_all);
        }
        Ok(())
    }
}
