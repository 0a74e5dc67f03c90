//! A short gradient, by one slope after the other.

use super::model::Model;
use super::span::norm;

/// Passes over the lines where the gradient cannot be made 0.
const PASSES: usize = 200;

/// Makes the gradient shorter, down to `enough`, by moving the slopes of some lines of a model whose
/// kinks do not nest, each between those of its sides. It suffers from rounding in what it changes
/// only.
pub(super) fn shorten(
    model: &Model,
    lines: &[usize],
    slopes: &mut [f64],
    gradient: &mut [f64],
    enough: f64,
) {
    let mut before = norm(gradient);
    for _ in 0..PASSES {
        for (&i, slope) in lines.iter().zip(slopes.iter_mut()) {
            let (line, row) = (&model.lines[i], model.row(i));
            let length = row.norm() * line.weight;
            if length == 0.0 || !length.is_finite() {
                continue;
            }
            let (low, high) = (line.left.min(line.right), line.left.max(line.right));
            let by = row.dot(gradient) / row.norm() / length;
            let next = (*slope - by).clamp(low, high);
            row.add_to(line.weight * (next - *slope), gradient);
            *slope = next;
        }
        let after = norm(gradient);
        if after <= enough || after >= before * (1.0 - 1e-6) {
            break;
        }
        before = after;
    }
}
