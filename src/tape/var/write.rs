//! What writes a statement from the usual path of an operation.
//!
//! Each function writes if the tape is the one that was sought last and has room; else it hands on to one
//! that seeks and makes room, at its end, so that it needs no memory for what that call would clobber.
//!
//! What is out of line takes and gives single numbers: a `Var` whose address is taken would live in memory
//! instead of in registers. In a loop the value goes along, as a call clobbers all registers of its kind.
//! It is marked cold so that what it clobbers is saved on its own path, and it does not unwind, see
//! [`Outcome`].

use super::Var;
use crate::real::Number;
use crate::tape::core::{Core, Misuse, Outcome, RecordingId};
use crate::tape::pool::latest;
use crate::tape::storage::parents::Parents;
use crate::tape::storage::{Link, StatementId, Storage, TapeError};

/// A value and the statement that was written for it; [`Written::NONE`] if the recording is over.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Written<F> {
    value: F,
    statement: u32,
}

impl<F: Number> Written<F> {
    const NONE: u32 = u32::MAX;

    #[inline(always)]
    fn new(value: F, index: StatementId) -> Self {
        Written { value, statement: index.0 }
    }

    /// The number; panics at the caller's line if its recording is over.
    #[inline(always)]
    #[track_caller]
    pub(super) fn var(self, recording: RecordingId) -> Var<F> {
        if self.statement == Self::NONE {
            Misuse::Stale.panic();
        }
        // Put together here, where the compiler sees that it is a statement itself.
        Var::statement(self.value, StatementId(self.statement), recording)
    }
}

/// Writes pending edges as a statement.
#[cold]
#[inline(never)]
pub(super) extern "C" fn write_one<F: Number>(
    value: F,
    p: F,
    q: F,
    parents: Parents,
    recording: RecordingId,
) -> Written<F> {
    let link = Link { partials: [p, q], parents: parents.derived() };
    match in_room(recording, |storage| storage.push_in_room([link])) {
        Some(index) => Written::new(value, index),
        None => write_one_anew(value, p, q, parents, recording),
    }
}

/// Writes a number that is the statement `onto` plus two pending edges.
///
/// It is a step of a loop that adds up, of which a call would be a third. So it is in line, but for what
/// is rare.
#[inline(always)]
#[track_caller]
pub(super) fn write_onto<F: Number>(
    value: F,
    [p, q]: [F; 2],
    parents: Parents,
    onto: Parents,
    recording: RecordingId,
) -> Var<F> {
    let link = Link { partials: [p, q], parents: parents.derived() };
    match in_room(recording, |storage| storage.push_onto(onto, link)) {
        Some(index) => Var::statement(value, index, recording),
        None => write_onto_anew(value, p, q, parents, onto, recording).var(recording),
    }
}

/// Writes the sum of two dependences as a statement. The value stays with the caller, who rarely comes here:
/// there it need not be known before it is clear how the two join.
#[cold]
#[inline(never)]
pub(super) extern "C" fn write_both<F: Number>(
    p: F,
    q: F,
    own: Parents,
    r: F,
    s: F,
    others: Parents,
    recording: RecordingId,
) -> Outcome {
    let links = both(p, q, own, r, s, others);
    match in_room(recording, |storage| storage.push_both(links)) {
        Some(index) => Ok(index).into(),
        None => write_both_anew(p, q, own, r, s, others, recording),
    }
}

#[inline(always)]
fn both<F: Number>(p: F, q: F, own: Parents, r: F, s: F, others: Parents) -> [Link<F>; 2] {
    let first = Link { partials: [p, q], parents: own.derived() };
    [first, Link { partials: [r, s], parents: others.derived() }]
}

/// Writes on the tape that was sought last, if that is it.
#[inline(always)]
fn in_room<F: Number>(
    recording: RecordingId,
    write: impl FnOnce(&mut Storage<F>) -> Option<StatementId>,
) -> Option<StatementId> {
    write(&mut *latest::<F>(recording)?.storage()?)
}

/// [`write_one`] on a tape that has to be sought, or has to grow.
#[cold]
#[inline(never)]
extern "C" fn write_one_anew<F: Number>(
    value: F,
    p: F,
    q: F,
    parents: Parents,
    recording: RecordingId,
) -> Written<F> {
    let link = Link { partials: [p, q], parents: parents.derived() };
    anew(value, recording, |storage| storage.push(&[link]))
}

/// [`write_onto`] on a tape that has to be sought, or has to grow.
#[cold]
#[inline(never)]
extern "C" fn write_onto_anew<F: Number>(
    value: F,
    p: F,
    q: F,
    parents: Parents,
    onto: Parents,
    recording: RecordingId,
) -> Written<F> {
    let link = Link { partials: [p, q], parents: parents.derived() };
    anew(value, recording, |storage| {
        storage.make_room(2)?;
        storage.push_onto(onto, link).ok_or(storage.no_memory())
    })
}

/// [`write_both`] on a tape that has to be sought, or has to grow.
#[cold]
#[inline(never)]
extern "C" fn write_both_anew<F: Number>(
    p: F,
    q: F,
    own: Parents,
    r: F,
    s: F,
    others: Parents,
    recording: RecordingId,
) -> Outcome {
    let links = both(p, q, own, r, s, others);
    Core::find(recording)
        .map(|tape| {
            tape.write(|storage| {
                storage.make_room(links.len())?;
                storage.push_both(links).ok_or(storage.no_memory())
            })
        })
        .into()
}

#[inline(always)]
fn anew<F: Number>(
    value: F,
    recording: RecordingId,
    write: impl FnOnce(&mut Storage<F>) -> Result<StatementId, TapeError>,
) -> Written<F> {
    match Core::find(recording) {
        Ok(tape) => Written::new(value, tape.write(write)),
        Err(_) => Written { value, statement: Written::<F>::NONE },
    }
}
