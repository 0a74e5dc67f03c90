//! Who has yet to read a number.

use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::nature::Provenance;

/// Of each node how many of the list that computes it have yet to read it. Some outlive their list: those
/// that a pass, a later list, or the caller reads, and those that no list computes.
#[derive(Debug)]
pub(crate) struct Readers(Vec<u32>);

const OUTLIVES: u32 = u32::MAX;
/// The same of a constant that is used often.
const COMMON: u32 = u32::MAX - 1;
/// A constant that is used as often as this is an argument of its own kind.
const OFTEN: u32 = 4;

impl Readers {
    /// From how often each is used, by others and by what is asked for.
    pub(crate) fn new(
        graph: &Graph,
        mut uses: Vec<u32>,
        roots: impl IntoIterator<Item = Id>,
    ) -> Self {
        for id in graph.ids() {
            let uses_of = &mut uses[id.at()];
            let outlives = match graph.operation(id).provenance() {
                Provenance::Constant(_) if *uses_of >= OFTEN => {
                    *uses_of = COMMON;
                    false
                }
                Provenance::Constant(_) | Provenance::Parameter(_) => true,
                Provenance::Rows | Provenance::Reduction(_) => true,
                Provenance::Column(_) | Provenance::Chosen { .. } | Provenance::Arguments => {
                    *uses_of == 0 || *uses_of >= COMMON || graph.is_varying(id)
                }
            };
            if outlives {
                *uses_of = OUTLIVES;
            }
            let stage = (!graph.is_varying(id)).then(|| graph.stage(id));
            for &arg in graph.args(id) {
                if uses[arg.at()] < COMMON && stage != Some(graph.stage(arg)) {
                    uses[arg.at()] = OUTLIVES;
                }
            }
        }
        for root in roots {
            if uses[root.at()] < COMMON {
                uses[root.at()] = OUTLIVES;
            }
        }
        Readers(uses)
    }

    /// How many nodes there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// One more node, which one reads.
    pub(super) fn add(&mut self) -> Id {
        self.0.push(1);
        Id::of(self.0.len() - 1)
    }

    /// One has read it; whether that was the last.
    #[inline]
    pub(super) fn read(&mut self, id: Id) -> bool {
        let left = &mut self.0[id.at()];
        if *left >= COMMON {
            return false;
        }
        *left -= 1;
        *left == 0
    }

    /// Whether one reads it, and it does not outlive the list.
    #[inline]
    pub(super) fn is_read_once(&self, id: Id) -> bool {
        self.0[id.at()] == 1
    }

    /// Whether it is read after the list that computes it has run.
    #[inline]
    pub(crate) fn outlives(&self, id: Id) -> bool {
        self.0[id.at()] == OUTLIVES
    }

    /// Whether it is a constant that is used often.
    #[inline]
    pub(super) fn is_common(&self, id: Id) -> bool {
        self.0[id.at()] == COMMON
    }
}
