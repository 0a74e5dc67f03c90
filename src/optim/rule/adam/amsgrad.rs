//! AMSGrad: [`AmsGrad`].

use super::{Moments, usual_betas};
use crate::Real;
use crate::optim::error::OptimError;
use crate::optim::rule::shared::{check_betas, check_from_0, over};
use crate::optim::rule::{At, Betas, Epsilon, UpdateRule};
use crate::optim::{Driver, DriverBuilder};

/// AMSGrad: [`Adam`](super::Adam) with the greatest mean of squares so far, so that no step size grows
/// because slopes became small.
///
/// ```text
/// m, v as in Adam
/// w ← max(w, v)
/// d ← m / (1 − β₁ᵏ) / (√(w / (1 − β₂ᵏ)) + ε)
/// w ← max(w, v / (1 − β₂ᵏ)),  d ← m / (1 − β₁ᵏ) / (√w + ε)    with corrected_maximum
/// ```
///
/// Defaults: β = (0.9, 0.999), ε = 10⁻⁸. PyTorch (`Adam(amsgrad=True)`) takes the maximum before the
/// correction of the bias, optax (`amsgrad`) after it: there the first, least certain estimates count for
/// ever.
///
/// S. J. Reddi, S. Kale, S. Kumar, "On the convergence of Adam and beyond", ICLR 2018, whose algorithm 2
/// corrects nothing.
///
/// ```
/// use wengert::optim::{AmsGrad, Optimizer};
/// let mut amsgrad = AmsGrad::builder(1.0).betas(0.0, 0.0).eps(0.0).build()?;
/// let mut x = [0.0];
/// amsgrad.step(&mut x, 0.0, &[4.0])?; // - 4/4
/// amsgrad.step(&mut x, 0.0, &[2.0])?; // - 2/4
/// assert_eq!(x, [-1.5]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AmsGrad<F: Real = f64> {
    betas: (F, F),
    eps: F,
    corrected: bool,
}

impl<F: Real> Default for AmsGrad<F> {
    fn default() -> Self {
        AmsGrad { betas: usual_betas(), eps: F::from_double(1e-8), corrected: false }
    }
}

/// What holds for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    moments: Moments<F>,
    eps: F,
    /// What the mean of squares is divided by before the maximum, and after it.
    before: F,
    after: F,
}

impl<F: Real> UpdateRule<F> for AmsGrad<F> {
    const NAME: &'static str = "amsgrad";
    const BUFFERS: &'static [&'static str] =
        &["mean", "mean of squares", "greatest mean of squares"];
    type State = [F; 3];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        check_betas(self.betas)?;
        check_from_0("eps", self.eps)
    }

    fn coefficients(&self, at: At<F>) -> Coefficients<F> {
        let moments = Moments::at(self.betas, at.step);
        let correction = moments.corrections.1;
        let (before, after) =
            if self.corrected { (correction, F::one()) } else { (F::one(), correction) };
        Coefficients { moments, eps: self.eps, before, after }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [m, v, w]: [F; 3]) -> (F, [F; 3]) {
        let (m, v) = (c.moments.mean(m, g), c.moments.square(v, g));
        let w = w.max(v / c.before);
        (over(m / c.moments.corrections.0, (w / c.after).sqrt() + c.eps), [m, v, w])
    }
}

impl<F: Real> Betas<F> for AmsGrad<F> {
    fn betas_mut(&mut self) -> &mut (F, F) {
        &mut self.betas
    }
}

impl<F: Real> Epsilon<F> for AmsGrad<F> {
    fn eps_mut(&mut self) -> &mut F {
        &mut self.eps
    }
}

impl<F: Real> Driver<AmsGrad<F>, F> {
    /// Options for a learning rate; PyTorch's default is 0.001.
    ///
    /// ```
    /// use wengert::optim::AmsGrad;
    /// // PyTorch's `AdamW(amsgrad=True)`:
    /// assert!(AmsGrad::builder(1e-3).weight_decay(0.01).decoupled(true).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<AmsGrad<F>, F> {
        DriverBuilder::new(learning_rate, AmsGrad::default())
    }
}

impl<F: Real> DriverBuilder<AmsGrad<F>, F> {
    /// Whether the maximum is taken after the correction of the bias, as in optax.
    ///
    /// ```
    /// use wengert::optim::{AmsGrad, Optimizer};
    /// let steps = |corrected| {
    ///     let mut amsgrad =
    ///         AmsGrad::builder(1.0).betas(0.0, 0.5).eps(0.0).corrected_maximum(corrected).build()?;
    ///     let mut x = [0.0];
    ///     amsgrad.step(&mut x, 0.0, &[1.0])?; // v = 1/2, corrected 1
    ///     amsgrad.step(&mut x, 0.0, &[0.5])?; // v = 3/8, corrected 1/2
    ///     Ok::<_, wengert::optim::OptimError>(x[0])
    /// };
    /// approx::assert_relative_eq!(steps(false)?, -1.0 - 0.5 / (0.5_f64 / 0.75).sqrt());
    /// approx::assert_relative_eq!(steps(true)?, -1.0 - 0.5);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn corrected_maximum(mut self, corrected: bool) -> Self {
        self.rule_mut().corrected = corrected;
        self
    }
}
