//! Programs: an expression recorded once, differentiated as a program, swept over rows.

#![allow(clippy::unwrap_used, reason = "tests")]

mod hessian;
mod listing;
#[cfg(feature = "serde")]
mod stored;
