//! Forward mode: slopes against the 60-digit results, kinks against the tape's directional derivative, and
//! what generic code gets.

#[path = "../expressions/generator.rs"]
mod generator;
mod kinks;
mod numbers;
mod oracle;
mod random;
mod ranges;
mod recorded;
mod second;
mod taylor;
mod whole;
