//! What a program is: nodes, operations, outputs, and how they are written down.

pub(crate) mod display;
mod dot;
pub(crate) mod entries;
pub(crate) mod graph;
pub(crate) mod hash;
mod index;
pub(crate) mod names;
pub(crate) mod nature;
mod nodes;
pub(crate) mod operation;
pub(crate) mod output;
mod simplify;
#[cfg(feature = "serde")]
pub(crate) mod stored;
pub(crate) mod sums;
