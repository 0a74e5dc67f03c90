//! How long a step is: [`StepSize`].

use crate::Real;
use crate::op::nary::Norm;
use crate::optim::error::{OptimError, check_option};

/// How long the steps of [`Sgd`](crate::optim::Sgd) are: the factor `γ` of `x ← x − γ S d`, where `d` is
/// the direction (the gradient, unless there is momentum) and `S` the diagonal of per-parameter factors,
/// 1 if there are none. A [`Schedule`](super::Schedule) goes with every optimizer; these rules may also
/// look at the value and the direction.
///
/// | rule | `γ` at step `k` = 1, 2, … |
/// | --- | --- |
/// | [`constant`](Self::constant) | `c` |
/// | [`decaying`](Self::decaying) | `c / kᵖ` |
/// | [`geometric`](Self::geometric) | `c qᵏ⁻¹` |
/// | any of these, [`normalized`](Self::normalized) | the same over `‖d‖` |
/// | [`polyak`](Self::polyak) | `(f − f*) / ‖d‖²` |
/// | [`target_level`](Self::target_level) | `(f − (best f − δ)) / ‖d‖²`, with a `δ` that adapts |
///
/// The norm is the one that belongs to the factors: `‖d‖² = Σ sᵢ dᵢ²`. Factors are thus a change of
/// scale: the step is the same as with parameters `xᵢ / √sᵢ` and no factors. Where `d = 0`, the rules
/// that divide by its norm stay where they are.
///
/// A loss with kinks has no slope that vanishes towards the minimum, so a constant step hovers
/// around it. The others converge: decaying steps for certain but slowly, Polyak's at a geometric
/// rate where the minimum is sharp. See S. Boyd and J. Park, "Subgradient methods", notes for EE364b,
/// Stanford.
///
/// ```
/// use wengert::optim::{Optimizer, Sgd, StepSize};
///
/// // |x| from 5: a constant step hovers, Polyak's arrives.
/// let mut x = [5.0];
/// let mut sgd = Sgd::with_step_size(StepSize::polyak(0.0)).build()?;
/// sgd.step(&mut x, 5.0, &[1.0])?;
/// assert_eq!(x, [0.0]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepSize<F: Real = f64> {
    rates: Rates<F>,
    normalized: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Rates<F> {
    Constant(F),
    Decaying { first: F, power: F },
    Geometric { first: F, ratio: F },
    Polyak { optimum: F },
    TargetLevel { gap: F, shrink: F, grow: F, floor: F },
}

/// What a step size remembers from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(in crate::optim) struct Memory<F> {
    /// Steps done.
    steps: u64,
    /// Least value met, if one was looked at.
    best: Option<F>,
    /// Greatest magnitude of a value met.
    largest: F,
    /// How far below the best value the last step aimed.
    gap: F,
}

impl<F: Real> StepSize<F> {
    /// `γ = size`: a constant learning rate.
    ///
    /// ```
    /// use wengert::optim::{Sgd, StepSize};
    /// assert!(Sgd::with_step_size(StepSize::constant(0.1)).build().is_ok());
    /// assert!(Sgd::with_step_size(StepSize::constant(-0.1)).build().is_err());
    /// ```
    #[must_use]
    pub fn constant(size: F) -> Self {
        Rates::Constant(size).into()
    }

    /// `γ = first / kᵖ` with `p = power`. With `0 < p ≤ 1` the sizes sum to infinity and tend to 0,
    /// so that a subgradient method converges from anywhere; `p = ½` is the usual choice.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd, StepSize};
    /// let mut sgd = Sgd::with_step_size(StepSize::decaying(6.0, 0.5)).build()?;
    /// let mut x = [0.0];
    /// assert_eq!(sgd.step(&mut x, 0.0, &[1.0])?.size, 6.0);
    /// assert_eq!(sgd.step(&mut x, 0.0, &[1.0])?.size, 6.0 / 2f64.sqrt());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn decaying(first: F, power: F) -> Self {
        Rates::Decaying { first, power }.into()
    }

    /// `γ = first · ratioᵏ⁻¹`. The whole way is bounded by `first / (1 − ratio)`, so the start must be
    /// nearer than that; then, normalised and with a slow enough ratio, a sharp minimum is approached
    /// at the same geometric rate (J.-L. Goffin, "On convergence rates of subgradient optimization
    /// methods", Mathematical Programming 13, 1977).
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd, StepSize};
    /// let mut sgd = Sgd::with_step_size(StepSize::geometric(8.0, 0.5)).build()?;
    /// let mut x = [0.0];
    /// assert_eq!(sgd.step(&mut x, 0.0, &[1.0])?.size, 8.0);
    /// assert_eq!(sgd.step(&mut x, 0.0, &[1.0])?.size, 4.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn geometric(first: F, ratio: F) -> Self {
        Rates::Geometric { first, ratio }.into()
    }

    /// The same divided by `‖d‖`: the numbers are then the lengths of the steps. Polyak's rules
    /// contain the norm already and are not to be normalised.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd, StepSize};
    /// let mut sgd = Sgd::with_step_size(StepSize::constant(1.0).normalized()).build()?;
    /// let mut x = [0.0, 0.0];
    /// sgd.step(&mut x, 0.0, &[30.0, 40.0])?;
    /// assert_eq!(x, [-0.6, -0.8]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn normalized(self) -> Self {
        StepSize { normalized: true, ..self }
    }

    /// Polyak's step for a known minimum `f*` (a known maximum, when maximising):
    /// `γ = (f − f*) / ‖d‖²`. It brings a convex loss nearer to every minimum at each step, and a
    /// sharp minimum (a least absolute deviation) at a geometric rate.
    ///
    /// A loss beyond `f*` by at most `√ε` of the greatest magnitude among `f*` and the losses met is
    /// forgiven, and makes a step of size 0.
    ///
    /// B. T. Polyak, "Minimization of unsmooth functionals", USSR Computational Mathematics and
    /// Mathematical Physics 9(3), 1969. With momentum, `d` is the momentum's direction, as in
    /// Camerini, Fratta, Maffioli, "On improving relaxation methods by modified gradient techniques",
    /// Mathematical Programming Study 3, 1975.
    ///
    /// ```
    /// use wengert::optim::{OptimError, Optimizer, Sgd, StepSize};
    /// let mut sgd = Sgd::with_step_size(StepSize::polyak(1.0)).build()?;
    /// let mut x = [0.0, 0.0];
    /// assert_eq!(sgd.step(&mut x, 11.0, &[3.0, 4.0])?.size, 10.0 / 25.0);
    /// let refused = sgd.step(&mut x, 0.5, &[3.0, 4.0]); // a loss below its minimum
    /// assert!(matches!(refused, Err(OptimError::BeyondOptimum { .. })));
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn polyak(optimum: F) -> Self {
        Rates::Polyak { optimum }.into()
    }

    /// Polyak's step for a minimum that is not known: `γ = (f − target) / ‖d‖²`, where the target lies
    /// `δ` below the best value met, and `δ`, at first `gap`, adapts:
    ///
    /// ```text
    /// δ ← 2 δ       if the last step improved the best value by δ / 2
    /// δ ← 0.98 δ    if not
    /// ```
    ///
    /// This is the dynamic rule of A. Nedić and D. P. Bertsekas, "Incremental subgradient methods for
    /// nondifferentiable optimization", SIAM Journal on Optimization 12(1), 2001, section 2. Half of
    /// `δ` counts as success, as in J.-L. Goffin and K. C. Kiwiel, "Convergence of a simple subgradient
    /// level method", Mathematical Programming 85, 1999: on a curved loss no step reaches all of it.
    /// [`StepSize::target_level_with`] sets the constants.
    ///
    /// `gap` need only have the order of the hoped-for improvement. The loss does not go down at each
    /// step; keep the [`Best`](crate::optim::Best) point.
    ///
    /// ```
    /// use wengert::gradient_array;
    /// use wengert::optim::{Best, Optimizer, Sgd, StepSize};
    ///
    /// // The median of five numbers, from far away.
    /// let data = [1.0, 2.0, 3.5, 20.0, 50.0];
    /// let mut sgd = Sgd::with_step_size(StepSize::target_level(10.0)).build()?;
    /// let (mut x, mut best) = ([-1000.0], Best::minimum());
    /// for _ in 0..2000 {
    ///     let (loss, slope) =
    ///         gradient_array(|[m]| data.iter().map(|&y| (m - y).abs()).sum::<wengert::Var>(), x);
    ///     best.observe(&x, loss);
    ///     sgd.step(&mut x, loss, &slope)?;
    /// }
    /// approx::assert_relative_eq!(best.values()[0], 3.5, max_relative = 1e-9);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn target_level(gap: F) -> Self {
        Self::target_level_with(gap, F::from_double(0.98), F::from_double(2.0), F::zero())
    }

    /// [`StepSize::target_level`] with its constants: `δ ← grow · δ` after a success, else
    /// `δ ← max(shrink · δ, floor)`.
    ///
    /// With a `floor` above 0 the best value is sure to come within `floor` of the minimum of a convex
    /// loss with bounded slopes. With 0, `δ` must not vanish before the search has arrived. In a valley
    /// whose walls are `κ` times as steep as its bottom, a success takes about `κ²` steps, so `shrink`
    /// should be above `1 − 1/κ²`, or the parameters be scaled.
    ///
    /// ```
    /// use wengert::optim::{Sgd, StepSize};
    /// let size = StepSize::target_level_with(10.0, 0.5, 1.0, 1e-3);
    /// assert!(Sgd::with_step_size(size).build().is_ok());
    /// let size = StepSize::target_level_with(10.0, 1.5, 1.0, 1e-3); // a `shrink` that grows
    /// assert!(Sgd::with_step_size(size).build().is_err());
    /// ```
    #[must_use]
    pub fn target_level_with(gap: F, shrink: F, grow: F, floor: F) -> Self {
        Rates::TargetLevel { gap, shrink, grow, floor }.into()
    }

    /// Whether the size comes from the value of the loss.
    pub(in crate::optim) fn uses_value(&self) -> bool {
        matches!(self.rates, Rates::Polyak { .. } | Rates::TargetLevel { .. })
    }

    /// Whether the norm of the direction is needed.
    pub(in crate::optim) fn uses_norm(&self) -> bool {
        self.normalized || self.uses_value()
    }

    /// The rate, if it is the same at every step.
    pub(in crate::optim) fn constant_rate(&self) -> Option<F> {
        match self.rates {
            Rates::Constant(rate) if !self.normalized => Some(rate),
            _ => None,
        }
    }

    pub(in crate::optim) fn check(&self) -> Result<(), OptimError> {
        let not_negative = "finite and not negative";
        let fraction = "between 0 and 1";
        match self.rates {
            Rates::Constant(c) => {
                check_option("learning rate", c, "finite and positive", |c| c > F::zero())
            }
            Rates::Decaying { first, power } => {
                check_option("first step size", first, not_negative, |c| c >= F::zero())?;
                check_option("power of decay", power, not_negative, |p| p >= F::zero())
            }
            Rates::Geometric { first, ratio } => {
                check_option("first step size", first, not_negative, |c| c >= F::zero())?;
                check_option("ratio", ratio, fraction, |q| q > F::zero() && q < F::one())
            }
            Rates::Polyak { optimum } => check_option("optimum", optimum, "finite", |_| true),
            Rates::TargetLevel { gap, shrink, grow, floor } => {
                check_option("gap", gap, "finite and positive", |g| g > F::zero())?;
                check_option("shrink", shrink, fraction, |s| s > F::zero() && s < F::one())?;
                check_option("grow", grow, "finite and at least 1", |g| g >= F::one())?;
                check_option("floor", floor, not_negative, |f| f >= F::zero())
            }
        }?;
        if self.normalized && self.uses_value() {
            let reason = "contains the norm of the gradient already, and cannot be normalised";
            return Err(OptimError::Contradiction { option: "Polyak's step size", reason });
        }
        Ok(())
    }

    /// The size of the next step, and what is to be remembered if it is taken.
    ///
    /// `sign` is -1 when maximising, `norm` that of the direction, where it is needed.
    #[inline(always)] // as it has one caller, which may be in another crate
    pub(in crate::optim) fn next(
        &self,
        memory: &Memory<F>,
        value: F,
        sign: F,
        norm: Norm<F>,
    ) -> Result<(Size<F>, Memory<F>), OptimError> {
        let mut memory = *memory;
        memory.steps += 1;
        memory.largest = memory.largest.max(value.abs());
        let k = F::from_double(memory.steps as f64);
        let size = match self.rates {
            Rates::Constant(c) => c.into(),
            Rates::Decaying { first, power } => (first / k.powf(power)).into(),
            Rates::Geometric { first, ratio } => (first * ratio.powf(k - F::one())).into(),
            Rates::Polyak { optimum } => {
                let gap = sign * (value - optimum);
                if gap < -optimum.abs().max(memory.largest) * F::epsilon().sqrt() {
                    let (value, optimum) = (value.to_double(), optimum.to_double());
                    return Err(OptimError::BeyondOptimum { value, optimum });
                }
                Size::over(gap.max(F::zero()), norm).over_again(norm)
            }
            Rates::TargetLevel { gap, shrink, grow, floor } => {
                let value = sign * value;
                memory.gap = match memory.best {
                    None => gap,
                    Some(best) if value <= best - memory.gap * F::from_double(0.5) => {
                        memory.gap * grow
                    }
                    Some(_) => (memory.gap * shrink).max(floor),
                };
                let best = memory.best.map_or(value, |best| best.min(value));
                memory.best = Some(best);
                Size::over(value - (best - memory.gap), norm).over_again(norm)
            }
        };
        Ok((if self.normalized { Size::over(size.factor, norm) } else { size }, memory))
    }
}

/// The size of a step, `factor / scale`, where `scale` is 1 unless that of a norm is another: so
/// neither the norm nor its inverse need be a number.
#[derive(Clone, Copy, Debug)]
pub(in crate::optim) struct Size<F> {
    pub(in crate::optim) factor: F,
    scale: F,
}

impl<F: Real> From<F> for Size<F> {
    fn from(factor: F) -> Self {
        Size { factor, scale: F::one() }
    }
}

impl<F: Real> Size<F> {
    /// `length / norm`, and 0 where there is no slope.
    fn over(length: F, norm: Norm<F>) -> Self {
        if norm.value() > F::zero() {
            Size { factor: length / norm.root, scale: norm.scale }
        } else {
            F::zero().into()
        }
    }

    /// The same divided by the norm once more; the square is not formed, lest it overflow.
    fn over_again(self, norm: Norm<F>) -> Self {
        if self.factor == F::zero() {
            return self;
        }
        Size { factor: self.factor / norm.root / norm.scale, ..self }
    }

    /// What the factor is to be multiplied with, of a direction.
    #[inline(always)]
    pub(in crate::optim) fn scaled(self, direction: F) -> F {
        if self.scale == F::one() { direction } else { direction / self.scale }
    }

    pub(in crate::optim) fn value(self) -> F {
        self.factor / self.scale
    }
}

impl<F: Real> From<Rates<F>> for StepSize<F> {
    fn from(rates: Rates<F>) -> Self {
        StepSize { rates, normalized: false }
    }
}

impl<F: Real> Memory<F> {
    pub(in crate::optim) fn new() -> Self {
        Memory { steps: 0, best: None, largest: F::zero(), gap: F::zero() }
    }

    /// All that it remembers.
    pub(in crate::optim) fn numbers(&self) -> impl Iterator<Item = F> {
        [self.best, Some(self.largest), Some(self.gap)].into_iter().flatten()
    }
}
