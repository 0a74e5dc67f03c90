//! Sums and products of iterators.

use super::core::{Core, Misuse, Number, Outcome, give_links, take_links};
use super::parents::Parents;
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
    #[inline(always)]
    #[track_caller]
    fn sum<I: Iterator<Item = Var<F>>>(mut terms: I) -> Self {
        // Plain locals and a small inner loop, so that the usual case stays in registers; that is why
        // the value is apart from the other fields of the pending number. It begins with std's sum of
        // nothing, which is -0 or 0 by version.
        let mut value: F = std::iter::empty::<F>().sum();
        let mut pending = Var::constant(value);
        let mut collected = Collected::new();
        loop {
            let odd = loop {
                let Some(term) = terms.next() else { break None };
                // A statement that was just written, at a kink above all, has an infinity in its
                // unused slot. As the compiler knows that, the calls that write are none of this
                // loop's.
                if term.partials[1] == F::infinity()
                    || term.parents.derived() != pending.parents
                    || term.number != pending.number
                {
                    break Some(term);
                }
                value += term.value;
                pending.partials[0] += term.partials[0];
                pending.partials[1] += term.partials[1];
            };
            let Some(term) = odd else { break };
            value += term.value;
            if term.number == pending.number && term.parents.both_pairs(pending.parents) {
                // As is each product of two variables: they were just found to differ.
                collected.push(pending);
                pending = term.shifted(F::zero());
                continue;
            }
            if term.is_constant() {
                continue;
            }
            let term = term.shifted(F::zero());
            if term.number != pending.number {
                if !pending.is_constant() {
                    Misuse::Foreign.panic();
                }
                pending = term;
            } else if term.parents == pending.parents {
                pending.partials[0] += term.partials[0];
                pending.partials[1] += term.partials[1];
            } else if collected.is_empty()
                && let Some(pair) = pending.parents.pair(term.parents)
            {
                pending.partials[1] = term.partials[0];
                pending.parents = pair;
            } else {
                collected.push(pending);
                pending = term;
            }
        }
        if collected.is_empty() {
            return pending.shifted(value);
        }
        collected.push(pending);
        Var::statement(value, write_sum(&mut collected, pending.number).index(), pending.number)
    }
}

/// How many links a sum collects on the stack before they move to a list.
const BATCH: usize = 16;

/// The links of a sum in progress.
///
/// Without a destructor, for that would be a landing pad in the loop; a long sum whose terms panic
/// leaks its list.
struct Collected<F: Real> {
    /// The latest links; before them come those of the list.
    batch: [Link<F>; BATCH],
    /// How many the batch holds: 0 if there are none at all.
    count: usize,
    list: ManuallyDrop<Vec<Link<F>>>,
}

impl<F: Real> Collected<F> {
    #[inline(always)]
    fn new() -> Self {
        let link = Link { partials: [F::zero(); 2], parents: Parents::NONE };
        Collected { batch: [link; BATCH], count: 0, list: ManuallyDrop::new(Vec::new()) }
    }

    #[inline(always)]
    fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds the link of a number that is not a statement itself.
    #[inline(always)]
    fn push(&mut self, Var { partials, parents, .. }: Var<F>) {
        if self.count == BATCH {
            spill(self);
        }
        self.batch[self.count % BATCH] = Link { partials, parents };
        self.count += 1;
    }
}

/// Moves a full batch to the list.
#[cold]
#[inline(never)]
extern "C" fn spill<F: Real>(collected: &mut Collected<F>) {
    if collected.list.capacity() == 0 {
        *collected.list = take_links();
    }
    collected.list.extend_from_slice(&collected.batch);
    collected.count = 0;
}

/// Writes the statement of a sum.
#[cold]
#[inline(never)]
extern "C" fn write_sum<F: Real>(collected: &mut Collected<F>, number: Number) -> Outcome {
    let Collected { batch, count, list } = collected;
    let rest = &batch[..*count];
    let index = Core::find(number).map(|tape| {
        if list.is_empty() {
            return tape.write(|storage| storage.push(rest));
        }
        list.extend_from_slice(rest);
        tape.write(|storage| storage.append(list))
    });
    if list.capacity() > 0 {
        give_links(std::mem::take(&mut **list));
    }
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
