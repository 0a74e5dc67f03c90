//! What a recording holds, for those who compute from it.

use super::Tape;
use super::core::{Core, Misuse, RecordingId};
use super::gradient::Gradient;
use super::kink::Kink;
use super::pool::{give_numbers, take_numbers};
use super::storage::{StatementId, Storage, TapeError, along};
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

impl<F: Real> Core<F> {
    fn reading<R>(&self, f: impl FnOnce(&Reading<'_, F>) -> R) -> R {
        let kinks = self.kinks.borrow();
        self.read(|storage| {
            let (curved, jumps) = (self.is_curved(), self.jumps());
            f(&Reading { storage, kinks: &kinks, curved, jumps })
        })
    }
}

/// A recording that is not over.
pub(crate) struct LiveRecording<F: Real>(&'static Core<F>);

impl<F: Real> LiveRecording<F> {
    /// Reads the kinks, those near included. `f` must not record.
    pub(crate) fn read<R>(&self, f: impl FnOnce(&[Kink]) -> R) -> R {
        f(&self.0.kinks.borrow())
    }

    /// Reads statements and kinks. `f` must not record.
    pub(crate) fn reading<R>(&self, f: impl FnOnce(&Reading<'_, F>) -> R) -> R {
        self.0.reading(f)
    }

    /// Reads statements and kinks, and may change slopes of kinks. `f` must not record.
    pub(crate) fn change<R>(&self, f: impl FnOnce(&mut Storage<F>, &[Kink]) -> R) -> R {
        self.0.change(|storage| f(storage, &self.0.kinks.borrow()))
    }
}

impl<F: Real> Gradient<F> {
    /// The recording that it belongs to, if that is not over and is on this thread; a gradient of a
    /// constant has none.
    pub(crate) fn recording(&self) -> Option<LiveRecording<F>> {
        Core::find(self.recording).ok().map(LiveRecording)
    }

    /// Whether it is that of a constant.
    pub(crate) fn is_of_constant(&self) -> bool {
        self.recording == RecordingId::NONE
    }

    /// Panics at the caller's line if a variable is of another recording.
    #[track_caller]
    pub(crate) fn check_owns(&self, variable: &Var<F>) {
        if !variable.is_constant() && !self.is_of(*variable) {
            Misuse::Foreign.panic();
        }
    }

    /// The derivatives by statements, in their order; those missing are 0.
    pub(crate) fn adjoints(&self) -> &[F] {
        &self.adjoints
    }

    /// The place of a variable; panics at the caller's line if it is none of the recording's.
    #[track_caller]
    pub(crate) fn leaf(&self, variable: &Var<F>) -> StatementId {
        if !variable.is_constant() && variable.recording != self.recording && !self.is_of_constant()
        {
            Misuse::Foreign.panic();
        }
        match variable.own_statement() {
            Some(index) if !variable.parents.any_interior() => index,
            _ => panic!("a direction is along variables, and this is a result or a constant"),
        }
    }
}

impl<F: Real> Tape<F> {
    /// Hands the tangents of all statements to `read`, along the axis of a variable.
    #[track_caller]
    pub(super) fn tangents(&self, variable: usize, read: impl FnOnce(&[F])) {
        if let Err(error) = self.core.failure() {
            panic!("{error}");
        }
        let mut tangents = take_numbers();
        self.core.read(|storage| {
            tangents.resize(storage.len(), F::zero());
            let leaf = |id: StatementId| if id.at() == variable { F::one() } else { F::zero() };
            storage.sweep_forward(0..storage.len(), &mut tangents, leaf);
        });
        read(&tangents);
        give_numbers(tangents);
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
        Some(core.reading(f))
    }

    /// The statements that the number depends on, with its partials.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (usize, F)> {
        self.parents.iter().zip(self.partials).map(|(place, partial)| (place.at(), partial))
    }

    /// The place of the variable on its tape, if it has one of its own.
    pub(crate) fn place(&self) -> Option<usize> {
        self.own_statement().map(StatementId::at)
    }

    /// Whether the two are of one recording.
    pub(crate) fn shares_tape(&self, other: &Self) -> bool {
        self.recording == other.recording
    }

    /// Why the recording stopped, if it did.
    #[track_caller]
    pub(crate) fn recording_failure(&self) -> Result<(), TapeError> {
        if self.is_constant() { Ok(()) } else { self.live_tape().failure() }
    }

    /// The gradient, if its recording has written no kink, near ones included: then all rules agree.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn backward_without_kinks(self) -> Option<Result<Gradient<F>, TapeError>> {
        if self.is_constant() {
            return Some(Ok(Gradient::zeroed(self.recording, 0)));
        }
        let tape = self.live_tape();
        tape.kinks.borrow().is_empty().then(|| self.swept_on(tape))
    }

    /// The derivative along a direction, from the tangents of all statements that it depends on.
    pub(crate) fn tangent(&self, tangents: &[F]) -> F {
        let edges = self.parents.iter().zip(self.partials);
        edges.map(|(place, partial)| along(partial, tangents[place.at()])).sum()
    }
}
