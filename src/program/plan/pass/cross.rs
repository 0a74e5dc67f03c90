//! Sums of products of each of several factors with the same others, as the slopes of a layer's weights
//! are, computed together.

use super::{CrossMoments, Instruction, Source};
use crate::program::ir::operation::Gate;
use crate::program::kernel::{CROSSED, MOMENTS};
use smallvec::{SmallVec, smallvec};

/// Steps of [`Instruction::Moments`] that wait for others with the same other factors.
struct Waiting {
    others: [Option<Source>; MOMENTS],
    count: usize,
    chained: Option<Gate>,
    /// Their places.
    steps: SmallVec<[usize; CROSSED]>,
    factors: SmallVec<[(Source, u32); CROSSED]>,
}

impl Waiting {
    /// Whether a register is read.
    fn reads(&self, register: u32) -> bool {
        let others = self.others.iter().flatten();
        let factors = self.factors.iter().map(|(factor, _)| factor);
        others.chain(factors).any(|&source| source == Source::Register(register))
    }
}

/// The same steps, with sums that have the same other factors computed where the last of them was,
/// unless a register that they read is written before.
pub(super) fn joined(steps: Vec<Instruction>) -> Vec<Instruction> {
    /// Nothing waits for longer, so that what is looked through is short.
    const LONGEST: usize = 1024;
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut done: Vec<Waiting> = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let ended = |w: &mut Waiting| {
            let old = w.steps.last().is_some_and(|last| last + LONGEST < at);
            let full = w.steps.len() == CROSSED;
            old || full || step.writes().iter().any(|&register| w.reads(register))
        };
        done.extend(waiting.extract_if(.., ended));
        if let Instruction::Moments { into, common: (factor, None), others, count, chained } = *step
        {
            let alike =
                |w: &&mut Waiting| (w.others, w.count, w.chained) == (others, count, chained);
            match waiting.iter_mut().find(alike) {
                Some(w) => {
                    w.steps.push(at);
                    w.factors.push((factor, into));
                }
                None => waiting.push(Waiting {
                    others,
                    count,
                    chained,
                    steps: smallvec![at],
                    factors: smallvec![(factor, into)],
                }),
            }
        }
    }
    let mut steps: Vec<Option<Instruction>> = steps.into_iter().map(Some).collect();
    for Waiting { others, count, chained, steps: places, factors } in
        done.into_iter().chain(waiting)
    {
        if let [before @ .., last] = &places[..]
            && !before.is_empty()
        {
            before.iter().for_each(|&at| steps[at] = None);
            let moments = CrossMoments { factors, others, count, chained };
            steps[*last] = Some(Instruction::CrossMoments(moments));
        }
    }
    steps.into_iter().flatten().collect()
}
