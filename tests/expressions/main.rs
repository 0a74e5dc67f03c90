//! Expressions as people and programs write them, on each engine; the losses and parameters that they are made of, and
//! what errors say.

#![allow(clippy::unwrap_used, reason = "tests")]

mod errors;
mod generator;
mod interop;
mod losses;
mod naive;
mod order;
mod params;
mod random;
mod single;
mod spelling;
