//! What a [`Search`](super::Search) asks for value and gradient.

use crate::optim::error::{Halt, OptimError};
use crate::{Real, Tape, Var};

/// Gives the value at a point and writes the gradient there. A trait and not a closure, so that a
/// misused variable is a panic at the line of the user's call.
pub(in crate::optim) trait Evaluate<F: Real, E> {
    #[track_caller]
    fn evaluate(&mut self, x: &[F], gradient: &mut [F]) -> Result<F, Halt<E>>;
}

impl<F: Real, E, O: FnMut(&[F], &mut [F]) -> Result<F, E>> Evaluate<F, E> for O {
    fn evaluate(&mut self, x: &[F], gradient: &mut [F]) -> Result<F, Halt<E>> {
        self(x, gradient).map_err(Halt::Loss)
    }
}

/// A loss of variables, and the tape that it is recorded on.
pub(in crate::optim) struct OnTape<L, F: Real> {
    loss: L,
    tape: Tape<F>,
    vars: Vec<Var<F>>,
}

impl<L, F: Real> OnTape<L, F> {
    pub(in crate::optim) fn new(loss: L) -> Self {
        OnTape { loss, tape: Tape::default(), vars: Vec::new() }
    }
}

impl<F: Real, E, L: FnMut(&[Var<F>]) -> Result<Var<F>, E>> Evaluate<F, E> for OnTape<L, F> {
    #[track_caller]
    fn evaluate(&mut self, x: &[F], gradient: &mut [F]) -> Result<F, Halt<E>> {
        self.tape.clear();
        self.vars.clear();
        self.tape.extend_vars(x, &mut self.vars);
        let loss = (self.loss)(&self.vars).map_err(Halt::Loss)?;
        let slope = loss.try_backward().map_err(OptimError::from)?;
        slope.write_wrt(&self.vars, gradient);
        Ok(loss.value())
    }
}
