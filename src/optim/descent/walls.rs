//! Bounds as walls of a model: [`Walls`].

use super::units::Units;
use crate::optim::Bounds;
use crate::polyhedral::model::{Line, Model};

/// The bounds of the parameters, in their units: lines of a model that are at their kinks there, and so
/// steep outside that no minimum of the model lies there. It is no penalty: the loss is never asked for
/// outside, and the slope at which a wall holds is the bound's multiplier.
#[derive(Clone, Debug, Default)]
pub(super) struct Walls {
    /// Below and above, by parameter.
    limits: Vec<[f64; 2]>,
    /// How many times as steep as any gradient of the model they are.
    steepness: f64,
}

impl Walls {
    pub(super) fn of(bounds: Option<&Bounds>, units: &Units) -> Self {
        let Some(bounds) = bounds else { return Walls::default() };
        let [lower, upper] = [bounds.lower(), bounds.upper()].map(|x| units.measure(x));
        let limits = lower.into_iter().zip(upper).map(|(lower, upper)| [lower, upper]).collect();
        Walls { limits, steepness: 4.0 }
    }

    /// Moves a point to the nearest within.
    pub(super) fn keep(&self, x: &mut [f64]) {
        for (x, [lower, upper]) in x.iter_mut().zip(&self.limits) {
            *x = x.clamp(*lower, *upper);
        }
    }

    /// Moves a point onto a wall, by its number less that of the first.
    pub(super) fn meet(&self, x: &mut [f64], wall: usize) {
        x[wall / 2] = self.limits[wall / 2][wall % 2];
    }

    /// A direction, turned inwards by the parameters that are at a wall.
    pub(super) fn inwards(&self, x: &[f64], mut way: Vec<f64>) -> Vec<f64> {
        for ((way, x), [lower, upper]) in way.iter_mut().zip(x).zip(&self.limits) {
            if x <= lower {
                *way = way.abs();
            } else if x >= upper {
                *way = -way.abs();
            }
        }
        way
    }

    /// Whether all parameters are between two walls: no loss falls without end there.
    pub(super) fn are_closed(&self) -> bool {
        !self.limits.is_empty()
            && self.limits.iter().all(|limits| limits.iter().all(|limit| limit.is_finite()))
    }

    /// How far it is from a point within to the first wall on a way.
    pub(super) fn room(&self, x: &[f64], way: &[f64]) -> f64 {
        let rooms = x.iter().zip(way).zip(&self.limits).map(|((x, way), [lower, upper])| {
            let wall = if *way > 0.0 { upper } else { lower };
            if *way == 0.0 { f64::INFINITY } else { ((wall - x) / way).max(0.0) }
        });
        rooms.fold(f64::INFINITY, f64::min)
    }

    /// Adds the walls to the model around `x`, as kinks that are numbered from `first` on: twice a
    /// parameter's place, and one more for its upper bound.
    pub(super) fn build(&self, model: &mut Model, x: &[f64], first: usize) {
        if self.limits.is_empty() {
            return;
        }
        let steepest = model.steepest_by_variable();
        let mut row = vec![0.0; x.len()];
        for (j, limits) in self.limits.iter().enumerate() {
            for (side, (wall, inwards)) in limits.iter().zip([1.0, -1.0]).enumerate() {
                if wall.is_finite() {
                    let slope = -self.steepness * if steepest[j] > 0.0 { steepest[j] } else { 1.0 };
                    let distance = (x[j] - wall) * inwards;
                    row[j] = inwards;
                    model.rows.push(&row, &[j as u32]);
                    row[j] = 0.0;
                    let line = Line::sides(distance, slope, 0.0, first + 2 * j + side);
                    model.end_line(Line { weight: 1.0, ..line });
                }
            }
        }
    }

    /// Whether the step `d` from `x` leads outside, which a curved model may, by more than rounding.
    pub(super) fn are_passed(&self, x: &[f64], d: &[f64], size: f64) -> bool {
        let passed = |((x, d), [lower, upper]): ((&f64, &f64), &[f64; 2])| {
            let beyond = (lower - (x + d)).max(x + d - upper);
            beyond > 1e-9 * size
        };
        x.iter().zip(d).zip(&self.limits).any(passed)
    }

    /// Makes the walls steeper, and those of a model.
    pub(super) fn steepen(&mut self, model: &mut Model, first: usize) {
        const TIMES: f64 = 16.0;
        self.steepness *= TIMES;
        let walls = model.lines.iter_mut().filter(|line| line.kink >= first);
        walls.for_each(|line| line.left *= TIMES);
    }
}
