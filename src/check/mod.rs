//! Checking a gradient, and timing it.
//!
//! A gradient is compared with [`differences`] of the function's values, with a [`closed_form`], or
//! with another [`engine`]'s. The outcome is a [`Report`] with a [`Verdict`] on each component; it
//! prints as a table. [`jacobian`] and [`hessian`] compare matrices in the same way. [`time`] measures what a gradient costs beside an analytic one.
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
mod judge;
mod report;
mod second;
mod slope;
mod timing;

pub use report::{Component, Report, Verdict};
pub use second::hessian;
pub use timing::{Timing, time};

use crate::polyhedral::extract::extract;
use crate::real::Short;
use crate::{Real, Tape, Var};
use judge::{Judge, Measured};
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
    /// A matrix does not have one row for each output, or for each variable of a Hessian.
    #[error("the matrix has {found} rows for {expected}")]
    Rows {
        /// How many outputs the function has, or variables.
        expected: usize,
        /// How many rows were given.
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
    check(f, x, None, None, "differences")
}

/// Compares the gradient of `f` at `x` with slopes worked out by hand.
///
/// They may differ by `ε^(2/3)` relative, with `ε` the precision: 4e-11 in double precision; and by `16ε` of
/// terms that may have cancelled, for which slopes by other variables count as far as units allow. Where
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
    Ok(check(f, x, None, Some(slopes), "closed form"))
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
    Ok(check(f, x, None, Some(&slopes), "another engine"))
}

/// Compares a Jacobian with differences of the values of `f`: that of a program, of another engine, or by hand.
/// A report for each row, on the slopes of that output, as [`differences`] makes it.
///
/// # Errors
/// [`CheckError::Rows`] if there is not one row for each output, [`CheckError::Length`] if a row has not one
/// slope for each variable.
///
/// ```
/// use wengert::{Var, check};
/// let polar = |x: &[Var]| vec![x[0] * x[1].cos(), x[0] * x[1].sin()];
/// let (r, angle) = (2.0_f64, 0.5_f64);
/// let rows = [[angle.cos(), -r * angle.sin()], [angle.sin(), r * angle.cos()]];
/// let reports = check::jacobian(polar, &[r, angle], &rows)?;
/// assert!(reports.iter().all(|report| report.is_ok()));
/// # Ok::<(), check::CheckError>(())
/// ```
#[track_caller]
pub fn jacobian<F: Real>(
    f: impl Fn(&[Var<F>]) -> Vec<Var<F>>,
    x: &[F],
    rows: &[impl AsRef<[F]>],
) -> Result<Vec<Report>, CheckError> {
    let fixed: Vec<Var<F>> = x.iter().map(|&x| Var::from(x)).collect();
    let (expected, found) = (f(&fixed).len(), rows.len());
    if expected != found {
        return Err(CheckError::Rows { expected, found });
    }
    rows.iter().try_for_each(|row| same_length(row.as_ref(), x))?;
    let of = |(output, row): (usize, &_)| {
        let row: &[F] = AsRef::as_ref(row);
        check(|x: &[Var<F>]| f(x)[output], x, Some(row), None, "differences")
    };
    Ok(rows.iter().enumerate().map(of).collect())
}

fn same_length<F>(slopes: &[F], x: &[F]) -> Result<(), CheckError> {
    let (expected, found) = (x.len(), slopes.len());
    if expected == found { Ok(()) } else { Err(CheckError::Length { expected, found }) }
}

fn doubles<F: Real>(numbers: &[F]) -> Vec<f64> {
    numbers.iter().map(|x| x.to_double()).collect()
}

/// Steps that are looked at a second time are this share of the first ones.
const OTHERS: f64 = 0.75;

#[track_caller]
fn check<F: Real>(
    f: impl Fn(&[Var<F>]) -> Var<F>,
    x: &[F],
    claimed: Option<&[F]>,
    given: Option<&[F]>,
    reference: &'static str,
) -> Report {
    let tape = Tape::default();
    let vars = tape.vars_from(x);
    let y = f(&vars);
    let value = y.value().to_double();
    let slope = claimed.map_or_else(|| y.backward().wrt(&vars), <[F]>::to_vec);
    let kinks = tape.kinks();
    let epsilon = F::epsilon().to_double();
    let judge = Judge::new(epsilon, value, &doubles(x), &doubles(&slope), !kinks.is_empty());
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
