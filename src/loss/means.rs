//! The means in everyday use, as functions, and the root mean squared error, which is no mean of losses.

use super::{AbsoluteError, Loss, LossError, SquaredError};
use crate::{Real, Scalar};

/// Pairs of prediction and target from two lists.
///
/// # Errors
/// If there are more of one than of the other, which `zip` would pass over.
///
/// ```
/// use wengert::loss::{mean_absolute_error, pairs};
/// assert_eq!(mean_absolute_error(pairs(&[3.0, 4.0], &[5.0, 3.0])?)?, 1.5);
/// let error = pairs(&[3.0, 4.0], &[5.0]).err().unwrap();
/// assert_eq!(error.to_string(), "2 predictions, but 1 targets");
/// # Ok::<(), wengert::loss::LossError>(())
/// ```
pub fn pairs<F: Real, T: Scalar<F>>(
    predictions: &[T],
    targets: &[F],
) -> Result<impl ExactSizeIterator<Item = (T, F)> + Clone, LossError> {
    let (expected, found) = (targets.len(), predictions.len());
    if expected != found {
        return Err(LossError::Length { expected, found });
    }
    Ok(predictions.iter().copied().zip(targets.iter().copied()))
}

/// Mean absolute error, `Σ |prediction - target| / n`: the mean of [`AbsoluteError`].
///
/// It costs what the same expression by hand costs. Over constants it is least at their median.
///
/// # Errors
/// If there are no pairs, or a number is NaN or infinite.
///
/// ```
/// use wengert::Tape;
/// use wengert::loss::mean_absolute_error;
/// let tape = Tape::new();
/// let x = tape.var(1.0);
/// let loss = mean_absolute_error([(x, 3.0), (x * 2.0, 1.0)])?;
/// assert_eq!(loss.value(), 1.5);
/// assert_eq!(loss.backward().wrt(x), 0.5);
/// # Ok::<(), wengert::loss::LossError>(())
/// ```
#[doc(alias = "mae")]
#[doc(alias = "l1")]
#[inline(always)]
#[track_caller]
pub fn mean_absolute_error<F: Real, T: Scalar<F>>(
    pairs: impl IntoIterator<Item = (T, F)>,
) -> Result<T, LossError> {
    AbsoluteError.mean(pairs)
}

/// Mean squared error, `Σ (prediction - target)² / n`: the mean of [`SquaredError`].
///
/// # Errors
/// If there are no pairs, or a number is NaN or infinite.
///
/// ```
/// use wengert::loss::mean_squared_error;
/// assert_eq!(mean_squared_error([(1.0, 3.0), (2.0, 2.0)])?, 2.0);
/// # Ok::<(), wengert::loss::LossError>(())
/// ```
#[doc(alias = "mse")]
#[doc(alias = "l2")]
#[inline(always)]
#[track_caller]
pub fn mean_squared_error<F: Real, T: Scalar<F>>(
    pairs: impl IntoIterator<Item = (T, F)>,
) -> Result<T, LossError> {
    SquaredError.mean(pairs)
}

/// Root mean squared error, `√(Σ r² / n)`.
///
/// It is the Euclidean norm of the residuals over `√n`, and has that one's kink where all of them
/// are 0: slope 0 there, as [`Scalar::norm`], not NaN. It is right also where the squares overflow or
/// vanish; then the pairs are asked for a second time, hence `Clone`.
///
/// # Errors
/// If there are no pairs, or a number is NaN or infinite.
///
/// ```
/// use wengert::gradient_array;
/// use wengert::loss::root_mean_squared_error;
/// let rms = |[x]: [wengert::Var; 1]| root_mean_squared_error([(x, 7.0), (x, 1.0)]);
/// let (value, slope) = gradient_array(|x| rms(x).unwrap(), [8.0]);
/// assert_eq!((value, slope), (5.0, [0.8]));
/// assert_eq!(root_mean_squared_error([(2e200, 0.0); 4])?, 2e200);
/// # Ok::<(), wengert::loss::LossError>(())
/// ```
#[doc(alias = "rmse")]
#[track_caller]
pub fn root_mean_squared_error<F: Real, T: Scalar<F>, I: Iterator<Item = (T, F)> + Clone>(
    pairs: impl IntoIterator<Item = (T, F), IntoIter = I>,
) -> Result<T, LossError> {
    let pairs = pairs.into_iter();
    let mean = SquaredError.mean(pairs.clone())?;
    if is_sound(mean) {
        return Ok(mean.sqrt());
    }
    let points = pairs.map(|(prediction, target)| (prediction, target, F::one()));
    Ok(root_by_norm(mean, points))
}

/// Weighted root mean squared error, `√(Σ w r² / Σ w)`; see [`root_mean_squared_error`]. A point of
/// weight 0 is left out.
///
/// # Errors
/// As [`Loss::weighted_mean`].
///
/// ```
/// use wengert::loss::weighted_root_mean_squared_error;
/// let points = [(8.0, 7.0, 3.0), (8.0, 1.0, 1.0), (8.0, f64::NAN, 0.0)];
/// assert_eq!(weighted_root_mean_squared_error(points)?, 13f64.sqrt());
/// # Ok::<(), wengert::loss::LossError>(())
/// ```
#[doc(alias = "rmse")]
#[track_caller]
pub fn weighted_root_mean_squared_error<
    F: Real,
    T: Scalar<F>,
    I: Iterator<Item = (T, F, F)> + Clone,
>(
    points: impl IntoIterator<Item = (T, F, F), IntoIter = I>,
) -> Result<T, LossError> {
    let points = points.into_iter();
    let mean = SquaredError.weighted_mean(points.clone())?;
    if is_sound(mean) { Ok(mean.sqrt()) } else { Ok(root_by_norm(mean, points)) }
}

/// Whether no square that counts has overflowed or lost bits to underflow.
#[track_caller]
fn is_sound<F: Real, T: Scalar<F>>(mean: T) -> bool {
    let floor = F::min_positive_value() / (F::epsilon() * F::epsilon());
    mean > floor && mean < F::infinity()
}

/// `√(Σ w r² / Σ w)` as a norm of the residuals, each times `√w / √Σw`, which is at most 1. Where the
/// mean is small they are moved to the middle of the range, so that no product loses bits.
#[track_caller]
fn root_by_norm<F: Real, T: Scalar<F>>(
    mean: T,
    points: impl Iterator<Item = (T, F, F)> + Clone,
) -> T {
    let one = F::one();
    let scale = if mean < one { F::min_positive_value().sqrt().recip() } else { one };
    let weights: f64 = points.clone().map(|(.., weight)| weight.to_double()).sum();
    let root = F::from_double(weights).sqrt();
    let mut residuals: Vec<T> = Vec::new();
    for (prediction, target, weight) in points.filter(|(.., weight)| *weight > F::zero()) {
        residuals.push((prediction - target) * (weight.sqrt() * scale / root));
    }
    T::norm(&residuals) / scale
}
