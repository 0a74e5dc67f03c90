//! What can go wrong with a file of arrays: [`ArrayError`].

use std::io;
use std::path::PathBuf;

/// A file of arrays that could not be written, or from which parameters could not be taken. The parameters stay
/// as they were, and so does a file that was there.
///
/// ```
/// # #[cfg(feature = "npz")] {
/// use wengert::Params;
/// use wengert::train::ArrayError;
/// let file = std::env::temp_dir().join(format!("wengert-missing-{}.npz", std::process::id()));
/// Params::from_scalars([("a", 1.0)])?.save_npz(&file)?;
/// let mut other = Params::from_scalars([("a", 0.0), ("b", 2.0)])?;
/// let refused = other.load_npz(&file).unwrap_err();
/// assert!(matches!(&refused, ArrayError::Missing { name, .. } if name == "b"));
/// assert_eq!(other.values(), [0.0, 2.0]);
/// # std::fs::remove_file(&file)?;
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArrayError {
    /// The file could not be written or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is of another kind.
    #[error("{} is no {expected} file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The kind that was asked for.
        expected: &'static str,
    },
    /// The file is cut short, its bytes have changed, or it is written in a way that is not read.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The kind of file cannot hold an array of this name.
    #[error("no array of a {kind} file can be named `{name}`")]
    Name {
        /// The name of the parameter.
        name: String,
        /// The kind of file.
        kind: &'static str,
    },
    /// The file has no array of a parameter's name.
    #[error("{} has no array `{name}`", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// The name of the parameter.
        name: String,
        /// The names in the file.
        found: Vec<String>,
    },
    /// The file has an array of which there is no parameter.
    #[error("{} has an array `{name}`, and there is no such parameter", path.display())]
    Unexpected {
        /// The file.
        path: PathBuf,
        /// The name in the file.
        name: String,
    },
    /// The file has an entry that is no array.
    #[error("{} has an entry `{name}`, which is no array", path.display())]
    NoArray {
        /// The file.
        path: PathBuf,
        /// The name of the entry.
        name: String,
    },
    /// An array has another shape than the parameter.
    #[error("the array `{name}` of {} has shape {found:?}, not {expected:?}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The name of the parameter.
        name: String,
        /// The shape of the parameter.
        expected: Vec<usize>,
        /// The shape of the array.
        found: Vec<usize>,
    },
    /// The numbers of an array are of a type that is not read, since they would be rounded, or are no floating-point
    /// numbers of single or double precision.
    #[error("the array `{name}` of {} is of type {found}, not {expected}", path.display())]
    Dtype {
        /// The file.
        path: PathBuf,
        /// The name of the array.
        name: String,
        /// The types that are read.
        expected: &'static str,
        /// The type, as the file names it.
        found: String,
    },
}
