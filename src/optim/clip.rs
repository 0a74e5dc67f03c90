//! Gradient clipping: [`clip_norm`], [`clip_value`].

use crate::Real;
use crate::op::nary::Norm;
use crate::short::Short;

/// Shortens a gradient to Euclidean norm `max_norm` if it is longer; returns the norm before.
///
/// `g ← g · min(1, max_norm / ‖g‖)`: the direction stays (Pascanu, Mikolov, Bengio, "On the
/// difficulty of training recurrent neural networks", ICML 2013). A gradient within the bound is
/// unchanged to the bit. PyTorch divides by `‖g‖ + 10⁻⁶`, and so ends slightly shorter.
///
/// A norm beyond the greatest number is returned as infinity, and the gradient is shortened all the
/// same. A gradient with a NaN or an infinity has norm NaN or infinity, and is unchanged.
///
/// # Panics
/// If `max_norm` is negative or NaN.
///
/// ```
/// use wengert::optim::clip_norm;
/// let mut g = [3.0, 4.0];
/// assert_eq!(clip_norm(&mut g, 1.0), 5.0);
/// assert_eq!(g, [0.6000000000000001, 0.8]);
/// assert_eq!(clip_norm(&mut [0.3, 0.4], 1.0), 0.5); // and unchanged
///
/// let mut g = [3e38_f32, 3e38];
/// assert_eq!(clip_norm(&mut g, 1.0), f32::INFINITY);
/// assert_eq!(g, [0.5_f32.sqrt(); 2]);
/// ```
#[track_caller]
pub fn clip_norm<F: Real>(gradient: &mut [F], max_norm: F) -> F {
    assert!(max_norm >= F::zero(), "a gradient cannot be clipped at the norm {}", Short(max_norm));
    let norm = Norm::of(gradient.iter().copied());
    if let Some(shortening) = Shortening::to(max_norm, norm) {
        gradient.iter_mut().for_each(|g| *g = shortening.of(*g));
    }
    norm.value()
}

/// Brings each entry of a gradient into `[-bound, bound]`. NaN stays NaN.
///
/// # Panics
/// If `bound` is negative or NaN.
///
/// ```
/// use wengert::optim::clip_value;
/// let mut g = [3.0, -0.5, -4.0];
/// clip_value(&mut g, 1.0);
/// assert_eq!(g, [1.0, -0.5, -1.0]);
/// ```
#[track_caller]
pub fn clip_value<F: Real>(gradient: &mut [F], bound: F) {
    assert!(bound >= F::zero(), "a gradient cannot be clipped at the value {}", Short(bound));
    gradient.iter_mut().for_each(|g| *g = bounded(*g, bound));
}

/// What makes the entries of a gradient smaller.
#[derive(Clone, Copy)]
pub(super) struct Shortening<F> {
    /// 1 unless the factor alone would have lost bits to underflow.
    divisor: F,
    factor: F,
}

impl<F: Real> Shortening<F> {
    /// None.
    pub(super) fn none() -> Self {
        Shortening { divisor: F::one(), factor: F::one() }
    }

    /// That to a norm, of a gradient of finite numbers whose norm is greater.
    pub(super) fn to(max_norm: F, norm: Norm<F>) -> Option<Self> {
        let Norm { scale, root } = norm;
        if !(scale.is_finite() && norm.value() > max_norm) {
            return None;
        }
        let (divisor, factor) = (F::one(), max_norm / scale / root);
        let whole = scale == F::one() || factor >= F::min_positive_value();
        Some(if whole {
            Shortening { divisor, factor }
        } else {
            Shortening { divisor: scale, factor: max_norm / root }
        })
    }

    #[inline(always)]
    pub(super) fn of(self, g: F) -> F {
        if self.divisor == F::one() { g * self.factor } else { g / self.divisor * self.factor }
    }
}

/// `num_traits`' `max` and `min` would turn NaN into a bound.
pub(super) fn bounded<F: Real>(g: F, bound: F) -> F {
    if g > bound {
        bound
    } else if g < -bound {
        -bound
    } else {
        g
    }
}

/// Euclidean norm; infinity where it is beyond the greatest number.
pub(super) fn norm<F: Real>(values: impl ExactSizeIterator<Item = F> + Clone) -> F {
    Norm::of(values).value()
}
