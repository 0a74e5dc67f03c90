//! Handwritten digits, read by a perceptron that is written as scalar expressions.
//!
//! ```text
//! cargo run --release --features train --example digits [picture.svg | picture.png]
//! ```
//!
//! A fifth of the digits is held back; by their loss the best epoch is chosen. The run is kept in `digits.json`
//! in Cargo's target folder: stop it at any moment, even by `kill -9`, and the next run goes on from there and
//! ends with the same bits. The picture shows the losses, and digits that were read wrongly.

mod data;
#[path = "../target_folder.rs"]
mod target_folder;

use data::Digits;
use std::error::Error;
use std::path::Path;
use std::time::Instant;
use wengert::Scalar;
use wengert::optim::{Adam, Schedule};
use wengert::plot::{Images, Picture, Plot};
use wengert::program::{Objective, Program};
use wengert::train::{
    Batches, Initial, Perceptron, ProgramLoss, ProgressBar, Split, Trained, Trainer,
};

const EPOCHS: u64 = 60;
const BATCH: usize = 64;
const CLASSES: usize = 10;

/// How unlikely the right digit is, from the pixels and the digit.
struct CrossEntropy(Perceptron);

impl Objective for CrossEntropy {
    fn at<T: Scalar>(&self, weights: &[T], row: &[T]) -> T {
        let (pixels, digit) = row.split_at(row.len() - 1);
        let scores = self.0.outputs(weights, pixels, T::relu);
        T::log_sum_exp(&scores) - T::gather(&scores, digit[0])
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let digits = Digits::read()?;
    let picture = target_folder::path_or("digits.svg");
    let file = picture.with_file_name("digits.json");
    let started = Instant::now();
    let goes_on = file.exists();
    let (weights, trained) = train(&digits, Some(&file))?;
    let time = started.elapsed();
    println!("{trained}");
    if goes_on {
        println!("(it went on from {}; remove that file to begin anew)", file.display());
    }
    for record in trained.history.epochs().iter().step_by(10).chain(trained.history.epochs().last())
    {
        println!("{record:.6}");
    }

    let net = network()?;
    let split = split(&digits)?;
    let read = |row: &u32| digits.read_by(&net, &weights, *row as usize);
    let wrong: Vec<u32> =
        split.validation.iter().copied().filter(|row| read(row) != digits.label(*row)).collect();
    let held = split.validation.len();
    let right = held - wrong.len();
    println!(
        "read rightly: {right} of {held} held back, {:.2} %",
        100.0 * right as f64 / held as f64
    );
    let mut images = Images::new("Digits that are read wrongly");
    for row in wrong.iter().take(12) {
        let caption = format!("{} read as {}", digits.label(*row), read(row));
        images = images.image(caption, data::SIDE, digits.pixels(*row))?;
    }
    let losses = Plot::losses("Reading digits", &[("", &trained.history)]);
    Picture::of(losses).and(images).save(&picture)?;
    println!("drawn: {}", picture.display());
    assert!(right as f64 >= 0.98 * held as f64, "fewer than 98 % are read rightly");

    let (undisturbed, _) = train(&digits, None)?;
    let same = weights.iter().zip(&undisturbed).all(|(a, b)| a.to_bits() == b.to_bits());
    assert!(same, "a run that went on ends elsewhere");
    println!(
        "\n{time:.2?} for this run; the weights are those of a run without a stop, bit for bit"
    );
    Ok(())
}

fn network() -> Result<Perceptron, Box<dyn Error>> {
    Ok(Perceptron::new(&[data::PIXELS, 48, CLASSES])?)
}

fn split(digits: &Digits) -> Result<Split, Box<dyn Error>> {
    Ok(Split::stratified(digits.labels(), 0.2, 1)?)
}

/// Trains; keeps the run in a file, if there is one, and goes on from it.
fn train(digits: &Digits, file: Option<&Path>) -> Result<(Vec<f64>, Trained), Box<dyn Error>> {
    let (net, split) = (network()?, split(digits)?);
    let mut params = net.params(Initial::He, 1);
    let objective = CrossEntropy(net);
    let program = Program::record(&objective, params.values(), digits.row(0))?;
    let mut loss = ProgramLoss::new(&program, digits.columns()?);
    let steps = EPOCHS * split.training.len().div_ceil(BATCH) as u64;
    let adam = Adam::builder(4e-3).schedule(Schedule::cosine(steps, 0.0)).build()?;
    let mut trainer = Trainer::new(adam)
        .epochs(EPOCHS)
        .batches(Batches::of(BATCH).shuffled(1))
        .rows(&split.training)
        .validate(&split.validation);
    if let Some(file) = file {
        trainer = trainer.save_to(file).save_every(10).callback(ProgressBar::new());
    }
    let trained = trainer.fit(params.values_mut(), &mut loss)?;
    Ok((params.values().to_vec(), trained))
}
