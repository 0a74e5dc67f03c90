//! What all optimizers have in common, once: [`Driver`].

mod builder;
mod group;
mod state;
mod update;

pub use builder::DriverBuilder;
pub use state::{Buffer, DriverState};
pub use update::{At, UpdateRule};

use super::clip::{Clipped, Clipping};
use super::error::OptimError;
use super::{Optimizer, Region, Step};
use crate::Real;
use crate::op::nary::Norm;
use group::{Spans, Walk};

/// An optimizer: an [`UpdateRule`], and around it what all have in common.
///
/// ```text
/// g ← ∇f(x), clipped by value, then by norm
/// g ← −g                         if it maximizes
/// g ← g + λ x                    coupled weight decay λ
/// d, state ← rule(x, g, state)
/// x ← x − γ s λ x                decoupled weight decay λ
/// x ← x − γ s d                  rate γ, per-parameter factors s
/// x ← soft(x, γ s λ)             a penalty λ Σ |x|
/// x ← P(x)                       a region with the projection P
/// ```
///
/// Rate, weight decay, penalty and the options of the rule may differ from
/// [group](DriverBuilder::group) to group. A step that fails changes nothing, and after the first step
/// nothing is allocated. Where it is, is [plain data](Driver::state), from which a run is resumed bit
/// for bit.
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
pub struct Driver<R: UpdateRule<F>, F: Real = f64> {
    /// The first is what belongs to no other.
    walks: Vec<Walk<R, F>>,
    spans: Spans,
    maximize: bool,
    clipping: Clipping<F>,
    factors: Option<Vec<F>>,
    region: Option<Region<F>>,
    averaging: Option<Averaging>,

    steps: u64,
    /// How many parameters there are, from factors, bounds or the first step.
    parameters: Option<usize>,
    /// What the options tell of it.
    expected: Option<usize>,
    state: Vec<R::State>,
    average: Vec<F>,
    /// Where a step ends, which may be refused.
    next_x: Vec<F>,
    next_state: Vec<R::State>,
}

impl<F: Real, R: UpdateRule<F>> Driver<R, F> {
    fn from_options(options: DriverBuilder<R, F>) -> Result<Self, OptimError> {
        let expected = options.parameter_count();
        let spans = Spans::new(options.groups.iter().map(|(range, _)| range.clone()))?;
        let groups = options.groups.into_iter().map(|(_, options)| options.group);
        let walks = [options.group].into_iter().chain(groups).map(Walk::new);
        Ok(Driver {
            walks: walks.collect::<Result<_, _>>()?,
            spans,
            maximize: options.maximize,
            clipping: options.clipping,
            factors: options.factors,
            region: options.region,
            averaging: options.averaging,
            steps: 0,
            parameters: expected,
            expected,
            state: Vec::new(),
            average: Vec::new(),
            next_x: Vec::new(),
            next_state: Vec::new(),
        })
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
        self.steps
    }

    /// The mean of the points, by [`DriverBuilder::average_from`]; empty without it or before the
    /// first step.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let mut sgd = Sgd::builder(1.0).average_from(0).build()?;
    /// assert!(sgd.averaged().is_empty());
    /// sgd.step(&mut [0.0], 0.0, &[4.0])?;
    /// assert_eq!(sgd.averaged(), [-4.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn averaged(&self) -> &[F] {
        &self.average
    }

    /// What the rule remembers, parameter by parameter.
    pub(super) fn remembered(&self) -> &[R::State] {
        &self.state
    }

    fn sign(&self) -> F {
        if self.maximize { -F::one() } else { F::one() }
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

    /// Notes the directions in `next_x`, and what would be remembered; whether that is finite.
    fn directions(&mut self, x: &[F], gradient: &[F], clipped: Clipped<F>) -> bool {
        let mut finite = true;
        let (sign, step) = (self.sign(), self.steps + 1);
        let remembers = self.walks.iter().any(|walk| walk.options.rule.remembers());
        self.next_x.resize(x.len(), F::zero());
        if remembers {
            self.next_state.resize(x.len(), R::State::default());
        }
        for (range, walk) in self.spans.all() {
            let walk = &self.walks[*walk];
            let (rule, decay) = (&walk.options.rule, walk.options.coupled_decay());
            let (rate, product) = (walk.rate(), rule.product(walk.product, step));
            let coefficients = rule.coefficients(At { step, rate, product });
            let next_x = &mut self.next_x[range.clone()];
            enter(next_x, &x[range.clone()], &gradient[range.clone()], (sign, clipped, decay));
            let directions = next_x.iter_mut().zip(&x[range.clone()]);
            if !remembers {
                for (direction, &x) in directions {
                    *direction = R::apply(coefficients, x, *direction, R::State::default()).0;
                }
                continue;
            }
            let mut apply = |x: F, g: F, before: R::State| {
                let (direction, after) = R::apply(coefficients, x, g, before);
                finite &= after.as_ref().iter().all(|s| s.is_finite());
                (direction, after)
            };
            let entries = directions.zip(&mut self.next_state[range.clone()]);
            match self.state.get(range.clone()) {
                Some(before) => {
                    for (((direction, &x), after), &before) in entries.zip(before) {
                        (*direction, *after) = apply(x, *direction, before);
                    }
                }
                None => {
                    for ((direction, &x), after) in entries {
                        (*direction, *after) = apply(x, *direction, rule.initial(rate));
                    }
                }
            }
        }
        finite
    }

    /// Decides how long the step is.
    fn sizes(&mut self, value: F) -> Result<(), OptimError> {
        let sign = self.sign();
        for walk in &mut self.walks {
            if R::OWN_SIZE {
                continue;
            }
            if let Some(pace) = &walk.pace {
                walk.size = pace.rate().into();
                continue;
            }
            let step_size = walk.options.step_size;
            let norm = if step_size.uses_norm() {
                let factor = |i| factor(&self.factors, i).sqrt();
                Norm::of(self.next_x.iter().enumerate().map(|(i, &d)| factor(i) * d))
            } else {
                Norm::of(std::iter::empty())
            };
            (walk.size, walk.next_memory) = step_size.next(&walk.memory, value, sign, norm)?;
        }
        Ok(())
    }

    /// Goes along the directions in `next_x`, which become points; whether they are finite.
    fn land(&mut self, x: &[F]) -> bool {
        let mut finite = true;
        for (range, walk) in self.spans.all() {
            let walk = &self.walks[*walk];
            let (size, rate) = (walk.size, walk.size.value());
            let (decay, penalty) = (walk.options.decoupled_decay(), walk.options.penalty);
            let to = self.next_x[range.clone()].iter_mut().zip(&x[range.clone()]);
            let along = |from: F, factor: F, by: F| from - size.factor * factor * size.scaled(by);
            if decay == F::zero() && penalty == F::zero() && self.factors.is_none() {
                // Without a branch for each parameter.
                for (to, &from) in to {
                    *to = along(from, F::one(), *to);
                    finite &= to.is_finite();
                }
                continue;
            }
            for (i, (to, &from)) in range.clone().zip(to) {
                let factor = factor(&self.factors, i);
                let kept =
                    if decay == F::zero() { from } else { from - rate * factor * decay * from };
                *to = along(kept, factor, *to);
                if penalty != F::zero() {
                    *to = softened(*to, rate * factor * penalty);
                }
                finite &= to.is_finite();
            }
        }
        finite
    }

    /// Which number of the step that is tried would not be finite.
    #[cold]
    fn overflow(&self, x: &[F]) -> OptimError {
        if let Some(i) = self.next_x.iter().position(|to| !to.is_finite()) {
            let (from, to) = (x[i].to_double(), self.next_x[i].to_double());
            return OptimError::Overflow { place: i.into(), from, to };
        }
        let unfit = |state: &R::State| state.as_ref().iter().position(|s| !s.is_finite());
        let mut states = self.next_state.iter().enumerate();
        let found = states.find_map(|(i, state)| Some((i, unfit(state)?)));
        let (i, buffer) = found.unwrap_or_default();
        let buffer = R::BUFFERS.get(buffer).copied().unwrap_or_default();
        OptimError::StateOverflow { place: i.into(), buffer }
    }

    /// Takes the step; nothing can fail any more.
    fn take(&mut self, x: &mut [F], value: F) {
        let value = self.sign() * value;
        x.copy_from_slice(&self.next_x);
        std::mem::swap(&mut self.state, &mut self.next_state);
        // Now, lest the second step allocate.
        self.next_state.resize(self.state.len(), R::State::default());
        self.steps += 1;
        self.parameters = Some(x.len());
        for walk in &mut self.walks {
            walk.memory = walk.next_memory;
            walk.product = walk.options.rule.product(walk.product, self.steps);
            if let Some(pace) = &mut walk.pace {
                pace.advance(value);
            }
        }
        if let Some(Averaging { from, single }) = self.averaging {
            self.average.resize(x.len(), F::zero());
            match self.steps.saturating_sub(from) {
                0 | 1 => self.average.copy_from_slice(x),
                count => {
                    let share = rounded(F::one() / F::from_double(count as f64), single);
                    self.average.iter_mut().zip(x).for_each(|(a, x)| *a += (*x - *a) * share);
                }
            }
        }
    }
}

impl<F: Real, R: UpdateRule<F>> Optimizer<F> for Driver<R, F> {
    fn step(&mut self, x: &mut [F], value: F, gradient: &[F]) -> Result<Step<F>, OptimError> {
        self.check_lengths(x.len(), gradient.len())?;
        check_finite(x, value, gradient)?;
        self.spans.cover(x.len())?;
        let gradient_norm = Norm::of(gradient.iter().copied());
        let clipped = self.clipping.decide(gradient, gradient_norm);
        let remembers = self.directions(x, gradient, clipped);
        self.sizes(value)?;
        let lands = self.land(x);
        if !(lands && remembers) {
            return Err(self.overflow(x));
        }
        if let Some(region) = &self.region {
            region.project(&mut self.next_x)?;
        }
        self.take(x, value);
        let size = self.walks[0].size.value();
        Ok(Step { size, gradient_norm: gradient_norm.value(), clipped: clipped.changes })
    }

    fn reset(&mut self) {
        self.walks.iter_mut().for_each(Walk::reset);
        self.steps = 0;
        self.state.clear();
        self.next_state.clear();
        self.average.clear();
        self.parameters = self.expected;
    }

    fn maximizes(&self) -> bool {
        self.maximize
    }

    fn region(&self) -> Option<&Region<F>> {
        self.region.as_ref()
    }
}

/// Writes what enters a rule: the gradient, clipped, of the objective that is made smaller, with the decay that
/// belongs to it. What is not asked for costs nothing.
fn enter<F: Real>(
    to: &mut [F],
    x: &[F],
    gradient: &[F],
    (sign, clipped, decay): (F, Clipped<F>, F),
) {
    to.copy_from_slice(gradient);
    if clipped.changes {
        to.iter_mut().for_each(|g| *g = clipped.of(*g));
    }
    if sign != F::one() {
        to.iter_mut().for_each(|g| *g = sign * *g);
    }
    if decay != F::zero() {
        to.iter_mut().zip(x).for_each(|(g, &x)| *g += decay * x);
    }
}

#[inline(always)]
fn factor<F: Real>(factors: &Option<Vec<F>>, i: usize) -> F {
    factors.as_ref().map_or(F::one(), |factors| factors[i])
}

/// Which points the mean is of.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Averaging {
    /// Those after so many steps.
    from: u64,
    /// Whether the share of each is rounded to single precision.
    single: bool,
}

/// In single precision, if that is asked for.
pub(super) fn rounded<F: Real>(x: F, single: bool) -> F {
    if single { F::from_double(f64::from(x.to_double() as f32)) } else { x }
}

/// Nearer to 0 by a threshold, and 0 within it.
fn softened<F: Real>(x: F, threshold: F) -> F {
    if x > threshold {
        x - threshold
    } else if x < -threshold {
        x + threshold
    } else {
        F::zero()
    }
}

fn check_finite<F: Real>(x: &[F], value: F, gradient: &[F]) -> Result<(), OptimError> {
    if !value.is_finite() {
        return Err(OptimError::NonFiniteValue { value: value.to_double() });
    }
    let bad = |list: &[F]| {
        // Without a branch for each, as long as all are finite.
        let all_finite = list.iter().fold(true, |all, v| all & v.is_finite());
        if all_finite { None } else { list.iter().position(|v| !v.is_finite()) }
    };
    if let Some(i) = bad(gradient) {
        let value = gradient[i].to_double();
        return Err(OptimError::NonFiniteGradient { place: i.into(), value });
    }
    if let Some(i) = bad(x) {
        return Err(OptimError::NonFiniteParameter { place: i.into(), value: x[i].to_double() });
    }
    Ok(())
}
