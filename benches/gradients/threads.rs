//! What a second thread gains where there are many rows.

use crate::loss::{DIM, INPUTS, MIXTURE, WEIGHTS};
use crate::problem::Uniform;
use crate::program::{Mixture, Perceptron, gradient};
use crate::report::{TURN, median};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::hint::black_box;
use std::time::Instant;
use wengert::objective;
use wengert::program::Program;

/// Turns that each number of threads gets.
const ROUNDS: usize = 31;

/// Writes a gradient and returns the value.
type Run = Box<dyn FnMut(&[f64], &mut [f64]) -> f64 + Send>;

/// A gradient of a program over rows.
struct Work {
    name: &'static str,
    at: Vec<f64>,
    run: Run,
}

/// Prints the table, measured over many rows, or with empty cells after a few.
pub(crate) fn print(measured: bool) {
    println!("\n| program over rows | one thread, ns | two threads, ns | one / two |");
    println!("| --- | --: | --: | --: |");
    let [one, two] = [1, 2].map(|threads| {
        ThreadPoolBuilder::new().num_threads(threads).build().expect("threads to start")
    });
    for mut work in works(if measured { 1 } else { 100 }) {
        let mut gradients = [vec![0.0; work.at.len()], vec![0.0; work.at.len()]];
        let [first, second] = &mut gradients;
        let values = [work.on(&one, first), work.on(&two, second)];
        assert_eq!((values[0], first), (values[1], second), "{}: the same bits", work.name);
        if !measured {
            println!("| {} | - | - | - |", work.name);
            continue;
        }
        let times = [(); ROUNDS].map(|()| [work.turn(&one), work.turn(&two)]);
        let gains = times.map(|[one, two]| one / two);
        let [one, two] = [0, 1].map(|i| median(times.iter().map(|t| t[i]).collect()));
        println!("| {} | {one:.0} | {two:.0} | {:.2} |", work.name, median(gains.to_vec()));
    }
}

impl Work {
    fn on(&mut self, threads: &ThreadPool, gradient: &mut [f64]) -> f64 {
        threads.install(|| (self.run)(black_box(&self.at), gradient))
    }

    /// Nanoseconds for one gradient.
    fn turn(&mut self, threads: &ThreadPool) -> f64 {
        let mut gradient = vec![0.0; self.at.len()];
        self.on(threads, &mut gradient);
        let (start, mut count) = (Instant::now(), 0);
        while start.elapsed() < 10 * TURN {
            black_box(self.on(threads, &mut gradient));
            count += 1;
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(count)
    }
}

/// All works, with their rows divided by `few`.
fn works(few: usize) -> [Work; 3] {
    let mut random = Uniform::new();
    let mut numbers = |n: usize| -> Vec<f64> { (0..n).map(|_| random.next()).collect() };
    let curve = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    let at = vec![-2.0, 30.0];
    let columns = [(); 2].map(|()| numbers(1_000_000 / few)).into();
    let curve = Work {
        name: "mean absolute error, 1,000,000 points",
        run: Box::new(gradient(&curve, &at, columns, Program::mean)),
        at,
    };
    let at = numbers(WEIGHTS);
    let columns = [(); INPUTS + 1].map(|()| numbers(100_000 / few)).into();
    let perceptron = Work {
        name: "perceptron 2-16-16-1, 100,000 rows",
        run: Box::new(gradient(&Perceptron, &at, columns, Program::mean)),
        at,
    };
    let at = numbers(MIXTURE);
    let columns = [(); DIM].map(|()| numbers(10_000 / few)).into();
    let mixture = Work {
        name: "Gaussian mixture, d = 10, K = 25, 10,000 points",
        run: Box::new(gradient(&Mixture, &at, columns, Program::sum)),
        at,
    };
    [curve, perceptron, mixture]
}
