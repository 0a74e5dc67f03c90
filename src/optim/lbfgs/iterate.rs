//! The iteration of L-BFGS.

use super::line::{Bracket, OnLine, Verdict};
use super::memory::{Memory, dot, norm};
use super::{LbfgsBuilder, LbfgsEnd};
use crate::optim::Stopped;
use crate::optim::error::{Halt, OptimError};
use crate::optim::search::Evaluate;

/// A point, its value and its gradient.
#[derive(Clone, Debug)]
struct Point {
    x: Vec<f64>,
    value: f64,
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

    fn is_finite(&self) -> bool {
        self.value.is_finite() && self.gradient.iter().all(|g| g.is_finite())
    }
}

/// By how much a value has to outgrow the first one, downwards, to be doubted.
const GROWN: f64 = (1_u64 << 20) as f64;

/// What a search along one line came to.
enum Searched {
    /// It is at another point.
    Went,
    Failed(Stopped),
}

struct Iteration<'a, O> {
    options: &'a LbfgsBuilder,
    objective: O,
    here: Point,
    /// Where a trial is.
    there: Point,
    /// The lowest point of a line on which none fits.
    lowest: Point,
    direction: Vec<f64>,
    /// Where the run began, and the value there.
    start: (Vec<f64>, f64),
    memory: Memory,
    /// The greatest norm of a gradient met.
    steepest: f64,
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
    let mut here = Point { x: x.to_vec(), value: f64::NAN, gradient: vec![0.0; x.len()] };
    here.value = objective.evaluate(&here.x, &mut here.gradient)?;
    if let Some(fault) = here.fault() {
        return Err(fault.into());
    }
    let mut iteration = Iteration {
        options,
        objective,
        there: here.clone(),
        lowest: here.clone(),
        direction: vec![0.0; x.len()],
        start: (here.x.clone(), here.value),
        here,
        memory: Memory::new(options.memory),
        steepest: 0.0,
        iterations: 0,
        evaluations: 1,
    };
    let ending = iteration.descend();
    x.copy_from_slice(&iteration.here.x);
    let Iteration { here, iterations, evaluations, .. } = iteration;
    let (value, slope) = (here.value, norm(&here.gradient));
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
            if length <= self.options.flat {
                return Ok(Stopped::Flat);
            }
            self.steepest = self.steepest.max(length);
            self.direction.copy_from_slice(&self.here.gradient);
            self.memory.solve(&mut self.direction);
            self.direction.iter_mut().for_each(|d| *d = -*d);
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
            if !self.memory.is_empty() && -slope <= self.options.gain * self.here.value.abs() {
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
                // What is left of the slope may be rounding, which jumps too.
                Searched::Failed(Stopped::Kink) if self.is_almost_flat() => {
                    if let Some(why) = self.doubt(Stopped::Rounding)? {
                        return Ok(why);
                    }
                    failed = false;
                }
                Searched::Failed(why) => {
                    if failed
                        && self.memory.is_empty()
                        && let Some(why) = self.doubt(why)?
                    {
                        return Ok(why);
                    }
                    self.memory.clear();
                    failed = true;
                }
            }
        }
    }

    /// The end, unless the loss falls on: a value that has grown beyond all that the run began with may hide the
    /// slope itself. What falls without end does so along the way from the start, or nearly, so that a few times
    /// as far tells.
    #[track_caller]
    fn doubt<E>(&mut self, why: Stopped) -> Result<Option<Stopped>, Halt<E>>
    where
        O: Evaluate<f64, E>,
    {
        if self.here.value > -GROWN * self.start.1.abs() {
            return Ok(Some(why));
        }
        let way = self.here.x.iter().zip(&self.start.0);
        self.direction.iter_mut().zip(way).for_each(|(d, (x, from))| *d = x - from);
        let (mut t, mut went) = (1.0, false);
        while self.evaluations < self.options.evaluations {
            let point = self.evaluate(t)?;
            if point.value == f64::NEG_INFINITY {
                return Ok(Some(Stopped::Unbounded));
            }
            let is_lower = point.value < self.here.value * (1.0 + f64::EPSILON.sqrt());
            if !is_lower {
                break;
            }
            std::mem::swap(&mut self.here, &mut self.there);
            self.iterations += 1;
            (t, went) = (4.0 * t, true);
        }
        self.memory.clear();
        Ok((!went).then_some(why))
    }

    /// Whether all but the rounding of the slopes met is gone.
    fn is_almost_flat(&self) -> bool {
        norm(&self.here.gradient) <= f64::EPSILON.sqrt() * self.steepest
    }

    /// How far the first trial goes.
    fn first_step(&self, slope: f64) -> f64 {
        if !self.memory.is_empty() {
            return 1.0;
        }
        // To where the loss would be 0 if its slope stayed; else as far as the point is from 0.
        let by_value = self.here.value.abs() / -slope;
        let by_size = norm(&self.here.x) / norm(&self.direction);
        let fits = |t: &f64| t.is_finite() && *t > 0.0;
        [by_value, by_size].into_iter().find(fits).unwrap_or(1.0)
    }

    #[track_caller]
    fn search<E>(&mut self, slope: f64) -> Result<Searched, Halt<E>>
    where
        O: Evaluate<f64, E>,
    {
        let mut bracket = Bracket::new(OnLine { t: 0.0, value: self.here.value, slope });
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
                Verdict::Kink => Stopped::Kink,
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
        let value = match there.value {
            value if value == f64::NEG_INFINITY || there.is_finite() => value,
            _ => f64::INFINITY,
        };
        Ok(OnLine { t, value, slope: dot(&self.direction, &there.gradient) })
    }
}
