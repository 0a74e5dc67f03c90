//! What can go wrong in a training: [`TrainError`].

use super::saved::SavedError;
use crate::optim::OptimError;
use crate::real::Short;
use std::error::Error;
use std::fmt;

/// Where in a training something happened; all count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct At {
    /// The epoch.
    pub epoch: u64,
    /// The batch of that epoch.
    pub batch: usize,
    /// The step that was to be taken.
    pub step: u64,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}, batch {}, step {}", self.epoch, self.batch, self.step)
    }
}

/// Where a number that is not finite began, for a message.
struct Began<'b>(&'b Option<String>);

impl fmt::Display for Began<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(text) => write!(f, "; it began at {text}"),
            None => Ok(()),
        }
    }
}

/// A training that cannot begin, or had to stop. The parameters are the best met before.
///
/// ```
/// use wengert::optim::Sgd;
/// use wengert::train::{TapeLoss, TrainError, Trainer};
/// let mut loss = TapeLoss::new(2, |x, row| (x[0] - row as f64).ln());
/// let refused = Trainer::new(Sgd::builder(0.1).build()?).fit(&mut [0.5], &mut loss).unwrap_err();
/// assert!(matches!(refused, TrainError::NonFinite { .. }));
/// assert!(refused.to_string().starts_with(
///     "the loss is NaN in epoch 1, batch 1, step 1; it began at row 1: ln of [-0.5] is NaN"
/// ));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A batch is empty, or larger than the rows.
    #[error("a batch of {size} rows cannot be taken from {rows}")]
    BatchSize {
        /// The rows of a batch.
        size: usize,
        /// The rows to train on.
        rows: usize,
    },
    /// There are not as many labels as rows.
    #[error("there are {found} labels, not {expected}")]
    LabelCount {
        /// How many rows there are.
        expected: usize,
        /// How many labels there are.
        found: usize,
    },
    /// There are not as many weights as rows.
    #[error("there are {found} weights, not {expected}")]
    WeightCount {
        /// How many rows there are.
        expected: usize,
        /// How many weights there are.
        found: usize,
    },
    /// A weight is negative, infinite or NaN.
    #[error("the weight of row {row} is {value}, not finite and at least 0")]
    Weight {
        /// The row.
        row: usize,
        /// Its weight.
        value: f64,
    },
    /// All rows of a batch, or all that are held back, have weight 0, so that they have no mean.
    #[error("the rows weigh 0 together in {at}")]
    NoWeight {
        /// Where.
        at: At,
    },
    /// There are more rows than can be numbered.
    #[error("there are {found} rows, more than a u32 can count")]
    RowCount {
        /// How many there are.
        found: usize,
    },
    /// A row to train on, or held back, is not there.
    #[error("there is no row {row} among {rows}")]
    Row {
        /// The row.
        row: u32,
        /// How many there are.
        rows: usize,
    },
    /// A share of rows is not between 0 and 1.
    #[error("a share of {value} is not between 0 and 1")]
    Share {
        /// The share.
        value: f64,
    },
    /// A perceptron has fewer than two layers, or an empty one, or more parameters than can be counted.
    #[error(
        "widths {found:?} make no perceptron: it needs two or more, none of them 0 or beyond counting"
    )]
    Widths {
        /// The widths.
        found: Vec<usize>,
    },
    /// The loss is infinite or NaN.
    #[error("the loss is {} in {at}{}", Short(*value), Began(began))]
    NonFinite {
        /// The loss.
        value: f64,
        /// Where.
        at: At,
        /// The row and the operation with which it began, if they were found.
        began: Option<String>,
    },
    /// The optimizer refused a step.
    #[error("{source}, in {at}{}", Began(began))]
    Step {
        /// Why.
        source: OptimError,
        /// Where.
        at: At,
        /// The row and the operation with which it began, if a slope is not finite and they were found.
        began: Option<String>,
    },
    /// The loss itself failed.
    #[error("{source}, in {at}")]
    Loss {
        /// Why.
        source: Box<dyn Error + Send + Sync>,
        /// Where.
        at: At,
    },
    /// An option is out of its range.
    #[error(transparent)]
    Optim(#[from] OptimError),
    /// A saved state could not be written, read, or gone on from.
    #[error(transparent)]
    Saved(#[from] SavedError),
}
