//! To and from the matrices of `sprs`.

use super::{Pattern, SparseError, SparseMatrix};
use ::sprs::CsMat;

/// In compressed sparse rows, with all places of the pattern, be their numbers 0.
///
/// ```
/// use sprs::CsMat;
/// use wengert::{objective, program::{Columns, Program}};
/// let f = objective!(|[x, y, z]| x * x * y + z * z);
/// let mut sweep = Program::record(&f, &[1.0; 3], &[])?.sparse_hessian().compile();
/// let found = sweep.run(&[2.0, 3.0, 4.0], &Columns::none())?;
/// let hessian = CsMat::from(found.sparse_hessian());
/// assert_eq!((hessian.get(0, 1), hessian.get(0, 2)), (Some(&4.0), None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl From<SparseMatrix<'_>> for CsMat<f64> {
    fn from(matrix: SparseMatrix<'_>) -> Self {
        let pattern = matrix.pattern();
        let indices = pattern.indices().iter().map(|&column| column as usize).collect();
        let shape = (pattern.row_count(), pattern.column_count());
        CsMat::new(shape, pattern.starts().to_vec(), indices, matrix.values())
    }
}

/// The places of a matrix, whatever its numbers, in compressed rows or columns: to color a pattern of one's own.
///
/// ```
/// use sprs::TriMat;
/// use wengert::sparse::{Coloring, Pattern};
/// let mut triplets = TriMat::new((3, 3));
/// (0..3).for_each(|i| triplets.add_triplet(i, i, 1.0));
/// let pattern = Pattern::try_from(&triplets.to_csr::<usize>())?;
/// assert_eq!(Coloring::of_symmetric(&pattern).len(), 1);
/// # Ok::<(), wengert::sparse::SparseError>(())
/// ```
impl<N> TryFrom<&CsMat<N>> for Pattern {
    type Error = SparseError;

    fn try_from(matrix: &CsMat<N>) -> Result<Self, SparseError> {
        const MOST: usize = u32::MAX as usize;
        let found = matrix.rows().max(matrix.cols());
        if found > MOST {
            return Err(SparseError::Size { expected: MOST, found });
        }
        let starts = matrix.indptr();
        let lines = starts.iter_outer_sz().map(|line| matrix.indices()[line].iter());
        let lines = lines.map(|line| line.map(|&at| at as u32));
        if matrix.is_csr() {
            Ok(Pattern::from_rows(matrix.cols(), lines))
        } else {
            Ok(Pattern::from_rows(matrix.rows(), lines).transposed())
        }
    }
}
