//! Comparisons that a later [`select`](crate::Scalar::select) goes by.

use super::apart::{self, Met};
use super::core::{Core, Outcome};
use super::var::Var;
use crate::Real;
use crate::op::{Corner, Op};
use std::panic::Location;

/// The outcome of [`Var::above`] or [`Var::below`], which [`Var::select`] takes.
///
/// Of a comparison of equal numbers it remembers what was compared, so that a rule can later choose
/// the branch that a direction enters.
///
/// ```
/// use wengert::Tape;
/// let tape = Tape::new();
/// assert!(tape.var(2.0).above(1.0).holds());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Mask<F: Real = f64> {
    holds: bool,
    above: bool,
    /// Whether a kink may be written: the two are equal, or their tape is watched.
    open: bool,
    compared: [Var<F>; 2],
}

impl<F: Real> Mask<F> {
    #[inline(always)]
    fn of(a: Var<F>, b: Var<F>, above: bool) -> Self {
        let holds = if above { a.value > b.value } else { a.value < b.value };
        let open = a.value == b.value || a.number.is_watched() || b.number.is_watched();
        Mask { holds, above, open, compared: [a, b] }
    }

    /// Whether the comparison holds.
    ///
    /// ```
    /// assert!(!wengert::Var::from(1.0).below(1.0).holds());
    /// ```
    #[inline(always)]
    pub fn holds(self) -> bool {
        self.holds
    }
}

impl<F: Real> From<Mask<F>> for bool {
    #[inline(always)]
    fn from(mask: Mask<F>) -> bool {
        mask.holds
    }
}

impl<F: Real> Var<F> {
    /// Whether `self > bound`; see [`Scalar::above`](crate::Scalar::above).
    #[inline(always)]
    pub fn above(self, bound: impl Into<Self>) -> Mask<F> {
        Mask::of(self, bound.into(), true)
    }

    /// Whether `self < bound`; see [`Scalar::below`](crate::Scalar::below).
    #[inline(always)]
    pub fn below(self, bound: impl Into<Self>) -> Mask<F> {
        Mask::of(self, bound.into(), false)
    }

    /// `yes` where the mask holds, else `no`; see [`Scalar::select`](crate::Scalar::select).
    #[inline(always)]
    #[track_caller]
    pub fn select(mask: Mask<F>, yes: Self, no: Self) -> Self {
        let taken = if mask.holds { yes } else { no };
        if !mask.open {
            return taken;
        }
        let [a, b] = mask.compared;
        let written = branch(a, b, mask.above, yes, no, Location::caller());
        if written.is_none() {
            return taken;
        }
        let number = if a.is_constant() { b.number } else { a.number };
        Var::statement(taken.value, written.index(), number)
    }
}

/// Writes a branch taken at a tie, or near one on a tape that is watched, where both branches meet;
/// nothing where they do not, which is a jump, or where they depend alike on all, which is smooth.
#[cold]
#[inline(never)]
#[allow(improper_ctypes_definitions, reason = "only for not unwinding, see `Outcome`")]
extern "C" fn branch<F: Real>(
    a: Var<F>,
    b: Var<F>,
    above: bool,
    yes: Var<F>,
    no: Var<F>,
    location: &'static Location<'static>,
) -> Outcome {
    let number = if a.is_constant() { b.number } else { a.number };
    let Ok(tape) = Core::<F>::find(number) else { return Outcome::NONE };
    let foreign = |x: &Var<F>| !x.is_constant() && x.number != number;
    if foreign(&a) || foreign(&b) {
        return Outcome::NONE;
    }
    let tie = a.value == b.value;
    let distance = if tie { 0.0 } else { (a.value - b.value).to_double() };
    let open = if tie { yes.value == no.value } else { tape.is_near(distance) };
    if !open || alike(yes, no) {
        return Outcome::NONE;
    }
    let difference = a.shifted(F::from_double(distance)).plus(-b);
    let met = Met { op: Op::Select, corner: Corner::Branch { above }, distance, location };
    apart::kink(&[difference, yes, no], met, &[]).into()
}

/// Whether two numbers depend alike on all variables.
fn alike<F: Real>(x: Var<F>, y: Var<F>) -> bool {
    let flat = |x: Var<F>| x.parents.iter().zip(x.partials).all(|(_, p)| p == F::zero());
    let equal = |x: Var<F>, y: Var<F>| {
        x.parents.derived() == y.parents.derived()
            && x.parents.iter().zip(x.partials).zip(y.partials).all(|((_, p), q)| p == q)
    };
    flat(x) && flat(y) || equal(x, y)
}

#[cfg(test)]
mod tests {
    use crate::Tape;
    use crate::tape::Var;

    #[test]
    fn a_branch_of_variables_of_two_tapes_goes_by_value() {
        let (one, other) = (Tape::new(), Tape::new());
        let (x, y) = (one.var(1.0), other.var(1.0));
        assert_eq!(Var::select(x.above(y), x, x * 1.5).value(), 1.5);
        assert!(one.kinks().is_empty() && other.kinks().is_empty());
    }
}
