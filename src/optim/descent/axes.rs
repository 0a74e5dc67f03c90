//! The units of parameters that are told neither by their size nor by a slope.

use super::iterate::Iteration;
use super::units::power;
use crate::Var;
use crate::optim::OptimError;

/// So many such parameters are looked at.
const MOST: usize = 32;

/// All exponents that a unit may have, and from one to the next.
const FARTHEST: i32 = 1000;
const STRIDE: usize = 16;

/// A step of the unit changes the loss by this share of its own unit, or a little more.
const SHARE: f64 = 1.0 / 16.0;

impl<E, L> Iteration<'_, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    /// The units of some parameters of those that are 0 and have no slope at `x`, where the loss is `value`: how far one has to go
    /// until it changes. Those along which it never does have none.
    pub(super) fn units_along_axes(
        &mut self,
        x: &[f64],
        value: f64,
        steepest: &[f64],
    ) -> Vec<(usize, f64)> {
        let untold = (0..x.len()).filter(|&j| x[j] == 0.0 && steepest[j] == 0.0);
        let untold: Vec<usize> = untold.take(MOST).collect();
        let least = SHARE * self.units.loss(1.0);
        let mut units = Vec::new();
        for j in untold {
            if let Some(exponent) = self.exponent_along(x, j, value, least) {
                units.push((j, power(exponent)));
            }
        }
        units
    }

    /// The least exponent of a step along an axis that changes the loss by more than `least`.
    fn exponent_along(&mut self, x: &[f64], j: usize, value: f64, least: f64) -> Option<i32> {
        let bounds = self.options.bounds.as_ref();
        let (lower, upper) =
            bounds.map_or((-f64::INFINITY, f64::INFINITY), |b| (b.lower()[j], b.upper()[j]));
        let sign = if upper > 0.0 { 1.0 } else { -1.0 };
        let mut changes = |exponent: i32| {
            let mut to = x.to_vec();
            to[j] = (sign * power(exponent)).clamp(lower, upper);
            let there = self.plain_value(&to);
            // Where numbers leave their range nothing is told.
            there.is_some_and(|there| there.is_finite() && (there - value).abs() > least)
        };
        let mut high = (-FARTHEST..=FARTHEST).step_by(STRIDE).find(|&e| changes(e))?;
        let mut low = high - STRIDE as i32;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if changes(middle) { high = middle } else { low = middle }
        }
        Some(high)
    }
}
