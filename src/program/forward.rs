//! Forward mode: a program that computes directional derivatives too.

use super::derive::{partials, varying_with_parameters};
use super::entered::Entered;
use super::graph::{Graph, Id};
use super::operation::{Operation, Reduction};
use super::{Output, Scatter};
use smallvec::SmallVec;

/// Along what the outputs are differentiated.
#[derive(Clone, Copy, Debug)]
pub(super) enum Direction {
    /// The parameters from this one on, as many as there were before.
    From(u32),
    /// One parameter.
    Along(u32),
}

impl Direction {
    /// The component that belongs to a parameter.
    fn of(self, graph: &mut Graph, parameter: u32) -> Option<Id> {
        match self {
            Direction::From(offset) => {
                Some(graph.push(Operation::Parameter(parameter + offset), &[], None))
            }
            Direction::Along(chosen) => (parameter == chosen).then(|| graph.constant(1.0)),
        }
    }

    /// The component that belongs to a parameter that each row chooses.
    fn of_chosen(self, graph: &mut Graph, (base, len): (u32, u32), index: Id) -> Option<Id> {
        match self {
            Direction::From(offset) => {
                let operation = Operation::Gather { base: base + offset, len };
                Some(graph.push(operation, &[index], None))
            }
            Direction::Along(chosen) => {
                let at = chosen.checked_sub(base).filter(|&at| at < len)?;
                let at = graph.constant(f64::from(at));
                Some(graph.binary(Operation::Equal, index, at))
            }
        }
    }
}

/// Adds the tangents of all nodes along a direction; none of those that do not vary with the
/// parameters. At kinks they follow the default convention, or the branch that the direction enters.
pub(super) fn sweep(graph: &mut Graph, direction: Direction, enter: bool) -> Vec<Option<Id>> {
    let active = varying_with_parameters(graph);
    let is_active = |id: Id| active.get(id.at()).copied().unwrap_or(false);
    let mut tangent: Vec<Option<Id>> = vec![None; graph.len()];
    for id in graph.ids() {
        if !is_active(id) {
            continue;
        }
        tangent[id.at()] = match graph.operation(id) {
            Operation::Parameter(place) => direction.of(graph, place),
            Operation::Gather { base, len } => {
                let index = graph.args(id)[0];
                direction.of_chosen(graph, (base, len), index)
            }
            Operation::Reduce(Reduction::Sum) => {
                let arg = graph.args(id)[0];
                tangent[arg.at()].map(|t| graph.unary(Operation::Reduce(Reduction::Sum), t))
            }
            Operation::Reduce(Reduction::Max) => {
                let flow = carried(graph, id, &tangent, is_active, enter);
                flow.map(|flow| graph.unary(Operation::Reduce(Reduction::Sum), flow))
            }
            _ => carried(graph, id, &tangent, is_active, enter),
        };
    }
    tangent
}

/// Adds the derivatives of the outputs along a direction.
pub(super) fn tangents(graph: &mut Graph, outputs: &[Output], direction: Direction) -> Vec<Output> {
    let tangent = sweep(graph, direction, false);
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
    enter: bool,
) -> Option<Id> {
    let mut flows = SmallVec::<[Id; 3]>::new();
    for (arg, partial) in partials(graph, id, is_active, enter.then_some(Entered(tangent))) {
        if let Some(Some(derivative)) = tangent.get(arg.at()).copied() {
            flows.push(match enter {
                true => partial.of_compared(graph, derivative),
                false => partial.of_tangent(graph, derivative),
            });
        }
    }
    (!flows.is_empty()).then(|| graph.push(Operation::Sum, &flows, None))
}
