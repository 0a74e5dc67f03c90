//! Reverse-mode automatic differentiation for scalar code.

#[cfg(test)]
extern crate self as wengert;

pub mod check;
mod gradients;
pub mod loss;
mod nary;
pub mod op;
pub mod optim;
mod params;
mod scalar;
mod tape;

pub use gradients::{gradient, gradient_array, gradient_sum};
pub use params::{Params, ParamsError, Recorded};
pub use scalar::{Partials, Real, Scalar};
pub use tape::{Gradient, Kink, Tape, TapeError, TapeStats, Trouble, Var, Wrt};
