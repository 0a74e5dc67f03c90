//! Parameters as files of named arrays, which Python reads: `.npz` and `.safetensors`.
//!
//! ```text
//! to write:   each name with its shape and its numbers, little-endian, rows first
//! to read:    decode all arrays, compare all names and shapes, and only then change the parameters
//! ```

mod array;
mod error;
#[cfg(feature = "npz")]
mod npz;
#[cfg(feature = "safetensors")]
mod safetensors;

pub use error::ArrayError;
