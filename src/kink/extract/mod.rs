//! The piecewise-linear function that a recording is, to first order, around the point of its recording.

mod bend;

use super::model::{Line, Model, Shape};
use super::rows::Rows;
use crate::op::Corner;
use crate::tape::{Kink, Reading};
use crate::{Real, Var, nary};
use bend::Bend;
use std::collections::BinaryHeap;

/// The function of the step from the point of the recording, less its value there, and what is not in
/// it.
#[derive(Debug, Default)]
pub(crate) struct Extract {
    pub(crate) model: Model,
    /// A kink was met that has no limiting gradients: `atan2` at the origin.
    pub(crate) singular: bool,
    /// The gradients of the operands of each tie of more than two, if it depends on no other kink and
    /// they were asked for; with its last line.
    pub(crate) ties: Vec<(usize, Vec<Vec<f64>>)>,
}

/// What a statement stands for while a line is swept back.
#[derive(Clone, Copy)]
enum Role {
    Between,
    Parameter(u32),
    /// A kink, by its place in `values`.
    Kink(u32),
    /// A statement with a gradient of its own, by its place in `shared`.
    Shared(u32),
}

/// How the value of a kink is made up: a statement, and lines.
struct Value {
    statement: Option<usize>,
    lines: Vec<u32>,
}

/// Reads the function off. Kinks further away than `radius` are left out: their operations count as
/// smooth, and so do branches that are not met exactly.
pub(crate) fn extract<F: Real>(
    output: &Var<F>,
    parameters: &[Var<F>],
    radius: f64,
    ties: bool,
) -> Extract {
    let n = parameters.len();
    // A constant.
    let zeros = vec![0.0; n];
    let model = Model { base: zeros.clone(), terms: zeros, convex: true, ..Model::default() };
    let empty = Extract { model, ..Extract::default() };
    output.reading(|tape| Sweep::new(tape, parameters, ties).run(output, radius)).unwrap_or(empty)
}

struct Sweep<'a, F: Real> {
    tape: &'a Reading<'a, F>,
    roles: Vec<Role>,
    /// The magnitudes of the parameters, which bear rounding errors.
    sizes: Vec<f64>,
    keep_ties: bool,
    values: Vec<Value>,
    /// The gradients of statements, and their derivatives by lines.
    shared: (Rows, Vec<Vec<(u32, f64)>>),
    out: Extract,
    adjoints: Vec<f64>,
    waiting: BinaryHeap<usize>,
    is_waiting: Vec<bool>,
    /// The gradient of what is swept back, and its entries other than 0.
    row: Vec<f64>,
    touched: Vec<u32>,
    by_line: Vec<f64>,
    lines_met: Vec<u32>,
    /// How the kink bends that a line is of, as a function of the parameters.
    bends: Vec<Bend>,
}

impl<'a, F: Real> Sweep<'a, F> {
    fn new(tape: &'a Reading<'a, F>, parameters: &[Var<F>], keep_ties: bool) -> Self {
        let statements = tape.statements();
        let mut roles = vec![Role::Between; statements];
        for (j, x) in parameters.iter().enumerate() {
            if let Some(place) = x.place() {
                roles[place] = Role::Parameter(j as u32);
            }
        }
        let mut out = Extract::default();
        out.model.base = vec![0.0; parameters.len()];
        out.model.rows = Rows::new(parameters.len());
        Sweep {
            tape,
            roles,
            sizes: parameters.iter().map(|x| x.value().to_double().abs()).collect(),
            keep_ties,
            values: Vec::new(),
            shared: (Rows::new(parameters.len()), Vec::new()),
            out,
            adjoints: vec![0.0; statements],
            waiting: BinaryHeap::new(),
            is_waiting: vec![false; statements],
            row: vec![0.0; parameters.len()],
            touched: Vec::new(),
            by_line: Vec::new(),
            lines_met: Vec::new(),
            bends: Vec::new(),
        }
    }

    fn run(mut self, output: &Var<F>, radius: f64) -> Extract {
        let uses = self.uses(output);
        let counts = |kink: &&Kink| uses[kink.statement()] > 0 && kink.distance().abs() <= radius;
        let lines = self.tape.kinks.iter().filter(counts).count();
        self.out.model.lines.reserve(lines);
        let mut worth = self.worth_sharing(&uses, lines).into_iter().peekable();
        for (at, kink) in self.tape.kinks.iter().enumerate() {
            let statement = kink.statement();
            while let Some(before) = worth.next_if(|&before| before < statement) {
                self.share(before);
            }
            if counts(&kink)
                && let Some(value) = self.kink(at, kink)
            {
                self.roles[statement] = Role::Kink(self.values.len() as u32);
                self.values.push(value);
            }
        }
        let seeds: Vec<_> = output.edges().map(|(at, by)| (at, by.to_double())).collect();
        self.sweep(&seeds);
        self.out.model.base.copy_from_slice(&self.row);
        self.out.model.terms = self.terms(&seeds);
        self.out.model.convex = matches!(self.bend_met(), Bend::Straight | Bend::Up);
        self.out.model.curved = self.tape.curved;
        self.out.model.jumps = self.tape.jumps;
        for (line, weight) in self.take_lines() {
            self.out.model.lines[line as usize].weight += weight;
        }
        self.out
    }

    /// How often each statement is used on the way to the output.
    fn uses(&self, output: &Var<F>) -> Vec<u32> {
        let mut uses = vec![0; self.tape.statements()];
        output.edges().for_each(|(at, _)| uses[at] += 1);
        let mut kinks = self.tape.kinks.iter().rev().peekable();
        for at in (0..uses.len()).rev() {
            let kink = kinks.next_if(|kink| kink.statement() == at);
            match kink {
                _ if uses[at] == 0 => {}
                Some(kink) => {
                    kink.statements().iter().flatten().for_each(|place| uses[place.at()] += 1);
                }
                None => self.tape.each_edge(at, |parent, _| uses[parent] += 1),
            }
        }
        uses
    }

    /// The statements between parameters and kinks of which more than one line is made, and which take
    /// longer to sweep than a gradient is: it is kept for the next line.
    fn worth_sharing(&self, uses: &[u32], lines: usize) -> Vec<usize> {
        let is_between = |at: usize| matches!(self.roles[at], Role::Between);
        if !uses.iter().enumerate().any(|(at, &uses)| uses > 1 && is_between(at)) {
            return Vec::new();
        }
        let enough = 2 * self.sizes.len() as u32 + 16;
        let mut kinks = self.tape.kinks.iter().map(Kink::statement).peekable();
        // What sweeping back from a statement costs.
        let mut costs = vec![1_u32; uses.len()];
        let mut worth = Vec::new();
        for at in 0..uses.len() {
            if kinks.next_if_eq(&at).is_some() || uses[at] == 0 || !is_between(at) {
                continue;
            }
            let mut cost = 1_u32;
            self.tape.each_edge(at, |parent, _| cost = cost.saturating_add(costs[parent]));
            costs[at] = cost;
            if uses[at] > 1 && cost > enough {
                costs[at] = enough;
                worth.push(at);
            }
        }
        // They are to take no more memory than the lines.
        if worth.len() > lines { Vec::new() } else { worth }
    }

    /// Keeps the gradient of a statement.
    fn share(&mut self, at: usize) {
        self.sweep(&[(at, 1.0)]);
        let deps = self.take_lines();
        self.roles[at] = Role::Shared(self.shared.0.len() as u32);
        self.sort_touched();
        self.shared.0.push(&self.row, &self.touched);
        self.shared.1.push(deps);
        self.forget_row();
    }

    /// Puts the entries of the gradient that are not 0 in order, if they are few.
    fn sort_touched(&mut self) -> bool {
        let few = self.out.model.rows.is_sparse(self.touched.len());
        if few {
            self.touched.sort_unstable();
            self.touched.dedup();
        }
        few
    }

    /// Makes the gradient 0 again.
    fn forget_row(&mut self) {
        if 4 * self.touched.len() > self.row.len() {
            self.row.fill(0.0);
        } else {
            self.touched.iter().for_each(|&j| self.row[j as usize] = 0.0);
        }
        self.touched.clear();
    }

    /// The derivatives by the lines met, in their order, which are then forgotten.
    fn take_lines(&mut self) -> Vec<(u32, f64)> {
        self.lines_met.sort_unstable();
        let by_line = &mut self.by_line;
        let lines = self.lines_met.drain(..).map(|j| (j, std::mem::take(&mut by_line[j as usize])));
        lines.filter(|&(_, by)| by != 0.0).collect()
    }

    /// Adds the lines of a kink; `None` if it counts as smooth.
    fn kink(&mut self, at: usize, kink: &Kink) -> Option<Value> {
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
    fn bend_met(&self) -> Bend {
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
            let line = Line { group: (k, m - k - 1), shape: Shape::Apex, start, ..line };
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
            let line = Line { group: (k, 2 - k), shape: Shape::Branch { above }, ..line };
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

    fn add_line(&mut self, line: u32, by: f64) {
        add_to(&mut self.by_line, &mut self.lines_met, line, by);
    }

    /// Sweeps back from statements to parameters, whose shares go to the gradient, and to kinks.
    fn sweep(&mut self, seeds: &[(usize, f64)]) {
        for &(at, by) in seeds {
            self.pass(at, by);
        }
        let tape = self.tape;
        while let Some(at) = self.waiting.pop() {
            self.is_waiting[at] = false;
            let adjoint = std::mem::take(&mut self.adjoints[at]);
            if adjoint != 0.0 {
                tape.each_edge(at, |parent, partial| {
                    self.pass(parent, adjoint * partial.to_double());
                });
            }
        }
    }

    /// The magnitudes of what the gradient of statements is a sum of, by all ways that lead through no kink.
    fn terms(&mut self, seeds: &[(usize, f64)]) -> Vec<f64> {
        let (roles, tape) = (&self.roles, self.tape);
        let mut terms: Vec<f64> = vec![0.0; self.sizes.len()];
        let mut sizes = std::mem::take(&mut self.adjoints);
        sizes.fill(0.0);
        seeds.iter().for_each(|&(at, by)| sizes[at] += by.abs());
        for at in (0..sizes.len()).rev() {
            let size = std::mem::take(&mut sizes[at]);
            match roles[at] {
                _ if size == 0.0 => {}
                Role::Parameter(j) => terms[j as usize] += size,
                // A tie of several is one of its operands and lines.
                Role::Kink(kink) => {
                    if let Some(statement) = self.values[kink as usize].statement {
                        sizes[statement] += size;
                    }
                }
                Role::Between | Role::Shared(_) => {
                    tape.each_edge(at, |parent, by| sizes[parent] += size * by.to_double().abs());
                }
            }
        }
        self.adjoints = sizes;
        // Of numbers near the end of the range, what they come to.
        let own = terms.iter().zip(&self.out.model.base);
        own.map(|(t, g)| if t.is_finite() { *t } else { g.abs() }).collect()
    }

    /// Adds to the adjoint of a statement.
    fn pass(&mut self, mut at: usize, by: f64) {
        loop {
            match self.roles[at] {
                Role::Parameter(j) => add_to(&mut self.row, &mut self.touched, j, by),
                Role::Between => {
                    self.adjoints[at] += by;
                    if !std::mem::replace(&mut self.is_waiting[at], true) {
                        self.waiting.push(at);
                    }
                }
                Role::Shared(place) => {
                    let (rows, deps) = &self.shared;
                    for (j, own) in rows.row(place as usize).entries() {
                        add_to(&mut self.row, &mut self.touched, j as u32, by * own);
                    }
                    for &(line, own) in &deps[place as usize] {
                        add_to(&mut self.by_line, &mut self.lines_met, line, by * own);
                    }
                }
                Role::Kink(kink) => {
                    for k in 0..self.values[kink as usize].lines.len() {
                        self.add_line(self.values[kink as usize].lines[k], by);
                    }
                    if let Some(statement) = self.values[kink as usize].statement {
                        at = statement;
                        continue;
                    }
                }
            }
            return;
        }
    }
}

/// Adds to an entry; the list holds all that are not 0, some twice if they became 0 between.
#[inline]
fn add_to(entries: &mut [f64], list: &mut Vec<u32>, at: u32, by: f64) {
    let entry = &mut entries[at as usize];
    if *entry == 0.0 {
        list.push(at);
    }
    *entry += by;
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
            shape: Shape::Sides,
        }
    }
}
