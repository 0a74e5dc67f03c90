//! Where rows come from: columns in memory, and streams.

#[cfg(feature = "arrow")]
pub(crate) mod arrow;
#[cfg(feature = "arrow")]
pub(crate) mod chosen;
pub(crate) mod column;
pub(crate) mod columns;
#[cfg(feature = "npy")]
pub mod npy;
pub(crate) mod numbers;
pub mod stream;
