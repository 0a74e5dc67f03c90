//! Matrix of numbers, each in full or by its entries other than 0.

use super::span::{add_scaled, dot, norm};

/// Matrix over `n` columns. A row of few entries costs what it holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matrix {
    n: usize,
    values: Vec<f64>,
    columns: Vec<u32>,
    /// Where the values and the columns of each row end. A full row has no columns.
    ends: Vec<(usize, usize)>,
}

/// A row: its values, and their columns unless it is full.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MatrixRow<'a> {
    pub(crate) values: &'a [f64],
    columns: &'a [u32],
}

/// Below so many columns every row is kept in full: its loops are vector code.
const SHORT: usize = 16;
/// A row is kept by its entries if they are fewer than this share of it.
const SPARSE: usize = 3;

impl Matrix {
    pub(crate) fn new(n: usize) -> Self {
        Matrix { n, ..Matrix::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether all entries are finite.
    pub(crate) fn are_finite(&self) -> bool {
        self.values.iter().all(|a| a.is_finite())
    }

    /// How many numbers they hold.
    pub(crate) fn held(&self) -> usize {
        self.values.len()
    }

    #[inline]
    pub(crate) fn row(&self, i: usize) -> MatrixRow<'_> {
        let (from, first) = if i == 0 { (0, 0) } else { self.ends[i - 1] };
        let (to, last) = self.ends[i];
        MatrixRow { values: &self.values[from..to], columns: &self.columns[first..last] }
    }

    /// Whether a row is kept by its entries if they are so few.
    pub(crate) fn is_sparse(&self, count: usize) -> bool {
        self.n >= SHORT && SPARSE * count <= self.n
    }

    /// Adds a row that is 0 but for some columns; if they are few, they are in ascending order.
    pub(crate) fn push(&mut self, full: &[f64], columns: &[u32]) {
        if self.is_sparse(columns.len()) {
            self.values.extend(columns.iter().map(|&j| full[j as usize]));
            self.columns.extend_from_slice(columns);
        } else {
            self.values.extend_from_slice(full);
        }
        self.ends.push((self.values.len(), self.columns.len()));
    }

    /// Multiplies each column.
    pub(crate) fn scale_columns(&mut self, units: &[f64]) {
        let (mut from, mut first) = (0, 0);
        for &(to, last) in &self.ends {
            let values = &mut self.values[from..to];
            if last == first {
                values.iter_mut().zip(units).for_each(|(a, unit)| *a *= unit);
            } else {
                let columns = &self.columns[first..last];
                values.iter_mut().zip(columns).for_each(|(a, &j)| *a *= units[j as usize]);
            }
            (from, first) = (to, last);
        }
    }

    /// Multiplies a row.
    pub(crate) fn scale_row(&mut self, i: usize, by: f64) {
        let from = if i == 0 { 0 } else { self.ends[i - 1].0 };
        self.values[from..self.ends[i].0].iter_mut().for_each(|a| *a *= by);
    }

    /// All entries, row by row, with their columns.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (usize, f64)> {
        (0..self.len()).flat_map(|i| self.row(i).entries())
    }
}

impl<'a> MatrixRow<'a> {
    #[inline]
    pub(crate) fn dot(&self, x: &[f64]) -> f64 {
        if self.columns.is_empty() {
            // A row without entries has neither.
            return if self.values.is_empty() { 0.0 } else { dot(self.values, x) };
        }
        self.values.iter().zip(self.columns).map(|(a, &j)| a * x[j as usize]).sum()
    }

    /// `v ← v + factor · row`.
    #[inline]
    pub(crate) fn add_to(&self, factor: f64, v: &mut [f64]) {
        if self.columns.is_empty() {
            add_scaled(v, factor, self.values);
        } else {
            self.values.iter().zip(self.columns).for_each(|(a, &j)| v[j as usize] += factor * a);
        }
    }

    pub(crate) fn norm(&self) -> f64 {
        norm(self.values)
    }

    /// Its values with their columns.
    #[inline]
    pub(crate) fn entries(self) -> impl Iterator<Item = (usize, f64)> + use<'a> {
        let is_full = self.columns.is_empty();
        let column = move |at: usize| if is_full { at } else { self.columns[at] as usize };
        self.values.iter().enumerate().map(move |(at, &a)| (column(at), a))
    }

    /// Writes it in full.
    pub(crate) fn copy_to(&self, v: &mut [f64]) {
        if self.columns.is_empty() && !self.values.is_empty() {
            v.copy_from_slice(self.values);
        } else {
            v.fill(0.0);
            self.add_to(1.0, v);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_and_sparse_rows_are_the_same_numbers() {
        for n in [1, 3, 15, 16, 40] {
            for step in 1..=n + 1 {
                let columns: Vec<u32> =
                    (0..n as u32).filter(|j| (*j as usize + 1).is_multiple_of(step)).collect();
                let mut full = vec![0.0; n];
                columns.iter().for_each(|&j| full[j as usize] = f64::from(j) + 1.0);
                let units: Vec<f64> = (0..n).map(|j| (j as f64).exp2()).collect();
                let mut rows = Matrix::new(n);
                rows.push(&full, &columns);
                rows.push(&full, &columns);
                rows.scale_columns(&units);
                full.iter_mut().zip(&units).for_each(|(a, unit)| *a *= unit);
                let (row, mut copy) = (rows.row(1), vec![7.0; n]);
                row.copy_to(&mut copy);
                assert_eq!(copy, full);
                row.add_to(-1.0, &mut copy);
                assert!(copy.iter().all(|x| *x == 0.0));
                assert_eq!(
                    row.dot(&units),
                    full.iter().zip(&units).map(|(a, b)| a * b).sum::<f64>()
                );
                let own: f64 =
                    rows.entries().map(|(j, a)| a / full[j]).filter(|a| !a.is_nan()).sum();
                assert_eq!(own, 2.0 * columns.len() as f64);
                assert_eq!(rows.len(), 2);
            }
        }
    }
}
