//! The lines of a kink, by the shape of its corner.

use super::bend::Bend;
use super::{Extraction, Value};
use crate::Real;
use crate::op::Corner;
use crate::op::nary;
use crate::polyhedral::model::{Line, LineShape};
use crate::tape::Kink;

impl<F: Real> Extraction<'_, F> {
    /// Adds the lines of a kink; `None` if it counts as smooth.
    pub(super) fn kink(&mut self, at: usize, kink: &Kink) -> Option<Value> {
        let statement = |operand: usize| kink.statements()[operand].map(|place| place.at());
        let met = kink.distance() == 0.0;
        match kink.corner() {
            Corner::Sides(sides) => {
                let line = Line::sides(kink.distance(), sides.left, sides.right, at);
                let operand = kink.operands()[0];
                let line = self.line(line, &[(statement(0)?, 1.0)], &[], operand.abs());
                let model = &self.out.model;
                let deps = model.deps_of(line as usize).iter();
                let operand = deps.map(|&(j, by)| self.bends[j as usize].times(by));
                let operand = operand.fold(Bend::Straight, Bend::plus);
                let bend = operand.through(sides.left, sides.right);
                self.bends[line as usize] = if kink.is_alike() { bend } else { Bend::Unknown };
                Some(Value { statement: None, lines: vec![line] })
            }
            Corner::Tie { greater } => {
                let (bend, rows) = self.tied(kink, greater);
                let value = self.tie(at, kink, greater, 0..kink.operands().len());
                for &line in &value.lines {
                    self.bends[line as usize] = bend;
                }
                if let Some(rows) = rows {
                    self.out.ties.push((self.out.model.lines.len() - 1, rows));
                }
                Some(value)
            }
            Corner::Jump => {
                self.out.singular |= met;
                None
            }
            Corner::Apex => Some(self.cone(at, kink)),
            Corner::Branch { above } if met => {
                let operands: Vec<Option<usize>> = (0..3).map(statement).collect();
                Some(self.branch(at, &operands, above))
            }
            Corner::Branch { .. } => None,
        }
    }

    /// The lines of a maximum, or minimum, of some operands: a tree of maxima of two, each
    /// `max(a, b) = a + max(b - a, 0)`.
    fn tie(
        &mut self,
        at: usize,
        kink: &Kink,
        greater: bool,
        range: std::ops::Range<usize>,
    ) -> Value {
        if range.len() == 1 {
            let statement = kink.statements()[range.start].map(|place| place.at());
            return Value { statement, lines: Vec::new() };
        }
        let middle = range.start + range.len() / 2;
        let best = |range: std::ops::Range<usize>| {
            let values = kink.operands()[range].iter().copied();
            values.reduce(if greater { f64::max } else { f64::min }).unwrap_or(0.0)
        };
        let (a, b) = (best(range.start..middle), best(middle..range.end));
        let mut first = self.tie(at, kink, greater, range.start..middle);
        let second = self.tie(at, kink, greater, middle..range.end);
        let (left, right) = if greater { (0.0, 1.0) } else { (1.0, 0.0) };
        let seeds: Vec<(usize, f64)> = [(second.statement, 1.0), (first.statement, -1.0)]
            .into_iter()
            .filter_map(|(at, by)| Some((at?, by)))
            .collect();
        let deps: Vec<(u32, f64)> = second
            .lines
            .iter()
            .map(|&j| (j, 1.0))
            .chain(first.lines.iter().map(|&j| (j, -1.0)))
            .collect();
        let line = Line::sides(b - a, left, right, at);
        first.lines.push(self.line(line, &seeds, &deps, a.abs().max(b.abs())));
        first
    }

    /// How a tie bends, and the gradients of its operands, if there are more than two, they depend on no
    /// other kink, and they are asked for.
    fn tied(&mut self, kink: &Kink, greater: bool) -> (Bend, Option<Vec<Vec<f64>>>) {
        let mut bend = if greater { Bend::Up } else { Bend::Down };
        let keeps = self.keep_ties && kink.operands().len() > 2;
        let (mut rows, mut nested) = (Vec::new(), false);
        for place in kink.statements() {
            if let Some(place) = place {
                self.sweep(&[(place.at(), 1.0)]);
            }
            bend = bend.plus(self.bend_met());
            nested |= !self.lines_met.is_empty();
            self.take_lines();
            if keeps {
                rows.push(self.row.clone());
            }
            self.forget_row();
        }
        (bend, (keeps && !nested).then_some(rows))
    }

    /// The bend of the sum of the lines met.
    pub(super) fn bend_met(&self) -> Bend {
        let met = self.lines_met.iter().map(|&j| j as usize);
        let terms = met.map(|j| self.bends[j].times(self.by_line[j]));
        terms.fold(Bend::Straight, Bend::plus)
    }

    /// The lines of the tip of a cone.
    fn cone(&mut self, at: usize, kink: &Kink) -> Value {
        let operands: Vec<(usize, f64)> = kink
            .statements()
            .iter()
            .zip(kink.operands())
            .filter_map(|(place, &x)| Some((place.as_ref()?.at(), x)))
            .collect();
        let length = nary::Norm::of(operands.iter().map(|&(_, x)| x));
        let m = operands.len() as u32;
        let mut lines = Vec::new();
        for (k, &(operand, x)) in (0..).zip(&operands) {
            let start = if length.value() > 0.0 { length.slope(x) } else { 0.0 };
            let line = Line::sides(x, -1.0, 1.0, at);
            let line = Line { group: (k, m - k - 1), shape: LineShape::Apex, start, ..line };
            lines.push(self.line(line, &[(operand, 1.0)], &[], x.abs()));
        }
        // Met but for rounding.
        let mine = self.out.model.lines.len() - lines.len()..;
        let mine = &mut self.out.model.lines[mine];
        if mine.iter().all(|line| line.distance.abs() <= line.noise) {
            mine.iter_mut().for_each(|line| line.start = 0.0);
        }
        let straight = lines.iter().all(|&i| self.out.model.deps_of(i as usize).is_empty());
        let bend = if straight { Bend::Up } else { Bend::Unknown };
        lines.iter().for_each(|&i| self.bends[i as usize] = bend);
        Value { statement: None, lines }
    }

    fn branch(&mut self, at: usize, operands: &[Option<usize>], above: bool) -> Value {
        let mut lines = Vec::new();
        for (k, operand) in (0..).zip(operands) {
            let line = Line::sides(0.0, 0.0, 1.0, at);
            let line = Line { group: (k, 2 - k), shape: LineShape::Branch { above }, ..line };
            let seeds: Vec<(usize, f64)> = operand.iter().map(|&at| (at, 1.0)).collect();
            lines.push(self.line(line, &seeds, &[], 0.0));
        }
        Value { statement: None, lines }
    }

    /// Adds a line, which is a sum of statements and other lines' `z`.
    fn line(
        &mut self,
        line: Line,
        seeds: &[(usize, f64)],
        deps: &[(u32, f64)],
        magnitude: f64,
    ) -> u32 {
        for &(j, by) in deps {
            self.add_line(j, by);
        }
        self.sweep(seeds);
        let deps = self.take_lines();
        self.out.model.deps.extend(deps);
        let terms: f64 = if self.sort_touched() {
            let row = self.touched.iter().map(|&j| (self.row[j as usize], self.sizes[j as usize]));
            row.map(|(a, x)| (a * x).abs()).sum()
        } else {
            self.row.iter().zip(&self.sizes).map(|(a, x)| (a * x).abs()).sum()
        };
        let own = 8.0 * F::epsilon().to_double() * (terms + magnitude);
        let model = &self.out.model;
        let from = model.lines.last().map_or(0, |line| line.deps_end);
        let passed = model.deps[from..].iter().map(|&(j, by)| {
            let line = &model.lines[j as usize];
            by.abs() * line.steepest() * line.noise
        });
        let noise = own + passed.sum::<f64>();
        self.out.model.rows.push(&self.row, &self.touched);
        self.forget_row();
        self.out.model.end_line(Line { noise, ..line });
        self.by_line.push(0.0);
        self.bends.push(Bend::Unknown);
        (self.out.model.lines.len() - 1) as u32
    }
}

impl Line {
    /// A line with two sides.
    pub(crate) fn sides(distance: f64, left: f64, right: f64, kink: usize) -> Self {
        Line {
            shift: distance,
            distance,
            start: 0.0,
            left,
            right,
            kink,
            weight: 0.0,
            unit: 1.0,
            noise: 0.0,
            size: 0.0,
            deps_end: 0,
            group: (0, 0),
            shape: LineShape::Sides,
        }
    }
}
