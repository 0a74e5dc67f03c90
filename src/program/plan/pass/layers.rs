//! Sums of numbers times the same rows, as the units of a layer are, computed together.

use super::builder::Builder;
use super::{Instruction, Layer, Source};
use crate::program::ir::graph::Id;
use crate::program::ir::operation::Operation;
use crate::program::kernel::{MOST, UNITS};
use indexmap::IndexMap;
use smallvec::SmallVec;

impl Builder<'_> {
    /// The step of a sum that is computed with others, if it is the first of them.
    pub(super) fn layer_step(&mut self, id: Id) {
        let graph = self.graph;
        if self.place[id.at()].is_none()
            && let Some(at) = self.layer[id.at()]
        {
            let units = std::mem::take(&mut self.layers[at as usize]);
            let operation = graph.operation(id);
            let rows: Vec<Source> = self.varying_of(id).map(|id| self.source(id)).collect();
            let number = |unit: Id, k: usize| {
                let [a, b] = graph.args(unit).as_chunks::<2>().0[k];
                self.from.number[if graph.is_varying(a) { b } else { a }.at()]
            };
            let of_all = |k: usize| units.iter().map(|&unit| number(unit, k)).collect();
            let numbers = (0..rows.len()).map(of_all).collect();
            let last = |&unit: &Id| {
                let &[a, b] = graph.args(unit).as_chunks::<2>().0.get(rows.len())?;
                Some([a, b].map(|id| self.from.number[id.at()]))
            };
            let last = units.iter().map(last).collect();
            let fused = operation == Operation::FusedDot;
            let chained = match operation {
                Operation::ChainDot(gate) => Some(gate),
                _ => None,
            };
            self.pass.chained |= chained.is_some();
            let outs = units.iter().copied().map(|unit| self.register(unit)).collect();
            let layer = Layer { outs, rows, numbers, last, fused, chained };
            self.pass.steps.push(Instruction::Layer(layer));
        }
        self.release(graph.args(id));
    }

    /// What varies of products with numbers, before the first product that does not vary or varies in
    /// both factors.
    fn varying_of(&self, id: Id) -> impl Iterator<Item = Id> {
        let graph = self.graph;
        let varying = move |&[a, b]: &[Id; 2]| match (graph.is_varying(a), graph.is_varying(b)) {
            (true, false) => Some(a),
            (false, true) => Some(b),
            _ => None,
        };
        graph.args(id).as_chunks::<2>().0.iter().map_while(varying)
    }

    /// Finds sums of products of numbers with the same rows, and perhaps a number at the end.
    pub(super) fn find_layers(&mut self, nodes: &[Id]) {
        let graph = self.graph;
        let mut alike: IndexMap<(Operation, usize, Vec<Id>), Vec<Id>> = IndexMap::new();
        for &id in nodes {
            let operation = graph.operation(id);
            let pairs = graph.args(id).as_chunks::<2>().0;
            let fits = match operation {
                Operation::Dot | Operation::FusedDot => true,
                // Adjoints vary and come first.
                Operation::ChainDot(_) => pairs.iter().all(|&[a, _]| graph.is_varying(a)),
                _ => false,
            };
            if !fits {
                continue;
            }
            let rows: Vec<Id> = self.varying_of(id).collect();
            let numbers_only = |[a, b]: &[Id; 2]| !graph.is_varying(*a) && !graph.is_varying(*b);
            let rest = &pairs[rows.len()..];
            if rows.len() >= MOST && rest.len() <= 1 && rest.iter().all(numbers_only) {
                alike.entry((operation, pairs.len(), rows)).or_default().push(id);
            }
        }
        for units in alike.into_values() {
            let (fours, rest) = units.as_chunks::<UNITS>();
            let pairs = rest.as_chunks::<2>().0.iter().map(|pair| &pair[..]);
            for units in fours.iter().map(|four| &four[..]).chain(pairs) {
                let at = self.layers.len() as u32;
                units.iter().for_each(|unit| self.layer[unit.at()] = Some(at));
                self.layers.push(SmallVec::from_slice(units));
            }
        }
    }
}
