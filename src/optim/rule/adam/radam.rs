//! RAdam: [`RAdam`].

use super::{Moments, usual_betas};
use crate::Real;
use crate::optim::error::OptimError;
use crate::optim::rule::shared::{check_betas, check_from_0, over, power};
use crate::optim::rule::{At, Betas, Epsilon, UpdateRule};
use crate::optim::{Driver, DriverBuilder};

/// RAdam: [`Adam`](super::Adam) that trusts the mean of squares no more than it has seen.
///
/// ```text
/// m, v as in Adam
/// ρ∞ = 2 / (1 − β₂) − 1,  ρ = ρ∞ − 2 k β₂ᵏ / (1 − β₂ᵏ)
/// m̂ ← m / (1 − β₁ᵏ)
/// d ← m̂ r √(1 − β₂ᵏ) / (√v + ε)                  if ρ > 5, with
///     r = √((ρ − 4)(ρ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρ))
/// d ← m̂                                          if not
/// ```
///
/// Defaults: β = (0.9, 0.999), ε = 10⁻⁸, PyTorch's. optax adds ε to the corrected root, `√(v / (1 − β₂ᵏ))`:
/// that is [`corrected_eps`](DriverBuilder::<RAdam>::corrected_eps). **The first five steps are those of plain
/// momentum**, as long as the slopes are: where those are steep they lead far away, in all libraries. On
/// Rosenbrock's function with rate 0.01, which is safe for Adam, fifty steps end at 10²⁹. A
/// [`warm_up`](crate::optim::Schedule::warm_up) or clipping helps.
///
/// L. Liu and others, "On the variance of the adaptive learning rate and beyond", ICLR 2020, algorithm 2,
/// where the bound is 4.
///
/// ```
/// use wengert::optim::{Optimizer, RAdam};
/// let mut radam = RAdam::builder(0.25).build()?;
/// let mut x = [0.0];
/// radam.step(&mut x, 0.0, &[400.0])?;
/// approx::assert_relative_eq!(x[0], -100.0, max_relative = 1e-14);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RAdam<F: Real = f64> {
    betas: (F, F),
    eps: F,
    corrected_eps: bool,
}

impl<F: Real> Default for RAdam<F> {
    fn default() -> Self {
        RAdam { betas: usual_betas(), eps: F::from_double(1e-8), corrected_eps: false }
    }
}

/// What holds for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    moments: Moments<F>,
    /// The factor of the adapted direction, if there is one already.
    rectified: Option<F>,
    eps: F,
}

impl<F: Real> UpdateRule<F> for RAdam<F> {
    const NAME: &'static str = "radam";
    const BUFFERS: &'static [&'static str] = &["mean", "mean of squares"];
    type State = [F; 2];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        check_betas(self.betas)?;
        check_from_0("eps", self.eps)
    }

    fn coefficients(&self, at: At<F>) -> Coefficients<F> {
        let double = F::from_double;
        let (one, two, four) = (F::one(), double(2.0), double(4.0));
        let moments = Moments::at(self.betas, at.step);
        let correction = moments.corrections.1;
        let most = two / (one - self.betas.1) - one;
        let seen = double(at.step as f64) * power(self.betas.1, at.step) / correction;
        let length = most - two * seen;
        let rectified = (length > double(5.0)).then(|| {
            let of = |length| (length - four) * (length - two) / length;
            (of(length) / of(most)).sqrt() * correction.sqrt()
        });
        let eps = if self.corrected_eps { self.eps * correction.sqrt() } else { self.eps };
        Coefficients { moments, rectified, eps }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [m, v]: [F; 2]) -> (F, [F; 2]) {
        let (m, v) = (c.moments.mean(m, g), c.moments.square(v, g));
        let unbiased = m / c.moments.corrections.0;
        let d = match c.rectified {
            Some(factor) => over(unbiased * factor, v.sqrt() + c.eps),
            None => unbiased,
        };
        (d, [m, v])
    }
}

impl<F: Real> Betas<F> for RAdam<F> {
    fn betas_mut(&mut self) -> &mut (F, F) {
        &mut self.betas
    }
}

impl<F: Real> Epsilon<F> for RAdam<F> {
    fn eps_mut(&mut self) -> &mut F {
        &mut self.eps
    }
}

impl<F: Real> Driver<RAdam<F>, F> {
    /// Options for a learning rate; PyTorch's default is 0.001.
    ///
    /// ```
    /// use wengert::optim::RAdam;
    /// assert!(RAdam::builder(1e-3).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<RAdam<F>, F> {
        DriverBuilder::new(learning_rate, RAdam::default())
    }
}

impl<F: Real> DriverBuilder<RAdam<F>, F> {
    /// Whether `ε` is added to the root of the corrected mean of squares, as in optax and in
    /// [`Adam`](super::Adam).
    ///
    /// ```
    /// use wengert::optim::{Optimizer, RAdam};
    /// let way = |corrected| {
    ///     let mut radam = RAdam::builder(1e-3).eps(1.0).corrected_eps(corrected).build()?;
    ///     let mut x = [0.0];
    ///     for _ in 0..6 {
    ///         radam.step(&mut x, 0.0, &[1.0])?;
    ///     }
    ///     Ok::<_, wengert::optim::OptimError>(-x[0])
    /// };
    /// assert!(way(false)? < way(true)?); // a greater ε in the sixth step
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn corrected_eps(mut self, corrected: bool) -> Self {
        self.rule_mut().corrected_eps = corrected;
        self
    }
}
