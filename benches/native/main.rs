//! Native code beside the derivatives by hand and the interpreter: ratios of medians of interleaved runs, and
//! what compiling takes.
//!
//! `cargo bench --features native --bench native`; with `-- --test` each is run a few times.

mod camera;
#[path = "../gradients/hand/mod.rs"]
#[allow(dead_code, reason = "the other benchmark has more")]
mod hand;
#[path = "../gradients/loss.rs"]
#[allow(dead_code, reason = "the other benchmark has more")]
mod loss;
mod observations;
mod orbit;

use hand::plain;
use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;
use wengert::program::{Columns, Program};
use wengert::{Objective, Scalar};

struct Rosenbrock;

impl Objective for Rosenbrock {
    fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
        loss::rosenbrock_of(x)
    }
}

/// The hinge loss of the perceptron 2-16-16-1 at one sample.
struct Perceptron(loss::Sample);

impl Objective for Perceptron {
    fn at<T: Scalar>(&self, weights: &[T], _: &[T]) -> T {
        loss::hinge_by_dot(weights, &[self.0])
    }
}

/// So many operations of no regular shape, each on results of late.
struct Tangled(usize);

impl Objective for Tangled {
    fn at<T: Scalar>(&self, x: &[T], _: &[T]) -> T {
        let (mut random, mut late) = (1_u64, x.to_vec());
        let mut sum = x[0];
        for at in 0..self.0 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let pick = |bits: u64| late[(bits % late.len() as u64) as usize];
            let (a, b) = (pick(random >> 40), pick(random >> 20));
            let result = match random >> 61 {
                0 | 1 => a + b,
                2 | 3 => a * b * 0.5,
                4 => a - b * 0.25,
                5 => a * 0.7,
                6 => b - a,
                _ => (a * b).square() * 0.01,
            };
            let to = at % late.len();
            late[to] = result;
            if at % 16 == 0 {
                sum += result;
            }
        }
        sum
    }
}

fn main() {
    let short = std::env::args().any(|arg| arg == "--test");
    println!("gradient | by hand, ns | native | at many points | interpreter");
    for n in [2, 10, 100, 1000, 10_000] {
        let x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
        let name = format!("Rosenbrock, {n} unknowns");
        gradient(&name, &Rosenbrock, &x, plain::rosenbrock, short);
    }
    let sample = ([0.4, 0.9], 1.0);
    let weights: Vec<f64> = (0..loss::WEIGHTS).map(|i| (i as f64 * 1.7).sin() * 0.5).collect();
    let by_hand = |w: &[f64], g: &mut [f64]| plain::hinge(w, &[sample], g);
    gradient("perceptron 2-16-16-1, a sample", &Perceptron(sample), &weights, by_hand, short);
    bundle_adjustment(short);
    observations(short);
    orbit::orbit(short);

    println!("\ncompiled | operations | recorded, µs an operation | native, µs an operation");
    for n in [100, 1000, 10_000, 100_000] {
        compile(&format!("Rosenbrock, {n} unknowns"), &Rosenbrock, n);
    }
    for count in [100, 1000, 10_000, 100_000] {
        compile(&format!("tangled, {count} operations"), &Tangled(count), 40);
    }
}

/// One line: a gradient by hand, native at a point and at several, and interpreted.
fn gradient(
    name: &str,
    objective: &impl Objective,
    x: &[f64],
    mut by_hand: impl FnMut(&[f64], &mut [f64]) -> f64,
    short: bool,
) {
    const POINTS: usize = 8;
    let n = x.len();
    let program = Program::record(objective, x, &[]).expect("a recording").gradient();
    let mut native = program.compile_native().expect("native code");
    let mut at_many = program.compile_native().expect("native code");
    let mut interpreted = program.compile();
    let [mut first, mut second] = [(); 2].map(|()| vec![0.0; n]);
    let points = x.repeat(POINTS);
    let (mut values, mut gradients) = ([0.0; POINTS], vec![0.0; POINTS * n]);

    let value = native.call(x, &mut first).expect("a run");
    let expected = by_hand(x, &mut second);
    assert!((value - expected).abs() <= 1e-12 * expected.abs(), "{value}, not {expected}");
    let close = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-11 * (1.0 + b.abs());
    assert!(first.iter().zip(&second).all(close));
    at_many.call_many(&points, &mut values, &mut gradients).expect("a run");
    assert!(values == [value; POINTS] && gradients == first.repeat(POINTS));
    let found = interpreted.run(x, &Columns::none()).expect("a run");
    assert!(found.value() == value && found.gradient() == first);

    let [hand, one, many, slow] = medians(
        if short { 1 } else { 30_000_000 / (n * 30 + 60) },
        [
            &mut repeated(|| by_hand(black_box(x), black_box(&mut first))),
            &mut repeated(|| native.call(black_box(x), black_box(&mut second)).unwrap_or(f64::NAN)),
            &mut repeated(|| {
                let done = at_many.call_many(black_box(&points), &mut values, &mut gradients);
                done.map_or(f64::NAN, |()| values[0])
            }),
            &mut repeated(|| {
                let found = interpreted.run(black_box(x), &Columns::none());
                found.map_or(f64::NAN, |found| found.value())
            }),
        ],
    );
    let ratios = [one, many / POINTS as f64, slow].map(|time| format!("{:.2}", time / hand));
    println!("{name} | {hand:.2} | {}", ratios.join(" | "));
}

fn bundle_adjustment(short: bool) {
    use camera::{AT, Camera, PARAMETERS};
    let program = Program::record_residuals(&Camera, &AT, &[]).expect("a recording").jacobian();
    let (mut residuals, mut jacobian) = ([0.0; 2], [0.0; 2 * PARAMETERS]);
    let (mut values, mut found, mut slopes) = ([[0.0]; 2], [0.0; 2], [0.0; 2 * PARAMETERS]);
    camera::by_hand(&AT, &mut residuals, &mut jacobian);
    let mut native = program.compile_native().expect("native code");
    let mut interpreted = program.compile();
    let [a, b] = &mut values;
    native.call_into(&AT, &mut [a, b, &mut found, &mut slopes]).expect("a run");
    let all = found.iter().chain(&slopes).zip(residuals.iter().chain(&jacobian));
    for (a, b) in all {
        assert!((a - b).abs() <= 1e-12 * (1.0 + b.abs()), "{a}, not {b}");
    }
    let [hand, one, slow] = medians(
        if short { 1 } else { 50_000 },
        [
            &mut repeated(|| {
                camera::by_hand(black_box(&AT), black_box(&mut residuals), &mut jacobian);
                jacobian[0]
            }),
            &mut repeated(|| {
                let [a, b] = &mut values;
                let mut room: [&mut [f64]; 4] = [a, b, black_box(&mut found), &mut slopes];
                native.call_into(black_box(&AT), &mut room).map_or(f64::NAN, |()| slopes[0])
            }),
            &mut repeated(|| {
                let found = interpreted.run(black_box(&AT), &Columns::none());
                found.map_or(f64::NAN, |found| found.value())
            }),
        ],
    );
    let ratios = [one, slow].map(|time| format!("{:.2}", time / hand));
    println!("bundle adjustment, 2 × 15 | {hand:.2} | {}", ratios.join(" | – | "));
}

/// The same at ten thousand points that one camera has seen, row by row; the rows are the interpreter's in any case.
fn observations(short: bool) {
    use observations::{AT, Observed, PARAMETERS, by_hand, columns};
    const ROWS: usize = 10_000;
    let seen = columns(ROWS);
    let row = seen.each_ref().map(|column| column[0]);
    let program = Program::record_residuals(&Observed, &AT, &row).expect("a recording").jacobian();
    let slices = seen.each_ref().map(|column| &column[..]);
    let data = Columns::new(&slices).expect("columns of one length");
    let (mut residuals, mut jacobian) = (vec![0.0; 2 * ROWS], vec![0.0; 2 * ROWS * PARAMETERS]);
    by_hand(&AT, &seen, &mut residuals, &mut jacobian);
    let mut native = program.compile_native().expect("native code");
    let mut interpreted = program.compile();
    let found = native.run(&AT, &data).expect("a run");
    let all = found.residuals().iter().chain(found.jacobian().as_slice());
    for (a, b) in all.zip(residuals.iter().chain(&jacobian)) {
        assert!((a - b).abs() <= 1e-11 * (1.0 + b.abs()), "{a}, not {b}");
    }
    let [hand, one, slow] = medians(
        if short { 1 } else { 600 },
        [
            &mut repeated(|| {
                by_hand(black_box(&AT), black_box(&seen), &mut residuals, &mut jacobian);
                jacobian[0]
            }),
            &mut repeated(|| {
                let found = native.run(black_box(&AT), black_box(&data));
                found.map_or(f64::NAN, |found| found.jacobian().as_slice()[0])
            }),
            &mut repeated(|| {
                let found = interpreted.run(black_box(&AT), black_box(&data));
                found.map_or(f64::NAN, |found| found.jacobian().as_slice()[0])
            }),
        ],
    );
    let ratios = [one, slow].map(|time| format!("{:.2}", time / hand));
    println!("10,000 observations, 2 × 11 each | {hand:.0} | {}", ratios.join(" | – | "));
}

/// Seconds of the processor for this process, where the system tells; else of the clock: other work on the
/// machine counts then.
fn seconds() -> f64 {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| BEGUN.elapsed().as_secs_f64(), |ns| ns * 1e-9)
}

/// One line: what it takes to compile a gradient.
fn compile(name: &str, objective: &impl Objective, n: usize) {
    let x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
    let begun = seconds();
    let program = Program::record(objective, &x, &[]).expect("a recording").gradient();
    let recorded = (seconds() - begun) * 1e6;
    let operations = program.to_string().lines().count() as f64;
    // The system counts in ticks.
    let times = (300_000.0 / operations).ceil();
    let mut native = program.compile_native().expect("native code");
    let begun = seconds();
    for _ in 0..times as usize {
        native = program.compile_native().expect("native code");
    }
    let compiled = (seconds() - begun) * 1e6 / times;
    let (mut gradient, mut expected) = (vec![0.0; n], vec![0.0; n]);
    let value = native.call(&x, &mut gradient).expect("a run");
    assert_eq!(value, program.compile().call(&x, &mut expected).expect("a run"));
    assert_eq!(gradient, expected);
    let each = [recorded, compiled].map(|time| format!("{:.2}", time / operations));
    println!("{name} | {operations} | {} | {:.2} ms", each.join(" | "), compiled / 1e3);
}

/// A loop of calls, as a user's would be.
fn repeated(mut call: impl FnMut() -> f64) -> impl FnMut(usize) {
    move |turns| {
        for _ in 0..turns {
            black_box(call());
        }
    }
}

/// Nanoseconds a call, the median of rounds in turn.
fn medians<const N: usize>(turns: usize, mut calls: [&mut dyn FnMut(usize); N]) -> [f64; N] {
    const ROUNDS: usize = 15;
    let turns = turns / ROUNDS + 1;
    let mut times = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (call, times) in calls.iter_mut().zip(&mut times) {
            let begun = Instant::now();
            call(turns);
            times.push(begun.elapsed().as_secs_f64() * 1e9 / turns as f64);
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}
