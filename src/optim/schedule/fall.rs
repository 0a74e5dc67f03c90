//! The simple schedules by their names.

use super::Schedule;
use super::curve::{Curve, Shape};
use crate::Real;

impl<F: Real> Schedule<F> {
    /// The optimizer's rate.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::constant().rates(8.0, 2)?, [8.0, 8.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn constant() -> Self {
        Curve::Constant.into()
    }

    /// Times `ratio` after every so many steps. PyTorch's `StepLR`.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::step(2, 0.5).rates(8.0, 5)?, [8.0, 8.0, 4.0, 4.0, 2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn step(every: u64, ratio: F) -> Self {
        Curve::Step { every, ratio }.into()
    }

    /// Times `ratio` at each of these steps; twice at one that is given twice. PyTorch's `MultiStepLR`.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::multi_step(&[1, 3], 0.5).rates(8.0, 4)?, [8.0, 4.0, 4.0, 2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn multi_step(at: &[u64], ratio: F) -> Self {
        Curve::MultiStep { at: at.to_vec(), ratio }.into()
    }

    /// Times `ratio` after each step. PyTorch's `ExponentialLR`. With a ratio above 1 the rate grows, by which
    /// a range test finds the rates at which a loss falls.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::exponential(0.5).rates(8.0, 3)?, [8.0, 4.0, 2.0]);
    /// assert_eq!(Schedule::exponential(2.0).rates(8.0, 3)?, [8.0, 16.0, 32.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn exponential(ratio: F) -> Self {
        Curve::Exponential { ratio }.into()
    }

    /// Times `ratio` over `steps` steps, a little at each: `r · ratio^(k/steps)`. optax's
    /// `exponential_decay`. With a ratio above 1 the rate grows.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::decay(0.25, 2).rates(8.0, 3)?, [8.0, 4.0, 2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn decay(ratio: F, steps: u64) -> Self {
        Curve::Decay { ratio, every: steps, stairs: false }.into()
    }

    /// The same in stairs: `r · ratio^⌊k/steps⌋`, each rate computed from the first.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::stairs(0.25, 2).rates(8.0, 3)?, [8.0, 8.0, 2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn stairs(ratio: F, steps: u64) -> Self {
        Curve::Decay { ratio, every: steps, stairs: true }.into()
    }

    /// `r / (k + 1)ᵖ`; as [`StepSize::decaying`](super::StepSize::decaying).
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::decaying(1.0).rates(12.0, 4)?, [12.0, 6.0, 4.0, 3.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn decaying(power: F) -> Self {
        Curve::Decaying { power }.into()
    }

    /// `factor` times the rate for so many steps, then the rate. PyTorch's `ConstantLR`, which for 0 steps
    /// keeps the factor without end; here there is none then.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::held(0.25, 2).rates(8.0, 4)?, [2.0, 2.0, 8.0, 8.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn held(factor: F, steps: u64) -> Self {
        Curve::Held { factor, steps }.into()
    }

    /// A line from `from` to `to` times the rate, and then level. PyTorch's `LinearLR`, which computes
    /// each rate from the one before: `from` is above 0, and the last rate ends a few units in the last
    /// place beside `to`. [`Schedule::ramp`] has neither limit.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::linear(0.5, 1.0, 2).rates(8.0, 4)?, [4.0, 6.0, 8.0, 8.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn linear(from: F, to: F, steps: u64) -> Self {
        Curve::Linear { from, to, steps }.into()
    }

    /// From `from` to `to` times the rate in a given shape, and then level:
    /// `r (to + (from − to) shape(1 − k/steps))`. optax's `linear_schedule`, `polynomial_schedule` and
    /// `cosine_decay_schedule`.
    ///
    /// ```
    /// use wengert::optim::{Schedule, Shape};
    /// let schedule = Schedule::ramp(0.0, 1.0, 4, Shape::Power(1.0));
    /// assert_eq!(schedule.rates(8.0, 6)?, [0.0, 2.0, 4.0, 6.0, 8.0, 8.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn ramp(from: F, to: F, steps: u64, shape: Shape<F>) -> Self {
        Curve::Ramp { from, to, steps, shape }.into()
    }

    /// A line from 0, and then the rate: the beginning of a schedule, by [`Schedule::then`]. The first
    /// step has the rate 0.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// let schedule = Schedule::warm_up(2).then(2, Schedule::step(1, 0.5));
    /// assert_eq!(schedule.rates(8.0, 4)?, [0.0, 4.0, 8.0, 4.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn warm_up(steps: u64) -> Self {
        Curve::WarmUp { steps }.into()
    }

    /// `r (1 − k/steps)ᵖ`, and 0 from step `steps` on. PyTorch's `PolynomialLR`. With a power of 0 the rate
    /// never falls, for `0⁰` = 1.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::polynomial(2, 2.0).rates(8.0, 4)?, [8.0, 2.0, 0.0, 0.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn polynomial(steps: u64, power: F) -> Self {
        Curve::Polynomial { steps, power }.into()
    }

    /// Half a wave from the rate to `least` in so many steps, half a wave back, and so on. PyTorch's
    /// `CosineAnnealingLR`, which computes each rate from the one before. For one half wave, level
    /// afterwards, see [`Shape::Cosine`].
    ///
    /// I. Loshchilov and F. Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// let rates = Schedule::cosine(4, 1.0).rates(3.0, 9)?;
    /// approx::assert_relative_eq!(rates[2], 2.0);
    /// approx::assert_relative_eq!(rates[4], 1.0);
    /// approx::assert_relative_eq!(rates[8], 3.0, max_relative = 1e-14);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn cosine(steps: u64, least: F) -> Self {
        Curve::Cosine { steps, least }.into()
    }

    /// Half a wave from the rate towards `least` in `first` steps, and again from the rate in `growth`
    /// times as many, and so on. PyTorch's `CosineAnnealingWarmRestarts`.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// let rates = Schedule::cosine_restarts(2, 2, 0.0).rates(8.0, 7)?;
    /// assert_eq!((rates[0], rates[2], rates[6]), (8.0, 8.0, 8.0));
    /// approx::assert_relative_eq!(rates[1], 4.0);
    /// approx::assert_relative_eq!(rates[4], 4.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn cosine_restarts(first: u64, growth: u64, least: F) -> Self {
        Curve::CosineRestarts { first, growth, least }.into()
    }

    /// A line up to the rate, which step `warm_up − 1` has, then `r √(warm_up / (k + 1))`.
    ///
    /// A. Vaswani and others, "Attention is all you need", NeurIPS 2017, section 5.3, where
    /// `r = (d · warm_up)^(−1/2)` for a model of width `d`.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::inverse_sqrt(2).rates(8.0, 8)?[..3], [4.0, 8.0, 8.0 * (2.0_f64 / 3.0).sqrt()]);
    /// assert_eq!(Schedule::inverse_sqrt(2).rates(8.0, 8)?[7], 4.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn inverse_sqrt(warm_up: u64) -> Self {
        Curve::InverseSqrt { warm_up }.into()
    }
}
