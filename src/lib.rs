//! Reverse-mode automatic differentiation for scalar code.

#[cfg(test)]
extern crate self as wengert;

pub mod check;
pub mod loss;
mod nary;
pub mod op;
mod scalar;
pub mod optim;
mod params;
mod tape;
mod gradients;

pub use gradients::{gradient, gradient_array, gradient_sum};
pub use params::{Params, ParamsError, Recorded};
pub use scalar::{Partials, Real, Scalar};
pub use tape::{Gradient, Kink, Tape, TapeError, TapeStats, Trouble, Var, Wrt};
