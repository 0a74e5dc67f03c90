//! Matrices of derivatives of which most are 0: patterns, colorings, and what is found by them.
//!
//! Of a loss over many parameters that each meet few others, most second derivatives are 0 whatever the
//! point. A [`Program`](crate::program::Program) knows which:
//! [`hessian_pattern`](crate::program::Program::hessian_pattern). Those that are not it computes together, a
//! few columns at a time: [`sparse_hessian`](crate::program::Program::sparse_hessian) and
//! [`sparse_jacobian`](crate::program::Program::sparse_jacobian).
//!
//! ```
//! use wengert::{Scalar, objective, program::{Columns, Program}};
//! let chain = objective!(|x| x
//!     .windows(2)
//!     .map(|w| 100.0 * (w[1] - w[0].square()).square() + (1.0 - w[0]).square())
//!     .sum());
//! let at = vec![0.5; 1000];
//! let mut sweep = Program::record(&chain, &at, &[])?.sparse_hessian().compile();
//! let found = sweep.run(&at, &Columns::none())?;
//! let hessian = found.sparse_hessian();
//! assert_eq!(hessian.pattern().len(), 3 * 1000 - 2);
//! assert_eq!(hessian.triplets().next(), Some((0, 0, 102.0)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the feature `sprs` a [`SparseMatrix`] goes into a `CsMat` of that crate, and the places of such a matrix
//! into a [`Pattern`]. Others take [`Pattern::starts`], [`Pattern::indices`] and [`SparseMatrix::values`], or
//! [`SparseMatrix::triplets`].

mod coloring;
mod compressed;
mod error;
mod matrix;
mod pattern;
#[cfg(feature = "sprs")]
mod sprs;

pub use coloring::Coloring;
pub(crate) use compressed::Compressed;
pub use error::SparseError;
pub use matrix::SparseMatrix;
pub use pattern::Pattern;
