//! Columns that lie in numpy's files, `.npy` and `.npz`.
//!
//! [`Columns::npy`] and [`Columns::npz`] take the bytes of a file, which may be mapped into memory, and copy nothing.
//! Mapping is left to the caller, as that is the promise that nobody changes or shortens the file as long as the
//! columns are there, which this crate cannot give: a number would change under way, or the system end the process.
//! It is one line by the crate `memmap2`:
//!
//! ```no_run
//! use wengert::{objective, program::{Columns, Program}};
//! let file = std::fs::File::open("points.npy")?;
//! // SAFETY: nobody writes to the file while it is read.
//! let bytes = unsafe { memmap2::Mmap::map(&file)? };
//! let data = Columns::npy(&bytes)?;
//! let loss = objective!(|[a], [x, y]| (a * x - y).abs());
//! let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.mean().gradient().compile();
//! println!("{}", sweep.run(&[2.0], &data)?.value());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Npy`] reads a file in portions instead, without that promise.
//!
//! [`Columns::npy`]: crate::program::Columns::npy
//! [`Columns::npz`]: crate::program::Columns::npz

mod archive;
mod error;
mod header;
mod stream;
mod view;

pub use error::NpyError;
#[cfg(feature = "npz")]
pub(crate) use header::read_header;
pub use stream::Npy;
