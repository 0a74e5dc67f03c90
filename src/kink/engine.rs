//! What other engines answer at a kink.
//!
//! Both were run, in double precision: PyTorch 2.15.0, JAX 0.10.2.

use crate::op::{Op, Sides};

/// Another engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Engine {
    PyTorch,
    Jax,
}

use Engine::{Jax, PyTorch};

impl Engine {
    /// The slope at a kink of one operand.
    pub(super) fn side(self, op: Op, sides: Sides) -> f64 {
        let mean = 0.5 * (sides.left + sides.right);
        match (op, self) {
            (Op::Abs, PyTorch) => mean, // the sign, 0
            (Op::Abs, Jax) => sides.right,
            (Op::Relu | Op::LeakyRelu, PyTorch) => sides.left,
            (Op::Relu, Jax) => sides.left,
            (Op::LeakyRelu, Jax) => sides.right,
            (Op::Clamp, Jax) => mean, // a maximum and a minimum
            (Op::Max | Op::Min | Op::MaxOf | Op::MinOf, _) => mean,
            (Op::Norm | Op::Hypot, _) => self.tip(op),
            _ => sides.least(),
        }
    }

    /// The slope by each operand at the tip of a cone.
    pub(super) fn tip(self, op: Op) -> f64 {
        match (op, self) {
            (Op::Norm | Op::Atan2, PyTorch) => 0.0,
            (Op::Hypot, Jax) => 0.5, // of the greater of two magnitudes
            _ => f64::NAN,
        }
    }
}
