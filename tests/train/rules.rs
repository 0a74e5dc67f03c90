//! What ends a training, and what may not begin.

use super::line;
use std::ops::ControlFlow;
use std::time::Duration;
use wengert::Var;
use wengert::optim::{OptimError, Optimizer, Sgd, Step};
use wengert::train::{
    BatchView, Batches, EpochView, FnLoss, Observer, TapeLoss, TrainEnd, TrainError, Trained,
    Trainer,
};

fn trained<'a>(options: impl FnOnce(Trainer<'a, Sgd>) -> Trainer<'a, Sgd>) -> Trained {
    let sgd = Sgd::builder(0.05).build().expect("options");
    let trainer = Trainer::new(sgd).epochs(200).batch_size(8);
    options(trainer).fit(&mut [3.0, -1.0], &mut line(32)).expect("a training")
}

#[test]
fn each_rule_ends_it() {
    let all = trained(|t| t);
    assert_eq!((all.end, all.epoch_count, all.step_count), (TrainEnd::Epochs, 200, 800));
    let by_steps = trained(|t| t.steps(10));
    assert_eq!((by_steps.end, by_steps.epoch_count, by_steps.step_count), (TrainEnd::Steps, 2, 10));
    let at_once = trained(|t| t.time(Duration::ZERO));
    assert_eq!((at_once.end, at_once.step_count), (TrainEnd::Time, 1));
    let losses: Vec<f64> = all.history.epochs().iter().map(|epoch| epoch.loss).collect();
    let target = losses[20];
    let first = losses.iter().position(|&loss| loss <= target).expect("there") as u64 + 1;
    let by_target = trained(|t| t.target(target));
    assert_eq!((by_target.end, by_target.epoch_count), (TrainEnd::Target, first));
    let by_patience = trained(|t| t.patience(3, 1e-3));
    assert_eq!(by_patience.end, TrainEnd::Patience);
    assert!(by_patience.epoch_count < 100);
    let by_slope = trained(|t| t.flat(1e-2));
    assert!(by_slope.end == TrainEnd::Flat && by_slope.epoch_count < 150, "{by_slope:?}");
    let by_way = trained(|t| t.still(1e-4));
    assert!(by_way.end == TrainEnd::Still && by_way.epoch_count < 150, "{by_way:?}");
}

#[test]
fn an_exact_fit_ends_it() {
    let mut loss = TapeLoss::new(3, |p: &[Var], row| (p[0] - row as f64 * 0.0 - 2.0).abs());
    let sgd = Sgd::builder(0.5).build().expect("options");
    let run = Trainer::new(sgd).epochs(9).fit(&mut [3.0], &mut loss).expect("a training");
    assert_eq!((run.end, run.epoch_count), (TrainEnd::Exact, 3));
}

#[test]
fn a_loss_that_passes_0_is_no_exact_fit() {
    // (x - 1)² - 1 from 0, where it is 0; and losses that are -1 and 1 there.
    let below = |p: &[Var], row: usize| (p[0] - 1.0).square() - 1.0 + row as f64 * 0.0;
    let apart = |p: &[Var], row: usize| p[0].square() - p[0] + [1.0, -1.0][row];
    let sgd = || Sgd::builder(0.125).build().expect("options");
    let mut x = [0.0];
    let mut loss = TapeLoss::new(2, below);
    let run = Trainer::new(sgd()).epochs(50).fit(&mut x, &mut loss).expect("a training");
    assert!(run.end == TrainEnd::Epochs && run.best_value < -0.999, "{run:?}");
    let mut x = [0.0];
    let mut loss = TapeLoss::new(2, apart);
    let run = Trainer::new(sgd()).epochs(50).fit(&mut x, &mut loss).expect("a training");
    assert!(run.end == TrainEnd::Epochs && run.best_value < -0.249, "{run:?}");
    // The greatest of -x² is 0, and it is not passed.
    let ascent = Sgd::builder(0.5).maximize(true).build().expect("options");
    let mut loss = TapeLoss::new(1, |p: &[Var], _| -p[0].square());
    let run = Trainer::new(ascent).epochs(9).fit(&mut [3.0], &mut loss).expect("a training");
    assert_eq!((run.end, run.epoch_count), (TrainEnd::Exact, 2));
}

/// Counts what it sees, and stops at a step.
#[derive(Default)]
struct Counter {
    begun: usize,
    batches: usize,
    epochs: usize,
    ended: usize,
    stop_at: Option<usize>,
}

impl Observer for Counter {
    fn begin(&mut self, _: u64, batches: usize) {
        self.begun += batches;
    }
    fn batch(&mut self, at: BatchView<'_>) -> ControlFlow<()> {
        self.batches += 1;
        assert_eq!(at.step_count as usize, self.batches);
        if Some(self.batches) == self.stop_at {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
    fn epoch(&mut self, at: EpochView<'_>) -> ControlFlow<()> {
        self.epochs += 1;
        assert_eq!((at.record.epoch as usize, at.epoch_count), (self.epochs, 5));
        ControlFlow::Continue(())
    }
    fn end(&mut self) {
        self.ended += 1;
    }
}

#[test]
fn observers_see_all_and_may_stop_it() {
    for (stop_at, epochs, batches) in [(None, 5, 20), (Some(6), 1, 6), (Some(8), 1, 8)] {
        let mut counter = Counter { stop_at, ..Counter::default() };
        let run = trained(|t| t.epochs(5).callback(&mut counter));
        let end = if stop_at.is_some() { TrainEnd::Observer } else { TrainEnd::Epochs };
        assert_eq!(run.end, end);
        let Counter { begun, batches: steps, epochs: over, ended, .. } = counter;
        assert_eq!((begun, steps, over, ended), (4, batches, epochs, 1));
    }
}

#[test]
fn what_is_not_finite_in_mid_training_says_where_and_keeps_the_best() {
    // The root leaves its domain when the fourth batch of the second epoch is met.
    let mut loss = TapeLoss::new(8, |p: &[Var], row| {
        let edge = if row == 7 { 0.35 } else { -9.0 };
        (p[0] - edge).sqrt() * 0.0 + (p[0] - 0.25).square()
    });
    let mut x = [1.0];
    // The loss of an epoch speaks for where it began.
    let (mut begins, mut epochs) = (vec![x[0]], 0);
    let sgd = Sgd::builder(0.05).build().expect("options");
    let refused = Trainer::new(sgd)
        .epochs(50)
        .batch_size(2)
        .each_epoch(|at| {
            begins.push(at.parameters[0]);
            epochs = at.record.epoch;
            assert!(at.is_best);
            ControlFlow::Continue(())
        })
        .fit(&mut x, &mut loss)
        .expect_err("not finite");
    let TrainError::NonFinite { at, began, .. } = &refused else { panic!("{refused}") };
    let began = began.as_deref().expect("it is found");
    assert!(began.starts_with("row 7: sqrt of [") && began.contains("rules.rs"), "{refused}");
    assert_eq!((at.epoch, at.batch), (epochs + 1, 4));
    assert_eq!(at.step, (at.epoch - 1) * 4 + 4);
    assert_eq!(x[0], begins[begins.len() - 2]);
}

#[test]
fn a_loss_that_fails_says_where() {
    let mut calls = 0;
    let mut loss = FnLoss::new(4, |_: &[f64], _: &[u32], slope: &mut [f64]| {
        calls += 1;
        slope.fill(0.0);
        if calls == 3 { Err("the disk is gone".into()) } else { Ok(1.0) }
    });
    let sgd = Sgd::builder(0.05).build().expect("options");
    let mut trainer = Trainer::new(sgd).epochs(5).batch_size(2);
    let refused = trainer.fit(&mut [1.0], &mut loss).expect_err("it fails");
    assert_eq!(refused.to_string(), "the disk is gone, in epoch 2, batch 1, step 3");
}

/// Refuses its third step.
struct Stubborn(u32);

impl Optimizer for Stubborn {
    fn step(&mut self, _: &mut [f64], _: f64, _: &[f64]) -> Result<Step, OptimError> {
        self.0 += 1;
        if self.0 == 3 {
            return Err(OptimError::NonFiniteValue { value: f64::NAN });
        }
        Ok(Step::new(1.0, 1.0))
    }
    fn reset(&mut self) {}
    fn maximizes(&self) -> bool {
        false
    }
}

#[test]
fn an_optimizer_that_refuses_says_where() {
    let refused =
        Trainer::new(Stubborn(0)).epochs(5).batch_size(16).fit(&mut [0.0; 2], &mut line(32));
    let TrainError::Step { at, .. } = refused.expect_err("it refuses") else { panic!() };
    assert_eq!((at.epoch, at.batch, at.step), (2, 1, 3));
}

#[test]
fn options_that_fit_no_rows_are_refused_and_change_nothing() {
    let refused = |options: fn(Trainer<'_, Sgd>) -> Trainer<'_, Sgd>| {
        let mut x = [3.0, -1.0];
        let sgd = Sgd::builder(0.05).build().expect("options");
        let refused = options(Trainer::new(sgd)).fit(&mut x, &mut line(32)).expect_err("refused");
        assert_eq!(x, [3.0, -1.0]);
        refused
    };
    let size = |error| match error {
        TrainError::BatchSize { size, rows } => (size, rows),
        error => panic!("{error}"),
    };
    assert_eq!(size(refused(|t| t.batch_size(0))), (0, 32));
    assert_eq!(size(refused(|t| t.batch_size(33))), (33, 32));
    assert_eq!(size(refused(|t| t.rows(&[1, 2]).batch_size(3))), (3, 2));
    assert_eq!(size(refused(|t| t.rows(&[]))), (0, 0));
    assert!(matches!(refused(|t| t.rows(&[32])), TrainError::Row { row: 32, rows: 32 }));
    assert!(matches!(refused(|t| t.validate(&[99])), TrainError::Row { row: 99, rows: 32 }));
    assert!(matches!(
        refused(|t| t.batches(Batches::of(4).stratified([1, 2]))),
        TrainError::LabelCount { expected: 32, found: 2 }
    ));
    for options in [
        (|t| t.target(f64::NAN)) as fn(Trainer<'_, Sgd>) -> Trainer<'_, Sgd>,
        |t| t.patience(3, -1.0),
        |t| t.flat(f64::INFINITY),
        |t| t.still(-1.0),
    ] {
        assert!(matches!(refused(options), TrainError::Optim(OptimError::Option { .. })));
    }
}

#[test]
fn a_rule_that_comes_in_the_middle_of_an_epoch_waits_for_a_whole_one() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("run.json");
    let run = |options: fn(Trainer<'_, Sgd>) -> Trainer<'_, Sgd>| {
        let sgd = Sgd::builder(1e-3).build().expect("options");
        let trainer = options(Trainer::new(sgd).epochs(3).batch_size(8).save_to(&file));
        let mut trainer = trainer;
        trainer.fit(&mut [3.0, -1.0], &mut line(32)).expect("a training")
    };
    // It goes on and on: neither rule ever holds.
    let rules: [fn(Trainer<'_, Sgd>) -> Trainer<'_, Sgd>; 2] =
        [|t| t.still(1e-12), |t| t.flat(1e-12)];
    for rule in rules {
        assert_eq!(run(|t| t.steps(2)).end, TrainEnd::Steps);
        let whole = run(rule);
        assert_eq!((whole.end, whole.epoch_count), (TrainEnd::Epochs, 3));
        std::fs::remove_file(&file).expect("a file");
    }
}

#[test]
fn rows_that_weigh_nothing_are_refused_where_they_come() {
    let sgd = || Sgd::builder(0.1).build().expect("options");
    let mut loss = line(4).weighted(&[1.0, 1.0, 0.0, 0.0]).expect("weights");
    let mut x = [3.0, -1.0];
    let refused = Trainer::new(sgd()).batch_size(2).fit(&mut x, &mut loss).expect_err("no mean");
    assert_eq!(refused.to_string(), "the rows weigh 0 together in epoch 1, batch 2, step 2");
    assert_eq!(x, [3.0, -1.0]);
    let refused = Trainer::new(sgd()).rows(&[0, 1]).validate(&[2, 3]).fit(&mut x, &mut loss);
    assert!(matches!(refused, Err(TrainError::NoWeight { .. })));
    // Beside others they are as if not there.
    let trained = Trainer::new(sgd()).rows(&[0, 2]).fit(&mut x, &mut loss).expect("a mean");
    assert_eq!(trained.best_value, (3.0 + -1.0 * -2.0 - super::point(0).1).powi(2));
}
