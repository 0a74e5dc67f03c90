//! Piecewise-linear functions in switching form.
//!
//! ```text
//! uᵢ = cᵢ + aᵢ · x + Σ Lᵢⱼ zⱼ   over earlier lines j
//! zᵢ = sᵢ uᵢ                    sᵢ = lᵢ below 0, rᵢ above
//! f  = g · x + Σ wᵢ zᵢ
//! ```
//!
//! Each line `uᵢ` has its kink at 0. Any piecewise-linear function can be written so; it is the
//! abs-normal form of A. Griewank, "On stable piecewise linearization and generalized algorithmic
//! differentiation", Optimization Methods and Software 28, 2013, with two slopes in place of `abs`.
//! A maximum of several numbers is a chain of rectifiers of differences.
//!
//! Other kinks are those of a group of lines, all of them 0 there. Off the tip of a cone, `z = ‖u‖`, their
//! slopes `s` are the entries of a unit vector; a cone that is not met at 0 counts as linear, with the
//! slopes that it has at 0.

use super::least::Support;
use super::matrix::{Matrix, MatrixRow};
use super::span::{add_scaled, dot, norm};

/// One line, `uᵢ`.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// `cᵢ`.
    pub(crate) shift: f64,
    /// `uᵢ` at 0.
    pub(crate) distance: f64,
    /// `sᵢ` at 0; 0 at the kink of a group.
    pub(crate) start: f64,
    /// `lᵢ`.
    pub(crate) left: f64,
    /// `rᵢ`.
    pub(crate) right: f64,
    /// `wᵢ`.
    pub(crate) weight: f64,
    /// What it was multiplied with.
    pub(crate) unit: f64,
    /// Nearer to 0 than this is at the kink: the rounding error of `cᵢ`.
    pub(crate) noise: f64,
    /// The norm of `aᵢ`, and of all that the line depends on.
    pub(crate) size: f64,
    /// Where its dependences on earlier lines end in the list of all.
    pub(crate) deps_end: usize,
    /// The kink that it belongs to, as its maker numbers them.
    pub(crate) kink: usize,
    /// How many lines before and after it belong to the same kink.
    pub(crate) group: (u32, u32),
    pub(crate) shape: LineShape,
}

impl Line {
    /// The greater magnitude of its slopes.
    pub(crate) fn steepest(&self) -> f64 {
        self.left.abs().max(self.right.abs())
    }
}

/// What the kink of a line, or of a group of lines, is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum LineShape {
    /// Two slopes: a line by itself.
    Sides,
    /// The tip of a cone: `z = ‖u‖` over the group.
    Apex,
    /// A group of three: of the last two the former counts where the first is above 0, or below,
    /// else the latter. Only at the tie itself.
    Branch {
        /// Whether above.
        above: bool,
    },
}

/// The function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    /// `g`.
    pub(crate) base: Vec<f64>,
    /// What it were if nothing in it cancelled.
    pub(crate) terms: Vec<f64>,
    pub(crate) lines: Vec<Line>,
    /// The `aᵢ`.
    pub(crate) rows: Matrix,
    /// The `Lᵢⱼ` other than 0, with their `j`.
    pub(crate) deps: Vec<(u32, f64)>,
    /// Whether it is convex, as far as the rules of composition tell.
    pub(crate) convex: bool,
    /// Whether what it is the model of may be other than piecewise linear.
    pub(crate) curved: bool,
    /// Whether that may jump.
    pub(crate) jumps: bool,
    /// The variables that nothing recorded depends on.
    pub(crate) unused: Vec<usize>,
}

impl Model {
    pub(crate) fn dim(&self) -> usize {
        self.base.len()
    }

    /// Whether no kink depends on another.
    pub(crate) fn is_flat(&self) -> bool {
        self.deps.is_empty()
    }

    #[inline]
    pub(crate) fn row(&self, i: usize) -> MatrixRow<'_> {
        self.rows.row(i)
    }

    /// `aᵢ` in full.
    pub(crate) fn full_row(&self, i: usize) -> Vec<f64> {
        let mut full = vec![0.0; self.dim()];
        self.row(i).copy_to(&mut full);
        full
    }

    #[inline]
    pub(crate) fn deps_of(&self, i: usize) -> &[(u32, f64)] {
        let from = if i == 0 { 0 } else { self.lines[i - 1].deps_end };
        &self.deps[from..self.lines[i].deps_end]
    }

    /// The lines of the kink that line `i` belongs to.
    pub(crate) fn group(&self, i: usize) -> std::ops::Range<usize> {
        let (before, after) = self.lines[i].group;
        i - before as usize..i + after as usize + 1
    }

    /// The adjoints of the lines' `z`, and the gradient, where their slopes are these.
    pub(crate) fn gradient(&self, slopes: &[f64], adjoints: &mut Vec<f64>, out: &mut [f64]) {
        out.copy_from_slice(&self.base);
        adjoints.clear();
        adjoints.extend(self.lines.iter().map(|line| line.weight));
        for i in (0..self.lines.len()).rev() {
            let adjoint = slopes[i] * adjoints[i];
            if adjoint != 0.0 {
                self.row(i).add_to(adjoint, out);
                for &(j, by) in self.deps_of(i) {
                    adjoints[j as usize] += adjoint * by;
                }
            }
        }
    }

    /// The gradient where the slopes of two-sided lines, and of groups at their kinks, are these. A cone between
    /// its tips is smooth, and its slopes are its own.
    pub(crate) fn gradient_with(&self, slopes: &[f64]) -> Vec<f64> {
        let own = |i: usize| if self.is_met(i) { slopes[i] } else { self.lines[i].start };
        let own: Vec<f64> = (0..self.lines.len()).map(own).collect();
        let mut gradient = vec![0.0; self.dim()];
        self.gradient(&own, &mut Vec::new(), &mut gradient);
        gradient
    }

    /// The greatest derivative of the function by each line, from the last to the first, if nothing cancels.
    pub(crate) fn each_steepest(&self, mut visit: impl FnMut(usize, f64)) {
        let mut passing: Vec<f64> = self.lines.iter().map(|line| line.weight.abs()).collect();
        for (i, line) in self.lines.iter().enumerate().rev() {
            let by = passing[i] * line.steepest();
            self.deps_of(i).iter().for_each(|&(j, own)| passing[j as usize] += by * own.abs());
            visit(i, by);
        }
    }

    /// What the terms of the gradient come to, where the slopes are these.
    pub(crate) fn steepness(&self, slopes: &[f64]) -> f64 {
        let mut passing: Vec<f64> = self.lines.iter().map(|line| line.weight.abs()).collect();
        let mut sum = norm(&self.terms);
        for (i, slope) in slopes.iter().enumerate().rev() {
            let by = passing[i] * slope.abs();
            self.deps_of(i).iter().for_each(|&(j, own)| passing[j as usize] += by * own.abs());
            sum += by * self.row(i).norm();
        }
        sum
    }

    /// What the derivative by each variable is nowhere above in magnitude.
    pub(crate) fn steepest_by_variable(&self) -> Vec<f64> {
        let mut slopes = self.terms.clone();
        self.each_steepest(|i, by| {
            self.row(i).entries().for_each(|(j, a)| slopes[j] += (by * a).abs());
        });
        slopes
    }

    /// The gradient of `uᵢ`, where the slopes are these.
    pub(crate) fn line_gradient(&self, i: usize, slopes: &[f64], out: &mut [f64]) {
        self.row(i).copy_to(out);
        if self.deps_of(i).is_empty() {
            return;
        }
        let mut adjoints = vec![0.0; i];
        for &(j, by) in self.deps_of(i) {
            adjoints[j as usize] += by;
        }
        for j in (0..i).rev() {
            let adjoint = slopes[j] * adjoints[j];
            if adjoint != 0.0 {
                self.row(j).add_to(adjoint, out);
                for &(h, by) in self.deps_of(j) {
                    adjoints[h as usize] += adjoint * by;
                }
            }
        }
    }

    /// The `uᵢ` at `x`, or with `shifted = false` their rates along `x`. `slope(i, u)` is told each in
    /// turn, an apex's last line with all of them known, and writes the slopes.
    pub(crate) fn forward(
        &self,
        x: &[f64],
        shifted: bool,
        u: &mut Vec<f64>,
        slopes: &mut [f64],
        mut slope: impl FnMut(usize, &[f64], &mut [f64]),
    ) {
        u.clear();
        for i in 0..self.lines.len() {
            let mut value = self.row(i).dot(x);
            if shifted {
                value += self.lines[i].shift;
            }
            for &(j, by) in self.deps_of(i) {
                value += by * slopes[j as usize] * u[j as usize];
            }
            u.push(value);
            slope(i, u, slopes);
        }
    }

    /// The value at `x`.
    pub(crate) fn value(&self, x: &[f64]) -> f64 {
        let (u, slopes) = self.lines_at(x);
        let kinks = self.lines.iter().zip(u).zip(slopes).map(|((line, u), s)| line.weight * s * u);
        dot(&self.base, x) + kinks.sum::<f64>()
    }

    /// The `uᵢ` at `x`, and the slopes there.
    pub(crate) fn lines_at(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let (mut u, mut slopes) = (Vec::new(), vec![0.0; self.lines.len()]);
        self.forward(x, true, &mut u, &mut slopes, |i, u, slopes| {
            if self.is_met(i) {
                self.choose(i, u, slopes);
            } else {
                slopes[i] = self.lines[i].start;
            }
        });
        (u, slopes)
    }

    /// The gradient at 0, on some side of each kink, where no kink depends on another.
    pub(crate) fn gradient_at_start(&self) -> Vec<f64> {
        let mut gradient = self.base.clone();
        for (i, line) in self.lines.iter().enumerate() {
            self.row(i).add_to(line.weight * line.start, &mut gradient);
        }
        gradient
    }

    /// Adds a line, by its distance; its row and dependences are in the lists already.
    pub(crate) fn end_line(&mut self, line: Line) {
        let from = self.lines.last().map_or(0, |line| line.deps_end);
        let mut shift = line.distance;
        for &(j, by) in &self.deps[from..] {
            let before = &self.lines[j as usize];
            shift -= by * before.start * before.distance;
        }
        let start = match line.shape {
            LineShape::Sides if line.distance < 0.0 => line.left,
            LineShape::Sides => line.right,
            _ => line.start,
        };
        self.lines.push(Line { shift, start, deps_end: self.deps.len(), ..line });
        let last = self.lines.len() - 1;
        self.lines[last].size = self.size_of(last);
    }

    /// The norm of a line's gradient and of all that it depends on.
    fn size_of(&self, i: usize) -> f64 {
        let passed = self.deps_of(i).iter().map(|&(j, by)| {
            let before = &self.lines[j as usize];
            by.abs() * before.steepest() * before.size
        });
        self.row(i).norm() + passed.sum::<f64>()
    }

    /// Makes it a function of `x` in other units, and each line one in a unit of its own, a power of two in
    /// which its gradient is between 1 and 2 long.
    pub(crate) fn rescale(&mut self, units: &[f64]) {
        for base in [&mut self.base, &mut self.terms] {
            base.iter_mut().zip(units).for_each(|(a, unit)| *a *= unit);
        }
        self.rows.scale_columns(units);
        let (mut from, mut end) = (0, 0);
        for i in 0..self.lines.len() {
            // A group has one unit.
            if i == end {
                end = self.group(i).end;
                let sizes = (i..end).map(|j| self.row(j).norm() / self.lines[j].unit);
                let unit = power_below(sizes.fold(0.0, f64::max)).recip();
                (i..end).for_each(|j| self.measure_line(j, unit));
            }
            for at in from..self.lines[i].deps_end {
                let before = self.lines[self.deps[at].0 as usize].unit;
                self.deps[at].1 *= self.lines[i].unit / before;
            }
            from = self.lines[i].deps_end;
            self.lines[i].size = self.size_of(i);
        }
    }

    /// Puts a line whose unit is 1 into another, but for what it depends on.
    fn measure_line(&mut self, i: usize, unit: f64) {
        self.rows.scale_row(i, unit);
        let line = &mut self.lines[i];
        for length in [&mut line.distance, &mut line.shift, &mut line.noise] {
            *length *= unit;
        }
        line.weight /= unit;
        line.unit = unit;
    }

    /// Makes it a function in another unit.
    pub(crate) fn rescale_value(&mut self, unit: f64) {
        self.base.iter_mut().chain(&mut self.terms).for_each(|g| *g /= unit);
        self.lines.iter_mut().for_each(|line| line.weight /= unit);
    }

    /// Whether line `i` has two sides, or belongs to a group that is at its kink at 0.
    pub(crate) fn is_met(&self, i: usize) -> bool {
        let line = &self.lines[i];
        line.shape == LineShape::Sides || self.lines[self.group(i)].iter().all(|l| l.start == 0.0)
    }

    /// The slopes of line `i` at these `u`; those of a group, if it is the last of it.
    #[inline]
    pub(crate) fn choose(&self, i: usize, u: &[f64], slopes: &mut [f64]) {
        let line = &self.lines[i];
        if line.shape == LineShape::Sides {
            slopes[i] = if u[i] < 0.0 { line.left } else { line.right };
        } else if line.group.1 == 0 {
            choose_group(line.shape, &u[self.group(i)], &mut slopes[self.group(i)]);
        }
    }
}

/// The power of two next below, or 1 of what has none.
pub(crate) fn power_below(x: f64) -> f64 {
    const EXPONENT: u64 = 0x7FF << 52;
    let power = f64::from_bits(x.to_bits() & EXPONENT);
    if power.is_normal() && power.recip().is_normal() { power } else { 1.0 }
}

fn choose_group(shape: LineShape, u: &[f64], slopes: &mut [f64]) {
    match shape {
        LineShape::Sides => {}
        LineShape::Apex => {
            let length = norm(u);
            for (slope, u) in slopes.iter_mut().zip(u) {
                *slope = if length > 0.0 { u / length } else { 0.0 };
            }
        }
        LineShape::Branch { above } => {
            let holds = if above { u[0] > 0.0 } else { u[0] < 0.0 };
            slopes.copy_from_slice(if holds { &[0.0, 1.0, 0.0] } else { &[0.0, 0.0, 1.0] });
        }
    }
}

/// The gradients of the pieces that meet at a point: the active lines are at their kinks there, the
/// others have their slopes. The piece given for a direction is one that the direction enters.
pub(crate) struct Pieces<'a> {
    pub(crate) model: &'a Model,
    /// Of the lines that are not active; anything for those that are.
    pub(crate) slopes: Vec<f64>,
    pub(crate) active: &'a [usize],
    is_active: Vec<bool>,
    /// A direction that is in general position, for what another leaves open.
    generic: Vec<f64>,
    generic_rates: Vec<f64>,
    adjoints: Vec<f64>,
    /// By how much each line changes along the direction entered last.
    pub(crate) rates: Vec<f64>,
    /// What is added to each gradient.
    pub(crate) offset: Vec<f64>,
    /// Where no kink depends on another: the gradient of all but the active lines, with `offset`.
    centre: Vec<f64>,
}

/// A rate below this share of its terms is 0.
pub(crate) const STILL: f64 = 1e-12;

impl<'a> Pieces<'a> {
    pub(crate) fn new(
        model: &'a Model,
        slopes: &[f64],
        active: &'a [usize],
        offset: Vec<f64>,
    ) -> Self {
        let mut is_active = vec![false; model.lines.len()];
        let mut slopes = slopes.to_vec();
        for &i in active {
            is_active[i] = true;
            slopes[i] = 0.0;
        }
        let mut pieces = Pieces {
            model,
            slopes,
            active,
            is_active,
            generic: generic_direction(model.dim()),
            generic_rates: Vec::new(),
            adjoints: Vec::new(),
            rates: Vec::new(),
            centre: vec![0.0; model.dim()],
            offset,
        };
        if model.is_flat() {
            model.gradient(&pieces.slopes, &mut pieces.adjoints, &mut pieces.centre);
            add_scaled(&mut pieces.centre, 1.0, &pieces.offset);
        }
        pieces
    }

    /// The slopes of the piece that the direction `-x` enters.
    pub(crate) fn enter(&mut self, x: &[f64]) {
        if self.model.is_flat() {
            for at in 0..self.active.len() {
                let i = self.active[at];
                if self.model.group(i).end == i + 1 {
                    let group = self.model.group(i);
                    self.rates.resize(self.model.lines.len(), 0.0);
                    self.generic_rates.resize(self.model.lines.len(), 0.0);
                    for j in group {
                        let row = self.model.row(j);
                        self.rates[j] = -row.dot(x);
                        self.generic_rates[j] = row.dot(&self.generic);
                    }
                    self.settle(i, norm(x));
                }
            }
            return;
        }
        self.rates.clear();
        self.generic_rates.clear();
        let length = norm(x);
        for i in 0..self.model.lines.len() {
            let row = self.model.row(i);
            let (mut rate, mut generic) = (-row.dot(x), row.dot(&self.generic));
            for &(j, by) in self.model.deps_of(i) {
                let by = by * self.slopes[j as usize];
                rate += by * self.rates[j as usize];
                generic += by * self.generic_rates[j as usize];
            }
            self.rates.push(rate);
            self.generic_rates.push(generic);
            if self.is_active[i] && self.model.group(i).end == i + 1 {
                self.settle(i, length);
            }
        }
    }

    /// Chooses the slopes of an active line, or of an active group by its last line, from its rates.
    fn settle(&mut self, i: usize, length: f64) {
        let group = self.model.group(i);
        let scale = group.clone().map(|j| self.model.lines[j].size).fold(0.0, f64::max) * length;
        // It is the first line of a branch that decides.
        let decide = match self.model.lines[i].shape {
            LineShape::Branch { .. } => group.start..group.start + 1,
            _ => group,
        };
        let moves = self.rates[decide].iter().any(|rate| rate.abs() > STILL * scale);
        let rates = if moves { &self.rates } else { &self.generic_rates };
        self.model.choose(i, rates, &mut self.slopes);
    }
}

impl Support for Pieces<'_> {
    fn least_along(&mut self, x: &[f64], point: &mut [f64]) {
        self.enter(x);
        if self.model.is_flat() {
            point.copy_from_slice(&self.centre);
            for &i in self.active {
                let by = self.slopes[i] * self.model.lines[i].weight;
                self.model.row(i).add_to(by, point);
            }
        } else {
            self.model.gradient(&self.slopes, &mut self.adjoints, point);
            add_scaled(point, 1.0, &self.offset);
        }
    }
}

/// A direction from a fixed seed that no hyperplane met in practice contains.
pub(crate) fn generic_direction(n: usize) -> Vec<f64> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        // Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..n).map(|_| next()).collect()
}
