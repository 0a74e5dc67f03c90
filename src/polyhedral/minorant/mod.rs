//! Proof that no point is lower, however far.
//!
//! A function that all its kinks bend upwards is nowhere below the one that has a slope between those of the two
//! sides in place of each kink:
//!
//! ```text
//! f(x) ≥ f(0) - gap + (g + Σ tᵢ aᵢ) · x     tᵢ = vᵢ sᵢ,  vᵢ = wᵢ + Σⱼ tⱼ Lⱼᵢ,  sᵢ in [lᵢ, rᵢ],  vᵢ (rᵢ - lᵢ) ≥ 0
//! gap = Σ vᵢ (zᵢ - sᵢ uᵢ) at 0
//! ```
//!
//! If the gradient of this minorant is 0, `f` is nowhere below `f(0) - gap`. "0 but for rounding" does not do: a slope
//! of 1e-16 makes up for any gap, far enough. So the gradient is bounded, and there have to be lines as
//! many as variables, independent of each other, with room between their sides: then some multipliers near these make
//! it 0, which is proved without knowing them. The room has to do for more than the rounding here, since the slopes were
//! rounded when they were recorded, and the function is wherever it is asked for. So a function that is level without end is
//! not proved to have a minimum, unless nothing at all hangs on a variable.
//!
//! Where a minimum is one of many, as a median of an even number of data, the multipliers of the kinks next to it have no
//! room. [`wider`] gives them some, at the cost of a gap. [`pieces`] proves the same from whole pieces.

mod ball;
mod inverse;
pub(crate) mod pieces;
mod wider;

use super::model::{LineShape, Model};
use super::span::Span;
use ball::Ball;

/// By how much a function may lie at 0 above its least value, if it is proved to have one and the rows' slopes
/// at their kinks are about these.
pub(crate) fn excess(model: &Model, slopes: &[f64]) -> Option<f64> {
    if model.lines.iter().any(|line| line.shape != LineShape::Sides) {
        return None;
    }
    let own = Minorant::new(model, slopes.to_vec());
    let wider = || wider::excess(&own).or_else(|| wider::excess(&own.evened()?));
    own.clone().excess().or_else(wider)
}

/// The multipliers of a minorant, and its gradient.
#[derive(Clone)]
struct Minorant<'a> {
    model: &'a Model,
    slopes: Vec<f64>,
    /// Lines whose multipliers are numbers by themselves; those of the others follow from their slopes.
    is_free: Vec<bool>,
    multipliers: Vec<Ball>,
    /// What the multipliers of free lines do, where kinks nest: by line.
    effects: Vec<(usize, Effect)>,
    /// The `vᵢ`.
    adjoints: Vec<Ball>,
    /// How far each multiplier surely is from those of the two sides.
    room: Vec<f64>,
    gradient: Vec<Ball>,
    /// The magnitudes of what that is a sum of.
    terms: Vec<f64>,
}

/// The derivatives by the multiplier of a line: of the gradient, and of the adjoints of earlier lines.
#[derive(Clone)]
struct Effect {
    row: Vec<Ball>,
    through: Vec<Ball>,
}

/// Variables that hang together, with as many lines, which determine them.
struct Block {
    variables: Vec<usize>,
    lines: Vec<usize>,
    /// The derivatives of the gradient by the variables, by the multipliers of the lines.
    matrix: Vec<Ball>,
    inverse: Vec<f64>,
}

/// Variables in a block: the inverse of its matrix takes some cubes of it.
const MOST: usize = 512;

/// Rooms are alike up to this exponent.
const ALIKE: f64 = 4.0;

/// How many times the rounding of one operation each slope may be off.
const RECORDED: f64 = 4.0;

/// Of the room, so much may be used at most.
const USED: f64 = 0.5;

impl<'a> Minorant<'a> {
    /// What has these slopes; whether it is a minorant is not sure yet.
    fn new(model: &'a Model, mut slopes: Vec<f64>) -> Self {
        for (slope, line) in slopes.iter_mut().zip(&model.lines) {
            *slope = slope.clamp(line.left.min(line.right), line.left.max(line.right));
        }
        let k = model.lines.len();
        let mut minorant = Minorant {
            model,
            slopes,
            is_free: vec![false; k],
            multipliers: vec![Ball::default(); k],
            effects: Vec::new(),
            adjoints: Vec::new(),
            room: vec![0.0; k],
            gradient: Vec::new(),
            terms: Vec::new(),
        };
        minorant.sum_up();
        minorant
    }

    /// The same with slopes halfway between the two sides where kinks are met that nothing hangs on now, as between two operands
    /// of which a third is as great; none if there are no such kinks.
    fn evened(&self) -> Option<Self> {
        let mut slopes = self.slopes.clone();
        let mut is_changed = false;
        for ((slope, line), adjoint) in slopes.iter_mut().zip(&self.model.lines).zip(&self.adjoints)
        {
            if adjoint.mid.abs() <= adjoint.radius && line.distance.abs() <= line.noise {
                *slope = 0.5 * (line.left + line.right);
                is_changed = true;
            }
        }
        is_changed.then(|| Minorant::new(self.model, slopes))
    }

    /// Computes all but the slopes and the multipliers of free lines.
    fn sum_up(&mut self) {
        let model = self.model;
        self.sum_adjoints();
        self.gradient.clear();
        self.gradient.extend(model.base.iter().map(|&g| Ball::exact(g)));
        self.terms.clone_from(&model.terms);
        for (i, line) in model.lines.iter().enumerate() {
            let adjoint = self.adjoints[i];
            if !self.is_free[i] {
                self.multipliers[i] = adjoint * self.slopes[i];
            }
            let t = self.multipliers[i];
            let sides = [t + adjoint * -line.left, adjoint * line.right + t * -1.0];
            self.room[i] = sides[0].low().min(sides[1].low());
            if t != Ball::default() {
                for (j, a) in model.row(i).entries() {
                    self.gradient[j] = self.gradient[j] + t * a;
                    self.terms[j] += (t.mid * a).abs();
                }
            }
        }
    }

    /// The adjoints: what they are without the free lines, and what each of these adds. So what cancels for
    /// whatever multipliers does so exactly: of a maximum, that on the lines of operands that are not the greatest.
    fn sum_adjoints(&mut self) {
        let model = self.model;
        self.adjoints.clear();
        self.adjoints.extend(model.lines.iter().map(|line| Ball::exact(line.weight)));
        if model.is_flat() {
            return;
        }
        for i in (0..model.lines.len()).rev().filter(|&i| !self.is_free[i]) {
            let t = self.adjoints[i] * self.slopes[i];
            if t != Ball::default() {
                for &(j, by) in model.deps_of(i) {
                    self.adjoints[j as usize] = self.adjoints[j as usize] + t * by;
                }
            }
        }
        for (i, effect) in &self.effects {
            let t = self.multipliers[*i].mid;
            for (adjoint, own) in self.adjoints.iter_mut().zip(&effect.through) {
                *adjoint = *adjoint + *own * t;
            }
        }
    }

    /// How far the derivative by line `i` surely is from one with which its kink bends downwards.
    fn upwards(&self, i: usize) -> f64 {
        let line = &self.model.lines[i];
        match line.right - line.left {
            0.0 => f64::INFINITY,
            bend => (self.adjoints[i] * bend.signum()).low(),
        }
    }

    /// Whether nothing at all hangs on variable `j` in the minorant.
    fn is_idle(&self, j: usize) -> bool {
        self.terms[j] == 0.0 && self.gradient[j] == Ball::default()
    }

    /// What the gradient by variable `j` is nowhere above in magnitude.
    fn most(&self, j: usize) -> f64 {
        self.gradient[j].most() + RECORDED * f64::EPSILON * self.terms[j]
    }

    fn excess(mut self) -> Option<f64> {
        /// Where kinks nest, less room than this share is none: it must do for what other lines pass on.
        const NARROW: f64 = 64.0 * f64::EPSILON;
        /// Effects take a number for each line and free line.
        const EFFECTS: usize = 1 << 22;
        let is_flat = self.model.is_flat();
        for (i, line) in self.model.lines.iter().enumerate() {
            let wide = self.adjoints[i].mid.abs() * (line.right - line.left).abs();
            let least = if is_flat { 0.0 } else { NARROW * wide };
            self.is_free[i] = self.room[i] > least;
            if self.is_free[i] {
                self.multipliers[i].radius = 0.0;
            }
        }
        if !is_flat {
            let free: Vec<usize> = (0..self.is_free.len()).filter(|&i| self.is_free[i]).collect();
            if free.len() * (self.is_free.len() + self.model.dim()) > EFFECTS {
                return None;
            }
            self.effects = free.into_iter().map(|i| (i, self.effect(i))).collect();
        }
        self.sum_up();
        let blocks = self.blocks()?;
        for block in &blocks {
            for (row, &i) in block.inverse.chunks_exact(block.lines.len()).zip(&block.lines) {
                let off = row.iter().zip(&block.variables).map(|(c, &j)| c * self.gradient[j].mid);
                self.multipliers[i].mid -= off.sum::<f64>();
            }
        }
        self.sum_up();
        let mut moves = vec![0.0; self.model.lines.len()];
        for block in &blocks {
            let room: Vec<f64> = block.lines.iter().map(|&i| self.room[i]).collect();
            let most: Vec<f64> = block.variables.iter().map(|&j| self.most(j)).collect();
            if !room.iter().all(|room| *room > 0.0) {
                return None;
            }
            let share = inverse::share(&block.matrix, &block.inverse, &most, &room)?;
            if share > USED {
                return None;
            }
            block.lines.iter().zip(room).for_each(|(&i, room)| moves[i] = share * room);
        }
        self.gap(&moves)
    }

    /// The gap, if multipliers that are off by so much are still those of a minorant.
    fn gap(&self, moves: &[f64]) -> Option<f64> {
        const ROUNDED: f64 = 1e-9;
        let model = self.model;
        let mut passed = vec![0.0; model.lines.len()];
        for (i, effect) in &self.effects {
            let own = passed.iter_mut().zip(&effect.through);
            own.for_each(|(sum, own)| *sum += own.most() * moves[*i]);
        }
        let mut gap = 0.0;
        for (i, line) in model.lines.iter().enumerate() {
            let (adjoint, passed) = (self.adjoints[i], passed[i] * (1.0 + ROUNDED));
            let held = if self.is_free[i] {
                let beyond = self.multipliers[i] + adjoint * -line.start;
                gap += (beyond.most() + moves[i] + line.start.abs() * passed) * line.distance.abs();
                self.room[i] - moves[i] - line.steepest() * passed >= 0.0
            } else {
                let off = (line.start - self.slopes[i]).abs();
                gap += off * (adjoint.most() + passed) * line.distance.abs();
                true
            };
            let stays = held && self.upwards(i) - passed >= 0.0;
            if !stays {
                return None;
            }
        }
        let gap = gap * (1.0 + ROUNDED);
        gap.is_finite().then_some(gap)
    }

    fn effect(&self, i: usize) -> Effect {
        let model = self.model;
        let mut row = vec![Ball::default(); model.dim()];
        model.row(i).entries().for_each(|(j, a)| row[j] = Ball::exact(a));
        let mut through = vec![Ball::default(); i];
        model.deps_of(i).iter().for_each(|&(j, by)| through[j as usize] = Ball::exact(by));
        for j in (0..i).rev().filter(|&j| !self.is_free[j]) {
            let t = through[j] * self.slopes[j];
            if t != Ball::default() {
                for (column, a) in model.row(j).entries() {
                    row[column] = row[column] + t * a;
                }
                for &(before, by) in model.deps_of(j) {
                    through[before as usize] = through[before as usize] + t * by;
                }
            }
        }
        Effect { row, through }
    }

    /// Blocks of all variables but those that nothing hangs on; none if lines are missing.
    fn blocks(&self) -> Option<Vec<Block>> {
        let mut blocks = Vec::new();
        for (variables, mut lines) in self.parts() {
            if variables.iter().all(|&j| self.is_idle(j)) {
                continue;
            }
            // The more room the better; of alike ones the shorter rows.
            let entries = |i: usize| self.model.row(i).entries().filter(|(_, a)| *a != 0.0);
            let alike = |i: usize| (self.room[i].log2() / ALIKE).round();
            let keys = lines.iter().map(|&i| (-alike(i), entries(i).count(), i));
            let mut keys: Vec<(f64, usize, usize)> = keys.collect();
            keys.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            lines = keys.into_iter().map(|(.., i)| i).collect();
            if variables.len() <= MOST {
                blocks.push(self.block(variables, &lines)?);
                continue;
            }
            lines.retain(|&i| entries(i).count() == 1);
            for j in variables {
                let own = lines.iter().find(|&&i| entries(i).all(|(column, _)| column == j));
                blocks.push(self.block(vec![j], &[*own?])?);
            }
        }
        Some(blocks)
    }

    /// The variables that hang together by free lines, with those lines.
    fn parts(&self) -> Vec<(Vec<usize>, Vec<usize>)> {
        let (model, n) = (self.model, self.model.dim());
        let free: Vec<usize> = (0..self.is_free.len()).filter(|&i| self.is_free[i]).collect();
        if !model.is_flat() {
            return vec![((0..n).collect(), free)];
        }
        let mut parents: Vec<usize> = (0..n).collect();
        let first = |i: usize| model.row(i).entries().find(|(_, a)| *a != 0.0).map(|(j, _)| j);
        for &i in &free {
            let Some(to) = first(i) else { continue };
            for (j, _) in model.row(i).entries().filter(|(_, a)| *a != 0.0) {
                let (to, from) = (root(&mut parents, to), root(&mut parents, j));
                parents[from] = to;
            }
        }
        let mut parts = vec![(Vec::new(), Vec::new()); n];
        (0..n).for_each(|j| parts[root(&mut parents, j)].0.push(j));
        for i in free {
            if let Some(j) = first(i) {
                parts[root(&mut parents, j)].1.push(i);
            }
        }
        parts.retain(|(variables, _)| !variables.is_empty());
        parts
    }

    /// As many independent lines as variables, the first ones of a list.
    fn block(&self, variables: Vec<usize>, lines: &[usize]) -> Option<Block> {
        let m = variables.len();
        let mut span = Span::new(m);
        let (mut chosen, mut rows) = (Vec::new(), Vec::new());
        for &i in lines {
            if chosen.len() == m {
                break;
            }
            let row = self.row_of(i, &variables);
            if span.add(&row.iter().map(|a| a.mid).collect::<Vec<_>>()) {
                chosen.push(i);
                rows.push(row);
            }
        }
        if chosen.len() < m {
            return None;
        }
        let matrix: Vec<Ball> = (0..m * m).map(|at| rows[at % m][at / m]).collect();
        let mids: Vec<f64> = matrix.iter().map(|ball| ball.mid).collect();
        let inverse = inverse::inverse(&mids, m)?;
        Some(Block { variables, lines: chosen, matrix, inverse })
    }

    /// The derivatives of the gradient by some variables, by the multiplier of a line.
    fn row_of(&self, i: usize, variables: &[usize]) -> Vec<Ball> {
        if let Ok(at) = self.effects.binary_search_by_key(&i, |(i, _)| *i) {
            return self.effects[at].1.row.clone();
        }
        let mut row = vec![Ball::default(); variables.len()];
        for (j, a) in self.model.row(i).entries().filter(|(_, a)| *a != 0.0) {
            if let Ok(at) = variables.binary_search(&j) {
                row[at] = Ball::exact(a);
            }
        }
        row
    }
}

/// The first of the variables that hang together with one.
fn root(parents: &mut [usize], mut j: usize) -> usize {
    while parents[j] != j {
        parents[j] = parents[parents[j]];
        j = parents[j];
    }
    j
}
