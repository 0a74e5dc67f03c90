//! What a gradient from an ordinary expression costs, beside the same gradient derived by hand.
//!
//! ```text
//! cargo bench                  # criterion's statistics, then the table of ratios
//! cargo bench -- table         # the table alone
//! cargo bench -- --test        # everything once, nothing measured
//! ```
//!
//! A second table tells what second derivatives cost beside a gradient.
//!
//! With `--features parallel` a third table tells what a second thread gains.
//!
//! Each gradient is computed in several ways: by hand as a plain loop and as a tuned one, by
//! wengert, and by a tape with one node for each operation. All are compared with the plain loop,
//! and those of the tape with differences on a few rows, before anything is timed.

mod baseline;
mod hand;
mod loss;
mod problem;
mod program;
mod report;
mod second;
#[cfg(feature = "parallel")]
mod threads;

use criterion::Criterion;
use std::time::Duration;

fn main() {
    let mut problems = problem::all();
    for problem in &mut problems {
        problem.assert_equal();
    }
    let mut criterion = Criterion::default()
        .sample_size(10)
        .nresamples(10_000)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for problem in &mut problems {
        problem.bench(&mut criterion);
    }
    criterion.final_summary();

    let told = |option: &str| std::env::args().any(|argument| argument == option);
    if !told("--list") {
        // Cargo passes `--bench` when it runs benches, and not when it runs tests.
        let measured = told("--bench") && !told("--test");
        report::print(&mut problems, measured);
        second::print(measured);
        #[cfg(feature = "parallel")]
        threads::print(measured);
    }
}
