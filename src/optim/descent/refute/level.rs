//! Where the loss is level around a point that is to be certified: whether a level way leads lower.
//!
//! A loss of straight pieces is its own model, however far, and the model costs no recording. It is tilted by a slope too small
//! to count, and a descent from the point slides along what is level, in the direction of the tilt, until something
//! holds it, or it falls.
//!
//! ```text
//! for each of many p:
//!     d = where a descent of m(d) + ε p · d ends, from 0, or from where the last one has led
//!     d = where a descent of m(d) from there ends
//!     if m(d) is lower than m(0) by more than the error: a lower point
//! ```
//!
//! Tilts are samples: a level way may turn often, and be one of many. So a point around which a loss is level that is
//! not convex is left open. It is not level where on all pieces that meet there it rises by more than each linear
//! function that rises or falls along one axis alone, a little: on every way one of these rises.
//!
//! A curved loss that is not seen to rise on all ways is tilted and recorded anew; and it is gone down from points around, at several distances, where a lower point
//! counts if it is reached on a straight way along which the loss is nowhere higher. If there is none it is left open.

use crate::Var;
use crate::optim::OptimError;
use crate::optim::descent::certify::FirstOrder;
use crate::optim::descent::curvature::Curvature;
use crate::optim::descent::inspect::{LEVEL, SecondOrder};
use crate::optim::descent::iterate::Iteration;
use crate::polyhedral::descent::{DescentEnd, ModelDescent};
use crate::polyhedral::model::generic_direction;

/// What lies beyond a point where the loss may be level.
pub(in crate::optim::descent) enum Beyond {
    /// A lower point, in the units of the descent.
    Lower(Vec<f64>),
    /// The loss is level, and not all of where that leads was seen, or it cannot be told what was.
    Open,
    /// No way down that was looked for.
    Nothing,
}

/// The `ε`, of the steepest slope by each parameter.
const TILT: f64 = 6e-8;

/// A parameter without a slope is tilted as if it had this share of one.
const SHALLOW: f64 = 1e-3;

/// So many tilts are tried for each parameter, and besides,
const TILTS_EACH: usize = 2;
const TILTS: usize = 4;

/// as long as what they take is no more, lines times lines times parameters each, but a few in any case.
const WORK: usize = 1 << 22;
const TILTS_AT_LEAST: usize = 2;

/// So many for a curved loss, which is recorded for each.
const TILTS_CURVED: usize = 4;

/// The exponents of how far away a curved loss is gone down from, in what a parameter comes to.
const AROUND: [i32; 4] = [-20, -10, -3, 0];

/// From so many points at each distance.
const POINTS: usize = 1;

/// Each with so many recordings at most.
const RECORDINGS: usize = 40;

/// Where a straight way is looked at: at so many even shares of it, and at as many that halve.
const SHARES: i32 = 40;

impl<E, L> Iteration<'_, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    /// Whether a level way leads to a point that is lower by more than the error.
    pub(super) fn beyond_level(
        &mut self,
        first: &FirstOrder,
        second: Option<&SecondOrder>,
        error: f64,
    ) -> Beyond {
        let (lower, open) = match second {
            Some(second) if second.is_strict && second.is_free => (None, false),
            Some(second) => (self.beyond_around(error), !second.is_strict),
            None if self.here.model.convex => (self.beyond_tilts(error), false),
            None if self.rises_on_all_ways(&first.lines) => (None, false),
            None => (self.beyond_tilts(error), true),
        };
        match lower {
            Some(lower) => Beyond::Lower(lower),
            None if open => Beyond::Open,
            None => Beyond::Nothing,
        }
    }

    /// Whether a loss of straight pieces rises on all ways from here, but along parameters that it does not depend on.
    fn rises_on_all_ways(&self, met: &[usize]) -> bool {
        let (model, n) = (&self.here.model, self.here.x.len());
        let steepest = self.steepest_by_variable();
        let axis = |j: usize| (0..n).map(|i| f64::from(u8::from(i == j))).collect();
        let axes: Vec<Vec<f64>> = (0..n).filter(|&j| steepest[j] > 0.0).map(axis).collect();
        let zeros = vec![0.0; n];
        ModelDescent::new(model, None, zeros.clone(), met).rises(&axes, &zeros, LEVEL)
    }

    fn beyond_tilts(&mut self, error: f64) -> Option<Vec<f64>> {
        let (n, k) = (self.here.x.len(), self.here.model.lines.len());
        let near = self.near(0.0);
        let steepest = self.here.model.steepest_by_variable();
        let most = (WORK / (n * k * k).max(1)).max(TILTS_AT_LEAST);
        let tilts = generic_direction(n * (TILTS_EACH * n + TILTS).min(most));
        let mut tilted = self.here.model.clone();
        let own = self.here.model.value(&vec![0.0; n]);
        let mut led = None;
        for tilt in tilts.chunks(n.max(1)) {
            let slopes = self.here.model.base.iter().zip(tilt).zip(&steepest);
            tilted.base = slopes.map(|((g, p), most)| g + TILT * p * most).collect();
            let goes_on = led.is_some();
            let mut slide = match led.take() {
                Some(from) => ModelDescent::new(&tilted, None, from, &[]),
                None => ModelDescent::new(&tilted, None, vec![0.0; n], &near),
            };
            let (end, _) = slide.run(self.options.moves);
            self.moves += slide.rounds;
            if end == DescentEnd::Unbounded {
                continue;
            }
            if !goes_on {
                led = Some(slide.x.clone());
            }
            let mut fall = ModelDescent::new(&self.here.model, None, slide.x, &[]);
            fall.run(self.options.moves);
            self.moves += fall.rounds;
            if self.here.model.value(&fall.x) - own >= -error {
                continue;
            }
            let mut x = self.step(&fall.x);
            self.walls.keep(&mut x);
            if self.is_lower(&x, error) {
                return Some(x);
            }
        }
        None
    }

    fn beyond_around(&mut self, error: f64) -> Option<Vec<f64>> {
        let n = self.here.x.len();
        let steepest = self.here.model.steepest_by_variable();
        let tilts = generic_direction(n * TILTS_CURVED);
        for tilt in tilts.chunks(n.max(1)) {
            let tilt = tilt.iter().zip(&steepest).map(|(p, most)| TILT * p * most.max(SHALLOW));
            let Some(slide) = self.end_from(self.here.x.clone(), tilt.collect()) else { continue };
            if let Some(x) = self.end_from(slide, Vec::new())
                && self.is_lower(&x, error)
            {
                return Some(x);
            }
        }
        let lengths = self.lengths();
        let numbers = generic_direction(n * AROUND.len() * POINTS);
        for (at, numbers) in numbers.chunks(n.max(1)).enumerate() {
            let distance = f64::from(AROUND[at / POINTS]).exp2();
            let by = numbers.iter().zip(&lengths).map(|(d, length)| distance * d * length);
            let mut start = self.step(&by.collect::<Vec<_>>());
            self.walls.keep(&mut start);
            if let Some(x) = self.end_from(start, Vec::new())
                && self.is_lower(&x, error)
                && self.is_level_to(&x, error)
            {
                return Some(x);
            }
        }
        None
    }

    /// Where a descent of the tilted loss from a point ends, within few recordings; here nothing changes.
    fn end_from(&mut self, start: Vec<f64>, tilt: Vec<f64>) -> Option<Vec<f64>> {
        if self.recordings + RECORDINGS >= self.options.recordings {
            return None;
        }
        self.tilt = tilt;
        let ended = self.end_of_descent_from(start);
        self.tilt = Vec::new();
        ended
    }

    fn end_of_descent_from(&mut self, start: Vec<f64>) -> Option<Vec<f64>> {
        let there = self.record(start).ok()?.ok()?;
        let here = std::mem::replace(&mut self.here, there);
        let none = Curvature::none(here.x.len());
        let curvature = std::mem::replace(&mut self.curvature, none);
        let guess = std::mem::take(&mut self.guess);
        let (allowed, stride, units) = (self.allowed, self.stride, self.units.clone());
        self.allowed = self.recordings + RECORDINGS;
        let ended = self.descend().is_ok() && !self.is_bottomless(&self.here);
        (self.curvature, self.guess) = (curvature, guess);
        (self.allowed, self.stride, self.units) = (allowed, stride, units);
        let there = std::mem::replace(&mut self.here, here);
        ended.then_some(there.x)
    }

    /// Whether the loss is surely lower there by more than the error.
    fn is_lower(&mut self, x: &[f64], error: f64) -> bool {
        let Some(value) = self.value_at(x) else { return false };
        let rise = value - self.here.value;
        rise < -error && self.is_surely_lower(x, rise + error) == Some(true)
    }

    /// Whether the loss is nowhere higher by more than the error on the straight way to a point.
    fn is_level_to(&mut self, x: &[f64], error: f64) -> bool {
        let even = (1..SHARES).map(|at| f64::from(at) / f64::from(SHARES));
        let shares: Vec<f64> = even.chain((6..SHARES).map(|at| f64::from(-at).exp2())).collect();
        shares.into_iter().all(|share| {
            let way = self.here.x.iter().zip(x).map(|(from, to)| from + share * (to - from));
            let between: Vec<f64> = way.collect();
            self.value_at(&between).is_some_and(|value| value - self.here.value <= error)
        })
    }
}
