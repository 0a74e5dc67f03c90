//! Adam, [`Adam`], and the rules that followed it.

mod adamax;
mod adan;
mod amsgrad;
mod belief;
mod nadam;
mod radam;
mod yogi;

pub use adamax::Adamax;
pub use adan::Adan;
pub use amsgrad::AmsGrad;
pub use belief::AdaBelief;
pub use nadam::NAdam;
pub use radam::RAdam;
pub use yogi::Yogi;

use super::shared::{check_betas, check_from_0, mean, over, power};
use super::{At, Betas, Epsilon, UpdateRule};
use crate::Real;
use crate::optim::error::OptimError;
use crate::optim::{Driver, DriverBuilder};

/// Adam: the running mean of the slope over the root of that of its squares, both without the bias of
/// their beginning at 0.
///
/// ```text
/// m ← β₁ m + (1 − β₁) g
/// v ← β₂ v + (1 − β₂) g²
/// m̂ ← m / (1 − β₁ᵏ)      or β₁ m / (1 − β₁ᵏ⁺¹) + (1 − β₁) g / (1 − β₁ᵏ) with nesterov
/// d ← m̂ / (√(v / (1 − β₂ᵏ) + ε') + ε)
/// ```
///
/// Defaults: β = (0.9, 0.999), ε = 10⁻⁸, ε' = 0, PyTorch's and optax's alike; `ε'` and `nesterov` are
/// optax's (`eps_root`; `nadam` is Adam with `nesterov`, another rule than PyTorch's [`NAdam`]). The first step has the length of
/// the rate, but for ε. [`AdamW`](crate::optim::AdamW) begins with decoupled weight decay; with `amsgrad`
/// PyTorch's Adam is [`AmsGrad`].
///
/// D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
///
/// ```
/// use wengert::optim::{Adam, Optimizer};
/// let mut adam = Adam::builder(0.25).eps(0.0).build()?;
/// let mut x = [1.0, 1.0];
/// adam.step(&mut x, 0.0, &[4.0, -0.001])?;
/// approx::assert_relative_eq!(&x[..], &[0.75, 1.25][..], max_relative = 1e-14);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adam<F: Real = f64> {
    betas: (F, F),
    eps: F,
    eps_root: F,
    nesterov: bool,
}

impl<F: Real> Default for Adam<F> {
    fn default() -> Self {
        let (eps_root, nesterov) = (F::zero(), false);
        Adam { betas: usual_betas(), eps: F::from_double(1e-8), eps_root, nesterov }
    }
}

/// What holds for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    moments: Moments<F>,
    eps: F,
    eps_root: F,
    nesterov: bool,
    /// `1 − β₁ᵏ⁺¹`.
    next: F,
}

impl<F: Real> UpdateRule<F> for Adam<F> {
    const NAME: &'static str = "adam";
    const BUFFERS: &'static [&'static str] = &["mean", "mean of squares"];
    type State = [F; 2];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        check_betas(self.betas)?;
        check_from_0("eps", self.eps)?;
        check_from_0("eps inside of the root", self.eps_root)
    }

    fn coefficients(&self, at: At<F>) -> Coefficients<F> {
        Coefficients {
            moments: Moments::at(self.betas, at.step),
            eps: self.eps,
            eps_root: self.eps_root,
            nesterov: self.nesterov,
            next: F::one() - power(self.betas.0, at.step + 1),
        }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [m, v]: [F; 2]) -> (F, [F; 2]) {
        let Moments { first, corrections, .. } = c.moments;
        let (m, v) = (c.moments.mean(m, g), c.moments.square(v, g));
        let ahead = if c.nesterov {
            first * (m / c.next) + (F::one() - first) * (g / corrections.0)
        } else {
            m / corrections.0
        };
        (over(ahead, (v / corrections.1 + c.eps_root).sqrt() + c.eps), [m, v])
    }
}

/// The running means of the slope and of its squares.
#[derive(Clone, Copy, Debug)]
struct Moments<F> {
    first: F,
    second: F,
    /// `1 − βᵏ` for both, by which a mean that began at 0 is too small.
    corrections: (F, F),
}

impl<F: Real> Moments<F> {
    fn at((first, second): (F, F), step: u64) -> Self {
        let correction = |beta| F::one() - power(beta, step);
        Moments { first, second, corrections: (correction(first), correction(second)) }
    }

    #[inline(always)]
    fn mean(&self, m: F, g: F) -> F {
        mean(m, self.first, g)
    }

    #[inline(always)]
    fn square(&self, v: F, g: F) -> F {
        mean(v, self.second, g * g)
    }
}

/// (0.9, 0.999).
fn usual_betas<F: Real>() -> (F, F) {
    (F::from_double(0.9), F::from_double(0.999))
}

impl<F: Real> Betas<F> for Adam<F> {
    fn betas_mut(&mut self) -> &mut (F, F) {
        &mut self.betas
    }
}

impl<F: Real> Epsilon<F> for Adam<F> {
    fn eps_mut(&mut self) -> &mut F {
        &mut self.eps
    }
}

impl<F: Real> Driver<Adam<F>, F> {
    /// Options for a learning rate; PyTorch's default is 0.001.
    ///
    /// ```
    /// use wengert::optim::Adam;
    /// assert!(Adam::builder(1e-3).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<Adam<F>, F> {
        DriverBuilder::new(learning_rate, Adam::default())
    }
}

impl<F: Real> DriverBuilder<Adam<F>, F> {
    /// The `ε'` inside of the root, optax's `eps_root`. It keeps the root differentiable where a step is
    /// itself differentiated.
    ///
    /// ```
    /// use wengert::optim::{Adam, Optimizer};
    /// let mut adam = Adam::builder(1.0).eps(0.0).eps_root(16.0).build()?;
    /// let mut x = [0.0];
    /// adam.step(&mut x, 0.0, &[3.0])?; // - 3 / √(9 + 16)
    /// approx::assert_relative_eq!(x[0], -0.6, max_relative = 1e-14);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn eps_root(mut self, eps: F) -> Self {
        self.rule_mut().eps_root = eps;
        self
    }

    /// Nesterov's momentum, as optax has it: the mean looks one slope ahead.
    ///
    /// T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016, with one β₁ for all steps.
    ///
    /// ```
    /// use wengert::optim::{Adam, Optimizer};
    /// let mut adam = Adam::builder(1.0).betas(0.5, 0.0).eps(0.0).nesterov(true).build()?;
    /// let mut x = [0.0];
    /// adam.step(&mut x, 0.0, &[3.0])?; // - (0.5 * 0.5 / 0.75 + 0.5 / 0.5)
    /// approx::assert_relative_eq!(x[0], -4.0 / 3.0, max_relative = 1e-14);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.rule_mut().nesterov = nesterov;
        self
    }
}
