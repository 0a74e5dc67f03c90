//! How far a pass over the rows has come, and what it has found so far.

use crate::op::vector::level::Level;
use crate::program::RunError;
use crate::program::data::columns::Columns;
use crate::program::plan::pass::Pass;
use crate::program::run::block::{Inputs, Machine, PartialSums};
#[cfg(feature = "parallel")]
use crate::program::run::parallel::Crew;
use crate::program::run::reduce::Tree;
use std::ops::Range;

/// A pass under way. Rows come in portions of any length; the bits do not depend on it.
#[derive(Debug)]
pub(crate) struct Progress {
    machine: Machine,
    /// The segment that is not yet whole.
    open: PartialSums,
    pub(crate) found: Findings,
    rows: u64,
    #[cfg(feature = "parallel")]
    crew: Crew,
}

/// What comes of the segments, in their order.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) tree: Tree,
    /// For each counted condition, in how many rows it held.
    pub(crate) counts: Vec<u64>,
    /// For each scatter, the sum at each place.
    pub(crate) scattered: Vec<Vec<f64>>,
    /// For each output of rows, the numbers of each row.
    pub(crate) emitted: Vec<Vec<f64>>,
}

impl Progress {
    pub(crate) fn new(pass: &Pass, level: Level, block: Option<usize>) -> Self {
        Progress {
            machine: Machine::new(pass, level, block),
            open: PartialSums::new(pass),
            found: Findings {
                tree: Tree::default(),
                counts: vec![0; pass.counts.len()],
                scattered: vec![Vec::new(); pass.scatters],
                emitted: vec![Vec::new(); pass.emitted.len()],
            },
            rows: 0,
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
        for sums in &mut self.found.scattered {
            sums.clear();
            sums.resize(parameters, 0.0);
        }
        self.found.emitted.iter_mut().for_each(Vec::clear);
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
        let sums: usize = self.found.scattered.iter().map(|s| size_of_val(&s[..])).sum();
        let emitted: usize = self.found.emitted.iter().map(|rows| size_of_val(&rows[..])).sum();
        self.machine.bytes() + self.open.bytes() + sums + emitted + crew
    }
}

impl Findings {
    /// Adds the next segment.
    pub(crate) fn add(&mut self, pass: &Pass, partial: &mut PartialSums) {
        self.tree.push(pass, partial.close(pass));
        self.add_counts(&partial.counts);
        self.add_scattered(&partial.scattered);
        self.add_emitted(&partial.emitted);
    }

    pub(crate) fn add_counts(&mut self, counts: &[u64]) {
        self.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }

    pub(crate) fn add_emitted(&mut self, lists: &[Vec<f64>]) {
        for (rows, list) in self.emitted.iter_mut().zip(lists) {
            rows.extend_from_slice(list);
        }
    }

    /// Row by row.
    pub(crate) fn add_scattered(&mut self, lists: &[Vec<(u32, f64)>]) {
        for (sums, list) in self.scattered.iter_mut().zip(lists) {
            for &(place, x) in list {
                sums[place as usize] += x;
            }
        }
    }
}
