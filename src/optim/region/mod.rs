//! Where parameters may lie: [`Bounds`], [`Projection`], and either as a [`Region`].

mod bounds;
mod projection;

pub use bounds::Bounds;
pub use projection::Projection;

use super::clip::norm;
use super::error::OptimError;
use crate::Real;

/// A convex set that parameters are kept in: a box ([`Bounds`]), or any other by its [`Projection`].
///
/// An optimizer projects after each step: `x ← P(x − γ s d)`, the projected (sub)gradient method,
/// which converges as the plain one does, to the best point of the set. Both become a region by
/// `into`. The intersection of a box and another set needs a projection of its own, which you give:
/// one projection after the other is not the projection onto the intersection.
///
/// ```
/// use wengert::optim::{Bounds, Projection, Region, Sgd};
/// let sgd = Sgd::builder(0.1).within(Bounds::new(&[0.0], &[1.0])?).build()?;
/// let unit_ball = Projection::new(|x: &mut [f64]| {
///     let norm = x.iter().map(|x| x * x).sum::<f64>().sqrt();
///     x.iter_mut().for_each(|x| *x /= norm.max(1.0));
/// });
/// let sgd = Sgd::builder(0.1).within(unit_ball).build()?;
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Region<F: Real = f64>(Kind<F>);

#[derive(Clone, Debug)]
enum Kind<F: Real> {
    Box(Bounds<F>),
    Set(Projection<F>),
}

impl<F: Real> From<Bounds<F>> for Region<F> {
    fn from(bounds: Bounds<F>) -> Self {
        Region(Kind::Box(bounds))
    }
}

impl<F: Real> From<Projection<F>> for Region<F> {
    fn from(projection: Projection<F>) -> Self {
        Region(Kind::Set(projection))
    }
}

impl<F: Real> Region<F> {
    /// Moves a point to the nearest point of the region.
    ///
    /// # Errors
    /// If the point has another length than the bounds, or a projection makes an entry infinite or
    /// NaN; the point may have changed then.
    ///
    /// ```
    /// use wengert::optim::{Bounds, Region};
    /// let region = Region::from(Bounds::new(&[0.0, 0.0], &[1.0, 1.0])?);
    /// let mut x = [0.5, 3.0];
    /// region.project(&mut x)?;
    /// assert_eq!(x, [0.5, 1.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn project(&self, x: &mut [F]) -> Result<(), OptimError> {
        match &self.0 {
            Kind::Box(bounds) => bounds.project(x),
            Kind::Set(projection) => projection.project(x),
        }
    }

    /// How many parameters there must be, where the region tells.
    pub(super) fn parameter_count(&self) -> Option<usize> {
        match &self.0 {
            Kind::Box(bounds) => Some(bounds.len()),
            Kind::Set(_) => None,
        }
    }

    /// The norm of the slope along the ways that stay in the region, at a point of it: the length of
    /// the projection of `way = ∓ gradient` onto the cone of those ways.
    ///
    /// `lim (P(x + t way) − x) / t` for `t → 0`: for a box the entries that its sides do not block;
    /// else the quotient for a small `t`. It grows as `t` falls (J.-J. Moreau's decomposition), so a
    /// slope is rather taken for too steep than for flat by a `t` that is not small: it is chosen to
    /// lose half of the digits by rounding.
    pub(super) fn slope(
        &self,
        x: &[F],
        gradient: &[F],
        sign: F,
        scratch: &mut Vec<F>,
    ) -> Result<F, OptimError> {
        let ways = gradient.iter().map(|&g| -sign * g);
        match &self.0 {
            Kind::Box(bounds) => {
                let free = ways
                    .enumerate()
                    .map(|(i, way)| if bounds.blocks(i, x[i], way) { F::zero() } else { way });
                Ok(norm(free))
            }
            Kind::Set(projection) => {
                let (length, size) = (norm(ways.clone()), norm(x.iter().copied()));
                if length == F::zero() || !length.is_finite() {
                    return Ok(length);
                }
                let tiny = F::min_positive_value().sqrt() / F::epsilon();
                let reach = (size * F::epsilon().sqrt()).max(tiny);
                scratch.clear();
                scratch.extend(ways.zip(x).map(|(way, &x)| x + way / length * reach));
                projection.project(scratch)?;
                let moved = norm(scratch.iter().zip(x).map(|(&to, &from)| to - from));
                Ok(moved / reach * length)
            }
        }
    }
}
