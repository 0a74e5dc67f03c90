//! One error for all: [`Error`].

use crate::check::CheckError;
use crate::loss::LossError;
use crate::optim::OptimError;
use crate::program::partials::PartialError;
use crate::program::sparse::SparseError;
use crate::program::stream::{ReadError, StreamError};
use crate::program::{EmitError, RecordError, RunError};
use crate::{CheckpointError, KinkError, LengthError, ListError, ParamsError, TapeError};

/// Any error of this crate. The operator `?` turns each error of the crate into it, so that your
/// own function can return one `Result`.
///
/// ```
/// use wengert::optim::{Optimizer, Sgd};
/// use wengert::program::{Columns, Program};
/// use wengert::{Error, objective};
///
/// fn fitted(x: &[f64], y: &[f64]) -> Result<f64, Error> {
///     let loss = objective!(|[a], [x, y]| (y - a * x).square());
///     let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.mean().gradient().compile();
///     let (mut sgd, mut a) = (Sgd::builder(0.1).build()?, [0.0]);
///     for _ in 0..100 {
///         let found = sweep.run(&a, &Columns::new(&[x, y])?)?;
///         sgd.step(&mut a, found.value(), found.gradient())?;
///     }
///     Ok(a[0])
/// }
/// assert!((fitted(&[1.0, 2.0], &[3.0, 6.0])? - 3.0).abs() < 1e-9);
/// let error = fitted(&[1.0, 2.0], &[3.0]).unwrap_err();
/// assert_eq!(error.to_string(), "column 1 has 1 rows, but column 0 has 2");
/// assert!(matches!(error, Error::Run(_)));
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A tape could not hold a recording.
    #[error(transparent)]
    Tape(#[from] TapeError),
    /// There is no such plan of checkpoints.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A question about kinks could not be answered.
    #[error(transparent)]
    Kink(#[from] KinkError),
    /// A root cannot be differentiated.
    #[cfg(feature = "nalgebra")]
    #[error(transparent)]
    Implicit(#[from] crate::ImplicitError),
    /// Lists that go together have different lengths.
    #[error(transparent)]
    Length(#[from] LengthError),
    /// A list was asked for what it does not have.
    #[error(transparent)]
    List(#[from] ListError),
    /// The structure of a matrix is not what it should be.
    #[error(transparent)]
    Sparse(#[from] SparseError),
    /// A loss could not be formed.
    #[error(transparent)]
    Loss(#[from] LossError),
    /// Something is wrong with named parameters.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// A training could not begin, or had to stop.
    #[cfg(feature = "train")]
    #[error(transparent)]
    Train(#[from] crate::train::TrainError),
    /// A saved training could not be written or read.
    #[cfg(feature = "train")]
    #[error(transparent)]
    Saved(#[from] crate::train::SavedError),
    /// A file of arrays could not be written, or parameters not be taken from it.
    #[cfg(any(feature = "npz", feature = "safetensors"))]
    #[error(transparent)]
    Array(#[from] crate::train::ArrayError),
    /// An optimizer could not be built, or it refused a step.
    #[error(transparent)]
    Optim(#[from] OptimError),
    /// A least squares problem could not be fitted.
    #[cfg(feature = "least-squares")]
    #[error(transparent)]
    LeastSquares(#[from] crate::optim::least_squares::LeastSquaresError),
    /// Newton's method could not begin.
    #[cfg(feature = "least-squares")]
    #[error(transparent)]
    Newton(#[from] crate::optim::newton::NewtonError),
    /// A problem of argmin has no answer at a point.
    #[cfg(feature = "argmin")]
    #[error(transparent)]
    Argmin(#[from] crate::optim::argmin::ProblemError),
    /// A gradient could not be checked.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// An objective could not be recorded.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A program could not be printed as Rust.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// A program could not be made native code.
    #[cfg(feature = "native")]
    #[error(transparent)]
    Native(#[from] crate::program::NativeError),
    /// A program could not run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Partial results do not go together.
    #[error(transparent)]
    Partial(PartialError),
    /// An Arrow array is no column.
    #[cfg(feature = "arrow")]
    #[error(transparent)]
    ArrowColumn(#[from] crate::program::ArrowColumnError),
    /// A Parquet file could not be read.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Parquet(#[from] crate::program::ParquetError),
    /// An Arrow IPC file could not be read.
    #[cfg(feature = "ipc")]
    #[error(transparent)]
    ArrowIpc(#[from] crate::program::ArrowIpcError),
    /// A file of numpy's could not be read.
    #[cfg(feature = "npy")]
    #[error(transparent)]
    Npy(#[from] crate::program::npy::NpyError),
    /// A text of sparse features could not be read.
    #[cfg(feature = "libsvm")]
    #[error(transparent)]
    Libsvm(#[from] crate::program::stream::LibsvmError),
    /// A stream failed: this holds the [`StreamError`] with the error of its source. If the program
    /// could not run over the rows that came, the error is [`Error::Run`].
    #[error(transparent)]
    Stream(Box<dyn std::error::Error + Send + Sync>),
    /// A file of numbers could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// There is no picture.
    #[cfg(feature = "plot")]
    #[error(transparent)]
    Plot(#[from] crate::plot::PlotError),
    /// A file could not be opened, read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<PartialError> for Error {
    fn from(error: PartialError) -> Self {
        match error {
            PartialError::Run(error) => Error::Run(error),
            error => Error::Partial(error),
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<StreamError<E>> for Error {
    fn from(error: StreamError<E>) -> Self {
        match error {
            StreamError::Run(error) => Error::Run(error),
            error => Error::Stream(Box::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    /// The names of the error types that files of a folder define.
    fn defined(folder: &Path, names: &mut Vec<String>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                defined(&path, names);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).expect("a text");
                let enums = text.lines().filter_map(|line| line.strip_prefix("pub enum "));
                let all = enums.filter_map(|line| line.split([' ', '<']).next());
                names.extend(all.filter(|name| name.ends_with("Error")).map(str::to_owned));
            }
        }
    }

    #[test]
    fn each_error_of_the_crate_goes_into_it() {
        let (mut names, own) = (Vec::new(), include_str!("error.rs"));
        defined(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut names);
        assert!(names.len() > 25, "{names:?}");
        for name in names {
            let ways = ["From<NAME", "#[from] NAME)", "::NAME)"];
            let into = ways.iter().any(|way| own.contains(&way.replace("NAME", &name)));
            assert!(into || name == "Error", "{name}");
        }
    }
}
