//! The iteration of [`LeastSquares`](super::LeastSquares).

use super::builder::LeastSquaresBuilder;
use super::model::{Model, Point, Units};
use super::step::{Limits, bounded};
use super::{LeastSquaresError, LeastSquaresProblem};
use crate::optim::{Bounds, Stopped};
use nalgebra::DVector;

/// Below this share of the cost a gain may drown in the rounding of the cost.
const DOUBTFUL: f64 = 1e-8;
/// By how much of itself the cost may seem to rise where gains are doubtful.
const ROUNDING: f64 = 1e-10;

/// Where it ended.
pub(super) struct Arrived {
    pub(super) point: Point,
    pub(super) units: Units,
    pub(super) model: Model,
    pub(super) stopped: Stopped,
    pub(super) evaluations: usize,
    pub(super) steps: usize,
}

/// What became of a step.
enum Tried {
    /// The problem is refused there, or not finite.
    Refused,
    /// It is lower, or as low but for rounding and flatter.
    Better(Point, Model),
    /// It is not lower.
    Worse(Point),
    /// It is as low but for rounding, and not flatter.
    Same,
}

/// From a start to an end.
pub(super) fn run(
    options: &LeastSquaresBuilder,
    start: &[f64],
    mut problem: impl LeastSquaresProblem,
) -> Result<Arrived, LeastSquaresError> {
    let bounds = options.bounds.as_ref();
    check_start(start, bounds)?;
    let mut point = Point::evaluate(start.to_vec(), &mut problem, None)?;
    let count = point.residuals.len();
    let may_move = |j: &usize| bounds.is_none_or(|bounds| bounds.lower()[*j] < bounds.upper()[*j]);
    let expected = (0..start.len()).filter(may_move).count();
    if count < expected {
        return Err(LeastSquaresError::TooFewResiduals { expected, found: count });
    }
    point.check_finite()?;
    let mut units = Units::of(&point, options.robust);
    point.weigh(&units);
    let mut model = Model::at(&point, &mut units, bounds);
    let (mut evaluations, mut steps) = (1, 0);
    let mut radius = match options.reach * units.size(start) {
        0.0 => f64::INFINITY,
        reach => reach,
    };
    let mut refused = false;
    let stopped = loop {
        if model.cosine <= options.gtol {
            break Stopped::Flat;
        }
        let limits = bounds.map(|bounds| limits(bounds, &point.x, &model.free, &units));
        let step = bounded(&model.reduced, limits.as_ref(), radius);
        let (length, gain) = (step.norm(), model.reduced.gain(&step));
        let next = moved(&point.x, &step, &model.free, &units, limits.as_ref().zip(bounds));
        if next == point.x {
            break if refused { Stopped::Refused } else { Stopped::Step };
        }
        // NaN too.
        if gain.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
            break Stopped::Rounding;
        }
        if evaluations == options.evaluations {
            break Stopped::Evaluations;
        }
        evaluations += 1;
        // As long as the step is not cut short by the radius, it tells how far the end is.
        let is_whole = length < radius;
        if steps == 0 {
            radius = radius.min(length);
        }
        let next = evaluate(next, &mut problem, &units, count)?;
        refused = false;
        match tried(&point, &model, gain, next, &mut units, bounds) {
            Tried::Refused => {
                refused = true;
                radius = 0.25 * length;
            }
            Tried::Worse(next) => {
                radius = shortened(&step, &model, point.cost - next.cost, radius);
            }
            Tried::Same => break Stopped::Rounding,
            Tried::Better(next, at_next) => {
                let ratio = (point.cost - next.cost) / gain;
                if gain <= DOUBTFUL * point.cost || ratio >= 0.75 || (ratio > 0.25 && is_whole) {
                    radius = radius.max(2.0 * length);
                } else if ratio <= 0.25 {
                    radius = shortened(&step, &model, point.cost - next.cost, radius);
                }
                let little = gain <= options.ftol * point.cost;
                (point, model) = (next, at_next);
                steps += 1;
                if is_whole && little {
                    break Stopped::Gain;
                }
                if is_whole && length <= options.xtol * units.size(&point.x) {
                    break Stopped::Step;
                }
            }
        }
        if radius <= options.xtol * units.size(&point.x) {
            break if refused { Stopped::Refused } else { Stopped::Step };
        }
    };
    Ok(Arrived { point, units, model, stopped, evaluations, steps })
}

/// `Ok` if the parameters are finite and within the bounds.
fn check_start(start: &[f64], bounds: Option<&Bounds>) -> Result<(), LeastSquaresError> {
    if let Some(i) = start.iter().position(|x| !x.is_finite()) {
        return Err(LeastSquaresError::NonFiniteParameter { place: i.into(), value: start[i] });
    }
    let Some(bounds) = bounds else { return Ok(()) };
    bounds.check_length(start.len())?;
    let outside = |i: &usize| bounds.nearest(*i, start[*i]) != start[*i];
    match (0..start.len()).find(outside) {
        None => Ok(()),
        Some(i) => Err(LeastSquaresError::OutsideBounds {
            place: i.into(),
            value: start[i],
            lower: bounds.lower()[i],
            upper: bounds.upper()[i],
        }),
    }
}

/// The problem at a point, if it is defined there.
fn evaluate(
    x: Vec<f64>,
    problem: &mut impl LeastSquaresProblem,
    units: &Units,
    count: usize,
) -> Result<Option<Point>, LeastSquaresError> {
    let mut point = match Point::evaluate(x, problem, Some(count)) {
        Ok(point) => point,
        // Wrong lengths are mistakes, wherever they are made.
        Err(
            error @ (LeastSquaresError::ResidualCount { .. }
            | LeastSquaresError::JacobianLength { .. }),
        ) => return Err(error),
        Err(_) => return Ok(None),
    };
    if point.check_finite().is_err() {
        return Ok(None);
    }
    point.weigh(units);
    Ok(point.cost.is_finite().then_some(point))
}

/// Judges a step that should gain so much.
fn tried(
    point: &Point,
    model: &Model,
    gain: f64,
    next: Option<Point>,
    units: &mut Units,
    bounds: Option<&Bounds>,
) -> Tried {
    let Some(next) = next else { return Tried::Refused };
    if point.cost - next.cost >= 1e-4 * gain {
        let at_next = Model::at(&next, units, bounds);
        return Tried::Better(next, at_next);
    }
    if gain > DOUBTFUL * point.cost || next.cost > point.cost * (1.0 + ROUNDING) {
        return Tried::Worse(next);
    }
    // The cost cannot tell. What the columns explain of the residuals can: it vanishes at the end, and so
    // does its rounding.
    let at_next = Model::at(&next, units, bounds);
    if decrement(&at_next) <= 0.95 * decrement(model) {
        Tried::Better(next, at_next)
    } else {
        Tried::Same
    }
}

/// The length of the residuals that some step takes away.
fn decrement(model: &Model) -> f64 {
    let all: Vec<usize> = (0..model.free.len()).collect();
    model.reduced.factors(&all, &DVector::zeros(all.len())).decrement()
}

/// The radius after a step that won less than its model said, to the minimum of a parabola along it.
fn shortened(step: &DVector<f64>, model: &Model, won: f64, radius: f64) -> f64 {
    let slope = -model.reduced.gradient().dot(step);
    let share = if won >= 0.0 { 0.5 } else { 0.5 * slope / (slope - won) };
    share.clamp(0.1, 0.5) * radius.min(10.0 * step.norm())
}

/// How far the parameters may go, in their units.
fn limits(bounds: &Bounds, x: &[f64], free: &[usize], units: &Units) -> Limits {
    let scaled = |far: &dyn Fn(usize) -> f64| {
        DVector::from_iterator(free.len(), free.iter().map(|&j| far(j) * units.scale[j]))
    };
    Limits {
        down: scaled(&|j| x[j] - bounds.lower()[j]),
        up: scaled(&|j| bounds.upper()[j] - x[j]),
    }
}

/// The parameters after a step; at their bounds to the bit where it goes so far.
fn moved(
    x: &[f64],
    step: &DVector<f64>,
    free: &[usize],
    units: &Units,
    limits: Option<(&Limits, &Bounds)>,
) -> Vec<f64> {
    let mut next = x.to_vec();
    for (i, &j) in free.iter().enumerate() {
        next[j] += step[i] / units.scale[j];
        if let Some((limits, bounds)) = limits {
            next[j] = if step[i] <= -limits.down[i] {
                bounds.lower()[j]
            } else if step[i] >= limits.up[i] {
                bounds.upper()[j]
            } else {
                bounds.nearest(j, next[j])
            };
        }
    }
    next
}
