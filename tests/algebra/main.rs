//! Matrices of variables and of forward mode's numbers, in containers and decompositions of others: derivatives
//! are those of closed forms.

mod arrays;
#[cfg(feature = "nalgebra")]
mod decompositions;
#[cfg(feature = "nalgebra")]
mod degenerate;
#[cfg(feature = "nalgebra")]
mod engines;
#[cfg(feature = "nalgebra")]
mod fields;
#[cfg(feature = "nalgebra")]
mod implicit;
#[cfg(feature = "nalgebra")]
mod spectra;
