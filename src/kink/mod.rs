//! What follows from the kinks that a tape has written: near kinks, rules for their slopes, reports.

mod error;
mod watch;

pub use error::KinkError;
