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
        let sum = matches!(node.operation, Operation::Sum | Operation::Add);
        let new = if sum && graph.is_varying(id) {
            let terms = terms(graph, &uses, id);
            sum_of_products(&mut out, &terms, &product, &moved)
        } else {
            None
        };
        place.push(new.unwrap_or_else(|| {
            let args: Args = node.args.iter().map(|&arg| moved(arg)).collect();
            graph.copy_into(id, &args, &mut out)
        }));
    }
    out.watch_as(graph, |id| place[id.at()]);
    (out, place)
}

/// The terms of a sum, where sums that serve for nothing else begin it.
fn terms(graph: &Graph, uses: &[u32], sum: Id) -> Args {
    let begins = |id: Id| {
        let sum = matches!(graph.operation(id), Operation::Sum | Operation::Add);
        sum && uses[id.at()] == 1 && graph.is_varying(id)
    };
    let mut args = Args::from_slice(graph.args(sum));
    // The order in which two numbers are added does not matter.
    if args.len() == 2 && !begins(args[0]) && begins(args[1]) {
        args.swap(0, 1);
    }
    if !begins(args[0]) {
        return args;
    }
    let mut all = terms(graph, uses, args[0]);
    all.extend_from_slice(&args[1..]);
    all
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
    if let (Operation::Mul, &[a, b]) = (kind, args) {
        let plus = |a, b| product(a, kind).filter(|_| product(b, kind).is_none()).map(|p| (p, b));
        if let Some(([p, q], b)) = plus(a, b).or_else(|| plus(b, a)) {
            return Some(out.push(Operation::ProductPlus, &[p, q, b].map(moved), None));
        }
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
