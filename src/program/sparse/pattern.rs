//! Where a matrix may differ from 0: [`Pattern`].

use super::error::SparseError;

/// The places of a matrix that may differ from 0, row by row: its structure in compressed sparse rows.
///
/// ```
/// use wengert::sparse::Pattern;
/// let pattern = Pattern::from_rows(3, [vec![0], vec![0, 2], vec![]]);
/// assert_eq!((pattern.row_count(), pattern.column_count(), pattern.len()), (3, 3, 3));
/// assert_eq!(pattern.row(1), [0, 2]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Pattern {
    columns: usize,
    /// Where each row begins among the places, and where the last ends.
    starts: Vec<usize>,
    places: Vec<u32>,
}

impl Pattern {
    /// A pattern from the columns of each row, in any order.
    ///
    /// # Panics
    /// If a column is not below `columns`; [`Pattern::try_from_rows`] says so instead.
    ///
    /// ```
    /// use wengert::sparse::Pattern;
    /// assert_eq!(Pattern::from_rows(2, [[1, 0], [1, 1]]).row(1), [1]);
    /// ```
    #[track_caller]
    pub fn from_rows<R: IntoIterator<Item = u32>>(
        columns: usize,
        rows: impl IntoIterator<Item = R>,
    ) -> Self {
        match Self::try_from_rows(columns, rows) {
            Ok(pattern) => pattern,
            Err(error) => panic!("{error}"),
        }
    }

    /// [`Pattern::from_rows`], with an error where a column is none of the matrix.
    ///
    /// # Errors
    /// If a column is not below `columns`.
    ///
    /// ```
    /// use wengert::sparse::Pattern;
    /// assert!(Pattern::try_from_rows(2, [[0], [1]]).is_ok());
    /// assert!(Pattern::try_from_rows(2, [[0], [2]]).is_err());
    /// ```
    pub fn try_from_rows<R: IntoIterator<Item = u32>>(
        columns: usize,
        rows: impl IntoIterator<Item = R>,
    ) -> Result<Self, SparseError> {
        let (mut starts, mut places) = (vec![0], Vec::new());
        for (at, row) in rows.into_iter().enumerate() {
            let from = places.len();
            places.extend(row);
            places[from..].sort_unstable();
            let mut kept = from;
            for next in from..places.len() {
                if next == from || places[next] != places[kept - 1] {
                    places[kept] = places[next];
                    kept += 1;
                }
            }
            places.truncate(kept);
            if let Some(&found) = places[from..].last().filter(|&&last| last as usize >= columns) {
                return Err(SparseError::Column { row: at, expected: columns, found });
            }
            starts.push(kept);
        }
        Ok(Pattern { columns, starts, places })
    }

    /// How many rows the matrix has.
    pub fn row_count(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many columns the matrix has.
    pub fn column_count(&self) -> usize {
        self.columns
    }

    /// Whether no place may differ from 0.
    pub fn is_zero(&self) -> bool {
        self.places.is_empty()
    }

    /// How many places may differ from 0.
    #[expect(clippy::len_without_is_empty)] // a matrix of zeros is no empty matrix
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// The columns of a row that may differ from 0, in ascending order.
    ///
    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn row(&self, row: usize) -> &[u32] {
        assert!(row < self.row_count(), "row {row} of a matrix of {}", self.row_count());
        &self.places[self.starts[row]..self.starts[row + 1]]
    }

    /// Where each row begins among all places, and where the last row ends.
    pub fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// The columns of all places, row by row.
    pub fn indices(&self) -> &[u32] {
        &self.places
    }

    /// All places, row by row: row and column.
    ///
    /// ```
    /// use wengert::sparse::Pattern;
    /// let pattern = Pattern::from_rows(2, [vec![1], vec![0, 1]]);
    /// assert_eq!(pattern.iter().collect::<Vec<_>>(), [(0, 1), (1, 0), (1, 1)]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.row_count())
            .flat_map(|row| self.row(row).iter().map(move |&at| (row, at as usize)))
    }

    /// The pattern of the transposed matrix.
    ///
    /// ```
    /// use wengert::sparse::Pattern;
    /// let pattern = Pattern::from_rows(3, [vec![0, 2], vec![2]]);
    /// assert_eq!(pattern.transposed(), Pattern::from_rows(2, [vec![0], vec![], vec![0, 1]]));
    /// ```
    pub fn transposed(&self) -> Self {
        let mut starts = vec![0; self.columns + 1];
        for &column in &self.places {
            starts[column as usize + 1] += 1;
        }
        for at in 0..self.columns {
            starts[at + 1] += starts[at];
        }
        let (mut next, mut places) = (starts.clone(), vec![0; self.len()]);
        for (row, column) in self.iter() {
            places[next[column]] = row as u32;
            next[column] += 1;
        }
        Pattern { columns: self.row_count(), starts, places }
    }

    /// Whether rows follow one another, and their columns are in order.
    #[cfg(feature = "serde")]
    pub(crate) fn is_sound(&self) -> bool {
        let ordered = |row: &[u32]| {
            row.is_sorted_by(|a, b| a < b)
                && row.last().is_none_or(|&last| (last as usize) < self.columns)
        };
        self.starts.first() == Some(&0)
            && self.starts.last() == Some(&self.places.len())
            && self.starts.is_sorted()
            && (0..self.row_count()).all(|row| ordered(self.row(row)))
    }

    /// With each place also the one on the other side of the diagonal.
    pub(crate) fn symmetric(&self) -> Self {
        let other = self.transposed();
        let both = |row: usize| self.row(row).iter().chain(other.row(row)).copied();
        Pattern::from_rows(self.columns, (0..self.row_count()).map(both))
    }
}
