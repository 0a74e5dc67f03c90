//! The options of a training: [`Trainer`].

use super::batch_loss::BatchLoss;
use super::batches::Batches;
use super::error::TrainError;
use super::observer::{AtEpoch, EpochView, Observer};
use super::run::Run;
use super::trained::Trained;
use crate::Real;
use crate::optim::rule::UpdateRule;
use crate::optim::{Driver, DriverState, OptimError, Optimizer, check_option};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

/// An optimizer that can go on from where it was, bit for bit.
pub trait Resume<F: Real = f64>: Optimizer<F> {
    /// Where it is, as plain data.
    type State: Serialize + DeserializeOwned;

    /// Where it is.
    fn state(&self) -> Self::State;

    /// Goes on from there.
    ///
    /// # Errors
    /// If the state is not one of such an optimizer; nothing has changed then.
    fn restore(&mut self, state: Self::State) -> Result<(), OptimError>;
}

/// Takes an optimizer through the rows of a loss, epoch by epoch.
///
/// ```text
/// for each epoch:
///     the rows, in the order of the epoch, as batches
///     for each batch:
///         f, g = the mean loss over the batch, and its gradient, at x
///         x ← the optimizer's step from x, f, g
///     the mean loss over the rows held back, at x
///     if a rule says so: done
/// ```
///
/// If rows are held back ([`validate`](Self::validate)), it ends at the parameters of the epoch with the least
/// loss over them; else at the last ones. Without rows held back the loss of an epoch is the mean of its batches,
/// each at the parameters before its step: it speaks for the parameters at which the epoch began, to the last bit
/// where the epoch is one batch, and those are kept as best. After the first epoch a step allocates nothing of its own.
///
/// [`Search`](crate::optim::Search) is the loop for a loss that is looked at whole at each step.
#[must_use = "`fit` begins the training"]
pub struct Trainer<'a, O, F: Real = f64> {
    pub(super) optimizer: O,
    pub(super) batches: Option<Batches>,
    pub(super) rows: Option<Vec<u32>>,
    pub(super) validation: Vec<u32>,
    pub(super) rules: Rules<F>,
    pub(super) observers: Vec<Box<dyn Observer<F> + 'a>>,
    pub(super) keeper: Option<Keeper<O>>,
}

/// What ends a training.
#[derive(Clone, Debug)]
pub(super) struct Rules<F> {
    pub(super) epochs: u64,
    pub(super) steps: Option<u64>,
    pub(super) time: Option<Duration>,
    pub(super) target: Option<F>,
    pub(super) patience: Option<(u64, F)>,
    pub(super) flat: Option<F>,
    pub(super) still: Option<F>,
}

impl<F: Real> Rules<F> {
    pub(super) fn check(&self) -> Result<(), OptimError> {
        let finite = |name, value: Option<F>| {
            check_option(name, value.unwrap_or(F::zero()), "finite", |_| true)
        };
        let not_negative = |name, value: Option<F>| {
            let value = value.unwrap_or(F::zero());
            check_option(name, value, "finite and not negative", |value| value >= F::zero())
        };
        finite("target", self.target)?;
        not_negative("gain", self.patience.map(|(_, gain)| gain))?;
        not_negative("flat slope", self.flat)?;
        not_negative("distance", self.still)
    }
}

/// A file, and how an optimizer gets into it and out of it.
pub(super) struct Keeper<O> {
    pub(super) path: PathBuf,
    pub(super) every_steps: Option<u64>,
    pub(super) state: fn(&O) -> serde_json::Result<serde_json::Value>,
    pub(super) restore: fn(&mut O, serde_json::Value) -> Result<(), Unfit>,
}

/// Why an optimizer cannot go on from a state.
pub(super) enum Unfit {
    /// It is none of its kind.
    Unread,
    Refused(OptimError),
}

impl<'a, F: Real, O: Optimizer<F>> Trainer<'a, O, F> {
    /// A training of one epoch, over all rows at once in their order. The optimizer may be borrowed
    /// (`&mut adam`); it is not reset.
    ///
    /// ```
    /// use wengert::optim::Sgd;
    /// use wengert::train::{TapeLoss, Trainer};
    /// let mut loss = TapeLoss::new(2, |x, row| (x[0] - row as f64).square());
    /// let mut x = [4.5];
    /// Trainer::new(Sgd::builder(0.5).build()?).fit(&mut x, &mut loss)?;
    /// assert_eq!(x, [0.5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(optimizer: O) -> Self {
        let rules = Rules {
            epochs: 1,
            steps: None,
            time: None,
            target: None,
            patience: None,
            flat: None,
            still: None,
        };
        let (batches, rows, validation) = (None, None, Vec::new());
        Trainer { optimizer, batches, rows, validation, rules, observers: Vec::new(), keeper: None }
    }

    /// At most so many epochs.
    pub fn epochs(mut self, epochs: u64) -> Self {
        self.rules.epochs = epochs;
        self
    }

    /// Batches of so many rows, in the order of the rows: [`Batches::of`].
    pub fn batch_size(self, size: usize) -> Self {
        self.batches(Batches::of(size))
    }

    /// How rows become batches.
    pub fn batches(mut self, batches: Batches) -> Self {
        self.batches = Some(batches);
        self
    }

    /// Trains on these rows, not on all.
    pub fn rows(mut self, rows: &[u32]) -> Self {
        self.rows = Some(rows.to_vec());
        self
    }

    /// Looks at the loss over these rows at the end of each epoch.
    pub fn validate(mut self, rows: &[u32]) -> Self {
        self.validation = rows.to_vec();
        self
    }

    /// Ends after so many steps.
    pub fn steps(mut self, steps: u64) -> Self {
        self.rules.steps = Some(steps);
        self
    }

    /// Ends with the batch in which so much time is over. A training that goes on from a file counts the
    /// time of before.
    pub fn time(mut self, time: Duration) -> Self {
        self.rules.time = Some(time);
        self
    }

    /// Ends after an epoch whose loss, over the rows held back if there are any, is at most this; at
    /// least, when maximising.
    pub fn target(mut self, target: F) -> Self {
        self.rules.target = Some(target);
        self
    }

    /// Ends after so many epochs in which the best loss has not become better by more than `gain` times
    /// its magnitude.
    pub fn patience(mut self, epochs: u64, gain: F) -> Self {
        self.rules.patience = Some((epochs, gain));
        self
    }

    /// Ends after an epoch in which the mean of the batches' gradients has at most this norm.
    pub fn flat(mut self, slope: F) -> Self {
        self.rules.flat = Some(slope);
        self
    }

    /// Ends after an epoch between whose ends the parameters lie no farther apart than this.
    pub fn still(mut self, distance: F) -> Self {
        self.rules.still = Some(distance);
        self
    }

    /// Lets an observer look on; it may be borrowed no longer than the trainer lives.
    pub fn callback(mut self, observer: impl Observer<F> + 'a) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Calls a closure after each epoch, which may stop the training.
    ///
    /// ```
    /// use std::ops::ControlFlow::{Break, Continue};
    /// use wengert::optim::Sgd;
    /// use wengert::train::{TapeLoss, Trainer};
    /// let mut loss = TapeLoss::new(2, |x, row| (x[0] - row as f64).square());
    /// let mut trainer = Trainer::new(Sgd::builder(0.1).build()?).epochs(100).each_epoch(|at| {
    ///     println!("{}", at.record);
    ///     if at.record.epoch == 4 { Break(()) } else { Continue(()) }
    /// });
    /// assert_eq!(trainer.fit(&mut [5.0], &mut loss)?.epoch_count, 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn each_epoch(self, each: impl FnMut(EpochView<'_, F>) -> ControlFlow<()> + 'a) -> Self {
        self.callback(AtEpoch(each))
    }

    /// Keeps the training in a file: after each epoch and at the end it is written there, and if the file
    /// is there when [`fit`](Self::fit) begins, the training goes on from it, bit for bit as if it had
    /// never stopped. Remove the file to begin anew.
    ///
    /// The file holds parameters, the best of them, the optimizer's state, the place in the data and the history as
    /// JSON with a checksum. It is written beside and moved into place: whenever the process ends, it is
    /// whole. A file of another training, of other data, or a damaged one is an error, and stays as it is; so is
    /// a place where no file can be written, before the first step. Data are known again as
    /// [`BatchLoss::fingerprint`] tells, and the loss as [`BatchLoss::expression`] does: a
    /// [`ProgramLoss`](super::ProgramLoss) by all its columns and its program, as this version of the crate runs it; a
    /// [`TapeLoss`](super::TapeLoss) by its weights and each row's loss and slopes where the training started, a
    /// [`FnLoss`](super::FnLoss) by what it was [told](super::FnLoss::known_by).
    ///
    /// ```
    /// use wengert::optim::Sgd;
    /// use wengert::train::{TapeLoss, Trainer};
    /// let directory = tempfile::tempdir()?;
    /// let file = directory.path().join("run.json");
    /// let train = |epochs| -> Result<f64, Box<dyn std::error::Error>> {
    ///     let mut loss = TapeLoss::new(2, |x, row| (x[0] - row as f64).square());
    ///     let mut x = [5.0];
    ///     let sgd = Sgd::builder(0.1).momentum(0.5).build()?;
    ///     Trainer::new(sgd).epochs(epochs).save_to(&file).fit(&mut x, &mut loss)?;
    ///     Ok(x[0])
    /// };
    /// train(3)?;
    /// let resumed = train(10)?; // epochs 4 to 10
    /// std::fs::remove_file(&file)?;
    /// assert_eq!(resumed, train(10)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_to(mut self, path: impl Into<PathBuf>) -> Self
    where
        O: Resume<F>,
    {
        self.keeper = Some(Keeper {
            path: path.into(),
            every_steps: None,
            state: |optimizer| serde_json::to_value(optimizer.state()),
            restore: |optimizer, state| {
                let state = serde_json::from_value(state).map_err(|_| Unfit::Unread)?;
                optimizer.restore(state).map_err(Unfit::Refused)
            },
        });
        self
    }

    /// Writes that file after every so many steps too, so that less is done again. Without
    /// [`save_to`](Self::save_to) before it this does nothing.
    pub fn save_every(mut self, steps: u64) -> Self {
        if let Some(keeper) = &mut self.keeper {
            keeper.every_steps = Some(steps.max(1));
        }
        self
    }

    /// Trains from `x`, which becomes the parameters found.
    ///
    /// # Errors
    /// If an option does not fit the rows; if the loss fails, or is infinite or NaN; if the optimizer
    /// refuses a step; or if the file of [`save_to`](Self::save_to) cannot be used. `x` is then the best point
    /// met before: of the epochs that are over the one with the least loss, at its end if rows are held back, at
    /// its beginning if not; where none is over, the start.
    pub fn fit<L>(&mut self, x: &mut [F], loss: &mut L) -> Result<Trained<F>, TrainError>
    where
        L: BatchLoss<F> + ?Sized,
        F: Serialize + DeserializeOwned,
    {
        let mut run = Run::begin(self, x, loss)?;
        let end = run.go();
        run.finish(x, end)
    }
}

impl<O: fmt::Debug, F: Real> fmt::Debug for Trainer<'_, O, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trainer")
            .field("optimizer", &self.optimizer)
            .field("batches", &self.batches)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

impl<F: Real + Serialize + DeserializeOwned, R: UpdateRule<F>> Resume<F> for Driver<R, F> {
    type State = DriverState<F>;

    fn state(&self) -> DriverState<F> {
        Driver::state(self)
    }

    fn restore(&mut self, state: DriverState<F>) -> Result<(), OptimError> {
        Driver::restore(self, state)
    }
}

impl<F: Real, O: Resume<F>> Resume<F> for &mut O {
    type State = O::State;

    fn state(&self) -> O::State {
        O::state(self)
    }

    fn restore(&mut self, state: O::State) -> Result<(), OptimError> {
        O::restore(self, state)
    }
}
