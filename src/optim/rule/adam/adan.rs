//! Adan: [`Adan`].

use crate::Real;
use crate::optim::error::OptimError;
use crate::optim::rule::shared::{check_betas, check_from_0, check_share, mean, over, power};
use crate::optim::rule::{At, Epsilon, UpdateRule};
use crate::optim::{Driver, DriverBuilder};

/// Adan: Nesterov's momentum from the differences of slopes, over the root of a mean of squares.
///
/// ```text
/// δ ← g − gₖ₋₁                        0 at the first step
/// m ← β₁ m + (1 − β₁) g
/// v ← β₂ v + (1 − β₂) δ
/// n ← β₃ n + (1 − β₃) (g + (1 − β₂) δ)²
/// d ← (m / (1 − β₁ᵏ) + (1 − β₂) v / (1 − β₂ᵏ)) / (√(n / (1 − β₃ᵏ) + ε') + ε)
/// ```
///
/// Defaults: β = (0.98, 0.92, 0.99), ε = ε' = 10⁻⁸, optax's. There, and so here with PyTorch's sense of β,
/// the share of the *differences* is `1 − β₂`; the authors' code multiplies them by `β₂`, has no ε', and
/// divides by `1 + γ λ` for weight decay.
///
/// X. Xie, P. Zhou, H. Li, Z. Lin, S. Yan, "Adan: adaptive Nesterov momentum algorithm for faster optimizing
/// deep models", arXiv:2208.06677, 2022, algorithm 1, where `1 − β` stands for our β.
///
/// ```
/// use wengert::optim::{Adan, Optimizer};
/// let mut adan = Adan::builder(1.0).betas3(0.0, 0.0, 0.0).eps(0.0).eps_root(0.0).build()?;
/// let mut x = [0.0];
/// adan.step(&mut x, 0.0, &[3.0])?; // - 3/3
/// adan.step(&mut x, 0.0, &[-1.0])?; // - (-1 - 4) / |-1 - 4|
/// assert_eq!(x, [0.0]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adan<F: Real = f64> {
    betas: (F, F, F),
    eps: F,
    eps_root: F,
}

impl<F: Real> Default for Adan<F> {
    fn default() -> Self {
        let double = F::from_double;
        let betas = (double(0.98), double(0.92), double(0.99));
        Adan { betas, eps: double(1e-8), eps_root: double(1e-8) }
    }
}

/// What holds for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    first: bool,
    betas: (F, F, F),
    corrections: (F, F, F),
    eps: F,
    eps_root: F,
}

impl<F: Real> UpdateRule<F> for Adan<F> {
    const NAME: &'static str = "adan";
    const BUFFERS: &'static [&'static str] =
        &["mean", "mean of differences", "mean of squares", "previous gradient"];
    type State = [F; 4];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        let (first, second, third) = self.betas;
        check_betas((first, second))?;
        check_share("beta 3", third)?;
        check_from_0("eps", self.eps)?;
        check_from_0("eps inside of the root", self.eps_root)
    }

    fn coefficients(&self, at: At<F>) -> Coefficients<F> {
        let correction = |beta| F::one() - power(beta, at.step);
        let (first, second, third) = self.betas;
        Coefficients {
            first: at.step == 1,
            betas: self.betas,
            corrections: (correction(first), correction(second), correction(third)),
            eps: self.eps,
            eps_root: self.eps_root,
        }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [m, v, n, before]: [F; 4]) -> (F, [F; 4]) {
        let (first, second, third) = c.betas;
        let share = F::one() - second;
        let difference = if c.first { F::zero() } else { g - before };
        let ahead = g + share * difference;
        let (m, v) = (mean(m, first, g), mean(v, second, difference));
        let n = mean(n, third, ahead * ahead);
        let direction = m / c.corrections.0 + share * (v / c.corrections.1);
        let root = (n / c.corrections.2 + c.eps_root).sqrt() + c.eps;
        (over(direction, root), [m, v, n, g])
    }
}

impl<F: Real> Epsilon<F> for Adan<F> {
    fn eps_mut(&mut self) -> &mut F {
        &mut self.eps
    }
}

impl<F: Real> Driver<Adan<F>, F> {
    /// Options for a learning rate; the authors take 0.001.
    ///
    /// ```
    /// use wengert::optim::Adan;
    /// assert!(Adan::builder(1e-3).weight_decay(0.02).decoupled(true).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<Adan<F>, F> {
        DriverBuilder::new(learning_rate, Adan::default())
    }
}

impl<F: Real> DriverBuilder<Adan<F>, F> {
    /// The shares `β₁`, `β₂`, `β₃` of the past in the means of slopes, differences and squares, in `[0, 1)`.
    ///
    /// ```
    /// use wengert::optim::Adan;
    /// assert!(Adan::builder(1e-3).betas3(0.9, 0.9, 0.99).build().is_ok());
    /// assert!(Adan::builder(1e-3).betas3(0.9, 0.9, 1.0).build().is_err());
    /// ```
    pub fn betas3(mut self, first: F, second: F, third: F) -> Self {
        self.rule_mut().betas = (first, second, third);
        self
    }

    /// The `ε'` inside of the root.
    ///
    /// ```
    /// use wengert::optim::{Adan, Optimizer};
    /// let mut adan = Adan::builder(1.0).eps(0.0).eps_root(16.0).build()?;
    /// let mut x = [0.0];
    /// adan.step(&mut x, 0.0, &[3.0])?; // - 3 / √(9 + 16)
    /// approx::assert_relative_eq!(x[0], -0.6, max_relative = 1e-14);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn eps_root(mut self, eps: F) -> Self {
        self.rule_mut().eps_root = eps;
        self
    }
}
