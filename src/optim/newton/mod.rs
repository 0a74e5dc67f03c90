//! Newton's method in a trust region: [`Newton`] minimises smooth losses by their gradient and Hessian.

mod iterate;
mod point;
mod problem;
mod stationary;
mod step;
mod units;

pub use problem::{NewtonError, NewtonProblem, ProgramHessian};
pub use stationary::Stationary;

use super::error::check_option;
use super::{OptimError, Stopped};

/// Minimises a smooth loss by its gradient `g` and its Hessian `H`.
///
/// ```text
/// loop:
///     p = the step of least gᵀp + ½ pᵀHp with ‖D p‖ ≤ Δ
///     adapt Δ to how well the model foresaw the loss at x + p
///     if the loss is lower there: x = x + p
/// ```
///
/// The model may bend downwards: the step goes along, so that saddles and maxima are left, those too where
/// the slope is 0. `D` are the roots of the greatest curvatures met along the axes, rounded to powers of two:
/// with a parameter or the loss multiplied by a power of two the same bits come out, as long as each
/// parameter is seen to be curved at the start. Near the end, where the loss's rounding hides whether a step
/// is better, what the model leaves to gain tells. It ends with a reason, [`Stationary::ending`], at the best point
/// met; a step that leads to where the loss is refused, infinite or NaN is shortened. It has converged only where
/// the point's own model has a minimum, and hardly anything is left to it; where steps fail that should gain, as
/// by wrong slopes, it says [`Stalled`](super::Stopped::Stalled).
///
/// Of `n` parameters a step costs some `10 n³`: for hundreds of parameters. There are no bounds.
///
/// ```
/// use wengert::optim::newton::Newton;
/// // x⁴/4 - x²/2 + y²/2 from near its saddle at 0.
/// let mut x = [0.0, 1.0];
/// let end = Newton::new().minimize(&mut x, |p: &[f64]| {
///     let [x, y] = [p[0], p[1]];
///     let value = x.powi(4) / 4.0 - x * x / 2.0 + y * y / 2.0;
///     (value, vec![x.powi(3) - x, y], vec![3.0 * x * x - 1.0, 0.0, 0.0, 1.0])
/// })?;
/// assert!(end.is_minimum());
/// approx::assert_relative_eq!(x[0].abs(), 1.0, max_relative = 1e-12);
/// # Ok::<(), wengert::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Newton {
    options: NewtonBuilder,
}

/// The options of [`Newton`], checked together by [`NewtonBuilder::build`].
///
/// ```
/// use wengert::optim::newton::Newton;
/// let newton = Newton::builder().reach(0.1).evaluations(100).build()?;
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "`build` makes the optimizer"]
pub struct NewtonBuilder {
    ftol: f64,
    xtol: f64,
    reach: f64,
    evaluations: usize,
}

impl Newton {
    /// With the options of [`NewtonBuilder`] as they are unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::newton::Newton;
    /// let mut x = [7.0];
    /// Newton::new().minimize(&mut x, |p: &[f64]| (p[0] * p[0], vec![2.0 * p[0]], vec![2.0]))?;
    /// assert_eq!(x, [0.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn new() -> Self {
        let options = NewtonBuilder { ftol: 1e-22, xtol: 1e-14, reach: 1.0, evaluations: 1000 };
        Newton { options }
    }

    /// Its options, to be changed.
    ///
    /// ```
    /// assert!(wengert::optim::newton::Newton::builder().build().is_ok());
    /// ```
    pub fn builder() -> NewtonBuilder {
        Newton::new().options
    }

    /// Minimises a loss from `x`, which becomes the best point found: a closure from parameters to value,
    /// gradient and Hessian, [`ProgramHessian`], or a [`NewtonProblem`] of your own.
    ///
    /// # Errors
    /// If at the start a parameter, the loss or one of its derivatives is infinite or NaN, or the loss is
    /// refused; or a length is wrong. `x` is unchanged then.
    ///
    /// ```
    /// use wengert::optim::newton::{Newton, NewtonError};
    /// let mut x = [1.0, 2.0];
    /// let refused = Newton::new().minimize(&mut x, |_: &[f64]| (0.0, vec![1.0], vec![1.0]));
    /// assert!(matches!(refused, Err(NewtonError::GradientLength { expected: 2, found: 1 })));
    /// ```
    pub fn minimize(
        &self,
        x: &mut [f64],
        problem: impl NewtonProblem,
    ) -> Result<Stationary, NewtonError> {
        let end = iterate::run(&self.options, x, problem)?;
        x.copy_from_slice(end.parameters());
        Ok(end)
    }
}

impl Default for Newton {
    fn default() -> Self {
        Self::new()
    }
}

impl NewtonBuilder {
    /// It ends where no step could gain more than this share of the loss, before the last step and after it.
    /// `1e-22` unless said otherwise.
    ///
    /// ```
    /// assert!(wengert::optim::newton::Newton::builder().ftol(-1.0).build().is_err());
    /// ```
    pub fn ftol(mut self, ftol: f64) -> Self {
        self.ftol = ftol;
        self
    }

    /// It ends where Newton's step changes each parameter by no more than this share of itself, before the last
    /// step and after it. `1e-14` unless said otherwise.
    ///
    /// ```
    /// assert!(wengert::optim::newton::Newton::builder().xtol(-1.0).build().is_err());
    /// ```
    pub fn xtol(mut self, xtol: f64) -> Self {
        self.xtol = xtol;
        self
    }

    /// The first trust region, as a multiple of the start's size. 1 unless said otherwise. Where the start is
    /// 0, the slope by the greatest curvature is its size.
    ///
    /// ```
    /// assert!(wengert::optim::newton::Newton::builder().reach(0.0).build().is_err());
    /// ```
    pub fn reach(mut self, reach: f64) -> Self {
        self.reach = reach;
        self
    }

    /// How often the loss is evaluated at most; 1000 times unless said otherwise.
    ///
    /// ```
    /// assert!(wengert::optim::newton::Newton::builder().evaluations(0).build().is_err());
    /// ```
    pub fn evaluations(mut self, evaluations: usize) -> Self {
        self.evaluations = evaluations;
        self
    }

    /// The optimizer.
    ///
    /// # Errors
    /// If an option is out of its range.
    ///
    /// ```
    /// let newton = wengert::optim::newton::Newton::builder().ftol(0.0).build()?;
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn build(self) -> Result<Newton, OptimError> {
        check_option("ftol", self.ftol, "finite and not negative", |t| t >= 0.0)?;
        check_option("xtol", self.xtol, "finite and not negative", |t| t >= 0.0)?;
        check_option("reach", self.reach, "finite and above 0", |r| r > 0.0)?;
        check_option("evaluations", self.evaluations as f64, "at least 1", |n| n >= 1.0)?;
        Ok(Newton { options: self })
    }
}
