//! The loop of a [`Trainer`](super::Trainer).

use super::batch_loss::BatchLoss;
use super::batches::Batches;
use super::error::{At, TrainError};
use super::history::{EpochRecord, History};
use super::observer::{BatchView, EpochView};
use super::saved::file::probe;
use super::saved::{BestSoFar, MadeOf, Reached, Saved, SavedError};
use super::trained::{TrainEnd, Trained};
use super::trainer::{Trainer, Unfit};
use crate::Real;
use crate::op::nary::Norm;
use crate::optim::{OptimError, Optimizer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ops::ControlFlow;
use std::time::Instant;

pub(super) struct Run<'r, 'a, O, L: ?Sized, F: Real> {
    trainer: &'r mut Trainer<'a, O, F>,
    loss: &'r mut L,
    batches: Batches,
    rows: Vec<u32>,
    made_of: MadeOf,
    /// Where the training started.
    start: Vec<F>,
    x: Vec<F>,
    gradient: Vec<F>,
    /// The rows in the order of the epoch.
    order: Vec<u32>,
    place: Reached<F>,
    best: Option<BestSoFar<F>>,
    history: History<F>,
    /// Of this epoch: where it began, if its loss is judged by or a rule asks for it; and the sum of weight times
    /// gradient, if a rule asks for it.
    from: Vec<F>,
    slope: Vec<F>,
    began: Instant,
    /// The time of before, in seconds.
    before: f64,
}

impl<'r, 'a, O, L, F> Run<'r, 'a, O, L, F>
where
    F: Real + Serialize + DeserializeOwned,
    O: Optimizer<F>,
    L: BatchLoss<F> + ?Sized,
{
    /// Checks the options, and reads the file, if there is one.
    pub(super) fn begin(
        trainer: &'r mut Trainer<'a, O, F>,
        x: &[F],
        loss: &'r mut L,
    ) -> Result<Self, TrainError> {
        let count = loss.row_count();
        let all = u32::try_from(count).map_err(|_| TrainError::RowCount { found: count })?;
        let rows = trainer.rows.clone().unwrap_or_else(|| (0..all).collect());
        let mut chosen = rows.iter().chain(&trainer.validation);
        if let Some(&row) = chosen.find(|row| **row >= all) {
            return Err(TrainError::Row { row, rows: count });
        }
        let batches = trainer.batches.clone().unwrap_or_else(|| Batches::of(rows.len()));
        batches.check(&rows, count)?;
        trainer.rules.check()?;
        let made_of = MadeOf {
            parameters: x.len(),
            precision: 8 * size_of::<F>(),
            maximizes: trainer.optimizer.maximizes(),
            loss: loss.expression(),
            data: 0,
            rows: checksum(&rows) << 32 | checksum(&trainer.validation),
            batch_size: batches.size,
            seed: batches.seed,
            drops_last: batches.drops_last,
            labels: batches.strata.as_deref().map(checksum),
        };
        let zero = F::zero();
        let place = Reached {
            epoch: 0,
            batch: 0,
            step: 0,
            loss: zero,
            weight: zero,
            rate: zero,
            seconds: 0.0,
            steep: false,
            slope: None,
            moved: None,
        };
        let mut run = Run {
            loss,
            batches,
            rows,
            made_of,
            start: x.to_vec(),
            x: x.to_vec(),
            gradient: vec![zero; x.len()],
            order: Vec::new(),
            place,
            best: None,
            history: History { epochs: Vec::new() },
            from: Vec::new(),
            slope: Vec::new(),
            began: Instant::now(),
            before: 0.0,
            trainer,
        };
        run.resume()?;
        Ok(run)
    }

    /// Goes on from the file, if it is there.
    fn resume(&mut self) -> Result<(), TrainError> {
        let Some(keeper) = &self.trainer.keeper else { return Ok(()) };
        let path = keeper.path.clone();
        let saved = Saved::read(&path)?;
        if let Some(saved) = &saved {
            // All that costs nothing first: the loss may be evaluated there only if that is the same.
            self.made_of.data = saved.made_of.data;
            saved.check(&path, &self.made_of)?;
            self.start.clone_from(&saved.start);
        }
        self.made_of.data = self.loss.fingerprint(&self.start);
        if let Some(saved) = &saved {
            saved.check(&path, &self.made_of)?;
        }
        probe(&path).map_err(|source| SavedError::Io { path: path.clone(), source })?;
        let Some(saved) = saved else { return Ok(()) };
        (keeper.restore)(&mut self.trainer.optimizer, saved.optimizer).map_err(
            |unfit| match unfit {
                Unfit::Unread => SavedError::Other {
                    path,
                    what: "optimizer",
                    expected: "this one".to_owned(),
                    found: "another".to_owned(),
                },
                Unfit::Refused(source) => SavedError::Optimizer { path, source },
            },
        )?;
        self.x = saved.parameters;
        (self.place, self.best, self.history) = (saved.place, saved.best, saved.history);
        (self.from, self.slope) = (saved.from, saved.slope);
        self.before = self.place.seconds;
        Ok(())
    }

    fn save(&mut self) -> Result<(), TrainError> {
        let Some(keeper) = &self.trainer.keeper else { return Ok(()) };
        let failed = |error: serde_json::Error| SavedError::Io {
            path: keeper.path.clone(),
            source: error.into(),
        };
        self.place.seconds = self.before + self.began.elapsed().as_secs_f64();
        let saved = Saved {
            made_of: self.made_of.clone(),
            start: self.start.clone(),
            place: self.place,
            parameters: self.x.clone(),
            best: self.best.clone(),
            from: self.from.clone(),
            slope: self.slope.clone(),
            optimizer: (keeper.state)(&self.trainer.optimizer).map_err(failed)?,
            history: self.history.clone(),
        };
        Ok(saved.write(&keeper.path)?)
    }

    /// Trains until a rule says that it is enough.
    pub(super) fn go(&mut self) -> Result<TrainEnd, TrainError> {
        let batch_count = self.batches.count(self.rows.len());
        for observer in &mut self.trainer.observers {
            observer.begin(self.trainer.rules.epochs, batch_count);
        }
        // It may have been over already.
        if let Some(end) = self.history.epochs.last().and_then(|last| self.end_after(last)) {
            return Ok(end);
        }
        while self.place.epoch < self.trainer.rules.epochs {
            if let Some(end) = self.epoch(batch_count)? {
                self.save()?;
                return Ok(end);
            }
            self.save()?;
        }
        Ok(TrainEnd::Epochs)
    }

    /// An epoch, or the rest of one.
    fn epoch(&mut self, batch_count: usize) -> Result<Option<TrainEnd>, TrainError> {
        self.batches.arrange(&self.rows, self.place.epoch, &mut self.order);
        if self.place.batch == 0 {
            self.place.steep = false;
            self.from.clear();
            self.slope.clear();
            if self.trainer.rules.still.is_some() || self.trainer.validation.is_empty() {
                self.from.extend_from_slice(&self.x);
            }
            if self.trainer.rules.flat.is_some() {
                self.slope.resize(self.x.len(), F::zero());
            }
        }
        let order = std::mem::take(&mut self.order);
        let ended = self.rest_of_epoch(&order, batch_count);
        self.order = order;
        match ended? {
            Some(end) => Ok(Some(end)),
            None => self.end_epoch(),
        }
    }

    fn rest_of_epoch(
        &mut self,
        order: &[u32],
        batch_count: usize,
    ) -> Result<Option<TrainEnd>, TrainError> {
        let done = self.place.batch;
        for rows in order.chunks(self.batches.size).take(batch_count).skip(done) {
            if self.trainer.rules.steps.is_some_and(|steps| self.place.step >= steps) {
                return Ok(Some(TrainEnd::Steps));
            }
            let value = self.step(rows)?;
            let view = BatchView {
                epoch: self.place.epoch + 1,
                batch: self.place.batch,
                batch_count,
                step_count: self.place.step,
                loss: value,
                rate: self.place.rate,
                parameters: &self.x,
            };
            let mut stopped = false;
            for observer in &mut self.trainer.observers {
                stopped |= observer.batch(view).is_break();
            }
            if stopped {
                return Ok(Some(TrainEnd::Observer));
            }
            if let Some(time) = self.trainer.rules.time
                && self.before + self.began.elapsed().as_secs_f64() >= time.as_secs_f64()
            {
                return Ok(Some(TrainEnd::Time));
            }
            let every = self.trainer.keeper.as_ref().and_then(|keeper| keeper.every_steps);
            if every.is_some_and(|steps| self.place.step.is_multiple_of(steps)) {
                self.save()?;
            }
        }
        Ok(None)
    }

    /// A step, by a batch; its loss before.
    fn step(&mut self, rows: &[u32]) -> Result<F, TrainError> {
        let Reached { epoch, batch, step, .. } = self.place;
        let at = At { epoch: epoch + 1, batch: batch + 1, step: step + 1 };
        let weight = self.weight(rows, at)?;
        let value = self
            .loss
            .gradient(&self.x, rows, &mut self.gradient)
            .map_err(|source| TrainError::Loss { source, at })?;
        if !value.is_finite() {
            let began = self.loss.began(&self.x, rows);
            return Err(TrainError::NonFinite { value: value.to_double(), at, began });
        }
        let taken = self.trainer.optimizer.step(&mut self.x, value, &self.gradient);
        let taken = match taken {
            Ok(taken) => taken,
            Err(source) => {
                let is_slope = matches!(source, OptimError::NonFiniteGradient { .. });
                let began = if is_slope { self.loss.began(&self.x, rows) } else { None };
                return Err(TrainError::Step { source, at, began });
            }
        };
        self.place.step += 1;
        self.place.batch += 1;
        let zero = F::zero();
        self.place.steep |= value != zero || self.gradient.iter().any(|slope| *slope != zero);
        self.place.loss += weight * value;
        self.place.weight += weight;
        self.place.rate = taken.size;
        let slopes = self.slope.iter_mut().zip(&self.gradient);
        slopes.for_each(|(sum, slope)| *sum += weight * *slope);
        Ok(value)
    }

    /// What rows weigh together.
    fn weight(&self, rows: &[u32], at: At) -> Result<F, TrainError> {
        let weight = self.loss.weight(rows);
        if weight > F::zero() { Ok(weight) } else { Err(TrainError::NoWeight { at }) }
    }

    fn end_epoch(&mut self) -> Result<Option<TrainEnd>, TrainError> {
        let validation = self.validation()?;
        let Reached { epoch, step, loss, weight, rate, .. } = self.place;
        let record = EpochRecord {
            epoch: epoch + 1,
            step_count: step,
            loss: loss / weight,
            validation,
            rate,
            seconds: self.before + self.began.elapsed().as_secs_f64(),
        };
        self.history.epochs.push(record);
        let is_best = self.observe(record.epoch, validation.unwrap_or(record.loss));
        let slope = self.slope.iter().map(|slope| *slope / weight);
        let moved = self.x.iter().zip(&self.from).map(|(x, from)| *x - *from);
        let rules = &self.trainer.rules;
        self.place = Reached {
            epoch: record.epoch,
            batch: 0,
            loss: F::zero(),
            weight: F::zero(),
            // A rule that came in the middle of the epoch has not seen all of it.
            slope: rules
                .flat
                .filter(|_| self.slope.len() == self.x.len())
                .map(|_| Norm::of(slope).value()),
            moved: rules
                .still
                .filter(|_| self.from.len() == self.x.len())
                .map(|_| Norm::of(moved).value()),
            ..self.place
        };
        let mut end = self.end_after(&record);
        let view = EpochView {
            record: &record,
            epoch_count: self.trainer.rules.epochs,
            parameters: &self.x,
            is_best,
        };
        for observer in &mut self.trainer.observers {
            if observer.epoch(view) == ControlFlow::Break(()) {
                end = end.or(Some(TrainEnd::Observer));
            }
        }
        Ok(end)
    }

    /// The loss over the rows held back.
    fn validation(&mut self) -> Result<Option<F>, TrainError> {
        if self.trainer.validation.is_empty() {
            return Ok(None);
        }
        let Reached { epoch, batch, step, .. } = self.place;
        let at = At { epoch: epoch + 1, batch, step };
        let rows = &self.trainer.validation;
        self.weight(rows, at)?;
        let value =
            self.loss.value(&self.x, rows).map_err(|source| TrainError::Loss { source, at })?;
        if value.is_finite() {
            return Ok(Some(value));
        }
        let began = self.loss.began(&self.x, rows);
        Err(TrainError::NonFinite { value: value.to_double(), at, began })
    }

    /// Takes note of an epoch's loss; whether it is the best. That over the rows held back is of the last
    /// parameters; that of the batches was measured before each step, from the first ones on.
    fn observe(&mut self, epoch: u64, value: F) -> bool {
        let maximizes = self.trainer.optimizer.maximizes();
        let gain = self.trainer.rules.patience.map_or(F::zero(), |(_, gain)| gain);
        let at = if self.trainer.validation.is_empty() { &self.from } else { &self.x };
        let Some(best) = &mut self.best else {
            let parameters = at.clone();
            let (gained, gained_at) = (value, epoch);
            self.best = Some(BestSoFar { value, epoch, parameters, gained, gained_at });
            return true;
        };
        let is_better = if maximizes { value > best.value } else { value < best.value };
        if is_better {
            (best.value, best.epoch) = (value, epoch);
            best.parameters.copy_from_slice(at);
            if (value - best.gained).abs() > gain * best.gained.abs() {
                (best.gained, best.gained_at) = (value, epoch);
            }
        }
        is_better
    }

    /// The rule by which it is over after an epoch, if one says so.
    fn end_after(&self, record: &EpochRecord<F>) -> Option<TrainEnd> {
        let rules = &self.trainer.rules;
        let value = record.validation.unwrap_or(record.loss);
        let reached = |target: F| {
            if self.trainer.optimizer.maximizes() { value >= target } else { value <= target }
        };
        let waited = self.best.as_ref().map_or(0, |best| record.epoch - best.gained_at);
        let is_within = |most: Option<F>, seen: Option<F>| matches!((most, seen), (Some(most), Some(seen)) if seen <= most);
        if !self.place.steep && value == F::zero() {
            Some(TrainEnd::Exact)
        } else if rules.target.is_some_and(reached) {
            Some(TrainEnd::Target)
        } else if is_within(rules.flat, self.place.slope) {
            Some(TrainEnd::Flat)
        } else if is_within(rules.still, self.place.moved) {
            Some(TrainEnd::Still)
        } else if rules.patience.is_some_and(|(epochs, _)| waited >= epochs) {
            Some(TrainEnd::Patience)
        } else {
            None
        }
    }

    /// Hands over what was found.
    pub(super) fn finish(
        self,
        x: &mut [F],
        end: Result<TrainEnd, TrainError>,
    ) -> Result<Trained<F>, TrainError> {
        for observer in &mut self.trainer.observers {
            observer.end();
        }
        let is_judged = !self.trainer.validation.is_empty() || end.is_err();
        match &self.best {
            Some(best) if is_judged => x.copy_from_slice(&best.parameters),
            None if end.is_err() => {}
            _ => x.copy_from_slice(&self.x),
        }
        let (best_value, best_epoch) =
            self.best.as_ref().map_or((F::nan(), 0), |best| (best.value, best.epoch));
        Ok(Trained {
            end: end?,
            epoch_count: self.place.epoch,
            step_count: self.place.step,
            best_value,
            best_epoch,
            history: self.history,
        })
    }
}

/// Of a list of rows, or of labels.
fn checksum(list: &[u32]) -> u64 {
    let mut sum = crc32fast::Hasher::new();
    list.iter().for_each(|number| sum.update(&number.to_le_bytes()));
    u64::from(sum.finalize())
}
