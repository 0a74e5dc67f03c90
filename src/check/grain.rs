//! Values that jump between neighbouring numbers.
//!
//! Within `(x + 1e8) - 1e8` the sum is rounded to steps that are far wider than those of `x`. The value is
//! no rougher than its last place between two jumps, so short steps see a smooth function without that
//! term, and only longer ones see that it has a slope. A function that is smooth, be it narrow, has no
//! such jumps. They are looked for away from `x`, on both sides, at steps of all lengths:
//!
//! ```text
//! for step in steps:
//!     for [a, b] in [x - step, x - step/2], [x + step/2, x + step]:
//!         slope = that between jumps: the median of a few over short parts of [a, b]
//!         halve [a, b] some times, each time keeping the half over which
//!         r(t) = f(t) - f(a) - slope (t - a) changes more
//!         if the change lessens as a steady one does: again from slope = ..., for its slope is closer
//!         else: halve [a, b] until it is two neighbours
//!         a jump: r changes more over it than over the neighbours of the two
//! ```
//!
//! A single jump, as of a function with a discontinuity, is none of rounding: at two lengths in turn there
//! must be one on each side where the function is finite.

use crate::Real;

/// How far values around `x` jump over and over, at the steps that are given from long to short. 0 if
/// they do not, beyond the last place and `noise`.
pub(super) fn grain<F: Real>(f: &impl Fn(F) -> f64, x: F, steps: &[f64], noise: f64) -> f64 {
    let finder = JumpFinder { f, noise };
    let levels: Vec<f64> = steps.iter().step_by(2).map(|&step| finder.level(x, step)).collect();
    // Of jumps that are nearly as far apart as the longest step there is but one length that meets them.
    let shortest = levels.windows(2).rposition(|pair| pair[0].min(pair[1]) > 0.0).unwrap_or(0);
    let around = levels.iter().take(shortest + 2).skip(shortest.saturating_sub(2));
    match levels.get(shortest) {
        Some(&jump) if jump > 0.0 => around.copied().fold(jump, f64::max),
        _ => 0.0,
    }
}

struct JumpFinder<'f, Function> {
    f: &'f Function,
    noise: f64,
}

/// Two places, and the change of the value from one to the other beyond that along a line.
#[derive(Clone, Copy)]
struct Interval<F> {
    ends: [F; 2],
    change: f64,
}

impl<Function> JumpFinder<'_, Function> {
    /// The greater of the jumps that are this far away to both sides; 0 if there is none on one of them.
    fn level<F: Real>(&self, x: F, step: f64) -> f64
    where
        Function: Fn(F) -> f64,
    {
        let [h, half] = [step, step / 2.0].map(F::from_double);
        let sides = [[x - h, x - half], [x + half, x + h]];
        let jumps = sides.into_iter().filter_map(|side| self.jump(side));
        jumps.reduce(|a, b| if a.min(b) > 0.0 { a.max(b) } else { 0.0 }).unwrap_or(0.0)
    }

    /// The jump that halving finds, or 0; `None` if the function is not finite.
    fn jump<F: Real>(&self, mut ends: [F; 2]) -> Option<f64>
    where
        Function: Fn(F) -> f64,
    {
        /// Beyond rounding, in its own size.
        const BEYOND: f64 = 32.0;
        /// So often a line is laid anew, by which a smooth function changes less and less.
        const LINES: u32 = 3;
        const HALVINGS: u32 = 8;
        /// So much is left of a steady change, at most, with room for some curvature.
        const LEFT: f64 = 1.0 / 64.0;
        let f = self.f;
        for _ in 0..LINES {
            let ([a, b], slope) = (ends, self.slope_between_jumps(ends));
            let from = f(a);
            let rest = |t: F| (f(t) - from) - slope * (t.to_double() - a.to_double());
            let span = Interval { ends, change: rest(b) };
            let rounding = F::epsilon().to_double() * from.abs().max(f(b).abs()) + self.noise;
            let room = BEYOND * rounding;
            let first = span.change.abs();
            if !first.is_finite() {
                return None;
            }
            let short = halved(&rest, span, HALVINGS, room);
            if short.change.abs() <= room {
                return Some(0.0);
            }
            if short.change.abs() >= LEFT * first {
                return Some(isolated(&rest, halved(&rest, short, u32::MAX, room), room));
            }
            ends = short.ends;
        }
        Some(0.0)
    }

    /// The slope of most short parts.
    fn slope_between_jumps<F: Real>(&self, [a, b]: [F; 2]) -> f64
    where
        Function: Fn(F) -> f64,
    {
        const PART: f64 = 1.0 / 256.0;
        let part = (b - a) * F::from_double(PART);
        let slope = |share: f64| {
            let t = a + (b - a) * F::from_double(share);
            ((self.f)(t + part) - (self.f)(t)) / ((t + part).to_double() - t.to_double())
        };
        let mut slopes = [0.1, 0.5, 0.9].map(slope);
        slopes.sort_by(f64::total_cmp);
        slopes[1]
    }
}

/// The half over which there is more change, so many times over; no shorter than two neighbours, nor
/// where the change is within `room`.
fn halved<F: Real>(
    rest: &impl Fn(F) -> f64,
    mut span: Interval<F>,
    times: u32,
    room: f64,
) -> Interval<F> {
    let mut start = rest(span.ends[0]);
    for _ in 0..times {
        let [a, b] = span.ends;
        let middle = a + (b - a) / F::from_double(2.0);
        // Written so that a NaN ends it.
        let on = span.change.abs() > room && a < middle && middle < b;
        if !on {
            break;
        }
        let first = rest(middle) - start;
        let second = span.change - first;
        if first.abs() > second.abs() {
            span = Interval { ends: [a, middle], change: first };
        } else {
            span = Interval { ends: [middle, b], change: second };
            start += first;
        }
    }
    span
}

/// The change over a span if it is more than that over its neighbours, else 0.
fn isolated<F: Real>(rest: &impl Fn(F) -> f64, span: Interval<F>, room: f64) -> f64 {
    let Interval { ends: [a, b], change } = span;
    let [before, after] = [rest(a) - rest(a - (b - a)), rest(b + (b - a)) - rest(b)];
    let steep = 2.0 * before.abs().max(after.abs());
    if change.abs() > steep + room { change.abs() } else { 0.0 }
}
