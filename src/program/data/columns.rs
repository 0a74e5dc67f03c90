//! Data by columns, borrowed.

use crate::program::data::column::Column;
use crate::program::error::RunError;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Columns of equal length, borrowed, never copied.
///
/// A column is a slice of `f64`, `f32` or whole numbers (such as an index), one of the columns of a row-major table,
/// or raw bytes, as of a file in memory. [`Columns::range`] and [`Columns::pick`] choose rows.
///
/// What is borrowed cannot change, so that a column which a [`Sweep`](crate::program::Sweep) found finite from
/// its first row to its last is not checked again: make the columns once and run over them often.
///
/// ```
/// use wengert::program::Columns;
/// let data = Columns::new(&[&[1.0, 2.0], &[3.0, 4.0]])?;
/// assert_eq!((data.column_count(), data.row_count()), (2, 2));
/// assert!(Columns::new(&[&[1.0, 2.0], &[3.0]]).is_err());
/// # Ok::<(), wengert::program::RunError>(())
/// ```
#[derive(Debug)]
pub struct Columns<'a> {
    columns: Arc<[Column<'a>]>,
    /// What they are called, if that is known.
    names: Option<Arc<[String]>>,
    rows: usize,
    selection: Selection<'a>,
    /// A bit for each of the first columns: whether all its numbers, in the chosen rows, are known to
    /// be finite.
    finite: AtomicU64,
    /// The same for weights: whether all are known to be finite and above 0.
    positive: AtomicU64,
}

impl Clone for Columns<'_> {
    fn clone(&self) -> Self {
        self.choosing(self.rows, self.selection)
    }
}

/// Which rows are read.
#[derive(Clone, Copy, Debug)]
enum Selection<'a> {
    /// All from this one on.
    From(usize),
    /// These, counted from the first.
    These { first: usize, list: &'a [u32] },
}

impl<'a> Columns<'a> {
    /// Columns of double precision.
    ///
    /// # Errors
    /// If their lengths differ.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// let x = vec![1.0, 2.0, 3.0];
    /// assert_eq!(Columns::new(&[&x, &x])?.row_count(), 3);
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    pub fn new(columns: &[&'a [f64]]) -> Result<Self, RunError> {
        Self::mixed(columns.iter().map(|&column| Column::F64(column)))
    }

    /// Columns of any kind.
    ///
    /// # Errors
    /// If their lengths differ, or if the width of a table or the stride of bytes is too small.
    ///
    /// ```
    /// use wengert::program::{Column, Columns};
    /// let (x, kind) = ([0.5_f32, 1.5], [0_u32, 2]);
    /// let data = Columns::mixed([Column::F32(&x), Column::U32(&kind)])?;
    /// assert_eq!(data.row_count(), 2);
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    pub fn mixed(columns: impl IntoIterator<Item = Column<'a>>) -> Result<Self, RunError> {
        Self::of_rows(columns, 0)
    }

    /// The same, of so many rows if there are no columns.
    pub(crate) fn of_rows(
        columns: impl IntoIterator<Item = Column<'a>>,
        rows: usize,
    ) -> Result<Self, RunError> {
        let columns: Arc<[Column<'a>]> = columns.into_iter().collect();
        let rows = columns.first().map_or(rows, Column::len);
        for (column, of) in columns.iter().enumerate() {
            let (found, expected) = of.stride();
            if found < expected {
                return Err(RunError::Stride { column, expected, found });
            }
            let found = of.len();
            if found != rows {
                return Err(RunError::Length { column, expected: rows, found });
            }
        }
        let finite = columns.iter().take(64).enumerate();
        let finite =
            finite.fold(0, |bits, (at, column)| bits | u64::from(column.is_finite()) << at);
        let (selection, finite, positive) = (Selection::From(0), finite.into(), 0.into());
        Ok(Columns { columns, names: None, rows, selection, finite, positive })
    }

    /// The same under these names.
    #[cfg(feature = "arrow")]
    pub(crate) fn called(self, names: Arc<[String]>) -> Self {
        Columns { names: Some(names), ..self }
    }

    /// What a column is called, if that is known.
    pub(crate) fn name(&self, column: usize) -> Option<&str> {
        self.names.as_ref()?.get(column).map(String::as_str)
    }

    /// The columns of a table that is stored row by row, `width` numbers each.
    ///
    /// # Errors
    /// If the last row is incomplete.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// let data = Columns::table(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2)?;
    /// assert_eq!((data.column_count(), data.row_count()), (2, 3));
    /// assert!(Columns::table(&[1.0, 2.0, 3.0], 2).is_err());
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    pub fn table(table: &'a [f64], width: usize) -> Result<Self, RunError> {
        whole_rows(table.len(), width)?;
        Self::mixed((0..width).map(|first| Column::Strided { table, first, width }))
    }

    /// The same of a table in single precision.
    ///
    /// # Errors
    /// If the last row is incomplete.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// let data = Columns::table_f32(&[1.0, 2.0, 3.0, 4.0], 2)?;
    /// assert_eq!((data.column_count(), data.row_count()), (2, 2));
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    pub fn table_f32(table: &'a [f32], width: usize) -> Result<Self, RunError> {
        whole_rows(table.len(), width)?;
        Self::mixed((0..width).map(|first| Column::StridedF32 { table, first, width }))
    }

    /// No data, for a program without columns. It allocates nothing.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// assert_eq!(Columns::none().column_count(), 0);
    /// ```
    pub fn none() -> Self {
        let (selection, finite, positive) = (Selection::From(0), 0.into(), 0.into());
        let (columns, names) = (Arc::default(), None);
        Columns { columns, names, rows: 0, selection, finite, positive }
    }

    /// How many columns there are.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// assert_eq!(Columns::new(&[&[1.0]])?.column_count(), 1);
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    pub fn column_count(&self) -> usize {
        self.columns.len()
    }

    /// How many rows there are.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// assert_eq!(Columns::new(&[&[1.0, 2.0]])?.row_count(), 2);
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    pub fn row_count(&self) -> usize {
        self.rows
    }

    /// The rows of a range, a mini-batch.
    ///
    /// # Panics
    /// If the range reaches beyond the rows; [`Columns::try_range`] says so instead.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// let x = [1.0, 2.0, 3.0];
    /// assert_eq!(Columns::new(&[&x])?.range(1..3).row_count(), 2);
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    #[track_caller]
    pub fn range(&self, range: Range<usize>) -> Self {
        match self.try_range(range) {
            Ok(rows) => rows,
            Err(error) => panic!("{error}"),
        }
    }

    /// [`Columns::range`], with an error where there are no such rows.
    ///
    /// # Errors
    /// If the range reaches beyond the rows, or ends before it begins.
    ///
    /// ```
    /// use wengert::program::{Columns, RunError};
    /// let x = [1.0, 2.0, 3.0];
    /// let data = Columns::new(&[&x])?;
    /// let beyond = data.try_range(2..4).unwrap_err();
    /// assert_eq!(beyond, RunError::Range { start: 2, end: 4, len: 3 });
    /// # Ok::<(), RunError>(())
    /// ```
    pub fn try_range(&self, range: Range<usize>) -> Result<Self, RunError> {
        let Range { start, end } = range;
        if start > end || end > self.rows {
            return Err(RunError::Range { start, end, len: self.rows });
        }
        let selection = match self.selection {
            Selection::From(first) => Selection::From(first + start),
            Selection::These { first, list } => Selection::These { first, list: &list[start..end] },
        };
        Ok(self.choosing(end - start, selection))
    }

    /// The listed rows, as a shuffled mini-batch. They are counted from the first row of these
    /// columns, which may be a [`range`](Self::range) of others. A row may be listed more than
    /// once.
    ///
    /// # Errors
    /// If there is no such row.
    ///
    /// # Panics
    /// If the rows were picked themselves.
    ///
    /// ```
    /// use wengert::program::{Columns, RunError};
    /// let x = [1.0, 2.0, 3.0];
    /// let data = Columns::new(&[&x])?;
    /// assert_eq!(data.pick(&[2, 0])?.row_count(), 2);
    /// assert_eq!(data.pick(&[0, 3]).err(), Some(RunError::Row { row: 3, index: 1, len: 3 }));
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    #[track_caller]
    pub fn pick(&self, rows: &'a [u32]) -> Result<Self, RunError> {
        assert!(
            matches!(self.selection, Selection::From(_)),
            "rows are picked from rows that were picked themselves"
        );
        if let Some(index) = rows.iter().position(|&row| row as usize >= self.rows) {
            return Err(RunError::Row { row: rows[index].into(), index, len: self.rows });
        }
        Ok(self.only(rows))
    }

    /// These of the rows, which are all there.
    pub(crate) fn only(&self, list: &'a [u32]) -> Self {
        let first = match self.selection {
            Selection::From(first) | Selection::These { first, .. } => first,
        };
        self.choosing(list.len(), Selection::These { first, list })
    }

    /// The same columns with some of their rows.
    fn choosing(&self, rows: usize, selection: Selection<'a>) -> Self {
        let [finite, positive] =
            [&self.finite, &self.positive].map(|bits| bits.load(Ordering::Relaxed).into());
        let (columns, names) = (Arc::clone(&self.columns), self.names.clone());
        Columns { columns, names, rows, selection, finite, positive }
    }

    /// The rows that were picked, if any were.
    pub(crate) fn picked(&self) -> Option<&'a [u32]> {
        match self.selection {
            Selection::From(_) => None,
            Selection::These { list, .. } => Some(list),
        }
    }

    /// Whether all numbers of a column are known to be finite.
    #[inline]
    pub(crate) fn is_finite(&self, column: usize) -> bool {
        is_noted(&self.finite, column)
    }

    /// Remembers that all chosen numbers of a column are finite.
    pub(crate) fn found_finite(&self, column: usize) {
        note(&self.finite, column);
    }

    /// Whether all numbers of a column are known to be finite and above 0.
    pub(crate) fn is_positive(&self, column: usize) -> bool {
        is_noted(&self.positive, column)
    }

    /// Remembers that all chosen numbers of a column are finite and above 0.
    pub(crate) fn found_positive(&self, column: usize) {
        note(&self.positive, column);
    }

    /// Whether a column must be copied to be read.
    pub(crate) fn needs_scratch(&self, column: usize) -> bool {
        !matches!((self.selection, self.columns[column]), (Selection::From(_), Column::F64(_)))
    }

    /// A part of a column: borrowed where it lies in memory as it is needed, else written to
    /// `scratch`.
    #[inline]
    pub(crate) fn view<'s>(
        &'s self,
        column: usize,
        rows: Range<usize>,
        scratch: &'s mut [f64],
    ) -> &'s [f64] {
        let column = &self.columns[column];
        match self.selection {
            Selection::From(first) => {
                if let Some(x) = column.in_memory(first + rows.start..first + rows.end) {
                    return x;
                }
                let scratch = &mut scratch[..rows.len()];
                column.copy(first + rows.start, scratch);
                scratch
            }
            Selection::These { first, list } => {
                let scratch = &mut scratch[..rows.len()];
                column.copy_these(first, &list[rows], scratch);
                scratch
            }
        }
    }
}

/// Whether something is noted of a column, one of the first.
#[inline]
fn is_noted(bits: &AtomicU64, column: usize) -> bool {
    column < 64 && bits.load(Ordering::Relaxed) >> column & 1 != 0
}

/// Notes something of a column, if it is one of the first.
fn note(bits: &AtomicU64, column: usize) {
    if column < 64 {
        bits.fetch_or(1 << column, Ordering::Relaxed);
    }
}

/// Whether so many numbers are whole rows.
fn whole_rows(numbers: usize, width: usize) -> Result<(), RunError> {
    let found = numbers.checked_rem(width).unwrap_or(numbers);
    let row = (numbers / width.max(1)) as u64;
    if found == 0 { Ok(()) } else { Err(RunError::HalfRow { row, expected: width, found }) }
}
