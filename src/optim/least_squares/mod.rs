//! Least squares: [`LeastSquares`] fits parameters to residuals, and [`Fit`] tells how sure they are.
//!
//! ```
//! use wengert::optim::least_squares::{LeastSquares, ProgramResiduals};
//! use wengert::program::{Columns, Program};
//! use wengert::{Params, Scalar, objective};
//!
//! let rise = objective!(|[height, rate], [x, y]| height * (1.0 - (-rate * x).exp()) - y);
//! let x = [1.0, 2.0, 3.0, 5.0, 7.0, 10.0];
//! let y = [109.0, 149.0, 149.0, 191.0, 213.0, 224.0];
//! let data = Columns::new(&[&x, &y])?;
//! let program = Program::record(&rise, &[100.0, 0.75], &[1.0, 1.0])?;
//!
//! let mut params = Params::from_scalars([("height", 100.0), ("rate", 0.75)])?;
//! let fit = params.least_squares(&LeastSquares::new(), ProgramResiduals::new(&program, &data))?;
//! assert!(fit.ending().is_converged());
//! approx::assert_relative_eq!(params.scalar("height")?, 213.80940889, max_relative = 1e-10);
//! let errors = fit.standard_errors()?;
//! approx::assert_relative_eq!(errors[0].unwrap_or(0.0), 12.354515176, max_relative = 1e-8);
//! # Ok::<(), wengert::Error>(())
//! ```
//!
//! Matrices are made triangles by nalgebra 0.35: with its 15 packages it builds in 39 s of processor time, faer
//! 0.24 with its 49 in 190 s. A pivoted QR of 10,000 rows of 11 monomials takes 1.1 ms with the one and 0.5 ms
//! with the other, of 250 rows of 9 monomials 21 and 11 µs, and both give the coefficients to as many digits.

mod builder;
mod error;
pub(super) mod factor;
mod fit;
mod held;
mod iterate;
mod jacobi;
mod model;
mod problem;
mod robust;
mod squares;
mod step;
mod told;

pub use builder::LeastSquaresBuilder;
pub use error::LeastSquaresError;
pub use fit::Fit;
pub use held::Held;
pub use problem::{LeastSquaresProblem, ProgramResiduals};
pub use robust::Robust;

use crate::Params;

/// Minimises half the sum of the squares of residuals, by the method of Levenberg and Marquardt.
///
/// ```text
/// D = 0
/// loop:
///     r, J = the residuals and their Jacobian at x
///     D = max(D, the norms of J's columns)
///     if r is orthogonal to all columns, or before the last step too the step of least ‖r + J p‖ could gain
///         nothing that counts or was short: done
///     repeat:
///         p = the step of least ‖r + J p‖ with ‖D p‖ ≤ Δ
///         adapt Δ to how well the model foresaw the cost at x + p
///     until the cost is lower there
///     x = x + p
/// ```
///
/// The form, its scaling `D` and how `Δ` is adapted are J. J. Moré's, "The Levenberg-Marquardt algorithm:
/// implementation and theory", Lecture Notes in Mathematics 630, 1978. Near the end `Δ` no longer holds, and
/// the steps are those of Gauss and Newton. `JᵀJ` is never formed: `J` is reduced by a QR factorisation with
/// column pivoting, its triangle to singular values.
///
/// Where the cost can no longer tell whether a step is better, as what is left to gain is less than the cost's
/// rounding, the part of the residuals that the columns explain tells: so all digits come out that the
/// residuals have. It ends with a reason, [`Fit::ending`], and always at the best point met; of points whose
/// costs differ by rounding alone, at the one of flatter slope. It has converged where the point's own model says
/// so, in which no step of any length counts. Where steps fail that should gain, as by wrong slopes, it says
/// [`Stalled`](super::Stopped::Stalled). So it may at a minimum whose residuals have no slope by a parameter, but
/// bend: there the model of Gauss and Newton, which knows no second derivatives, does not hold.
///
/// A step that leads to where the problem is refused, infinite or NaN was too long, and is shortened.
/// Parameters and residuals are measured in units that are powers of two: in other units, by powers of two,
/// the same bits come out. With [`within`](LeastSquaresBuilder::within) it stays in a box.
///
/// For `n` residuals and `p` parameters a step costs some `n p²` and `p³`, and memory is for twice `n p`
/// numbers: for hundreds of parameters.
///
/// ```
/// use wengert::optim::least_squares::LeastSquares;
/// // H. H. Rosenbrock's valley as residuals: 10 (y - x²) and 1 - x.
/// let mut x = [-1.2, 1.0];
/// let fit = LeastSquares::new().fit(&mut x, |p: &[f64]| {
///     let residuals = vec![10.0 * (p[1] - p[0] * p[0]), 1.0 - p[0]];
///     (residuals, vec![-20.0 * p[0], 10.0, -1.0, 0.0])
/// })?;
/// assert_eq!(x, [1.0, 1.0]);
/// # Ok::<(), wengert::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LeastSquares {
    options: LeastSquaresBuilder,
}

impl LeastSquares {
    /// With the options of [`LeastSquaresBuilder`] as they are unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// let mut x = [7.0];
    /// LeastSquares::new().fit(&mut x, |p: &[f64]| (vec![p[0] - 1.0], vec![1.0]))?;
    /// assert_eq!(x, [1.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn new() -> Self {
        LeastSquares { options: LeastSquaresBuilder::new() }
    }

    /// Its options, to be changed.
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// assert!(LeastSquares::builder().reach(1.0).build().is_ok());
    /// ```
    pub fn builder() -> LeastSquaresBuilder {
        LeastSquaresBuilder::new()
    }

    /// Fits the parameters `x` of a problem: a closure from parameters to residuals and Jacobian,
    /// [`ProgramResiduals`], or a [`LeastSquaresProblem`] of your own.
    ///
    /// # Errors
    /// If at the start a parameter, residual or slope is infinite or NaN or the problem is refused, if a
    /// residual is some `1e154` times the scale of a robust loss, if the start lies outside the bounds, there are fewer residuals than parameters that may move, or a length is
    /// wrong. `x` is unchanged then.
    ///
    /// ```
    /// use wengert::optim::least_squares::{LeastSquares, LeastSquaresError};
    /// let mut x = [-1.0];
    /// let refused = LeastSquares::new().fit(&mut x, |p: &[f64]| (vec![p[0].ln()], vec![1.0 / p[0]]));
    /// assert!(matches!(refused, Err(LeastSquaresError::NonFiniteResidual { residual: 0, .. })));
    /// assert_eq!(x, [-1.0]);
    /// ```
    pub fn fit(
        &self,
        x: &mut [f64],
        problem: impl LeastSquaresProblem,
    ) -> Result<Fit, LeastSquaresError> {
        let arrived = iterate::run(&self.options, x, problem)?;
        x.copy_from_slice(&arrived.point.x);
        Ok(Fit::new(arrived, self.options.bounds.as_ref()))
    }
}

impl Default for LeastSquares {
    fn default() -> Self {
        Self::new()
    }
}

impl Params {
    /// [`LeastSquares::fit`] of these parameters; the fit and errors name those that they are about.
    ///
    /// # Errors
    /// As [`LeastSquares::fit`]. The parameters are unchanged then.
    ///
    /// ```
    /// use wengert::{Params, optim::least_squares::LeastSquares};
    /// let mut params = Params::from_scalars([("a", 1.0), ("b", 1.0)])?;
    /// let fit = params.least_squares(&LeastSquares::new(), |p: &[f64]| {
    ///     let product = p[0] * p[1];
    ///     ([6.0, 7.0, 8.0].map(|y| product - y).to_vec(), [p[1], p[0]].repeat(3))
    /// })?;
    /// let error = fit.covariance().unwrap_err().to_string();
    /// assert!(error.ends_with("nothing changes along 1 · index 0 (`a`) - 1 · index 1 (`b`)"), "{error}");
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn least_squares(
        &mut self,
        fitter: &LeastSquares,
        problem: impl LeastSquaresProblem,
    ) -> Result<Fit, LeastSquaresError> {
        match fitter.fit(self.values_mut(), problem) {
            Ok(fit) => Ok(fit.named(|index| self.name_of(index))),
            Err(mut error) => {
                for place in error.places_mut() {
                    place.name = self.name_of(place.index);
                }
                Err(error)
            }
        }
    }
}
