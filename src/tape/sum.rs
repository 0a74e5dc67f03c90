//! Sums and products of iterators.

use super::core::{Core, Misuse, Number, Outcome, give_links, take_links};
use super::storage::Link;
use super::var::Var;
use crate::Real;
use std::iter::{Product, Sum};
use std::mem::ManuallyDrop;

impl<F: Real> Sum for Var<F> {
    /// The sum; 0 if there are no terms. However many terms, it is at most one statement.
    ///
    /// The terms' dependence stays pending as long as it is on at most two statements; what goes
    /// beyond is collected, and the whole sum becomes one statement.
    ///
    /// # Panics
    /// If terms belong to two recordings. `Iterator::sum` does not hand its caller on, so the line named
    /// is one of the standard library; [`Var::sum_of`] names the caller's.
    #[inline(always)]
    #[track_caller]
    fn sum<I: Iterator<Item = Var<F>>>(mut terms: I) -> Self {
        // Plain locals and a small inner loop, so that the usual case stays in registers; that is why
        // the value is apart from the other fields of the pending number. It begins with std's sum of
        // nothing, which is -0 or 0 by version.
        let mut value: F = std::iter::empty::<F>().sum();
        let mut pending = Var::constant(value);
        // Without its destructor, for that would be a landing pad in the loop: a sum whose terms panic
        // leaks its list.
        let mut collected = ManuallyDrop::new(Vec::new());
        loop {
            let odd = loop {
                let Some(mut term) = terms.next() else { break None };
                // A statement that was just written, at a kink above all, is itself one. As the
                // compiler knows that, the calls that write are none of this loop's.
                let itself = term.parents.is_itself();
                term.parents = term.parents.derived();
                if itself || term.number != pending.number {
                    break Some((term, false));
                }
                if term.parents != pending.parents {
                    break Some((term, true));
                }
                value += term.value;
                pending.partials[0] += term.partials[0];
                pending.partials[1] += term.partials[1];
            };
            let Some((term, wider)) = odd else { break };
            value += term.value;
            if wider && collected.len() < collected.capacity() {
                // The commonest case of a wide sum: the list is in use, and has room.
                collect(&mut collected, pending);
                pending = term;
                continue;
            }
            if term.number != pending.number {
                if term.is_constant() {
                    continue;
                }
                if !pending.is_constant() {
                    Misuse::Foreign.panic();
                }
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
                    continue;
                }
            }
            collect(&mut collected, pending);
            pending = term;
        }
        if collected.is_empty() {
            return pending.shifted(value);
        }
        collect(&mut collected, pending);
        Var::statement(value, write_sum(&mut collected, pending.number).index(), pending.number)
    }
}

/// Adds the link of a number that is not a statement itself to those of a sum.
#[inline(always)]
fn collect<F: Real>(links: &mut Vec<Link<F>>, Var { partials, parents, .. }: Var<F>) {
    if links.len() == links.capacity() {
        make_room(links);
    }
    links.push(Link { partials, parents });
}

/// Makes room for one more link in the list of a sum, which is one of the thread's pool.
#[cold]
#[inline(never)]
extern "C" fn make_room<F: Real>(links: &mut Vec<Link<F>>) {
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
extern "C" fn write_sum<F: Real>(links: &mut Vec<Link<F>>, number: Number) -> Outcome {
    let index = Core::find(number).map(|tape| tape.write(|storage| storage.append(links)));
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
