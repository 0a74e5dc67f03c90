//! The options of [`KinkDescent`]: [`KinkDescentBuilder`].

use super::KinkDescent;
use crate::optim::error::check_option;
use crate::optim::{Bounds, OptimError};

/// The options of [`KinkDescent`], checked together by [`KinkDescentBuilder::build`].
///
/// ```
/// use wengert::optim::KinkDescent;
/// let descent = KinkDescent::builder().tolerance(1e-6).radius(1e-5).recordings(50).build();
/// assert!(descent.is_ok());
/// ```
#[derive(Clone, Debug)]
#[must_use = "`build` makes the optimizer"]
pub struct KinkDescentBuilder {
    pub(super) tolerance: f64,
    pub(super) radius: f64,
    pub(super) recordings: usize,
    pub(super) moves: usize,
    pub(super) bounds: Option<Bounds>,
}

impl KinkDescentBuilder {
    pub(super) fn new() -> Self {
        KinkDescentBuilder {
            tolerance: 1e-14,
            radius: 1e-8,
            recordings: 1000,
            moves: 10_000,
            bounds: None,
        }
    }

    /// A curved loss counts as stationary where the gain that is left is at most this share of its
    /// size. Its size is its value, or the sum of the magnitudes of its model's terms if that is
    /// greater, and what it rises by over the size of the parameters. The default is `1e-14`: the
    /// gain is proportional to the square of the gradient. The descent of a piecewise-linear loss
    /// ends where only rounding keeps the gradient from 0, whatever the tolerance.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let refused = KinkDescent::builder().tolerance(f64::NAN).build().unwrap_err();
    /// assert_eq!(refused.to_string(), "tolerance must be finite and not negative, not NaN");
    /// ```
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// At the end a kink counts as met if the way to it, in the parameters, is at most this share
    /// of the size of the parameters (or of 1, if they are smaller). `1e-8` unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// assert!(KinkDescent::builder().radius(0.0).build().is_ok());
    /// assert!(KinkDescent::builder().radius(-0.1).build().is_err());
    /// ```
    pub fn radius(mut self, radius: f64) -> Self {
        self.radius = radius;
        self
    }

    /// The most recordings of the loss; 1000 unless said otherwise. Some hundred further points
    /// test what is to be certified.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// assert!(KinkDescent::builder().recordings(0).build().is_err());
    /// ```
    pub fn recordings(mut self, recordings: usize) -> Self {
        self.recordings = recordings;
        self
    }

    /// The most steps from kink to kink in one recording; 10 000 unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// assert!(KinkDescent::builder().moves(0).build().is_err());
    /// ```
    pub fn moves(mut self, moves: usize) -> Self {
        self.moves = moves;
        self
    }

    /// Keeps the parameters in a box. The start is moved into it, the loss is never asked for outside,
    /// and a bound that holds a parameter counts as a kink there:
    /// [`Certificate::bounds`](super::Certificate::bounds) tells its multiplier.
    ///
    /// ```
    /// use wengert::optim::{Bounds, KinkDescent};
    /// // The median of the data, but at most 3.
    /// let data = [1.0, 2.0, 3.5, 20.0, 50.0];
    /// let descent = KinkDescent::builder().within(Bounds::new(&[0.0], &[3.0])?).build()?;
    /// let mut x = [1.5];
    /// let found = descent.minimize(&mut x, |x| data.iter().map(|&y| (x[0] - y).abs()).sum())?;
    /// assert!(x == [3.0] && found.is_minimum());
    /// assert_eq!(found.bounds()[0].multiplier(), 1.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
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
    /// let descent = wengert::optim::KinkDescent::builder().build()?;
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn build(self) -> Result<KinkDescent, OptimError> {
        check_option("tolerance", self.tolerance, "finite and not negative", |t| t >= 0.0)?;
        check_option("radius", self.radius, "finite and not negative", |r| r >= 0.0)?;
        check_option("recordings", self.recordings as f64, "at least 1", |r| r >= 1.0)?;
        check_option("moves", self.moves as f64, "at least 1", |m| m >= 1.0)?;
        Ok(KinkDescent::from_options(self))
    }
}
