//! Dot products, each one statement.
//!
//! ```text
//! if both sides are one list:      an edge for each operand
//! else if they are evenly spaced:  a run of two sides
//! else if short:                   a link for each pair
//! else:                            the dependence on one side after the other
//! ```
//!
//! Its slopes are in no column of the table, whose lists are one: they are the other side's numbers, as those of each
//! product are.

use super::Var;
use super::nary::{Halt, depend, itself, note_curved, recording, wide, write_wide};
use crate::Real;
use crate::op::nary;
use crate::op::nary::carried::{PART, settled};
use crate::op::nary::{IN_TURN, Sums};
use crate::op::{self, Pairs, arithmetic};
use crate::real::Number;
use crate::tape::core::{Core, Misuse, RecordingId};
use crate::tape::storage::parents::Parents;
use crate::tape::storage::runs::Spacing;
use crate::tape::storage::{Link, StatementId, Storage};
use num_traits::Float;
use smallvec::SmallVec;
use std::any::TypeId;

impl<F: Real> Var<F> {
    /// See [`Scalar::dot`](crate::Scalar::dot).
    #[inline(always)]
    #[track_caller]
    pub fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self {
        nary::same_length(a.len(), b.len());
        // Another type's conversion might record, which must not happen halfway through a statement.
        if ![TypeId::of::<F>(), TypeId::of::<Self>()].contains(&TypeId::of::<T>()) {
            let b: SmallVec<[Self; 16]> = b.iter().map(|&b| b.into()).collect();
            return Self::dot(a, &b[..]);
        }
        short(a, b, itself, Into::into)
    }
}

/// A dot product. `var` and `other` make variables of the operands, and do not record.
///
/// Short ones stay pending where they can.
#[inline(always)]
#[track_caller]
pub(crate) fn short<F: Number, A: Copy + 'static, B: Copy + 'static>(
    a: &[A],
    b: &[B],
    var: impl Fn(A) -> Var<F> + Copy,
    other: impl Fn(B) -> Var<F> + Copy,
) -> Var<F> {
    match (a, b) {
        (&[a], &[b]) => times(var(a), other(b)),
        (&[a0, a1], &[b0, b1]) => {
            let (first, second) = (times(var(a0), other(b0)), times(var(a1), other(b1)));
            first.joined(second, arithmetic::add(first.value, second.value))
        }
        _ => long(a, b, var, other),
    }
}

/// A product of which the second factor may be data.
#[inline(always)]
#[track_caller]
fn times<F: Number>(a: Var<F>, b: Var<F>) -> Var<F> {
    let (value, by_a, by_b) = op::Dot.pair(a.value, b.value);
    if b.is_constant() {
        return a.chained(value, by_a);
    }
    if a.recording == b.recording {
        Core::<F>::note_curved(a.recording);
    }
    a.joined(b, (value, by_a, by_b))
}

/// A dot product of other than one or two pairs.
#[inline(never)]
#[track_caller]
fn long<F: Number, A: Copy + 'static, B: Copy + 'static>(
    a: &[A],
    b: &[B],
    var: impl Fn(A) -> Var<F> + Copy,
    other: impl Fn(B) -> Var<F> + Copy,
) -> Var<F> {
    if std::ptr::addr_eq(a, b) && TypeId::of::<A>() == TypeId::of::<B>() {
        return square(a, var);
    }
    match of_runs(a, b, var, other) {
        Some(dot) => dot,
        None => of_links(a, b, var, other),
    }
}

/// The dot product of sides that are not both evenly spaced.
#[cold]
#[inline(never)]
#[track_caller]
fn of_links<F: Number, A: Copy, B: Copy>(
    a: &[A],
    b: &[B],
    var: impl Fn(A) -> Var<F> + Copy,
    other: impl Fn(B) -> Var<F> + Copy,
) -> Var<F> {
    /// A longer dot product may have runs on a part of its sides.
    const LONGEST_IN_PAIRS: usize = 8;
    let value = op::Dot.value(a.iter().zip(b).map(|(&a, &b)| (var(a).value, other(b).value)));
    if a.iter().zip(b).any(|(&a, &b)| !var(a).is_constant() && !other(b).is_constant()) {
        note_curved(a, var);
    }
    let of_both = recording(a, var).or_else(|| recording(b, other));
    write_wide(value, of_both, |storage, recording| {
        if a.len() < LONGEST_IN_PAIRS {
            return depend_in_pairs(storage, recording, a, b, var, other);
        }
        depend(storage, recording, a, var, |i, _| other(b[i]).value)?;
        depend(storage, recording, b, other, |i, _| var(a[i]).value)
    })
}

/// The dot product of a list with itself: one edge for each operand is enough.
#[cold]
#[inline(never)]
#[track_caller]
fn square<F: Number, A: Copy>(xs: &[A], var: impl Fn(A) -> Var<F> + Copy) -> Var<F> {
    note_curved(xs, var);
    let value = nary::sum_of(xs, |&x| var(x).value * var(x).value);
    wide(xs, var, value, |_, x| x + x)
}

/// The dot product of two sides that are evenly spaced; `None` if they are not.
#[inline(always)]
fn of_runs<F: Number, A: Copy, B: Copy>(
    a: &[A],
    b: &[B],
    var: impl Fn(A) -> Var<F> + Copy,
    other: impl Fn(B) -> Var<F> + Copy,
) -> Option<Var<F>> {
    let (n, b) = (a.len(), &b[..a.len()]);
    let (&[a_first, a_second, ..], &[b_first, b_second, ..]) = (a, b) else { return None };
    let (a_first, a_second) = (var(a_first), var(a_second));
    let (b_first, b_second) = (other(b_first), other(b_second));
    let a_side = Spacing::of(a_first.parents, a_second.parents)?;
    let b_side = Spacing::of(b_first.parents, b_second.parents)?;
    let sides = [a_side, b_side];
    let recording = a_first.recording;
    let storage = &mut *Core::<F>::find(recording).ok()?.storage()?;
    // So far that the steps could leave the bits of a place, there are no runs.
    let reach = (sides[0].step() | sides[1].step()) * n as u64;
    if storage.len() as u64 + reach >= u64::from(StatementId::END) {
        return None;
    }
    storage.make_room(0).ok()?;
    let value = fill(a, b, var, other, storage.room_for_run(2 * n).ok()?)?;
    Core::<F>::note_curved(recording);
    let statement = storage.next();
    storage.runs().push_both(statement, sides, n);
    Some(Var::statement(value, storage.end_statement(), recording))
}

/// The operands expected on a side: single edges to evenly spaced statements of one recording.
///
/// An operand's recording and parents are two words that go the same way, so that they are one vector;
/// the step from one recording to the next must come out as 0.
struct Side {
    expected: [u64; 2],
    step: [u64; 2],
}

impl Side {
    /// A side that begins with these operands.
    #[inline(always)]
    fn of<F: Number>(first: Var<F>, second: Var<F>) -> Self {
        let words = |x: Var<F>| [x.recording.bits(), x.parents.derived().bits()];
        let (expected, next) = (words(first), words(second));
        let step = [next[0].wrapping_sub(expected[0]), next[1].wrapping_sub(expected[1])];
        Side { expected, step }
    }

    /// Gathers the bits of the next operand that should not be.
    #[inline(always)]
    fn compare<F: Number>(&mut self, x: Var<F>, odd: &mut [u64; 2]) {
        for (k, found) in [x.recording.bits(), x.parents.bits()].into_iter().enumerate() {
            odd[k] |= found ^ self.expected[k];
            self.expected[k] = self.expected[k].wrapping_add(self.step[k]);
        }
    }
}

/// Writes the partials by both sides and returns the value; `None` if the sides do not go on as they
/// begin.
///
/// It is out of line so that the words of the first operands are loaded as vectors.
#[inline(never)]
fn fill<F: Number, A: Copy, B: Copy>(
    a: &[A],
    b: &[B],
    var: impl Fn(A) -> Var<F> + Copy,
    other: impl Fn(B) -> Var<F> + Copy,
    partials: &mut [F],
) -> Option<F> {
    let n = a.len();
    let (by_a, by_b) = partials.split_at_mut(n);
    let (b, by_b) = (&b[..n], &mut by_b[..n]);
    let (&[a_first, a_second, ..], &[b_first, b_second, ..]) = (a, b) else { return None };
    let (a_first, b_first) = (var(a_first), other(b_first));
    let mut a_side = Side::of(a_first, var(a_second));
    let mut b_side = Side::of(b_first, other(b_second));
    let mut odd = [0; 2];
    let mut pair = |a: Var<F>, b: Var<F>, by_a: &mut F, by_b: &mut F| {
        a_side.compare(a, &mut odd);
        b_side.compare(b, &mut odd);
        *by_a = b.value * a.partials[0];
        *by_b = a.value * b.partials[0];
        a.value * b.value
    };
    // In the order of `nary::sum`, with one loop for all chains.
    let (mut value, mut chains) = (F::neg_zero(), Chains::default());
    for at in (0..n).step_by(IN_TURN) {
        let to = n.min(at + IN_TURN);
        let (a, a_rest) = a[at..to].as_chunks::<2>();
        let (b, b_rest) = b[at..to].as_chunks::<2>();
        let (by_a, by_a_rest) = by_a[at..to].as_chunks_mut::<2>();
        let (by_b, by_b_rest) = by_b[at..to].as_chunks_mut::<2>();
        let mut chain = F::neg_zero();
        let slots = by_a.iter_mut().zip(by_b);
        for ((a, b), (by_a, by_b)) in a.iter().zip(b).zip(slots) {
            for k in 0..2 {
                chain += pair(var(a[k]), other(b[k]), &mut by_a[k], &mut by_b[k]);
            }
        }
        let slots = by_a_rest.iter_mut().zip(by_b_rest);
        for ((&a, &b), (by_a, by_b)) in a_rest.iter().zip(b_rest).zip(slots) {
            chain += pair(var(a), other(b), by_a, by_b);
        }
        value = if n <= IN_TURN { chain } else { chains.with(chain) };
    }
    let [numbers, places] = odd;
    let numbers = numbers
        | a_side.step[0]
        | b_side.step[0]
        | a_first.recording.bits() ^ b_first.recording.bits();
    (numbers | Parents::derived_bits(places) == 0).then_some(value)
}

/// Sums of [`IN_TURN`] products each, of which so many are a part.
struct Chains<F: Number> {
    sums: Sums<F>,
    count: usize,
    whole: F::Wide,
}

impl<F: Number> Default for Chains<F> {
    fn default() -> Self {
        Chains { sums: Sums::default(), count: 0, whole: F::Wide::neg_zero() }
    }
}

impl<F: Number> Chains<F> {
    /// What it comes to with one more.
    #[cold]
    fn with(&mut self, chain: F) -> F {
        if F::SINGLE && self.count == PART / IN_TURN {
            self.whole += std::mem::take(&mut self.sums).total().widen();
            self.count = 0;
        }
        self.sums.push(chain);
        self.count += 1;
        let rest = self.sums.total();
        if F::SINGLE { settled(self.whole, rest) } else { rest }
    }
}

/// Adds the dependence of a dot product on both its sides, pair by pair.
#[inline(always)]
fn depend_in_pairs<F: Number, A: Copy, B: Copy>(
    storage: &mut Storage<F>,
    recording: RecordingId,
    a: &[A],
    b: &[B],
    var: impl Fn(A) -> Var<F>,
    other: impl Fn(B) -> Var<F>,
) -> Result<(), Halt> {
    storage.make_room(2 * a.len())?;
    for (&a, &b) in a.iter().zip(b) {
        let (a, b) = (var(a), other(b));
        let (own, others) = (a.parents.derived(), b.parents.derived());
        if a.recording == recording
            && b.recording == recording
            && own != others
            && let Some(parents) = own.pair(others)
        {
            let partials = [a.partials[0] * b.value, b.partials[0] * a.value];
            storage.add_link(Link { partials, parents });
            continue;
        }
        for (x, slope) in [(a, b.value), (b, a.value)] {
            if x.recording == recording {
                storage.add_link(x.chained(x.value, slope).link());
            } else if !x.is_constant() {
                return Err(Halt::Misuse(Misuse::Foreign));
            }
        }
    }
    Ok(())
}
