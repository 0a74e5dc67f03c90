//! Losses of a residual `r = prediction - target`, and of a count.

use super::{Loss, LossError, Targets};
use crate::{Real, Scalar};

/// Absolute error, `|r|`. Slope `sign r`; 0 at the kink `r = 0`.
///
/// ```
/// use wengert::gradient_array;
/// use wengert::loss::{AbsoluteError, Loss};
/// assert_eq!(gradient_array(|[x]| AbsoluteError.at(x, 5.0), [3.0]), (2.0, [-1.0]));
/// ```
#[doc(alias = "mae")]
#[doc(alias = "l1")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AbsoluteError;

impl<F: Real> Loss<F> for AbsoluteError {
    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        (prediction - target.into()).abs()
    }
}

/// Squared error, `r²`, without a factor ½. Slope `2r`.
///
/// ```
/// use wengert::gradient_array;
/// use wengert::loss::{Loss, SquaredError};
/// assert_eq!(gradient_array(|[x]| SquaredError.at(x, 5.0), [3.0]), (4.0, [-4.0]));
/// ```
#[doc(alias = "mse")]
#[doc(alias = "l2")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SquaredError;

impl<F: Real> Loss<F> for SquaredError {
    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        let r = prediction - target.into();
        r * r
    }
}

/// Quantile loss, also pinball loss: `(1 - q) r` for `r > 0`, `-q r` for `r < 0`. Slopes `1 - q` and
/// `-q`; 0 at the kink `r = 0`.
///
/// A prediction too low costs `q` for each unit, one too high `1 - q`: over constants it is least at the
/// `q`-quantile of the targets. At level ½ it is half the [`AbsoluteError`].
///
/// Source: Koenker and Bassett, Econometrica 46 (1978), page 38.
///
/// ```
/// use wengert::gradient_array;
/// use wengert::loss::{Loss, Quantile};
/// let loss = Quantile::new(0.25)?;
/// assert_eq!(gradient_array(|[x]| loss.at(x, 0.0), [2.0]), (1.5, [0.75]));
/// assert_eq!(gradient_array(|[x]| loss.at(x, 0.0), [-2.0]), (0.5, [-0.25]));
/// # Ok::<(), wengert::loss::LossError>(())
/// ```
#[doc(alias = "pinball")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile<F = f64> {
    level: F,
}

impl<F: Real> Quantile<F> {
    /// With `level` as the share of the targets that shall lie below the prediction.
    ///
    /// # Errors
    /// If `level` is not strictly between 0 and 1.
    ///
    /// ```
    /// use wengert::loss::Quantile;
    /// let error = Quantile::new(1.5).unwrap_err();
    /// assert_eq!(error.to_string(), "level of Quantile is 1.5, expected a number between 0 and 1");
    /// ```
    pub fn new(level: F) -> Result<Self, LossError> {
        if level > F::zero() && level < F::one() {
            return Ok(Quantile { level });
        }
        let (name, expected) = ("level of Quantile", "a number between 0 and 1");
        Err(LossError::Parameter { name, value: level.to_double(), expected })
    }
}

impl<F: Real> Loss<F> for Quantile<F> {
    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        let above = F::one() - self.level;
        // One entry with both slopes: a sum of two rectifiers would report the kink twice.
        (prediction - target.into()).leaky_relu(-self.level / above) * above
    }
}

/// Epsilon-insensitive loss, `max(|r| - ε, 0)`. Slope `sign r` where `|r| > ε`, else 0; 0 at the
/// kinks `r = ±ε`.
///
/// It is the loss of support vector regression; with `ε = 0` it is the [`AbsoluteError`].
///
/// Source: Vapnik, The Nature of Statistical Learning Theory (1995), section 6.1.
///
/// ```
/// use wengert::gradient_array;
/// use wengert::loss::{EpsilonInsensitive, Loss};
/// let loss = EpsilonInsensitive::new(0.5)?;
/// assert_eq!(gradient_array(|[x]| loss.at(x, 0.0), [-2.0]), (1.5, [-1.0]));
/// assert_eq!(gradient_array(|[x]| loss.at(x, 0.0), [0.25]), (0.0, [0.0]));
/// # Ok::<(), wengert::loss::LossError>(())
/// ```
#[doc(alias = "svr")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpsilonInsensitive<F = f64> {
    epsilon: F,
}

impl<F: Real> EpsilonInsensitive<F> {
    /// With `epsilon` as the residual that costs nothing yet, in the unit of the target.
    ///
    /// # Errors
    /// If `epsilon` is negative, infinite or NaN.
    ///
    /// ```
    /// use wengert::loss::EpsilonInsensitive;
    /// assert!(EpsilonInsensitive::new(0.0).is_ok() && EpsilonInsensitive::new(-0.1).is_err());
    /// ```
    pub fn new(epsilon: F) -> Result<Self, LossError> {
        if epsilon >= F::zero() && epsilon.is_finite() {
            return Ok(EpsilonInsensitive { epsilon });
        }
        let expected = "a finite number of at least 0";
        let name = "epsilon of EpsilonInsensitive";
        Err(LossError::Parameter { name, value: epsilon.to_double(), expected })
    }
}

impl<F: Real> Loss<F> for EpsilonInsensitive<F> {
    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        let r = prediction - target.into();
        // `(|r| - ε).relu()` would meet the kink of `|r|` at 0, where this loss is flat.
        (r - self.epsilon).relu() + (-r - self.epsilon).relu()
    }
}

/// Negative log-likelihood of a Poisson count `t`, where the prediction `x` is the logarithm of
/// the rate: `e^x - t x`. Slope `e^x - t`.
///
/// The term `ln t!`, which does not depend on the prediction, is not included (PyTorch's
/// `full=False`), so the loss may be negative. Targets: finite numbers of at least 0.
///
/// ```
/// use wengert::gradient_array;
/// use wengert::loss::{Loss, Poisson};
/// assert_eq!(gradient_array(|[x]| Poisson.at(x, 3.0), [0.0]), (1.0, [-2.0]));
/// assert!(Poisson.mean([(0.0, -1.0)]).is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Poisson;

impl<F: Real> Loss<F> for Poisson {
    const TARGETS: Targets = Targets::Counts;

    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        prediction.exp() - prediction * target.into()
    }
}
