//! Fair ratios: all ways to one gradient take turns, and medians are compared.

use crate::problem::{PLAIN, Problem, Way};
use std::any::Any;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Turns that each way gets at most, and what all of one problem take together, about.
const ROUNDS: usize = 31;
const LIMIT: Duration = Duration::from_secs(10);
/// What a turn takes at least: little, so that most turns pass without an interruption.
const TURN: Duration = Duration::from_millis(1);
/// How much a result may differ from the one by hand, relative to the value, or to the steepest
/// slope.
const TOLERANCE: f64 = 1e-9;

/// A column of the table.
pub(crate) struct Column {
    name: String,
    plain: f64,
    cells: BTreeMap<&'static str, Cell>,
}

enum Cell {
    Ratio(f64),
    Failed(String),
}

/// Computes a gradient in all ways, compares the results, and times the ways that are right.
///
/// Panics if one of wengert's or one by hand is not right.
pub(crate) fn measure(mut problem: Problem, quick: bool) -> Column {
    let (mut cells, mut right) = (BTreeMap::new(), Vec::new());
    let mut reference = None;
    for (name, mut way) in problem.ways.drain(..) {
        let mut gradient = vec![f64::NAN; problem.parameters];
        let value = catch_unwind(AssertUnwindSafe(|| way(&mut gradient)));
        let verdict = match (value, &reference) {
            (Err(panic), _) => Err(format!("panics: {}", message(&*panic))),
            (Ok(value), None) => {
                reference = Some((value, gradient));
                Ok(())
            }
            (Ok(value), Some(reference)) => compare((value, &gradient), reference),
        };
        match verdict {
            Ok(()) => right.push((name, way)),
            Err(why) if name.contains("hand") || name.contains("wengert") => {
                panic!("{}, {name}: {why}", problem.name)
            }
            Err(why) => {
                cells.insert(name, Cell::Failed(format!("{}, {name}: {why}", problem.name)));
            }
        }
    }
    let times = take_turns(&mut right, problem.parameters, quick);
    let plain = &times[0];
    for ((name, _), times) in right.iter().zip(&times) {
        let ratios = times.iter().zip(plain).map(|(time, plain)| time / plain).collect();
        cells.insert(name, Cell::Ratio(median(ratios)));
    }
    Column { name: problem.name, plain: median(plain.clone()), cells }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}

fn compare(
    (value, gradient): (f64, &[f64]),
    (right_value, right): &(f64, Vec<f64>),
) -> Result<(), String> {
    let steepest = right.iter().fold(0.0_f64, |most, slope| most.max(slope.abs()));
    let same = |a: f64, b: f64, scale: f64| (a - b).abs() <= TOLERANCE * scale;
    if !same(value, *right_value, right_value.abs()) {
        return Err(format!("the value is {value}, by hand {right_value}"));
    }
    let mut slopes = gradient.iter().zip(right).enumerate();
    match slopes.find(|(_, (a, b))| !same(**a, **b, steepest)) {
        Some((i, (a, b))) => Err(format!("slope {i} is {a}, by hand {b}")),
        None => Ok(()),
    }
}

/// The seconds that each way takes for a gradient, round by round.
fn take_turns(ways: &mut [(&str, Way)], parameters: usize, quick: bool) -> Vec<Vec<f64>> {
    let mut out = vec![0.0; parameters];
    let counts: Vec<u32> = ways.iter_mut().map(|(_, way)| calls_in_a_turn(way, &mut out)).collect();
    let mut times = vec![Vec::new(); ways.len()];
    let start = Instant::now();
    let rounds = if quick { 1 } else { ROUNDS };
    for round in 0..rounds {
        if round >= 3 && start.elapsed() > LIMIT {
            break;
        }
        for (((_, way), &calls), times) in ways.iter_mut().zip(&counts).zip(&mut times) {
            times.push(turn(way, calls, &mut out).as_secs_f64() / f64::from(calls));
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

fn turn(way: &mut Way, calls: u32, out: &mut [f64]) -> Duration {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(way(black_box(out)));
    }
    start.elapsed()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// Prints the table: a row for each way, a column for each gradient.
pub(crate) fn print(columns: &[Column], ways: &[&str]) {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    println!("| | {} |", names.join(" | "));
    println!("| --- |{}", " --: |".repeat(columns.len()));
    let times = columns.iter().map(|column| format!("{:.3} ms", column.plain * 1e3));
    println!("| {PLAIN}: time | {} |", times.collect::<Vec<_>>().join(" | "));
    let mut notes = Vec::new();
    for &way in ways {
        let cells = columns.iter().map(|column| match column.cells.get(way) {
            None => "-".into(),
            Some(Cell::Ratio(ratio)) if *ratio < 9.95 => format!("{ratio:.2}"),
            Some(Cell::Ratio(ratio)) => format!("{ratio:.0}"),
            Some(Cell::Failed(why)) => {
                notes.push(why);
                format!("fails ({})", notes.len())
            }
        });
        println!("| {way} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    for (i, note) in notes.iter().enumerate() {
        println!("\n({}) {note}", i + 1);
    }
}
