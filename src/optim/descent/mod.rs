//! Descent to the kink: [`KinkDescent`].

mod active;
mod axes;
mod builder;
mod certificate;
mod certify;
mod curvature;
mod inspect;
mod iterate;
mod pieces;
mod plan;
mod point;
mod refute;
pub(super) mod units;
mod walls;

pub use active::{ActiveBound, ActiveKink};
pub use builder::KinkDescentBuilder;
pub use certificate::Certificate;

use super::error::{Halt, OptimError};
use crate::{Params, Recorded, Var};
use iterate::Iteration;
use std::fmt;

/// Minimises a loss with kinks, and certifies the point where it ends. At a minimum, 0 is in the
/// generalized gradient; for a convex loss of straight pieces that is a proof.
///
/// The loss is recorded with all its kinks, however far away ([`Tape::watching`]; of an operation with two,
/// as `clamp`, the nearer), so a recording is its piecewise-linear model. Each step goes to a minimum of
/// that model:
///
/// ```text
/// loop:
///     record the loss at x: m(d), its piecewise-linear model
///     d = a minimum of m(d) + ½ dᵀ(B + μI)d, from kink to kink
///     if d is 0 but for rounding: try steps of all lengths; if one is lower, begin anew from there,
///         else done, with the certificate
///     if the loss falls as the model does: x ← x + d; learn B from what changed in the slopes
///     else: a greater μ
/// ```
///
/// `B` and `μ` are 0 until the loss is seen to be curved. So for a loss that is piecewise linear (mean
/// absolute error, quantile, hinge and epsilon-insensitive losses of a linear model, weighted or not)
/// the first model is the loss itself, its minimum is found in finitely many steps from kink to kink,
/// and the second recording certifies it. Losses of curved models, with kinks that may nest, take several;
/// `B` is a quasi-Newton approximation of the curvature that the slopes at the kinks add up to.
/// A loss that is not convex ends at a point that no direction tried leads down from: a local
/// minimum as a rule. Where a descent on a curved loss has ended, the curvature along the ways on which the
/// active kinks stay met is taken from differences of gradients: it tells a minimum from a saddle, which is
/// left, and how much is still to be gained; if that is not little, the descent goes on with it.
///
/// Parameters and loss are measured in units that the first recording tells, and that of a new beginning: a loss, a parameter or a
/// column of the data may be multiplied by any power of two, and the same numbers come out. A step that
/// leads to where the loss or a slope is infinite or NaN, or where the loss is refused, was too long,
/// and is shortened.
///
/// The model is that of A. Griewank, "On stable piecewise linearization and generalized algorithmic
/// differentiation", Optimization Methods and Software 28, 2013, section 4; the search in it that of
/// R. H. Bartels, A. R. Conn, J. W. Sinclair, SIAM Journal on Numerical Analysis 15, 1978, with the
/// element of least norm ([`Subdifferential::least_norm`](crate::Subdifferential::least_norm)) as the
/// way out of a kink: on 100,000 rows of 10 features it took 29 steps where the single edges of the
/// simplex method took 76.
///
/// With 16 parameters or more, where no kinks nest and all bend upwards, the model is a linear program with
/// a row for each kink, and the search goes along the steepest edges of its vertices (I. Barrodale and
/// F. D. K. Roberts, SIAM Journal on Numerical Analysis 10, 1973), on sparse factors: a kink costs what it
/// depends on, and a total variation of 10,000 parameters takes seconds and tens of megabytes.
///
/// For other losses, with `k` kinks and `n` parameters, a step from kink to kink costs a few `k n`, and
/// where it starts from a vertex `n³`; memory is for up to `k n` numbers, in double precision: hundreds
/// of parameters, not thousands.
///
/// ```
/// use wengert::Var;
/// use wengert::loss::mean_absolute_error;
/// use wengert::optim::KinkDescent;
///
/// // y = 100 x - x², fitted by a x² + b x from far off.
/// let points: Vec<(f64, f64)> = (0..100).map(f64::from).map(|x| (x, 100.0 * x - x * x)).collect();
/// let mut x = [-2.0, 30.0];
/// let certificate = KinkDescent::new().minimize(&mut x, |p: &[Var]| {
///     let [a, b] = [p[0], p[1]];
///     points.iter().map(|&(x, y)| (a * x * x + b * x - y).abs()).sum::<Var>() / 100.0
/// })?;
/// assert!(certificate.is_certified());
/// assert!((x[0] + 1.0).abs() < 1e-12 && (x[1] - 100.0).abs() < 1e-10);
/// println!("{certificate}");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
///
/// [`Tape::watching`]: crate::Tape::watching
#[derive(Clone, Debug)]
pub struct KinkDescent {
    options: KinkDescentBuilder,
}

impl KinkDescent {
    /// A descent with the default options of [`KinkDescentBuilder`].
    ///
    /// ```
    /// let mut x = [5.0];
    /// wengert::optim::KinkDescent::new().minimize(&mut x, |x| (x[0] - 2.0).abs())?;
    /// assert_eq!(x, [2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn new() -> Self {
        KinkDescent { options: KinkDescentBuilder::new() }
    }

    /// The options, to be changed before [`KinkDescentBuilder::build`].
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// assert!(KinkDescent::builder().tolerance(1e-6).build().is_ok());
    /// assert!(KinkDescent::builder().tolerance(-1.0).build().is_err());
    /// ```
    pub fn builder() -> KinkDescentBuilder {
        KinkDescentBuilder::new()
    }

    pub(super) fn from_options(options: KinkDescentBuilder) -> Self {
        KinkDescent { options }
    }

    /// Minimises `loss` from `x`, which becomes the best point found. The certificate says what is
    /// known of it, and why the descent ended.
    ///
    /// # Errors
    /// If a parameter, the loss at the start, or a slope there is infinite or NaN, if the tape ran
    /// full, or the loss falls without end. `x` is unchanged then. If the start is a maximum or a
    /// saddle from which the loss falls without end, a certificate says so.
    ///
    /// ```
    /// use wengert::{Scalar, Var, optim::KinkDescent};
    /// // A median: 0 is in the generalized gradient at the middle one.
    /// let data = [1.0, 2.0, 3.5, 20.0, 50.0];
    /// let mut x = [-1000.0];
    /// let certificate = KinkDescent::new()
    ///     .minimize(&mut x, |x| data.iter().map(|&y| (x[0] - y).abs()).sum::<Var>())?;
    /// assert_eq!(x, [3.5]);
    /// assert_eq!((certificate.value(), certificate.norm()), (67.0, 0.0));
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn minimize(
        &self,
        x: &mut [f64],
        mut loss: impl FnMut(&[Var]) -> Var,
    ) -> Result<Certificate, OptimError> {
        self.try_minimize(x, |x| Ok(loss(x)))
    }

    /// [`KinkDescent::minimize`] for a loss that may fail, as those of [`loss`](crate::loss) do for
    /// data that are not finite.
    ///
    /// # Errors
    /// As [`KinkDescent::minimize`], and an error of the loss: that at the start, and where nothing
    /// could be certified the last one that kept the descent from going on. `x` is unchanged then.
    ///
    /// ```
    /// use wengert::loss::{Loss, LossError, Quantile};
    /// use wengert::optim::{KinkDescent, OptimError};
    ///
    /// #[derive(Debug, thiserror::Error)]
    /// enum Trouble {
    ///     #[error(transparent)]
    ///     Loss(#[from] LossError),
    ///     #[error(transparent)]
    ///     Optim(#[from] OptimError),
    /// }
    ///
    /// let quartile = Quantile::new(0.25)?;
    /// let data = [1.0, 2.0, 3.0, 4.0, 5.0];
    /// let mut x = [0.0];
    /// KinkDescent::new()
    ///     .try_minimize(&mut x, |x| Ok::<_, Trouble>(quartile.mean(data.map(|y| (x[0], y)))?))?;
    /// assert_eq!(x, [2.0]);
    /// # Ok::<(), Trouble>(())
    /// ```
    pub fn try_minimize<E: From<OptimError>>(
        &self,
        x: &mut [f64],
        loss: impl FnMut(&[Var]) -> Result<Var, E>,
    ) -> Result<Certificate, E> {
        let mut iteration = Iteration::new(&self.options, loss, x)?;
        let certificate = iteration.run()?;
        x.copy_from_slice(&iteration.parameters());
        Ok(certificate)
    }
}

impl Default for KinkDescent {
    fn default() -> Self {
        Self::new()
    }
}

impl Params {
    /// [`KinkDescent::try_minimize`] on these parameters, by name; an error names the parameter it is
    /// about.
    ///
    /// # Errors
    /// As [`KinkDescent::try_minimize`]. The parameters are unchanged then.
    ///
    /// ```
    /// use wengert::Params;
    /// use wengert::loss::mean_absolute_error;
    /// use wengert::optim::KinkDescent;
    ///
    /// let points = [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0), (3.0, 100.0)];
    /// let mut params = Params::from_scalars([("height", 0.0), ("tilt", 0.0)])?;
    /// let certificate = params.minimize(&KinkDescent::new(), |p| {
    ///     let [height, tilt] = p.scalars(["height", "tilt"])?;
    ///     let fits = points.iter().map(|&(x, y)| (height + tilt * x, y));
    ///     Ok::<_, Box<dyn std::error::Error>>(mean_absolute_error(fits)?)
    /// })?;
    /// assert!(certificate.is_certified());
    /// approx::assert_relative_eq!(params.values(), &[1.0, 2.0][..], max_relative = 1e-14);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn minimize<E: From<OptimError>>(
        &mut self,
        descent: &KinkDescent,
        mut loss: impl FnMut(&Recorded<'_>) -> Result<Var, E>,
    ) -> Result<Certificate, E> {
        let mut values = self.values().to_vec();
        let loss = |vars: &[Var]| loss(&self.recorded(vars)).map_err(Halt::Loss);
        let certificate = descent.try_minimize(&mut values, loss);
        let certificate = certificate.map_err(|halt| halt.error(|error| self.named(error)))?;
        self.values_mut().copy_from_slice(&values);
        Ok(certificate)
    }
}

/// Why a descent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// The model has no lower point, or the step to it is smaller than the rounding of the
    /// parameters.
    Arrived,
    /// The model predicts lower points, and the rounding of the loss hides the difference.
    Rounding,
    /// The point is stationary, but the loss curves downwards from it: a maximum or a saddle.
    CurvesDown,
    /// The descent made the most recordings allowed.
    Recordings,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ending::Arrived => "the step left is none",
            Ending::Rounding => "rounding hides the rest of the way",
            Ending::CurvesDown => "the loss curves downwards from there",
            Ending::Recordings => "the recordings ran out",
        })
    }
}
