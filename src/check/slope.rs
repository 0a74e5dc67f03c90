//! Slopes from values alone: central and one-sided differences, extrapolated to a step of 0.
//!
//! With steps `h, h/2, h/4, ...` a difference has the error series `c₁ hᵖ + c₂ h²ᵖ + ...`, where `p`
//! is 2 for central and 1 for one-sided differences. Neville's scheme removes one term a column:
//!
//! ```text
//! a[i][0] = difference with the i-th step
//! a[i][j] = a[i][j-1] + (a[i][j-1] - a[i-1][j-1]) / (2^(p j) - 1)
//! ```
//!
//! The entry that moved least, against both that it came from and with the rounding error of the
//! difference added, is the estimate, and how far it moved is its error. (C. J. F. Ridders,
//! "Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4, 1982.)

use crate::Real;

/// Terms removed from the error series. Beyond these, rounding errors are all that is left.
const COLUMNS: usize = 6;

/// How often its own estimate a difference may be off.
pub(super) const SAFETY: f64 = 10.0;

/// A slope and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    /// NaN where the function is not finite beside the point.
    pub(super) slope: f64,
    /// Infinite where nothing converged.
    pub(super) error: f64,
}

impl Estimate {
    const NONE: Estimate = Estimate { slope: f64::NAN, error: f64::INFINITY };

    fn better(self, other: Estimate) -> Estimate {
        if other.error < self.error { other } else { self }
    }

    /// This one, unless another from smaller steps is better or contradicts it: large steps may have
    /// gone past all that is of interest.
    fn or_finer(self, fine: Estimate) -> Estimate {
        let near = (self.slope - fine.slope).abs() <= SAFETY * (self.error + fine.error);
        if near || fine.slope.is_nan() { self.better(fine) } else { fine }
    }
}

/// Slopes along one axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slopes {
    pub(super) left: Estimate,
    pub(super) central: Estimate,
    pub(super) right: Estimate,
    /// The steepest difference over the largest step: what a slope of this function could well be.
    pub(super) rise: f64,
}

/// The slopes of `f` at `x`.
pub(super) fn slopes<F: Real>(f: impl Fn(F) -> f64, x: F) -> Slopes {
    let size = x.to_double().abs();
    let mut best = ladder(&f, x, size.max(1.0));
    // A function such as `ln` near 0 changes over a distance of `x` itself.
    if size > 0.0 && size < 1.0 {
        let fine = ladder(&f, x, size);
        best.left = best.left.or_finer(fine.left);
        best.central = best.central.or_finer(fine.central);
        best.right = best.right.or_finer(fine.right);
        best.rise = best.rise.max(fine.rise);
    }
    best
}

/// The slopes from steps that go down from an eighth of `size`.
fn ladder<F: Real>(f: &impl Fn(F) -> f64, x: F, size: f64) -> Slopes {
    let epsilon = F::epsilon().to_double();
    let here = f(x);
    let mut tables = [Table::new(1), Table::new(2), Table::new(1)];
    let mut rise = None;
    // A power of 2, so that `x ± h` loses as little as can be.
    let mut step = size.log2().floor().exp2() / 8.0;
    while step > epsilon.sqrt() * size {
        let h = F::from_double(step);
        let (below, above) = (x - h, x + h);
        let (down, up) = (f(below), f(above));
        let mut widest = 0.0_f64;
        let pairs = [(below, down, x, here), (below, down, above, up), (x, here, above, up)];
        for (table, (a, fa, b, fb)) in tables.iter_mut().zip(pairs) {
            let width = b.to_double() - a.to_double();
            let difference = (fb - fa) / width;
            table.push(difference, 2.0 * epsilon * (fa.abs() + fb.abs()) / width);
            widest = widest.max(if difference.is_finite() { difference.abs() } else { 0.0 });
        }
        rise.get_or_insert(widest);
        step /= 2.0;
    }
    let [left, central, right] = tables.map(|table| table.best);
    Slopes { left, central, right, rise: rise.unwrap_or(0.0) }
}

/// Neville's scheme, of which only the last row is kept.
struct Table {
    power: i32,
    row: Vec<f64>,
    best: Estimate,
}

impl Table {
    fn new(power: i32) -> Self {
        Table { power, row: Vec::new(), best: Estimate::NONE }
    }

    /// The difference with the next smaller step, and its rounding error.
    fn push(&mut self, difference: f64, noise: f64) {
        let above = std::mem::take(&mut self.row);
        if !difference.is_finite() {
            return;
        }
        self.row.push(difference);
        for (j, &older) in above.iter().take(COLUMNS).enumerate() {
            let newer = self.row[j];
            let factor = f64::from(1 << (self.power * (j as i32 + 1)));
            let entry = newer + (newer - older) / (factor - 1.0);
            let moved = (entry - newer).abs().max((entry - older).abs());
            self.best = self.best.better(Estimate { slope: entry, error: moved + noise });
            self.row.push(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smooth_slope_is_found_within_its_own_error_estimate() {
        type Case = (fn(f64) -> f64, f64, f64);
        let cases: [Case; 5] = [
            (f64::sin, 1.0, 1f64.cos()),
            (f64::exp, -3.0, (-3f64).exp()),
            (f64::ln, 1e-6, 1e6),
            (|x| x * x * x, 1e4, 3e8),
            (f64::tanh, 0.01, 0.01f64.cosh().powi(-2)),
        ];
        for (f, x, truth) in cases {
            let Slopes { left, central, right, .. } = slopes(f, x);
            for (estimate, accuracy) in [(left, 1e-6), (central, 1e-9), (right, 1e-6)] {
                assert!(estimate.error <= accuracy * truth, "{estimate:?} of {truth} at {x}");
                assert!((estimate.slope - truth).abs() <= 10.0 * estimate.error, "{estimate:?}");
            }
        }
    }

    #[test]
    fn one_sided_slopes_see_the_two_sides_of_a_kink() {
        // The kink of the second is closer than any step.
        for x in [1.0, 1.0 + 1e-12] {
            let Slopes { left, right, .. } = slopes(|x: f64| 2.0 * (x - 1.0).abs() + x, x);
            assert!((left.slope + 1.0).abs() < 1e-6, "{left:?}");
            assert!((right.slope - 3.0).abs() < 1e-6, "{right:?}");
        }
    }

    #[test]
    fn a_side_outside_the_domain_has_no_slope() {
        let Slopes { left, central, right, .. } = slopes(|x: f64| x.sqrt().powi(3), 0.0);
        assert!(left.slope.is_nan() && central.slope.is_nan());
        assert!(right.slope.abs() < 1e-3);
    }
}
