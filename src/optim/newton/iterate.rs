//! The iteration of [`Newton`](super::Newton).

use super::point::Point;
use super::units::{Model, Units};
use super::{NewtonBuilder, NewtonError, NewtonProblem, Stationary, Stopped};

/// Where no more than this share of the loss is left to gain, it may drown in the loss's rounding.
const DOUBTFUL: f64 = 1e-10;
/// By how much of itself the loss may seem to rise there, and the most that may be left at an end.
const ROUNDING: f64 = 1e-12;
/// How many steps in turn, each a quarter of the one before, may be no better before rounding is the reason.
const UNTOLD: usize = 6;

/// From a start to an end.
pub(super) fn run(
    options: &NewtonBuilder,
    start: &[f64],
    mut problem: impl NewtonProblem,
) -> Result<Stationary, NewtonError> {
    if let Some(i) = start.iter().position(|x| !x.is_finite()) {
        return Err(NewtonError::NonFiniteParameter { place: i.into(), value: start[i] });
    }
    let mut point = Point::evaluate(start.to_vec(), &mut problem)?;
    point.check_finite()?;
    let mut units = Units::of(&point);
    let mut model = units.model(&point);
    let mut radius = first_radius(options, &units, &model, start);
    let (mut evaluations, mut steps, mut refused) = (1, 0, false);
    // Whether little was left before the last step, and a short way; how often in turn neither the loss nor
    // the slope told that a step is better, where the loss may not.
    let (mut was_little, mut was_short, mut untold) = (false, false, 0);
    // The last point asked that is not this one.
    let mut other: Option<Point> = None;
    let stopped = loop {
        let [least, _, hidden] = model.quadratic.curvatures();
        if point.gradient.iter().all(|&g| g == 0.0) && least >= -hidden {
            break Stopped::Flat;
        }
        // What is left as the point's own model sees it: that of the point before may have been far off.
        let is_little = model.left <= options.ftol * point.value.abs();
        let is_short = model.is_short(&point.x, options.xtol);
        if was_little && is_little {
            break Stopped::Gain;
        }
        if was_short && is_short {
            break Stopped::Step;
        }
        let whole = model.whole.clone().filter(|whole| units.size(whole) <= 1.1 * radius);
        let is_whole = whole.is_some();
        let moves = whole.unwrap_or_else(|| units.moves(&point, radius));
        let (length, gain) = (units.size(&moves), model.gain(&moves));
        let next: Vec<f64> = point.x.iter().zip(&moves).map(|(x, p)| x + p).collect();
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
        match evaluate(next, &mut problem)? {
            None => (refused, radius) = (true, 0.25 * length),
            Some(next) => {
                refused = false;
                let won = point.value - next.value;
                let is_doubtful = model.left <= DOUBTFUL * point.value.abs()
                    && -won <= ROUNDING * point.value.abs();
                let at_next = units.model(&next);
                if won >= 1e-4 * gain || (is_doubtful && at_next.left < model.left) {
                    if is_doubtful || won >= 0.75 * gain {
                        radius = radius.max(2.0 * length);
                    } else if won < 0.25 * gain {
                        radius = 0.5 * length;
                    }
                    (was_little, was_short) = (is_little, is_short);
                    other = Some(std::mem::replace(&mut point, next));
                    model = at_next;
                    // Where curvatures have grown, the region still is as far across as the step was long.
                    units.raise(&point);
                    let after = units.size(&moves);
                    if after > length {
                        radius *= after / length;
                    }
                    (steps, untold) = (steps + 1, 0);
                    if won < 1e-4 * gain && model.is_hidden(&point) {
                        break Stopped::Rounding;
                    }
                } else {
                    other = Some(next);
                    untold += usize::from(is_doubtful);
                    if model.is_hidden(&point) {
                        break Stopped::Rounding;
                    }
                    if untold == UNTOLD {
                        break settled(&point, &model);
                    }
                    radius = (0.25 * length).min(radius);
                }
            }
        }
        if radius <= options.xtol * units.size(&point.x) {
            break if refused { Stopped::Refused } else { settled(&point, &model) };
        }
    };
    let is_steady = model.is_steady(&point, other.as_ref());
    Ok(Stationary { point, model, is_steady, stopped, evaluations, steps })
}

/// What an end is where no step was better: by rounding, if what is left to gain may be that.
fn settled(point: &Point, model: &Model) -> Stopped {
    if model.left <= ROUNDING * point.value.abs() || model.is_hidden(point) {
        Stopped::Rounding
    } else {
        Stopped::Stalled
    }
}

/// The reach times the start's size, or a size that slope and curvature tell.
fn first_radius(options: &NewtonBuilder, units: &Units, model: &Model, start: &[f64]) -> f64 {
    let size = units.size(start);
    if size > 0.0 {
        return options.reach * size;
    }
    let [least, greatest, _] = model.quadratic.curvatures();
    let by_slope = model.quadratic.gradient.norm() / greatest.abs().max(least.abs());
    if by_slope > 0.0 && by_slope.is_finite() { by_slope } else { 1.0 }
}

/// The problem at a point, if it is defined there.
fn evaluate(x: Vec<f64>, problem: &mut impl NewtonProblem) -> Result<Option<Point>, NewtonError> {
    match Point::evaluate(x, problem) {
        Ok(point) => Ok(point.check_finite().is_ok().then_some(point)),
        // Wrong lengths are mistakes, wherever they are made.
        Err(error @ (NewtonError::GradientLength { .. } | NewtonError::HessianLength { .. })) => {
            Err(error)
        }
        Err(_) => Ok(None),
    }
}
