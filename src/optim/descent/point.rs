//! The points of a descent: the loss and its model there, in the units of the descent.

use super::iterate::Iteration;
use crate::op::Op;
use crate::optim::OptimError;
use crate::polyhedral::extract::extract;
use crate::polyhedral::model::{Line, Model};
use crate::polyhedral::span::norm;
use crate::{Kink, Var};
use std::panic::Location;

/// A point, the loss there, and its model.
#[derive(Default)]
pub(super) struct Point {
    pub(super) x: Vec<f64>,
    pub(super) value: f64,
    /// The same as the loss told it, in units of 1.
    pub(super) raw: f64,
    pub(super) model: Model,
    /// What the loss comes to: its value, and the terms of its model.
    pub(super) terms: f64,
    /// The rounding error of the value.
    pub(super) noise: f64,
    /// The rounding of the parameters on the way here.
    pub(super) blur: f64,
    /// Whether the way here was so long that its rounding may hide how far the kinks are.
    pub(super) blurred: bool,
    /// What and where the kinks of the model are.
    pub(super) marks: Vec<(Op, &'static Location<'static>)>,
}

impl Point {
    /// Whether a line belongs to a kink of the loss, not to a wall.
    pub(super) fn is_kink(&self, i: usize) -> bool {
        self.model.lines[i].kink < self.marks.len()
    }

    /// The rounding error of the value, less what passes through no kink: beyond the end of a clamp nothing does.
    pub(super) fn own_noise(&self) -> f64 {
        let passed = |line: &Line| {
            let is_sure = line.distance.abs() > 2.0 * line.noise;
            let slope = if is_sure { line.start.abs() } else { line.steepest() };
            line.weight.abs() * slope * line.noise
        };
        let kinks = (0..self.model.lines.len()).filter(|&i| self.is_kink(i));
        kinks.map(|i| passed(&self.model.lines[i])).sum::<f64>() + rounding(self.value)
    }

    /// What the rounding of multiples of the parameters, each by itself, may add to the value: where slopes cancel, their
    /// terms are what it passes on by.
    pub(super) fn multiples(&self) -> f64 {
        let terms = self.model.terms.iter().zip(&self.x);
        2.0 * f64::EPSILON * terms.map(|(g, x)| (g * x).abs()).sum::<f64>()
    }

    /// How far away the last of the kinks is, each by the shortest way.
    pub(super) fn reach(&self) -> f64 {
        let lines = self.model.lines.iter().enumerate();
        let away = lines.map(|(i, line)| {
            let square: f64 = self.model.row(i).entries().map(|(_, a)| a * a).sum();
            line.distance.abs() / square.sqrt()
        });
        away.filter(|away| away.is_finite()).fold(0.0, f64::max)
    }

    /// The loss, less what lines whose slopes are not these add to it.
    pub(super) fn smooth_value(&self, slopes: &[f64]) -> f64 {
        let model = &self.model;
        let own = |i: usize| if model.is_met(i) { slopes[i] } else { model.lines[i].start };
        let (mut own, mut u): (Vec<f64>, _) = ((0..slopes.len()).map(own).collect(), Vec::new());
        model.forward(&vec![0.0; model.dim()], true, &mut u, &mut own, |_, _, _| ());
        let lines = model.lines.iter().zip(own).zip(u);
        let added = lines.map(|((l, s), u)| l.weight * (l.start * l.distance - s * u));
        self.value - added.sum::<f64>()
    }
}

/// That of a value by itself.
fn rounding(value: f64) -> f64 {
    16.0 * f64::EPSILON * value.abs()
}

impl<E, L> Iteration<'_, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    /// A point whose loss and model were in units of 1.
    pub(super) fn measured(&self, mut point: Point) -> Point {
        self.units.apply(&mut point.model);
        point.raw = point.value;
        point.value = self.units.of_loss(point.raw);
        point.noise = self.units.of_loss(point.noise);
        for ((tilt, x), g) in self.tilt.iter().zip(&point.x).zip(&mut point.model.base) {
            point.value += tilt * x;
            *g += tilt;
        }
        let model = &point.model;
        let slopes = model.terms.iter().zip(&point.x).map(|(g, x)| (g * x).abs());
        let lines = model.lines.iter().map(|l| (l.weight * l.start * l.distance).abs());
        point.terms = point.value.abs() + slopes.sum::<f64>() + lines.sum::<f64>();
        // The parameters were rounded on the way here.
        let (size, before) = (norm(&point.x), norm(&self.here.x));
        point.blurred = before > 16.0 * size;
        point.blur = 8.0 * f64::EPSILON * size.max(before);
        self.walls.build(&mut point.model, &point.x, point.marks.len());
        point
    }

    /// Where the loss has become many times as great or small, takes another unit for it.
    pub(super) fn follow(&mut self) {
        let here = &mut self.here;
        if let Some(by) = self.units.follow(here.terms) {
            here.model.rescale_value(by);
            (here.value, here.terms, here.noise) =
                (here.value / by, here.terms / by, here.noise / by);
            self.curvature.rescale(by);
        }
    }

    /// The loss and its model at a point; the inner error is about numbers that are not finite.
    pub(super) fn record(&mut self, mut x: Vec<f64>) -> Result<Result<Point, OptimError>, E> {
        self.walls.keep(&mut x);
        let parameters = self.units.parameters(&x);
        if let Some(i) = parameters.iter().position(|x| !x.is_finite()) {
            let value = parameters[i];
            return Ok(Err(OptimError::NonFiniteParameter { place: i.into(), value }));
        }
        let read = self.read(parameters)?;
        Ok(read.map(|point| self.measured(Point { x, ..point })))
    }

    /// The same in units of 1.
    pub(super) fn read(&mut self, x: Vec<f64>) -> Result<Result<Point, OptimError>, E> {
        self.recordings += 1;
        self.tape.clear();
        self.vars.clear();
        self.tape.extend_vars(&x, &mut self.vars);
        let loss = (self.loss)(&self.vars)?;
        loss.recording_failure().map_err(OptimError::Tape)?;
        let value = loss.value();
        if !value.is_finite() {
            return Ok(Err(OptimError::NonFiniteValue { value }));
        }
        let model = extract(&loss, &self.vars, f64::INFINITY, false).model;
        let base = model.base.iter().copied().enumerate();
        let finite = model.rows.are_finite() && model.base.iter().all(|g| g.is_finite());
        if !finite
            && let Some((i, value)) = base.chain(model.rows.entries()).find(|(_, g)| !g.is_finite())
        {
            return Ok(Err(OptimError::NonFiniteGradient { place: i.into(), value }));
        }
        let kinks: f64 =
            model.lines.iter().map(|line| (line.weight * line.steepest() * line.noise).abs()).sum();
        let noise = kinks + rounding(value);
        let marks = |kinks: &[Kink]| kinks.iter().map(|k| (k.op(), k.location())).collect();
        let marks = self.tape.with_kinks(marks);
        Ok(Ok(Point { x, value, model, noise, marks, ..Point::default() }))
    }

    /// Lines at their kinks but for rounding, or as near as `radius` in the parameters; the nearest
    /// first.
    pub(super) fn near(&self, radius: f64) -> Vec<usize> {
        let lines = &self.here.model.lines;
        let share = |i: usize| lines[i].distance.abs() / lines[i].size;
        let is_near = |line: &Line| {
            line.size > 0.0 && line.distance.abs() <= line.noise.max(radius * line.size)
        };
        // The lines of a group count together, so a group is near if all of its lines are.
        let together = |&i: &usize| lines[self.here.model.group(i)].iter().all(is_near);
        let mut near: Vec<usize> = (0..lines.len()).filter(together).collect();
        near.sort_by(|&i, &j| share(i).total_cmp(&share(j)));
        near
    }

    /// Whether the loss has fallen so far there that it falls without end.
    pub(super) fn is_bottomless(&self, point: &Point) -> bool {
        const FAR: f64 = 1e100;
        !self.walls.are_closed() && self.units.at_first(point.value) < -FAR
    }

    /// The size of the parameters; if they are smaller, of a step that changes the loss by as much as
    /// it comes to, or of the last steps that went as foreseen.
    pub(super) fn size(&self) -> f64 {
        /// Shorter than this, in the unit at first, the parameters are 0.
        const NONE: f64 = 1e-20;
        let reach = self.units.at_first(self.here.terms).min(1.0);
        let size = norm(&self.here.x).max(reach).max(self.stride);
        if size > 0.0 { size.max(NONE) } else { 1.0 }
    }

    /// Whether the last steps were so long that they tell nothing of what is here.
    pub(super) fn is_stale(&self) -> bool {
        const LONG: f64 = 65536.0;
        let reach = self.units.at_first(self.here.terms).min(1.0);
        self.stride > LONG * norm(&self.here.x).max(reach)
    }

    /// What the rounding of a curved loss may hide: that of numbers which leave no trace in it, for
    /// they cancel, but do in its slopes; over a length.
    pub(super) fn hidden(&self, length: f64) -> f64 {
        let slopes = &self.here.model.terms;
        if self.here.model.curved { 4.0 * f64::EPSILON * norm(slopes) * length } else { 0.0 }
    }

    /// What the loss comes to around here: the terms of its model, and what it rises by over the size
    /// of the parameters.
    pub(super) fn worth(&self) -> f64 {
        self.here.terms + 0.5 * self.curvature.mean() * self.size().powi(2)
    }
}
