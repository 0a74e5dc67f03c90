//! Trainings that are stopped and gone on with, and files that are none.

use super::{line, point};
use std::fs;
use std::path::Path;
use wengert::objective;
use wengert::optim::{Lion, RmsProp, Schedule, Sgd};
use wengert::program::{Columns, Objective, Program};
use wengert::train::{
    BatchLoss, Batches, FnLoss, ProgramLoss, Resume, SavedError, Split, TapeLoss, TrainEnd,
    TrainError, Trained, Trainer,
};
use wengert::{Real, Var};

const ROWS: usize = 61;

/// Trains with all that has a state, up to a step.
fn train<F, O>(
    optimizer: O,
    steps: Option<u64>,
    file: Option<&Path>,
) -> Result<(Vec<F>, Trained<F>), TrainError>
where
    F: Real + serde::Serialize + serde::de::DeserializeOwned,
    O: Resume<F>,
{
    let mut loss = TapeLoss::new(ROWS, |p: &[Var<F>], row| {
        let (x, y) = point(row);
        (p[0] + p[1] * Var::from(F::from_double(x)) - Var::from(F::from_double(y))).square()
    });
    let split = Split::random(ROWS, 0.2, 3).expect("a share");
    let mut trainer = Trainer::new(optimizer)
        .epochs(12)
        .batches(Batches::of(10).shuffled(5))
        .rows(&split.training)
        .validate(&split.validation)
        .patience(9, F::from_double(1e-3));
    if let Some(steps) = steps {
        trainer = trainer.steps(steps);
    }
    if let Some(file) = file {
        trainer = trainer.save_to(file).save_every(2);
    }
    let mut x = [3.0, -1.0].map(F::from_double).to_vec();
    let trained = trainer.fit(&mut x, &mut loss)?;
    Ok((x, trained))
}

/// All but the time.
fn told<F: Real + serde::Serialize>((x, trained): &(Vec<F>, Trained<F>)) -> String {
    let epochs = trained.history.epochs().iter();
    let epochs =
        epochs.map(|e| format!("{:?}", (e.epoch, e.step_count, e.loss, e.validation, e.rate)));
    format!(
        "{x:?} {:?} {} {} {:?} {}",
        trained.end,
        trained.epoch_count,
        trained.step_count,
        trained.best_value,
        epochs.collect::<String>()
    )
}

fn assert_resumes<F, O>(optimizer: impl Fn() -> O)
where
    F: Real + serde::Serialize + serde::de::DeserializeOwned,
    O: Resume<F>,
{
    let directory = tempfile::tempdir().expect("a directory");
    let whole = train(optimizer(), None, None).expect("a training");
    for stop in [1, 2, 3, 5, 6, 10, 23, 59] {
        let file = directory.path().join(format!("{stop}.json"));
        for steps in [stop, stop + 1] {
            train(optimizer(), Some(steps), Some(&file)).expect("a part of it");
        }
        let resumed = train(optimizer(), None, Some(&file)).expect("the rest");
        assert_eq!(told(&resumed), told(&whole), "{stop}");
        // It is over: nothing more is done.
        let again = train(optimizer(), None, Some(&file)).expect("nothing");
        assert_eq!(told(&again), told(&whole), "{stop}");
    }
}

#[test]
fn a_training_that_was_stopped_goes_on_bit_for_bit() {
    assert_resumes(|| {
        let schedule = Schedule::warm_up(5).then(5, Schedule::cosine(60, 1e-4));
        Sgd::builder(0.02)
            .momentum(0.9)
            .schedule(schedule)
            .average_from(4)
            .build()
            .expect("options")
    });
    assert_resumes(|| RmsProp::builder(0.03).weight_decay(0.01).build().expect("options"));
    assert_resumes(|| Lion::<f32>::builder(0.01).build().expect("options"));
}

/// A file of a training that was stopped.
fn stopped(directory: &Path) -> (std::path::PathBuf, Vec<u8>) {
    let file = directory.join("run.json");
    let sgd = Sgd::<f64>::builder(0.02).momentum(0.9).build().expect("options");
    let (_, trained) = train(sgd, Some(8), Some(&file)).expect("a part of it");
    assert_eq!(trained.end, TrainEnd::Steps);
    let bytes = fs::read(&file).expect("a file");
    (file, bytes)
}

fn refused(file: &Path) -> SavedError {
    let before = fs::read(file).expect("a file");
    let sgd = Sgd::<f64>::builder(0.02).momentum(0.9).build().expect("options");
    let error = train(sgd, None, Some(file)).map(|_| ()).expect_err("no file of this training");
    assert_eq!(fs::read(file).expect("a file"), before);
    match error {
        TrainError::Saved(error) => error,
        error => panic!("{error}"),
    }
}

#[test]
fn a_damaged_file_is_an_error_and_stays() {
    let directory = tempfile::tempdir().expect("a directory");
    let (file, bytes) = stopped(directory.path());
    for end in (0..bytes.len()).step_by(23) {
        fs::write(&file, &bytes[..end]).expect("written");
        let error = refused(&file);
        assert!(matches!(error, SavedError::Damaged { .. } | SavedError::Foreign { .. }), "{end}");
    }
    for at in (0..bytes.len()).step_by(17) {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        fs::write(&file, &bytes).expect("written");
        refused(&file);
    }
    let text = String::from_utf8(bytes).expect("text");
    let newer = text.replace("\"version\":4", "\"version\":5");
    // Another version may have another header too.
    for text in [newer.replace("\"crc32\"", "\"sum\""), newer.replace("\"bytes\"", "\"x\""), newer]
    {
        fs::write(&file, text).expect("written");
        assert!(matches!(refused(&file), SavedError::Version { expected: 4, found: 5, .. }));
    }
    fs::write(&file, "x,y\n1,2\n").expect("written");
    assert!(matches!(refused(&file), SavedError::Foreign { .. }));
}

#[test]
fn a_file_of_another_training_is_an_error() {
    let directory = tempfile::tempdir().expect("a directory");
    let (file, _) = stopped(directory.path());
    let other = |batches: Batches, rows: usize, x: &mut [f64]| {
        let sgd = Sgd::builder(0.02).momentum(0.9).build().expect("options");
        let split = Split::random(ROWS, 0.2, 3).expect("a share");
        let error = Trainer::new(sgd)
            .epochs(12)
            .batches(batches)
            .rows(&split.training)
            .validate(&split.validation)
            .save_to(&file)
            .fit(x, &mut line(rows))
            .expect_err("another training");
        error.to_string()
    };
    let same = || Batches::of(10).shuffled(5);
    let ends = |text: String, end: &str| assert!(text.ends_with(end), "{text}");
    let more = other(same(), ROWS + 1, &mut [0.0; 2]);
    assert!(more.contains("its data's checksum is 0x3d"), "{more}");
    let labels: Vec<usize> = (0..ROWS).map(|row| row % 3).collect();
    let labelled = other(same().stratified(&labels), ROWS, &mut [0.0; 2]);
    assert!(labelled.contains("its labels' checksum is none, not 0x"), "{labelled}");
    ends(other(same(), ROWS, &mut [0.0; 3]), "its number of parameters is 2, not 3");
    ends(other(Batches::of(9).shuffled(5), ROWS, &mut [0.0; 2]), "its batch size is 10, not 9");
    ends(other(Batches::of(10), ROWS, &mut [0.0; 2]), "its seed is 5, not none");
    let rms = RmsProp::<f64>::builder(0.03).build().expect("options");
    let error = train(rms, None, Some(&file)).map(|_| ()).expect_err("another optimizer");
    ends(error.to_string(), "run.json: the state is of `sgd`, not of `rmsprop`");
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("nowhere").join("run.json");
    let sgd = Sgd::<f64>::builder(0.02).build().expect("options");
    let mut calls = 0;
    let mut loss = FnLoss::new(1, |x: &[f64], _: &[u32], slope: &mut [f64]| {
        calls += 1;
        slope[0] = x[0];
        Ok(0.5 * x[0] * x[0])
    });
    let error = Trainer::new(sgd).save_to(&file).fit(&mut [1.0], &mut loss).expect_err("nowhere");
    assert!(matches!(error, TrainError::Saved(SavedError::Io { .. })), "{error}");
    assert_eq!(calls, 0);
}

/// What a training of four rows says that goes on with the second loss, options, and number type where the first
/// was stopped in mid-epoch.
fn told_of_change<F, G, L, M>(
    (first, mut loss): (Sgd<F>, L),
    (second, mut other): (Sgd<G>, M),
    labels: [Option<[u32; 4]>; 2],
) -> String
where
    F: Real + serde::Serialize + serde::de::DeserializeOwned,
    G: Real + serde::Serialize + serde::de::DeserializeOwned,
    L: BatchLoss<F>,
    M: BatchLoss<G>,
{
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("run.json");
    let batches = |labels: Option<[u32; 4]>| match labels {
        Some(labels) => Batches::of(1).shuffled(1).stratified(labels),
        None => Batches::of(1).shuffled(1),
    };
    let mut before = Trainer::new(first).batches(batches(labels[0])).steps(2).save_to(&file);
    before.fit(&mut [F::from_double(0.0); 2], &mut loss).expect("a part of it");
    let mut after = Trainer::new(second).batches(batches(labels[1])).save_to(&file);
    let x = &mut [G::from_double(0.0); 2];
    match after.fit(x, &mut other) {
        Err(TrainError::Saved(SavedError::Other { what, .. })) => what.to_owned(),
        Err(error) => panic!("{error}"),
        Ok(_) => "the same".to_owned(),
    }
}

#[test]
fn a_training_that_was_changed_since_is_refused_with_what_differs() {
    /// A line through points, all of them moved, and each of its weight.
    fn weighted<F: Real>(across: f64, up: f64, weights: Option<[f64; 4]>) -> impl BatchLoss<F> {
        let loss = TapeLoss::new(4, move |p: &[Var<F>], row| {
            let (x, y) = point(row);
            let (x, y) = (F::from_double(x + across), F::from_double(y + up));
            (p[0] + p[1] * Var::from(x) - Var::from(y)).square()
        });
        match weights {
            Some(weights) => loss.weighted(&weights.map(F::from_double)).expect("weights"),
            None => loss,
        }
    }
    fn moved<F: Real>(across: f64, up: f64) -> impl BatchLoss<F> {
        weighted(across, up, None)
    }
    let of = |shift: f64, known: Option<u64>| {
        let loss = FnLoss::new(4, move |x: &[f64], rows: &[u32], slope: &mut [f64]| {
            slope.fill(x[0] - f64::from(rows[0]) - shift);
            Ok(0.5 * slope[0] * slope[0])
        });
        match known {
            Some(number) => loss.known_by(number),
            None => loss,
        }
    };
    fn sgd<F: Real>() -> Sgd<F> {
        Sgd::builder(F::from_double(0.01)).build().expect("options")
    }
    let ascent = Sgd::builder(0.01).maximize(true).build().expect("options");
    let none = [None, None];
    fn told(a: impl BatchLoss, b: impl BatchLoss, labels: [Option<[u32; 4]>; 2]) -> String {
        told_of_change((sgd::<f64>(), a), (sgd::<f64>(), b), labels)
    }
    assert_eq!(told(moved(0.0, 0.0), moved(0.0, 0.0), none), "the same");
    assert_eq!(told(moved(0.0, 0.0), moved(0.5, 0.0), none), "data's checksum");
    assert_eq!(told(moved(0.0, 0.0), moved(0.0, 0.5), none), "data's checksum");
    let weighted = |weights| weighted(0.0, 0.0, Some(weights));
    let (even, odd) = ([1.0; 4], [1.0, 2.0, 1.0, 1.0]);
    assert_eq!(told(weighted(even), weighted(even), none), "the same");
    assert_eq!(told(weighted(odd), weighted(even), none), "data's checksum");
    assert_eq!(told(moved(0.0, 0.0), weighted(even), none), "data's checksum");
    let labels = [Some([0, 0, 1, 1]), Some([0, 1, 1, 0])];
    for labels in [labels, [labels[0], None], [None, labels[0]]] {
        assert_eq!(told(moved(0.0, 0.0), moved(0.0, 0.0), labels), "labels' checksum");
    }
    let same = [labels[0], labels[0]];
    assert_eq!(told(moved(0.0, 0.0), moved(0.0, 0.0), same), "the same");
    assert_eq!(told(of(0.0, Some(1)), of(0.0, Some(1)), none), "the same");
    assert_eq!(told(of(0.0, Some(1)), of(9.0, Some(2)), none), "data's checksum");
    // It was not told what its data are.
    assert_eq!(told(of(0.0, None), of(9.0, None), none), "the same");
    let loss = || moved::<f64>(0.0, 0.0);
    assert_eq!(told_of_change((sgd(), loss()), (ascent, loss()), none), "aim");
    let single = (sgd::<f32>(), moved::<f32>(0.0, 0.0));
    assert_eq!(told_of_change((sgd(), loss()), single, none), "precision");
}

#[test]
fn another_program_over_the_same_columns_is_refused() {
    let (x, y, weights) = ([0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 4.0, 9.0], [1.0; 4]);
    fn recorded(objective: &impl Objective) -> Program {
        Program::record(objective, &[0.5, 0.25], &[0.0, 1.0]).expect("a recording")
    }
    let square = || recorded(&objective!(|[a, b], [x, y]| (a + b * x - y).square()));
    let absolute = recorded(&objective!(|[a, b], [x, y]| (a + b * x - y).abs()));
    let constant = recorded(&objective!(|[a, b], [x, y]| (a + b * x - y).square() * 2.0));
    let swapped = recorded(&objective!(|[a, b], [x, y]| (b + a * x - y).square()));
    let columns = || Columns::new(&[&x, &y]).expect("columns");
    let three = || Columns::new(&[&x, &y, &weights]).expect("columns");
    let told = |a: &Program, b: &Program| {
        let sgd = || Sgd::builder(0.01).build().expect("options");
        let of = |program| ProgramLoss::new(program, columns());
        told_of_change((sgd(), of(a)), (sgd(), of(b)), [None, None])
    };
    assert_eq!(told(&square(), &square()), "the same");
    for other in [&absolute, &constant, &swapped, &square().allow_fused_products()] {
        assert_eq!(told(&square(), other), "loss's checksum");
        assert_eq!(told(other, &square()), "loss's checksum");
    }
    // A mean in which all rows weigh the same is another program too.
    let sgd = || Sgd::builder(0.01).build().expect("options");
    let plain = ProgramLoss::new(&square(), three());
    let weighted = ProgramLoss::weighted(&square(), three()).expect("weights");
    let both = told_of_change((sgd(), plain), (sgd(), weighted), [None, None]);
    assert_eq!(both, "loss's checksum");
}
