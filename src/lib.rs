//! Reverse-mode automatic differentiation for scalar code.
//!
//! Write a loss as an ordinary expression, with operators, methods, loops and `if`. A [`Tape`]
//! records how it was computed, [`Var::backward`] sweeps back over the record and gives the exact
//! derivative by every variable, and an optimiser ([`optim`]) goes down it. The record is a list of
//! statements, each with its partial derivatives, which R. E. Wengert described in "A simple
//! automatic derivative evaluation program", Communications of the ACM 7(8), 1964.
//!
//! ```
//! use wengert::{Tape, Var};
//!
//! let points = [(1.0, 2.0), (2.0, 4.5), (3.0, 5.0)];
//! let tape = Tape::new();
//! let [a, b] = tape.vars([1.0, 0.0]);
//! let errors = points.iter().map(|&(x, y)| (a * x + b - y).abs());
//! let loss = errors.sum::<Var>() / 3.0;
//!
//! let slope = loss.backward().wrt([a, b]);
//! assert_eq!((loss.value(), slope), (5.5 / 3.0, [-2.0, -1.0]));
//! assert!(tape.kinks().is_empty()); // no error was exactly 0
//! ```
//!
//! # The tour
//!
//! | where | what |
//! | --- | --- |
//! | [`gradient`], [`gradient_array`], [`gradient_sum`] | value and gradient of a function, in one call |
//! | [`checkpointed`], [`program::Steps`] | gradients of long recurrences, as the steps of a differential equation, in the memory of few states: recorded again on a tape, or as programs of the steps |
//! | [`Tape`], [`Var`], [`Gradient`] | recording by hand: several outputs, seeds, chunks of data, intermediate results |
//! | [`hvp`], [`hvps`], [`hessian`]; [`jvp`], [`jacobian`] | Hessian-vector products, Hessians, derivatives along a direction and Jacobians, in one call |
//! | [`Dual`], [`Dual2`], [`Taylor`]; [`derivative`], [`second_derivative`], [`taylor`](fn@taylor) | forward mode: derivatives along directions, Hessians, and all orders, without a tape |
//! | [`Scalar`], [`Real`] | loss functions written once, for plain numbers and variables, in `f64` and `f32` |
//! | [`conventions`] | the slopes at kinks, jumps, edges of domains and infinity, each row of its tables tested |
//! | [`kinks`], [`Rule`] | slopes at kinks chosen by a rule, or by a direction, which is always right |
//! | [`Var::jvp`] | derivatives along a direction, exact at kinks |
//! | [`Kink`], [`Choice`], [`Trouble`] | where a recording met a kink, what a gradient made of it, and where an infinity or NaN began |
//! | [`Subdifferential`] | the generalized gradient as a set, its least element, the steepest descent, whether a point is stationary |
//! | [`op`] | the table of elementary functions: names, bars on the error, shapes of kinks |
//! | [`loss`] | mean absolute error and its family |
//! | [`objective!`], [`program`] | an expression recorded once, differentiated as a program, and swept over columns of data with vector instructions |
//! | [`Params`] | named parameters over one flat vector |
//! | [`optim`] | SGD, Adam and a dozen others, schedules, step sizes that converge on losses with kinks, the training loop, L-BFGS, and descent to the kink, with a proof of the minimum |
//! | `optim::least_squares`, `optim::newton` | with the feature `least-squares`: fits with standard errors, robust losses and bounds, and Newton's method in a trust region |
//! | `optim::argmin` | with the feature `argmin`: losses and residuals as problems of argmin's solvers |
//! | `train` | with the feature `train`: mini-batches, rows held back, stopping, saving and going on; with `progress` a bar; with `npz` and `safetensors` parameters in files that Python reads |
//! | `plot` | with the feature `plot`: losses, fits, residuals, boundaries, contours with paths, and images as SVG; with `png` as PNG |
//! | [`Error`] | any error of the crate, so that one `Result` does |
//! | [`Gradient::to_dot`], [`Program::to_dot`](program::Program::to_dot) | a small recording or program as a graph that Graphviz draws, with values, adjoints and kinks |
//! | [`check`] | gradients compared with differences, closed forms or another engine, and timed |
//!
//! [`Var`] is `Copy` and has no lifetime, so it can be the element of a matrix from another crate; it
//! has the traits of `num_traits` up to `Float`, so generic code written elsewhere differentiates
//! unchanged.
//!
//! The feature `nalgebra` gives it and the numbers of forward mode `RealField`, with which decompositions
//! differentiate (the page `matrices` says how well), and the functions `implicit` and `fixed_point`, with which
//! a root that was found by plain numbers does. The feature `ndarray` makes them operands of arrays.
//!
//! # Words
//!
//! - **tape**: the list of statements that a computation leaves behind.
//! - **recording**: what is on a tape from its making, or its last [`Tape::clear`], to the next. A
//!   variable belongs to one; using it with another panics.
//! - **statement**: one variable or result on the tape, and how it depends on earlier ones.
//! - **leaf**: a statement that depends on nothing: what [`Tape::var`] makes.
//! - **partial**: the derivative of one operation by one operand.
//! - **edge**: a partial, together with the statement that it is taken by.
//! - **link**: the one or two edges that a variable carries, stored together.
//! - **pending**: carried by a variable and not yet written to the tape.
//! - **run**: many edges of one statement to evenly spaced statements, stored as partials alone.
//! - **adjoint**: the derivative of the output by a statement, which the reverse sweep computes.
//! - **slope**: a derivative as the user sees it: of an expression by a variable.
//! - **kink**: a point where an operation is continuous and has no derivative, as `abs` at 0.
//! - **corner**: the shape of the operation there: two sides, a tie, the tip of a cone, or a branch.
//! - **entry**: one operation in the table of operations; a **row** is always one of data.
//! - **program**: an expression recorded once, as a list of **nodes** over parameters and columns.
//! - **guard**: a comparison that a program was recorded with, and that must come out the same.
//! - **pass**: one sweep of a program over the rows; **block**: the rows that a step takes at a time.
//! - **partial result**: what a pass over a range of the rows has come to, as a value; **segment**: the rows that
//!   are added up before they become a number of a tree.
//! - **rule**: how slopes are chosen at kinks when a gradient is swept; a **convention** is a rule that
//!   looks at one operation only.
//! - **tangent**: the derivative of a number along a direction: of a statement, which the forward sweep computes,
//!   or of a [`Dual`].
//! - **locked**: a kink is locked when a rule has chosen its slopes.
//! - **watched**: a tape is watched when it also writes kinks that are only near.
//! - **piece**: a part of a function with kinks, on which it is smooth; several meet at a kink.
//! - **generalized gradient**: the set of the means of the gradients of the pieces that meet at a point.
//! - **multiplier**: the slope between those of its two sides that a kink has in one such mean.
//! - **trouble**: an operation that made an infinity or NaN from finite operands.
//!
//! # How it is fast
//!
//! - **Pending edges.** A variable carries up to two edges itself. An operation scales and joins those
//!   of its operands, and a statement is written only where the result would depend on more than two
//!   statements. Away from its kink `(a * x * x + b * x - y).abs()` writes nothing, nor does the sum
//!   of a million of them: it is two edges, to `a` and `b`.
//! - **Wide statements.** A sum, a dot product, a norm, a softmax is one statement with many edges,
//!   not a chain of additions.
//! - **Runs.** Where those edges lead to evenly spaced statements, as a row of weights does, only the
//!   partials are kept, and the sweep over them is vector code.
//! - **No operations on the tape.** A statement is its edges; the sweep is one loop of multiply-adds.
//! - **Memory is kept.** After its first step a training loop allocates nothing.
//!
//! # Limits
//!
//! - A tape holds up to 2²⁹ statements. Beyond that, or without memory, recording stops and
//!   `backward` panics, or [`Var::try_backward`] returns a [`TapeError`]; [`gradient_sum`] goes
//!   through data of any length in the memory of one chunk.
//! - `Subdifferential` and `KinkDescent` are for up to some hundreds of variables: they hold a row of numbers,
//!   one for each variable, for each kink, and work in double precision.
//! - A variable of another recording panics at the caller's line. Only `iter().sum()` and
//!   `iter().product()` do not hand their caller on: there the panic names a line of the standard library.
//! - Tapes and variables stay on their thread; a [`Gradient`] is plain data and may leave it. With the feature
//!   `nalgebra` it is a panic that keeps variables there, not the compiler.
//! - A tape records anew at each call and follows control flow. A program is recorded once and refuses
//!   data for which a comparison would come out otherwise.
//! - [`Tape::troubles`] watches the functions of the table and division. An overflow of `+`, `-`
//!   or `*` is not traced.
//! - A [`Var`] gives first derivatives. Second ones are those of [`hvp`] and [`hessian`], which record with [`Var2`], of
//!   programs, and of [`Dual2`]; [`Taylor`] gives those of any order.

#[cfg(any(feature = "nalgebra", feature = "ndarray"))]
mod algebra;
pub mod check;
#[doc = include_str!("kink/conventions.md")]
pub mod conventions {}
mod dual;
mod error;
mod kink;
#[doc = include_str!("kink/kinks.md")]
pub mod kinks {}
pub mod loss;
#[cfg(feature = "nalgebra")]
#[doc = include_str!("algebra/matrices.md")]
pub mod matrices {}
pub mod op;
pub mod optim;
mod params;
mod polyhedral;
pub mod program;
mod real;
mod tape;
#[cfg(feature = "train")]
pub mod train;

#[cfg(feature = "nalgebra")]
pub use algebra::{ImplicitError, fixed_point, implicit};
pub use dual::{
    Comparison, Dual, Dual2, HESSIAN_LANES, Taylor, Var2, derivative, hessian, hvp, hvps, jvp,
    second_derivative, taylor,
};
pub use error::Error;
pub use kink::{Choice, Extent, KinkError, Rule, Stationarity, Subdifferential};
pub use op::nary::{LengthError, ListError};
pub use op::scalar::{LeftOf, NumberOnLeft, Partials, Scalar};
pub use params::{Params, ParamsError, ParamsIter, Recorded};
pub use program::Objective;
pub use program::sparse;
pub use real::Real;
pub use tape::{
    CheckpointError, Checkpoints, Gradient, Kink, Mask, Recurrence, Tape, TapeError, TapeStats,
    Trouble, Unrolled, Var, Wrt, checkpointed, gradient, gradient_array, gradient_sum, jacobian,
};
#[cfg(feature = "plot")]
pub use train::plot;

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
