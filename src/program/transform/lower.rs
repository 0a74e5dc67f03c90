//! Operations that stand for derivatives to come, replaced by what computes their values.
//!
//! A share `part / (part + others)` has the derivative `others / total²` by its part, which does not
//! cancel where the part is nearly all. Its value does not ask for the others: so, when no more
//! derivatives are to come, it is a quotient, and what adds up the others is not computed.

use crate::op;
use crate::program::Program;
use crate::program::ir::graph::{Args, Graph, Id};
use crate::program::ir::nature::Execution;
use crate::program::ir::operation::{Division, Operation};

impl Program {
    /// The same values without operations that only derivatives ask for; `None` if there are none.
    pub(crate) fn lowered(&self) -> Option<Program> {
        let only_for_derivatives = |id| self.graph.operation(id).execution() == Execution::Lowered;
        self.graph.ids().any(only_for_derivatives).then(|| {
            let mut graph = Graph::default();
            let mut place: Vec<Id> = Vec::with_capacity(self.graph.len());
            for id in self.graph.ids() {
                let args: Args = self.graph.args(id).iter().map(|arg| place[arg.at()]).collect();
                place.push(lower(&self.graph, id, &args, &mut graph));
            }
            graph.watch_as(&self.graph, |id| place[id.at()]);
            self.clone().moved(graph, |id| place[id.at()]).trimmed()
        })
    }
}

fn lower(from: &Graph, id: Id, args: &Args, graph: &mut Graph) -> Id {
    match from.operation(id) {
        Operation::Share(Division::Quotient) => graph.binary(Operation::Div, args[0], args[1]),
        Operation::Share(Division::Reciprocal) => {
            let one = graph.constant(1.0);
            let inverse = graph.binary(Operation::Div, one, args[1]);
            graph.binary(Operation::Mul, args[0], inverse)
        }
        Operation::LogSum => {
            let ln = Operation::Unary(op::Ln {}.into());
            let line = from.line_into(id, graph);
            graph.push(ln, &args[..1], line)
        }
        operation => {
            debug_assert!(operation.execution() != Execution::Lowered, "{operation:?} stays");
            from.copy_into(id, args, graph)
        }
    }
}
