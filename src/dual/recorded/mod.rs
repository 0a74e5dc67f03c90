//! Second derivatives on the tape: forward over reverse.
//!
//! ```text
//! values, partials, adjoints   Dual<N>, each with its change along N directions
//! one recording, one sweep     gradient, and its change: the product of Hessian and direction
//! ```
//!
//! Statements, links, runs and the sweep are those of the tape, on other numbers. What is here is
//! [`Var2`], a variable of such a tape: how an entry of the table comes to slopes that change, and what decides at
//! a kink. No function of the table is named.

mod lists;
mod methods;
mod operators;
mod var;
mod whole;

pub use var::Var2;
pub use whole::{HESSIAN_LANES, hessian, hvp, hvps};
