//! Checking a gradient, and timing it.
//!
//! A gradient is compared with [`differences`] of the function's values, with a [`closed_form`], or
//! with another [`engine`]'s. The outcome is a [`Report`] with a [`Verdict`] on each component; it
//! prints as a table. [`time`] measures what a gradient costs beside an analytic one.
//!
//! The checker knows kinks. Where the slopes of the two sides along an axis differ, there is no one
//! right slope; a component passes if it lies between them, and the verdict is
//! [`Verdict::Kink`]. That is a necessary condition for an element of Clarke's generalized gradient,
//! and along one axis all that differences can tell.
//!
//! ```
//! use wengert::{Scalar, Var, check};
//!
//! // A user's function whose partial has lost its sign.
//! fn damped<T: Scalar>(x: T) -> T {
//!     T::custom("damped", [x], |[x]| ((-x).exp(), [(-x).exp()]))
//! }
//!
//! let report = check::differences(|x: &[Var]| damped(x[0]) + x[1], &[1.0, 2.0]);
//! assert_eq!(report.verdict(), check::Verdict::Wrong);
//! assert_eq!(report.components()[0].verdict, check::Verdict::Wrong);
//! assert_eq!(report.components()[1].verdict, check::Verdict::Agrees);
//! ```

mod grain;
mod report;
mod slope;
mod timing;

pub use report::{Component, Report, Verdict};
pub use timing::{Timing, time};

use crate::op::Sides;
use crate::polyhedral::extract::extract;
use crate::short::Short;
use crate::{Real, Tape, Var};
use slope::{Estimate, SAFETY, Slopes};
use std::cell::Cell;

/// Why a check could not be made.
///
/// ```
/// use wengert::{Var, check};
/// let error = check::closed_form(|x: &[Var]| x[0] * x[1], &[2.0, 3.0], &[3.0]).unwrap_err();
/// assert_eq!(error, check::CheckError::Length { expected: 2, found: 1 });
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The reference does not give one slope for each variable.
    #[error("the reference has {found} slopes for {expected} variables")]
    Length {
        /// How many variables the function has.
        expected: usize,
        /// How many slopes were given.
        found: usize,
    },
    /// Two gradients that were to be timed are not those of the same function.
    #[error(
        "the gradient is {} at index {index} and the analytic one {}; they differ by more than {} \
         relative", Short(*found), Short(*expected), Short(*tolerance)
    )]
    Differ {
        /// Which slope, counted from 0.
        index: usize,
        /// The slope of the analytic gradient.
        expected: f64,
        /// The slope of the gradient.
        found: f64,
        /// The relative tolerance.
        tolerance: f64,
    },
}

/// Compares the gradient of `f` at `x` with differences of its values: central and one-sided,
/// extrapolated to a step of 0 by Richardson's method, with an estimate of their error.
///
/// `f` is evaluated some 180 times for each variable, from an eighth of `max(|xᵢ|, 1)` away down to
/// a few units in the last place, so that a peak, step or wave narrower than the long steps is
/// seen. If short and long steps see different slopes, up to 2000 more evaluations decide between
/// two causes: a narrow peak, or a number within the function that is rounded more coarsely than
/// `xᵢ`, as in `(x + 1e8) - 1e8`. A slope is called wrong where differences over two sets of steps say
/// so. Where the values cannot decide, the verdict is
/// [`Verdict::Inconclusive`].
///
/// ```
/// use wengert::{Var, check};
/// let report = check::differences(|x: &[Var]| x[0].sin() * x[1].exp(), &[1.0, 2.0]);
/// assert!(report.is_ok(), "{report}");
/// ```
#[track_caller]
pub fn differences<F: Real>(f: impl Fn(&[Var<F>]) -> Var<F>, x: &[F]) -> Report {
    check(f, x, None, "differences")
}

/// Compares the gradient of `f` at `x` with slopes worked out by hand.
///
/// They may differ by `ε^(2/3)` relative, with `ε` the precision: 4e-11 in double precision. Where
/// they do not agree, differences tell whether there is a kink.
///
/// # Errors
/// [`CheckError::Length`] if there is not one slope for each variable.
///
/// ```
/// use wengert::{Var, check};
/// let report = check::closed_form(|x: &[Var]| x[0].powi(3), &[2.0], &[12.0])?;
/// assert!(report.is_ok(), "{report}");
/// # Ok::<(), check::CheckError>(())
/// ```
#[track_caller]
pub fn closed_form<F: Real>(
    f: impl Fn(&[Var<F>]) -> Var<F>,
    x: &[F],
    slopes: &[F],
) -> Result<Report, CheckError> {
    same_length(slopes, x)?;
    Ok(check(f, x, Some(slopes), "closed form"))
}

/// Compares the gradient of `f` at `x` with that of another engine, or of a function written by
/// hand. Tolerance and kinks as for [`closed_form`]; at a kink each may have its own convention.
///
/// # Errors
/// [`CheckError::Length`] if it does not give one slope for each variable.
///
/// ```
/// use wengert::{Var, check};
/// let by_hand = |x: &[f64]| x.iter().map(|x| x.cos()).collect();
/// let loss = |x: &[Var]| x.iter().map(|x| x.sin()).sum();
/// assert!(check::engine(loss, &[1.0, 2.0], by_hand)?.is_ok());
/// # Ok::<(), check::CheckError>(())
/// ```
#[track_caller]
pub fn engine<F: Real>(
    f: impl Fn(&[Var<F>]) -> Var<F>,
    x: &[F],
    gradient: impl FnOnce(&[F]) -> Vec<F>,
) -> Result<Report, CheckError> {
    let slopes = gradient(x);
    same_length(&slopes, x)?;
    Ok(check(f, x, Some(&slopes), "another engine"))
}

fn same_length<F>(slopes: &[F], x: &[F]) -> Result<(), CheckError> {
    let (expected, found) = (x.len(), slopes.len());
    if expected == found { Ok(()) } else { Err(CheckError::Length { expected, found }) }
}

/// Steps that are looked at a second time are this share of the first ones.
const OTHERS: f64 = 0.75;

#[track_caller]
fn check<F: Real>(
    f: impl Fn(&[Var<F>]) -> Var<F>,
    x: &[F],
    given: Option<&[F]>,
    reference: &'static str,
) -> Report {
    let tape = Tape::default();
    let vars = tape.vars_from(x);
    let y = f(&vars);
    let value = y.value().to_double();
    let slope = y.backward().wrt(&vars);
    let kinks = tape.kinks();
    let steepest = slope.iter().map(|s| s.to_double().abs()).filter(|s| s.is_finite());
    let judge = Judge {
        epsilon: F::epsilon().to_double(),
        value,
        steepest: steepest.fold(0.0, f64::max),
        met_kinks: !kinks.is_empty(),
    };
    // Constants record nothing: only the value is wanted.
    let shifted = |i: usize, to: F| {
        let mut at: Vec<Var<F>> = x.iter().map(|&x| Var::from(x)).collect();
        at[i] = Var::from(to);
        f(&at).value().to_double()
    };
    // Whether the tape has a slope beside the point.
    let sloped = |i: usize, to: F| {
        let mut at = x.to_vec();
        at[i] = to;
        let tape = Tape::default();
        let vars = tape.vars_from(&at);
        f(&vars).backward().wrt(vars[i]) != F::zero()
    };
    let component = |(i, slope): (usize, &F)| {
        let furthest = Cell::new(0.0);
        let measure = |share: f64| {
            let (found, afar) = slope::slopes(|to| shifted(i, to), x[i], share);
            // Where short steps see no change and a long one does, the tape may see as much.
            let seen = |step: f64| {
                let h = F::from_double(step);
                [x[i] - h, x[i] + h].into_iter().any(|to| sloped(i, to))
            };
            let reach = [found.left, found.central, found.right].map(|e| e.reach);
            furthest.set(reach.into_iter().fold(furthest.get(), f64::max));
            Measured { flat_unseen: found.flat.is_some_and(|step| !seen(step)), found, afar }
        };
        let slope = slope.to_double();
        let look = |share: f64| {
            let (x, measure) = (x[i].to_double(), || measure(share));
            let found = match given {
                None => judge.by_differences(slope, x, measure()),
                Some(given) => judge.by_reference(slope, given[i].to_double(), x, measure),
            };
            Component { variable: i, tape: slope, ..found }
        };
        let found = look(1.0);
        // Rounding errors that happen to be alike look like a slope that has converged. Over other steps they
        // are others.
        let again = (found.verdict == Verdict::Wrong && given.is_none()).then(|| look(OTHERS));
        if again.is_some_and(|again| again.verdict != Verdict::Wrong) {
            let reason = Some("differences over other steps do not say so");
            return Component { verdict: Verdict::Inconclusive, reason, ..found };
        }
        if found.verdict == Verdict::Wrong && found.sides.is_none() {
            let off = (slope - found.reference).abs();
            if off <= found.error + bent(&f, x, i, furthest.get()) {
                let reason = Some("kinks are closer than the differences can tell apart");
                return Component { verdict: Verdict::Inconclusive, reason, ..found };
            }
        }
        found
    };
    let components = slope.iter().enumerate().map(component).collect();
    Report { reference, value, components, kinks }
}

/// What differences tell of a component.
struct Measured {
    found: Slopes,
    /// What long steps tell, where values jump over and over.
    afar: Option<Slopes>,
    /// Short steps see no change, a longer one does, and the tape has no slope there.
    flat_unseen: bool,
}

/// By how much kinks beside `x` may turn the slope by variable `i`, as far as `reach` along it.
fn bent<F: Real>(f: impl Fn(&[Var<F>]) -> Var<F>, x: &[F], i: usize, reach: f64) -> f64 {
    let tape = Tape::default();
    tape.watch(f64::INFINITY);
    let vars = tape.vars_from(x);
    let model = extract(&f(&vars), &vars, f64::INFINITY, false).model;
    let starts: Vec<f64> = model.lines.iter().map(|line| line.start).collect();
    let (mut row, mut bent) = (vec![0.0; x.len()], 0.0);
    model.each_steepest(|line, by| {
        model.line_gradient(line, &starts, &mut row);
        let rate = row[i].abs();
        let distance = model.lines[line].distance.abs();
        if 0.0 < distance && distance <= rate * reach {
            bent += 2.0 * (by * rate).abs();
        }
    });
    bent
}

/// What the verdicts on all components depend on.
struct Judge {
    epsilon: f64,
    value: f64,
    steepest: f64,
    met_kinks: bool,
}

impl Judge {
    /// How far two slopes computed in different orders may differ.
    fn tolerance(&self, a: f64, b: f64) -> f64 {
        let size = [a, b].into_iter().filter(|x| x.is_finite()).fold(0.0, |m, x| x.abs().max(m));
        self.epsilon.powf(2.0 / 3.0) * size + 16.0 * self.epsilon * self.steepest
    }

    fn by_reference(
        &self,
        tape: f64,
        reference: f64,
        x: f64,
        measure: impl FnOnce() -> Measured,
    ) -> Component {
        let error = self.tolerance(tape, reference);
        let agree = tape == reference || (tape - reference).abs() <= error;
        if agree && !self.met_kinks {
            return verdict(reference, error, Verdict::Agrees, None);
        }
        if !self.value.is_finite() {
            return self.not_finite(reference);
        }
        if tape.is_nan() && reference.is_nan() {
            return verdict(reference, error, Verdict::Inconclusive, Some("both slopes are NaN"));
        }
        let measured = self.by_differences(tape, x, measure());
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

    fn by_differences(&self, tape: f64, x: f64, measured: Measured) -> Component {
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
        let Slopes { left, central, right, .. } = found;
        // An error is small or great beside what a slope of this function could well be.
        let size = found.rise.max(self.steepest).max(self.value.abs() / x.abs().max(1.0));
        let sharp = |e: &Estimate| e.error <= self.epsilon.powf(0.25) * size.max(e.slope.abs());
        if sharp(&left) && sharp(&right) {
            let noise = SAFETY * (left.error + right.error);
            let error = noise + self.tolerance(left.slope, right.slope);
            if (left.slope - right.slope).abs() > error {
                return self.between(tape, left.slope, right.slope, error);
            }
        }
        let (reference, one_sided) = match (left.slope.is_nan(), right.slope.is_nan()) {
            (true, false) => (right, true),
            (false, true) => (left, true),
            _ => (central, false),
        };
        let error = SAFETY * reference.error + self.tolerance(tape, reference.slope);
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
