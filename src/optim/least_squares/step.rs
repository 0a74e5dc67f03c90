//! Steps of a trust region that stay within bounds.

use super::factor::Reduced;
use crate::optim::Bounds;
use nalgebra::DVector;

/// How far each unknown may go, down and up.
#[derive(Clone, Debug)]
pub(super) struct Limits {
    pub(super) down: DVector<f64>,
    pub(super) up: DVector<f64>,
}

impl Limits {
    /// Of some parameters, each times its scale.
    pub(super) fn of(bounds: &Bounds, x: &[f64], free: &[usize], scale: &[f64]) -> Self {
        let scaled = |far: &dyn Fn(usize) -> f64| {
            DVector::from_iterator(free.len(), free.iter().map(|&j| far(j) * scale[j]))
        };
        Limits {
            down: scaled(&|j| x[j] - bounds.lower()[j]),
            up: scaled(&|j| bounds.upper()[j] - x[j]),
        }
    }

    /// Of unknowns that are each over a share.
    pub(super) fn over(&self, shares: &DVector<f64>) -> Self {
        Limits { down: self.down.component_div(shares), up: self.up.component_div(shares) }
    }
}

/// The step within a radius and limits.
///
/// ```text
/// loop:
///     p = the step of the free unknowns, beside what is fixed
///     fix each that leaves its limits there; if none does: done
/// ```
///
/// Which limits hold is a guess then, and the next point frees those that its gradient leads away from. A
/// guess may be bad: it is held against the best step down the gradient that bends at the limits, and the one
/// that gains more is taken, so that each step gains what steepest descent would.
pub(super) fn bounded(model: &Reduced, limits: Option<&Limits>, radius: f64) -> DVector<f64> {
    let n = model.matrix.ncols();
    let mut fixed = DVector::zeros(n);
    let mut free: Vec<usize> = (0..n).collect();
    let mut step = model.factors(&free, &fixed).step(radius);
    let Some(limits) = limits else { return step };
    loop {
        let leaves = |i: usize| step[i] < -limits.down[i] || step[i] > limits.up[i];
        let (out, within): (Vec<usize>, Vec<usize>) = free.iter().partition(|&&i| leaves(i));
        if out.is_empty() {
            break;
        }
        for i in out {
            fixed[i] = step[i].clamp(-limits.down[i], limits.up[i]);
        }
        free = within;
        step = fixed.clone();
        // What is fixed is within the radius, as it is less than it was.
        let left = (radius.powi(2) - fixed.norm_squared()).max(0.0).sqrt();
        if left > 0.0 {
            let of_free = model.factors(&free, &fixed).step(left);
            free.iter().zip(of_free.iter()).for_each(|(&i, &p)| step[i] = p);
        }
    }
    if free.len() == n {
        return step;
    }
    let down = descent(model, limits, radius);
    if model.gain(&down) > model.gain(&step) { down } else { step }
}

/// The longest of some steps down the gradient, bent at the limits, that gains a tenth of what its slope
/// promises.
fn descent(model: &Reduced, limits: &Limits, radius: f64) -> DVector<f64> {
    let gradient = model.gradient();
    let along = &model.matrix * &gradient;
    let (length, curve) = (gradient.norm(), along.norm_squared());
    // To the minimum along the gradient, and twice and four times as far.
    let newton = length * length / curve;
    let mut share = (4.0 * newton).min(radius / length);
    if !share.is_finite() {
        return DVector::zeros(gradient.len());
    }
    for _ in 0..60 {
        let step = DVector::from_iterator(
            gradient.len(),
            (0..gradient.len())
                .map(|i| (-share * gradient[i]).clamp(-limits.down[i], limits.up[i])),
        );
        if model.gain(&step) >= -0.1 * gradient.dot(&step) {
            return step;
        }
        share *= 0.5;
    }
    DVector::zeros(gradient.len())
}
