//! A pendulum swung up and held upright by a motor that is too weak to lift it: a job that asks for one gradient
//! some millions of times.
//!
//! ```text
//! cargo run --release --features native --example control [gradients]
//! ```
//!
//! Twenty times a second the controller looks a second and a half ahead: it goes down the cost of a plan of 30
//! torques by 20 gradients, applies the first torque, and keeps the rest as its next guess (model-predictive
//! control). The gradient is taken by hand, by native code and by the interpreter in turns, so that the same swings
//! tell what each takes. About 200,000 gradients are asked for each way, or as many as are given: with 10000000,
//! from some two thousand starts.

mod hand;
mod pendulum;

use pendulum::{GRAVITY, HOLD, MOST_TORQUE, PARAMETERS, Plan, STEPS, step};
use std::error::Error;
use std::f64::consts::PI;
use std::time::Instant;
use wengert::program::{Program, Sweep};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Torques in a swing of 12 seconds.
const TORQUES: usize = 240;
/// Gradients for each.
const DESCENT: usize = 20;
/// What a start asks for.
const GRADIENTS: u32 = (TORQUES * DESCENT) as u32;

/// Angle, speed and torque of a moment.
type Moment = [f64; 3];

/// A plan's cost and its slopes, one way.
type Way<'a> = &'a mut dyn FnMut(&[f64; PARAMETERS], &mut [f64; PARAMETERS]) -> Outcome<f64>;

fn main() -> Outcome<()> {
    let wanted: u32 = match std::env::args().nth(1) {
        None => 200_000,
        Some(count) => count.parse().map_err(|_| "the number of gradients is to be a number")?,
    };
    let at = start(0);
    let begun = Instant::now();
    let program = Program::record(&Plan, &plan(at), &[])?.gradient();
    let recorded = begun.elapsed();
    let begun = Instant::now();
    let mut native = program.compile_native()?;
    let compiled = begun.elapsed();
    let begun = Instant::now();
    let mut interpreted = program.compile();
    let planned = begun.elapsed();

    println!(
        "A plan of {STEPS} torques of up to {MOST_TORQUE} N m, each held for {HOLD} s; to lift the"
    );
    println!("pendulum takes {GRAVITY} N m.\n");
    println!("{:>8.3} ms to record it with its gradient", 1e3 * recorded.as_secs_f64());
    println!("{:>8.3} ms more to native code", 1e3 * compiled.as_secs_f64());
    println!("{:>8.3} ms more to the interpreter's steps", 1e3 * planned.as_secs_f64());
    let apart = compare(&mut native, &mut interpreted)?;
    println!("Both give the same bits; what is derived by hand is within {apart:.0e} of them.\n");

    let starts = wanted.div_ceil(GRADIENTS).max(1);
    let (mut times, mut slowest) = ([const { Vec::new() }; 3], 0.0_f64);
    for which in 0..starts {
        let at = start(which);
        let ways: [Way<'_>; 3] = [
            &mut |plan, slopes| Ok(hand::gradient(plan, slopes)),
            &mut |plan, slopes| Ok(native.call(plan, slopes)?),
            &mut |plan, slopes| Ok(interpreted.call(plan, slopes)?),
        ];
        let mut swings = [const { Vec::new() }; 3];
        for ((way, swing), times) in ways.into_iter().zip(&mut swings).zip(&mut times) {
            *swing = swung(at, way, times)?;
        }
        let [by_hand, native, interpreted] = &swings;
        assert_eq!(native, interpreted, "from {at:?}: other bits");
        for swing in [by_hand, native] {
            let &[angle, speed, _] = swing.last().ok_or("no swing")?;
            assert!(off(angle) < 1e-6 && speed.abs() < 1e-6, "from {at:?}: {angle} {speed}");
        }
        slowest = slowest.max(up_after(native));
        if which == 0 {
            print_swing(native);
        }
    }
    report(starts, slowest, times.map(median));
    Ok(())
}

/// The `which`-th start: within a quarter turn of hanging down, and moving by up to two radians a second.
fn start(which: u32) -> [f64; 2] {
    // The sequence of van der Corput, and the golden ratio's.
    let first = (f64::from((which + 1).reverse_bits()) + 0.5) / 2_f64.powi(32);
    let second = (f64::from(which + 1) * 0.618_033_988_749_894_9).fract();
    [PI + (first - 0.5) * PI, 4.0 * second - 2.0]
}

/// A plan without torques.
fn plan([angle, speed]: [f64; 2]) -> [f64; PARAMETERS] {
    let mut plan = [0.0; PARAMETERS];
    [plan[0], plan[1]] = [angle, speed];
    plan
}

/// How far the gradients by hand and by a program are apart at some plans, beside the greatest slope; what
/// computes programs must agree to the bit.
fn compare(native: &mut Sweep, interpreted: &mut Sweep) -> Outcome<f64> {
    let mut apart = 0.0_f64;
    for which in 0..100_u32 {
        let mut plan = plan(start(which));
        for (torque, at) in plan[2..].iter_mut().zip(which..) {
            *torque = MOST_TORQUE * f64::from(at * at).sin();
        }
        let [mut by_hand, mut found, mut same] = [[0.0; PARAMETERS]; 3];
        let cost = hand::gradient(&plan, &mut by_hand);
        let value = native.call(&plan, &mut found)?;
        assert_eq!((value, found), (interpreted.call(&plan, &mut same)?, same));
        let most = |slopes: [f64; PARAMETERS]| slopes.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
        let difference = most(std::array::from_fn(|i| by_hand[i] - found[i])) / most(by_hand);
        apart = apart.max(difference).max((value / cost - 1.0).abs());
    }
    assert!(apart < 1e-12, "the gradient by hand is {apart:e} of it off");
    Ok(apart)
}

/// The pendulum under control from a start; notes the nanoseconds a gradient of each descent.
fn swung(start: [f64; 2], gradient: Way<'_>, times: &mut Vec<f64>) -> Outcome<Vec<Moment>> {
    let (mut state, mut plan) = (start, plan(start));
    let mut moments = Vec::with_capacity(TORQUES);
    for _ in 0..TORQUES {
        [plan[0], plan[1]] = state;
        let begun = Instant::now();
        descend(&mut plan, gradient)?;
        times.push(begun.elapsed().as_secs_f64() * 1e9 / DESCENT as f64);
        let torque = plan[2];
        // The pendulum itself moves by finer steps than the plan knows of.
        state = (0..10).fold(state, |state, _| step(HOLD / 10.0, state, torque));
        moments.push([state[0], state[1], torque]);
        plan.copy_within(3.., 2);
        plan[PARAMETERS - 1] = 0.0;
    }
    Ok(moments)
}

/// Goes down the cost by gradients with momentum, the torques kept within bounds.
fn descend(plan: &mut [f64; PARAMETERS], gradient: Way<'_>) -> Outcome<()> {
    let (mut slopes, mut moves) = ([0.0; PARAMETERS], [0.0; PARAMETERS]);
    for _ in 0..DESCENT {
        gradient(plan, &mut slopes)?;
        for ((torque, moved), slope) in plan.iter_mut().zip(&mut moves).zip(&slopes).skip(2) {
            let to = (*torque + 0.9 * *moved - 0.05 * slope).clamp(-MOST_TORQUE, MOST_TORQUE);
            *moved = to - *torque;
            *torque = to;
        }
    }
    Ok(())
}

/// How far an angle is from upright, after any number of turns.
fn off(angle: f64) -> f64 {
    (angle - 2.0 * PI * (angle / (2.0 * PI)).round()).abs()
}

/// Seconds after which the pendulum stays within a twentieth of a radian of upright.
fn up_after(swing: &[Moment]) -> f64 {
    let before = swing.iter().rposition(|&[angle, ..]| off(angle) > 0.05);
    before.map_or(0.0, |at| HOLD * (at + 2) as f64)
}

/// A line for each half second until it is up.
fn print_swing(swing: &[Moment]) {
    println!("{:>7}{:>12}{:>12}{:>14}", "s", "from top", "rad/s", "torque, N m");
    for (at, [angle, speed, torque]) in swing.iter().enumerate().skip(9).step_by(10) {
        let time = HOLD * (at + 1) as f64;
        println!("{time:>7.1}{:>12.4}{speed:>12.4}{torque:>14.4}", off(*angle));
        if time >= up_after(swing) {
            break;
        }
    }
}

/// The middle one.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Prints what was asked for and how long it took.
fn report(starts: u32, slowest: f64, [by_hand, native, interpreted]: [f64; 3]) {
    println!(
        "\nFrom each of {starts} starts the pendulum is upright and still after 12 s, to 1e-6; the"
    );
    println!(
        "slowest is up for good after {slowest:.1} s. {} gradients each way.\n",
        u64::from(starts) * u64::from(GRADIENTS)
    );
    println!("{:<16}{:>14}{:>10}", "", "ns a gradient", "/ hand");
    for (name, time) in
        [("by hand", by_hand), ("native code", native), ("interpreter", interpreted)]
    {
        println!("{name:<16}{time:>14.0}{:>10.2}", time / by_hand);
    }
    println!("\nThese are medians of descents, what the torques are moved by included.");
    assert!(native < interpreted, "native code takes {native} ns, the interpreter {interpreted}");
}
