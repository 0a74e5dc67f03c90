//! Forward mode: numbers that carry their derivatives along.
//!
//! ```text
//! Dual<N>     value, N tangents                      value, slope of the table
//! Dual2<N>    value, N tangents, N × N Hessian       value, slope, curve of the table
//! Taylor<K>   K + 1 coefficients                     value, slope; curve in Taylor arithmetic
//! ```
//!
//! What they share is [`Jet`](jet::Jet): how a value changes, and what decides at a kink. From it `methods`
//! makes them [`Scalar`](crate::Scalar)s, entry by entry of the table, and `operators` gives them operators and
//! the traits of `num_traits`. `first`, `second` and `taylor` are the arithmetic of each; no function of the
//! table is named there.

mod comparison;
mod first;
mod functions;
mod jet;
mod lanes;
mod methods;
mod number;
mod operators;
mod recorded;
mod second;
mod series;
mod taylor;

pub use comparison::Comparison;
pub(crate) use comparison::close;
pub use first::Dual;
pub use functions::{derivative, jvp, second_derivative, taylor};
pub(crate) use jet::Jet;
pub use recorded::{HESSIAN_LANES, Var2, hessian, hvp, hvps};
pub use second::Dual2;
pub use taylor::Taylor;
