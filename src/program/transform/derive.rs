//! The partials of each operation, as nodes: what both directions of differentiation are made of.

use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::nature::Provenance;
use crate::program::ir::operation::{Division, Gate, Operation, Reduction, Side};
use crate::program::record::curvature;
use crate::program::transform::entered::Entered;
use smallvec::SmallVec;

/// The derivative of a node by one argument.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Partial {
    One,
    MinusOne,
    By(Id),
    /// 1 where the condition is `holds`, else nothing passes.
    Where {
        condition: Id,
        holds: bool,
    },
    /// The node is a sum over the rows: the derivatives of all rows add up to its own.
    OfSum,
}

impl Partial {
    /// A tangent carried over by this partial. Either passes nothing on where it is 0: so what is not
    /// taken has no say, be it NaN.
    pub(crate) fn of_tangent(self, graph: &mut Graph, tangent: Id) -> Id {
        self.carried(graph, Gate::Either, tangent)
    }

    /// An adjoint carried over by this partial. Where it is 0 it passes nothing on, whatever the partial.
    pub(crate) fn of_adjoint(self, graph: &mut Graph, adjoint: Id) -> Id {
        self.carried(graph, Gate::First, adjoint)
    }

    fn carried(self, graph: &mut Graph, gate: Gate, derivative: Id) -> Id {
        match self {
            Partial::One | Partial::OfSum => derivative,
            Partial::MinusOne => graph.unary(Operation::Neg, derivative),
            Partial::By(partial) => graph.binary(Operation::Chain(gate), derivative, partial),
            Partial::Where { condition, holds } => {
                let zero = graph.constant(0.0);
                let (yes, no) = if holds { (derivative, zero) } else { (zero, derivative) };
                graph.push(Operation::Select, &[condition, yes, no], None)
            }
        }
    }
}

/// The partials of a node by those arguments that `active` names; inputs have none.
///
/// Kinks follow the default convention, which the slopes of a row are by themselves, or the side that a
/// direction enters.
pub(crate) fn partials(
    graph: &mut Graph,
    id: Id,
    active: impl Fn(Id) -> bool,
    entered: Option<Entered<'_>>,
) -> SmallVec<[(Id, Partial); 3]> {
    use Operation::*;
    let args: SmallVec<[Id; 8]> = graph.args(id).into();
    let line = graph.line_of(id);
    let mut list: SmallVec<[(Id, Partial); 3]> = SmallVec::new();
    // Only what is asked for is built.
    macro_rules! by {
        ($arg:expr, $partial:expr) => {
            if active($arg) {
                let partial = $partial;
                list.push(($arg, partial));
            }
        };
    }
    match graph.operation(id) {
        Neg => by!(args[0], Partial::MinusOne),
        Add => {
            let [a, b] = first(&args);
            by!(a, Partial::One);
            by!(b, Partial::One);
        }
        Sub => {
            let [a, b] = first(&args);
            by!(a, Partial::One);
            by!(b, Partial::MinusOne);
        }
        Mul | Chain(_) => {
            let [a, b] = first(&args);
            by!(a, Partial::By(b));
            by!(b, Partial::By(a));
        }
        Div => {
            let [a, b] = first(&args);
            by!(a, {
                let one = graph.constant(1.0);
                Partial::By(graph.binary(Div, one, b))
            });
            by!(b, {
                let quotient = graph.binary(Div, id, b);
                Partial::By(graph.unary(Neg, quotient))
            });
        }
        Rem => {
            let [a, b] = first(&args);
            by!(a, Partial::One);
            by!(b, Partial::By(graph.binary(RemSlope, a, b)));
        }
        MulAdd | ProductPlus => {
            let [a, b, c] = first(&args);
            by!(a, Partial::By(b));
            by!(b, Partial::By(a));
            by!(c, Partial::One);
        }
        Unary(kind) => {
            let [x] = first(&args);
            if kind.has_kinks() && active(x) {
                let kink = graph.unary(UnaryKink(kind), x);
                graph.watch(kink, kind.op().name(), line);
            }
            by!(x, {
                let slope = graph.push(UnarySlope(kind), &[x, id], line);
                Partial::By(entered.map_or(slope, |e| e.unary(graph, kind, x, slope)))
            });
        }
        UnarySlope(kind) => {
            let [x, y] = first(&args);
            if active(x) {
                let curve = curvature::unary(graph, kind, [x, y, id]);
                list.extend(curved(graph, curve).map(|by| (x, by)));
            }
        }
        Binary(kind) => {
            let [a, b] = first(&args);
            if kind.corner().is_some() {
                let kink = graph.binary(BinaryKink(kind), a, b);
                graph.watch(kink, kind.op().name(), line);
            }
            for (arg, other, side) in [(a, b, Side::First), (b, a, Side::Second)] {
                let alone = !active(other);
                by!(arg, {
                    let slope = BinarySlope { kind, side, alone };
                    let slope = graph.push(slope, &[a, b, id], line);
                    let side = (kind, side);
                    Partial::By(entered.map_or(slope, |e| e.binary(graph, side, [a, b], slope)))
                });
            }
        }
        BinarySlope { kind, side, .. } => {
            let [a, b, y] = first(&args);
            for (arg, by) in [(a, Side::First), (b, Side::Second)] {
                if active(arg) {
                    let curve = curvature::binary(graph, kind, [side, by], [a, b, y]);
                    list.extend(curved(graph, curve).map(|by| (arg, by)));
                }
            }
        }
        Many(kind) => {
            if args.iter().any(|&arg| active(arg)) {
                let slopes = curvature::many(graph, kind, &args, id);
                for (&arg, slope) in args.iter().zip(slopes) {
                    if active(arg) {
                        list.extend(curved(graph, slope).map(|by| (arg, by)));
                    }
                }
            }
        }
        Select => {
            let [condition, yes, no] = first(&args);
            let meant = entered.filter(|_| active(yes) || active(no));
            let condition = meant.map_or(condition, |e| e.condition(graph, condition, [yes, no]));
            by!(yes, Partial::Where { condition, holds: true });
            by!(no, Partial::Where { condition, holds: false });
        }
        Sum => {
            for &arg in &args {
                by!(arg, Partial::One);
            }
        }
        Dot | FusedDot | ChainDot(_) => {
            for &[a, b] in args.as_chunks::<2>().0 {
                by!(a, Partial::By(b));
                by!(b, Partial::By(a));
            }
        }
        MaxOf => {
            let (share, tie) = shares(graph, id, &args, &active);
            let sides = entered.map(|e| e.greatest(graph, &args, id));
            // Of several NaN the first is the greatest.
            let number = graph.binary(Equal, id, id);
            let [zero, mut none_before] = [0.0, 1.0].map(|x| graph.constant(x));
            for (at, &arg) in args.iter().enumerate() {
                by!(arg, {
                    let chosen = graph.binary(Equal, arg, id);
                    let slope = graph.binary(Mul, chosen, share);
                    let itself = graph.binary(Equal, arg, arg);
                    let first = graph.push(Select, &[itself, zero, none_before], None);
                    let slope = graph.push(Select, &[number, slope, first], None);
                    Partial::By(
                        sides.as_ref().map_or(slope, |sides| {
                            graph.push(Select, &[tie, sides[at], slope], None)
                        }),
                    )
                });
                let itself = graph.binary(Equal, arg, arg);
                none_before = graph.binary(Mul, none_before, itself);
            }
        }
        Norm => {
            let zero = graph.constant(0.0);
            let origin = graph.binary(Equal, id, zero);
            graph.watch(origin, "norm", line);
            let parts = norm_parts(graph, id, &args);
            for &arg in &args {
                by!(arg, {
                    let slope = norm_slope(graph, arg, parts);
                    let args = (&args[..], arg);
                    Partial::By(entered.map_or(slope, |e| e.norm(graph, args, origin, slope)))
                });
            }
        }
        // The scale may be any number, so nothing depends on it.
        NormRoot => {
            let [norm] = first(&args);
            by!(norm, {
                let scale = graph.push(NormScale, &args, None);
                let one = graph.constant(1.0);
                Partial::By(graph.binary(Div, one, scale))
            });
        }
        NormSlope => {
            let [x, scale, root] = first(&args);
            // By both as for a quotient, but nothing at the origin.
            by!(x, Partial::By(norm_inverse(graph, [scale, root])));
            by!(root, {
                let zero = graph.constant(0.0);
                let origin = graph.binary(Equal, scale, zero);
                let quotient = graph.binary(Div, id, root);
                let slope = graph.unary(Neg, quotient);
                Partial::By(graph.push(Select, &[origin, zero, slope], None))
            });
        }
        // By the part as if the total were the part and the others, which it is.
        Share(_) => {
            let [part, total, others] = first(&args);
            by!(part, {
                let others = graph.binary(Div, others, total);
                Partial::By(graph.binary(Div, others, total))
            });
            by!(others, {
                let quotient = graph.binary(Div, id, total);
                Partial::By(graph.unary(Neg, quotient))
            });
        }
        LogSum => {
            let (total, (xs, parts)) = (args[0], args[1..].split_at(args.len() / 2));
            let others = graph.all_but_one(parts);
            for ((&x, &part), others) in xs.iter().zip(parts).zip(others) {
                by!(x, {
                    let share = Share(Division::Reciprocal);
                    Partial::By(graph.push(share, &[part, total, others], None))
                });
            }
        }
        // The same value, by other roundings.
        LogSumExp => by!(args[0], Partial::One),
        ExpShift => by!(args[0], Partial::By(id)),
        Reduce(Reduction::Sum) => by!(args[0], Partial::OfSum),
        Reduce(Reduction::Max) => by!(args[0], {
            let x = args[0];
            let chosen = graph.binary(Equal, x, id);
            let count = graph.unary(Reduce(Reduction::Sum), chosen);
            let one = graph.constant(1.0);
            let tie = graph.binary(Above, count, one);
            graph.watch(tie, "max over rows", None);
            Partial::By(match entered {
                Some(entered) => entered.greatest_row(graph, x, id),
                None => graph.binary(Div, chosen, count),
            })
        }),
        // Inputs, and what is constant between its jumps.
        Constant(_)
        | Parameter(_)
        | Column(_)
        | Rows
        | Gather { .. }
        | Within { .. }
        | RemSlope
        | NormScale
        | UnaryKink(_)
        | BinaryKink(_)
        | Above
        | AtLeast
        | Equal
        | Detach => {}
    }
    list
}

/// The first arguments of a node, as many as its operation takes.
fn first<const N: usize>(args: &[Id]) -> [Id; N] {
    std::array::from_fn(|at| args[at])
}

/// A derivative that is an expression as a partial: none where it is 0 everywhere.
fn curved(graph: &Graph, curve: Id) -> Option<Partial> {
    (graph.constant_value(curve) != Some(0.0)).then_some(Partial::By(curve))
}

/// The scale and the root of a norm, which is a node already.
pub(crate) fn norm_parts(graph: &mut Graph, norm: Id, xs: &[Id]) -> [Id; 2] {
    let args: SmallVec<[Id; 8]> = std::iter::once(norm).chain(xs.iter().copied()).collect();
    [Operation::NormScale, Operation::NormRoot].map(|part| graph.push(part, &args, None))
}

/// The slope of a norm by one of its arguments.
pub(crate) fn norm_slope(graph: &mut Graph, x: Id, [scale, root]: [Id; 2]) -> Id {
    graph.push(Operation::NormSlope, &[x, scale, root], None)
}

/// One over a norm; 0 at the origin.
pub(crate) fn norm_inverse(graph: &mut Graph, [scale, root]: [Id; 2]) -> Id {
    let [zero, one] = [0.0, 1.0].map(|c| graph.constant(c));
    let origin = graph.binary(Operation::Equal, scale, zero);
    // In this order, as the root is not below 1 where the scale is near the end of the range.
    let inverse = graph.binary(Operation::Div, one, root);
    let inverse = graph.binary(Operation::Div, inverse, scale);
    graph.push(Operation::Select, &[origin, zero, inverse], None)
}

/// What each of the greatest gets: an equal share, nothing if a constant is among them; and whether
/// there are several.
fn shares(graph: &mut Graph, most: Id, args: &[Id], active: impl Fn(Id) -> bool) -> (Id, Id) {
    let mut chosen = |varies: bool| -> SmallVec<[Id; 8]> {
        let args = args.iter().filter(|&&arg| active(arg) == varies);
        args.map(|&arg| graph.binary(Operation::Equal, arg, most)).collect()
    };
    let (variable, constant) = (chosen(true), chosen(false));
    let count = graph.push(Operation::Sum, &variable, None);
    let (zero, one) = (graph.constant(0.0), graph.constant(1.0));
    let share = graph.binary(Operation::Div, one, count);
    let tied = graph.push(Operation::Sum, &constant, None);
    let all = graph.binary(Operation::Add, count, tied);
    let tie = graph.binary(Operation::Above, all, one);
    let line = graph.line_of(most);
    graph.watch(tie, "max_of", line);
    // A tie with a constant is a kink of one variable: slope 0. Where a constant is the greatest,
    // no variable is chosen, and the share of nobody is infinite.
    (graph.push(Operation::Select, &[tied, zero, share], None), tie)
}

/// The nodes whose value varies with the first so many parameters, as flags by place. Those behind
/// them are a direction.
pub(crate) fn varying_with_parameters(graph: &Graph, parameters: usize) -> Vec<bool> {
    let mut active = Vec::new();
    extend_varying(&mut active, graph, |first, _| (first as usize) < parameters);
    active
}

/// Adds the flags of further nodes to those that are known: whether they vary with parameters of which `varies`
/// is told the first and how many.
pub(crate) fn extend_varying(
    active: &mut Vec<bool>,
    graph: &Graph,
    varies: impl Fn(u32, u32) -> bool,
) {
    active.reserve(graph.len() - active.len());
    for id in graph.ids().skip(active.len()) {
        let operation = graph.operation(id);
        active.push(match operation.provenance() {
            Provenance::Parameter(place) => varies(place, 1),
            Provenance::Chosen { base, len } => varies(base, len),
            Provenance::Constant(_) | Provenance::Column(_) | Provenance::Rows => false,
            Provenance::Reduction(_) | Provenance::Arguments => {
                !operation.is_still() && graph.args(id).iter().any(|arg| active[arg.at()])
            }
        });
    }
}
