//! Sums of many nodes.

use crate::op::nary;
use crate::program::ir::graph::{Args, Graph, Id, LineId};
use crate::program::ir::operation::Operation;

impl Graph {
    /// A long sum as a tree of short ones, in the order of [`nary::sum`].
    pub(crate) fn tree(&mut self, args: &[Id], line: Option<LineId>) -> Id {
        let sums: Args =
            args.chunks(nary::IN_TURN).map(|part| self.push(Operation::Sum, part, line)).collect();
        self.push(Operation::Sum, &sums, line)
    }

    /// For each of some nodes, the sum of all the others: along a tree of sums, so that there are at most
    /// three additions for each.
    pub(crate) fn all_but_one(&mut self, nodes: &[Id]) -> Vec<Id> {
        let n = nodes.len();
        // The sum at `k` is that of those at `2k` and `2k + 1`; the nodes are those from `n` on.
        let nothing = self.constant(-0.0);
        let mut sums = vec![nothing; n];
        sums.extend_from_slice(nodes);
        for at in (1..n).rev() {
            sums[at] = self.binary(Operation::Add, sums[2 * at], sums[2 * at + 1]);
        }
        let mut outside = vec![nothing; 2 * n];
        for at in 2..2 * n {
            outside[at] = self.binary(Operation::Add, outside[at / 2], sums[at ^ 1]);
        }
        outside.split_off(n)
    }
}
