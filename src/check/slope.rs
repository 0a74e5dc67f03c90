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
//! How far an entry moved, against both that it came from, and the rounding error of the difference is
//! its error. (C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in
//! Engineering Software 4, 1982.)
//!
//! Steps that are longer than all that is of interest agree with each other as well: those whose ends
//! lie on both sides of a narrow peak say 0, to the last bit. So the steps go down to a few units in
//! the last place, and **no entry counts that a shorter step contradicts**. The entry of least error
//! among the others is the estimate. How much of a value is rounding, which says what a short step can
//! contradict, is measured: from the fourth differences of values that lie side by side (J. J. Moré and
//! S. M. Wild, "Estimating computational noise", SIAM Journal on Scientific Computing 33, 2011). Where
//! values jump farther apart than that, there is a second estimate for which the jumps are noise.

use super::grain::grain;
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
    /// How far apart the values are that it is from.
    pub(super) reach: f64,
}

impl Estimate {
    const NONE: Estimate = Estimate { slope: f64::NAN, error: f64::INFINITY, reach: 0.0 };
}

/// Slopes along one axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slopes {
    pub(super) left: Estimate,
    pub(super) central: Estimate,
    pub(super) right: Estimate,
    /// The steepest difference over the longest step: what a slope of this function could well be.
    pub(super) rise: f64,
    /// Where short steps see no change at all and a longer one does: the shortest that does.
    pub(super) flat: Option<f64>,
}

/// The slopes of `f` at `x`; and those that long steps see, if values there are [rounded to
/// steps](super::grain) that short ones do not see. The steps are a share of powers of 2.
pub(super) fn slopes<F: Real>(f: impl Fn(F) -> f64, x: F, share: f64) -> (Slopes, Option<Slopes>) {
    let here = f(x);
    let noise = noise(&f, x, here);
    let pair = |step: f64| {
        let h = F::from_double(step);
        Pair { step, ends: [x - h, x + h].map(|end| [end.to_double(), f(end)]) }
    };
    let pairs: Vec<Pair> = steps::<F>(x.to_double().abs()).map(|step| pair(share * step)).collect();
    let seen = |noise| extrapolated::<F>(&pairs, [x.to_double(), here], noise);
    let found = seen(noise);
    let sides = [found.central, found.left, found.right];
    let reach = sides.into_iter().find(|e| !e.slope.is_nan()).map_or(f64::INFINITY, |e| e.reach);
    let longer = pairs.first().is_some_and(|pair| pair.step > reach);
    let steps: Vec<f64> = pairs.iter().map(|pair| pair.step).collect();
    let grain = if longer { grain(&f, x, &steps, noise) } else { 0.0 };
    // What is far away says nothing of how steep the function could be here.
    let afar = (grain > 0.0).then(|| Slopes { rise: found.central.slope.abs(), ..seen(grain) });
    (found, afar)
}

/// Values a step away to both sides.
struct Pair {
    step: f64,
    /// Below and above: where, and the value.
    ends: [[f64; 2]; 2],
}

/// The slopes from pairs with steps from long to short, whose values are as far off as `noise`.
fn extrapolated<F: Real>(pairs: &[Pair], [x, here]: [f64; 2], noise: f64) -> Slopes {
    let epsilon = F::epsilon().to_double();
    let mut tables = [Scheme::new(1), Scheme::new(2), Scheme::new(1)];
    let (mut rise, mut changed, mut flat) = (None, None, None);
    for &Pair { step, ends: [[below, down], [above, up]] } in pairs {
        let same = down == here && up == here;
        if !same {
            (changed, flat) = (Some(step), None);
        } else {
            flat = changed;
        }
        let mut widest = 0.0_f64;
        let spans = [(below, down, x, here), (below, down, above, up), (x, here, above, up)];
        for (table, (a, fa, b, fb)) in tables.iter_mut().zip(spans) {
            let width = b - a;
            let difference = (fb - fa) / width;
            let rounding = 2.0 * (epsilon * (fa.abs() + fb.abs()) + noise) / width;
            table.push(difference, rounding, width);
            widest = widest.max(if difference.is_finite() { difference.abs() } else { 0.0 });
        }
        rise.get_or_insert(widest);
    }
    let [left, central, right] = tables.map(|table| table.best());
    Slopes { left, central, right, rise: rise.unwrap_or(0.0), flat }
}

/// The steps beside a number of this size, from long to short: powers of 2, so that `x ± h` loses as
/// little as can be, from an eighth of the number, or of 1 if that is longer, to a few units in the last
/// place.
fn steps<F: Real>(size: f64) -> impl Iterator<Item = f64> {
    /// Units in the last place of the shortest.
    const SHORTEST: f64 = 8.0;
    let power = |x: f64| x.log2().floor().exp2();
    let epsilon = F::epsilon().to_double();
    let ladder = move |from: f64, below: f64| {
        let halves = std::iter::successors(Some(power(from) / 8.0), |step| Some(step / 2.0));
        let last = SHORTEST * epsilon * from;
        halves
            .take_while(move |&step| step >= last && step.is_finite() && step > 0.0)
            .filter(move |&step| step < below)
    };
    // Beside a number that is less than 1 a function may change over a distance of that size, as `ln`
    // does near 0.
    let long = ladder(size.max(1.0), f64::INFINITY);
    let short = (size > 0.0 && size < 1.0).then(|| ladder(size, SHORTEST * epsilon));
    long.chain(short.into_iter().flatten())
}

/// How far off values beside `x` are by rounding, at least; see the head of this file.
///
/// What is rounded more coarsely than `x` shows at longer distances only: the differences stay as they
/// are from one distance to the next, while those of a smooth function grow with the fourth power, far
/// beyond a few hundred last places before they stay.
fn noise<F: Real>(f: &impl Fn(F) -> f64, x: F, here: f64) -> f64 {
    const DISTANCES: usize = 7;
    const STAYS: f64 = 4.0;
    const PLACES: f64 = 1000.0;
    let size = if x == F::zero() { F::min_positive_value() } else { x.abs() };
    let apart = |power: usize| {
        let distance = F::epsilon() * size * F::from_double(4_f64.powi(power as i32 + 1));
        differences_of(f, x, here, distance)
    };
    let noise: [f64; DISTANCES] = std::array::from_fn(apart);
    let most = PLACES * F::epsilon().to_double() * here.abs();
    let stay = noise.windows(2).filter(|pair| pair[0] <= most && pair[1] <= STAYS * pair[0]);
    stay.map(|pair| pair[0]).fold(noise[0], f64::max)
}

/// What the fourth differences of values this far apart say of their noise; 0 if they are not finite.
fn differences_of<F: Real>(f: &impl Fn(F) -> f64, x: F, here: f64, distance: F) -> f64 {
    /// Values on each side.
    const SIDE: i32 = 6;
    /// `(4!)² / 8!`.
    const GAMMA: f64 = 576.0 / 40320.0;
    let at = |k: i32| if k == 0 { here } else { f(x + distance * F::from_double(k.into())) };
    let mut values: Vec<f64> = (-SIDE..=SIDE).map(at).collect();
    for _ in 0..4 {
        values = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
    }
    let squares: f64 = values.iter().map(|x| x * x).sum();
    let noise = (GAMMA * squares / values.len() as f64).sqrt();
    if noise.is_finite() { noise } else { 0.0 }
}

/// An entry of Neville's scheme, and the row that it stands in.
#[derive(Clone, Copy)]
struct Entry {
    row: usize,
    estimate: Estimate,
}

/// Neville's scheme: the differences, and what became of them.
struct Scheme {
    power: i32,
    /// The last row.
    row: Vec<f64>,
    /// All differences with their rounding errors.
    differences: Vec<[f64; 2]>,
    entries: Vec<Entry>,
}

impl Scheme {
    fn new(power: i32) -> Self {
        Scheme { power, row: Vec::new(), differences: Vec::new(), entries: Vec::new() }
    }

    /// The difference with the next shorter step, its rounding error, and how far apart its values are.
    fn push(&mut self, difference: f64, noise: f64, width: f64) {
        let above = std::mem::take(&mut self.row);
        if !difference.is_finite() {
            return;
        }
        self.differences.push([difference, noise]);
        let at = self.differences.len() - 1;
        self.row.push(difference);
        for (j, &older) in above.iter().take(COLUMNS).enumerate() {
            let newer = self.row[j];
            let factor = f64::from(1 << (self.power * (j as i32 + 1)));
            let entry = newer + (newer - older) / (factor - 1.0);
            let moved = (entry - newer).abs().max((entry - older).abs());
            let reach = width * f64::from(1 << (j + 1));
            let estimate = Estimate { slope: entry, error: moved + noise, reach };
            self.entries.push(Entry { row: at, estimate });
            self.row.push(entry);
        }
    }

    /// The entry of least error that no shorter step contradicts.
    fn best(mut self) -> Estimate {
        self.entries.sort_by(|a, b| a.estimate.error.total_cmp(&b.estimate.error));
        let good = self.entries.iter().find(|entry| self.is_borne_out(entry));
        good.map_or(Estimate::NONE, |entry| entry.estimate)
    }

    /// Whether all shorter steps agree, each within its rounding and what is left of its error series:
    /// about as much as it moved from the one before.
    fn is_borne_out(
        &self,
        &Entry { row, estimate: Estimate { slope, error, .. } }: &Entry,
    ) -> bool {
        self.differences[row..].windows(2).all(|pair| {
            let [[before, _], [difference, noise]] = [pair[0], pair[1]];
            let moved = (difference - before).abs();
            (difference - slope).abs() <= 2.0 * moved + SAFETY * (noise + error)
        })
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
            let (Slopes { left, central, right, .. }, _) = slopes(f, x, 1.0);
            for (estimate, accuracy) in [(left, 1e-6), (central, 1e-9), (right, 1e-6)] {
                assert!(estimate.error <= accuracy * truth, "{estimate:?} of {truth} at {x}");
                assert!((estimate.slope - truth).abs() <= 10.0 * estimate.error, "{estimate:?}");
            }
        }
    }

    #[test]
    fn one_sided_slopes_see_the_two_sides_of_a_kink() {
        // The kink of the second is closer than any step.
        for x in [1.0, 1.0 + 4.0 * f64::EPSILON] {
            let (Slopes { left, right, .. }, _) =
                slopes(|x: f64| 2.0 * (x - 1.0).abs() + x, x, 1.0);
            assert!((left.slope + 1.0).abs() < 1e-6, "{left:?}");
            assert!((right.slope - 3.0).abs() < 1e-6, "{right:?}");
        }
    }

    #[test]
    fn a_side_outside_the_domain_has_no_slope() {
        let (Slopes { left, central, right, .. }, _) = slopes(|x: f64| x.sqrt().powi(3), 0.0, 1.0);
        assert!(left.slope.is_nan() && central.slope.is_nan());
        assert!(right.slope.abs() < 1e-3);
    }
}
