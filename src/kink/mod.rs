//! What follows from the kinks that a tape has written: near kinks, rules for their slopes, reports.

mod backward;
mod direction;
mod engine;
mod error;
mod report;
mod rule;
mod watch;

pub use error::KinkError;
pub use report::Choice;
pub use rule::Rule;
