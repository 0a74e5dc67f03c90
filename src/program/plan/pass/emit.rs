//! Numbers of each row that are handed out: those of neighbouring places go together.

use super::builder::Builder;
use super::{EmittedRun, Instruction};
use crate::program::ir::graph::Id;
use crate::program::kernel::NEIGHBOURS;
use smallvec::smallvec;

/// How many numbers wait for their neighbours at most: each keeps a register.
const WAITING: usize = 32;

impl Builder<'_> {
    /// Notes a number for a place; many of them are one step.
    pub(super) fn emit(&mut self, into: u32, base: u32, x: Id) {
        let waiting = self.emitting.entry(into).or_default();
        waiting.push((base, x));
        if waiting.len() == WAITING {
            self.emit_waiting(into);
        }
    }

    /// The step of what waits for an output.
    fn emit_waiting(&mut self, into: u32) {
        let mut waiting = self.emitting.get_mut(&into).map(std::mem::take).unwrap_or_default();
        waiting.sort_unstable();
        let mut runs: Vec<EmittedRun> = Vec::new();
        for &(base, x) in &waiting {
            let x = self.source(x);
            match runs.last_mut() {
                Some(run)
                    if run.xs.len() < NEIGHBOURS && run.base + run.xs.len() as u32 == base =>
                {
                    run.xs.push(x);
                }
                _ => runs.push(EmittedRun { base, xs: smallvec![x] }),
            }
        }
        self.pass.steps.push(Instruction::Emit { into, runs });
        for (_, x) in waiting {
            self.release(&[x]);
        }
    }

    /// The steps of all that waits.
    pub(super) fn emit_rest(&mut self) {
        for into in 0..self.pass.emitted.len() as u32 {
            if self.emitting.get(&into).is_some_and(|waiting| !waiting.is_empty()) {
                self.emit_waiting(into);
            }
        }
    }
}
