//! Minorants of whole pieces, where kinks in kinks tie in many ways.
//!
//! A convex function is nowhere below any of its smooth pieces. A mean of those that meet at a point is a
//! minorant with no gap, and shares take the place of multipliers:
//!
//! ```text
//! 0 = Σ λᵢ gᵢ + Σ tᵢ gᵢ     tᵢ ≥ -λᵢ
//! ```
//!
//! That is the gradient of a function whose kinks do not nest, with a line `gᵢ · x` for each piece.

use crate::polyhedral::cells::visit_cells;
use crate::polyhedral::matrix::Matrix;
use crate::polyhedral::model::{Line, Model};

/// Pieces that are visited.
const CELLS: usize = 256;

/// How many times the greatest terms of a gradient's slopes count, for what its rounding comes to.
const ROUNDED: f64 = 4.0;

/// The excess of a convex function of which these pieces, with their shares, have a mean of 0 but for rounding, where the
/// lines `active` are at their kinks.
pub(crate) fn excess(
    model: &Model,
    slopes: &[f64],
    active: &[usize],
    shares: &[(f64, Vec<f64>)],
) -> Option<f64> {
    let n = model.dim();
    let columns: Vec<u32> = (0..n as u32).collect();
    let terms = model.steepest_by_variable().iter().map(|most| ROUNDED * most).collect();
    let rows = Matrix::new(n);
    let mut mean = Model { base: vec![0.0; n], terms, rows, convex: true, ..Model::default() };
    let mut add = |share: f64, gradient: &[f64]| {
        mean.base.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += share * g);
        mean.rows.push(gradient, &columns);
        mean.end_line(Line { weight: 1.0, ..Line::sides(0.0, -share, 1.0, 0) });
    };
    shares.iter().for_each(|(share, gradient)| add(*share, gradient));
    let (mut adjoints, mut gradient) = (Vec::new(), vec![0.0; n]);
    visit_cells(model, slopes, active, CELLS, |slopes, _, _| {
        model.gradient(slopes, &mut adjoints, &mut gradient);
        add(0.0, &gradient);
        false
    });
    super::excess(&mean, &vec![0.0; mean.lines.len()])
}
