//! How far a [`Search`](super::Search) has come.

use super::{Arrival, End};
use crate::Real;

/// The best point so far, and when something was last gained.
pub(super) struct Progress<F> {
    /// Steps taken.
    pub(super) steps: u64,
    /// The best point; the start, before there is a value.
    pub(super) x: Vec<F>,
    /// Its value; NaN before there is one.
    pub(super) value: F,
    at_step: u64,
    /// The best value at the last gain; NaN before the first.
    gained: F,
    gained_at: u64,
    /// What share of the best value is a gain.
    gain: F,
    maximize: bool,
    /// The greatest magnitude of a value among the first two points.
    scale: F,
    /// How many times that a value may be worse than the best.
    times: F,
}

impl<F: Real> Progress<F> {
    pub(super) fn new(x: &[F], gain: F, times: F, maximize: bool) -> Self {
        let (value, gained) = (F::nan(), F::nan());
        let (steps, at_step, gained_at) = (0, 0, 0);
        let (x, scale) = (x.to_vec(), F::zero());
        Progress { steps, x, value, at_step, gained, gained_at, gain, maximize, scale, times }
    }

    /// Whether a value is better than the best so far.
    pub(super) fn is_better(&self, value: F) -> bool {
        if self.maximize { value > self.value } else { value < self.value }
    }

    /// Takes note of a point.
    pub(super) fn observe(&mut self, x: &[F], value: F) {
        if self.steps < 2 {
            self.scale = self.scale.max(value.abs());
        }
        if !self.value.is_nan() && !self.is_better(value) {
            return;
        }
        self.take(x, value);
        let too_little = (value - self.gained).abs() <= self.gain * self.gained.abs();
        if !too_little {
            (self.gained, self.gained_at) = (value, self.steps);
        }
    }

    /// Takes a point for the one found.
    pub(super) fn take(&mut self, x: &[F], value: F) {
        self.x.copy_from_slice(x);
        (self.value, self.at_step) = (value, self.steps);
    }

    /// Whether a value is so much worse than the best that nothing of the beginning is left.
    pub(super) fn has_diverged(&self, value: F) -> bool {
        let worse = (value - self.value).abs();
        !self.is_better(value) && self.scale > F::zero() && worse > self.times * self.scale
    }

    pub(super) fn steps_without_gain(&self) -> u64 {
        self.steps - self.gained_at
    }

    /// What it came to, when it ends.
    pub(super) fn arrival(&self, end: End) -> Arrival<F> {
        let Progress { steps, value, at_step, .. } = *self;
        Arrival { end, step_count: steps, value, at_step }
    }
}
