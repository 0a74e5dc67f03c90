//! What follows from the kinks that a tape has written: near kinks, rules for their slopes, reports,
//! subdifferentials.

mod backward;
pub(crate) mod cells;
mod direction;
pub(crate) mod edge;
mod error;
pub(crate) mod extract;
pub(crate) mod least;
pub(crate) mod model;
mod report;
pub(crate) mod rows;
mod rule;
pub(crate) mod search;
mod shorten;
pub(crate) mod span;
pub(crate) mod subdifferential;
mod watch;

pub use error::KinkError;
pub use report::Choice;
pub use rule::Rule;
pub use subdifferential::{Extent, Stationarity, Subdifferential};
