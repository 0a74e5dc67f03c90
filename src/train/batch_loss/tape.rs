//! Losses recorded on tapes: [`TapeLoss`].

use super::{BatchLoss, LossFailure, check_weights};
use crate::train::TrainError;
use crate::{Real, Tape, Var};

/// A loss of a row as an expression of variables, recorded on a tape.
///
/// Eight rows at a time are recorded and swept. With the feature `parallel` they go to all threads; what they
/// add is added in their order, so that the bits do not depend on the number of threads.
///
/// ```
/// use wengert::Var;
/// use wengert::optim::Sgd;
/// use wengert::train::{TapeLoss, Trainer};
/// let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)];
/// let mut loss = TapeLoss::new(3, |p: &[Var], row| {
///     let (x, y) = points[row];
///     (p[0] + p[1] * x - y).square()
/// });
/// let mut line = [0.0, 0.0];
/// let sgd = Sgd::builder(0.2).momentum(0.5).build()?;
/// Trainer::new(sgd).epochs(300).fit(&mut line, &mut loss)?;
/// approx::assert_relative_eq!(&line[..], &[1.0, 2.0][..], max_relative = 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TapeLoss<L, F: Real = f64> {
    rows: usize,
    terms: Terms<L, F>,
    segments: Vec<Segment<F>>,
    recorder: Recorder<F>,
}

/// What is added up: it goes to all threads.
#[derive(Debug)]
struct Terms<L, F> {
    row_loss: L,
    weights: Option<Vec<F>>,
}

/// Rows that are recorded together.
const SEGMENT: usize = 8;

/// What the rows of a segment add up to.
#[derive(Debug, Default)]
struct Segment<F> {
    sum: F,
    slope: Vec<F>,
}

/// A tape and the parameters on it.
#[derive(Debug)]
struct Recorder<F: Real> {
    tape: Tape<F>,
    parameters: Vec<Var<F>>,
}

impl<F: Real, L: Fn(&[Var<F>], usize) -> Var<F> + Sync> TapeLoss<L, F> {
    /// A loss over so many rows; the expression takes the parameters and the number of a row.
    ///
    /// ```
    /// use wengert::train::{BatchLoss, TapeLoss};
    /// let mut loss = TapeLoss::new(2, |x, row| x[0].abs() * (row + 1) as f64);
    /// let mut slope = [0.0];
    /// assert_eq!(loss.gradient(&[2.0], &[0, 1], &mut slope)?, 3.0);
    /// assert_eq!(slope, [1.5]);
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    pub fn new(rows: usize, row_loss: L) -> Self {
        let terms = Terms { row_loss, weights: None };
        TapeLoss { rows, terms, segments: Vec::new(), recorder: Recorder::default() }
    }

    /// The same as a weighted mean: the sum of weight times loss over the sum of the weights. A row of
    /// weight 0 is left out wholly.
    ///
    /// # Errors
    /// If there is not a weight for each row, or one is negative, infinite or NaN.
    ///
    /// ```
    /// use wengert::train::{BatchLoss, TapeLoss};
    /// let loss = TapeLoss::new(2, |x, row| (x[0] - row as f64).square());
    /// let mut loss = loss.weighted(&[3.0, 1.0])?;
    /// assert_eq!(loss.value(&[0.0], &[0, 1])?, 0.25);
    /// # Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    /// ```
    pub fn weighted(self, weights: &[F]) -> Result<Self, TrainError> {
        check_weights(weights, self.rows)?;
        let terms = Terms { weights: Some(weights.to_vec()), ..self.terms };
        Ok(TapeLoss { terms, ..self })
    }
}

impl<F: Real, L: Fn(&[Var<F>], usize) -> Var<F> + Sync> Terms<L, F> {
    /// The weighted sum over a few rows.
    fn record(&self, recorder: &mut Recorder<F>, parameters: &[F], rows: &[u32]) -> Var<F> {
        let Recorder { tape, parameters: vars } = recorder;
        tape.clear();
        vars.clear();
        tape.extend_vars(parameters, vars);
        let row_loss = |&row: &u32| {
            let row = row as usize;
            match self.weights.as_ref().map(|weights| weights[row]) {
                None => (self.row_loss)(vars, row),
                Some(weight) if weight == F::zero() => Var::ZERO,
                Some(weight) => (self.row_loss)(vars, row) * Var::from(weight),
            }
        };
        rows.iter().map(row_loss).sum()
    }

    fn sweep(
        &self,
        recorder: &mut Recorder<F>,
        parameters: &[F],
        rows: &[u32],
        segment: &mut Segment<F>,
    ) -> Result<(), LossFailure> {
        let sum = self.record(recorder, parameters, rows);
        sum.try_backward()?.write_wrt(&recorder.parameters, &mut segment.slope);
        segment.sum = sum.value();
        Ok(())
    }

    /// All segments of a batch.
    #[cfg(not(feature = "parallel"))]
    fn sweep_all(
        &self,
        recorder: &mut Recorder<F>,
        parameters: &[F],
        rows: &[u32],
        segments: &mut [Segment<F>],
    ) -> Result<(), LossFailure> {
        let mut parts = rows.chunks(SEGMENT).zip(segments);
        parts.try_for_each(|(rows, segment)| self.sweep(recorder, parameters, rows, segment))
    }

    /// All segments of a batch, on all threads.
    #[cfg(feature = "parallel")]
    fn sweep_all(
        &self,
        _: &mut Recorder<F>,
        parameters: &[F],
        rows: &[u32],
        segments: &mut [Segment<F>],
    ) -> Result<(), LossFailure> {
        use rayon::prelude::*;
        rows.par_chunks(SEGMENT)
            .zip(segments)
            .try_for_each_init(Recorder::default, |recorder, (rows, segment)| {
                self.sweep(recorder, parameters, rows, segment)
            })
    }
}

impl<F: Real> Default for Recorder<F> {
    fn default() -> Self {
        Recorder { tape: Tape::default(), parameters: Vec::new() }
    }
}

impl<F: Real, L: Fn(&[Var<F>], usize) -> Var<F> + Sync> BatchLoss<F> for TapeLoss<L, F> {
    fn row_count(&self) -> usize {
        self.rows
    }

    fn gradient(
        &mut self,
        parameters: &[F],
        rows: &[u32],
        gradient: &mut [F],
    ) -> Result<F, LossFailure> {
        let segments = &mut self.segments;
        segments.resize_with(rows.len().div_ceil(SEGMENT), Segment::default);
        segments.iter_mut().for_each(|segment| segment.slope.resize(parameters.len(), F::zero()));
        self.terms.sweep_all(&mut self.recorder, parameters, rows, segments)?;
        let weight = self.weight(rows);
        let mut total = F::zero();
        gradient.fill(F::zero());
        for segment in &self.segments {
            total += segment.sum;
            gradient.iter_mut().zip(&segment.slope).for_each(|(to, slope)| *to += *slope);
        }
        gradient.iter_mut().for_each(|slope| *slope /= weight);
        Ok(total / weight)
    }

    fn value(&mut self, parameters: &[F], rows: &[u32]) -> Result<F, LossFailure> {
        let constants: Vec<Var<F>> = parameters.iter().map(|x| Var::from(*x)).collect();
        let mut total = F::zero();
        for rows in rows.chunks(SEGMENT) {
            let mut sum = F::zero();
            for &row in rows {
                let row = row as usize;
                let weight = self.terms.weights.as_ref().map_or(F::one(), |weights| weights[row]);
                if weight != F::zero() {
                    sum += (self.terms.row_loss)(&constants, row).value() * weight;
                }
            }
            total += sum;
        }
        Ok(total / self.weight(rows))
    }

    fn weight(&self, rows: &[u32]) -> F {
        match &self.terms.weights {
            None => F::from_double(rows.len() as f64),
            Some(weights) => rows.iter().map(|&row| weights[row as usize]).sum(),
        }
    }

    /// Of the weights, and of the loss and the slopes of each row.
    fn fingerprint(&mut self, parameters: &[F]) -> u64 {
        let mut sum = crc32fast::Hasher::new();
        let mut take = |x: F| sum.update(&x.to_double().to_bits().to_le_bytes());
        self.terms.weights.iter().flatten().for_each(|weight| take(*weight));
        let mut segment = Segment { sum: F::zero(), slope: vec![F::zero(); parameters.len()] };
        for row in 0..self.rows as u32 {
            segment.slope.fill(F::zero());
            let swept = self.terms.sweep(&mut self.recorder, parameters, &[row], &mut segment);
            // A row that fails to be swept says so when its batch comes.
            if swept.is_ok() {
                take(segment.sum);
                segment.slope.iter().for_each(|slope| take(*slope));
            }
        }
        (self.rows as u64) << 32 | u64::from(sum.finalize())
    }

    fn began(&mut self, parameters: &[F], rows: &[u32]) -> Option<String> {
        let (terms, recorder) = (&self.terms, &mut self.recorder);
        rows.iter().find_map(|row| {
            let loss = terms.record(recorder, parameters, std::slice::from_ref(row));
            let slopes = loss.try_backward().ok()?.wrt(&recorder.parameters);
            if loss.value().is_finite() && slopes.iter().all(|slope| slope.is_finite()) {
                return None;
            }
            let trouble = recorder.tape.troubles().first().map(ToString::to_string);
            Some(format!("row {row}{}", trouble.map_or(String::new(), |text| format!(": {text}"))))
        })
    }
}
