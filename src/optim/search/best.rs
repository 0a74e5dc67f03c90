//! The best point that a search has met: [`Best`].

use crate::Real;
use crate::optim::Bounds;

/// Keeps the best point met so far.
///
/// A subgradient method does not go down at each step, and a stochastic one less so: the last point
/// is not the best.
///
/// ```
/// use wengert::optim::Best;
/// let mut best = Best::minimum();
/// assert!(best.observe(&[1.0], 5.0));
/// assert!(best.observe(&[2.0], 3.0));
/// assert!(!best.observe(&[3.0], 4.0));
/// assert_eq!((best.values(), best.value()), (&[2.0][..], Some(3.0)));
/// ```
#[derive(Clone, Debug)]
pub struct Best<F: Real = f64> {
    maximize: bool,
    bounds: Option<Bounds<F>>,
    value: Option<F>,
    values: Vec<F>,
}

impl<F: Real> Best<F> {
    /// Keeps the point of least value.
    ///
    /// ```
    /// assert_eq!(wengert::optim::Best::<f64>::minimum().value(), None);
    /// ```
    #[must_use]
    pub fn minimum() -> Self {
        Best { maximize: false, bounds: None, value: None, values: Vec::new() }
    }

    /// Keeps the point of greatest value.
    ///
    /// ```
    /// let mut best = wengert::optim::Best::maximum();
    /// best.observe(&[57.0], 2451.0);
    /// best.observe(&[50.0], 2500.0);
    /// assert_eq!(best.values(), [50.0]);
    /// ```
    #[must_use]
    pub fn maximum() -> Self {
        Best { maximize: true, ..Self::minimum() }
    }

    /// Keeps only points within these bounds, ends included.
    ///
    /// ```
    /// use wengert::optim::{Best, Bounds};
    /// let mut best = Best::minimum().within(Bounds::new(&[0.0], &[1.0])?);
    /// assert!(!best.observe(&[-0.5], 1.0));
    /// assert!(best.observe(&[0.0], 2.0));
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn within(self, bounds: Bounds<F>) -> Self {
        Best { bounds: Some(bounds), ..self }
    }

    /// Takes note of a point and its value. Returns whether the value is strictly better than all
    /// before; NaN never is. It allocates nothing after the first point.
    ///
    /// ```
    /// let mut best = wengert::optim::Best::minimum();
    /// assert!(best.observe(&[1.0], 1.0));
    /// assert!(!best.observe(&[2.0], 1.0) && !best.observe(&[3.0], f64::NAN));
    /// ```
    pub fn observe(&mut self, values: &[F], value: F) -> bool {
        let better = match self.value {
            None => !value.is_nan(),
            Some(best) if self.maximize => value > best,
            Some(best) => value < best,
        };
        let better = better && self.bounds.as_ref().is_none_or(|bounds| bounds.contains(values));
        if better {
            self.value = Some(value);
            self.values.clear();
            self.values.extend_from_slice(values);
        }
        better
    }

    /// The best value, if there was any.
    ///
    /// ```
    /// let mut best = wengert::optim::Best::minimum();
    /// best.observe(&[1.0], 5.0);
    /// assert_eq!(best.value(), Some(5.0));
    /// ```
    #[must_use]
    pub fn value(&self) -> Option<F> {
        self.value
    }

    /// The best point; empty if there was none.
    ///
    /// ```
    /// assert!(wengert::optim::Best::<f64>::minimum().values().is_empty());
    /// ```
    #[must_use]
    pub fn values(&self) -> &[F] {
        &self.values
    }
}
