//! RMSprop: [`RmsProp`].

use super::shared::{check_from_0, check_share, mean, over, power};
use super::{At, Epsilon, UpdateRule};
use crate::Real;
use crate::optim::error::{OptimError, check_option};
use crate::optim::{Driver, DriverBuilder};

/// RMSprop: each slope over the root of the running mean of its squares.
///
/// ```text
/// v ← α v + (1 − α) g²                     at first v₀
/// a ← α a + (1 − α) g                      centered only
/// v̂, â ← v, a; over 1 − αᵏ with bias_correction
/// w ← v̂ − â²                               centered, else v̂
/// d ← g / (√w + ε)                         or g / √(w + ε) with eps_inside
/// b ← μ b + d                              momentum μ only
/// d ← b                                    or d + μ b with nesterov
/// ```
///
/// Defaults: α = 0.99, ε = 10⁻⁸, v₀ = 0, no momentum, not centered, PyTorch's, whose options end with
/// `momentum`. optax has α = 0.9 and `eps_inside` by default, and the other options besides; its momentum
/// sums steps, not directions, which makes a difference where the rate changes.
///
/// T. Tieleman and G. Hinton, "Lecture 6.5: rmsprop", Coursera, 2012; centered: A. Graves, "Generating
/// sequences with recurrent neural networks", arXiv:1308.0850, 2013.
///
/// ```
/// use wengert::optim::{Optimizer, RmsProp};
/// let mut rmsprop = RmsProp::builder(1.0).alpha(0.75).eps(0.0).build()?;
/// let mut x = [0.0];
/// rmsprop.step(&mut x, 0.0, &[3.0])?; // - 3 / √(9/4)
/// assert_eq!(x, [-2.0]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RmsProp<F: Real = f64> {
    alpha: F,
    eps: F,
    eps_inside: bool,
    initial: F,
    centered: bool,
    momentum: F,
    nesterov: bool,
    bias_correction: bool,
}

impl<F: Real> Default for RmsProp<F> {
    fn default() -> Self {
        RmsProp {
            alpha: F::from_double(0.99),
            eps: F::from_double(1e-8),
            eps_inside: false,
            initial: F::zero(),
            centered: false,
            momentum: F::zero(),
            nesterov: false,
            bias_correction: false,
        }
    }
}

/// What holds for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    alpha: F,
    eps: F,
    eps_inside: bool,
    centered: bool,
    momentum: F,
    nesterov: bool,
    correction: F,
}

impl<F: Real> UpdateRule<F> for RmsProp<F> {
    const NAME: &'static str = "rmsprop";
    const BUFFERS: &'static [&'static str] = &["mean of squares", "mean", "momentum"];
    type State = [F; 3];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        check_share("alpha", self.alpha)?;
        check_from_0("eps", self.eps)?;
        check_from_0("initial mean of squares", self.initial)?;
        check_option("momentum", self.momentum, "finite and not negative", |m| m >= F::zero())?;
        if self.nesterov && self.momentum == F::zero() {
            let (option, reason) = ("nesterov", "needs momentum above 0");
            return Err(OptimError::Contradiction { option, reason });
        }
        Ok(())
    }

    fn initial(&self, _: F) -> [F; 3] {
        [self.initial, F::zero(), F::zero()]
    }

    fn coefficients(&self, at: At<F>) -> Coefficients<F> {
        let corrected = F::one() - power(self.alpha, at.step);
        Coefficients {
            alpha: self.alpha,
            eps: self.eps,
            eps_inside: self.eps_inside,
            centered: self.centered,
            momentum: self.momentum,
            nesterov: self.nesterov,
            correction: if self.bias_correction { corrected } else { F::one() },
        }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [v, a, b]: [F; 3]) -> (F, [F; 3]) {
        let v = mean(v, c.alpha, g * g);
        let a = if c.centered { mean(a, c.alpha, g) } else { a };
        let (square, centre) = (v / c.correction, a / c.correction);
        // Rounding may take it below 0, where all slopes were nearly the same.
        let spread = if c.centered { (square - centre * centre).max(F::zero()) } else { square };
        let root = if c.eps_inside { (spread + c.eps).sqrt() } else { spread.sqrt() + c.eps };
        let d = over(g, root);
        if c.momentum == F::zero() {
            return (d, [v, a, b]);
        }
        let b = c.momentum * b + d;
        (if c.nesterov { d + c.momentum * b } else { b }, [v, a, b])
    }
}

impl<F: Real> Epsilon<F> for RmsProp<F> {
    fn eps_mut(&mut self) -> &mut F {
        &mut self.eps
    }
}

impl<F: Real> Driver<RmsProp<F>, F> {
    /// Options for a learning rate; PyTorch's default is 0.01.
    ///
    /// ```
    /// use wengert::optim::RmsProp;
    /// assert!(RmsProp::builder(0.01).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<RmsProp<F>, F> {
        DriverBuilder::new(learning_rate, RmsProp::default())
    }
}

impl<F: Real> DriverBuilder<RmsProp<F>, F> {
    /// The share `α` of the past, in `[0, 1)`.
    ///
    /// ```
    /// use wengert::optim::RmsProp;
    /// assert!(RmsProp::builder(0.01).alpha(0.9).build().is_ok());
    /// assert!(RmsProp::builder(0.01).alpha(-0.1).build().is_err());
    /// ```
    pub fn alpha(mut self, alpha: F) -> Self {
        self.rule_mut().alpha = alpha;
        self
    }

    /// Whether to divide by the standard deviation of the slopes, not by their root mean square.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, RmsProp};
    /// let mut rmsprop = RmsProp::builder(1.0).alpha(0.5).eps(0.0).centered(true).build()?;
    /// let mut x = [0.0];
    /// rmsprop.step(&mut x, 0.0, &[2.0])?; // - 2 / √(2 - 1)
    /// assert_eq!(x, [-2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn centered(mut self, centered: bool) -> Self {
        self.rule_mut().centered = centered;
        self
    }

    /// Momentum `μ ≥ 0` of the directions.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, RmsProp};
    /// let mut rmsprop = RmsProp::builder(1.0).alpha(0.0).eps(0.0).momentum(0.5).build()?;
    /// let mut x = [0.0];
    /// rmsprop.step(&mut x, 0.0, &[2.0])?; // - 1
    /// rmsprop.step(&mut x, 0.0, &[2.0])?; // - 1.5
    /// assert_eq!(x, [-2.5]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn momentum(mut self, momentum: F) -> Self {
        self.rule_mut().momentum = momentum;
        self
    }

    /// Nesterov's momentum, as in optax. Needs momentum.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, RmsProp};
    /// let mut rmsprop =
    ///     RmsProp::builder(1.0).alpha(0.0).eps(0.0).momentum(0.5).nesterov(true).build()?;
    /// let mut x = [0.0];
    /// rmsprop.step(&mut x, 0.0, &[2.0])?;
    /// assert_eq!(x, [-1.5]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.rule_mut().nesterov = nesterov;
        self
    }

    /// Whether `ε` is inside of the root, as in optax unless it is told otherwise.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, RmsProp};
    /// let mut rmsprop = RmsProp::builder(1.0).alpha(0.0).eps(16.0).eps_inside(true).build()?;
    /// let mut x = [0.0];
    /// rmsprop.step(&mut x, 0.0, &[3.0])?; // - 3 / √(9 + 16)
    /// assert_eq!(x, [-0.6]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn eps_inside(mut self, inside: bool) -> Self {
        self.rule_mut().eps_inside = inside;
        self
    }

    /// The mean of squares that it begins with, `v₀ ≥ 0`; optax's `initial_scale`.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, RmsProp};
    /// let mut rmsprop = RmsProp::builder(1.0).alpha(0.5).eps(0.0).initial_mean(16.0).build()?;
    /// let mut x = [0.0];
    /// rmsprop.step(&mut x, 0.0, &[4.0])?;
    /// assert_eq!(x, [-1.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn initial_mean(mut self, mean: F) -> Self {
        self.rule_mut().initial = mean;
        self
    }

    /// Whether the means are divided by `1 − αᵏ`, as in Adam.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, RmsProp};
    /// let mut rmsprop = RmsProp::builder(1.0).alpha(0.75).eps(0.0).bias_correction(true).build()?;
    /// let mut x = [0.0];
    /// rmsprop.step(&mut x, 0.0, &[3.0])?;
    /// assert_eq!(x, [-1.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn bias_correction(mut self, correct: bool) -> Self {
        self.rule_mut().bias_correction = correct;
        self
    }
}
