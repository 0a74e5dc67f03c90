//! Forward mode: a program that computes directional derivatives too.

use super::derive::{partials, varying_with_parameters};
use super::entered::Entered;
use super::graph::{Graph, Id};
use super::operation::{Operation, Reduction};
use super::reverse::gradient;
use super::{Output, Scatter};
use smallvec::SmallVec;

/// Along what a program of so many parameters is differentiated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Direction {
    parameters: usize,
    /// One parameter; else what follows the parameters, as many.
    along: Option<u32>,
}

impl Direction {
    /// The parameters from the last of the program's on, as many.
    pub(super) fn following(parameters: usize) -> Self {
        Direction { parameters, along: None }
    }

    /// The axis of one of the parameters.
    pub(super) fn axis(parameters: usize, along: u32) -> Self {
        Direction { parameters, along: Some(along) }
    }

    /// The component that belongs to a parameter.
    fn of(self, graph: &mut Graph, parameter: u32) -> Option<Id> {
        match self.along {
            None => {
                let place = parameter + self.parameters as u32;
                Some(graph.push(Operation::Parameter(place), &[], None))
            }
            Some(chosen) => (parameter == chosen).then(|| graph.constant(1.0)),
        }
    }

    /// The component that belongs to a parameter that each row chooses.
    fn of_chosen(self, graph: &mut Graph, (base, len): (u32, u32), index: Id) -> Option<Id> {
        match self.along {
            None => {
                let operation = Operation::Gather { base: base + self.parameters as u32, len };
                Some(graph.push(operation, &[index], None))
            }
            Some(chosen) => {
                let at = chosen.checked_sub(base).filter(|&at| at < len)?;
                let at = graph.constant(f64::from(at));
                Some(graph.binary(Operation::Equal, index, at))
            }
        }
    }
}

/// Tangents by node; none where a node does not vary with the parameters.
type Tangents = Vec<Option<Id>>;

/// Adds the tangents of the nodes up to one along a direction, at kinks of the branch that it enters.
pub(super) fn entering(graph: &mut Graph, direction: Direction, last: Id) -> Tangents {
    // All of them, since the gradient may need what the number itself does not.
    let all: Vec<Id> = graph.ids().take_while(|&id| id <= last).collect();
    let mut tangents = continued(graph, direction, Vec::new(), all, true);
    tangents.truncate(last.at() + 1);
    tangents
}

/// Adds the tangents of further nodes to those that are known: of those that these need.
fn continued(
    graph: &mut Graph,
    direction: Direction,
    known: Tangents,
    roots: impl IntoIterator<Item = Id>,
    enter: bool,
) -> Tangents {
    let needed = graph.needed(roots);
    let active = varying_with_parameters(graph, direction.parameters);
    let is_active = |id: Id| active.get(id.at()).copied().unwrap_or(false);
    let from = known.len();
    let mut tangent = known;
    tangent.resize(graph.len(), None);
    for id in graph.ids().skip(from) {
        if !(needed[id.at()] && is_active(id)) {
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

/// Adds the derivatives of the outputs along a direction, at kinks by the default convention.
pub(super) fn tangents(graph: &mut Graph, outputs: &[Output], direction: Direction) -> Vec<Output> {
    let roots: Vec<Id> = outputs.iter().flat_map(Output::ids).collect();
    let tangent = continued(graph, direction, Vec::new(), roots, false);
    outputs.iter().map(|output| output_of(graph, output, &tangent)).collect()
}

/// The same of one output.
pub(super) fn tangent(graph: &mut Graph, output: &Output, direction: Direction) -> Output {
    let tangent = continued(graph, direction, Vec::new(), output.ids(), false);
    output_of(graph, output, &tangent)
}

/// Adds the derivative along a direction of the gradient of a number, on the smooth piece that the
/// direction enters: one branch of each kink is taken for all orders.
///
/// ```text
/// t = tangents up to the number, by the branches that they enter
/// g = the gradient, by the same branches
/// the tangents of g, those that it is made of being t
/// ```
pub(super) fn entered_gradient(graph: &mut Graph, number: Id, direction: Direction) -> Output {
    let known = entering(graph, direction, number);
    let gradient = gradient(graph, number, direction.parameters, Some(Entered(&known)));
    let tangent = continued(graph, direction, known, gradient.ids(), false);
    output_of(graph, &gradient, &tangent)
}

/// An output of the tangents of another's numbers.
fn output_of(graph: &mut Graph, output: &Output, tangent: &[Option<Id>]) -> Output {
    let zero = graph.constant(0.0);
    let of = |id: Id| tangent.get(id.at()).copied().flatten().unwrap_or(zero);
    match output {
        Output::Number(id) => Output::Number(of(*id)),
        Output::Vector { len, entries, scatters } => Output::Vector {
            len: *len,
            entries: entries.iter().map(|&(place, id)| (place, of(id))).collect(),
            scatters: scatters.iter().map(|s| Scatter { value: of(s.value), ..*s }).collect(),
        },
    }
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
