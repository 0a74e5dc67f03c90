//! Forward mode: a program that computes directional derivatives too.

use super::derive::{partials, varying_with_parameters};
use super::graph::{Graph, Id};
use super::operation::{Operation, Reduction};
use super::{Output, Scatter};
use smallvec::SmallVec;

/// Adds the derivatives of the outputs along a direction, whose components are the parameters from
/// `parameters` on.
pub(super) fn tangents(graph: &mut Graph, outputs: &[Output], parameters: usize) -> Vec<Output> {
    let active = varying_with_parameters(graph);
    let is_active = |id: Id| active.get(id.at()).copied().unwrap_or(false);
    let mut tangent: Vec<Option<Id>> = vec![None; graph.len()];
    let offset = parameters as u32;
    for id in graph.ids() {
        if !is_active(id) {
            continue;
        }
        tangent[id.at()] = match graph.operation(id) {
            Operation::Parameter(place) => {
                Some(graph.push(Operation::Parameter(place + offset), &[], None))
            }
            Operation::Gather { base, len } => {
                let index = graph.args(id)[0];
                let operation = Operation::Gather { base: base + offset, len };
                Some(graph.push(operation, &[index], None))
            }
            Operation::Reduce(Reduction::Sum) => {
                let arg = graph.args(id)[0];
                tangent[arg.at()].map(|t| graph.unary(Operation::Reduce(Reduction::Sum), t))
            }
            Operation::Reduce(Reduction::Max) => {
                let flow = carried(graph, id, &tangent, is_active);
                flow.map(|flow| graph.unary(Operation::Reduce(Reduction::Sum), flow))
            }
            _ => carried(graph, id, &tangent, is_active),
        };
    }
    let zero = graph.constant(0.0);
    let of = |id: Id| tangent.get(id.at()).copied().flatten().unwrap_or(zero);
    outputs
        .iter()
        .map(|output| match output {
            Output::Number(id) => Output::Number(of(*id)),
            Output::Vector { len, entries, scatters } => Output::Vector {
                len: *len,
                entries: entries.iter().map(|&(place, id)| (place, of(id))).collect(),
                scatters: scatters.iter().map(|s| Scatter { value: of(s.value), ..*s }).collect(),
            },
        })
        .collect()
}

/// What the arguments' tangents make of a node's.
fn carried(
    graph: &mut Graph,
    id: Id,
    tangent: &[Option<Id>],
    is_active: impl Fn(Id) -> bool,
) -> Option<Id> {
    let mut flows = SmallVec::<[Id; 3]>::new();
    for (arg, partial) in partials(graph, id, is_active) {
        if let Some(Some(derivative)) = tangent.get(arg.at()).copied() {
            flows.push(partial.of(graph, derivative));
        }
    }
    (!flows.is_empty()).then(|| graph.push(Operation::Sum, &flows, None))
}
