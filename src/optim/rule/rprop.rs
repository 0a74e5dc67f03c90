//! Resilient propagation: [`Rprop`].

use super::{At, UpdateRule};
use crate::Real;
use crate::optim::error::{OptimError, check_option};
use crate::optim::{Driver, DriverBuilder};

/// Resilient propagation: a step size for each parameter, which grows while its slope keeps its sign.
/// For losses of all rows, not of batches.
///
/// ```text
/// η ← min(η⁺ η, most)           if g and the slope before have one sign; at first η = γ
/// η ← max(η⁻ η, least), g ← 0   if they have opposite signs
/// x ← x − sign(g) η
/// ```
///
/// Defaults: (η⁻, η⁺) = (0.5, 1.2), (least, most) = (10⁻⁶, 50), PyTorch's. The rate is the first step size
/// and no more: schedules do not apply. optax 0.2.8 takes each step one step late, and so does not move at
/// its first.
///
/// M. Riedmiller and H. Braun, "A direct adaptive method for faster backpropagation learning: the RPROP
/// algorithm", IEEE International Conference on Neural Networks, 1993; this form, which does not go back
/// after a change of sign, is C. Igel's and M. Hüsken's iRprop⁻, 2000.
///
/// ```
/// use wengert::optim::{Optimizer, Rprop};
/// let mut rprop = Rprop::builder(1.0).etas(0.5, 1.5).build()?;
/// let mut x = [0.0];
/// for slope in [-7.0, -9.0, 2.0, -1.0] {
///     rprop.step(&mut x, 0.0, &[slope])?;
/// }
/// assert_eq!(x, [3.25]); // 1, 1.5, none and 0.75
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rprop<F: Real = f64> {
    etas: (F, F),
    sizes: (F, F),
}

impl<F: Real> Default for Rprop<F> {
    fn default() -> Self {
        let double = F::from_double;
        Rprop { etas: (double(0.5), double(1.2)), sizes: (double(1e-6), double(50.0)) }
    }
}

/// What holds for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Coefficients<F> {
    etas: (F, F),
    sizes: (F, F),
}

impl<F: Real> UpdateRule<F> for Rprop<F> {
    const NAME: &'static str = "rprop";
    const BUFFERS: &'static [&'static str] = &["previous gradient", "step size"];
    const OWN_SIZE: bool = true;
    type State = [F; 2];
    type Coefficients = Coefficients<F>;

    fn check(&self) -> Result<(), OptimError> {
        let (zero, one) = (F::zero(), F::one());
        let ((down, up), (least, most)) = (self.etas, self.sizes);
        check_option("eta minus", down, "in (0, 1)", |e| e > zero && e < one)?;
        check_option("eta plus", up, "finite and above 1", |e| e > one)?;
        check_option("least step size", least, "finite and not negative", |s| s >= zero)?;
        check_option("greatest step size", most, "finite and not below the least", |s| s >= least)
    }

    fn initial(&self, rate: F) -> [F; 2] {
        [F::zero(), rate]
    }

    fn coefficients(&self, _: At<F>) -> Coefficients<F> {
        Coefficients { etas: self.etas, sizes: self.sizes }
    }

    #[inline(always)]
    fn apply(c: Coefficients<F>, _: F, g: F, [before, size]: [F; 2]) -> (F, [F; 2]) {
        let zero = F::zero();
        let sign = |g: F| if g == zero { zero } else { g.signum() };
        // Of the signs: the product of two small slopes may be 0.
        let agreement = sign(g) * sign(before);
        let (eta, g) = if agreement > zero {
            (c.etas.1, g)
        } else if agreement < zero {
            (c.etas.0, zero)
        } else {
            (F::one(), g)
        };
        let size = (size * eta).max(c.sizes.0).min(c.sizes.1);
        (sign(g) * size, [g, size])
    }
}

impl<F: Real> Driver<Rprop<F>, F> {
    /// Options for the size of the first step; PyTorch's default is 0.01.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Rprop};
    /// let mut rprop = Rprop::builder(0.01).build()?;
    /// let mut x = [0.0];
    /// rprop.step(&mut x, 0.0, &[-3.0])?;
    /// assert_eq!(x, [0.01]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn builder(first_step: F) -> DriverBuilder<Rprop<F>, F> {
        DriverBuilder::new(first_step, Rprop::default())
    }
}

impl<F: Real> DriverBuilder<Rprop<F>, F> {
    /// The factors `0 < η⁻ < 1 < η⁺` of a step size.
    ///
    /// ```
    /// use wengert::optim::Rprop;
    /// assert!(Rprop::builder(0.01).etas(0.4, 1.3).build().is_ok());
    /// assert!(Rprop::builder(0.01).etas(1.3, 0.4).build().is_err());
    /// ```
    pub fn etas(mut self, down: F, up: F) -> Self {
        self.rule_mut().etas = (down, up);
        self
    }

    /// The least and the greatest step size.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Rprop};
    /// let mut rprop = Rprop::builder(9.0).step_sizes(0.0, 2.0).build()?;
    /// let mut x = [0.0];
    /// rprop.step(&mut x, 0.0, &[-3.0])?;
    /// assert_eq!(x, [2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn step_sizes(mut self, least: F, greatest: F) -> Self {
        self.rule_mut().sizes = (least, greatest);
        self
    }
}
