//! Sums of numbers times the same rows, as the units of a layer are, computed together.

use super::builder::Builder;
use super::{Group, Instruction, Layer, Source};
use crate::program::ir::graph::Id;
use crate::program::ir::nature::Execution;
use crate::program::ir::operation::Operation;
use crate::program::kernel::{MOST, UNITS};
use indexmap::IndexMap;
use smallvec::SmallVec;

impl Builder<'_> {
    /// The step of sums that are computed together, if this is the first of them; and the terms that it has
    /// of its own.
    pub(super) fn layer_step(&mut self, id: Id, layer: u32) {
        let graph = self.graph;
        let (shared, ref mut units) = self.layers[layer as usize];
        let units = std::mem::take(units);
        if !units.is_empty() {
            let operation = graph.operation(id);
            let rows = self.varying_of(id, true).take(shared).map(|id| self.source(id));
            let rows: Vec<Source> = rows.collect();
            let number = &|unit: Id, k: usize| {
                let [a, b] = graph.args(unit).as_chunks::<2>().0[k];
                self.from.number[if graph.is_varying(a) { b } else { a }.at()]
            };
            let of_all = |k: usize| units.iter().map(move |&unit| number(unit, k));
            let numbers = (0..rows.len()).flat_map(of_all).collect();
            let last = |&unit: &Id| self.last_number(unit, shared);
            let last = units.iter().map(last).collect();
            let fused = operation == Operation::FusedDot;
            let chained = operation.gate();
            self.pass.chained |= chained.is_some();
            let outs = units.iter().copied().map(|unit| self.register(unit)).collect();
            let layer = Layer { outs, rows, numbers, last, fused, chained };
            self.pass.steps.push(Instruction::Layer(layer));
        }
        let own = &graph.args(id).as_chunks::<2>().0[shared..];
        if let Some(Source::Register(out)) = self.place[id.at()]
            && !own.is_empty()
            && self.last_number(id, shared).is_none()
        {
            let groups = Group::all(own.iter().map(|&[a, b]| self.term(a, b)));
            let fused = graph.operation(id) == Operation::FusedDot;
            let step = Instruction::Products { out, onto: true, groups, fused, chained: None };
            self.pass.steps.push(step);
        }
        self.release_all(graph.args(id));
    }

    /// The product of two numbers that ends a sum, if nothing else follows its first terms.
    fn last_number(&self, id: Id, shared: usize) -> Option<[u32; 2]> {
        match self.graph.args(id).as_chunks::<2>().0[shared..] {
            [pair] if !pair.iter().any(|&id| self.graph.is_varying(id)) => {
                Some(pair.map(|id| self.from.number[id.at()]))
            }
            _ => None,
        }
    }

    /// What varies of products with numbers, before the first product that does not vary or varies in
    /// both factors, or, unless `all` are asked for, is with 1 or -1: a term that is added as it is.
    fn varying_of(&self, id: Id, all: bool) -> impl Iterator<Item = Id> {
        let graph = self.graph;
        let is_one = move |id: Id| !all && graph.constant_value(id).is_some_and(|x| x.abs() == 1.0);
        let varying = move |&[a, b]: &[Id; 2]| match (graph.is_varying(a), graph.is_varying(b)) {
            (true, false) if !is_one(b) => Some(a),
            (false, true) if !is_one(a) => Some(b),
            _ => None,
        };
        graph.args(id).as_chunks::<2>().0.iter().map_while(varying)
    }

    /// Finds sums that begin with products of numbers with the same rows.
    ///
    /// Of a sum so long that it is one of several parts, what the parts come to are terms of its own. They are
    /// left out where the sum fits no other with them.
    pub(super) fn find_layers(&mut self, nodes: &[Id]) {
        self.find_layers_of(nodes, true);
        self.find_layers_of(nodes, false);
    }

    fn find_layers_of(&mut self, nodes: &[Id], all: bool) {
        let graph = self.graph;
        let mut alike: IndexMap<(Operation, bool, Vec<Id>), Vec<Id>> = IndexMap::new();
        for &id in nodes.iter().filter(|id| self.layer[id.at()].is_none()) {
            let operation = graph.operation(id);
            let pairs = graph.args(id).as_chunks::<2>().0;
            // Adjoints vary and come first.
            let adjoints_vary = || pairs.iter().all(|&[a, _]| graph.is_varying(a));
            let fits = operation.gate().is_none() || adjoints_vary();
            if operation.execution() != Execution::Products || !fits {
                continue;
            }
            let rows: Vec<Id> = self.varying_of(id, all).collect();
            // Products of derivatives are computed with care all at once.
            let whole = operation.gate().is_some();
            if rows.len() >= MOST && (!whole || rows.len() == pairs.len()) {
                let ends = self.last_number(id, rows.len()).is_some();
                alike.entry((operation, ends, rows)).or_default().push(id);
            }
        }
        for ((.., rows), units) in alike {
            let (fours, rest) = units.as_chunks::<UNITS>();
            let pairs = rest.as_chunks::<2>().0.iter().map(|pair| &pair[..]);
            for units in fours.iter().map(|four| &four[..]).chain(pairs) {
                let at = self.layers.len() as u32;
                units.iter().for_each(|unit| self.layer[unit.at()] = Some(at));
                self.layers.push((rows.len(), SmallVec::from_slice(units)));
            }
        }
    }
}
