//! Sums and means of a loss over checked points.

use super::{Loss, LossError};
use crate::{LeftOf, NumberOnLeft, Real, Scalar};
use std::marker::PhantomData;

/// A prediction, a target, and perhaps a weight.
pub(super) trait Sample<F: Real>: NumberOnLeft<F, Number: LeftOf<Self::Prediction>> {
    type Prediction: Scalar<F>;
    const WEIGHTED: bool;
    fn split(self) -> (Self::Prediction, F, F);
}

impl<F: Real, T: Scalar<F>> Sample<F> for (T, F) {
    type Prediction = T;
    const WEIGHTED: bool = false;
    #[inline(always)]
    fn split(self) -> (T, F, F) {
        (self.0, self.1, F::one())
    }
}

impl<F: Real, T: Scalar<F>> Sample<F> for (T, F, F) {
    type Prediction = T;
    const WEIGHTED: bool = true;
    #[inline(always)]
    fn split(self) -> (T, F, F) {
        self
    }
}

/// The terms of a sum, up to the first point that is at fault.
///
/// It is a type, not a closure, because a closure does not hand on the caller's line, which is
/// what a kink is reported with.
struct Terms<'a, F, L: ?Sized, I> {
    loss: &'a L,
    points: I,
    /// How many points were taken.
    count: &'a mut usize,
    /// The sum of their weights, where they have any.
    weights: &'a mut f64,
    fault: &'a mut Option<LossError>,
    precision: PhantomData<F>,
}

impl<F, L, I> Iterator for Terms<'_, F, L, I>
where
    F: Real,
    L: Loss<F> + ?Sized,
    I: Iterator<Item: Sample<F>>,
{
    type Item = <I::Item as Sample<F>>::Prediction;

    #[inline(always)]
    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (prediction, target, weight) = self.points.next()?.split();
            let index = *self.count;
            *self.count += 1;
            if weight == F::zero() {
                continue;
            }
            // One comparison for both: the difference of finite numbers is finite, or overflows.
            let sound = (prediction.peek() - target).is_finite()
                && L::TARGETS.contain(target)
                && weight > F::zero()
                && weight.is_finite();
            if !sound {
                *self.fault = fault(L::TARGETS, index, prediction.peek(), target, weight);
                if self.fault.is_some() {
                    return None;
                }
            }
            if I::Item::WEIGHTED {
                *self.weights += weight.to_double();
            }
            return Some(self.loss.at(prediction, target) * weight);
        }
    }
}

/// What is wrong with a point, if anything.
#[cold]
#[inline(never)]
fn fault<F: Real>(
    expected: super::Targets,
    index: usize,
    prediction: F,
    target: F,
    weight: F,
) -> Option<LossError> {
    let [prediction, target, weight] = [prediction, target, weight].map(F::to_double);
    if !prediction.is_finite() {
        Some(LossError::Prediction { index, value: prediction })
    } else if !expected.contain(target) {
        Some(LossError::Target { index, value: target, expected })
    } else {
        check_weight(index, weight).err()
    }
}

/// A weight must be finite and not negative.
pub(super) fn check_weight(index: usize, weight: f64) -> Result<(), LossError> {
    if weight >= 0.0 && weight.is_finite() {
        Ok(())
    } else {
        Err(LossError::Weight { index, value: weight })
    }
}

/// Divides a weighted sum by the sum of the weights.
#[inline(always)]
#[track_caller]
pub(super) fn over_weights<F: Real, T: Scalar<F>>(sum: T, weights: f64) -> Result<T, LossError> {
    let divisor = F::from_double(weights);
    if divisor > F::zero() && divisor.is_finite() {
        Ok(sum / divisor)
    } else {
        Err(LossError::WeightSum { value: weights })
    }
}

/// The weighted sum of a loss, and the sum of the weights (without weights: the number of points).
#[inline(always)]
#[track_caller]
pub(super) fn sum<F, L, P>(
    loss: &L,
    points: impl IntoIterator<Item = P>,
) -> Result<(P::Prediction, f64), LossError>
where
    F: Real,
    L: Loss<F> + ?Sized,
    P: Sample<F>,
{
    let (mut count, mut weights, mut fault) = (0, 0.0, None);
    let sum = Scalar::total(Terms {
        loss,
        points: points.into_iter(),
        count: &mut count,
        weights: &mut weights,
        fault: &mut fault,
        precision: PhantomData,
    });
    match fault {
        Some(fault) => Err(fault),
        None if count == 0 => Err(LossError::Empty),
        None if P::WEIGHTED => Ok((sum, weights)),
        None => Ok((sum, count as f64)),
    }
}
