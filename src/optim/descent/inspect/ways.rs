//! The ways on which the active kinks of a point stay met, and whether the loss rises on the others.

use super::LEVEL;
use crate::Var;
use crate::optim::OptimError;
use crate::optim::descent::certify::FirstOrder;
use crate::optim::descent::iterate::Iteration;
use crate::polyhedral::descent::ModelDescent;
use crate::polyhedral::model::LineShape;
use crate::polyhedral::span::{Span, add_scaled, dot};

/// The ways on which the active kinks stay met.
pub(super) struct Ways {
    /// Orthonormal directions, to first order, but for parameters that nothing depends on.
    pub(super) along: Vec<Vec<f64>>,
    /// Those on which a kink is left.
    pub(super) across: Vec<Vec<f64>>,
    /// Whether all may be gone: not a kink whose slope is that of one of its sides, which may be left on that side,
    /// nor a bound whose multiplier is 0.
    pub(super) is_free: bool,
}

impl<E, L> Iteration<'_, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    pub(super) fn ways(&self, first: &FirstOrder) -> Ways {
        /// As a share of a kink's sides, and of what a bound can hold.
        const INSIDE: f64 = 1e-6;
        let model = &self.here.model;
        let n = model.dim();
        let mut span = Span::new(n);
        let mut row = vec![0.0; n];
        let mut is_free = true;
        for &i in &first.lines {
            let line = &model.lines[i];
            let (low, high) = (line.left.min(line.right), line.left.max(line.right));
            let margin = INSIDE * (high - low);
            if (low + margin..=high - margin).contains(&first.slopes[i]) {
                model.line_gradient(i, &first.slopes, &mut row);
                span.add(&row);
            } else {
                is_free = false;
            }
        }
        let across = span.basis();
        for &j in &model.unused {
            row.fill(0.0);
            row[j] = 1.0;
            span.add(&row);
        }
        Ways { along: span.complement(), across, is_free }
    }

    /// Whether the loss rises to first order on all ways on which an active kink is left. Where all of them bend
    /// upwards, those do on which it does not with the slopes found, and on the others its curvature with these
    /// slopes counts.
    pub(super) fn rises_across(&self, first: &FirstOrder, ways: &Ways) -> bool {
        if self.here.model.convex || self.bends_upwards(first) || first.lines.is_empty() {
            return true;
        }
        if !ways.is_free {
            return false;
        }
        let model = &self.here.model;
        let mut common = first.least.clone();
        for across in &ways.across {
            let by = dot(across, &common);
            add_scaled(&mut common, -by, across);
        }
        let zeros = vec![0.0; model.dim()];
        ModelDescent::new(model, None, zeros, &first.lines).rises(&ways.across, &common, LEVEL)
    }

    /// Whether all active kinks bend the loss upwards, and none of them depends on another.
    fn bends_upwards(&self, first: &FirstOrder) -> bool {
        let model = &self.here.model;
        let mut is_moved = vec![false; model.lines.len()];
        first.lines.iter().for_each(|&i| is_moved[i] = true);
        let bends = |i: usize, weight: f64| {
            let line = &model.lines[i];
            line.shape == LineShape::Sides && weight * (line.right - line.left) >= 0.0
        };
        let all = first.lines.iter().zip(&first.weights).all(|(&i, weight)| bends(i, *weight));
        all && (0..is_moved.len()).all(|i| {
            let depends = model.deps_of(i).iter().any(|&(j, _)| is_moved[j as usize]);
            let nests = depends && is_moved[i];
            is_moved[i] |= depends;
            !nests
        })
    }
}
