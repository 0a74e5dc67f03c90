//! The same gradients as a person would derive them and write them down: a file is read piece by
//! piece, and a loop goes over the rows of each.

use super::data::FEATURES;
use std::fs::File;
use std::io::{Read, Result};
use std::path::Path;

/// Reads a file in pieces of about half a MiB that hold whole rows.
pub(crate) fn pieces(path: &Path, row: usize, mut each: impl FnMut(&[u8])) -> Result<()> {
    let mut file = File::open(path)?;
    let mut piece = vec![0; (512 << 10) / row * row];
    loop {
        let mut len = 0;
        while len < piece.len() {
            match file.read(&mut piece[len..])? {
                0 => break,
                more => len += more,
            }
        }
        each(&piece[..len]);
        if len < piece.len() {
            return Ok(());
        }
    }
}

/// The mean of `|a x² + b x - y|` over a file, and its slopes.
pub(crate) fn curve(path: &Path, [a, b]: [f64; 2]) -> Result<(f64, [f64; 2])> {
    let (mut loss, mut slopes, mut rows) = (0.0, [0.0; 2], 0.0);
    pieces(path, 16, |bytes| {
        for row in bytes.as_chunks::<8>().0.as_chunks::<2>().0 {
            let [x, y] = row.map(f64::from_le_bytes);
            let error = a * x * x + b * x - y;
            let sign = f64::from(i8::from(error > 0.0) - i8::from(error < 0.0));
            loss += error.abs();
            slopes[0] += sign * x * x;
            slopes[1] += sign * x;
        }
        rows += (bytes.len() / 16) as f64;
    })?;
    Ok((loss / rows, slopes.map(|slope| slope / rows)))
}

/// The mean of `softplus(z) - z y` with `z = w · x + b` over a file, and its slopes.
pub(crate) fn labels(path: &Path, w: &[f64]) -> Result<(f64, [f64; FEATURES + 1])> {
    const ROW: usize = FEATURES + 1;
    let (mut loss, mut slopes, mut rows) = (0.0, [0.0; ROW], 0.0);
    pieces(path, 4 * ROW, |bytes| {
        for row in bytes.as_chunks::<4>().0.as_chunks::<ROW>().0 {
            let row = row.map(|bytes| f64::from(f32::from_le_bytes(bytes)));
            let mut z = w[FEATURES];
            for (w, x) in w.iter().zip(&row[..FEATURES]) {
                z += w * x;
            }
            let small = (-z.abs()).exp();
            loss += z.max(0.0) + small.ln_1p() - z * row[FEATURES];
            let sigmoid = if z < 0.0 { small / (1.0 + small) } else { 1.0 / (1.0 + small) };
            let error = sigmoid - row[FEATURES];
            for (slope, x) in slopes.iter_mut().zip(&row[..FEATURES]) {
                *slope += error * x;
            }
            slopes[FEATURES] += error;
        }
        rows += (bytes.len() / (4 * ROW)) as f64;
    })?;
    Ok((loss / rows, slopes.map(|slope| slope / rows)))
}
