//! Derivatives of whole functions along one direction, in one call.

use crate::op::nary::LengthError;
use crate::{Dual, Dual2, Real, Taylor};

/// Value and derivative of a function of one number, at a kink the derivative to the right.
///
/// ```
/// use wengert::derivative;
/// let (value, slope) = derivative(|x| (x * 3.0).sin(), 0.0);
/// assert_eq!((value, slope), (0.0, 3.0));
/// assert_eq!(derivative(|x| x.abs(), 0.0_f32), (0.0, 1.0));
/// ```
pub fn derivative<F: Real>(f: impl FnOnce(Dual<1, F>) -> Dual<1, F>, x: F) -> (F, F) {
    let y = f(Dual::variable(x));
    (y.value(), y.tangent())
}

/// Value, derivative and second derivative of a function of one number, at a kink those of the piece to the
/// right.
///
/// ```
/// use wengert::second_derivative;
/// assert_eq!(second_derivative(|x| x.powi(3), 2.0), (8.0, 12.0, 12.0));
/// assert_eq!(second_derivative(|x| x.abs() * x.abs(), 0.0), (0.0, 0.0, 2.0));
/// ```
pub fn second_derivative<F: Real>(f: impl FnOnce(Dual2<1, F>) -> Dual2<1, F>, x: F) -> (F, F, F) {
    let y = f(Dual2::variable(x));
    (y.value(), y.first(), y.second())
}

/// The derivatives of a function of one number up to an order, as coefficients of its Taylor series; at a
/// kink those of the piece to the right.
///
/// ```
/// use wengert::taylor;
/// let y = taylor::<5, f64>(|x| x.ln(), 1.0);
/// assert_eq!((y.value(), y.derivative(1), y.derivative(5)), (0.0, 1.0, 24.0));
/// ```
pub fn taylor<const K: usize, F: Real>(
    f: impl FnOnce(Taylor<K, F>) -> Taylor<K, F>,
    x: F,
) -> Taylor<K, F> {
    f(Taylor::variable(x))
}

/// Value and derivative along a direction, of a function of a slice, without a tape; at a kink that of the piece
/// which the direction enters.
///
/// # Errors
/// If the direction has another length than the point.
///
/// ```
/// use wengert::{Scalar, jvp};
/// fn loss<T: Scalar>(x: &[T]) -> T {
///     x[0] * x[1] + x[1].abs()
/// }
/// assert_eq!(jvp(loss, &[2.0, 0.0], &[1.0, 10.0])?, (0.0, 30.0));
/// assert_eq!(jvp(loss, &[2.0, 0.0], &[1.0]).unwrap_err().found, 1);
/// # Ok::<(), wengert::LengthError>(())
/// ```
pub fn jvp<F: Real>(
    f: impl FnOnce(&[Dual<1, F>]) -> Dual<1, F>,
    x: &[F],
    direction: &[F],
) -> Result<(F, F), LengthError> {
    LengthError::check(x.len(), direction.len())?;
    let moved = x.iter().zip(direction).map(|(&x, &d)| Dual::new(x, [d]));
    let y = f(&moved.collect::<Vec<_>>());
    Ok((y.value(), y.tangent()))
}
