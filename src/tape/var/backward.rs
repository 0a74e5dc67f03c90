//! Gradients of a variable.

use super::Var;
use crate::Real;
use crate::tape::core::Core;
use crate::tape::gradient::Gradient;
use crate::tape::storage::TapeError;

impl<F: Real> Var<F> {
    /// The gradient of this number: one reverse sweep over its tape.
    ///
    /// # Panics
    /// If the variable is stale, or the tape ran full while recording.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(2.0);
    /// assert_eq!(x.powi(3).backward().wrt(x), 12.0);
    /// ```
    #[inline]
    #[track_caller]
    pub fn backward(self) -> Gradient<F> {
        match self.try_backward() {
            Ok(gradient) => gradient,
            Err(error) => panic!("{error}"),
        }
    }

    /// [`Var::backward`], or the reason why the recording had to stop before it was whole.
    ///
    /// # Errors
    /// If the tape ran full while recording.
    ///
    /// # Panics
    /// If the variable is stale.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(2.0);
    /// assert_eq!((x * x).try_backward()?.wrt(x), 4.0);
    /// # Ok::<(), wengert::TapeError>(())
    /// ```
    #[track_caller]
    pub fn try_backward(self) -> Result<Gradient<F>, TapeError> {
        if self.is_constant() {
            return Ok(Gradient::zeroed(self.recording, 0));
        }
        self.swept_on(self.live_tape())
    }

    /// The gradient on its tape.
    #[inline]
    pub(in crate::tape) fn swept_on(self, tape: &Core<F>) -> Result<Gradient<F>, TapeError> {
        tape.failure()?;
        let mut gradient = self.unswept();
        tape.read(|storage| gradient.sweep(storage));
        Ok(gradient)
    }

    /// The gradient, before the sweep.
    #[track_caller]
    pub(crate) fn seeded(self) -> Result<Gradient<F>, TapeError> {
        if !self.is_constant() {
            self.live_tape().failure()?;
        }
        Ok(self.unswept())
    }

    #[inline(always)]
    fn unswept(self) -> Gradient<F> {
        // What was recorded after the last statement that this number depends on does not matter.
        let mut gradient = Gradient::zeroed(self.recording, self.parents.after().at());
        gradient.seed(&self, F::one());
        gradient
    }
}
