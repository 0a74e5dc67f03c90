//! Gradient clipping: [`clip_norm`], [`clip_value`].

use crate::Real;

/// Shortens a gradient to Euclidean norm `max_norm` if it is longer; returns the norm before.
///
/// `g ← g · min(1, max_norm / ‖g‖)`: the direction stays (Pascanu, Mikolov, Bengio, "On the
/// difficulty of training recurrent neural networks", ICML 2013). A gradient within the bound is
/// unchanged to the bit. PyTorch divides by `‖g‖ + 10⁻⁶`, and so ends slightly shorter.
///
/// A gradient with a NaN or an infinity has norm NaN or infinity, and is unchanged.
///
/// ```
/// use wengert::optim::clip_norm;
/// let mut g = [3.0, 4.0];
/// assert_eq!(clip_norm(&mut g, 1.0), 5.0);
/// assert_eq!(g, [0.6000000000000001, 0.8]);
/// assert_eq!(clip_norm(&mut [0.3, 0.4], 1.0), 0.5); // and unchanged
/// ```
pub fn clip_norm<F: Real>(gradient: &mut [F], max_norm: F) -> F {
    let norm = norm(gradient.iter().copied());
    let factor = norm_factor(norm, max_norm);
    if factor < F::one() {
        gradient.iter_mut().for_each(|g| *g *= factor);
    }
    norm
}

/// Brings each entry of a gradient into `[-bound, bound]`. NaN stays NaN.
///
/// ```
/// use wengert::optim::clip_value;
/// let mut g = [3.0, -0.5, -4.0];
/// clip_value(&mut g, 1.0);
/// assert_eq!(g, [1.0, -0.5, -1.0]);
/// ```
pub fn clip_value<F: Real>(gradient: &mut [F], bound: F) {
    gradient.iter_mut().for_each(|g| *g = bounded(*g, bound));
}

/// What a gradient of this norm is multiplied with.
pub(super) fn norm_factor<F: Real>(norm: F, max_norm: F) -> F {
    if norm.is_finite() && norm > max_norm { max_norm / norm } else { F::one() }
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

/// Euclidean norm. The squares are scaled only where they would overflow or vanish.
pub(super) fn norm<F: Real>(values: impl Iterator<Item = F> + Clone) -> F {
    let plain: F = values.clone().map(|v| v * v).sum();
    // Below this, squares have lost digits to underflow.
    let least = F::min_positive_value() / F::epsilon() / F::epsilon();
    if plain.is_nan() || (plain.is_finite() && plain > least) {
        return plain.sqrt();
    }
    let largest = values.clone().map(F::abs).fold(F::zero(), F::max);
    if largest == F::zero() || largest.is_infinite() {
        return largest;
    }
    largest * values.map(|v| (v / largest).powi(2)).sum::<F>().sqrt()
}
