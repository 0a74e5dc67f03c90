//! Which nodes are computed side by side.
//!
//! ```text
//! for node in nodes, in their order:
//!     window[node] = the last of its arguments' windows, or the one that its turn falls into
//!     level[node]  = 1 + the highest of its arguments' levels in that window
//! nodes of one window and level that do the same operation to the same kinds of argument
//! are a group
//! ```
//!
//! None of a group needs another of it. A window is as many nodes as have their numbers in a near
//! cache: so what is written in one loop is still there when the next reads it. A node that could be
//! computed in an earlier window than its turn is, if that has room: it finds its arguments in cache.

use super::Nodes;
use crate::program::ir::graph::Id;
use crate::program::ir::hash::Mixed;
use crate::program::ir::operation::Operation;
use std::collections::HashMap;
use std::hash::BuildHasher;

/// How many nodes have their turn in one window.
const WINDOW: usize = 6 << 10;
/// How many a window has room for.
const ROOM: usize = 3 * WINDOW;
/// A constant that is used as often as this is an argument of its own kind.
const OFTEN: u32 = 4;

/// Nodes that are computed side by side, by their turn: of several groups one after the other.
#[derive(Debug)]
pub(super) struct Groups {
    members: Vec<u32>,
    ends: Vec<u32>,
}

impl Groups {
    /// Each group, in an order in which they can be computed.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(from, &to)| &self.members[from as usize..to as usize])
    }
}

/// What the members of a group have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    window: u32,
    level: u32,
    operation: Operation,
    args: u32,
    /// What their arguments are, mixed to one number. Where two lists of arguments are mixed to the
    /// same one, the group is less regular, no more.
    kinds: u64,
}

/// The groups of these nodes.
pub(super) fn groups(nodes: &Nodes<'_>, ids: &[Id]) -> Groups {
    const ELSEWHERE: [u32; 2] = [u32::MAX, 0];
    let graph = nodes.graph;
    // The window of each node, and its level there.
    let mut turn = vec![ELSEWHERE; graph.len()];
    let mut room = vec![ROOM as u32; ids.len().div_ceil(WINDOW)];
    let mut found: HashMap<Key, u32, Mixed> = HashMap::default();
    let mut group_of = Vec::with_capacity(ids.len());
    let mut keys: Vec<(u32, u32, u32)> = Vec::new();
    let mut counts: Vec<u32> = Vec::new();
    for (at, &id) in ids.iter().enumerate() {
        let node = graph.node(id);
        let [mut window, mut level] = [(at / WINDOW) as u32, 0];
        let before = node.args.iter().map(|arg| turn[arg.at()]).filter(|t| *t != ELSEWHERE);
        if let Some([last, highest]) = before.max() {
            if room[last as usize] > 0 {
                window = last;
            }
            if window == last {
                level = highest + 1;
            }
        }
        room[window as usize] = room[window as usize].saturating_sub(1);
        turn[id.at()] = [window, level];
        let key = Key {
            window,
            level,
            operation: node.operation,
            args: node.args.len() as u32,
            kinds: kinds(nodes, node.operation, &node.args),
        };
        let group = *found.entry(key).or_insert_with(|| {
            keys.push((window, level, keys.len() as u32));
            counts.push(0);
            counts.len() as u32 - 1
        });
        counts[group as usize] += 1;
        group_of.push(group);
    }
    // From groups in the order of their first members to the order of windows and levels.
    keys.sort_unstable();
    let mut next = vec![0; keys.len()];
    let mut ends = Vec::with_capacity(keys.len());
    let mut end = 0;
    for &(.., group) in &keys {
        next[group as usize] = end;
        end += counts[group as usize];
        ends.push(end);
    }
    let mut members = vec![0; ids.len()];
    for (at, &group) in group_of.iter().enumerate() {
        let place = &mut next[group as usize];
        members[*place as usize] = at as u32;
        *place += 1;
    }
    Groups { members, ends }
}

/// What the arguments are, mixed to one number: of an operation that is commutative in any order.
fn kinds(nodes: &Nodes<'_>, operation: Operation, args: &[Id]) -> u64 {
    let kinds = args.iter().map(|&arg| kind(nodes, arg));
    if operation.is_commutative() {
        kinds.fold(0, u64::wrapping_add)
    } else {
        kinds.fold(0, |all: u64, kind| {
            all.rotate_left(5).wrapping_mul(0x9e37_79b9).wrapping_add(kind)
        })
    }
}

/// What a node is as an argument: its operation; if it is a constant that is used often, which.
pub(super) fn kind(nodes: &Nodes<'_>, id: Id) -> u64 {
    match nodes.graph.operation(id) {
        Operation::Constant(bits) if nodes.uses[id.at()] >= OFTEN => f64::from(bits).to_bits() | 1,
        Operation::Constant(_) => 2,
        Operation::Parameter(_) => 4,
        operation => Mixed::default().hash_one(operation),
    }
}
