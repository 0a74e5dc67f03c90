//! Who looks at a training: [`Observer`].

use super::history::EpochRecord;
use crate::Real;
use std::ops::ControlFlow;

/// A step that was taken.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BatchView<'v, F: Real = f64> {
    /// The epoch, from 1.
    pub epoch: u64,
    /// Which batch of the epoch, from 1.
    pub batch: usize,
    /// How many batches the epoch has.
    pub batch_count: usize,
    /// How many steps were taken, this one included.
    pub step_count: u64,
    /// The loss of the batch before the step.
    pub loss: F,
    /// The learning rate.
    pub rate: F,
    /// The parameters after the step.
    pub parameters: &'v [F],
}

/// An epoch that is over.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct EpochView<'v, F: Real = f64> {
    /// What goes into the history.
    pub record: &'v EpochRecord<F>,
    /// How many epochs there may be.
    pub epoch_count: u64,
    /// The parameters at its end.
    pub parameters: &'v [F],
    /// Whether the loss of the epoch is the best so far. That over the rows held back is the loss at
    /// `parameters`; if there are none, it speaks for the parameters with which the epoch began.
    pub is_best: bool,
}

/// Looks at a training, and may stop it. All methods do nothing unless they are given.
///
/// ```
/// use std::ops::ControlFlow;
/// use wengert::optim::Sgd;
/// use wengert::train::{EpochView, Observer, TapeLoss, TrainEnd, Trainer};
///
/// /// Stops at the third epoch.
/// struct Third;
///
/// impl Observer for Third {
///     fn epoch(&mut self, at: EpochView<'_>) -> ControlFlow<()> {
///         if at.record.epoch == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
///     }
/// }
///
/// let mut loss = TapeLoss::new(2, |x, row| (x[0] - row as f64).square());
/// let sgd = Sgd::builder(0.1).build()?;
/// let trained = Trainer::new(sgd).epochs(9).callback(Third).fit(&mut [5.0], &mut loss)?;
/// assert_eq!((trained.end, trained.epoch_count), (TrainEnd::Observer, 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Observer<F: Real = f64> {
    /// Before the first step, with the number of epochs and of batches in each.
    fn begin(&mut self, _epochs: u64, _batches: usize) {}

    /// After each step.
    fn batch(&mut self, _at: BatchView<'_, F>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// After each epoch.
    fn epoch(&mut self, _at: EpochView<'_, F>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// After the last step, whatever ended it.
    fn end(&mut self) {}
}

impl<F: Real, O: Observer<F> + ?Sized> Observer<F> for &mut O {
    fn begin(&mut self, epochs: u64, batches: usize) {
        O::begin(self, epochs, batches);
    }

    fn batch(&mut self, at: BatchView<'_, F>) -> ControlFlow<()> {
        O::batch(self, at)
    }

    fn epoch(&mut self, at: EpochView<'_, F>) -> ControlFlow<()> {
        O::epoch(self, at)
    }

    fn end(&mut self) {
        O::end(self);
    }
}

/// A closure that is called after each epoch.
pub(super) struct AtEpoch<C>(pub(super) C);

impl<F: Real, C: FnMut(EpochView<'_, F>) -> ControlFlow<()>> Observer<F> for AtEpoch<C> {
    fn epoch(&mut self, at: EpochView<'_, F>) -> ControlFlow<()> {
        (self.0)(at)
    }
}
