//! Averaged gradient descent: [`Asgd`].

use super::shared::check_from_0;
use super::{At, UpdateRule};
use crate::Real;
use crate::optim::driver::{Driver, DriverBuilder, rounded};
use crate::optim::error::OptimError;

/// Averaged gradient descent with a rate that falls, PyTorch's `ASGD`.
///
/// ```text
/// η ← γ / (1 + λ γ (k − 1))^α
/// x ← x − η (g + λ x)
/// a ← the mean of the points after step t₀ + 1; before, the last point
/// ```
///
/// The mean `a` is what [`Driver::averaged`] tells. Defaults: λ = 10⁻⁴, α = 0.75, t₀ = 10⁶, PyTorch's: with
/// fewer steps than t₀ nothing is averaged. [`DriverBuilder::average_from`] averages the points of any
/// optimizer. PyTorch 2.15 keeps η and the shares of the mean in single precision, whatever the parameters'
/// is, and so does this rule unless [told otherwise](DriverBuilder::<Asgd>::single_rate).
///
/// B. T. Polyak and A. B. Juditsky, "Acceleration of stochastic approximation by averaging", SIAM Journal
/// on Control and Optimization 30(4), 1992; the rate is L. Bottou's, "Stochastic gradient descent tricks",
/// 2012.
///
/// ```
/// use wengert::optim::{Asgd, Optimizer};
/// let mut asgd = Asgd::builder(1.0).lambda(0.0).t0(0).build()?;
/// let mut x = [0.0];
/// for slope in [-2.0, 4.0, -1.0] {
///     asgd.step(&mut x, 0.0, &[slope])?;
/// }
/// assert_eq!((x, asgd.averaged()), ([-1.0], &[-1.5][..])); // the mean of -2 and -1
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Asgd<F: Real = f64> {
    lambda: F,
    alpha: F,
    single_rate: bool,
}

impl<F: Real> Default for Asgd<F> {
    fn default() -> Self {
        Asgd { lambda: F::from_double(1e-4), alpha: F::from_double(0.75), single_rate: true }
    }
}

impl<F: Real> UpdateRule<F> for Asgd<F> {
    const NAME: &'static str = "asgd";
    const BUFFERS: &'static [&'static str] = &[];
    type State = [F; 0];
    /// The share of the rate that is left, and the decay.
    type Coefficients = (F, F);

    fn check(&self) -> Result<(), OptimError> {
        check_from_0("lambda", self.lambda)?;
        check_from_0("alpha", self.alpha)
    }

    fn remembers(&self) -> bool {
        false
    }

    fn coefficients(&self, at: At<F>) -> (F, F) {
        let gone = self.lambda * at.rate * F::from_double((at.step - 1) as f64);
        let rate = at.rate / (F::one() + gone).powf(self.alpha);
        // A rate of 0, as a schedule begins or ends with, has no share; the driver multiplies by it.
        let share = if at.rate == F::zero() {
            F::zero()
        } else {
            rounded(rate, self.single_rate) / at.rate
        };
        (share, self.lambda)
    }

    #[inline(always)]
    fn apply((share, lambda): (F, F), x: F, g: F, state: [F; 0]) -> (F, [F; 0]) {
        (share * (g + lambda * x), state)
    }
}

impl<F: Real> Driver<Asgd<F>, F> {
    /// Options for a learning rate; PyTorch's default is 0.01.
    ///
    /// ```
    /// use wengert::optim::Asgd;
    /// assert!(Asgd::builder(0.01).build().is_ok());
    /// ```
    pub fn builder(learning_rate: F) -> DriverBuilder<Asgd<F>, F> {
        DriverBuilder::new(learning_rate, Asgd::default()).t0(1_000_000).single_rate(true)
    }
}

impl<F: Real> DriverBuilder<Asgd<F>, F> {
    /// The decay `λ ≥ 0`, of the parameters and of the rate.
    ///
    /// ```
    /// use wengert::optim::{Asgd, Optimizer};
    /// let mut asgd = Asgd::builder(0.5).lambda(0.5).build()?;
    /// let mut x = [8.0];
    /// asgd.step(&mut x, 0.0, &[0.0])?;
    /// assert_eq!(x, [6.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn lambda(mut self, lambda: F) -> Self {
        self.rule_mut().lambda = lambda;
        self
    }

    /// The power `α ≥ 0` with which the rate falls.
    ///
    /// ```
    /// use wengert::optim::{Asgd, Optimizer};
    /// let mut asgd = Asgd::builder(1.0).lambda(1.0).alpha(1.0).build()?;
    /// let mut x = [0.0];
    /// asgd.step(&mut x, 0.0, &[2.0])?; // - 2
    /// asgd.step(&mut x, 0.0, &[4.0])?; // - (4 - 2)/2
    /// assert_eq!(x, [-3.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn alpha(mut self, alpha: F) -> Self {
        self.rule_mut().alpha = alpha;
        self
    }

    /// PyTorch's `t0`: the mean begins with the point after step `t₀ + 2`.
    ///
    /// ```
    /// use wengert::optim::{Asgd, Optimizer};
    /// let mut asgd = Asgd::builder(1.0).lambda(0.0).t0(5).build()?;
    /// let mut x = [0.0];
    /// for _ in 0..7 {
    ///     asgd.step(&mut x, 0.0, &[1.0])?;
    /// }
    /// assert_eq!(asgd.averaged(), x);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn t0(self, t0: u64) -> Self {
        self.average_from(t0.saturating_add(1))
    }

    /// Whether the rate `η` and the shares of the mean are rounded to single precision, as in PyTorch; they
    /// are unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::{Asgd, Optimizer};
    /// for (single, step) in [(true, f64::from(0.1_f32)), (false, 0.1)] {
    ///     let mut asgd = Asgd::builder(0.1).lambda(0.0).single_rate(single).build()?;
    ///     let mut x = [0.0];
    ///     asgd.step(&mut x, 0.0, &[-1.0])?;
    ///     approx::assert_relative_eq!(x[0], step, max_relative = 1e-15);
    /// }
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn single_rate(mut self, single: bool) -> Self {
        self.rule_mut().single_rate = single;
        self.single_average(single)
    }
}
