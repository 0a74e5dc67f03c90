//! Finding a node by what it is.

use crate::program::ir::graph::Id;
use crate::program::ir::nodes::{Key, Nodes, Trace};

/// The places of nodes, found by what these are.
///
/// A table of slots in lines, each as long as one of the cache. A node belongs into the line of its last
/// argument, which those share that have their last argument near it: so what is asked for one after the
/// other lies side by side, as the nodes themselves do. Of a line it may have a few neighbouring slots,
/// which its hash says. Where these are taken, as they are of an argument that very many nodes have, it
/// goes into the line of its first argument, and where there is no room either into the first with room
/// of those that its hash leads to.
///
/// A slot has the place + 1; an empty one is 0. Nothing is taken out, so that a search ends at the first
/// empty slot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    lines: Vec<[u32; LINE]>,
    len: usize,
}

/// A slot that is empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vacant {
    line: usize,
    at: usize,
}

const LINE: usize = 16;
/// In how many slots of a line a node may stand.
const TRIED: usize = 4;
/// How many nodes share a line.
const SHARE: usize = 8;

impl Index {
    const LEAST: usize = 8;

    /// The node that the key is of, or the slot where its place belongs.
    #[inline]
    pub(crate) fn find(&self, nodes: &Nodes, key: &Key<'_>) -> Result<Id, Vacant> {
        let end = |slot: u32| slot == 0 || nodes.is(slot as usize - 1, key);
        let vacant = self.search(key.trace(), end);
        match self.lines[vacant.line][vacant.at] {
            0 => Err(vacant),
            slot => Ok(Id::of(slot as usize - 1)),
        }
    }

    /// Notes a node that was not there.
    #[inline]
    pub(crate) fn insert(&mut self, id: Id, Vacant { line, at }: Vacant) {
        self.lines[line][at] = id.at() as u32 + 1;
        self.len += 1;
    }

    /// Adds the nodes that are missing, and sees to it that there is room for one more.
    #[inline]
    pub(crate) fn complete(&mut self, nodes: &Nodes) {
        if self.len != nodes.len() || self.len >= self.lines.len() * SHARE {
            self.add_missing(nodes);
        }
    }

    fn add_missing(&mut self, nodes: &Nodes) {
        if self.len > nodes.len() || nodes.len() >= self.lines.len() * SHARE {
            self.make_room((nodes.len() + 1).max(self.lines.len() * SHARE * 2));
        }
        for id in nodes.ids().skip(self.len) {
            let vacant = self.search(nodes.trace(id), |slot| slot == 0);
            self.insert(id, vacant);
        }
    }

    /// A table with room for so many nodes, without any.
    pub(crate) fn make_room(&mut self, room: usize) {
        // The old table goes first.
        self.lines = Vec::new();
        self.lines.resize(room.div_ceil(SHARE).max(Self::LEAST), [0; LINE]);
        self.len = 0;
    }

    /// Whether it has all nodes.
    #[inline]
    pub(crate) fn is_complete(&self, nodes: &Nodes) -> bool {
        self.len == nodes.len()
    }

    /// Goes through the slots where a node may stand, until `is` holds.
    #[inline]
    fn search(&self, Trace { hash, near }: Trace, is: impl Fn(u32) -> bool) -> Vacant {
        let within = |line: usize| {
            let slots = self.lines.get(line)?;
            for k in 0..TRIED {
                let at = (hash as usize).wrapping_add(k) % LINE;
                if is(slots[at]) {
                    return Some(Vacant { line, at });
                }
            }
            None
        };
        for near in near {
            if let Some(found) = within(near as usize / SHARE) {
                return found;
            }
        }
        let mut state = hash;
        loop {
            let line = ((u128::from(state) * self.lines.len() as u128) >> 64) as usize;
            if let Some(found) = within(line) {
                return found;
            }
            // Knuth's generator, which comes to all lines in the end.
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::program::ir::graph::{Graph, Id};
    use crate::program::ir::operation::Operation;
    use std::collections::HashMap;

    #[test]
    fn equal_nodes_are_one_however_many_share_an_argument() {
        let mut graph = Graph::default();
        let xs: Vec<Id> =
            (0..3000).map(|place| graph.push(Operation::Parameter(place), &[], None)).collect();
        let shared = [xs[0], xs[1500], xs[2999]];
        let mut known: HashMap<(Operation, Vec<Id>), Id> = HashMap::new();
        for round in 0..2 {
            for &x in &xs {
                for y in shared {
                    for (operation, args) in [
                        (Operation::Sub, vec![x, y]),
                        (Operation::Div, vec![y, x]),
                        (Operation::MulAdd, vec![y, y, x]),
                        (Operation::MaxOf, vec![y, x, x, y]),
                    ] {
                        let id = graph.push(operation, &args, None);
                        assert_eq!((graph.operation(id), graph.args(id)), (operation, &args[..]));
                        assert_eq!(*known.entry((operation, args)).or_insert(id), id);
                    }
                }
            }
            assert_eq!(graph.len(), xs.len() + known.len(), "round {round}");
            // The nodes are found again without what was noted of them.
            graph.rest();
        }
    }
}
