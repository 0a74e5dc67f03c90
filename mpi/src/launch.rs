//! The main function of a rank: [`launch`].

use crate::{Mpi, Ranks};
use std::fmt::Display;
use std::io::Write;

/// Begins MPI, runs this on each rank, and ends MPI.
///
/// An error is written to the standard error, and the whole job ends with exit code 1; after a panic with 101. It also
/// ends so where a rank is done while others wait for it. So no rank waits for one that gave up, be its error its own
/// or that of all.
///
/// An example is at the [crate](crate).
///
/// # Panics
/// If MPI has begun before.
pub fn launch<E: Display>(job: impl FnOnce(&Ranks<Mpi>) -> Result<(), E>) {
    let Some(link) = Mpi::init() else { panic!("MPI has begun before") };
    let ranks = Ranks::new(link);
    let failed = match job(&ranks) {
        Ok(()) => ranks.end().err().map(|error| error.to_string()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(error) = failed {
        // In one piece, so that those of several ranks do not mix.
        let line = format!("on rank {}: {error}\n", ranks.rank());
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
        // Others with the same error write theirs too.
        std::thread::sleep(std::time::Duration::from_millis(100));
        ranks.link().abort(1);
    }
}
