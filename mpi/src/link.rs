//! How ranks send messages to each other: [`Link`], and by MPI [`Mpi`].

use mpi::Threading;
use mpi::environment::Universe;
use mpi::topology::SimpleCommunicator;
use mpi::traits::{Communicator, Destination, Source};
use std::fmt;

/// How a rank sends messages to the others: MPI's, or a way of your own.
///
/// Messages from one rank to another arrive in the order in which they were sent. A rank that fails must not leave
/// others waiting.
///
/// ```
/// use wengert_mpi::{Link, Ranks};
/// /// One process, without anybody.
/// struct Alone;
///
/// impl Link for Alone {
///     fn rank(&self) -> usize {
///         0
///     }
///     fn count(&self) -> usize {
///         1
///     }
///     fn send(&self, _: usize, _: &[u8]) {
///         unreachable!("nobody is there")
///     }
///     fn receive(&self, _: usize) -> Vec<u8> {
///         unreachable!("nobody is there")
///     }
/// }
///
/// let ranks = Ranks::new(Alone);
/// assert_eq!(ranks.broadcast(5.0), Ok(5.0));
/// ```
pub trait Link {
    /// Which rank this is, counted from 0.
    fn rank(&self) -> usize;

    /// How many ranks there are.
    fn count(&self) -> usize;

    /// Sends a message.
    fn send(&self, to: usize, message: &[u8]);

    /// The next message from a rank, when it is there.
    fn receive(&self, from: usize) -> Vec<u8>;
}

/// All ranks that `mpirun` started.
///
/// It ends MPI when it is dropped. In a panic it ends the whole job, for others would wait.
///
/// ```no_run
/// use wengert_mpi::{Mpi, Ranks};
/// let ranks = Ranks::new(Mpi::init().expect("MPI has not begun yet"));
/// println!("rank {} of {}", ranks.rank(), ranks.count());
/// ```
pub struct Mpi {
    world: SimpleCommunicator,
    /// Its end is that of MPI.
    _universe: Universe,
}

/// The most bytes that go at once: MPI counts in 32 bits.
const PIECE: usize = 1 << 30;

impl Mpi {
    /// Begins MPI, for calls from this thread; others may compute. `None` if it has begun before.
    pub fn init() -> Option<Self> {
        let (universe, _) = mpi::initialize_with_threading(Threading::Funneled)?;
        Some(Mpi { world: universe.world(), _universe: universe })
    }

    /// Ends the whole job at once, with this exit code.
    pub fn abort(&self, code: i32) -> ! {
        self.world.abort(code)
    }

    /// MPI's number of a rank, of which there are less than 2³¹.
    fn number(rank: usize) -> i32 {
        i32::try_from(rank).unwrap_or(i32::MAX)
    }
}

impl Link for Mpi {
    fn rank(&self) -> usize {
        self.world.rank().unsigned_abs() as usize
    }

    fn count(&self) -> usize {
        self.world.size().unsigned_abs() as usize
    }

    fn send(&self, to: usize, message: &[u8]) {
        let to = self.world.process_at_rank(Self::number(to));
        to.send(&(message.len() as u64));
        message.chunks(PIECE).for_each(|piece| to.send(piece));
    }

    fn receive(&self, from: usize) -> Vec<u8> {
        let from = self.world.process_at_rank(Self::number(from));
        let (len, _) = from.receive::<u64>();
        let mut message = vec![0; len as usize];
        message.chunks_mut(PIECE).for_each(|piece| _ = from.receive_into(piece));
        message
    }
}

impl Drop for Mpi {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.abort(101);
        }
    }
}

impl fmt::Debug for Mpi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mpi {{ rank: {}, count: {} }}", self.rank(), self.count())
    }
}
