//! A recording, read statement by statement.

use super::core::Core;
use super::kink::Kink;
use super::storage::Storage;
use super::var::Var;
use crate::Real;

/// What is on a tape.
pub(crate) struct Reading<'a, F: Real> {
    storage: &'a Storage<F>,
    /// In the order of recording, those that are only near included.
    pub(crate) kinks: &'a [Kink],
    /// Whether an operation that is not piecewise linear was met, on a tape that is watched.
    pub(crate) curved: bool,
    /// Whether one was met that may jump.
    pub(crate) jumps: bool,
}

impl<F: Real> Reading<'_, F> {
    /// How many statements there are.
    pub(crate) fn statements(&self) -> usize {
        self.storage.len()
    }

    /// Calls `visit` with the parent and the partial of each edge of a statement.
    pub(crate) fn each_edge(&self, statement: usize, visit: impl FnMut(usize, F)) {
        self.storage.each_edge(statement, visit);
    }
}

impl<F: Real> Var<F> {
    /// Reads the recording that this number is of; nothing for a constant. `f` must not record.
    #[track_caller]
    pub(crate) fn reading<R>(&self, f: impl FnOnce(&Reading<'_, F>) -> R) -> Option<R> {
        if self.is_constant() {
            return None;
        }
        let core: &Core<F> = self.live_tape();
        let kinks = core.kinks.borrow();
        Some(core.read(|storage| {
            let (curved, jumps) = (core.is_curved(), core.jumps());
            f(&Reading { storage, kinks: &kinks, curved, jumps })
        }))
    }

    /// The statements that the number depends on, with its partials.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (usize, F)> {
        self.parents.iter().zip(self.partials).map(|(place, partial)| (place.at(), partial))
    }

    /// The place of the variable on its tape, if it has one of its own.
    pub(crate) fn place(&self) -> Option<usize> {
        self.own_statement().map(super::storage::Index::at)
    }

    /// Whether the two are of one recording.
    pub(crate) fn shares_tape(&self, other: &Self) -> bool {
        self.number == other.number
    }

    /// Why the recording stopped, if it did.
    #[track_caller]
    pub(crate) fn recording_failure(&self) -> Result<(), super::TapeError> {
        if self.is_constant() { Ok(()) } else { self.live_tape().failure() }
    }
}
