//! Data by columns, borrowed.

use super::error::RunError;
use smallvec::SmallVec;
use std::ops::Range;

/// Columns of equal length, borrowed, never copied.
///
/// A column is a slice of `f64`, `f32` or `u32` (an index), or one of the columns of a row-major
/// table. [`Columns::range`] and [`Columns::pick`] choose rows.
///
/// ```
/// use wengert::program::Columns;
/// let data = Columns::new(&[&[1.0, 2.0], &[3.0, 4.0]])?;
/// assert_eq!((data.columns(), data.rows()), (2, 2));
/// assert!(Columns::new(&[&[1.0, 2.0], &[3.0]]).is_err());
/// # Ok::<(), wengert::program::RunError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Columns<'a> {
    columns: SmallVec<[Column<'a>; 4]>,
    rows: usize,
    choice: Choice<'a>,
}

/// A borrowed column.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Column<'a> {
    /// Numbers in double precision.
    F64(&'a [f64]),
    /// Numbers in single precision, widened exactly.
    F32(&'a [f32]),
    /// Whole numbers, as indices of a table.
    U32(&'a [u32]),
    /// One column of a row-major table: every `width`-th number, from `first` on.
    Strided {
        /// The whole table, row by row.
        table: &'a [f64],
        /// Which column.
        first: usize,
        /// How many columns it has.
        width: usize,
    },
}

/// Which rows are read.
#[derive(Clone, Copy, Debug)]
enum Choice<'a> {
    /// All from this one on.
    From(usize),
    /// These.
    These(&'a [u32]),
}

impl Column<'_> {
    fn len(&self) -> usize {
        match *self {
            Column::F64(x) => x.len(),
            Column::F32(x) => x.len(),
            Column::U32(x) => x.len(),
            Column::Strided { table, width, .. } => table.len() / width.max(1),
        }
    }

    fn get(&self, row: usize) -> f64 {
        match *self {
            Column::F64(x) => x[row],
            Column::F32(x) => f64::from(x[row]),
            Column::U32(x) => f64::from(x[row]),
            Column::Strided { table, first, width } => table[row * width + first],
        }
    }
}

impl<'a> From<&'a [f64]> for Column<'a> {
    fn from(x: &'a [f64]) -> Self {
        Column::F64(x)
    }
}
impl<'a> From<&'a Vec<f64>> for Column<'a> {
    fn from(x: &'a Vec<f64>) -> Self {
        Column::F64(x)
    }
}
impl<'a> From<&'a [f32]> for Column<'a> {
    fn from(x: &'a [f32]) -> Self {
        Column::F32(x)
    }
}
impl<'a> From<&'a [u32]> for Column<'a> {
    fn from(x: &'a [u32]) -> Self {
        Column::U32(x)
    }
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
    /// assert_eq!(Columns::new(&[&x, &x])?.rows(), 3);
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    pub fn new(columns: &[&'a [f64]]) -> Result<Self, RunError> {
        Self::mixed(columns.iter().map(|&column| Column::F64(column)))
    }

    /// Columns of any kind.
    ///
    /// # Errors
    /// If their lengths differ.
    ///
    /// ```
    /// use wengert::program::{Column, Columns};
    /// let (x, kind) = ([0.5_f32, 1.5], [0_u32, 2]);
    /// let data = Columns::mixed([Column::F32(&x), Column::U32(&kind)])?;
    /// assert_eq!(data.rows(), 2);
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    pub fn mixed(columns: impl IntoIterator<Item = Column<'a>>) -> Result<Self, RunError> {
        let columns: SmallVec<[Column<'a>; 4]> = columns.into_iter().collect();
        let rows = columns.first().map_or(0, Column::len);
        for (column, found) in columns.iter().map(Column::len).enumerate() {
            if found != rows {
                return Err(RunError::Length { column, expected: rows, found });
            }
        }
        Ok(Columns { columns, rows, choice: Choice::From(0) })
    }

    /// The columns of a table that is stored row by row, `width` numbers each.
    ///
    /// # Errors
    /// If the last row is incomplete.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// let data = Columns::table(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2)?;
    /// assert_eq!((data.columns(), data.rows()), (2, 3));
    /// assert!(Columns::table(&[1.0, 2.0, 3.0], 2).is_err());
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    pub fn table(table: &'a [f64], width: usize) -> Result<Self, RunError> {
        let left = table.len().checked_rem(width).unwrap_or(table.len());
        if left != 0 {
            let row = (table.len() / width.max(1)) as u64;
            return Err(RunError::HalfRow { row, expected: width, found: left });
        }
        Self::mixed((0..width).map(|first| Column::Strided { table, first, width }))
    }

    /// No data, for a program without columns.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// assert_eq!(Columns::none().columns(), 0);
    /// ```
    pub fn none() -> Self {
        Columns { columns: SmallVec::new(), rows: 0, choice: Choice::From(0) }
    }

    /// How many columns there are.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// assert_eq!(Columns::new(&[&[1.0]])?.columns(), 1);
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// How many rows there are.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// assert_eq!(Columns::new(&[&[1.0, 2.0]])?.rows(), 2);
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The rows of a range, a mini-batch.
    ///
    /// # Panics
    /// If the range reaches beyond the rows, or rows were picked one by one.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// let x = [1.0, 2.0, 3.0];
    /// assert_eq!(Columns::new(&[&x])?.range(1..3).rows(), 2);
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    #[track_caller]
    pub fn range(&self, range: Range<usize>) -> Self {
        assert!(
            range.start <= range.end && range.end <= self.rows,
            "rows {range:?} of {}",
            self.rows
        );
        let choice = match self.choice {
            Choice::From(first) => Choice::From(first + range.start),
            Choice::These(rows) => Choice::These(&rows[range.clone()]),
        };
        Columns { rows: range.len(), choice, columns: self.columns.clone() }
    }

    /// The rows of a list, a shuffled mini-batch. Each must be within the columns; it may be there
    /// more than once.
    ///
    /// # Errors
    /// If an index is out of range.
    ///
    /// # Panics
    /// If the rows are a choice already.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// let x = [1.0, 2.0, 3.0];
    /// let data = Columns::new(&[&x])?;
    /// assert_eq!(data.pick(&[2, 0])?.rows(), 2);
    /// assert!(data.pick(&[3]).is_err());
    /// # Ok::<(), wengert::program::RunError>(())
    /// ```
    #[track_caller]
    pub fn pick(&self, rows: &'a [u32]) -> Result<Self, RunError> {
        assert!(
            matches!(self.choice, Choice::From(0)) && self.len() == self.rows,
            "rows are picked from all rows"
        );
        if let Some(at) = rows.iter().position(|&row| row as usize >= self.rows) {
            let (index, len) = (f64::from(rows[at]), self.rows);
            return Err(RunError::Index { index, len, row: at as u64 });
        }
        Ok(Columns { columns: self.columns.clone(), rows: rows.len(), choice: Choice::These(rows) })
    }

    /// The length of the columns, whatever rows are chosen.
    fn len(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    /// Whether a column must be copied to be read.
    pub(crate) fn needs_scratch(&self, column: usize) -> bool {
        !matches!((self.choice, self.columns[column]), (Choice::From(_), Column::F64(_)))
    }

    /// A part of a column, if it lies in memory as it is needed; else nothing.
    pub(crate) fn in_memory(&self, column: usize, rows: Range<usize>) -> &'a [f64] {
        match (self.choice, self.columns[column]) {
            (Choice::From(first), Column::F64(x)) => &x[first + rows.start..first + rows.end],
            _ => &[],
        }
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
        if let (Choice::From(first), Column::F64(x)) = (self.choice, column) {
            return &x[first + rows.start..first + rows.end];
        }
        let scratch = &mut scratch[..rows.len()];
        match (self.choice, column) {
            (Choice::From(first), Column::F32(x)) => {
                let part = &x[first + rows.start..first + rows.end];
                scratch.iter_mut().zip(part).for_each(|(out, &x)| *out = f64::from(x));
            }
            (Choice::From(from), &Column::Strided { table, first, width }) => {
                let part = table[(from + rows.start) * width..].chunks_exact(width);
                scratch.iter_mut().zip(part).for_each(|(out, row)| *out = row[first]);
            }
            (Choice::From(first), column) => {
                for (out, row) in scratch.iter_mut().zip(first + rows.start..) {
                    *out = column.get(row);
                }
            }
            (Choice::These(list), column) => {
                for (out, &row) in scratch.iter_mut().zip(&list[rows]) {
                    *out = column.get(row as usize);
                }
            }
        }
        scratch
    }
}
