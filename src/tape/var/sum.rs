//! Sums and products of iterators.

use super::Var;
use crate::Real;
use crate::op::nary::carried::{PART, settled};
use crate::real::Number;
use crate::tape::core::{Core, Misuse, Outcome, RecordingId};
use crate::tape::pool::{give_links, take_links};
use crate::tape::storage::Link;
use num_traits::Float;
use std::iter::{Product, Sum};
use std::mem::ManuallyDrop;

impl<F: Real> Sum for Var<F> {
    /// The sum; 0 if there are no terms. However many terms, it is at most one statement.
    ///
    /// In single precision it loses digits where the terms are many, and ends growing at 2²⁴ times
    /// their size: [`Var::sum_of`], the sums and means of losses and
    /// [`gradient_sum`](crate::gradient_sum) go on in double precision, which costs a loop like this
    /// more than it may.
    ///
    /// The terms' dependence stays pending as long as it is on at most two statements; what goes
    /// beyond is collected, and the whole sum becomes one statement.
    ///
    /// # Panics
    /// If terms belong to two recordings. `Iterator::sum` does not hand its caller on, so the line named
    /// is one of the standard library; [`Var::sum_of`] names the caller's.
    #[inline(always)]
    #[track_caller]
    fn sum<I: Iterator<Item = Var<F>>>(terms: I) -> Self {
        added_up::<false, F>(terms)
    }
}

/// The sum of terms. If `LONG`, one in single precision is right however many they are.
#[inline(always)]
#[track_caller]
pub(crate) fn added_up<const LONG: bool, F: Number>(
    mut terms: impl Iterator<Item = Var<F>>,
) -> Var<F> {
    let carrying = LONG && F::SINGLE;
    // Plain locals and a small inner loop, so that the usual case stays in registers; that is why
    // the value is apart from the other fields of the pending number. It begins with std's sum of
    // nothing, which is -0 or 0 by version.
    let mut value: F = std::iter::empty::<F>().sum();
    let mut pending = Var::constant(value);
    let (mut carried, mut left) = (Carried::<F>::nothing(), PART);
    // Without its destructor, for that would be a landing pad in the loop: a sum whose terms panic
    // leaks its list.
    let mut collected = ManuallyDrop::new(Vec::new());
    loop {
        let odd = loop {
            if carrying && left == 0 {
                break None;
            }
            let Some(mut term) = terms.next() else { break None };
            left -= usize::from(carrying);
            // A statement that was just written, at a kink above all, is itself one. As the
            // compiler knows that, the calls that write are none of this loop's.
            let itself = term.parents.is_itself();
            term.parents = term.parents.derived();
            if itself || term.recording != pending.recording {
                break Some((term, false));
            }
            if term.parents != pending.parents {
                break Some((term, true));
            }
            value += term.value;
            pending.partials[0] += term.partials[0];
            pending.partials[1] += term.partials[1];
        };
        let Some((term, wider)) = odd else {
            if carrying && left == 0 {
                carried.carry(&mut value, &mut pending);
                left = PART;
                continue;
            }
            break;
        };
        value += term.value;
        if wider && collected.len() < collected.capacity() {
            // The commonest case of a wide sum: the list is in use, and has room.
            collect(&mut collected, carried.settled(pending));
            pending = term;
            continue;
        }
        if term.recording != pending.recording {
            if term.is_constant() {
                continue;
            }
            if !pending.is_constant() {
                Misuse::Foreign.panic();
            }
            carried.settled(pending);
            pending = term;
            continue;
        }
        if collected.is_empty() {
            if term.parents == pending.parents {
                pending.partials[0] += term.partials[0];
                pending.partials[1] += term.partials[1];
                continue;
            }
            if let Some(pair) = pending.parents.pair(term.parents) {
                pending.partials[1] = term.partials[0];
                pending.parents = pair;
                carried.partials[1] = F::Wide::neg_zero();
                continue;
            }
        }
        collect(&mut collected, carried.settled(pending));
        pending = term;
    }
    pending = carried.settled(pending);
    if carrying {
        value = settled(carried.value, value);
    }
    if collected.is_empty() {
        return pending.shifted(value);
    }
    collect(&mut collected, pending);
    Var::statement(value, write_sum(&mut collected, pending.recording).index(), pending.recording)
}

/// What a sum in single precision has carried over.
struct Carried<F: Number> {
    value: F::Wide,
    /// Of the pending number.
    partials: [F::Wide; 2],
    /// Whether they are anything.
    behind: bool,
}

impl<F: Number> Carried<F> {
    #[inline(always)]
    fn nothing() -> Self {
        let zero = F::Wide::neg_zero();
        Carried { value: zero, partials: [zero; 2], behind: false }
    }

    /// Carries the value and the partials over.
    #[inline(always)]
    fn carry(&mut self, value: &mut F, pending: &mut Var<F>) {
        self.value += value.widen();
        *value = F::neg_zero();
        // One by one, so that they stay in registers.
        for (carried, partial) in self.partials.iter_mut().zip(&mut pending.partials) {
            *carried += partial.widen();
            *partial = F::neg_zero();
        }
        self.behind = true;
    }

    /// The pending number with all of its partials. Those of the next one begin.
    #[inline(always)]
    fn settled(&mut self, mut pending: Var<F>) -> Var<F> {
        if F::SINGLE && std::mem::take(&mut self.behind) {
            for (carried, partial) in self.partials.iter().zip(&mut pending.partials) {
                *partial = settled(*carried, *partial);
            }
            self.partials = Self::nothing().partials;
        }
        pending
    }
}

/// Adds the link of a number that is not a statement itself to those of a sum.
#[inline(always)]
fn collect<F: Number>(links: &mut Vec<Link<F>>, Var { partials, parents, .. }: Var<F>) {
    if links.len() == links.capacity() {
        make_room(links);
    }
    links.push(Link { partials, parents });
}

/// Makes room for one more link in the list of a sum, which is one of the thread's pool.
#[cold]
#[inline(never)]
extern "C" fn make_room<F: Number>(links: &mut Vec<Link<F>>) {
    /// Of a list's first links.
    const FIRST: usize = 64;
    if links.capacity() == 0 {
        *links = take_links();
    }
    if links.len() == links.capacity() {
        links.reserve(FIRST);
    }
}

/// Writes the statement of a sum.
#[cold]
#[inline(never)]
extern "C" fn write_sum<F: Number>(links: &mut Vec<Link<F>>, recording: RecordingId) -> Outcome {
    let index = Core::find(recording).map(|tape| tape.write(|storage| storage.append(links)));
    give_links(std::mem::take(links));
    index.into()
}

impl<'a, F: Real> Sum<&'a Var<F>> for Var<F> {
    #[inline]
    #[track_caller]
    fn sum<I: Iterator<Item = &'a Var<F>>>(terms: I) -> Self {
        terms.copied().sum()
    }
}

impl<F: Real> Product for Var<F> {
    /// The product; 1 if there are no factors.
    ///
    /// # Panics
    /// If factors belong to two recordings; as for the sum, at a line of the standard library.
    #[inline]
    #[track_caller]
    fn product<I: Iterator<Item = Var<F>>>(factors: I) -> Self {
        let mut product = Var::constant(F::one());
        for factor in factors {
            product *= factor;
        }
        product
    }
}

impl<'a, F: Real> Product<&'a Var<F>> for Var<F> {
    #[inline]
    #[track_caller]
    fn product<I: Iterator<Item = &'a Var<F>>>(factors: I) -> Self {
        factors.copied().product()
    }
}
