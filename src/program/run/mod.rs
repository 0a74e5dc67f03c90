//! A planned program over data: block by block, on one core or several.

pub(crate) mod block;
pub(crate) mod call;
pub(crate) mod finite;
pub(crate) mod found;
#[cfg(feature = "native")]
pub(crate) mod native;
#[cfg(feature = "parallel")]
pub(crate) mod parallel;
pub mod partials;
pub(crate) mod progress;
pub(crate) mod reduce;
pub(crate) mod rows;
pub(crate) mod scattered;
pub(crate) mod sieve;
pub(crate) mod streamed;
pub(crate) mod sweep;
