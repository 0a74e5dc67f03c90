//! A lower and an upper bound for each parameter: [`Bounds`].

use crate::optim::error::OptimError;
use crate::{Params, ParamsError, Real};
use std::ops::RangeInclusive;

/// A box: parameter `i` lies between `lower[i]` and `upper[i]`, both included.
///
/// An infinite bound does not restrict; equal bounds fix a parameter. The projection onto the box
/// is `min(max(x, lower), upper)`, entry by entry; it changes no bit of a point inside.
///
/// ```
/// use wengert::optim::{Bounds, Search, Sgd};
///
/// // The distance to (3, -2), where x is at most 1.
/// let bounds = Bounds::new(&[0.0, f64::NEG_INFINITY], &[1.0, f64::INFINITY])?;
/// let mut x = [0.5, 0.0];
/// Search::new(Sgd::builder(0.25).build()?, 200)
///     .within(bounds)
///     .flat(1e-9)
///     .fit(&mut x, |x| (x[0] - 3.0).powi(2) + (x[1] + 2.0).powi(2))?;
/// assert_eq!(x[0], 1.0);
/// approx::assert_relative_eq!(x[1], -2.0, max_relative = 1e-9);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds<F: Real = f64> {
    lower: Vec<F>,
    upper: Vec<F>,
}

impl<F: Real> Bounds<F> {
    /// The box between these bounds.
    ///
    /// # Errors
    /// If the lists have different lengths, a bound is NaN, a lower bound is above its upper bound,
    /// or both are the same infinity.
    ///
    /// ```
    /// use wengert::optim::Bounds;
    /// assert!(Bounds::new(&[0.0, f64::NEG_INFINITY], &[1.0, 5.0]).is_ok());
    /// let refused = Bounds::new(&[0.0, 6.0], &[1.0, 5.0]).unwrap_err();
    /// assert_eq!(refused.to_string(), "no number lies between the bounds 6 and 5 at index 1");
    /// assert!(Bounds::new(&[0.0], &[1.0, 5.0]).is_err());
    /// ```
    pub fn new(lower: &[F], upper: &[F]) -> Result<Self, OptimError> {
        if lower.len() != upper.len() {
            let (expected, found) = (lower.len(), upper.len());
            return Err(OptimError::BoundsLength { expected, found });
        }
        for (i, (&lower, &upper)) in lower.iter().zip(upper).enumerate() {
            // NaN fails each of these.
            let holds_some = lower <= upper && lower < F::infinity() && upper > F::neg_infinity();
            if !holds_some {
                let (lower, upper) = (lower.to_double(), upper.to_double());
                return Err(OptimError::Bounds { place: i.into(), lower, upper });
            }
        }
        Ok(Bounds { lower: lower.to_vec(), upper: upper.to_vec() })
    }

    /// How many parameters it bounds.
    ///
    /// ```
    /// use wengert::optim::Bounds;
    /// assert_eq!(Bounds::new(&[0.0, 0.0], &[1.0, 1.0])?.len(), 2);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.lower.len()
    }

    /// Whether it has no parameters.
    ///
    /// ```
    /// assert!(wengert::optim::Bounds::<f64>::new(&[], &[])?.is_empty());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lower.is_empty()
    }

    /// The lower bounds.
    ///
    /// ```
    /// use wengert::optim::Bounds;
    /// assert_eq!(Bounds::new(&[0.0, 1.0], &[2.0, 3.0])?.lower(), [0.0, 1.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn lower(&self) -> &[F] {
        &self.lower
    }

    /// The upper bounds.
    ///
    /// ```
    /// use wengert::optim::Bounds;
    /// assert_eq!(Bounds::new(&[0.0, 1.0], &[2.0, 3.0])?.upper(), [2.0, 3.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn upper(&self) -> &[F] {
        &self.upper
    }

    /// Whether a point lies in the box, its sides included. A point of another length does not, nor
    /// one with a NaN.
    ///
    /// ```
    /// use wengert::optim::Bounds;
    /// let bounds = Bounds::new(&[0.0, 0.0], &[1.0, 1.0])?;
    /// assert!(bounds.contains(&[0.5, 1.0]));
    /// assert!(!bounds.contains(&[0.5, 1.5]) && !bounds.contains(&[0.5, f64::NAN]));
    /// assert!(!bounds.contains(&[0.5]));
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn contains(&self, x: &[F]) -> bool {
        let inside = |(i, &x): (usize, &F)| self.lower[i] <= x && x <= self.upper[i];
        x.len() == self.len() && x.iter().enumerate().all(inside)
    }

    /// Moves a point to the nearest point of the box. NaN stays NaN.
    ///
    /// # Errors
    /// If the point has another length; it is unchanged then.
    ///
    /// ```
    /// use wengert::optim::Bounds;
    /// let bounds = Bounds::new(&[0.0, 0.0, 0.0], &[1.0, 1.0, 1.0])?;
    /// let mut x = [-3.0, 0.25, 7.0];
    /// bounds.project(&mut x)?;
    /// assert_eq!(x, [0.0, 0.25, 1.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn project(&self, x: &mut [F]) -> Result<(), OptimError> {
        self.check_length(x.len())?;
        x.iter_mut().enumerate().for_each(|(i, x)| *x = self.nearest(i, *x));
        Ok(())
    }

    /// `Ok` if there are bounds for so many parameters.
    pub(in crate::optim) fn check_length(&self, found: usize) -> Result<(), OptimError> {
        let expected = self.len();
        if expected == found {
            return Ok(());
        }
        Err(OptimError::ParameterCount { expected, found })
    }

    /// The number nearest to `x` that parameter `i` may have.
    #[inline(always)]
    pub(in crate::optim) fn nearest(&self, i: usize, x: F) -> F {
        if x < self.lower[i] {
            self.lower[i]
        } else if x > self.upper[i] {
            self.upper[i]
        } else {
            x
        }
    }

    /// Whether parameter `i`, at `x`, cannot move down (`way < 0`) or up (`way > 0`).
    pub(in crate::optim) fn blocks(&self, i: usize, x: F, way: F) -> bool {
        (way < F::zero() && x <= self.lower[i]) || (way > F::zero() && x >= self.upper[i])
    }
}

impl<F: Real> Params<F> {
    /// Bounds for each number of the flat vector: those given by name, none elsewhere. All numbers of
    /// a block have the same.
    ///
    /// # Errors
    /// If there is no such name, one is given twice, a bound is NaN, or no number lies between two.
    ///
    /// ```
    /// use wengert::Params;
    /// let mut params = Params::from_scalars([("height", 1.0), ("width", 1.0)])?;
    /// params.insert_block("shares", &[0.5, 0.5])?;
    /// let bounds = params.bounds(&[("width", 1e-9..=f64::INFINITY), ("shares", 0.0..=1.0)])?;
    /// assert_eq!(bounds.lower(), [f64::NEG_INFINITY, 1e-9, 0.0, 0.0]);
    ///
    /// let refused = params.bounds(&[("width", 1.0..=0.0)]).unwrap_err();
    /// assert_eq!(refused.to_string(), "no number lies between the bounds 1 and 0 at index 1 (`width`)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn bounds(&self, by_name: &[(&str, RangeInclusive<F>)]) -> Result<Bounds<F>, OptimError> {
        let mut lower = vec![F::neg_infinity(); self.len()];
        let mut upper = vec![F::infinity(); self.len()];
        for (i, (name, bounds)) in by_name.iter().enumerate() {
            if by_name[..i].iter().any(|(earlier, _)| earlier == name) {
                return Err(ParamsError::Repeated { name: (*name).to_owned() }.into());
            }
            let range = self.range(name)?;
            lower[range.clone()].fill(*bounds.start());
            upper[range].fill(*bounds.end());
        }
        Bounds::new(&lower, &upper).map_err(|error| self.named(error))
    }
}
