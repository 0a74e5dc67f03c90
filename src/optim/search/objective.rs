//! What a [`Search`](super::Search) asks for value and gradient, and why that may end it.

use crate::optim::OptimError;
use crate::{Real, Tape, Var};

/// Why a search ended before its rules said so.
pub(super) enum Halt<E> {
    /// The objective was refused.
    Objective(E),
    /// The optimizer refused a step, or the loop a value.
    Optimizer(OptimError),
}

impl<E> From<OptimError> for Halt<E> {
    fn from(error: OptimError) -> Self {
        Halt::Optimizer(error)
    }
}

impl<E: From<OptimError>> Halt<E> {
    pub(super) fn into(self) -> E {
        match self {
            Halt::Objective(error) => error,
            Halt::Optimizer(error) => error.into(),
        }
    }
}

/// Gives the value at a point and writes the gradient there. A trait and not a closure, so that a
/// misused variable is a panic at the line of the user's call.
pub(super) trait Evaluate<F: Real, E> {
    #[track_caller]
    fn evaluate(&mut self, x: &[F], gradient: &mut [F]) -> Result<F, Halt<E>>;
}

impl<F: Real, E, O: FnMut(&[F], &mut [F]) -> Result<F, E>> Evaluate<F, E> for O {
    fn evaluate(&mut self, x: &[F], gradient: &mut [F]) -> Result<F, Halt<E>> {
        self(x, gradient).map_err(Halt::Objective)
    }
}

/// A loss of variables, and the tape that it is recorded on.
pub(super) struct OnTape<L, F: Real> {
    loss: L,
    tape: Tape<F>,
    vars: Vec<Var<F>>,
}

impl<L, F: Real> OnTape<L, F> {
    pub(super) fn new(loss: L) -> Self {
        OnTape { loss, tape: Tape::default(), vars: Vec::new() }
    }
}

impl<F: Real, E, L: FnMut(&[Var<F>]) -> Result<Var<F>, E>> Evaluate<F, E> for OnTape<L, F> {
    #[track_caller]
    fn evaluate(&mut self, x: &[F], gradient: &mut [F]) -> Result<F, Halt<E>> {
        self.tape.clear();
        self.vars.clear();
        self.tape.extend_vars(x, &mut self.vars);
        let loss = (self.loss)(&self.vars).map_err(Halt::Objective)?;
        let slope = loss.try_backward().map_err(OptimError::from)?;
        slope.write_wrt(&self.vars, gradient);
        Ok(loss.value())
    }
}
