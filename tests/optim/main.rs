//! Optimizers: trajectories, recurrences and step sizes, clipping, regions, searches, L-BFGS, argmin's solvers, and what
//! they refuse.

#![allow(clippy::unwrap_used, reason = "tests")]

#[cfg(feature = "argmin")]
mod argmin;
mod clipped;
mod clipping;
mod lbfgs;
mod misuse;
mod optimizers;
mod quadratic;
mod refusals;
mod region;
mod search;
mod sgd;
mod step_sizes;

/// A smooth function that is not separable, with its gradient by hand.
fn hill(x: &[f64]) -> (f64, Vec<f64>) {
    let value = x[0].sin() * x[1] + 0.5 * x[2] * x[2] + x[0] * x[2];
    (value, vec![x[0].cos() * x[1] + x[2], x[0].sin(), x[2] + x[0]])
}

const START: [f64; 3] = [0.7, -1.2, 0.4];
