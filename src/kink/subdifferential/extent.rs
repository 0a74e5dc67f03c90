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
    /// All gradients that are limits along directions: of the function with everything but its kinks
    /// replaced by the tangent. Equal for functions that are piecewise linear there; else inside, and
    /// perhaps smaller: a piece that lies between two curves with a common tangent, as that of
    /// `|y - x²| - |y|` at the origin, is entered by no direction.
    Directions,
    /// A containing set: the kinks bend different ways and their pieces are more than the budget
    /// allows, so the sum is given, which kinks that cancel make too great. If 0 is not in it, the point
    /// is not stationary.
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
    /// Whether the norm is within the tolerance. Of [`Extent::Outer`] that proves nothing; of all
    /// others it does. Beyond the tolerance, [`Extent::Whole`] and [`Extent::Outer`] prove that the
    /// point is not stationary.
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
