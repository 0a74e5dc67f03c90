//! A convex set by the way onto it: [`Projection`].

use crate::Real;
use crate::optim::error::OptimError;
use std::fmt;
use std::sync::Arc;

/// The projection onto a closed convex set: a function that moves a point to the nearest of the set.
///
/// A point of the set must stay where it is, to the last place. This is not checked: an optimizer
/// leaves the parameters where the function moves them.
///
/// ```
/// use wengert::optim::{Projection, Search, Sgd};
///
/// // Shares: not negative, and 1 in all. The nearest to (0.9, 0.6, -0.5) is (0.65, 0.35, 0).
/// let simplex = Projection::new(|x: &mut [f64]| {
///     let mut sorted = x.to_vec();
///     sorted.sort_by(|a, b| b.total_cmp(a));
///     let (mut sum, mut shift) = (0.0, 0.0);
///     for (i, &value) in sorted.iter().enumerate() {
///         sum += value;
///         let next = (sum - 1.0) / (i + 1) as f64;
///         if value > next {
///             shift = next;
///         }
///     }
///     x.iter_mut().for_each(|x| *x = (*x - shift).max(0.0));
/// });
/// let wanted = [0.9, 0.6, -0.5];
/// let mut x = [1.0, 0.0, 0.0];
/// Search::new(Sgd::builder(0.25).build()?, 100).within(simplex).fit(&mut x, |x| {
///     x.iter().zip(wanted).map(|(&x, y)| (x - y).powi(2)).sum()
/// })?;
/// approx::assert_relative_eq!(&x[..], &[0.65, 0.35, 0.0][..], epsilon = 1e-12);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone)]
pub struct Projection<F: Real = f64>(Arc<Project<F>>);

/// Moves a point.
type Project<F> = dyn Fn(&mut [F]) + Send + Sync;

impl<F: Real> Projection<F> {
    /// The projection by a function.
    ///
    /// ```
    /// use wengert::optim::Projection;
    /// // In order: the second is not less than the first.
    /// let ordered = Projection::new(|x: &mut [f64]| {
    ///     if x[0] > x[1] {
    ///         x.fill((x[0] + x[1]) / 2.0);
    ///     }
    /// });
    /// let mut x = [3.0, 1.0];
    /// ordered.project(&mut x)?;
    /// assert_eq!(x, [2.0, 2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn new(project: impl Fn(&mut [F]) + Send + Sync + 'static) -> Self {
        Projection(Arc::new(project))
    }

    /// Moves a point to the nearest point of the set.
    ///
    /// # Errors
    /// If an entry of the result is infinite or NaN.
    ///
    /// ```
    /// use wengert::optim::Projection;
    /// let broken = Projection::new(|x: &mut [f64]| x[1] = f64::NAN);
    /// let refused = broken.project(&mut [1.0, 2.0]).unwrap_err();
    /// assert_eq!(refused.to_string(), "the projection takes the parameter at index 1 to NaN");
    /// ```
    pub fn project(&self, x: &mut [F]) -> Result<(), OptimError> {
        (self.0)(x);
        match x.iter().position(|x| !x.is_finite()) {
            None => Ok(()),
            Some(i) => Err(OptimError::Projection { place: i.into(), value: x[i].to_double() }),
        }
    }
}

impl<F: Real> fmt::Debug for Projection<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Projection").finish_non_exhaustive()
    }
}
