//! Partial results as values: the way into any engine that has the rows on many machines.
//!
//! Each machine has a range of the rows and a [`Sweep`] of the same program. A pass goes like this, and all
//! that travels is plain data:
//!
//! ```text
//! every machine:   partial = sweep.partial(parameters, before, rows, where they begin)
//! the engine:      merge the partials in the order of their rows, along whatever tree it has
//! every machine:   gets the merged one, as the next of `before`
//! ```
//!
//! A program makes [`Sweep::pass_count`] passes: most make one; the slope of the greatest of all rows takes more, each
//! of which needs what those before came to. After the last, [`Sweep::finish`] makes of the merged partials what
//! [`Sweep::run`] over all rows would have found: **the same bits, for every way of cutting the rows into
//! ranges**, on any number of machines, threads and instruction sets. An error in some row is a part of a partial,
//! so that nobody waits for a machine that has one: it reaches all as the same [`PartialError`].
//!
//! Two machines, each with its half of the rows:
//!
//! ```
//! use wengert::program::partials::{Offset, PartialError};
//! use wengert::{objective, program::{Columns, Program}};
//!
//! let loss = objective!(|[a], [x, y]| (a * x - y).abs());
//! let program = Program::record(&loss, &[0.0], &[1.0, 1.0])?.max().gradient();
//! let x: Vec<f64> = (0..10_000).map(f64::from).collect();
//! let y: Vec<f64> = x.iter().map(|x| 3.0 * x + (x * 0.1).sin()).collect();
//! let (here, there) = (0..4096, 4096..10_000);
//!
//! // Each machine compiles the program that it was sent, and has its own rows.
//! let mut machines = [here, there].map(|rows| (program.compile(), rows));
//! let mut before = Vec::new();
//! for _ in 0..machines[0].0.pass_count() {
//!     let mut parts = Vec::new();
//!     for (sweep, rows) in &mut machines {
//!         let data = Columns::new(&[&x[rows.clone()], &y[rows.clone()]])?;
//!         parts.push(sweep.partial(&[2.0], &before, &data, Offset::at(rows.start as u64)));
//!     }
//!     let [mut merged, next] = parts.try_into().expect("two parts");
//!     merged.merge(&next)?;
//!     before.push(merged);
//! }
//! let [(sweep, _), _] = &mut machines;
//! let found = sweep.finish(&[2.0], before)?;
//! let (value, slope) = (found.value(), found.gradient()[0]);
//!
//! let mut alone = program.compile();
//! let found = alone.run(&[2.0], &Columns::new(&[&x, &y])?)?;
//! assert_eq!((value, slope), (found.value(), found.gradient()[0]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to cut
//!
//! Anywhere. Sums are made of segments of [`Sweep::segment`] rows, counted from the first row of all. Rows of a
//! segment that began on another machine travel as they are; when the two have met, the next `extend`, be it by no
//! rows, or `finish` computes them. So ranges that begin at multiples of it make the smallest partials: for each sum
//! at most `2 log2 s` numbers of `s` segments, and 32 if the last is not whole.
//! A gradient by an index column is summed row by row, so that its partial has a place and a number for each
//! row, unless it begins with the first. Residuals and Jacobians have all their numbers in it.
//!
//! Where rows are skipped or have weight 0, segments are counted without them. Then each machine
//! [counts](crate::program::Sweep::count) its rows first, once for all passes and parameters, and begins at the sum
//! of the counts before it.
//!
//! # Rows that come in portions
//!
//! [`Sweep::extend`] adds the rows that follow to a partial, as batches or row groups that come one after the other.
//!
//! [`Sweep`]: crate::program::Sweep
//! [`Sweep::pass_count`]: crate::program::Sweep::pass_count
//! [`Sweep::finish`]: crate::program::Sweep::finish
//! [`Sweep::run`]: crate::program::Sweep::run
//! [`Sweep::segment`]: crate::program::Sweep::segment
//! [`Sweep::extend`]: crate::program::Sweep::extend

mod error;
mod offset;
mod origin;
mod partial;
mod piece;
mod standing;
#[cfg(feature = "serde")]
mod stored;
mod sweeps;

pub use error::PartialError;
pub use offset::Offset;
pub use partial::Partial;
pub(super) use standing::Standing;
