//! The tape's memory: statements, edges, runs, and the reverse sweep over them.
//!
//! Statement `i` owns the links between `ends[i - 1]` and `ends[i]`, each one or two edges, and
//! perhaps some runs. The first link may say that the statement is the one before it besides, by a
//! partial of 1: so a number to which others are added in a loop takes one link a step. A run is `len`
//! edges to evenly spaced parents, of which only the partials are kept; where the parents are neighbours,
//! adding them up is vector code. Parents come before their statement.

mod forward;
mod long;
pub(in crate::tape) mod parents;
pub(in crate::tape) mod runs;
mod sweep;

pub(crate) use forward::along;

use crate::real::Number;
use parents::Parents;
use runs::Runs;

/// The place of a statement on its tape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StatementId(pub(in crate::tape) u32);

impl StatementId {
    /// The first statement.
    pub(crate) const FIRST: StatementId = StatementId(0);

    /// Places are below this.
    pub(in crate::tape) const END: u32 = 1 << 29;

    /// The place as a number.
    #[inline(always)]
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }

    /// The place `by` statements further on.
    #[inline(always)]
    pub(crate) fn offset(self, by: usize) -> StatementId {
        StatementId(self.0.wrapping_add(by as u32))
    }
}

/// One or two edges, as a variable carries them: how a statement depends on others.
#[derive(Clone, Copy, Debug)]
pub(in crate::tape) struct Link<F> {
    pub(in crate::tape) partials: [F; 2],
    pub(in crate::tape) parents: Parents,
}

impl<F: Number> Link<F> {
    /// The same for a statement that is the one before it besides.
    #[inline(always)]
    fn onto_previous(self) -> Self {
        Link { parents: self.parents.onto_previous(), ..self }
    }

    /// The second edge of this link of two, with that of a single one.
    #[inline(always)]
    fn rest_with(self, other: Link<F>) -> Self {
        let partials = [self.partials[1], other.partials[0]];
        Link { partials, parents: self.parents.second().followed_by(other.parents) }
    }
}

/// Statements and their edges, in the order of recording.
#[derive(Debug)]
pub(crate) struct Storage<F> {
    /// For each statement, where its links end.
    ends: Vec<u32>,
    links: Vec<Link<F>>,
    runs: Runs<F>,
}

/// Why a statement could not be written.
///
/// ```
/// let tape = wengert::Tape::new();
/// let error = tape.try_reserve(usize::MAX).unwrap_err();
/// println!("{error}"); // what there is no room for
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TapeError {
    /// More than 2²⁹ statements, or 2³² links of one or two edges.
    #[error(
        "the tape is full: {statements} statements and {links} links are as many as can be numbered"
    )]
    Full {
        /// Statements on the tape.
        statements: usize,
        /// Links on the tape, each one or two edges.
        links: usize,
    },
    /// There is not enough memory.
    #[error("no memory for the tape to grow beyond {statements} statements and {links} links")]
    Memory {
        /// Statements on the tape.
        statements: usize,
        /// Links on the tape, each one or two edges.
        links: usize,
    },
}

impl TapeError {
    /// Both, for a tape of this size.
    fn halts(statements: usize, links: usize) -> [TapeError; 2] {
        [TapeError::Full { statements, links }, TapeError::Memory { statements, links }]
    }
}

impl<F: Number> Storage<F> {
    pub(crate) const fn new() -> Self {
        Storage { ends: Vec::new(), links: Vec::new(), runs: Runs::new() }
    }

    /// Statements recorded.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Edges recorded, counted one by one.
    pub(crate) fn count_edges(&self) -> usize {
        let edges =
            |parents: Parents| parents.iter().count() + usize::from(parents.are_onto_previous());
        let linked: usize = self.links.iter().map(|link| edges(link.parents)).sum();
        linked + self.runs.count_edges()
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.ends.capacity() * size_of::<u32>()
            + self.links.capacity() * size_of::<Link<F>>()
            + self.runs.bytes()
    }

    /// Forgets all statements and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.ends.clear();
        self.links.clear();
        self.runs.clear();
    }

    /// Room for `statements` more, with `links`.
    #[cold]
    #[inline(never)]
    pub(crate) fn reserve(&mut self, statements: usize, links: usize) -> Result<(), TapeError> {
        let halt = self.halt();
        grow(&mut self.ends, statements, StatementId::END as usize, halt)?;
        grow(&mut self.links, links, u32::MAX as usize, halt)
    }

    /// The errors for a list that cannot grow: numbers have run out, or memory has.
    fn halt(&self) -> [TapeError; 2] {
        TapeError::halts(self.ends.len(), self.links.len())
    }

    /// Writes a statement with these links.
    #[inline(always)]
    pub(in crate::tape) fn push(&mut self, links: &[Link<F>]) -> Result<StatementId, TapeError> {
        self.make_room(links.len())?;
        self.links.extend_from_slice(links);
        Ok(self.end_statement())
    }

    /// Writes a statement with these links, if there is room.
    #[inline(always)]
    pub(in crate::tape) fn push_in_room<const N: usize>(
        &mut self,
        links: [Link<F>; N],
    ) -> Option<StatementId> {
        // Room is asked for just before it is used, so that it is not asked for twice.
        let before = self.links.len();
        if self.links.capacity() - before < N {
            return None;
        }
        self.links.extend_from_slice(&links);
        if self.ends.len() == self.ends.capacity() {
            self.links.truncate(before);
            return None;
        }
        Some(self.end_statement())
    }

    /// Writes a statement that is another and a link more, if there is room.
    #[inline(always)]
    pub(in crate::tape) fn push_onto(
        &mut self,
        onto: Parents,
        link: Link<F>,
    ) -> Option<StatementId> {
        if self.is_last(onto) {
            return self.push_in_room([link.onto_previous()]);
        }
        let partials = [F::one(), F::zero()];
        self.push_in_room([Link { partials, parents: onto.derived() }, link])
    }

    /// Writes a statement with two links of three edges or four, if there is room.
    #[inline(always)]
    pub(in crate::tape) fn push_both(&mut self, links: [Link<F>; 2]) -> Option<StatementId> {
        let [first, second] = links;
        if self.continues(first) {
            if first.parents.is_single() {
                return self.push_in_room([second.onto_previous()]);
            }
            if second.parents.is_single() {
                return self.push_in_room([first.rest_with(second).onto_previous()]);
            }
        }
        if second.parents.is_single() && self.continues(second) {
            return self.push_in_room([first.onto_previous()]);
        }
        self.push_in_room(links)
    }

    /// Whether a link begins with the last statement, by a partial of 1.
    #[inline(always)]
    fn continues(&self, link: Link<F>) -> bool {
        self.is_last(link.parents) && (link.partials[0] - F::one()).is_nothing()
    }

    /// Whether the first of these is the last statement.
    #[inline(always)]
    fn is_last(&self, parents: Parents) -> bool {
        parents.place(0).at() + 1 == self.ends.len()
    }

    /// The error of a tape for which there is no memory.
    #[cold]
    pub(in crate::tape) fn no_memory(&self) -> TapeError {
        self.halt()[1]
    }

    /// Writes a statement with these links, which are moved out of their list.
    #[inline(always)]
    pub(in crate::tape) fn append(
        &mut self,
        links: &mut Vec<Link<F>>,
    ) -> Result<StatementId, TapeError> {
        self.make_room(links.len())?;
        if !links.is_empty() {
            self.links.append(links);
        }
        Ok(self.end_statement())
    }

    /// Room for a statement with so many links.
    #[inline(always)]
    pub(in crate::tape) fn make_room(&mut self, links: usize) -> Result<(), TapeError> {
        let full = self.ends.len() == self.ends.capacity();
        if full || self.links.capacity() - self.links.len() < links {
            self.reserve(1, links)?;
        }
        Ok(())
    }

    /// Ends the statement that is being written, for which there is room.
    #[inline(always)]
    pub(in crate::tape) fn end_statement(&mut self) -> StatementId {
        let index = StatementId(self.ends.len() as u32);
        self.ends.push(self.links.len() as u32);
        index
    }

    /// Writes `n` statements without edges, the leaves of the graph; returns the first.
    #[inline]
    pub(crate) fn push_leaves(&mut self, n: usize) -> Result<StatementId, TapeError> {
        if self.ends.capacity() - self.ends.len() < n {
            self.reserve(n, 0)?;
        }
        let first = StatementId(self.ends.len() as u32);
        self.ends.resize(self.ends.len() + n, self.links.len() as u32);
        Ok(first)
    }

    /// Adds a link to the statement that is being written, for which there is room.
    #[inline(always)]
    pub(in crate::tape) fn add_link(&mut self, link: Link<F>) {
        self.links.push(link);
    }

    /// Where the partials of the next run are to be written.
    #[inline(always)]
    pub(in crate::tape) fn room_for_run(&mut self, partials: usize) -> Result<&mut [F], TapeError> {
        let [statements, links] = [self.ends.len(), self.links.len()];
        self.runs.room(partials, || TapeError::halts(statements, links))
    }

    /// The runs, for which there is room.
    #[inline(always)]
    pub(in crate::tape) fn runs(&mut self) -> &mut Runs<F> {
        &mut self.runs
    }

    /// The statement that is being written.
    #[inline(always)]
    pub(in crate::tape) fn next(&self) -> StatementId {
        StatementId(self.ends.len() as u32)
    }

    /// Ends the statement that is being written.
    #[inline(always)]
    pub(in crate::tape) fn close(&mut self) -> Result<StatementId, TapeError> {
        self.make_room(0)?;
        Ok(self.end_statement())
    }

    /// Takes back what was added to a statement that will not be ended.
    #[cold]
    pub(in crate::tape) fn abandon(&mut self) {
        self.links.truncate(self.ends.last().map_or(0, |&end| end as usize));
        self.runs.abandon(self.next());
    }

    /// Calls `visit` with the parent and the partial of each edge of a statement.
    pub(in crate::tape) fn each_edge(&self, statement: usize, mut visit: impl FnMut(usize, F)) {
        for link in &self.links[self.links_before(statement)..self.links_before(statement + 1)] {
            if link.parents.are_onto_previous() {
                visit(statement - 1, F::one());
            }
            for (parent, partial) in link.parents.iter().zip(link.partials) {
                visit(parent.at(), partial);
            }
        }
        for &run in self.runs.within(statement..statement + 1) {
            self.runs.each_edge(run, &mut visit);
        }
    }

    /// How many links the statements before one have.
    #[inline(always)]
    fn links_before(&self, statement: usize) -> usize {
        if statement == 0 { 0 } else { self.ends[statement - 1] as usize }
    }
}

/// Room for `more` in a list that may have `most`. Its capacity never exceeds that, so a list that
/// has room has numbers too.
pub(in crate::tape) fn grow<T>(
    list: &mut Vec<T>,
    more: usize,
    most: usize,
    [full, memory]: [TapeError; 2],
) -> Result<(), TapeError> {
    let len = list.len();
    if more > most - len {
        return Err(full);
    }
    if list.capacity() - len >= more {
        return Ok(());
    }
    let capacity = list.capacity().saturating_mul(2).max(4).clamp(len + more, most);
    list.try_reserve_exact(capacity - len).map_err(|_| memory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_doubles_up_to_its_limit_and_then_is_full() {
        let halt = Storage::<f64>::new().halt();
        let mut list = Vec::new();
        let mut capacities = Vec::new();
        let refused = loop {
            match grow(&mut list, 1, 10, halt) {
                Ok(()) => list.push(0_u8),
                Err(error) => break error,
            }
            capacities.push(list.capacity());
        };
        assert_eq!(capacities, [4, 4, 4, 4, 8, 8, 8, 8, 10, 10]);
        assert_eq!(refused, halt[0]);
        assert_eq!(grow(&mut list, usize::MAX, 10, halt), Err(halt[0]));
        assert_eq!(grow(&mut Vec::<u64>::new(), 1 << 60, usize::MAX, halt), Err(halt[1]));
    }
}
