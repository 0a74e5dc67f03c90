//! From the nodes between two stages of numbers to a pass.

use super::ends::{CornerEnds, PassEnd};
use super::{Instruction, Pass, Source, cross};
use crate::program::ir::entries::UnaryKind;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::Operation;
use crate::program::kernel::{CROSSED, UNITS};
use crate::program::plan::schedule::{self, Item};
use crate::program::{Output, Program};
use indexmap::IndexMap;
use smallvec::SmallVec;
use std::collections::VecDeque;

/// What all passes of a program are made from.
#[derive(Clone, Copy)]
pub(crate) struct PassBuilder<'p> {
    pub(crate) program: &'p Program,
    /// How often each node is used.
    pub(crate) uses: &'p [u32],
    /// The place of each node that is the same for all rows.
    pub(crate) number: &'p [u32],
    /// The place of the number 1.
    pub(crate) one: u32,
}

impl PassBuilder<'_> {
    /// The pass over the rows that follows a stage of numbers: its steps in the order of the program
    /// or, if it needs fewer registers, in the one that is made for that.
    pub(crate) fn build(self, stage: u32) -> Pass {
        Builder::new(self, stage).build()
    }
}

/// The steps of one pass.
#[derive(Clone)]
pub(super) struct Builder<'p> {
    pub(super) from: PassBuilder<'p>,
    pub(super) graph: &'p Graph,
    pub(super) stage: u32,
    pub(super) pass: Pass,
    /// Where each varying node is.
    pub(super) place: Vec<Option<Source>>,
    /// How many steps still read it.
    pub(super) readers: Vec<u32>,
    pub(super) free: Vec<u32>,
    /// Registers that the last sums over rows were the last to read. They rest, so that these sums can go
    /// together with the next.
    pub(super) resting: VecDeque<u32>,
    /// The number and the other factor of products that terms form on the way.
    pub(super) scaled: Vec<Option<(u32, Id)>>,
    /// Sums that begin with so many products with the same rows, which are computed together, and the place
    /// of each's among them.
    pub(super) layers: Vec<(usize, SmallVec<[Id; UNITS]>)>,
    pub(super) layer: Vec<Option<u32>>,
    /// Of entries of the table with kinks, by their argument: the sum and the kink that the pass ends in.
    /// What has become a step is gone.
    pub(super) corners: IndexMap<(UnaryKind, Id), CornerEnds>,
    /// For each output of rows, the places and numbers that wait for their neighbours.
    pub(super) emitting: IndexMap<u32, Vec<(u32, Id)>>,
}

impl<'p> Builder<'p> {
    fn new(from: PassBuilder<'p>, stage: u32) -> Self {
        let graph = &from.program.graph;
        Builder {
            from,
            graph,
            stage,
            pass: Pass::default(),
            place: vec![None; graph.len()],
            readers: vec![0; graph.len()],
            free: Vec::new(),
            resting: VecDeque::new(),
            scaled: vec![None; graph.len()],
            layers: Vec::new(),
            layer: vec![None; graph.len()],
            corners: IndexMap::new(),
            emitting: IndexMap::new(),
        }
    }

    fn build(mut self) -> Pass {
        for (_, output) in &self.from.program.outputs {
            if let Output::Rows { len, .. } = output
                && output.stage_of_rows(self.graph) == Some(self.stage)
            {
                self.pass.emitted.push(*len);
            }
        }
        self.find_scaled();
        let ends = self.ends();
        for end in &ends {
            if let Some((kind, x)) = self.corner_of(end) {
                let corner = self.corners.entry((kind, x)).or_default();
                match *end {
                    PassEnd::Kink { at, .. } => corner.kink = Some(at),
                    PassEnd::Reduce { id, .. } => corner.sum = Some(id),
                    PassEnd::Guard { .. } | PassEnd::Scatter { .. } => {}
                    PassEnd::Emit { .. } | PassEnd::EmitChosen { .. } => {}
                }
            }
        }
        let graph = self.graph;
        let mut needed = vec![false; graph.len()];
        for end in &ends {
            for &id in &self.reads(end) {
                needed[id.at()] = true;
                self.readers[id.at()] += 1;
            }
        }
        for id in graph.ids().rev() {
            if needed[id.at()] && graph.is_varying(id) {
                for arg in graph.args(id) {
                    needed[arg.at()] = true;
                    self.readers[arg.at()] += 1;
                }
            }
        }
        let varying = graph.ids().filter(|&id| needed[id.at()] && graph.is_varying(id));
        let nodes: Vec<Id> = varying.collect();
        self.pass.compared = compares_products(graph, &nodes);
        let as_given = self.clone().in_order(&nodes, &ends);
        let thrifty = self.thrifty(&nodes, &ends);
        let thrifty = self.in_order(&thrifty, &ends);
        let mut pass = if thrifty.registers < as_given.registers { thrifty } else { as_given };
        cross::join(&mut pass);
        pass.work = pass.steps.iter().map(Instruction::work).sum();
        pass
    }

    /// The same nodes in an order for few registers.
    fn thrifty(&self, nodes: &[Id], ends: &[PassEnd]) -> Vec<Id> {
        let graph = self.graph;
        let mut place = vec![0; graph.len()];
        (0..).zip(nodes).for_each(|(at, id)| place[id.at()] = at);
        let item = |reads: &[Id], register| {
            let varying = reads.iter().filter(|&&id| graph.is_varying(id));
            let mut reads: Vec<u32> = varying.map(|id| place[id.at()]).collect();
            reads.sort_unstable();
            reads.dedup();
            Item { reads, register }
        };
        let is_column = |id| matches!(graph.operation(id), Operation::Column(_));
        let nodes_first = nodes.iter().map(|&id| item(graph.args(id), !is_column(id)));
        let then_ends = ends.iter().map(|end| item(&self.reads(end), false));
        let order = schedule::order(&nodes_first.chain(then_ends).collect::<Vec<_>>());
        order.into_iter().filter_map(|at| nodes.get(at as usize).copied()).collect()
    }

    /// The steps of these nodes, and of ends as soon as the last of what they read is there.
    fn in_order(mut self, nodes: &[Id], ends: &[PassEnd]) -> Pass {
        let graph = self.graph;
        self.find_layers(nodes);
        let mut place = vec![0; graph.len()];
        nodes.iter().enumerate().for_each(|(at, id)| place[id.at()] = at);
        let mut after: Vec<Vec<&PassEnd>> = vec![Vec::new(); nodes.len()];
        for end in ends {
            let reads = self.reads(end);
            let varying = reads.iter().filter(|&&id| graph.is_varying(id));
            if let Some(last) = varying.map(|id| place[id.at()]).max() {
                after[last].push(end);
            }
        }
        for (&id, ends) in nodes.iter().zip(after) {
            self.step(id);
            self.finish_all(ends);
        }
        self.emit_rest();
        self.pass
    }

    pub(super) fn source(&self, id: Id) -> Source {
        match self.place[id.at()] {
            Some(source) => source,
            None => Source::Number(self.from.number[id.at()]),
        }
    }

    /// A register for a node.
    pub(super) fn register(&mut self, id: Id) -> u32 {
        let register = self.free.pop().unwrap_or_else(|| {
            self.pass.registers += 1;
            self.pass.registers as u32 - 1
        });
        self.place[id.at()] = Some(Source::Register(register));
        register
    }

    /// The same after sums over the rows, which may yet go together with later ones.
    pub(super) fn release_late(&mut self, ids: &[Id]) {
        let before = self.free.len();
        self.release(ids);
        self.resting.extend(self.free.drain(before..));
        while self.resting.len() >= CROSSED {
            self.free.extend(self.resting.pop_front());
        }
    }

    /// A register is free again after its last reader.
    pub(super) fn release(&mut self, ids: &[Id]) {
        for id in ids {
            self.readers[id.at()] -= 1;
            if self.readers[id.at()] == 0
                && let Some(Source::Register(register)) = self.place[id.at()]
            {
                self.free.push(register);
            }
        }
    }
}

/// Whether an operation on which a NaN may be lost has an argument that comes of a product with an
/// adjoint.
fn compares_products(graph: &Graph, nodes: &[Id]) -> bool {
    let mut comes = vec![false; graph.len()];
    for &id in nodes {
        let operation = graph.operation(id);
        let product = operation.gate().is_some();
        let from_product = graph.args(id).iter().any(|arg| comes[arg.at()]);
        if from_product && !operation.passes_nan() {
            return true;
        }
        comes[id.at()] = product || from_product;
    }
    false
}
