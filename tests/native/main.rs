//! Programs as native code, through what a user has.

mod calls;
mod pairs;
mod shapes;
#[cfg(feature = "serde")]
mod stored;
