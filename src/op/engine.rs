//! Other engines, whose answers at kinks the entries of the table know.

/// A release of another engine: the newest that was run has the engine's bare name, others are named
/// by the last release that answers as they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// 2.15.0.
    PyTorch,
    /// 2.13.0.
    PyTorch2_13,
    /// 0.12.0.1.
    Jax,
    /// 0.11.0.
    Jax0_11,
    /// 3.8.2.
    CasADi,
}

use Engine::{CasADi, Jax, Jax0_11, PyTorch, PyTorch2_13};

impl Engine {
    /// The slope by the operand at `place` among `count` that tie for the greatest or the least.
    pub(crate) fn share(self, place: usize, count: usize) -> f64 {
        match self {
            PyTorch | PyTorch2_13 | Jax | Jax0_11 => (count as f64).recip(),
            // A chain of pairs from the left, in each of which both share.
            CasADi => 0.5f64.powi((count - place.max(1)) as i32),
        }
    }

    /// The slope of a norm by each of so many numbers at the origin.
    pub(crate) fn norm(self, count: usize) -> f64 {
        match self {
            PyTorch | PyTorch2_13 => 0.0,
            CasADi if count == 1 => 0.0, // the root of a square becomes `fabs`
            Jax | Jax0_11 | CasADi => f64::NAN,
        }
    }
}

/// The slope of `max(x, bound)` by `x`, where a tie is shared.
pub(super) fn above(x: f64, bound: f64) -> f64 {
    if x == bound {
        0.5
    } else if x > bound {
        1.0
    } else {
        0.0
    }
}
