//! From slopes and differences to verdicts.

use super::report::{Component, Verdict};
use super::slope::{Estimate, SAFETY, Slopes};
use crate::op::Sides;

/// What differences tell of a component.
pub(super) struct Measured {
    pub(super) found: Slopes,
    /// What long steps tell, where values jump over and over.
    pub(super) afar: Option<Slopes>,
    /// Short steps see no change, a longer one does, and the tape has no slope there.
    pub(super) flat_unseen: bool,
}

/// What the verdicts on all components depend on.
pub(super) struct Judge {
    pub(super) epsilon: f64,
    pub(super) value: f64,
    /// The slope of greatest magnitude.
    steepest: f64,
    /// The most that a variable makes of the value, as a slope times the variable; no less than the value.
    influence: f64,
    pub(super) met_kinks: bool,
}

impl Judge {
    /// For a function with these slopes at `x`.
    pub(super) fn new(
        epsilon: f64,
        value: f64,
        x: &[f64],
        slopes: &[f64],
        met_kinks: bool,
    ) -> Self {
        let most = |sizes: &mut dyn Iterator<Item = f64>| {
            sizes.map(f64::abs).filter(|x| x.is_finite()).fold(0.0, f64::max)
        };
        let steepest = most(&mut slopes.iter().copied());
        let influence = most(&mut x.iter().zip(slopes).map(|(x, slope)| x * slope).chain([value]));
        Judge { epsilon, value, steepest, influence, met_kinks }
    }

    /// How far two slopes computed in different orders may differ beside their own size.
    fn relative(&self, a: f64, b: f64) -> f64 {
        let size = [a, b].into_iter().filter(|x| x.is_finite()).fold(0.0, |m, x| x.abs().max(m));
        self.epsilon.powf(2.0 / 3.0) * size
    }

    /// The same, with room for terms of a slope by `x` that cancel. These are no greater than a slope that the
    /// function has along `x`, nor than what a variable makes of the value, for each unit of `x`: slopes by other
    /// variables, which may have other units, do not count.
    fn tolerance(&self, a: f64, b: f64, x: f64, rise: f64) -> f64 {
        let terms = rise.min(self.influence / x.abs());
        self.relative(a, b) + 16.0 * self.epsilon * terms
    }

    pub(super) fn by_reference(
        &self,
        tape: f64,
        reference: f64,
        x: f64,
        measure: impl FnOnce() -> Measured,
    ) -> Component {
        let error = self.relative(tape, reference);
        let within = |error| tape == reference || (tape - reference).abs() <= error;
        if within(error) && !self.met_kinks {
            return verdict(reference, error, Verdict::Agrees, None);
        }
        if !self.value.is_finite() {
            return self.not_finite(reference);
        }
        if tape.is_nan() && reference.is_nan() {
            return verdict(reference, error, Verdict::Inconclusive, Some("both slopes are NaN"));
        }
        let measured = measure();
        let error = self.tolerance(tape, reference, x, measured.found.rise);
        let agree = within(error);
        if agree && !self.met_kinks {
            return verdict(reference, error, Verdict::Agrees, None);
        }
        let measured = self.by_differences(tape, x, measured);
        match measured.sides {
            Some(Sides { left, right }) => {
                let slack = measured.error;
                let within =
                    left.min(right) - slack <= reference && reference <= left.max(right) + slack;
                if agree || within || measured.verdict == Verdict::Wrong {
                    return Component { reference, ..measured };
                }
                let reason = "the reference lies outside the slopes of the two sides of a kink";
                Component { reference, verdict: Verdict::Wrong, reason: Some(reason), ..measured }
            }
            None if agree && measured.verdict == Verdict::Wrong => {
                Component { error: measured.error, ..measured }
            }
            None if agree => verdict(reference, error, Verdict::Agrees, None),
            None => verdict(reference, error, Verdict::Wrong, None),
        }
    }

    pub(super) fn by_differences(&self, tape: f64, x: f64, measured: Measured) -> Component {
        let Measured { found, afar, flat_unseen } = measured;
        if !self.value.is_finite() {
            return self.not_finite(found.central.slope);
        }
        let component = self.by_slopes(tape, x, found);
        // Values that are all alike beside the point may be so by rounding. They contradict no slope;
        // nor do they confirm a slope of 0 that the tape has where they change, too.
        let alike = found.flat.is_some() || found.rise == 0.0;
        if alike && component.verdict == Verdict::Wrong || flat_unseen {
            let reason = "the function does not change over short steps, be it flat or rounded";
            return Component { verdict: Verdict::Inconclusive, reason: Some(reason), ..component };
        }
        // Between steps of its own a function has the slope that is seen there, between those of rounding
        // the one over many. The values do not tell which they are.
        let Some(afar) = afar.map(|afar| self.by_slopes(tape, x, afar)) else {
            return component;
        };
        if afar.verdict == component.verdict {
            return afar;
        }
        let reason = Some("the values go in steps, be they of rounding or the function's own");
        Component { verdict: Verdict::Inconclusive, reason, ..afar }
    }

    fn by_slopes(&self, tape: f64, x: f64, found: Slopes) -> Component {
        let Slopes { left, central, right, rise, .. } = found;
        // An error is small or great beside what a slope of this function could well be.
        let steepest = self.steepest.min(self.influence / x.abs());
        let size = rise.max(steepest).max(self.value.abs() / x.abs().max(1.0));
        let sharp = |e: &Estimate| e.error <= self.epsilon.powf(0.25) * size.max(e.slope.abs());
        if sharp(&left) && sharp(&right) {
            let noise = SAFETY * (left.error + right.error);
            let error = noise + self.tolerance(left.slope, right.slope, x, rise);
            if (left.slope - right.slope).abs() > error {
                return self.between(tape, left.slope, right.slope, error);
            }
        }
        let (reference, one_sided) = match (left.slope.is_nan(), right.slope.is_nan()) {
            (true, false) => (right, true),
            (false, true) => (left, true),
            _ => (central, false),
        };
        let error = SAFETY * reference.error + self.tolerance(tape, reference.slope, x, rise);
        let reason = if !sharp(&reference) {
            let reason = if tape.is_finite() {
                "the differences do not converge"
            } else {
                "the slope is not finite, nor do the differences converge"
            };
            return verdict(reference.slope, error, Verdict::Inconclusive, Some(reason));
        } else if !tape.is_finite() {
            Some("the slope is not finite, but the differences converge")
        } else if one_sided {
            Some("the function is finite on one side only")
        } else {
            None
        };
        // Written so that a NaN is wrong.
        if (tape - reference.slope).abs() <= error {
            return verdict(reference.slope, error, Verdict::Agrees, reason);
        }
        let kink = "a kink was met, but both sides have the same slope along this axis";
        let reason = reason.or(self.met_kinks.then_some(kink));
        verdict(reference.slope, error, Verdict::Wrong, reason)
    }

    /// The verdict at a kink with these slopes on its sides.
    fn between(&self, tape: f64, left: f64, right: f64, error: f64) -> Component {
        let inside = left.min(right) - error <= tape && tape <= left.max(right) + error;
        let (found, reason) = match (inside, self.met_kinks) {
            (true, true) => (Verdict::Kink, None),
            (true, false) => (Verdict::Kink, Some("not met, but close by")),
            (false, _) => (Verdict::Wrong, Some("outside the slopes of the two sides of a kink")),
        };
        let sides = Some(Sides { left, right });
        Component { sides, ..verdict((left + right) / 2.0, error, found, reason) }
    }

    fn not_finite(&self, reference: f64) -> Component {
        let reason = "the function's value is not finite";
        verdict(reference, f64::NAN, Verdict::Inconclusive, Some(reason))
    }
}

fn verdict(
    reference: f64,
    error: f64,
    verdict: Verdict,
    reason: Option<&'static str>,
) -> Component {
    Component { variable: 0, tape: f64::NAN, reference, error, sides: None, verdict, reason }
}
