//! What an error leaves open where rounding moves the loss.
//!
//! Where numbers that cancel are rounded, a loss goes in steps and teeth, and its slopes are those of no tooth. How high
//! these are is a sample; and several of them may add up on one way. So the loss is gone down by its values alone, on
//! ways that rise by no more than the error, and the error is made so great that what is found is a part of it. With a
//! greater error the ways lead farther: it has settled when they find no more.
//!
//! ```text
//! for a few rounds:
//!     on ways from the lowest point, none higher than here by more than the error: the lowest point
//!     if it is lower than here by less than a part of the error: done
//!     a greater error
//! open, if it never settles
//! ```

use super::{AXES, GENERIC, LONGEST, SHORTEST};
use crate::Var;
use crate::optim::OptimError;
use crate::optim::descent::certificate::Certificate;
use crate::optim::descent::certify::FirstOrder;
use crate::optim::descent::inspect::SecondOrder;
use crate::optim::descent::iterate::Iteration;
use crate::optim::descent::units::power;
use crate::polyhedral::model::generic_direction;
use crate::polyhedral::span::Span;

/// The error is so many times what is found to be left.
const MARGIN: f64 = 4.0;

/// What is less than so small a part of the error adds up to no more than it over as many parts of the loss.
const LITTLE: f64 = 16.0;

/// So often it is made greater, and where rounding is seen it is looked at so often at least.
const ROUNDS: usize = 8;
const ROUNDS_AT_LEAST: usize = 3;

/// From one exponent of a length to the next.
const STRIDE: usize = 2;

/// The lowest point found, and the loss there.
struct Lowest {
    x: Vec<f64>,
    value: f64,
}

impl<E, L> Iteration<'_, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    /// Makes the error so great that it holds what rounding leaves to gain, or leaves the point open. Looks for that
    /// where the loss is curved, and more where no little part of the error was `seen`: as rounding, or in a lower point.
    pub(in crate::optim::descent) fn settle(
        &mut self,
        first: &FirstOrder,
        second: Option<&SecondOrder>,
        certificate: &mut Certificate,
        seen: f64,
    ) {
        let is_seen = LITTLE * seen > self.units.of_loss(certificate.error());
        if !is_seen && second.is_none() {
            return;
        }
        let at_least = if is_seen { ROUNDS_AT_LEAST } else { 1 };
        let mut lowest = Lowest { x: self.here.x.clone(), value: self.here.value };
        for round in 0..ROUNDS {
            let error = self.units.of_loss(certificate.error()).max(self.here.noise);
            for way in self.ways_of_round(first, second, round) {
                self.go_down(&way, self.here.value + error, &mut lowest);
            }
            let needed = MARGIN * (self.here.value - lowest.value);
            if needed > error {
                certificate.set_error(self.units.loss(needed));
            } else if round + 1 >= at_least {
                return;
            }
        }
        certificate.leave_open();
    }

    /// Ways in general position, in the descent's units and in those that the parameters tell; along the axes; on
    /// which the active kinks stay met; and on which all but one of them do.
    fn ways_of_round(
        &self,
        first: &FirstOrder,
        second: Option<&SecondOrder>,
        round: usize,
    ) -> Vec<Vec<f64>> {
        let n = self.here.x.len();
        let lengths = self.lengths();
        let numbers = generic_direction(n * GENERIC * (round + 1));
        let own = numbers.chunks(n.max(1)).skip(GENERIC * round).enumerate();
        let scaled = own.map(|(at, own)| {
            let unit = |length: f64| if at % 2 == 0 { 1.0 } else { length };
            own.iter().zip(&lengths).map(|(d, length)| d * unit(*length)).collect()
        });
        // The search for a lower point went along them at first.
        let axes = if round == 0 { 0 } else { n.min(AXES) };
        let axis = |j: usize| (0..n).map(|i| if i == j { lengths[j] } else { 0.0 }).collect();
        let along = second.into_iter().flat_map(|second| second.ways().map(<[f64]>::to_vec));
        scaled.chain((0..axes).map(axis)).chain(along.take(AXES)).chain(self.edges(first)).collect()
    }

    /// The ways on which one of the active kinks is left and the others stay met.
    fn edges(&self, first: &FirstOrder) -> Vec<Vec<f64>> {
        let (model, lines) = (&self.here.model, &first.lines);
        let row = |i: usize| {
            let mut row = vec![0.0; model.dim()];
            model.line_gradient(i, &first.slopes, &mut row);
            row
        };
        let rows: Vec<Vec<f64>> = lines.iter().take(AXES + 1).map(|&i| row(i)).collect();
        if rows.len() > AXES {
            return Vec::new();
        }
        let edge = |left: usize| {
            let mut span = Span::new(model.dim());
            let others = rows.iter().enumerate().filter(|(at, _)| *at != left);
            others.for_each(|(_, row)| {
                span.add(row);
            });
            let mut edge = rows[left].clone();
            span.remove_from(&mut edge);
            edge
        };
        (0..rows.len()).map(edge).collect()
    }

    /// Forwards and backwards from the lowest point, as far as to where the loss is above a bound.
    fn go_down(&mut self, way: &[f64], most: f64, lowest: &mut Lowest) {
        for sign in [1.0, -1.0] {
            let from = lowest.x.clone();
            for exponent in (SHORTEST..=LONGEST).step_by(STRIDE) {
                let step = sign * power(exponent);
                let mut x: Vec<f64> = from.iter().zip(way).map(|(x, d)| x + step * d).collect();
                self.walls.keep(&mut x);
                let there = self.plain_value(&self.units.parameters(&x));
                let Some(value) = there.map(|value| self.units.of_loss(value)) else { break };
                if !value.is_finite() || value > most {
                    break;
                }
                if value < lowest.value {
                    *lowest = Lowest { x, value };
                }
            }
        }
    }
}
