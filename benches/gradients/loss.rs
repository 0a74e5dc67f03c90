//! The losses, as ordinary expressions.
//!
//! What the one-node-per-operation tape runs too asks for a [`Number`], the rest for a
//! [`Scalar`]. They are marked `#[inline]`, as small generic functions are: where the compiler sees
//! how the variables were made, it leaves out the cases that cannot occur.

use std::array;
use std::f64::consts::TAU;
use std::iter::{self, Sum};
use std::ops::{Add, AddAssign, Div, Mul, Sub};
use wengert::check::{self, Verdict};
use wengert::{Scalar, Var, Var2};

/// Panics if differences say that the gradient of a loss is wrong: by all parameters, or where they
/// are many by some of them, evenly spread, with the others held.
pub(crate) fn checked(loss: impl Fn(&[Var]) -> Var, at: &[f64]) {
    const MOST: usize = 350;
    let every = at.len().div_ceil(MOST);
    let some: Vec<f64> = at.iter().step_by(every).copied().collect();
    let loss = |some: &[Var]| {
        let mut all: Vec<Var> = at.iter().map(|&x| x.into()).collect();
        all.iter_mut().step_by(every).zip(some).for_each(|(x, &some)| *x = some);
        loss(&all)
    };
    let report = check::differences(loss, &some);
    assert!(report.verdict() < Verdict::Wrong, "{report}");
}

/// What the losses ask of both tapes.
pub(crate) trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
    + Sum
{
    fn abs(self) -> Self;
    fn relu(self) -> Self;
}

/// The two methods, from those of a [`Scalar`].
macro_rules! number {
    ($Var:ty) => {
        impl Number for $Var {
            #[inline(always)]
            #[track_caller]
            fn abs(self) -> Self {
                Scalar::abs(self)
            }

            #[inline(always)]
            #[track_caller]
            fn relu(self) -> Self {
                Scalar::relu(self)
            }
        }
    };
}
number!(Var);
number!(Var2);

/// `Σ |a x² + b x - y| / n`.
#[inline]
pub(crate) fn mean_absolute_error<T: Number>([a, b]: [T; 2], points: &[(f64, f64)]) -> T {
    let n = points.len() as f64;
    points.iter().map(|&(x, y)| (a * x * x + b * x - y).abs()).sum::<T>() / n
}

/// `Σ 100 (xᵢ₊₁ - xᵢ²)² + (xᵢ - 1)²`.
#[inline]
pub(crate) fn rosenbrock<T: Number>(x: &[T]) -> T {
    x.windows(2).map(|pair| valley(pair[0], pair[1])).sum()
}

/// [`rosenbrock`] of any [`Scalar`].
pub(crate) fn rosenbrock_of<T: Scalar>(x: &[T]) -> T {
    let valley = |x: T, next: T| {
        let (t, u) = (next - x * x, x - 1.0);
        t * t * 100.0 + u * u
    };
    x.windows(2).map(|pair| valley(pair[0], pair[1])).sum()
}

/// [`rosenbrock`], added up in a loop.
#[inline]
pub(crate) fn rosenbrock_loop<T: Number + AddAssign + From<f64>>(x: &[T]) -> T {
    let mut f = T::from(0.0);
    for pair in x.windows(2) {
        f += valley(pair[0], pair[1]);
    }
    f
}

#[inline(always)]
fn valley<T: Number>(x: T, next: T) -> T {
    let (t, u) = (next - x * x, x - 1.0);
    t * t * 100.0 + u * u
}

/// Inputs of the perceptron.
pub(crate) const INPUTS: usize = 2;
/// Units in each of its two hidden layers.
pub(crate) const HIDDEN: usize = 16;
/// All its weights.
pub(crate) const WEIGHTS: usize = HIDDEN * INPUTS + HIDDEN + HIDDEN * HIDDEN + HIDDEN + HIDDEN + 1;

/// An input and its class, which is 1 or -1.
pub(crate) type Sample = ([f64; INPUTS], f64);

/// The weights of the perceptron: matrices row by row, a row a unit.
pub(crate) struct Layers<'w, T> {
    pub(crate) w1: &'w [T],
    pub(crate) b1: &'w [T],
    pub(crate) w2: &'w [T],
    pub(crate) b2: &'w [T],
    pub(crate) w3: &'w [T],
    pub(crate) b3: &'w T,
}

impl<'w, T> Layers<'w, T> {
    #[inline(always)]
    pub(crate) fn of(weights: &'w [T]) -> Self {
        let (w1, rest) = weights.split_at(HIDDEN * INPUTS);
        let (b1, rest) = rest.split_at(HIDDEN);
        let (w2, rest) = rest.split_at(HIDDEN * HIDDEN);
        let (b2, rest) = rest.split_at(HIDDEN);
        let (w3, rest) = rest.split_at(HIDDEN);
        Layers { w1, b1, w2, b2, w3, b3: &rest[0] }
    }
}

/// The mean hinge loss of a perceptron 2-16-16-1 with ReLU. A unit's sum `w · x + b` is `first` in
/// the first layer, where `x` is data, and `then` in the others.
#[inline(always)]
pub(crate) fn hinge<T: Number>(
    weights: &[T],
    samples: &[Sample],
    first: impl Fn(&[T], &[f64], T) -> T,
    then: impl Fn(&[T], &[T], T) -> T,
) -> T {
    let Layers { w1, b1, w2, b2, w3, b3 } = Layers::of(weights);
    let margins = samples.iter().map(|(x, class)| {
        let h1: [T; HIDDEN] =
            array::from_fn(|j| first(&w1[j * INPUTS..][..INPUTS], x, b1[j]).relu());
        let h2: [T; HIDDEN] =
            array::from_fn(|j| then(&w2[j * HIDDEN..][..HIDDEN], &h1, b2[j]).relu());
        (then(w3, &h2, *b3) * -class + 1.0).relu()
    });
    margins.sum::<T>() / samples.len() as f64
}

/// `w · x + b` by operators.
#[inline(always)]
pub(crate) fn by_operators<T, X>(w: &[T], x: &[X], b: T) -> T
where
    T: Number + Mul<X, Output = T>,
    X: Copy,
{
    w.iter().zip(x).map(|(&w, &x)| w * x).sum::<T>() + b
}

/// `w · x + b`, added up in a loop from `b` on.
#[inline(always)]
pub(crate) fn by_loop<T, X>(w: &[T], x: &[X], b: T) -> T
where
    T: Number + Mul<X, Output = T>,
    X: Copy,
{
    let mut z = b;
    for (&w, &x) in w.iter().zip(x) {
        z = z + w * x;
    }
    z
}

/// `w · x + b` as one statement for the product.
#[inline(always)]
pub(crate) fn by_dot<T: Scalar, X: Copy + Into<T> + 'static>(w: &[T], x: &[X], b: T) -> T {
    T::dot(w, x) + b
}

/// The same as [`hinge`], with one statement for each product of slices. The units are written where
/// they stay, for an array that is made by `from_fn` is copied.
#[inline(always)]
pub(crate) fn hinge_by_dot<T: Scalar>(weights: &[T], samples: &[Sample]) -> T {
    let Layers { w1, b1, w2, b2, w3, b3 } = Layers::of(weights);
    let margins = samples.iter().map(|(x, class)| {
        let [mut h1, mut h2] = [[*b3; HIDDEN]; 2];
        for (j, unit) in h1.iter_mut().enumerate() {
            *unit = by_dot(&w1[j * INPUTS..][..INPUTS], x, b1[j]).relu();
        }
        for (j, unit) in h2.iter_mut().enumerate() {
            *unit = by_dot(&w2[j * HIDDEN..][..HIDDEN], &h1, b2[j]).relu();
        }
        (by_dot(w3, &h2, *b3) * -class + 1.0).relu()
    });
    margins.sum::<T>() / samples.len() as f64
}

/// Dimensions of the Gaussian mixture.
pub(crate) const DIM: usize = 10;
/// Components of the Gaussian mixture.
pub(crate) const COMPONENTS: usize = 25;
/// Numbers in a lower triangle.
pub(crate) const TRIANGLE: usize = DIM * (DIM + 1) / 2;
/// All parameters of the Gaussian mixture: the logarithms of the components' weights, then their
/// means, then the factors of their inverse covariances.
///
/// A factor is a lower triangle, row by row, with the logarithms of its diagonal.
pub(crate) const MIXTURE: usize = COMPONENTS * (1 + DIM + TRIANGLE);

/// Where row `i` of a triangle begins.
#[inline(always)]
pub(crate) const fn row(i: usize) -> usize {
    i * (i + 1) / 2
}

/// A component's mean and factor among the parameters.
#[inline(always)]
pub(crate) fn mean_and_factor<T>(parameters: &[T], k: usize) -> (&[T], &[T]) {
    let (means, factors) = parameters[COMPONENTS..].split_at(COMPONENTS * DIM);
    (&means[k * DIM..][..DIM], &factors[k * TRIANGLE..][..TRIANGLE])
}

/// `ln √(2π)` for each dimension.
pub(crate) fn log_normaliser() -> f64 {
    0.5 * DIM as f64 * TAU.ln()
}

/// The log-likelihood of a Gaussian mixture over points `x`,
///
/// ```text
/// Σ ln Σₖ exp(αₖ + Σᵢ qₖᵢ - ½ ‖Qₖ (x - μₖ)‖²) - n (ln Σₖ exp αₖ + ln (2π)^(d/2))
/// ```
///
/// where `Qₖ` is lower triangular with the diagonal `exp qₖ`. It is the objective of ADBench
/// without its prior (Srajer, Kukelova, Fitzgibbon, Optim. Methods Softw. 33, 2018), with each
/// triangle in one piece.
#[inline]
pub(crate) fn mixture<T: Scalar>(parameters: &[T], points: &[[f64; DIM]]) -> T {
    let alphas = &parameters[..COMPONENTS];
    let components: [Component<'_, T>; COMPONENTS] =
        array::from_fn(|k| Component::new(parameters, k));
    let likelihoods = points.iter().map(|x| {
        let mut terms = [alphas[0]; COMPONENTS];
        for (term, component) in terms.iter_mut().zip(&components) {
            *term = component.log_density(x);
        }
        T::log_sum_exp(&terms)
    });
    let normaliser = T::log_sum_exp(alphas) + log_normaliser();
    likelihoods.sum::<T>() - normaliser * points.len() as f64
}

/// What does not depend on the point.
struct Component<'p, T> {
    mean: &'p [T],
    factor: [T; TRIANGLE],
    log_weight: T,
}

impl<'p, T: Scalar> Component<'p, T> {
    fn new(parameters: &'p [T], k: usize) -> Self {
        let (mean, packed) = mean_and_factor(parameters, k);
        let mut factor: [T; TRIANGLE] = array::from_fn(|i| packed[i]);
        let diagonal = (0..DIM).map(|i| row(i) + i);
        for i in diagonal.clone() {
            factor[i] = packed[i].exp();
        }
        let log_weight = iter::once(parameters[k]).chain(diagonal.map(|i| packed[i])).sum();
        Component { mean, factor, log_weight }
    }

    #[inline(always)]
    fn log_density(&self, x: &[f64; DIM]) -> T {
        let mut v = [self.log_weight; DIM];
        let mut z = [self.log_weight; DIM];
        for i in 0..DIM {
            v[i] = self.mean[i] - x[i];
            z[i] = T::dot(&self.factor[row(i)..][..=i], &v[..=i]);
        }
        self.log_weight - T::dot(&z, &z) * 0.5
    }
}
