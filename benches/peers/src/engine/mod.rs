//! Each crate's way to a gradient.

pub(crate) mod ad_trait;
pub(crate) mod burn;
pub(crate) mod echidna;
pub(crate) mod num_dual;
pub(crate) mod program;
pub(crate) mod reverse;
pub(crate) mod wengert;
#[cfg(feature = "xad-rs")]
pub(crate) mod xad;

use crate::rows::RowLoss;

/// A gradient engine that records anew at each call: it writes the gradient of a sum over rows, and
/// returns the sum.
///
/// They record some rows at a time, few enough for the record to stay in the cache, and add up: it
/// is faster for each of them, and memory stays bounded.
fn by_chunks<L: RowLoss>(
    rows: &[f64],
    chunk: usize,
    gradient: &mut [f64],
    mut part: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> f64 {
    gradient.fill(0.0);
    rows.chunks(chunk * L::WIDTH).map(|rows| part(rows, gradient)).sum()
}

/// `sum += part`.
fn add(sum: &mut [f64], part: impl IntoIterator<Item = f64>) {
    for (sum, part) in sum.iter_mut().zip(part) {
        *sum += part;
    }
}
