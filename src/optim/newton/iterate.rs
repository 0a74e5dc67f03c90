//! The iteration of [`Newton`](super::Newton).

use super::point::Point;
use super::step::Quadratic;
use super::{NewtonBuilder, NewtonError, NewtonProblem, Stationary, Stopped};
use crate::optim::least_squares::factor::power_of_two;
use nalgebra::{DMatrix, DVector};

/// Below this share of the loss a gain may drown in the loss's rounding.
const DOUBTFUL: f64 = 1e-10;
/// By how much of itself the loss may seem to rise where gains are doubtful.
const ROUNDING: f64 = 1e-12;

/// The units of the parameters and of the loss, powers of two all.
#[derive(Clone, Debug)]
struct Units {
    /// Twice the exponent of a scale is an exponent of a curvature, less that of the first one met.
    reference: i32,
    scale: Vec<f64>,
    unit: f64,
}

impl Units {
    fn of(point: &Point) -> Self {
        let n = point.x.len();
        let mut curvatures = (0..n).map(|i| point.hessian[i * n + i].abs());
        let reference = curvatures.find(|&c| c > 0.0).map_or(0, exponent);
        let mut units = Units { reference, scale: vec![0.0; n], unit: 1.0 };
        units.raise(point);
        let numbers = point.gradient.iter().zip(&units.scale).map(|(g, scale)| g.abs() / scale);
        let entries = (0..n * n)
            .map(|at| point.hessian[at].abs() / units.scale[at / n] / units.scale[at % n]);
        let greatest = numbers.chain(entries).fold(0.0, f64::max);
        units.unit = Some(power_of_two(greatest)).filter(|&unit| unit > 0.0).unwrap_or(1.0);
        units
    }

    /// Raises the scales to the curvatures of a point.
    fn raise(&mut self, point: &Point) {
        let n = point.x.len();
        for (i, scale) in self.scale.iter_mut().enumerate() {
            let curvature = point.hessian[i * n + i].abs();
            if curvature > 0.0 {
                let root = (exponent(curvature) - self.reference).div_euclid(2);
                *scale = scale.max(2.0_f64.powi(root));
            } else if *scale == 0.0 {
                *scale = 1.0;
            }
        }
    }

    fn size(&self, x: &[f64]) -> f64 {
        x.iter().zip(&self.scale).map(|(x, scale)| (x * scale).powi(2)).sum::<f64>().sqrt()
    }

    fn model(&mut self, point: &Point) -> Quadratic {
        self.raise(point);
        let n = point.x.len();
        let by = |i: usize| self.scale[i];
        let gradient = DVector::from_fn(n, |i, _| point.gradient[i] / by(i) / self.unit);
        // Of what is not quite symmetric, the mean.
        let hessian = DMatrix::from_fn(n, n, |i, j| {
            let both = 0.5 * point.hessian[i * n + j] + 0.5 * point.hessian[j * n + i];
            both / by(i) / by(j) / self.unit
        });
        Quadratic::of(hessian, gradient)
    }
}

/// `e` of `2^e ≤ x < 2^(e+1)`.
fn exponent(x: f64) -> i32 {
    (power_of_two(x).to_bits() >> 52 & 0x7ff) as i32 - 1023
}

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
    let stopped = loop {
        let [least, _, hidden] = model.curvatures();
        if model.gradient.iter().all(|&g| g == 0.0) && least >= -hidden {
            break Stopped::Flat;
        }
        let step = model.step(radius);
        let (length, gain) = (step.norm(), model.gain(&step) * units.unit);
        let moves = step.iter().zip(&units.scale).map(|(p, scale)| p / scale);
        let next: Vec<f64> = point.x.iter().zip(moves).map(|(x, p)| x + p).collect();
        if next == point.x {
            break if refused { Stopped::Refused } else { Stopped::Step };
        }
        if gain.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
            break Stopped::Rounding;
        }
        if evaluations == options.evaluations {
            break Stopped::Evaluations;
        }
        evaluations += 1;
        let is_whole = length < 0.9 * radius;
        let Some(next) = evaluate(next, &mut problem)? else {
            (refused, radius) = (true, 0.25 * length);
            continue;
        };
        refused = false;
        let won = point.value - next.value;
        let is_doubtful =
            gain <= DOUBTFUL * point.value.abs() && -won <= ROUNDING * point.value.abs();
        if won < 1e-4 * gain && !is_doubtful {
            radius = (0.25 * length).min(radius);
        } else {
            let at_next = units.model(&next);
            if won < 1e-4 * gain && at_next.gradient.norm() > 0.95 * model.gradient.norm() {
                break Stopped::Rounding;
            }
            if is_doubtful || won >= 0.75 * gain {
                radius = radius.max(2.0 * length);
            } else if won < 0.25 * gain {
                radius = 0.5 * length;
            }
            (point, model) = (next, at_next);
            steps += 1;
            if is_whole && gain <= options.ftol * point.value.abs() {
                break Stopped::Gain;
            }
            if is_whole && length <= options.xtol * units.size(&point.x) {
                break Stopped::Step;
            }
        }
        if radius <= options.xtol * units.size(&point.x) {
            break Stopped::Step;
        }
    };
    let Units { scale, unit, .. } = units;
    Ok(Stationary { point, scale, unit, model, stopped, evaluations, steps })
}

/// The reach times the start's size, or a size that slope and curvature tell.
fn first_radius(options: &NewtonBuilder, units: &Units, model: &Quadratic, start: &[f64]) -> f64 {
    let size = units.size(start);
    if size > 0.0 {
        return options.reach * size;
    }
    let [least, greatest, _] = model.curvatures();
    let by_slope = model.gradient.norm() / greatest.abs().max(least.abs());
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
