//! Where rows come from: columns in memory, and streams.

pub(crate) mod column;
pub(crate) mod columns;
pub mod stream;
