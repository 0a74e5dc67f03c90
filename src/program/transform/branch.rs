//! Kinks of a choice between two numbers: where what is compared is equal, the two numbers are too, but
//! for rounding, and their derivatives are not.

use crate::op;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::nature::Provenance;
use crate::program::ir::operation::Operation;
use crate::program::transform::derive::{Partial, partials, varying_with_parameters};
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// A choice by what is compared.
struct Branch {
    tie: Id,
    sides: [Id; 2],
}

/// Up to which derivatives the sides of a choice are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    First,
    Second,
}

/// Watches the choices up to a number, which vary with the first so many parameters. Those behind it are
/// of derivatives that it has already.
pub(crate) fn watch_choices(graph: &mut Graph, number: Id, parameters: usize, order: Order) {
    let active = varying_with_parameters(graph, parameters);
    let is_active = |id: Id| active.get(id.at()).copied().unwrap_or(false);
    let choice = |&id: &Id| graph.operation(id) == Operation::Select;
    let choices: Vec<Id> = graph.ids().take_while(|&id| id <= number).filter(choice).collect();
    for id in choices {
        match order {
            Order::First => watch_slopes(graph, id, &is_active),
            Order::Second => watch_curves(graph, id, &is_active),
        }
    }
}

/// Watches where the first derivatives of the two sides differ.
fn watch_slopes(graph: &mut Graph, id: Id, active: &dyn Fn(Id) -> bool) {
    if let Some(branch) = branch(graph, id, active) {
        let sides = branch.sides.map(|side| slopes(graph, side, active));
        let differ = differ(graph, sides);
        watch(graph, id, branch, differ);
    }
}

/// Watches where first derivatives do not differ, and second ones may: not where both sides are linear.
fn watch_curves(graph: &mut Graph, id: Id, active: &dyn Fn(Id) -> bool) {
    if let Some(branch) = branch(graph, id, active) {
        let [yes, no] = branch.sides.map(|side| slopes(graph, side, active));
        let bends = |slope: &Id| graph.constant_value(*slope).is_none();
        if yes.values().chain(no.values()).any(bends) {
            let differ = differ(graph, [yes, no]);
            let alike = not(graph, differ);
            watch(graph, id, branch, alike);
        }
    }
}

/// None if nothing varies with the parameters, or something else than a comparison decides.
fn branch(graph: &mut Graph, id: Id, active: &dyn Fn(Id) -> bool) -> Option<Branch> {
    let &[condition, yes, no] = graph.args(id) else { return None };
    if graph.operation(condition) != Operation::Above {
        return None;
    }
    let &[a, b] = graph.args(condition) else { return None };
    if !(active(a) || active(b)) || !(active(yes) || active(no)) {
        return None;
    }
    Some(Branch { tie: graph.binary(Operation::Equal, a, b), sides: [yes, no] })
}

/// Watches where the two sides meet and a condition holds.
fn watch(graph: &mut Graph, id: Id, Branch { tie, sides: [yes, no] }: Branch, differ: Id) {
    if graph.constant_value(differ) == Some(0.0) {
        return;
    }
    let meet = close(graph, yes, no);
    let meet = graph.binary(Operation::Mul, tie, meet);
    let kink = graph.binary(Operation::Mul, meet, differ);
    let line = graph.line_of(id);
    graph.watch(kink, "select", line);
}

/// Whether the derivatives of two numbers differ by any of the numbers that both are made of.
fn differ(graph: &mut Graph, [yes, no]: [BTreeMap<Id, Id>; 2]) -> Id {
    let zero = graph.constant(0.0);
    let ids = yes.keys().chain(no.keys().filter(|id| !yes.contains_key(id)));
    let mut alike = graph.constant(1.0);
    for id in ids {
        let [a, b] = [&yes, &no].map(|side| side.get(id).copied().unwrap_or(zero));
        let same = close(graph, a, b);
        alike = graph.binary(Operation::Mul, alike, same);
    }
    not(graph, alike)
}

fn not(graph: &mut Graph, mask: Id) -> Id {
    let zero = graph.constant(0.0);
    graph.binary(Operation::Equal, mask, zero)
}

/// The derivatives of a node by what it is made of, down to the parameters. A long way to these ends
/// where it is: two sides that go on alike from there have the same slopes.
fn slopes(graph: &mut Graph, id: Id, active: &dyn Fn(Id) -> bool) -> BTreeMap<Id, Id> {
    const LONG: usize = 16;
    let (mut open, mut ends) = (BTreeMap::new(), BTreeMap::new());
    if active(id) {
        open.insert(id, graph.constant(1.0));
    }
    for steps in 0.. {
        let Some((id, adjoint)) = open.pop_last() else { break };
        let operation = graph.operation(id);
        let is_end = steps >= LONG || matches!(operation.provenance(), Provenance::Reduction(_));
        let by_arguments: SmallVec<[(Id, Partial); 3]> = if is_end {
            SmallVec::new()
        } else if operation == Operation::Select {
            // It is watched when its turn comes.
            chosen(graph, id, active)
        } else {
            partials(graph, id, active, None)
        };
        if by_arguments.is_empty() {
            ends.insert(id, adjoint);
        }
        for (arg, partial) in by_arguments {
            let mut flow = partial.of_adjoint(graph, adjoint);
            if let Some(&before) = open.get(&arg) {
                flow = graph.binary(Operation::Add, before, flow);
            }
            open.insert(arg, flow);
        }
    }
    ends
}

/// The partials of a choice.
fn chosen(graph: &Graph, id: Id, active: &dyn Fn(Id) -> bool) -> SmallVec<[(Id, Partial); 3]> {
    let &[condition, yes, no] = graph.args(id) else { return SmallVec::new() };
    let sides = [(yes, true), (no, false)].into_iter().filter(|&(side, _)| active(side));
    sides.map(|(side, holds)| (side, Partial::Where { condition, holds })).collect()
}

/// Whether two numbers are equal but for rounding: one branch may well be computed otherwise than the
/// other.
pub(crate) fn close(graph: &mut Graph, a: Id, b: Id) -> Id {
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

pub(crate) fn select(graph: &mut Graph, condition: Id, yes: Id, no: Id) -> Id {
    graph.push(Operation::Select, &[condition, yes, no], None)
}
