//! The values of functions of many arguments, shared by plain numbers and the engines so that all
//! of them give the same bits.

use crate::Real;

/// The sum of the terms, in four interleaved partial sums: it need not wait for one addition to end
/// before the next begins, and its rounding error grows with a quarter of their number.
#[inline(always)]
pub(crate) fn sum<F: Real>(mut terms: impl ExactSizeIterator<Item = F>) -> F {
    let mut parts = [F::zero(); 4];
    for _ in 0..terms.len() / 4 {
        for part in &mut parts {
            *part += terms.next().unwrap_or(F::zero());
        }
    }
    let rest = terms.fold(F::zero(), |rest, term| rest + term);
    (parts[0] + parts[1]) + (parts[2] + parts[3]) + rest
}

/// The greatest; `-∞` if there are none, NaN if any is NaN.
#[inline(always)]
pub(crate) fn max<F: Real>(xs: impl Iterator<Item = F>) -> F {
    xs.fold(F::neg_infinity(), |most, x| if most >= x || most.is_nan() { most } else { x })
}

/// `√Σ x²`, scaled by the greatest where the squares would leave the normal range.
#[inline(always)]
pub(crate) fn norm<F: Real>(xs: impl ExactSizeIterator<Item = F> + Clone) -> F {
    let squares = sum(xs.clone().map(|x| x * x));
    // Below `floor` a square may have lost bits to underflow.
    let floor = F::min_positive_value() / (F::epsilon() * F::epsilon());
    if squares > floor && squares.is_finite() {
        return squares.sqrt();
    }
    // The norm of nothing is 0.
    let most = max(std::iter::once(F::zero()).chain(xs.clone().map(F::abs)));
    if most == F::zero() || !most.is_finite() {
        return most;
    }
    sum(xs.map(|x| (x / most) * (x / most))).sqrt() * most
}

/// The partial `x / norm` of a norm that is not 0.
#[inline(always)]
pub(crate) fn norm_slope<F: Real>(x: F, norm: F) -> F {
    x / norm
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

/// `e^xᵢ / Σ e^xⱼ` in place, and `ln Σ e^xⱼ`.
#[inline(always)]
pub(crate) fn softmax<F: Real>(xs: &mut [F]) -> F {
    let most = max(xs.iter().copied());
    for x in &mut *xs {
        *x = (*x - most).exp();
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
