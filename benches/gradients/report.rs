//! Fair ratios: all ways to one gradient take turns, and medians are compared.

use crate::problem::{Problem, Way};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Turns that each way gets.
const ROUNDS: usize = 101;
/// What a turn takes at least: little, so that most turns pass without an interruption.
pub(crate) const TURN: Duration = Duration::from_millis(1);

/// The times of one way, in nanoseconds a gradient, turn by turn.
type Times = Vec<f64>;

/// Prints the table, measured or with empty cells.
pub(crate) fn print(problems: &mut [Problem], measured: bool) {
    println!();
    if measured {
        println!(
            "Median times of one gradient in ns, and ratios: the medians of {ROUNDS} rounds in \
             which all ways took turns.\n"
        );
    } else {
        println!("Not measured: every gradient was computed and compared, once.\n");
    }
    println!(
        "| gradient | plain loop | tuned | wengert | wengert / plain | wengert / tuned \
         | one node per operation / plain |"
    );
    println!("| --- | --: | --: | --: | --: | --: | --: |");
    for problem in problems {
        let times = measured.then(|| take_turns(problem));
        let of = |way: usize| times.as_ref().map(|times| times[way].as_slice());
        let baseline = problem.baseline().and_then(of);
        for (way, name) in problem.rows() {
            let (plain, tuned, tape) = (of(0), of(1), of(way));
            println!(
                "| {name} | {} | {} | {} | {} | {} | {} |",
                nanoseconds(plain),
                nanoseconds(tuned),
                nanoseconds(tape),
                ratio(tape, plain),
                ratio(tape, tuned),
                ratio(baseline, plain),
            );
        }
    }
}

/// The times of each way.
fn take_turns(problem: &mut Problem) -> Vec<Times> {
    let mut out = vec![0.0; problem.parameters];
    let counts: Vec<u32> =
        problem.ways.iter_mut().map(|(_, way)| calls_in_a_turn(way, &mut out)).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); counts.len()];
    for _ in 0..ROUNDS {
        for (((_, way), &calls), times) in problem.ways.iter_mut().zip(&counts).zip(&mut times) {
            times.push(turn(way, calls, &mut out).as_secs_f64() * 1e9 / f64::from(calls));
        }
    }
    times
}

fn calls_in_a_turn(way: &mut Way, out: &mut [f64]) -> u32 {
    let mut calls = 1;
    while turn(way, calls, out) < TURN {
        calls *= 2;
    }
    calls
}

/// The time of some calls, after one that is not timed: what the others left in the caches is not of
/// this way's making.
fn turn(way: &mut Way, calls: u32, out: &mut [f64]) -> Duration {
    way(black_box(out));
    let start = Instant::now();
    for _ in 0..calls {
        black_box(way(black_box(out)));
    }
    start.elapsed()
}

pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn nanoseconds(times: Option<&[f64]>) -> String {
    let Some(times) = times else {
        return "-".into();
    };
    let digits = format!("{:.0}", median(times.to_vec()));
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// The median over the rounds, each against its own: what slows the machine down for a while slows
/// both down.
fn ratio(times: Option<&[f64]>, unit: Option<&[f64]>) -> String {
    let (Some(times), Some(unit)) = (times, unit) else {
        return "-".into();
    };
    format!("{:.2}", median(times.iter().zip(unit).map(|(time, unit)| time / unit).collect()))
}
