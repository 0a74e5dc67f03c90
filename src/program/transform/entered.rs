//! Slopes at kinks on the side that a direction enters.
//!
//! ```text
//! for node in nodes, first to last:
//!     slopes  = its partials; at a kink those of the side to which its arguments' tangents point
//!     tangent = sum of slope times tangent over the arguments
//! ```
//!
//! For second derivatives, tangents that do not decide leave it to their own tangents, the second rates:
//! `x²` at 0 has the tangent 0, and becomes positive.
//!
//! A reverse sweep with the same slopes then gives the gradient of the one smooth piece which the
//! direction enters (S. Kakade and J. Lee, "Provably correct automatic subdifferentiation for qualified
//! programs", NeurIPS 2018). Where no rate decides, the default convention stays.

use crate::op::{self, Corner};
use crate::program::ir::entries::{BinaryKind, UnaryKind};
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Operation, Reduction, Side};
use crate::program::transform::branch::{close, select};
use crate::program::transform::derive::{norm_parts, norm_slope};
use crate::program::transform::forward::Rates;
use smallvec::SmallVec;

/// How fast nodes change along the direction; 0 where there is no rate.
#[derive(Clone, Copy)]
pub(crate) struct Entered<'t>(pub(crate) &'t Rates);

impl Entered<'_> {
    fn tangent(self, graph: &mut Graph, id: Id) -> Id {
        of(&self.0.first, graph, id)
    }

    fn tangents(self, graph: &mut Graph, ids: &[Id]) -> SmallVec<[Id; 8]> {
        ids.iter().map(|&id| self.tangent(graph, id)).collect()
    }

    /// The second rates of these; none if they are all 0.
    fn seconds(self, graph: &mut Graph, ids: &[Id]) -> Option<SmallVec<[Id; 8]>> {
        let second = &self.0.second;
        let any = ids.iter().any(|id| second.get(id.at()).is_some_and(Option::is_some));
        any.then(|| ids.iter().map(|&id| of(second, graph, id)).collect())
    }

    /// One number where the first node becomes greater than the second along the direction, the other
    /// where it becomes less.
    fn side(self, graph: &mut Graph, nodes: [Id; 2], sides: [Id; 2], undecided: Id) -> Id {
        let second = self.seconds(graph, &nodes);
        let undecided = second.map_or(undecided, |t| side(graph, [t[0], t[1]], sides, undecided));
        let first = nodes.map(|id| self.tangent(graph, id));
        side(graph, first, sides, undecided)
    }

    /// The slope of a row of one argument. On the side of a kink that is entered it is a linear function
    /// of the argument, whose derivative is the second derivative there.
    pub(crate) fn unary(self, graph: &mut Graph, kind: UnaryKind, x: Id, slope: Id) -> Id {
        let (kinks, bends) = (kind.kinks(), kind.bends());
        // Of two kinks at one place the first is chosen last.
        kinks.into_iter().enumerate().rev().fold(slope, |slope, (which, (at, sides))| {
            let bend = bends.get(which);
            let at = graph.constant(at);
            let right = line(graph, [x, at], sides.right, bend.map(|bend| bend.right));
            let left = line(graph, [x, at], sides.left, bend.map(|bend| bend.left));
            let side = self.side(graph, [x, at], [right, left], slope);
            let here = graph.binary(Operation::Equal, x, at);
            select(graph, here, side, slope)
        })
    }

    /// The slope of a row of two arguments by one of them.
    pub(crate) fn binary(
        self,
        graph: &mut Graph,
        (kind, by): (BinaryKind, Side),
        [a, b]: [Id; 2],
        slope: Id,
    ) -> Id {
        let entered = match kind.corner() {
            Some(Corner::Tie { greater }) => {
                let [zero, one] = [0.0, 1.0].map(|c| graph.constant(c));
                let sides = if (by == Side::First) == greater { [one, zero] } else { [zero, one] };
                self.side(graph, [a, b], sides, slope)
            }
            Some(Corner::Apex) => self.apex(graph, &[a, b], if by == Side::First { a } else { b }),
            Some(Corner::Jump | Corner::Sides(_) | Corner::Branch { .. }) | None => return slope,
        };
        let kink = graph.binary(Operation::BinaryKink(kind), a, b);
        select(graph, kink, entered, slope)
    }

    /// The slope of a norm by one of its arguments.
    pub(crate) fn norm(
        self,
        graph: &mut Graph,
        (args, arg): (&[Id], Id),
        origin: Id,
        slope: Id,
    ) -> Id {
        let entered = self.apex(graph, args, arg);
        select(graph, origin, entered, slope)
    }

    /// The slope of a norm at the origin: what part one of its arguments has in the way that they
    /// all go.
    fn apex(self, graph: &mut Graph, args: &[Id], arg: Id) -> Id {
        let tangents = self.tangents(graph, args);
        let norm = graph.push(Operation::Norm, &tangents, None);
        let own = self.tangent(graph, arg);
        let first = slope_of_norm(graph, own, norm, &tangents);
        // Of `t z' + ½ t² z''` the way turns half as fast as `z' + t z''`.
        let fixed = graph.unary(Operation::Detach, first);
        let twice = graph.binary(Operation::Add, first, fixed);
        let half = graph.constant(0.5);
        let first = graph.binary(Operation::Mul, twice, half);
        let Some(second) = self.seconds(graph, args) else {
            return first;
        };
        let length = graph.push(Operation::Norm, &second, None);
        let own = of(&self.0.second, graph, arg);
        let second = slope_of_norm(graph, own, length, &second);
        let second = graph.unary(Operation::Detach, second);
        let zero = graph.constant(0.0);
        let still = graph.binary(Operation::Equal, norm, zero);
        select(graph, still, second, first)
    }

    /// The slopes of the greatest of some by each: of those that tie, the ones with the greatest
    /// rates share it.
    pub(crate) fn greatest(self, graph: &mut Graph, args: &[Id], most: Id) -> SmallVec<[Id; 8]> {
        let ties = args.iter().map(|&arg| graph.binary(Operation::Equal, arg, most)).collect();
        let tangents = self.tangents(graph, args);
        let max = |graph: &mut Graph, rates: &[Id]| graph.push(Operation::MaxOf, rates, None);
        let mut first = fastest(graph, ties, &tangents, max);
        if let Some(second) = self.seconds(graph, args) {
            first = fastest(graph, first, &second, max);
        }
        let count = graph.push(Operation::Sum, &first, None);
        first.iter().map(|&first| graph.binary(Operation::Div, first, count)).collect()
    }

    /// The same of the greatest of all rows.
    pub(crate) fn greatest_row(self, graph: &mut Graph, x: Id, most: Id) -> Id {
        let ties = graph.binary(Operation::Equal, x, most);
        let tangent = self.tangent(graph, x);
        let max = |graph: &mut Graph, rates: &[Id]| {
            graph.unary(Operation::Reduce(Reduction::Max), rates[0])
        };
        let mut first = fastest(graph, SmallVec::from_slice(&[ties]), &[tangent], max);
        if let Some(second) = self.seconds(graph, &[x]) {
            first = fastest(graph, first, &second, max);
        }
        let count = graph.unary(Operation::Reduce(Reduction::Sum), first[0]);
        graph.binary(Operation::Div, first[0], count)
    }

    /// The condition of a choice between two numbers. Where what is compared is equal, and the two
    /// numbers are too, but for rounding, it comes out as beside there; unless the number for where it
    /// holds has an infinite rate, which does not enter.
    pub(crate) fn condition(self, graph: &mut Graph, condition: Id, [yes, no]: [Id; 2]) -> Id {
        let (Operation::Above, &[a, b]) = (graph.operation(condition), graph.args(condition))
        else {
            return condition;
        };
        let finite = self.is_finite(graph, yes);
        let sides = [finite, graph.constant(0.0)];
        let beside = self.side(graph, [a, b], sides, condition);
        let meet = close(graph, yes, no);
        let beside = select(graph, meet, beside, condition);
        let tie = graph.binary(Operation::Equal, a, b);
        select(graph, tie, beside, condition)
    }
}

impl Entered<'_> {
    /// Whether the rates of a node are finite, as far as they are known.
    fn is_finite(self, graph: &mut Graph, id: Id) -> Id {
        let known = [&self.0.first, &self.0.second].map(|rates| rates.get(id.at()).copied());
        let infinity = graph.constant(f64::INFINITY);
        let one = graph.constant(1.0);
        known.into_iter().flatten().flatten().fold(one, |all, rate| {
            let size = graph.unary(Operation::Unary(op::Abs {}.into()), rate);
            let finite = graph.binary(Operation::Above, infinity, size);
            graph.binary(Operation::Mul, all, finite)
        })
    }
}

fn slope_of_norm(graph: &mut Graph, x: Id, norm: Id, xs: &[Id]) -> Id {
    let parts = norm_parts(graph, norm, xs);
    norm_slope(graph, x, parts)
}

fn of(rates: &[Option<Id>], graph: &mut Graph, id: Id) -> Id {
    rates.get(id.at()).copied().flatten().unwrap_or_else(|| graph.constant(0.0))
}

/// `slope + bend (x - at)`.
fn line(graph: &mut Graph, [x, at]: [Id; 2], slope: f64, bend: Option<f64>) -> Id {
    let slope = graph.constant(slope);
    let Some(bend) = bend else {
        return slope;
    };
    let bend = graph.constant(bend);
    let beyond = graph.binary(Operation::Sub, x, at);
    let more = graph.binary(Operation::Mul, bend, beyond);
    graph.binary(Operation::Add, slope, more)
}

/// One number where the first rate is greater, the other where the second is.
fn side(graph: &mut Graph, [a, b]: [Id; 2], [more, less]: [Id; 2], undecided: Id) -> Id {
    let above = graph.binary(Operation::Above, a, b);
    let below = graph.binary(Operation::Above, b, a);
    let undecided = select(graph, below, less, undecided);
    select(graph, above, more, undecided)
}

/// Of those among several that are marked, the ones with the greatest rate, as marks.
fn fastest(
    graph: &mut Graph,
    marks: SmallVec<[Id; 8]>,
    rates: &[Id],
    max: impl Fn(&mut Graph, &[Id]) -> Id,
) -> SmallVec<[Id; 8]> {
    let least = graph.constant(f64::NEG_INFINITY);
    let rates: SmallVec<[Id; 8]> =
        marks.iter().zip(rates).map(|(&mark, &rate)| select(graph, mark, rate, least)).collect();
    let greatest = max(graph, &rates);
    let marked = marks.iter().zip(&rates).map(|(&mark, &rate)| {
        let equal = graph.binary(Operation::Equal, rate, greatest);
        graph.binary(Operation::Mul, mark, equal)
    });
    marked.collect()
}
