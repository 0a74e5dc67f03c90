//! The inverse curvature that L-BFGS remembers: [`Memory`].

use crate::op::nary::Norm;
use std::collections::VecDeque;

/// The last steps and what the gradient changed by on them.
///
/// ```text
/// q ← g
/// for the pairs, the newest first: α ← sᵀq / sᵀy, q ← q − α y
/// q ← D²q sᵀy / yᵀD²y              of the newest pair, where D holds the sizes of the parameters
/// for the pairs, the oldest first: β ← yᵀq / sᵀy, q ← q + (α − β) s
/// ```
///
/// J. Nocedal, "Updating quasi-Newton matrices with limited storage", Mathematics of Computation 35, 1980.
#[derive(Debug)]
pub(super) struct Memory {
    pairs: VecDeque<Pair>,
    most: usize,
    /// `D`; ones unless told.
    sizes: Vec<f64>,
}

#[derive(Debug)]
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    /// `sᵀy`.
    curvature: f64,
    /// `yᵀD²y`.
    square: f64,
    /// `α`, between the two loops.
    share: f64,
}

impl Memory {
    pub(super) fn new(most: usize, parameters: usize) -> Self {
        Memory { pairs: VecDeque::with_capacity(most), most, sizes: vec![1.0; parameters] }
    }

    /// Begins anew, with these sizes of the parameters.
    pub(super) fn measure(&mut self, sizes: Vec<f64>) {
        self.clear();
        self.sizes = sizes;
    }

    pub(super) fn clear(&mut self) {
        self.pairs.clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Remembers a step from one point to another, if the loss is curved upwards along it.
    pub(super) fn learn(&mut self, from: (&[f64], &[f64]), to: (&[f64], &[f64])) {
        let spare = if self.pairs.len() == self.most { self.pairs.pop_front() } else { None };
        let mut pair = spare.unwrap_or_else(|| Pair {
            step: vec![0.0; from.0.len()],
            change: vec![0.0; from.0.len()],
            curvature: 0.0,
            square: 0.0,
            share: 0.0,
        });
        difference(&mut pair.step, to.0, from.0);
        difference(&mut pair.change, to.1, from.1);
        pair.curvature = dot(&pair.step, &pair.change);
        let changes = pair.change.iter().zip(&self.sizes).map(|(y, size)| y * size);
        let change = Norm::of(changes.clone()).value();
        pair.square = changes.map(|y| y * y).sum();
        let fits = pair.square.is_finite() && pair.square > 0.0;
        // Below this rounding alone may have made the sign.
        let steps = pair.step.iter().zip(&self.sizes).map(|(s, size)| s / size);
        let least = f64::EPSILON * Norm::of(steps).value() * change;
        if fits && pair.curvature > least {
            self.pairs.push_back(pair);
        }
    }

    /// Makes a gradient the step to where the model's gradient is 0, with the sign turned.
    pub(super) fn solve(&mut self, q: &mut [f64]) {
        for pair in self.pairs.iter_mut().rev() {
            pair.share = dot(&pair.step, q) / pair.curvature;
            add(q, -pair.share, &pair.change);
        }
        if let Some(newest) = self.pairs.back() {
            let scale = newest.curvature / newest.square;
            q.iter_mut().zip(&self.sizes).for_each(|(q, size)| *q *= scale * size * size);
        }
        for pair in &self.pairs {
            let share = dot(&pair.change, q) / pair.curvature;
            add(q, pair.share - share, &pair.step);
        }
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub(super) fn norm(a: &[f64]) -> f64 {
    Norm::of(a.iter().copied()).value()
}

fn difference(to: &mut [f64], a: &[f64], b: &[f64]) {
    to.iter_mut().zip(a.iter().zip(b)).for_each(|(to, (a, b))| *to = a - b);
}

fn add(to: &mut [f64], times: f64, a: &[f64]) {
    to.iter_mut().zip(a).for_each(|(to, a)| *to += times * a);
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn pairs_along_conjugate_steps_solve_a_quadratic() {
        // H = [[4, 1], [1, 3]], whose inverse is [[3, -1], [-1, 4]] / 11; s and t are conjugate.
        let times = |x: [f64; 2]| [4.0 * x[0] + x[1], x[0] + 3.0 * x[1]];
        let (s, t) = ([1.0, 0.0], [1.0, -4.0]);
        let mut memory = Memory::new(5, 2);
        for step in [s, t] {
            memory.learn((&[0.0, 0.0], &[0.0, 0.0]), (&step, &times(step)));
        }
        let mut q = [2.0, 5.0];
        memory.solve(&mut q);
        assert!((q[0] - 1.0 / 11.0).abs() < 1e-15 && (q[1] - 18.0 / 11.0).abs() < 1e-15, "{q:?}");
    }

    #[test]
    fn a_step_along_which_the_loss_bends_down_is_not_remembered() {
        let mut memory = Memory::new(5, 1);
        memory.learn((&[0.0], &[1.0]), (&[1.0], &[0.5]));
        assert!(memory.is_empty());
        memory.learn((&[0.0], &[0.5]), (&[1.0], &[1.0]));
        assert!(!memory.is_empty());
    }
}
