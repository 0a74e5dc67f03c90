//! A step of a descent: down to the least point in a direction.

use super::ModelDescent;
use crate::polyhedral::model::{Line, LineShape, STILL};
use crate::polyhedral::span::{add_scaled, dot, norm};

/// A kink on the way.
#[derive(Clone, Copy)]
pub(super) struct Break {
    step: f64,
    jump: f64,
    line: u32,
}

impl ModelDescent<'_> {
    /// Where no kink depends on another, all breaks on the way are known at once.
    pub(super) fn go_flat(&mut self, down: &[f64], slope: f64, curvature: f64) -> Option<bool> {
        let model = self.model;
        let length = norm(down);
        let flat = self.flat_below() * length;
        let convex = self.list_breaks(down, length);
        let (step, crossed) = first_upward(&mut self.breaks, slope, curvature, flat, convex)?;
        add_scaled(&mut self.x, step, down);
        for at in 0..crossed {
            let i = self.breaks[at].line as usize;
            let line = &model.lines[i];
            let slope = if self.rates[i] < 0.0 { line.left } else { line.right };
            let by = line.weight * (slope - std::mem::replace(&mut self.slopes[i], slope));
            model.row(i).add_to(by, &mut self.gradient);
        }
        let reached = norm(&self.x);
        for (i, line) in model.lines.iter().enumerate() {
            if self.is_active[i] || self.rates[i] == 0.0 || line.shape != LineShape::Sides {
                continue;
            }
            let before = self.u[i];
            self.u[i] += step * self.rates[i];
            let tolerance = line.noise + 1e-13 * (before.abs() + reached * line.size);
            if before != 0.0 && self.u[i].abs() <= tolerance {
                self.activate(i);
            }
        }
        Some(step > 0.0)
    }

    /// How the lines move in a direction, and the breaks on the way; whether all of them bend upwards.
    fn list_breaks(&mut self, down: &[f64], length: f64) -> bool {
        let model = self.model;
        self.breaks.clear();
        let mut convex = true;
        for (i, line) in model.lines.iter().enumerate() {
            let (mut rate, u) = (model.row(i).dot(down), self.u[i]);
            if self.is_active[i] || rate.abs() <= STILL * line.size * length {
                rate = 0.0;
            }
            self.rates[i] = rate;
            if line.shape == LineShape::Sides
                && u != 0.0
                && rate != 0.0
                && (u < 0.0) == (rate > 0.0)
            {
                let jump = rate.abs() * line.weight * (line.right - line.left);
                convex &= jump >= 0.0;
                self.breaks.push(Break { step: -u / rate, jump, line: i as u32 });
            }
        }
        convex
    }

    /// Adds a line of a function whose kinks do not nest to the active ones.
    fn activate(&mut self, i: usize) {
        let by = -self.slopes[i] * self.model.lines[i].weight;
        self.model.row(i).add_to(by, &mut self.gradient);
        self.slopes[i] = 0.0;
        self.u[i] = 0.0;
        self.is_active[i] = true;
        self.active.push(i);
        let at = self.span.len();
        if self.span.add_row(self.model.row(i)) {
            let last = self.active.len() - 1;
            self.active.swap(at, last);
        }
    }

    /// From break to break, where crossing one changes how the others move.
    pub(super) fn go_nested(&mut self, down: &[f64], curvature: f64) -> Option<bool> {
        let model = self.model;
        let linear = dot(&self.curve(&self.x), down) + dot(&model.base, down);
        let (mut walked, length) = (0.0, norm(down));
        let flat = self.flat_below() * length;
        let mut at_kink: Vec<usize> = Vec::new();
        // Every line may be crossed, and some again: a bound where rounding goes round in circles.
        for _ in 0..4 * model.lines.len() + 16 {
            let held = self.is_active.clone();
            let slope = linear + self.set_off(down, length, walked > 0.0) + walked * curvature;
            // Where an active line would leave its kink, kinks cross: a vertex, which the descent is to
            // see. Past it, steps may circle about it, from pair to pair of the pieces that meet there.
            if walked > 0.0 && (slope >= -flat || held != self.is_active) {
                self.is_active = held;
                break;
            }
            let next = self.next_break(length);
            let turn = if curvature > 0.0 { -slope / curvature } else { f64::INFINITY };
            let step = next.min(turn);
            if !step.is_finite() {
                return None;
            }
            walked += step;
            self.walk(step, walked * length, &mut at_kink);
            if turn <= next {
                break;
            }
        }
        add_scaled(&mut self.x, walked, down);
        let mut active = std::mem::take(&mut self.active);
        active.retain(|&i| self.is_active[i]);
        active.extend(at_kink.into_iter().filter(|&i| model.lines[i].shape == LineShape::Sides));
        self.set_active(active);
        self.refresh();
        self.gather();
        Some(walked > 0.0)
    }

    /// How the lines move in a direction from where they stand, those at 0 to the side that it leads to;
    /// the slope of the kinks' part. Underway a line may cease to be active.
    fn set_off(&mut self, down: &[f64], length: f64, underway: bool) -> f64 {
        let model = self.model;
        let (u, is_active) = (&mut self.u, &mut self.is_active);
        model.forward(down, false, &mut self.rates, &mut self.slopes, |i, rates, slopes| {
            let line = &model.lines[i];
            if underway && is_active[i] && rates[i].abs() > 1e-9 * line.size * length {
                // What it depends on has bent, and leads away from its kink.
                is_active[i] = false;
                u[i] = 0.0;
            }
            if !is_active[i] && u[i] == 0.0 && rates[i] != 0.0 && line.shape == LineShape::Sides {
                model.choose(i, rates, slopes);
            }
        });
        let terms = model.lines.iter().zip(&self.slopes).zip(&self.rates);
        terms.map(|((line, s), rate)| line.weight * s * rate).sum()
    }

    /// How far it is to the next kink.
    fn next_break(&self, length: f64) -> f64 {
        let ahead = |(i, line): (usize, &Line)| {
            let (u, rate) = (self.u[i], self.rates[i]);
            let crosses = !self.is_active[i]
                && line.shape == LineShape::Sides
                && u != 0.0
                && (u < 0.0) == (rate > 0.0)
                && rate.abs() > STILL * line.size * length;
            crosses.then(|| -u / rate)
        };
        self.model.lines.iter().enumerate().filter_map(ahead).fold(f64::INFINITY, f64::min)
    }

    /// Moves the lines; those that come to their kinks are listed.
    fn walk(&mut self, step: f64, way: f64, at_kink: &mut Vec<usize>) {
        at_kink.clear();
        for (i, line) in self.model.lines.iter().enumerate() {
            let before = self.u[i];
            self.u[i] += step * self.rates[i];
            let tolerance = line.noise + 1e-14 * (before.abs() + way * line.size);
            if before != 0.0 && !self.is_active[i] && self.u[i].abs() <= tolerance {
                self.u[i] = 0.0;
                at_kink.push(i);
            }
        }
    }

    /// Counts the lines that are at their kinks but for rounding as active.
    pub(super) fn gather(&mut self) {
        let met = |&i: &usize| {
            let alone = self.model.lines[i].shape == LineShape::Sides;
            alone && !self.is_active[i] && self.u[i].abs() <= self.tolerance(i, 0.0)
        };
        let met: Vec<usize> = (0..self.u.len()).filter(met).collect();
        if !met.is_empty() {
            let mut active = std::mem::take(&mut self.active);
            active.extend(met);
            self.set_active(active);
            self.refresh();
        }
    }
}

/// The rounding of a sum, as a share of what it is a sum of.
const ROUNDED: f64 = 4.0 * f64::EPSILON;

/// The step at which a function that falls with `slope` first no longer falls, but for `flat`, and how
/// many breaks, moved to the front, come before it.
fn first_upward(
    breaks: &mut [Break],
    mut slope: f64,
    curvature: f64,
    flat: f64,
    convex: bool,
) -> Option<(f64, usize)> {
    let turn = |slope: f64| if curvature > 0.0 { -slope / curvature } else { f64::INFINITY };
    // What the slope is a sum of rounds it.
    let mut flat = flat + ROUNDED * slope.abs();
    if !convex {
        breaks.sort_unstable_by(|a, b| a.step.total_cmp(&b.step));
        for (at, b) in breaks.iter().enumerate() {
            if turn(slope) <= b.step {
                return Some((turn(slope), at));
            }
            slope += b.jump;
            flat += ROUNDED * b.jump.abs();
            if slope + curvature * b.step >= -flat {
                return Some((b.step, at));
            }
        }
        return Some((turn(slope), breaks.len())).filter(|(step, _)| step.is_finite());
    }
    let (mut from, mut to) = (0, breaks.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let part = &mut breaks[from..to];
        part.select_nth_unstable_by(middle - from, |a, b| a.step.total_cmp(&b.step));
        let before: f64 = breaks[from..middle].iter().map(|b| b.jump).sum();
        let Break { step, jump, .. } = breaks[middle];
        let there = slope + before + curvature * step;
        let passed = flat + ROUNDED * before;
        if there >= -passed {
            to = middle;
        } else if there + jump >= -(passed + ROUNDED * jump) {
            return Some((step, middle));
        } else {
            slope += before + jump;
            flat = passed + ROUNDED * jump;
            from = middle + 1;
        }
    }
    // Where it is flat but for rounding, the last break is far enough.
    let last = breaks[..from].iter().map(|b| b.step).fold(0.0, f64::max);
    let end = slope + curvature * last >= -flat && from > 0;
    Some((if end { last } else { turn(slope) }, from)).filter(|(step, _)| step.is_finite())
}
