//! Expressions as people and programs write them, on each engine.

#![allow(clippy::unwrap_used, reason = "tests")]

mod generator;
mod interop;
mod naive;
mod order;
mod random;
mod single;
mod spelling;
