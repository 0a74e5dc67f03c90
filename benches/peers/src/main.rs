//! The same gradients by hand, by wengert, and by the crates that one would otherwise pick.
//!
//! `cargo run --release` asserts that the results agree, measures, and prints a table of ratios;
//! `cargo run --release -- quick` does it on a hundredth of the data, to see that all is right.

mod by_hand;
mod engine;
#[path = "../../gradients/hand/mod.rs"]
mod hand;
#[path = "../../gradients/loss.rs"]
#[allow(dead_code, reason = "the root package's benchmark uses the rest")]
mod loss;
mod number;
mod problem;
mod rows;
mod table;

use std::env;

fn main() {
    let quick = env::args().any(|argument| argument == "quick");
    let problems = problem::all(if quick { 100 } else { 1 });
    let mut ways = Vec::new();
    let mut columns = Vec::new();
    for problem in problems {
        let problem = problem();
        eprintln!("{}", problem.name);
        for &(way, _) in &problem.ways {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        columns.push(table::measure(problem, quick));
    }
    if quick {
        println!("All results compared; one turn each, which is not a measurement.\n");
    }
    table::print(&columns, &ways);
}
