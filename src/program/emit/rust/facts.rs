//! What is known of nodes whatever the numbers are.

use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Gate, Operation};

/// Which nodes are finite, and which are never 0.
///
/// The numbers of columns are finite: a program refuses others unless it is told to take them.
#[derive(Debug)]
pub(super) struct Facts {
    finite: Vec<bool>,
    nonzero: Vec<bool>,
}

impl Facts {
    pub(super) fn of(graph: &Graph) -> Self {
        let (mut finite, mut nonzero) = (Vec::new(), Vec::new());
        for id in graph.ids() {
            let args = graph.args(id);
            let is = |facts: &[bool], at: usize| facts[args[at].at()];
            let (is_finite, is_nonzero) = match graph.operation(id) {
                Operation::Constant(bits) => (f64::from(bits).is_finite(), f64::from(bits) != 0.0),
                Operation::Column(_) | Operation::Within { .. } => (true, false),
                // A count is far from overflowing, and so is its reciprocal from 0.
                Operation::Rows => (true, false),
                Operation::Div => {
                    let of_rows = graph.operation(args[1]) == Operation::Rows;
                    let constant = graph.constant_value(args[0]);
                    let great = constant.is_some_and(|x| x.is_finite() && x.abs() > 1e-200);
                    (false, of_rows && great)
                }
                Operation::Neg => (is(&finite, 0), is(&nonzero, 0)),
                Operation::Detach => (is(&finite, 0), is(&nonzero, 0)),
                Operation::Select => {
                    let both = |facts: &[bool]| is(facts, 1) && is(facts, 2);
                    (both(&finite), both(&nonzero))
                }
                operation => (operation.is_mask(), false),
            };
            finite.push(is_finite);
            nonzero.push(is_nonzero);
        }
        Facts { finite, nonzero }
    }

    /// Whether a product of derivatives is one like any other, since no 0 can meet what is not finite.
    pub(super) fn is_plain(&self, graph: &Graph, id: Id) -> bool {
        let Operation::Chain(gate) = graph.operation(id) else { return false };
        let [a, b] = [0, 1].map(|at| graph.args(id)[at].at());
        // What is not finite times 0 is NaN only where the factor that is 0 is one that stops.
        let stops = |zero: usize, other: usize| !self.nonzero[zero] && !self.finite[other];
        match gate {
            Gate::First => !stops(a, b),
            Gate::Either => !stops(a, b) && !stops(b, a),
        }
    }
}
