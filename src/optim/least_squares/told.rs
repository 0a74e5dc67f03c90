//! What residuals tell of parameters: [`Told`], the inverse of `JᵀJ` or why there is none.

use super::factor::{power_of_two, reduced};
use super::model::Point;
use nalgebra::{DMatrix, DVector};

/// What the residuals near a point tell of some of the parameters.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// `(JᵀJ)⁻¹` of all parameters, each times its scale, 0 for those that are held; where it exists.
    pub(super) inverse: Option<Vec<Vec<f64>>>,
    /// Powers of two near the norms of the columns of `J`; 1 for those that are held.
    pub(super) scales: Vec<f64>,
    /// Combinations of parameters along which no residual changes: the moves of those that are in it.
    pub(super) indistinct: Vec<Vec<(usize, f64)>>,
}

impl Told {
    /// Of the parameters `free`; the others are held.
    pub(super) fn of(point: &Point, free: &[usize]) -> Self {
        let (rows, n) = (point.residuals.len(), point.x.len());
        let mut matrix = DMatrix::from_fn(rows, free.len(), |i, j| point.jacobian[i * n + free[j]]);
        let mut of_free = Vec::new();
        for mut column in matrix.column_iter_mut() {
            let greatest = power_of_two(column.amax());
            let norm = if greatest > 0.0 { (&column / greatest).norm() * greatest } else { 0.0 };
            let scale = Some(power_of_two(norm)).filter(|&scale| scale > 0.0).unwrap_or(1.0);
            column /= scale;
            of_free.push(scale);
        }
        let mut scales = vec![1.0; n];
        free.iter().zip(&of_free).for_each(|(&j, &scale)| scales[j] = scale);
        let all: Vec<usize> = (0..free.len()).collect();
        let reduced = reduced(matrix, DVector::zeros(rows));
        let (values, directions) = reduced.factors(&all, &DVector::zeros(free.len())).told();
        let moves = unseen(&directions);
        let indistinct = moves.iter().map(|way| listed(way, free, &of_free)).collect();
        if !moves.is_empty() {
            return Told { inverse: None, scales, indistinct };
        }
        let mut inverse = vec![vec![0.0; n]; n];
        let parts =
            DMatrix::from_fn(free.len(), values.len(), |i, k| directions[(i, k)] / values[k]);
        for (i, &at) in free.iter().enumerate() {
            for (j, &by) in free.iter().enumerate() {
                inverse[at][by] = parts.row(i).dot(&parts.row(j));
            }
        }
        Told { inverse: Some(inverse), scales, indistinct }
    }
}

/// Ways that are orthogonal to all these columns, as many as there are, each with a number of its own that is
/// 1 there and 0 in the others.
fn unseen(directions: &DMatrix<f64>) -> Vec<DVector<f64>> {
    let n = directions.nrows();
    let mut left = DMatrix::identity(n, n) - directions * directions.transpose();
    let mut ways: Vec<DVector<f64>> = Vec::new();
    for _ in directions.ncols()..n {
        let lengths = left.column_iter().map(|column| column.norm_squared());
        let Some((at, _)) = lengths.enumerate().max_by(|a, b| a.1.total_cmp(&b.1)) else { break };
        let way = left.column(at).normalize();
        left -= &way * (way.tr_mul(&left));
        ways.push(way);
    }
    for k in 0..ways.len() {
        let at = ways[k].iamax();
        let way = &ways[k] / ways[k][at];
        for other in ways.iter_mut() {
            let share = other[at];
            *other -= &way * share;
        }
        ways[k] = way;
    }
    ways
}

/// The moves of the parameters that are in it, in their units: the first by 1.
fn listed(way: &DVector<f64>, free: &[usize], scales: &[f64]) -> Vec<(usize, f64)> {
    let greatest = way.amax();
    let parts = (0..way.len()).filter(|&i| way[i].abs() > 1e-6 * greatest);
    let moves: Vec<(usize, f64)> = parts.map(|i| (free[i], way[i] / scales[i])).collect();
    let first = moves.first().map_or(1.0, |&(_, by)| by);
    moves.into_iter().map(|(at, by)| (at, by / first)).collect()
}
