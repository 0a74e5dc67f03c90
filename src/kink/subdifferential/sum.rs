//! A sum of segments, hulls and balls.

use crate::polyhedral::cells::Hull;
use crate::polyhedral::least::Support;
use crate::polyhedral::model::{LineShape, Model};
use crate::polyhedral::span::{add_scaled, dot, norm};

/// A centre, and what is added to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    pub(super) centre: Vec<f64>,
    /// One after the other.
    pub(super) generators: Vec<f64>,
    pub(super) hulls: Vec<Vec<Vec<f64>>>,
    pub(super) balls: Vec<Vec<Vec<f64>>>,
}

/// The set as a sum, if no kink depends on another, and whether a kink bends up, and down.
pub(super) fn as_sum(model: &Model, ties: &[(usize, Vec<Vec<f64>>)]) -> Option<(Sum, bool, bool)> {
    let mut sum = Sum { centre: model.base.clone(), ..Sum::default() };
    let (mut up, mut down) = (false, false);
    let mut bend = |amount: f64| {
        up |= amount > 0.0;
        down |= amount < 0.0;
    };
    let mut ties = ties.iter().peekable();
    let mut i = 0;
    while i < model.lines.len() {
        let group = model.group(i);
        let line = &model.lines[i];
        // A tie of more than two is lines that depend on each other, and on no others.
        let tie = ties.next_if(|(last, rows)| last + 2 - rows.len() == i);
        if let Some((last, rows)) = tie {
            let root = &model.lines[*last];
            let weight = root.weight;
            bend(weight * (root.right - root.left));
            // The first operand's gradient is in the base already.
            add_scaled(&mut sum.centre, -weight, &rows[0]);
            let weigh = |row: &Vec<f64>| row.iter().map(|a| weight * a).collect();
            sum.hulls.push(rows.iter().map(weigh).collect());
            i = last + 1;
            continue;
        }
        match line.shape {
            _ if group.clone().any(|j| !model.deps_of(j).is_empty()) => return None,
            LineShape::Branch { .. } => return None,
            LineShape::Sides => {
                let half = 0.5 * line.weight * (line.right - line.left);
                bend(half);
                let middle = 0.5 * line.weight * (line.right + line.left);
                let row = model.full_row(i);
                add_scaled(&mut sum.centre, middle, &row);
                sum.generators.extend(row.iter().map(|a| half * a));
            }
            LineShape::Apex => {
                bend(line.weight);
                let rows = group.clone().map(|j| model.full_row(j));
                sum.balls
                    .push(rows.map(|row| row.iter().map(|a| line.weight * a).collect()).collect());
            }
        }
        i = group.end;
    }
    Some((sum, up, down))
}

impl Support for &Sum {
    fn least_along(&mut self, x: &[f64], point: &mut [f64]) {
        let Sum { centre, generators, hulls, balls } = *self;
        point.copy_from_slice(centre);
        for g in generators.chunks_exact(x.len().max(1)) {
            let along: f64 = dot(g, x);
            add_scaled(point, if along > 0.0 { -1.0 } else { 1.0 }, g);
        }
        for hull in hulls {
            let rows: Vec<&[f64]> = hull.iter().map(Vec::as_slice).collect();
            let mut least = vec![0.0; x.len()];
            Hull(&rows).least_along(x, &mut least);
            add_scaled(point, 1.0, &least);
        }
        for ball in balls {
            let along: Vec<f64> = ball.iter().map(|row| dot(row, x)).collect();
            let length = norm(&along);
            if length > 0.0 {
                ball.iter().zip(&along).for_each(|(r, a)| add_scaled(point, -a / length, r));
            }
        }
    }
}
