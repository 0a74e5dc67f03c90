//! Native code beside the derivatives by hand and the interpreter: ratios of medians of interleaved runs.
//!
//! `cargo bench --features native --bench native`

use std::hint::black_box;
use std::time::Instant;
use wengert::objective;
use wengert::program::{Columns, Program};

/// Rosenbrock's function of many unknowns.
fn rosenbrock(n: usize) -> Program {
    let valley = objective!(|x| {
        let terms = x.windows(2).map(|p| {
            let (t, u) = (p[1] - p[0] * p[0], p[0] - 1.0);
            t * t * 100.0 + u * u
        });
        terms.sum()
    });
    Program::record(&valley, &vec![0.3; n], &[]).expect("a recording").gradient()
}

/// Its value and gradient as one writes them.
fn rosenbrock_by_hand(x: &[f64], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let mut value = 0.0;
    for i in 0..x.len() - 1 {
        let (t, u) = (x[i + 1] - x[i] * x[i], x[i] - 1.0);
        value += 100.0 * t * t + u * u;
        gradient[i] += 2.0 * u - 400.0 * x[i] * t;
        gradient[i + 1] += 200.0 * t;
    }
    value
}

fn main() {
    println!("gradient | by hand, ns | native | interpreter | compiled, ms");
    for n in [2, 10, 100, 1000, 10_000] {
        let program = rosenbrock(n);
        let begun = Instant::now();
        let mut native = program.compile_native().expect("native code");
        let compiled = begun.elapsed().as_secs_f64();
        let mut sweep = program.compile();
        let x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
        let (mut g, mut h) = (vec![0.0; n], vec![0.0; n]);
        let value = native.call(&x, &mut g).expect("a run");
        let hand = rosenbrock_by_hand(&x, &mut h);
        assert!((value - hand).abs() <= 1e-12 * hand.abs());
        assert!(g.iter().zip(&h).all(|(a, b)| (a - b).abs() <= 1e-9));
        let turns = (20_000_000 / (n * 20 + 50)).max(20);
        let ns = medians(
            turns,
            [
                &mut || rosenbrock_by_hand(black_box(&x), black_box(&mut g)),
                &mut || native.call(black_box(&x), black_box(&mut h)).unwrap_or(f64::NAN),
                &mut || sweep.run(black_box(&x), &Columns::none()).map_or(f64::NAN, |f| f.value()),
            ],
        );
        println!(
            "Rosenbrock {n} | {:.2} | {:.2} | {:.2} | {:.3}",
            ns[0],
            ns[1] / ns[0],
            ns[2] / ns[0],
            compiled * 1e3
        );
    }
}

/// Nanoseconds a call, the median of many rounds in turn.
fn medians<const N: usize>(turns: usize, mut calls: [&mut dyn FnMut() -> f64; N]) -> [f64; N] {
    const ROUNDS: usize = 15;
    let turns = turns / ROUNDS + 1;
    let mut times = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (call, times) in calls.iter_mut().zip(&mut times) {
            let begun = Instant::now();
            for _ in 0..turns {
                black_box(call());
            }
            times.push(begun.elapsed().as_secs_f64() * 1e9 / turns as f64);
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}
