//! Sums in single precision that go on in double precision.
//!
//! A sum of ones in single precision ends at 2²⁴, and one of other numbers loses its digits long before.
//! So what a part of the terms comes to is carried over to double precision, and the next part begins
//! anew. A sum of one part has the bits that it has without that, and a long one costs hardly more. In
//! double precision all is one part.

use crate::op::nary::IN_TURN;
use crate::real::Number;
use num_traits::Float;

/// How many terms are a part. Their sum in single precision is right within a quarter of as many of its
/// last places: of equal terms all roundings may go one way, each by half a place of the sum so far.
pub(crate) const PART: usize = IN_TURN;

/// The sum over a list, from the sum over a part of it.
#[inline(always)]
pub(crate) fn by_parts<T, F: Number>(xs: &[T], sum: impl Fn(&[T]) -> F) -> F {
    if !F::SINGLE || xs.len() <= PART {
        return sum(xs);
    }
    F::narrow(xs.chunks(PART).map(|part| sum(part).widen()).sum())
}

/// The sum of an iterator's terms, one after the other.
#[inline(always)]
pub(crate) fn in_turn<F: Number>(mut terms: impl Iterator<Item = F>) -> F {
    if !F::SINGLE {
        return terms.sum();
    }
    // Begins with std's sum of nothing, which is -0 or 0 by version.
    let (mut part, mut whole): (F, F::Wide) = (std::iter::empty().sum(), F::Wide::neg_zero());
    loop {
        for _ in 0..PART {
            let Some(term) = terms.next() else { return settled(whole, part) };
            part += term;
        }
        whole += part.widen();
        part = F::neg_zero();
    }
}

/// The whole sum, from what was carried over and what has come since.
#[inline(always)]
pub(crate) fn settled<F: Number>(carried: F::Wide, part: F) -> F {
    F::narrow(carried + part.widen())
}

/// Carries sums over, each to its own, and lets them begin anew with -0, which changes no number.
pub(crate) fn carry<F: Number>(carried: &mut [F::Wide], sums: &mut [F]) {
    for (carried, sum) in carried.iter_mut().zip(sums) {
        *carried += sum.widen();
        *sum = F::neg_zero();
    }
}

/// Ends sums with what was carried over.
pub(crate) fn settle<F: Number>(carried: &[F::Wide], sums: &mut [F]) {
    for (&carried, sum) in carried.iter().zip(sums) {
        *sum = settled(carried, *sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_sums_have_the_bits_of_std_and_long_ones_those_of_double_precision() {
        let terms = |n: usize| (0..n).map(|i| ((i * 7919) % 1000) as f32 * 1e-3 - 0.25);
        for n in [0, 1, 2, PART - 1, PART] {
            let plain: f32 = terms(n).sum();
            assert_eq!(in_turn(terms(n)).to_bits(), plain.to_bits(), "{n}");
        }
        for n in [PART + 1, 1000, 100_000] {
            let (sum, want) = (in_turn(terms(n)), terms(n).map(f64::from).sum::<f64>());
            assert!((f64::from(sum) - want).abs() <= 4.0 * f64::from(f32::EPSILON) * want, "{n}");
        }
        assert_eq!(in_turn([-0.0_f32; 1000].into_iter()).to_bits(), (-0.0_f32).to_bits());
        assert_eq!(in_turn((0..18_000_000).map(|_| 1_f32)), 1.8e7);
    }

    #[test]
    fn a_sum_of_equal_terms_is_right_within_a_quarter_of_a_part() {
        for i in 0..400 {
            let term = 0.5 + i as f32 / 800.0;
            for n in [100, 1000, 12_345] {
                let want = f64::from(term) * n as f64;
                let terms = vec![term; n];
                for sum in [in_turn(terms.iter().copied()), crate::op::nary::sum_of(&terms, |&x| x)]
                {
                    // One more for the rounding at the end.
                    let places = (PART / 4 + 1) as f64;
                    let off = (f64::from(sum) - want).abs();
                    assert!(off <= places * f64::from(f32::EPSILON) * want, "{n} of {term}: {sum}");
                }
            }
        }
    }
}
