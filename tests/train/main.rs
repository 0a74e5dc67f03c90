//! Training: batches, the loop, saving, what comes back from a file, and pictures.

#[cfg(all(feature = "npz", feature = "safetensors"))]
mod arrays;
mod batches;
mod killed;
mod losses;
#[cfg(feature = "plot")]
mod plots;
#[cfg(feature = "progress")]
mod progress;
mod rules;
mod saved;
mod steps;

use wengert::Var;
use wengert::train::TapeLoss;

/// Points about a line, the same each time.
fn point(row: usize) -> (f64, f64) {
    let x = row as f64 * 0.125 - 2.0;
    (x, 1.0 + 2.0 * x + (row as f64 * 12.9898).sin())
}

/// The squared error of a line through them.
fn line(rows: usize) -> TapeLoss<impl Fn(&[Var], usize) -> Var + Sync> {
    TapeLoss::new(rows, |p: &[Var], row| {
        let (x, y) = point(row);
        (p[0] + p[1] * x - y).square()
    })
}
