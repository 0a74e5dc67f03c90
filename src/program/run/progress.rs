//! How far a pass over the rows has come, and what it has found so far.

use crate::op::vector::level::Level;
use crate::program::RunError;
use crate::program::data::columns::Columns;
use crate::program::plan::pass::Pass;
use crate::program::run::block::{Inputs, Machine, PartialSums};
#[cfg(feature = "parallel")]
use crate::program::run::parallel::Crew;
use crate::program::run::reduce::{Tree, one_nan};
use crate::program::run::scattered::Scattered;
use std::mem::swap;
use std::ops::Range;

/// A pass under way. Rows come in portions of any length; the bits do not depend on it.
#[derive(Debug)]
pub(crate) struct Progress {
    machine: Machine,
    /// The segment that is not yet whole.
    open: PartialSums,
    pub(crate) found: Findings,
    rows: u64,
    /// For what comes next of rows elsewhere.
    room: Option<Box<Stretch>>,
    #[cfg(feature = "parallel")]
    crew: Crew,
}

/// What comes of the segments, in their order.
#[derive(Clone, Debug)]
pub(crate) struct Findings {
    pub(crate) tree: Tree,
    /// For each counted condition, in how many rows it held.
    pub(crate) counts: Vec<u64>,
    pub(crate) scattered: Vec<Scattered>,
    /// For each output of rows, the numbers of each row.
    pub(crate) emitted: Vec<Vec<f64>>,
}

/// Whole segments, and the beginning of one more.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub(super) found: Findings,
    pub(super) open: Option<PartialSums>,
    /// All its rows.
    pub(super) rows: u64,
}

impl Progress {
    pub(crate) fn new(pass: &Pass, level: Level, block: Option<usize>) -> Self {
        Progress {
            machine: Machine::new(pass, level, block),
            open: PartialSums::new(pass),
            found: Findings::new(pass),
            rows: 0,
            room: None,
            #[cfg(feature = "parallel")]
            crew: Crew::new(level, block),
        }
    }

    /// Begins with the first row.
    pub(crate) fn begin(&mut self, parameters: usize) {
        self.rows = 0;
        self.open.reset();
        self.found.tree.begin(0);
        self.found.counts.fill(0);
        self.found.scattered.iter_mut().for_each(|scattered| scattered.begin(parameters));
        self.found.emitted.iter_mut().for_each(Vec::clear);
    }

    /// Begins with row `at`, which begins a segment, or goes on after a stretch that does. That changes its lists
    /// with those that it had.
    pub(super) fn begin_at(
        &mut self,
        (pass, parameters): (&Pass, usize),
        at: u64,
        stretch: Option<&mut Stretch>,
    ) {
        let Some(Stretch { found, open, rows }) = stretch else {
            self.begin(parameters);
            self.rows = at;
            self.found.tree.begin(at / pass.segment() as u64);
            if at > 0 {
                self.found.scattered.iter_mut().for_each(Scattered::begin_later);
            }
            return;
        };
        self.rows = at + *rows;
        swap(&mut self.found, found);
        match open {
            Some(open) => swap(&mut self.open, open),
            None => self.open.reset(),
        }
    }

    /// Goes on after the next rows, of which this has come elsewhere. It stands at the end of a segment.
    pub(super) fn go_on(&mut self, Stretch { found, open, rows }: Stretch) {
        self.found.append(found);
        self.rows += rows;
        if let Some(open) = open {
            self.open = open;
        }
    }

    /// Hands out what has come of the rows from `at` on, if there are any, in the room of what it began with. It
    /// then has to begin anew.
    pub(super) fn take(
        &mut self,
        pass: &Pass,
        at: u64,
        room: Option<Box<Stretch>>,
    ) -> Option<Box<Stretch>> {
        let rows = self.rows - at;
        if rows == 0 {
            return None;
        }
        let room = room.or_else(|| self.room.take());
        let mut room = room
            .unwrap_or_else(|| Box::new(Stretch { found: Findings::new(pass), open: None, rows }));
        room.rows = rows;
        swap(&mut self.found, &mut room.found);
        if self.rows.is_multiple_of(pass.segment() as u64) {
            room.open = None;
        } else {
            swap(&mut self.open, room.open.get_or_insert_with(|| PartialSums::new(pass)));
        }
        Some(room)
    }

    /// Keeps a stretch whose lists are no longer needed as room for another, unless it may have long ones.
    pub(super) fn keep(&mut self, room: Option<Box<Stretch>>) {
        let found = &self.found;
        if found.scattered.is_empty() && found.emitted.is_empty() {
            self.room = room;
        }
    }

    /// How many rows have come.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Computes the next rows; `last` if none follow, as far as is known. Errors number the rows from the
    /// first of the pass.
    pub(crate) fn push(
        &mut self,
        inputs: Inputs<'_>,
        data: &Columns<'_>,
        last: bool,
    ) -> Result<(), RunError> {
        let segment = inputs.pass.segment();
        let begun = (self.rows % segment as u64) as usize;
        let head = data.row_count().min((segment - begun) % segment);
        if head > 0 {
            self.part(inputs, data, 0..head, last)?;
        }
        #[cfg(feature = "parallel")]
        if let threads @ 2.. = Crew::threads(inputs.pass, data.row_count() - head) {
            let rows = head..data.row_count();
            let Progress { crew, machine, open, found, .. } = self;
            let threads = (threads, machine);
            crew.segments(threads, (inputs, data, last), rows.clone(), self.rows, open, found)?;
            self.rows += rows.len() as u64;
            return Ok(());
        }
        for from in (head..data.row_count()).step_by(segment) {
            self.part(inputs, data, from..data.row_count().min(from + segment), last)?;
        }
        Ok(())
    }

    /// Computes rows of one segment.
    fn part(
        &mut self,
        inputs: Inputs<'_>,
        data: &Columns<'_>,
        rows: Range<usize>,
        last: bool,
    ) -> Result<(), RunError> {
        let to = self.rows + rows.len() as u64;
        let whole = to.is_multiple_of(inputs.pass.segment() as u64) && !rows.is_empty();
        let ends = whole || last && rows.end == data.row_count();
        self.machine.rows(inputs, data, rows, (self.rows, ends), &mut self.open)?;
        self.rows = to;
        if whole {
            self.close(inputs.pass);
        }
        Ok(())
    }

    fn close(&mut self, pass: &Pass) {
        self.found.add(pass, &mut self.open);
        self.open.reset();
    }

    /// After the last row: writes the reductions into their places among `numbers`.
    pub(crate) fn finish(&mut self, pass: &Pass, numbers: &mut [f64]) {
        if !self.rows.is_multiple_of(pass.segment() as u64) {
            self.close(pass);
        }
        self.found.tree.finish(pass, numbers);
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        #[cfg(feature = "parallel")]
        let crew = self.crew.bytes();
        #[cfg(not(feature = "parallel"))]
        let crew = 0;
        let sums: usize = self.found.scattered.iter().map(|s| size_of_val(s.sums())).sum();
        let emitted: usize = self.found.emitted.iter().map(|rows| size_of_val(&rows[..])).sum();
        self.machine.bytes() + self.open.bytes() + sums + emitted + crew
    }
}

impl Findings {
    pub(crate) fn new(pass: &Pass) -> Self {
        Findings {
            tree: Tree::new(pass),
            counts: vec![0; pass.counts.len()],
            scattered: vec![Scattered::Sums(Vec::new()); pass.scatters],
            emitted: vec![Vec::new(); pass.emitted.len()],
        }
    }

    /// Adds the next segment.
    pub(crate) fn add(&mut self, pass: &Pass, partial: &mut PartialSums) {
        self.tree.push(partial.close(pass));
        self.add_counts(&partial.counts);
        self.add_scattered(&partial.scattered);
        self.add_emitted(&partial.emitted);
    }

    /// Adds what has come of the next segments.
    pub(super) fn append(&mut self, next: Findings) {
        self.tree.append(&next.tree);
        self.add_counts(&next.counts);
        for (all, scattered) in self.scattered.iter_mut().zip(next.scattered) {
            all.append(scattered);
        }
        for (all, list) in self.emitted.iter_mut().zip(next.emitted) {
            if all.is_empty() { *all = list } else { all.extend_from_slice(&list) }
        }
    }

    pub(crate) fn add_counts(&mut self, counts: &[u64]) {
        self.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }

    pub(crate) fn add_emitted(&mut self, lists: &[Vec<f64>]) {
        for (rows, list) in self.emitted.iter_mut().zip(lists) {
            rows.extend(list.iter().map(|&x| one_nan(x)));
        }
    }

    /// Row by row.
    pub(crate) fn add_scattered(&mut self, lists: &[Vec<(u32, f64)>]) {
        self.scattered.iter_mut().zip(lists).for_each(|(all, list)| all.add(list));
    }
}

impl Stretch {
    /// The same without the numbers of each row of its whole segments, which no later pass needs.
    pub(super) fn without_rows(&self) -> Self {
        let found = &self.found;
        let emitted = vec![Vec::new(); found.emitted.len()];
        let (tree, counts) = (found.tree.clone(), found.counts.clone());
        let found = Findings { tree, counts, scattered: found.scattered.clone(), emitted };
        Stretch { found, open: self.open.clone(), rows: self.rows }
    }
}
