//! Numbers that are missing or infinite: refused, skipped, or taken as they are.

use super::block::SEGMENT;
use super::columns::Columns;
use super::error::RunError;
use super::kernel::{Arg, LANES, add_rows};
use crate::op::vector::level::Level;
use std::ops::Range;

/// What becomes of rows that hold a NaN or an infinity in a column that the program reads.
///
/// ```
/// use wengert::{objective, program::{Columns, NonFinite, Program, RunError}};
/// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.mean();
/// let data = Columns::new(&[&[1.0, f64::NAN, 3.0]])?;
/// let refused = program.compile().run(&[1.0], &data).map(|found| found.value());
/// assert!(matches!(refused, Err(RunError::NotFinite { column: 0, row: 1, .. })));
///
/// let mut skipping = program.compile().non_finite(NonFinite::Skip);
/// let found = skipping.run(&[1.0], &data)?;
/// assert_eq!((found.value(), found.rows(), found.skipped()), (2.0, 2, 1));
///
/// let mut taking = program.compile().non_finite(NonFinite::Take);
/// assert!(taking.run(&[1.0], &data)?.value().is_nan());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NonFinite {
    /// The run fails and names the first such row, [`RunError::NotFinite`].
    #[default]
    Refuse,
    /// The result is that of the data without those rows, bit by bit; how many they are is counted.
    Skip,
    /// They are computed with like all numbers, by IEEE arithmetic.
    Take,
}

/// Refuses a block of columns, the first row of which is `first`, if a number is not finite.
pub(super) fn check(
    level: Level,
    data: &Columns<'_>,
    columns: &[u32],
    numbers: &[&[f64]],
    first: u64,
) -> Result<(), RunError> {
    let unknown = columns.iter().zip(numbers).filter(|&(&at, _)| !data.is_finite(at as usize));
    for (_, numbers) in unknown.clone() {
        if !all_finite(level, numbers) {
            let rows = numbers.len();
            let bad = (0..rows).find_map(|row| {
                let not_finite = unknown.clone().find(|(_, numbers)| !numbers[row].is_finite());
                not_finite.map(|(&column, numbers)| RunError::NotFinite {
                    column: column as usize,
                    row: first + row as u64,
                    value: numbers[row],
                })
            });
            return bad.map_or(Ok(()), Err);
        }
    }
    Ok(())
}

/// Whether all numbers are finite. A sum of numbers one of which is not is not finite; so only if the
/// sum is not, which is rare, each number is looked at.
fn all_finite(level: Level, numbers: &[f64]) -> bool {
    let mut lanes = [0.0; LANES];
    add_rows(level, &mut lanes, 0, Arg::Rows(numbers), numbers.len());
    lanes.iter().all(|sum| sum.is_finite()) || numbers.iter().all(|x| x.is_finite())
}

/// Finds the rows to be skipped, a piece of the data at a time.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    scratch: Vec<f64>,
    bad: Vec<bool>,
    kept: Vec<u32>,
}

impl Sieve {
    /// How many rows are looked at together.
    const PIECE: usize = 16 * SEGMENT;

    /// Goes through the data piece by piece: `each` gets the rows that lie next to one another and are
    /// kept, as columns, and for each the row of the data that it is.
    pub(super) fn sift(
        &mut self,
        level: Level,
        data: &Columns<'_>,
        columns: &[u32],
        mut each: impl FnMut(Kept<'_>) -> Result<(), RunError>,
    ) -> Result<u64, RunError> {
        let all = |rows: Range<usize>| Kept { data: data.range(rows.clone()), rows, list: None };
        if columns.iter().all(|&at| data.is_finite(at as usize)) {
            return each(all(0..data.rows())).map(|()| 0);
        }
        let Sieve { scratch, bad, kept } = self;
        // Pieces in which all rows are kept are put off until one comes in which some are not.
        let (mut from, mut skipped) = (0, 0);
        for start in (0..data.rows()).step_by(Self::PIECE) {
            let rows = start..data.rows().min(start + Self::PIECE);
            let count = look(level, data, columns, rows.clone(), scratch, bad);
            if count > 0 {
                each(all(from..start))?;
                let piece: Columns<'_> = data.range(rows.clone());
                let places = (0_u32..).zip(&*bad).filter(|&(_, &bad)| !bad).map(|(at, _)| at);
                kept.clear();
                match piece.picked() {
                    None => kept.extend(places),
                    Some(list) => kept.extend(places.map(|at| list[at as usize])),
                }
                each(Kept { data: piece.only(kept), rows: rows.clone(), list: Some(bad) })?;
                (from, skipped) = (rows.end, skipped + count);
            }
        }
        each(all(from..data.rows()))?;
        if skipped == 0 {
            columns.iter().for_each(|&at| data.found_finite(at as usize));
        }
        Ok(skipped)
    }

    /// Bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.scratch.capacity() * size_of::<f64>()
            + self.bad.capacity()
            + self.kept.capacity() * size_of::<u32>()
    }
}

/// Marks the rows of a piece where a number is not finite, and counts them.
fn look(
    level: Level,
    data: &Columns<'_>,
    columns: &[u32],
    rows: Range<usize>,
    scratch: &mut Vec<f64>,
    bad: &mut Vec<bool>,
) -> u64 {
    bad.clear();
    bad.resize(rows.len(), false);
    let mut found = false;
    for &column in columns.iter().filter(|&&at| !data.is_finite(at as usize)) {
        if data.needs_scratch(column as usize) && scratch.is_empty() {
            scratch.resize(SEGMENT, 0.0);
        }
        for (bad, from) in bad.chunks_mut(SEGMENT).zip(rows.clone().step_by(SEGMENT)) {
            let numbers = data.view(column as usize, from..from + bad.len(), scratch);
            if !all_finite(level, numbers) {
                found = true;
                bad.iter_mut().zip(numbers).for_each(|(bad, x)| *bad |= !x.is_finite());
            }
        }
    }
    if found { bad.iter().filter(|&&bad| bad).count() as u64 } else { 0 }
}

/// Rows that are kept.
pub(super) struct Kept<'k> {
    pub(super) data: Columns<'k>,
    /// Where they come from.
    rows: Range<usize>,
    /// Which of those were left out, if any were.
    list: Option<&'k [bool]>,
}

impl Kept<'_> {
    /// Which row of the data the `at`-th is.
    pub(super) fn row(&self, at: usize) -> usize {
        let within = match self.list {
            None => at,
            Some(bad) => {
                let mut kept = (0..bad.len()).filter(|&row| !bad[row]);
                kept.nth(at).unwrap_or(bad.len())
            }
        };
        self.rows.start + within
    }
}
