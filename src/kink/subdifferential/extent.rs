//! What is known of a set of generalized gradients: [`Extent`], [`Stationarity`].

#[cfg(doc)]
use super::Subdifferential;

/// How a [`Subdifferential`] compares with Clarke's generalized gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Extent {
    /// Equal. No kink depends on another, and all bend the same way: then the rule for sums holds
    /// exactly (Clarke, 2.3.9 and 2.3.10).
    Whole,
    /// The hull of the gradients of all pieces that a straight direction enters. It is equal for a
    /// function that is piecewise linear there. For others it lies inside and may be smaller: no
    /// direction enters a piece between two curves with a common tangent, as `|y - x²| - |y|` has
    /// at the origin.
    Directions,
    /// A set that contains it. The kinks bend different ways and have more pieces than the budget
    /// allows, so the set is the sum over all kinks, which is too great where kinks cancel. If 0 is
    /// not in it, the point is not stationary.
    Outer,
    /// An incomplete set, inside: the budget was spent, or a kink without limits was met (`atan2` at the
    /// origin), or one with a limit for every direction among kinks that bend different ways.
    Incomplete,
}

/// Whether a point is stationary: from [`Subdifferential::stationarity`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stationarity {
    /// The norm of the least generalized gradient.
    pub norm: f64,
    /// What it was compared with.
    pub tolerance: f64,
    /// What is known of the set.
    pub extent: Extent,
}

impl Stationarity {
    /// Whether the norm is within the tolerance. With [`Extent::Outer`] this proves nothing; with
    /// every other extent it proves that the point is stationary. If the norm is beyond the
    /// tolerance, [`Extent::Whole`] and [`Extent::Outer`] prove that the point is not stationary.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(0.0);
    /// let set = (x.abs() * 2.0 + x).subdifferential(&[x])?;
    /// assert!(set.stationarity(0.0)?.is_stationary());
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[must_use]
    pub fn is_stationary(&self) -> bool {
        self.norm <= self.tolerance
    }
}
