//! Sums that are spelled as chains of additions.
//!
//! ```text
//! for node in nodes, in their order:
//!     if it adds to a sum that nothing else reads: it goes on with that chain
//! a chain that is long enough is one sum of all its terms, at its end
//! ```
//!
//! The terms are added in the order in which the chain adds them, one after the other, so that no bit
//! changes: a step begins with the sum so far. What stands in the middle of a chain and is read by others
//! ends one chain and begins the next. A long chain is several sums, so that each of them is computed as
//! soon as its terms are there.

use super::Readers;
use crate::op::nary::IN_TURN;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::hash::Mixed;
use crate::program::ir::operation::Operation;
use std::collections::HashMap;

/// The most additions that become one sum.
const MOST: u8 = IN_TURN as u8 - 1;
/// The fewest: less stands side by side in loops with what other chains add.
const LEAST: u8 = 7;

/// What the nodes of a list compute, with chains as sums.
#[derive(Debug)]
pub(super) struct Listed<'g> {
    graph: &'g Graph,
    /// Of each chain the terms, by its end.
    chains: HashMap<Id, [u32; 2], Mixed>,
    terms: Vec<Id>,
    /// By node, unless there are no chains.
    parts: Vec<Part>,
}

/// What a node is to a chain.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    /// Nothing, or it stays an addition.
    None,
    /// How many additions there are up to it, itself included, and which argument the chain comes from.
    Link {
        additions: u8,
        second: bool,
    },
    /// It is added up at the end of its chain.
    Inner,
    End,
}

impl<'g> Listed<'g> {
    /// Finds the chains among these nodes, and leaves out those that are part of one.
    pub(super) fn new(graph: &'g Graph, ids: &mut Vec<Id>, readers: &Readers) -> Self {
        let mut listed =
            Listed { graph, chains: HashMap::default(), terms: Vec::new(), parts: Vec::new() };
        let link = |parts: &[Part], id: Id| match parts.get(id.at()) {
            Some(&Part::Link { additions, .. }) if readers.is_read_once(id) => additions,
            _ => 0,
        };
        let mut long = false;
        for &id in ids.iter() {
            let (Operation::Add, &[a, b]) = (graph.operation(id), graph.args(id)) else { continue };
            if listed.parts.is_empty() {
                listed.parts = vec![Part::None; graph.len()];
            }
            let [from_a, from_b] = [a, b].map(|arg| link(&listed.parts, arg));
            let second = from_b > from_a;
            let additions = from_a.max(from_b) % MOST + 1;
            long |= additions >= LEAST;
            listed.parts[id.at()] = Part::Link { additions, second };
        }
        if !long {
            listed.parts = Vec::new();
            return listed;
        }
        for &id in ids.iter().rev() {
            if let Part::Link { additions, .. } = listed.parts[id.at()] {
                listed.end(id, additions);
            }
        }
        ids.retain(|id| listed.parts[id.at()] != Part::Inner);
        listed
    }

    /// Notes the end of a chain of so many additions, if that is long enough.
    fn end(&mut self, end: Id, additions: u8) {
        if additions < LEAST {
            self.parts[end.at()] = Part::None;
            return;
        }
        let from = self.terms.len();
        let mut id = end;
        for left in (0..additions).rev() {
            let (&[a, b], Part::Link { second, .. }) = (self.graph.args(id), self.parts[id.at()])
            else {
                unreachable!("a chain is of additions")
            };
            let [before, term] = if second { [b, a] } else { [a, b] };
            self.parts[id.at()] = if id == end { Part::End } else { Part::Inner };
            self.terms.push(term);
            if left == 0 {
                self.terms.push(before);
            }
            id = before;
        }
        self.terms[from..].reverse();
        self.chains.insert(end, [from, self.terms.len()].map(|at| at as u32));
    }

    #[inline]
    fn is_end(&self, id: Id) -> bool {
        self.parts.get(id.at()) == Some(&Part::End)
    }

    #[inline]
    pub(super) fn operation(&self, id: Id) -> Operation {
        if self.is_end(id) { Operation::Sum } else { self.graph.operation(id) }
    }

    #[inline]
    pub(super) fn args(&self, id: Id) -> &[Id] {
        if !self.is_end(id) {
            return self.graph.args(id);
        }
        let [from, to] = self.chains[&id];
        &self.terms[from as usize..to as usize]
    }

    /// What it computes, as a number.
    #[inline]
    pub(super) fn kind(&self, id: Id) -> u32 {
        if self.is_end(id) { u32::MAX } else { self.graph.kind(id).number }
    }

    /// What it is as an argument: its operation; if it is a constant that is used often, which.
    #[inline]
    pub(super) fn kind_as_argument(&self, readers: &Readers, id: Id) -> u64 {
        match self.graph.constant_value(id) {
            Some(x) if readers.is_common(id) => x.to_bits() | 1,
            _ => self.graph.kind(id).hash,
        }
    }

    /// How many nodes there are, with those of other lists.
    pub(super) fn len(&self) -> usize {
        self.graph.len()
    }
}
