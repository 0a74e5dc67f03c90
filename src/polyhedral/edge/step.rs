//! A step: along an edge, past all kinks that the function still falls behind.

use super::skip::others;
use super::{Edges, Fine, NONE};
use std::cmp::Ordering;

/// A kink on the edge.
#[derive(Clone, Copy)]
pub(super) struct Break {
    step: Fine,
    /// By how much the slope along the edge rises there.
    jump: f64,
    line: u32,
}

/// How a step ended.
pub(super) enum StepEnd {
    Done,
    /// The function falls without end.
    Unbounded,
    /// Rounding has added up: the vertex is to be computed anew.
    Blurred,
}

/// A rate below this share of its terms is 0.
const STILL: f64 = 1e-11;
/// The rounding of a sum, as a share of what it is a sum of.
const ROUNDED: f64 = 4.0 * f64::EPSILON;
/// A pivot below this share of its terms is taken only if there is no better one.
const WEAK: f64 = 1e-6;

impl Edges<'_> {
    /// Leaves the vertex by the edge on which the line at `place` is let go.
    pub(super) fn step(&mut self, place: usize) -> StepEnd {
        let lack = self.lack(place);
        // Too great a multiplier falls where the line rises.
        let side = if lack < 0.0 { 1.0 } else { -1.0 };
        self.tau.fill(0.0);
        self.tau[place] = side;
        self.basis.direction(&self.tau, &mut self.edge);
        let square: f64 = others(&self.edge).map(|(_, d)| d * d).sum();
        self.lengths[place] = square;
        let flat = self.rounding(square);
        if lack.abs() <= flat {
            // The edge is longer than guessed, and the lack is rounding.
            return StepEnd::Done;
        }
        self.list_rates();
        self.list_breaks(square.sqrt());
        let Some(last) = self.last_break(-lack.abs(), flat, square.sqrt()) else {
            return StepEnd::Unbounded;
        };
        let Break { step, line, .. } = self.breaks[last];
        self.variables.fill(0.0);
        self.lines.row(line as usize).add_to(1.0, &mut self.variables);
        self.basis.combination(&self.variables, &mut self.alpha);
        let (pivot, rate) = (self.alpha[place], side * self.rates[line as usize]);
        if (pivot - rate).abs() > 1e-7 * rate.abs() && self.basis.exchanged().0 > 0 {
            return StepEnd::Blurred;
        }
        let falls = lack.abs() * step[0] > f64::EPSILON * self.scale * self.far;
        self.stalled = if falls { 0 } else { self.stalled + 1 };
        self.pass(last);
        self.walk(step);
        self.exchange(place, line, side, step);
        self.fresh = false;
        StepEnd::Done
    }

    /// How the lines change along the edge.
    fn list_rates(&mut self) {
        self.moved.iter().for_each(|&i| self.rates[i as usize] = 0.0);
        self.moved.clear();
        let ahead = others(&self.edge).count();
        if let Some(columns) = &self.by_variable
            && 4 * ahead < self.edge.len()
        {
            for (j, d) in others(&self.edge) {
                for &(i, a) in columns.list(j) {
                    let rate = &mut self.rates[i as usize];
                    if *rate == 0.0 {
                        self.moved.push(i);
                    }
                    *rate += a * d;
                }
            }
            self.moved.sort_unstable();
            self.moved.dedup();
        } else {
            for i in 0..self.lines.len() {
                self.rates[i] = self.lines.row(i).dot(&self.edge);
                if self.rates[i] != 0.0 {
                    self.moved.push(i as u32);
                }
            }
        }
    }

    /// The kinks that lie ahead.
    fn list_breaks(&mut self, length: f64) {
        self.breaks.clear();
        for &line in &self.moved {
            let i = line as usize;
            let size = self.lines.size(i);
            if self.places[i] != NONE || self.rates[i].abs() <= STILL * size * length {
                self.rates[i] = 0.0;
                continue;
            }
            let ([u, fine], rate) = (self.u[i], self.rates[i]);
            if self.is_high[i] == (rate < 0.0) {
                let (low, high) = self.ends[i];
                // 0 is to have one sign, or it would not compare as one number.
                let step = [0.0 - u / rate, 0.0 - fine / rate];
                self.breaks.push(Break { step, jump: rate.abs() * (high - low), line });
            }
        }
    }

    /// Where the function no longer falls; the kinks before it are moved to the front.
    fn last_break(&mut self, mut slope: f64, flat: f64, length: f64) -> Option<usize> {
        let breaks = &mut self.breaks;
        let (mut from, mut to) = (0, breaks.len());
        let mut last = None;
        // What the slope is a sum of rounds it.
        let mut flat = flat + ROUNDED * slope.abs();
        while from < to {
            let middle = from + (to - from) / 2;
            breaks[from..to].select_nth_unstable_by(middle - from, order);
            let before: f64 = breaks[from..middle].iter().map(|b| b.jump).sum();
            let jump = breaks[middle].jump;
            let passed = flat + ROUNDED * before;
            if slope + before >= -passed {
                to = middle;
            } else if slope + before + jump >= -(passed + ROUNDED * jump) {
                last = Some(middle);
                break;
            } else {
                slope += before + jump;
                flat = passed + ROUNDED * jump;
                from = middle + 1;
            }
        }
        if last.is_none() && from > 0 && slope >= -flat {
            // It was the last of those that came before.
            breaks[..from].sort_unstable_by(order);
            last = Some(from - 1);
        }
        let last = last?;
        // The function falls up to there, so an earlier kink will do if its pivot is better.
        let strength = |b: &Break| {
            let i = b.line as usize;
            let size = self.lines.size(i);
            self.rates[i].abs() / (size * length)
        };
        if strength(&breaks[last]) >= WEAK {
            return Some(last);
        }
        breaks[..=last].sort_unstable_by(order);
        let strong = (0..=last).rev().find(|&at| strength(&breaks[at]) >= WEAK);
        strong.or_else(|| {
            (0..=last).max_by(|&a, &b| strength(&breaks[a]).total_cmp(&strength(&breaks[b])))
        })
    }

    /// Gives the lines whose kinks are passed the slopes of the other side.
    fn pass(&mut self, last: usize) {
        if last == 0 {
            return;
        }
        self.variables.fill(0.0);
        for b in &self.breaks[..last] {
            let i = b.line as usize;
            let (low, high) = self.ends[i];
            let by = if self.is_high[i] { low - high } else { high - low };
            self.is_high[i] = !self.is_high[i];
            self.lines.row(i).add_to(by, &mut self.variables);
        }
        self.basis.combination(&self.variables, &mut self.tau);
        others(&self.tau).for_each(|(at, by)| self.multipliers[at] -= by);
    }

    /// Moves everything along the edge.
    fn walk(&mut self, step: Fine) {
        for (part, by) in step.into_iter().enumerate() {
            if by != 0.0 {
                others(&self.edge).for_each(|(j, d)| self.x[part][j] += by * d);
            }
        }
        for at in 0..self.moved.len() {
            let i = self.moved[at] as usize;
            let rate = self.rates[i];
            if rate != 0.0 {
                let [u, fine] = self.u[i];
                let (next, fine) = (u + step[0] * rate, fine + step[1] * rate);
                // Where the two parts disagree, it is rounding.
                let next = if (next > 0.0) == self.is_high[i] { next } else { 0.0 };
                self.place(i, [next, fine]);
            }
        }
    }

    /// Puts `line` at the place of the vertex that is left to a side.
    fn exchange(&mut self, place: usize, line: u32, side: f64, step: Fine) {
        let leaving = self.vertex[place] as usize;
        let (low, high) = self.limits[place];
        let pivot = self.alpha[place];
        let end = if side > 0.0 { high } else { low };
        let by = (self.multipliers[place] - end) / pivot;
        let (from, to) = self.ends[line as usize];
        let before = if self.is_high[line as usize] { to } else { from };
        // The edges' lengths, by how far each edge leads along the one taken.
        self.basis.combination(&self.edge, &mut self.tau);
        let square = self.lengths[place];
        for (at, a) in others(&self.alpha) {
            if at != place {
                self.multipliers[at] -= by * a;
                let share = a / pivot;
                let length =
                    self.lengths[at] + share * (share * square - 2.0 * side * self.tau[at]);
                self.lengths[at] = length.max(self.shortest_edge(self.vertex[at]));
            }
        }
        self.lengths[place] = (square / (pivot * pivot)).max(self.shortest_edge(line));
        self.multipliers[place] = before + by;
        self.basis.exchange(place, &self.alpha);
        self.vertex[place] = line;
        self.limits[place] = (from, to);
        self.places[line as usize] = place as u32;
        self.u[line as usize] = [0.0; 2];
        if let Some(left) = self.places.get_mut(leaving) {
            *left = NONE;
            self.is_high[leaving] = side > 0.0;
            self.place(leaving, [side * step[0], side * step[1]]);
        }
    }
}

fn order(a: &Break, b: &Break) -> Ordering {
    a.step[0].total_cmp(&b.step[0]).then(a.step[1].total_cmp(&b.step[1])).then(a.line.cmp(&b.line))
}
