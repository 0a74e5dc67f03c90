//! The units in which a descent measures the parameters: [`Units`].

use crate::kink::model::Model;

/// A unit for each parameter, so that the slopes by all of them are alike: a loss does not tell whether
/// an income is in francs or in thousands of them, and the way down should not depend on it. Powers of
/// two, which round nothing.
#[derive(Clone, Debug)]
pub(super) struct Units(Vec<f64>);

impl Units {
    /// By the mean slope of the lines of a model, by each parameter.
    pub(super) fn of(model: &Model, x: &[f64]) -> Self {
        let mut sums: Vec<f64> = model.base.iter().map(|g| g.abs()).collect();
        model.rows.entries().for_each(|(j, a)| sums[j] += a.abs());
        let count = (model.lines.len() + 1) as f64;
        let unit = |sum: f64| {
            if sum > 0.0 { (sum / count).log2().round().clamp(-300.0, 300.0) } else { 0.0 }
        };
        let units = Units(sums.into_iter().map(|sum| (-unit(sum)).exp2()).collect());
        if units.measure(x).iter().all(|z| z.is_finite()) { units } else { Units::ones(x.len()) }
    }

    pub(super) fn ones(n: usize) -> Self {
        Units(vec![1.0; n])
    }

    /// Parameters in these units.
    pub(super) fn measure(&self, x: &[f64]) -> Vec<f64> {
        x.iter().zip(&self.0).map(|(x, unit)| x / unit).collect()
    }

    /// The parameters, from these units.
    pub(super) fn parameters(&self, z: &[f64]) -> Vec<f64> {
        z.iter().zip(&self.0).map(|(z, unit)| z * unit).collect()
    }

    /// A gradient by the parameters, from one by these units.
    pub(super) fn slopes(&self, gradient: &[f64]) -> Vec<f64> {
        self.measure(gradient)
    }

    /// The same of some entries of a gradient.
    pub(super) fn entries(
        &self,
        entries: impl Iterator<Item = (usize, f64)>,
    ) -> impl Iterator<Item = (usize, f64)> {
        entries.map(|(j, g)| (j, g / self.0[j]))
    }

    /// Puts a model of the parameters into these units.
    pub(super) fn apply(&self, model: &mut Model) {
        model.rescale(&self.0);
    }

    /// Takes a model out of these units.
    pub(super) fn undo(&self, model: &mut Model) {
        model.rescale(&self.0.iter().map(|unit| unit.recip()).collect::<Vec<_>>());
    }
}
