//! What several rules have in common: options of one name, and running means.

use super::UpdateRule;
use crate::Real;
use crate::optim::DriverBuilder;
use crate::optim::error::{OptimError, check_option};

/// A rule with running means of the gradient and of its square, whose shares of the past are `β₁`, `β₂`.
///
/// ```
/// use wengert::optim::rule::{Betas, Lion};
/// assert_eq!(*Lion::<f64>::default().betas_mut(), (0.9, 0.99));
/// ```
pub trait Betas<F: Real>: UpdateRule<F> {
    /// The two shares.
    fn betas_mut(&mut self) -> &mut (F, F);
}

/// A rule with an `ε` that keeps it from dividing by 0.
///
/// ```
/// use wengert::optim::rule::{Adagrad, Epsilon};
/// assert_eq!(*Adagrad::<f64>::default().eps_mut(), 1e-10);
/// ```
pub trait Epsilon<F: Real>: UpdateRule<F> {
    /// The number.
    fn eps_mut(&mut self) -> &mut F;
}

impl<F: Real, R: Betas<F>> DriverBuilder<R, F> {
    /// The shares `β₁`, `β₂` of the past in the running means, in `[0, 1)`.
    ///
    /// ```
    /// use wengert::optim::{Adam, Optimizer};
    /// let mut adam = Adam::builder(0.1).betas(0.0, 0.0).eps(0.0).build()?;
    /// let mut x = [0.0];
    /// adam.step(&mut x, 0.0, &[4.0])?;
    /// adam.step(&mut x, 0.0, &[-3.0])?; // nothing of the past is left
    /// assert_eq!(x, [0.0]);
    /// assert!(Adam::builder(0.1).betas(0.9, 1.0).build().is_err());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn betas(mut self, first: F, second: F) -> Self {
        *self.rule_mut().betas_mut() = (first, second);
        self
    }
}

impl<F: Real, R: Epsilon<F>> DriverBuilder<R, F> {
    /// The `ε` that keeps the rule from dividing by 0; its place is in the rule's recurrence. With 0 the
    /// steps do not depend on the unit of the loss, and a slope that was always 0 makes no step.
    ///
    /// ```
    /// use wengert::optim::{Adam, Optimizer};
    /// let mut adam = Adam::builder(0.25).eps(0.0).build()?;
    /// let mut x = [1.0, 1.0, 1.0];
    /// adam.step(&mut x, 0.0, &[1e-30, -1e30, 0.0])?;
    /// approx::assert_relative_eq!(&x[..], &[0.75, 1.25, 1.0][..], max_relative = 1e-14);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn eps(mut self, eps: F) -> Self {
        *self.rule_mut().eps_mut() = eps;
        self
    }
}

/// `Ok` if a share of the past is in `[0, 1)`.
pub(super) fn check_share<F: Real>(option: &'static str, share: F) -> Result<(), OptimError> {
    check_option(option, share, "in [0, 1)", |share| share >= F::zero() && share < F::one())
}

/// `Ok` if both `β` are in `[0, 1)`.
pub(super) fn check_betas<F: Real>((first, second): (F, F)) -> Result<(), OptimError> {
    check_share("beta 1", first)?;
    check_share("beta 2", second)
}

/// `Ok` if a number is finite and not below 0.
pub(super) fn check_from_0<F: Real>(option: &'static str, value: F) -> Result<(), OptimError> {
    check_option(option, value, "finite and not negative", |value| value >= F::zero())
}

/// `β^k`.
pub(super) fn power<F: Real>(beta: F, k: u64) -> F {
    beta.powf(F::from_double(k as f64))
}

/// A running mean after one more number.
#[inline(always)]
pub(super) fn mean<F: Real>(before: F, share: F, new: F) -> F {
    before + (new - before) * (F::one() - share)
}

/// A quotient, and 0 where there is nothing to divide.
#[inline(always)]
pub(super) fn over<F: Real>(dividend: F, divisor: F) -> F {
    if dividend == F::zero() { dividend } else { dividend / divisor }
}
