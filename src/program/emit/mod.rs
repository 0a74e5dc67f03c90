//! Programs as text for other compilers.

pub(crate) mod rust;
