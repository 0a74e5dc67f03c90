//! What a pass costs besides its rows: by the number of sums.

use std::error::Error;
use std::time::Instant;
use wengert::program::{Columns, Program};
use wengert::{Objective, Scalar};
use wengert_mpi::Ranks;

/// A loss whose gradient is as many sums as there are parameters.
struct Linear;

impl Objective for Linear {
    fn at<T: Scalar>(&self, a: &[T], x: &[T]) -> T {
        let terms = a.iter().enumerate().map(|(i, &a)| a * x[0] * (1.0 + i as f64));
        terms.fold(T::ZERO, |sum, term| sum + term).square()
    }
}

/// Prints the median time of passes over no rows and over one segment of them.
pub(crate) fn measure(ranks: &Ranks) -> Result<(), Box<dyn Error>> {
    const RUNS: usize = 1001;
    for n in [1, 10, 100, 1000, 10_000] {
        let at = vec![0.5; n];
        let mut sweep = Program::record(&Linear, &at, &[1.0])?.mean().gradient().compile();
        let segment = vec![0.25; sweep.segment() as usize];
        let runs = if n > 1000 { RUNS / 20 } else { RUNS };
        let mut medians = [0.0; 2];
        for (rows, median) in [1, segment.len()].into_iter().zip(&mut medians) {
            let data = Columns::new(&[&segment[..rows]])?;
            let alone = sweep.segment() as usize == rows || ranks.rank() == 0;
            let data = if alone { data } else { Columns::new(&[&segment[..0]])? };
            let rows = ranks.rows(sweep.count(&data)?, "made up")?;
            let mut times = Vec::new();
            for _ in 0..runs {
                let begun = Instant::now();
                ranks.run(&mut sweep, &at, &rows, &data)?;
                times.push(begun.elapsed().as_secs_f64());
            }
            times.sort_by(f64::total_cmp);
            *median = times[runs / 2] * 1e6;
        }
        if ranks.rank() == 0 {
            let [row, segment] = medians;
            println!(
                "{} sums, {} ranks: {row:.1} µs with one row, {segment:.1} µs with a segment each",
                n + 1,
                ranks.count()
            );
        }
    }
    Ok(())
}
