//! What a training went through, as plain data: [`History`].

use crate::Real;
use crate::real::Short;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::Write;

/// An epoch that is over.
///
/// ```
/// use wengert::train::EpochRecord;
/// let record: EpochRecord = serde_json::from_str(
///     r#"{"epoch":1,"step_count":10,"loss":0.5,"validation":null,"rate":0.1,"seconds":0.2}"#,
/// )?;
/// assert_eq!((record.epoch, record.loss, record.validation), (1, 0.5, None));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EpochRecord<F: Real = f64> {
    /// Which one it is, from 1.
    pub epoch: u64,
    /// How many steps were taken up to its end.
    pub step_count: u64,
    /// The mean loss over its batches, each at the parameters before its step.
    pub loss: F,
    /// The mean loss over the rows held back, at its end.
    pub validation: Option<F>,
    /// The learning rate of its last step.
    pub rate: F,
    /// The time spent since the beginning, in all runs, in seconds.
    pub seconds: f64,
}

/// The epochs of a training. With the feature `train` it can be written and read by `serde`.
///
/// ```
/// use wengert::optim::Sgd;
/// use wengert::train::{TapeLoss, Trainer};
/// let data = [1.0, 2.0, 3.0, 6.0];
/// let mut loss = TapeLoss::new(4, |x, row| (x[0] - data[row]).square());
/// let trained = Trainer::new(Sgd::builder(0.1).build()?).epochs(5).fit(&mut [0.0], &mut loss)?;
/// assert_eq!(trained.history.epochs().len(), 5);
/// let mut table = Vec::new();
/// trained.history.write_csv(&mut table)?;
/// assert!(table.starts_with(b"epoch,step_count,loss,validation,rate,seconds\n1,1,12.5,,0.1,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History<F: Real = f64> {
    pub(super) epochs: Vec<EpochRecord<F>>,
}

impl<F: Real + Serialize> History<F> {
    /// The epochs, the first one first.
    ///
    /// ```
    /// use wengert::train::History;
    /// assert!(History::<f64>::default().epochs().is_empty());
    /// ```
    #[must_use]
    pub fn epochs(&self) -> &[EpochRecord<F>] {
        &self.epochs
    }

    /// Writes a table, comma-separated, with a header.
    ///
    /// # Errors
    /// Those of writing.
    ///
    /// ```
    /// use wengert::train::History;
    /// let mut table = Vec::new();
    /// History::<f64>::default().write_csv(&mut table)?;
    /// assert!(table.is_empty());
    /// # Ok::<(), csv::Error>(())
    /// ```
    pub fn write_csv(&self, to: impl Write) -> Result<(), csv::Error> {
        let mut table = csv::Writer::from_writer(to);
        for epoch in &self.epochs {
            table.serialize(epoch)?;
        }
        Ok(table.flush()?)
    }
}

/// One line; a precision (`{:.6}`) goes to the losses.
impl<F: Real> fmt::Display for EpochRecord<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}: loss ", self.epoch)?;
        fmt::Display::fmt(&Short(self.loss), f)?;
        if let Some(validation) = self.validation {
            f.write_str(", held back ")?;
            fmt::Display::fmt(&Short(validation), f)?;
        }
        Ok(())
    }
}
