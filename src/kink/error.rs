//! What can be wrong with a question about kinks.

/// Why a question about kinks has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KinkError {
    /// A radius within which kinks are near must be 0 or more; it may be infinite.
    #[error("a kink cannot be near within a radius of {0}")]
    Radius(f64),
}
