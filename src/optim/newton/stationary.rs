//! Where Newton's method ends: [`Stationary`].

use super::point::Point;
use super::units::Model;
use super::{NewtonError, Stopped};

/// Where Newton's method ended: plain data, from [`Newton::minimize`](super::Newton::minimize).
///
/// ```
/// use wengert::optim::newton::Newton;
/// let mut x = [3.0];
/// let end = Newton::new()
///     .minimize(&mut x, |p: &[f64]| (p[0].cosh(), vec![p[0].sinh()], vec![p[0].cosh()]))?;
/// assert!(end.is_minimum() && end.ending().is_converged());
/// assert!((end.value() - 1.0).abs() < 1e-15 && x[0].abs() < 1e-12);
/// # Ok::<(), wengert::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stationary {
    pub(super) point: Point,
    pub(super) model: Model,
    pub(super) is_steady: bool,
    pub(super) stopped: Stopped,
    pub(super) evaluations: usize,
    pub(super) steps: usize,
}

impl Stationary {
    /// The parameters of least loss.
    ///
    /// ```
    /// # use wengert::optim::newton::Newton;
    /// # let of = |p: &[f64]| (p[0] * p[0] + 5.0, vec![2.0 * p[0]], vec![2.0]);
    /// # let end = Newton::new().minimize(&mut [4.0], of)?;
    /// assert_eq!(end.parameters(), [0.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn parameters(&self) -> &[f64] {
        &self.point.x
    }

    /// The loss there.
    ///
    /// ```
    /// # use wengert::optim::newton::Newton;
    /// # let of = |p: &[f64]| (p[0] * p[0] + 5.0, vec![2.0 * p[0]], vec![2.0]);
    /// # let end = Newton::new().minimize(&mut [4.0], of)?;
    /// assert_eq!(end.value(), 5.0);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn value(&self) -> f64 {
        self.point.value
    }

    /// The gradient there.
    ///
    /// ```
    /// # use wengert::optim::newton::Newton;
    /// # let of = |p: &[f64]| (p[0] * p[0] + 5.0, vec![2.0 * p[0]], vec![2.0]);
    /// # let end = Newton::new().minimize(&mut [4.0], of)?;
    /// assert_eq!(end.gradient(), [0.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn gradient(&self) -> &[f64] {
        &self.point.gradient
    }

    /// Whether it has converged to where the loss curves upwards in all directions, beyond rounding and steadily:
    /// a strict local minimum. The Hessian must change little over what is left of the way, at the rate at which
    /// it changed over the last step, as close to an inflection or to a minimum like that of `x⁴` it does not.
    ///
    /// ```
    /// # use wengert::optim::newton::Newton;
    /// # let of = |p: &[f64]| (p[0] * p[0] + 5.0, vec![2.0 * p[0]], vec![2.0]);
    /// # let end = Newton::new().minimize(&mut [4.0], of)?;
    /// assert!(end.is_minimum());
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn is_minimum(&self) -> bool {
        let [least, _, hidden] = self.model.quadratic.curvatures();
        self.stopped.is_converged() && least > hidden && self.is_steady
    }

    /// The least curvature over the greatest, with parameters in units in which all of them alone curve by about
    /// the same: below 0 at a saddle, 0 but for rounding where the loss does not change along some direction.
    ///
    /// ```
    /// use wengert::optim::newton::Newton;
    /// // Only x + y is seen.
    /// let end = Newton::new().minimize(&mut [1.0, 5.0], |p: &[f64]| {
    ///     let sum = p[0] + p[1];
    ///     (sum * sum / 2.0, vec![sum, sum], vec![1.0; 4])
    /// })?;
    /// assert!(end.curvature().abs() < 1e-15 && !end.is_minimum());
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn curvature(&self) -> f64 {
        let [least, greatest, _] = self.model.quadratic.curvatures();
        least / greatest.abs().max(least.abs())
    }

    /// The inverse of the Hessian, its rows: the covariance of the parameters to first order, where the loss is
    /// the negative logarithm of a likelihood.
    ///
    /// # Errors
    /// If the Hessian is not positive definite beyond rounding.
    ///
    /// ```
    /// use wengert::optim::newton::Newton;
    /// let end = Newton::new().minimize(&mut [1.0, 1.0], |p: &[f64]| {
    ///     (p[0] * p[0] + 2.0 * p[1] * p[1], vec![2.0 * p[0], 4.0 * p[1]], vec![2.0, 0.0, 0.0, 4.0])
    /// })?;
    /// let inverse = end.inverse_hessian()?;
    /// approx::assert_relative_eq!(inverse[0][0], 0.5, max_relative = 1e-14);
    /// approx::assert_relative_eq!(inverse[1][1], 0.25, max_relative = 1e-14);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn inverse_hessian(&self) -> Result<Vec<Vec<f64>>, NewtonError> {
        let inverse = self.model.quadratic.inverse().ok_or(NewtonError::NotPositive)?;
        let Model { scale, unit, .. } = &self.model;
        let n = scale.len();
        let entry = |i: usize, j: usize| inverse[(i, j)] / scale[i] / scale[j] / unit;
        Ok((0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect())
    }

    /// Why it ended.
    ///
    /// ```
    /// # use wengert::optim::newton::Newton;
    /// # let of = |p: &[f64]| (p[0] * p[0] + 5.0, vec![2.0 * p[0]], vec![2.0]);
    /// # let end = Newton::new().minimize(&mut [4.0], of)?;
    /// assert!(end.ending().is_converged());
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn ending(&self) -> Stopped {
        self.stopped
    }

    /// How often the loss was evaluated, with its derivatives.
    ///
    /// ```
    /// # use wengert::optim::newton::Newton;
    /// # let of = |p: &[f64]| (p[0] * p[0] + 5.0, vec![2.0 * p[0]], vec![2.0]);
    /// # let end = Newton::new().minimize(&mut [4.0], of)?;
    /// assert!(end.evaluation_count() < 6);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn evaluation_count(&self) -> usize {
        self.evaluations
    }

    /// How many steps were taken.
    ///
    /// ```
    /// # use wengert::optim::newton::Newton;
    /// # let of = |p: &[f64]| (p[0] * p[0] + 5.0, vec![2.0 * p[0]], vec![2.0]);
    /// # let end = Newton::new().minimize(&mut [4.0], of)?;
    /// assert!(end.step_count() < end.evaluation_count());
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn step_count(&self) -> usize {
        self.steps
    }
}
