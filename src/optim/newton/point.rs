//! A loss at a point.

use super::{NewtonError, NewtonProblem};

/// A point with what the problem has there.
#[derive(Clone, Debug, Default)]
pub(super) struct Point {
    pub(super) x: Vec<f64>,
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    pub(super) hessian: Vec<f64>,
}

impl Point {
    pub(super) fn evaluate(
        x: Vec<f64>,
        problem: &mut impl NewtonProblem,
    ) -> Result<Self, NewtonError> {
        let mut point = Point { x, ..Point::default() };
        point.value = problem.evaluate(&point.x, &mut point.gradient, &mut point.hessian)?;
        let (expected, found) = (point.x.len(), point.gradient.len());
        if expected != found {
            return Err(NewtonError::GradientLength { expected, found });
        }
        let (expected, found) = (expected * expected, point.hessian.len());
        if expected != found {
            return Err(NewtonError::HessianLength { expected, found });
        }
        Ok(point)
    }

    /// The second derivatives by one parameter each.
    pub(super) fn curvatures(&self) -> impl Iterator<Item = f64> {
        let n = self.x.len();
        (0..n).map(move |i| self.hessian[i * n + i])
    }

    pub(super) fn check_finite(&self) -> Result<(), NewtonError> {
        if !self.value.is_finite() {
            return Err(NewtonError::NonFiniteValue { value: self.value });
        }
        if let Some(i) = self.gradient.iter().position(|g| !g.is_finite()) {
            let value = self.gradient[i];
            return Err(NewtonError::NonFiniteSlope { place: i.into(), value });
        }
        match self.hessian.iter().position(|h| !h.is_finite()) {
            None => Ok(()),
            Some(at) => {
                let (place, by) = ((at / self.x.len()).into(), (at % self.x.len()).into());
                Err(NewtonError::NonFiniteCurvature { place, by, value: self.hessian[at] })
            }
        }
    }
}
