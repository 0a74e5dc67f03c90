//! `wengert`: the tape.

use super::by_chunks;
use crate::number::{Beside, Number};
use crate::rows::{self, RowLoss};
use wengert::{Scalar, Tape, Var};

impl Number for Var {
    fn value(self) -> f64 {
        Var::value(self)
    }

    #[inline]
    fn abs(self) -> Self {
        Scalar::abs(self)
    }

    #[inline]
    fn exp(self) -> Self {
        Scalar::exp(self)
    }

    #[inline]
    fn ln(self) -> Self {
        Scalar::ln(self)
    }

    #[inline]
    fn ln_1p(self) -> Self {
        Scalar::ln_1p(self)
    }

    #[inline]
    fn relu(self) -> Self {
        Scalar::relu(self)
    }

    #[inline]
    fn softplus(self) -> Self {
        Scalar::softplus(self)
    }

    #[inline]
    fn sum(terms: impl Iterator<Item = Self>) -> Self {
        terms.sum()
    }

    #[inline]
    fn log_sum_exp(terms: &[Self]) -> Self {
        Scalar::log_sum_exp(terms)
    }
}

impl Beside<Var> for Var {
    #[inline]
    fn dot(w: &[Self], x: &[Self]) -> Self {
        Scalar::dot(w, x)
    }
}

impl Beside<f64> for Var {
    #[inline]
    fn dot(w: &[Self], x: &[f64]) -> Self {
        Scalar::dot(w, x)
    }
}

/// The tape, which is kept from call to call.
#[derive(Default)]
pub(crate) struct Eager {
    tape: Tape,
    vars: Vec<Var>,
}

impl Eager {
    fn gradient(&mut self, at: &[f64], gradient: &mut [f64], loss: impl Fn(&[Var]) -> Var) -> f64 {
        self.tape.clear();
        self.vars.clear();
        self.tape.extend_vars(at, &mut self.vars);
        let loss = loss(&self.vars);
        loss.backward().add_wrt(&self.vars, gradient);
        loss.value()
    }

    pub(crate) fn rows<L: RowLoss>(
        &mut self,
        at: &[f64],
        rows: &[f64],
        chunk: usize,
        gradient: &mut [f64],
    ) -> f64 {
        by_chunks::<L>(rows, chunk, gradient, |rows, gradient| {
            self.gradient(at, gradient, |vars| L::sum(vars, rows))
        })
    }

    pub(crate) fn rosenbrock(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.fill(0.0);
        self.gradient(x, gradient, rows::rosenbrock)
    }
}
