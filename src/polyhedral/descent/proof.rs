//! Where a descent stands still: the proof that nothing leads down, or the way.

use super::ModelDescent;
use crate::polyhedral::cells::{Ended, visit_cells, way_down};
use crate::polyhedral::least::{CorralPoint, least_norm};
use crate::polyhedral::model::{Line, LineShape, Pieces, generic_direction};
use crate::polyhedral::shorten::shorten;
use crate::polyhedral::span::{Span, add_scaled, dot, norm};

/// Why a point is stationary, or how far it is from that.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    /// The slope of each active line, a mean of those of the pieces that meet there.
    pub(crate) slopes: Vec<f64>,
    /// The element of least norm.
    pub(crate) least: Vec<f64>,
    /// A norm up to this is rounding.
    pub(crate) rounding: f64,
    /// Gradients of pieces, and their shares in it, if they were asked for.
    pub(crate) pieces: Vec<(f64, Vec<f64>)>,
    /// Whether it is sure that no direction leads down, or not by more than the element of least norm
    /// tells.
    pub(crate) every_way: bool,
}

/// A way down.
pub(super) struct Way {
    pub(super) down: Vec<f64>,
    /// The lines that stay active on it.
    pub(super) keep: Vec<usize>,
}

/// Pieces looked at for a way down that the element of least norm does not show.
const CELLS: usize = 256;

/// Rounds of a search for an element of least norm.
const ROUNDS: usize = 2000;

/// An element of the generalized gradient.
struct Element {
    point: Vec<f64>,
    /// The slopes of the active lines.
    slopes: Vec<f64>,
    /// Whether they lie between those of the two sides: such lines stay active on the way down.
    between: Vec<bool>,
    /// What it is a mean of.
    pieces: Vec<(f64, Vec<f64>)>,
    /// Whether it is sure to be the least.
    complete: bool,
    /// A direction that goes down, although the least element does not tell.
    hidden: Option<Vec<f64>>,
}

impl ModelDescent<'_> {
    /// Where nothing within the active kinks goes down: the element of least norm, and unless it is 0
    /// the way down and the lines that stay active on it. With care where the quick way has failed.
    pub(super) fn leave_or_prove(&self, with_care: bool) -> (Proof, Option<Way>) {
        let quick = if with_care { None } else { self.least_in_box() };
        self.judge(quick.unwrap_or_else(|| self.least_of_pieces()))
    }

    /// The proof, with the pieces that it is made of.
    pub(crate) fn prove(&self) -> Proof {
        // Slopes that were put back into their sides make it another element.
        let quick = self.least_in_box().map(|least| self.element_of(least));
        let exact = quick.filter(|least| norm(&least.point) <= self.rounding(&least.slopes));
        let least = exact.unwrap_or_else(|| self.shortened(self.least_of_pieces()));
        let (mut proof, _) = self.judge(least);
        let steepest = norm(&proof.least);
        if steepest > proof.rounding {
            // Whether another way is steeper than the one that it tells.
            let flat = 4.0 * steepest;
            let offset = self.curve(&self.x);
            proof.every_way = self.model.convex || {
                way_down(self.model, &self.slopes, &self.active, &offset, CELLS, flat)
                    == (None, true)
            };
        }
        proof
    }

    /// Whether the function rises along each way from here on which one of these linear functions changes, whose
    /// gradients have length 1: by more than a share of its steepest slope along that gradient, on any of the
    /// pieces that meet here. A slope that all of them have is given, and left out.
    pub(crate) fn rises(&self, along: &[Vec<f64>], common: &[f64], share: f64) -> bool {
        // Along a way on which no active line changes it is straight.
        if self.span.len() < along.len() {
            return false;
        }
        let (model, n) = (self.model, self.x.len());
        let (mut adjoints, mut gradient) = (Vec::new(), vec![0.0; n]);
        let mut steepest = vec![0.0_f64; along.len()];
        let seen = visit_cells(model, &self.slopes, &self.active, CELLS, |slopes, _, _| {
            model.gradient(slopes, &mut adjoints, &mut gradient);
            for (most, along) in steepest.iter_mut().zip(along) {
                *most = most.max(dot(&gradient, along).abs());
            }
            false
        });
        let outweighs = |along: &[f64], slope: f64| {
            let against = along.iter().zip(common).map(|(a, common)| -slope * a - common);
            let against: Vec<f64> = against.collect();
            way_down(model, &self.slopes, &self.active, &against, CELLS, 0.0) == (None, true)
        };
        seen == Ended::Complete
            && along.iter().zip(steepest).all(|(along, most)| {
                let by = share * most;
                by > 0.0 && outweighs(along, by) && outweighs(along, -by)
            })
    }

    /// The gradient without the active lines, the quadratic term included.
    fn total(&self) -> Vec<f64> {
        let mut total = self.curve(&self.x);
        add_scaled(&mut total, 1.0, &self.gradient);
        total
    }

    /// The element that has these slopes, where no kink depends on another.
    fn point_of(&self, slopes: &[f64]) -> Vec<f64> {
        let mut point = self.total();
        for (&i, slope) in self.active.iter().zip(slopes) {
            self.model.row(i).add_to(self.model.lines[i].weight * slope, &mut point);
        }
        point
    }

    fn element_of(&self, least: Element) -> Element {
        Element { point: self.point_of(&least.slopes), ..least }
    }

    /// The element of least norm by the method of `least`, whatever the kinks.
    fn least_of_pieces(&self) -> Element {
        let mut start = self.total();
        if norm(&start) == 0.0 {
            start = generic_direction(start.len());
        }
        let offset = self.curve(&self.x);
        let mut pieces = Pieces::new(self.model, &self.slopes, &self.active, offset);
        let nearest = least_norm(&mut pieces, &start, ROUNDS);
        let (slopes, mixed) = mix(&mut pieces, &nearest.corral);
        let (beyond, along) = nearest.beyond;
        let convex = self.model.is_flat() && self.model.convex;
        Element {
            point: nearest.point,
            slopes,
            between: {
                // Off the tip of a cone all its slopes change.
                let stays = |&i: &usize| convex && self.model.lines[i].shape == LineShape::Sides;
                self.active.iter().map(stays).zip(mixed).map(|(stays, m)| stays && m).collect()
            },
            pieces: nearest.corral.into_iter().map(|c| (c.weight, c.point)).collect(),
            complete: nearest.complete,
            hidden: (beyond > 1e-6 * self.steep).then(|| along.iter().map(|x| -x).collect()),
        }
    }

    /// The element of least norm where the active lines are independent and bend upwards: each slope is
    /// held within its two sides, and it is guessed, and guessed again, which ones are held back (J. J.
    /// Júdice and F. M. Pires, "A block principal pivoting algorithm for large-scale strictly monotone
    /// linear complementarity problems", Computers and Operations Research 21, 1994). `None` if that
    /// is not the case, or the guesses do not settle.
    fn least_in_box(&self) -> Option<Element> {
        const GUESSES: usize = 12;
        let rounding = 16.0 * f64::EPSILON * self.scale;
        let far =
            |line: &Line, end: f64| 1e-12 * end.abs() + rounding / (line.weight.abs() * line.size);
        let (model, active) = (self.model, &self.active);
        let lines = || active.iter().map(|&i| &model.lines[i]);
        let upwards = lines().all(|l| {
            l.shape == LineShape::Sides && l.weight != 0.0 && l.weight * (l.right - l.left) > 0.0
        });
        if !model.is_flat() || !upwards || self.span.len() < active.len() {
            return None;
        }
        // Above its right slope, below its left, or free.
        let mut held: Vec<Option<f64>> = vec![None; active.len()];
        let mut span = self.span.clone();
        for guess in 0..GUESSES {
            let mut point = self.total();
            for ((&i, line), held) in active.iter().zip(lines()).zip(&held) {
                model.row(i).add_to(held.unwrap_or(0.0) * line.weight, &mut point);
            }
            if guess > 0 {
                span.clear();
                let free = active.iter().zip(&held).filter(|(_, held)| held.is_none());
                free.for_each(|(&i, _)| _ = span.add_row(model.row(i)));
            }
            let against: Vec<f64> = point.iter().map(|p| -p).collect();
            let mut free = span.coefficients(&against).into_iter();
            let mut slopes = Vec::with_capacity(active.len());
            for ((&i, line), held) in active.iter().zip(lines()).zip(&held) {
                let slope = match held {
                    Some(slope) => *slope,
                    None => free.next()? / line.weight,
                };
                if held.is_none() {
                    model.row(i).add_to(slope * line.weight, &mut point);
                }
                slopes.push(slope);
            }
            let mut settled = true;
            for (((&i, line), held), slope) in
                active.iter().zip(lines()).zip(&mut held).zip(&mut slopes)
            {
                let (low, high) = (line.left.min(line.right), line.left.max(line.right));
                match *held {
                    None if *slope < low - far(line, low) => *held = Some(low),
                    None if *slope > high + far(line, high) => *held = Some(high),
                    None => {
                        *slope = slope.clamp(low, high);
                        continue;
                    }
                    Some(at) => {
                        // Would the norm fall if the slope were let go?
                        let pull = line.weight * model.row(i).dot(&point);
                        let inwards = if at == low { -pull } else { pull };
                        if inwards <= rounding * line.size * line.weight.abs() {
                            continue;
                        }
                        *held = None;
                    }
                }
                settled = false;
            }
            if settled {
                let between = held.iter().map(Option::is_none).collect();
                let pieces = Vec::new();
                return Some(Element {
                    point,
                    slopes,
                    between,
                    pieces,
                    complete: true,
                    hidden: None,
                });
            }
        }
        None
    }

    /// A norm of the gradient up to this is rounding, where the active lines have these slopes.
    fn rounding(&self, slopes: &[f64]) -> f64 {
        if !self.model.is_flat() {
            return self.flat_below();
        }
        let active = self.active.iter().zip(slopes);
        let own = active.map(|(&i, s)| (self.adjoints[i] * s).abs() * self.model.row(i).norm());
        self.flat_below() + 64.0 * f64::EPSILON * own.sum::<f64>()
    }

    /// An element whose point is 0 but for rounding, where slopes near those of this one make it so:
    /// they bear the rounding of the steepest piece.
    fn shortened(&self, least: Element) -> Element {
        let (model, rounding) = (self.model, self.rounding(&least.slopes));
        let by_sides = self.active.iter().all(|&i| model.lines[i].shape == LineShape::Sides);
        if norm(&least.point) <= rounding || !model.is_flat() || !by_sides {
            return least;
        }
        let snapped = |(&i, &slope): (&usize, &f64)| {
            let line = &model.lines[i];
            let close = |end: &f64| (slope - end).abs() <= 8.0 * f64::EPSILON * line.steepest();
            [line.left, line.right, 0.0].into_iter().find(close).unwrap_or(slope)
        };
        let snapped: Vec<f64> = self.active.iter().zip(&least.slopes).map(snapped).collect();
        for mut slopes in [snapped, least.slopes.clone()] {
            let mut point = self.point_of(&slopes);
            if norm(&point) > rounding {
                shorten(model, &self.active, &mut slopes, &mut point, 0.25 * rounding);
            }
            if norm(&point) <= self.rounding(&slopes) {
                return Element { point, slopes, pieces: Vec::new(), ..least };
            }
        }
        least
    }

    /// What follows from the element of least norm.
    fn judge(&self, least: Element) -> (Proof, Option<Way>) {
        let tolerance = self.rounding(&least.slopes);
        let Element { point, slopes, between, pieces, complete, hidden } = least;
        let small = norm(&point) <= tolerance;
        let down = point.iter().map(|p| -p).collect();
        let every_way = small && complete;
        let mut proof = Proof { slopes, least: point, rounding: tolerance, pieces, every_way };
        if !small {
            let way = self.way(down, &between);
            return (proof, Some(way));
        }
        let none = vec![false; self.active.len()];
        if let Some(down) = hidden {
            return (proof, Some(self.way(down, &none)));
        }
        if self.model.convex {
            return (proof, None);
        }
        let offset = self.curve(&self.x);
        let (down, every_way) =
            way_down(self.model, &self.slopes, &self.active, &offset, CELLS, tolerance);
        proof.every_way &= every_way;
        (proof, down.map(|down| self.way(down, &none)))
    }

    /// A way down, and which lines stay active on it: those given, and those that do not move.
    fn way(&self, mut down: Vec<f64>, stay: &[bool]) -> Way {
        let offset = vec![0.0; down.len()];
        let mut pieces = Pieces::new(self.model, &self.slopes, &self.active, offset);
        pieces.enter(&down.iter().map(|d| -d).collect::<Vec<_>>());
        let length = norm(&down);
        let still = |j: usize| pieces.rates[j].abs() <= 1e-9 * self.model.lines[j].size * length;
        let stays = |i: usize| self.model.group(i).all(still);
        let active = self.active.iter().zip(stay);
        let keep: Vec<usize> =
            active.filter(|&(&i, &stay)| stay || stays(i)).map(|(&i, _)| i).collect();
        let mut span = Span::new(down.len());
        let mut row = vec![0.0; down.len()];
        for &i in &keep {
            self.model.line_gradient(i, &pieces.slopes, &mut row);
            span.add(&row);
        }
        let straight = down.clone();
        span.remove_from(&mut down);
        if norm(&down) < 0.5 * length {
            down = straight;
        }
        Way { down, keep }
    }
}

/// The mean slope of each active line over the corners of a corral, and whether they differ.
fn mix(pieces: &mut Pieces<'_>, corral: &[CorralPoint]) -> (Vec<f64>, Vec<bool>) {
    let active = pieces.active;
    let mut slopes = vec![0.0; active.len()];
    let mut mixed = vec![false; active.len()];
    let mut first: Vec<f64> = Vec::new();
    for corner in corral {
        pieces.enter(&corner.along);
        let here = active.iter().map(|&i| pieces.slopes[i]);
        if first.is_empty() {
            first = here.clone().collect();
        }
        for (at, s) in here.enumerate() {
            slopes[at] += corner.weight * s;
            mixed[at] |= s != first[at] && corner.weight > 1e-9;
        }
    }
    (slopes, mixed)
}
