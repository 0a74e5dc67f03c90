//! Adamax: [`Adamax`].

use super::usual_betas;
use crate::Real;
use crate::optim::error::OptimError;
use crate::optim::rule::shared::{check_betas, check_from_0, mean, over, power};
use crate::optim::rule::{At, Betas, Epsilon, UpdateRule};
use crate::optim::{Driver, DriverBuilder};

/// Adamax: [`Adam`](super::Adam) with a fading maximum of the slope in place of the root.
///
/// ```text
/// m ← β₁ m + (1 − β₁) g
/// u ← max(β₂ u, |g| + ε)
/// d ← m / (1 − β₁ᵏ) / u
/// ```
///
/// Defaults: β = (0.9, 0.999), ε = 10⁻⁸. PyTorch and optax agree; the paper has no ε.
///
/// D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 2.
///
/// ```
/// use wengert::optim::{Adamax, Optimizer};
/// let mut adamax = Adamax::builder(1.0).betas(0.0, 0.5).eps(0.0).build()?;
/// let mut x = [0.0];
/// adamax.step(&mut x, 0.0, &[4.0])?; // - 4/4
/// adamax.step(&mut x, 0.0, &[1.0])?; // - 1/2
/// assert_eq!(x, [-1.5]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adamax<F: Real = f64> {
    betas: (F, F),
    eps: F,
}

impl<F: Real> Default for Adamax<F> {
    fn default() -> Self {
        Adamax { betas: usual_betas(), eps: F::from_double(1e-8) }
    }
}

/// What holds for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    betas: (F, F),
    eps: F,
    correction: F,
}

impl<F: Real> UpdateRule<F> for Adamax<F> {
    const NAME: &'static str = "adamax";
    const BUFFERS: &'static [&'static str] = &["mean", "maximum"];
    type State = [F; 2];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        check_betas(self.betas)?;
        check_from_0("eps", self.eps)
    }

    fn coefficients(&self, at: At<F>) -> Coefficients<F> {
        let correction = F::one() - power(self.betas.0, at.step);
        Coefficients { betas: self.betas, eps: self.eps, correction }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [m, u]: [F; 2]) -> (F, [F; 2]) {
        let m = mean(m, c.betas.0, g);
        let u = (c.betas.1 * u).max(g.abs() + c.eps);
        (over(m / c.correction, u), [m, u])
    }
}

impl<F: Real> Betas<F> for Adamax<F> {
    fn betas_mut(&mut self) -> &mut (F, F) {
        &mut self.betas
    }
}

impl<F: Real> Epsilon<F> for Adamax<F> {
    fn eps_mut(&mut self) -> &mut F {
        &mut self.eps
    }
}

impl<F: Real> Driver<Adamax<F>, F> {
    /// Options for a learning rate; PyTorch's default is 0.002.
    ///
    /// ```
    /// use wengert::optim::Adamax;
    /// assert!(Adamax::builder(2e-3).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<Adamax<F>, F> {
        DriverBuilder::new(learning_rate, Adamax::default())
    }
}
