//! The loop against one that is written out.

use super::line;
use wengert::optim::{Optimizer, RmsProp, Schedule, Sgd};
use wengert::train::{BatchLoss, Batches, FnLoss, Split, TrainError, Trainer};

#[test]
fn the_steps_are_those_of_a_loop_written_out() {
    let split = Split::random(61, 0.25, 4).expect("a share");
    for (size, batches) in [
        (7, Batches::of(7)),
        (7, Batches::of(7).shuffled(3)),
        (7, Batches::of(7).shuffled(3).drop_last()),
        (46, Batches::of(46)),
        (1, Batches::of(1).shuffled(9)),
    ] {
        let options = RmsProp::builder(0.05).schedule(Schedule::cosine(40, 0.001));
        let mut optimizer = options.clone().build().expect("options");
        let (mut x, mut loss, mut slope) = ([3.0, -1.0], line(61), [0.0; 2]);
        let mut losses = Vec::new();
        for epoch in 0..4 {
            let order = batches.epoch(&split.training, epoch);
            let (mut sum, mut count) = (0.0, 0.0);
            for batch in order.chunks(size).take(batches.count(order.len())) {
                let value = loss.gradient(&x, batch, &mut slope).expect("a mean");
                optimizer.step(&mut x, value, &slope).expect("a step");
                sum += batch.len() as f64 * value;
                count += batch.len() as f64;
            }
            losses.push(sum / count);
        }
        let mut trained = [3.0, -1.0];
        let run = Trainer::new(options.build().expect("options"))
            .epochs(4)
            .batches(batches)
            .rows(&split.training)
            .fit(&mut trained, &mut loss)
            .expect("a training");
        assert_eq!(trained.map(f64::to_bits), x.map(f64::to_bits));
        assert_eq!(run.history.epochs().iter().map(|e| e.loss).collect::<Vec<_>>(), losses);
    }
}

#[test]
fn the_best_epoch_by_the_rows_held_back_is_what_is_found() {
    let split = Split::random(61, 0.25, 4).expect("a share");
    // A rate that grows, so that the last epochs are worse.
    let sgd =
        Sgd::builder(0.01).schedule(Schedule::linear(1.0, 60.0, 60)).build().expect("options");
    let (mut x, mut loss) = ([3.0, -1.0], line(61));
    let mut seen = Vec::new();
    let trained = Trainer::new(sgd)
        .epochs(60)
        .rows(&split.training)
        .validate(&split.validation)
        .each_epoch(|at| {
            seen.push((at.record.validation.expect("rows held back"), at.parameters.to_vec()));
            std::ops::ControlFlow::Continue(())
        })
        .fit(&mut x, &mut loss)
        .expect("a training");
    let (place, best) =
        seen.iter().enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0)).expect("there are epochs");
    assert!(place > 5 && place < 59, "{place}");
    assert_eq!(x[..], best.1[..]);
    assert_eq!((trained.best_value, trained.best_epoch), (best.0, place as u64 + 1));
    assert_eq!(loss.value(&x, &split.validation).expect("a mean"), best.0);
}

#[test]
fn what_diverges_gives_back_the_point_at_which_the_best_loss_was_measured() {
    for (rate, batch_size) in [(10.0, 1), (1.5, 1), (10.0, 2)] {
        let rows = batch_size * 2 - 1;
        let square = |x: &[f64], _: &[u32], slope: &mut [f64]| {
            slope[0] = 2.0 * x[0];
            Ok(x[0] * x[0])
        };
        let mut loss = FnLoss::new(rows, square);
        let mut x = [3.0];
        let mut best = Vec::new();
        let refused = Trainer::new(Sgd::builder(rate).build().expect("options"))
            .epochs(5000)
            .batch_size(batch_size)
            .each_epoch(|at| {
                best.push(at.is_best);
                std::ops::ControlFlow::Continue(())
            })
            .fit(&mut x, &mut loss)
            .expect_err("it diverges");
        assert!(matches!(refused, TrainError::NonFinite { .. }), "{refused}");
        assert_eq!(x, [3.0]);
        assert!(best[0] && !best[1..].contains(&true));
    }
}

#[test]
fn the_best_of_epochs_of_one_batch_has_the_best_loss_in_a_resumed_run_too() {
    let directory = tempfile::tempdir().expect("a directory");
    // It falls for a while, and then grows beyond numbers.
    let sgd = || {
        let grows = Schedule::linear(1.0, 1e4, 200);
        Sgd::<f64>::builder(0.05).schedule(grows).build().expect("options")
    };
    let run = |file: Option<&std::path::Path>, steps: u64| {
        let mut x = [3.0, -1.0];
        let mut trainer = Trainer::new(sgd()).epochs(100_000).steps(steps);
        if let Some(file) = file {
            trainer = trainer.save_to(file).save_every(1);
        }
        let mut least = f64::INFINITY;
        let mut trainer = trainer.each_epoch(|at| {
            least = least.min(at.record.loss);
            std::ops::ControlFlow::Continue(())
        });
        let end = trainer.fit(&mut x, &mut line(16));
        drop(trainer);
        (x, least, end.is_err())
    };
    let (x, least, failed) = run(None, u64::MAX);
    assert!(failed);
    let rows: Vec<u32> = (0..16).collect();
    let (mut loss, mut slope) = (line(16), [0.0; 2]);
    assert_eq!(loss.gradient(&x, &rows, &mut slope).expect("a mean"), least);
    let file = directory.path().join("run.json");
    assert!(!run(Some(&file), 30).2);
    assert_eq!(run(Some(&file), u64::MAX).0, x);
}
