//! Rows of numbers that were read from text: [`Table`].

use super::Chunk;
use crate::program::{Columns, RunError};

/// The numbers of some rows, row by row.
///
/// ```
/// use wengert::program::stream::{Chunk, Table};
/// assert_eq!(Table::default().columns()?.row_count(), 0);
/// # Ok::<(), wengert::program::RunError>(())
/// ```
#[derive(Debug, Default)]
pub struct Table {
    pub(super) numbers: Vec<f64>,
    pub(super) columns: usize,
}

impl Table {
    /// Reads the next rows in place of those that it has, one by one; whether there are any. An error that comes after
    /// some of them is put off until they were given.
    pub(super) fn fill<E>(
        &mut self,
        failed: &mut Option<E>,
        mut row: impl FnMut(&mut Vec<f64>) -> Result<bool, E>,
    ) -> Result<bool, E> {
        /// Numbers to a chunk.
        const MOST: usize = 64 << 10;
        self.columns = 0;
        self.numbers.clear();
        if let Some(error) = failed.take() {
            return Err(error);
        }
        while self.numbers.len() < MOST {
            let before = self.numbers.len();
            match row(&mut self.numbers) {
                Ok(true) if before == 0 => self.columns = self.numbers.len(),
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.numbers.truncate(before);
                    if before == 0 {
                        return Err(error);
                    }
                    *failed = Some(error);
                    break;
                }
            }
        }
        Ok(!self.numbers.is_empty())
    }
}

impl Chunk for Table {
    fn columns(&self) -> Result<Columns<'_>, RunError> {
        if self.columns == 0 {
            Ok(Columns::none())
        } else {
            Columns::table(&self.numbers, self.columns)
        }
    }
}
