//! The step of a node.

use super::builder::Builder;
use super::{Group, Instruction, Source, Sources, Summand};
use crate::program::ir::entries::UnaryKind;
use crate::program::ir::graph::Id;
use crate::program::ir::nature::Execution;
use crate::program::ir::operation::Operation;

impl Builder<'_> {
    /// The step of a varying node.
    pub(super) fn step(&mut self, id: Id) {
        if self.scaled[id.at()].is_some() {
            return;
        }
        let operation = self.graph.operation(id);
        if let Operation::Column(column) = operation {
            let at = self.pass.columns.len() as u32;
            self.pass.columns.push(column);
            self.place[id.at()] = Some(Source::Column(at));
            return;
        }
        if let Operation::Unary(kind) | Operation::UnarySlope(kind) = operation
            && kind.is_linear()
        {
            return self.corner(kind, self.graph.args(id)[0]);
        }
        if let Operation::UnarySlope(_) = operation
            && self.place[id.at()].is_some()
        {
            // It came with its value.
            return self.release(self.graph.args(id));
        }
        if let Some(layer) = self.layer[id.at()] {
            return self.layer_step(id, layer);
        }
        let graph = self.graph;
        let args = graph.args(id);
        let sources: Sources = args.iter().map(|&arg| self.source(arg)).collect();
        let out = self.register(id);
        self.pass.chained |= operation.gate().is_some();
        let step = match operation.execution() {
            Execution::Gather { base, len } => {
                Instruction::Gather { out, base, len, index: sources[0] }
            }
            Execution::Within { len } => Instruction::Within { out, len, index: sources[0] },
            Execution::Sum => {
                // A product with 1 is the number itself, bit by bit.
                let one = self.from.one;
                let groups = Group::all(sources.iter().map(|&source| match source {
                    Source::Number(a) => Summand::Number(one, a),
                    x => Summand::Scaled(one, x),
                }));
                Instruction::Products { out, onto: false, groups, fused: false, chained: None }
            }
            Execution::Products => {
                let terms = args.as_chunks::<2>().0.iter();
                let groups = Group::all(terms.map(|&[a, b]| self.term(a, b)));
                let fused = operation == Operation::FusedDot;
                let chained = operation.gate();
                let chained = chained.map(|gate| (gate, sources.as_chunks::<2>().0.to_vec()));
                Instruction::Products { out, onto: false, groups, fused, chained }
            }
            Execution::Map => match self.slope_of(id, operation, args) {
                Some((kind, slope)) => {
                    let slope = self.register(slope);
                    Instruction::ValueAndSlope { kind, out, slope, x: sources[0] }
                }
                None => Instruction::Map { operation, out, args: sources },
            },
            Execution::Given | Execution::Reduction | Execution::Lowered => {
                unreachable!("{operation:?} is no step of a pass")
            }
        };
        self.pass.steps.push(step);
        self.release_all(args);
    }

    /// Releases arguments, and what those of them read that are formed on the way.
    pub(super) fn release_all(&mut self, args: &[Id]) {
        self.release(args);
        for arg in args {
            if let Some((_, x)) = self.scaled[arg.at()] {
                self.release(&[x]);
            }
        }
    }

    /// A product as a term.
    pub(super) fn term(&self, a: Id, b: Id) -> Summand {
        for (factor, other) in [(a, b), (b, a)] {
            if let Some((number, x)) = self.scaled[factor.at()] {
                return Summand::Product(number, self.source(x), self.source(other));
            }
        }
        match (self.source(a), self.source(b)) {
            (Source::Number(a), Source::Number(b)) => Summand::Number(a, b),
            (Source::Number(a), x) | (x, Source::Number(a)) => Summand::Scaled(a, x),
            (x, y) => Summand::Product(self.from.one, x, y),
        }
    }

    /// Products of a number and one that varies which only serve as factors of one term: the term
    /// forms them on the way.
    pub(super) fn find_scaled(&mut self) {
        let graph = self.graph;
        for id in graph.ids() {
            if !matches!(graph.operation(id), Operation::Dot | Operation::FusedDot) {
                continue;
            }
            for &[a, b] in graph.args(id).as_chunks::<2>().0 {
                if !(graph.is_varying(a) && graph.is_varying(b)) {
                    continue;
                }
                let scaled = |factor: Id| match *graph.args(factor) {
                    [p, q] if graph.operation(factor) == Operation::Mul => {
                        let lone = self.from.uses[factor.at()] == 1;
                        let (number, x) = if graph.is_varying(p) { (q, p) } else { (p, q) };
                        let one_varies = graph.is_varying(x) && !graph.is_varying(number);
                        (lone && one_varies).then(|| (self.from.number[number.at()], x))
                    }
                    _ => None,
                };
                let found = [a, b].into_iter().find_map(|id| Some((id, scaled(id)?)));
                if let Some((factor, scaled)) = found {
                    self.scaled[factor.at()] = Some(scaled);
                }
            }
        }
    }

    /// The slope that goes with a value of an entry of one argument, if this pass needs it too.
    fn slope_of(&self, value: Id, operation: Operation, args: &[Id]) -> Option<(UnaryKind, Id)> {
        let Operation::Unary(kind) = operation else { return None };
        let slope = self.graph.find(Operation::UnarySlope(kind), &[args[0], value])?;
        (self.readers[slope.at()] > 0).then_some((kind, slope))
    }
}
