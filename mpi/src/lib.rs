//! Gradients over rows on many machines, by MPI.
//!
//! Each process, a *rank*, has a range of the rows and the same program. A run goes over all rows, and every rank
//! gets the results: **the bits that one process over all rows gets**, for any number of ranks and threads, and
//! wherever the rows are cut. So whatever uses gradients, an optimiser, a search, a training, runs on each rank
//! unchanged, and all stay alike.
//!
//! ```no_run
//! use wengert::{objective, program::{Columns, Program}};
//!
//! wengert_mpi::launch(|ranks| {
//!     let loss = objective!(|[a], [x, y]| (a * x - y).abs());
//!     let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.mean().gradient().compile();
//!     // Whatever rows this rank has.
//!     let x: Vec<f64> = (0..1000).map(|i| f64::from(i + 1000 * ranks.rank() as i32)).collect();
//!     let y: Vec<f64> = x.iter().map(|x| 3.0 * x).collect();
//!     let data = Columns::new(&[&x, &y])?;
//!     let rows = ranks.rows(ranks.agree(sweep.count(&data))?, "numbers made up")?;
//!     let mut a = [2.0];
//!     for _ in 0..10 {
//!         let found = ranks.run(&mut sweep, &a, &rows, &data)?;
//!         a[0] -= 1e-7 * found.gradient()[0];
//!     }
//!     println!("rank {} of {}: {a:?}", ranks.rank(), ranks.count());
//!     Ok::<(), Box<dyn std::error::Error>>(())
//! });
//! ```
//!
//! # What travels
//!
//! In each pass over the rows each rank sends its [`Partial`](wengert::program::partials::Partial) once, up a tree in the order of the ranks, and gets
//! the merged one, down the same tree: `2 (P - 1)` messages for `P` ranks, along a path of `2 log₂ P`. Sums are not
//! left to `MPI_Reduce`, whose order of additions is not promised.
//!
//! # Errors
//!
//! What goes wrong on one rank, as a row that is not finite, a guard that turned, or a file that cannot be read, comes
//! back on all as the same [`RankError`], with the rank, the name of its rows, and the row. Nobody waits for
//! a rank that failed: [`launch`] ends the whole job where a rank returns an error or panics, and a rank that is
//! killed ends it by `mpirun`.
//!
//! # What it needs
//!
//! An MPI 3.1 library with its headers, and `libclang`, by which the crate [`mpi`] reads them: on Debian
//! `apt install libopenmpi-dev libclang-dev`. `cargo test` starts nothing by MPI; `mpirun -n 4 target/release/...`
//! starts a program.

pub mod cost;
mod error;
mod launch;
mod link;
mod ranks;
mod rows;

pub use error::RankError;
pub use launch::launch;
pub use link::{Link, Mpi};
pub use ranks::Ranks;
pub use rows::Rows;
