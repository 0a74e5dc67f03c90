//! Edges to evenly spaced statements, of which only the partials are kept.
//!
//! The weights of a row and the outputs of a layer stand side by side on the tape, or at even
//! distances. A run names the first parent and the distance once; where parents are neighbours, the
//! sweep over a run is vector code.

use super::parents::Parents;
use super::{StatementId, TapeError, along, grow};
use crate::Real;
use crate::real::Number;
use std::ops::Range;

/// Evenly spaced places on the tape: `base`, `base + stride`, ...
#[derive(Clone, Copy, Debug)]
pub(in crate::tape) struct Spacing {
    /// The parents of the first operand, as one [derived](Parents::derived) place.
    base: u32,
    /// 0 if there are no operands.
    stride: u32,
}

impl Spacing {
    const NONE: Spacing = Spacing { base: 0, stride: 0 };

    /// The spacing of operands that begin with these parents, if both are single edges and the second's
    /// may come after the first's.
    ///
    /// Operands go on so only as long as they are single too, since their whole words are compared: a
    /// run keeps one partial of each.
    #[inline(always)]
    pub(in crate::tape) fn of(first: Parents, second: Parents) -> Option<Self> {
        if !(first.is_single() && second.is_single()) {
            return None;
        }
        let [base, next] = [first, second].map(|parents| parents.derived().slot(0));
        let stride = next.wrapping_sub(base);
        // A result after a variable differs in the upper bits.
        (stride.wrapping_sub(1) < StatementId::END - 1).then_some(Spacing { base, stride })
    }

    /// The parents expected of operand `k`, derived, as a word.
    #[inline(always)]
    pub(in crate::tape) fn expected(self, k: usize) -> u64 {
        u64::from(self.base) + self.step() * k as u64
    }

    /// How much more the word of the next operand is.
    #[inline(always)]
    pub(in crate::tape) fn step(self) -> u64 {
        u64::from(self.stride)
    }
}

/// A statement's edges to evenly spaced parents, on one side or on two of the same length.
#[derive(Clone, Copy, Debug)]
pub(in crate::tape) struct Run {
    pub(in crate::tape) statement: StatementId,
    sides: [Spacing; 2],
    /// Where the partials of the first side are, followed by those of the second.
    at: u32,
    /// How many a side.
    len: u32,
}

/// All runs of a tape, in the order of recording.
#[derive(Debug)]
pub(in crate::tape) struct Runs<F> {
    list: Vec<Run>,
    /// The partials of all runs, and beyond those in use what earlier recordings left: so room for
    /// new ones need not be filled twice.
    partials: Vec<F>,
    used: usize,
}

impl<F: Number> Runs<F> {
    pub(in crate::tape) const fn new() -> Self {
        Runs { list: Vec::new(), partials: Vec::new(), used: 0 }
    }

    /// Whether there are none.
    #[inline(always)]
    pub(in crate::tape) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Partials in use.
    pub(in crate::tape) fn count_edges(&self) -> usize {
        self.used
    }

    /// Bytes held.
    pub(in crate::tape) fn bytes(&self) -> usize {
        self.list.capacity() * size_of::<Run>() + self.partials.capacity() * size_of::<F>()
    }

    /// Forgets all runs and keeps the memory.
    pub(in crate::tape) fn clear(&mut self) {
        self.list.clear();
        self.used = 0;
    }

    /// Where the partials of the next run are to be written, or one of the two errors of [`grow`].
    #[inline(always)]
    pub(in crate::tape) fn room(
        &mut self,
        partials: usize,
        halt: impl FnOnce() -> [TapeError; 2],
    ) -> Result<&mut [F], TapeError> {
        let places = self.used..self.used + partials;
        if self.list.len() == self.list.capacity() || self.partials.get(places.clone()).is_none() {
            self.make_room(partials, halt())?;
        }
        Ok(&mut self.partials[places])
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self, partials: usize, halt: [TapeError; 2]) -> Result<(), TapeError> {
        const MOST: usize = u32::MAX as usize;
        grow(&mut self.list, 1, MOST, halt)?;
        self.partials.truncate(self.used);
        grow(&mut self.partials, partials, MOST, halt)?;
        self.partials.resize(self.partials.capacity(), F::zero());
        Ok(())
    }

    /// Adds a run of one side, whose partials are in its room.
    #[inline(always)]
    pub(in crate::tape) fn push(&mut self, statement: StatementId, side: Spacing, len: usize) {
        let run = Run { statement, sides: [side, Spacing::NONE], at: 0, len: len as u32 };
        self.push_run(run, len);
    }

    /// Adds a run of two sides, whose partials are in its room, one side after the other.
    #[inline(always)]
    pub(in crate::tape) fn push_both(
        &mut self,
        statement: StatementId,
        sides: [Spacing; 2],
        len: usize,
    ) {
        self.push_run(Run { statement, sides, at: 0, len: len as u32 }, 2 * len);
    }

    #[inline(always)]
    fn push_run(&mut self, run: Run, partials: usize) {
        self.list.push(Run { at: self.used as u32, ..run });
        self.used += partials;
    }

    /// Takes back the runs of a statement that will not be ended.
    pub(in crate::tape) fn abandon(&mut self, statement: StatementId) {
        while let Some(run) = self.list.pop_if(|run| run.statement == statement) {
            self.used = run.at as usize;
        }
    }

    /// The runs of the statements before `end`.
    pub(in crate::tape) fn before(&self, end: usize) -> &[Run] {
        &self.list[..self.list.partition_point(|run| run.statement.at() < end)]
    }

    /// The runs of a range of statements.
    pub(in crate::tape) fn within(&self, statements: Range<usize>) -> &[Run] {
        &self.before(statements.end)[self.before(statements.start).len()..]
    }

    /// Calls `visit` with the parent and the partial of each edge of a run.
    pub(in crate::tape) fn each_edge(&self, run: Run, mut visit: impl FnMut(usize, F)) {
        let len = run.len as usize;
        let mut at = run.at as usize;
        for side in run.sides.into_iter().filter(|side| side.stride != 0) {
            let base = Parents::place_in(side.base).at();
            for (k, &partial) in self.partials[at..at + len].iter().enumerate() {
                visit(base + k * side.stride as usize, partial);
            }
            at += len;
        }
    }

    /// The reverse sweep over one run.
    #[inline(always)]
    pub(in crate::tape) fn sweep(&self, run: Run, parents: &mut [F], adjoint: F) {
        let Run { sides: [first, second], at, len, .. } = run;
        let (at, len) = (at as usize, len as usize);
        if second.stride == 0 {
            return sweep_side(first, &self.partials[at..at + len], parents, adjoint);
        }
        let (by_first, by_second) = self.partials[at..at + 2 * len].split_at(len);
        sweep_side(first, by_first, parents, adjoint);
        sweep_side(second, by_second, parents, adjoint);
    }
}

impl<F: Real> Runs<F> {
    /// The forward sweep over one run.
    pub(in crate::tape) fn along(&self, run: Run, tangents: &[F]) -> F {
        let Run { sides: [first, second], at, len, .. } = run;
        let (at, len) = (at as usize, len as usize);
        let by_first = along_side(first, &self.partials[at..at + len], tangents);
        if second.stride == 0 {
            return by_first;
        }
        by_first + along_side(second, &self.partials[at + len..at + 2 * len], tangents)
    }
}

/// What tangents of the parents make of the statement's.
fn along_side<F: Real>(side: Spacing, partials: &[F], tangents: &[F]) -> F {
    let base = Parents::place_in(side.base).at();
    let parents = tangents[base..].iter().step_by(side.stride as usize);
    let tangents = partials.iter().zip(parents).map(|(&partial, &tangent)| along(partial, tangent));
    F::from_double(tangents.map(F::to_double).sum())
}

#[inline(always)]
fn sweep_side<F: Number>(side: Spacing, partials: &[F], parents: &mut [F], adjoint: F) {
    let base = Parents::place_in(side.base).at();
    let add = |(parent, &partial): (&mut F, &F)| *parent += partial.pass(adjoint);
    match side.stride {
        1 => {
            // In pairs: runs are often too short for what the compiler makes of a plain loop.
            let (parents, last) = parents[base..base + partials.len()].as_chunks_mut::<2>();
            let (partials, last_partial) = partials.as_chunks::<2>();
            for (parents, partials) in parents.iter_mut().zip(partials) {
                parents.iter_mut().zip(partials).for_each(add);
            }
            last.iter_mut().zip(last_partial).for_each(add);
        }
        stride => parents[base..].iter_mut().step_by(stride as usize).zip(partials).for_each(add),
    }
}
