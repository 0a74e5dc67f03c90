//! Losses that are quadratic near a residual of 0 and linear far away, all of them without a kink.

use super::{Loss, LossError};
use crate::{Real, Scalar};

/// `|x|` for use where `x` is away from 0: it reports no kink there.
#[inline(always)]
#[track_caller]
fn magnitude<F: Real, T: Scalar<F>>(x: T) -> T {
    // A choice of constants has no slope that programs would have to compute.
    x * T::select(x.below(T::ZERO), -T::ONE, T::ONE)
}

/// Huber's loss: `r²/2` for `|r| ≤ δ`, `δ (|r| - δ/2)` beyond. Slope: `r` held between `±δ`.
///
/// Its slope is continuous, so there is no kink, at `|r| = δ` either. Divided by `δ` it tends to the
/// absolute error as `δ` vanishes.
///
/// Source: Huber, Annals of Mathematical Statistics 35 (1964), page 73.
///
/// ```
/// use wengert::gradient_array;
/// use wengert::loss::{Huber, Loss};
/// let loss = Huber::new(1.0)?;
/// assert_eq!(gradient_array(|[x]| loss.at(x, 0.0), [0.5]), (0.125, [0.5]));
/// assert_eq!(gradient_array(|[x]| loss.at(x, 0.0), [-3.0]), (2.5, [-1.0]));
/// # Ok::<(), wengert::loss::LossError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber<F = f64> {
    delta: F,
}

impl<F: Real> Huber<F> {
    /// With `delta` as the residual from which it is linear, in the unit of the target.
    ///
    /// # Errors
    /// If `delta` is not a finite number above 0.
    ///
    /// ```
    /// use wengert::loss::Huber;
    /// let error = Huber::new(-1.0).unwrap_err();
    /// assert_eq!(error.to_string(), "delta of Huber is -1, expected a finite number above 0");
    /// ```
    pub fn new(delta: F) -> Result<Self, LossError> {
        if delta > F::zero() && delta.is_finite() {
            return Ok(Huber { delta });
        }
        let (name, expected) = ("delta of Huber", "a finite number above 0");
        Err(LossError::Parameter { name, value: delta.to_double(), expected })
    }
}

impl<F: Real> Loss<F> for Huber<F> {
    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        let half = F::from_double(0.5);
        let r = prediction - target.into();
        let size = magnitude(r);
        let delta = self.delta;
        let linear = move || (size - half * delta) * delta;
        T::select_here(size.above(delta), linear, move || r * half * r)
    }
}

/// Pseudo-Huber loss: `δ² (√(1 + (r/δ)²) - 1)`, smooth throughout: about `r²/2` near 0 and
/// `δ (|r| - δ)` far away. Slope `r / √(1 + (r/δ)²)`.
///
/// Accurate near 0, where the formula as written cancels.
///
/// Source: Charbonnier et al., IEEE Transactions on Image Processing 6 (1997), page 298.
///
/// ```
/// use approx::assert_relative_eq;
/// use wengert::gradient_array;
/// use wengert::loss::{Loss, PseudoHuber};
/// let loss = PseudoHuber::new(3.0)?;
/// let (value, [slope]) = gradient_array(|[x]| loss.at(x, 0.0), [4.0]);
/// assert_relative_eq!(value, 6.0, max_relative = 1e-15); // 9 (5/3 - 1)
/// assert_relative_eq!(slope, 2.4, max_relative = 1e-15); // 4 / (5/3)
/// # Ok::<(), wengert::loss::LossError>(())
/// ```
#[doc(alias = "charbonnier")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PseudoHuber<F = f64> {
    delta: F,
}

impl<F: Real> PseudoHuber<F> {
    /// With `delta` as its slope far away, in the unit of the target.
    ///
    /// # Errors
    /// If `delta` is not a normal number above 0: the reciprocal of a subnormal one overflows.
    ///
    /// ```
    /// use wengert::loss::PseudoHuber;
    /// assert!(PseudoHuber::new(1.0).is_ok() && PseudoHuber::new(0.0).is_err());
    /// ```
    pub fn new(delta: F) -> Result<Self, LossError> {
        if delta > F::zero() && delta.is_normal() {
            return Ok(PseudoHuber { delta });
        }
        let (name, expected) = ("delta of PseudoHuber", "a normal number above 0");
        Err(LossError::Parameter { name, value: delta.to_double(), expected })
    }
}

impl<F: Real> Loss<F> for PseudoHuber<F> {
    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        let (one, delta) = (F::one(), self.delta);
        let r = prediction - target.into();
        // Far away, where the curvature of a product would cancel.
        let far = move || (r.hypot(delta) - delta) * delta;
        // Both are r² / (1 + √(1 + (r/δ)²)); no quotient in the first overflows for δ ≥ 1, none in
        // the second underflows for δ < 1.
        let near = move || {
            if delta >= one {
                r * (r / ((r / delta).hypot(one) + one))
            } else {
                r * (r / (r.hypot(delta) + delta) * delta)
            }
        };
        T::select_here(magnitude(r).above(delta), far, near)
    }
}

/// Logarithm of the hyperbolic cosine: `ln cosh r`, about `r²/2` near 0 and `|r| - ln 2` far away.
/// Slope `tanh r`.
///
/// It neither overflows for great `|r|` nor cancels near 0.
///
/// ```
/// use approx::assert_relative_eq;
/// use wengert::gradient_array;
/// use wengert::loss::{LogCosh, Loss};
/// let (value, [slope]) = gradient_array(|[x]| LogCosh.at(x, 0.0), [1.0]);
/// assert_relative_eq!(value, 0.4337808304830271, max_relative = 1e-15);
/// assert_relative_eq!(slope, 1f64.tanh(), max_relative = 1e-15);
/// assert_eq!(LogCosh.at(1e300, 0.0), 1e300);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCosh;

impl<F: Real> Loss<F> for LogCosh {
    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        let [half, two, ln_2] = [0.5, 2.0, std::f64::consts::LN_2].map(F::from_double);
        let r = prediction - target.into();
        let size = magnitude(r);
        let near = size.below(two);
        // Each form is given an argument that suits it also where the other one is chosen, so that
        // nothing overflows on the way, and that differs from the right one at the border too, where
        // there is no kink.
        let sinh = T::select(near, r, T::from(F::zero())).sinh();
        let far = T::select(near, T::from(two + two), size);
        T::select(near, (sinh * sinh).ln_1p() * half, far - ln_2 + (far * -two).softplus())
    }
}
