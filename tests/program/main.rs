//! Programs: an expression recorded once, differentiated as a program, swept over rows.

#![allow(clippy::unwrap_used, reason = "tests")]

mod data;
mod samples;
mod stream;
#[cfg(feature = "parallel")]
mod threads;
