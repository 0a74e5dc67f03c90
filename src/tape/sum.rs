//! Sums and products of iterators.

use super::core::{Core, Number, Outcome, give_links, take_links};
use super::parents::Parents;
use super::storage::Link;
use super::var::{Var, same_recording};
use crate::Real;
use std::iter::{Product, Sum};
use std::mem::ManuallyDrop;

impl<F: Real> Sum for Var<F> {
    /// The sum; 0 if there are no terms. However many terms, it is at most one statement.
    ///
    /// The terms' dependence stays pending as long as it is on at most two statements; what goes
    /// beyond is collected, and the whole sum becomes one statement.
    #[inline(always)]
    #[track_caller]
    fn sum<I: Iterator<Item = Var<F>>>(mut terms: I) -> Self {
        // Plain locals and a small inner loop, so that the usual case stays in registers.
        let mut pending = Var::constant(F::zero());
        let mut collected: Collected<F> = None;
        loop {
            let odd = loop {
                let Some(term) = terms.next() else { break None };
                // A statement that was just written, at a kink above all, has an infinity in its
                // unused slot. As the compiler knows that, the calls that write are none of this
                // loop's.
                if term.partials[1] == F::infinity()
                    || term.parents != pending.parents
                    || term.number != pending.number
                {
                    break Some(term);
                }
                pending.value += term.value;
                pending.partials[0] += term.partials[0];
                pending.partials[1] += term.partials[1];
            };
            let Some(term) = odd else { break };
            pending.value += term.value;
            if term.is_constant() {
                continue;
            }
            if pending.is_constant() {
                pending = Var { value: pending.value, ..term };
                continue;
            }
            same_recording(&pending, &term);
            if term.parents == pending.parents {
                pending.partials[0] += term.partials[0];
                pending.partials[1] += term.partials[1];
                continue;
            }
            match pending.parents.pair(term.parents) {
                Some(pair) if collected.is_none() => {
                    pending.partials = [pending.partials[0], term.partials[0]];
                    pending.parents = pair;
                }
                _ => {
                    let Var { partials: [p, q], parents, .. } = pending;
                    collect(&mut collected, p, q, parents);
                    pending = Var { value: pending.value, ..term };
                }
            }
        }
        if collected.is_none() {
            return pending;
        }
        let Var { value, partials: [p, q], parents, number } = pending;
        Var::statement(value, write_sum(&mut collected, p, q, parents, number).index(), number)
    }
}

/// The links of a sum in progress, if it has come to need any.
///
/// Without a destructor, for that would be a landing pad in the loop; a sum whose terms panic leaks
/// the list.
type Collected<F> = Option<ManuallyDrop<Vec<Link<F>>>>;

/// Puts a link to the collected ones.
#[cold]
#[inline(never)]
extern "C" fn collect<F: Real>(collected: &mut Collected<F>, p: F, q: F, parents: Parents) {
    let list = collected.get_or_insert_with(|| ManuallyDrop::new(take_links()));
    list.push(Link { partials: [p, q], parents });
}

/// Writes the statement of a sum, with one more link.
#[cold]
#[inline(never)]
extern "C" fn write_sum<F: Real>(
    collected: &mut Collected<F>,
    p: F,
    q: F,
    parents: Parents,
    number: Number,
) -> Outcome {
    let mut links = collected.take().map(ManuallyDrop::into_inner).unwrap_or_default();
    links.push(Link { partials: [p, q], parents });
    let index = Core::find(number).map(|tape| tape.write(|storage| storage.append(&mut links)));
    give_links(links);
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
