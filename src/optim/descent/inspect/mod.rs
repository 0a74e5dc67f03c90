//! The second look at where a curved loss has been led: how much is still to be gained there.

mod eigen;
mod ways;

use super::certify::FirstOrder;
use super::iterate::Iteration;
use super::point::Point;
use crate::Var;
use crate::optim::OptimError;
use crate::polyhedral::model::generic_direction;
use crate::polyhedral::span::{add_scaled, dot, norm};
use eigen::eigen;
use ways::Ways;

/// The curvature of a loss along the ways on which its active kinks stay met, from differences of
/// gradients, in the units of the descent.
pub(super) struct SecondOrder {
    /// Orthonormal directions, along each of which the loss curves on its own, and by how much.
    ways: Vec<(f64, Vec<f64>)>,
    /// How far off the curvatures may be.
    blur: f64,
    /// The greatest curvature.
    steepest: f64,
    /// How far the loss is seen to be as curved as that.
    pub(super) reach: f64,
    /// How much may still be gained nearby.
    pub(super) gain: f64,
    /// Whether that is little enough.
    pub(super) is_enough: bool,
    /// Whether a lower point was seen meanwhile, and gone to.
    pub(super) has_moved: bool,
    /// Whether it is higher all around: it curves upwards along all ways, and rises to first order on all others.
    pub(super) is_strict: bool,
    /// Whether all ways may be gone, so that one which curves downwards leads down.
    pub(super) is_free: bool,
}

/// What rises by less than this share of the steepest slope there is level.
pub(super) const LEVEL: f64 = 1e-6;

/// More ways than this are not looked at.
const MOST: usize = 128;

/// A difference of gradients over this share of where the loss is as curved throughout: the cube root
/// of the rounding of a number, where the rounding of the difference and its own error are alike.
const STEP: f64 = 6e-6;

/// What the third derivative adds to such a difference, as a share of the greatest one.
const TRUNCATED: f64 = 1e-9;

/// A curvature below this share of the greatest may be what is left of greater ones that cancel on its way, and is looked
/// at on that way itself.
const GENTLE: f64 = 0.1;

/// Where several ways have no curvature, so many mixtures of them are looked along.
const MIXTURES: usize = 4;

/// A curvature that holds over less than this share of the parameters' size tells nothing of what is
/// near: it is that of a kink, or there is none.
const SHORT: f64 = 1e-9;

/// What is seen along a way.
struct Seen {
    /// The difference of the gradients, for a step of 1.
    difference: Vec<f64>,
    /// Whether the loss between rises as it says.
    is_even: bool,
    /// What the difference bears of rounding.
    blur: f64,
}

impl<E, L> Iteration<'_, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    /// Looks at all ways on which the active kinks stay met; `None` if there are too many, or the loss
    /// cannot be told there.
    pub(super) fn inspect(&mut self, first: &FirstOrder) -> Option<SecondOrder> {
        let ways = self.ways(first);
        let Ways { along: basis, is_free, .. } = &ways;
        let m = basis.len();
        if m > MOST || self.recordings + 4 * m > self.options.recordings {
            return None;
        }
        let mut matrix = vec![0.0; m * m];
        let (mut blur, mut reach) = (0.0_f64, f64::INFINITY);
        for (k, way) in basis.iter().enumerate() {
            let (mut seen, far) = self.curvature_along(first, way)?;
            if far < SHORT * self.size() {
                seen.blur = f64::INFINITY;
            }
            reach = reach.min(far);
            blur = blur.max(seen.blur);
            for (j, other) in basis.iter().enumerate() {
                matrix[j * m + k] = dot(&seen.difference, other);
            }
        }
        for j in 0..m {
            for k in 0..j {
                let (a, b) = (matrix[j * m + k], matrix[k * m + j]);
                blur = blur.max((a - b).abs());
                (matrix[j * m + k], matrix[k * m + j]) = (0.5 * (a + b), 0.5 * (a + b));
            }
        }
        let (values, vectors) = eigen(&mut matrix, m);
        let curved = values.into_iter().zip(vectors).map(|(value, own)| {
            let mut way = vec![0.0; first.least.len()];
            own.iter().zip(basis).for_each(|(by, along)| add_scaled(&mut way, *by, along));
            (value, way)
        });
        let mut curved: Vec<(f64, Vec<f64>)> = curved.collect();
        let steepest = curved.iter().map(|(value, _)| value.abs()).fold(0.0, f64::max);
        for (value, way) in &mut curved {
            if *value > 0.0 && *value < GENTLE * steepest {
                *value = self.gentle_along(first, way, *value, reach.min(self.size()))?;
            }
        }
        let second = SecondOrder {
            ways: curved,
            blur: 16.0 * blur * (m as f64).sqrt() + TRUNCATED * steepest,
            steepest,
            reach: reach.min(self.size()),
            gain: 0.0,
            is_enough: false,
            has_moved: false,
            is_strict: self.rises_across(first, &ways),
            is_free: *is_free,
        };
        Some(self.weigh(first, second))
    }

    /// The curvature along a way on which a mixture of others says that it is small: that, if the loss rises as it
    /// says, else as it is seen there, or 0 where it is not told.
    fn gentle_along(
        &mut self,
        first: &FirstOrder,
        way: &[f64],
        value: f64,
        reach: f64,
    ) -> Option<f64> {
        if self.recordings + 2 >= self.options.recordings {
            return None;
        }
        let own = |seen: &Seen| dot(&seen.difference, way);
        let agrees = |seen: &Seen| seen.is_even && (own(seen) - value).abs() <= 0.5 * value;
        if self.seen_along(first, way, reach).is_some_and(|seen| agrees(&seen)) {
            return Some(value);
        }
        let (seen, far) = self.curvature_along(first, way)?;
        Some(if far < SHORT * self.size() { 0.0 } else { own(&seen).min(value) })
    }

    /// The curvature along a way, and how far from here the loss is as curved throughout.
    fn curvature_along(&mut self, first: &FirstOrder, way: &[f64]) -> Option<(Seen, f64)> {
        /// So many times shorter, and so often.
        const SHORTER: f64 = 1.0 / 8.0;
        const TIMES: usize = 20;
        // The parameters may have come near 0, which is no length of the loss.
        let mut reach = self.size().max(1.0);
        for _ in 0..TIMES {
            if self.recordings + 4 >= self.options.recordings {
                return None;
            }
            if let Some(far) = self.seen_along(first, way, reach).filter(|seen| seen.is_even) {
                let near = self.seen_along(first, way, STEP * reach)?;
                if near.agrees(&far, way) {
                    return Some((near, reach));
                }
            }
            reach *= SHORTER;
        }
        // It is not told.
        let mut seen = self.seen_along(first, way, reach)?;
        seen.blur = f64::INFINITY;
        Some((seen, reach))
    }

    /// The difference of the gradients on both sides of here; on one where a bound is next.
    fn seen_along(&mut self, first: &FirstOrder, way: &[f64], step: f64) -> Option<Seen> {
        const EVEN: f64 = 0.25;
        let mut ends = Vec::new();
        for sign in [1.0, -1.0] {
            let towards: Vec<f64> = way.iter().map(|w| sign * w).collect();
            let length = step.min(self.walls.room(&self.here.x, &towards));
            let by: Vec<f64> = towards.iter().map(|w| length * w).collect();
            let there = self.record(self.step(&by)).ok()?.ok()?;
            if there.model.lines.len() != first.slopes.len() {
                return None;
            }
            ends.push((sign * length, there));
        }
        let [(ahead, front), (behind, back)] = &ends[..] else { return None };
        let apart = ahead - behind;
        if apart < 0.5 * step {
            return None;
        }
        let [after, before] = [front, back].map(|p| p.model.gradient_with(&first.slopes));
        let difference: Vec<f64> =
            after.iter().zip(&before).map(|(a, b)| (a - b) / apart).collect();
        // The loss without what leaving the active kinks adds, on a parabola through here.
        let own = self.here.smooth_value(&first.slopes);
        let slope = dot(&self.here.model.gradient_with(&first.slopes), way);
        let (curvature, most) = (dot(&difference, way), norm(&difference));
        let is_even = [(ahead, front), (behind, back)].into_iter().all(|(at, point)| {
            let rise = 0.5 * curvature * at * at;
            let off = point.smooth_value(&first.slopes) - own - slope * at - rise;
            let rounding = 4.0 * (self.here.noise + point.noise) + self.hidden(at.abs());
            off.abs() <= EVEN * 0.5 * most * at * at + rounding
        });
        // What cancels in the slopes is rounded too.
        let terms = norm(&front.model.terms) + norm(&back.model.terms);
        let blur = f64::EPSILON * (norm(&after) + norm(&before) + terms) / apart;
        Some(Seen { difference, is_even, blur })
    }

    /// How much may still be gained along each way, and whether it is little: along a way with a
    /// curvature, against what the loss rises by as far as it is as curved; else against what the loss
    /// comes to.
    fn weigh(&mut self, first: &FirstOrder, mut second: SecondOrder) -> SecondOrder {
        let (size, reach, blur) = (self.size(), second.reach, second.blur);
        let rounded = norm(&self.here.model.terms) + second.steepest * norm(&self.here.x);
        let rounding = 64.0 * f64::EPSILON * rounded;
        let mut across = first.least.clone();
        // What is more than little.
        let mut more = 0.0;
        let mut untold: Vec<Vec<f64>> = Vec::new();
        for at in 0..second.ways.len() {
            if second.has_moved {
                break;
            }
            let (value, way) = &second.ways[at];
            let (sure, way) = (value - second.blur, way.clone());
            let slope = dot(&way, &first.least);
            add_scaled(&mut across, -slope, &way);
            if sure > 0.0 && 2.0 * slope.abs() <= sure * reach {
                let gain = 0.5 * slope * slope / sure;
                second.gain += gain;
                more += (gain - self.options.tolerance * 0.5 * sure * reach * reach).max(0.0);
                continue;
            }
            let is_level =
                second.way_down().is_none() && self.is_level_along(first, &way, &mut second);
            second.gain += slope.abs() * size;
            if !is_level || blur.is_infinite() || slope.abs() > rounding {
                (second.gain, more) = (f64::INFINITY, f64::INFINITY);
            }
            untold.push(way);
        }
        second.is_strict &= untold.is_empty();
        // What is level along each of them need not be so along all at once.
        let mixtures = if untold.len() < 2 { 0 } else { MIXTURES };
        let shares = generic_direction(untold.len() * mixtures);
        for shares in shares.chunks(untold.len().max(1)) {
            if second.has_moved || more.is_infinite() || second.way_down().is_some() {
                break;
            }
            let mut way = vec![0.0; across.len()];
            shares.iter().zip(&untold).for_each(|(by, along)| add_scaled(&mut way, *by, along));
            if !self.is_level_along(first, &way, &mut second) {
                (second.gain, more) = (f64::INFINITY, f64::INFINITY);
            }
        }
        // What is 0 but for rounding leaves nothing.
        let held = first.off + if first.exact { 0.0 } else { norm(&across) * size };
        second.gain += held;
        let hidden = self.hidden(reach);
        second.gain += hidden;
        // The parameters themselves are rounded, and multiples of them.
        let placed = 4.0 * f64::EPSILON * norm(&self.here.x);
        second.gain += 0.5 * second.steepest * placed * placed;
        let little = self.options.tolerance * self.here.terms + hidden;
        let risen = self.options.tolerance * 0.5 * second.steepest * reach * reach;
        let is_level = second.way_down().is_none() && !second.has_moved;
        // Of another point the kinks here say nothing.
        let is_told = is_level && !self.here.model.jumps && !self.has_idle_kinks(first);
        second.is_enough = is_level && more <= little && held <= little + risen && is_told;
        second
    }

    /// Whether a kink is met that nothing hangs on to first order, as that of `w · relu(x)` where both are 0. To
    /// second order it may lead down on one of its sides, on neither of which the ways here are.
    fn has_idle_kinks(&self, first: &FirstOrder) -> bool {
        let (model, size) = (&self.here.model, self.size());
        let mut is_idle = vec![false; model.lines.len()];
        model
            .each_steepest(|i, by| is_idle[i] = by * model.lines[i].size * size <= self.here.noise);
        first.lines.iter().any(|&i| self.here.is_kink(i) && is_idle[i])
    }

    /// Whether the loss is as steep all along a way whose curvature is not told from 0: nearby, and
    /// back to where it crosses 0. Goes to where it is lower.
    fn is_level_along(
        &mut self,
        first: &FirstOrder,
        way: &[f64],
        second: &mut SecondOrder,
    ) -> bool {
        let own = self.here.x.clone();
        let lines = self.here.model.lines.len();
        let gradient = self.here.model.gradient_with(&first.slopes);
        let terms = norm(&self.here.model.terms);
        let mut is_level = true;
        let (size, steepest, blur) = (self.size(), second.steepest, second.blur);
        let lower = self.lower_along(way, &[size, 1.0], |point: &Point| {
            let model = &point.model;
            is_level &= model.lines.len() == lines;
            if !is_level {
                return;
            }
            let there = model.gradient_with(&first.slopes);
            let off = there.iter().zip(&gradient).map(|(a, b)| a - b);
            let off = norm(&off.collect::<Vec<_>>());
            let rounded = terms + norm(&model.terms) + steepest * norm(&point.x);
            let length = point.x.iter().zip(&own).map(|(a, b)| a - b).collect::<Vec<_>>();
            is_level &= off <= 64.0 * f64::EPSILON * rounded + blur * norm(&length);
        });
        second.has_moved |= lower > 0.0 && self.here.x != own;
        is_level && lower == 0.0
    }

    /// By how much the loss is seen to be lower along a way: as far as these lengths and less, or back
    /// to where it crosses 0. Goes there. All other points looked at are told.
    pub(super) fn lower_along(
        &mut self,
        way: &[f64],
        lengths: &[f64],
        mut seen: impl FnMut(&Point),
    ) -> f64 {
        const SHARES: [f64; 5] = [1.0, 1e-1, 1e-2, 1e-3, 1e-4];
        let (before, noise) = (self.here.value, self.here.noise);
        let from = self.here.x.clone();
        let lengths = lengths.iter().flat_map(|length| SHARES.map(|share| share * length));
        let both = lengths.flat_map(|length| [length, -length]);
        // A parameter may have gone so far that the loss no longer tells it.
        let back = dot(&from, way);
        let home = SHARES.into_iter().map(|share| (0.5 * share - 1.0) * back);
        for step in both.chain(home) {
            let mut x = from.clone();
            add_scaled(&mut x, step, way);
            if self.recordings < self.options.recordings
                && let Ok(Ok(there)) = self.record(x)
            {
                if there.value < before - noise - there.noise {
                    let fell = before - there.value;
                    self.here = there;
                    return fell;
                }
                seen(&there);
            }
        }
        0.0
    }
}

impl Seen {
    /// Whether the curvature along the way is as it is farther off: not what a fourth power or rounding leaves of it.
    fn agrees(&self, far: &Seen, way: &[f64]) -> bool {
        const ALIKE: f64 = 0.6;
        let [near, other] = [self, far].map(|seen| dot(&seen.difference, way));
        let most = norm(&self.difference).max(norm(&far.difference));
        (near - other).abs() <= ALIKE * most + self.blur + far.blur
    }
}

impl SecondOrder {
    /// The way along which the loss curves downwards most, if it surely does.
    pub(super) fn way_down(&self) -> Option<&[f64]> {
        let most = self.ways.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
        (most.0 < -self.blur).then_some(&most.1[..])
    }

    /// The ways on which the active kinks stay met.
    pub(super) fn ways(&self) -> impl Iterator<Item = &[f64]> {
        self.ways.iter().map(|(_, way)| &way[..])
    }

    /// The curvature as a matrix; along the kinks' own directions, where it counts for little, the
    /// mean. None where there are no ways.
    pub(super) fn matrix(&self, n: usize) -> Option<Vec<f64>> {
        let m = self.ways.len();
        let blur = if self.blur.is_finite() { self.blur } else { 0.0 };
        let held = |value: f64| value.abs().max(blur);
        let mean = self.ways.iter().map(|(value, _)| held(*value)).sum::<f64>() / m as f64;
        if m == 0 || mean == 0.0 {
            return None;
        }
        let mut matrix = vec![0.0; n * n];
        (0..n).for_each(|i| matrix[i * n + i] = mean);
        for (value, way) in &self.ways {
            for (row, by) in matrix.chunks_exact_mut(n).zip(way) {
                add_scaled(row, (held(*value) - mean) * by, way);
            }
        }
        Some(matrix)
    }
}
