//! Reverse mode: a program that computes the gradient too.

use crate::program::ir::graph::{Graph, Id, Node};
use crate::program::ir::operation::{Gate, Operation, Reduction};
use crate::program::transform::derive::{partials, varying_with_parameters};
use crate::program::transform::entered::Entered;
use crate::program::{Output, Scatter};
use smallvec::SmallVec;

/// What flows into a node, and whether each row brings it.
type Flows = SmallVec<[(Id, bool); 2]>;

/// Adds the gradient of `output`, a number, by all parameters.
///
/// ```text
/// adjoint[output] = 1
/// for node in nodes, last to first:
///     for (argument, partial) in the partials of node:
///         adjoint[argument] += partial * adjoint[node]
/// ```
///
/// What flows from the rows into one number is added up over them. Where all rows get the same
/// adjoint, as from a mean, they get 1 instead, and the sums are multiplied by it: once, not for each
/// row, and after the last row, so that the number of rows need not be known before.
///
/// Kinks follow the default convention, or the side that a direction enters.
pub(crate) fn gradient(
    graph: &mut Graph,
    output: Id,
    parameters: usize,
    entered: Option<Entered<'_>>,
) -> Output {
    let (entries, scatters) = sweep(graph, output, parameters, entered, false);
    Output::Vector { len: parameters, entries, scatters }
}

/// Adds the partial derivatives of `output`, a number for each row, in that row: places and numbers, and
/// those whose place the row chooses.
pub(crate) fn in_each_row(
    graph: &mut Graph,
    output: Id,
    parameters: usize,
) -> (Vec<(u32, Id)>, Vec<Scatter>) {
    sweep(graph, output, parameters, None, true)
}

fn sweep(
    graph: &mut Graph,
    output: Id,
    parameters: usize,
    entered: Option<Entered<'_>>,
    each_row: bool,
) -> (Vec<(u32, Id)>, Vec<Scatter>) {
    // Most nodes have one adjoint.
    graph.reserve(graph.len());
    let active = varying_with_parameters(graph, parameters);
    let needed = graph.needed([output]);
    let is_active = |id: Id| active.get(id.at()).copied().unwrap_or(false);
    let sums = graph.ids().filter(|&id| {
        let sum = graph.operation(id) == Operation::Reduce(Reduction::Sum);
        sum && active[id.at()] && needed[id.at()]
    });
    let mut reverse = Reverse {
        flows: vec![Flows::new(); graph.len()],
        only_sum: sums.count() == 1,
        each_row,
        scale: graph.constant(1.0),
        graph,
    };
    let one = reverse.scale;
    reverse.flows[output.at()].push((one, false));
    let (mut entries, mut scatters) = (Vec::new(), Vec::new());
    let ids = reverse.graph.ids().rev().skip_while(|&id| id > output);
    for id in ids {
        if !is_active(id) || reverse.flows[id.at()].is_empty() {
            continue;
        }
        let adjoint = reverse.adjoint(id);
        match reverse.graph.operation(id) {
            Operation::Parameter(place) => entries.push((place, adjoint)),
            Operation::Gather { base, len } => {
                let index = reverse.graph.args(id)[0];
                let scale = reverse.scale;
                scatters.push(Scatter { base, len, index, value: adjoint, scale });
            }
            Operation::Reduce(Reduction::Sum) if reverse.only_sum => {
                reverse.scale = adjoint;
                let arg = reverse.graph.args(id)[0];
                reverse.flows[arg.at()].push((one, true));
            }
            _ => {
                let varying = reverse.graph.is_varying(id);
                for (arg, partial) in partials(reverse.graph, id, is_active, entered) {
                    let flow = partial.of_adjoint(reverse.graph, adjoint);
                    reverse.flows[arg.at()].push((flow, varying));
                }
            }
        }
    }
    entries.sort_unstable();
    (entries, scatters)
}

struct Reverse<'g> {
    graph: &'g mut Graph,
    /// What flows into each node.
    flows: Vec<Flows>,
    /// Whether the rows come together in one sum.
    only_sum: bool,
    /// Whether nothing is added up over the rows that they do not add up themselves.
    each_row: bool,
    /// What sums over the rows are to be multiplied by.
    scale: Id,
}

impl Reverse<'_> {
    /// The sum of what flows into a node.
    fn adjoint(&mut self, node: Id) -> Id {
        let flows = std::mem::take(&mut self.flows[node.at()]);
        let of = |of_rows: bool| -> SmallVec<[Id; 4]> {
            flows.iter().filter(|flow| flow.1 == of_rows).map(|flow| flow.0).collect()
        };
        if self.each_row || self.graph.is_varying(node) {
            let all: SmallVec<[Id; 4]> = flows.iter().map(|flow| flow.0).collect();
            return self.graph.push(Operation::Sum, &all, None);
        }
        let (of_rows, mut single) = (of(true), of(false));
        if !of_rows.is_empty() {
            let sum = self.graph.push(Operation::Sum, &of_rows, None);
            let sum = self.reduced(sum);
            single.push(self.graph.binary(Operation::Chain(Gate::First), self.scale, sum));
        }
        self.graph.push(Operation::Sum, &single, None)
    }

    /// The sum over the rows. A sign comes after it, once.
    fn reduced(&mut self, x: Id) -> Id {
        if let Node { operation: Operation::Neg, args } = self.graph.node(x) {
            let x = args[0];
            let sum = self.reduced(x);
            return self.graph.unary(Operation::Neg, sum);
        }
        self.graph.unary(Operation::Reduce(Reduction::Sum), x)
    }
}
