//! Why there is no native code.

/// Why a program could not be compiled to native code. [`Program::compile`](crate::program::Program::compile) always
/// can be had instead.
///
/// ```
/// use wengert::{objective, program::{NativeError, Program}};
/// let program = Program::record(&objective!(|[x]| x * x), &[1.0], &[])?;
/// match program.compile_native() {
///     Ok(_) => {}
///     Err(NativeError::NoBackend { reason }) => println!("not on this processor: {reason}"),
///     Err(error) => println!("{error}"),
/// }
/// # Ok::<(), wengert::program::RecordError>(())
/// ```
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NativeError {
    /// There is no backend for this processor.
    #[error("no native code can be made for this processor: {reason}")]
    NoBackend {
        /// What the backend says.
        reason: String,
    },
    /// The program has more numbers than instructions can address.
    #[error("the program has {found} numbers, and native code can address {expected}")]
    TooLarge {
        /// The most that there can be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The system gives no memory that can be executed, as some are set up.
    #[error("no memory that can be executed: {reason}")]
    NoMemory {
        /// What the system says.
        reason: String,
    },
    /// The backend could not translate the program.
    #[error("the program was not translated: {reason}")]
    NotTranslated {
        /// What the backend says.
        reason: String,
    },
}

impl NativeError {
    /// There are more operands than can be counted.
    pub(super) fn too_large(found: usize) -> Self {
        NativeError::TooLarge { expected: u32::MAX as usize, found }
    }
}
