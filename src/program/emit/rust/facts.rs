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
                // Of any other operation neither is known, which is never wrong.
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

#[cfg(test)]
mod tests {
    use super::Facts;
    use crate::program::ir::graph::{Graph, Id};
    use crate::program::ir::operation::{Gate, Operation, evaluate};
    use proptest::prelude::*;

    /// An operation and its arguments, among the nodes so far.
    type Step = (Operation, [prop::sample::Index; 3]);

    fn step() -> impl Strategy<Value = Step> {
        use Operation::*;
        let chains = [Gate::First, Gate::Either].map(Chain);
        let others = [Neg, Detach, Select, Div, Mul, Add, Above];
        let operation = prop_oneof![
            prop::sample::select(chains.to_vec()),
            prop::sample::select(others.to_vec()),
        ];
        (operation, any::<[prop::sample::Index; 3]>())
    }

    const ODD: [f64; 8] = [0.0, -0.0, 1.0, f64::INFINITY, f64::NAN, 5e-324, -1e300, f64::MAX];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        /// Whatever the parameters, and whatever finite numbers the columns hold.
        #[test]
        fn what_is_printed_as_a_plain_product_has_its_bits(
            steps in prop::collection::vec(step(), 1..40),
            points in prop::collection::vec(prop::array::uniform4(prop::sample::select(ODD.to_vec())), 24),
        ) {
            let mut graph = Graph::default();
            let mut ids: Vec<Id> = Vec::new();
            for operation in (0..2).map(Operation::Parameter).chain((0..2).map(Operation::Column)) {
                ids.push(graph.push(operation, &[], None));
            }
            let rows = graph.push(Operation::Rows, &[], None);
            ids.push(rows);
            ids.extend([0.0, -0.0, 2.0, 1e-300, f64::INFINITY, f64::NAN].map(|x| graph.constant(x)));
            for x in [1.0, 1e-190, 1e-310] {
                let x = graph.constant(x);
                ids.push(graph.binary(Operation::Div, x, rows));
            }
            for (operation, picks) in &steps {
                let args: Vec<Id> = picks.iter().map(|pick| ids[pick.index(ids.len())]).collect();
                let arity = operation.arity().expect("operations of few arguments");
                ids.push(graph.push(*operation, &args[..arity], None));
            }
            let facts = Facts::of(&graph);
            for (count, point) in [0.0, 1.0, 3.0, 1e9, 1.8e19].into_iter().cycle().zip(&points) {
                let mut values: Vec<f64> = Vec::new();
                for id in graph.ids() {
                    let args: Vec<f64> = graph.args(id).iter().map(|arg| values[arg.at()]).collect();
                    let value = match graph.operation(id) {
                        Operation::Parameter(at) => point[at as usize],
                        Operation::Column(at) => {
                            let x = point[2 + at as usize];
                            if x.is_finite() { x } else { 0.0 }
                        }
                        Operation::Rows => count,
                        operation => evaluate(operation, &args).expect("an operation of a row"),
                    };
                    if facts.is_plain(&graph, id) {
                        let plain = args[0] * args[1];
                        let same = plain.to_bits() == value.to_bits() || plain.is_nan() && value.is_nan();
                        prop_assert!(same, "{} and {}: {}", args[0], args[1], value);
                    }
                    values.push(value);
                }
            }
        }
    }

    #[test]
    fn a_product_is_plain_only_where_no_zero_that_stops_can_meet_what_is_not_finite() {
        let mut graph = Graph::default();
        let parameter = graph.push(Operation::Parameter(0), &[], None);
        let column = graph.push(Operation::Column(0), &[], None);
        let [zero, two, infinite] = [0.0, 2.0, f64::INFINITY].map(|x| graph.constant(x));
        let rows = graph.push(Operation::Rows, &[], None);
        let share = graph.binary(Operation::Div, two, rows);
        let tiny = graph.constant(1e-310);
        let vanishing = graph.binary(Operation::Div, tiny, rows);
        let (first, either) = (Gate::First, Gate::Either);
        for (gate, a, b, plain) in [
            (first, two, parameter, true),
            (first, share, parameter, true),
            (first, vanishing, parameter, false),
            (first, parameter, column, true),
            (first, column, parameter, false),
            (first, zero, parameter, false),
            (first, column, infinite, false),
            (either, parameter, column, false),
            (either, column, column, true),
            (either, two, parameter, true),
            (either, parameter, two, true),
            (either, parameter, parameter, false),
        ] {
            let id = graph.push(Operation::Chain(gate), &[a, b], None);
            if let Operation::Chain(_) = graph.operation(id) {
                assert_eq!(Facts::of(&graph).is_plain(&graph, id), plain, "{gate:?} {a:?} {b:?}");
            }
        }
    }
}
