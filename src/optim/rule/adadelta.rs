//! Adadelta: [`Adadelta`].

use super::shared::{check_from_0, check_share, mean, over};
use super::{At, Epsilon, UpdateRule};
use crate::Real;
use crate::optim::error::OptimError;
use crate::optim::{Driver, DriverBuilder};

/// Adadelta: steps in the unit of the parameters, from running means of squared gradients and steps.
///
/// ```text
/// v ← ρ v + (1 − ρ) g²
/// d ← g √(u + ε) / √(v + ε)
/// u ← ρ u + (1 − ρ) d²
/// ```
///
/// Defaults: rate 1 ([`standard`](Driver::<Adadelta>::standard)), ρ = 0.9, ε = 10⁻⁶. PyTorch and optax agree.
/// The first steps have about the length √ε.
///
/// M. D. Zeiler, "ADADELTA: an adaptive learning rate method", arXiv:1212.5701, 2012.
///
/// ```
/// use wengert::optim::{Adadelta, Optimizer};
/// let mut adadelta = Adadelta::builder(1.0).rho(0.0).eps(0.25).build()?;
/// let mut x = [1.0];
/// adadelta.step(&mut x, 0.0, &[2.0])?;
/// approx::assert_relative_eq!(x[0], 1.0 - 2.0 * 0.5 / 4.25_f64.sqrt());
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adadelta<F: Real = f64> {
    rho: F,
    eps: F,
}

impl<F: Real> Default for Adadelta<F> {
    fn default() -> Self {
        Adadelta { rho: F::from_double(0.9), eps: F::from_double(1e-6) }
    }
}

impl<F: Real> UpdateRule<F> for Adadelta<F> {
    const NAME: &'static str = "adadelta";
    const BUFFERS: &'static [&'static str] = &["squares of gradients", "squares of steps"];
    type State = [F; 2];
    type Coefficients = (F, F);

    fn check(&self) -> Result<(), OptimError> {
        check_share("rho", self.rho)?;
        check_from_0("eps", self.eps)
    }

    fn coefficients(&self, _: At<F>) -> (F, F) {
        (self.rho, self.eps)
    }

    #[inline(always)]
    fn apply((rho, eps): (F, F), _: F, g: F, [v, u]: [F; 2]) -> (F, [F; 2]) {
        let v = mean(v, rho, g * g);
        let d = over(g * (u + eps).sqrt(), (v + eps).sqrt());
        (d, [v, mean(u, rho, d * d)])
    }
}

impl<F: Real> Epsilon<F> for Adadelta<F> {
    fn eps_mut(&mut self) -> &mut F {
        &mut self.eps
    }
}

impl<F: Real> Driver<Adadelta<F>, F> {
    /// Options for a factor of the steps, which is 1 in the paper.
    ///
    /// ```
    /// use wengert::optim::Adadelta;
    /// assert!(Adadelta::builder(0.5).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<Adadelta<F>, F> {
        DriverBuilder::new(learning_rate, Adadelta::default())
    }

    /// Options for steps as long as the rule says.
    ///
    /// ```
    /// use wengert::optim::{Adadelta, Optimizer};
    /// let mut adadelta = Adadelta::standard().build()?;
    /// assert_eq!(adadelta.step(&mut [1.0], 0.0, &[2.0])?.size, 1.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn standard() -> DriverBuilder<Adadelta<F>, F> {
        Self::builder(F::one())
    }
}

impl<F: Real> DriverBuilder<Adadelta<F>, F> {
    /// The share `ρ` of the past, in `[0, 1)`.
    ///
    /// ```
    /// use wengert::optim::Adadelta;
    /// assert!(Adadelta::standard().rho(0.95).build().is_ok());
    /// assert!(Adadelta::standard().rho(1.0).build().is_err());
    /// ```
    pub fn rho(mut self, rho: F) -> Self {
        self.rule_mut().rho = rho;
        self
    }
}
