//! Order statistics: what plain numbers and the engines share.
//!
//! Where the order is not known before, as in a program, or matters beyond the values, as at a tie, a
//! list is sorted by exchanges of pairs that do not depend on the numbers: K. E. Batcher's merge exchange
//! (D. E. Knuth, "The Art of Computer Programming" 3, algorithm 5.2.2M). For `n` numbers these are about
//! `n (log₂ n)² / 4` pairs, each a minimum and a maximum.

use crate::Real;
use crate::op::nary::ListError;
use crate::op::{Binary, Max, Min};
use std::cmp::Ordering;
use std::ops::{Add, Mul};

/// The pairs of places to be exchanged, in this order, where the first is greater than the second.
pub(crate) fn exchanges(n: usize) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let top = n.next_power_of_two() / 2;
    let mut run = top;
    while run > 0 {
        let (mut merged, mut bit, mut apart) = (top, 0, run);
        loop {
            let lower = (0..n.saturating_sub(apart)).filter(|at| at & run == bit);
            pairs.extend(lower.map(|at| (at, at + apart)));
            if merged == run {
                break;
            }
            (apart, merged, bit) = (merged - run, merged / 2, run);
        }
        run /= 2;
    }
    pairs
}

/// A list in ascending order by exchanges, each the lesser of two and, asked for the other way round, the
/// greater: of zeros of both signs, of which either entry gives its first argument, each stays in the list.
pub(crate) fn exchanged<T: Copy>(xs: &[T], lesser_and_greater: impl Fn(T, T) -> (T, T)) -> Vec<T> {
    let mut xs = xs.to_vec();
    for (low, high) in exchanges(xs.len()) {
        (xs[low], xs[high]) = lesser_and_greater(xs[low], xs[high]);
    }
    xs
}

/// The order of numbers none of which is NaN.
pub(crate) fn ascending<F: Real>(a: F, b: F) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// Plain numbers in ascending order; all NaN if one is.
pub(crate) fn sorted<F: Real>(xs: &[F]) -> Vec<F> {
    if xs.iter().any(|x| x.is_nan()) {
        return vec![F::nan(); xs.len()];
    }
    let has_zero = |negative| xs.iter().any(|x| x.is_zero() && x.is_sign_negative() == negative);
    if has_zero(true) && has_zero(false) {
        // They are equal, and stand where the engines, which sort by exchanges, have them.
        return exchanged(xs, |a, b| {
            let (a, b) = (a.to_double(), b.to_double());
            (F::from_double(Min.value(a, b)), F::from_double(Max.value(b, a)))
        });
    }
    let mut sorted = xs.to_vec();
    sorted.sort_by(|&a, &b| ascending(a, b));
    sorted
}

/// Where a quantile lies between the ranks of a list that is not empty: the lower rank, and how far it is
/// from there to the next.
///
/// Panics at the caller's line if the level is not between 0 and 1.
#[track_caller]
pub(crate) fn quantile<F: Real>(n: usize, level: F) -> (usize, F) {
    if let Err(error) = ListError::level(level) {
        panic!("{error}");
    }
    let at = level.to_double() * (n - 1) as f64;
    (at as usize, F::from_double(at.fract()))
}

/// What lies at a share of the way from a rank to the next; NaN of an empty list.
#[track_caller]
pub(crate) fn between<F, T>(sorted: &[T], rank: usize, share: F) -> T
where
    F: Real,
    T: Copy + From<F> + Add<Output = T> + Mul<F, Output = T>,
{
    match sorted.get(rank..) {
        None | Some([]) => T::from(F::nan()),
        Some([below, above, ..]) if share > F::zero() => {
            *below * (F::one() - share) + *above * share
        }
        Some([below, ..]) => *below,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exchanges_sort_all_lists_of_zeros_and_ones() {
        // So they sort all lists: the 0-1 principle.
        for n in 0..=14 {
            let pairs = exchanges(n);
            assert!(pairs.iter().all(|&(a, b)| a < b && b < n));
            for bits in 0..1_u32 << n {
                let mut list: Vec<bool> = (0..n).map(|at| bits >> at & 1 != 0).collect();
                for &(a, b) in &pairs {
                    (list[a], list[b]) = (list[a] & list[b], list[a] | list[b]);
                }
                assert!(list.is_sorted(), "{bits:b} of {n}");
            }
        }
    }

    #[test]
    fn the_exchanges_are_as_many_as_is_said() {
        for n in [16, 100, 333, 1000] {
            let log = (n as f64).log2();
            assert!(exchanges(n).len() as f64 <= n as f64 * log * log / 4.0, "{n}");
        }
    }
}
