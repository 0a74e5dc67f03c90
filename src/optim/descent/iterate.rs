//! The outer loop of [`KinkDescent`](super::KinkDescent): record, minimise the model, step.

use super::builder::KinkDescentBuilder;
use super::certificate::{Certificate, Ending};
use super::curvature::Curvature;
use super::inspect::SecondOrder;
use super::units::Units;
use super::walls::Walls;
use crate::kink::edge::{self, Guess};
use crate::kink::extract::extract;
use crate::kink::model::{Line, Model};
use crate::kink::search::{End, Search};
use crate::kink::span::{Span, dot, norm};
use crate::op::Op;
use crate::optim::OptimError;
use crate::{Kink, Tape, Var};
use std::panic::Location;

pub(super) struct Iteration<'a, L> {
    pub(super) options: &'a KinkDescentBuilder,
    loss: L,
    tape: Tape,
    vars: Vec<Var>,
    /// Of the loss and the parameters, wherever they are spoken of here.
    pub(super) units: Units,
    pub(super) walls: Walls,
    pub(super) here: Point,
    pub(super) curvature: Curvature,
    pub(super) recordings: usize,
    pub(super) moves: usize,
    /// What the last model's minimum was like.
    pub(super) guess: Guess,
    /// How much of the last steps, which gain no more than rounding, was done.
    polished: usize,
    /// How long the last steps of a curved loss were that went as foreseen.
    stride: f64,
}

/// How much of them there may be.
const POLISHED: usize = 8;

/// How often the curvature is looked at where a descent has ended, to go on with it.
const LOOKS: usize = 20;

/// A loss that has fallen so far, in its unit, falls without end.
const FAR: f64 = 1e100;

/// What was seen at the last look at the curvature, in units of 1.
struct Look {
    /// How much was to be gained.
    gain: f64,
    lowest: f64,
}

/// A point, the loss there, and its model.
pub(super) struct Point {
    pub(super) x: Vec<f64>,
    pub(super) value: f64,
    pub(super) model: Model,
    /// What the loss comes to: its value, and the terms of its model.
    pub(super) terms: f64,
    /// The rounding error of the value.
    pub(super) noise: f64,
    /// Whether the way here was so long that its rounding may hide how far the kinks are.
    blurred: bool,
    /// What and where the kinks of the model are.
    pub(super) marks: Vec<(Op, &'static Location<'static>)>,
}

impl Point {
    /// Whether a line belongs to a kink of the loss, not to a wall.
    pub(super) fn is_kink(&self, i: usize) -> bool {
        self.model.lines[i].kink < self.marks.len()
    }
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
            terms: 0.0,
            model: Model::default(),
            noise: 0.0,
            blurred: false,
            marks: Vec::new(),
        };
        let curvature = Curvature::none(x.len());
        let (recordings, moves, vars, polished) = (0, 0, Vec::new(), 0);
        let mut iteration = Iteration {
            options,
            loss,
            tape,
            vars,
            units: Units::ones(x.len()),
            walls: Walls::default(),
            here,
            curvature,
            recordings,
            moves,
            guess: Guess::default(),
            polished,
            stride: 0.0,
        };
        let mut x = x.to_vec();
        if let Some(bounds) = &options.bounds {
            bounds.project(&mut x)?;
        }
        let start = iteration.read(x.clone())??;
        iteration.units = Units::of(&start.model, &x, start.value);
        iteration.walls = Walls::of(options.bounds.as_ref(), &iteration.units);
        iteration.here = iteration.measured(Point { x: iteration.units.measure(&x), ..start });
        Ok(iteration)
    }

    /// The best point found.
    pub(super) fn parameters(&self) -> Vec<f64> {
        self.units.parameters(&self.here.x)
    }

    /// A point whose loss and model were in units of 1.
    fn measured(&self, mut point: Point) -> Point {
        self.units.apply(&mut point.model);
        point.value = self.units.of_loss(point.value);
        point.noise = self.units.of_loss(point.noise);
        let model = &point.model;
        let slopes = model.terms.iter().zip(&point.x).map(|(g, x)| (g * x).abs());
        let lines = model.lines.iter().map(|l| (l.weight * l.start * l.distance).abs());
        point.terms = point.value.abs() + slopes.sum::<f64>() + lines.sum::<f64>();
        // The parameters were rounded on the way here.
        let (size, before) = (norm(&point.x), norm(&self.here.x));
        point.blurred = before > 16.0 * size;
        let rounding = 8.0 * f64::EPSILON * size.max(before);
        point.model.lines.iter_mut().for_each(|line| line.noise += rounding * line.size);
        self.walls.build(&mut point.model, &point.x, point.marks.len());
        point
    }

    /// Where the loss has become many times as great or small, takes another unit for it.
    fn follow(&mut self) {
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
        let read = self.read(self.units.parameters(&x))?;
        Ok(read.map(|point| self.measured(Point { x, ..point })))
    }

    /// The same in units of 1.
    fn read(&mut self, x: Vec<f64>) -> Result<Result<Point, OptimError>, E> {
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
        let noise = kinks + 16.0 * f64::EPSILON * value.abs();
        let marks = |kinks: &[Kink]| kinks.iter().map(|k| (k.op(), k.location())).collect();
        let marks = self.tape.with_kinks(marks);
        Ok(Ok(Point { x, value, terms: 0.0, model, noise, blurred: false, marks }))
    }

    pub(super) fn run(&mut self) -> Result<Certificate, E> {
        let mut last = Look { gain: f64::INFINITY, lowest: f64::INFINITY };
        // What is said of the last maximum or saddle that was left, and where it is.
        let mut left = None;
        for look in 1.. {
            let (ending, refused) = self.descend()?;
            if self.is_bottomless() {
                let Some((certificate, x)) = left else {
                    let value = self.units.loss(self.here.value);
                    return Err(OptimError::Unbounded { value }.into());
                };
                self.here.x = x;
                return Ok(certificate);
            }
            let first = self.first_order();
            let second = if self.here.model.curved { self.inspect(&first)? } else { None };
            let certificate = self.certificate(&first, second.as_ref(), ending);
            if look < LOOKS
                && let Some(second) = &second
            {
                let x = self.here.x.clone();
                if self.leads_on(second, &mut last)? {
                    if second.way_down().is_some() {
                        left = Some((certificate, x));
                    }
                    continue;
                }
            }
            return match refused {
                Some(error) if !certificate.is_certified() => Err(error),
                _ => Ok(certificate),
            };
        }
        unreachable!("the last look ends it")
    }

    /// Whether to go on, with the curvature seen: as long as ever less is to be gained, or the loss is lower than
    /// at the last look.
    fn leads_on(&mut self, second: &SecondOrder, last: &mut Look) -> Result<bool, E> {
        if second.is_enough || self.recordings >= self.options.recordings {
            return Ok(false);
        }
        let left = self.units.loss(second.gain);
        if let Some(way) = second.way_down() {
            if self.lower_along(way)? == 0.0 {
                return Ok(false);
            }
        } else if left >= 0.5 * last.gain
            && self.units.loss(self.here.value + self.here.noise) >= last.lowest
        {
            return Ok(false);
        }
        *last = Look { gain: left, lowest: self.units.loss(self.here.value) };
        self.curvature.set(second.matrix(self.here.x.len()));
        Ok(true)
    }

    fn is_bottomless(&self) -> bool {
        self.units.at_first(self.here.value) < -FAR
    }

    /// Goes down until that is over: why, and the error of the loss that kept it from going on.
    fn descend(&mut self) -> Result<(Ending, Option<E>), E> {
        let mut refused = None;
        self.polished = 0;
        // A model that falls without end costs no recording, but a round.
        for _ in 0..4 * self.options.recordings {
            if self.recordings >= self.options.recordings {
                return Ok((Ending::Recordings, refused));
            }
            if self.polished > POLISHED {
                return Ok((Ending::Arrived, None));
            }
            self.follow();
            let Some(plan) = self.plan() else { continue };
            if plan.fall < -self.here.noise && self.here.blurred {
                // Kinks counted as met that are far, and it was led astray. Seen from here, they are not.
                self.here = self.record(self.here.x.clone())??;
                continue;
            }
            if self.walls.are_passed(&self.here.x, &plan.d, self.size()) {
                self.walls.steepen(&mut self.here.model, self.here.marks.len());
                continue;
            }
            if plan.length <= 2.0 * f64::EPSILON * self.size() {
                return Ok((Ending::Arrived, refused));
            }
            let there = match self.record(self.end_of(&plan, &plan.d)) {
                Ok(Ok(there)) => there,
                Ok(Err(OptimError::Tape(error))) => return Err(OptimError::Tape(error).into()),
                // Numbers that are not finite: the step was too long.
                Ok(Err(_)) => {
                    self.shorten(&plan);
                    continue;
                }
                Err(error) => {
                    refused = Some(error);
                    self.shorten(&plan);
                    continue;
                }
            };
            let goes_on = self.judge(&plan, there);
            if !goes_on || self.is_bottomless() {
                return Ok((Ending::Rounding, refused));
            }
        }
        Ok((Ending::Recordings, refused))
    }

    /// Steps to where the plan has led, or not, and learns from it; whether to go on.
    fn judge(&mut self, plan: &Plan, there: Point) -> bool {
        let hidden = self.here.noise + self.hidden();
        let noise = hidden + there.noise;
        let (there, d) = self.corrected(there, plan);
        let fell = self.here.value - there.value;
        let curved = self.curvature.is_active();
        let arrived = curved
            && plan.fall <= 0.25 * self.options.tolerance * self.worth()
            && plan.length <= self.options.radius * self.size();
        if plan.fall <= hidden || arrived {
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
        // A model may foresee a fall below what the loss can come to.
        let accept = fell >= 0.1 * plan.fall - noise || fell > 0.5 * self.here.value.abs();
        let surprise = (fell - plan.fall).abs() > 1e-6 * plan.fall + noise;
        if surprise && !curved {
            self.curve(plan.slope, plan.length);
        } else if accept && fell > 0.75 * plan.fall {
            self.curvature.trust_more();
        } else if !accept {
            self.curvature.trust_less();
        }
        if accept {
            let (there, d) =
                if curved { self.extended(there, d, &plan.slopes) } else { (there, d) };
            self.learn(&there, &d, &plan.slopes);
            self.here = there;
            let length = norm(&d);
            if curved && (fell - plan.fall).abs() < 0.25 * plan.fall {
                self.stride = length.max(self.stride / 2.0);
            }
            self.snap(length);
        }
        accept || plan.length > f64::EPSILON * self.size()
    }

    /// Where a step has left the loss about as steep as before, or another like it would halve it, the curvature
    /// counts for more than there is: goes twice as far, as long as that is lower.
    fn extended(&mut self, mut there: Point, mut d: Vec<f64>, slopes: &[f64]) -> (Point, Vec<f64>) {
        let along = |point: &Point, d: &[f64]| {
            (point.model.lines.len() == slopes.len())
                .then(|| dot(&point.model.gradient_with(slopes), d) / norm(d))
        };
        let Some(before) = along(&self.here, &d) else { return (there, d) };
        while self.recordings < self.options.recordings && self.units.at_first(there.value) > -FAR {
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

    /// The size of the parameters; if they are smaller, of a step that changes the loss by as much as it comes to,
    /// or of the last steps that went as foreseen.
    pub(super) fn size(&self) -> f64 {
        /// Shorter than this, in the unit at first, the parameters are 0.
        const NONE: f64 = 1e-20;
        let reach = self.units.at_first(self.here.terms).min(1.0);
        norm(&self.here.x).max(reach).max(self.stride).max(NONE)
    }

    /// What the rounding of a curved loss may hide: that of numbers which leave no trace in it, for they cancel,
    /// but do in its slopes.
    pub(super) fn hidden(&self) -> f64 {
        let slopes = &self.here.model.terms;
        if self.here.model.curved { 4.0 * f64::EPSILON * norm(slopes) * self.size() } else { 0.0 }
    }

    /// What the loss comes to around here: the terms of its model, and what it rises by over the size of the
    /// parameters.
    pub(super) fn worth(&self) -> f64 {
        self.here.terms + 0.5 * self.curvature.mean() * self.size().powi(2)
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
        if end == End::Stationary && search.rounds > 0 {
            search.settle();
        }
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

    /// Where a step ends that is like the plan's: the walls that it ends at are met.
    fn end_of(&self, plan: &Plan, d: &[f64]) -> Vec<f64> {
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
        match self.record(self.end_of(plan, &d)) {
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

    /// Less far, where a step has led out of the loss's domain.
    fn shorten(&mut self, plan: &Plan) {
        if self.curvature.is_active() {
            self.curvature.damp(4.0 * plan.slope / plan.length);
        } else {
            self.curve(plan.slope, plan.length);
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
    pub(super) fn near(&self, radius: f64) -> Vec<usize> {
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
        let before = self.here.model.gradient_with(slopes);
        let mut after = there.model.gradient_with(slopes);
        after.iter_mut().zip(&before).for_each(|(a, b)| *a -= b);
        self.curvature.learn(d, &after);
    }
}
