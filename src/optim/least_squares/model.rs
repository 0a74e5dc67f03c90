//! A problem at a point, and its linear model there, in units in which nothing depends on the user's.

use super::factor::{Reduced, power_of_two, reduced};
use super::{LeastSquaresError, LeastSquaresProblem, Robust};
use crate::optim::Bounds;
use nalgebra::{DMatrix, DVector};

/// A point with what the problem has there.
#[derive(Clone, Debug, Default)]
pub(super) struct Point {
    pub(super) x: Vec<f64>,
    pub(super) residuals: Vec<f64>,
    pub(super) jacobian: Vec<f64>,
    /// In squares of the unit of residuals.
    pub(super) cost: f64,
}

impl Point {
    /// The problem at a point, with checked lengths.
    pub(super) fn evaluate(
        x: Vec<f64>,
        problem: &mut impl LeastSquaresProblem,
        expected: Option<usize>,
    ) -> Result<Self, LeastSquaresError> {
        let mut point = Point { x, ..Point::default() };
        problem.evaluate(&point.x, &mut point.residuals, &mut point.jacobian)?;
        let found = point.residuals.len();
        if let Some(expected) = expected.filter(|&expected| expected != found) {
            return Err(LeastSquaresError::ResidualCount { expected, found });
        }
        let (expected, found) = (found * point.x.len(), point.jacobian.len());
        if expected != found {
            return Err(LeastSquaresError::JacobianLength { expected, found });
        }
        Ok(point)
    }

    /// `Ok` if all its numbers are finite; the first that is not, else.
    pub(super) fn check_finite(&self) -> Result<(), LeastSquaresError> {
        if let Some(residual) = self.residuals.iter().position(|r| !r.is_finite()) {
            let value = self.residuals[residual];
            return Err(LeastSquaresError::NonFiniteResidual { residual, value });
        }
        match self.jacobian.iter().position(|slope| !slope.is_finite()) {
            None => Ok(()),
            Some(at) => {
                let (residual, place) = (at / self.x.len(), (at % self.x.len()).into());
                let value = self.jacobian[at];
                Err(LeastSquaresError::NonFiniteSlope { residual, place, value })
            }
        }
    }

    /// Takes the cost: half the squares, or what a robust loss makes of them.
    pub(super) fn weigh(&mut self, units: &Units) {
        let squares = self.residuals.iter().map(|r| (r / units.residual).powi(2));
        let cost: f64 = match units.robust {
            None => squares.sum(),
            Some(robust) => {
                let scale = (robust.scale() / units.residual).powi(2);
                scale * squares.map(|square| robust.rho(square / scale).value).sum::<f64>()
            }
        };
        self.cost = 0.5 * cost;
    }
}

/// The units that residuals and parameters are measured in, powers of two all.
#[derive(Clone, Debug)]
pub(super) struct Units {
    pub(super) residual: f64,
    pub(super) robust: Option<Robust>,
    /// Moré's scaling, for each parameter: the greatest norm so far of its column of the Jacobian, rounded
    /// down to a power of two; 0 as long as all residuals have the slope 0.
    pub(super) scale: Vec<f64>,
}

impl Units {
    /// Those of the start.
    pub(super) fn of(point: &Point, robust: Option<Robust>) -> Self {
        let greatest = point.residuals.iter().fold(0.0_f64, |most, r| most.max(r.abs()));
        let residual = Some(power_of_two(greatest)).filter(|&unit| unit > 0.0).unwrap_or(1.0);
        Units { residual, robust, scale: vec![0.0; point.x.len()] }
    }

    /// The norm of parameters, or of a step, in the trust region's measure.
    pub(super) fn size(&self, x: &[f64]) -> f64 {
        x.iter().zip(&self.scale).map(|(x, scale)| (x * scale).powi(2)).sum::<f64>().sqrt()
    }
}

/// The linear model of a problem at a point: of the parameters that may move.
#[derive(Clone, Debug)]
pub(super) struct Model {
    /// Which parameters move.
    pub(super) free: Vec<usize>,
    /// The problem in their steps, each times its scale.
    pub(super) reduced: Reduced,
    /// The gradient of the cost by all parameters, each in units of its scale.
    pub(super) gradient: Vec<f64>,
    /// The greatest cosine between the residuals and a column of a parameter that moves.
    pub(super) cosine: f64,
}

impl Model {
    /// The model at a point. Columns that have grown raise the scales.
    pub(super) fn at(point: &Point, units: &mut Units, bounds: Option<&Bounds>) -> Self {
        let (rows, columns) = (point.residuals.len(), point.x.len());
        let mut residuals = DVector::zeros(rows);
        let mut matrix = DMatrix::zeros(rows, columns);
        for (i, &r) in point.residuals.iter().enumerate() {
            let (of_residual, of_slopes) = units
                .robust
                .map_or((1.0, 1.0), |robust| robust.correction((r / robust.scale()).powi(2)));
            residuals[i] = r / units.residual * of_residual;
            for (j, slope) in point.jacobian[i * columns..][..columns].iter().enumerate() {
                matrix[(i, j)] = slope / units.residual * of_slopes;
            }
        }
        let length = residuals.norm();
        let (mut gradient, mut free, mut cosine) = (Vec::new(), Vec::new(), 0.0_f64);
        for (j, mut column) in matrix.column_iter_mut().enumerate() {
            // Of a norm that is a power of two from 1, squares neither overflow nor vanish.
            let greatest = power_of_two(column.amax());
            let norm = if greatest > 0.0 { (&column / greatest).norm() * greatest } else { 0.0 };
            units.scale[j] = units.scale[j].max(power_of_two(norm));
            let scale = units.scale[j];
            if scale > 0.0 {
                column /= scale;
            }
            let slope = column.dot(&residuals);
            gradient.push(slope);
            // At a bound that the way down leads against, or between equal ones.
            let held = bounds.is_some_and(|bounds| {
                bounds.lower()[j] == bounds.upper()[j] || bounds.blocks(j, point.x[j], -slope)
            });
            if !held && norm > 0.0 {
                free.push(j);
                cosine = cosine.max(slope.abs() / (norm / scale) / length);
            }
        }
        let reduced = reduced(matrix.select_columns(&free), residuals);
        Model { free, reduced, gradient, cosine: if length > 0.0 { cosine } else { 0.0 } }
    }
}
