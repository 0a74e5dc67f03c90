//! Rows that are left out: those that are skipped, and those of weight 0.

use crate::op::vector::level::Level;
use crate::program::data::column::Column;
use crate::program::data::columns::Columns;
use crate::program::error::RunError;
use crate::program::plan::pass::SEGMENT;
use crate::program::run::finite::{NonFinite, all_finite};
use std::ops::{Add, Range};

/// Which rows are wanted.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'w> {
    /// Those whose numbers in these columns are finite.
    pub(crate) finite: &'w [u32],
    /// Those whose number in this column is above 0. One that is no weight is an error.
    pub(crate) weights: Option<u32>,
}

impl<'w> Wanted<'w> {
    /// Those of a program that reads these columns.
    pub(crate) fn of(rule: NonFinite, read: &'w [u32], weights: Option<u32>) -> Self {
        let finite = if rule == NonFinite::Skip { read } else { &[] };
        Wanted { finite, weights }
    }
}

/// How many rows were left out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LeftOut {
    /// Rows of weight 0.
    pub(crate) weightless: u64,
    /// Others, where a number is not finite.
    pub(crate) skipped: u64,
}

impl Add for LeftOut {
    type Output = LeftOut;
    fn add(self, other: LeftOut) -> LeftOut {
        let [weightless, skipped] =
            [self.weightless + other.weightless, self.skipped + other.skipped];
        LeftOut { weightless, skipped }
    }
}

impl LeftOut {
    /// All of them.
    pub(crate) fn rows(self) -> u64 {
        self.weightless + self.skipped
    }
}

/// Finds the rows to be left out, a piece of the data at a time.
#[derive(Debug, Default)]
pub(crate) struct Sieve {
    scratch: Vec<f64>,
    bad: Vec<bool>,
    kept: Vec<u32>,
}

impl Sieve {
    /// How many rows are looked at together.
    const PIECE: usize = 16 * SEGMENT;

    /// Goes through the data, the first row of which is row `first` of the whole, piece by piece: `each`
    /// gets the rows that lie next to one another and are kept, as columns, and for each the row of the
    /// data that it is. Counts the others.
    pub(crate) fn sift(
        &mut self,
        (level, data, first): (Level, &Columns<'_>, u64),
        wanted: Wanted<'_>,
        left_out: &mut LeftOut,
        mut each: impl FnMut(Kept<'_>) -> Result<(), RunError>,
    ) -> Result<(), RunError> {
        let all = |rows: Range<usize>| Kept { data: data.range(rows.clone()), rows, list: None };
        let finite = wanted.finite.iter().all(|&at| data.is_finite(at as usize));
        if finite && wanted.weights.is_none_or(|at| data.is_positive(at as usize)) {
            return each(all(0..data.row_count()));
        }
        // Pieces in which all rows are kept are put off until one comes in which some are not.
        let (mut from, mut any) = (0, false);
        for start in (0..data.row_count()).step_by(Self::PIECE) {
            let rows = start..data.row_count().min(start + Self::PIECE);
            let (out, wrong) = self.look(level, data, wanted, rows.clone());
            if out.rows() == 0 && wrong.is_none() {
                continue;
            }
            any = true;
            each(all(from..start))?;
            let Sieve { bad, kept, .. } = self;
            let piece: Columns<'_> = data.range(rows.clone());
            let places = (0_u32..).zip(&*bad).filter(|&(_, &bad)| !bad).map(|(at, _)| at);
            kept.clear();
            match piece.picked() {
                None => kept.extend(places),
                Some(list) => kept.extend(places.map(|at| list[at as usize])),
            }
            each(Kept { data: piece.only(kept), rows: rows.clone(), list: Some(bad) })?;
            if let Some((at, value)) = wrong {
                let row = first + (start + at) as u64;
                return Err(match wanted.weights.filter(|_| Column::is_missing(value)) {
                    Some(column) => RunError::of_number(data, column, row, value),
                    None => RunError::Weight { row, value },
                });
            }
            from = rows.end;
            left_out.weightless += out.weightless;
            left_out.skipped += out.skipped;
        }
        each(all(from..data.row_count()))?;
        if !any {
            wanted.finite.iter().for_each(|&at| data.found_finite(at as usize));
            wanted.weights.iter().for_each(|&at| data.found_positive(at as usize));
        }
        Ok(())
    }

    /// Marks the rows of a piece that are left out, and counts them; the first that is no weight, from
    /// which on all are.
    fn look(
        &mut self,
        level: Level,
        data: &Columns<'_>,
        wanted: Wanted<'_>,
        rows: Range<usize>,
    ) -> (LeftOut, Option<(usize, f64)>) {
        let Sieve { scratch, bad, .. } = self;
        bad.clear();
        bad.resize(rows.len(), false);
        let segments = || (0..rows.len()).step_by(SEGMENT);
        let segment = |at: usize| at..rows.len().min(at + SEGMENT);
        let mut view = |column: u32, at: Range<usize>, visit: &mut dyn FnMut(&[f64])| {
            if data.needs_scratch(column as usize) && scratch.is_empty() {
                scratch.resize(SEGMENT, 0.0);
            }
            visit(data.view(column as usize, rows.start + at.start..rows.start + at.end, scratch));
        };
        let (mut weightless, mut wrong) = (0, None);
        let unknown = |&column: &u32| !data.is_positive(column as usize);
        for column in wanted.weights.into_iter().filter(unknown) {
            for from in segments() {
                view(column, segment(from), &mut |weights| {
                    if weights.iter().all(|&w| w > 0.0 && w < f64::INFINITY) {
                        return;
                    }
                    for (at, &weight) in (from..).zip(weights) {
                        bad[at] = weight == 0.0;
                        weightless += u64::from(weight == 0.0);
                        // Rows that are skipped need no weight.
                        let skipped = !weight.is_finite() && !wanted.finite.is_empty();
                        if !(weight >= 0.0 && weight.is_finite() || skipped) && wrong.is_none() {
                            wrong = Some((at, weight));
                        }
                    }
                });
            }
        }
        let (mut found, mut all) = (weightless > 0, 0);
        for &column in wanted.finite.iter().filter(|&&at| !data.is_finite(at as usize)) {
            for from in segments() {
                view(column, segment(from), &mut |numbers| {
                    if !all_finite(level, numbers) {
                        found = true;
                        let bad = bad[from..].iter_mut().zip(numbers);
                        bad.for_each(|(bad, x)| *bad |= !x.is_finite());
                    }
                });
            }
        }
        if found {
            all = bad.iter().filter(|&&bad| bad).count() as u64;
        }
        if let Some((at, _)) = wrong {
            bad[at..].fill(true);
        }
        (LeftOut { weightless, skipped: all - weightless }, wrong)
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        self.scratch.capacity() * size_of::<f64>()
            + self.bad.capacity()
            + self.kept.capacity() * size_of::<u32>()
    }
}

/// Rows that are kept.
pub(crate) struct Kept<'k> {
    pub(crate) data: Columns<'k>,
    /// Where they come from.
    rows: Range<usize>,
    /// Which of those were left out, if any were.
    list: Option<&'k [bool]>,
}

impl Kept<'_> {
    /// Whether no rows of data of so many come later.
    pub(crate) fn is_last(&self, rows: usize) -> bool {
        self.rows.end == rows
    }

    /// The rows of the data that they are.
    pub(crate) fn rows(&self) -> impl Iterator<Item = usize> {
        let kept = |&row: &usize| self.list.is_none_or(|bad| !bad[row]);
        (0..self.rows.len()).filter(kept).map(|row| self.rows.start + row)
    }

    /// Which row of the data the `at`-th is.
    pub(crate) fn row(&self, at: usize) -> usize {
        match self.list {
            None => self.rows.start + at,
            Some(_) => self.rows().nth(at).unwrap_or(self.rows.end),
        }
    }
}
