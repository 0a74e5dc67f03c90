//! Slopes at kinks on the side that a direction enters.
//!
//! ```text
//! for node in nodes, first to last:
//!     slopes  = its partials; at a kink those of the side to which its arguments' tangents point
//!     tangent = sum of slope times tangent over the arguments
//! ```
//!
//! A reverse sweep with the same slopes then gives the gradient of the one smooth piece which the
//! direction enters (S. Kakade and J. Lee, "Provably correct automatic subdifferentiation for qualified
//! programs", NeurIPS 2018). Where the tangents do not decide, the default convention stays.

use super::graph::{Graph, Id};
use super::operation::{Operation, Reduction, Side};
use super::rows::{BinaryKind, UnaryKind};
use crate::op::{self, Corner, Op};
use smallvec::SmallVec;

/// The tangents along the direction, by node; 0 where there is none.
#[derive(Clone, Copy)]
pub(super) struct Entered<'t>(pub(super) &'t [Option<Id>]);

impl Entered<'_> {
    fn tangent(self, graph: &mut Graph, id: Id) -> Id {
        let tangent = self.0.get(id.at()).copied().flatten();
        tangent.unwrap_or_else(|| graph.constant(0.0))
    }

    fn tangents(self, graph: &mut Graph, ids: &[Id]) -> SmallVec<[Id; 8]> {
        ids.iter().map(|&id| self.tangent(graph, id)).collect()
    }

    /// The slope of a row of one argument.
    pub(super) fn unary(self, graph: &mut Graph, kind: UnaryKind, x: Id, slope: Id) -> Id {
        let (t, zero) = (self.tangent(graph, x), graph.constant(0.0));
        let up = graph.binary(Operation::Above, t, zero);
        let down = graph.binary(Operation::Above, zero, t);
        // Of two kinks at one place the first is chosen last.
        kind.kinks().into_iter().rev().fold(slope, |slope, (at, sides)| {
            let [at, left, right] = [at, sides.left, sides.right].map(|c| graph.constant(c));
            let side = select(graph, down, left, slope);
            let side = select(graph, up, right, side);
            let here = graph.binary(Operation::Equal, x, at);
            select(graph, here, side, slope)
        })
    }

    /// The slope of a row of two arguments by one of them.
    pub(super) fn binary(
        self,
        graph: &mut Graph,
        (kind, side): (BinaryKind, Side),
        args: [Id; 2],
        slope: Id,
    ) -> Id {
        let [a, b] = args.map(|arg| self.tangent(graph, arg));
        let entered = match kind.corner() {
            Some(Corner::Tie { greater }) => {
                let (more, less) = if greater { (a, b) } else { (b, a) };
                let first = graph.binary(Operation::Above, more, less);
                let [zero, one] = [0.0, 1.0].map(|c| graph.constant(c));
                let (yes, no) = if side == Side::First { (one, zero) } else { (zero, one) };
                let chosen = select(graph, first, yes, no);
                let alike = graph.binary(Operation::Equal, a, b);
                select(graph, alike, slope, chosen)
            }
            // At the origin `atan2` is no cone but a jump.
            Some(Corner::Apex) if kind.op() != Op::Atan2 => {
                let norm = graph.push(Operation::Norm, &[a, b], None);
                let own = if side == Side::First { a } else { b };
                graph.binary(Operation::NormSlope, own, norm)
            }
            _ => return slope,
        };
        let kink = graph.binary(Operation::BinaryKink(kind), args[0], args[1]);
        select(graph, kink, entered, slope)
    }

    /// The slope of a norm by one of its arguments.
    pub(super) fn norm(
        self,
        graph: &mut Graph,
        (args, arg): (&[Id], Id),
        origin: Id,
        slope: Id,
    ) -> Id {
        let tangents = self.tangents(graph, args);
        let norm = graph.push(Operation::Norm, &tangents, None);
        let own = self.tangent(graph, arg);
        let entered = graph.binary(Operation::NormSlope, own, norm);
        select(graph, origin, entered, slope)
    }

    /// The slopes of the greatest of some by each: of those that tie, the ones with the greatest
    /// tangent share it.
    pub(super) fn greatest(self, graph: &mut Graph, args: &[Id], most: Id) -> SmallVec<[Id; 8]> {
        let least = graph.constant(f64::NEG_INFINITY);
        let tangents: SmallVec<[Id; 8]> = args
            .iter()
            .map(|&arg| {
                let ties = graph.binary(Operation::Equal, arg, most);
                let tangent = self.tangent(graph, arg);
                select(graph, ties, tangent, least)
            })
            .collect();
        let steepest = graph.push(Operation::MaxOf, &tangents, None);
        let first = |&tangent: &Id| graph.binary(Operation::Equal, tangent, steepest);
        let first: SmallVec<[Id; 8]> = tangents.iter().map(first).collect();
        let count = graph.push(Operation::Sum, &first, None);
        first.iter().map(|&first| graph.binary(Operation::Div, first, count)).collect()
    }

    /// The same of the greatest of all rows.
    pub(super) fn greatest_row(self, graph: &mut Graph, x: Id, most: Id) -> Id {
        let ties = graph.binary(Operation::Equal, x, most);
        let (tangent, least) = (self.tangent(graph, x), graph.constant(f64::NEG_INFINITY));
        let tangent = select(graph, ties, tangent, least);
        let steepest = graph.unary(Operation::Reduce(Reduction::Max), tangent);
        let first = graph.binary(Operation::Equal, tangent, steepest);
        let count = graph.unary(Operation::Reduce(Reduction::Sum), first);
        graph.binary(Operation::Div, first, count)
    }

    /// The condition of a choice between two numbers. Where what is compared is equal, and the two
    /// numbers are too, but for rounding, it comes out as beside there.
    pub(super) fn condition(self, graph: &mut Graph, condition: Id, [yes, no]: [Id; 2]) -> Id {
        let (Operation::Above, &[a, b]) = (graph.operation(condition), graph.args(condition))
        else {
            return condition;
        };
        let [above, below] = [a, b].map(|id| self.tangent(graph, id));
        let beside = graph.binary(Operation::Above, above, below);
        let alike = graph.binary(Operation::Equal, above, below);
        let beside = select(graph, alike, condition, beside);
        let meet = close(graph, yes, no);
        let beside = select(graph, meet, beside, condition);
        let tie = graph.binary(Operation::Equal, a, b);
        select(graph, tie, beside, condition)
    }
}

/// Whether two numbers are equal but for rounding: one branch may well be computed otherwise than the
/// other.
fn close(graph: &mut Graph, a: Id, b: Id) -> Id {
    const ULPS: f64 = 16.0;
    let magnitude = |graph: &mut Graph, x| graph.unary(Operation::Unary(op::Abs {}.into()), x);
    let [a_size, b_size] = [a, b].map(|x| magnitude(graph, x));
    let size = graph.binary(Operation::Binary(op::Max.into()), a_size, b_size);
    let ulps = graph.constant(ULPS * f64::EPSILON);
    let room = graph.binary(Operation::Mul, size, ulps);
    let difference = graph.binary(Operation::Sub, a, b);
    let difference = magnitude(graph, difference);
    let within = graph.binary(Operation::AtLeast, room, difference);
    // Nothing finite is close to an infinity, which is equal to itself.
    let equal = graph.binary(Operation::Equal, a, b);
    let infinity = graph.constant(f64::INFINITY);
    let finite = graph.binary(Operation::Above, infinity, difference);
    select(graph, finite, within, equal)
}

fn select(graph: &mut Graph, condition: Id, yes: Id, no: Id) -> Id {
    graph.push(Operation::Select, &[condition, yes, no], None)
}
