//! Hessians against differences of gradients.

use super::judge::{Judge, Measured};
use super::report::{Component, Report, Verdict};
use super::slope::{self, Estimate, Slopes};
use super::{CheckError, OTHERS, doubles, same_length};
use crate::{Kink, Real, Rule, Tape, Var};
use std::cell::RefCell;
use std::collections::HashMap;

/// Compares a Hessian with differences of the gradient of `f`, as the tape gives it: that of a program, of
/// numbers that carry second derivatives, of another engine, or by hand. A report for each row, that is, for
/// each component of the gradient.
///
/// At a kink the gradient jumps, and has a derivative on each side. A number passes that is the one on the
/// side of the axis, or the one against it, or lies between: the verdict is [`Verdict::Kink`] where they differ.
/// The gradients on the two sides are those of [`Rule::Along`]. Where another kink is so close that
/// differences would reach across it, what disagrees is [`Verdict::Inconclusive`].
///
/// The gradient is taken some 180 times for each variable, as in [`differences`](super::differences).
///
/// # Errors
/// [`CheckError::Rows`] if there is not one row for each variable, [`CheckError::Length`] if a row has not one
/// number for each.
///
/// ```
/// use wengert::{Dual2, Scalar, Var, check};
/// fn f<T: Scalar>(x: &[T]) -> T {
///     x[0].square() * x[1].exp() + x[1].abs() * x[1].abs()
/// }
/// let x = [2.0, 0.0];
/// let hessian = f(&Dual2::seeds(x)).hessian();
/// let reports = check::hessian(|x: &[Var]| f(x), &x, &hessian)?;
/// assert!(reports.iter().all(|report| report.is_ok()), "{reports:?}");
/// # Ok::<(), check::CheckError>(())
/// ```
#[track_caller]
pub fn hessian<F: Real>(
    f: impl Fn(&[Var<F>]) -> Var<F>,
    x: &[F],
    rows: &[impl AsRef<[F]>],
) -> Result<Vec<Report>, CheckError> {
    let (expected, found) = (x.len(), rows.len());
    if expected != found {
        return Err(CheckError::Rows { expected, found });
    }
    rows.iter().try_for_each(|row| same_length(row.as_ref(), x))?;
    let gradients = Gradients::new(f, x);
    let report = |(i, row): (usize, &_)| {
        let row: &[F] = AsRef::as_ref(row);
        gradients.report(i, row)
    };
    Ok(rows.iter().enumerate().map(report).collect())
}

/// The gradients at the point and beside it.
struct Gradients<'x, F: Real, L> {
    f: L,
    x: &'x [F],
    /// The gradient at the point, by the default convention, and the kinks met there.
    here: Vec<F>,
    kinks: Vec<Kink>,
    /// Against and along each axis: the gradient of the piece that is entered.
    entered: Vec<[Vec<F>; 2]>,
    /// By variable and value of that: gradients are asked for once for each component.
    beside: RefCell<HashMap<(usize, u64), Vec<F>>>,
}

impl<'x, F: Real, L: Fn(&[Var<F>]) -> Var<F>> Gradients<'x, F, L> {
    #[track_caller]
    fn new(f: L, x: &'x [F]) -> Self {
        let tape = Tape::default();
        let vars = tape.vars_from(x);
        let y = f(&vars);
        let here: Vec<F> = y.backward().wrt(&vars);
        let kinks = tape.kinks();
        let along = |j: usize, sign: F| {
            if kinks.is_empty() {
                return here.clone();
            }
            let mut direction = vec![F::zero(); x.len()];
            direction[j] = sign;
            let rule = Rule::Along(&vars, &direction);
            y.backward_with(rule).map_or_else(|_| here.clone(), |gradient| gradient.wrt(&vars))
        };
        let entered = (0..x.len()).map(|j| [along(j, -F::one()), along(j, F::one())]).collect();
        Gradients { f, x, kinks, entered, here, beside: RefCell::default() }
    }

    /// Component `i` of the gradient where variable `j` has another value.
    fn component(&self, i: usize, j: usize, to: F) -> f64 {
        let mut beside = self.beside.borrow_mut();
        let gradient = beside.entry((j, to.to_double().to_bits())).or_insert_with(|| {
            let mut at = self.x.to_vec();
            at[j] = to;
            let tape = Tape::default();
            let vars = tape.vars_from(&at);
            (self.f)(&vars).backward().wrt(&vars)
        });
        gradient[i].to_double()
    }

    /// The slopes of component `i` along axis `j`; at a kink each side from the gradient of its own piece, which
    /// goes on beyond the point as on this side, turned round.
    fn measured(&self, i: usize, j: usize, share: f64) -> Measured {
        let x = self.x[j];
        if self.kinks.is_empty() {
            let (found, afar) = slope::slopes(|to| self.component(i, j, to), x, share);
            return Measured { found, afar, flat_unseen: false };
        }
        let side = |along: bool| {
            let here = self.entered[j][usize::from(along)][i].to_double();
            let value = |to: F| match to == x {
                true => here,
                false if (to > x) == along => self.component(i, j, to),
                false => 2.0 * here - self.component(i, j, x + (x - to)),
            };
            slope::slopes(value, x, share).0
        };
        let (left, right) = (side(false), side(true));
        let central = sharper(left.left, right.right);
        Measured {
            found: Slopes { left: left.left, central, ..right },
            afar: None,
            flat_unseen: false,
        }
    }

    /// Whether a kink lies so close along axis `j` that differences reach across it: then one is on another
    /// side at the far end.
    fn is_bent(&self, j: usize, reach: f64) -> bool {
        let sides = |to: F| -> Vec<bool> {
            let mut at = self.x.to_vec();
            at[j] = to;
            let tape = Tape::default();
            tape.watch(f64::INFINITY);
            // What comes of it is not asked for, but the kinks on the way.
            let _ = (self.f)(&tape.vars_from(&at));
            tape.near_kinks().iter().map(|kink| kink.distance() > 0.0).collect()
        };
        let (x, reach) = (self.x[j], F::from_double(reach));
        // A kink that is met here is on the same side all the way.
        let beside = (x.abs() * F::epsilon()).max(F::min_positive_value());
        sides(x - reach) != sides(x - beside) || sides(x + beside) != sides(x + reach)
    }

    fn report(&self, i: usize, row: &[F]) -> Report {
        let value = self.here[i].to_double();
        let (epsilon, met_kinks) = (F::epsilon().to_double(), !self.kinks.is_empty());
        let judge = Judge::new(epsilon, value, &doubles(self.x), &doubles(row), met_kinks);
        let component = |(j, slope): (usize, &F)| {
            let slope = slope.to_double();
            let look = |share: f64| {
                let measured = self.measured(i, j, share);
                let sides = [measured.found.left, measured.found.central, measured.found.right];
                let reach = sides.map(|side| side.reach).into_iter().fold(0.0, f64::max);
                let found = judge.by_differences(slope, self.x[j].to_double(), measured);
                (Component { variable: j, tape: slope, ..found }, reach)
            };
            let (found, reach) = look(1.0);
            if found.verdict != Verdict::Wrong {
                return found;
            }
            let doubtful = |reason| Component {
                verdict: Verdict::Inconclusive,
                reason: Some(reason),
                ..found
            };
            if look(OTHERS).0.verdict != Verdict::Wrong {
                return doubtful("differences over other steps do not say so");
            }
            if self.is_bent(j, reach) {
                return doubtful("kinks are closer than the differences can tell apart");
            }
            found
        };
        let components = row.iter().enumerate().map(component).collect();
        Report { reference: "differences", value, components, kinks: self.kinks.clone() }
    }
}

/// The estimate with the smaller error.
fn sharper(a: Estimate, b: Estimate) -> Estimate {
    if a.error < b.error { a } else { b }
}
