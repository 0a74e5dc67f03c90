//! The smooth pieces that meet at a point, one after the other, without asking about pieces that no
//! direction enters.
//!
//! The active lines split the directions into cones, one for each way in which their sides can be
//! chosen together. Going down the lines in order, the side on which a direction known to be in the
//! cone lies is open, if it lies on none of them; whether the other is, is asked when its turn comes:
//!
//! ```text
//! is there a d with rᵢ · d > 0 for all i?   yes, if the point of least norm of the hull of the rᵢ is
//!                                           not 0, and then it is such a d
//! ```
//!
//! (P. Gordan's alternative, 1873.) So the number of questions is bounded by that of pieces times that of
//! lines; there are `2ᵏ` ways to choose sides, of which at most about `kⁿ` are open in `n` dimensions.

use super::least::{Support, least_norm};
use super::model::{LineShape, Model, generic_direction};
use super::span::{add_scaled, dot, norm};

/// A direction into a piece that falls along it, where the gradients are those of the model plus an
/// offset, and shorter ones than `flat` are 0; and whether it is sure that there is none.
pub(crate) fn way_down(
    model: &Model,
    slopes: &[f64],
    active: &[usize],
    offset: &[f64],
    budget: usize,
    flat: f64,
) -> (Option<Vec<f64>>, bool) {
    let mut way = None;
    let (mut adjoints, mut gradient) = (Vec::new(), vec![0.0; model.dim()]);
    let ended = visit_cells(model, slopes, active, budget, |slopes, cone, _| {
        model.gradient(slopes, &mut adjoints, &mut gradient);
        add_scaled(&mut gradient, 1.0, offset);
        let length = norm(&gradient);
        if length <= flat {
            return false;
        }
        let against: Vec<f64> = gradient.iter().map(|g| -g / length).collect();
        let mut rows = cone.to_vec();
        rows.push(&against);
        way = inside(&rows);
        way.is_some()
    });
    (way, ended == Ended::Complete)
}

/// How an enumeration ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ended {
    /// All pieces were visited.
    Complete,
    /// The budget was spent, or a cone's tip has a piece for every direction.
    Partial,
    /// The visitor had enough.
    Stopped,
}

/// A choice between the two sides of a line.
struct Decision {
    /// Its place in the list of active lines.
    at: usize,
    /// The gradient of the line, of length 1, turned to the side chosen.
    towards: Vec<f64>,
    /// Whether the other side's turn has come.
    turned: bool,
}

/// A cone of directions, thinner than this, is empty.
const THIN: f64 = 1e-9;
/// A line whose gradient is below this share of its terms does not move.
const STILL: f64 = 1e-12;

/// Visits the pieces: their lines' slopes, the rows whose products with a direction are positive where
/// it enters the piece, and one such direction. The visitor says whether it has enough.
pub(crate) fn visit_cells(
    model: &Model,
    slopes: &[f64],
    active: &[usize],
    budget: usize,
    mut visit: impl FnMut(&[f64], &[&[f64]], &[f64]) -> bool,
) -> Ended {
    let n = model.dim();
    let mut active = active.to_vec();
    active.sort_unstable();
    let mut slopes = slopes.to_vec();
    let mut path: Vec<Decision> = Vec::new();
    let mut witness = generic_direction(n);
    let (mut next, mut visited, mut questions) = (0, 0, 0);
    let mut whole = true;
    let mut row = vec![0.0; n];
    loop {
        // Down to a piece, always on the side of the witness.
        for (at, &i) in active.iter().enumerate().skip(next) {
            let line = &model.lines[i];
            match line.shape {
                LineShape::Sides => {}
                LineShape::Branch { .. } if line.group.0 == 0 => {}
                LineShape::Branch { .. } => continue,
                LineShape::Apex => {
                    if line.group.1 == 0 {
                        whole = false;
                        tip(model, i, &witness, &mut slopes);
                    }
                    continue;
                }
            }
            model.line_gradient(i, &slopes, &mut row);
            let size = norm(&row);
            if size <= STILL * line.size {
                // It passes nothing on, whatever its slope; a comparison stays equal.
                choose(model, i, 0.0, &mut slopes);
                continue;
            }
            let side = if dot(&row, &witness) < 0.0 { -1.0 } else { 1.0 };
            let towards = row.iter().map(|r| side * r / size).collect();
            choose(model, i, side, &mut slopes);
            path.push(Decision { at, towards, turned: false });
        }
        if visited == budget {
            return Ended::Partial;
        }
        visited += 1;
        let cone: Vec<&[f64]> = path.iter().map(|choice| &choice.towards[..]).collect();
        if visit(&slopes, &cone, &witness) {
            return Ended::Stopped;
        }
        // Back to the last line whose other side is open.
        loop {
            let Some(last) = path.last_mut() else {
                return if whole { Ended::Complete } else { Ended::Partial };
            };
            if last.turned {
                path.pop();
                continue;
            }
            last.turned = true;
            last.towards.iter_mut().for_each(|r| *r = -*r);
            let at = last.at;
            questions += 1;
            if questions > 64_usize.saturating_mul(budget) {
                return Ended::Partial;
            }
            let rows: Vec<&[f64]> = path.iter().map(|choice| &choice.towards[..]).collect();
            if let Some(inside) = inside(&rows) {
                witness = in_general_position(inside, &rows);
                let i = active[at];
                model.line_gradient(i, &slopes, &mut row);
                let side = if dot(&row, &witness) < 0.0 { -1.0 } else { 1.0 };
                choose(model, i, side, &mut slopes);
                next = at + 1;
                break;
            }
            path.pop();
        }
    }
}

/// A direction whose products with all rows, which have length 1, are positive, if there is one.
pub(crate) fn inside(rows: &[&[f64]]) -> Option<Vec<f64>> {
    let nearest = least_norm(&mut Hull(rows), rows.last()?, 1000);
    let length = norm(&nearest.point);
    let open = length > THIN && rows.iter().all(|row| dot(row, &nearest.point) > 0.0);
    open.then(|| nearest.point.iter().map(|x| x / length).collect())
}

/// A direction beside one that is inside, and inside too: the middle of a cone is likely to lie on lines
/// whose turn has not come, and then has no side of them.
fn in_general_position(mut inside: Vec<f64>, rows: &[&[f64]]) -> Vec<f64> {
    let margin = rows.iter().map(|row| dot(row, &inside)).fold(f64::INFINITY, f64::min);
    let aside = generic_direction(inside.len());
    add_scaled(&mut inside, 0.5 * margin / norm(&aside), &aside);
    inside
}

/// The convex hull of some points.
pub(crate) struct Hull<'a>(pub(crate) &'a [&'a [f64]]);

impl Support for Hull<'_> {
    fn least_along(&mut self, x: &[f64], point: &mut [f64]) {
        let along = |p: &&&[f64]| dot(p, x);
        if let Some(least) = self.0.iter().min_by(|p, q| along(p).total_cmp(&along(q))) {
            point.copy_from_slice(least);
        }
    }
}

/// Chooses a side of a line, or by its first line the branch of a comparison, which may stay equal.
fn choose(model: &Model, i: usize, side: f64, slopes: &mut [f64]) {
    let line = &model.lines[i];
    if line.shape == LineShape::Sides {
        slopes[i] = if side < 0.0 { line.left } else { line.right };
        return;
    }
    let last = model.group(i).end - 1;
    let mut u = vec![0.0; last + 1];
    u[i] = side;
    model.choose(last, &u, slopes);
}

/// The slopes of the tip of a cone in a direction.
fn tip(model: &Model, last: usize, along: &[f64], slopes: &mut [f64]) {
    let mut u = vec![0.0; last + 1];
    let mut row = vec![0.0; along.len()];
    for i in model.group(last) {
        model.line_gradient(i, slopes, &mut row);
        u[i] = dot(&row, along);
    }
    model.choose(last, &u, slopes);
}
