//! Forward mode: a program that computes directional derivatives too.

use crate::program::ir::graph::{Args, Graph, Id};
use crate::program::ir::nature::Provenance;
use crate::program::ir::operation::{Operation, Reduction};
use crate::program::transform::derive::{Partial, extend_varying, norm_inverse, partials};
use crate::program::transform::entered::Entered;
use crate::program::transform::reverse::gradient;
use crate::program::{Name, Output, Scatter};
use smallvec::SmallVec;
use std::collections::BTreeSet;

/// Along what a program of so many parameters is differentiated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Direction<'c> {
    parameters: usize,
    along: Along<'c>,
}

#[derive(Clone, Copy, Debug)]
enum Along<'c> {
    /// What follows the parameters, as many.
    Following,
    /// One of the parameters.
    Axis(u32),
    /// The parameters of a color.
    Color(&'c [u32], u32),
}

impl<'c> Direction<'c> {
    /// The parameters from the last of the program's on, as many.
    pub(crate) fn following(parameters: usize) -> Self {
        Direction { parameters, along: Along::Following }
    }

    /// The axis of one of the parameters.
    pub(crate) fn axis(parameters: usize, along: u32) -> Self {
        Direction { parameters, along: Along::Axis(along) }
    }

    /// The sum of the axes of the parameters that have a color.
    pub(crate) fn colored(parameters: usize, colors: &'c [u32], color: u32) -> Self {
        Direction { parameters, along: Along::Color(colors, color) }
    }

    /// Whether it goes along the axis of a parameter; not known of what follows.
    fn goes_along(self, parameter: u32) -> Option<bool> {
        match self.along {
            Along::Following => None,
            Along::Axis(chosen) => Some(parameter == chosen),
            Along::Color(colors, color) => Some(colors.get(parameter as usize) == Some(&color)),
        }
    }

    /// Whether it may move one of so many parameters. Along a color most stay, and what depends on them alone.
    fn moves(self, first: u32, len: u32) -> bool {
        (first as usize) < self.parameters
            && (first..first + len).any(|parameter| self.goes_along(parameter) != Some(false))
    }

    /// The component that belongs to a parameter.
    fn of(self, graph: &mut Graph, parameter: u32) -> Option<Id> {
        match self.goes_along(parameter) {
            None => {
                let place = parameter + self.parameters as u32;
                Some(graph.push(Operation::Parameter(place), &[], None))
            }
            Some(along) => along.then(|| graph.constant(1.0)),
        }
    }

    /// The component that belongs to a parameter that each row chooses.
    fn of_chosen(self, graph: &mut Graph, (base, len): (u32, u32), index: Id) -> Option<Id> {
        if let Along::Following = self.along {
            let operation = Operation::Gather { base: base + self.parameters as u32, len };
            return Some(graph.push(operation, &[index], None));
        }
        let chosen = (0..len).filter(|at| self.goes_along(base + at) == Some(true));
        let chosen: SmallVec<[Id; 3]> = chosen
            .map(|at| {
                let at = graph.constant(f64::from(at));
                graph.binary(Operation::Equal, index, at)
            })
            .collect();
        (!chosen.is_empty()).then(|| graph.push(Operation::Sum, &chosen, None))
    }
}

/// How fast nodes change along a direction; none where it does not move a node.
#[derive(Default)]
pub(crate) struct Rates {
    /// The tangents, by node.
    pub(crate) first: Vec<Option<Id>>,
    /// The tangents of the tangents, of nodes that a kink compares.
    pub(crate) second: Vec<Option<Id>>,
}

/// Adds the tangents of nodes, each once.
struct Forward<'g> {
    graph: &'g mut Graph,
    direction: Direction<'g>,
    /// The last node that takes the branch which the direction enters; those behind it follow the
    /// default convention.
    last: Option<Id>,
    /// Whether second rates decide where the first do not.
    twice: bool,
    /// Which nodes it moves.
    active: Vec<bool>,
    done: Vec<bool>,
    rates: Rates,
}

impl<'g> Forward<'g> {
    fn new(graph: &'g mut Graph, direction: Direction<'g>, last: Option<Id>, twice: bool) -> Self {
        let (active, done, rates) = Default::default();
        Forward { graph, direction, last, twice, active, done, rates }
    }

    /// Adds the tangents of nodes, and of all that these need.
    fn reach(&mut self, roots: impl IntoIterator<Item = Id>) {
        let direction = self.direction;
        extend_varying(&mut self.active, self.graph, |first, len| direction.moves(first, len));
        self.done.resize(self.graph.len(), false);
        self.rates.first.resize(self.graph.len(), None);
        let is_wanted = |id: &Id| self.active[id.at()] && !self.done[id.at()];
        let mut open: BTreeSet<Id> = roots.into_iter().filter(is_wanted).collect();
        let mut found = Vec::new();
        while let Some(id) = open.pop_last() {
            found.push(id);
            open.extend(self.graph.args(id).iter().copied().filter(is_wanted));
        }
        for id in found.into_iter().rev() {
            // A kink before it may have asked for it.
            if !self.done[id.at()] {
                let tangent = self.of(id);
                self.rates.first[id.at()] = tangent;
                self.done[id.at()] = true;
            }
        }
    }

    /// The tangent of a node whose arguments have theirs.
    fn of(&mut self, id: Id) -> Option<Id> {
        match self.graph.operation(id).provenance() {
            Provenance::Parameter(place) => self.direction.of(self.graph, place),
            Provenance::Chosen { base, len } => {
                let index = self.graph.args(id)[0];
                self.direction.of_chosen(self.graph, (base, len), index)
            }
            Provenance::Constant(_) | Provenance::Column(_) | Provenance::Rows => None,
            Provenance::Reduction(Reduction::Sum) => {
                let tangent = self.rates.first[self.graph.args(id)[0].at()]?;
                Some(self.graph.unary(Operation::Reduce(Reduction::Sum), tangent))
            }
            Provenance::Reduction(Reduction::Max) => {
                let flow = self.carried(id)?;
                Some(self.graph.unary(Operation::Reduce(Reduction::Sum), flow))
            }
            Provenance::Arguments if self.graph.operation(id) == Operation::NormSlope => {
                self.turned(id)
            }
            Provenance::Arguments => self.carried(id),
        }
    }

    /// The tangent of a slope `u = x / y` of a norm, `(x' - u y') / y`: as the difference of two quotients it would
    /// be NaN where `1 / y` is infinite.
    fn turned(&mut self, id: Id) -> Option<Id> {
        let args = self.graph.args(id);
        let (x, parts) = (args[0], [args[1], args[2]]);
        if self.graph.operation(parts[1]) != Operation::NormRoot {
            return self.carried(id);
        }
        let norm = self.graph.args(parts[1])[0];
        let Forward { graph, rates, .. } = self;
        let [own, whole] = [x, norm].map(|id| rates.first[id.at()]);
        let along = whole.map(|rate| Partial::By(id).of_tangent(graph, rate));
        let across = match (own, along) {
            (Some(own), Some(along)) => graph.binary(Operation::Sub, own, along),
            (None, Some(along)) => graph.unary(Operation::Neg, along),
            (own, None) => own?,
        };
        let inverse = norm_inverse(graph, parts);
        Some(Partial::By(inverse).of_tangent(graph, across))
    }

    /// What the arguments' tangents make of a node's.
    fn carried(&mut self, id: Id) -> Option<Id> {
        let enter = self.last.is_some_and(|last| id <= last);
        if enter && self.twice {
            self.second(&compared(self.graph, id));
        }
        let Forward { graph, active, rates, .. } = self;
        let is_active = |id: Id| active.get(id.at()).copied().unwrap_or(false);
        let mut flows = SmallVec::<[Id; 3]>::new();
        for (arg, partial) in partials(graph, id, is_active, enter.then_some(Entered(rates))) {
            if let Some(tangent) = rates.first[arg.at()] {
                flows.push(partial.of_tangent(graph, tangent));
            }
        }
        (!flows.is_empty()).then(|| graph.push(Operation::Sum, &flows, None))
    }

    /// Adds the second rates of nodes.
    fn second(&mut self, ids: &[Id]) {
        for &id in ids {
            if let Some(tangent) = self.rates.first[id.at()] {
                self.reach([tangent]);
                self.rates.second.resize(self.graph.len(), None);
                self.rates.second[id.at()] = self.rates.first[tangent.at()];
            }
        }
    }
}

/// The nodes whose rates choose the branch of a kink, or of a choice.
fn compared(graph: &Graph, id: Id) -> Args {
    use Operation::*;
    let args = graph.args(id);
    let has_kinks = match graph.operation(id) {
        Unary(kind) => kind.has_kinks(),
        Binary(kind) => kind.corner().is_some(),
        MaxOf | Norm | Reduce(Reduction::Max) => true,
        Select if graph.operation(args[0]) == Above => {
            // What may be entered, too: it has to be finite.
            return graph.args(args[0]).iter().chain(&args[1..2]).copied().collect();
        }
        // Only a comparison with `>` may be of numbers that change.
        Select => false,
        // Smooth, or a slope: it goes on as its entry does on the side that was entered.
        Neg | Add | Sub | Mul | Div | MulAdd | ProductPlus | Chain(_) | Many(_) => false,
        UnarySlope(_) | NormScale | NormRoot | NormSlope | ExpShift | Share(_) => false,
        LogSum | LogSumExp => false,
        BinarySlope { .. } => false,
        Sum | Dot | FusedDot | ChainDot(_) | Reduce(Reduction::Sum) => false,
        // Jumps are no kinks.
        Rem | RemSlope | UnaryKink(_) | BinaryKink(_) | Above | AtLeast | Equal => false,
        Constant(_) | Parameter(_) | Column(_) | Rows | Detach => false,
        Gather { .. } | Within { .. } => false,
    };
    if has_kinks { Args::from_slice(args) } else { Args::new() }
}

/// Adds the tangents of the nodes up to one along a direction, at kinks of the branch that it enters.
pub(crate) fn entering(graph: &mut Graph, direction: Direction<'_>, last: Id) -> Rates {
    entered(graph, direction, last, false).rates
}

fn entered<'g>(
    graph: &'g mut Graph,
    direction: Direction<'g>,
    last: Id,
    twice: bool,
) -> Forward<'g> {
    // All of them, since the gradient may need what the number itself does not.
    let all = graph.ids().take_while(move |&id| id <= last);
    let mut forward = Forward::new(graph, direction, Some(last), twice);
    forward.reach(all);
    forward
}

/// Adds the derivatives of the outputs along a direction, at kinks by the default convention.
pub(crate) fn tangents(
    graph: &mut Graph,
    outputs: &[(Name, Output)],
    direction: Direction<'_>,
) -> Vec<Output> {
    let mut forward = Forward::new(graph, direction, None, false);
    forward.reach(outputs.iter().flat_map(|(_, output)| output.ids()));
    let Forward { graph, rates, .. } = forward;
    outputs.iter().map(|(_, output)| output_of(graph, output, &rates.first)).collect()
}

/// The same of one output.
pub(crate) fn tangent(graph: &mut Graph, output: &Output, direction: Direction<'_>) -> Output {
    let mut forward = Forward::new(graph, direction, None, false);
    forward.reach(output.ids());
    output_of(forward.graph, output, &forward.rates.first)
}

/// Adds the derivative along a direction of the gradient of a number, on the smooth piece that the
/// direction enters: one branch of each kink is taken for all orders.
///
/// ```text
/// t = tangents up to the number, by the branches that they enter
/// g = the gradient, by the same branches
/// the tangents of g, those that it is made of being t
/// ```
///
/// Where the first rates do not say which branch, the second do: `|-x²|` goes on as `x²`.
pub(crate) fn entered_gradient(graph: &mut Graph, number: Id, direction: Direction<'_>) -> Output {
    let mut forward = entered(graph, direction, number, true);
    let entered = Some(Entered(&forward.rates));
    let gradient = gradient(forward.graph, number, direction.parameters, entered);
    forward.reach(gradient.ids());
    output_of(forward.graph, &gradient, &forward.rates.first)
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
        Output::Rows { len, entries, scatters } => Output::Rows {
            len: *len,
            entries: entries.iter().map(|&(place, id)| (place, of(id))).collect(),
            scatters: scatters.iter().map(|s| Scatter { value: of(s.value), ..*s }).collect(),
        },
    }
}
