//! Sums that are spelled as chains of additions.
//!
//! ```text
//! for node in nodes, in their order:
//!     if it adds to a sum that nothing else reads: it goes on with that chain
//! a chain that is long enough is one sum of all its terms, at its end
//! ```
//!
//! The terms are added in the order in which the chain adds them, one after the other, so that no bit
//! changes: a step begins with the sum so far. What is taken away is a term of the opposite sign. What
//! stands in the middle of a chain and is read by others ends one chain and begins the next. A long chain
//! is several sums, so that each of them is computed as soon as its terms are there.

use super::Readers;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::hash::Mixed;
use crate::program::ir::operation::Operation;
use std::collections::HashMap;

/// The most additions that become one sum.
const MOST: u8 = 63;
/// The fewest: less stands side by side in loops with what other chains add.
const LEAST: u8 = 7;

/// What the nodes of a list compute, with chains as sums.
#[derive(Debug)]
pub(super) struct Listed<'g> {
    graph: &'g Graph,
    /// Of each chain the terms, by its end.
    chains: HashMap<Id, Chain, Mixed>,
    terms: Vec<Id>,
    /// By node, unless there are no chains.
    parts: Vec<Part>,
    /// Where the nodes begin that are not of the graph, and what each is the opposite of.
    first_opposite: usize,
    opposites: Vec<Id>,
}

/// Where the terms of a chain stand, and the last if that is not a node of the graph.
#[derive(Clone, Copy, Debug)]
struct Chain {
    from: u32,
    to: u32,
    opposite: Option<Id>,
}

/// What a node is to a chain.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    /// Nothing, or it stays what it is.
    None,
    /// How many additions there are up to it, itself included, and which argument the chain comes from.
    Link {
        additions: u8,
        second: bool,
    },
    /// It is added up at the end of its chain.
    Inner,
    /// The same, and what it takes away is a term of the opposite sign, which it stands for.
    Opposite,
    End,
}

impl<'g> Listed<'g> {
    /// Finds the chains among these nodes, and leaves out those that are part of one.
    pub(super) fn new(graph: &'g Graph, ids: &mut Vec<Id>, readers: &mut Readers) -> Self {
        let mut listed = Listed {
            graph,
            chains: HashMap::default(),
            terms: Vec::new(),
            parts: Vec::new(),
            first_opposite: readers.len(),
            opposites: Vec::new(),
        };
        if !listed.link(ids, readers) {
            listed.parts = Vec::new();
            return listed;
        }
        for &id in ids.iter().rev() {
            if let Part::Link { additions, .. } = listed.parts[id.at()] {
                listed.end(id, additions, readers);
            }
        }
        let mut all = Vec::with_capacity(ids.len());
        for &id in ids.iter() {
            match listed.parts[id.at()] {
                Part::Inner => continue,
                Part::End => all.extend(listed.chains[&id].opposite),
                Part::None | Part::Link { .. } | Part::Opposite => {}
            }
            all.push(id);
        }
        *ids = all;
        listed
    }

    /// Links additions; whether any chain is long enough.
    fn link(&mut self, ids: &[Id], readers: &Readers) -> bool {
        let up_to = |parts: &[Part], id: Id| match parts.get(id.at()) {
            Some(&Part::Link { additions, .. }) if readers.is_read_once(id) => additions,
            _ => 0,
        };
        let mut long = false;
        for &id in ids {
            let operation = self.graph.operation(id);
            let (Operation::Add | Operation::Sub, &[a, b]) = (operation, self.graph.args(id))
            else {
                continue;
            };
            if self.parts.is_empty() {
                self.parts = vec![Part::None; self.graph.len()];
            }
            let [from_a, from_b] = [a, b].map(|arg| up_to(&self.parts, arg));
            let second = operation == Operation::Add && from_b > from_a;
            let additions = if second { from_b } else { from_a } % MOST + 1;
            long |= additions >= LEAST;
            self.parts[id.at()] = Part::Link { additions, second };
        }
        long
    }

    /// Notes the end of a chain of so many additions, if that is long enough.
    fn end(&mut self, end: Id, additions: u8, readers: &mut Readers) {
        if additions < LEAST {
            self.parts[end.at()] = Part::None;
            return;
        }
        let (from, mut id, mut opposite) = (self.terms.len(), end, None);
        for _ in 0..additions {
            let (&[a, b], Part::Link { second, .. }) = (self.graph.args(id), self.parts[id.at()])
            else {
                unreachable!("a chain is of additions")
            };
            let [before, term] = if second { [b, a] } else { [a, b] };
            let away = self.graph.operation(id) == Operation::Sub;
            (self.parts[id.at()], opposite) = match (id == end, away) {
                (true, false) => (Part::End, None),
                (true, true) => {
                    self.opposites.push(term);
                    (Part::End, Some(readers.add()))
                }
                (false, false) => (Part::Inner, opposite),
                (false, true) => (Part::Opposite, opposite),
            };
            self.terms.push(match (id == end, away) {
                (_, false) => term,
                (true, true) => opposite.unwrap_or(term),
                (false, true) => id,
            });
            id = before;
        }
        self.terms.push(id);
        self.terms[from..].reverse();
        let [from, to] = [from, self.terms.len()].map(|at| at as u32);
        self.chains.insert(end, Chain { from, to, opposite });
    }

    #[inline]
    fn is_end(&self, id: Id) -> bool {
        self.parts.get(id.at()) == Some(&Part::End)
    }

    /// What it is the opposite of, if a chain made it that.
    #[inline(always)]
    fn opposite(&self, id: Id) -> Option<&Id> {
        match self.parts.get(id.at()) {
            Some(Part::Opposite) => self.graph.args(id).last(),
            Some(_) => None,
            None => self.opposites.get(id.at().wrapping_sub(self.first_opposite)),
        }
    }

    #[inline]
    pub(super) fn operation(&self, id: Id) -> Operation {
        match self.opposite(id) {
            Some(_) => Operation::Neg,
            None if self.is_end(id) => Operation::Sum,
            None => self.graph.operation(id),
        }
    }

    #[inline]
    pub(super) fn args(&self, id: Id) -> &[Id] {
        match self.opposite(id) {
            Some(term) => std::slice::from_ref(term),
            None if self.is_end(id) => {
                let Chain { from, to, .. } = self.chains[&id];
                &self.terms[from as usize..to as usize]
            }
            None => self.graph.args(id),
        }
    }

    /// What it computes, as a number.
    #[inline]
    pub(super) fn kind(&self, id: Id) -> u32 {
        match self.opposite(id) {
            Some(_) => u32::MAX,
            None if self.is_end(id) => u32::MAX - 1,
            None => self.graph.kind(id).number,
        }
    }

    /// What it is as an argument: its operation; if it is a constant that is used often, which.
    #[inline]
    pub(super) fn kind_as_argument(&self, readers: &Readers, id: Id) -> u64 {
        const OPPOSITE: u64 = 4;
        if self.opposite(id).is_some() {
            return OPPOSITE;
        }
        match self.graph.constant_value(id) {
            Some(x) if readers.is_common(id) => x.to_bits() | 1,
            _ => self.graph.kind(id).hash,
        }
    }

    /// How many nodes there are, with those of other lists.
    pub(super) fn len(&self) -> usize {
        self.first_opposite + self.opposites.len()
    }
}
