//! The same queries on a [Ballista](https://datafusion.apache.org/ballista/) cluster.
//!
//! A function travels as the program that it is made of: [`ProgramCodec`] writes it into the plan that the client sends
//! to the scheduler, and into those that the scheduler sends to executors. So no executor knows the function beforehand,
//! and all compute the client's program. Client, scheduler and executors each need the codec: [`with_programs`] puts it
//! into the configuration of a session, from which [`loopback`] makes a scheduler and executors on this machine. The
//! processes that Ballista starts elsewhere take it as `override_logical_codec` and `override_physical_codec` of
//! their `SchedulerConfig` and `ExecutorProcessConfig`.
//!
//! # What holds
//!
//! A scan of a cluster keeps no order: files go to executors in groups, tasks end when they end, and their results are
//! fetched in any order. The bits do not need it. Each task ends with the partial results of the stretches of rows that
//! it met, with their row numbers, and the last stage merges them by these. So **the result has the bits of one process
//! that goes through the rows in the order of their numbers**, whatever the number of executors, tasks and files, and
//! however the rows lie in these. What order saves is memory and time: see [the crate](crate).
//!
//! # What goes wrong
//!
//! What is wrong in a task fails the query at once, it is not tried again. The error that the client gets is a text
//! of what the task said, in which [`QueryError::of`](crate::QueryError::of) finds the error with its row, column and
//! cause. That is so for numbers that are not finite, for a row that is missing or there twice, and for an executor that
//! has neither this codec nor the function. An executor that has a function of this name, but has not this codec, refuses
//! the query as well.
//!
//! Without the codec at the client, Ballista sends the function's name alone, and each executor takes what it has under
//! that name. Partial results of different programs do not merge, that is an error; but where all executors
//! have the same other program, theirs is computed.

mod codec;
mod start;

pub use codec::{ProgramCodec, with_programs};
pub use start::loopback;
