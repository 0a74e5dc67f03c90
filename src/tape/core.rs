//! Where tapes live: cores that are never freed, so that a variable can point at one and be `Copy`
//! and `'static`.
//!
//! A [`Tape`](super::Tape) borrows a core from its thread's pool and hands it back when dropped;
//! the memory behind it is reused by the next tape. Each core carries a [`RecordingId`], renewed by
//! `clear` and by every hand-over; a variable remembers the id of its recording, so a stale
//! one is found by one comparison. Cores are not `Sync`, so neither tapes nor variables can leave
//! their thread.

use super::kink::Kink;
use super::pool::{Pool, latest, seats, set_latest, set_seats, with_pool};
use super::storage::{StatementId, Storage, TapeError};
use super::trouble::Trouble;
use crate::real::Number;
use std::cell::{Cell, RefCell, RefMut};
use std::sync::atomic::{AtomicU64, Ordering};

/// The id of one recording; no two recordings of a process share one. 0 is that of no tape.
///
/// The low bits name the core's seat among the thread's, the high bits are a serial number, of which
/// each core takes a block at a time. The top bit says that the recording is watched: it is at hand
/// wherever a variable is, and stays the same in a loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct RecordingId(u64);

impl RecordingId {
    /// The id of constants.
    pub(crate) const NONE: RecordingId = RecordingId(0);
    const SEAT_BITS: u32 = 16;
    const BLOCK: u64 = 1 << 20;
    const WATCHED: u64 = 1 << 63;

    /// What comes before the first id of a seat.
    fn before_first(seat: usize) -> RecordingId {
        RecordingId((Self::BLOCK - 1) << Self::SEAT_BITS | seat as u64)
    }

    fn renewed(self) -> RecordingId {
        static BLOCKS: AtomicU64 = AtomicU64::new(1);
        let next = ((self.0 & !Self::WATCHED) >> Self::SEAT_BITS) + 1;
        let serial = match next % Self::BLOCK {
            0 => BLOCKS.fetch_add(1, Ordering::Relaxed) * Self::BLOCK,
            _ => next,
        };
        RecordingId(self.0 & Self::WATCHED | serial << Self::SEAT_BITS | self.seat() as u64)
    }

    /// Whether operations near their kinks are to be written as kinks too.
    #[inline(always)]
    pub(super) fn is_watched(self) -> bool {
        self.0 & Self::WATCHED != 0
    }

    /// The id as a word.
    #[inline(always)]
    pub(super) fn bits(self) -> u64 {
        self.0
    }

    #[inline(always)]
    fn seat(self) -> usize {
        (self.0 & ((1 << Self::SEAT_BITS) - 1)) as usize
    }
}

/// How a variable was misused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misuse {
    /// Its recording is over.
    Stale,
    /// It met a variable of another recording.
    Foreign,
}

impl Misuse {
    /// Panics at the caller's line.
    #[cold]
    #[inline(never)]
    #[track_caller]
    pub(super) fn panic(self) -> ! {
        match self {
            Misuse::Stale => {
                panic!(
                    "stale variable: its tape has been cleared or dropped since it was recorded, or \
                     is on another thread"
                )
            }
            Misuse::Foreign => panic!(
                "variables of two recordings meet: of two tapes, or from before and after `clear()`"
            ),
        }
    }
}

/// What a function out of line hands back: the statement it wrote, or a misuse.
///
/// Such functions do not unwind (`extern "C"`): a call that may unwind makes the compiler keep the
/// sums of a loop around it in memory, which costs the loop half its speed. So the caller panics.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Outcome(u32);

impl Outcome {
    const STALE: u32 = u32::MAX;
    const FOREIGN: u32 = u32::MAX - 1;

    /// The statement; panics at the caller's line on a misuse.
    #[inline(always)]
    #[track_caller]
    pub(super) fn index(self) -> StatementId {
        match self.0 {
            Self::STALE => Misuse::Stale.panic(),
            Self::FOREIGN => Misuse::Foreign.panic(),
            index => StatementId(index),
        }
    }
}

impl From<Result<StatementId, Misuse>> for Outcome {
    fn from(result: Result<StatementId, Misuse>) -> Self {
        Outcome(match result {
            Ok(index) => index.0,
            Err(Misuse::Stale) => Self::STALE,
            Err(Misuse::Foreign) => Self::FOREIGN,
        })
    }
}

/// A tape's memory and what it met while recording.
#[derive(Debug)]
pub(crate) struct Core<F: Number> {
    recording: Cell<RecordingId>,
    storage: RefCell<Storage<F>>,
    pub(super) kinks: RefCell<Vec<Kink>>,
    /// Up to which distance a kink is near, on a tape that is watched.
    radius: Cell<f64>,
    /// Whether an operation that is not piecewise linear was met, on a tape that is watched.
    curved: Cell<bool>,
    /// Whether one was met that may jump.
    jumps: Cell<bool>,
    /// Whether the direction of numbers that carry one has decided a kink.
    decided: Cell<bool>,
    /// The variables' numbers, where these carry directions.
    pub(super) leaves: RefCell<Vec<F>>,
    pub(super) troubles: RefCell<Vec<Trouble>>,
    /// Why recording stopped, if it did.
    failure: Cell<Option<TapeError>>,
}

impl<F: Number> Core<F> {
    /// A core from the pool, or a new one, under a new id.
    pub(super) fn acquire() -> &'static Core<F> {
        let idle = with_pool(|pool: &Pool<F>| pool.idle.borrow_mut().pop()).flatten();
        let core = idle.unwrap_or_else(Self::seated);
        core.watch(None);
        core
    }

    /// A new core in a seat of its own. Like its seat it lasts as long as the process, so that a
    /// variable can always ask whether it is stale.
    #[cold]
    fn seated() -> &'static Core<F> {
        let mut seats = seats::<F>();
        let seat = seats.iter().position(|seat| seat.get().is_none()).unwrap_or(seats.len());
        assert!(seat < 1 << RecordingId::SEAT_BITS, "more than 65536 tapes live on one thread");
        if seat == seats.len() {
            let vacant = std::iter::repeat_with(|| None).take(seat.max(4));
            let longer: Vec<_> = seats.iter().map(Cell::get).chain(vacant).map(Cell::new).collect();
            seats = longer.leak();
            set_seats(seats);
        }
        let core: &'static Core<F> = Box::leak(Box::new(Core {
            recording: Cell::new(RecordingId::before_first(seat)),
            storage: RefCell::new(Storage::new()),
            kinks: RefCell::new(Vec::new()),
            radius: Cell::new(0.0),
            curved: Cell::new(false),
            jumps: Cell::new(false),
            decided: Cell::new(false),
            leaves: RefCell::new(Vec::new()),
            troubles: RefCell::new(Vec::new()),
            failure: Cell::new(None),
        }));
        seats[seat].set(Some(core));
        core
    }

    /// The core under whose id a variable was recorded, unless that is over.
    #[inline(always)]
    pub(super) fn find(recording: RecordingId) -> Result<&'static Core<F>, Misuse> {
        match latest(recording) {
            Some(core) => Ok(core),
            None => Self::seek(recording).ok_or(Misuse::Stale),
        }
    }

    /// [`Core::find`] by the seats.
    #[cold]
    #[inline(never)]
    extern "C" fn seek(recording: RecordingId) -> Option<&'static Core<F>> {
        let core = seats::<F>().get(recording.seat())?.get()?;
        (core.recording.get() == recording).then(|| {
            set_latest(recording, core);
            core
        })
    }

    /// [`Core::find`]; panics at the caller's line if that is over.
    #[inline(always)]
    #[track_caller]
    pub(super) fn found(recording: RecordingId) -> &'static Core<F> {
        match Self::find(recording) {
            Ok(core) => core,
            Err(misuse) => misuse.panic(),
        }
    }

    /// Hands the core back. Variables made under its id are stale from here on.
    pub(super) fn release(&'static self) {
        /// More idle tapes than this give their memory back.
        const MOST: usize = 4;
        self.renew();
        let idle = with_pool(|pool: &Pool<F>| {
            let mut idle = pool.idle.borrow_mut();
            idle.push(self);
            idle.len()
        });
        if idle.is_none_or(|idle| idle > MOST) {
            self.free();
        }
    }

    /// Gives the memory back.
    pub(super) fn free(&self) {
        *self.storage.borrow_mut() = Storage::new();
        *self.kinks.borrow_mut() = Vec::new();
        *self.troubles.borrow_mut() = Vec::new();
        *self.leaves.borrow_mut() = Vec::new();
    }

    /// Forgets the recording and keeps the memory.
    pub(super) fn renew(&'static self) {
        self.recording.set(self.recording.get().renewed());
        set_latest(self.recording.get(), self);
        self.storage.borrow_mut().clear();
        empty(&self.kinks);
        empty(&self.troubles);
        empty(&self.leaves);
        self.failure.set(None);
        self.curved.set(false);
        self.jumps.set(false);
        self.decided.set(false);
    }

    /// Begins a recording in which kinks up to this distance are near, or none.
    pub(super) fn watch(&'static self, radius: Option<f64>) {
        let bare = self.recording.get().0 & !RecordingId::WATCHED;
        self.recording
            .set(RecordingId(bare | if radius.is_some() { RecordingId::WATCHED } else { 0 }));
        self.radius.set(radius.unwrap_or(0.0));
        self.renew();
    }

    /// Whether a kink at this distance is near, on a tape that is watched. NaN is not.
    pub(super) fn is_near(&self, distance: f64) -> bool {
        self.recording.get().is_watched() && distance.abs() <= self.radius.get()
    }

    /// Whether an operation that is not piecewise linear was met, on a tape that is watched.
    pub(super) fn is_curved(&self) -> bool {
        self.curved.get()
    }

    /// Whether an operation that may jump was met, on a tape that is watched.
    pub(super) fn jumps(&self) -> bool {
        self.jumps.get()
    }

    /// Whether a direction has decided a kink.
    pub(super) fn has_decided(&self) -> bool {
        self.decided.get()
    }

    /// Notes that a direction decides a kink. The next operation reports a stale id.
    #[cold]
    pub(super) fn note_decided(recording: RecordingId) {
        if let Ok(core) = Self::find(recording) {
            core.decided.set(true);
        }
    }

    /// Notes that an operation may jump, on a tape that is watched.
    #[cold]
    pub(super) fn note_jump(recording: RecordingId) {
        Self::note_curved(recording);
        if recording.is_watched()
            && let Ok(core) = Self::find(recording)
        {
            core.jumps.set(true);
        }
    }

    /// Notes that an operation is not piecewise linear, on a tape that is watched.
    #[inline(always)]
    pub(super) fn note_curved(recording: RecordingId) {
        if recording.is_watched() {
            note_curved::<F>(recording);
        }
    }

    /// [`Core::note_curved`] by an operation that writes nothing, and so would not find that the recording
    /// is over, or another thread's; panics at the caller's line.
    #[inline(always)]
    #[track_caller]
    pub(super) fn note_curved_here(recording: RecordingId) {
        if recording.is_watched() && !note_curved::<F>(recording) {
            Misuse::Stale.panic();
        }
    }

    #[inline(always)]
    pub(super) fn recording(&self) -> RecordingId {
        self.recording.get()
    }

    /// Reads the statements. `f` must not record.
    pub(super) fn read<R>(&self, f: impl FnOnce(&Storage<F>) -> R) -> R {
        f(&self.storage.borrow())
    }

    /// The statements, to be changed, unless they are being read. Nothing may be recorded through a variable
    /// meanwhile.
    #[inline(always)]
    pub(super) fn storage(&self) -> Option<RefMut<'_, Storage<F>>> {
        self.storage.try_borrow_mut().ok()
    }

    /// Changes the statements. `f` must not record through a variable.
    #[inline(always)]
    pub(super) fn change<R>(&self, f: impl FnOnce(&mut Storage<F>) -> R) -> R {
        f(&mut self.storage.borrow_mut())
    }

    /// Writes a statement. `f` must not record through a variable.
    ///
    /// When it fails, the recording is void: the failure is kept for `backward` to report, and the
    /// index returned is of no meaning.
    #[inline(always)]
    pub(super) fn write(
        &self,
        f: impl FnOnce(&mut Storage<F>) -> Result<StatementId, TapeError>,
    ) -> StatementId {
        match f(&mut self.storage.borrow_mut()) {
            Ok(index) => index,
            Err(failure) => self.fail(failure),
        }
    }

    /// Keeps the failure for `backward` to report; the index is of no meaning.
    #[cold]
    pub(super) fn fail(&self, failure: TapeError) -> StatementId {
        self.failure.set(self.failure.get().or(Some(failure)));
        StatementId::FIRST
    }

    /// Why recording stopped, if it did.
    pub(super) fn failure(&self) -> Result<(), TapeError> {
        self.failure.get().map_or(Ok(()), Err)
    }
}

/// Empties a list that mostly is empty.
#[inline(always)]
fn empty<T>(list: &RefCell<Vec<T>>) {
    if !list.borrow().is_empty() {
        list.borrow_mut().clear();
    }
}

/// Whether the recording is found. Out of line, and without unwinding, as [`Outcome`] says why.
#[cold]
#[inline(never)]
extern "C" fn note_curved<F: Number>(recording: RecordingId) -> bool {
    let Ok(core) = Core::<F>::find(recording) else { return false };
    core.curved.set(true);
    true
}
