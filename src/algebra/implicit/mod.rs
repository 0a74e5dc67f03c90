//! Roots and fixed points as functions of what they depend on: [`implicit`], [`fixed_point`].

mod error;
mod root;

use crate::Scalar;
use crate::program::Residuals;
pub use error::ImplicitError;

/// A root `x` of `F(x, p) = 0`, found in any way by plain numbers, as a function of `p`.
///
/// By the implicit function theorem its derivative is `dx/dp = -F_x⁻¹ F_p`. The `residuals` are `F`: their
/// parameters are the unknowns `x`, their row is `p`, and there are as many as unknowns. `T` is any number: the
/// values of the result are those given; on a tape each unknown is one statement over the residuals' own, whose
/// sweep goes once back through the solution, whatever the number of arguments; [`Var2`](crate::Var2),
/// [`Dual2`](crate::Dual2) and [`Taylor`](crate::Taylor) have the higher derivatives too.
///
/// ```
/// use wengert::{Dual2, gradient_array, implicit, residuals};
///
/// // Kepler: E - e sin E = M, solved by Newton's method for the eccentric anomaly E.
/// let kepler = residuals!(|[anomaly], [mean, e]| [anomaly - e * anomaly.sin() - mean]);
/// let (mean, e) = (1.0_f64, 0.3_f64);
/// let mut x = mean;
/// for _ in 0..20 {
///     x -= (x - e * x.sin() - mean) / (1.0 - e * x.cos());
/// }
/// let (value, [by_mean, by_e]) =
///     gradient_array(|p| implicit(&[x], &p, &kepler).expect("a root")[0], [mean, e]);
/// assert_eq!(value, x);
/// let rate = 1.0 / (1.0 - e * x.cos());
/// assert!((by_mean - rate).abs() < 1e-15 && (by_e - rate * x.sin()).abs() < 1e-15);
///
/// let bent = implicit(&[x], &[Dual2::variable(mean), Dual2::from(e)], &kepler)?[0];
/// assert!((bent.second() + e * x.sin() * rate.powi(3)).abs() < 1e-15);
/// # Ok::<(), wengert::ImplicitError>(())
/// ```
///
/// # How
///
/// ```text
/// J = F_x(x, p), by plain numbers
/// x ← x - J⁻¹ (F(x, p) - its value), in T, once for each order of derivatives that T carries
/// ```
///
/// Each such step of Newton's method with a fixed matrix gains one order: after the first the error is of
/// second order in the change of `p`, and the matrix is right up to first order. That the residuals' values are
/// taken off makes `x` the exact root of residuals that differ from `F` by rounding. A derivative is as exact
/// as the root: an error of `x` goes into it, multiplied by how curved `F` is.
///
/// Source: the implicit function theorem; A. Griewank and A. Walther, "Evaluating Derivatives", 2nd ed., SIAM 2008,
/// chapter 15.
///
/// # Kinks
///
/// Where `F` has a kink at the root, its slopes by `x` are those of one branch, of forward mode along the first
/// unknown that moves the argument, and those by `p` are what `T` makes of it.
///
/// # Programs
///
/// The values of `p` are read, so this cannot be recorded: the recording fails with
/// [`RecordError::ValueRead`](crate::program::RecordError::ValueRead).
///
/// # Errors
/// If the numbers of unknowns, arguments and residuals do not fit; if any is not finite, or a slope of a residual;
/// if `F_x` is singular up to rounding, with the unknown whose slopes depend on those before it; if `x` is no
/// root: Newton's step `F_x⁻¹ F` is more than 2⁻²⁶ of the unknown, as it is made from `|F_x⁻¹| (|F_x| |x| +
/// |F_p| |p|)`. No unit enters these questions.
#[track_caller]
pub fn implicit<T: Scalar>(
    x: &[f64],
    p: &[T],
    residuals: &impl Residuals,
) -> Result<Vec<T>, ImplicitError> {
    let values: Vec<f64> = p.iter().map(|p| p.value()).collect();
    let inverse = root::inverse_at(x, &values, residuals)?;
    let rows: Vec<Vec<f64>> = inverse.row_iter().map(|row| row.iter().copied().collect()).collect();
    let mut root: Vec<T> = x.iter().map(|&x| T::from(x)).collect();
    for _ in 0..T::ORDER {
        let errors = residuals.at(&root, p);
        let errors: Vec<T> = errors.into_iter().map(|error| error - error.value()).collect();
        root = root.iter().zip(&rows).map(|(&x, row)| x - T::dot(&errors, row)).collect();
    }
    Ok(root)
}

/// A fixed point `x = G(x, p)`, found in any way by plain numbers, as a function of `p`.
///
/// It is the root of `x - G(x, p)`: see [`implicit`] for how it is differentiated, what is exact, and the
/// sources. Its derivative is `(1 - G_x)⁻¹ G_p`, whether the iteration of `G` converges fast, slowly or not at
/// all. `map` is `G`: its parameters are `x`, its row is `p`.
///
/// ```
/// use wengert::{derivative, fixed_point, residuals};
/// let map = residuals!(|[x], [p]| [(p * x).cos()]);
/// let mut x = 0.5_f64;
/// for _ in 0..200 {
///     x = x.cos();
/// }
/// let (value, slope) = derivative(|p| fixed_point(&[x], &[p], &map).expect("it is one")[0], 1.0);
/// assert_eq!(value, x);
/// assert!((slope + x * x.sin() / (1.0 + x.sin())).abs() < 1e-15);
/// ```
///
/// # Errors
/// As those of [`implicit`].
#[track_caller]
pub fn fixed_point<T: Scalar>(
    x: &[f64],
    p: &[T],
    map: &impl Residuals,
) -> Result<Vec<T>, ImplicitError> {
    implicit(x, p, &Apart(map))
}

/// What a point is apart from where a map takes it.
struct Apart<'a, G>(&'a G);

impl<G: Residuals> Residuals for Apart<'_, G> {
    fn at<T: Scalar>(&self, x: &[T], p: &[T]) -> Vec<T> {
        let mut taken = self.0.at(x, p);
        // A result without an unknown stays, to be counted.
        for (to, &from) in taken.iter_mut().zip(x) {
            *to = from - *to;
        }
        taken
    }
    fn parameter_count(&self) -> Option<usize> {
        self.0.parameter_count()
    }
    fn column_count(&self) -> Option<usize> {
        self.0.column_count()
    }
}
