//! Minima of piecewise-linear functions, by steps from kink to kink.
//!
//! ```text
//! loop:
//!     go down within the intersection of the active kinks, to the least point on the way; what
//!         stops there becomes active
//!     if that cannot be: p = the element of least norm of the generalized gradient
//!         if p = 0: done, and its combination is the certificate
//!         go down along -p, to the least point on the way
//! ```
//!
//! Where no way within the active kinks goes down, a convex function is at its least value on their
//! intersection. Such values fall from round to round, and there are finitely many intersections, so
//! the descent ends. R. H. Bartels, A. R. Conn, J. W. Sinclair, "Minimization techniques for piecewise
//! differentiable functions: the l1 solution to an overdetermined linear system", SIAM Journal on
//! Numerical Analysis 15, 1978; with the steepest way out of a kink instead of their single edge.
//! A quadratic term `½ xᵀ B x` may be added.

mod proof;
mod step;

pub(crate) use proof::Proof;

use super::model::{Line, LineShape, Model};
use super::span::{Span, add_scaled, dot, norm};
use proof::Way;
use step::Break;

/// Where a descent stands.
pub(crate) struct ModelDescent<'a> {
    model: &'a Model,
    /// `B`, row by row.
    curvature: Option<&'a [f64]>,
    pub(crate) x: Vec<f64>,
    u: Vec<f64>,
    /// 0 for active lines.
    slopes: Vec<f64>,
    adjoints: Vec<f64>,
    /// The gradient without the active lines and the quadratic term.
    gradient: Vec<f64>,
    /// The sum of the norms of what the gradient is a sum of.
    scale: f64,
    /// What it would be, were all lines on their steeper sides.
    steep: f64,
    /// The lines at their kinks; as many as the span has vectors, the first ones, are independent.
    pub(crate) active: Vec<usize>,
    is_active: Vec<bool>,
    span: Span,
    /// By how much `x` was corrected last, which bears rounding.
    corrected: f64,
    /// The function at `x`, and its rounding error.
    value: (f64, f64),
    /// Whether all of it was computed from `x`, not step by step.
    fresh: bool,
    rates: Vec<f64>,
    breaks: Vec<Break>,
    pub(crate) rounds: usize,
}

/// How a descent ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DescentEnd {
    /// At a stationary point.
    Stationary,
    /// The function falls without end.
    Unbounded,
    /// The rounds ran out, or rounding stopped the descent.
    Stuck,
}

impl<'a> ModelDescent<'a> {
    /// A descent from `x`, with the lines `near` brought to their kinks where that can be.
    pub(crate) fn new(
        model: &'a Model,
        curvature: Option<&'a [f64]>,
        x: Vec<f64>,
        near: &[usize],
    ) -> Self {
        let k = model.lines.len();
        let mut descent = ModelDescent {
            model,
            curvature,
            gradient: vec![0.0; x.len()],
            span: Span::new(x.len()),
            x,
            u: Vec::new(),
            slopes: vec![0.0; k],
            adjoints: Vec::new(),
            scale: 0.0,
            steep: 0.0,
            active: near.to_vec(),
            is_active: vec![false; k],
            corrected: 0.0,
            value: (0.0, 0.0),
            fresh: false,
            rates: vec![0.0; k],
            breaks: Vec::new(),
            rounds: 0,
        };
        near.iter().for_each(|&i| descent.is_active[i] = true);
        descent.refresh();
        // Where not all can be, those that are there now, as far as the others' rounding lets one see.
        let held = descent.active[..descent.span.len()].iter().map(|&i| &model.lines[i]);
        let blur = held.map(|line| line.noise / line.size).fold(0.0, f64::max);
        let there = |i: usize| {
            let tolerance = descent.tolerance(i, 0.0) + blur * model.lines[i].size;
            descent.is_active[i] && descent.u[i].abs() <= tolerance
        };
        let whole = |&i: &usize| model.group(i).all(there);
        let kept: Vec<usize> = near.iter().copied().filter(whole).collect();
        if kept.len() < near.len() {
            descent.set_active(kept);
            descent.refresh();
        }
        descent
    }

    fn set_active(&mut self, active: Vec<usize>) {
        self.active.iter().for_each(|&i| self.is_active[i] = false);
        active.iter().for_each(|&i| self.is_active[i] = true);
        self.active = active;
    }

    /// Nearer to 0 than this, a line is at its kink.
    fn tolerance(&self, i: usize, before: f64) -> f64 {
        let line = &self.model.lines[i];
        line.noise + 1e-13 * (before.abs() + (norm(&self.x) + self.corrected) * line.size)
    }

    /// Computes everything from `x`, which is brought exactly to the active kinks before.
    fn refresh(&mut self) {
        self.corrected = 0.0;
        for _ in 0..2 {
            self.evaluate();
            self.rebuild_span();
            let off: Vec<f64> =
                self.active[..self.span.len()].iter().map(|&i| -self.u[i]).collect();
            let correction = self.span.shortest(&off);
            add_scaled(&mut self.x, 1.0, &correction);
            self.corrected += norm(&correction);
        }
        self.evaluate();
        self.model.gradient(&self.slopes, &mut self.adjoints, &mut self.gradient);
        self.scale = norm(&self.model.terms);
        self.steep = self.scale;
        for (i, line) in self.model.lines.iter().enumerate() {
            let by = self.adjoints[i].abs() * self.model.row(i).norm();
            let steepest = by * self.slopes[i].abs().max(line.steepest());
            self.steep += steepest;
            // What passes through active lines is not known yet where kinks nest.
            let own = if self.model.is_flat() { by * self.slopes[i].abs() } else { steepest };
            self.scale += own;
        }
        self.value = self.evaluated();
        self.fresh = true;
    }

    /// The function at `x`, and its rounding error.
    fn evaluated(&self) -> (f64, f64) {
        let lines = self.model.lines.iter().zip(&self.slopes).zip(&self.u);
        let mut terms =
            vec![dot(&self.model.base, &self.x), 0.5 * dot(&self.curve(&self.x), &self.x)];
        terms.extend(lines.map(|((line, slope), u)| line.weight * slope * u));
        let sizes: f64 = terms.iter().map(|term| term.abs()).sum();
        (terms.iter().sum(), f64::EPSILON * sizes)
    }

    /// The lines at `x`, and the slopes of those that are not active.
    fn evaluate(&mut self) {
        let (model, is_active) = (self.model, &self.is_active);
        model.forward(&self.x, true, &mut self.u, &mut self.slopes, |i, u, slopes| {
            let line = &model.lines[i];
            if is_active[i] {
                slopes[i] = 0.0;
            } else if line.shape == LineShape::Sides {
                model.choose(i, u, slopes);
            } else if !model.is_met(i) {
                slopes[i] = line.start;
            }
        });
    }

    /// The span of the active lines' gradients; the independent ones go first.
    fn rebuild_span(&mut self) {
        self.span.clear();
        let mut others = Vec::new();
        let mut independent = Vec::new();
        let mut row = vec![0.0; self.x.len()];
        for &i in &self.active {
            self.model.line_gradient(i, &self.slopes, &mut row);
            if self.span.add(&row) { independent.push(i) } else { others.push(i) }
        }
        independent.append(&mut others);
        self.active = independent;
    }

    /// `B x`.
    fn curve(&self, x: &[f64]) -> Vec<f64> {
        match self.curvature {
            Some(b) => b.chunks_exact(x.len()).map(|row| dot(row, x)).collect(),
            None => vec![0.0; x.len()],
        }
    }

    /// The derivatives of the function by the lines' `z`.
    pub(crate) fn weights(&self) -> &[f64] {
        &self.adjoints
    }

    /// The gradient of a line.
    pub(crate) fn row(&self, i: usize) -> Vec<f64> {
        let mut row = vec![0.0; self.x.len()];
        self.model.line_gradient(i, &self.slopes, &mut row);
        row
    }

    /// The gradient of all but the active lines, and without the quadratic term.
    pub(crate) fn rest(&self) -> &[f64] {
        &self.gradient
    }

    /// The norm of the gradient at 0, on some side of each kink.
    pub(crate) fn slope_at_start(&self) -> f64 {
        let (model, n) = (self.model, self.x.len());
        let (mut u, mut slopes) = (Vec::new(), vec![0.0; model.lines.len()]);
        model.forward(&vec![0.0; n], true, &mut u, &mut slopes, |i, u, slopes| {
            model.choose(i, u, slopes);
        });
        let mut gradient = vec![0.0; n];
        model.gradient(&slopes, &mut Vec::new(), &mut gradient);
        norm(&gradient)
    }

    /// The slopes of all lines, those of the active ones such that the gradient is least.
    pub(crate) fn slopes_with(&self, proof: &Proof) -> Vec<f64> {
        let mut slopes = self.slopes.clone();
        for (&i, &slope) in self.active.iter().zip(&proof.slopes) {
            slopes[i] = slope;
        }
        slopes
    }

    /// Goes down until that is over.
    pub(crate) fn run(&mut self, rounds: usize) -> (DescentEnd, Proof) {
        // Rounds in a row that led nowhere, and the kinks in a row that were lower by rounding only.
        let (mut idle, mut level) = (0, 0);
        let mut lowest = f64::INFINITY;
        loop {
            let mut total = self.curve(&self.x);
            add_scaled(&mut total, 1.0, &self.gradient);
            let mut down: Vec<f64> = total.iter().map(|g| -g).collect();
            self.span.remove_from(&mut down);
            let tolerance = self.flat_below();
            let way = if norm(&down) > tolerance && idle == 0 {
                if self.curvature.is_some() {
                    down = self.newton(&down);
                }
                Way { down, keep: self.active.clone() }
            } else if !self.fresh {
                self.refresh();
                continue;
            } else {
                let (proof, way) = self.leave_or_prove(idle > 0);
                let Some(way) = way else { return (DescentEnd::Stationary, proof) };
                let (value, noise) = self.value;
                level = if value < lowest - noise { 0 } else { level + 1 };
                lowest = lowest.min(value);
                if self.rounds >= rounds || idle > 3 || level > 4 * self.x.len() + 16 {
                    return (DescentEnd::Stuck, proof);
                }
                way
            };
            self.rounds += 1;
            let before = self.active.clone();
            match self.go(&way.down, way.keep) {
                Some(true) => idle = 0,
                Some(false) => {
                    // Rounding: it does not go down, and all stays as it was.
                    self.set_active(before);
                    self.refresh();
                    idle += 1;
                }
                None => return (DescentEnd::Unbounded, self.leave_or_prove(true).0),
            }
            if self.rounds >= rounds {
                idle = idle.max(1);
            }
        }
    }

    /// Where a function whose kinks do not nest is least on a whole face: goes on in it to a vertex, to
    /// the nearest one first, and so on.
    pub(crate) fn settle(&mut self) {
        /// With more parameters it takes too long.
        const MOST: usize = 64;
        if !self.model.is_flat() || self.curvature.is_some() || self.x.len() > MOST {
            return;
        }
        let mut met = 0;
        while (met + 1..self.x.len()).contains(&self.span.len()) {
            met = self.span.len();
            let ways = self.span.clone().complement();
            let breaks = ways.into_iter().filter_map(|way| Some((self.nearest_break(&way)?, way)));
            let Some((step, way)) = breaks.min_by(|a, b| a.0.abs().total_cmp(&b.0.abs())) else {
                return;
            };
            add_scaled(&mut self.x, step, &way);
            self.refresh();
            self.gather();
        }
    }

    /// The step to the nearest kink along a way, or against it.
    fn nearest_break(&self, way: &[f64]) -> Option<f64> {
        let step = |(i, line): (usize, &Line)| {
            let rate = self.model.row(i).dot(way);
            let crosses = !self.is_active[i] && line.shape == LineShape::Sides;
            (crosses && rate.abs() > 1e-9 * line.size).then(|| -self.u[i] / rate)
        };
        let steps = self.model.lines.iter().enumerate().filter_map(step);
        steps.min_by(|a, b| a.abs().total_cmp(&b.abs()))
    }

    /// A gradient below this is rounding.
    fn flat_below(&self) -> f64 {
        let curved = self.curvature.map_or(0.0, |b| norm(b) * norm(&self.x));
        64.0 * f64::EPSILON * (self.scale + curved)
    }

    /// The way from `x` to the least point of the quadratic function on the intersection of the
    /// active kinks, where `down` is the projected negative gradient: conjugate gradients.
    fn newton(&self, down: &[f64]) -> Vec<f64> {
        let n = down.len();
        let (mut way, mut rest, mut along) = (vec![0.0; n], down.to_vec(), down.to_vec());
        let mut square = dot(&rest, &rest);
        let enough = square * 1e-28;
        for _ in 0..2 * n {
            let mut image = self.curve(&along);
            self.span.remove_from(&mut image);
            let curvature = dot(&along, &image);
            if curvature <= 0.0 {
                break;
            }
            let step = square / curvature;
            add_scaled(&mut way, step, &along);
            add_scaled(&mut rest, -step, &image);
            let next = dot(&rest, &rest);
            if next <= enough {
                break;
            }
            along.iter_mut().zip(&rest).for_each(|(a, r)| *a = r + next / square * *a);
            square = next;
        }
        if norm(&way) > 0.0 { way } else { down.to_vec() }
    }

    /// Goes down to the least point in a direction, keeping lines active. Whether it has moved; `None`
    /// if it would never stop.
    fn go(&mut self, down: &[f64], keep: Vec<usize>) -> Option<bool> {
        self.fresh = false;
        let left: Vec<usize> = {
            let mut kept = vec![false; self.model.lines.len()];
            keep.iter().for_each(|&i| kept[i] = true);
            self.active.iter().copied().filter(|&i| !kept[i]).collect()
        };
        let relaxed = !left.is_empty();
        self.set_active(keep);
        self.leave(&left, down);
        if relaxed {
            self.rebuild_span();
        }
        let mut total = self.curve(&self.x);
        add_scaled(&mut total, 1.0, &self.gradient);
        let slope = dot(&total, down);
        if slope.is_nan() || slope >= -self.flat_below() * norm(down) {
            return Some(false);
        }
        let curvature = dot(&self.curve(down), down);
        if self.model.is_flat() {
            self.go_flat(down, slope, curvature)
        } else {
            self.go_nested(down, curvature)
        }
    }

    /// Gives the lines that are no longer active the slopes of the side that `down` leads to.
    fn leave(&mut self, left: &[usize], down: &[f64]) {
        let model = self.model;
        if model.is_flat() {
            for &i in left {
                self.rates[i] = model.row(i).dot(down);
                self.u[i] = 0.0;
            }
            for &i in left {
                model.choose(i, &self.rates, &mut self.slopes);
            }
            for &i in left {
                let by = self.slopes[i] * model.lines[i].weight;
                model.row(i).add_to(by, &mut self.gradient);
            }
            return;
        }
        let mut is_left = vec![false; model.lines.len()];
        left.iter().for_each(|&i| is_left[i] = true);
        model.forward(down, false, &mut self.rates, &mut self.slopes, |i, rates, slopes| {
            if is_left[i] {
                model.choose(i, rates, slopes);
            }
        });
        left.iter().for_each(|&i| self.u[i] = 0.0);
        model.gradient(&self.slopes, &mut self.adjoints, &mut self.gradient);
    }
}
