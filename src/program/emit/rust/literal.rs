//! Numbers as Rust text.

use std::fmt::{Display, Formatter, Result};

/// A number that reads back to the bit, but for which NaN it is.
pub(super) struct Literal(pub(super) f64);

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.0 {
            x if x.is_nan() => write!(f, "f64::NAN"),
            f64::INFINITY => write!(f, "f64::INFINITY"),
            f64::NEG_INFINITY => write!(f, "f64::NEG_INFINITY"),
            x => write!(f, "{x:?}"),
        }
    }
}
