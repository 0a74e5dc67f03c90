//! The last look before a point is certified: how much of the loss rounding hides, and whether a step of
//! some length leads lower.
//!
//! Numbers on the way to the loss that cancel, as in `(x + 1e6) - 1e6`, are rounded, and leave no trace in its
//! value or in its slopes. But slopes are not rounded with them: a difference of values and the integral of the
//! slopes between, by Gauss's rule of two points, differ by that rounding. They differ by more where a kink lies
//! between, and where the loss is bent much; that goes with the length, and rounding does not.
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

pub(super) use level::Beyond;

use super::certificate::Certificate;
use super::certify::FirstOrder;
use super::inspect::SecondOrder;
use super::iterate::Iteration;
use super::units::{exponent, power};
use crate::optim::OptimError;
use crate::polyhedral::model::generic_direction;
use crate::polyhedral::span::dot;
use crate::{Tape, Var};
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

/// Values are held against slopes along so many ways in general position, in each unit for the parameters,
const RAYS: usize = 4;

/// or along so many, if these show nothing: of a curved loss, beside whose rounding other things differ too, along two,
const RAYS_AT_FIRST: [usize; 2] = [1, 2];

/// and over the stretches that end at these exponents, of which each begins where the one before ends.
const HELD: [i32; 6] = [-28, -24, -20, -16, -12, -8];

/// A curved loss may be as curved as it is here over a short way only: first over these, which leave some places of a
/// parameter to tell the slopes between.
const HELD_CURVED: [i32; 10] = [-44, -40, -36, -32, -28, -24, -20, -16, -12, -8];

/// Where a loss does not change at all although its slopes say so, it is looked at as far as to these.
const FARTHER: [i32; 4] = [-4, 0, 4, 8];

/// Over three stretches on end rounding stays alike up to this factor; whatever else is between goes
/// with the length, which is 256 times as great.
const ALIKE: f64 = 16.0;

/// The rounding may be so many times as great where it was not looked at.
const UNSEEN: f64 = 4.0;

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
    /// Whether there is a point lower than the certificate of the present one says that any near it is.
    pub(super) fn lower_point(
        &mut self,
        first: &FirstOrder,
        second: Option<&SecondOrder>,
        certificate: &Certificate,
    ) -> Beyond {
        let error = self.units.of_loss(certificate.error()).max(self.here.noise);
        let sizes = self.sizes();
        let mut ways = self.ways_against(&first.least, &sizes, error);
        if certificate.is_minimum() {
            // What is convex lies above its tangents: there is but one way to lose.
            ways.truncate(1);
        } else {
            ways.extend(self.ways_at_large(&first.least, &sizes));
        }
        let mut is_open = false;
        for way in &ways {
            match self.lower_on(way, error) {
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

    /// By how much rounding may move the loss beyond what is known of it, in the caller's units.
    pub(super) fn untold_rounding(&mut self) -> f64 {
        let known = self.units.loss(self.here.noise);
        let x = self.parameters();
        let Some(value) = self.plain_value(&x).filter(|_| !x.is_empty()) else { return 0.0 };
        let ways = generic_direction(x.len() * RAYS);
        let ways: Vec<&[f64]> = ways.chunks(x.len()).collect();
        let sizes = self.sizes();
        let own = sizes.iter().map(|size| size.told.first().copied().unwrap_or(0)).collect();
        let best = sizes.iter().map(Size::best).collect();
        let curved = self.here.model.curved;
        let (at_first, then) = ways.split_at(RAYS_AT_FIRST[usize::from(curved)]);
        let mut most = 0.0_f64;
        // Where a slope is next to none, the size that it tells is far beyond the length over which the loss is as curved.
        let near: &[i32] = if curved { &HELD_CURVED } else { &HELD };
        for (units, held) in [(own, near), (vec![0; x.len()], near), (best, &HELD)] {
            for ways in [at_first, then] {
                let mut off = vec![0.0_f64; held.len()];
                for way in ways {
                    let step = self.disagreements((&x, value), way, &units, held, &mut off);
                    most = most.max(step);
                }
                let alike = off.windows(3).filter_map(|three| {
                    let more = three.iter().fold(0.0_f64, |a, b| a.max(*b));
                    let less = three.iter().fold(f64::INFINITY, |a, b| a.min(*b));
                    (more <= ALIKE * less).then_some(more)
                });
                most = alike.fold(most, f64::max);
                if UNSEEN * most <= known {
                    break;
                }
            }
        }
        (UNSEEN * most - known).max(0.0)
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

    /// By how much the rise over each of the stretches of a way is not what the slopes on it say, where that is
    /// more than is there already. The step in which the loss goes, or more, where it does not change over some of them and
    /// the slopes say by more than the rounding that is known; else 0.
    fn disagreements(
        &mut self,
        (x, value): (&[f64], f64),
        way: &[f64],
        units: &[i32],
        held: &[i32],
        off: &mut [f64],
    ) -> f64 {
        let known = self.units.loss(self.here.noise);
        let way = way.iter().zip(units).map(|(d, unit)| power(*unit) * d).collect();
        let way = self.walls.inwards(&self.here.x, way);
        let (mut from, mut value) = (x.to_vec(), value);
        let mut step = 0.0_f64;
        for (at, &exponent) in held.iter().chain(&FARTHER).enumerate() {
            if at >= held.len() && step == 0.0 {
                break;
            }
            let steps = self.here.x.iter().zip(&way).map(|(x, d)| x + power(exponent) * d);
            let mut to: Vec<f64> = steps.collect();
            self.walls.keep(&mut to);
            let to = self.units.parameters(&to);
            let Some((rise, foreseen)) = self.rise(&from, value, &to) else { break };
            let by = (rise - foreseen).abs();
            if let Some(off) = off.get_mut(at) {
                *off = off.max(by);
            }
            if rise == 0.0 {
                if by > known {
                    step = step.max(by);
                }
            } else if step > 0.0 {
                return step.max(by.min(rise.abs()));
            }
            (from, value) = (to, value + rise);
        }
        step
    }

    /// By how much the loss rises from one point to another, and by how much its slopes say; none where
    /// a number is not finite.
    fn rise(&mut self, from: &[f64], value: f64, to: &[f64]) -> Option<(f64, f64)> {
        let apart = 0.5 / 3_f64.sqrt();
        let way: Vec<f64> = to.iter().zip(from).map(|(to, from)| to - from).collect();
        let mut foreseen = 0.0;
        for share in [0.5 - apart, 0.5 + apart] {
            let between: Vec<f64> = from.iter().zip(&way).map(|(x, d)| x + share * d).collect();
            foreseen += 0.5 * self.slope_along(&between, &way)?;
        }
        let rise = self.plain_value(to)? - value;
        (rise.is_finite() && foreseen.is_finite()).then_some((rise, foreseen))
    }

    /// The derivative by the length along a way, in the caller's units.
    fn slope_along(&mut self, x: &[f64], way: &[f64]) -> Option<f64> {
        let tape = Tape::new();
        self.vars.clear();
        tape.extend_vars(x, &mut self.vars);
        (self.loss)(&self.vars).ok()?.jvp(&self.vars, way).ok()
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

    /// The lowest point seen on a way.
    fn lower_on(&mut self, way: &Way, error: f64) -> Beyond {
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
