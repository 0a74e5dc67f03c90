//! `xad-rs`: a tape of statements, with sums and products of slices in one statement.

use super::{add, by_chunks};
use crate::number::{Beside, Number};
use crate::rows::{self, RowLoss};
use xad_rs::{AReal, Real, Tape, compute_gradient_rev_with};

impl Number for AReal<f64> {
    fn value(self) -> f64 {
        AReal::value(&self)
    }

    #[inline]
    fn abs(self) -> Self {
        Real::abs(&self)
    }

    #[inline]
    fn exp(self) -> Self {
        Real::exp(&self)
    }

    #[inline]
    fn ln(self) -> Self {
        Real::ln(&self)
    }

    #[inline]
    fn ln_1p(self) -> Self {
        Real::ln_1p(&self)
    }

    #[inline]
    fn sum(terms: impl Iterator<Item = Self>) -> Self {
        Real::sum(&terms.collect::<Vec<Self>>())
    }
}

impl Beside<f64> for AReal<f64> {
    #[inline]
    fn dot(w: &[Self], x: &[f64]) -> Self {
        Real::weighted_sum(x, w)
    }
}

impl Beside<AReal<f64>> for AReal<f64> {
    #[inline]
    fn dot(w: &[Self], x: &[Self]) -> Self {
        Real::dot(w, x)
    }
}

/// Records and sweeps, and returns the value.
fn gradient(
    tape: &mut Tape<f64>,
    at: &[f64],
    sum: &mut [f64],
    loss: impl FnOnce(&[AReal<f64>]) -> AReal<f64>,
) -> f64 {
    let (value, part) = compute_gradient_rev_with(tape, at, loss);
    add(sum, part);
    value
}

pub(crate) fn rows<L: RowLoss>(
    tape: &mut Tape<f64>,
    at: &[f64],
    rows: &[f64],
    chunk: usize,
    out: &mut [f64],
) -> f64 {
    by_chunks::<L>(rows, chunk, out, |rows, out| gradient(tape, at, out, |x| L::sum(x, rows)))
}

pub(crate) fn rosenbrock(tape: &mut Tape<f64>, x: &[f64], out: &mut [f64]) -> f64 {
    out.fill(0.0);
    gradient(tape, x, out, rows::rosenbrock)
}
