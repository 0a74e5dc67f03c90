//! The values of functions of many arguments, shared by plain numbers and the engines so that all
//! of them give the same bits.

use crate::Real;
use crate::carried::{PART, by_parts};

/// The sum of the terms, in four interleaved partial sums: it need not wait for one addition to end
/// before the next begins, and its rounding error grows with a quarter of their number.
///
/// Each begins with -0, the number that changes no other, so that the sum of one term is that term, and
/// of products too: a dot product of one pair is the product. The sum of nothing is -0, as std's is. A
/// long one in single precision is one of [parts](crate::carried).
#[inline(always)]
pub(crate) fn sum<F: Real>(mut terms: impl ExactSizeIterator<Item = F>) -> F {
    if F::SINGLE && terms.len() > PART {
        let mut whole = -0.0;
        while terms.len() > 0 {
            whole += sum_of_part(terms.by_ref().take(PART)).to_double();
        }
        return F::from_double(whole);
    }
    sum_of_part(terms)
}

#[inline(always)]
fn sum_of_part<F: Real>(mut terms: impl ExactSizeIterator<Item = F>) -> F {
    let mut parts = [F::neg_zero(); 4];
    for _ in 0..terms.len() / 4 {
        for part in &mut parts {
            *part += terms.next().unwrap_or(F::neg_zero());
        }
    }
    let rest = terms.fold(F::neg_zero(), |rest, term| rest + term);
    (parts[0] + parts[2]) + (parts[1] + parts[3]) + rest
}

/// [`sum`] of a term for each element, which need not ask for each whether there is one.
#[inline(always)]
pub(crate) fn sum_of<T, F: Real>(xs: &[T], term: impl Fn(&T) -> F) -> F {
    by_parts(xs, |xs| {
        let mut parts = [F::neg_zero(); 4];
        let (fours, rest) = xs.as_chunks::<4>();
        for four in fours {
            for (part, x) in parts.iter_mut().zip(four) {
                *part += term(x);
            }
        }
        let rest = rest.iter().fold(F::neg_zero(), |rest, x| rest + term(x));
        (parts[0] + parts[2]) + (parts[1] + parts[3]) + rest
    })
}

/// The greatest; `-∞` if there are none, NaN if any is NaN.
#[inline(always)]
pub(crate) fn max<F: Real>(xs: impl Iterator<Item = F>) -> F {
    xs.fold(F::neg_infinity(), |most, x| if most >= x || most.is_nan() { most } else { x })
}

/// A Euclidean norm, kept as `scale · root`, where `scale` is 1 unless the squares would leave the
/// normal range.
#[derive(Clone, Copy)]
pub(crate) struct Norm<F> {
    pub(crate) scale: F,
    pub(crate) root: F,
}

impl<F: Real> Norm<F> {
    #[inline(always)]
    pub(crate) fn of(xs: impl ExactSizeIterator<Item = F> + Clone) -> Self {
        let squares = sum(xs.clone().map(|x| x * x));
        // Below `floor` a square may have lost bits to underflow.
        let floor = F::min_positive_value() / (F::epsilon() * F::epsilon());
        if squares > floor && squares.is_finite() {
            return Norm { scale: F::one(), root: squares.sqrt() };
        }
        // The norm of nothing is 0.
        let scale = max(std::iter::once(F::zero()).chain(xs.clone().map(F::abs)));
        let root = if scale == F::zero() || !scale.is_finite() {
            F::one()
        } else {
            sum(xs.map(|x| (x / scale) * (x / scale))).sqrt()
        };
        Norm { scale, root }
    }

    #[inline(always)]
    pub(crate) fn value(self) -> F {
        self.scale * self.root
    }

    /// The partial by one of the numbers, `x / norm`, of a norm that is not 0. Where the norm is
    /// infinite, it is the sign of a number that is too.
    #[inline(always)]
    pub(crate) fn slope(self, x: F) -> F {
        if self.scale.is_infinite() && x.is_infinite() {
            x.signum()
        } else {
            x / self.scale / self.root
        }
    }
}

/// `ln Σ e^x`; `-∞` if there are none.
#[inline(always)]
pub(crate) fn log_sum_exp<F: Real>(xs: impl ExactSizeIterator<Item = F> + Clone) -> F {
    let most = max(xs.clone());
    if !most.is_finite() {
        return most;
    }
    most + sum(xs.map(|x| (x - most).exp())).ln()
}

/// `e^xᵢ / Σ e^xⱼ` in place, and `ln Σ e^xⱼ`. Where the greatest is infinite, its equals share.
#[inline(always)]
pub(crate) fn softmax<F: Real>(xs: &mut [F]) -> F {
    let most = max(xs.iter().copied());
    let infinite = most.is_infinite();
    for x in &mut *xs {
        let equal = if *x == most { F::one() } else { F::zero() };
        *x = if infinite { equal } else { (*x - most).exp() };
    }
    let total = sum(xs.iter().copied());
    for x in xs {
        *x /= total;
    }
    if most.is_finite() { most + total.ln() } else { most }
}

/// Panics at the caller's line if two lists that go together differ in length.
#[track_caller]
#[inline(always)]
pub(crate) fn same_length(a: usize, b: usize) {
    assert!(a == b, "dot product of {a} and {b} numbers");
}

/// Panics at the caller's line if a user's rule forgot a partial.
#[track_caller]
pub(crate) fn one_partial_each(name: &str, args: usize, partials: usize) {
    assert!(args == partials, "{name} has {args} arguments, but its rule gave {partials} partials");
}
