//! The files, which are made once.

use arrow_array::{ArrayRef, Float64Array, RecordBatch};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Features of the logistic regression.
pub(crate) const FEATURES: usize = 20;

/// Evenly distributed in `[0, 1)`, another number for each place: the output function of G. L. Steele, D. Lea,
/// C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, of a counter.
fn random(place: u64) -> f64 {
    let mut z = place.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The weights that the labels are drawn with; the last is the bias.
pub(crate) fn weight(feature: usize) -> f64 {
    (feature as f64 * 1.7).sin()
}

/// Points of the curve `100 x - x²`: x and y.
pub(crate) fn write_curve(
    path: &Path,
    rows: u64,
    compression: Compression,
) -> Result<(), Box<dyn Error>> {
    write(path, &curve_columns(), (rows, compression), |row, put| {
        let x = 100.0 * random(row + 1);
        put[0].push(x);
        put[1].push(100.0 * x - x * x);
    })
}

/// The columns of the curve.
pub(crate) fn curve_columns() -> Vec<String> {
    ["x", "y"].map(String::from).to_vec()
}

/// Features between -1 and 1, and a label, 1 with the probability `sigmoid(w · x + b)`, else -1.
pub(crate) fn write_labels(
    path: &Path,
    rows: u64,
    compression: Compression,
) -> Result<(), Box<dyn Error>> {
    write(path, &label_columns(), (rows, compression), |row, put| {
        let mut score = weight(FEATURES);
        for (feature, put) in put[..FEATURES].iter_mut().enumerate() {
            let x = 2.0 * random(row * 64 + feature as u64 + 1) - 1.0;
            score += weight(feature) * x;
            put.push(x);
        }
        let is_one = random(row * 64 + 63) < 1.0 / (1.0 + (-score).exp());
        put[FEATURES].push(if is_one { 1.0 } else { -1.0 });
    })
}

/// The columns of the labels and their features.
pub(crate) fn label_columns() -> Vec<String> {
    (0..FEATURES).map(|feature| format!("x{feature}")).chain(["label".into()]).collect()
}

/// How a file is compressed unless it is not to be.
pub(crate) fn zstd() -> Compression {
    Compression::ZSTD(ZstdLevel::default())
}

/// Rows of a group: whole segments of every program.
const GROUP: u64 = 1 << 16;

fn write(
    path: &Path,
    names: &[String],
    (rows, compression): (u64, Compression),
    mut row: impl FnMut(u64, &mut [Vec<f64>]),
) -> Result<(), Box<dyn Error>> {
    let batch = |columns: Vec<Vec<f64>>| {
        let columns = columns.into_iter().map(|x| Arc::new(Float64Array::from(x)) as ArrayRef);
        RecordBatch::try_from_iter(names.iter().zip(columns))
    };
    let none = vec![Vec::new(); names.len()];
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_dictionary_enabled(false)
        .set_max_row_group_row_count(Some(GROUP as usize))
        .build();
    let schema = batch(none.clone())?.schema();
    let mut writer = ArrowWriter::try_new(File::create(path)?, schema, Some(properties))?;
    for from in (0..rows).step_by(GROUP as usize) {
        let mut columns = none.clone();
        (from..rows.min(from + GROUP)).for_each(|at| row(at, &mut columns));
        writer.write(&batch(columns)?)?;
    }
    writer.close()?;
    Ok(())
}
