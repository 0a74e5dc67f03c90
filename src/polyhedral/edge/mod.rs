//! Minima of large piecewise-linear functions whose kinks do not nest and bend upwards.
//!
//! ```text
//! f(x) = g · x + Σ zᵢ(uᵢ),   uᵢ = cᵢ + aᵢ · x,   zᵢ with slope lᵢ below 0 and hᵢ ≥ lᵢ above
//! ```
//!
//! At a vertex as many independent lines are 0 as there are variables; the others have their slopes,
//! and the multipliers `s` of those of the vertex make the gradient 0.
//!
//! ```text
//! x = the start, a vertex of the lines xⱼ = startⱼ, which may have the multiplier 0 only
//! loop:
//!     p = the line of the vertex whose multiplier is outside [lᵢ, hᵢ] by most for the length of its
//!         edge; if none is: x is a minimum, and the multipliers prove it
//!     d = the edge on which all lines of the vertex but p stay 0
//!     go along d past all kinks up to the one, q, where the function no longer falls
//!     q takes the place of p
//! ```
//!
//! It is the method of I. Barrodale and F. D. K. Roberts, "An improved algorithm for discrete l1 linear
//! approximation", SIAM Journal on Numerical Analysis 10, 1973, on factors of a sparse matrix, with the
//! steepest edges of J. J. Forrest and D. Goldfarb, "Steepest-edge simplex algorithms for linear
//! programming", Mathematical Programming 57, 1992: the squares of the edges' lengths are carried on.
//!
//! Where more lines meet than there are variables, a step may be of length 0, and steps might go in
//! circles. So `cᵢ + ε c'ᵢ` stands for `cᵢ`, with `c'` in general position and an `ε` smaller than any
//! number: all positions and steps have two parts, which compare one after the other, and at each step
//! one of the two falls (A. Charnes, "Optimality and degeneracy in linear programming", Econometrica 20,
//! 1952). Nothing is left of `ε` in the end.

mod basis;
mod factor;
mod lines;
mod prove;
mod skip;
mod start;
mod step;
#[cfg(test)]
mod tests;

pub(crate) use prove::prove;

use super::descent::DescentEnd;
use super::model::{Line, LineShape, Model};
use basis::Basis;
use factor::Lists;
use lines::Lines;
use step::Break;

/// A number with a part that is smaller than any number: they compare one after the other.
type Fine = [f64; 2];

const NONE: u32 = u32::MAX;

/// Of fewer variables, the way down from a kink is found faster by the element of least norm.
const MANY: usize = 16;
/// Where every line depends on every variable that is so for more of them too, if there are many lines for
/// each variable: a step costs what the lines hold, and there are fewer.
const DENSE: usize = 128;
const CROWD: usize = 16;
/// A model holds less than this share of a number for each line and variable.
const SPARSE: usize = 4;

/// Whether this is the way to minimise a model.
pub(crate) fn serves(model: &Model) -> bool {
    let upwards = |line: &Line| line.weight * (line.right - line.left) >= 0.0;
    let (n, k) = (model.dim(), model.lines.len());
    let many = if SPARSE * model.rows.held() < k * n { MANY } else { DENSE };
    (n >= many || n >= MANY && k < CROWD * n)
        && model.is_flat()
        && model.lines.iter().all(|line| line.shape == LineShape::Sides && upwards(line))
}

/// What is likely to hold at the minimum.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guess {
    /// Lines of the vertex, with the squares of their edges' lengths.
    vertex: Vec<(u32, f64)>,
    /// The slopes of all lines.
    slopes: Vec<f64>,
}

/// A vertex, and what is known of it.
pub(crate) struct Edges<'a> {
    /// The lines of the model that count here; in what follows they go by their places in this list.
    lines: Lines<'a>,
    /// `lᵢ` and `hᵢ`.
    ends: Vec<(f64, f64)>,
    /// `cᵢ`.
    shifts: Vec<Fine>,
    /// The lines by variable, if they are sparse.
    by_variable: Option<Lists>,
    /// `g`.
    base: Vec<f64>,
    x: [Vec<f64>; 2],
    u: Vec<Fine>,
    /// Nearer to 0 than this is 0.
    tolerances: Vec<f64>,
    /// Of the lines not of the vertex, on which side they are.
    is_high: Vec<bool>,
    /// The places of the lines in the vertex.
    places: Vec<u32>,
    /// The lines of the vertex; from the number of lines on, variables that stay where they are.
    vertex: Vec<u32>,
    /// Where such variables stay.
    anchors: Vec<Fine>,
    basis: Basis,
    /// By place, as what follows.
    multipliers: Vec<f64>,
    /// The ends of the lines of the vertex.
    limits: Vec<(f64, f64)>,
    /// The squares of the edges' lengths; guesses, until an edge is taken.
    lengths: Vec<f64>,
    /// The norm of what the gradient is a sum of.
    scale: f64,
    /// The norm of `x` when all was computed anew.
    far: f64,
    /// How many times the rounding of one operation counts as rounding of a position.
    blur: f64,
    /// The steps in a row that led nowhere.
    stalled: usize,
    /// Whether all of it was computed from the vertex, not step by step.
    fresh: bool,
    edge: Vec<f64>,
    /// How the lines change along the edge, and which do.
    rates: Vec<f64>,
    moved: Vec<u32>,
    breaks: Vec<Break>,
    /// Room.
    variables: Vec<f64>,
    alpha: Vec<f64>,
    tau: Vec<f64>,
    rounds: usize,
}

/// Exchanges after which the vertex is factorised again.
const EXCHANGES: usize = 100;

/// A minimum of a model, or how far it came.
pub(crate) struct Reached {
    pub(crate) end: DescentEnd,
    pub(crate) x: Vec<f64>,
    /// Of all lines.
    pub(crate) slopes: Vec<f64>,
    /// The lines at their kinks.
    pub(crate) active: Vec<usize>,
    pub(crate) rounds: usize,
    pub(crate) guess: Guess,
}

/// Minimises a model from 0, with the lines `near` at their kinks there, in so many rounds.
pub(crate) fn minimize(model: &Model, near: &[usize], guess: &Guess, rounds: usize) -> Reached {
    let mut edges = Edges::of_model(model, near, guess);
    let end = edges.run(rounds);
    let local = 0..edges.lines.len();
    let active = local.filter(|&i| edges.is_met(i)).map(|i| edges.lines.own(i)).collect();
    let (guess, rounds) = (edges.guess(), edges.rounds);
    let [x, _] = edges.x;
    Reached { end, x, slopes: guess.slopes.clone(), active, rounds, guess }
}

impl Edges<'_> {
    fn is_met(&self, i: usize) -> bool {
        self.places[i] != NONE || self.u[i][0] == 0.0
    }

    /// What holds here, for another model or more lines.
    fn guess(&self) -> Guess {
        let vertex = self.vertex.iter().zip(&self.lengths);
        let own = vertex.filter(|&(&i, _)| (i as usize) < self.lines.len());
        let own = own.map(|(&i, &length)| (self.lines.own(i as usize) as u32, length));
        Guess { vertex: own.collect(), slopes: self.slopes() }
    }

    /// The slope of a line times its weight.
    fn slope(&self, i: usize) -> f64 {
        let (low, high) = self.ends[i];
        match self.places[i] {
            NONE if self.is_high[i] => high,
            NONE => low,
            place => self.multipliers[place as usize].clamp(low, high),
        }
    }

    /// The slopes of the model's lines, those of lines that do not count here left at those of a side.
    fn slopes(&self) -> Vec<f64> {
        let mut slopes: Vec<f64> = self.lines.model().lines.iter().map(|line| line.right).collect();
        for i in 0..self.lines.len() {
            let line = self.lines.line(i);
            slopes[self.lines.own(i)] = match self.slope(i) {
                s if s == self.ends[i].0 => line.left,
                s if s == self.ends[i].1 => line.right,
                s => s * self.lines.unit(i) / line.weight,
            };
        }
        slopes
    }

    /// Goes from vertex to vertex.
    fn run(&mut self, rounds: usize) -> DescentEnd {
        loop {
            let Some(place) = self.steepest() else {
                if self.fresh {
                    return DescentEnd::Stationary;
                }
                self.refresh();
                continue;
            };
            if self.rounds >= rounds {
                self.refresh();
                return DescentEnd::Stuck;
            }
            if self.stalled > 2 * self.vertex.len() + EXCHANGES {
                // Rounding has been taken for positions.
                (self.stalled, self.blur) = (0, 16.0 * self.blur);
                self.refresh();
            } else if self.basis.exchanged().0 >= EXCHANGES {
                self.refresh();
                continue;
            }
            self.rounds += 1;
            match self.step(place) {
                step::StepEnd::Done => {}
                step::StepEnd::Unbounded if self.fresh => return DescentEnd::Unbounded,
                step::StepEnd::Unbounded | step::StepEnd::Blurred => self.refresh(),
            }
        }
    }

    /// What a multiplier lacks to be within its ends: below 0 if it is too great.
    fn lack(&self, place: usize) -> f64 {
        let (low, high) = self.limits[place];
        let s = self.multipliers[place];
        if s > high { high - s } else { (low - s).max(0.0) }
    }

    /// Those of a line; a variable that stays where it is may have the multiplier 0 only.
    fn limits_of(&self, line: u32) -> (f64, f64) {
        self.ends.get(line as usize).copied().unwrap_or((0.0, 0.0))
    }

    /// A multiplier that lacks no more is within its ends, but for rounding; `length` is the square of its
    /// edge's length.
    fn rounding(&self, length: f64) -> f64 {
        16.0 * f64::EPSILON * self.scale * length.sqrt()
    }

    /// The place of the line to leave by, if there is one.
    fn steepest(&self) -> Option<usize> {
        let mut best = (0.0, None);
        for place in 0..self.vertex.len() {
            let lack = self.lack(place);
            if lack != 0.0 {
                let length = self.lengths[place];
                let rate = (lack / self.scale).powi(2) / length;
                if rate > best.0 && lack.abs() > self.rounding(length) {
                    best = (rate, Some(place));
                }
            }
        }
        best.1
    }
}
