//! Functions of lists of series.

use super::Taylor;
use crate::Real;
use crate::dual::jet::{Jet, Local};
use crate::dual::lanes::along;
use crate::dual::series::{product, quotient};
use crate::op::List;

impl<const K: usize> Taylor<K, f64> {
    /// An entry of a list whose slopes change, and these, from what they are here.
    ///
    /// With `z` for the differences `x - xₘ` where the entry allows them, else for `x`, and `r' = Σ s z'`:
    ///
    /// ```text
    /// w = z' - a r'            q s' = p w
    /// y' = Σ s x'              y'' = Σ s x'' + Σ s' w
    /// ```
    ///
    /// `zₘ` is 0 exactly, and the highest order of `x` meets the slopes as they are here alone, as slopes that change
    /// come to nothing together.
    pub(super) fn turning<O: List, F: Real>(
        xs: &[Taylor<K, F>],
        at: Local<'_, O, F>,
    ) -> (Self, impl Iterator<Item = Self> + use<O, F, K>) {
        let leader = at.leader(xs.iter().map(|x| x.value)).map(|m| (m, xs[m].widen()));
        let apart = |(i, x): (usize, &Taylor<K, F>)| match leader {
            None => x.widen(),
            Some((m, _)) if m == i => Self::constant(0.0),
            Some((_, x_m)) => x.widen().plus(x_m.chained(0.0, -1.0), 0.0),
        };
        let zero = Self::constant(0.0);
        let slope = |i: usize| Self::constant(at.slope(i, xs[i].value).to_double());
        let divisors = at.entry.divisors(at.parts).map(F::to_double);
        let mut y = Self::constant(at.value.to_double());
        // Its value is not asked for.
        let mut r = y;
        let mut terms: Vec<ListNumber<K>> = xs
            .iter()
            .enumerate()
            .map(|term| ListNumber { z: apart(term), s: slope(term.0), w: zero })
            .collect();
        let order = |j: usize| j as f64;
        for k in 1..=K {
            let bent: f64 = terms.iter().map(|term| term.bent(k)).sum();
            let sum = |part: &dyn Fn(usize, &ListNumber<K>) -> f64| -> f64 {
                let parts = terms.iter().enumerate();
                parts.map(|(i, term)| along(term.s.value, part(i, term))).sum::<f64>() + bent
            };
            y.rest[k - 1] = sum(&|i, _| xs[i].at(k).to_double());
            r.rest[k - 1] = match leader {
                Some(_) => sum(&|_, term| term.z.at(k)),
                None => y.at(k),
            };
            for ListNumber { z, s, w } in &mut terms {
                let [p, q, a] = at.entry.law(None, Some(&*s), Some(&y));
                let rate = |j: usize| order(j + 1) * r.at(j + 1);
                *w.place(k - 1) = order(k) * z.at(k) - times(a, rate, k - 1);
                let turned = |j: usize| if j == 0 { 0.0 } else { order(j) * s.at(j) };
                let others = |q: &Self, j: usize| if j == 0 { 0.0 } else { q.at(j) };
                let rest = q.map_or(0.0, |q| product(turned, |j| others(q, j), k));
                let number = times(p, |j| w.at(j), k - 1) - rest;
                let turn = divisors.iter().fold(number, |turn, &divisor| quotient(turn, divisor));
                *s.place(k) = turn / order(k);
            }
        }
        (y, terms.into_iter().map(|term| term.s))
    }
}

/// The coefficient `k` of a product, of which a factor that is not there is 1.
fn times<const K: usize>(
    factor: Option<&Taylor<K, f64>>,
    other: impl Fn(usize) -> f64,
    k: usize,
) -> f64 {
    match factor {
        None => other(k),
        Some(factor) => product(|j| factor.at(j), other, k),
    }
}

/// What is known of a number of the list.
struct ListNumber<const K: usize> {
    /// How it lies from what it is compared with.
    z: Taylor<K, f64>,
    /// The slope by it.
    s: Taylor<K, f64>,
    w: Taylor<K, f64>,
}

impl<const K: usize> ListNumber<K> {
    /// What the orders below `k` bring to the coefficient `k` of the function.
    fn bent(&self, k: usize) -> f64 {
        if k < 2 {
            return 0.0;
        }
        let order = |j: usize| j as f64;
        let twice = |j: usize| order((j + 1) * (j + 2)) * self.z.at(j + 2);
        let turn = |j: usize| order(j + 1) * self.s.at(j + 1);
        // The highest order of `z` is left to `s` as it is here.
        let straight = if k < 3 { 0.0 } else { product(twice, |j| self.s.at(j + 1), k - 3) };
        (straight + product(turn, |j| self.w.at(j), k - 2)) / order(k * (k - 1))
    }
}
