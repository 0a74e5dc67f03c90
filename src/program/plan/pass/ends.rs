//! What a pass ends in: reductions, conditions, scatters.

use super::builder::Builder;
use super::{Asked, Instruction, Source};
use crate::program::ir::entries::UnaryKind;
use crate::program::ir::graph::Id;
use crate::program::ir::operation::{Operation, Reduction};
use crate::program::kernel::MOMENTS;
use crate::program::{Guard, Output, Scatter};
use smallvec::SmallVec;

/// What outlives a pass.
#[derive(Debug)]
pub(super) enum PassEnd {
    Guard {
        at: u32,
        guard: Guard,
    },
    Kink {
        at: u32,
        condition: Id,
    },
    Reduce {
        id: Id,
        reduction: Reduction,
    },
    /// Counted in the order of the outputs.
    Emit {
        into: u32,
        base: u32,
        x: Id,
    },
    /// Counted in the order of the outputs.
    EmitChosen {
        into: u32,
        scatter: Scatter,
    },
    /// Counted in the order of the outputs.
    Scatter {
        into: u32,
        scatter: Scatter,
    },
}

/// The ends of an entry of the table with kinks.
#[derive(Clone, Copy, Default)]
pub(super) struct CornerEnds {
    pub(super) sum: Option<Id>,
    pub(super) kink: Option<u32>,
    pub(super) done: bool,
}

impl Builder<'_> {
    /// The nodes that end in something that outlives the pass: a reduction, or a condition.
    pub(super) fn ends(&self) -> Vec<PassEnd> {
        let graph = self.graph;
        let here = |id: Id| graph.is_varying(id) && graph.stage(id) == self.stage;
        let mut ends = Vec::new();
        for (at, guard) in self.from.program.guards.iter().enumerate() {
            if here(guard.condition) {
                ends.push(PassEnd::Guard { at: at as u32, guard: guard.clone() });
            }
        }
        for (at, (condition, _)) in graph.kinks().enumerate() {
            if here(condition) {
                ends.push(PassEnd::Kink { at: at as u32, condition });
            }
        }
        for id in graph.ids() {
            if let Operation::Reduce(reduction) = graph.operation(id)
                && graph.stage(id) == self.stage + 1
            {
                ends.push(PassEnd::Reduce { id, reduction });
            }
        }
        let outputs = self.from.program.outputs.iter();
        let scatters = outputs.flat_map(|(_, output)| output.scatters());
        let here = scatters.filter(|scatter| scatter.stage(graph) == self.stage);
        let counted = (0..).zip(here);
        ends.extend(counted.map(|(into, scatter)| PassEnd::Scatter { into, scatter: *scatter }));
        let outputs = self.from.program.outputs.iter().map(|(_, output)| output);
        let here = outputs.filter(|output| output.stage_of_rows(graph) == Some(self.stage));
        for (into, output) in (0..).zip(here) {
            if let Output::Rows { entries, scatters, .. } = output {
                let fixed = entries.iter().filter(|(_, x)| graph.is_varying(*x));
                ends.extend(fixed.map(|&(base, x)| PassEnd::Emit { into, base, x }));
                let chosen = scatters.iter();
                ends.extend(chosen.map(|&scatter| PassEnd::EmitChosen { into, scatter }));
            }
        }
        ends
    }

    /// What a node reads when it is a step: its arguments, those of a product that it swallows
    /// included.
    pub(super) fn reads(&self, end: &PassEnd) -> SmallVec<[Id; 3]> {
        match end {
            PassEnd::Guard { guard, .. } => SmallVec::from_slice(&[guard.condition]),
            PassEnd::Kink { condition, .. } => match self.kink_of_line(*condition) {
                Some((_, x)) => SmallVec::from_slice(&[x]),
                None => SmallVec::from_slice(&[*condition]),
            },
            PassEnd::Scatter { scatter, .. } | PassEnd::EmitChosen { scatter, .. } => {
                SmallVec::from_slice(&[scatter.index, scatter.value])
            }
            PassEnd::Emit { x, .. } => SmallVec::from_slice(&[*x]),
            PassEnd::Reduce { id, .. } => {
                let x = self.graph.args(*id)[0];
                match self.swallowed(end) {
                    Some(_) => SmallVec::from_slice(self.graph.args(x)),
                    None => SmallVec::from_slice(&[x]),
                }
            }
        }
    }

    /// The product of two numbers that vary, or entry of the table, that a sum over the rows takes as it
    /// is.
    fn swallowed(&self, end: &PassEnd) -> Option<Operation> {
        let PassEnd::Reduce { id, reduction: Reduction::Sum } = *end else {
            return None;
        };
        let x = self.graph.args(id)[0];
        let operation = self.graph.operation(x);
        let simple = if let Operation::Mul | Operation::Chain(_) = operation {
            self.graph.args(x).iter().all(|&arg| self.graph.is_varying(arg))
        } else {
            matches!(operation, Operation::Unary(kind) if kind.is_linear())
        };
        (simple && self.from.uses[x.at()] == 1).then_some(operation)
    }

    /// The piecewise linear entry of the table that an end asks something of, and its argument.
    pub(super) fn corner_of(&self, end: &PassEnd) -> Option<(UnaryKind, Id)> {
        match *end {
            PassEnd::Kink { condition, .. } => self.kink_of_line(condition),
            PassEnd::Reduce { .. } => {
                let Some(Operation::Unary(kind)) = self.swallowed(end) else { return None };
                Some((kind, self.reads(end)[0]))
            }
            PassEnd::Guard { .. } | PassEnd::Scatter { .. } => None,
            PassEnd::Emit { .. } | PassEnd::EmitChosen { .. } => None,
        }
    }

    /// The piecewise linear entry of the table whose kink a condition is, and its argument.
    fn kink_of_line(&self, condition: Id) -> Option<(UnaryKind, Id)> {
        let Operation::UnaryKink(kind) = self.graph.operation(condition) else { return None };
        kind.is_linear().then(|| (kind, self.graph.args(condition)[0]))
    }

    /// The step of a piecewise linear entry of the table, unless it is there already: all that the pass asks
    /// of it.
    pub(super) fn corner(&mut self, kind: UnaryKind, x: Id) {
        let ends = self.corners.entry((kind, x)).or_default();
        if std::mem::replace(&mut ends.done, true) {
            return;
        }
        let ends = *ends;
        let read = self.source(x);
        let mut asked = Asked::default();
        if let Some(at) = ends.kink {
            asked.count = Some(self.pass.counts.len() as u32);
            self.pass.counts.push(at);
        }
        asked.sum = ends.sum.map(|id| self.reduction(Reduction::Sum, id));
        let value = self.graph.find(Operation::Unary(kind), &[x]);
        let slope = self.graph.find(Operation::UnarySlope(kind), &[x, x]);
        let wanted = |id: &Id| self.readers[id.at()] > 0;
        let (value, slope) = (value.filter(wanted), slope.filter(wanted));
        asked.values = value.map(|id| self.register(id));
        asked.slopes = slope.map(|id| self.register(id));
        self.pass.steps.push(Instruction::Corner { kind, x: read, asked });
        let graph = self.graph;
        for id in value.into_iter().chain(slope) {
            self.release(graph.args(id));
        }
        for _ in ends.sum.iter().map(drop).chain(ends.kink.iter().map(drop)) {
            self.release(&[x]);
        }
    }

    /// A place among the reductions.
    fn reduction(&mut self, reduction: Reduction, id: Id) -> u32 {
        self.pass.reductions.push((reduction, self.from.number[id.at()]));
        self.pass.reductions.len() as u32 - 1
    }

    /// The steps of ends whose last argument is there now. Sums of products with a common factor go
    /// together.
    pub(super) fn finish_all(&mut self, mut ends: Vec<&PassEnd>) {
        while let Some(first) = ends.first() {
            let Some((common, _)) = self.product(first) else {
                self.finish(ends.remove(0));
                continue;
            };
            let mut operation = None;
            let (mut together, mut others) = (Vec::new(), Vec::new());
            for end in ends {
                match self.product(end) {
                    Some((factor, product))
                        if factor == common
                            && together.len() < MOMENTS
                            && product.is_none_or(|(of, _)| *operation.get_or_insert(of) == of) =>
                    {
                        // What is added as it is comes first.
                        let at = if product.is_none() { 0 } else { together.len() };
                        together.insert(at, end);
                    }
                    _ => others.push(end),
                }
            }
            self.moments(common, operation, &together);
            ends = others;
        }
    }

    /// Of a sum over the rows the first factor of what is added, and the product and the other factor
    /// if it is one.
    fn product(&self, end: &PassEnd) -> Option<(Id, Option<(Operation, Id)>)> {
        let PassEnd::Reduce { reduction: Reduction::Sum, .. } = end else {
            return None;
        };
        match (self.swallowed(end), &self.reads(end)[..]) {
            (Some(Operation::Unary(_)), _) => None,
            (Some(product), &[a, b]) => Some((a, Some((product, b)))),
            (_, reads) => Some((*reads.first()?, None)),
        }
    }

    /// The step of sums of products with a common factor.
    fn moments(&mut self, common: Id, operation: Option<Operation>, ends: &[&PassEnd]) {
        let mut others = [None; MOMENTS];
        for (other, end) in others.iter_mut().zip(ends) {
            let product = self.product(end).and_then(|(_, product)| product);
            *other = product.map(|(_, id)| self.source(id));
        }
        let mut factor = (self.source(common), None);
        // If nothing else reads the common factor, a product just computed, it is formed on the way. A
        // square of it reads it once more, as the other factor.
        if self.readers[common.at()] as usize == ends.len()
            && let Some(Instruction::Map { operation: last, out, args }) = self.pass.steps.last()
            && Source::Register(*out) == factor.0
            && matches!(last, Operation::Mul | Operation::Chain(_))
            && operation.is_none_or(|operation| operation == *last)
            && !args.iter().any(|arg| matches!(arg, Source::Number(_)))
        {
            factor = (args[0], Some(args[1]));
            self.pass.steps.pop();
        }
        let formed = factor.1.map(|_| self.graph.operation(common));
        let chained = operation.or(formed).and_then(Operation::gate);
        self.pass.chained |= chained.is_some();
        let mut into = 0;
        for (at, end) in ends.iter().enumerate() {
            if let PassEnd::Reduce { id, .. } = **end {
                let place = self.reduction(Reduction::Sum, id);
                into = if at == 0 { place } else { into };
            }
        }
        let count = ends.len();
        self.pass.steps.push(Instruction::Moments { into, common: factor, others, count, chained });
        for end in ends {
            self.release_late(&self.reads(end));
        }
    }

    /// The step of what outlives the pass.
    fn finish(&mut self, end: &PassEnd) {
        if let Some((kind, x)) = self.corner_of(end) {
            return self.corner(kind, x);
        }
        let reads = self.reads(end);
        let step = match *end {
            PassEnd::Guard { at, ref guard } => {
                let condition = self.source(guard.condition);
                Instruction::Guard { guard: at, condition, holds: guard.holds }
            }
            PassEnd::Kink { at, condition } => {
                let into = self.pass.counts.len() as u32;
                self.pass.counts.push(at);
                Instruction::Count { into, condition: self.source(condition) }
            }
            PassEnd::Reduce { id, reduction } => {
                let into = self.reduction(reduction, id);
                Instruction::Reduce { into, reduction, x: self.source(reads[0]) }
            }
            PassEnd::EmitChosen { into, scatter: Scatter { base, len, index, value, .. } } => {
                let (index, x) = (self.source(index), self.source(value));
                Instruction::EmitChosen { into, base, len, index, x }
            }
            PassEnd::Emit { into, base, x } => return self.emit(into, base, x),
            PassEnd::Scatter { into, scatter: Scatter { base, len, index, value, .. } } => {
                self.pass.scatters += 1;
                let (index, value) = (self.source(index), self.source(value));
                Instruction::Scatter { into, base, len, index, value }
            }
        };
        self.pass.steps.push(step);
        self.release(&reads);
    }
}
