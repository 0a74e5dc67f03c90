//! What a segment has come to: [`PartialSums`].

use crate::program::ir::operation::Reduction;
use crate::program::kernel::{LANES, Lanes};
use crate::program::plan::pass::Pass;

/// What a segment has come to so far.
#[derive(Clone, Debug)]
pub(crate) struct PartialSums {
    pub(crate) lanes: Vec<Lanes>,
    /// For each counted condition, in how many rows it held.
    pub(crate) counts: Vec<u64>,
    /// For each scatter, place and number of each row.
    pub(crate) scattered: Vec<Vec<(u32, f64)>>,
    /// For each output of rows, the numbers of each row.
    pub(crate) emitted: Vec<Vec<f64>>,
    /// Whether no rows have come yet.
    pub(super) fresh: bool,
}

impl PartialSums {
    pub(crate) fn new(pass: &Pass) -> Self {
        let mut partial = PartialSums {
            lanes: vec![[0.0; LANES]; pass.reductions.len()],
            counts: vec![0; pass.counts.len()],
            scattered: vec![Vec::new(); pass.scatters],
            emitted: vec![Vec::new(); pass.emitted.len()],
            fresh: true,
        };
        partial.reset(pass);
        partial
    }

    /// As if no rows had come.
    pub(crate) fn reset(&mut self, pass: &Pass) {
        // All at once: a gradient by thousands of weights has as many sums, and batches of few rows.
        self.lanes.as_flattened_mut().fill(0.0);
        for (lanes, (reduction, _)) in self.lanes.iter_mut().zip(&pass.reductions) {
            match reduction {
                Reduction::Sum => {}
                Reduction::Max => lanes.fill(f64::NEG_INFINITY),
            }
        }
        self.counts.fill(0);
        self.scattered.iter_mut().for_each(Vec::clear);
        self.emitted.iter_mut().for_each(Vec::clear);
        self.fresh = true;
    }

    /// Whether there is a NaN.
    pub(super) fn has_nan(&self) -> bool {
        /// Without a branch for each lane, which would take as long as a short block.
        const TOGETHER: usize = 16 * LANES;
        let any = |lanes: &[f64]| lanes.iter().fold(false, |any, x| any | x.is_nan());
        self.lanes.as_flattened().chunks(TOGETHER).any(any)
            || self.scattered.iter().flatten().any(|(_, x)| x.is_nan())
            || self.emitted.iter().flat_map(|list| list.chunks(TOGETHER)).any(any)
    }

    /// Whether a NaN came since.
    pub(super) fn has_new_nan(&self, before: &PartialSums) -> bool {
        let pairs = self.lanes.iter().flatten().zip(before.lanes.iter().flatten());
        let lists = self.scattered.iter().zip(&before.scattered);
        let emitted = self.emitted.iter().zip(&before.emitted);
        pairs.clone().any(|(x, before)| x.is_nan() && !before.is_nan())
            || lists.flat_map(|(list, old)| &list[old.len()..]).any(|(_, x)| x.is_nan())
            || emitted.flat_map(|(list, old)| &list[old.len()..]).any(|x| x.is_nan())
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        let scattered: usize = self.scattered.iter().map(Vec::capacity).sum();
        let emitted: usize = self.emitted.iter().map(Vec::capacity).sum();
        size_of_val(&self.lanes[..])
            + scattered * size_of::<(u32, f64)>()
            + emitted * size_of::<f64>()
    }

    /// Becomes equal to another, in the memory that it has.
    pub(super) fn assign(&mut self, other: &PartialSums) {
        self.lanes.copy_from_slice(&other.lanes);
        self.counts.copy_from_slice(&other.counts);
        self.fresh = other.fresh;
        for (mine, theirs) in self.scattered.iter_mut().zip(&other.scattered) {
            mine.clone_from(theirs);
        }
        for (mine, theirs) in self.emitted.iter_mut().zip(&other.emitted) {
            mine.clone_from(theirs);
        }
    }
}
