//! What is known of the point reached: the least generalized gradient there, and the certificate.

use super::Ending;
use super::active::{ActiveBound, ActiveKink, Entries};
use super::certificate::Certificate;
use super::inspect::SecondOrder;
use super::iterate::Iteration;
use super::pieces::Pieces;
use super::point::Point;
use crate::Var;
use crate::op::Sides;
use crate::optim::OptimError;
use crate::polyhedral::descent::{ModelDescent, Proof};
use crate::polyhedral::edge;
use crate::polyhedral::minorant;
use crate::polyhedral::model::Line;
use crate::polyhedral::span::norm;

/// What the recording at a point tells, in the units of the descent.
pub(super) struct FirstOrder {
    /// The least generalized gradient.
    pub(super) least: Vec<f64>,
    /// A norm up to this is rounding.
    rounding: f64,
    /// Whether it is 0, but for rounding.
    pub(super) exact: bool,
    /// The gradient of all but the active lines.
    rest: Vec<f64>,
    /// The lines at their kinks.
    pub(super) lines: Vec<usize>,
    /// The slopes of all lines with which the gradient is least.
    pub(super) slopes: Vec<f64>,
    /// The derivatives of the loss by the active lines' results.
    pub(super) weights: Vec<f64>,
    /// The gradients of the active lines.
    rows: Vec<Entries>,
    /// By how much the loss may lie above what it were with those lines at their kinks.
    pub(super) off: f64,
    pieces: Option<Vec<(f64, Vec<f64>)>>,
    every_way: bool,
}

/// A gradient beyond this share of what it is a sum of is not 0, although the rounding of steep pieces that
/// count for little in it may hide it.
const OWN: f64 = 1e-6;

/// A parabola tells the loss nearby but for a quarter of what it rises by, and of a fourth power leaves half as much
/// again as it tells: the error is so many times what it leaves.
const UNEVEN: f64 = 4.0;

/// Where the last steps were far longer than the parameters are from 0, each left as much as such a length hides,
/// and there may have been many: the error is so many times what one may leave.
const STALE: f64 = 64.0;

/// Kinks times parameters for which an element of least norm is found in a moment.
const SMALL: usize = 10_000;

impl<E, L> Iteration<'_, L>
where
    E: From<OptimError>,
    L: FnMut(&[Var]) -> Result<Var, E>,
{
    /// The least generalized gradient; of kinks near by, if it is less.
    pub(super) fn first_order(&self) -> FirstOrder {
        let met = self.first_order_within(0.0);
        let radius = self.options.radius * self.size();
        if met.exact || radius == 0.0 {
            return met;
        }
        let near = self.first_order_within(radius);
        if norm(&near.least) < norm(&met.least) { near } else { met }
    }

    fn first_order_within(&self, radius: f64) -> FirstOrder {
        let near = self.near(radius);
        let model = &self.here.model;
        if edge::serves(model)
            && let Some(found) = self.by_edges(&near)
        {
            return found;
        }
        let descent = ModelDescent::new(model, None, vec![0.0; model.dim()], &near);
        let proof = descent.prove();
        let slopes = descent.slopes_with(&proof);
        let Proof { least, rounding, pieces, every_way, .. } = proof;
        let weights = descent.weights();
        let found = FirstOrder {
            exact: norm(&least) <= rounding && norm(&least) <= OWN * model.steepness(&slopes),
            least,
            rounding,
            rest: descent.rest().to_vec(),
            weights: descent.active.iter().map(|&i| weights[i]).collect(),
            rows: descent.active.iter().map(|&i| Entries::of_full(&descent.row(i))).collect(),
            lines: descent.active,
            slopes,
            off: 0.0,
            pieces: (!pieces.is_empty()).then_some(pieces),
            every_way,
        };
        found.held_against(&self.here)
    }

    /// The same, where no kinks nest, all bend upwards, and there are many parameters. `None` if there
    /// is no proof, and looking for the least gradient does not take too long.
    fn by_edges(&self, near: &[usize]) -> Option<FirstOrder> {
        let model = &self.here.model;
        let n = model.dim();
        let proved = edge::prove(model, near, &self.guess);
        let exact = proved.is_zero();
        if !exact && near.len() * n <= SMALL {
            return None;
        }
        let mut slopes: Vec<f64> = model.lines.iter().map(|line| line.start).collect();
        near.iter().zip(&proved.slopes).for_each(|(&i, slope)| slopes[i] = *slope);
        let found = FirstOrder {
            exact,
            least: proved.least,
            rounding: proved.rounding,
            rest: proved.rest,
            weights: near.iter().map(|&i| model.lines[i].weight).collect(),
            rows: near.iter().map(|&i| Entries::new(n, model.row(i).entries())).collect(),
            lines: near.to_vec(),
            slopes,
            off: 0.0,
            pieces: None,
            every_way: true,
        };
        Some(found.held_against(&self.here))
    }

    /// The bound that line `i` is the wall of, and its multiplier.
    fn bound(&self, i: usize, slope: f64) -> ActiveBound {
        let at = self.here.model.lines[i].kink - self.here.marks.len();
        let (place, is_upper) = (at / 2, at % 2 == 1);
        let mut wall = vec![0.0; self.here.x.len()];
        wall[place] = (-slope * self.here.model.lines[i].weight).max(0.0);
        ActiveBound { place, is_upper, multiplier: self.units.gradient(&wall)[place] }
    }

    /// By how much the loss may lie above its least value anywhere, if that is proved.
    fn excess(&self, first: &FirstOrder) -> Option<f64> {
        let model = &self.here.model;
        let of_pieces = || {
            let shares = first.pieces.as_ref().filter(|_| !model.is_flat())?;
            minorant::pieces::excess(model, &first.slopes, &first.lines, shares)
        };
        minorant::excess(model, &first.slopes).or_else(of_pieces)
    }

    /// The certificate, in the units of the caller.
    pub(super) fn certificate(
        &self,
        first: &FirstOrder,
        second: Option<&SecondOrder>,
        ending: Ending,
    ) -> Certificate {
        let (here, units) = (&self.here, &self.units);
        let n = first.least.len();
        let kink = |((&i, row), &weight): ((&usize, &Entries), &f64)| {
            let line = &here.model.lines[i];
            let (op, location) = here.marks[line.kink];
            ActiveKink {
                op,
                location,
                distance: line.distance / line.unit,
                sides: Sides { left: line.left, right: line.right },
                slope: first.slopes[i],
                weight: units.loss(weight * line.unit),
                row: Entries::new(n, units.row(row.entries().map(|(j, a)| (j, a / line.unit)))),
            }
        };
        let kinks = first.lines.iter().zip(&first.rows).zip(&first.weights);
        let (kinks, bounds): (Vec<_>, Vec<_>) = kinks.partition(|((i, _), _)| here.is_kink(**i));
        let bounds = bounds.into_iter().map(|((&i, _), _)| self.bound(i, first.slopes[i]));
        let bounds = net(bounds);
        let kinks = kinks.into_iter().map(kink).collect();
        let pieces = first
            .pieces
            .as_ref()
            .map(|pieces| pieces.iter().map(|(share, g)| (*share, units.gradient(g))).collect());
        let curved = here.model.curved;
        let is_straight = first.exact && first.every_way && here.model.convex && !curved;
        let excess = if is_straight { self.excess(first) } else { None };
        let error = match second {
            Some(second) if second.way_down().is_none() => {
                let times = if self.is_stale() { STALE } else { UNEVEN };
                times * second.gain + here.noise + here.multiples()
            }
            // What is left of the gradient leads no farther than to the last of the kinks.
            None if first.exact && !curved => {
                let left = match norm(&first.least) {
                    0.0 => 0.0,
                    left => left * self.size().max(here.reach()),
                };
                // What counts as 0 may lead as far as another point of that size.
                here.noise + left.max(2.0 * first.rounding * self.size()) + excess.unwrap_or(0.0)
            }
            _ => f64::INFINITY,
        };
        let ending = match ending {
            _ if second.is_some_and(|s| s.way_down().is_some() && s.is_free) => Ending::CurvesDown,
            Ending::Arrived if !first.exact && error.is_infinite() => Ending::Rounding,
            ending => ending,
        };
        let error = if error.is_nan() { f64::INFINITY } else { error };
        let least = units.gradient(&first.least);
        Certificate {
            value: here.raw,
            norm: norm(&least),
            least,
            exact: first.exact,
            enough: second.is_some_and(|second| second.is_enough),
            rounding: norm(&units.gradient(&vec![first.rounding; n])),
            error: units.loss(error),
            rest: units.gradient(&first.rest),
            kinks,
            bounds,
            pieces: pieces.map_or_else(Pieces::default, Pieces::known),
            nested: !here.model.is_flat(),
            curved,
            every_way: first.every_way,
            open: false,
            proved: excess.is_some(),
            ending,
            recordings: self.recordings,
            moves: self.moves,
        }
    }
}

/// Of the two bounds of a parameter that is held fast, the one that holds it.
fn net(bounds: impl Iterator<Item = ActiveBound>) -> Vec<ActiveBound> {
    let mut all: Vec<ActiveBound> = bounds.collect();
    all.sort_by_key(|bound| (bound.place, bound.is_upper));
    let mut net: Vec<ActiveBound> = Vec::new();
    for bound in all {
        match net.last_mut() {
            Some(before) if before.place == bound.place => {
                let multiplier = bound.multiplier - before.multiplier;
                let (is_upper, multiplier) = (multiplier > 0.0, multiplier.abs());
                *before = ActiveBound { is_upper, multiplier, ..bound };
            }
            _ => net.push(bound),
        }
    }
    net
}

impl FirstOrder {
    /// Takes into account how far from their kinks the active lines are, and how much lower it may be at the
    /// last of the kinks if what is left of the gradient is none.
    fn held_against(mut self, here: &Point) -> Self {
        /// More of the loss than this share may not be hidden by rounding,
        const HIDDEN: f64 = 1e-3;
        /// unless it is no more than so many times its own.
        const OF_NOISE: f64 = 1024.0;
        // A kink in another one that is met weighs by whatever side of that is taken.
        let mut steepest = vec![0.0; here.model.lines.len()];
        here.model.each_steepest(|i, by| steepest[i] = by);
        let lines = self.lines.iter().map(|&i| (&here.model.lines[i], steepest[i]));
        let off = |(line, by): (&Line, f64)| {
            let beyond = if line.distance.abs() > line.noise { line.distance.abs() } else { 0.0 };
            2.0 * by * beyond
        };
        self.off = lines.map(off).sum();
        self.exact &= self.off <= here.noise;
        let left = norm(&self.least);
        let most = (HIDDEN * here.terms).max(OF_NOISE * here.noise);
        self.exact &= left == 0.0 || left * here.reach() <= most;
        self
    }
}
