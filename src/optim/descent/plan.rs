//! Where the model leads, and how far.

use super::iterate::Iteration;
use super::point::Point;
use crate::Var;
use crate::optim::OptimError;
use crate::polyhedral::descent::{DescentEnd, ModelDescent};
use crate::polyhedral::edge;
use crate::polyhedral::model::Model;
use crate::polyhedral::span::{Span, dot, norm};

/// A step, to a minimum of the model.
pub(super) struct Plan {
    pub(super) d: Vec<f64>,
    pub(super) length: f64,
    /// By how much the model falls.
    pub(super) fall: f64,
    /// The norm of the gradient where it starts.
    pub(super) slope: f64,
    /// Those of the lines where it ends.
    pub(super) slopes: Vec<f64>,
    /// The lines at their kinks there.
    active: Vec<usize>,
}

/// The shortest way, to first order, to the kinks of some lines.
fn way_to(model: &Model, lines: &[usize], slopes: &[f64]) -> Option<Vec<f64>> {
    let mut span = Span::new(model.dim());
    let mut off = Vec::new();
    let mut row = vec![0.0; model.dim()];
    for &i in lines {
        model.line_gradient(i, slopes, &mut row);
        if span.add(&row) {
            off.push(-model.lines[i].distance);
        }
    }
    let way = span.shortest(&off);
    (norm(&way) > 0.0 && way.iter().all(|x| x.is_finite())).then_some(way)
}

impl<E, L> Iteration<'_, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    /// A minimum of the model; none, and more damping, if it falls without end.
    pub(super) fn plan(&mut self) -> Option<Plan> {
        let near = self.near(self.here.blur);
        let model = &self.here.model;
        if !self.curvature.is_active() && edge::serves(model) {
            return self.plan_by_edges(&near);
        }
        let start = vec![0.0; self.here.x.len()];
        let mut descent = ModelDescent::new(model, self.curvature.damped(), start, &near);
        let (end, proof) = descent.run(self.options.moves);
        self.moves += descent.rounds;
        let slope = descent.slope_at_start();
        if end == DescentEnd::Unbounded {
            self.curve(slope, f64::INFINITY);
            return None;
        }
        let slopes = descent.slopes_with(&proof);
        if end == DescentEnd::Stationary && descent.rounds > 0 {
            descent.settle();
        }
        let active = descent.active.clone();
        let d = descent.x;
        let rise = model.value(&d) - model.value(&vec![0.0; d.len()]);
        let fall = -rise - self.curvature.energy(&d);
        Some(Plan { length: norm(&d), fall, slope, slopes, active, d })
    }

    /// The same, where no kinks nest, all bend upwards, and there are many parameters.
    fn plan_by_edges(&mut self, near: &[usize]) -> Option<Plan> {
        let model = &self.here.model;
        let found = edge::minimize(model, near, &self.guess, self.options.moves);
        self.moves += found.rounds;
        let slope = norm(&model.gradient_at_start());
        if found.end == DescentEnd::Unbounded {
            self.curve(slope, f64::INFINITY);
            return None;
        }
        let edge::Reached { x: d, slopes, active, guess, .. } = found;
        let fall = model.value(&vec![0.0; d.len()]) - model.value(&d);
        self.guess = guess;
        Some(Plan { length: norm(&d), fall, slope, slopes, active, d })
    }

    /// Where a step ends that is like the plan's: the walls that it ends at are met.
    pub(super) fn end_of(&self, plan: &Plan, d: &[f64]) -> Vec<f64> {
        let mut x = self.step(d);
        for &i in plan.active.iter().filter(|&&i| !self.here.is_kink(i)) {
            self.walls.meet(&mut x, self.here.model.lines[i].kink - self.here.marks.len());
        }
        x
    }

    pub(super) fn step(&self, d: &[f64]) -> Vec<f64> {
        self.here.x.iter().zip(d).map(|(x, d)| x + d).collect()
    }

    /// Where the active kinks are curved, a step along them leaves them, and a steep kink hides what the
    /// step has gained. Brings them back, if that is better (R. Fletcher, "Second order corrections for
    /// nondifferentiable optimization", Numerical Analysis, Dundee 1981).
    pub(super) fn corrected(&mut self, there: Point, plan: &Plan) -> (Point, Vec<f64>) {
        let fell = self.here.value - there.value;
        let alike = there.model.lines.len() == self.here.model.lines.len();
        if fell >= 0.75 * plan.fall || plan.active.is_empty() || !alike {
            return (there, plan.d.clone());
        }
        let Some(back) = way_to(&there.model, &plan.active, &plan.slopes) else {
            return (there, plan.d.clone());
        };
        if norm(&back) > 0.5 * plan.length {
            return (there, plan.d.clone());
        }
        let d: Vec<f64> = plan.d.iter().zip(&back).map(|(d, b)| d + b).collect();
        match self.record(self.end_of(plan, &d)) {
            Ok(Ok(better)) if better.value < there.value => (better, d),
            _ => (there, plan.d.clone()),
        }
    }

    /// A cone counts as linear until its tip is met. Tries the tips within reach.
    pub(super) fn snap(&mut self, reach: f64) {
        let mut i = 0;
        while i < self.here.model.lines.len() {
            let model = &self.here.model;
            let group = model.group(i);
            i = group.end;
            if model.is_met(group.start) {
                continue;
            }
            let slopes: Vec<f64> = model.lines.iter().map(|line| line.start).collect();
            let mut lines: Vec<usize> = group.collect();
            lines.extend(self.near(self.here.blur));
            let Some(way) = way_to(model, &lines, &slopes) else { continue };
            if norm(&way) > 2.0 * reach {
                continue;
            }
            if let Ok(Ok(there)) = self.record(self.step(&way))
                && there.value < self.here.value
            {
                self.here = there;
            }
        }
    }

    /// Where a step has left the loss about as steep as before, or another like it would halve it, the
    /// curvature counts for more than there is: goes twice as far, as long as that is lower.
    pub(super) fn extended(
        &mut self,
        mut there: Point,
        mut d: Vec<f64>,
        slopes: &[f64],
    ) -> (Point, Vec<f64>) {
        let along = |point: &Point, d: &[f64]| {
            (point.model.lines.len() == slopes.len())
                .then(|| dot(&point.model.gradient_with(slopes), d) / norm(d))
        };
        let Some(before) = along(&self.here, &d) else { return (there, d) };
        while self.recordings < self.allowed && !self.is_bottomless(&there) {
            let Some(after) = along(&there, &d) else { break };
            let is_steep = after <= 0.25 * before;
            let halves = -after * norm(&d) > 0.5 * there.value.abs();
            if before >= 0.0 || !(is_steep || halves) {
                break;
            }
            let twice: Vec<f64> = d.iter().map(|d| 2.0 * d).collect();
            match self.record(self.step(&twice)) {
                Ok(Ok(farther)) if farther.value < there.value - there.noise => {
                    (there, d) = (farther, twice);
                    self.curvature.trust_more();
                }
                _ => break,
            }
        }
        (there, d)
    }
}
