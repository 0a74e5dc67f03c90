//! What the losses ask of a differentiable number, and what each engine does better than by a chain
//! of operators.

use std::ops::{Add, Mul, Neg, Sub};

/// A number that an engine differentiates.
pub(crate) trait Number:
    Copy
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    fn value(self) -> f64;
    fn abs(self) -> Self;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn ln_1p(self) -> Self;

    /// `max(self, 0)`. An engine that records anew at each call may branch.
    fn relu(self) -> Self {
        if self.value() > 0.0 { self } else { self * 0.0 }
    }

    /// `ln(1 + eˣ)`, which does not overflow.
    fn softplus(self) -> Self {
        self.relu() + (-self.abs()).exp().ln_1p()
    }

    /// The sum of at least one term.
    fn sum(mut terms: impl Iterator<Item = Self>) -> Self {
        let Some(first) = terms.next() else { panic!("a sum of no terms") };
        terms.fold(first, |sum, term| sum + term)
    }

    /// What `log_sum_exp` takes off its terms.
    fn shift(terms: &[Self]) -> f64 {
        terms.iter().fold(f64::NEG_INFINITY, |most, term| most.max(term.value()))
    }

    /// `ln Σ eᵗ`.
    fn log_sum_exp(terms: &[Self]) -> Self {
        let shift = Self::shift(terms);
        Self::sum(terms.iter().map(|&term| (term - shift).exp())).ln() + shift
    }
}

/// A number beside data: plain numbers for an engine that records anew at each call, inputs for one
/// that replays.
pub(crate) trait Beside<X: Copy>:
    Number + Add<X, Output = Self> + Sub<X, Output = Self> + Mul<X, Output = Self>
{
    /// `w · x` of at least one number.
    fn dot(w: &[Self], x: &[X]) -> Self {
        let mut pairs = w.iter().zip(x);
        let Some((&w, &x)) = pairs.next() else { panic!("a product of empty slices") };
        pairs.fold(w * x, |sum, (&w, &x)| sum + w * x)
    }
}
