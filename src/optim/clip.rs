//! Gradient clipping: [`clip_norm`], [`clip_value`].

use crate::Real;
use crate::op::nary::Norm;
use crate::real::Short;

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
struct Shortening<F> {
    /// 1 unless the factor alone would have lost bits to underflow.
    divisor: F,
    factor: F,
}

impl<F: Real> Shortening<F> {
    /// None.
    fn none() -> Self {
        Shortening { divisor: F::one(), factor: F::one() }
    }

    /// That to a norm, of a gradient of finite numbers whose norm is greater.
    fn to(max_norm: F, norm: Norm<F>) -> Option<Self> {
        let Norm { scale, root } = norm;
        if !(scale.is_finite() && norm.value() > max_norm) {
            return None;
        }
        let factor = max_norm / scale / root;
        Some(if factor >= F::min_positive_value() {
            Shortening { divisor: F::one(), factor }
        } else if scale == F::one() {
            Shortening { divisor: root, factor: max_norm }
        } else {
            Shortening { divisor: scale, factor: max_norm / root }
        })
    }

    #[inline(always)]
    fn of(self, g: F) -> F {
        if self.divisor == F::one() { g * self.factor } else { g / self.divisor * self.factor }
    }
}

/// Clipping by value and then by norm, as options.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clipping<F> {
    pub(super) norm: Option<F>,
    pub(super) value: Option<F>,
}

/// Clipping, decided on a whole gradient.
#[derive(Clone, Copy)]
pub(super) struct Clipped<F> {
    bound: F,
    shortening: Shortening<F>,
    /// Whether it changes anything.
    pub(super) changes: bool,
}

impl<F: Real> Clipping<F> {
    /// What it does to a gradient of this norm.
    pub(super) fn decide(&self, gradient: &[F], gradient_norm: Norm<F>) -> Clipped<F> {
        let bound = self.value.unwrap_or(F::infinity());
        let beyond_bound = self.value.is_some() && gradient.iter().any(|g| g.abs() > bound);
        let shortening = self.norm.and_then(|max_norm| {
            let norm = if beyond_bound {
                Norm::of(gradient.iter().map(|&g| bounded(g, bound)))
            } else {
                gradient_norm
            };
            Shortening::to(max_norm, norm)
        });
        let changes = beyond_bound || shortening.is_some();
        let shortening = shortening.unwrap_or_else(Shortening::none);
        Clipped { bound, shortening, changes }
    }
}

impl<F: Real> Clipped<F> {
    #[inline(always)]
    pub(super) fn of(&self, g: F) -> F {
        self.shortening.of(bounded(g, self.bound))
    }
}

/// `num_traits`' `max` and `min` would turn NaN into a bound.
fn bounded<F: Real>(g: F, bound: F) -> F {
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
