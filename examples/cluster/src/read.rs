//! What a pass over a file costs beside reading and decoding it.

use crate::Logistic;
use crate::data::{FEATURES, label_columns};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::error::Error;
use std::fs::{File, read_to_string};
use std::path::Path;
use std::time::Instant;
use wengert::program::stream::{Chunk, Stream};
use wengert::program::{Parquet, Program};

/// Prints how long the gradient of the logistic regression takes over a file, and how long the file takes to
/// be read and decoded by the crate `parquet` alone, in the same batches; and the most memory that was held.
pub(crate) fn measure(path: &Path) -> Result<(), Box<dyn Error>> {
    const ROUNDS: usize = 5;
    let names = label_columns();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let weights = vec![0.0; FEATURES + 1];
    let program = Program::record(&Logistic, &weights, &[0.5; FEATURES + 1])?.mean().gradient();
    let mut sweep = program.compile();
    let file = Parquet::open(path, &names)?;
    let length = batch_length(&file)?;
    let [mut alone, mut with] = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?)?;
        let mut rows = 0;
        for batch in reader.with_batch_size(length).build()? {
            rows += batch?.num_rows() as u64;
        }
        alone.push(begun.elapsed().as_secs_f64());

        let begun = Instant::now();
        let found = sweep.run_stream(&weights, file.clone())?;
        with.push(begun.elapsed().as_secs_f64());
        // Every weight is 0, so that every loss is ln 2.
        let off = (found.value() - std::f64::consts::LN_2).abs();
        if [found.row_count(), rows] != [file.row_count(); 2] || off > 1e-12 {
            return Err(format!("{rows} rows, value {}", found.value()).into());
        }
    }
    let [alone, with] = [alone, with].map(|mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[ROUNDS / 2]
    });
    println!(
        "{} rows of {} columns: read and decoded in {alone:.3} s, with a gradient in {with:.3} s, ratio {:.3}",
        file.row_count(),
        names.len(),
        with / alone
    );
    // Where the system tells.
    let status = read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
        println!("memory at its peak: {}", peak.trim());
    }
    Ok(())
}

/// How many rows the stream decodes at a time.
fn batch_length(file: &Parquet) -> Result<usize, Box<dyn Error>> {
    let mut chunk = None;
    file.clone().read(&mut chunk)?;
    Ok(chunk.columns()?.row_count())
}
