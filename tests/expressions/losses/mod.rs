//! The losses, one by one and over lists.

mod forms;
mod reductions;
