//! How much of the loss rounding hides that its value does not tell.
//!
//! Numbers on the way to the loss that cancel, as in `(x + 1e6) - 1e6`, are rounded, and leave no trace in its
//! value or in its slopes. But slopes are not rounded with them: a difference of values and the integral of the
//! slopes between, by Gauss's rule of two points, differ by that rounding. They differ by more where a kink lies
//! between, and where the loss is bent much; that goes with the length, and rounding does not.

use super::Size;
use crate::optim::OptimError;
use crate::optim::descent::iterate::Iteration;
use crate::optim::descent::units::power;
use crate::polyhedral::model::generic_direction;
use crate::{Tape, Var};

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
}
