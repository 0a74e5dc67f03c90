//! What a [`Problem`](super::Problem) asks for: [`Evaluate`], [`EvaluateHessian`], [`EvaluateResiduals`].

use super::ProblemError;

/// A loss with its gradient. All methods take `&self`, since argmin does; for memory of its own a loss needs a cell
/// or a lock.
///
/// ```
/// use argmin::core::Gradient;
/// use wengert::optim::argmin::{Evaluate, Problem, ProblemError};
/// struct Square;
/// impl Evaluate for Square {
///     fn value(&self, x: &[f64]) -> Result<f64, ProblemError> {
///         Ok(x[0] * x[0])
///     }
///     fn gradient(&self, x: &[f64]) -> Result<Vec<f64>, ProblemError> {
///         Ok(vec![2.0 * x[0]])
///     }
/// }
/// assert_eq!(Problem::new(Square).gradient(&vec![3.0])?, [6.0]);
/// # Ok::<(), argmin::core::Error>(())
/// ```
pub trait Evaluate {
    /// The loss at these parameters.
    ///
    /// # Errors
    /// If it has none there.
    fn value(&self, parameters: &[f64]) -> Result<f64, ProblemError>;

    /// Its slope by each of them.
    ///
    /// # Errors
    /// If it has none there.
    fn gradient(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError>;
}

/// A loss with its second derivatives too.
///
/// ```
/// use wengert::optim::argmin::{EvaluateHessian, ExpressionLoss};
/// let loss = ExpressionLoss::new(wengert::objective!(|[x, y]| x * x * y));
/// assert_eq!(loss.hessian(&[2.0, 3.0])?, [6.0, 4.0, 4.0, 0.0]);
/// # Ok::<(), wengert::Error>(())
/// ```
pub trait EvaluateHessian: Evaluate {
    /// The second derivatives at these parameters, row by row.
    ///
    /// # Errors
    /// If there are none.
    fn hessian(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError>;
}

/// Residuals with their slopes. Their loss is half the sum of their squares.
///
/// ```
/// use wengert::optim::argmin::{Evaluate, EvaluateResiduals, ExpressionResiduals};
/// let line = ExpressionResiduals::new(wengert::residuals!(|[a, b]| [a + b - 1.0, a - b]));
/// assert_eq!(line.jacobian(&[3.0, 1.0])?, (vec![3.0, 2.0], vec![1.0, 1.0, 1.0, -1.0]));
/// assert_eq!((line.value(&[3.0, 1.0])?, line.gradient(&[3.0, 1.0])?), (6.5, vec![5.0, 1.0]));
/// # Ok::<(), wengert::Error>(())
/// ```
pub trait EvaluateResiduals: Evaluate {
    /// The residuals at these parameters.
    ///
    /// # Errors
    /// If there are none.
    fn residuals(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError>;

    /// The residuals, and their slopes by each parameter: those of the first, then those of the second, and so on.
    ///
    /// # Errors
    /// If there are none.
    fn jacobian(&self, parameters: &[f64]) -> Result<(Vec<f64>, Vec<f64>), ProblemError>;
}
