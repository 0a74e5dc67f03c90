//! The traits of other crates' containers, for the numbers of this crate, each behind a feature of its crate's
//! name.

#[cfg(feature = "nalgebra")]
mod nalgebra;
#[cfg(feature = "ndarray")]
mod ndarray;

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
