//! The tape's memory: statements, edges, runs, and the reverse sweep over them.
//!
//! Statement `i` owns the links between `ends[i - 1]` and `ends[i]`, each one or two edges, and
//! perhaps some runs. A run is `len` edges to evenly spaced parents, of which only the partials are
//! kept; where the parents are neighbours, adding them up is vector code. Parents come before their
//! statement. The sweep is
//!
//! ```text
//! for i in statements, last to first:
//!     for (partial, parent) in the edges of i:
//!         adjoint[parent] += partial * adjoint[i]
//! ```
//!
//! and a statement whose adjoint is 0 passes nothing on, even where a partial is infinite.

mod forward;

pub(crate) use forward::along;

use super::parents::Parents;
use crate::Real;

/// The place of a statement on its tape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Index(pub(super) u32);

impl Index {
    /// The first statement.
    pub(crate) const FIRST: Index = Index(0);

    /// Places are below this.
    pub(super) const END: u32 = 1 << 29;

    /// The place as a number.
    #[inline(always)]
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }

    /// The place `by` statements further on.
    #[inline(always)]
    pub(crate) fn offset(self, by: usize) -> Index {
        Index(self.0.wrapping_add(by as u32))
    }
}

/// One or two edges, as a variable carries them: how a statement depends on others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link<F> {
    pub(super) partials: [F; 2],
    pub(super) parents: Parents,
}

/// Edges to evenly spaced parents: `base`, `base + stride`, ...
#[derive(Clone, Copy, Debug)]
struct Run {
    statement: Index,
    base: Index,
    stride: u32,
    /// Where its partials are, and how many.
    at: u32,
    len: u32,
}

/// Statements and their edges, in the order of recording.
#[derive(Debug)]
pub(crate) struct Storage<F> {
    /// For each statement, where its links end.
    ends: Vec<u32>,
    links: Vec<Link<F>>,
    runs: Vec<Run>,
    /// The partials of all runs.
    run_partials: Vec<F>,
}

/// Why a statement could not be written.
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
    /// The system refused the memory.
    #[error("no memory for the tape to grow beyond {statements} statements and {links} links")]
    Memory {
        /// Statements on the tape.
        statements: usize,
        /// Links on the tape, each one or two edges.
        links: usize,
    },
}

impl<F: Real> Storage<F> {
    pub(crate) const fn new() -> Self {
        Storage { ends: Vec::new(), links: Vec::new(), runs: Vec::new(), run_partials: Vec::new() }
    }

    /// Statements recorded.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Edges recorded, counted one by one.
    pub(crate) fn count_edges(&self) -> usize {
        let linked: usize = self.links.iter().map(|link| link.parents.iter().count()).sum();
        linked + self.run_partials.len()
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.ends.capacity() * size_of::<u32>()
            + self.links.capacity() * size_of::<Link<F>>()
            + self.runs.capacity() * size_of::<Run>()
            + self.run_partials.capacity() * size_of::<F>()
    }

    /// Forgets all statements and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.ends.clear();
        self.links.clear();
        self.runs.clear();
        self.run_partials.clear();
    }

    /// Room for `statements` more, with `links`.
    #[cold]
    #[inline(never)]
    pub(crate) fn reserve(&mut self, statements: usize, links: usize) -> Result<(), TapeError> {
        let halt = self.halt();
        grow(&mut self.ends, statements, Index::END as usize, halt)?;
        grow(&mut self.links, links, u32::MAX as usize, halt)
    }

    /// The errors for a list that cannot grow: numbers have run out, or memory has.
    fn halt(&self) -> [TapeError; 2] {
        let (statements, links) = (self.ends.len(), self.links.len());
        [TapeError::Full { statements, links }, TapeError::Memory { statements, links }]
    }

    /// Writes a statement with these links.
    #[inline(always)]
    pub(super) fn push(&mut self, links: &[Link<F>]) -> Result<Index, TapeError> {
        self.make_room(links.len())?;
        self.links.extend_from_slice(links);
        Ok(self.end_statement())
    }

    /// Writes a statement with these links, which are moved out of their list.
    #[inline(always)]
    pub(super) fn append(&mut self, links: &mut Vec<Link<F>>) -> Result<Index, TapeError> {
        self.make_room(links.len())?;
        if !links.is_empty() {
            self.links.append(links);
        }
        Ok(self.end_statement())
    }

    /// Room for a statement with so many links.
    #[inline(always)]
    pub(super) fn make_room(&mut self, links: usize) -> Result<(), TapeError> {
        let full = self.ends.len() == self.ends.capacity();
        if full || self.links.capacity() - self.links.len() < links {
            self.reserve(1, links)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn end_statement(&mut self) -> Index {
        let index = Index(self.ends.len() as u32);
        self.ends.push(self.links.len() as u32);
        index
    }

    /// Writes `n` statements without edges, the leaves of the graph; returns the first.
    #[inline]
    pub(crate) fn push_leaves(&mut self, n: usize) -> Result<Index, TapeError> {
        if self.ends.capacity() - self.ends.len() < n {
            self.reserve(n, 0)?;
        }
        let first = Index(self.ends.len() as u32);
        self.ends.resize(self.ends.len() + n, self.links.len() as u32);
        Ok(first)
    }

    /// Adds a link to the statement that is being written, for which there is room.
    #[inline(always)]
    pub(super) fn add_link(&mut self, link: Link<F>) {
        self.links.push(link);
    }

    /// Adds a run to the statement that is being written, its partials to be filled in.
    #[inline(always)]
    pub(super) fn add_run(
        &mut self,
        base: Index,
        stride: u32,
        len: usize,
    ) -> Result<&mut [F], TapeError> {
        let at = self.run_partials.len();
        if self.runs.len() == self.runs.capacity() || self.run_partials.capacity() - at < len {
            self.reserve_run(len)?;
        }
        let statement = Index(self.ends.len() as u32);
        self.runs.push(Run { statement, base, stride, at: at as u32, len: len as u32 });
        self.run_partials.resize(at + len, F::zero());
        Ok(&mut self.run_partials[at..])
    }

    /// The last `n` partials of runs.
    #[inline(always)]
    pub(super) fn last_partials(&mut self, n: usize) -> &mut [F] {
        let from = self.run_partials.len() - n;
        &mut self.run_partials[from..]
    }

    #[cold]
    #[inline(never)]
    fn reserve_run(&mut self, len: usize) -> Result<(), TapeError> {
        let halt = self.halt();
        grow(&mut self.runs, 1, u32::MAX as usize, halt)?;
        grow(&mut self.run_partials, len, u32::MAX as usize, halt)
    }

    /// Ends the statement that is being written.
    #[inline(always)]
    pub(super) fn close(&mut self) -> Result<Index, TapeError> {
        self.make_room(0)?;
        Ok(self.end_statement())
    }

    /// Takes back what was added to a statement that will not be ended.
    #[cold]
    pub(super) fn abandon(&mut self) {
        self.links.truncate(self.ends.last().map_or(0, |&end| end as usize));
        while let Some(run) = self.runs.pop_if(|run| run.statement.at() == self.ends.len()) {
            self.run_partials.truncate(run.at as usize);
        }
    }

    /// Calls `visit` with the parent and the partial of each edge of a statement.
    pub(super) fn each_edge(&self, statement: usize, mut visit: impl FnMut(usize, F)) {
        let start = if statement == 0 { 0 } else { self.ends[statement - 1] as usize };
        for link in &self.links[start..self.ends[statement] as usize] {
            for (parent, partial) in link.parents.iter().zip(link.partials) {
                visit(parent.at(), partial);
            }
        }
        let first = self.runs.partition_point(|run| run.statement.at() < statement);
        for run in self.runs[first..].iter().take_while(|run| run.statement.at() == statement) {
            let partials = &self.run_partials[run.at as usize..][..run.len as usize];
            for (k, &partial) in partials.iter().enumerate() {
                visit(run.base.at() + k * run.stride as usize, partial);
            }
        }
    }

    /// The reverse sweep from the last of `adjoints`, which holds the seeds, to the first statement.
    pub(crate) fn sweep(&self, adjoints: &mut [F]) {
        let mut runs = self.runs.partition_point(|run| run.statement.at() < adjoints.len());
        let mut above = adjoints.len();
        while runs > 0 {
            let statement = self.runs[runs - 1].statement.at();
            self.sweep_links(statement, above, adjoints);
            above = statement;
            let (parents, own) = adjoints.split_at_mut(statement);
            let adjoint = own[0];
            while runs > 0 && self.runs[runs - 1].statement.at() == statement {
                runs -= 1;
                let Run { base, stride, at, len, .. } = self.runs[runs];
                if adjoint != F::zero() {
                    let partials = &self.run_partials[at as usize..][..len as usize];
                    sweep_run(&mut parents[base.at()..], stride as usize, partials, adjoint);
                }
            }
        }
        self.sweep_links(0, above, adjoints);
    }

    /// The links of the statements `from..to`, last to first.
    #[inline(always)]
    fn sweep_links(&self, from: usize, to: usize, adjoints: &mut [F]) {
        let mut end = match to {
            0 => 0,
            _ => self.ends[to - 1] as usize,
        };
        for i in (from..to).rev() {
            // The leaves at the bottom have no edges: nothing is left to do.
            if end == 0 {
                break;
            }
            let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
            let (parents, own) = adjoints.split_at_mut(i);
            let adjoint = own[0];
            if adjoint != F::zero() {
                for Link { partials: [p, q], parents: places } in &self.links[start..end] {
                    parents[places.place(0).at()] += *p * adjoint;
                    if !places.is_single() {
                        parents[places.place(1).at()] += *q * adjoint;
                    }
                }
            }
            end = start;
        }
    }
}

/// Room for `more` in a list that may have `most`. Its capacity never exceeds that, so a list that
/// has room has numbers too.
fn grow<T>(
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

/// One run: `parents[k · stride] += partials[k] · adjoint`.
#[inline(always)]
fn sweep_run<F: Real>(parents: &mut [F], stride: usize, partials: &[F], adjoint: F) {
    let add = |(parent, &partial): (&mut F, &F)| *parent += partial * adjoint;
    match stride {
        1 => parents.iter_mut().zip(partials).for_each(add),
        _ => parents.iter_mut().step_by(stride).zip(partials).for_each(add),
    }
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
