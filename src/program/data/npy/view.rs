//! The bytes of a `.npy` file as columns.

use super::NpyError;
use super::header::read_header;
use crate::program::data::column::Column;
use crate::program::data::columns::Columns;
use crate::program::data::numbers::NumberType;
use ndarray_npy::npy::header::Header;
use py_literal::Value;

/// The most columns of which each takes more memory than its numbers do.
const MOST_SHORT: usize = 1 << 16;

/// How the numbers of an array lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) number: NumberType,
    /// Whether the numbers of a column lie together, not those of a row.
    pub(super) by_columns: bool,
}

impl Shape {
    /// That of an array, which is called so.
    pub(super) fn of(header: &Header, name: &str) -> Result<Self, NpyError> {
        let name = || name.to_string();
        let type_error = || {
            let found = match &header.type_descriptor {
                Value::String(found) => found.clone(),
                other => other.to_string(),
            };
            NpyError::Type { name: name(), found }
        };
        let number = number_type(&header.type_descriptor).ok_or_else(type_error)?;
        let (rows, columns) = match header.shape[..] {
            [rows] => (rows, 1),
            [rows, columns] => (rows, columns),
            _ => return Err(NpyError::Shape { name: name(), found: header.shape.clone() }),
        };
        // Without rows nothing bounds how many a header says, and a few bytes each do not bound memory: a file of one
        // row would take a hundred times its length.
        let is_short = rows.saturating_mul(number.size()) < size_of::<Column<'_>>();
        if is_short && columns > MOST_SHORT {
            let reason = format!(
                "it has {columns} columns of {rows} rows, expected at most {MOST_SHORT} of so few"
            );
            return Err(NpyError::Header { name: name(), reason });
        }
        let by_columns = header.layout.is_fortran() && columns > 1;
        let shape = Shape { rows, columns, number, by_columns };
        match shape.byte_count() {
            Some(_) => Ok(shape),
            None => Err(NpyError::Shape { name: name(), found: header.shape.clone() }),
        }
    }

    /// How many bytes the numbers take; `None` if no memory has so many.
    fn byte_count(self) -> Option<usize> {
        self.rows.checked_mul(self.columns)?.checked_mul(self.number.size())
    }

    /// The numbers as columns, where there are as many as there should be.
    pub(super) fn columns<'a>(
        self,
        bytes: &'a [u8],
        name: &str,
    ) -> Result<Vec<Column<'a>>, NpyError> {
        let Shape { rows, columns, number, by_columns } = self;
        if Some(bytes.len()) != self.byte_count() {
            let expected = self.byte_count().unwrap_or(usize::MAX) as u64;
            let (name, found) = (name.to_string(), bytes.len() as u64);
            return Err(NpyError::Length { name, expected, found });
        }
        self.check_digits(bytes, 0, name)?;
        let size = number.size();
        Ok((0..columns)
            .map(|column| match by_columns {
                true => of_numbers(&bytes[column * rows * size..][..rows * size], [0, 1], number),
                false => of_numbers(bytes, [column, columns], number),
            })
            .collect())
    }

    /// Refuses whole numbers that an `f64` does not hold; row `first` is the first of them.
    pub(super) fn check_digits(self, bytes: &[u8], first: u64, name: &str) -> Result<(), NpyError> {
        let (words, _) = bytes.as_chunks::<8>();
        let number = |word: &[u8; 8]| match self.number {
            NumberType::I64 => i128::from(i64::from_le_bytes(*word)),
            NumberType::U64 => i128::from(u64::from_le_bytes(*word)),
            _ => 0,
        };
        let is_long = self.number.size() == 8 && self.number.is_whole();
        let too_long = |word: &[u8; 8]| number(word) as f64 as i128 != number(word);
        let Some(place) = is_long.then(|| words.iter().position(too_long)).flatten() else {
            return Ok(());
        };
        let (row, column) = match self.by_columns {
            true => (place % self.rows, place / self.rows),
            false => (place / self.columns, place % self.columns),
        };
        let (name, value) = (name.to_string(), number(&words[place]));
        Err(NpyError::Digits { name, column, row: first + row as u64, value })
    }
}

/// Every `width`-th number from `first` on: as numbers where they are aligned, else as bytes.
fn of_numbers(bytes: &[u8], [first, width]: [usize; 2], number: NumberType) -> Column<'_> {
    // The numbers of a file have their least byte first.
    if cfg!(target_endian = "little") {
        match number {
            NumberType::F64 => {
                if let Ok(table) = bytemuck::try_cast_slice(bytes) {
                    return match width {
                        1 => Column::F64(table),
                        _ => Column::Strided { table, first, width },
                    };
                }
            }
            NumberType::F32 => {
                if let Ok(table) = bytemuck::try_cast_slice(bytes) {
                    return match width {
                        1 => Column::F32(table),
                        _ => Column::StridedF32 { table, first, width },
                    };
                }
            }
            _ => {}
        }
    }
    let size = number.size();
    Column::Bytes { bytes, first: first * size, stride: width * size, number }
}

/// The type of numbers by numpy's name; those of one byte have no order of bytes.
fn number_type(descriptor: &Value) -> Option<NumberType> {
    let Value::String(name) = descriptor else { return None };
    Some(match name.as_str() {
        "<f8" => NumberType::F64,
        "<f4" => NumberType::F32,
        "|u1" | "<u1" => NumberType::U8,
        "<u2" => NumberType::U16,
        "<u4" => NumberType::U32,
        "<u8" => NumberType::U64,
        "|i1" | "<i1" => NumberType::I8,
        "<i2" => NumberType::I16,
        "<i4" => NumberType::I32,
        "<i8" => NumberType::I64,
        _ => return None,
    })
}

impl<'a> Columns<'a> {
    /// The columns of a `.npy` file that lies in memory, as one that is [mapped](crate::program::npy): the one of a list, or
    /// those of a table. None is copied, in whatever order of axes and at whatever address they lie. Needs the
    /// feature `npy`.
    ///
    /// # Errors
    /// If the bytes are no such file, too many or too few, or if the numbers are of another type than `f64`, `f32` and
    /// whole numbers with their least byte first, or have more digits than an `f64`; for that those of 64 bits
    /// are all looked at.
    ///
    /// ```
    /// use wengert::program::Columns;
    /// // numpy.save("table.npy", numpy.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    /// let header = b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }";
    /// let mut file = header.to_vec();
    /// file.resize(127, b' ');
    /// file.push(b'\n');
    /// file.extend((1..=6).flat_map(|i| f64::from(i).to_le_bytes()));
    /// let data = Columns::npy(&file)?;
    /// assert_eq!((data.column_count(), data.row_count()), (2, 3));
    /// # Ok::<(), wengert::program::npy::NpyError>(())
    /// ```
    pub fn npy(bytes: &'a [u8]) -> Result<Self, NpyError> {
        Ok(Columns::mixed(columns(bytes, "")?)?)
    }
}

/// The columns of a file, called so.
pub(super) fn columns<'a>(mut bytes: &'a [u8], name: &str) -> Result<Vec<Column<'a>>, NpyError> {
    let header = read_header(&mut bytes)
        .map_err(|reason| NpyError::Header { name: name.to_string(), reason })?;
    Shape::of(&header, name)?.columns(bytes, name)
}
