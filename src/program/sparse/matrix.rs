//! What a run has found of a sparse matrix: [`SparseMatrix`].

use super::{Compressed, Pattern};
use crate::op::nary::LengthError;

/// A matrix of which only the places of a [`Pattern`] may differ from 0.
///
/// ```
/// use wengert::{objective, program::{Columns, Program}};
/// let f = objective!(|[x, y, z]| x * x * y + z * z);
/// let mut sweep = Program::record(&f, &[1.0, 1.0, 1.0], &[])?.sparse_hessian().compile();
/// let found = sweep.run(&[2.0, 3.0, 4.0], &Columns::none())?;
/// let hessian = found.sparse_hessian();
/// let numbers: Vec<_> = hessian.triplets().collect();
/// assert_eq!(numbers, [(0, 0, 6.0), (0, 1, 4.0), (1, 0, 4.0), (2, 2, 2.0)]);
/// // As compressed sparse rows, the form that libraries of linear algebra take.
/// assert_eq!(hessian.pattern().starts(), [0, 2, 3, 4]);
/// assert_eq!(hessian.pattern().indices(), [0, 1, 0, 2]);
/// assert_eq!(hessian.values(), [6.0, 4.0, 4.0, 2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SparseMatrix<'s> {
    pub(crate) compressed: &'s Compressed,
    pub(crate) products: &'s [Vec<f64>],
}

impl<'s> SparseMatrix<'s> {
    /// Where it may differ from 0.
    pub fn pattern(self) -> &'s Pattern {
        &self.compressed.pattern
    }

    /// The numbers at the places of the pattern, row by row.
    pub fn values(self) -> Vec<f64> {
        self.numbers().collect()
    }

    /// The places of the pattern with their numbers, row by row: row, column, number.
    pub fn triplets(self) -> impl Iterator<Item = (usize, usize, f64)> + use<'s> {
        self.pattern().iter().zip(self.numbers()).map(|((row, column), x)| (row, column, x))
    }

    /// The product with a vector.
    ///
    /// # Panics
    /// If the vector is not as long as a row; [`SparseMatrix::try_product`] says so instead.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let f = objective!(|[x, y]| x * x * y);
    /// let mut sweep = Program::record(&f, &[1.0, 1.0], &[])?.sparse_hessian().compile();
    /// let found = sweep.run(&[2.0, 3.0], &Columns::none())?;
    /// assert_eq!(found.sparse_hessian().product(&[1.0, 10.0]), [46.0, 4.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn product(self, x: &[f64]) -> Vec<f64> {
        match self.try_product(x) {
            Ok(product) => product,
            Err(error) => panic!("the product of a row with a vector: {error}"),
        }
    }

    /// [`SparseMatrix::product`], with an error where the vector does not fit.
    ///
    /// # Errors
    /// If the vector is not as long as a row.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let f = objective!(|[x, y]| x * x * y);
    /// let mut sweep = Program::record(&f, &[1.0, 1.0], &[])?.sparse_hessian().compile();
    /// let found = sweep.run(&[2.0, 3.0], &Columns::none())?;
    /// let error = found.sparse_hessian().try_product(&[1.0]).unwrap_err();
    /// assert_eq!((error.expected, error.found), (2, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_product(self, x: &[f64]) -> Result<Vec<f64>, LengthError> {
        LengthError::check(self.pattern().column_count(), x.len())?;
        let mut product = vec![0.0; self.pattern().row_count()];
        for (row, column, number) in self.triplets() {
            product[row] += number * x[column];
        }
        Ok(product)
    }

    fn numbers(self) -> impl Iterator<Item = f64> + use<'s> {
        let number = move |&[product, at]: &[u32; 2]| self.products[product as usize][at as usize];
        self.compressed.sources.iter().map(number)
    }
}
