//! Losses of programs: [`ProgramLoss`].

use super::{BatchLoss, LossFailure, check_weights};
use crate::program::{Columns, Program, Sweep};
use crate::train::TrainError;

/// The mean of a program over chosen rows of its columns.
///
/// ```
/// use wengert::objective;
/// use wengert::optim::Sgd;
/// use wengert::program::{Columns, Program};
/// use wengert::train::{Batches, ProgramLoss, Trainer};
/// let x: Vec<f64> = (0..100).map(|i| f64::from(i) * 0.02 - 1.0).collect();
/// let y: Vec<f64> = x.iter().map(|x| 1.0 + 2.0 * x).collect();
/// let row_loss = objective!(|[a, b], [x, y]| (a + b * x - y).square());
/// let program = Program::record(&row_loss, &[0.0, 0.0], &[0.0, 0.0])?;
/// let mut loss = ProgramLoss::new(&program, Columns::new(&[&x, &y])?);
/// let mut line = [0.0, 0.0];
/// let mut trainer = Trainer::new(Sgd::builder(0.2).build()?);
/// trainer = trainer.epochs(40).batches(Batches::of(10).shuffled(1));
/// trainer.fit(&mut line, &mut loss)?;
/// approx::assert_relative_eq!(&line[..], &[1.0, 2.0][..], max_relative = 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ProgramLoss<'d> {
    gradient: Sweep,
    value: Sweep,
    data: Columns<'d>,
    weights: Option<Vec<f64>>,
    /// Which program it is.
    digest: u64,
}

impl<'d> ProgramLoss<'d> {
    /// The mean over rows of a program of one row.
    ///
    /// ```
    /// use wengert::objective;
    /// use wengert::program::{Columns, Program};
    /// use wengert::train::{BatchLoss, ProgramLoss};
    /// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?;
    /// let mut loss = ProgramLoss::new(&program, Columns::new(&[&[1.0, 2.0, 6.0]])?);
    /// assert_eq!(loss.value(&[1.0], &[0, 2]).expect("they are there"), 3.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(program: &Program, data: Columns<'d>) -> Self {
        Self::of(&program.clone().mean(), data, None)
    }

    /// The weighted mean: the weights stand in one more column, the last; see
    /// [`Program::weighted_mean`].
    ///
    /// # Errors
    /// If that column is not there, or a weight is negative, infinite or NaN.
    ///
    /// ```
    /// use wengert::objective;
    /// use wengert::program::{Columns, Program};
    /// use wengert::train::{BatchLoss, ProgramLoss};
    /// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?;
    /// let data = Columns::new(&[&[1.0, 2.0, 6.0], &[3.0, 9.0, 1.0]])?;
    /// let mut loss = ProgramLoss::weighted(&program, data)?;
    /// assert_eq!(loss.value(&[1.0], &[0, 2]).expect("they are there"), 2.25);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn weighted(program: &Program, data: Columns<'d>) -> Result<Self, TrainError> {
        let (rows, column) = (data.row_count(), program.column_count());
        let mut weights = vec![0.0; if column < data.column_count() { rows } else { 0 }];
        if !weights.is_empty() {
            let seen = data.view(column, 0..rows, &mut vec![0.0; rows]).to_vec();
            weights.copy_from_slice(&seen);
        }
        check_weights(&weights, rows)?;
        Ok(Self::of(&program.clone().weighted_mean(), data, Some(weights)))
    }

    fn of(mean: &Program, data: Columns<'d>, weights: Option<Vec<f64>>) -> Self {
        let gradient = mean.clone().gradient().compile();
        ProgramLoss { gradient, value: mean.compile(), data, weights, digest: mean.digest() }
    }
}

impl BatchLoss for ProgramLoss<'_> {
    fn row_count(&self) -> usize {
        self.data.row_count()
    }

    fn gradient(
        &mut self,
        parameters: &[f64],
        rows: &[u32],
        gradient: &mut [f64],
    ) -> Result<f64, LossFailure> {
        let batch: Columns<'_> = self.data.pick(rows)?;
        let found = self.gradient.run(parameters, &batch)?;
        gradient.copy_from_slice(found.gradient());
        Ok(found.value())
    }

    fn value(&mut self, parameters: &[f64], rows: &[u32]) -> Result<f64, LossFailure> {
        let batch: Columns<'_> = self.data.pick(rows)?;
        Ok(self.value.run(parameters, &batch)?.value())
    }

    fn weight(&self, rows: &[u32]) -> f64 {
        match &self.weights {
            None => rows.len() as f64,
            Some(weights) => rows.iter().map(|&row| weights[row as usize]).sum(),
        }
    }

    fn fingerprint(&mut self, _: &[f64]) -> u64 {
        let rows = self.data.row_count();
        let mut scratch = vec![0.0; rows];
        let mut sum = crc32fast::Hasher::new();
        for column in 0..self.data.column_count() {
            let numbers = self.data.view(column, 0..rows, &mut scratch);
            numbers.iter().for_each(|x| sum.update(&x.to_bits().to_le_bytes()));
        }
        (rows as u64) << 32 | u64::from(sum.finalize())
    }

    fn expression(&self) -> u64 {
        self.digest
    }

    fn began(&mut self, parameters: &[f64], rows: &[u32]) -> Option<String> {
        rows.iter().find_map(|row| {
            let data: Columns<'_> = self.data.pick(std::slice::from_ref(row)).ok()?;
            let found = self.gradient.run(parameters, &data);
            let is_sound = found.is_ok_and(|found| {
                found.value().is_finite() && found.gradient().iter().all(|slope| slope.is_finite())
            });
            (!is_sound).then(|| format!("row {row}"))
        })
    }
}
