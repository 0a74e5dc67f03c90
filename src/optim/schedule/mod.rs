//! How the learning rate goes from step to step: [`Schedule`] for every optimizer, and [`StepSize`].

mod course;
mod curve;
mod cycle;
mod fall;
mod pace;
mod plateau;
mod step_size;

pub use course::Course;
pub use curve::Shape;
pub use cycle::{Cyclic, OneCycle};
pub use pace::Pace;
pub use plateau::Plateau;
pub use step_size::StepSize;
pub(super) use step_size::{Memory, Size};

use super::error::{OptimError, check_option};
use crate::Real;
use course::Cell;
use curve::Curve;

/// The learning rate as a function of the step, for every optimizer; a value that is composed of others.
///
/// The step counts from 0, as in PyTorch's `lr_scheduler`: the rate of step 0 is that of the first step
/// taken, and `r` is the rate that the optimizer was built with. Rates are asked for once a step; see
/// [`every`](Self::every) for schedules told in epochs.
///
/// | schedule | rate at step `k` |
/// | --- | --- |
/// | [`constant`](Self::constant) | `r` |
/// | [`step`](Self::step), [`multi_step`](Self::multi_step) | times `q` every so often, or at given steps |
/// | [`exponential`](Self::exponential) | `r qᵏ` |
/// | [`decay`](Self::decay) | `r q^(k/n)`, or its stairs |
/// | [`decaying`](Self::decaying) | `r / (k + 1)ᵖ` |
/// | [`held`](Self::held) | `r c` for `n` steps, then `r` |
/// | [`linear`](Self::linear), [`ramp`](Self::ramp), [`warm_up`](Self::warm_up) | from one multiple of `r` to another |
/// | [`polynomial`](Self::polynomial) | `r (1 − k/n)ᵖ`, then 0 |
/// | [`cosine`](Self::cosine), [`cosine_restarts`](Self::cosine_restarts) | half waves from `r` to a least rate |
/// | [`inverse_sqrt`](Self::inverse_sqrt) | a warm-up, then `r √(n/(k + 1))` |
/// | [`OneCycle`], [`Cyclic`] | up and down |
/// | [`Plateau`] | falls where the loss does not |
/// | [`then`](Self::then), [`times`](Self::times), [`every`](Self::every) | one after the other, products, in epochs |
///
/// Where PyTorch computes a rate from the one before, so does this crate, lest the last digits differ.
///
/// ```
/// use wengert::optim::{Optimizer, Schedule, Sgd};
/// let schedule = Schedule::warm_up(2).then(2, Schedule::exponential(0.5));
/// let mut sgd = Sgd::builder(8.0).schedule(schedule).build()?;
/// let mut sizes = Vec::new();
/// for _ in 0..5 {
///     sizes.push(sgd.step(&mut [1.0], 0.0, &[0.0])?.size);
/// }
/// assert_eq!(sizes, [0.0, 4.0, 8.0, 4.0, 2.0]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Schedule<F: Real = f64>(Kind<F>);

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Kind<F: Real> {
    Curve(Curve<F>),
    Plateau(Plateau<F>),
    /// One for some steps, then the other.
    Then(u64, Box<[Schedule<F>; 2]>),
    Times(Box<[Schedule<F>; 2]>),
    Every(u64, Box<Schedule<F>>),
}

impl<F: Real> Schedule<F> {
    /// This schedule for `steps` steps, then another, which begins with its own step 0.
    ///
    /// PyTorch's `SequentialLR`, optax's `join_schedules`. In PyTorch the rate after the milestone of a
    /// `SequentialLR` may depend on that before it; here each part knows the optimizer's rate alone.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// let schedule = Schedule::held(0.25, 2).then(2, Schedule::polynomial(2, 1.0));
    /// assert_eq!(schedule.rates(8.0, 5)?, [2.0, 2.0, 8.0, 4.0, 0.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn then(self, steps: u64, next: impl Into<Schedule<F>>) -> Self {
        // The first part of a chain counts from its beginning: (a then b) then c is a then (b then c).
        match self.0 {
            Kind::Then(first, parts) if first <= steps => {
                let [a, b] = *parts;
                Schedule(Kind::Then(first, Box::new([a, b.then(steps - first, next)])))
            }
            _ => Schedule(Kind::Then(steps, Box::new([self, next.into()]))),
        }
    }

    /// The product of two schedules: the rate of one, times what the other makes of a rate of `r`, over
    /// `r`. PyTorch's `ChainedScheduler`.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// let schedule = Schedule::warm_up(2).times(Schedule::step(2, 0.5));
    /// assert_eq!(schedule.rates(8.0, 5)?, [0.0, 4.0, 4.0, 4.0, 2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn times(self, other: impl Into<Schedule<F>>) -> Self {
        Schedule(Kind::Times(Box::new([self, other.into()])))
    }

    /// The same, going on by one only every `steps` steps: with as many as an epoch has batches, a
    /// schedule of epochs. A [`Plateau`] then looks at the mean loss of those steps.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// let schedule = Schedule::exponential(0.5).every(2);
    /// assert_eq!(schedule.rates(8.0, 5)?, [8.0, 8.0, 4.0, 4.0, 2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn every(self, steps: u64) -> Self {
        Schedule(Kind::Every(steps, Box::new(self)))
    }

    /// The rates of the first steps, as if all losses were 0; to look at, or to plot.
    ///
    /// # Errors
    /// As [`Schedule::pace`].
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::step(2, 0.5).rates(1.0, 5)?, [1.0, 1.0, 0.5, 0.5, 0.25]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn rates(&self, rate: F, steps: usize) -> Result<Vec<F>, OptimError> {
        let mut pace = self.pace(rate)?;
        let next = |_| {
            let rate = pace.rate();
            pace.advance(F::zero());
            rate
        };
        Ok((0..steps).map(next).collect())
    }

    /// The schedule at its step 0, for an optimizer of your own.
    ///
    /// # Errors
    /// If an option of the schedule is out of its range, or the rate is not finite and positive.
    ///
    /// ```
    /// use wengert::optim::{Plateau, Schedule};
    /// let mut pace = Schedule::from(Plateau::new(0.5).patience(1)).pace(8.0)?;
    /// for (loss, rate) in [(3.0, 8.0), (3.0, 8.0), (3.0, 4.0), (2.0, 4.0)] {
    ///     pace.advance(loss);
    ///     assert_eq!(pace.rate(), rate);
    /// }
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn pace(&self, rate: F) -> Result<Pace<F>, OptimError> {
        check_option("learning rate", rate, "finite and positive", |r| r > F::zero())?;
        self.check()?;
        Ok(Pace::new(self.clone(), rate))
    }

    pub(super) fn check(&self) -> Result<(), OptimError> {
        match &self.0 {
            Kind::Curve(curve) => curve.check(),
            Kind::Plateau(plateau) => plateau.check(),
            Kind::Then(_, parts) | Kind::Times(parts) => {
                parts.iter().try_for_each(|part| part.check())
            }
            Kind::Every(steps, inner) => {
                check_steps("steps between rates", *steps)?;
                inner.check()
            }
        }
    }

    /// The names of what it is composed of, its own first.
    fn kinds(&self) -> Vec<&'static str> {
        let of = |name, parts: &[Schedule<F>]| {
            [name].into_iter().chain(parts.iter().flat_map(Self::kinds)).collect()
        };
        match &self.0 {
            Kind::Curve(curve) => vec![curve.name()],
            Kind::Plateau(_) => vec!["plateau"],
            Kind::Then(_, parts) => of("then", &**parts),
            Kind::Times(parts) => of("times", &**parts),
            Kind::Every(_, inner) => of("every", std::slice::from_ref(&**inner)),
        }
    }

    /// How many cells its course has.
    fn cells(&self) -> usize {
        match &self.0 {
            Kind::Curve(_) | Kind::Plateau(_) => 1,
            Kind::Then(_, parts) | Kind::Times(parts) => parts.iter().map(Self::cells).sum(),
            Kind::Every(_, inner) => 1 + inner.cells(),
        }
    }

    /// Brings the cells to step `k`, after a step of this value, which step 0 does not look at.
    fn enter(&self, k: u64, rate: F, value: F, cells: &mut [Cell<F>]) {
        match &self.0 {
            Kind::Curve(curve) => cells[0].rate = curve.rate(k, rate, cells[0].rate),
            Kind::Plateau(plateau) => plateau.enter(k, rate, value, &mut cells[0]),
            Kind::Then(steps, parts) => {
                let (first, second) = cells.split_at_mut(parts[0].cells());
                match k.checked_sub(*steps) {
                    None => parts[0].enter(k, rate, value, first),
                    Some(k) => parts[1].enter(k, rate, value, second),
                }
            }
            Kind::Times(parts) => {
                let (first, second) = cells.split_at_mut(parts[0].cells());
                parts[0].enter(k, rate, value, first);
                parts[1].enter(k, rate, value, second);
            }
            Kind::Every(steps, inner) => {
                let (sum, cells) = cells.split_at_mut(1);
                let sum = &mut sum[0].rate;
                *sum += value;
                if k.is_multiple_of(*steps) {
                    let mean = *sum / F::from_double(*steps as f64);
                    inner.enter(k / steps, rate, mean, cells);
                    *sum = F::zero();
                }
            }
        }
    }

    /// The rate at step `k`, which the cells were brought to.
    fn rate(&self, k: u64, rate: F, cells: &[Cell<F>]) -> F {
        match &self.0 {
            Kind::Curve(_) | Kind::Plateau(_) => cells[0].rate,
            Kind::Then(steps, parts) => {
                let (first, second) = cells.split_at(parts[0].cells());
                match k.checked_sub(*steps) {
                    None => parts[0].rate(k, rate, first),
                    Some(k) => parts[1].rate(k, rate, second),
                }
            }
            Kind::Times(parts) => {
                let (first, second) = cells.split_at(parts[0].cells());
                parts[0].rate(k, rate, first) * (parts[1].rate(k, rate, second) / rate)
            }
            Kind::Every(steps, inner) => inner.rate(k / steps, rate, &cells[1..]),
        }
    }
}

impl<F: Real> From<Curve<F>> for Schedule<F> {
    fn from(curve: Curve<F>) -> Self {
        Schedule(Kind::Curve(curve))
    }
}

impl<F: Real> From<Plateau<F>> for Schedule<F> {
    fn from(plateau: Plateau<F>) -> Self {
        Schedule(Kind::Plateau(plateau))
    }
}

/// `Ok` if a number of steps is not 0.
fn check_steps(option: &'static str, steps: u64) -> Result<(), OptimError> {
    if steps > 0 {
        return Ok(());
    }
    Err(OptimError::Option { option, value: 0.0, expected: "at least 1" })
}
