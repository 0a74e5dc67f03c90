//! The curvature of a loss between its kinks, learnt from its slopes.

use crate::polyhedral::span::{dot, norm};

/// A symmetric matrix `B`, positive semidefinite, and the damping `μ` added to it: both 0 until the
/// loss is seen to be curved.
#[derive(Clone, Debug)]
pub(super) struct Curvature {
    n: usize,
    matrix: Vec<f64>,
    pub(super) damping: f64,
    learnt: bool,
    active: bool,
    /// `B + μ I`.
    damped: Vec<f64>,
}

impl Curvature {
    pub(super) fn none(n: usize) -> Self {
        Curvature {
            n,
            matrix: Vec::new(),
            damping: 0.0,
            learnt: false,
            active: false,
            damped: Vec::new(),
        }
    }

    pub(super) fn is_active(&self) -> bool {
        self.active
    }

    /// The loss is curved; a step of `length` against `slope` is long enough to begin with.
    pub(super) fn begin(&mut self, slope: f64, length: f64) {
        self.active = true;
        self.matrix = vec![0.0; self.n * self.n];
        self.damping = (slope / length).max(f64::MIN_POSITIVE);
    }

    /// `B + μ I`; none while there is none.
    pub(super) fn damped(&mut self) -> Option<&[f64]> {
        if !self.active {
            return None;
        }
        self.damped.clone_from(&self.matrix);
        for i in 0..self.n {
            self.damped[i * self.n + i] += self.damping;
        }
        Some(&self.damped)
    }

    fn times(&self, d: &[f64]) -> Vec<f64> {
        self.matrix.chunks_exact(self.n.max(1)).map(|row| dot(row, d)).collect()
    }

    /// `½ dᵀ B d`.
    pub(super) fn energy(&self, d: &[f64]) -> f64 {
        if self.active { 0.5 * dot(&self.times(d), d) } else { 0.0 }
    }

    pub(super) fn trust_less(&mut self) {
        if !self.active {
            return;
        }
        self.damping = (self.damping * 4.0).max(1e-3 * self.mean());
    }

    /// As much damping at least.
    pub(super) fn damp(&mut self, damping: f64) {
        self.damping = self.damping.max(damping);
    }

    /// The same of a loss in a unit so many times as great.
    pub(super) fn rescale(&mut self, by: f64) {
        self.matrix.iter_mut().for_each(|b| *b /= by);
        self.damping /= by;
    }

    /// Takes a matrix in place of what was learnt.
    pub(super) fn set(&mut self, matrix: Vec<f64>) {
        self.matrix = matrix;
        (self.active, self.learnt) = (true, true);
        self.damping = (1e-10 * self.mean()).max(f64::MIN_POSITIVE);
    }

    pub(super) fn trust_more(&mut self) {
        if !self.active {
            return;
        }
        self.damping = (self.damping * 0.25).max(1e-10 * self.mean()).max(f64::MIN_POSITIVE);
    }

    /// The mean of the diagonal.
    pub(super) fn mean(&self) -> f64 {
        if !self.active || self.n == 0 {
            return 0.0;
        }
        (0..self.n).map(|i| self.matrix[i * self.n + i]).sum::<f64>() / self.n as f64
    }

    /// Learns from a step `s` along which the slopes changed by `y`: the formula of Broyden, Fletcher,
    /// Goldfarb and Shanno, damped so that `B` stays positive (M. J. D. Powell, "A fast algorithm for
    /// nonlinearly constrained optimization calculations", Numerical Analysis, Dundee 1977).
    pub(super) fn learn(&mut self, s: &[f64], y: &[f64]) {
        let along = dot(s, y);
        let size = dot(s, s);
        if !self.active || size == 0.0 || !y.iter().all(|y| y.is_finite()) {
            return;
        }
        if !self.learnt {
            if along <= 1e-8 * norm(s) * norm(y) {
                return;
            }
            let scale = dot(y, y) / along;
            (0..self.n).for_each(|i| self.matrix[i * self.n + i] = scale);
            self.learnt = true;
        }
        let image = self.times(s);
        let energy = dot(&image, s);
        if energy <= 0.0 {
            return;
        }
        let share = if along >= 0.2 * energy { 1.0 } else { 0.8 * energy / (energy - along) };
        let y: Vec<f64> =
            y.iter().zip(&image).map(|(y, b)| share * y + (1.0 - share) * b).collect();
        let along = dot(s, &y);
        for i in 0..self.n {
            for j in 0..self.n {
                self.matrix[i * self.n + j] += y[i] * y[j] / along - image[i] * image[j] / energy;
            }
        }
    }
}
