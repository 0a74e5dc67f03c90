//! All ranks together: [`Ranks`].

use crate::rows::Share;
use crate::{Link, Mpi, RankError, Rows};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use wengert::program::partials::{Offset, Partial, PartialError};
use wengert::program::stream::{Stream, StreamError, read_ahead};
use wengert::program::{Columns, Found, Sweep};

/// All ranks, which do the same thing at the same time.
///
/// Each method is called on all ranks, in the same order; it returns on each when all have done their part, with the
/// same result or the same error.
///
/// ```
/// use wengert_mpi::{Link, Ranks};
/// # struct Alone;
/// # impl Link for Alone {
/// #     fn rank(&self) -> usize { 0 }
/// #     fn count(&self) -> usize { 1 }
/// #     fn send(&self, _: usize, _: &[u8]) {}
/// #     fn receive(&self, _: usize) -> Vec<u8> { Vec::new() }
/// # }
/// use wengert::{objective, program::{Columns, Program}};
/// let ranks = Ranks::new(Alone); // `launch` gives those of MPI
/// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.mean().compile();
/// let data = Columns::new(&[&[1.0, 2.0, 6.0]])?;
/// let rows = ranks.rows(sweep.count(&data)?, "three numbers")?;
/// assert_eq!(ranks.run(&mut sweep, &[2.0], &rows, &data)?.value(), 6.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Ranks<L = Mpi> {
    link: L,
}

/// What kind of message it is, so that ranks that do different things notice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Value,
    Rows,
    Agreement,
    Partial,
    End,
}

/// What a rank has to say, or what went wrong.
type Said<T> = Result<T, RankError>;

impl<L: Link> Ranks<L> {
    /// Ranks that talk by this link.
    pub fn new(link: L) -> Self {
        Ranks { link }
    }

    /// The link by which they talk.
    pub fn link(&self) -> &L {
        &self.link
    }

    /// Which rank this is, counted from 0.
    pub fn rank(&self) -> usize {
        self.link.rank()
    }

    /// How many ranks there are.
    pub fn count(&self) -> usize {
        self.link.count()
    }

    /// What rank 0 has, on all: parameters to begin with, a saved state, a program.
    ///
    /// It is written without names (`postcard`), so its type says all about its form.
    ///
    /// # Errors
    /// If it cannot be written so, or is of another type on some rank.
    pub fn broadcast<T: Serialize + DeserializeOwned>(&self, value: T) -> Result<T, RankError> {
        // All read the same bytes, the first rank too, so that all have the same result.
        let own = (self.rank() == 0).then(|| postcard::to_allocvec(&value));
        let own = own.transpose().map_err(|error| self.unread(0, &error));
        let bytes = self.all(Kind::Value, own, |_, _, _: Option<Vec<u8>>| Ok(()))?;
        postcard::from_bytes(&bytes.unwrap_or_default()).map_err(|error| self.unread(0, &error))
    }

    /// Goes on if nothing went wrong on any rank: what each rank did for itself, as opening a file.
    ///
    /// # Errors
    /// If it went wrong somewhere: [`RankError::Failed`] of the first rank where it did.
    ///
    /// ```no_run
    /// # fn job(ranks: &wengert_mpi::Ranks) -> Result<(), wengert_mpi::RankError> {
    /// let name = format!("part-{}.csv", ranks.rank());
    /// let text = ranks.agree(std::fs::read_to_string(name))?; // nobody waits for a rank without its file
    /// # Ok(()) }
    /// ```
    pub fn agree<T, E: Display>(&self, done: Result<T, E>) -> Result<T, RankError> {
        let (done, said) = match done {
            Ok(done) => (Some(done), Ok(())),
            Err(error) => {
                let (rank, reason) = (self.rank(), error.to_string());
                (None, Err(RankError::Failed { rank, reason }))
            }
        };
        self.all(Kind::Agreement, said, |_, (), ()| Ok(()))?;
        // All are well, so this one is.
        done.ok_or(RankError::Failed { rank: self.rank(), reason: String::new() })
    }

    /// Which rank has which rows: each tells how many it has, by [`Sweep::count`], and what they are called in errors,
    /// as the name of a file.
    ///
    /// # Errors
    /// If a rank sends something else.
    pub fn rows(&self, count: Offset, name: impl Into<String>) -> Result<Rows, RankError> {
        let own = vec![Share { count, name: name.into() }];
        let all = self.all(Kind::Rows, Ok(own), |_, shares: &mut Vec<Share>, more| {
            shares.extend(more);
            Ok(())
        })?;
        Ok(Rows::new(self.rank(), all))
    }

    /// Runs a program over the rows of all ranks, of which these are those of this one: what
    /// [`Sweep::run`] over all of them would find, to the bit.
    ///
    /// # Errors
    /// If a rank has another program or other parameters, or if a row is at fault: on all ranks the same.
    pub fn run<'s>(
        &self,
        sweep: &'s mut Sweep,
        parameters: &[f64],
        rows: &Rows,
        data: &Columns<'_>,
    ) -> Result<Found<'s>, RankError> {
        self.passes(sweep, parameters, rows, |sweep, before| {
            self.check_count(rows, data.row_count() as u64)?;
            Ok(sweep.partial(parameters, before, data, rows.start()))
        })
    }

    /// The same of rows that are read, ahead of what is computed, by a thread of their own. The stream is opened for
    /// each pass.
    ///
    /// # Errors
    /// As [`run`](Self::run), and if a stream fails, or has another number of rows than the rank said.
    pub fn run_reopened<'s, S>(
        &self,
        sweep: &'s mut Sweep,
        parameters: &[f64],
        rows: &Rows,
        mut open: impl FnMut() -> Result<S, S::Error>,
    ) -> Result<Found<'s>, RankError>
    where
        S: Stream<Chunk: Send, Error: Send + Display> + Send,
    {
        let rank = self.rank();
        let source = |reason: String| RankError::Source { rank, rows: rows.name(rank), reason };
        self.passes(sweep, parameters, rows, |sweep, before| {
            let none = vec![&[][..]; sweep.column_count()];
            let none = Columns::new(&none).map_err(|error| source(error.to_string()))?;
            let mut partial = sweep.partial(parameters, before, &none, rows.start());
            let mut stream = open().map_err(|error| source(error.to_string()))?;
            let read = read_ahead(&mut stream, |data| -> Result<(), Halt<S::Error>> {
                Ok(sweep.extend(&mut partial, parameters, before, data)?)
            });
            match (read, partial.error()) {
                (Ok(()), _) => {}
                // A row that was at fault before comes first.
                (Err(Halt::Stream(_)), Some(error)) => {
                    let source = error.clone();
                    return Err(RankError::Run { rank, rows: rows.name(rank), source });
                }
                (Err(Halt::Stream(error)), None) => return Err(source(error.to_string())),
                (Err(Halt::Partial(source)), _) => {
                    return Err(RankError::Run { rank, rows: rows.name(rank), source });
                }
            }
            self.check_count(rows, partial.rows().end - partial.rows().start)?;
            Ok(partial)
        })
    }

    /// An error unless this rank has as many rows as it said.
    fn check_count(&self, rows: &Rows, found: u64) -> Said<()> {
        let (rank, expected) = (self.rank(), rows.own_count());
        if found == expected {
            return Ok(());
        }
        Err(RankError::Changed { rank, rows: rows.name(rank), expected, found })
    }

    fn unread(&self, rank: usize, error: &postcard::Error) -> RankError {
        RankError::Message { rank, reason: error.to_string() }
    }

    /// All passes over the rows, of which `partial` makes those of this rank.
    fn passes<'s>(
        &self,
        sweep: &'s mut Sweep,
        parameters: &[f64],
        rows: &Rows,
        mut partial: impl FnMut(&mut Sweep, &[Partial]) -> Said<Partial>,
    ) -> Result<Found<'s>, RankError> {
        let failed = |rank: usize, source: PartialError| {
            // A row at fault is that of the rank that has it.
            let rank = source.row().and_then(|row| rows.rank_of(row)).unwrap_or(rank);
            RankError::Run { rank, rows: rows.name(rank), source }
        };
        let none = vec![&[][..]; sweep.column_count()];
        let none = Columns::new(&none).map_err(|error| failed(self.rank(), error.into()))?;
        let mut before: Vec<Partial> = Vec::new();
        for _ in 0..sweep.pass_count() {
            // A row at fault travels in the partial result: one before it may be carried, and not looked at yet.
            let own = partial(sweep, &before).and_then(|partial| match partial.error() {
                Some(error) if error.row().is_none() => Err(failed(self.rank(), error.clone())),
                _ => Ok(partial),
            });
            let merged =
                self.all(Kind::Partial, own, |from, all: &mut Partial, next: Partial| {
                    let ranks = [self.rank(), from];
                    all.merge(&next).map_err(|source| RankError::Differ { ranks, source })?;
                    if all.carried_count() == 0 {
                        return Ok(());
                    }
                    // Rows that met those that they are added to need not travel on.
                    sweep
                        .extend(all, parameters, &before, &none)
                        .map_err(|error| failed(from, error))
                })?;
            before.push(merged);
        }
        sweep.finish(parameters, before).map_err(|source| failed(0, source))
    }

    /// Waits until all ranks are done.
    pub(crate) fn end(&self) -> Said<()> {
        self.all(Kind::End, Ok(()), |_, (), ()| Ok(()))
    }

    /// The ranks that report to this one, the next first.
    fn below(&self) -> impl DoubleEndedIterator<Item = usize> {
        let (rank, count) = (self.rank(), self.count());
        let steps = if rank == 0 { usize::BITS } else { rank.trailing_zeros() };
        let steps = (0..steps).map(|k| 1 << k).take_while(move |step| step < &(count - rank));
        steps.map(move |step: usize| rank + step).collect::<Vec<_>>().into_iter()
    }

    /// The rank that this one reports to.
    fn above(&self) -> Option<usize> {
        let rank = self.rank();
        (rank > 0).then(|| rank & (rank - 1))
    }

    /// What all ranks have said, put together in their order, or the error of the first that failed.
    ///
    /// ```text
    /// rank:   0   1   2   3   4
    /// up:     0 ← 1   2 ← 3   4
    ///         0 ←---- 2       4
    ///         0 ←------------ 4
    /// ```
    ///
    /// and down the same way.
    fn all<T: Serialize + DeserializeOwned>(
        &self,
        kind: Kind,
        own: Said<T>,
        mut add: impl FnMut(usize, &mut T, T) -> Said<()>,
    ) -> Said<T> {
        let rank = self.rank();
        let mut all = own;
        for from in self.below() {
            let message = self.link.receive(from);
            let next = read(kind, from, &message);
            // Of several errors that of the first rank stays.
            all = all.and_then(|mut all| {
                add(from, &mut all, next?)?;
                Ok(all)
            });
        }
        let message = match self.above() {
            Some(to) => {
                self.link.send(to, &written(kind, &all));
                self.link.receive(to)
            }
            None => written(kind, &all),
        };
        self.below().rev().for_each(|to| self.link.send(to, &message));
        if rank == 0 { all } else { read(kind, 0, &message) }
    }
}

/// Why a stream was not read to its end.
enum Halt<E> {
    Stream(StreamError<E>),
    Partial(PartialError),
}

impl<E> From<StreamError<E>> for Halt<E> {
    fn from(error: StreamError<E>) -> Self {
        Halt::Stream(error)
    }
}

impl<E> From<PartialError> for Halt<E> {
    fn from(error: PartialError) -> Self {
        Halt::Partial(error)
    }
}

/// A message of this kind.
fn written<T: Serialize>(kind: Kind, said: &Said<T>) -> Vec<u8> {
    let text = |error: postcard::Error| error.to_string();
    postcard::to_extend(said, vec![kind as u8]).map_err(text).unwrap_or_default()
}

/// What a rank has said, if the message is of this kind.
fn read<T: DeserializeOwned>(kind: Kind, rank: usize, message: &[u8]) -> Said<T> {
    let unread = |reason: String| RankError::Message { rank, reason };
    let Some((&first, rest)) = message.split_first() else {
        return Err(unread("it is empty".into()));
    };
    if first != kind as u8 {
        return Err(unread(format!("it is of kind {first}, expected {}", kind as u8)));
    }
    postcard::from_bytes::<Said<T>>(rest).map_err(|error| unread(error.to_string()))?
}
