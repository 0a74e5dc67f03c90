//! The lines that count: [`Lines`].

use super::factor::Lists;
use crate::polyhedral::matrix::MatrixRow;
use crate::polyhedral::model::{Line, Model, power_below};

/// Some lines of a model, by their places in a list, each in a unit of its own: a power of two in which its
/// gradient is between 1 and 2 long.
pub(super) struct Lines<'a> {
    model: &'a Model,
    /// As the model numbers them.
    own: Vec<u32>,
    /// What they are multiplied with.
    units: Vec<f64>,
}

/// A row in the unit of its line.
#[derive(Clone, Copy)]
pub(super) struct UnitRow<'a> {
    row: MatrixRow<'a>,
    unit: f64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(model: &'a Model, own: Vec<u32>) -> Self {
        let units = own.iter().map(|&i| power_below(model.lines[i as usize].size).recip());
        Lines { model, units: units.collect(), own }
    }

    pub(super) fn len(&self) -> usize {
        self.own.len()
    }

    pub(super) fn model(&self) -> &'a Model {
        self.model
    }

    /// As the model numbers it.
    #[inline]
    pub(super) fn own(&self, i: usize) -> usize {
        self.own[i] as usize
    }

    #[inline]
    pub(super) fn line(&self, i: usize) -> &'a Line {
        &self.model.lines[self.own(i)]
    }

    #[inline]
    pub(super) fn unit(&self, i: usize) -> f64 {
        self.units[i]
    }

    /// The length of its gradient.
    #[inline]
    pub(super) fn size(&self, i: usize) -> f64 {
        self.line(i).size * self.units[i]
    }

    #[inline]
    pub(super) fn row(&self, i: usize) -> UnitRow<'a> {
        UnitRow { row: self.model.row(self.own(i)), unit: self.units[i] }
    }

    /// The rows by variable, if they hold less than one of `sparse` numbers.
    pub(super) fn by_variable(&self, sparse: usize) -> Option<Lists> {
        let n = self.model.dim();
        let held: usize = (0..self.len()).map(|i| self.row(i).row.values.len()).sum();
        if sparse * held >= self.len() * n {
            return None;
        }
        let mut rows = Lists::default();
        for i in 0..self.len() {
            self.row(i).entries().for_each(|(j, a)| rows.push(j, a));
            rows.end();
        }
        Some(rows.transposed(n))
    }
}

impl<'a> UnitRow<'a> {
    #[inline]
    pub(super) fn dot(&self, x: &[f64]) -> f64 {
        self.unit * self.row.dot(x)
    }

    #[inline]
    pub(super) fn add_to(&self, factor: f64, v: &mut [f64]) {
        self.row.add_to(factor * self.unit, v);
    }

    #[inline]
    pub(super) fn entries(self) -> impl Iterator<Item = (usize, f64)> + use<'a> {
        self.row.entries().map(move |(j, a)| (j, a * self.unit))
    }
}
