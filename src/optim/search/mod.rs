//! The training loop: [`Search`].

mod arrival;
mod best;
mod objective;
mod progress;

pub use arrival::{Arrival, End, Visit};
pub use best::Best;

use super::clip::norm;
use super::error::{Halt, OptimError, check_option};
use super::{Optimizer, Region};
use crate::{Params, Real, Recorded, Var};
pub(super) use objective::{Evaluate, OnTape};
use progress::Progress;
use std::fmt;

/// The training loop: an [`Optimizer`] takes step after step, until one of the rules given here says
/// that it is enough.
///
/// ```text
/// loop:
///     f, g = the objective and its gradient at x
///     if f is the best so far: keep x
///     if a rule says so: done, at the best point or where the slope is flat
///     x ← the optimizer's step from x, f, g
/// ```
///
/// A subgradient method does not go down at each step, so the search ends at the best point that it met,
/// not at the last; after an error too. The objective may be a loss of variables ([`Search::fit`], by name
/// [`Params::fit`]), or whatever gives a value and a gradient ([`Search::run`]), such as a
/// [`program`](crate::program). After the first step nothing is allocated.
///
/// ```
/// use wengert::Var;
/// use wengert::optim::{End, Search, Sgd, StepSize};
///
/// // y = 100 x - x², fitted by a x² + b x: each parameter by the scale of what it multiplies.
/// let points: Vec<(f64, f64)> = (0..100).map(f64::from).map(|x| (x, 100.0 * x - x * x)).collect();
/// let sgd = Sgd::with_step_size(StepSize::polyak(0.0)).factors(&[9e-8, 4e-4]).build()?;
/// let mut ab = [-2.0, 30.0];
/// let arrival = Search::new(sgd, 1000).target(1e-8).fit(&mut ab, |p| {
///     points.iter().map(|&(x, y)| (p[0] * x * x + p[1] * x - y).abs()).sum::<Var>() / 100.0
/// })?;
/// assert_eq!(arrival.end, End::Target);
/// approx::assert_relative_eq!(&ab[..], &[-1.0, 100.0][..], max_relative = 1e-9);
/// println!("{arrival}"); // the target is reached: 5.0e-9 at step 141 of 141
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
///
/// A loop that needs another rule is written out with [`Optimizer::step`] and [`Best`](super::Best).
#[must_use = "`fit` or `run` begins the search"]
pub struct Search<'a, O, F: Real = f64> {
    optimizer: O,
    steps: u64,
    target: Option<F>,
    flat: Option<F>,
    patience: Option<Patience<F>>,
    times: F,
    region: Option<Region<F>>,
    each: Option<Each<'a, F>>,
}

/// What is called at every point.
type Each<'a, F> = Box<dyn FnMut(Visit<'_, F>) + 'a>;

/// How many steps may go by without a gain, and what share of the best value is one.
#[derive(Clone, Copy, Debug)]
struct Patience<F> {
    steps: u64,
    gain: F,
}

impl<'a, F: Real, O: Optimizer<F>> Search<'a, O, F> {
    /// A search of at most `steps` steps. The optimizer may be borrowed (`&mut sgd`), so that it
    /// can be read or used afterwards; it is not reset.
    ///
    /// ```
    /// use wengert::optim::{End, Search, Sgd};
    /// let mut sgd = Sgd::builder(0.25).build()?;
    /// let mut x = [8.0];
    /// let arrival = Search::new(&mut sgd, 2).fit(&mut x, |x| x[0] * x[0])?;
    /// assert_eq!((arrival.end, x), (End::Steps, [2.0]));
    /// assert_eq!(sgd.step_count(), 2);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn new(optimizer: O, steps: u64) -> Self {
        let (target, flat, patience, region, each) = (None, None, None, None, None);
        let times = (F::epsilon() * F::epsilon()).recip();
        Search { optimizer, steps, target, flat, patience, times, region, each }
    }

    /// Ends where the value is at most `target`; at least, when maximising.
    ///
    /// ```
    /// use wengert::optim::{End, Search, Sgd};
    /// let sgd = Sgd::builder(0.25).build()?;
    /// let arrival = Search::new(sgd, 100).target(0.5).fit(&mut [8.0], |x| x[0] * x[0])?;
    /// assert_eq!((arrival.end, arrival.value, arrival.step_count), (End::Target, 0.25, 4));
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn target(mut self, target: F) -> Self {
        self.target = Some(target);
        self
    }

    /// Ends where the Euclidean norm of the gradient is at most `slope`, at that point. At the
    /// minimum of a loss with kinks no gradient need be small: see
    /// [`KinkDescent`](super::KinkDescent).
    ///
    /// [Within bounds](Search::within) only the slope along the ways that stay inside counts: an entry
    /// of the gradient that points out of the box, at its side, counts as 0. For the projection of
    /// another set it is `‖P(x − t g) − x‖ / t` for a small `t`, half of whose digits are right.
    ///
    /// ```
    /// use wengert::optim::{End, Search, Sgd};
    /// let sgd = Sgd::builder(0.25).build()?;
    /// let mut x = [8.0];
    /// let arrival = Search::new(sgd, 100).flat(1.0).fit(&mut x, |x| x[0] * x[0])?;
    /// assert_eq!((arrival.end, x), (End::Flat, [0.5]));
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn flat(mut self, slope: F) -> Self {
        self.flat = Some(slope);
        self
    }

    /// Ends after so many steps in which the best value has not become better by more than `gain`
    /// times its magnitude.
    ///
    /// ```
    /// use wengert::optim::{End, Search, Sgd};
    /// let sgd = Sgd::builder(1.0).build()?; // hovers around the minimum
    /// let mut x = [2.5];
    /// let arrival = Search::new(sgd, 1000).patience(10, 1e-6).fit(&mut x, |x| x[0].abs())?;
    /// assert_eq!((arrival.end, arrival.at_step, arrival.step_count), (End::Patience, 2, 12));
    /// assert_eq!((arrival.value, x), (0.5, [0.5]));
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn patience(mut self, steps: u64, gain: F) -> Self {
        self.patience = Some(Patience { steps, gain });
        self
    }

    /// Ends where the value is worse than the best by more than `times` the greatest magnitude of the
    /// first two values; `1/ε²` (2·10³¹ in double precision) unless said otherwise, beyond which nothing
    /// of the beginning can be left. A step that would make a number infinite ends it in the same way. It
    /// ends at the best point, as always.
    ///
    /// ```
    /// use wengert::optim::{End, Search, Sgd};
    /// let mut search = Search::new(Sgd::builder(3.0).build()?, 100).diverges(1e3);
    /// let mut x = [1.0];
    /// let arrival = search.fit(&mut x, |x| x[0] * x[0])?; // each step is -5 times as far out
    /// assert_eq!((arrival.end, arrival.step_count, x), (End::Diverged, 4, [1.0]));
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn diverges(mut self, times: F) -> Self {
        self.times = times;
        self
    }

    /// Keeps the parameters within [`Bounds`](super::Bounds), or in another set by its
    /// [`Projection`](super::Projection), whatever the optimizer is: the start is projected, and so is
    /// the point after each step. All points met, the best among them, are thus in the region. An
    /// optimizer with a region of its own ([`SgdBuilder::within`](super::SgdBuilder::within)) does the
    /// same and needs no other. Momentum behaves as told there.
    ///
    /// ```
    /// use wengert::optim::{Bounds, End, Search, Sgd};
    /// let sgd = Sgd::builder(0.25).build()?;
    /// let mut x = [8.0];
    /// let bounds = Bounds::new(&[1.0], &[5.0])?;
    /// let arrival = Search::new(sgd, 100).within(bounds).flat(1e-9).fit(&mut x, |x| x[0] * x[0])?;
    /// assert_eq!((arrival.end, arrival.value, x), (End::Flat, 1.0, [1.0]));
    /// assert_eq!(arrival.step_count, 3); // 5, 2.5, 1.25, 1
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn within(mut self, region: impl Into<Region<F>>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Calls `each` at every point, the first and the last included: to print it, or to keep it.
    ///
    /// ```
    /// use wengert::optim::{Search, Sgd};
    /// let sgd = Sgd::builder(0.25).build()?;
    /// let mut way = Vec::new();
    /// Search::new(sgd, 3).each(|at| way.push(at.x[0])).fit(&mut [8.0], |x| x[0] * x[0])?;
    /// assert_eq!(way, [8.0, 4.0, 2.0, 1.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn each(mut self, each: impl FnMut(Visit<'_, F>) + 'a) -> Self {
        self.each = Some(Box::new(each));
        self
    }

    /// Searches from `x`, which becomes the point found, for the best value of a loss of variables.
    ///
    /// # Errors
    /// If a rule has a value out of its range; if both search and optimizer have a region, or one
    /// has a region for another number of parameters; if the tape ran full; if the loss is infinite
    /// or NaN; or if the optimizer refuses a step. `x` is the best point met before.
    ///
    /// ```
    /// use wengert::optim::{OptimError, Search, Sgd};
    /// let mut search = Search::new(Sgd::builder(1.0).build()?, 100);
    /// let mut x = [2.0];
    /// let refused = search.fit(&mut x, |x| (x[0] * 2.0 - 3.0).sqrt()); // steps below 1.5
    /// assert!(matches!(refused, Err(OptimError::NonFiniteValue { .. })));
    /// assert_eq!(x, [2.0]);
    /// # Ok::<(), OptimError>(())
    /// ```
    #[track_caller]
    pub fn fit(
        &mut self,
        x: &mut [F],
        mut loss: impl FnMut(&[Var<F>]) -> Var<F>,
    ) -> Result<Arrival<F>, OptimError> {
        self.try_fit(x, |x| Ok(loss(x)))
    }

    /// [`Search::fit`] for a loss that may fail, as those of [`loss`](crate::loss) do for data that
    /// are not finite.
    ///
    /// # Errors
    /// As [`Search::fit`], and the first error of the loss. `x` is the best point met before.
    ///
    /// ```
    /// use std::error::Error;
    /// use wengert::loss::mean_absolute_error;
    /// use wengert::optim::{Search, Sgd, StepSize};
    ///
    /// let sgd = Sgd::with_step_size(StepSize::target_level(10.0)).build()?;
    /// let mut median = [0.0];
    /// Search::new(sgd, 10_000).patience(500, 1e-12).try_fit(&mut median, |m| {
    ///     Ok::<_, Box<dyn Error>>(mean_absolute_error([1.0, 2.0, 3.5, 20.0, 50.0].map(|y| (m[0], y)))?)
    /// })?;
    /// approx::assert_relative_eq!(median[0], 3.5, max_relative = 1e-9);
    /// # Ok::<(), Box<dyn Error>>(())
    /// ```
    #[track_caller]
    pub fn try_fit<E: From<OptimError>>(
        &mut self,
        x: &mut [F],
        loss: impl FnMut(&[Var<F>]) -> Result<Var<F>, E>,
    ) -> Result<Arrival<F>, E> {
        self.drive(x, OnTape::new(loss)).map_err(|halt| halt.error(|error| error))
    }

    /// Searches from `x`, which becomes the point found, for the best value of an objective that
    /// writes its gradient into the second slice and returns its value. The objective may change
    /// from step to step, as the loss of the next rows does.
    ///
    /// # Errors
    /// As [`Search::try_fit`].
    ///
    /// ```
    /// use std::error::Error;
    /// use wengert::objective;
    /// use wengert::optim::{Search, Sgd};
    /// use wengert::program::{Columns, Program};
    ///
    /// let loss = objective!(|[a], [x, y]| (a * x - y).powi(2));
    /// let mut sweep = Program::record(&loss, &[0.0], &[0.0, 0.0])?.mean().gradient().compile();
    /// let data = Columns::new(&[&[1.0, 2.0], &[3.0, 6.0]])?;
    /// let mut a = [0.0];
    /// Search::new(Sgd::builder(0.1).build()?, 100).run(&mut a, |a, slope| {
    ///     let found = sweep.run(a, &data)?;
    ///     slope.copy_from_slice(found.gradient());
    ///     Ok::<_, Box<dyn Error>>(found.value())
    /// })?;
    /// approx::assert_relative_eq!(a[0], 3.0, max_relative = 1e-12);
    /// # Ok::<(), Box<dyn Error>>(())
    /// ```
    pub fn run<E: From<OptimError>>(
        &mut self,
        x: &mut [F],
        objective: impl FnMut(&[F], &mut [F]) -> Result<F, E>,
    ) -> Result<Arrival<F>, E> {
        self.drive(x, objective).map_err(|halt| halt.error(|error| error))
    }

    #[track_caller]
    fn drive<E>(
        &mut self,
        x: &mut [F],
        objective: impl Evaluate<F, E>,
    ) -> Result<Arrival<F>, Halt<E>> {
        self.check()?;
        let region = self.region.clone().or_else(|| self.optimizer.region().cloned());
        if let Some(region) = &region {
            let mut start = x.to_vec();
            region.project(&mut start)?;
            x.copy_from_slice(&start);
        }
        let gain = self.patience.map_or(F::zero(), |patience| patience.gain);
        let mut progress = Progress::new(x, gain, self.times, self.optimizer.maximizes());
        let end = self.walk(x, region.as_ref(), &mut progress, objective);
        x.copy_from_slice(&progress.x);
        Ok(progress.arrival(end?))
    }

    fn check(&self) -> Result<(), OptimError> {
        check_option("target", self.target.unwrap_or(F::zero()), "finite", |_| true)?;
        let not_negative = "finite and not negative";
        check_option("flat slope", self.flat.unwrap_or(F::zero()), not_negative, |s| {
            s >= F::zero()
        })?;
        let gain = self.patience.map_or(F::zero(), |patience| patience.gain);
        check_option("gain", gain, not_negative, |gain| gain >= F::zero())?;
        check_option("divergence", self.times, "finite and positive", |t| t > F::zero())?;
        if self.region.is_some() && self.optimizer.region().is_some() {
            let reason =
                "is the optimizer's already; one projection after the other is none onto both";
            return Err(OptimError::Contradiction { option: "a region", reason });
        }
        Ok(())
    }

    /// The loop. Whatever ends it, the point found is in `progress`.
    #[track_caller]
    fn walk<E>(
        &mut self,
        x: &mut [F],
        region: Option<&Region<F>>,
        progress: &mut Progress<F>,
        mut objective: impl Evaluate<F, E>,
    ) -> Result<End, Halt<E>> {
        let mut gradient = vec![F::zero(); x.len()];
        let mut scratch = Vec::new();
        loop {
            let value = objective.evaluate(x, &mut gradient)?;
            if !value.is_finite() {
                return Err(OptimError::NonFiniteValue { value: value.to_double() }.into());
            }
            progress.observe(x, value);
            if let Some(each) = &mut self.each {
                let (step, best) = (progress.steps, progress.value);
                each(Visit { step, x, value, gradient: &gradient, best });
            }
            if progress.has_diverged(value) {
                return Ok(End::Diverged);
            }
            if self.is_flat(x, region, &gradient, &mut scratch)? {
                // Near a minimum the values of many points are the same but for rounding: a flat one
                // is found by its slope.
                progress.take(x, value);
                return Ok(End::Flat);
            }
            if let Some(end) = self.end(progress) {
                return Ok(end);
            }
            match self.optimizer.step(x, value, &gradient) {
                Err(OptimError::Overflow { .. } | OptimError::StateOverflow { .. }) => {
                    return Ok(End::Diverged);
                }
                step => step?,
            };
            if let Some(region) = &self.region {
                region.project(x)?;
            }
            progress.steps += 1;
        }
    }

    fn is_flat(
        &self,
        x: &[F],
        region: Option<&Region<F>>,
        gradient: &[F],
        scratch: &mut Vec<F>,
    ) -> Result<bool, OptimError> {
        let Some(flat) = self.flat else { return Ok(false) };
        let slope = match region {
            None => norm(gradient.iter().copied()),
            Some(region) => {
                let sign = if self.optimizer.maximizes() { -F::one() } else { F::one() };
                region.slope(x, gradient, sign, scratch)?
            }
        };
        Ok(slope <= flat)
    }

    /// The other rules: the one by which it ends here, if any does.
    fn end(&self, progress: &Progress<F>) -> Option<End> {
        if self.target.is_some_and(|target| !progress.is_better(target)) {
            Some(End::Target)
        } else if self.patience.is_some_and(|rule| progress.steps_without_gain() >= rule.steps) {
            Some(End::Patience)
        } else if progress.steps >= self.steps {
            Some(End::Steps)
        } else {
            None
        }
    }
}

impl<F: Real> Params<F> {
    /// [`Search::try_fit`] on these parameters, by name; an error of the optimizer names the parameter
    /// it is about.
    ///
    /// # Errors
    /// As [`Search::try_fit`]. The parameters are the best met before.
    ///
    /// ```
    /// use std::error::Error;
    /// use wengert::Params;
    /// use wengert::loss::mean_squared_error;
    /// use wengert::optim::{Search, Sgd};
    ///
    /// let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)];
    /// let mut params = Params::from_scalars([("height", 0.0), ("tilt", 0.0)])?;
    /// let mut search = Search::new(Sgd::builder(0.2).momentum(0.5).build()?, 1000).flat(1e-12);
    /// params.fit(&mut search, |p| {
    ///     let [height, tilt] = p.scalars(["height", "tilt"])?;
    ///     let line = points.iter().map(|&(x, y)| (height + tilt * x, y));
    ///     Ok::<_, Box<dyn Error>>(mean_squared_error(line)?)
    /// })?;
    /// approx::assert_relative_eq!(params.values(), &[1.0, 2.0][..], max_relative = 1e-11);
    /// # Ok::<(), Box<dyn Error>>(())
    /// ```
    #[track_caller]
    pub fn fit<E: From<OptimError>>(
        &mut self,
        search: &mut Search<'_, impl Optimizer<F>, F>,
        mut loss: impl FnMut(&Recorded<'_, F>) -> Result<Var<F>, E>,
    ) -> Result<Arrival<F>, E> {
        let mut values = self.values().to_vec();
        let arrival = search.drive(&mut values, OnTape::new(|x: &[_]| loss(&self.recorded(x))));
        self.values_mut().copy_from_slice(&values);
        arrival.map_err(|halt| halt.error(|error| self.named(error)))
    }
}

impl<O: fmt::Debug, F: Real> fmt::Debug for Search<'_, O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search")
            .field("optimizer", &self.optimizer)
            .field("steps", &self.steps)
            .field("target", &self.target)
            .field("flat", &self.flat)
            .field("patience", &self.patience)
            .field("times", &self.times)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}
