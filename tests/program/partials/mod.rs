//! Results of a part of the rows, and what is written and read again.

pub(crate) mod partial;
#[cfg(feature = "serde")]
mod partial_stored;
#[cfg(feature = "serde")]
mod stored;
