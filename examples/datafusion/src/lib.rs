//! Gradients as an aggregate function of SQL, by DataFusion.
//!
//! ```text
//! SELECT gradient(row, x, y, -2.0, 30.0) FROM points
//! ```
//!
//! gives a list: the mean of a loss over all rows at the parameters -2 and 30, and its gradient. `row` numbers
//! the rows; then come the columns of the program, and then its parameters, as literals.
//!
//! # What holds of the bits
//!
//! Each partition computes [`Partial`](wengert::program::partials::Partial)s over the stretches of rows that it
//! meets, and these are merged by their row numbers. So **the result has the bits of one process that goes through
//! the rows in the order of their numbers**, however the scan is cut into partitions, and in whatever order these
//! and their batches come. Order is a matter of speed alone: a stretch of consecutive rows is computed as a whole,
//! and the fewer stretches there are, the less is carried along. Where the rows come singly, in random order, each is
//! carried until all are there, so that the state has all rows: the bits hold, but neither memory nor time is
//! saved.
//!
//! # What goes wrong
//!
//! A row number that is missing, or is there twice, is an error that says where; so is a number that is null or not
//! finite, with its column and row, and a guard that turned: [`QueryError::of`] finds it in the error of a query. A
//! query over no rows gives what the program gives for none, NaN for a mean. Programs that go through the rows more than once, as the gradient of a greatest
//! number, are refused when the function is made: a query goes through them once.

mod accumulator;
mod aggregate;
#[cfg(feature = "ballista")]
pub mod cluster;
mod error;

pub use aggregate::{MakeError, gradient};
pub use error::QueryError;
