//! How much of the loss rounding hides that its value does not tell.
//!
//! Numbers on the way to the loss that cancel, as in `(x + 1e6) - 1e6`, are rounded, and leave no trace in its
//! value or in its slopes. But slopes are not rounded with them: a difference of values and the integral of the
//! slopes between, by Gauss's rule of two points, differ by that rounding. They differ by more where a kink lies
//! between, and where the loss is bent much; that goes with the length, and rounding does not.
//!
//! A straight loss is its model, everywhere: there values are held against that. And also a curved one begins as its model
//! says. Where it does not, as `|(x + 1e18) - 1e18|` that does not leave its kink, what is amiss grows with the length.

use super::Size;
use crate::optim::OptimError;
use crate::optim::descent::iterate::Iteration;
use crate::optim::descent::units::power;
use crate::polyhedral::model::generic_direction;
use crate::polyhedral::span::norm;
use crate::{Tape, Var};

/// Values are held against slopes along so many ways in general position, in each unit for the parameters,
const RAYS: usize = 4;

/// or along so many, if these show nothing: of a curved loss, beside whose rounding other things differ too, along two.
/// Of a straight one both ways, for a kink may have rounding on one side.
const RAYS_AT_FIRST: [usize; 2] = [1, 2];

/// and over the stretches that end at these exponents, of which each begins where the one before ends.
const HELD: [i32; 6] = [-28, -24, -20, -16, -12, -8];

/// A curved loss may be as curved as it is here over a short way only: first over these, which leave some places of a
/// parameter to tell the slopes between.
const HELD_CURVED: [i32; 10] = [-44, -40, -36, -32, -28, -24, -20, -16, -12, -8];

/// Where a loss does not change as foreseen, it is looked at as far as to these.
const FARTHER: [i32; 4] = [-4, 0, 4, 8];

/// Over three stretches on end rounding stays alike up to this factor; whatever else is between goes
/// with the length, which is 256 times as great.
const ALIKE: f64 = 16.0;

/// From one stretch to the next a kink that is not left is amiss by 16 times as much, and what is bent by 256 times:
/// by so much it grows.
const GROWS: std::ops::Range<f64> = 8.0..32.0;

/// The rounding of a sum of many terms.
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// The rounding may be so many times as great where it was not looked at.
const UNSEEN: f64 = 4.0;

impl<E, L> Iteration<'_, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    /// By how much rounding may move the loss beyond what is known of it, in the caller's units.
    pub(in crate::optim::descent) fn untold_rounding(&mut self) -> f64 {
        let known = self.units.loss(self.here.noise);
        let x = self.parameters();
        let Some(value) = self.plain_value(&x).filter(|_| !x.is_empty()) else { return 0.0 };
        let ways = generic_direction(x.len() * RAYS);
        let mut ways: Vec<Vec<f64>> = ways.chunks(x.len()).map(<[f64]>::to_vec).collect();
        let sizes = self.sizes();
        let own = sizes.iter().map(|size| size.told.first().copied().unwrap_or(0)).collect();
        let best = sizes.iter().map(Size::best).collect();
        let curved = self.here.model.curved;
        let mut at_first = RAYS_AT_FIRST[usize::from(curved)];
        if self.is_its_model() {
            ways.insert(1, ways[0].iter().map(|d| -d).collect());
            at_first += 1;
        }
        let (at_first, then) = ways.split_at(at_first);
        // What is known of a loss that is its model is all that rounds.
        let enough = if self.is_its_model() { 1.0 } else { UNSEEN };
        let mut most = 0.0_f64;
        // Where a slope is next to none, the size that it tells is far beyond the length over which the loss is as curved.
        let near: &[i32] = if curved { &HELD_CURVED } else { &HELD };
        for (units, held) in [(own, near), (vec![0; x.len()], near), (best, &HELD)] {
            for (ways, kinks) in [(at_first, true), (then, false)] {
                let mut off = vec![[0.0_f64; 2]; held.len()];
                for (at, way) in ways.iter().enumerate() {
                    let kinks = kinks && at == 0;
                    let step =
                        self.disagreements((&x, value), (way, kinks), &units, held, &mut off);
                    most = most.max(step);
                }
                let alike = [0, 1].into_iter().flat_map(|by| {
                    off.windows(3).filter_map(move |three| {
                        let three = three.iter().map(|off| off[by]);
                        let more = three.clone().fold(0.0_f64, f64::max);
                        let less = three.fold(f64::INFINITY, f64::min);
                        (more <= ALIKE * less).then_some(more)
                    })
                });
                most = alike.fold(most, f64::max);
                if enough * most <= known {
                    break;
                }
            }
        }
        (UNSEEN * most - known).max(0.0)
    }

    /// By how much the rise over each of the stretches of a way, and the distances of the kinks, are not what is foreseen,
    /// where that is more than is there already. The step in which the loss goes, or more, where it is told otherwise
    /// than by that; else 0. Looks at the kinks where asked.
    fn disagreements(
        &mut self,
        (x, value): (&[f64], f64),
        (way, kinks): (&[f64], bool),
        units: &[i32],
        held: &[i32],
        off: &mut [[f64; 2]],
    ) -> f64 {
        let known = self.units.loss(self.here.noise);
        let way = way.iter().zip(units).map(|(d, unit)| power(*unit) * d).collect();
        let way = self.walls.inwards(&self.here.x, way);
        let (mut from, mut last) = (x.to_vec(), value);
        let mut step = 0.0_f64;
        let (mut amiss, mut is_amiss) = (0.0_f64, false);
        let (mut grown, mut is_bent) = (0, false);
        let steepest = self.here.model.steepest_by_variable();
        for (at, &exponent) in held.iter().chain(&FARTHER).enumerate() {
            if at >= held.len() && step == 0.0 {
                break;
            }
            let steps = self.here.x.iter().zip(&way).map(|(x, d)| x + power(exponent) * d);
            let mut to: Vec<f64> = steps.collect();
            self.walls.keep(&mut to);
            let (by_model, room) = self.by_model(&to, &steepest);
            let of_kinks = if kinks { self.amiss_at_kinks(&to) } else { 0.0 };
            let to = self.units.parameters(&to);
            let Some(there) = self.plain_value(&to).filter(|there| there.is_finite()) else {
                break;
            };
            // A curved loss that rises by more is bent upwards.
            let lower = by_model - (there - value);
            let by_value = if self.is_its_model() { lower.abs() } else { lower };
            let before = std::mem::replace(&mut amiss, by_value.max(of_kinks));
            let was_amiss = std::mem::replace(&mut is_amiss, amiss > known + room);
            let mut note = |by: f64| {
                if let Some(off) = off.get_mut(at) {
                    *off = [off[0].max(by), off[1].max(of_kinks)];
                }
            };
            if self.is_its_model() {
                note(amiss);
                if is_amiss {
                    step = step.max(amiss);
                }
                continue;
            }
            // Where it has grown so, up to where the kink is left.
            if grown > 0 && amiss < GROWS.end * before {
                step = step.max(amiss);
            }
            is_bent |= was_amiss && amiss >= GROWS.end * before;
            let goes_on = was_amiss && !is_bent && amiss >= GROWS.start * before;
            grown = if goes_on { grown + 1 } else { 0 };
            let Some(by_slopes) = self.by_slopes(&from, &to) else { break };
            let rise = there - last;
            let by = (rise - by_slopes).abs();
            note(by);
            // The loss does not change at all although its slopes say so.
            if rise == 0.0 {
                if by > known {
                    step = step.max(by);
                }
            } else if step > 0.0 && grown == 0 {
                return step.max(by.min(rise.abs()));
            }
            (from, last) = (to, there);
        }
        step
    }

    /// Whether the loss is what its model says, near and far.
    fn is_its_model(&self) -> bool {
        !self.here.model.curved && !self.here.model.jumps
    }

    /// By how much the loss rises from here to a point as its model says, and what rounding may add to that.
    fn by_model(&self, to: &[f64], steepest: &[f64]) -> (f64, f64) {
        let model = &self.here.model;
        let way: Vec<f64> = to.iter().zip(&self.here.x).map(|(to, x)| to - x).collect();
        let room: f64 = steepest.iter().zip(&way).map(|(slope, d)| (slope * d).abs()).sum();
        let rise = model.value(&way) - model.value(&vec![0.0; way.len()]);
        (self.units.loss(rise), self.units.loss(ROUNDING * room))
    }

    /// What the loss is amiss by where its kinks are not as far away at a point as the model says: a kink may be hidden
    /// there by another.
    fn amiss_at_kinks(&mut self, to: &[f64]) -> f64 {
        let recordings = self.recordings;
        let there = self.record(to.to_vec());
        self.recordings = recordings;
        let Ok(Ok(there)) = there else { return 0.0 };
        let model = &self.here.model;
        if there.model.lines.len() != model.lines.len() {
            return 0.0;
        }
        let way: Vec<f64> = to.iter().zip(&self.here.x).map(|(to, x)| to - x).collect();
        let (distances, _) = model.lines_at(&way);
        let (length, mut sum) = (norm(&way), 0.0);
        model.each_steepest(|i, by| {
            let (line, same) = (&model.lines[i], &there.model.lines[i]);
            let room = 4.0 * (line.noise + same.noise) + ROUNDING * line.size * length;
            let apart = (distances[i] - same.distance).abs() - room;
            if line.unit == same.unit && self.here.is_kink(i) {
                sum += by * apart.max(0.0);
            }
        });
        self.units.loss(sum)
    }

    /// By how much the loss rises from one point to another as its slopes say; none where a number is not finite.
    fn by_slopes(&mut self, from: &[f64], to: &[f64]) -> Option<f64> {
        let apart = 0.5 / 3_f64.sqrt();
        let way: Vec<f64> = to.iter().zip(from).map(|(to, from)| to - from).collect();
        let mut foreseen = 0.0;
        for share in [0.5 - apart, 0.5 + apart] {
            let between: Vec<f64> = from.iter().zip(&way).map(|(x, d)| x + share * d).collect();
            foreseen += 0.5 * self.slope_along(&between, &way)?;
        }
        foreseen.is_finite().then_some(foreseen)
    }

    /// The derivative by the length along a way, in the caller's units.
    fn slope_along(&mut self, x: &[f64], way: &[f64]) -> Option<f64> {
        let tape = Tape::new();
        self.vars.clear();
        tape.extend_vars(x, &mut self.vars);
        (self.loss)(&self.vars).ok()?.jvp(&self.vars, way).ok()
    }
}
