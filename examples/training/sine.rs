//! A sine fitted to data of which every eighth point is far off: squared, Huber and absolute error side by side.
//!
//! ```text
//! cargo run --release --features train --example sine [picture.svg | picture.png]
//! ```
//!
//! The sine is known, so each fit is told how far off it is. Squared error follows the outliers; the other two
//! do not.

mod target_folder;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use std::error::Error;
use std::f64::consts::TAU;
use wengert::loss::{AbsoluteError, Huber, Loss, SquaredError};
use wengert::optim::{Adam, Schedule, Search};
use wengert::plot::{Picture, Plot};
use wengert::{Scalar, Var};

type Points = Vec<(f64, f64)>;

/// Amplitude, frequency, phase, and level of the sine that made the data.
const KNOWN: [f64; 4] = [2.0, 1.5, 0.4, 1.0];
const NOISE: f64 = 0.1;

fn sine<T: Scalar>([amplitude, frequency, phase, level]: [T; 4], x: f64) -> T {
    amplitude * (frequency * x + phase).sin() + level
}

fn data(count: u32, seed: u64) -> Points {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut points = Points::new();
    for i in 0..count {
        let x = TAU * f64::from(i) / f64::from(count - 1);
        let deviate: f64 = StandardNormal.sample(&mut random);
        let outlier = if i % 8 == 3 { 3.0 + 3.0 * random.random::<f64>() } else { 0.0 };
        points.push((x, sine(KNOWN, x) + NOISE * deviate + outlier));
    }
    points
}

/// The greatest distance of a curve from the known one.
fn distance(found: [f64; 4]) -> f64 {
    let xs = (0..=1000).map(|i| TAU * f64::from(i) / 1000.0);
    xs.map(|x| (sine(found, x) - sine(KNOWN, x)).abs()).fold(0.0, f64::max)
}

/// Fits by the mean of a loss; what was found.
fn fit(points: &Points, loss: impl Loss<f64>) -> Result<[f64; 4], Box<dyn Error>> {
    let steps = 1500;
    let adam = Adam::builder(0.05).schedule(Schedule::cosine(steps, 1e-4)).build()?;
    let mut found = [1.0, 1.3, 0.0, 0.0];
    Search::new(adam, steps).try_fit(&mut found, |p| -> Result<Var, Box<dyn Error>> {
        let own = [p[0], p[1], p[2], p[3]];
        Ok(loss.mean(points.iter().map(|(x, y)| (sine(own, *x), *y)))?)
    })?;
    Ok(found)
}

fn main() -> Result<(), Box<dyn Error>> {
    let points = data(96, 5);
    let fits = [
        ("Squared error", fit(&points, SquaredError)?),
        ("Huber's loss", fit(&points, Huber::new(2.0 * NOISE)?)?),
        ("Absolute error", fit(&points, AbsoluteError)?),
    ];
    let [a, b, c, d] = KNOWN;
    println!(
        "y = a sin(b x + c) + d, a = {a}, b = {b}, c = {c}, d = {d}; an eighth of the points is far off\n"
    );
    println!(
        "{:16}{:>9}{:>9}{:>9}{:>9}{:>28}",
        "fitted by", "a", "b", "c", "d", "greatest distance from it"
    );
    let mut panels = Vec::new();
    for (name, found) in fits {
        let [a, b, c, d] = found;
        println!("{name:16}{a:9.3}{b:9.3}{c:9.3}{d:9.3}{:28.3}", distance(found));
        let title = format!("{name}: off by up to {:.2}", distance(found));
        let plot = Plot::new(title, "x", "y").dots("data", points.iter().copied());
        let plot = plot.curve("the known sine", [0.0, TAU], |x| sine(KNOWN, x));
        panels.push(plot.curve("the fit", [0.0, TAU], |x| sine(found, x)));
    }
    let off = fits.map(|(_, found)| distance(found));
    assert!(off[0] > 4.0 * NOISE, "squared error has not followed the outliers");
    assert!(off[1] < NOISE && off[2] < NOISE, "a robust fit is off by more than a point is");

    let path = target_folder::path_or("sine.svg");
    Picture::of(panels).save(&path)?;
    println!("\nThe picture is in {}", path.display());
    Ok(())
}
