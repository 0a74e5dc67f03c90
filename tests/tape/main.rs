//! The tape's contract: what it promises to those who write losses with it.

mod checkpointed;
mod contract;
mod dot;
mod fan_in;
mod growing;
mod kinks;
mod misuse;
mod operators;
mod panics;
mod refusals;
mod steep;
mod steps;
mod watched;
