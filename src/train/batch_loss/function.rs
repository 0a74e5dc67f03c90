//! Losses of functions of the user's own: [`FnLoss`].

use super::{BatchLoss, LossFailure};
use crate::Real;

/// A loss whose mean and gradient a function gives.
///
/// ```
/// use wengert::optim::Sgd;
/// use wengert::train::{FnLoss, Trainer};
/// let data = [1.0, 2.0, 6.0];
/// let mut loss = FnLoss::new(3, |x: &[f64], rows: &[u32], gradient: &mut [f64]| {
///     let n = rows.len() as f64;
///     let off = rows.iter().map(|&row| x[0] - data[row as usize]);
///     gradient[0] = off.clone().sum::<f64>() * 2.0 / n;
///     Ok(off.map(|d| d * d).sum::<f64>() / n)
/// });
/// let mut x = [0.0];
/// Trainer::new(Sgd::builder(0.25).build()?).epochs(60).fit(&mut x, &mut loss)?;
/// approx::assert_relative_eq!(x[0], 3.0, max_relative = 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FnLoss<L, F = f64> {
    rows: usize,
    function: L,
    gradient: Vec<F>,
    fingerprint: Option<u64>,
}

impl<F: Real, L> FnLoss<L, F>
where
    L: FnMut(&[F], &[u32], &mut [F]) -> Result<F, LossFailure>,
{
    /// A loss over so many rows. The function takes the parameters and the rows of a batch, writes the
    /// gradient of the mean over them, and gives that mean.
    ///
    /// ```
    /// use wengert::train::{BatchLoss, FnLoss};
    /// let loss = FnLoss::new(3, |_: &[f64], _: &[u32], _: &mut [f64]| Ok(0.0));
    /// assert_eq!(loss.row_count(), 3);
    /// ```
    pub fn new(rows: usize, function: L) -> Self {
        FnLoss { rows, function, gradient: Vec::new(), fingerprint: None }
    }

    /// A number that is another for other data, by which a training that goes on from a file knows them again.
    /// The function alone does not show its data: without this only the number of rows is compared.
    ///
    /// ```
    /// use wengert::train::{BatchLoss, FnLoss};
    /// let loss = FnLoss::new(3, |_: &[f64], _: &[u32], _: &mut [f64]| Ok(0.0));
    /// assert_eq!(loss.known_by(0xda7a).fingerprint(&[]), 0xda7a);
    /// ```
    #[must_use]
    pub fn known_by(self, fingerprint: u64) -> Self {
        FnLoss { fingerprint: Some(fingerprint), ..self }
    }
}

impl<F: Real, L> BatchLoss<F> for FnLoss<L, F>
where
    L: FnMut(&[F], &[u32], &mut [F]) -> Result<F, LossFailure>,
{
    fn row_count(&self) -> usize {
        self.rows
    }

    fn gradient(
        &mut self,
        parameters: &[F],
        rows: &[u32],
        gradient: &mut [F],
    ) -> Result<F, LossFailure> {
        (self.function)(parameters, rows, gradient)
    }

    fn value(&mut self, parameters: &[F], rows: &[u32]) -> Result<F, LossFailure> {
        self.gradient.resize(parameters.len(), F::zero());
        (self.function)(parameters, rows, &mut self.gradient)
    }

    fn fingerprint(&mut self, _: &[F]) -> u64 {
        self.fingerprint.unwrap_or(self.rows as u64)
    }
}
