//! A problem at a point, and its linear model there, in units in which nothing depends on the user's.

use super::factor::{Reduced, power_of_two, reduced};
use super::step::{Limits, bounded};
use super::{LeastSquaresError, LeastSquaresProblem, Robust};
use crate::optim::Bounds;
use crate::optim::clip::norm;
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

    /// `Ok` if no residual is beyond a robust loss's reach, where the squares of residuals over its scale are
    /// infinite.
    pub(super) fn check_reach(&self, robust: Option<Robust>) -> Result<(), LeastSquaresError> {
        let Some(robust) = robust else { return Ok(()) };
        let scale = robust.scale();
        match self.residuals.iter().position(|r| !(r / scale).powi(2).is_finite()) {
            None => Ok(()),
            Some(residual) => {
                let value = self.residuals[residual];
                Err(LeastSquaresError::RobustScale { residual, value, scale })
            }
        }
    }

    /// The greatest residual, rounded down to a power of two.
    fn greatest(&self) -> f64 {
        power_of_two(self.residuals.iter().fold(0.0_f64, |most, r| most.max(r.abs())))
    }

    /// Takes the cost: half the squares, or what a robust loss makes of them.
    pub(super) fn weigh(&mut self, units: &Units) {
        // What a robust loss makes of a square is a share of it, so that no square of the scale is taken.
        let share = |r: f64| {
            let Some(robust) = units.robust else { return 1.0 };
            let s = (r / robust.scale()).powi(2);
            if s > 0.0 { robust.rho(s).value / s } else { 1.0 }
        };
        let of = |&r: &f64| (r / units.residual).powi(2) * share(r);
        let cost: f64 = self.residuals.iter().map(of).sum();
        self.cost = 0.5 * cost;
    }
}

/// The units that residuals and parameters are measured in, powers of two all.
#[derive(Clone, Debug)]
pub(super) struct Units {
    pub(super) residual: f64,
    pub(super) robust: Option<Robust>,
    /// Moré's scaling, for each parameter: the greatest scale of a model so far.
    pub(super) scale: Vec<f64>,
}

impl Units {
    /// Those of the start.
    pub(super) fn of(point: &Point, robust: Option<Robust>) -> Self {
        let residual = Some(point.greatest()).filter(|&unit| unit > 0.0).unwrap_or(1.0);
        Units { residual, robust, scale: vec![0.0; point.x.len()] }
    }

    /// Raises the scales to those of a model.
    pub(super) fn raise(&mut self, model: &Model) {
        self.scale.iter_mut().zip(&model.scale).for_each(|(scale, of)| *scale = scale.max(*of));
    }

    /// Takes the unit of residuals that have become so small that their squares would vanish, and tells how
    /// many of it the former one is.
    pub(super) fn lower(&mut self, point: &Point) -> Option<f64> {
        let unit = Some(point.greatest()).filter(|&unit| unit > 0.0)?;
        let times = self.residual / unit;
        (times > 2.0_f64.powi(100)).then(|| {
            self.residual = unit;
            self.scale.iter_mut().for_each(|scale| *scale *= times);
            times
        })
    }

    /// The norm of parameters in the trust region's measure.
    pub(super) fn size(&self, x: &[f64]) -> f64 {
        norm(x.iter().zip(&self.scale).map(|(x, scale)| x * scale))
    }
}

/// The linear model of a problem at a point: of the parameters that may move.
#[derive(Clone, Debug)]
pub(super) struct Model {
    /// Which parameters move.
    pub(super) free: Vec<usize>,
    /// Of each parameter, the norm of its column of the Jacobian, rounded down to a power of two; 0 where all
    /// residuals have the slope 0.
    pub(super) scale: Vec<f64>,
    /// How far each free one may go, times its scale.
    pub(super) limits: Option<Limits>,
    /// The problem in steps of the free ones, each times its scale.
    pub(super) reduced: Reduced,
    /// The gradient of the cost by all parameters, each in units of its scale.
    pub(super) gradient: Vec<f64>,
    /// The greatest cosine between the residuals and a column of a parameter that moves.
    pub(super) cosine: f64,
    /// The step of Gauss and Newton within the limits.
    pub(super) whole: DVector<f64>,
    /// What it should gain: 0 at a minimum.
    pub(super) left: f64,
}

impl Model {
    pub(super) fn at(point: &Point, units: &Units, bounds: Option<&Bounds>) -> Self {
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
        let (mut gradient, mut scale, mut free) = (Vec::new(), Vec::new(), Vec::new());
        let mut cosine = 0.0_f64;
        for (j, mut column) in matrix.column_iter_mut().enumerate() {
            // Of a norm that is a power of two from 1, squares neither overflow nor vanish.
            let greatest = power_of_two(column.amax());
            if greatest > 0.0 {
                column /= greatest;
            }
            let norm = column.norm();
            let rest = Some(power_of_two(norm)).filter(|&rest| rest > 0.0).unwrap_or(1.0);
            column /= rest;
            scale.push(greatest * rest);
            let slope = column.dot(&residuals);
            gradient.push(slope);
            // At a bound that the way down leads against, or between equal ones.
            let held = bounds.is_some_and(|bounds| {
                bounds.lower()[j] == bounds.upper()[j] || bounds.blocks(j, point.x[j], -slope)
            });
            if !held && norm > 0.0 {
                free.push(j);
                cosine = cosine.max(slope.abs() / (norm / rest) / length);
            }
        }
        let reduced = reduced(matrix.select_columns(&free), residuals);
        let limits = bounds.map(|bounds| Limits::of(bounds, &point.x, &free, &scale));
        let whole = bounded(&reduced, limits.as_ref(), f64::INFINITY);
        let left = reduced.gain(&whole);
        let cosine = if length > 0.0 { cosine } else { 0.0 };
        Model { free, scale, limits, reduced, gradient, cosine, whole, left }
    }

    /// The step within the trust region.
    pub(super) fn step(&self, units: &Units, radius: f64) -> DVector<f64> {
        let shares = self.shares(units);
        let limits = self.limits.as_ref().map(|limits| limits.over(&shares));
        bounded(&self.reduced.in_shares(&shares), limits.as_ref(), radius).component_mul(&shares)
    }

    /// The length of a step in the trust region's measure.
    pub(super) fn length(&self, step: &DVector<f64>, units: &Units) -> f64 {
        norm(step.iter().zip(&self.shares(units)).map(|(step, share)| step / share))
    }

    /// The scales over those of the trust region.
    fn shares(&self, units: &Units) -> DVector<f64> {
        let share = |&j: &usize| self.scale[j] / units.scale[j];
        DVector::from_iterator(self.free.len(), self.free.iter().map(share))
    }

    /// The parameters after a step; at their bounds to the bit where it goes so far.
    pub(super) fn moved(
        &self,
        x: &[f64],
        step: &DVector<f64>,
        bounds: Option<&Bounds>,
    ) -> Vec<f64> {
        let mut next = x.to_vec();
        for (i, &j) in self.free.iter().enumerate() {
            next[j] += step[i] / self.scale[j];
            if let Some((limits, bounds)) = self.limits.as_ref().zip(bounds) {
                next[j] = if step[i] <= -limits.down[i] {
                    bounds.lower()[j]
                } else if step[i] >= limits.up[i] {
                    bounds.upper()[j]
                } else {
                    bounds.nearest(j, next[j])
                };
            }
        }
        next
    }

    /// Whether the whole step changes each parameter by no more than a share of itself.
    pub(super) fn is_short(&self, x: &[f64], share: f64) -> bool {
        let mut moves = self.free.iter().zip(&self.whole);
        moves.all(|(&j, step)| (step / self.scale[j]).abs() <= share * x[j].abs())
    }

    /// Whether the whole step changes each residual by no more than a change of the parameters in their last
    /// places might.
    pub(super) fn is_hidden(&self, point: &Point) -> bool {
        let rows = point.jacobian.chunks(point.x.len()).zip(&point.residuals);
        let mut moves = vec![0.0; point.x.len()];
        self.free.iter().zip(&self.whole).for_each(|(&j, step)| moves[j] = step / self.scale[j]);
        rows.into_iter().all(|(row, r)| {
            let change: f64 = row.iter().zip(&moves).map(|(slope, p)| slope * p).sum();
            let size: f64 = row.iter().zip(&point.x).map(|(slope, x)| (slope * x).abs()).sum();
            change.abs() <= 4.0 * f64::EPSILON * (size + r.abs()) && size.is_finite()
        })
    }
}
