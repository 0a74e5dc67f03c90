//! The last look before a point is certified: whether a step of some length leads lower. How much of the loss
//! rounding hides is in `rounding`.
//!
//! The search for a lower point knows nothing of why the point is to be certified. It asks for the loss alone,
//! along a way from the shortest steps to longer ones, and goes no farther than to where the loss has risen by more than
//! what the certificate leaves open: a lower point beyond tells nothing of this one.
//!
//! ```text
//! for each way, forwards and backwards:
//!     for lengths from the parameters' rounding on, each 16 times the one before:
//!         if the loss is higher there by more than the error: the next way
//!         if it is lower by more than the error, and than rounding hides: a lower point
//! ```

mod level;
mod rounding;
mod settle;

pub(super) use level::Beyond;

use super::certificate::Certificate;
use super::certify::FirstOrder;
use super::inspect::SecondOrder;
use super::iterate::Iteration;
use super::units::{exponent, power};
use crate::Var;
use crate::optim::OptimError;
use crate::polyhedral::model::generic_direction;
use crate::polyhedral::span::dot;
use std::ops::RangeInclusive;

/// A direction, and the exponents of the lengths to go along it.
struct Way {
    along: Vec<f64>,
    exponents: RangeInclusive<i32>,
}

/// From one exponent to the next.
const STRIDE: usize = 4;

/// The exponents of the shortest step and of the longest, in what a parameter comes to.
const SHORTEST: i32 = -48;
const LONGEST: i32 = 8;

/// So many axes are gone along at most: those of the steepest slopes.
const AXES: usize = 32;

/// So many ways in general position are gone along, in each of two units.
const GENERIC: usize = 8;

/// That of a parameter which is 0 on a curved loss: it has no rounding, and a slope on one side of a kink tells nothing
/// of how narrow a peak beside it is.
const NARROW: i32 = -160;

/// Along so many axes of parameters that are 0 and have no slope all lengths are looked at.
const UNTOLD: usize = 4;

/// What the loss tells of a parameter's size, as exponents.
struct Size {
    /// Of how far it is from 0, and of a step that changes the loss by as much as it comes to.
    told: Vec<i32>,
    /// The shortest step, in the least of these.
    shortest: i32,
}

impl Size {
    /// The size of which there is surely a slope, if there is one.
    fn best(&self) -> i32 {
        self.told.last().copied().unwrap_or(0)
    }

    /// All lengths that may matter.
    fn exponents(&self) -> RangeInclusive<i32> {
        let (least, most) = (self.told.iter().min(), self.told.iter().max());
        least.map_or(0, |e| e + self.shortest)..=most.map_or(0, |e| e + LONGEST)
    }
}

impl<E, L> Iteration<'_, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    /// Whether there is a point lower than the certificate of the present one says that any near it is. How much lower
    /// others were is told in `deepest`, in the unit of the loss.
    pub(super) fn lower_point(
        &mut self,
        first: &FirstOrder,
        second: Option<&SecondOrder>,
        certificate: &Certificate,
        deepest: &mut f64,
    ) -> Beyond {
        let error = self.units.of_loss(certificate.error()).max(self.here.noise);
        let sizes = self.sizes();
        let mut ways = self.ways_against(&first.least, &sizes, error);
        if certificate.is_minimum() {
            // What is convex lies above its tangents: there is but one way to lose.
            ways.truncate(1);
        } else {
            ways.extend(self.ways_at_large(&first.least, &sizes));
            ways.extend(second.into_iter().flat_map(|second| self.ways_along(second)));
        }
        let mut is_open = false;
        for way in &ways {
            match self.lower_on(way, error, deepest) {
                Beyond::Nothing => {}
                // A proof needs no slopes.
                Beyond::Open => is_open |= !certificate.is_minimum(),
                lower @ Beyond::Lower(_) => return lower,
            }
        }
        is_open |= self.changes_untold();
        let beyond = if certificate.is_minimum() {
            Beyond::Nothing
        } else {
            self.beyond_level(first, second, error)
        };
        match beyond {
            Beyond::Nothing if is_open => Beyond::Open,
            beyond => beyond,
        }
    }

    /// Whether a loss of straight pieces changes along an axis on which its model does not: by the rounding of parts that
    /// cancel, as those of `((x + 1) - 1) - x`, which grows with the way, or by a branch.
    fn changes_untold(&mut self) -> bool {
        /// No power of two, which leaves nothing to round.
        const ODD: f64 = 1.234_567_890_123_456_7;
        /// Sums of two numbers are rounded over twice as many exponents as a number has places, of whatever size these are.
        const FARTHEST: i32 = 360;
        const APART: usize = 30;
        if self.here.model.curved {
            return false;
        }
        let steepest = self.steepest_by_variable();
        let is_untold = |&j: &usize| steepest[j] == 0.0 && !self.here.model.unused.contains(&j);
        let places: Vec<usize> = (0..steepest.len()).filter(is_untold).take(AXES).collect();
        let lengths = self.lengths();
        let lengths_each = (-FARTHEST..=FARTHEST).step_by(APART);
        let steps = lengths_each.flat_map(|exponent| [1.0, -1.0].map(|sign| (sign, exponent)));
        places.into_iter().any(|j| {
            steps.clone().any(|(sign, exponent)| {
                let mut x = self.here.x.clone();
                x[j] += sign * ODD * power(exponent) * lengths[j];
                self.walls.keep(&mut x);
                self.value_at(&x).is_some_and(|value| value != self.here.value)
            })
        })
    }

    /// The loss at a point, both in the caller's units.
    pub(super) fn plain_value(&mut self, x: &[f64]) -> Option<f64> {
        self.vars.clear();
        self.vars.extend(x.iter().map(|x| Var::from(*x)));
        Some((self.loss)(&self.vars).ok()?.value())
    }

    /// What each parameter comes to.
    fn lengths(&self) -> Vec<f64> {
        self.sizes().iter().map(|size| power(size.told.first().copied().unwrap_or(0))).collect()
    }

    fn sizes(&self) -> Vec<Size> {
        let here = &self.here;
        let slopes = self.steepest_by_variable();
        let size = |(&x, &slope): (&f64, &f64)| {
            let own = (x != 0.0).then(|| exponent(x));
            let by_slope =
                (slope > 0.0 && here.terms > 0.0).then(|| exponent(here.terms) - exponent(slope));
            let shortest = if here.model.curved && x == 0.0 { NARROW } else { SHORTEST };
            Size { told: own.into_iter().chain(by_slope).collect(), shortest }
        };
        here.x.iter().zip(&slopes).map(size).collect()
    }

    /// What the derivative of the loss by each parameter is nowhere above in magnitude; walls are no part of it.
    fn steepest_by_variable(&self) -> Vec<f64> {
        let model = &self.here.model;
        let mut slopes = model.terms.clone();
        model.each_steepest(|i, by| {
            if self.here.is_kink(i) {
                model.row(i).entries().for_each(|(j, a)| slopes[j] += (by * a).abs());
            }
        });
        slopes
    }

    /// Against the least generalized gradient, in the units of the descent and in those that are told
    /// here. Steps so short that the loss cannot fall by the error are left out.
    fn ways_against(&self, least: &[f64], sizes: &[Size], error: f64) -> Vec<Way> {
        let plain: Vec<f64> = least.iter().map(|g| -g).collect();
        let scaled =
            least.iter().zip(sizes).map(|(g, size)| -g * power(size.best()) * power(size.best()));
        let mut ways = Vec::new();
        for along in [plain, scaled.collect()] {
            let slope = -dot(least, &along);
            if slope > 0.0 && slope.is_finite() {
                let from = exponent(error) - exponent(slope) + 1;
                ways.push(Way { along, exponents: from..=from.saturating_add(60) });
            }
        }
        ways
    }

    /// Along the axes, and in general position, both ways.
    fn ways_at_large(&self, least: &[f64], sizes: &[Size]) -> Vec<Way> {
        let n = least.len();
        let mut places: Vec<usize> = (0..n).collect();
        places.sort_by(|&i, &j| least[j].abs().total_cmp(&least[i].abs()));
        places.truncate(AXES);
        let mut ways = Vec::new();
        let mut untold = 0;
        for j in places {
            let exponents = if sizes[j].told.is_empty() {
                untold += 1;
                if untold <= UNTOLD { -1000..=1000 } else { SHORTEST..=LONGEST }
            } else {
                sizes[j].exponents()
            };
            for sign in [1.0, -1.0] {
                let mut along = vec![0.0; n];
                along[j] = sign;
                ways.push(Way { along, exponents: exponents.clone() });
            }
        }
        let numbers = generic_direction(n * GENERIC);
        for own in numbers.chunks(n.max(1)) {
            for scaled in [false, true] {
                for sign in [1.0, -1.0] {
                    let unit = |size: &Size| if scaled { power(size.best()) } else { 1.0 };
                    let along = own.iter().zip(sizes).map(|(d, size)| sign * d * unit(size));
                    let along = self.walls.inwards(&self.here.x, along.collect());
                    ways.push(Way { along, exponents: SHORTEST..=LONGEST });
                }
            }
        }
        ways
    }

    /// On which the active kinks stay met, both ways: a valley between steep sides falls on no others.
    fn ways_along(&self, second: &SecondOrder) -> Vec<Way> {
        let both = |way: &[f64]| [1.0, -1.0].map(|sign| way.iter().map(|d| sign * d).collect());
        let ways = second.ways().take(AXES).flat_map(both);
        let walled = ways.map(|along| self.walls.inwards(&self.here.x, along));
        walled.map(|along| Way { along, exponents: SHORTEST..=LONGEST }).collect()
    }

    /// The lowest point seen on a way.
    fn lower_on(&mut self, way: &Way, error: f64, deepest: &mut f64) -> Beyond {
        let mut is_open = false;
        let mut lowest: Option<(f64, Vec<f64>)> = None;
        for exponent in way.exponents.clone().step_by(STRIDE) {
            let step = power(exponent);
            let mut x: Vec<f64> =
                self.here.x.iter().zip(&way.along).map(|(x, d)| x + step * d).collect();
            self.walls.keep(&mut x);
            if x == self.here.x {
                continue;
            }
            let Some(value) = self.value_at(&x) else { break };
            let rise = value - self.here.value;
            *deepest = deepest.max(-rise);
            if rise > error || lowest.as_ref().is_some_and(|(least, _)| rise >= *least) {
                break;
            }
            if rise < -error {
                match self.is_surely_lower(&x, rise + error) {
                    Some(true) => lowest = Some((rise, x)),
                    Some(false) => {}
                    None => is_open = true,
                }
            }
        }
        match lowest {
            Some((_, x)) => Beyond::Lower(x),
            None if is_open => Beyond::Open,
            None => Beyond::Nothing,
        }
    }

    /// Whether rounding does not hide that the loss is lower there by so much; none where its slopes are no numbers, which
    /// tell its rounding.
    fn is_surely_lower(&mut self, x: &[f64], rise: f64) -> Option<bool> {
        let lengths = x.iter().zip(&self.here.x).map(|(a, b)| (a - b).abs());
        let slopes = &self.here.model.terms;
        let hidden =
            4.0 * f64::EPSILON * slopes.iter().zip(lengths).map(|(g, by)| g * by).sum::<f64>();
        let there = self.record(x.to_vec()).ok()?.ok()?;
        Some(rise < -there.own_noise() - hidden)
    }

    /// The loss, in its unit; none where it is refused, infinite or NaN.
    fn value_at(&mut self, x: &[f64]) -> Option<f64> {
        let parameters = self.units.parameters(x);
        if !parameters.iter().all(|x| x.is_finite()) {
            return None;
        }
        self.tape.clear();
        self.vars.clear();
        self.tape.extend_vars(&parameters, &mut self.vars);
        let loss = (self.loss)(&self.vars).ok()?;
        let value = self.units.of_loss(loss.value());
        value.is_finite().then_some(value)
    }
}
