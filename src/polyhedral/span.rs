//! A few vectors and an orthonormal basis of what they span.

use super::matrix::MatrixRow;

/// Vectors `a₁ … a_m`, linearly independent, kept as `A = Q R` with orthonormal columns `Q` (Gram and
/// Schmidt, each vector passed twice, which keeps `Q` orthonormal to rounding).
#[derive(Clone, Debug)]
pub(crate) struct Span {
    n: usize,
    /// The columns of `Q`, one after the other.
    basis: Vec<f64>,
    /// The columns of `R`: the first has 1 entry, the second 2, …
    triangle: Vec<f64>,
    len: usize,
}

/// What is left of a vector outside a span, below this share of it, is rounding.
const INDEPENDENT: f64 = 1e-10;

impl Span {
    /// No vectors, in `n` dimensions.
    pub(crate) fn new(n: usize) -> Self {
        Span { n, basis: Vec::new(), triangle: Vec::new(), len: 0 }
    }

    /// How many vectors.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn clear(&mut self) {
        self.basis.clear();
        self.triangle.clear();
        self.len = 0;
    }

    fn column(&self, j: usize) -> &[f64] {
        &self.basis[j * self.n..][..self.n]
    }

    /// Where column `j` of `R` begins.
    fn start(j: usize) -> usize {
        j * (j + 1) / 2
    }

    /// An orthonormal basis of the span.
    pub(crate) fn basis(&self) -> Vec<Vec<f64>> {
        (0..self.len).map(|j| self.column(j).to_vec()).collect()
    }

    /// An orthonormal basis of all that is orthogonal to the span.
    pub(crate) fn complement(mut self) -> Vec<Vec<f64>> {
        let len = self.len;
        for j in 0..self.n {
            let mut axis = vec![0.0; self.n];
            axis[j] = 1.0;
            self.add(&axis);
        }
        (len..self.len).map(|j| self.column(j).to_vec()).collect()
    }

    /// Takes the span's part out of `v`.
    pub(crate) fn remove_from(&self, v: &mut [f64]) {
        for _ in 0..2 {
            for j in 0..self.len {
                let q = self.column(j);
                let share = dot(q, v);
                add_scaled(v, -share, q);
            }
        }
    }

    /// Adds a vector, if it is independent of the others.
    pub(crate) fn add(&mut self, v: &[f64]) -> bool {
        let length = norm(v);
        if self.len == self.n || length == 0.0 || !length.is_finite() {
            return false;
        }
        let mut rest = v.to_vec();
        let mut shares = vec![0.0; self.len + 1];
        for _ in 0..2 {
            for (j, total) in shares[..self.len].iter_mut().enumerate() {
                let q = self.column(j);
                let share = dot(q, &rest);
                add_scaled(&mut rest, -share, q);
                *total += share;
            }
        }
        let left = norm(&rest);
        if left <= INDEPENDENT * length {
            return false;
        }
        shares[self.len] = left;
        self.basis.extend(rest.iter().map(|x| x / left));
        self.triangle.extend_from_slice(&shares);
        self.len += 1;
        true
    }

    /// [`Span::add`] of a row.
    pub(crate) fn add_row(&mut self, row: MatrixRow<'_>) -> bool {
        let mut full = vec![0.0; self.n];
        row.copy_to(&mut full);
        self.add(&full)
    }

    /// The `m` for which `Σ mᵢ aᵢ` is nearest to `v`.
    pub(crate) fn coefficients(&self, v: &[f64]) -> Vec<f64> {
        let mut rest = v.to_vec();
        let mut m = vec![0.0; self.len];
        for _ in 0..2 {
            for (j, total) in m.iter_mut().enumerate() {
                let q = self.column(j);
                let share = dot(q, &rest);
                add_scaled(&mut rest, -share, q);
                *total += share;
            }
        }
        self.back_substitute(&mut m);
        m
    }

    /// Solves `R m = b` in place.
    fn back_substitute(&self, b: &mut [f64]) {
        for j in (0..b.len()).rev() {
            let column = &self.triangle[Self::start(j)..][..=j];
            b[j] /= column[j];
            for i in 0..j {
                b[i] -= column[i] * b[j];
            }
        }
    }

    /// The shortest `x` with `aᵢ · x = bᵢ`.
    pub(crate) fn shortest(&self, b: &[f64]) -> Vec<f64> {
        // Rᵀ y = b, x = Q y.
        let mut y = b.to_vec();
        for j in 0..self.len {
            let column = &self.triangle[Self::start(j)..][..=j];
            let before: f64 = column[..j].iter().zip(&y).map(|(r, y)| r * y).sum();
            y[j] = (y[j] - before) / column[j];
        }
        let mut x = vec![0.0; self.n];
        for (j, &y) in y.iter().enumerate() {
            add_scaled(&mut x, y, self.column(j));
        }
        x
    }
}

/// The inner product, in four interleaved sums, which are vector code.
#[inline]
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut parts = [0.0; 4];
    let (a, b) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for ((part, a), b) in parts.iter_mut().zip(a).zip(b) {
            *part += a * b;
        }
    }
    (parts[0] + parts[2]) + (parts[1] + parts[3]) + rest
}

/// The Euclidean norm.
#[inline]
pub(crate) fn norm(a: &[f64]) -> f64 {
    crate::op::nary::Norm::of(a.iter().copied()).value()
}

/// `v ← v + factor · a`.
#[inline]
pub(crate) fn add_scaled(v: &mut [f64], factor: f64, a: &[f64]) {
    for (v, a) in v.iter_mut().zip(a) {
        *v += factor * a;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_combination_is_taken_apart_again_and_dependent_vectors_are_refused() {
        let rows = [[1.0, 2.0, -1.0, 0.5], [0.0, 1e6, 3.0, 1.0], [1e-6, 0.0, 1.0, -1e-6]];
        let mut span = Span::new(4);
        assert!(rows.iter().all(|row| span.add(row)));
        assert!(!span.add(&[1.0, 2.0 + 1e6, 2.0, 1.5]) && !span.add(&[0.0; 4]));
        let mut v = vec![0.0; 4];
        for (m, row) in [3.0, -0.25, 7.0].iter().zip(&rows) {
            add_scaled(&mut v, *m, row);
        }
        let m = span.coefficients(&v);
        for (m, expected) in m.iter().zip([3.0, -0.25, 7.0]) {
            assert!((m - expected).abs() < 1e-8, "{m} {expected}");
        }
        span.remove_from(&mut v);
        assert!(norm(&v) < 1e-9);
        let x = span.shortest(&[1.0, -2.0, 5.0]);
        for (row, b) in rows.iter().zip([1.0, -2.0, 5.0]) {
            assert!((dot(row, &x) - b).abs() < 1e-9);
        }
    }
}
