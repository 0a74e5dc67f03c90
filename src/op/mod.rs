//! The table of elementary functions: one entry an operation.
//!
//! The private `table` holds the entries, `rule` and `special` the formulas too long for an entry. From
//! an entry come a marker type (`Sin`), a name in the enum [`Op`], and the method of
//! [`Scalar`](crate::Scalar) with its documentation, and through it every engine. Entries are
//! written for `f64`; single precision rounds their results. The arithmetic operators, which must
//! run in the caller's own precision, are in `arithmetic`.

mod activation;
pub(crate) mod arithmetic;
mod columns;
mod corner;
mod curve;
mod engine;
mod entry;
mod name;
pub(crate) mod nary;
mod rule;
pub(crate) mod scalar;
pub(crate) mod special;
pub(crate) mod table;
pub(crate) mod vector;

pub(crate) use arithmetic::Quotient;
pub(crate) use columns::*;
pub use corner::{Corner, Sides};
pub(crate) use engine::Engine;
pub(crate) use entry::{
    Bends, Binary, Extreme, Kinks, List, Many, Pairs, Shape, Shares, Slopes, Text, Unary,
};
pub use name::Op;
pub(crate) use table::{for_each_op, for_each_signature};
