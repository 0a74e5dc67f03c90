//! The paths of six optimisers over two losses: one with kinks, one with a bent valley.
//!
//! ```text
//! cargo run --release --features train --example descent [picture.svg | picture.png]
//! ```
//!
//! The first is the mean absolute error of a x² + b x over 100 points of 100 x − x²; it is 0 at (−1, 100). The
//! second is Rosenbrock's function, which is 0 at (1, 1). Both have one minimum, so each path is told how far from
//! it it ends.

mod target_folder;

use std::error::Error;
use wengert::optim::{Adagrad, Adam, Optimizer, RmsProp, Rprop, Schedule, Search, Sgd};
use wengert::plot::{Picture, Plot};
use wengert::{Scalar, Var};

type Outcome<T> = Result<T, Box<dyn Error>>;
type Path = Vec<(f64, f64)>;

/// A loss of two parameters, where a search begins, and what is known of it.
struct Problem {
    title: &'static str,
    names: [&'static str; 2],
    window: [[f64; 2]; 2],
    start: [f64; 2],
    minimum: [f64; 2],
    /// By how much each parameter goes in a step, beside the other.
    scales: [f64; 2],
    steps: u64,
    /// Of SGD, with momentum, Adagrad, RMSprop, Adam, Rprop.
    rates: [f64; 6],
    /// Who comes within a fiftieth of the way to the minimum.
    arrives: &'static [&'static str],
    value: fn([f64; 2]) -> f64,
    loss: fn(&[Var]) -> Var,
}

fn article<T: Scalar + std::iter::Sum>([a, b]: [T; 2]) -> T {
    let errors = (0..100).map(f64::from).map(|x| (a * x * x + b * x - (100.0 * x - x * x)).abs());
    errors.sum::<T>() / 100.0
}

fn rosenbrock<T: Scalar>([x, y]: [T; 2]) -> T {
    (1.0 - x).square() + (y - x * x).square() * 100.0
}

const PROBLEMS: [Problem; 2] = [
    Problem {
        title: "Mean absolute error of a x² + b x",
        names: ["a", "b"],
        window: [[-3.0, 0.5], [0.0, 150.0]],
        start: [-2.0, 30.0],
        minimum: [-1.0, 100.0],
        scales: [1.0 / 30.0, 1.0],
        steps: 3000,
        rates: [0.02, 0.004, 10.0, 1.0, 1.5, 1.0],
        arrives: &["SGD", "momentum", "Adagrad", "RMSprop", "Adam", "Rprop"],
        value: article,
        loss: |p| article([p[0], p[1]]),
    },
    Problem {
        title: "Rosenbrock's function",
        names: ["x", "y"],
        window: [[-2.5, 2.0], [-1.0, 3.0]],
        start: [-0.75, 2.75],
        minimum: [1.0, 1.0],
        scales: [1.0, 1.0],
        steps: 3000,
        rates: [1e-3, 5e-4, 1.5, 0.04, 0.2, 0.1],
        arrives: &["momentum", "Adam", "Rprop"],
        value: rosenbrock,
        loss: |p| rosenbrock([p[0], p[1]]),
    },
];

impl Problem {
    /// All points of a search.
    fn path(&self, optimizer: impl Optimizer) -> Outcome<Path> {
        let mut path = Path::new();
        let mut at = self.start;
        let search = Search::new(optimizer, self.steps);
        search.each(|visit| path.push((visit.x[0], visit.x[1]))).fit(&mut at, self.loss)?;
        Ok(path)
    }

    /// The paths of six optimisers, each at its rate.
    fn paths(&self) -> Outcome<[(&'static str, Path); 6]> {
        let [sgd, momentum, adagrad, rmsprop, adam, rprop] = self.rates;
        // A step of SGD has the unit of its rate times a slope, that of the others the unit of their rate.
        let once = self.scales;
        let twice = self.scales.map(|scale| scale * scale);
        let fall = || Schedule::cosine(self.steps, 1e-6);
        let sgd = Sgd::builder(sgd).factors(&twice).schedule(fall());
        let momentum = Sgd::builder(momentum).momentum(0.9).factors(&twice).schedule(fall());
        let adagrad = Adagrad::builder(adagrad).factors(&once).schedule(fall());
        let rmsprop = RmsProp::builder(rmsprop).factors(&once).schedule(fall());
        let adam = Adam::builder(adam).factors(&once).schedule(fall());
        let rprop = Rprop::builder(rprop).factors(&once);
        Ok([
            ("SGD", self.path(sgd.build()?)?),
            ("momentum", self.path(momentum.build()?)?),
            ("Adagrad", self.path(adagrad.build()?)?),
            ("RMSprop", self.path(rmsprop.build()?)?),
            ("Adam", self.path(adam.build()?)?),
            ("Rprop", self.path(rprop.build()?)?),
        ])
    }
}

fn main() -> Outcome<()> {
    let mut panels = Vec::new();
    for problem in &PROBLEMS {
        let Problem { title, names, window: [x, y], minimum, scales, value, .. } = problem;
        println!("{title}, after {} steps", problem.steps);
        println!("{:10}{:>14}{:>14}{:>12}{:>12}", "", names[0], names[1], "loss", "distance");
        let mut plot =
            Plot::contour(*title, *x, *y, |x, y| value([x, y])).names(names[0], names[1]);
        for (name, path) in problem.paths()? {
            let (x, y) = path[path.len() - 1];
            let way = |from: [f64; 2], to: [f64; 2]| {
                ((to[0] - from[0]) / scales[0]).hypot((to[1] - from[1]) / scales[1])
            };
            let (distance, whole) = (way([x, y], *minimum), way(problem.start, *minimum));
            println!("{name:10}{x:14.6}{y:14.6}{:12.2e}{distance:12.2e}", value([x, y]));
            // The others are slow in a bent valley.
            let left = if problem.arrives.contains(&name) { 0.02 } else { 0.75 };
            assert!(distance < left * whole, "{name} has not come near the minimum");
            plot = plot.path(name, path);
        }
        println!();
        panels.push(plot);
    }
    let path = target_folder::path_or("descent.svg");
    Picture::of(panels).size(640, 600).save(&path)?;
    println!("The picture is in {}", path.display());
    Ok(())
}
