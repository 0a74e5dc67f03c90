//! The outer loop of [`KinkDescent`](super::KinkDescent): record, minimise the model, step.

use super::Ending;
use super::builder::KinkDescentBuilder;
use super::certificate::Certificate;
use super::curvature::Curvature;
use super::inspect::SecondOrder;
use super::plan::Plan;
use super::point::Point;
use super::refute::Beyond;
use super::units::Units;
use super::walls::Walls;
use crate::optim::OptimError;
use crate::polyhedral::edge::Guess;
use crate::polyhedral::span::norm;
use crate::{Tape, Var};

pub(super) struct Iteration<'a, L> {
    pub(super) options: &'a KinkDescentBuilder,
    pub(super) loss: L,
    pub(super) tape: Tape,
    pub(super) vars: Vec<Var>,
    /// Of the loss and the parameters, wherever they are spoken of here.
    pub(super) units: Units,
    pub(super) walls: Walls,
    pub(super) here: Point,
    pub(super) curvature: Curvature,
    pub(super) recordings: usize,
    /// How many there may be for now.
    pub(super) allowed: usize,
    pub(super) moves: usize,
    /// What the last model's minimum was like.
    pub(super) guess: Guess,
    /// How much of the last steps, which gain no more than rounding, was done.
    polished: usize,
    /// How long the last steps of a curved loss were that went as foreseen.
    pub(super) stride: f64,
    /// Slopes that are added to those of the loss, in its unit; none as a rule.
    pub(super) tilt: Vec<f64>,
}

/// How much of them there may be.
const POLISHED: usize = 8;

/// How often the curvature is looked at where a descent has ended, to go on with it.
const LOOKS: usize = 20;

/// How often it begins anew, from a lower point than what was to be certified.
const BEGINNINGS: usize = 8;

/// What was seen at the last look at the curvature, in units of 1.
struct Look {
    /// How much was to be gained.
    gain: f64,
    lowest: f64,
}

impl Default for Look {
    fn default() -> Self {
        Look { gain: f64::INFINITY, lowest: f64::INFINITY }
    }
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
        let mut iteration = Iteration {
            options,
            loss,
            tape,
            vars: Vec::new(),
            units: Units::ones(x.len()),
            walls: Walls::default(),
            here: Point::default(),
            curvature: Curvature::none(x.len()),
            recordings: 0,
            allowed: options.recordings,
            moves: 0,
            guess: Guess::default(),
            polished: 0,
            stride: 0.0,
            tilt: Vec::new(),
        };
        let mut x = x.to_vec();
        if let Some(bounds) = &options.bounds {
            bounds.project(&mut x)?;
        }
        iteration.begin(&x)?;
        Ok(iteration)
    }

    /// Begins at a point, in units of 1, with the units that it tells.
    fn begin(&mut self, x: &[f64]) -> Result<(), E> {
        let start = self.read(x.to_vec())??;
        self.units = Units::of(&start.model, x, start.value, &self.units);
        let steepest = start.model.steepest_by_variable();
        for (j, unit) in self.units_along_axes(x, start.value, &steepest) {
            self.units.set(j, unit);
        }
        self.walls = Walls::of(self.options.bounds.as_ref(), &self.units);
        self.here = Point::default();
        self.here = self.measured(Point { x: self.units.measure(x), ..start });
        self.curvature = Curvature::none(x.len());
        (self.guess, self.polished, self.stride) = (Guess::default(), 0, 0.0);
        Ok(())
    }

    /// The best point found.
    pub(super) fn parameters(&self) -> Vec<f64> {
        self.units.parameters(&self.here.x)
    }

    pub(super) fn run(&mut self) -> Result<Certificate, E> {
        let mut last = Look::default();
        // What is said of the last maximum or saddle that was left, and where it is.
        let mut left: Option<(Certificate, Vec<f64>)> = None;
        let (mut looks, mut beginnings) = (0, 0);
        loop {
            let (ending, refused) = self.descend()?;
            if self.is_bottomless(&self.here) {
                let Some((certificate, x)) = left else {
                    let value = self.units.loss(self.here.value);
                    return Err(OptimError::Unbounded { value }.into());
                };
                self.here.x = self.units.measure(&x);
                return Ok(certificate);
            }
            let may_begin = beginnings < BEGINNINGS && self.recordings < self.options.recordings;
            if may_begin && self.units.are_outgrown(self.here.raw) {
                beginnings += 1;
                self.begin(&self.parameters())?;
                continue;
            }
            let first = self.first_order();
            let second = if self.here.model.curved { self.inspect(&first) } else { None };
            let mut certificate = match &second {
                Some(second) if second.has_moved => {
                    self.certificate(&self.first_order(), None, ending)
                }
                second => self.certificate(&first, second.as_ref(), ending),
            };
            let x = self.parameters();
            if certificate.is_certified() {
                let untold = self.untold_rounding();
                certificate.add_error(untold);
                let mut deepest = 0.0;
                match self.lower_point(&first, second.as_ref(), &certificate, &mut deepest) {
                    Beyond::Lower(lower) => {
                        certificate.refute();
                        if may_begin {
                            beginnings += 1;
                            left = Some((certificate, x));
                            last = Look::default();
                            self.begin(&self.units.parameters(&lower))?;
                            continue;
                        }
                    }
                    Beyond::Open => certificate.leave_open(),
                    Beyond::Nothing => {
                        let seen = self.units.of_loss(untold).max(deepest);
                        self.settle(&first, second.as_ref(), &mut certificate, seen);
                    }
                }
            }
            looks += 1;
            match (second, refused) {
                (Some(second), _) if looks < LOOKS && self.leads_on(&second, &mut last) => {
                    if second.way_down().is_some() {
                        left = Some((certificate, x));
                    }
                }
                (_, Some(error)) if !certificate.is_certified() => return Err(error),
                _ => return Ok(certificate),
            }
        }
    }

    /// Whether to go on, with the curvature seen: as long as ever less is to be gained, or the loss is
    /// lower than at the last look.
    fn leads_on(&mut self, second: &SecondOrder, last: &mut Look) -> bool {
        if second.is_enough || self.recordings >= self.options.recordings {
            return false;
        }
        let left = self.units.loss(second.gain);
        if let Some(way) = second.way_down() {
            if self.lower_along(way, &[second.reach, 1.0], |_| ()) == 0.0 {
                return false;
            }
        } else if !second.has_moved
            && left >= 0.5 * last.gain
            && self.units.loss(self.here.value + self.here.noise) >= last.lowest
        {
            return false;
        }
        *last = Look { gain: left, lowest: self.units.loss(self.here.value) };
        match second.matrix(self.here.x.len()) {
            Some(matrix) => self.curvature.set(matrix),
            None => {
                let slope = norm(&self.here.model.gradient_at_start());
                self.curvature.begin(slope, 0.1 * self.size());
            }
        }
        true
    }

    /// Goes down until that is over: why, and the error of the loss that kept it from going on.
    pub(super) fn descend(&mut self) -> Result<(Ending, Option<E>), E> {
        let mut refused = None;
        self.polished = 0;
        // A model that falls without end costs no recording, but a round.
        for _ in 0..4 * self.options.recordings {
            if self.recordings >= self.allowed {
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
            refused = None;
            let goes_on = self.judge(&plan, there);
            if !goes_on || self.is_bottomless(&self.here) {
                return Ok((Ending::Rounding, refused));
            }
        }
        Ok((Ending::Recordings, refused))
    }

    /// Steps to where the plan has led, or not, and learns from it; whether to go on.
    fn judge(&mut self, plan: &Plan, there: Point) -> bool {
        let hidden = self.here.noise + self.hidden(self.size());
        // A noise that is far greater there is that of a worse place, and excuses nothing.
        let noise = hidden + there.noise.min(hidden);
        let (there, d) = self.corrected(there, plan);
        let fell = self.here.value - there.value;
        let curved = self.curvature.is_active();
        let arrived = curved
            && plan.fall <= 0.25 * self.options.tolerance * self.worth()
            && plan.length <= self.options.radius * self.size();
        // The loss does not tell the two apart.
        let is_level = fell == 0.0 && norm(&there.model.terms) < norm(&self.here.model.terms);
        if plan.fall <= hidden || arrived || is_level {
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
            self.curvature.damp(1e-3 * plan.slope / plan.length);
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

    /// Less far, where a step has led out of the loss's domain.
    fn shorten(&mut self, plan: &Plan) {
        if self.curvature.is_active() {
            self.curvature.damp(4.0 * plan.slope / plan.length);
        } else {
            self.curve(plan.slope, plan.length);
        }
    }

    /// A step of this length was too long for the model.
    pub(super) fn curve(&mut self, slope: f64, length: f64) {
        if self.curvature.is_active() {
            self.curvature.trust_less();
        } else {
            self.curvature.begin(slope, (0.25 * length).min(0.1 * self.size()));
        }
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
