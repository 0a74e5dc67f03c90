//! `echidna`: the tape, and bytecode that is recorded once and replayed.

use super::{add, by_chunks};
use crate::number::{Beside, Number};
use crate::rows::{self, RowLoss};
use echidna::{BReverse, BytecodeTape, Reverse, Scalar};
use num_traits::Float;

impl Number for Reverse<f64> {
    fn value(self) -> f64 {
        Scalar::value(&self)
    }

    #[inline]
    fn abs(self) -> Self {
        Float::abs(self)
    }

    #[inline]
    fn exp(self) -> Self {
        Float::exp(self)
    }

    #[inline]
    fn ln(self) -> Self {
        Float::ln(self)
    }

    #[inline]
    fn ln_1p(self) -> Self {
        Float::ln_1p(self)
    }
}

impl Beside<f64> for Reverse<f64> {}
impl Beside<Reverse<f64>> for Reverse<f64> {}

/// Records and sweeps, and returns the value.
fn gradient(
    at: &[f64],
    sum: &mut [f64],
    loss: impl FnOnce(&[Reverse<f64>]) -> Reverse<f64>,
) -> f64 {
    let mut value = f64::NAN;
    let part = echidna::grad(
        |x| {
            let loss = loss(x);
            value = loss.value();
            loss
        },
        at,
    );
    add(sum, part);
    value
}

pub(crate) fn eager<L: RowLoss>(at: &[f64], rows: &[f64], chunk: usize, out: &mut [f64]) -> f64 {
    by_chunks::<L>(rows, chunk, out, |rows, out| gradient(at, out, |x| L::sum(x, rows)))
}

pub(crate) fn eager_rosenbrock(x: &[f64], out: &mut [f64]) -> f64 {
    out.fill(0.0);
    gradient(x, out, rows::rosenbrock)
}

/// A replay follows the operations of the recording, so nothing here branches.
impl Number for BReverse<f64> {
    fn value(self) -> f64 {
        f64::NAN
    }

    fn abs(self) -> Self {
        Float::abs(self)
    }

    fn exp(self) -> Self {
        Float::exp(self)
    }

    fn ln(self) -> Self {
        Float::ln(self)
    }

    fn ln_1p(self) -> Self {
        Float::ln_1p(self)
    }

    fn relu(self) -> Self {
        Float::max(self, BReverse::constant(0.0))
    }

    fn log_sum_exp(terms: &[Self]) -> Self {
        let most = terms[1..].iter().fold(terms[0], |most, &term| Float::max(most, term));
        Float::ln(Self::sum(terms.iter().map(|&term| Float::exp(term - most)))) + most
    }
}

impl Beside<BReverse<f64>> for BReverse<f64> {}
impl Beside<f64> for BReverse<f64> {}

/// The bytecode of a loss over a few rows, whose parameters and numbers are its inputs.
pub(crate) struct Bytecode {
    tape: BytecodeTape<f64>,
    inputs: Vec<f64>,
    adjoints: Vec<f64>,
}

impl Bytecode {
    pub(crate) fn rows<L: RowLoss>(at: &[f64], rows: &[f64]) -> Self {
        let n = at.len();
        Self::record([at, rows].concat(), |inputs| L::sum(&inputs[..n], &inputs[n..]))
    }

    pub(crate) fn rosenbrock(at: &[f64]) -> Self {
        Self::record(at.to_vec(), rows::rosenbrock)
    }

    fn record(inputs: Vec<f64>, loss: impl FnOnce(&[BReverse<f64>]) -> BReverse<f64>) -> Self {
        let (mut tape, _) = echidna::record(loss, &inputs);
        tape.optimize();
        Bytecode { tape, inputs, adjoints: Vec::new() }
    }

    /// Replays for as many rows at a time as were recorded.
    pub(crate) fn run(&mut self, at: &[f64], rows: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        self.inputs[..at.len()].copy_from_slice(at);
        let together = self.inputs.len() - at.len();
        if together == 0 {
            return self.replay(at.len(), gradient);
        }
        let mut value = 0.0;
        for rows in rows.chunks_exact(together) {
            self.inputs[at.len()..].copy_from_slice(rows);
            value += self.replay(at.len(), gradient);
        }
        value
    }

    fn replay(&mut self, parameters: usize, gradient: &mut [f64]) -> f64 {
        let part = self.tape.gradient_with_buf(&self.inputs, &mut self.adjoints);
        add(gradient, part.into_iter().take(parameters));
        self.tape.output_value()
    }
}
