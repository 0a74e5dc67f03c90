//! A program that is derived, compiled and run behind a shared reference: [`Pass`].

use crate::program::{Columns, Found, Program, RunError, Sweep};
use std::sync::{Mutex, PoisonError};

/// A program derived from another when it is first needed, and its memory.
#[derive(Debug)]
pub(super) struct Pass {
    derive: fn(Program) -> Program,
    sweep: Mutex<Option<Sweep>>,
}

impl Pass {
    pub(super) fn new(derive: fn(Program) -> Program) -> Self {
        Pass { derive, sweep: Mutex::new(None) }
    }

    /// What `read` takes from a run.
    pub(super) fn at<R>(
        &self,
        program: &Program,
        parameters: &[f64],
        data: &Columns<'_>,
        read: impl FnOnce(Found<'_>) -> R,
    ) -> Result<R, RunError> {
        // A run begins anew, whatever became of the one before.
        let mut sweep = self.sweep.lock().unwrap_or_else(PoisonError::into_inner);
        let sweep = sweep.get_or_insert_with(|| (self.derive)(program.clone()).compile());
        Ok(read(sweep.run(parameters, data)?))
    }
}
