//! Losses: how far predictions are from targets.
//!
//! A [`Loss`] gives the loss of one prediction with [`Loss::at`], and sums and means over iterators
//! of (prediction, target) with [`Loss::sum`] and [`Loss::mean`], or of (prediction, target, weight)
//! with [`Loss::weighted_sum`] and [`Loss::weighted_mean`]; [`pairs`] puts two lists together. Predictions are any [`Scalar`]: plain
//! numbers, or variables of a tape. Write `r` for prediction - target:
//!
//! | loss | formula | slope by the prediction | kinks |
//! | --- | --- | --- | --- |
//! | [`AbsoluteError`] | <code>\|r\|</code> | `sign r` | 0: slope 0 |
//! | [`SquaredError`] | `r²` | `2r` | |
//! | [`Huber`] | `r²/2`; from <code>\|r\| = δ</code> on <code>δ(\|r\| - δ/2)</code> | `r` held between `±δ` | |
//! | [`PseudoHuber`] | `δ²(√(1 + (r/δ)²) - 1)` | `r / √(1 + (r/δ)²)` | |
//! | [`LogCosh`] | `ln cosh r` | `tanh r` | |
//! | [`Quantile`] | `(1 - q) r` above 0, `-q r` below | `1 - q` above, `-q` below | 0: slope 0 |
//! | [`EpsilonInsensitive`] | <code>max(\|r\| - ε, 0)</code> | `sign r` beyond `±ε`, else 0 | `±ε`: slope 0 |
//! | [`Poisson`] | `e^x - t x` | `e^x - t` | |
//! | [`Hinge`] | `max(1 - t x, 0)` | `-t` where `t x < 1`, else 0 | `t x = 1`: slope 0 |
//! | [`SquaredHinge`] | `max(1 - t x, 0)²` | `-2t max(1 - t x, 0)` | |
//! | [`Logistic`] | `ln(1 + e^(-t x))` | `-t / (1 + e^(t x))` | |
//! | [`BinaryCrossEntropy`] | `-t ln σ(x) - (1 - t) ln σ(-x)` | `σ(x) - t` | |
//! | [`CrossEntropy`] | `ln Σ e^xⱼ - x_class` | `softmax(x) - [class]` | |
//!
//! Here `x` is the prediction, `t` the target and `σ` the logistic function. At a kink the slope is the
//! one of least magnitude, 0 in each of them, and [`Tape::kinks`](crate::Tape::kinks) reports it at
//! the line that asked for the loss. Equal functions have equal slopes: absolute error,
//! twice the [`Quantile`] of level ½, [`EpsilonInsensitive`] of width 0, and
//! [`Huber`] divided by its `δ` as that vanishes.
//!
//! The loss of one prediction neither overflows nor cancels, unless the result itself is within a small factor of
//! the greatest number. Sums, also those of means, are plain sums, and may overflow. In single precision
//! a long sum goes on in double precision, so that it is right however many points there are. Sums and means
//! check the data, `at` does not: they refuse a prediction or target that is NaN or infinite, with a [`LossError`].
//!
//! ```
//! use wengert::Tape;
//! use wengert::loss::{Huber, Loss, mean_absolute_error};
//!
//! let points = [(1.0, 2.0), (2.0, 4.5), (3.0, 5.0)];
//! let tape = Tape::new();
//! let [a, b] = tape.vars([1.0, 0.0]);
//! let fits = points.iter().map(|&(x, y)| (a * x + b, y));
//!
//! let loss = mean_absolute_error(fits.clone())?;
//! assert_eq!(loss.backward().wrt([a, b]), [-2.0, -1.0]);
//!
//! let robust = Huber::new(2.0)?.mean(fits)?;
//! assert_eq!(robust.value(), (0.5 + 3.0 + 2.0) / 3.0);
//! # Ok::<(), wengert::loss::LossError>(())
//! ```

mod classification;
mod error;
mod means;
mod reduce;
mod regression;
mod robust;
mod targets;

pub use classification::{BinaryCrossEntropy, CrossEntropy, Hinge, Logistic, SquaredHinge};
pub use error::LossError;
pub use means::{
    mean_absolute_error, mean_squared_error, pairs, root_mean_squared_error,
    weighted_root_mean_squared_error,
};
pub use regression::{AbsoluteError, EpsilonInsensitive, Poisson, Quantile, SquaredError};
pub use robust::{Huber, LogCosh, PseudoHuber};
pub use targets::Targets;

use crate::{Real, Scalar};

/// A loss of one prediction, with sums and means over many.
///
/// A loss of your own needs [`Loss::at`] alone:
///
/// ```
/// use wengert::{Scalar, gradient_array};
/// use wengert::loss::Loss;
///
/// /// `ln(1 + r²)`, Cauchy's.
/// struct Cauchy;
/// impl Loss for Cauchy {
///     fn at<T: Scalar>(&self, prediction: T, target: impl Into<T>) -> T {
///         let r = prediction - target.into();
///         (r * r).ln_1p()
///     }
/// }
/// assert_eq!(gradient_array(|[x]| Cauchy.at(x, 2.0), [3.0]), (2f64.ln(), [1.0]));
/// assert_eq!(Cauchy.mean([(3.0, 2.0), (2.0, 2.0)]), Ok(0.5 * 2f64.ln()));
/// ```
pub trait Loss<F: Real = f64> {
    /// The targets that sums and means accept.
    const TARGETS: Targets = Targets::Finite;

    /// The loss of one prediction. The target may be a constant or a [`Scalar`] itself. Nothing is
    /// checked: numbers follow IEEE.
    ///
    /// ```
    /// use wengert::loss::{AbsoluteError, Loss};
    /// assert_eq!(AbsoluteError.at(3.0, 5.0), 2.0);
    /// ```
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T;

    /// The sum over pairs of prediction and target.
    ///
    /// # Errors
    /// If there are no pairs, if a prediction is NaN or infinite, or if a target is not among
    /// [`Loss::TARGETS`].
    ///
    /// ```
    /// use wengert::loss::{AbsoluteError, Loss};
    /// assert_eq!(AbsoluteError.sum([(3.0, 5.0), (4.0, 3.0)])?, 3.0);
    /// # Ok::<(), wengert::loss::LossError>(())
    /// ```
    #[inline(always)]
    #[track_caller]
    fn sum<T: Scalar<F>>(&self, pairs: impl IntoIterator<Item = (T, F)>) -> Result<T, LossError> {
        let (sum, _) = reduce::sum(self, pairs)?;
        Ok(sum)
    }

    /// The mean over pairs of prediction and target.
    ///
    /// # Errors
    /// As [`Loss::sum`].
    ///
    /// ```
    /// use wengert::loss::{AbsoluteError, Loss};
    /// assert_eq!(AbsoluteError.mean([(3.0, 5.0), (4.0, 3.0)])?, 1.5);
    /// # Ok::<(), wengert::loss::LossError>(())
    /// ```
    #[inline(always)]
    #[track_caller]
    fn mean<T: Scalar<F>>(&self, pairs: impl IntoIterator<Item = (T, F)>) -> Result<T, LossError> {
        let (sum, n) = reduce::sum(self, pairs)?;
        Ok(sum / F::from_double(n))
    }

    /// The sum over prediction, target and weight of `weight · loss`.
    ///
    /// A point of weight 0 is left out: its prediction and target may be anything, its kinks are
    /// not met.
    ///
    /// # Errors
    /// As [`Loss::sum`], and if a weight is negative, infinite or NaN.
    ///
    /// ```
    /// use wengert::loss::{AbsoluteError, Loss};
    /// let points = [(3.0, 5.0, 10.0), (4.0, 3.0, 1.0), (0.0, f64::NAN, 0.0)];
    /// assert_eq!(AbsoluteError.weighted_sum(points)?, 21.0);
    /// # Ok::<(), wengert::loss::LossError>(())
    /// ```
    #[inline(always)]
    #[track_caller]
    fn weighted_sum<T: Scalar<F>>(
        &self,
        points: impl IntoIterator<Item = (T, F, F)>,
    ) -> Result<T, LossError> {
        let (sum, _) = reduce::sum(self, points)?;
        Ok(sum)
    }

    /// The weighted sum divided by the sum of the weights.
    ///
    /// # Errors
    /// As [`Loss::weighted_sum`], and if the weights sum to 0 or overflow.
    ///
    /// ```
    /// use wengert::loss::{AbsoluteError, Loss};
    /// let points = [(3.0, 5.0, 3.0), (4.0, 3.0, 1.0)];
    /// assert_eq!(AbsoluteError.weighted_mean(points)?, 7.0 / 4.0);
    /// # Ok::<(), wengert::loss::LossError>(())
    /// ```
    #[inline(always)]
    #[track_caller]
    fn weighted_mean<T: Scalar<F>>(
        &self,
        points: impl IntoIterator<Item = (T, F, F)>,
    ) -> Result<T, LossError> {
        let (sum, weights) = reduce::sum(self, points)?;
        reduce::over_weights(sum, weights)
    }
}
