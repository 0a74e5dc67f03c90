//! Limiting gradients, from the values of plain numbers near a point.

use std::array::from_fn;

/// A reproducible stream of directions, unlike the one in the crate: a linear congruential generator
/// (D. Knuth, TAOCP volume 2, section 3.3.4, MMIX).
pub(crate) struct Directions(u64);

impl Directions {
    pub(crate) fn new() -> Self {
        Directions(20)
    }

    fn number(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    pub(crate) fn of(&mut self, n: usize) -> Vec<f64> {
        (0..n).map(|_| self.number()).collect()
    }
}

/// How far from the point gradients are taken, and over which distance.
const AWAY: f64 = 1e-5;
const STEP: f64 = 1e-9;

/// How far two gradients may be apart that are the same in the limit.
pub(crate) const CLOSE: f64 = 2e-3;

pub(crate) fn close(a: &[f64], b: &[f64]) -> bool {
    within(CLOSE, a, b)
}

pub(crate) fn within(tolerance: f64, a: &[f64], b: &[f64]) -> bool {
    let scale = 1.0 + b.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance * scale)
}

pub(crate) fn moved(x: &[f64], d: &[f64], by: f64) -> Vec<f64> {
    x.iter().zip(d).map(|(x, d)| x + by * d).collect()
}

/// The gradient close to `x` in the direction `d`, by differences; `None` where a kink is between.
pub(crate) fn gradient_towards(
    f: impl Fn(&[f64]) -> f64,
    x: &[f64],
    d: &[f64],
) -> Option<Vec<f64>> {
    gradient_away(f, x, d, 1.0)
}

/// [`gradient_towards`], with a scale for all distances.
pub(crate) fn gradient_away(
    f: impl Fn(&[f64]) -> f64,
    x: &[f64],
    d: &[f64],
    scale: f64,
) -> Option<Vec<f64>> {
    let near = moved(x, d, AWAY * scale);
    let value = f(&near);
    (0..x.len())
        .map(|i| {
            let [ahead, back] = from_fn(|side| {
                let mut beside = near.clone();
                beside[i] += if side == 0 { STEP * scale } else { -STEP * scale };
                (f(&beside) - value) / (beside[i] - near[i])
            });
            let smooth = (ahead - back).abs() <= 0.5 * CLOSE * (1.0 + ahead.abs());
            smooth.then_some(0.5 * (ahead + back))
        })
        .collect()
}

/// The different ones among the gradients at 400 points around `x`, where there are any.
pub(crate) fn limiting_gradients(f: impl Fn(&[f64]) -> f64, x: &[f64]) -> Vec<Vec<f64>> {
    let mut directions = Directions::new();
    let near = (0..400).filter_map(|_| gradient_towards(&f, x, &directions.of(x.len())));
    let mut found: Vec<Vec<f64>> = Vec::new();
    for gradient in near {
        if !found.iter().any(|known| close(&gradient, known)) {
            found.push(gradient);
        }
    }
    assert!(!found.is_empty());
    found
}
