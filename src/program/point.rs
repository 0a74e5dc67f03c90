//! Numbers that are the same for all rows: computed once.

use super::graph::{Graph, Id};
use super::operation::{Operation, evaluate};
use smallvec::SmallVec;

/// One operation on single numbers.
#[derive(Clone, Debug)]
struct Step {
    operation: Operation,
    out: u32,
    args: SmallVec<[u32; 3]>,
}

/// A list of operations on single numbers.
#[derive(Debug, Default)]
pub(super) struct Point {
    steps: Vec<Step>,
}

impl Point {
    /// Of these nodes, each after those that it needs; `number` tells where each stands.
    pub(super) fn new(graph: &Graph, ids: &[Id], number: &[u32]) -> Self {
        let steps = ids.iter().map(|&id| Step {
            operation: graph.operation(id),
            out: number[id.at()],
            args: graph.args(id).iter().map(|arg| number[arg.at()]).collect(),
        });
        Point { steps: steps.collect() }
    }

    pub(super) fn run(&self, numbers: &mut [f64]) {
        let mut values = SmallVec::<[f64; 8]>::new();
        for step in &self.steps {
            values.clear();
            values.extend(step.args.iter().map(|&arg| numbers[arg as usize]));
            if let Some(value) = evaluate(step.operation, &values) {
                numbers[step.out as usize] = value;
            }
        }
    }
}
