//! Numbers that are missing or infinite: refused, skipped, or taken as they are.

use crate::op::vector::level::Level;
use crate::program::data::columns::Columns;
use crate::program::error::RunError;
use crate::program::kernel::{Arg, LANES, add_rows};

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
/// assert_eq!((found.value(), found.row_count(), found.skipped_count()), (2.0, 2, 1));
///
/// let mut taking = program.compile().non_finite(NonFinite::Take);
/// assert!(taking.run(&[1.0], &data)?.value().is_nan());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NonFinite {
    /// The run fails and names the first such row, [`RunError::NotFinite`] or [`RunError::Missing`].
    #[default]
    Refuse,
    /// The rows are left out and counted. The result has the same bits as that of the data without
    /// them.
    Skip,
    /// They are computed like any other rows, by IEEE arithmetic.
    Take,
}

/// Refuses a block of columns, the first row of which is `first`, if a number is not finite.
pub(crate) fn check(
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
                not_finite.map(|(&column, numbers)| {
                    RunError::of_number(data, column, first + row as u64, numbers[row])
                })
            });
            return bad.map_or(Ok(()), Err);
        }
    }
    Ok(())
}

/// Whether all numbers are finite. A sum of numbers one of which is not is not finite; so only if the
/// sum is not, which is rare, each number is looked at.
pub(crate) fn all_finite(level: Level, numbers: &[f64]) -> bool {
    let mut lanes = [0.0; LANES];
    add_rows(level, &mut lanes, 0, Arg::Rows(numbers), numbers.len());
    lanes.iter().all(|sum| sum.is_finite()) || numbers.iter().all(|x| x.is_finite())
}
