//! Least squares and Newton's method: against closed forms, certified values and other ways to the same.

#[path = "../../examples/curves/models.rs"]
mod models;
mod certified;
#[path = "../../examples/curves/nist.rs"]
mod nist;
