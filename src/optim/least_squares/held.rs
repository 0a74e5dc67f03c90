//! Parameters at their bounds: [`Held`].

use crate::optim::Place;

/// A bound that holds a parameter at the end of a fit.
///
/// ```
/// use wengert::optim::{Bounds, least_squares::LeastSquares};
/// let fitter = LeastSquares::builder().within(Bounds::new(&[0.0], &[2.0])?).build()?;
/// let fit = fitter.fit(&mut [1.0], |p: &[f64]| (vec![p[0] - 5.0], vec![1.0]))?;
/// let held = &fit.held()[0];
/// assert_eq!((held.place().index, held.is_upper(), held.multiplier()), (0, true, 3.0));
/// # Ok::<(), wengert::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub(super) place: Place,
    pub(super) is_upper: bool,
    pub(super) multiplier: f64,
}

impl Held {
    /// The parameter.
    ///
    /// ```
    /// # use wengert::optim::{Bounds, least_squares::LeastSquares};
    /// # let fitter = LeastSquares::builder().within(Bounds::new(&[0.0], &[2.0])?).build()?;
    /// # let fit = fitter.fit(&mut [1.0], |p: &[f64]| (vec![p[0] - 5.0], vec![1.0]))?;
    /// assert_eq!(fit.held()[0].place().to_string(), "index 0");
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether it is the upper bound.
    ///
    /// ```
    /// # use wengert::optim::{Bounds, least_squares::LeastSquares};
    /// # let fitter = LeastSquares::builder().within(Bounds::new(&[0.0], &[2.0])?).build()?;
    /// let fit = fitter.fit(&mut [1.0], |p: &[f64]| (vec![p[0] + 5.0], vec![1.0]))?;
    /// assert!(!fit.held()[0].is_upper());
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn is_upper(&self) -> bool {
        self.is_upper
    }

    /// How fast the cost would fall, were the bound moved outwards; below 0 only where equal bounds hold a
    /// parameter, which would rather go the other way, or before the fit has converged.
    ///
    /// ```
    /// # use wengert::optim::{Bounds, least_squares::LeastSquares};
    /// # let fitter = LeastSquares::builder().within(Bounds::new(&[0.0], &[2.0])?).build()?;
    /// let fit = fitter.fit(&mut [1.0], |p: &[f64]| (vec![2.0 * (p[0] - 5.0)], vec![2.0]))?;
    /// assert_eq!(fit.held()[0].multiplier(), 12.0);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn multiplier(&self) -> f64 {
        self.multiplier
    }
}
