//! The same gradients by hand: each value is returned, and its gradient written.

pub(crate) mod plain;
pub(crate) mod tuned;

use crate::loss::{HIDDEN, INPUTS};

/// The gradient by the weights of the perceptron, as [`Layers`](crate::loss::Layers) has those.
struct Slopes<'g> {
    w1: &'g mut [f64],
    b1: &'g mut [f64],
    w2: &'g mut [f64],
    b2: &'g mut [f64],
    w3: &'g mut [f64],
    b3: &'g mut f64,
}

impl<'g> Slopes<'g> {
    fn of(gradient: &'g mut [f64]) -> Self {
        let (w1, rest) = gradient.split_at_mut(HIDDEN * INPUTS);
        let (b1, rest) = rest.split_at_mut(HIDDEN);
        let (w2, rest) = rest.split_at_mut(HIDDEN * HIDDEN);
        let (b2, rest) = rest.split_at_mut(HIDDEN);
        let (w3, rest) = rest.split_at_mut(HIDDEN);
        Slopes { w1, b1, w2, b2, w3, b3: &mut rest[0] }
    }
}
