//! The tape's contract: what it promises to those who write losses with it.

mod contract;
mod growing;
mod kinks;
mod misuse;
mod operators;
mod panics;
mod refusals;
mod steep;
mod watched;
