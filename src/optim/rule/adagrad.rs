//! Adagrad: [`Adagrad`].

use super::shared::{check_from_0, over};
use super::{At, Epsilon, UpdateRule};
use crate::Real;
use crate::optim::error::OptimError;
use crate::optim::{Driver, DriverBuilder};

/// Adagrad: each slope over the root of the sum of its squares.
///
/// ```text
/// s ← s + g²                    at first s₀
/// d ← g / (√s + ε) / (1 + (k − 1) δ)
/// d ← g / √(s + ε) / (1 + (k − 1) δ)    with eps_inside
/// ```
///
/// Defaults: s₀ = 0, decay of the rate δ = 0, ε = 10⁻¹⁰, PyTorch's. optax has ε = 10⁻⁷ inside of the root
/// and s₀ = 0.1, so that its first steps are shorter where slopes are small.
///
/// J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods for online learning and stochastic
/// optimization", Journal of Machine Learning Research 12, 2011.
///
/// ```
/// use wengert::optim::{Adagrad, Optimizer};
/// let mut adagrad = Adagrad::builder(1.0).eps(0.0).build()?;
/// let mut x = [0.0];
/// adagrad.step(&mut x, 0.0, &[3.0])?; // - 3/3
/// adagrad.step(&mut x, 0.0, &[4.0])?; // - 4/5
/// assert_eq!(x, [-1.8]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Adagrad<F: Real = f64> {
    initial_sum: F,
    rate_decay: F,
    eps: F,
    eps_inside: bool,
}

impl<F: Real> Default for Adagrad<F> {
    fn default() -> Self {
        let (initial_sum, rate_decay) = (F::zero(), F::zero());
        Adagrad { initial_sum, rate_decay, eps: F::from_double(1e-10), eps_inside: false }
    }
}

/// What holds for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    fading: F,
    eps: F,
    eps_inside: bool,
}

impl<F: Real> UpdateRule<F> for Adagrad<F> {
    const NAME: &'static str = "adagrad";
    const BUFFERS: &'static [&'static str] = &["sum of squares"];
    type State = [F; 1];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        check_from_0("initial sum", self.initial_sum)?;
        check_from_0("decay of the rate", self.rate_decay)?;
        check_from_0("eps", self.eps)
    }

    fn initial(&self, _: F) -> [F; 1] {
        [self.initial_sum]
    }

    fn coefficients(&self, at: At<F>) -> Coefficients<F> {
        let fading = F::one() + F::from_double((at.step - 1) as f64) * self.rate_decay;
        Coefficients { fading, eps: self.eps, eps_inside: self.eps_inside }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [sum]: [F; 1]) -> (F, [F; 1]) {
        let sum = sum + g * g;
        let root = if c.eps_inside { (sum + c.eps).sqrt() } else { sum.sqrt() + c.eps };
        (over(g, root) / c.fading, [sum])
    }
}

impl<F: Real> Epsilon<F> for Adagrad<F> {
    fn eps_mut(&mut self) -> &mut F {
        &mut self.eps
    }
}

impl<F: Real> Driver<Adagrad<F>, F> {
    /// Options for a learning rate; PyTorch's default is 0.01.
    ///
    /// ```
    /// use wengert::optim::Adagrad;
    /// assert!(Adagrad::builder(0.01).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<Adagrad<F>, F> {
        DriverBuilder::new(learning_rate, Adagrad::default())
    }
}

impl<F: Real> DriverBuilder<Adagrad<F>, F> {
    /// The sum of squares that it begins with, `s₀ ≥ 0`.
    ///
    /// ```
    /// use wengert::optim::{Adagrad, Optimizer};
    /// let mut adagrad = Adagrad::builder(1.0).initial_sum(16.0).eps(0.0).build()?;
    /// let mut x = [0.0];
    /// adagrad.step(&mut x, 0.0, &[3.0])?;
    /// assert_eq!(x, [-0.6]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn initial_sum(mut self, sum: F) -> Self {
        self.rule_mut().initial_sum = sum;
        self
    }

    /// The decay `δ ≥ 0` of the rate, which PyTorch has in this optimizer alone; a
    /// [`schedule`](DriverBuilder::schedule) does more.
    ///
    /// ```
    /// use wengert::optim::{Adagrad, Optimizer};
    /// let mut adagrad = Adagrad::builder(1.0).rate_decay(3.0).eps(0.0).build()?;
    /// let mut x = [0.0];
    /// adagrad.step(&mut x, 0.0, &[3.0])?;
    /// adagrad.step(&mut x, 0.0, &[4.0])?; // - 4/5/4
    /// assert_eq!(x, [-1.2]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn rate_decay(mut self, decay: F) -> Self {
        self.rule_mut().rate_decay = decay;
        self
    }

    /// Whether `ε` is inside of the root, as in optax.
    ///
    /// ```
    /// use wengert::optim::{Adagrad, Optimizer};
    /// let mut adagrad = Adagrad::builder(1.0).eps(16.0).eps_inside(true).build()?;
    /// let mut x = [0.0];
    /// adagrad.step(&mut x, 0.0, &[3.0])?;
    /// assert_eq!(x, [-0.6]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn eps_inside(mut self, inside: bool) -> Self {
        self.rule_mut().eps_inside = inside;
        self
    }
}
