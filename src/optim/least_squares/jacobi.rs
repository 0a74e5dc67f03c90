//! Singular values of small matrices, by C. G. J. Jacobi's rotations of the columns.
//!
//! ```text
//! V = 1
//! until no two columns of A were far from orthogonal:
//!     for each pair of columns: rotate both so that they become orthogonal, and those of V alike
//! the columns of A are U Σ now
//! ```
//!
//! Each pair is rotated as M. R. Hestenes does, "Inversion of matrices by biorthogonalization and related
//! results", Journal of the Society for Industrial and Applied Mathematics 6, 1958. No entry is set to 0 for
//! being small, so that values of columns of very different sizes come out, each to its own digits (J. Demmel
//! and K. Veselić, "Jacobi's method is more accurate than QR", SIAM Journal on Matrix Analysis and
//! Applications 13, 1992). nalgebra 0.35 has another method, which of some singular matrices gives factors of
//! a matrix that is off by percents.

use nalgebra::{DMatrix, DVector};

/// How often all pairs are gone through; some six times are enough.
const SWEEPS: usize = 40;

/// `A = U Σ Vᵀ`: the values, in no order, and for each a column of `U` and of `V`. Where a value is 0, so is its
/// column of `U`.
pub(super) struct Singular {
    pub(super) values: DVector<f64>,
    pub(super) u: DMatrix<f64>,
    pub(super) v: DMatrix<f64>,
}

/// The singular values of a matrix.
pub(super) fn singular(mut a: DMatrix<f64>) -> Singular {
    let n = a.ncols();
    let mut v = DMatrix::identity(n, n);
    for _ in 0..SWEEPS {
        let mut is_done = true;
        for i in 0..n {
            for j in i + 1..n {
                let (x, y) = (a.column(i), a.column(j));
                let (xx, yy, xy) = (x.norm_squared(), y.norm_squared(), x.dot(&y));
                if xy.abs() > f64::EPSILON * (xx.sqrt() * yy.sqrt()) {
                    is_done = false;
                    let cotangent = (yy - xx) / (2.0 * xy);
                    let tangent = cotangent.signum() / (cotangent.abs() + cotangent.hypot(1.0));
                    rotate(&mut a, i, j, tangent);
                    rotate(&mut v, i, j, tangent);
                }
            }
        }
        if is_done {
            break;
        }
    }
    let values = DVector::from_iterator(n, a.column_iter().map(|column| column.norm()));
    for (mut column, &value) in a.column_iter_mut().zip(&values) {
        if value > 0.0 {
            column /= value;
        }
    }
    Singular { values, u: a, v }
}

/// Turns two columns by an angle of this tangent.
fn rotate(of: &mut DMatrix<f64>, i: usize, j: usize, tangent: f64) {
    let cosine = tangent.hypot(1.0).recip();
    let sine = cosine * tangent;
    for row in 0..of.nrows() {
        let (x, y) = (of[(row, i)], of[(row, j)]);
        of[(row, i)] = cosine * x - sine * y;
        of[(row, j)] = sine * x + cosine * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How far the factors' product is from a matrix, and `V` from orthogonal.
    fn errors(of: &DMatrix<f64>) -> [f64; 2] {
        let n = of.ncols();
        let Singular { values, u, v } = singular(of.clone());
        let product = u * DMatrix::from_diagonal(&values) * v.transpose();
        [(product - of).amax(), (v.tr_mul(&v) - DMatrix::identity(n, n)).amax()]
    }

    #[test]
    fn the_factors_are_those_of_the_matrix_singular_or_not() {
        let mut state = 12_345_u64;
        let mut number = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 20 & 15) as f64 - 8.0
        };
        for n in 1..=8 {
            for k in 0..600 {
                let mut matrix = DMatrix::from_fn(n, n, |_, _| number());
                if k % 3 > 0 {
                    let multiple = matrix.column(0) * (k % 3) as f64;
                    matrix.set_column(n - 1, &multiple);
                }
                if k % 5 == 0 {
                    matrix.column_mut(n / 2).fill(0.0);
                }
                let [off, turned] = errors(&matrix);
                assert!(off <= 1e-13 && turned <= 1e-14, "{off:e} {turned:e} {matrix}");
            }
        }
        let wide = DMatrix::from_fn(3, 5, |_, _| number());
        assert!(errors(&wide)[0] < 1e-13);
    }

    #[test]
    fn columns_of_all_sizes_keep_their_digits() {
        // A triangle of 1 with its columns times powers of two has the determinant of those.
        let powers = [0, -60, 40, -130];
        let matrix = DMatrix::from_fn(4, 4, |i, j| f64::from(u8::from(i <= j)));
        let scaled = DMatrix::from_fn(4, 4, |i, j| matrix[(i, j)] * 2.0_f64.powi(powers[j]));
        let product: f64 = singular(scaled).values.iter().product();
        approx::assert_relative_eq!(product, 2.0_f64.powi(-150), max_relative = 1e-14);
    }
}
