//! Two fits to ten million rows, streamed from files that are written first.
//!
//! ```text
//! cargo run --release --example million [rows]
//! ```
//!
//! A program is recorded once; a file is read piece by piece by a thread of its own while the pieces
//! before are computed with, so that no more than a few of them are ever in memory. Beside the rows
//! per second stand those of the loop that a person would derive by hand, over the same file in the
//! same run, which reads and computes by turns; those of the program over rows that are in memory, all
//! of them, only for this comparison; and those of reading without computing. The files, of 360 MB
//! together for ten million rows, are written to the target folder and removed.

mod data;
mod hand;

use data::{FEATURES, WEIGHTS};
use std::error::Error;
use std::fs::{create_dir_all, remove_file};
use std::path::{Path, PathBuf};
use std::time::Instant;
use wengert::check::{self, Verdict};
use wengert::optim::{Optimizer, Sgd, StepSize};
use wengert::program::stream::{Binary, Layout, read_ahead};
use wengert::program::{Columns, NumberType, Program, Sweep};
use wengert::{Objective, Scalar, Var, objective};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let rows = match std::env::args().nth(1) {
        None => 10_000_000,
        Some(rows) => match rows.parse() {
            Ok(rows) if rows >= 100 => rows,
            _ => return Err("the number of rows is to be 100 or more".into()),
        },
    };
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    create_dir_all(&folder)?;
    let start = Instant::now();

    let path = folder.join("million-curve.f64");
    data::write_curve(&path, rows)?;
    curve(&path, rows)?;
    remove_file(&path)?;

    let path = folder.join("million-labels.f32");
    data::write_labels(&path, rows)?;
    labels(&path, rows)?;
    remove_file(&path)?;

    println!("All in {:.1} s.", start.elapsed().as_secs_f64());
    Ok(())
}

/// The curve `a x² + b x` by absolute error: a step for each piece of the file, so that one way
/// through it is enough.
fn curve(path: &Path, rows: usize) -> Outcome<()> {
    let layout = Layout::rows(2, NumberType::F64);
    let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    let mut sweep =
        Program::record(&loss, &[-2.0, 30.0], &[1.0, 99.0])?.mean().gradient().compile();

    // Each parameter's steps follow the scale of what it multiplies, x² and x; the error can become
    // 0, which is what Polyak's step asks for.
    let scales = [100.0_f64.powi(2) / 3.0, 100.0 / 2.0];
    let mut polyak =
        Sgd::with_step_size(StepSize::polyak(0.0)).factors(&scales.map(|s| s.powi(-2))).build()?;
    let mut ab = [-2.0, 30.0];
    let start = Instant::now();
    while polyak.step_count() < 300 {
        let mut file = Binary::open(path, layout)?.chunks(rows.div_ceil(300));
        read_ahead(&mut file, |rows| -> Outcome<()> {
            let found = sweep.run(&ab, rows)?;
            polyak.step(&mut ab, found.value(), found.gradient())?;
            Ok(())
        })?;
    }
    let [a, b] = ab;
    println!("The curve a x² + b x, by absolute error, to {rows} points of 100 x - x²:");
    println!(
        "a = {a:.7}, b = {b:.6} after {} steps, each on a part of the file, in {:.2} s",
        polyak.step_count(),
        start.elapsed().as_secs_f64()
    );
    assert!((a + 1.0).abs() < 1e-6 && (b - 100.0).abs() < 1e-4, "the fit has not converged");

    let at = [-2.0, 30.0];
    let mut by_hand = (0.0, [0.0; 2]);
    let hand = fastest(|| {
        by_hand = hand::curve(path, at)?;
        Ok(())
    })?;
    let program = fastest(|| whole(&mut sweep, path, layout, &at))?;
    let found = sweep.found().ok_or("no run")?;
    approx::assert_relative_eq!(found.value(), by_hand.0, max_relative = 1e-9);
    approx::assert_relative_eq!(found.gradient(), &by_hand.1[..], max_relative = 1e-9);
    let table = data::read(path, f64::from_le_bytes)?;
    for at in [at, ab] {
        checked(&loss, &mut sweep, &table[..2 * 20], 2, &at)?;
    }
    let in_memory = fastest(|| {
        sweep.run(&at, &Columns::table(&table, 2)?)?;
        Ok(())
    })?;
    report(path, layout, rows, [hand, program, in_memory])
}

/// A logistic regression.
#[derive(Clone, Copy)]
struct Logistic;

impl Objective for Logistic {
    fn at<T: Scalar>(&self, weights: &[T], row: &[T]) -> T {
        let score = T::dot(&weights[..FEATURES], &row[..FEATURES]) + weights[FEATURES];
        score.softplus() - score * row[FEATURES]
    }
}

/// The logistic regression by gradient descent with Nesterov's momentum, each step over the whole
/// file.
fn labels(path: &Path, rows: usize) -> Outcome<()> {
    let layout = Layout::rows(FEATURES + 1, NumberType::F32);
    let program = Program::record(&Logistic, &[0.0; FEATURES + 1], &[0.5; FEATURES + 1])?;
    let mut sweep = program.mean().gradient().compile();

    let mut nesterov = Sgd::builder(5.0).momentum(0.8).nesterov(true).build()?;
    let mut weights = [0.0; FEATURES + 1];
    let start = Instant::now();
    loop {
        let found = sweep.run_stream(&weights, Binary::open(path, layout)?)?;
        if found.gradient().iter().all(|slope| slope.abs() < 1e-5) {
            break;
        }
        nesterov.step(&mut weights, found.value(), found.gradient())?;
        assert!(nesterov.step_count() < 200, "the fit has not converged");
    }
    println!("A logistic regression to {rows} labels drawn with the weights {WEIGHTS:?}:");
    println!(
        "{weights:.4?} after {} steps, each over the whole file, in {:.2} s",
        nesterov.step_count(),
        start.elapsed().as_secs_f64()
    );
    // Ten standard deviations of what is estimated from so many rows.
    let tolerance = 60.0 / (rows as f64).sqrt();
    approx::assert_abs_diff_eq!(&weights[..], &WEIGHTS[..], epsilon = tolerance);

    let mut by_hand = (0.0, [0.0; FEATURES + 1]);
    let at = [0.1; FEATURES + 1];
    let hand = fastest(|| {
        by_hand = hand::labels(path, &at)?;
        Ok(())
    })?;
    let program = fastest(|| whole(&mut sweep, path, layout, &at))?;
    let found = sweep.found().ok_or("no run")?;
    approx::assert_relative_eq!(found.value(), by_hand.0, max_relative = 1e-9);
    approx::assert_relative_eq!(found.gradient(), &by_hand.1[..], max_relative = 1e-9);
    let table = data::read(path, f32::from_le_bytes)?;
    let few: Vec<f64> = table[..(FEATURES + 1) * 20].iter().map(|&x| x.into()).collect();
    for at in [[0.0; FEATURES + 1], weights] {
        checked(&Logistic, &mut sweep, &few, FEATURES + 1, &at)?;
    }
    let in_memory = fastest(|| {
        sweep.run(&at, &Columns::table_f32(&table, FEATURES + 1)?)?;
        Ok(())
    })?;
    report(path, layout, rows, [hand, program, in_memory])
}

/// Panics if differences say that the gradient of a mean over some rows is wrong, or if that of its
/// program is another.
fn checked(
    loss: &impl Objective,
    sweep: &mut Sweep,
    rows: &[f64],
    width: usize,
    at: &[f64],
) -> Outcome<()> {
    let mean = |parameters: &[Var]| {
        let of =
            |row: &[f64]| loss.at(parameters, &row.iter().map(|&x| x.into()).collect::<Vec<_>>());
        rows.chunks(width).map(of).sum::<Var>() / (rows.len() / width) as f64
    };
    let gradient = sweep.run(at, &Columns::table(rows, width)?)?.gradient().to_vec();
    for report in [check::differences(mean, at), check::engine(mean, at, |_| gradient)?] {
        assert!(report.verdict() < Verdict::Wrong, "{report}");
    }
    Ok(())
}

/// Value and gradient over the whole file.
fn whole(sweep: &mut Sweep, path: &Path, layout: Layout, parameters: &[f64]) -> Outcome<()> {
    sweep.run_stream(parameters, Binary::open(path, layout)?)?;
    Ok(())
}

/// Seconds of the fastest of a few runs.
fn fastest(mut run: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let mut least = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        run()?;
        least = least.min(start.elapsed().as_secs_f64());
    }
    Ok(least)
}

fn report(path: &Path, layout: Layout, rows: usize, seconds: [f64; 3]) -> Outcome<()> {
    let [hand, program, in_memory] = seconds;
    let read = fastest(|| {
        hand::pieces(path, layout.row_bytes(), |_| {})?;
        Ok(())
    })?;
    let million = rows as f64 / 1e6;
    println!("value and gradient, once through the file:  million rows a second");
    for (what, seconds) in [
        ("hand-derived loop", hand),
        ("program", program),
        ("program, rows in memory", in_memory),
        ("reading alone", read),
    ] {
        println!("    {what:38} {:22.1}", million / seconds);
    }
    println!();
    Ok(())
}
