//! Yogi: [`Yogi`].

use super::{Moments, usual_betas};
use crate::Real;
use crate::optim::error::OptimError;
use crate::optim::rule::shared::{check_betas, check_from_0, over};
use crate::optim::rule::{At, Betas, Epsilon, UpdateRule};
use crate::optim::{Driver, DriverBuilder};

/// Yogi: [`Adam`](super::Adam) whose estimate of the squares moves by steps of the size of the square, not
/// of the difference, so that it forgets steep slopes slowly.
///
/// ```text
/// m ← β₁ m + (1 − β₁) g                    at first m = v = v₀
/// v ← v − (1 − β₂) sign(v − g²) g²
/// d ← m / (1 − β₁ᵏ) / (√(v / (1 − β₂ᵏ)) + ε)
/// ```
///
/// Defaults: β = (0.9, 0.999), ε = 10⁻³, v₀ = 10⁻⁶, optax's, which begins the mean of the slopes there too.
/// PyTorch has no Yogi.
///
/// M. Zaheer and others, "Adaptive methods for nonconvex optimization", NeurIPS 2018.
///
/// ```
/// use wengert::optim::{Optimizer, Yogi};
/// let mut yogi = Yogi::builder(1.0).betas(0.0, 0.5).eps(0.0).initial(0.0).build()?;
/// let mut x = [0.0];
/// yogi.step(&mut x, 0.0, &[4.0])?; // v = 8, corrected 16
/// approx::assert_relative_eq!(x[0], -1.0);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Yogi<F: Real = f64> {
    betas: (F, F),
    eps: F,
    initial: F,
}

impl<F: Real> Default for Yogi<F> {
    fn default() -> Self {
        let (eps, initial) = (F::from_double(1e-3), F::from_double(1e-6));
        Yogi { betas: usual_betas(), eps, initial }
    }
}

/// What holds for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    moments: Moments<F>,
    eps: F,
}

impl<F: Real> UpdateRule<F> for Yogi<F> {
    const NAME: &'static str = "yogi";
    const BUFFERS: &'static [&'static str] = &["mean", "estimate of squares"];
    type State = [F; 2];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        check_betas(self.betas)?;
        check_from_0("eps", self.eps)?;
        check_from_0("initial estimate", self.initial)
    }

    fn initial(&self, _: F) -> [F; 2] {
        [self.initial; 2]
    }

    fn coefficients(&self, at: At<F>) -> Coefficients<F> {
        Coefficients { moments: Moments::at(self.betas, at.step), eps: self.eps }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [m, v]: [F; 2]) -> (F, [F; 2]) {
        let m = c.moments.mean(m, g);
        let gap = v - g * g;
        let sign = if gap == F::zero() { gap } else { gap.signum() };
        let v = v - (F::one() - c.moments.second) * sign * (g * g);
        let Moments { corrections: (by_mean, by_square), .. } = c.moments;
        (over(m / by_mean, (v / by_square).sqrt() + c.eps), [m, v])
    }
}

impl<F: Real> Betas<F> for Yogi<F> {
    fn betas_mut(&mut self) -> &mut (F, F) {
        &mut self.betas
    }
}

impl<F: Real> Epsilon<F> for Yogi<F> {
    fn eps_mut(&mut self) -> &mut F {
        &mut self.eps
    }
}

impl<F: Real> Driver<Yogi<F>, F> {
    /// Options for a learning rate; the paper begins with 0.01.
    ///
    /// ```
    /// use wengert::optim::Yogi;
    /// assert!(Yogi::builder(1e-2).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<Yogi<F>, F> {
        DriverBuilder::new(learning_rate, Yogi::default())
    }
}

impl<F: Real> DriverBuilder<Yogi<F>, F> {
    /// What both estimates begin with, `v₀ ≥ 0`; optax's `initial_accumulator_value`.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Yogi};
    /// let mut yogi = Yogi::builder(1.0).initial(0.5).build()?;
    /// yogi.step(&mut [0.0], 0.0, &[0.0])?;
    /// assert_eq!(yogi.state().buffers[1].values, [0.5]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn initial(mut self, value: F) -> Self {
        self.rule_mut().initial = value;
        self
    }
}
