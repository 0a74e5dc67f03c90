//! What is kept in files: trainings, to be gone on with, and parameters as arrays, for others to read.

#[cfg(any(feature = "npz", feature = "safetensors"))]
mod arrays;
pub(super) mod file;
mod training;

#[cfg(any(feature = "npz", feature = "safetensors"))]
pub use arrays::ArrayError;
pub use training::SavedError;
pub(super) use training::{BestSoFar, MadeOf, Reached, Saved};
