//! Programs: an expression recorded once, differentiated as a program, swept over rows.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../expressions/generator.rs"]
mod generator;
#[path = "../expressions/naive.rs"]
mod naive;

mod agreement;
mod derivatives;
mod guards;
mod input;
mod listing;
mod losses;
mod partials;
mod reductions;
mod rows;
mod samples;
#[cfg(feature = "parallel")]
mod threads;
