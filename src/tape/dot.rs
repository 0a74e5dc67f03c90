//! Dot products, each one statement.
//!
//! ```text
//! if both sides are one list:      an edge for each operand
//! else if they are evenly spaced:  a run of two sides
//! else if short:                   a link for each pair
//! else:                            the dependence on one side after the other
//! ```

use super::core::{Core, Misuse, Number};
use super::nary::{Halt, depend, recording, wide, write_wide};
use super::parents::Parents;
use super::runs::Spacing;
use super::storage::{Index, Link, Storage};
use super::var::Var;
use crate::{Real, nary};
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
        // Short ones stay pending where they can.
        match (a, b) {
            (&[a], &[b]) => times(a, b.into()),
            (&[a0, a1], &[b0, b1]) => times(a0, b0.into()) + times(a1, b1.into()),
            _ => long(a, b),
        }
    }
}

/// A product of which the second factor may be data.
#[inline(always)]
#[track_caller]
fn times<F: Real>(a: Var<F>, b: Var<F>) -> Var<F> {
    if b.is_constant() { a * b.value } else { a * b }
}

/// A dot product of other than one or two pairs.
#[inline(never)]
#[track_caller]
fn long<F: Real, T: Copy + Into<Var<F>> + 'static>(a: &[Var<F>], b: &[T]) -> Var<F> {
    if std::ptr::addr_eq(a, b) && TypeId::of::<T>() == TypeId::of::<Var<F>>() {
        return square(a);
    }
    match of_runs(a, b) {
        Some(dot) => dot,
        None => of_links(a, b),
    }
}

/// The dot product of sides that are not both evenly spaced.
#[cold]
#[inline(never)]
#[track_caller]
fn of_links<F: Real, T: Copy + Into<Var<F>>>(a: &[Var<F>], b: &[T]) -> Var<F> {
    /// A longer dot product may have runs on a part of its sides.
    const LONGEST_IN_PAIRS: usize = 8;
    let value = nary::sum(a.iter().zip(b).map(|(a, &b)| a.value * b.into().value));
    write_wide(value, recording(a).or_else(|| recording(b)), |storage, number| {
        if a.len() < LONGEST_IN_PAIRS {
            return depend_in_pairs(storage, number, a, b);
        }
        depend(storage, number, a, |i, _| b[i].into().value)?;
        depend(storage, number, b, |i, _| a[i].value)
    })
}

/// The dot product of a list with itself: one edge for each operand is enough.
#[cold]
#[inline(never)]
#[track_caller]
fn square<F: Real>(xs: &[Var<F>]) -> Var<F> {
    let value = nary::sum_of(xs, |x| x.value * x.value);
    wide(xs, value, |_, x| x + x)
}

/// The dot product of two sides that are evenly spaced; `None` if they are not.
///
/// One loop checks and one multiplies: together they would not fit the registers.
#[inline(always)]
fn of_runs<F: Real, T: Copy + Into<Var<F>>>(a: &[Var<F>], b: &[T]) -> Option<Var<F>> {
    let (n, b) = (a.len(), &b[..a.len()]);
    let (&[first, second, ..], &[b_first, b_second, ..]) = (a, b) else { return None };
    let sides = [
        Spacing::of(first.parents, second.parents)?,
        Spacing::of(b_first.into().parents, b_second.into().parents)?,
    ];
    let number = first.number;
    let storage = &mut *Core::<F>::find(number).ok()?.storage();
    // So far that the steps could leave the bits of a place, there are no runs.
    let reach = (sides[0].step() | sides[1].step()) * n as u64;
    if storage.len() as u64 + reach >= u64::from(Index::END) || !fit(a, b, sides, number) {
        return None;
    }
    storage.make_room(0).ok()?;
    let (by_a, by_b) = storage.room_for_run(2 * n).ok()?.split_at_mut(n);
    let value = fill(a, b, by_a, by_b);
    let statement = storage.next();
    storage.runs().push_both(statement, sides, n);
    Some(Var::statement(value, storage.end_statement(), number))
}

/// Whether the operands of each side are single edges to statements with these spacings, whose steps
/// stay in the bits of a place, and all are of one recording.
#[inline(always)]
fn fit<F: Real, T: Copy + Into<Var<F>>>(
    a: &[Var<F>],
    b: &[T],
    sides: [Spacing; 2],
    number: Number,
) -> bool {
    let mut expected = sides.map(|side| side.expected(0));
    // Gathers the bits that should not be.
    let (mut places, mut numbers) = (0, 0);
    let mut check = |a: &Var<F>, b: &T, expected: [u64; 2]| {
        let b: Var<F> = (*b).into();
        places |= (a.parents.bits() ^ expected[0]) | (b.parents.bits() ^ expected[1]);
        numbers |= (a.number.bits() ^ number.bits()) | (b.number.bits() ^ number.bits());
        [expected[0] + sides[0].step(), expected[1] + sides[1].step()]
    };
    // Two at a time is less work than one by one.
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<2>(), b.as_chunks::<2>());
    for (a, b) in a.iter().zip(b) {
        for (a, b) in a.iter().zip(b) {
            expected = check(a, b, expected);
        }
    }
    for (a, b) in a_rest.iter().zip(b_rest) {
        expected = check(a, b, expected);
    }
    Parents::derived_bits(places) | numbers == 0
}

/// Writes the partials by both sides and returns the value.
#[inline(always)]
fn fill<F: Real, T: Copy + Into<Var<F>>>(
    a: &[Var<F>],
    b: &[T],
    by_a: &mut [F],
    by_b: &mut [F],
) -> F {
    let pair = |a: &Var<F>, b: &T, by_a: &mut F, by_b: &mut F| {
        let b: Var<F> = (*b).into();
        *by_a = b.value * a.partials[0];
        *by_b = a.value * b.partials[0];
        a.value * b.value
    };
    // Four at a time, in the order of `nary::sum`.
    let mut parts = [F::zero(); 4];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let (by_a, by_a_rest) = by_a.as_chunks_mut::<4>();
    let (by_b, by_b_rest) = by_b.as_chunks_mut::<4>();
    for ((a, b), (by_a, by_b)) in a.iter().zip(b).zip(by_a.iter_mut().zip(by_b)) {
        for (k, part) in parts.iter_mut().enumerate() {
            *part += pair(&a[k], &b[k], &mut by_a[k], &mut by_b[k]);
        }
    }
    let mut rest = F::zero();
    let slots = by_a_rest.iter_mut().zip(by_b_rest);
    for ((a, b), (by_a, by_b)) in a_rest.iter().zip(b_rest).zip(slots) {
        rest += pair(a, b, by_a, by_b);
    }
    (parts[0] + parts[1]) + (parts[2] + parts[3]) + rest
}

/// Adds the dependence of a dot product on both its sides, pair by pair.
#[inline(always)]
fn depend_in_pairs<F: Real, T: Copy + Into<Var<F>>>(
    storage: &mut Storage<F>,
    number: Number,
    a: &[Var<F>],
    b: &[T],
) -> Result<(), Halt> {
    storage.make_room(2 * a.len())?;
    for (a, &b) in a.iter().zip(b) {
        let b: Var<F> = b.into();
        let (own, others) = (a.parents.derived(), b.parents.derived());
        if a.number == number
            && b.number == number
            && own != others
            && let Some(parents) = own.pair(others)
        {
            let partials = [a.partials[0] * b.value, b.partials[0] * a.value];
            storage.add_link(Link { partials, parents });
            continue;
        }
        for (x, slope) in [(*a, b.value), (b, a.value)] {
            if x.number == number {
                storage.add_link(x.chained(x.value, slope).link());
            } else if !x.is_constant() {
                return Err(Halt::Misuse(Misuse::Foreign));
            }
        }
    }
    Ok(())
}
