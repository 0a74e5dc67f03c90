//! What follows from the kinks that a tape has written: near kinks, rules for their slopes, reports,
//! subdifferentials.

mod backward;
mod direction;
mod dot;
mod error;
mod report;
mod rule;
pub(crate) mod subdifferential;
mod watch;

pub use error::KinkError;
pub use report::Choice;
pub use rule::Rule;
pub use subdifferential::{Extent, Stationarity, Subdifferential};
