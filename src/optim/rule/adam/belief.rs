//! AdaBelief: [`AdaBelief`].

use super::{Moments, usual_betas};
use crate::Real;
use crate::optim::error::OptimError;
use crate::optim::rule::shared::{check_betas, check_from_0, over};
use crate::optim::rule::{At, Betas, Epsilon, UpdateRule};
use crate::optim::{Driver, DriverBuilder};

/// AdaBelief: [`Adam`](super::Adam) with the squares of what the mean of the slopes did not foresee.
///
/// ```text
/// m ← β₁ m + (1 − β₁) g
/// s ← β₂ s + (1 − β₂) (g − m)² + ε'
/// d ← m / (1 − β₁ᵏ) / (√(s / (1 − β₂ᵏ)) + ε)
/// ```
///
/// Defaults: β = (0.9, 0.999), ε = ε' = 10⁻¹⁶, optax's; the paper has 10⁻⁸. Slopes that hardly change make
/// long steps: with one that is the same always, `s` tends to `ε'` alone. PyTorch has no AdaBelief.
///
/// J. Zhuang and others, "AdaBelief optimizer: adapting stepsizes by the belief in observed gradients",
/// NeurIPS 2020.
///
/// ```
/// use wengert::optim::{AdaBelief, Optimizer};
/// let mut belief = AdaBelief::builder(1.0).betas(0.5, 0.0).build()?;
/// let mut x = [0.0];
/// belief.step(&mut x, 0.0, &[4.0])?; // - (2 / 0.5) / |4 - 2|
/// approx::assert_relative_eq!(x[0], -2.0, max_relative = 1e-14);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AdaBelief<F: Real = f64> {
    betas: (F, F),
    eps: F,
    eps_root: F,
}

impl<F: Real> Default for AdaBelief<F> {
    fn default() -> Self {
        let eps = F::from_double(1e-16);
        AdaBelief { betas: usual_betas(), eps, eps_root: eps }
    }
}

/// What holds for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    moments: Moments<F>,
    eps: F,
    eps_root: F,
}

impl<F: Real> UpdateRule<F> for AdaBelief<F> {
    const NAME: &'static str = "adabelief";
    const BUFFERS: &'static [&'static str] = &["mean", "mean of squared surprises"];
    type State = [F; 2];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        check_betas(self.betas)?;
        check_from_0("eps", self.eps)?;
        check_from_0("eps inside of the root", self.eps_root)
    }

    fn coefficients(&self, at: At<F>) -> Coefficients<F> {
        let moments = Moments::at(self.betas, at.step);
        Coefficients { moments, eps: self.eps, eps_root: self.eps_root }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [m, s]: [F; 2]) -> (F, [F; 2]) {
        let m = c.moments.mean(m, g);
        let s = c.moments.square(s, g - m) + c.eps_root;
        let Moments { corrections: (by_mean, by_square), .. } = c.moments;
        (over(m / by_mean, (s / by_square).sqrt() + c.eps), [m, s])
    }
}

impl<F: Real> Betas<F> for AdaBelief<F> {
    fn betas_mut(&mut self) -> &mut (F, F) {
        &mut self.betas
    }
}

impl<F: Real> Epsilon<F> for AdaBelief<F> {
    fn eps_mut(&mut self) -> &mut F {
        &mut self.eps
    }
}

impl<F: Real> Driver<AdaBelief<F>, F> {
    /// Options for a learning rate; the paper takes 0.001.
    ///
    /// ```
    /// use wengert::optim::AdaBelief;
    /// assert!(AdaBelief::builder(1e-3).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<AdaBelief<F>, F> {
        DriverBuilder::new(learning_rate, AdaBelief::default())
    }
}

impl<F: Real> DriverBuilder<AdaBelief<F>, F> {
    /// The `ε'` that is added to the mean of squares at each step.
    ///
    /// ```
    /// use wengert::optim::{AdaBelief, Optimizer};
    /// let mut belief = AdaBelief::builder(1.0).betas(0.0, 0.0).eps(0.0).eps_root(4.0).build()?;
    /// let mut x = [0.0];
    /// belief.step(&mut x, 0.0, &[3.0])?; // the mean foresees all: - 3 / √4
    /// assert_eq!(x, [-1.5]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn eps_root(mut self, eps: F) -> Self {
        self.rule_mut().eps_root = eps;
        self
    }
}
