//! The rows. `for_each_op!(emit)` hands all of them to the macro `emit`.
//!
//! A unary row reads
//!
//! ```text
//! /// Documentation: what it is, its slope, edges, convention, source.
//! method = Marker(parameter: kind, ...) {
//!     domain: "where it is defined",
//!     value: |x| ..., slope: |x, y| ...,         // y is the value
//!     kinks: { at => (left slope, right slope) } // only where there are any
//!     elsewhere: |engine, x| ...,    // and then: what other engines give at the kink `x`
//!     ulp: bar on the slope,
//!     example: x (parameters) => value, slope,
//!     hint: "what to write where it overflows or divides by zero", // optional
//! }
//! ```
//!
//! Where the value or the slope calls a function or branches, a row may have
//!
//! ```text
//!     vector: |x| ...,              // the value in loops over many numbers
//!     vector_slope: |x, y| ...,     // the slope in such loops
//!     reach: bound,                 // both up to this |x|; beyond, `value` and `slope` again
//! ```
//!
//! after its slope, and a binary row `vector`, `vector_slopes` and `rare: |a, b, y| ...`, which says
//! where these slopes do not hold. What they must be is said in `vector`.
//!
//! A row that is not piecewise linear has, straight after its slope,
//!
//! ```text
//!     curve: |x, y, s| ...,                   // the second derivative; s is the slope
//!     curves: |a, b, y| (..., ..., ...),      // of a binary row: by a twice, by both, by b twice
//! ```
//!
//! an expression in any [`Scalar`](crate::Scalar) `S`, which programs record: it chooses by
//! `S::select`, not by `if`, and what is longer than a line is in `curve`.
//!
//! A parameter's kind is `i32`, or `real` for a number in the caller's precision. A binary row has
//! `slopes` for both arguments and `kink: |a, b| condition => Corner`, after which `elsewhere: |engine|
//! ...` has what other engines give by each argument that takes part.

mod binary;
mod unary;

pub(crate) use binary::with_binary;
pub(crate) use unary::with_unary;

macro_rules! for_each_op {
    ($emit:ident) => {
        $crate::op::table::with_unary! { $emit }
    };
}
pub(crate) use for_each_op;
