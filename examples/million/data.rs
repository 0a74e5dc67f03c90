//! The two files, written row by row.

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::Path;

/// The weights that the labels were drawn with; the last is the bias.
pub(crate) const WEIGHTS: [f64; FEATURES + 1] = [1.5, -2.0, 0.5, 1.0, -0.25];
/// Features of the logistic regression.
pub(crate) const FEATURES: usize = 4;

/// Evenly distributed numbers (G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number
/// generators", OOPSLA 2014).
struct Random(u64);

impl Random {
    /// In `[0, 1)`.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Points of the curve `100 x - x²`: x and y, in double precision.
pub(crate) fn write_curve(path: &Path, rows: usize) -> Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut random = Random(1);
    for _ in 0..rows {
        let x = 100.0 * random.next();
        file.write_all(&x.to_le_bytes())?;
        file.write_all(&(100.0 * x - x * x).to_le_bytes())?;
    }
    file.flush()
}

/// Features between -1 and 1, and a label that is 1 with the probability `sigmoid(w · x + b)`, in
/// single precision.
pub(crate) fn write_labels(path: &Path, rows: usize) -> Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut random = Random(2);
    for _ in 0..rows {
        let mut score = WEIGHTS[FEATURES];
        for weight in &WEIGHTS[..FEATURES] {
            let x = (2.0 * random.next() - 1.0) as f32;
            score += weight * f64::from(x);
            file.write_all(&x.to_le_bytes())?;
        }
        let is_one = random.next() < 1.0 / (1.0 + (-score).exp());
        file.write_all(&f32::from(u8::from(is_one)).to_le_bytes())?;
    }
    file.flush()
}

/// All numbers of a file.
pub(crate) fn read<F, const BYTES: usize>(path: &Path, of: fn([u8; BYTES]) -> F) -> Result<Vec<F>> {
    Ok(std::fs::read(path)?.as_chunks().0.iter().map(|&bytes| of(bytes)).collect())
}
