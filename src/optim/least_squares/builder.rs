//! The options of [`LeastSquares`]: [`LeastSquaresBuilder`].

use super::{LeastSquares, Robust};
use crate::optim::error::check_option;
use crate::optim::{Bounds, OptimError};

/// The options of [`LeastSquares`], checked together by [`LeastSquaresBuilder::build`].
///
/// ```
/// use wengert::optim::least_squares::LeastSquares;
/// let quick = LeastSquares::builder().ftol(1e-8).evaluations(50).build()?;
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "`build` makes the optimizer"]
pub struct LeastSquaresBuilder {
    pub(super) ftol: f64,
    pub(super) xtol: f64,
    pub(super) gtol: f64,
    pub(super) reach: f64,
    pub(super) evaluations: usize,
    pub(super) robust: Option<Robust>,
    pub(super) bounds: Option<Bounds>,
}

impl LeastSquaresBuilder {
    pub(super) fn new() -> Self {
        LeastSquaresBuilder {
            ftol: 1e-22,
            xtol: 1e-14,
            gtol: 1e-15,
            reach: 1.0,
            evaluations: 5000,
            robust: None,
            bounds: None,
        }
    }

    /// It ends where no step could gain more than this share of the cost, before the last step and after it.
    /// `1e-22` unless said otherwise: with `n` degrees of freedom, a step of `1e-11 √n` standard errors. What a
    /// step gains is far below the rounding of the cost then; the model knows it.
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// assert!(LeastSquares::builder().ftol(-1.0).build().is_err());
    /// ```
    pub fn ftol(mut self, ftol: f64) -> Self {
        self.ftol = ftol;
        self
    }

    /// It ends where the step of Gauss and Newton changes each parameter by no more than this share of itself,
    /// before the last step and after it. `1e-14` unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// assert!(LeastSquares::builder().xtol(f64::NAN).build().is_err());
    /// ```
    pub fn xtol(mut self, xtol: f64) -> Self {
        self.xtol = xtol;
        self
    }

    /// It ends where the cosine of the angle between the residuals and each column of the Jacobian is no
    /// more than this; columns of parameters that a bound holds do not count. `1e-15` unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// assert!(LeastSquares::builder().gtol(0.0).build().is_ok());
    /// ```
    pub fn gtol(mut self, gtol: f64) -> Self {
        self.gtol = gtol;
        self
    }

    /// The first trust region, as a multiple of the start's size: `‖D p‖ ≤ reach ‖D x‖`. 1 unless said
    /// otherwise: a first step changes the parameters by no more than they are. Without limit where the start
    /// is 0. A far start may lead elsewhere with another.
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// assert!(LeastSquares::builder().reach(0.0).build().is_err());
    /// ```
    pub fn reach(mut self, reach: f64) -> Self {
        self.reach = reach;
        self
    }

    /// How often the residuals are evaluated at most; 5000 times unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// assert!(LeastSquares::builder().evaluations(0).build().is_err());
    /// ```
    pub fn evaluations(mut self, evaluations: usize) -> Self {
        self.evaluations = evaluations;
        self
    }

    /// A loss that outliers pull less than squares, of each residual.
    ///
    /// ```
    /// use wengert::optim::least_squares::{LeastSquares, Robust};
    /// assert!(LeastSquares::builder().robust(Robust::Cauchy(0.5)).build().is_ok());
    /// assert!(LeastSquares::builder().robust(Robust::Cauchy(0.0)).build().is_err());
    /// ```
    pub fn robust(mut self, loss: Robust) -> Self {
        self.robust = Some(loss);
        self
    }

    /// Keeps the parameters in a box. Outside it the residuals are never asked for.
    ///
    /// ```
    /// use wengert::optim::{Bounds, least_squares::LeastSquares};
    /// let bounded = LeastSquares::builder().within(Bounds::new(&[0.0], &[2.0])?).build()?;
    /// let mut x = [1.0];
    /// let fit = bounded.fit(&mut x, |p: &[f64]| (vec![p[0] - 3.0, p[0] - 5.0], vec![1.0, 1.0]))?;
    /// assert_eq!(x, [2.0]);
    /// assert!(fit.held()[0].is_upper());
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn within(mut self, bounds: Bounds) -> Self {
        self.bounds = Some(bounds);
        self
    }

    /// The optimizer.
    ///
    /// # Errors
    /// If an option is out of its range.
    ///
    /// ```
    /// let fitter = wengert::optim::least_squares::LeastSquares::builder().build()?;
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn build(self) -> Result<LeastSquares, OptimError> {
        for (option, value) in [("ftol", self.ftol), ("xtol", self.xtol), ("gtol", self.gtol)] {
            check_option(option, value, "finite and not negative", |t| t >= 0.0)?;
        }
        check_option("reach", self.reach, "finite and above 0", |r| r > 0.0)?;
        check_option("evaluations", self.evaluations as f64, "at least 1", |n| n >= 1.0)?;
        self.robust.map_or(Ok(()), Robust::check)?;
        Ok(LeastSquares { options: self })
    }
}
