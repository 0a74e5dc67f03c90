//! Forms of the elementary functions for loops over many numbers.
//!
//! Each is an ordinary function of one number that the compiler can make vector code of: it has no
//! branch, no call and no table, only arithmetic, comparisons that choose between two results, and
//! moves of bits, which even SSE2 has. No multiplication is fused with an addition, so an element has
//! the same bits whatever instructions compute it, and whatever stands beside it; NaN is NaN, its bits
//! apart.
//!
//! The bound on a result's error, in units in the last place (ULP), stands with each: the greatest met
//! at some millions of random arguments over each part of its range, against arithmetic of 34 digits,
//! and rounded up. All values are within 2, but for `erfc` of great numbers. Tails, infinities, zeros
//! and NaN are as in std. The polynomials come from `coefficients.py`; `parts` holds what the forms
//! share, `slice` runs an entry of the table over slices, and `level` chooses the instructions.

pub(crate) mod level;
pub(crate) mod slice;

mod error_function;
mod exponential;
mod hyperbolic;
mod inverse;
mod inverse_hyperbolic;
mod logarithm;
mod logistic;
mod parts;
mod power;
mod trigonometric;

pub(crate) use error_function::{erf, erf_slope, erfc};
pub(crate) use exponential::{exp, exp_m1, exp2, exp2_slope};
pub(in crate::op) use exponential::{exp_m1_sum, power_of_sum};
pub(crate) use hyperbolic::{cosh, sech_squared, sinh, tanh};
pub(crate) use inverse::{acos, asin, atan, atan2};
pub(crate) use inverse_hyperbolic::{acosh, asinh, asinh_slope, atanh};
pub(crate) use logarithm::{ln, ln_1p, log2, log10};
pub(crate) use logistic::{
    log_add_exp, log_add_exp_slope, log_sigmoid, sigmoid, sigmoid_slope, softplus, xlogy,
};
pub(crate) use power::{cbrt, hypot, hypot_slopes_are_rare, powf, powf_slopes_are_rare};
pub(crate) use trigonometric::{TRIGONOMETRIC_REACH, cos, sin, tan};

#[cfg(test)]
mod tests;
