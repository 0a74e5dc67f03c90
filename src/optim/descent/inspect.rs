//! The second look at where a curved loss has been led: how much is still to be gained there.

use super::certify::FirstOrder;
use super::eigen::eigen;
use super::iterate::Iteration;
use crate::Var;
use crate::kink::span::{Span, add_scaled, dot, norm};
use crate::optim::OptimError;

/// The curvature of a loss along the ways on which its active kinks stay met, from differences of
/// gradients, in the units of the descent.
pub(super) struct SecondOrder {
    /// Orthonormal directions, along each of which the loss curves on its own, and by how much.
    ways: Vec<(f64, Vec<f64>)>,
    /// How far off the curvatures may be.
    blur: f64,
    /// How much may still be gained nearby.
    pub(super) gain: f64,
    /// Whether that is little enough.
    pub(super) is_enough: bool,
    /// Whether a lower point was seen meanwhile, and gone to.
    pub(super) has_moved: bool,
}

/// More ways than this are not looked at.
const MOST: usize = 128;

/// A difference of gradients over this share of the parameters' size: the cube root of the rounding of a number,
/// where the rounding of the difference and its own error are alike.
const STEP: f64 = 6e-6;

impl<E, L> Iteration<'_, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    /// Looks at all ways on which the active kinks stay met; `None` if there are too many, or the loss cannot be
    /// told there.
    pub(super) fn inspect(&mut self, first: &FirstOrder) -> Option<SecondOrder> {
        let basis = self.ways(first);
        let m = basis.len();
        if m > MOST || self.recordings + 2 * m > self.options.recordings {
            return None;
        }
        let h = STEP * self.size();
        let mut matrix = vec![0.0; m * m];
        let mut blur: f64 = 0.0;
        for (k, way) in basis.iter().enumerate() {
            let mut sides = [Vec::new(), Vec::new()];
            let mut apart = 0.0;
            for (side, sign) in sides.iter_mut().zip([1.0, -1.0]) {
                let towards: Vec<f64> = way.iter().map(|w| sign * w).collect();
                // On this side of the next bound.
                let step = h.min(self.walls.room(&self.here.x, &towards));
                apart += step;
                let step: Vec<f64> = towards.iter().map(|w| step * w).collect();
                let Ok(Ok(there)) = self.record(self.step(&step)) else { return None };
                if there.model.lines.len() != first.slopes.len() {
                    return None;
                }
                *side = there.model.gradient_with(&first.slopes);
            }
            if apart < 0.5 * h {
                return None;
            }
            let [ahead, behind] = sides;
            blur = blur.max(f64::EPSILON * (norm(&ahead) + norm(&behind)) / h);
            for (j, other) in basis.iter().enumerate() {
                matrix[j * m + k] = (dot(&ahead, other) - dot(&behind, other)) / apart;
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
        let ways = values.into_iter().zip(vectors).map(|(value, own)| {
            let mut way = vec![0.0; first.least.len()];
            own.iter().zip(&basis).for_each(|(by, along)| add_scaled(&mut way, *by, along));
            (value, way)
        });
        let second = SecondOrder {
            ways: ways.collect(),
            blur: 16.0 * blur * (m as f64).sqrt(),
            gain: 0.0,
            is_enough: false,
            has_moved: false,
        };
        Some(self.weigh(first, second))
    }

    /// Orthonormal directions, to first order, on which the active kinks stay met. A kink whose slope is that of one of
    /// its sides may be left on that side.
    fn ways(&self, first: &FirstOrder) -> Vec<Vec<f64>> {
        const INSIDE: f64 = 1e-6;
        let model = &self.here.model;
        let n = model.dim();
        let mut span = Span::new(n);
        let mut row = vec![0.0; n];
        for &i in &first.lines {
            let line = &model.lines[i];
            let (low, high) = (line.left.min(line.right), line.left.max(line.right));
            let margin = INSIDE * (high - low);
            let holds = (low + margin..=high - margin).contains(&first.slopes[i]);
            if holds || !self.here.is_kink(i) {
                model.line_gradient(i, &first.slopes, &mut row);
                span.add(&row);
            }
        }
        span.complement()
    }

    /// How much may still be gained along each way, and whether it is little: along a way with a curvature, against
    /// what the loss rises by over the size of the parameters; else against what the loss comes to.
    fn weigh(&mut self, first: &FirstOrder, mut second: SecondOrder) -> SecondOrder {
        let size = self.size();
        let mut across = first.least.clone();
        // What is more than little.
        let mut more = 0.0;
        for at in 0..second.ways.len() {
            let (value, way) = &second.ways[at];
            let slope = dot(way, &first.least);
            add_scaled(&mut across, -slope, way);
            let (sure, far) = (value - second.blur, slope.abs() * size);
            let gain = if sure > 0.0 { far.min(0.5 * slope * slope / sure) } else { far };
            second.gain += gain;
            more += (gain - self.options.tolerance * 0.5 * sure.max(0.0) * size * size).max(0.0);
            if value.abs() <= 2.0 * second.blur && second.way_down().is_none() {
                let way = way.clone();
                second.has_moved |= self.lower_along(&way) > 0.0;
            }
        }
        for way in self.loose_ways(first) {
            second.has_moved |= self.lower_along(&way) > 0.0;
        }
        let held = first.off + norm(&across) * size;
        second.gain += held;
        let little = self.options.tolerance * self.here.terms + self.hidden();
        let is_level = second.way_down().is_none() && !second.has_moved;
        second.is_enough = is_level && more + held <= little;
        second
    }

    /// The ways off the bounds that do not hold to first order.
    fn loose_ways(&self, first: &FirstOrder) -> Vec<Vec<f64>> {
        const LOOSE: f64 = 1e-8;
        let model = &self.here.model;
        let loose = |&&i: &&usize| {
            let line = &model.lines[i];
            !self.here.is_kink(i) && first.slopes[i] >= LOOSE * line.left
        };
        first.lines.iter().filter(loose).map(|&i| model.full_row(i)).collect()
    }

    /// By how much the loss is seen to be lower along a way whose curvature is not told from 0: nearby, or
    /// back to where it crosses 0. Goes there.
    pub(super) fn lower_along(&mut self, way: &[f64]) -> f64 {
        const SHARES: [f64; 4] = [1e-4, 1e-3, 1e-2, 1e-1];
        let (before, noise, size) = (self.here.value, self.here.noise, self.size());
        let from = self.here.x.clone();
        let both = SHARES.into_iter().flat_map(|share| [share * size, -share * size]);
        // A parameter may have gone so far that the loss no longer tells it.
        let back = dot(&from, way);
        let home = SHARES.into_iter().chain([0.5]).map(|share| (share - 1.0) * back);
        for step in both.chain(home) {
            let mut x = from.clone();
            add_scaled(&mut x, step, way);
            if self.recordings < self.options.recordings
                && let Ok(Ok(there)) = self.record(x)
                && there.value < before - noise - there.noise
            {
                let fell = before - there.value;
                self.here = there;
                return fell;
            }
        }
        0.0
    }
}

impl SecondOrder {
    /// The way along which the loss curves downwards most, if it surely does.
    pub(super) fn way_down(&self) -> Option<&[f64]> {
        let most = self.ways.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
        (most.0 < -self.blur).then_some(&most.1[..])
    }

    /// The curvature as a matrix; along the kinks' own directions, where it counts for little, the mean.
    pub(super) fn matrix(&self, n: usize) -> Vec<f64> {
        let m = self.ways.len();
        let held = |value: f64| value.abs().max(self.blur);
        let mean = self.ways.iter().map(|(value, _)| held(*value)).sum::<f64>() / m.max(1) as f64;
        let mut matrix = vec![0.0; n * n];
        (0..n).for_each(|i| matrix[i * n + i] = mean);
        for (value, way) in &self.ways {
            for (row, by) in matrix.chunks_exact_mut(n).zip(way) {
                add_scaled(row, (held(*value) - mean) * by, way);
            }
        }
        matrix
    }
}
