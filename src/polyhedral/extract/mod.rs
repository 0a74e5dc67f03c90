//! The piecewise-linear function that a recording is, to first order, around the point of its recording.

mod bend;
mod lines;

use super::matrix::Matrix;
use super::model::Model;
use crate::tape::{Kink, Reading};
use crate::{Real, Var};
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
    let unused = (0..n).collect();
    let model =
        Model { base: zeros.clone(), terms: zeros, convex: true, unused, ..Model::default() };
    let empty = Extract { model, ..Extract::default() };
    output
        .reading(|tape| Extraction::new(tape, parameters, ties).run(output, radius))
        .unwrap_or(empty)
}

struct Extraction<'a, F: Real> {
    tape: &'a Reading<'a, F>,
    roles: Vec<Role>,
    /// The magnitudes of the parameters, which bear rounding errors.
    sizes: Vec<f64>,
    keep_ties: bool,
    values: Vec<Value>,
    /// The gradients of statements, and their derivatives by lines.
    shared: (Matrix, Vec<Vec<(u32, f64)>>),
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

impl<'a, F: Real> Extraction<'a, F> {
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
        out.model.rows = Matrix::new(parameters.len());
        Extraction {
            tape,
            roles,
            sizes: parameters.iter().map(|x| x.value().to_double().abs()).collect(),
            keep_ties,
            values: Vec::new(),
            shared: (Matrix::new(parameters.len()), Vec::new()),
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
        self.out.model.unused = self.unused(&uses);
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

    /// The parameters that are used nowhere.
    fn unused(&self, uses: &[u32]) -> Vec<usize> {
        let mut unused = vec![true; self.sizes.len()];
        for (role, &uses) in self.roles.iter().zip(uses) {
            if let (Role::Parameter(j), true) = (role, uses > 0) {
                unused[*j as usize] = false;
            }
        }
        (0..unused.len()).filter(|&j| unused[j]).collect()
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
