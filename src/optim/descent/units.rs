//! The units in which a descent measures the parameters and the loss: [`Units`].

use crate::polyhedral::model::Model;

/// A unit for the loss, and one for each parameter, in which a step of 1 changes the loss by about 1.
///
/// A loss does not tell whether an income is in francs or in thousands of them, and the way down should
/// not depend on it, nor whether it was called good enough. All units are powers of two, which round
/// nothing: so in other units the same numbers come out.
#[derive(Clone, Debug)]
pub(super) struct Units {
    loss: f64,
    /// That of the loss at first.
    first: f64,
    parameters: Vec<f64>,
}

/// A slope that is so much smaller than the loss by the size of the parameter is less than rounding of the loss.
const FORGOTTEN: i32 = 48;

/// Exponents beyond this are left to the numbers themselves.
const REACH: i32 = 1000;

impl Units {
    /// Those of a model around `x`, where the loss is `value`: its unit is what the terms of the model
    /// come to. A parameter that is 0 and has no slope there tells none, and keeps the one of before.
    pub(super) fn of(model: &Model, x: &[f64], value: f64, before: &Units) -> Self {
        let slopes = model.steepest_by_variable();
        let mut terms: f64 = model.terms.iter().zip(x).map(|(g, x)| (g * x).abs()).sum();
        model.each_steepest(|i, by| terms += (by * model.lines[i].distance).abs());
        let steepest = slopes.iter().copied().fold(0.0, f64::max);
        let sizes = [terms, value.abs(), steepest];
        let loss = sizes.into_iter().find(|&size| size > 0.0).map_or(0, exponent);
        let unit = |((&slope, &x), &before): ((&f64, &f64), &f64)| {
            let own = loss - exponent(slope);
            let unit = power(match (slope > 0.0, x != 0.0) {
                // The slopes of a curved loss may be small because they cancel there.
                (true, true) if model.curved => {
                    let size = exponent(x) + 4;
                    if own - size > FORGOTTEN { size } else { own.min(size.max(own - 20)) }
                }
                (true, _) => own,
                (false, true) => exponent(x),
                (false, false) => exponent(before),
            });
            if (x / unit).is_finite() { unit } else { 1.0 }
        };
        Units {
            loss: power(loss),
            first: power(loss),
            parameters: slopes.iter().zip(x).zip(&before.parameters).map(unit).collect(),
        }
    }

    pub(super) fn ones(n: usize) -> Self {
        Units { loss: 1.0, first: 1.0, parameters: vec![1.0; n] }
    }

    /// Measures a parameter that is 0 in another unit.
    pub(super) fn set(&mut self, j: usize, unit: f64) {
        self.parameters[j] = unit;
    }

    /// Whether a loss has become so small that its unit cannot tell it.
    pub(super) fn are_outgrown(&self, value: f64) -> bool {
        value != 0.0 && !self.of_loss(value).is_normal()
    }

    /// Measures the loss in a unit in which `terms`, in the present one, are about 1; tells how many
    /// times as great it is. Where they are about 1 already it stays.
    pub(super) fn follow(&mut self, terms: f64) -> Option<f64> {
        const NEAR: i32 = 30;
        let by = exponent(terms);
        let next = self.loss * power(by);
        if terms == 0.0 || !terms.is_finite() || by.abs() <= NEAR || exponent(next).abs() >= REACH {
            return None;
        }
        self.loss = next;
        Some(power(by))
    }

    /// A loss in its unit.
    pub(super) fn of_loss(&self, value: f64) -> f64 {
        value / self.loss
    }

    /// A loss, from one in its unit.
    pub(super) fn loss(&self, value: f64) -> f64 {
        value * self.loss
    }

    /// A loss in the unit at first, from one in that of now.
    pub(super) fn at_first(&self, value: f64) -> f64 {
        value * (self.loss / self.first)
    }

    /// Parameters in these units.
    pub(super) fn measure(&self, x: &[f64]) -> Vec<f64> {
        x.iter().zip(&self.parameters).map(|(x, unit)| x / unit).collect()
    }

    /// The parameters, from these units.
    pub(super) fn parameters(&self, z: &[f64]) -> Vec<f64> {
        z.iter().zip(&self.parameters).map(|(z, unit)| z * unit).collect()
    }

    /// A gradient of the loss by the parameters, from one in these units.
    pub(super) fn gradient(&self, gradient: &[f64]) -> Vec<f64> {
        let own = gradient.iter().zip(&self.parameters);
        own.map(|(g, unit)| g * self.loss / unit).collect()
    }

    /// The entries of a line's gradient by the parameters, from those in these units.
    pub(super) fn row(
        &self,
        entries: impl Iterator<Item = (usize, f64)>,
    ) -> impl Iterator<Item = (usize, f64)> {
        entries.map(|(j, a)| (j, a / self.parameters[j]))
    }

    /// Puts a model of the loss by the parameters into these units.
    pub(super) fn apply(&self, model: &mut Model) {
        model.rescale(&self.parameters);
        model.rescale_value(self.loss);
    }
}

/// The exponent of the power of two next below.
pub(in crate::optim) fn exponent(x: f64) -> i32 {
    let bits = |x: f64| (x.to_bits() >> 52 & 0x7FF) as i32 - 1023;
    // A subnormal number is as many powers of two greater first.
    let own = if x.is_normal() { bits(x) } else { bits(x * 2f64.powi(64)) - 64 };
    own.clamp(-REACH, REACH)
}

pub(in crate::optim) fn power(exponent: i32) -> f64 {
    f64::from(exponent.clamp(-REACH, REACH)).exp2()
}
