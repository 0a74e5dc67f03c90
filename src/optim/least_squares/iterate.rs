//! The iteration of [`LeastSquares`](super::LeastSquares).

use super::builder::LeastSquaresBuilder;
use super::model::{Model, Point, Units};
use super::{LeastSquaresError, LeastSquaresProblem};
use crate::optim::{Bounds, Stopped};
use nalgebra::DVector;

/// Where no more than this share of the cost is left to gain, it may drown in the rounding of the cost.
const DOUBTFUL: f64 = 1e-8;
/// By how much of itself the cost may seem to rise there, and the most that may be left at an end.
const ROUNDING: f64 = 1e-10;
/// How many steps in turn, each a quarter of the one before, may be no better before rounding is the reason.
const UNTOLD: usize = 6;

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
    Better(Box<(Point, Model)>),
    /// It is not lower by what counts: it won so much.
    Worse { won: f64 },
    /// It is as low but for rounding, and not flatter.
    Untold,
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
    point.check_reach(options.robust)?;
    let mut units = Units::of(&point, options.robust);
    point.weigh(&units);
    let mut model = Model::at(&point, &units, bounds);
    units.raise(&model);
    let (mut evaluations, mut steps) = (1, 0);
    let mut radius = match options.reach * units.size(start) {
        0.0 => f64::INFINITY,
        reach => reach,
    };
    let mut refused = false;
    // Whether little was left before the last step, and a short way; how often in turn neither the cost
    // nor the slope told that a step is better, where the cost may not.
    let (mut was_little, mut was_short, mut untold) = (false, false, 0);
    let stopped = loop {
        if model.cosine <= options.gtol {
            break Stopped::Flat;
        }
        // What is left as the point's own model sees it: that of the point before may have been far off.
        let is_little = model.left <= options.ftol * point.cost;
        let is_short = model.is_short(&point.x, options.xtol);
        if was_little && is_little {
            break Stopped::Gain;
        }
        if was_short && is_short {
            break Stopped::Step;
        }
        let whole_length = model.length(&model.whole, &units);
        // A step that the radius cuts short does not tell how far the end is.
        let is_whole = whole_length <= 1.1 * radius;
        let (step, length) = if is_whole {
            (model.whole.clone(), whole_length)
        } else {
            let step = model.step(&units, radius);
            let length = model.length(&step, &units);
            (step, length)
        };
        let gain = model.reduced.gain(&step);
        let next = model.moved(&point.x, &step, bounds);
        if next == point.x {
            break match (is_whole, refused) {
                (true, _) => Stopped::Step,
                (false, true) => Stopped::Refused,
                (false, false) => settled(&point, &model),
            };
        }
        // NaN too.
        if gain.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
            break settled(&point, &model);
        }
        if evaluations == options.evaluations {
            break Stopped::Evaluations;
        }
        evaluations += 1;
        if steps == 0 {
            radius = radius.min(length);
        }
        let next = evaluate(next, &mut problem, &units, count)?;
        refused = false;
        match tried(&point, &model, gain, next, &units, bounds) {
            Tried::Refused => {
                refused = true;
                radius = 0.25 * length;
            }
            Tried::Worse { .. } | Tried::Untold if model.is_hidden(&point) => {
                break Stopped::Rounding;
            }
            Tried::Worse { won } => radius = shortened(&step, length, &model, won, radius),
            Tried::Untold => {
                untold += 1;
                if untold == UNTOLD {
                    break settled(&point, &model);
                }
                radius = 0.25 * length;
            }
            Tried::Better(better) => {
                let (next, at_next) = *better;
                let won = point.cost - next.cost;
                let ratio = won / gain;
                let is_doubtful = model.left <= DOUBTFUL * point.cost;
                if is_doubtful || ratio >= 0.75 || (ratio > 0.25 && is_whole) {
                    radius = radius.max(2.0 * length);
                } else if ratio <= 0.25 {
                    radius = shortened(&step, length, &model, won, radius);
                }
                (was_little, was_short) = (is_little, is_short);
                let moves: Vec<f64> =
                    next.x.iter().zip(&point.x).map(|(to, from)| to - from).collect();
                (point, model) = (next, at_next);
                // Where columns have grown, the region still is as far across as the step was long.
                let before = units.size(&moves);
                units.raise(&model);
                let after = units.size(&moves);
                if after > before {
                    radius *= after / before;
                }
                if let Some(times) = units.lower(&point) {
                    radius *= times;
                    point.weigh(&units);
                    model = Model::at(&point, &units, bounds);
                }
                steps += 1;
                untold = 0;
                if won < 1e-4 * gain && model.is_hidden(&point) {
                    break Stopped::Rounding;
                }
            }
        }
        if radius <= options.xtol * units.size(&point.x) {
            break if refused { Stopped::Refused } else { settled(&point, &model) };
        }
    };
    Ok(Arrived { point, units, model, stopped, evaluations, steps })
}

/// What an end is where no step was better: by rounding, if what is left to gain may be that.
fn settled(point: &Point, model: &Model) -> Stopped {
    let is_little = model.left <= ROUNDING * point.cost && model.cosine.powi(2) <= ROUNDING;
    if is_little || model.is_hidden(point) { Stopped::Rounding } else { Stopped::Stalled }
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
    units: &Units,
    bounds: Option<&Bounds>,
) -> Tried {
    let Some(next) = next else { return Tried::Refused };
    let at = |next: &Point| Model::at(next, units, bounds);
    let won = point.cost - next.cost;
    if won >= 1e-4 * gain {
        let at_next = at(&next);
        return Tried::Better(Box::new((next, at_next)));
    }
    if model.left > DOUBTFUL * point.cost || next.cost > point.cost * (1.0 + ROUNDING) {
        return Tried::Worse { won };
    }
    // The cost cannot tell. What the columns explain of the residuals can: it vanishes at the end, and so
    // does its rounding.
    let at_next = at(&next);
    if at_next.left < model.left { Tried::Better(Box::new((next, at_next))) } else { Tried::Untold }
}

/// The radius after a step that won less than its model said, to the minimum of a parabola along it.
fn shortened(step: &DVector<f64>, length: f64, model: &Model, won: f64, radius: f64) -> f64 {
    let slope = -model.reduced.gradient().dot(step);
    let share = if won >= 0.0 { 0.5 } else { 0.5 * slope / (slope - won) };
    share.clamp(0.1, 0.5) * radius.min(10.0 * length)
}
