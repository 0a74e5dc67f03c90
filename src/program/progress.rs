//! How far a pass over the rows has come, and what it has found so far.

use super::RunError;
use super::block::{Inputs, Machine, Partial};
use super::columns::Columns;
#[cfg(feature = "parallel")]
use super::parallel::Crew;
use super::pass::Pass;
use super::reduce::Tree;
use crate::op::vector::level::Level;
use std::ops::Range;

/// A pass under way. Rows come in portions of any length; the bits do not depend on it.
#[derive(Debug)]
pub(super) struct Progress {
    machine: Machine,
    /// The segment that is not yet whole.
    open: Partial,
    pub(super) found: Findings,
    rows: u64,
    #[cfg(feature = "parallel")]
    crew: Crew,
}

/// What comes of the segments, in their order.
#[derive(Debug)]
pub(super) struct Findings {
    pub(super) tree: Tree,
    /// For each counted condition, in how many rows it held.
    pub(super) counts: Vec<u64>,
    /// For each scatter, the sum at each place.
    pub(super) scattered: Vec<Vec<f64>>,
}

impl Progress {
    pub(super) fn new(pass: &Pass, level: Level, block: Option<usize>) -> Self {
        Progress {
            machine: Machine::new(pass, level, block),
            open: Partial::new(pass),
            found: Findings {
                tree: Tree::default(),
                counts: vec![0; pass.counts.len()],
                scattered: vec![Vec::new(); pass.scatters],
            },
            rows: 0,
            #[cfg(feature = "parallel")]
            crew: Crew::new(level, block),
        }
    }

    /// Begins with the first row.
    pub(super) fn begin(&mut self, pass: &Pass, parameters: usize) {
        self.rows = 0;
        self.open.reset(pass);
        self.found.tree.begin(0);
        self.found.counts.fill(0);
        for sums in &mut self.found.scattered {
            sums.clear();
            sums.resize(parameters, 0.0);
        }
    }

    /// How many rows have come.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Computes the next rows. Errors number the rows from the first of the pass.
    pub(super) fn push(&mut self, inputs: Inputs<'_>, data: &Columns<'_>) -> Result<(), RunError> {
        let segment = inputs.pass.segment();
        let begun = (self.rows % segment as u64) as usize;
        let head = data.rows().min((segment - begun) % segment);
        self.part(inputs, data, 0..head)?;
        #[cfg(feature = "parallel")]
        if let threads @ 2.. = Crew::threads(inputs.pass, data.rows() - head) {
            let rows = head..data.rows();
            let Progress { crew, machine, open, found, .. } = self;
            let threads = (threads, machine);
            crew.segments(threads, (inputs, data), rows.clone(), self.rows, open, found)?;
            self.rows += rows.len() as u64;
            return Ok(());
        }
        for from in (head..data.rows()).step_by(segment) {
            self.part(inputs, data, from..data.rows().min(from + segment))?;
        }
        Ok(())
    }

    /// Computes rows of one segment.
    fn part(
        &mut self,
        inputs: Inputs<'_>,
        data: &Columns<'_>,
        rows: Range<usize>,
    ) -> Result<(), RunError> {
        self.machine.rows(inputs, data, rows.clone(), self.rows, &mut self.open)?;
        self.rows += rows.len() as u64;
        if self.rows.is_multiple_of(inputs.pass.segment() as u64) && !rows.is_empty() {
            self.close(inputs.pass);
        }
        Ok(())
    }

    fn close(&mut self, pass: &Pass) {
        self.found.add(pass, &self.open);
        self.open.reset(pass);
    }

    /// After the last row: writes the reductions into their places among `numbers`.
    pub(super) fn finish(&mut self, pass: &Pass, numbers: &mut [f64]) {
        if !self.rows.is_multiple_of(pass.segment() as u64) {
            self.close(pass);
        }
        self.found.tree.finish(pass, numbers);
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        #[cfg(feature = "parallel")]
        let crew = self.crew.bytes();
        #[cfg(not(feature = "parallel"))]
        let crew = 0;
        let sums: usize = self.found.scattered.iter().map(|s| size_of_val(&s[..])).sum();
        self.machine.bytes() + self.open.bytes() + sums + crew
    }
}

impl Findings {
    /// Adds the next segment.
    pub(super) fn add(&mut self, pass: &Pass, partial: &Partial) {
        self.tree.push(pass, partial);
        self.add_counts(&partial.counts);
        self.add_scattered(&partial.scattered);
    }

    pub(super) fn add_counts(&mut self, counts: &[u64]) {
        self.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }

    /// Row by row.
    pub(super) fn add_scattered(&mut self, lists: &[Vec<(u32, f64)>]) {
        for (sums, list) in self.scattered.iter_mut().zip(lists) {
            for &(place, x) in list {
                sums[place as usize] += x;
            }
        }
    }
}
