//! Two interleaved half-moons told apart by a perceptron, and the boundary that it drew.
//!
//! ```text
//! cargo run --release --features train --example moons [picture.svg | picture.png]
//! ```
//!
//! The points are made here, by a seed. A fifth of them is held back; a progress bar shows the training; the
//! picture shows the boundary and the losses.

mod target_folder;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use std::error::Error;
use std::f64::consts::PI;
use wengert::optim::Adam;
use wengert::plot::{Picture, Plot};
use wengert::train::{Batches, Initial, Perceptron, ProgressBar, Split, TapeLoss, Trainer};
use wengert::{Scalar, Var};

/// A place, and whether it is of the upper moon.
type Point = ([f64; 2], bool);

/// The upper moon is half a circle about the origin, the lower one hangs from (1, 1/2).
const MOONS: [([f64; 2], f64); 2] = [([0.0, 0.0], 1.0), ([1.0, 0.5], -1.0)];

/// Points scattered about the moons by a normal deviate of this size.
const SCATTER: f64 = 0.15;

fn moons(count: usize, seed: u64) -> Vec<Point> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut points = Vec::with_capacity(count);
    for i in 0..count {
        let ([x, y], side) = MOONS[i % 2];
        let angle = PI * random.random::<f64>();
        let mut scattered = |x: f64| {
            let deviate: f64 = StandardNormal.sample(&mut random);
            x + SCATTER * deviate
        };
        let place = [scattered(x + side * angle.cos()), scattered(y + side * angle.sin())];
        points.push((place, side > 0.0));
    }
    points
}

/// How far a place is from the half circle of a moon.
fn distance([x, y]: [f64; 2], ([cx, cy], side): ([f64; 2], f64)) -> f64 {
    let (x, y) = (side * (x - cx), side * (y - cy));
    if y >= 0.0 { (x.hypot(y) - 1.0).abs() } else { (x.abs() - 1.0).hypot(y) }
}

/// Of these points, the share that a classifier calls right.
fn accuracy(points: &[Point], rows: &[u32], is_upper: impl Fn([f64; 2]) -> bool) -> f64 {
    let right = rows.iter().map(|row| points[*row as usize]);
    right.filter(|(place, upper)| is_upper(*place) == *upper).count() as f64 / rows.len() as f64
}

fn main() -> Result<(), Box<dyn Error>> {
    let points = moons(1000, 7);
    let net = Perceptron::new(&[2, 16, 16, 1])?;
    let score = |parameters: &[f64], place: [f64; 2]| net.outputs(parameters, &place, f64::tanh)[0];

    // The logarithmic loss: a score of s gives the upper moon a probability of 1 / (1 + e⁻ˢ).
    let mut loss = TapeLoss::new(points.len(), |p: &[Var], row| {
        let (place, is_upper) = points[row];
        let score = net.outputs(p, &place, Scalar::tanh)[0];
        if is_upper { -score.log_sigmoid() } else { -(-score).log_sigmoid() }
    });
    let split = Split::random(points.len(), 0.2, 1)?;
    let mut params = net.params::<f64>(Initial::Glorot, 3);
    let trained = Trainer::new(Adam::builder(0.01).build()?)
        .epochs(60)
        .batches(Batches::of(20).shuffled(2))
        .rows(&split.training)
        .validate(&split.validation)
        .callback(ProgressBar::new())
        .fit(params.values_mut(), &mut loss)?;
    println!("{} points, {} of them held back; {trained:.4}", points.len(), split.validation.len());

    let weights = params.values();
    let own = accuracy(&points, &split.validation, |place| score(weights, place) >= 0.0);
    let nearest = |place| distance(place, MOONS[0]) <= distance(place, MOONS[1]);
    let known = accuracy(&points, &split.validation, nearest);
    println!("right of those held back: {:.1} % by the perceptron,", 100.0 * own);
    println!("{:.1} % by whoever knows the moons and takes the nearer one", 100.0 * known);
    assert!(known > 0.95 && own >= known - 0.01, "the perceptron has not found the moons");

    let path = target_folder::path_or("moons.svg");
    let title = "Two moons told apart by a perceptron";
    let boundary =
        Plot::decision(title, ["upper moon", "lower moon"], &points, |place| score(weights, place));
    let losses = Plot::losses("Its training", &[("", &trained.history)]);
    Picture::of(boundary).and(losses).save(&path)?;
    println!("The picture is in {}", path.display());
    Ok(())
}
