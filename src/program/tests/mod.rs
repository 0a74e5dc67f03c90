//! Programs against the definition of their nodes, and against themselves run in other ways.

mod definition;
mod each_row;
mod emitted;
mod few_rows;
mod layers;
mod lines;
mod lists;
pub(super) mod maker;
mod misuse;
#[cfg(feature = "native")]
mod native;
mod networks;
mod partials;
mod same_bits;
mod segments;
