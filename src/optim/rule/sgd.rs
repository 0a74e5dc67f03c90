//! Gradient descent with momentum: [`Sgd`].

use super::{At, UpdateRule};
use crate::Real;
use crate::optim::error::{OptimError, check_option};
use crate::optim::{Driver, DriverBuilder, StepSize};

/// (Sub)gradient descent, with momentum and all that PyTorch's `SGD` has, in its order:
///
/// ```text
/// g ← ∇f(x), clipped by value, then by norm
/// g ← −g                    if maximize
/// g ← g + λ x               weight decay λ
/// if momentum μ ≠ 0:
///     b ← g                 at the first step
///     b ← μ b + (1 − τ) g   later; dampening τ
///     d ← g + μ b           if nesterov, else
///     d ← b
/// else:
///     d ← g
/// x ← P(x − γ s d)          step size γ, per-parameter factors s, projection P if there is one
/// ```
///
/// The algorithm is the one documented for `torch.optim.SGD` (PyTorch 2); its momentum is that of
/// Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep
/// learning", ICML 2013, with the learning rate outside of the sum. optax's `sgd` is the same without
/// dampening.
///
/// ```
/// use wengert::optim::rule::{At, UpdateRule, Sgd};
/// let plain = Sgd::<f64>::default();
/// let direction = Sgd::apply(plain.coefficients(At::first(0.1)), 0.0, 3.0, [0.0]).0;
/// assert_eq!(direction, 3.0);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sgd<F: Real = f64> {
    momentum: F,
    dampening: F,
    nesterov: bool,
}

/// How one parameter's gradient becomes its direction in one step.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    momentum: F,
    enter: F,
    nesterov: bool,
    first: bool,
}

impl<F: Real> UpdateRule<F> for Sgd<F> {
    const NAME: &'static str = "sgd";
    const BUFFERS: &'static [&'static str] = &["momentum"];
    type State = [F; 1];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        let zero = F::zero();
        check_option("momentum", self.momentum, "finite and not negative", |m| m >= zero)?;
        check_option("dampening", self.dampening, "finite", |_| true)?;
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
        Ok(())
    }

    fn remembers(&self) -> bool {
        self.momentum != F::zero()
    }

    fn coefficients(&self, at: At<F>) -> Coefficients<F> {
        Coefficients {
            momentum: self.momentum,
            enter: F::one() - self.dampening,
            nesterov: self.nesterov,
            first: at.step == 1,
        }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [momentum]: [F; 1]) -> (F, [F; 1]) {
        if c.momentum == F::zero() {
            return (g, [momentum]);
        }
        let b = if c.first { g } else { c.momentum * momentum + c.enter * g };
        (if c.nesterov { g + c.momentum * b } else { b }, [b])
    }
}

impl<F: Real> Driver<Sgd<F>, F> {
    /// Options for steps of a constant size, the learning rate.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(0.5).build()?;
    /// let mut x = [1.0];
    /// sgd.step(&mut x, 0.0, &[4.0])?;
    /// assert_eq!(x, [-1.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<Sgd<F>, F> {
        DriverBuilder::new(learning_rate, Sgd::default())
    }

    /// Options for steps of another rule than a constant size.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd, StepSize};
    /// let mut sgd = Sgd::with_step_size(StepSize::decaying(0.5, 1.0)).build()?;
    /// let mut x = [1.0];
    /// sgd.step(&mut x, 0.0, &[4.0])?; // 1 - 4/2
    /// sgd.step(&mut x, 0.0, &[4.0])?; // -1 - 4/4
    /// assert_eq!(x, [-2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn with_step_size(step_size: StepSize<F>) -> DriverBuilder<Sgd<F>, F> {
        DriverBuilder::with_step_size(step_size, Sgd::default())
    }

    /// The momentum `b` of each parameter; empty without momentum or before the first step.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(0.5).momentum(0.9).build()?;
    /// sgd.step(&mut [1.0], 0.0, &[4.0])?;
    /// assert_eq!(sgd.momentum_buffer(), [4.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn momentum_buffer(&self) -> &[F] {
        self.remembered().as_flattened()
    }
}

impl<F: Real> DriverBuilder<Sgd<F>, F> {
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
        self.rule_mut().momentum = momentum;
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
        self.rule_mut().dampening = dampening;
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
        self.rule_mut().nesterov = nesterov;
        self
    }
}
