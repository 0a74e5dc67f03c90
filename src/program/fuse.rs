//! Sums of products in one pass over the rows.
//!
//! `Σ aₖ bₖ` becomes one node, and so does `a b + c`, where the products serve for nothing else. The
//! order of the additions and the roundings stay as they were, so no bit changes.

use super::graph::{Args, Graph, Id};
use super::operation::Operation;

/// How often each node is used, outputs included.
pub(super) fn count_uses(graph: &Graph, roots: impl IntoIterator<Item = Id>) -> Vec<u32> {
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
pub(super) fn fused(graph: &Graph, roots: impl IntoIterator<Item = Id>) -> (Graph, Vec<Id>) {
    let uses = count_uses(graph, roots);
    let mut out = Graph::default();
    let mut place: Vec<Id> = Vec::with_capacity(graph.len());
    for id in graph.ids() {
        let node = graph.node(id);
        // The product that an argument is, if it is nothing else.
        let product = |arg: Id, kind: Operation| -> Option<[Id; 2]> {
            let lone = uses[arg.at()] == 1 && graph.is_varying(arg);
            match graph.args(arg) {
                &[a, b] if lone && graph.operation(arg) == kind => Some([a, b]),
                _ => None,
            }
        };
        let moved = |id: Id| place[id.at()];
        let new = match (node.operation, &node.args[..]) {
            (Operation::Sum, args) => sum_of_products(&mut out, args, &product, &moved),
            (Operation::Add, &[a, b]) => {
                let find = |a, b| product(a, Operation::Mul).map(|[p, q]| [p, q, b]);
                find(a, b)
                    .or_else(|| find(b, a))
                    .map(|args| out.push(Operation::ProductPlus, &args.map(moved), graph.line(id)))
            }
            _ => None,
        };
        place.push(new.unwrap_or_else(|| {
            let args: Args = node.args.iter().map(|&arg| moved(arg)).collect();
            graph.copy_into(id, &args, &mut out)
        }));
    }
    out.watch_as(graph, |id| place[id.at()]);
    (out, place)
}

/// A sum of which at least half the terms are products of one kind.
fn sum_of_products(
    out: &mut Graph,
    args: &[Id],
    product: impl Fn(Id, Operation) -> Option<[Id; 2]>,
    moved: impl Fn(Id) -> Id,
) -> Option<Id> {
    let count = |kind| args.iter().filter(|&&arg| product(arg, kind).is_some()).count();
    let kinds = [(Operation::Mul, Operation::Dot), (Operation::Chain, Operation::ChainDot)];
    let (kind, dot) = kinds.into_iter().max_by_key(|&(kind, _)| count(kind))?;
    if 2 * count(kind) < args.len() {
        return None;
    }
    let one = out.constant(1.0);
    let mut pairs = Args::new();
    for &arg in args {
        match product(arg, kind) {
            Some(pair) => pairs.extend(pair.map(&moved)),
            None => pairs.extend([one, moved(arg)]),
        }
    }
    Some(out.push(dot, &pairs, None))
}
