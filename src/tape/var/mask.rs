//! Comparisons that a later [`select`](crate::Scalar::select) goes by.

use super::Var;
use super::nary::{itself, meet, note_curved};
use crate::Real;
use crate::op::{Corner, Op};
use crate::tape::core::{Core, Outcome, RecordingId};
use crate::tape::storage::Link;
use crate::tape::storage::parents::Parents;
use crate::tape::var::apart::{self, Met};
use std::panic::Location;

/// The outcome of [`Var::above`] or [`Var::below`], which [`Var::select`] takes.
///
/// If equal numbers were compared, it remembers both, so that a rule can later choose the branch
/// that a direction enters.
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
    compared: [Var<F>; 2],
}

impl<F: Real> Mask<F> {
    #[inline(always)]
    fn of(a: Var<F>, b: Var<F>, above: bool) -> Self {
        // A branch may jump.
        note_curved(&[a, b], itself);
        let holds = if above { a.value > b.value } else { a.value < b.value };
        Mask { holds, above, compared: [a, b] }
    }

    /// Whether variables, or a variable and a constant, were compared that are equal. As it is compared
    /// strictly, the comparison does not hold then.
    #[inline(always)]
    fn is_tie(self) -> bool {
        let [a, b] = self.compared;
        a.value == b.value && !(a.is_constant() && b.is_constant())
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
        let [a, b] = mask.compared;
        meet(&[a, b, yes, no]);
        if mask.holds {
            yes
        } else if mask.is_tie() {
            Self::tie(mask, yes, no)
        } else {
            no
        }
    }

    /// [`Var::select`] between two computations; see
    /// [`Scalar::select_with`](crate::Scalar::select_with).
    #[inline(always)]
    #[track_caller]
    pub fn select_with(
        mask: Mask<F>,
        yes: impl FnOnce() -> Self,
        no: impl FnOnce() -> Self,
    ) -> Self {
        let [a, b] = mask.compared;
        if mask.is_tie() {
            let (yes, no) = (yes(), no());
            meet(&[a, b, yes, no]);
            return Self::tie(mask, yes, no);
        }
        let taken = if mask.holds { yes() } else { no() };
        meet(&[a, b, taken]);
        taken
    }

    /// The branch that is taken where equal numbers were compared.
    #[inline(always)]
    #[track_caller]
    fn tie(mask: Mask<F>, yes: Self, no: Self) -> Self {
        let [a, b] = mask.compared;
        #[rustfmt::skip]
        let index = branch(
            mask.above,
            a.partials[0], a.partials[1], a.parents, a.recording,
            b.partials[0], b.partials[1], b.parents, b.recording,
            yes.value, yes.partials[0], yes.partials[1], yes.parents, yes.recording,
            no.value, no.partials[0], no.partials[1], no.parents, no.recording,
            Location::caller(),
        )
        .index();
        let compared = if a.is_constant() { b.recording } else { a.recording };
        let recording = if no.is_constant() { compared } else { no.recording };
        Var::statement(no.value, index, recording)
    }
}

/// Writes a branch that was taken at a tie.
///
/// It always writes a statement, even of what is no kink: so the loop of a sum ends here, and nothing
/// that it keeps in registers need outlive this call.
#[cold]
#[inline(never)]
// Single numbers keep the operands in registers, see `write_one`.
#[allow(clippy::too_many_arguments)]
#[rustfmt::skip]
extern "C" fn branch<F: Real>(
    above: bool,
    a0: F, a1: F, a_parents: Parents, a_number: RecordingId,
    b0: F, b1: F, b_parents: Parents, b_number: RecordingId,
    yes: F, yes0: F, yes1: F, yes_parents: Parents, yes_number: RecordingId,
    no: F, no0: F, no1: F, no_parents: Parents, no_number: RecordingId,
    location: &'static Location<'static>,
) -> Outcome {
    let a = Var::carrying(F::zero(), Link { partials: [a0, a1], parents: a_parents }, a_number);
    let b = Var::carrying(F::zero(), Link { partials: [b0, b1], parents: b_parents }, b_number);
    let yes = Var::carrying(yes, Link { partials: [yes0, yes1], parents: yes_parents }, yes_number);
    let no = Var::carrying(no, Link { partials: [no0, no1], parents: no_parents }, no_number);
    // Where they do not meet it is a jump, and where they depend alike on all variables it is smooth.
    if close(yes.value, no.value) && !alike(yes, no) {
        let corner = Corner::Branch { above };
        let met = Met::plain(Op::Select, corner, 0.0, location);
        let difference = a.shifted(F::zero()).plus((-b).shifted(F::zero()));
        return apart::kink(&[difference, yes, no], met, &[]).into();
    }
    let (recording, link) = if no.is_constant() {
        let compared = if a.is_constant() { b } else { a };
        (compared.recording, Link { partials: [F::zero(); 2], ..compared.link() })
    } else {
        (no.recording, no.link())
    };
    Core::find(recording).map(|tape| tape.write(|storage| storage.push(&[link]))).into()
}

/// Whether two numbers are equal but for rounding: one branch may well be computed otherwise than the
/// other.
fn close<F: Real>(x: F, y: F) -> bool {
    const ULPS: f64 = 16.0;
    let difference = (x - y).abs();
    let room = F::from_double(ULPS) * F::epsilon() * x.abs().max(y.abs());
    // Nothing finite is close to an infinity.
    x == y || difference.is_finite() && difference <= room
}

/// Whether two numbers depend alike on all variables.
fn alike<F: Real>(x: Var<F>, y: Var<F>) -> bool {
    let flat = |x: Var<F>| x.parents.iter().zip(x.partials).all(|(_, p)| p == F::zero());
    let equal = |x: Var<F>, y: Var<F>| {
        x.parents.derived() == y.parents.derived()
            && x.parents.iter().zip(x.partials).zip(y.partials).all(|((_, p), q)| close(p, q))
    };
    flat(x) && flat(y) || equal(x, y)
}

#[cfg(test)]
mod tests {
    use crate::Tape;
    use crate::tape::Var;
    use std::cell::Cell;

    #[test]
    fn branches_that_meet_but_for_rounding_are_a_kink() {
        let tape = Tape::new();
        let x = tape.var(0.7);
        let (yes, no) = (x * 0.1 + 0.2 * 0.7, x * 0.3);
        assert_ne!(yes.value(), no.value());
        let y = Var::select(x.above(0.7), yes, no);
        assert_eq!((y.value(), tape.kinks().len()), (no.value(), 1));
        // A jump, however small, if it is more than rounding.
        Var::select(x.above(0.7), yes, no + 1e-12);
        assert_eq!(tape.kinks().len(), 1);
    }

    #[test]
    fn of_two_computations_the_one_taken_is_carried_out_and_both_at_a_tie() {
        let tape = Tape::new();
        for (at, computed, slope) in [(2.0, [1, 0], 3.0), (0.5, [0, 1], 1.0), (1.0, [1, 1], 1.0)] {
            let x = tape.var(at);
            let counts = [Cell::new(0), Cell::new(0)];
            let counted = |i: usize, y: Var| {
                counts[i].set(counts[i].get() + 1);
                y
            };
            let (yes, no) = (|| counted(0, x * 3.0 - 2.0), || counted(1, x));
            let y = Var::select_with(x.above(1.0), yes, no);
            assert_eq!((y.backward().wrt(x), counts.map(Cell::into_inner)), (slope, computed));
            assert_eq!(Var::select(x.above(1.0), x * 3.0 - 2.0, x).value(), y.value());
        }
        assert_eq!(tape.kinks().len(), 2); // one of each form
    }

    /// Every entry of two arguments or more, at its kink, its poles and elsewhere, on both sides.
    #[test]
    fn no_row_takes_variables_of_two_recordings() {
        fn panics(f: impl FnOnce() -> Var) -> bool {
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).is_err()
        }
        macro_rules! entries {
            (
                unary $unary:tt
                binary { $($binary:ident = $Binary:ident;)+ }
                three { $($three:ident = $Three:ident $named:tt;)+ }
                list { $($list:ident = $List:ident;)+ }
            ) => {
                [
                    $((stringify!($binary), |x, y| Var::$binary(x, y)),)+
                    $((stringify!($three), |x, y| x.$three(y, 1.0)),)+
                    $((stringify!($three), |x, y| Var::from(2.0).$three(x, y)),)+
                    $((stringify!($list), |x, y| Var::$list(&[x, y])),)+
                    $((stringify!($list), |x, y| Var::$list(&[x, x * 2.0, y])),)+
                ]
            };
        }
        type Entry = (&'static str, fn(Var, Var) -> Var);
        let entries: &[Entry] = &crate::op::for_each_signature!(entries);
        let tapes = [Tape::new(), Tape::new(), Tape::new()];
        tapes[2].watch(0.1);
        let stale = tapes[0].var(1.0);
        tapes[0].clear();
        for &(name, entry) in entries {
            for (x, y) in [(0.0, 0.0), (1.0, 1.0), (2.0, 0.5), (-1.0, 3.0), (0.0, -1.0)] {
                let [a, b, c] = [&tapes[0], &tapes[1], &tapes[2]].map(|tape| tape.var(1.0));
                for (a, b) in [(a, b), (b, a), (a, c), (c, a), (stale, a), (a, stale)] {
                    let (a, b) = (a * x, b * 2.0 - (2.0 - y));
                    assert!(panics(|| entry(a, b)), "{name} at {x}, {y}");
                }
            }
        }
    }

    #[test]
    fn a_comparison_of_variables_of_two_tapes_goes_by_value() {
        let (one, other) = (Tape::new(), Tape::new());
        let (x, y) = (one.var(1.0), other.var(1.0));
        assert!(!x.above(y).holds() && x.above(y * 0.5).holds() && x.below(y + 1.0).holds());
    }
}
