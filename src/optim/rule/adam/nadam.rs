//! NAdam: [`NAdam`].

use super::{Moments, usual_betas};
use crate::Real;
use crate::optim::driver::{Driver, DriverBuilder, rounded};
use crate::optim::error::OptimError;
use crate::optim::rule::shared::{check_betas, check_from_0, over};
use crate::optim::rule::{At, Betas, Epsilon, UpdateRule};

/// NAdam: [`Adam`](super::Adam) with Nesterov's momentum, whose β₁ grows from its half.
///
/// ```text
/// m, v as in Adam
/// μₖ = β₁ (1 − ½ 0.96^(k ψ))
/// d ← ((1 − μₖ) g / (1 − μ₁ ⋯ μₖ) + μₖ₊₁ m / (1 − μ₁ ⋯ μₖ₊₁)) / (√(v / (1 − β₂ᵏ)) + ε)
/// ```
///
/// Defaults: β = (0.9, 0.999), ε = 10⁻⁸, ψ = 0.004, PyTorch's. optax's `nadam` is another rule, [`Adam`]
/// with [`nesterov`](DriverBuilder::<super::Adam>::nesterov): at rate 0.1 and slope 1 the first step is
/// 0.1056 here and 0.1474 there. PyTorch keeps the product of the `μ` in single precision, whatever the
/// parameters' is, and so does this rule unless [told otherwise](DriverBuilder::<NAdam>::single_product).
///
/// T. Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016.
///
/// [`Adam`]: super::Adam
///
/// ```
/// use wengert::optim::{NAdam, Optimizer};
/// let mut nadam = NAdam::builder(0.1).build()?;
/// let mut x = [0.0_f64];
/// nadam.step(&mut x, 0.0, &[1.0])?;
/// assert!((x[0] + 0.1056).abs() < 1e-4);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NAdam<F: Real = f64> {
    betas: (F, F),
    eps: F,
    momentum_decay: F,
    single_product: bool,
}

impl<F: Real> Default for NAdam<F> {
    fn default() -> Self {
        let momentum_decay = F::from_double(4e-3);
        let (betas, eps) = (usual_betas(), F::from_double(1e-8));
        NAdam { betas, eps, momentum_decay, single_product: true }
    }
}

impl<F: Real> NAdam<F> {
    /// `μₖ`.
    fn momentum(&self, step: u64) -> F {
        let exponent = F::from_double(step as f64) * self.momentum_decay;
        let half = F::from_double(0.5);
        self.betas.0 * (F::one() - half * F::from_double(0.96).powf(exponent))
    }
}

/// What holds for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    moments: Moments<F>,
    eps: F,
    by_slope: F,
    by_mean: F,
}

impl<F: Real> UpdateRule<F> for NAdam<F> {
    const NAME: &'static str = "nadam";
    const BUFFERS: &'static [&'static str] = &["mean", "mean of squares"];
    type State = [F; 2];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        check_betas(self.betas)?;
        check_from_0("eps", self.eps)?;
        check_from_0("decay of the momentum", self.momentum_decay)
    }

    fn product(&self, before: F, step: u64) -> F {
        let share = rounded(self.momentum(step), self.single_product);
        rounded(before * share, self.single_product)
    }

    fn coefficients(&self, at: At<F>) -> Coefficients<F> {
        let one = F::one();
        let (now, next) = (self.momentum(at.step), self.momentum(at.step + 1));
        Coefficients {
            moments: Moments::at(self.betas, at.step),
            eps: self.eps,
            by_slope: (one - now) / (one - at.product),
            by_mean: next / (one - at.product * next),
        }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [m, v]: [F; 2]) -> (F, [F; 2]) {
        let (m, v) = (c.moments.mean(m, g), c.moments.square(v, g));
        let root = (v / c.moments.corrections.1).sqrt() + c.eps;
        (over(c.by_slope * g + c.by_mean * m, root), [m, v])
    }
}

impl<F: Real> Betas<F> for NAdam<F> {
    fn betas_mut(&mut self) -> &mut (F, F) {
        &mut self.betas
    }
}

impl<F: Real> Epsilon<F> for NAdam<F> {
    fn eps_mut(&mut self) -> &mut F {
        &mut self.eps
    }
}

impl<F: Real> Driver<NAdam<F>, F> {
    /// Options for a learning rate; PyTorch's default is 0.002.
    ///
    /// ```
    /// use wengert::optim::NAdam;
    /// assert!(NAdam::builder(2e-3).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<NAdam<F>, F> {
        DriverBuilder::new(learning_rate, NAdam::default())
    }
}

impl<F: Real> DriverBuilder<NAdam<F>, F> {
    /// The `ψ ≥ 0` with which the momentum grows.
    ///
    /// ```
    /// use wengert::optim::{NAdam, Optimizer};
    /// let mut nadam = NAdam::builder(1.0).betas(0.5, 0.0).eps(0.0).momentum_decay(0.0).build()?;
    /// let mut x = [0.0];
    /// nadam.step(&mut x, 0.0, &[3.0])?; // μ is always 1/4: - (1 + 1/4 * 1/2 / (15/16))
    /// approx::assert_relative_eq!(x[0], -1.0 - 2.0 / 15.0, max_relative = 1e-14);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn momentum_decay(mut self, decay: F) -> Self {
        self.rule_mut().momentum_decay = decay;
        self
    }

    /// Whether the product of the `μ` is rounded to single precision, as in PyTorch; it is unless said
    /// otherwise. It changes steps by some 10⁻⁹ of their length.
    ///
    /// ```
    /// use wengert::optim::{NAdam, Optimizer};
    /// let way = |single| {
    ///     let mut nadam = NAdam::builder(1.0).single_product(single).build()?;
    ///     let mut x = [0.0];
    ///     nadam.step(&mut x, 0.0, &[1.0])?;
    ///     Ok::<_, wengert::optim::OptimError>(x[0])
    /// };
    /// approx::assert_relative_eq!(way(true)?, way(false)?, max_relative = 1e-7);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn single_product(mut self, single: bool) -> Self {
        self.rule_mut().single_product = single;
        self
    }
}
