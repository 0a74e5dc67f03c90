//! Rates that rise and fall: [`OneCycle`], [`Cyclic`].

use super::curve::Curve;
use super::{Schedule, check_steps};
use crate::Real;
use crate::optim::error::{OptimError, check_option};

/// One rise to a greatest rate and a fall far below the first: a [`Schedule`] for a whole run, PyTorch's
/// `OneCycleLR`, with its defaults.
///
/// ```text
/// first = greatest / div_factor,  last = first / final_div_factor
/// first → greatest up to step    share · total − 1
/// greatest → last  up to step    total − 1
/// ```
///
/// or, in three phases, back to `first` as fast as it rose, and then to `last`. The rate that the
/// optimizer was built with does not enter. Momentum is not cycled, as PyTorch does unless told otherwise.
/// After the last step the rate stays, where PyTorch refuses.
///
/// L. N. Smith and N. Topin, "Super-convergence: very fast training of neural networks using large
/// learning rates", 2017; the two phases are fastai's.
///
/// ```
/// use wengert::optim::{OneCycle, Schedule};
/// let schedule = Schedule::from(OneCycle::new(1.0, 11).share(0.5).linear());
/// let rates = schedule.rates(0.1, 11)?;
/// approx::assert_relative_eq!(rates[0], 0.04);
/// approx::assert_relative_eq!(rates[10], 0.04 / 1e4, max_relative = 1e-12);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OneCycle<F: Real = f64> {
    greatest: F,
    total: u64,
    share: F,
    div_factor: F,
    final_div_factor: F,
    three_phase: bool,
    linear: bool,
}

impl<F: Real> OneCycle<F> {
    /// A cycle of `steps` steps up to the rate `greatest`.
    ///
    /// ```
    /// use wengert::optim::{OneCycle, Schedule};
    /// let rates = Schedule::from(OneCycle::new(1.0, 100)).rates(0.1, 100)?;
    /// assert_eq!(rates[29], 1.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn new(greatest: F, steps: u64) -> Self {
        OneCycle {
            greatest,
            total: steps,
            share: F::from_double(0.3),
            div_factor: F::from_double(25.0),
            final_div_factor: F::from_double(1e4),
            three_phase: false,
            linear: false,
        }
    }

    /// What share of the steps rises (`pct_start`); 0.3 unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::{OneCycle, Schedule};
    /// let rates = Schedule::from(OneCycle::new(1.0, 100).share(0.5)).rates(0.1, 100)?;
    /// assert_eq!(rates[49], 1.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn share(self, rising: F) -> Self {
        OneCycle { share: rising, ..self }
    }

    /// The greatest rate over the first, 25, and the first over the last, 10⁴, unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::{OneCycle, Schedule};
    /// let rates = Schedule::from(OneCycle::new(1.0, 9).div_factors(2.0, 4.0)).rates(0.1, 9)?;
    /// assert_eq!((rates[0], rates[8]), (0.5, 0.125));
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn div_factors(self, first: F, last: F) -> Self {
        OneCycle { div_factor: first, final_div_factor: last, ..self }
    }

    /// Falls back to the first rate as fast as it rose, and only then to the last.
    ///
    /// ```
    /// use wengert::optim::{OneCycle, Schedule};
    /// let rates = Schedule::from(OneCycle::new(1.0, 100).three_phase()).rates(0.1, 100)?;
    /// approx::assert_relative_eq!(rates[58], 0.04);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn three_phase(self) -> Self {
        OneCycle { three_phase: true, ..self }
    }

    /// In straight lines; in half waves unless said so.
    ///
    /// ```
    /// use wengert::optim::{OneCycle, Schedule};
    /// let cycle = OneCycle::new(1.0, 20).share(0.5).div_factors(2.0, 4.0).linear();
    /// let rates = Schedule::from(cycle).rates(0.1, 20)?;
    /// approx::assert_relative_eq!(rates[3], 0.5 + 0.5 / 3.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn linear(self) -> Self {
        OneCycle { linear: true, ..self }
    }

    pub(super) fn check(&self) -> Result<(), OptimError> {
        let positive = "finite and positive";
        check_option("greatest rate", self.greatest, positive, |r| r > F::zero())?;
        check_option("first divisor", self.div_factor, positive, |d| d > F::zero())?;
        check_option("last divisor", self.final_div_factor, positive, |d| d > F::zero())?;
        check_option("rising share", self.share, "between 0 and 1", |s| {
            (F::zero()..=F::one()).contains(&s)
        })?;
        check_steps("steps of a cycle", self.total)
    }

    pub(super) fn rate(&self, k: u64) -> F {
        let (one, two) = (F::one(), F::from_double(2.0));
        let total = F::from_double(self.total as f64);
        let end = total - one;
        let k = F::from_double(k as f64).min(end);
        let first = self.greatest / self.div_factor;
        let last = first / self.final_div_factor;
        let risen = self.share * total - one;
        let fallen = two * self.share * total - two;
        let (from, to, start, end) = if k <= risen {
            (first, self.greatest, F::zero(), risen)
        } else if !self.three_phase {
            (self.greatest, last, risen, end)
        } else if k <= fallen {
            (self.greatest, first, risen, fallen)
        } else {
            (first, last, fallen, end)
        };
        // The whole way at once, where it has no length.
        let along = if end > start { (k - start) / (end - start) } else { one };
        if self.linear {
            (to - from) * along + from
        } else {
            to + (from - to) / two * ((F::PI() * along).cos() + one)
        }
    }
}

impl<F: Real> From<OneCycle<F>> for Schedule<F> {
    fn from(cycle: OneCycle<F>) -> Self {
        Curve::OneCycle(cycle).into()
    }
}

/// Rates that go up and down between two again and again: a [`Schedule`], PyTorch's `CyclicLR`, which does
/// not know the rate that the optimizer was built with.
///
/// L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017. Momentum is not cycled,
/// as PyTorch does unless told otherwise.
///
/// ```
/// use wengert::optim::{Cyclic, Schedule};
/// let rates = Schedule::from(Cyclic::between(1.0, 3.0, 2)).rates(0.1, 6)?;
/// assert_eq!(rates, [1.0, 2.0, 3.0, 2.0, 1.0, 2.0]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cyclic<F: Real = f64> {
    least: F,
    greatest: F,
    up: u64,
    down: u64,
    fade: Fade<F>,
}

/// How the height of the cycles changes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Fade<F> {
    Not,
    Halved,
    By(F),
}

impl<F: Real> Cyclic<F> {
    /// Triangles from `least` to `greatest`, with `steps` steps up and as many down.
    ///
    /// ```
    /// use wengert::optim::{Cyclic, Schedule};
    /// assert_eq!(Schedule::from(Cyclic::between(1.0, 2.0, 1)).rates(0.1, 4)?, [1.0, 2.0, 1.0, 2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn between(least: F, greatest: F, steps: u64) -> Self {
        Cyclic { least, greatest, up: steps, down: steps, fade: Fade::Not }
    }

    /// Another number of steps down.
    ///
    /// ```
    /// use wengert::optim::{Cyclic, Schedule};
    /// let schedule = Schedule::from(Cyclic::between(1.0, 3.0, 1).down(3));
    /// approx::assert_relative_eq!(schedule.rates(0.1, 5)?[2], 3.0 - 2.0 / 3.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn down(self, steps: u64) -> Self {
        Cyclic { down: steps, ..self }
    }

    /// Each cycle half as high as the one before (`triangular2`).
    ///
    /// ```
    /// use wengert::optim::{Cyclic, Schedule};
    /// let schedule = Schedule::from(Cyclic::between(1.0, 3.0, 1).halved());
    /// assert_eq!(schedule.rates(0.1, 4)?, [1.0, 3.0, 1.0, 2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn halved(self) -> Self {
        Cyclic { fade: Fade::Halved, ..self }
    }

    /// The height times `ratioᵏ` (`exp_range`).
    ///
    /// ```
    /// use wengert::optim::{Cyclic, Schedule};
    /// let schedule = Schedule::from(Cyclic::between(1.0, 3.0, 1).fading(0.5));
    /// assert_eq!(schedule.rates(0.1, 4)?, [1.0, 2.0, 1.0, 1.25]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn fading(self, ratio: F) -> Self {
        Cyclic { fade: Fade::By(ratio), ..self }
    }

    pub(super) fn check(&self) -> Result<(), OptimError> {
        let zero = F::zero();
        check_option("least rate", self.least, "finite and not negative", |r| r >= zero)?;
        check_option("greatest rate", self.greatest, "finite and not below the least", |r| {
            r >= self.least
        })?;
        if let Fade::By(ratio) = self.fade {
            check_option("ratio", ratio, "in (0, 1]", |q| q > zero && q <= F::one())?;
        }
        check_steps("steps up", self.up)?;
        check_steps("steps down", self.down)
    }

    pub(super) fn rate(&self, k: u64) -> F {
        let one = F::one();
        let number = |n: u64| F::from_double(n as f64);
        let total = number(self.up) + number(self.down);
        let rising = number(self.up) / total;
        let cycle = (one + number(k) / total).floor();
        let along = one + number(k) / total - cycle;
        let height = if along <= rising { along / rising } else { (along - one) / (rising - one) };
        let fade = match self.fade {
            Fade::Not => one,
            Fade::Halved => (one - cycle).exp2(),
            Fade::By(ratio) => ratio.powf(number(k)),
        };
        self.least + (self.greatest - self.least) * height * fade
    }
}

impl<F: Real> From<Cyclic<F>> for Schedule<F> {
    fn from(cycle: Cyclic<F>) -> Self {
        Curve::Cyclic(cycle).into()
    }
}
