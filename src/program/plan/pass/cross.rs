//! Sums of products of each of several factors with the same others, as the slopes of a layer's weights
//! are, computed together.

use super::{CrossMoments, Instruction, Pass, Source};
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

/// Sums that have the same other factors are computed where the last of them was, unless a register that
/// they read is written before. Sums that are computed together follow one another.
pub(super) fn join(pass: &mut Pass) {
    let steps = std::mem::take(&mut pass.steps);
    let before = std::mem::take(&mut pass.reductions);
    let mut joined: Vec<Option<Waiting>> = steps.iter().map(|_| None).collect();
    let mut is_joined = vec![false; steps.len()];
    for alike in found(&steps) {
        if let [_, .., last] = alike.steps[..] {
            alike.steps.iter().for_each(|&at| is_joined[at] = true);
            joined[last] = Some(alike);
        }
    }
    let mut moved = |froms: &[u32], count: usize| {
        let into = pass.reductions.len() as u32;
        let froms = froms.iter().map(|&from| &before[from as usize..][..count]);
        froms.for_each(|sums| pass.reductions.extend_from_slice(sums));
        into
    };
    for ((mut step, joined), is_joined) in steps.into_iter().zip(joined).zip(is_joined) {
        if let Some(Waiting { others, count, chained, factors, .. }) = joined {
            let froms: SmallVec<[u32; CROSSED]> = factors.iter().map(|&(_, into)| into).collect();
            let (factors, into) = (factors.iter().map(|&(x, _)| x).collect(), moved(&froms, count));
            let moments = CrossMoments { factors, into, others, count, chained };
            pass.steps.push(Instruction::CrossMoments(moments));
        } else if !is_joined {
            if let Some((into, count)) = step.sums() {
                *into = moved(&[*into], count);
            }
            pass.steps.push(step);
        }
    }
}

/// Steps with the same other factors that can be done where the last of them is.
fn found(steps: &[Instruction]) -> Vec<Waiting> {
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
    done.extend(waiting);
    done
}
