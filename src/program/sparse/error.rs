//! What is wrong with the structure of a matrix: [`SparseError`].

/// What is wrong with the structure of a matrix.
///
/// ```
/// use wengert::sparse::{Pattern, SparseError};
/// let error = Pattern::try_from_rows(2, [vec![0], vec![1, 5]]).unwrap_err();
/// assert!(matches!(error, SparseError::Column { row: 1, expected: 2, found: 5 }));
/// assert_eq!(error.to_string(), "row 1 names column 5 of a matrix of 2 columns");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SparseError {
    /// A row names a column that the matrix does not have.
    #[error("row {row} names column {found} of a matrix of {expected} columns")]
    Column {
        /// The row, counted from 0.
        row: usize,
        /// How many columns the matrix has.
        expected: usize,
        /// The column, counted from 0.
        found: u32,
    },
    /// A pattern that has to be symmetric has another number of rows than of columns.
    #[error("a symmetric matrix of {expected} columns has {found} rows")]
    Square {
        /// How many columns it has.
        expected: usize,
        /// How many rows it has.
        found: usize,
    },
    /// A pattern that has to be symmetric has a place without the one across the diagonal.
    #[error("the pattern is not symmetric: it has row {row}, column {column}, but not the reverse")]
    Asymmetric {
        /// The row of the first such place.
        row: usize,
        /// Its column.
        column: usize,
    },
    /// A matrix has more rows or columns than a pattern can number.
    #[error("a side of {found} is longer than {expected}, the most that a pattern may have")]
    Size {
        /// The most that there may be.
        expected: usize,
        /// How many rows or columns there are.
        found: usize,
    },
}
