//! The piecewise linear function that a recording is to first order, and its least value.
//!
//! [`extract`] reads the function off a recording: a [`model`] with a line for each kink. [`cells`] visits the
//! pieces that meet at its centre, [`descent`] and [`edge`] go down it, and [`least`] finds the element of
//! least norm of the gradients around a point, which proves a minimum or gives a way down.

pub(crate) mod cells;
pub(crate) mod descent;
pub(crate) mod edge;
pub(crate) mod extract;
pub(crate) mod least;
pub(crate) mod matrix;
pub(crate) mod minorant;
pub(crate) mod model;
mod shorten;
pub(crate) mod span;
