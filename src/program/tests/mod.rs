//! Programs against the definition of their nodes, and against themselves run in other ways.

mod definition;
mod emitted;
mod maker;
mod misuse;
#[cfg(feature = "native")]
mod native;
mod networks;
mod same_bits;
