//! Linear algebra by other crates, each behind a feature of its crate's name: the traits of their containers for
//! the numbers of this crate, and implicit functions.

#[cfg(feature = "nalgebra")]
mod implicit;
#[cfg(feature = "nalgebra")]
mod nalgebra;
#[cfg(feature = "ndarray")]
mod ndarray;

#[cfg(feature = "nalgebra")]
pub use implicit::{ImplicitError, fixed_point, implicit};

/// Calls a macro with each number and what it is generic in, a precision `F` and others.
macro_rules! for_each_number {
    ($emit:ident) => {
        $emit! { [F: Real] Var<F> }
        $emit! { [const N: usize, F: Real] Dual<N, F> }
        $emit! { [const N: usize, F: Real] Dual2<N, F> }
        $emit! { [const N: usize, F: Real] Taylor<N, F> }
    };
}
use for_each_number;
