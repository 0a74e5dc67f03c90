//! Forward mode and second derivatives, beside the crates that one would otherwise pick: asserts that the
//! results agree, measures them in turns, and prints the ratios of medians.
//!
//! `cargo run --release --bin second`

use nalgebra::SVector;
use num_dual::{Dual2SVec64, DualNum, DualSVec64};
use std::hint::black_box;
use std::time::Instant;
use wengert::program::{Columns, Program};
use wengert::{Dual, Dual2, Scalar, objective};

/// Seconds of both ways, medians of turns.
fn medians(turns: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) -> [f64; 2] {
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..turns {
        for (which, times) in times.iter_mut().enumerate() {
            let begun = Instant::now();
            if which == 0 {
                ours()
            } else {
                theirs()
            }
            times.push(begun.elapsed().as_secs_f64());
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[turns / 2]
    })
}

fn print(work: &str, peer: &str, [ours, theirs]: [f64; 2]) {
    let micros = |seconds: f64| seconds * 1e6;
    println!(
        "| {work} | {:.3} | {peer} {:.3} | {:.3} |",
        micros(ours),
        micros(theirs),
        ours / theirs
    );
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * (1.0 + b.abs()), "{a} and {b}");
}

/// The article's parabola by mean absolute error, by numbers with two tangents.
fn mean_absolute_error() {
    let x: Vec<f64> = (0..100).map(f64::from).collect();
    let y: Vec<f64> = x.iter().map(|x| 100.0 * x - x * x + (x * 1.7).sin()).collect();
    let ours = |at: [f64; 2]| {
        let [a, b] = Dual::seeds(at);
        let error = |(&x, &y): (&f64, &f64)| (a * (x * x) + b * x - y).abs();
        x.iter().zip(&y).map(error).sum::<Dual<2>>() / 100.0
    };
    let theirs = |at: [f64; 2]| {
        let loss = |v: SVector<DualSVec64<2>, 2>| {
            let error = |(&x, &y): (&f64, &f64)| {
                let error = v[0] * (x * x) + v[1] * x - y;
                if error.re < 0.0 { -error } else { error }
            };
            x.iter().zip(&y).map(error).fold(DualSVec64::from_re(0.0), |sum, e| sum + e) / 100.0
        };
        num_dual::gradient(loss, &SVector::from(at))
    };
    let at = [-2.0, 30.0];
    let (value, slope) = theirs(at);
    close(ours(at).value(), value);
    (0..2).for_each(|i| close(ours(at).tangents()[i], slope[i]));
    let times = medians(
        301,
        || {
            (0..100).for_each(|_| {
                black_box(ours(black_box(at)));
            })
        },
        || {
            (0..100).for_each(|_| {
                black_box(theirs(black_box(at)));
            })
        },
    );
    print("gradient of 100 absolute errors, `Dual<2>`", "num-dual", times.map(|t| t / 100.0));
}

fn rosenbrock<T: Scalar>(x: &[T]) -> T {
    let mut sum = T::ZERO;
    for w in x.windows(2) {
        sum += 100.0 * (w[1] - w[0].square()).square() + (1.0 - w[0]).square();
    }
    sum
}

/// The dense Hessian of Rosenbrock's function of ten.
fn dense_hessian() {
    const N: usize = 10;
    let ours = |at: [f64; N]| rosenbrock(&Dual2::seeds(at));
    let theirs = |at: [f64; N]| {
        let loss = |x: SVector<Dual2SVec64<N>, N>| {
            let mut sum = Dual2SVec64::from_re(0.0);
            for i in 1..N {
                sum += (x[i] - x[i - 1].powi(2)).powi(2) * 100.0 + (-x[i - 1] + 1.0).powi(2);
            }
            sum
        };
        num_dual::hessian(loss, &SVector::from(at))
    };
    let at = std::array::from_fn(|i| (i as f64 * 0.7).sin());
    let (mine, (value, slope, hessian)) = (ours(at), theirs(at));
    close(mine.value(), value);
    for i in 0..N {
        close(mine.gradient()[i], slope[i]);
        (0..N).for_each(|j| close(mine.hessian()[i][j], hessian[(i, j)]));
    }
    let times = medians(
        301,
        || {
            (0..10).for_each(|_| {
                black_box(ours(black_box(at)));
            })
        },
        || {
            (0..10).for_each(|_| {
                black_box(theirs(black_box(at)));
            })
        },
    );
    print("dense Hessian, Rosenbrock, n = 10, `Dual2<10>`", "num-dual", times.map(|t| t / 10.0));
}

/// The sparse Hessian of a chain of ten thousand, by a program; both know the pattern beforehand.
fn sparse_hessian() {
    const N: usize = 10_000;
    let at: Vec<f64> = (0..N).map(|i| (i as f64 * 0.1).sin()).collect();
    let chain = objective!(|x| x
        .windows(2)
        .map(|w| 100.0 * (w[1] - w[0].square()).square() + (1.0 - w[0]).square())
        .sum());
    let program = Program::record(&chain, &at, &[]).expect("a recording");
    let mut gradient = program.clone().gradient().compile();
    let mut sweep = program.sparse_hessian().compile();
    let (tape, _) = echidna::record(
        |x| {
            let mut sum = x[0] * 0.0;
            for w in x.windows(2) {
                let (bend, rest) = (w[1] - w[0] * w[0], w[0] * -1.0 + 1.0);
                sum = sum + bend * bend * 100.0 + rest * rest;
            }
            sum
        },
        &at,
    );
    let (_, _, pattern, values) = tape.sparse_hessian(&at);
    let found = sweep.run(&at, &Columns::none()).expect("a run");
    let ours: std::collections::BTreeMap<_, _> =
        found.sparse_hessian().triplets().map(|(i, j, x)| ((i, j), x)).collect();
    for ((&row, &column), &value) in pattern.rows.iter().zip(&pattern.cols).zip(&values) {
        close(ours[&(row as usize, column as usize)], value);
    }
    let (colors, count) = echidna::sparse::greedy_coloring(&pattern);
    let mut ours = || {
        let found = sweep.run(black_box(&at), &Columns::none()).expect("a run");
        drop(black_box(found.sparse_hessian().values()));
    };
    let theirs =
        || drop(black_box(tape.sparse_hessian_with_pattern(&at, &pattern, &colors, count)));
    let times = medians(31, &mut ours, theirs);
    print("sparse Hessian, Rosenbrock, n = 10,000, a program", "echidna", times);
    let of_gradient = || {
        gradient.run(black_box(&at), &Columns::none()).expect("a run");
    };
    let times = medians(101, ours, of_gradient);
    print("the same", "its gradient", times);
}

fn main() {
    println!("| work | wengert, µs | peer, µs | ratio |\n| --- | --: | --: | --: |");
    mean_absolute_error();
    dense_hessian();
    sparse_hessian();
}
