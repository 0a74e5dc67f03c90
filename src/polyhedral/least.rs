//! The point of least norm of a convex set.
//!
//! The set is known by its support: for a direction it tells a point that lies least far along it. The
//! method keeps a few affinely independent points of the set, the corral, and the point `x` of least
//! norm among their convex combinations:
//!
//! ```text
//! x = some point, the corral
//! loop:
//!     q = the point of the set least far along x
//!     if x · q ≥ x · x: x is the point of least norm
//!     add q to the corral
//!     loop:
//!         y = the point of least norm of the corral's affine hull
//!         if y is a convex combination: x = y, and no more
//!         x = the last point of the convex hull on the way from x to y; drop who has weight 0
//! ```
//!
//! Each corral has its own least norm, and the norms fall, so a polytope is done in finitely many
//! rounds. P. Wolfe, "Finding the nearest point in a polytope", Mathematical Programming 11, 1976.

use super::span::{Span, add_scaled, dot, norm};

/// A convex set, by the points furthest out.
pub(crate) trait Support {
    /// Puts the point of the set least far along `x` into `point`.
    fn least_along(&mut self, x: &[f64], point: &mut [f64]);
}

/// A point of the corral.
#[derive(Clone, Debug)]
pub(crate) struct CorralPoint {
    /// Its share in the point of least norm.
    pub(crate) weight: f64,
    /// The direction along which it is the least.
    pub(crate) along: Vec<f64>,
    pub(crate) point: Vec<f64>,
}

/// What [`least_norm`] found.
#[derive(Clone, Debug)]
pub(crate) struct Nearest {
    pub(crate) point: Vec<f64>,
    /// Of which points of the set it is the convex combination.
    pub(crate) corral: Vec<CorralPoint>,
    /// Whether it is the one of least norm, but for rounding; if not, the rounds ran out.
    pub(crate) complete: bool,
    /// The most that a point asked for lay beyond the plane through 0 across its direction, and the
    /// direction: above 0 only if the points told were not the furthest out.
    pub(crate) beyond: (f64, Vec<f64>),
}

/// The point of least norm, in at most so many rounds. `start` is a direction to begin with.
pub(crate) fn least_norm(set: &mut impl Support, start: &[f64], rounds: usize) -> Nearest {
    let n = start.len();
    let mut first = CorralPoint { weight: 1.0, along: start.to_vec(), point: vec![0.0; n] };
    set.least_along(start, &mut first.point);
    let mut x = first.point.clone();
    let mut scale = norm(&x);
    let mut corral = vec![first];
    let rounding = 4.0 * f64::EPSILON * (n as f64).sqrt();
    let mut beyond = (dot(start, &x) / norm(start).max(f64::MIN_POSITIVE), start.to_vec());
    let mut complete = false;
    for _ in 0..rounds {
        let length = norm(&x);
        if length <= rounding * scale {
            complete = true;
            break;
        }
        let mut corner = CorralPoint { weight: 0.0, along: x.clone(), point: vec![0.0; n] };
        set.least_along(&x, &mut corner.point);
        let rate = dot(&x, &corner.point) / length;
        if rate > beyond.0 {
            beyond = (rate, x.clone());
        }
        scale = scale.max(norm(&corner.point));
        let gap = corral.iter().map(|c| dot(&x, &c.point)).fold(f64::INFINITY, f64::min)
            - dot(&x, &corner.point);
        let known = corral.iter().any(|c| c.point == corner.point);
        if known || gap.is_nan() || gap <= rounding * length * scale {
            complete = !gap.is_nan();
            break;
        }
        let before = corral.clone();
        corral.push(corner);
        shrink(&mut corral);
        let next = combination(&corral, n);
        // Only rounding can lead away from the origin.
        if norm(&next) >= length {
            corral = before;
            complete = true;
            break;
        }
        x = next;
    }
    Nearest { point: x, corral, complete, beyond }
}

/// Makes the weights those of the point of least norm of the convex hull; drops points without weight.
fn shrink(corral: &mut Vec<CorralPoint>) {
    while corral.len() > 1 {
        let aim = affine_weights(corral);
        // How far the weights may go from here to there.
        let mut step = 1.0;
        let mut leaves = None;
        for (i, (corner, &aim)) in corral.iter().zip(&aim).enumerate() {
            if aim <= 0.0 && corner.weight - aim > 0.0 {
                let to = corner.weight / (corner.weight - aim);
                if to < step || leaves.is_none() {
                    step = to.min(step);
                    leaves = Some(i);
                }
            }
        }
        for (corner, aim) in corral.iter_mut().zip(&aim) {
            corner.weight = (corner.weight + step * (aim - corner.weight)).max(0.0);
        }
        let Some(leaves) = leaves else { break };
        corral.swap_remove(leaves);
    }
    let total: f64 = corral.iter().map(|c| c.weight).sum();
    corral.iter_mut().for_each(|c| c.weight /= total);
}

/// The weights of the point of least norm of the affine hull.
fn affine_weights(corral: &[CorralPoint]) -> Vec<f64> {
    let [base, others @ ..] = corral else { return Vec::new() };
    // From where we are, so that what is solved for is small: x + Σ mᵢ (pᵢ - p₀) is least.
    let mut x = combination(corral, base.point.len());
    x.iter_mut().for_each(|x| *x = -*x);
    let mut span = Span::new(base.point.len());
    let mut taken = Vec::new();
    for (i, other) in others.iter().enumerate() {
        let difference: Vec<f64> =
            other.point.iter().zip(&base.point).map(|(p, b)| p - b).collect();
        if span.add(&difference) {
            taken.push(i + 1);
        }
    }
    let mut weights: Vec<f64> = corral.iter().map(|c| c.weight).collect();
    for (&i, m) in taken.iter().zip(span.coefficients(&x)) {
        weights[i] += m;
        weights[0] -= m;
    }
    weights
}

/// The weighted sum of the points.
fn combination(corral: &[CorralPoint], n: usize) -> Vec<f64> {
    let mut x = vec![0.0; n];
    for corner in corral {
        add_scaled(&mut x, corner.weight, &corner.point);
    }
    x
}
