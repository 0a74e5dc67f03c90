//! Reverse mode: a program that computes the gradient too.

use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::nature::Provenance;
use crate::program::ir::operation::{Gate, Operation, Reduction};
use crate::program::transform::derive::{partials, varying_with_parameters};
use crate::program::transform::entered::Entered;
use crate::program::{Output, Scatter};
use smallvec::SmallVec;

/// What flows into nodes: of each node a ring, of which the last is known. What was taken out is used
/// again, so that there are as many as flow at a time.
struct Flows {
    /// The last of each node, by its place.
    last: Vec<u32>,
    rings: Vec<Flow>,
    /// The first of those that were taken out.
    free: u32,
}

struct Flow {
    id: Id,
    /// Whether each row brings it.
    of_row: bool,
    next: u32,
}

const NONE: u32 = u32::MAX;

impl Flows {
    fn new(nodes: usize) -> Self {
        Flows { last: vec![NONE; nodes], rings: Vec::new(), free: NONE }
    }

    #[inline]
    fn is_empty(&self, node: Id) -> bool {
        self.last[node.at()] == NONE
    }

    #[inline(always)]
    fn push(&mut self, node: Id, id: Id, of_row: bool) {
        let at = match self.free {
            NONE => {
                self.rings.push(Flow { id, of_row, next: NONE });
                self.rings.len() as u32 - 1
            }
            free => {
                self.free = self.rings[free as usize].next;
                free
            }
        };
        let last = std::mem::replace(&mut self.last[node.at()], at);
        let first = match last {
            NONE => at,
            last => std::mem::replace(&mut self.rings[last as usize].next, at),
        };
        self.rings[at as usize] = Flow { id, of_row, next: first };
    }

    /// Takes out what flows into a node, the first first.
    #[inline]
    fn take(&mut self, node: Id, mut each: impl FnMut(Id, bool)) {
        let last = std::mem::replace(&mut self.last[node.at()], NONE);
        if last == NONE {
            return;
        }
        let mut at = self.rings[last as usize].next;
        loop {
            let Flow { id, of_row, next } = self.rings[at as usize];
            each(id, of_row);
            self.rings[at as usize].next = self.free;
            self.free = at;
            if at == last {
                return;
            }
            at = next;
        }
    }
}

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
    let is_active = |id: Id| active.get(id.at()).copied().unwrap_or(false);
    let sum = Operation::Reduce(Reduction::Sum);
    let mut sums: Vec<Id> =
        graph.ids().filter(|&id| active[id.at()] && graph.operation(id) == sum).collect();
    if sums.len() > 1 {
        let needed = graph.needed([output]);
        sums.retain(|&id| needed[id.at()]);
    }
    let mut reverse = Reverse {
        flows: Flows::new(graph.len()),
        only_sum: sums.len() == 1,
        each_row,
        scale: graph.constant(1.0),
        graph,
    };
    let one = reverse.scale;
    reverse.flows.push(output, one, false);
    let (mut entries, mut scatters) = (Vec::new(), Vec::new());
    let ids = reverse.graph.ids().rev().skip_while(|&id| id > output);
    for id in ids {
        if !is_active(id) || reverse.flows.is_empty(id) {
            continue;
        }
        let adjoint = reverse.adjoint(id);
        match reverse.graph.operation(id).provenance() {
            Provenance::Parameter(place) => entries.push((place, adjoint)),
            Provenance::Chosen { base, len } => {
                let index = reverse.graph.args(id)[0];
                let scale = reverse.scale;
                scatters.push(Scatter { base, len, index, value: adjoint, scale });
            }
            Provenance::Reduction(Reduction::Sum) if reverse.only_sum => {
                reverse.scale = adjoint;
                let arg = reverse.graph.args(id)[0];
                reverse.flows.push(arg, one, true);
            }
            Provenance::Constant(_) | Provenance::Column(_) | Provenance::Rows => {}
            Provenance::Reduction(_) | Provenance::Arguments => {
                let varying = reverse.graph.is_varying(id);
                for (arg, partial) in partials(reverse.graph, id, is_active, entered) {
                    let flow = partial.of_adjoint(reverse.graph, adjoint);
                    reverse.flows.push(arg, flow, varying);
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
    flows: Flows,
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
        let (mut of_rows, mut single) = (SmallVec::<[Id; 8]>::new(), SmallVec::<[Id; 8]>::new());
        let all_alike = self.each_row || self.graph.is_varying(node);
        self.flows.take(node, |id, of_row| match of_row && !all_alike {
            true => of_rows.push(id),
            false => single.push(id),
        });
        if !of_rows.is_empty() {
            let sum = self.graph.push(Operation::Sum, &of_rows, None);
            let sum = self.reduced(sum);
            single.push(self.graph.binary(Operation::Chain(Gate::First), self.scale, sum));
        }
        self.graph.push(Operation::Sum, &single, None)
    }

    /// The sum over the rows. A sign comes after it, once.
    fn reduced(&mut self, x: Id) -> Id {
        if self.graph.operation(x) == Operation::Neg {
            let x = self.graph.args(x)[0];
            let sum = self.reduced(x);
            return self.graph.unary(Operation::Neg, sum);
        }
        self.graph.unary(Operation::Reduce(Reduction::Sum), x)
    }
}
