//! Lion: [`Lion`].

use super::shared::{check_betas, mean};
use super::{At, Betas, UpdateRule};
use crate::Real;
use crate::optim::error::OptimError;
use crate::optim::{Driver, DriverBuilder};

/// Lion: steps of one length, in the sign of a momentum.
///
/// ```text
/// d ← sign(β₁ m + (1 − β₁) g)     0 where that is 0
/// m ← β₂ m + (1 − β₂) g
/// ```
///
/// Defaults: β = (0.9, 0.99) and decoupled weight decay of 10⁻³, optax's; the paper's code has none.
/// PyTorch has no Lion.
///
/// X. Chen and others, "Symbolic discovery of optimization algorithms", NeurIPS 2023.
///
/// ```
/// use wengert::optim::{Lion, Optimizer};
/// let mut lion = Lion::builder(0.25).weight_decay(0.0).build()?;
/// let mut x = [1.0, 1.0, 1.0];
/// lion.step(&mut x, 0.0, &[1e-9, -1e9, 0.0])?;
/// assert_eq!(x, [0.75, 1.25, 1.0]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Lion<F: Real = f64> {
    betas: (F, F),
}

impl<F: Real> Default for Lion<F> {
    fn default() -> Self {
        Lion { betas: (F::from_double(0.9), F::from_double(0.99)) }
    }
}

impl<F: Real> UpdateRule<F> for Lion<F> {
    const NAME: &'static str = "lion";
    const BUFFERS: &'static [&'static str] = &["mean"];
    type State = [F; 1];
    type Coefficients = (F, F);

    fn check(&self) -> Result<(), OptimError> {
        check_betas(self.betas)
    }

    fn coefficients(&self, _: At<F>) -> (F, F) {
        self.betas
    }

    #[inline(always)]
    fn apply((first, second): (F, F), _: F, g: F, [m]: [F; 1]) -> (F, [F; 1]) {
        let blend = mean(m, first, g);
        let d = if blend == F::zero() { blend } else { blend.signum() };
        (d, [mean(m, second, g)])
    }
}

impl<F: Real> Betas<F> for Lion<F> {
    fn betas_mut(&mut self) -> &mut (F, F) {
        &mut self.betas
    }
}

impl<F: Real> Driver<Lion<F>, F> {
    /// Options for a learning rate, which is the length of the steps. The paper takes a third to a tenth
    /// of AdamW's.
    ///
    /// ```
    /// use wengert::optim::Lion;
    /// assert!(Lion::builder(1e-4).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<Lion<F>, F> {
        let options = DriverBuilder::new(learning_rate, Lion::default());
        options.weight_decay(F::from_double(1e-3)).decoupled(true)
    }
}
