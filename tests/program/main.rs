//! Programs: an expression recorded once, differentiated as a program, swept over rows.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../expressions/generator.rs"]
mod generator;
#[path = "../expressions/naive.rs"]
mod naive;

mod agreement;
mod along;
mod choices;
mod curvature;
mod data;
mod guards;
#[path = "hessian.rs"]
mod hessians;
mod jacobian;
mod listing;
mod losses;
mod powers;
mod reductions;
mod rows;
mod samples;
mod source;
mod sparse;
#[cfg(feature = "serde")]
mod stored;
mod stream;
#[cfg(feature = "parallel")]
mod threads;
mod ties;
mod untaken;
mod weights;
mod zeros;
