//! L-BFGS: [`Lbfgs`] minimises smooth losses of many parameters by their gradient.

mod iterate;
mod line;
mod memory;

use super::error::{Halt, check_option};
use super::search::OnTape;
use super::{Certificate, KinkDescent, OptimError, Stopped};
use crate::Var;
use crate::real::Short;
use std::fmt;

/// Minimises a smooth loss by its gradient, with the curvature that the last steps tell.
///
/// ```text
/// loop:
///     d = −B⁻¹ g, where B takes the last m steps to what the gradient changed by on them
///     find t with f(x + t d) ≤ f(x) + 10⁻⁴ t gᵀd and |∇f(x + t d)ᵀd| ≤ 0.9 |gᵀd|
///     x ← x + t d
/// ```
///
/// It needs no learning rate. Of `n` parameters a step costs some `4 m n` besides the loss, and nothing is
/// allocated after `m` steps. It ends with a reason, [`LbfgsEnd::ending`], at the best point met. A step that
/// leads to where the loss is infinite or NaN is shortened. Where the loss falls along a line until it or the
/// parameters leave the numbers, the end is [`Stopped::Unbounded`]. With the loss multiplied by a power of two the
/// same bits come out. Parameters should be in units alike: beside a curvature that is 1e20 times as great, the slope
/// by a parameter seems to gain nothing. So before it ends with [`Stopped::Gain`] it begins once more where it is, with each
/// parameter measured by how far it is from 0 or has gone, if these sizes differ by a factor of more than 1024, and again as
/// long as that lowers the loss by more than 1e-8 of the whole fall.
///
/// No size is known of what lies beyond: where the minimum is 1e12 times as far as a parameter is from 0 at first, so that its
/// slope is 1e-12 of what that of another was, the end is [`Stopped::Gain`] once the other has arrived. Start each parameter
/// from a number of the size that it is to have.
///
/// **At a kink** no point of a line may have a slope that is flat enough. Then it begins once more with the
/// steepest descent, and if that fails too gives up with [`Stopped::Kink`]: the point may be far from a
/// minimum. [`LbfgsBuilder::hand_over`] goes on from there with [`KinkDescent`], which tells what it is.
///
/// D. C. Liu and J. Nocedal, "On the limited memory BFGS method for large scale optimization",
/// Mathematical Programming 45, 1989. PyTorch's `LBFGS` has the same conditions, with cubics of its own, a
/// memory of 100, and absolute tolerances; called for one iteration a time it may stand still on a slope:
/// a line without a point that fits changes nothing there, and the next call repeats it.
///
/// ```
/// use wengert::optim::Lbfgs;
/// use wengert::Var;
/// // Rosenbrock's function in 100 unknowns.
/// let mut x = [-1.2; 100];
/// let end = Lbfgs::new().minimize(&mut x, |x| {
///     x.windows(2).map(|x| (x[1] - x[0] * x[0]).powi(2) * 100.0 + (1.0 - x[0]).powi(2)).sum::<Var>()
/// })?;
/// assert!(end.ending().is_converged() && end.evaluations() < 1000, "{end}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lbfgs {
    options: LbfgsBuilder,
}

/// The options of [`Lbfgs`], checked together by [`LbfgsBuilder::build`].
///
/// ```
/// use wengert::optim::Lbfgs;
/// let lbfgs = Lbfgs::builder().memory(20).evaluations(100).build()?;
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "`build` makes the optimizer"]
pub struct LbfgsBuilder {
    memory: usize,
    flat: f64,
    gain: f64,
    evaluations: u64,
    hand_over: Option<KinkDescent>,
}

/// Where and why [`Lbfgs`] ended.
///
/// ```
/// use wengert::optim::{Lbfgs, Stopped};
/// let mut x = [3.0];
/// let end = Lbfgs::new().minimize(&mut x, |x| (x[0] - 1.0).powi(2) + 2.0)?;
/// assert_eq!((end.ending(), end.value(), end.slope()), (Stopped::Flat, 2.0, 0.0));
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LbfgsEnd {
    ending: Stopped,
    value: f64,
    slope: f64,
    iterations: u64,
    evaluations: u64,
    certificate: Option<Certificate>,
}

impl Lbfgs {
    /// With the options of [`LbfgsBuilder`] as they are unless said otherwise.
    ///
    /// ```
    /// let mut x = [7.0];
    /// wengert::optim::Lbfgs::new().minimize(&mut x, |x| x[0] * x[0])?;
    /// assert_eq!(x, [0.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Lbfgs { options: Self::builder() }
    }

    /// Its options, to be changed.
    ///
    /// ```
    /// assert!(wengert::optim::Lbfgs::builder().build().is_ok());
    /// ```
    pub fn builder() -> LbfgsBuilder {
        LbfgsBuilder { memory: 10, flat: 0.0, gain: 1e-22, evaluations: 10_000, hand_over: None }
    }

    /// Minimises a loss of variables from `x`, which becomes the best point found.
    ///
    /// # Errors
    /// If at the start a parameter, the loss or a slope is infinite or NaN, or the tape ran full. `x` is
    /// the best point met before.
    ///
    /// ```
    /// use wengert::optim::Lbfgs;
    /// let mut x = [2.0, 0.5];
    /// Lbfgs::new().minimize(&mut x, |x| (x[0] - x[1].ln()).exp() - x[0] + x[1] * x[1])?;
    /// approx::assert_relative_eq!(x[1], 0.5_f64.sqrt(), max_relative = 1e-8);
    /// approx::assert_relative_eq!(x[0], x[1].ln(), max_relative = 1e-8);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[track_caller]
    pub fn minimize(
        &self,
        x: &mut [f64],
        mut loss: impl FnMut(&[Var]) -> Var,
    ) -> Result<LbfgsEnd, OptimError> {
        self.try_minimize(x, |x| Ok(loss(x)))
    }

    /// [`Lbfgs::minimize`] for a loss that may fail, as those of [`loss`](crate::loss) do for data that are
    /// not finite.
    ///
    /// # Errors
    /// As [`Lbfgs::minimize`], and the first error of the loss. `x` is the best point met before.
    ///
    /// ```
    /// use std::error::Error;
    /// use wengert::loss::mean_squared_error;
    /// use wengert::optim::Lbfgs;
    /// let mut line = [0.0, 0.0];
    /// Lbfgs::new().try_minimize(&mut line, |p| {
    ///     let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)];
    ///     Ok::<_, Box<dyn Error>>(mean_squared_error(points.map(|(x, y)| (p[0] + p[1] * x, y)))?)
    /// })?;
    /// approx::assert_relative_eq!(&line[..], &[1.0, 2.0][..], max_relative = 1e-9);
    /// # Ok::<(), Box<dyn Error>>(())
    /// ```
    #[track_caller]
    pub fn try_minimize<E: From<OptimError>>(
        &self,
        x: &mut [f64],
        mut loss: impl FnMut(&[Var]) -> Result<Var, E>,
    ) -> Result<LbfgsEnd, E> {
        let end = iterate::run(&self.options, x, OnTape::new(&mut loss));
        let mut end = end.map_err(|halt| halt.error(|error| error))?;
        if let (Some(descent), Stopped::Kink) = (&self.options.hand_over, end.ending) {
            let certificate = descent.try_minimize(x, loss)?;
            (end.value, end.certificate) = (certificate.value(), Some(certificate));
        }
        Ok(end)
    }

    /// Minimises an objective that writes its gradient into the second slice and returns its value. A kink
    /// is not handed over: [`KinkDescent`] needs a loss of variables.
    ///
    /// # Errors
    /// As [`Lbfgs::try_minimize`].
    ///
    /// ```
    /// use wengert::optim::{Lbfgs, OptimError};
    /// let mut x = [5.0];
    /// Lbfgs::new().run(&mut x, |x, slope| {
    ///     slope[0] = 2.0 * (x[0] - 3.0);
    ///     Ok::<_, OptimError>((x[0] - 3.0).powi(2))
    /// })?;
    /// assert_eq!(x, [3.0]);
    /// # Ok::<(), OptimError>(())
    /// ```
    pub fn run<E: From<OptimError>>(
        &self,
        x: &mut [f64],
        objective: impl FnMut(&[f64], &mut [f64]) -> Result<f64, E>,
    ) -> Result<LbfgsEnd, E> {
        iterate::run(&self.options, x, objective).map_err(|halt: Halt<E>| halt.error(|error| error))
    }
}

impl Default for Lbfgs {
    fn default() -> Self {
        Self::new()
    }
}

impl LbfgsBuilder {
    /// How many steps it remembers; 10 unless said otherwise.
    ///
    /// ```
    /// assert!(wengert::optim::Lbfgs::builder().memory(0).build().is_err());
    /// ```
    pub fn memory(mut self, steps: usize) -> Self {
        self.memory = steps;
        self
    }

    /// It ends where the Euclidean norm of the gradient is at most this; 0 unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::{Lbfgs, Stopped};
    /// let mut x = [2.0];
    /// let lbfgs = Lbfgs::builder().flat(1e-3).build()?;
    /// let end = lbfgs.minimize(&mut x, |x| x[0].cosh())?;
    /// assert!(end.ending() == Stopped::Flat && end.slope() <= 1e-3);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn flat(mut self, slope: f64) -> Self {
        self.flat = slope;
        self
    }

    /// It ends where the next step can gain no more than this share of the loss. `1e-22` unless said
    /// otherwise: the gain is proportional to the square of the slope.
    ///
    /// ```
    /// assert!(wengert::optim::Lbfgs::builder().gain(-1.0).build().is_err());
    /// ```
    pub fn gain(mut self, share: f64) -> Self {
        self.gain = share;
        self
    }

    /// How often the loss is evaluated at most, before it is handed over; 10,000 times unless said otherwise.
    ///
    /// ```
    /// assert!(wengert::optim::Lbfgs::builder().evaluations(0).build().is_err());
    /// ```
    pub fn evaluations(mut self, evaluations: u64) -> Self {
        self.evaluations = evaluations;
        self
    }

    /// Goes on with a descent to kinks where it gives up at one.
    ///
    /// ```
    /// use wengert::optim::{KinkDescent, Lbfgs, Stopped};
    /// let lbfgs = Lbfgs::builder().hand_over(KinkDescent::new()).build()?;
    /// let mut x = [3.0, -2.0];
    /// let end = lbfgs.minimize(&mut x, |x| {
    ///     (x[0] - 1.0).abs() * 3.0 + x[0] + (x[0] + x[1] * 2.0).abs()
    /// })?;
    /// assert!(end.ending() == Stopped::Kink && end.certificate().is_some_and(|c| c.is_certified()));
    /// assert_eq!(x, [1.0, -0.5]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn hand_over(mut self, descent: KinkDescent) -> Self {
        self.hand_over = Some(descent);
        self
    }

    /// The optimizer.
    ///
    /// # Errors
    /// If an option is out of its range.
    ///
    /// ```
    /// let lbfgs = wengert::optim::Lbfgs::builder().gain(0.0).build()?;
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn build(self) -> Result<Lbfgs, OptimError> {
        check_option("memory", self.memory as f64, "at least 1", |m| m >= 1.0)?;
        check_option("flat slope", self.flat, "finite and not negative", |s| s >= 0.0)?;
        check_option("gain", self.gain, "finite and not negative", |g| g >= 0.0)?;
        check_option("evaluations", self.evaluations as f64, "at least 1", |n| n >= 1.0)?;
        Ok(Lbfgs { options: self })
    }
}

impl LbfgsEnd {
    /// Why L-BFGS ended.
    ///
    /// ```
    /// use wengert::optim::{Lbfgs, Stopped};
    /// let end = Lbfgs::new().minimize(&mut [3.0, 1.0], |x| (x[0] + x[1]).abs() + x[0].abs())?;
    /// assert_eq!(end.ending(), Stopped::Kink);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn ending(&self) -> Stopped {
        self.ending
    }

    /// The loss at the point found.
    ///
    /// ```
    /// use wengert::optim::Lbfgs;
    /// assert_eq!(Lbfgs::new().minimize(&mut [3.0], |x| x[0] * x[0] + 1.0)?.value(), 1.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The Euclidean norm of the gradient where L-BFGS ended.
    ///
    /// ```
    /// use wengert::optim::Lbfgs;
    /// assert_eq!(Lbfgs::new().minimize(&mut [3.0], |x| x[0] * x[0] + 1.0)?.slope(), 0.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// How many steps were taken.
    ///
    /// ```
    /// use wengert::optim::Lbfgs;
    /// assert!(Lbfgs::new().minimize(&mut [3.0], |x| x[0] * x[0] + 1.0)?.iterations() > 0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn iterations(&self) -> u64 {
        self.iterations
    }

    /// How often the loss was evaluated, with its gradient.
    ///
    /// ```
    /// use wengert::optim::Lbfgs;
    /// let end = Lbfgs::new().minimize(&mut [3.0], |x| x[0] * x[0] + 1.0)?;
    /// assert!(end.evaluations() > end.iterations());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// What the descent to kinks knows of the point, if it was [handed over](LbfgsBuilder::hand_over).
    ///
    /// ```
    /// use wengert::optim::Lbfgs;
    /// let end = Lbfgs::new().minimize(&mut [3.0], |x| x[0] * x[0])?;
    /// assert!(end.certificate().is_none());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }
}

/// One line, and the certificate where there is one; a precision (`{:.6}`) goes to the value.
impl fmt::Display for LbfgsEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.ending)?;
        fmt::Display::fmt(&Short(self.value), f)?;
        write!(f, " after {} steps, {} evaluations", self.iterations, self.evaluations)?;
        match &self.certificate {
            Some(certificate) => write!(f, "; {certificate}"),
            None => Ok(()),
        }
    }
}
