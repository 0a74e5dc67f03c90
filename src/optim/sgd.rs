//! Gradient descent with momentum: [`Sgd`].

use super::builder::SgdBuilder;
use super::clip::{Shortening, bounded};
use super::error::OptimError;
use super::step::{Memory, Size, StepSize};
use super::{Optimizer, Region, Step};
use crate::Real;
use crate::op::nary::Norm;

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
/// learning", ICML 2013, with the learning rate outside of the sum.
///
/// A step that fails changes nothing. After the first step nothing is allocated.
///
/// ```
/// use wengert::gradient;
/// use wengert::optim::{Optimizer, Sgd};
///
/// let mut sgd = Sgd::builder(0.1).momentum(0.9).build()?;
/// let mut x = [4.0, -3.0];
/// for _ in 0..500 {
///     let (value, slope) = gradient(|x| x[0] * x[0] + x[1] * x[1] * 0.5, &x);
///     sgd.step(&mut x, value, &slope)?;
/// }
/// approx::assert_relative_eq!(&x[..], &[0.0, 0.0][..], epsilon = 1e-9);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sgd<F: Real = f64> {
    options: SgdBuilder<F>,
    memory: Memory<F>,
    buffer: Vec<F>,
    /// Where a step ends, which may be refused; with a region only.
    projected: Vec<F>,
    /// How many parameters there are, from factors, bounds or the first step.
    parameters: Option<usize>,
}

/// How one parameter's gradient becomes its direction in one step.
#[derive(Clone, Copy)]
struct Recurrence<F> {
    clip_value: F,
    clip_norm: Shortening<F>,
    sign: F,
    weight_decay: F,
    momentum: F,
    enter: F,
    nesterov: bool,
    first: bool,
}

impl<F: Real> Recurrence<F> {
    /// The direction, and the momentum after it; pure, so that a step can be tried before it is taken.
    #[inline(always)]
    fn apply(&self, x: F, gradient: F, momentum: F) -> (F, F) {
        let mut g = self.sign * self.clip_norm.of(bounded(gradient, self.clip_value));
        if self.weight_decay != F::zero() {
            g += self.weight_decay * x;
        }
        if self.momentum == F::zero() {
            return (g, momentum);
        }
        let b = if self.first { g } else { self.momentum * momentum + self.enter * g };
        (if self.nesterov { g + self.momentum * b } else { b }, b)
    }
}

impl<F: Real> Sgd<F> {
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
    pub fn builder(learning_rate: F) -> SgdBuilder<F> {
        SgdBuilder::new(StepSize::constant(learning_rate))
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
    pub fn with_step_size(step_size: StepSize<F>) -> SgdBuilder<F> {
        SgdBuilder::new(step_size)
    }

    pub(super) fn from_options(options: SgdBuilder<F>) -> Self {
        let parameters = options.parameter_count();
        let (buffer, projected) = (Vec::new(), Vec::new());
        Sgd { options, memory: Memory::new(), buffer, projected, parameters }
    }

    /// How many steps were taken.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(0.5).build()?;
    /// sgd.step(&mut [1.0], 0.0, &[4.0])?;
    /// assert_eq!(sgd.step_count(), 1);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn step_count(&self) -> u64 {
        self.memory.steps()
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
        &self.buffer
    }

    fn check_lengths(&self, parameters: usize, gradient: usize) -> Result<(), OptimError> {
        if parameters != gradient {
            return Err(OptimError::GradientLength { expected: parameters, found: gradient });
        }
        match self.parameters {
            Some(expected) if expected != parameters => {
                Err(OptimError::ParameterCount { expected, found: parameters })
            }
            _ => Ok(()),
        }
    }

    #[inline(always)]
    fn factor(&self, i: usize) -> F {
        self.options.factors.as_ref().map_or(F::one(), |factors| factors[i])
    }

    /// The momentum before this step; whatever at the first, which does not look at it.
    #[inline(always)]
    fn momentum(&self, i: usize) -> F {
        self.buffer.get(i).copied().unwrap_or(F::zero())
    }

    /// Clipping, decided on the whole gradient: the recurrence of this step and whether it clips.
    fn recurrence(&self, gradient: &[F], gradient_norm: Norm<F>) -> (Recurrence<F>, bool) {
        let options = &self.options;
        let bound = options.clip_value.unwrap_or(F::infinity());
        let beyond_bound = gradient.iter().any(|g| g.abs() > bound);
        let shortening = options.clip_norm.and_then(|max_norm| {
            let norm = if beyond_bound {
                Norm::of(gradient.iter().map(|&g| bounded(g, bound)))
            } else {
                gradient_norm
            };
            Shortening::to(max_norm, norm)
        });
        let recurrence = Recurrence {
            clip_value: bound,
            clip_norm: shortening.unwrap_or_else(Shortening::none),
            sign: self.sign(),
            weight_decay: options.weight_decay,
            momentum: options.momentum,
            enter: F::one() - options.dampening,
            nesterov: options.nesterov,
            first: self.memory.steps() == 0,
        };
        (recurrence, beyond_bound || shortening.is_some())
    }

    /// Where a step takes a parameter, before the projection.
    #[inline(always)]
    fn moved(&self, i: usize, from: F, size: Size<F>, direction: F) -> F {
        from - size.factor * self.factor(i) * size.scaled(direction)
    }

    /// Notes where a step ends within the region.
    #[inline(never)]
    fn project(
        &mut self,
        x: &[F],
        gradient: &[F],
        size: Size<F>,
        recurrence: Recurrence<F>,
    ) -> Result<(), OptimError> {
        let Some(region) = &self.options.region else { return Ok(()) };
        let mut projected = std::mem::take(&mut self.projected);
        projected.clear();
        projected.extend(x.iter().enumerate().map(|(i, &from)| {
            let (direction, _) = recurrence.apply(from, gradient[i], self.momentum(i));
            self.moved(i, from, size, direction)
        }));
        let done = region.project(&mut projected);
        self.projected = projected;
        done
    }

    fn sign(&self) -> F {
        if self.options.maximize { -F::one() } else { F::one() }
    }
}

impl<F: Real> Optimizer<F> for Sgd<F> {
    fn step(&mut self, x: &mut [F], value: F, gradient: &[F]) -> Result<Step<F>, OptimError> {
        self.check_lengths(x.len(), gradient.len())?;
        check_finite(x, value, gradient)?;
        let gradient_norm = Norm::of(gradient.iter().copied());
        let (recurrence, clipped) = self.recurrence(gradient, gradient_norm);
        let direction = |i: usize, x: F| recurrence.apply(x, gradient[i], self.momentum(i)).0;

        let direction_norm = if self.options.step_size.uses_norm() {
            Norm::of(x.iter().enumerate().map(|(i, &x)| self.factor(i).sqrt() * direction(i, x)))
        } else {
            Norm::of(std::iter::empty())
        };
        let (size, memory) =
            self.options.step_size.next(&self.memory, value, self.sign(), direction_norm)?;
        for (i, &from) in x.iter().enumerate() {
            let to = self.moved(i, from, size, direction(i, from));
            if !to.is_finite() {
                let (from, to) = (from.to_double(), to.to_double());
                return Err(OptimError::Overflow { place: i.into(), from, to });
            }
        }
        if self.options.region.is_some() {
            self.project(x, gradient, size, recurrence)?;
        }

        // Nothing can fail from here on.
        if recurrence.momentum != F::zero() {
            self.buffer.resize(x.len(), F::zero());
        }
        for (i, x) in x.iter_mut().enumerate() {
            let (direction, momentum) = recurrence.apply(*x, gradient[i], self.momentum(i));
            *x = self.moved(i, *x, size, direction);
            if let Some(slot) = self.buffer.get_mut(i) {
                *slot = momentum;
            }
        }
        if self.options.region.is_some() {
            x.copy_from_slice(&self.projected);
        }
        self.memory = memory;
        self.parameters = Some(x.len());
        Ok(Step { size: size.value(), gradient_norm: gradient_norm.value(), clipped })
    }

    fn reset(&mut self) {
        self.memory = Memory::new();
        self.buffer.clear();
        self.parameters = self.options.parameter_count();
    }

    fn maximizes(&self) -> bool {
        self.options.maximize
    }

    fn region(&self) -> Option<&Region<F>> {
        self.options.region.as_ref()
    }
}

fn check_finite<F: Real>(x: &[F], value: F, gradient: &[F]) -> Result<(), OptimError> {
    if !value.is_finite() {
        return Err(OptimError::NonFiniteValue { value: value.to_double() });
    }
    let bad = |list: &[F]| list.iter().position(|v| !v.is_finite());
    if let Some(i) = bad(gradient) {
        let value = gradient[i].to_double();
        return Err(OptimError::NonFiniteGradient { place: i.into(), value });
    }
    if let Some(i) = bad(x) {
        return Err(OptimError::NonFiniteParameter { place: i.into(), value: x[i].to_double() });
    }
    Ok(())
}
