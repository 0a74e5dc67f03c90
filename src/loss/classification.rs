//! Losses of a score against a class.

use super::reduce::{check_weight, over_weights};
use super::{Loss, LossError, Targets};
use crate::{Real, Scalar};
use smallvec::SmallVec;
use std::marker::PhantomData;

/// Hinge loss, `max(1 - t x, 0)` for a target `t` of 1 or -1. Slope `-t` where `t x < 1`, else 0; 0 at
/// the kink `t x = 1`.
///
/// Source: Cortes and Vapnik, Machine Learning 20 (1995), page 280.
///
/// ```
/// use wengert::gradient_array;
/// use wengert::loss::{Hinge, Loss};
/// assert_eq!(gradient_array(|[x]| Hinge.at(x, -1.0), [0.5]), (1.5, [1.0]));
/// assert_eq!(gradient_array(|[x]| Hinge.at(x, 1.0), [3.0]), (0.0, [0.0]));
/// assert!(Hinge.mean([(0.5, 0.0)]).is_err()); // targets are 1 and -1, not 1 and 0
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hinge;

impl<F: Real> Loss<F> for Hinge {
    const TARGETS: Targets = Targets::Signs;

    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        // Engines write it as a `clamp` or a maximum, whose slope at the kink differs from that of their
        // rectifier in some; so the rules for engines know which it is.
        (-(prediction * target.into()) + F::one()).clamp(F::zero(), F::infinity())
    }
}

/// Squared hinge loss, `max(1 - t x, 0)²` for a target `t` of 1 or -1. Slope
/// `-2t max(1 - t x, 0)`, which is continuous: there is no kink.
///
/// ```
/// use wengert::gradient_array;
/// use wengert::loss::{Loss, SquaredHinge};
/// assert_eq!(gradient_array(|[x]| SquaredHinge.at(x, 1.0), [-1.0]), (4.0, [-4.0]));
/// assert_eq!(gradient_array(|[x]| SquaredHinge.at(x, 1.0), [3.0]), (0.0, [0.0]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SquaredHinge;

impl<F: Real> Loss<F> for SquaredHinge {
    const TARGETS: Targets = Targets::Signs;

    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        let lack = -(prediction * target.into()) + F::one();
        let none = || T::from(F::zero());
        T::select_here(lack.below(F::zero()), none, move || lack * lack)
    }
}

/// Logistic loss, `ln(1 + e^(-t x))` for a target `t` of 1 or -1. Slope `-t / (1 + e^(t x))`.
///
/// Here `x` is the logit: the logarithm of the odds for class 1.
///
/// ```
/// use wengert::gradient_array;
/// use wengert::loss::{Logistic, Loss};
/// assert_eq!(gradient_array(|[x]| Logistic.at(x, 1.0), [0.0]), (2f64.ln(), [-0.5]));
/// assert_eq!(Logistic.at(-1e300, 1.0), 1e300);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logistic;

impl<F: Real> Loss<F> for Logistic {
    const TARGETS: Targets = Targets::Signs;

    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        (-(prediction * target.into())).softplus()
    }
}

/// Binary cross-entropy from logits: `-t ln σ(x) - (1 - t) ln σ(-x)`, where `σ(x) = 1 / (1 + e^-x)`
/// is the predicted probability and the target `t` in `[0, 1]` the true one. Slope `σ(x) - t`.
///
/// It takes the logit `x`, not the probability, whose rounding to 1 would make it infinite. With targets
/// 1 and 0 it is the [`Logistic`] loss with 1 and -1.
///
/// ```
/// use wengert::gradient_array;
/// use wengert::loss::{BinaryCrossEntropy, Loss};
/// let (value, slope) = gradient_array(|[x]| BinaryCrossEntropy.at(x, 0.25), [0.0]);
/// assert_eq!((value, slope), (2f64.ln(), [0.25]));
/// ```
#[doc(alias = "bce_with_logits")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BinaryCrossEntropy;

impl<F: Real> Loss<F> for BinaryCrossEntropy {
    const TARGETS: Targets = Targets::Probabilities;

    #[inline(always)]
    #[track_caller]
    fn at<T: Scalar<F>>(&self, prediction: T, target: impl Into<T>) -> T {
        let target = target.into();
        // `softplus(x) - t x` is shorter, but cancels for great `x`.
        (-prediction).softplus() * target + prediction.softplus() * (-target + F::one())
    }
}

/// Cross-entropy from logits: `ln Σ e^xⱼ - x_c` for logits `x` and the index `c` of the true class.
/// Slopes: the softmax of the logits, less 1 at `c`.
///
/// It is `ln(1 + Σ e^(xⱼ - x_c))` over the other classes, and is computed so: it keeps its accuracy where
/// the true class leads far, and the logits may be of any size. The differences are rounded: where the logit
/// of the true class is many times as great as those of two others differ by, as the -1e9 of a class that
/// is masked, the slopes by these two are right to a unit in the last place of that logit. With two classes it is the
/// [`Logistic`] loss of the difference of the logits; with one it is 0.
///
/// Sums and means are over pairs of logits and class, where the logits are a slice, an array or a
/// `Vec`; up to 17 classes they allocate nothing.
///
/// ```
/// use wengert::gradient;
/// use wengert::loss::CrossEntropy;
/// let (value, slope) = gradient(|x| CrossEntropy.at(x, 0).unwrap(), &[1.0, 1.0]);
/// assert_eq!((value, slope), (2f64.ln(), vec![-0.5, 0.5]));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CrossEntropy;

impl CrossEntropy {
    /// The loss of one point.
    ///
    /// # Errors
    /// If there is no logit for the class, or a logit is NaN or infinite. The error's `index` is 0.
    ///
    /// ```
    /// use wengert::loss::CrossEntropy;
    /// let error = CrossEntropy.at(&[0.0, 1.0, 2.0], 3).unwrap_err();
    /// assert_eq!(error.to_string(), "class 3 at index 0, but there are 3 logits");
    /// ```
    #[track_caller]
    pub fn at<F: Real, T: Scalar<F>>(&self, logits: &[T], class: usize) -> Result<T, LossError> {
        cross_entropy(0, logits, class)
    }

    /// The sum over pairs of logits and class.
    ///
    /// # Errors
    /// If there are no pairs, if a class has no logit, or if a logit is NaN or infinite.
    ///
    /// ```
    /// use wengert::loss::CrossEntropy;
    /// let sum = CrossEntropy.sum([([0.0, 0.0], 0), ([0.0, 0.0], 1)])?;
    /// assert_eq!(sum, 2.0 * 2f64.ln());
    /// # Ok::<(), wengert::loss::LossError>(())
    /// ```
    #[track_caller]
    pub fn sum<F: Real, T: Scalar<F>, L: AsRef<[T]>>(
        &self,
        pairs: impl IntoIterator<Item = (L, usize)>,
    ) -> Result<T, LossError> {
        self.weighted_sum(pairs.into_iter().map(|(logits, class)| (logits, class, F::one())))
    }

    /// The mean over pairs of logits and class.
    ///
    /// # Errors
    /// As [`CrossEntropy::sum`].
    ///
    /// ```
    /// use wengert::loss::CrossEntropy;
    /// let mean = CrossEntropy.mean([([0.0, 0.0], 0), ([0.0, 0.0], 1)])?;
    /// assert_eq!(mean, 2f64.ln());
    /// # Ok::<(), wengert::loss::LossError>(())
    /// ```
    #[track_caller]
    pub fn mean<F: Real, T: Scalar<F>, L: AsRef<[T]>>(
        &self,
        pairs: impl IntoIterator<Item = (L, usize)>,
    ) -> Result<T, LossError> {
        self.weighted_mean(pairs.into_iter().map(|(logits, class)| (logits, class, F::one())))
    }

    /// The sum over logits, class and weight of `weight · loss`. A point of weight 0 is left out,
    /// whatever its logits and class are.
    ///
    /// # Errors
    /// As [`CrossEntropy::sum`], and if a weight is negative, infinite or NaN.
    ///
    /// ```
    /// use wengert::loss::CrossEntropy;
    /// let sum = CrossEntropy.weighted_sum([([0.0, 0.0], 0, 3.0), ([0.0, 0.0], 9, 0.0)])?;
    /// assert_eq!(sum, 3.0 * 2f64.ln());
    /// # Ok::<(), wengert::loss::LossError>(())
    /// ```
    #[track_caller]
    pub fn weighted_sum<F: Real, T: Scalar<F>, L: AsRef<[T]>>(
        &self,
        points: impl IntoIterator<Item = (L, usize, F)>,
    ) -> Result<T, LossError> {
        let (sum, _) = weighted(points)?;
        Ok(sum)
    }

    /// The weighted sum divided by the sum of the weights.
    ///
    /// # Errors
    /// As [`CrossEntropy::weighted_sum`], and if the weights sum to 0 or overflow.
    ///
    /// ```
    /// use wengert::loss::CrossEntropy;
    /// let mean = CrossEntropy.weighted_mean([([0.0, 0.0], 0, 3.0), ([0.0, 0.0], 1, 1.0)])?;
    /// assert_eq!(mean, 2f64.ln());
    /// # Ok::<(), wengert::loss::LossError>(())
    /// ```
    #[track_caller]
    pub fn weighted_mean<F: Real, T: Scalar<F>, L: AsRef<[T]>>(
        &self,
        points: impl IntoIterator<Item = (L, usize, F)>,
    ) -> Result<T, LossError> {
        let (sum, weights) = weighted(points)?;
        over_weights(sum, weights)
    }
}

/// The terms of a weighted sum, up to the first point that is at fault. As `reduce::Terms`, a type and
/// not a closure, so that a misused variable is a panic at the caller's line.
struct Terms<'a, F, T, I> {
    points: I,
    count: &'a mut usize,
    weights: &'a mut f64,
    fault: &'a mut Option<LossError>,
    kind: PhantomData<(F, T)>,
}

impl<F: Real, T: Scalar<F>, L: AsRef<[T]>, I: Iterator<Item = (L, usize, F)>> Iterator
    for Terms<'_, F, T, I>
{
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        loop {
            let (logits, class, weight) = self.points.next()?;
            let index = *self.count;
            *self.count += 1;
            if weight == F::zero() {
                continue;
            }
            *self.weights += weight.to_double();
            let sound = check_weight(index, weight.to_double());
            match sound.and(cross_entropy(index, logits.as_ref(), class)) {
                Ok(loss) => return Some(loss * weight),
                Err(fault) => {
                    *self.fault = Some(fault);
                    return None;
                }
            }
        }
    }
}

/// The weighted sum, and the sum of the weights.
#[track_caller]
fn weighted<F: Real, T: Scalar<F>, L: AsRef<[T]>>(
    points: impl IntoIterator<Item = (L, usize, F)>,
) -> Result<(T, f64), LossError> {
    let (mut count, mut weights, mut fault) = (0, 0.0, None);
    let sum = Scalar::total(Terms {
        points: points.into_iter(),
        count: &mut count,
        weights: &mut weights,
        fault: &mut fault,
        kind: PhantomData,
    });
    match fault {
        Some(fault) => Err(fault),
        None if count == 0 => Err(LossError::Empty),
        None => Ok((sum, weights)),
    }
}

#[track_caller]
fn cross_entropy<F: Real, T: Scalar<F>>(
    index: usize,
    logits: &[T],
    class: usize,
) -> Result<T, LossError> {
    let Some(&own) = logits.get(class) else {
        return Err(LossError::Class { index, class, len: logits.len() });
    };
    if let Some(logit) = logits.iter().position(|x| !x.peek().is_finite()) {
        let value = logits[logit].peek().to_double();
        return Err(LossError::Logit { index, logit, value });
    }
    let others = logits[..class].iter().chain(&logits[class + 1..]);
    let mut leads = SmallVec::<[T; 16]>::new();
    for &other in others {
        leads.push(other - own);
    }
    Ok(T::log_sum_exp(&leads).softplus())
}
