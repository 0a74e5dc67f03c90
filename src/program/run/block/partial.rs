//! What a segment has come to: [`PartialSums`].

use crate::program::kernel::{LANES, Lanes, total};
use crate::program::plan::pass::Pass;

/// What a segment has come to so far.
#[derive(Clone, Debug)]
pub(crate) struct PartialSums {
    /// Of each reduction, while the segment is open.
    pub(in crate::program::run) lanes: Vec<Lanes>,
    /// What each comes to, once it is closed.
    pub(super) totals: Vec<f64>,
    /// For each counted condition, in how many rows it held.
    pub(crate) counts: Vec<u64>,
    /// For each scatter, place and number of each row.
    pub(crate) scattered: Vec<Vec<(u32, f64)>>,
    /// For each output of rows, the numbers of each row.
    pub(crate) emitted: Vec<Vec<f64>>,
    /// Whether no rows have come yet. What the lanes hold then means nothing.
    pub(super) fresh: bool,
    pub(super) closed: bool,
}

impl PartialSums {
    pub(crate) fn new(pass: &Pass) -> Self {
        PartialSums {
            lanes: vec![[0.0; LANES]; pass.reductions.len()],
            totals: vec![0.0; pass.reductions.len()],
            counts: vec![0; pass.counts.len()],
            scattered: vec![Vec::new(); pass.scatters],
            emitted: vec![Vec::new(); pass.emitted.len()],
            fresh: true,
            closed: false,
        }
    }

    /// Of a segment of which some rows have come.
    #[cfg(feature = "serde")]
    pub(in crate::program::run) fn under_way(
        lanes: Vec<Lanes>,
        counts: Vec<u64>,
        scattered: Vec<Vec<(u32, f64)>>,
        emitted: Vec<Vec<f64>>,
    ) -> Self {
        let totals = vec![0.0; lanes.len()];
        PartialSums { lanes, totals, counts, scattered, emitted, fresh: false, closed: false }
    }

    /// As if no rows had come.
    pub(crate) fn reset(&mut self) {
        self.counts.fill(0);
        self.scattered.iter_mut().for_each(Vec::clear);
        self.emitted.iter_mut().for_each(Vec::clear);
        (self.fresh, self.closed) = (true, false);
    }

    /// What each reduction comes to. No more rows may come.
    pub(crate) fn close(&mut self, pass: &Pass) -> &[f64] {
        if !std::mem::replace(&mut self.closed, true) {
            let all = self.totals.iter_mut().zip(&self.lanes).zip(&pass.reductions);
            all.for_each(|((to, lanes), (reduction, _))| *to = total(*reduction, lanes));
        }
        &self.totals
    }

    /// Whether there is a NaN.
    pub(super) fn has_nan(&self) -> bool {
        /// Without a branch for each number, which would take as long as a short block.
        const TOGETHER: usize = 16 * LANES;
        let any = |numbers: &[f64]| numbers.iter().fold(false, |any, x| any | x.is_nan());
        let numbers = if self.closed { &self.totals } else { self.lanes.as_flattened() };
        numbers.chunks(TOGETHER).any(any)
            || self.scattered.iter().flatten().any(|(_, x)| x.is_nan())
            || self.emitted.iter().flat_map(|list| list.chunks(TOGETHER)).any(any)
    }

    /// Whether a NaN came since.
    pub(super) fn has_new_nan(&self, before: &PartialSums) -> bool {
        let lanes = self.lanes.iter().flatten().zip(before.lanes.iter().flatten());
        let mut totals = self.totals.iter().zip(&before.lanes);
        let lists = self.scattered.iter().zip(&before.scattered);
        let emitted = self.emitted.iter().zip(&before.emitted);
        let new_sums = match self.closed {
            true => totals.any(|(x, before)| x.is_nan() && !before.iter().any(|x| x.is_nan())),
            false => lanes.clone().any(|(x, before)| x.is_nan() && !before.is_nan()),
        };
        new_sums
            || lists.flat_map(|(list, old)| &list[old.len()..]).any(|(_, x)| x.is_nan())
            || emitted.flat_map(|(list, old)| &list[old.len()..]).any(|x| x.is_nan())
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        let scattered: usize = self.scattered.iter().map(Vec::capacity).sum();
        let emitted: usize = self.emitted.iter().map(Vec::capacity).sum();
        size_of_val(&self.lanes[..])
            + size_of_val(&self.totals[..])
            + scattered * size_of::<(u32, f64)>()
            + emitted * size_of::<f64>()
    }

    /// Becomes equal to another, in the memory that it has.
    pub(super) fn assign(&mut self, other: &PartialSums) {
        self.lanes.copy_from_slice(&other.lanes);
        self.counts.copy_from_slice(&other.counts);
        (self.fresh, self.closed) = (other.fresh, other.closed);
        for (mine, theirs) in self.scattered.iter_mut().zip(&other.scattered) {
            mine.clone_from(theirs);
        }
        for (mine, theirs) in self.emitted.iter_mut().zip(&other.emitted) {
            mine.clone_from(theirs);
        }
    }
}
