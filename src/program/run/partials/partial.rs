//! What a pass has found in a range of rows, as a value: [`Partial`].

use super::origin::Origin;
use super::piece::{Piece, follow};
use super::{Offset, PartialError};
use crate::program::plan::pass::Pass;
use crate::program::run::sieve::LeftOut;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

/// What one pass over a range of rows has come to, which [`Sweep::partial`](crate::program::Sweep::partial) computes.
///
/// It is plain data and travels. That of the rows that follow is [merged](Self::merge) to it; when all rows are there,
/// [`Sweep::finish`](crate::program::Sweep::finish) makes of it what [`Sweep::run`](crate::program::Sweep::run) would
/// have found. An error, as a number that is not finite, is a part of it too, so that it reaches whoever
/// finishes.
///
/// With the feature `serde` it can be written and read. What is written bears a version and a checksum:
/// another version, or a changed bit, is an error of the reader.
///
/// ```
/// use wengert::{objective, program::{Columns, Program, partials::Offset}};
/// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
/// let mut sweep = Program::record(&loss, &[0.0], &[1.0, 1.0])?.mean().gradient().compile();
/// let (x, y) = ([1.0, 2.0, 4.0], [3.0, 6.0, 0.0]);
/// let (first, second) = (Columns::new(&[&x[..2], &y[..2]])?, Columns::new(&[&x[2..], &y[2..]])?);
/// let mut all = sweep.partial(&[2.0], &[], &first, Offset::at(0));
/// all.merge(&sweep.partial(&[2.0], &[], &second, all.end()))?;
/// assert_eq!((all.rows(), all.row_count(), all.error()), (0..3, 3, None));
/// let found = sweep.finish(&[2.0], [all])?;
/// assert_eq!((found.value(), found.gradient()), (11.0 / 3.0, &[1.0 / 3.0][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Partial {
    pub(super) origin: Origin,
    pub(super) start: Offset,
    pub(super) end: Offset,
    pub(super) left_out: LeftOut,
    pub(super) pieces: Vec<Piece>,
    /// What is wrong in the first row after the pieces.
    pub(super) failure: Option<Box<PartialError>>,
    /// Whether it is known to hold what its pass computes.
    pub(super) trusted: bool,
    pub(super) stamp: Stamp,
}

/// Tells contents apart: what bears the same stamp is the same. Whatever changes has a new one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stamp(u64);

impl Stamp {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Stamp(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Partial {
    pub(super) fn new(origin: Origin, start: Offset) -> Self {
        let (pieces, left_out) = (Vec::new(), LeftOut::default());
        let stamp = Stamp::new();
        Partial { origin, start, end: start, left_out, pieces, failure: None, trusted: true, stamp }
    }

    /// Adds what the rows that follow have come to.
    ///
    /// The order of merges does not matter to the bits, as long as each is to the rows just before it: chains
    /// and trees of any form do. Of several errors, that of the first row stays.
    ///
    /// # Errors
    /// If the other is not of this program, these parameters and this pass, or if its rows do not begin where
    /// these end. Both stay as they are.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program, partials::{Offset, PartialError}}};
    /// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
    /// let data = Columns::new(&[&[1.0, 2.0]])?;
    /// let [mut one, two] = [0, 2].map(|row| sweep.partial(&[3.0], &[], &data, Offset::at(row)));
    /// let other = sweep.partial(&[4.0], &[], &data, Offset::at(2));
    /// assert!(matches!(one.merge(&other), Err(PartialError::Parameters { .. })));
    /// one.merge(&two)?;
    /// assert_eq!(sweep.finish(&[3.0], [one])?.value(), 18.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn merge(&mut self, next: &Partial) -> Result<(), PartialError> {
        self.origin.check(&next.origin)?;
        let follows = match self.failure {
            None => self.end == next.start,
            // Rows after the one at fault were not looked at, so that it is not known which are left out.
            Some(_) => self.end.rows == next.start.rows,
        };
        if !follows {
            return Err(PartialError::Rows { expected: self.end, found: next.start });
        }
        if self.failure.is_some() {
            (self.end, self.stamp) = (next.end, Stamp::new());
            return Ok(());
        }
        // Within each they do.
        let is_known = self.trusted && next.trusted;
        let met = self.pieces.last().into_iter().chain(next.pieces.first());
        if !is_known && !follow(met) {
            return Err(PartialError::Contents);
        }
        (self.end, self.stamp) = (next.end, Stamp::new());
        for piece in &next.pieces {
            match (self.pieces.last_mut(), piece) {
                (Some(Piece::Segments(before)), Piece::Segments(after))
                    if before.open.is_none() =>
                {
                    before.found.append(after.found.clone());
                    before.open.clone_from(&after.open);
                    before.rows += after.rows;
                }
                _ => self.pieces.push(piece.clone()),
            }
        }
        self.left_out = self.left_out + next.left_out;
        self.failure.clone_from(&next.failure);
        self.origin.totals = self.origin.totals.or(next.origin.totals);
        self.trusted &= next.trusted;
        Ok(())
    }

    /// All of these merged, in whatever order they come.
    ///
    /// # Errors
    /// As [`merge`](Self::merge), and `None` if there are none.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program, partials::{Offset, Partial}}};
    /// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
    /// let data = Columns::new(&[&[1.0, 2.0]])?;
    /// let parts = [4, 0, 2].map(|row| sweep.partial(&[3.0], &[], &data, Offset::at(row)));
    /// let all = Partial::merge_all(parts)?.expect("three parts");
    /// assert_eq!(all.rows(), 0..6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn merge_all(
        partials: impl IntoIterator<Item = Partial>,
    ) -> Result<Option<Partial>, PartialError> {
        let mut partials: Vec<Partial> = partials.into_iter().collect();
        partials.sort_by_key(|partial| (partial.start.rows, partial.end.rows));
        let mut partials = partials.into_iter();
        let Some(mut all) = partials.next() else { return Ok(None) };
        partials.try_for_each(|next| all.merge(&next))?;
        Ok(Some(all))
    }

    /// The rows that it is of, those that are left out included; an example is at [`Partial`].
    pub fn rows(&self) -> Range<u64> {
        self.start.rows..self.end.rows
    }

    /// Where the rows that follow begin; an example is at [`Partial`]. If there is an
    /// [`error`](Self::error), it is not known how many rows are left out.
    pub fn end(&self) -> Offset {
        self.end
    }

    /// Which pass over the rows it is of, counted from 0.
    pub fn pass(&self) -> usize {
        self.origin.pass as usize
    }

    /// How many of its rows are computed: not those that are skipped, have weight 0, or come from an
    /// [`error`](Self::error) on.
    pub fn row_count(&self) -> u64 {
        match self.failure {
            None => self.end.kept() - self.start.kept(),
            Some(_) => self.pieces.iter().map(Piece::rows).sum(),
        }
    }

    /// How many rows were skipped; see [`NonFinite::Skip`](crate::program::NonFinite::Skip).
    pub fn skipped_count(&self) -> u64 {
        self.left_out.skipped
    }

    /// How many rows are carried as they came, and computed when those that they are added to are there: fewer
    /// than [`Sweep::segment`](crate::program::Sweep::segment) for each range that begins elsewhere than at a multiple of
    /// that.
    pub fn carried_count(&self) -> u64 {
        let carried = self.pieces.iter().filter(|piece| matches!(piece, Piece::Rows(_)));
        carried.map(Piece::rows).sum()
    }

    /// How often a kink was met in its rows, but for those that are [carried](Self::carried_count).
    pub fn kink_count(&self) -> u64 {
        let counts = self.pieces.iter().flat_map(Piece::counts);
        // One that was made up may have any number of conditions.
        counts.fold(0, u64::saturating_add)
    }

    /// What is wrong in the first of its rows where something is, as a bad number or a guard that turned; but
    /// for the rows that are [carried](Self::carried_count), of which only the numbers were looked at.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program, RunError, partials::Offset}};
    /// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
    /// let data = Columns::new(&[&[1.0, f64::INFINITY]])?;
    /// let partial = sweep.partial(&[3.0], &[], &data, Offset::at(0));
    /// let error = RunError::NotFinite { column: 0, row: 1, value: f64::INFINITY };
    /// assert_eq!(partial.error(), Some(&error.into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn error(&self) -> Option<&PartialError> {
        self.failure.as_deref()
    }

    /// Whether its parts fit together, of whatever pass they are.
    #[cfg(feature = "serde")]
    pub(super) fn is_coherent(&self) -> bool {
        let rows = self.pieces.iter().try_fold(0_u64, |sum, piece| sum.checked_add(piece.rows()));
        let kept = self.end.kept().checked_sub(self.start.kept());
        let fits = |rows: u64| kept == Some(rows) || self.failure.is_some();
        let mut before = self.start.rows;
        let lies_after = |piece: &Piece| {
            let is_later = match piece {
                Piece::Rows(carried) => carried.rows.first() >= Some(&before),
                Piece::Segments(_) => true,
            };
            before = before.saturating_add(piece.rows());
            is_later && piece.is_coherent()
        };
        rows.is_some_and(fits) && self.pieces.iter().all(lies_after) && follow(&self.pieces)
    }

    /// Whether it holds what a pass computes.
    pub(super) fn fits(&self, pass: Option<&Pass>, parameters: usize) -> bool {
        let Some(pass) = pass else { return self.pieces.is_empty() };
        let mut at = self.start.kept();
        let mut all = self.pieces.iter();
        let fit = all.all(|piece| {
            let fits = piece.fits(pass, at, parameters);
            at = at.saturating_add(piece.rows());
            fits
        });
        fit && (self.failure.is_some() || at == self.end.kept())
    }
}
