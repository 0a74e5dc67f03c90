//! `reverse`: a tape of nodes with two partials each.

use super::{add, by_chunks};
use crate::number::{Beside, Number};
use crate::rows::{self, RowLoss};
use reverse::{Gradient, Tape, Var};

impl Number for Var<'_> {
    fn value(self) -> f64 {
        self.val()
    }

    #[inline]
    fn abs(self) -> Self {
        Var::abs(&self)
    }

    #[inline]
    fn exp(self) -> Self {
        Var::exp(&self)
    }

    #[inline]
    fn ln(self) -> Self {
        Var::ln(&self)
    }

    #[inline]
    fn ln_1p(self) -> Self {
        Var::ln_1p(&self)
    }
}

impl Beside<f64> for Var<'_> {}
impl<'t> Beside<Var<'t>> for Var<'t> {}

/// Records and sweeps, and returns the value.
fn gradient(
    tape: &Tape,
    at: &[f64],
    sum: &mut [f64],
    loss: impl for<'t> FnOnce(&[Var<'t>]) -> Var<'t>,
) -> f64 {
    tape.clear();
    let vars = tape.add_vars(at);
    let loss = loss(&vars);
    add(sum, loss.grad().wrt(&vars));
    loss.val()
}

pub(crate) fn rows<L: RowLoss>(
    tape: &Tape,
    at: &[f64],
    rows: &[f64],
    chunk: usize,
    out: &mut [f64],
) -> f64 {
    by_chunks::<L>(rows, chunk, out, |rows, out| gradient(tape, at, out, |x| L::sum(x, rows)))
}

pub(crate) fn rosenbrock(tape: &Tape, x: &[f64], out: &mut [f64]) -> f64 {
    out.fill(0.0);
    gradient(tape, x, out, |x| rows::rosenbrock(x))
}
