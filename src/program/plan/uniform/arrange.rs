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
//! cache: so what is written in one loop is still there when the next reads it. It ends where the same begins
//! again, so that all groups that follow from each other have as many members. A node that could be computed in an
//! earlier window than its turn is, if that has room: it finds its arguments in cache.

use super::Readers;
use super::chains::Listed;
use crate::program::ir::graph::Id;
use crate::program::ir::hash::Mixed;
use std::collections::HashMap;

/// How many nodes have their turn in one window, at least.
const WINDOW: usize = 6 << 10;
/// How many more they may be, until the same begins again.
const MORE: usize = WINDOW / 8;
/// How many a window has room for.
const ROOM: u32 = 3 * WINDOW as u32;

/// Nodes that are computed side by side, in groups.
#[derive(Debug)]
pub(super) struct Groups {
    members: Vec<Id>,
    ends: Vec<u32>,
}

impl Groups {
    /// Each group, in an order in which they can be computed.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[Id]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(from, &to)| &self.members[from as usize..to as usize])
    }
}

/// The groups of these nodes.
pub(super) fn groups(nodes: &Listed<'_>, ids: Vec<Id>, readers: &Readers) -> Groups {
    let (mut members, ends) = by_level(nodes, ids);
    let mut groups = Vec::new();
    let (mut kinds, mut begin) = (Vec::new(), 0);
    for end in ends {
        split(nodes, readers, &mut members[begin as usize..end as usize], &mut kinds, |members| {
            begin += members;
            groups.push(begin);
        });
    }
    Groups { members, ends: groups }
}

/// A level of a window.
struct Level {
    window: u32,
    /// Counted from 0.
    level: u32,
    /// How many nodes it has.
    count: u32,
}

/// The nodes by windows and levels, in their order where these are the same, and where each level ends.
fn by_level(nodes: &Listed<'_>, ids: Vec<Id>) -> (Vec<Id>, Vec<u32>) {
    const ELSEWHERE: u32 = u32::MAX;
    // The level of each node, by its place in the list of levels, in which they stand as they were met.
    let mut of_node = vec![ELSEWHERE; nodes.len()];
    let mut levels: Vec<Level> = Vec::new();
    // The levels of each window by their height, and for how many more nodes there is room.
    let windows = ids.len().div_ceil(WINDOW);
    let mut heights: Vec<Vec<u32>> = vec![Vec::new(); windows];
    let mut room = vec![ROOM; windows];
    // The window of this turn, where it began, and what its first node does that rests on none.
    let (mut turn, mut begin, mut first) = (0, 0, None);
    for (at, &id) in ids.iter().enumerate() {
        let is_full = at - begin >= WINDOW;
        if (is_full || first.is_none())
            && nodes.args(id).iter().all(|arg| of_node[arg.at()] == ELSEWHERE)
        {
            let kind = nodes.kind(id);
            if is_full && first == Some(kind) {
                (turn, begin) = (turn + 1, at);
            }
            first.get_or_insert(kind);
        }
        if at - begin >= WINDOW + MORE {
            (turn, begin, first) = (turn + 1, at, None);
        }
        let [mut window, mut level] = [turn, 0];
        let before = nodes.args(id).iter().map(|arg| of_node[arg.at()]);
        let before = before.filter(|&place| place != ELSEWHERE).map(|place| {
            let Level { window, level, .. } = levels[place as usize];
            [window, level]
        });
        if let Some([last, highest]) = before.max() {
            if room[last as usize] > 0 {
                window = last;
            }
            if window == last {
                level = highest + 1;
            }
        }
        room[window as usize] = room[window as usize].saturating_sub(1);
        let heights = &mut heights[window as usize];
        // Each level has a node, for one rests on another.
        if heights.len() == level as usize {
            heights.push(levels.len() as u32);
            levels.push(Level { window, level, count: 0 });
        }
        let place = heights[level as usize];
        levels[place as usize].count += 1;
        of_node[id.at()] = place;
    }
    // From the order in which levels were met to that of windows and heights.
    let mut next = vec![0; levels.len()];
    let mut ends = Vec::with_capacity(levels.len());
    let mut end = 0;
    for place in heights.into_iter().flatten() {
        next[place as usize] = end;
        end += levels[place as usize].count;
        ends.push(end);
    }
    let mut members = ids.clone();
    for id in ids {
        let place = &mut next[of_node[id.at()] as usize];
        members[*place as usize] = id;
        *place += 1;
    }
    (members, ends)
}

/// Brings those of a level together that do the same operation to the same kinds of argument, and tells
/// how many each time, in the order of the first of them.
fn split(
    nodes: &Listed<'_>,
    readers: &Readers,
    members: &mut [Id],
    kinds: &mut Vec<(u32, Id)>,
    mut group: impl FnMut(u32),
) {
    if members.len() == 1 {
        return group(1);
    }
    let mut found: HashMap<Alike, u32, Mixed> = HashMap::default();
    let mut last = None;
    kinds.clear();
    for &id in &*members {
        let alike = Alike::new(nodes, readers, id);
        let place = match last {
            Some((of_last, place)) if of_last == alike => place,
            _ => {
                let next = found.len() as u32;
                *found.entry(alike).or_insert(next)
            }
        };
        last = Some((alike, place));
        kinds.push((place, id));
    }
    let mut count = vec![0; found.len()];
    kinds.iter().for_each(|&(place, _)| count[place as usize] += 1);
    let mut next = 0;
    let mut begins = count.clone();
    for begin in &mut begins {
        next += std::mem::replace(begin, next);
    }
    for &(place, id) in &*kinds {
        let begin = &mut begins[place as usize];
        members[*begin as usize] = id;
        *begin += 1;
    }
    count.into_iter().for_each(group);
}

/// What the members of a group have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Alike {
    /// The operation, as a number.
    operation: u32,
    args: u32,
    /// What their arguments are, mixed to one number. Where two lists of arguments are mixed to the
    /// same one, the group is less regular, no more.
    kinds: u64,
}

impl Alike {
    #[inline]
    fn new(nodes: &Listed<'_>, readers: &Readers, id: Id) -> Self {
        let (operation, args) = (nodes.kind(id), nodes.args(id));
        let kinds = args.iter().map(|&arg| nodes.kind_as_argument(readers, arg));
        // Of an operation that is commutative in any order.
        let kinds = if nodes.operation(id).is_commutative() {
            kinds.fold(0, u64::wrapping_add)
        } else {
            kinds.fold(0, |all: u64, kind| {
                all.rotate_left(5).wrapping_mul(0x9e37_79b9).wrapping_add(kind)
            })
        };
        Alike { operation, args: args.len() as u32, kinds }
    }
}
