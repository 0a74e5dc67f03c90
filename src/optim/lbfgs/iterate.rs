//! The iteration of L-BFGS.

use super::line::{Bracket, OnLine, Verdict};
use super::memory::{Memory, dot, norm};
use super::{LbfgsBuilder, LbfgsEnd};
use crate::optim::Stopped;
use crate::optim::descent::units::{exponent, power};
use crate::optim::error::{Halt, OptimError};
use crate::optim::search::Evaluate;

/// A point, its value and its gradient, both in units of the loss.
#[derive(Clone, Debug)]
struct Point {
    x: Vec<f64>,
    value: f64,
    /// The value as it came.
    raw: f64,
    gradient: Vec<f64>,
}

impl Point {
    /// Why the loss cannot be searched from here, if it cannot.
    fn fault(&self) -> Option<OptimError> {
        let bad = |list: &[f64]| list.iter().position(|v| !v.is_finite());
        if let Some(i) = bad(&self.x) {
            return Some(OptimError::NonFiniteParameter { place: i.into(), value: self.x[i] });
        }
        if !self.value.is_finite() {
            return Some(OptimError::NonFiniteValue { value: self.value });
        }
        let i = bad(&self.gradient)?;
        Some(OptimError::NonFiniteGradient { place: i.into(), value: self.gradient[i] })
    }

    /// The unit of the loss: a power of two, so that squares of slopes stay numbers.
    fn unit(&self) -> f64 {
        /// A value may be so many times as great as slopes.
        const SMALL: f64 = 1e-150;
        let size = norm(&self.gradient).max(SMALL * self.value.abs());
        power(exponent(size.min(f64::MAX)))
    }

    fn measure(&mut self, unit: f64) {
        self.raw = self.value;
        self.value /= unit;
        self.gradient.iter_mut().for_each(|g| *g /= unit);
    }

    fn is_finite(&self) -> bool {
        self.value.is_finite() && self.gradient.iter().all(|g| g.is_finite())
    }
}

/// By how much a value has to outgrow the first one, downwards, to be doubted.
const GROWN: f64 = (1_u64 << 20) as f64;

/// A further fall by no more than this share of the whole one is no reason to go on.
const MORE: f64 = 1e-8;

/// What leaps along one way came to.
enum Leapt {
    /// The loss falls on it as far as numbers go.
    Out,
    /// It is at a lower point.
    Went,
    Nowhere,
}

/// What a search along one line came to.
enum Searched {
    /// It is at another point.
    Went,
    Failed(Stopped),
}

struct Iteration<'a, O> {
    options: &'a LbfgsBuilder,
    objective: O,
    /// Of the loss, wherever it is spoken of here.
    unit: f64,
    here: Point,
    /// Where a trial is.
    there: Point,
    /// The lowest point of a line on which none fits.
    lowest: Point,
    direction: Vec<f64>,
    /// Where the run began, and the value there.
    start: (Vec<f64>, f64),
    /// A value below this is looked at, whether it falls without end.
    deep: f64,
    /// The value where the parameters were last measured by their sizes.
    measured: Option<f64>,
    memory: Memory,
    /// The greatest norm of a gradient met.
    steepest: f64,
    /// The greatest slope met by each parameter.
    steepest_each: Vec<f64>,
    /// By how much the slope jumps at the last kink, along a way of length 1.
    jump: f64,
    iterations: u64,
    evaluations: u64,
}

/// Minimises from `x`, which becomes the best point found.
#[track_caller]
pub(super) fn run<E>(
    options: &LbfgsBuilder,
    x: &mut [f64],
    mut objective: impl Evaluate<f64, E>,
) -> Result<LbfgsEnd, Halt<E>> {
    let mut here =
        Point { x: x.to_vec(), value: f64::NAN, raw: f64::NAN, gradient: vec![0.0; x.len()] };
    here.value = objective.evaluate(&here.x, &mut here.gradient)?;
    if let Some(fault) = here.fault() {
        return Err(fault.into());
    }
    let unit = here.unit();
    here.measure(unit);
    let mut iteration = Iteration {
        options,
        objective,
        unit,
        there: here.clone(),
        lowest: here.clone(),
        direction: vec![0.0; x.len()],
        start: (here.x.clone(), here.value),
        deep: -GROWN * here.value.abs(),
        measured: None,
        here,
        memory: Memory::new(options.memory, x.len()),
        steepest: 0.0,
        steepest_each: vec![0.0; x.len()],
        jump: 0.0,
        iterations: 0,
        evaluations: 1,
    };
    let ending = iteration.descend();
    x.copy_from_slice(&iteration.here.x);
    let Iteration { here, iterations, evaluations, .. } = iteration;
    let (value, slope) = (here.raw, unit * norm(&here.gradient));
    Ok(LbfgsEnd { ending: ending?, value, slope, iterations, evaluations, certificate: None })
}

impl<O> Iteration<'_, O> {
    #[track_caller]
    fn descend<E>(&mut self) -> Result<Stopped, Halt<E>>
    where
        O: Evaluate<f64, E>,
    {
        // Whether the last line ended without a point that fits, which may be the memory's fault.
        let mut failed = false;
        loop {
            let length = norm(&self.here.gradient);
            if length * self.unit <= self.options.flat {
                return Ok(Stopped::Flat);
            }
            self.steepest = self.steepest.max(length);
            let slopes = self.steepest_each.iter_mut().zip(&self.here.gradient);
            slopes.for_each(|(most, g)| *most = most.max(g.abs()));
            if self.here.value < self.deep {
                self.deep = GROWN * self.here.value;
                match self.leap_out()? {
                    Leapt::Out => return Ok(Stopped::Unbounded),
                    Leapt::Went => {
                        self.memory.clear();
                        continue;
                    }
                    Leapt::Nowhere => {}
                }
            }
            let by_size = self.memory.is_empty() && self.measured.is_some() && self.turn_by_size();
            if !by_size {
                self.direction.copy_from_slice(&self.here.gradient);
                self.memory.solve(&mut self.direction);
                self.direction.iter_mut().for_each(|d| *d = -*d);
            }
            let mut slope = dot(&self.direction, &self.here.gradient);
            if !(slope < 0.0 && slope.is_finite()) {
                self.memory.clear();
                self.direction.iter_mut().zip(&self.here.gradient).for_each(|(d, g)| *d = -g);
                slope = dot(&self.direction, &self.here.gradient);
            }
            if !(slope < 0.0 && slope.is_finite()) {
                // The square of its length is beyond numbers.
                self.direction.iter_mut().for_each(|d| *d /= length);
                slope = -length;
            }
            if !slope.is_finite() {
                return Ok(Stopped::Refused);
            }
            if !self.memory.is_empty() && self.is_little(-slope) {
                if !self.is_told() && self.measure_by_size() {
                    failed = false;
                    continue;
                }
                match self.doubt(Stopped::Gain)? {
                    None => continue,
                    Some(why) => return Ok(why),
                }
            }
            match self.search(slope)? {
                Searched::Went => failed = false,
                Searched::Failed(why @ (Stopped::Evaluations | Stopped::Unbounded)) => {
                    return Ok(why);
                }
                Searched::Failed(_) if self.is_told() => match self.doubt(Stopped::Gain)? {
                    None => failed = false,
                    Some(end) => return Ok(end),
                },
                Searched::Failed(why) => {
                    // What is left of the slope may be rounding, which jumps too.
                    let is_almost_flat = why == Stopped::Kink && self.is_almost_flat();
                    let is_rounding = is_almost_flat && self.is_hidden(self.jump);
                    let why = if is_rounding { Stopped::Rounding } else { why };
                    let is_over = is_rounding || (failed && self.memory.is_empty());
                    if is_almost_flat || is_over {
                        match self.doubt(why)? {
                            None => {
                                failed = false;
                                continue;
                            }
                            Some(end) if is_over || end != why => return Ok(end),
                            Some(_) => {}
                        }
                    }
                    self.memory.clear();
                    failed = true;
                }
            }
        }
    }

    /// The end, unless the loss falls on: a value that has grown beyond all that the run began with may hide the
    /// slope itself.
    #[track_caller]
    fn doubt<E>(&mut self, why: Stopped) -> Result<Option<Stopped>, Halt<E>>
    where
        O: Evaluate<f64, E>,
    {
        if self.here.value > -GROWN * self.start.1.abs() {
            return Ok(Some(why));
        }
        let leapt = self.leap_out()?;
        self.memory.clear();
        Ok(match leapt {
            Leapt::Out => Some(Stopped::Unbounded),
            Leapt::Went => None,
            Leapt::Nowhere => Some(why),
        })
    }

    /// Goes on along the way from the start, else against the slope in sizes: what falls without end does so along
    /// one of them, or nearly.
    #[track_caller]
    fn leap_out<E>(&mut self) -> Result<Leapt, Halt<E>>
    where
        O: Evaluate<f64, E>,
    {
        let way = self.here.x.iter().zip(&self.start.0);
        self.direction.iter_mut().zip(way).for_each(|(d, (x, from))| *d = x - from);
        let leapt = self.leap()?;
        if matches!(leapt, Leapt::Nowhere) && self.turn_by_size() { self.leap() } else { Ok(leapt) }
    }

    /// Goes along the direction, a few times as far each time, as long as that is much lower.
    #[track_caller]
    fn leap<E>(&mut self) -> Result<Leapt, Halt<E>>
    where
        O: Evaluate<f64, E>,
    {
        let (mut t, mut leapt) = (1.0, Leapt::Nowhere);
        while self.evaluations < self.options.evaluations {
            let point = self.evaluate(t)?;
            if point.value == f64::NEG_INFINITY {
                return Ok(Leapt::Out);
            }
            let is_lower = point.value < self.here.value * (1.0 + f64::EPSILON.sqrt());
            if !is_lower {
                break;
            }
            std::mem::swap(&mut self.here, &mut self.there);
            self.iterations += 1;
            (t, leapt) = (4.0 * t, Leapt::Went);
        }
        Ok(leapt)
    }

    /// How far each parameter is from 0 or has gone; else how far it has to go for the loss to change by what it
    /// comes to, if that is told.
    fn sizes(&self) -> Vec<f64> {
        let Point { x, gradient, value, .. } = &self.here;
        let each = x.iter().zip(&self.start.0).zip(gradient);
        let size = |((x, from), g): ((&f64, &f64), &f64)| {
            let sizes = [x.abs().max((x - from).abs()), (value / g).abs()];
            sizes.into_iter().find(|size| *size > 0.0 && size.is_finite()).unwrap_or(1.0)
        };
        each.map(size).collect()
    }

    /// Makes the direction one against the slope with each parameter measured by its size, and the greatest change one
    /// of that size; whether that leads down. A parameter whose slope is rounding stays.
    fn turn_by_size(&mut self) -> bool {
        /// How many times the rounding of the steepest a slope may be and be rounding.
        const HIDDEN: f64 = 64.0 * f64::EPSILON;
        let slopes = self.here.gradient.iter().zip(&self.steepest_each);
        let told = |(g, most): (&f64, &f64)| if g.abs() > HIDDEN * most { *g } else { 0.0 };
        let sizes = self.sizes();
        let changes: Vec<f64> = slopes.map(told).zip(&sizes).map(|(g, size)| g * size).collect();
        let most = changes.iter().fold(0.0_f64, |most, change| most.max(change.abs()));
        let along = changes.iter().zip(&sizes).map(|(change, size)| -(change / most) * size);
        self.direction.iter_mut().zip(along).for_each(|(d, along)| *d = along);
        most > 0.0 && most.is_finite()
    }

    /// Measures the parameters by their sizes from now on, unless these are alike: curvatures that differ by more than
    /// rounding tells hide from the memory what a parameter has still to gain.
    fn measure_by_size(&mut self) -> bool {
        /// Sizes are alike up to this factor.
        const ALIKE: f64 = 1024.0;
        let sizes = self.sizes();
        let least = sizes.iter().copied().fold(f64::INFINITY, f64::min);
        let most = sizes.iter().copied().fold(0.0, f64::max);
        let is_unlike = most > ALIKE * least;
        if is_unlike {
            self.memory.measure(sizes);
            self.measured = Some(self.here.value);
        }
        is_unlike
    }

    /// Whether a gain that the memory foresees is little: as a share of the loss, or of the whole fall where it was that
    /// before the parameters were measured.
    fn is_little(&self, gain: f64) -> bool {
        /// What is foreseen may be so many times less than there is.
        const FORESEEN: f64 = 1e-4;
        let whole = (self.start.1 - self.here.value).abs();
        gain <= self.options.gain * self.here.value.abs()
            || (self.is_told() && gain <= FORESEEN * MORE * whole)
    }

    /// Whether the loss has fallen by little, of the whole fall, since the parameters were measured.
    fn is_told(&self) -> bool {
        let value = self.here.value;
        let least = MORE * (self.start.1 - value).abs();
        self.measured.is_some_and(|before| before - value <= least)
    }

    /// Whether all but the rounding of the slopes met is gone.
    fn is_almost_flat(&self) -> bool {
        self.is_hidden(norm(&self.here.gradient))
    }

    /// Whether a slope is no more than the rounding of the steepest one.
    fn is_hidden(&self, slope: f64) -> bool {
        slope <= f64::EPSILON.sqrt() * self.steepest
    }

    /// How far the first trial goes.
    fn first_step(&self, slope: f64) -> f64 {
        if !self.memory.is_empty() || self.measured.is_some() {
            return 1.0;
        }
        // To where the loss would be 0 if its slope stayed; else as far as the point is from 0.
        let by_value = self.here.value.abs() / -slope;
        let by_size = norm(&self.here.x) / norm(&self.direction);
        let fits = |t: &f64| t.is_finite() && *t > 0.0;
        [by_value, by_size].into_iter().find(fits).unwrap_or(1.0)
    }

    /// How far a step goes that changes a parameter.
    fn least_step(&self) -> f64 {
        let moved = self.here.x.iter().zip(&self.direction).filter(|(_, d)| **d != 0.0);
        let least = moved.map(|(x, d)| 0.25 * f64::EPSILON * x.abs() / d.abs());
        least.fold(f64::INFINITY, f64::min)
    }

    #[track_caller]
    fn search<E>(&mut self, slope: f64) -> Result<Searched, Halt<E>>
    where
        O: Evaluate<f64, E>,
    {
        let start = OnLine { t: 0.0, value: self.here.value, slope };
        let mut bracket = Bracket::new(start, self.least_step());
        let mut t = self.first_step(slope);
        self.lowest.value = f64::INFINITY;
        loop {
            if self.evaluations >= self.options.evaluations {
                self.go_to_lowest();
                return Ok(Searched::Failed(Stopped::Evaluations));
            }
            let point = self.evaluate(t)?;
            let verdict = bracket.take(point);
            if verdict == Verdict::Fits {
                let before = (&self.here.x[..], &self.here.gradient[..]);
                self.memory.learn(before, (&self.there.x, &self.there.gradient));
                std::mem::swap(&mut self.here, &mut self.there);
                self.iterations += 1;
                return Ok(Searched::Went);
            }
            if bracket.low == point && point.value < self.lowest.value {
                self.lowest.clone_from(&self.there);
            }
            let why = match verdict {
                Verdict::Try(next) => {
                    t = next;
                    continue;
                }
                Verdict::Kink => {
                    self.jump = bracket.jump() / norm(&self.direction);
                    Stopped::Kink
                }
                Verdict::Refused => Stopped::Refused,
                Verdict::Unbounded => Stopped::Unbounded,
                Verdict::Rounding | Verdict::Fits => Stopped::Rounding,
            };
            self.go_to_lowest();
            return Ok(Searched::Failed(why));
        }
    }

    /// What is lower than where the line began is kept.
    fn go_to_lowest(&mut self) {
        if self.lowest.value < self.here.value {
            self.here.clone_from(&self.lowest);
            self.iterations += 1;
        }
    }

    #[track_caller]
    fn evaluate<E>(&mut self, t: f64) -> Result<OnLine, Halt<E>>
    where
        O: Evaluate<f64, E>,
    {
        let way = self.here.x.iter().zip(&self.direction);
        self.there.x.iter_mut().zip(way).for_each(|(to, (from, d))| *to = from + t * d);
        self.evaluations += 1;
        let there = &mut self.there;
        there.value = if there.x.iter().all(|x| x.is_finite()) {
            self.objective.evaluate(&there.x, &mut there.gradient)?
        } else {
            f64::NEG_INFINITY
        };
        there.measure(self.unit);
        // A number that leaves the range by its unit alone is no end of the loss.
        let is_told = there.raw == f64::NEG_INFINITY || there.is_finite();
        let value = if is_told { there.value } else { f64::INFINITY };
        Ok(OnLine { t, value, slope: dot(&self.direction, &there.gradient) })
    }
}
