//! What can be trained: [`BatchLoss`], and where its gradients come from.

mod function;
mod program;
mod tape;

pub use function::FnLoss;
pub use program::ProgramLoss;
pub use tape::TapeLoss;

use super::error::TrainError;
use crate::Real;
use std::error::Error;

/// What a loss that fails says why.
pub type LossFailure = Box<dyn Error + Send + Sync>;

/// A mean loss over chosen rows, with its gradient; from a tape ([`TapeLoss`]), a program ([`ProgramLoss`]),
/// a function ([`FnLoss`]), or by an implementation of your own.
pub trait BatchLoss<F: Real = f64> {
    /// How many rows the data have.
    fn row_count(&self) -> usize;

    /// The mean over these rows; writes its gradient.
    ///
    /// # Errors
    /// Whatever keeps it from having one.
    fn gradient(
        &mut self,
        parameters: &[F],
        rows: &[u32],
        gradient: &mut [F],
    ) -> Result<F, LossFailure>;

    /// The mean over these rows alone.
    ///
    /// # Errors
    /// As [`BatchLoss::gradient`].
    fn value(&mut self, parameters: &[F], rows: &[u32]) -> Result<F, LossFailure>;

    /// What these rows weigh together: how many they are, if there are no weights.
    fn weight(&self, rows: &[u32]) -> F {
        F::from_double(rows.len() as f64)
    }

    /// A number that is another for other data; by it a resumed run knows them again. It is asked for once a run,
    /// with the parameters at which the training started. How many rows there are, if it is not told better:
    /// other data of as many rows are then taken for the same.
    fn fingerprint(&mut self, _parameters: &[F]) -> u64 {
        self.row_count() as u64
    }

    /// A number that is another for another loss of the same data; by it a resumed run knows the loss again. The
    /// same for all, if it is not told better: a change of the loss then goes unnoticed, unless the
    /// [`fingerprint`](Self::fingerprint) tells.
    fn expression(&self) -> u64 {
        0
    }

    /// Where in these rows a loss or a slope that is not finite begins, for a message.
    fn began(&mut self, _parameters: &[F], _rows: &[u32]) -> Option<String> {
        None
    }
}

/// One weight for each row, all finite and none negative.
fn check_weights<F: Real>(weights: &[F], rows: usize) -> Result<(), TrainError> {
    if weights.len() != rows {
        return Err(TrainError::WeightCount { expected: rows, found: weights.len() });
    }
    match weights.iter().position(|w| !(w.is_finite() && *w >= F::zero())) {
        Some(row) => Err(TrainError::Weight { row, value: weights[row].to_double() }),
        None => Ok(()),
    }
}
