//! The piecewise linear function that a recording is to first order, and its least value.
//!
//! [`extract`] reads the function off a recording: a [`model`] with a line for each kink. [`cells`] visits the
//! pieces that meet at its centre, [`search`] and [`edge`] go down it, and [`least`] finds the element of
//! least norm of the gradients around a point, which proves a minimum or gives a way down.

pub(crate) mod cells;
pub(crate) mod edge;
pub(crate) mod extract;
pub(crate) mod least;
pub(crate) mod model;
pub(crate) mod rows;
pub(crate) mod search;
mod shorten;
pub(crate) mod span;
