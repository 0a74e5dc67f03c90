//! Coefficients of power series, and how those of one come from those of others.

use super::lanes::along;
use crate::Real;

/// `Σ terms`, each a product, where 0 passes nothing on.
#[inline(always)]
fn products<F: Real>(terms: impl Iterator<Item = (F, F)> + Clone) -> F {
    let sum = terms.clone().map(|(a, b)| a * b).fold(F::zero(), |sum, term| sum + term);
    // Where 0 met an infinity, with care.
    if sum.is_nan() { terms.fold(F::zero(), |sum, (a, b)| sum + along(a, b)) } else { sum }
}

/// The coefficient `k` of a product of two series.
#[inline(always)]
pub(super) fn product<F: Real>(a: impl Fn(usize) -> F, b: impl Fn(usize) -> F, k: usize) -> F {
    products((0..=k).map(|j| (a(j), b(k - j))))
}

/// What the coefficients from 1 to `k` of one, each with its own order as a factor, and those of another make of
/// the coefficient `k` of an integral: `y' = slope · x'` gives `k yₖ = Σ j xⱼ slopeₖ₋ⱼ`.
#[inline(always)]
pub(super) fn integral<F: Real>(x: impl Fn(usize) -> F, slope: impl Fn(usize) -> F, k: usize) -> F {
    let order = |j: usize| F::from_double(j as f64);
    products((1..=k).map(|j| (order(j) * x(j), slope(k - j)))) / order(k)
}

/// `number / divisor`, and 0 of 0 whatever the divisor.
#[inline(always)]
pub(super) fn quotient<F: Real>(number: F, divisor: F) -> F {
    if number == F::zero() { number } else { number / divisor }
}
