//! Sums of products in one pass over the rows.
//!
//! `Σ aₖ bₖ` becomes one node, and so does `a b + c`, where the products serve for nothing else; what
//! is taken away from a sum is a term of it too, times -1. The order of the additions and the
//! roundings stay as they were, so no bit changes, unless the user allowed products to be fused with
//! the additions.

use crate::program::ir::graph::{Args, Graph, Id};
use crate::program::ir::operation::{Gate, Operation};
use smallvec::SmallVec;

/// How often each node is used, outputs included.
pub(crate) fn count_uses(graph: &Graph, roots: impl IntoIterator<Item = Id>) -> Vec<u32> {
    let mut uses = vec![0_u32; graph.len()];
    for id in graph.ids() {
        for arg in graph.args(id) {
            uses[arg.at()] += 1;
        }
    }
    for root in roots {
        uses[root.at()] += 1;
    }
    uses
}

/// A copy of the graph with products joined to the sums that they are in; and where each node went.
///
/// What is joined stays behind unused.
pub(crate) fn fused(
    graph: &Graph,
    roots: impl IntoIterator<Item = Id>,
    one_rounding: bool,
) -> (Graph, Vec<Id>) {
    let uses = count_uses(graph, roots);
    let mut fuse = Fuse { graph, one_rounding, begins: Vec::new(), uses, out: Graph::default() };
    fuse.begins = fuse.beginnings();
    let mut place: Vec<Id> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let moved = |id: Id| place[id.at()];
        let whole_sum = fuse.is_sum(id) && !fuse.begins[id.at()];
        let new = if whole_sum { fuse.sum(id, moved) } else { None };
        let new = new.unwrap_or_else(|| {
            let args: Args = graph.args(id).iter().map(|&arg| moved(arg)).collect();
            graph.copy_into(id, &args, &mut fuse.out)
        });
        place.push(new);
    }
    fuse.out.watch_as(graph, |id| place[id.at()]);
    (fuse.out, place)
}

/// The terms of a sum, and whether each is taken away.
type Terms = SmallVec<[(Id, bool); 4]>;

struct Fuse<'g> {
    graph: &'g Graph,
    one_rounding: bool,
    uses: Vec<u32>,
    /// Which nodes are sums that begin another sum and serve for nothing else.
    begins: Vec<bool>,
    out: Graph,
}

impl Fuse<'_> {
    fn is_sum(&self, id: Id) -> bool {
        let operation = self.graph.operation(id);
        let sum = matches!(operation, Operation::Sum | Operation::Add | Operation::Sub);
        sum && self.graph.is_varying(id)
    }

    fn is_lone(&self, id: Id) -> bool {
        self.uses[id.at()] == 1 && self.graph.is_varying(id)
    }

    fn beginnings(&self) -> Vec<bool> {
        let mut begins = vec![false; self.graph.len()];
        for id in self.graph.ids().filter(|&id| self.is_sum(id)) {
            // The order in which two numbers are added does not matter.
            let first = if self.graph.operation(id) == Operation::Add { 2 } else { 1 };
            let mut candidates = self.graph.args(id)[..first].iter();
            if let Some(arg) = candidates.find(|&&arg| self.is_sum(arg) && self.is_lone(arg)) {
                begins[arg.at()] = true;
            }
        }
        begins
    }

    /// The terms of a sum, those of the sums that begin it first, and whether each is taken away.
    fn terms(&self, sum: Id) -> Terms {
        let mut backwards = Terms::new();
        let mut rest = Some(sum);
        while let Some(sum) = rest.take() {
            let args = self.graph.args(sum);
            let begin = args.iter().position(|arg| self.begins[arg.at()]);
            for (i, &arg) in args.iter().enumerate().rev() {
                if Some(i) == begin {
                    rest = Some(arg);
                } else {
                    let away = i == 1 && self.graph.operation(sum) == Operation::Sub;
                    backwards.push((arg, away));
                }
            }
        }
        backwards.reverse();
        backwards
    }

    /// The product that an argument is, if it is nothing else.
    fn product(&self, arg: Id, kind: Operation) -> Option<[Id; 2]> {
        match self.graph.args(arg) {
            &[a, b] if self.is_lone(arg) && self.graph.operation(arg) == kind => Some([a, b]),
            _ => None,
        }
    }

    /// A sum as one node; `None` if it is of two numbers that are no products.
    fn sum(&mut self, sum: Id, moved: impl Fn(Id) -> Id) -> Option<Id> {
        let terms = self.terms(sum);
        let line = self.graph.line_into(sum, &mut self.out);
        let product = |&(term, away): &(Id, bool), kind| match away {
            false => self.product(term, kind),
            true => None,
        };
        let count = |kind| terms.iter().filter(|term| product(term, kind).is_some()).count();
        let kinds = [Operation::Mul, Operation::Chain(Gate::First), Operation::Chain(Gate::Either)];
        // Of kinds of which there are as many the first.
        let kind = kinds.into_iter().rev().max_by_key(|&kind| count(kind));
        let kind = kind.unwrap_or(Operation::Mul);
        if let ([a, b], Operation::Mul) = (&terms[..], kind) {
            let (a, b) = if product(a, kind).is_some() { (a, b) } else { (b, a) };
            let [p, q] = product(a, kind)?;
            if product(b, kind).is_none() && !b.1 {
                let plus =
                    if self.one_rounding { Operation::MulAdd } else { Operation::ProductPlus };
                return Some(self.out.push(plus, &[p, q, b.0].map(moved), line));
            }
        }
        let pairs: Vec<Option<[Id; 2]>> = terms.iter().map(|term| product(term, kind)).collect();
        let mut args = Args::new();
        for (pair, &(term, away)) in pairs.into_iter().zip(&terms) {
            match pair {
                Some(pair) => args.extend(pair.map(&moved)),
                // A product with 1 is the number itself, bit by bit, and one with -1 its opposite.
                None => {
                    let one = self.out.constant(if away { -1.0 } else { 1.0 });
                    args.extend([one, moved(term)]);
                }
            }
        }
        let dot = match kind.gate() {
            Some(gate) => Operation::ChainDot(gate),
            None if self.one_rounding => Operation::FusedDot,
            None => Operation::Dot,
        };
        Some(self.out.push(dot, &args, line))
    }
}
