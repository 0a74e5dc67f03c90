//! The outer loop of [`KinkDescent`](super::KinkDescent): record, minimise the model, step.

use super::active::{ActiveKink, Entries};
use super::builder::KinkDescentBuilder;
use super::certificate::Certificate;
use super::curvature::Curvature;
use super::pieces::Pieces;
use super::units::Units;
use crate::kink::edge::{self, Guess};
use crate::kink::extract::extract;
use crate::kink::model::{Line, Model};
use crate::kink::search::{End, Proof, Search};
use crate::kink::span::{Span, norm};
use crate::op::{Op, Sides};
use crate::optim::OptimError;
use crate::{Kink, Tape, Var};
use std::panic::Location;

pub(super) struct Iteration<'a, L> {
    options: &'a KinkDescentBuilder,
    loss: L,
    tape: Tape,
    vars: Vec<Var>,
    /// Of the parameters, wherever they are spoken of here.
    units: Units,
    here: Point,
    curvature: Curvature,
    recordings: usize,
    moves: usize,
    /// The loss at the start.
    first: f64,
    /// What the last model's minimum was like.
    guess: Guess,
    /// How much of the last steps, which gain no more than rounding, was done.
    polished: usize,
}

/// How much of them there may be.
const POLISHED: usize = 8;

/// A point, the loss there, and its model.
struct Point {
    x: Vec<f64>,
    value: f64,
    model: Model,
    /// The rounding error of the value.
    noise: f64,
    /// Whether the way here was so long that its rounding may hide how far the kinks are.
    blurred: bool,
    /// What and where the kinks of the model are.
    marks: Vec<(Op, &'static Location<'static>)>,
}

/// A step, to a minimum of the model.
struct Plan {
    d: Vec<f64>,
    length: f64,
    /// By how much the model falls.
    fall: f64,
    /// The norm of the gradient where it starts.
    slope: f64,
    /// Those of the lines where it ends.
    slopes: Vec<f64>,
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

impl<'a, E, L> Iteration<'a, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    pub(super) fn new(options: &'a KinkDescentBuilder, loss: L, x: &[f64]) -> Result<Self, E> {
        if let Some(i) = x.iter().position(|x| !x.is_finite()) {
            return Err(OptimError::NonFiniteParameter { place: i.into(), value: x[i] }.into());
        }
        let tape = Tape::new();
        tape.watch(f64::INFINITY);
        let here = Point {
            x: Vec::new(),
            value: 0.0,
            model: Model::default(),
            noise: 0.0,
            blurred: false,
            marks: Vec::new(),
        };
        let curvature = Curvature::none(x.len());
        let (recordings, moves, vars, first, polished) = (0, 0, Vec::new(), 0.0, 0);
        let mut iteration = Iteration {
            options,
            loss,
            tape,
            vars,
            units: Units::ones(x.len()),
            here,
            curvature,
            recordings,
            moves,
            first,
            guess: Guess::default(),
            polished,
        };
        let start = iteration.record(x.to_vec())??;
        iteration.units = Units::of(&start.model, x);
        iteration.first = start.value;
        iteration.here = iteration.measured(Point { x: iteration.units.measure(x), ..start });
        Ok(iteration)
    }

    /// The best point found.
    pub(super) fn parameters(&self) -> Vec<f64> {
        self.units.parameters(&self.here.x)
    }

    /// A point whose model was of the parameters themselves.
    fn measured(&self, mut point: Point) -> Point {
        self.units.apply(&mut point.model);
        // The parameters were rounded on the way here.
        let (size, before) = (norm(&point.x), norm(&self.here.x));
        point.blurred = before > 16.0 * size;
        let rounding = 8.0 * f64::EPSILON * size.max(before);
        point.model.lines.iter_mut().for_each(|line| line.noise += rounding * line.size);
        point
    }

    /// The loss and its model at a point; the inner error is about numbers that are not finite.
    fn record(&mut self, x: Vec<f64>) -> Result<Result<Point, OptimError>, E> {
        self.recordings += 1;
        self.tape.clear();
        self.vars.clear();
        self.tape.extend_vars(&self.units.parameters(&x), &mut self.vars);
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
        let kinks: f64 = model
            .lines
            .iter()
            .map(|line| (line.weight * line.left.abs().max(line.right.abs()) * line.noise).abs())
            .sum();
        let noise = kinks + 16.0 * f64::EPSILON * value.abs();
        let marks = |kinks: &[Kink]| kinks.iter().map(|k| (k.op(), k.location())).collect();
        let marks = self.tape.with_kinks(marks);
        Ok(Ok(self.measured(Point { x, value, model, noise, blurred: false, marks })))
    }

    pub(super) fn run(&mut self) -> Result<Certificate, E> {
        let mut refused: Option<E> = None;
        // A model that falls without end costs no recording, but a round.
        for _ in 0..4 * self.options.recordings {
            if self.recordings >= self.options.recordings || self.polished > POLISHED {
                break;
            }
            let Some(plan) = self.plan() else { continue };
            if plan.fall < -self.here.noise && self.here.blurred {
                // Kinks counted as met that are far, and it was led astray. Seen from here, they are not.
                self.here = self.record(self.here.x.clone())??;
                continue;
            }
            if plan.length <= 2.0 * f64::EPSILON * self.size() {
                break;
            }
            let there = match self.record(self.step(&plan.d)).map(|r| r.map_err(E::from)) {
                Ok(Ok(there)) => there,
                _ if plan.fall <= self.here.noise => break,
                Ok(Err(error)) | Err(error) => {
                    refused = Some(error);
                    self.curve(plan.slope, plan.length);
                    continue;
                }
            };
            if there.value < -1e100 * (1.0 + self.first.abs()) {
                return Err(OptimError::Unbounded { value: there.value }.into());
            }
            if !self.judge(&plan, there) {
                break;
            }
        }
        let certificate = self.certificate();
        match refused {
            Some(error) if self.polished == 0 && !certificate.is_certified() => Err(error),
            _ => Ok(certificate),
        }
    }

    /// Steps to where the plan has led, or not, and learns from it; whether to go on.
    fn judge(&mut self, plan: &Plan, there: Point) -> bool {
        let noise = self.here.noise + there.noise;
        let (there, d) = self.corrected(there, plan);
        let fell = self.here.value - there.value;
        let curved = self.curvature.is_active();
        let force = norm(&self.units.slopes(&self.curvature.force(&plan.d)));
        let arrived = curved
            && force <= 0.5 * self.options.tolerance
            && plan.length <= self.options.radius * self.size();
        if plan.fall <= self.here.noise || arrived {
            // What is left to gain is rounding, in the loss; the gradient may still become smaller.
            self.polished += if arrived || !curved { POLISHED / 2 + 1 } else { 1 };
            if fell < -noise {
                return false;
            }
            self.learn(&there, &d, &plan.slopes);
            self.curvature.trust_more();
            self.here = there;
            return true;
        }
        let accept = fell >= 0.1 * plan.fall - noise;
        let surprise = (fell - plan.fall).abs() > 1e-6 * plan.fall + noise;
        if surprise && !curved {
            self.curve(plan.slope, plan.length);
        } else if accept && fell > 0.75 * plan.fall {
            self.curvature.trust_more();
        } else if !accept {
            self.curvature.trust_less();
        }
        if accept {
            self.learn(&there, &d, &plan.slopes);
            self.here = there;
            self.snap(norm(&d));
        }
        accept || plan.length > f64::EPSILON * self.size()
    }

    /// The size of the parameters, or 1 if they are smaller.
    fn size(&self) -> f64 {
        norm(&self.here.x).max(1.0)
    }

    /// A minimum of the model; none, and more damping, if it falls without end.
    fn plan(&mut self) -> Option<Plan> {
        let near = self.near(0.0);
        let model = &self.here.model;
        if !self.curvature.is_active() && edge::serves(model) {
            return self.plan_by_edges(&near);
        }
        let start = vec![0.0; self.here.x.len()];
        let mut search = Search::new(model, self.curvature.damped(), start, &near);
        let (end, proof) = search.run(self.options.moves);
        self.moves += search.rounds;
        let slope = search.slope_at_start();
        if end == End::Unbounded {
            self.curve(slope, f64::INFINITY);
            return None;
        }
        let slopes = search.slopes_with(&proof);
        let active = search.active.clone();
        let d = search.x;
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
        if found.end == End::Unbounded {
            self.curve(slope, f64::INFINITY);
            return None;
        }
        let edge::Found { x: d, slopes, active, guess, .. } = found;
        let fall = model.value(&vec![0.0; d.len()]) - model.value(&d);
        self.guess = guess;
        Some(Plan { length: norm(&d), fall, slope, slopes, active, d })
    }

    fn step(&self, d: &[f64]) -> Vec<f64> {
        self.here.x.iter().zip(d).map(|(x, d)| x + d).collect()
    }

    /// Where the active kinks are curved, a step along them leaves them, and a steep kink hides what the
    /// step has gained. Brings them back, if that is better (R. Fletcher, "Second order corrections for
    /// nondifferentiable optimization", Numerical Analysis, Dundee 1981).
    fn corrected(&mut self, there: Point, plan: &Plan) -> (Point, Vec<f64>) {
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
        match self.record(self.step(&d)) {
            Ok(Ok(better)) if better.value < there.value => (better, d),
            _ => (there, plan.d.clone()),
        }
    }

    /// A cone counts as linear until its tip is met. Tries the tips within reach.
    fn snap(&mut self, reach: f64) {
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
            lines.extend(self.near(0.0));
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

    /// A step of this length was too long for the model.
    fn curve(&mut self, slope: f64, length: f64) {
        if self.curvature.is_active() {
            self.curvature.trust_less();
        } else {
            self.curvature.begin(slope, (0.25 * length).min(0.1 * self.size()));
        }
    }

    /// Lines at their kinks but for rounding, or as near as `radius` in the parameters; the nearest
    /// first.
    fn near(&self, radius: f64) -> Vec<usize> {
        let lines = &self.here.model.lines;
        let share = |i: usize| lines[i].distance.abs() / lines[i].size;
        let is_near = |line: &Line| {
            line.size > 0.0 && line.distance.abs() <= line.noise.max(radius * line.size)
        };
        // Of a group all or none.
        let together = |&i: &usize| lines[self.here.model.group(i)].iter().all(is_near);
        let mut near: Vec<usize> = (0..lines.len()).filter(together).collect();
        near.sort_by(|&i, &j| share(i).total_cmp(&share(j)));
        near
    }

    /// Learns the curvature from two recordings with the same kinks.
    fn learn(&mut self, there: &Point, d: &[f64], slopes: &[f64]) {
        if !self.curvature.is_active() || there.model.lines.len() != self.here.model.lines.len() {
            return;
        }
        let (mut before, mut after) = (vec![0.0; d.len()], vec![0.0; d.len()]);
        let mut adjoints = Vec::new();
        // A cone between its tips is smooth, and its slopes are part of what changes.
        let own = |model: &Model| -> Vec<f64> {
            let own = |i: usize| if model.is_met(i) { slopes[i] } else { model.lines[i].start };
            (0..slopes.len()).map(own).collect()
        };
        self.here.model.gradient(&own(&self.here.model), &mut adjoints, &mut before);
        there.model.gradient(&own(&there.model), &mut adjoints, &mut after);
        after.iter_mut().zip(&before).for_each(|(a, b)| *a -= b);
        self.curvature.learn(d, &after);
    }

    /// What is known of the point reached.
    fn certificate(&self) -> Certificate {
        let exact = self.certify(0.0);
        let radius = self.options.radius * self.size();
        if exact.is_certified() || radius == 0.0 {
            return exact;
        }
        let near = self.certify(radius);
        if near.norm < exact.norm { near } else { exact }
    }

    fn certify(&self, radius: f64) -> Certificate {
        let near = self.near(radius);
        let exact = self.prove(&self.here.model, &near, &self.units);
        if exact.is_exact() {
            return exact;
        }
        // What is least depends on the units.
        let mut model = self.here.model.clone();
        self.units.undo(&mut model);
        self.prove(&model, &near, &Units::ones(self.here.x.len()))
    }

    /// The least generalized gradient of a model in some units, for these lines at their kinks.
    fn prove(&self, model: &Model, near: &[usize], units: &Units) -> Certificate {
        let Point { x, value, marks, .. } = &self.here;
        if edge::serves(model)
            && let Some(certificate) = self.prove_by_edges(model, near, units)
        {
            return certificate;
        }
        let search = Search::new(model, None, vec![0.0; x.len()], near);
        let Proof { slopes, least, rounding, pieces, every_way } = search.prove();
        let weights = search.weights();
        let active = |(&i, &slope): (&usize, &f64)| {
            let line = &model.lines[i];
            let (op, location) = marks[line.kink];
            ActiveKink {
                op,
                location,
                distance: line.distance,
                sides: Sides { left: line.left, right: line.right },
                slope,
                weight: weights[i],
                row: Entries::of_full(&units.slopes(&search.row(i))),
            }
        };
        let kinks = search.active.iter().zip(&slopes).map(active).collect();
        let pieces = pieces.into_iter().map(|(share, g)| (share, units.slopes(&g))).collect();
        let exact = norm(&least) <= rounding;
        let least = units.slopes(&least);
        Certificate {
            value: *value,
            norm: norm(&least),
            least,
            exact,
            rounding: norm(&units.slopes(&vec![rounding; x.len()])),
            tolerance: self.options.tolerance,
            rest: units.slopes(search.rest()),
            kinks,
            pieces: Pieces::known(pieces),
            nested: !model.is_flat(),
            convex: model.convex,
            every_way,
            recordings: self.recordings,
            moves: self.moves,
        }
    }

    /// The same, where no kinks nest, all bend upwards, and there are many parameters. `None` if there is no
    /// proof, and looking for the least gradient does not take too long.
    fn prove_by_edges(&self, model: &Model, near: &[usize], units: &Units) -> Option<Certificate> {
        let Point { x, value, marks, .. } = &self.here;
        let proved = edge::prove(model, near, &self.guess);
        let exact = proved.is_zero();
        if !exact && near.len() * x.len() <= SMALL {
            return None;
        }
        let active = |(&i, &slope): (&usize, &f64)| {
            let line = &model.lines[i];
            let (op, location) = marks[line.kink];
            ActiveKink {
                op,
                location,
                distance: line.distance,
                sides: Sides { left: line.left, right: line.right },
                slope,
                weight: line.weight,
                row: Entries::new(x.len(), units.entries(model.row(i).entries())),
            }
        };
        let kinks = near.iter().zip(&proved.slopes).map(active).collect();
        let least = units.slopes(&proved.least);
        Some(Certificate {
            value: *value,
            norm: norm(&least),
            least,
            exact,
            rounding: norm(&units.slopes(&vec![proved.rounding; x.len()])),
            tolerance: self.options.tolerance,
            rest: units.slopes(&proved.rest),
            kinks,
            pieces: Pieces::default(),
            nested: false,
            convex: model.convex,
            every_way: exact,
            recordings: self.recordings,
            moves: self.moves,
        })
    }
}

/// Kinks times parameters for which an element of least norm is found in a moment.
const SMALL: usize = 10_000;
