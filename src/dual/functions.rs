//! Derivatives of whole functions of one variable, in one call.

use crate::{Dual, Real};

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
