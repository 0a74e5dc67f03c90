//! What came of a training: [`Trained`].

use super::history::History;
use crate::Real;
use crate::real::Short;
use std::fmt;

/// Where and why a training ended.
///
/// ```
/// use wengert::optim::Sgd;
/// use wengert::train::{TapeLoss, TrainEnd, Trainer};
/// let mut loss = TapeLoss::new(2, |x, row| (x[0] - row as f64).square());
/// let sgd = Sgd::builder(0.5).build()?;
/// let trained = Trainer::new(sgd).epochs(3).fit(&mut [5.0], &mut loss)?;
/// assert_eq!((trained.end, trained.epoch_count), (TrainEnd::Epochs, 3));
/// assert_eq!(trained.to_string(), "the epochs are used up: 0.25 after epoch 2 of 3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Trained<F: Real = f64> {
    /// The rule that ended it.
    pub end: TrainEnd,
    /// How many epochs are over.
    pub epoch_count: u64,
    /// How many steps were taken.
    pub step_count: u64,
    /// The least loss of an epoch: over the rows held back, or if there are none over its batches. NaN
    /// before the end of an epoch.
    pub best_value: F,
    /// Which epoch had it, from 1; 0 if none is over.
    pub best_epoch: u64,
    /// All epochs, those before a saved state was read too.
    pub history: History<F>,
}

/// The rule that ended a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrainEnd {
    /// The epochs of [`Trainer::epochs`](super::Trainer::epochs) are over.
    Epochs,
    /// The steps of [`Trainer::steps`](super::Trainer::steps) were taken.
    Steps,
    /// The time of [`Trainer::time`](super::Trainer::time) is over.
    Time,
    /// The loss is as small as [`Trainer::target`](super::Trainer::target) asked.
    Target,
    /// The losses of an epoch and their slopes are 0, and so is that of the rows set aside.
    Exact,
    /// There was no gain for as long as [`Trainer::patience`](super::Trainer::patience) allowed.
    Patience,
    /// The slope is as small as [`Trainer::flat`](super::Trainer::flat) asked.
    Flat,
    /// An epoch led no farther than [`Trainer::still`](super::Trainer::still) asked.
    Still,
    /// An observer stopped it.
    Observer,
}

impl fmt::Display for TrainEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            TrainEnd::Epochs => "the epochs are used up",
            TrainEnd::Steps => "the steps are used up",
            TrainEnd::Time => "the time is over",
            TrainEnd::Target => "the target is reached",
            TrainEnd::Exact => "the fit is exact",
            TrainEnd::Patience => "nothing more is gained",
            TrainEnd::Flat => "the slope is flat",
            TrainEnd::Still => "the parameters stand still",
            TrainEnd::Observer => "an observer stopped it",
        })
    }
}

/// One line; a precision (`{:.6}`) goes to the loss.
impl<F: Real> fmt::Display for Trained<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.end)?;
        fmt::Display::fmt(&Short(self.best_value), f)?;
        write!(f, " after epoch {} of {}", self.best_epoch, self.epoch_count)
    }
}
