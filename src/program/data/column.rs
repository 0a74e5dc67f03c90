//! One column of data, borrowed, as it lies in memory.

use std::ops::Range;

/// A borrowed column.
///
/// ```
/// use wengert::program::{Column, Columns, NumberType};
/// let bytes: Vec<u8> = [1.0_f32, 2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
/// let column = Column::Bytes { bytes: &bytes, first: 0, stride: 4, number: NumberType::F32 };
/// assert_eq!(Columns::mixed([column, Column::F64(&[0.5, 1.5])])?.row_count(), 2);
/// # Ok::<(), wengert::program::RunError>(())
/// ```
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
    /// The same of a table in single precision.
    StridedF32 {
        /// The whole table, row by row.
        table: &'a [f32],
        /// Which column.
        first: usize,
        /// How many columns it has.
        width: usize,
    },
    /// The bytes of numbers, as in a file, the least byte first. They need not be aligned.
    Bytes {
        /// All bytes.
        bytes: &'a [u8],
        /// Where the first number begins.
        first: usize,
        /// How many bytes lie between the beginnings of two numbers.
        stride: usize,
        /// The type of the numbers.
        number: NumberType,
    },
}

/// The type of the numbers in a file.
///
/// ```
/// use wengert::program::NumberType;
/// assert_eq!((NumberType::F64.size(), NumberType::F32.size()), (8, 4));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumberType {
    /// Double precision, IEEE binary64.
    F64,
    /// Single precision, IEEE binary32; widened exactly.
    F32,
}

impl NumberType {
    /// How many bytes one number takes.
    ///
    /// ```
    /// assert_eq!(wengert::program::NumberType::F64.size(), 8);
    /// ```
    pub const fn size(self) -> usize {
        match self {
            NumberType::F64 => size_of::<f64>(),
            NumberType::F32 => size_of::<f32>(),
        }
    }

    /// The number at the beginning of these bytes; NaN if they are too few.
    #[inline(always)]
    fn read(self, bytes: &[u8]) -> f64 {
        let number = match self {
            NumberType::F64 => bytes.first_chunk().map(|&bytes| f64::from_le_bytes(bytes)),
            NumberType::F32 => {
                bytes.first_chunk().map(|&bytes| f64::from(f32::from_le_bytes(bytes)))
            }
        };
        number.unwrap_or(f64::NAN)
    }
}

impl<'a> Column<'a> {
    pub(crate) fn len(&self) -> usize {
        match *self {
            Column::F64(x) => x.len(),
            Column::F32(x) => x.len(),
            Column::U32(x) => x.len(),
            Column::Strided { table, first, width } => rows(table.len(), first, width),
            Column::StridedF32 { table, first, width } => rows(table.len(), first, width),
            Column::Bytes { bytes, first, stride, number } => {
                let numbers = (bytes.len() + 1).saturating_sub(first.saturating_add(number.size()));
                numbers.div_ceil(stride.max(1))
            }
        }
    }

    /// How many places lie between the beginnings of two numbers, and how many at least must.
    pub(crate) fn stride(&self) -> (usize, usize) {
        match *self {
            Column::Strided { width, .. } | Column::StridedF32 { width, .. } => (width, 1),
            Column::Bytes { stride, number, .. } => (stride, number.size()),
            _ => (1, 1),
        }
    }

    fn get(&self, row: usize) -> f64 {
        match *self {
            Column::F64(x) => x[row],
            Column::F32(x) => f64::from(x[row]),
            Column::U32(x) => f64::from(x[row]),
            Column::Strided { table, first, width } => table[row * width + first],
            Column::StridedF32 { table, first, width } => table[row * width + first].into(),
            Column::Bytes { bytes, first, stride, number } => {
                number.read(&bytes[first + row * stride..])
            }
        }
    }

    /// Neighbouring rows, if they lie in memory as they are needed.
    #[inline]
    pub(crate) fn in_memory(&self, rows: Range<usize>) -> Option<&'a [f64]> {
        match self {
            Column::F64(x) => Some(&x[rows]),
            _ => None,
        }
    }

    /// Whether it holds only finite numbers, whatever they are.
    pub(crate) fn is_finite(&self) -> bool {
        matches!(self, Column::U32(_))
    }

    /// Writes neighbouring rows to `out`, from this one on.
    pub(crate) fn copy(&self, from: usize, out: &mut [f64]) {
        let to = from + out.len();
        match *self {
            Column::F64(x) => out.copy_from_slice(&x[from..to]),
            Column::F32(x) => {
                out.iter_mut().zip(&x[from..to]).for_each(|(out, &x)| *out = x.into())
            }
            Column::U32(x) => {
                out.iter_mut().zip(&x[from..to]).for_each(|(out, &x)| *out = x.into())
            }
            Column::Strided { table, first, width } => {
                let numbers = table[from * width + first..].iter().step_by(width);
                out.iter_mut().zip(numbers).for_each(|(out, &x)| *out = x);
            }
            Column::StridedF32 { table, first, width } => {
                let numbers = table[from * width + first..].iter().step_by(width);
                out.iter_mut().zip(numbers).for_each(|(out, &x)| *out = x.into());
            }
            Column::Bytes { bytes, first, stride, number } => {
                let bytes = &bytes[first + from * stride..];
                match (number, stride) {
                    // The commonest strides and numbers, known to the compiler.
                    (NumberType::F64, 8) => copy_bytes::<8>(bytes, out, NumberType::F64),
                    (NumberType::F64, 16) => copy_bytes::<16>(bytes, out, NumberType::F64),
                    (NumberType::F64, 24) => copy_bytes::<24>(bytes, out, NumberType::F64),
                    (NumberType::F32, 4) => copy_bytes::<4>(bytes, out, NumberType::F32),
                    (NumberType::F32, 8) => copy_bytes::<8>(bytes, out, NumberType::F32),
                    (NumberType::F32, 20) => copy_bytes::<20>(bytes, out, NumberType::F32),
                    _ => {
                        let numbers = bytes.chunks(stride);
                        out.iter_mut().zip(numbers).for_each(|(out, x)| *out = number.read(x));
                    }
                }
            }
        }
    }

    /// Writes these rows to `out`, each counted from `first`.
    pub(crate) fn copy_these(&self, first: usize, rows: &[u32], out: &mut [f64]) {
        let pairs = out.iter_mut().zip(rows);
        match *self {
            Column::F64(x) => {
                let x = &x[first..];
                pairs.for_each(|(out, &row)| *out = x[row as usize]);
            }
            _ => pairs.for_each(|(out, &row)| *out = self.get(first + row as usize)),
        }
    }
}

/// The rows of a table whose numbers from `first` on are every `width`-th of a column.
fn rows(numbers: usize, first: usize, width: usize) -> usize {
    numbers.saturating_sub(first).div_ceil(width.max(1))
}

#[inline(always)]
fn copy_bytes<const STRIDE: usize>(bytes: &[u8], out: &mut [f64], number: NumberType) {
    let (rows, last) = bytes.as_chunks::<STRIDE>();
    let (whole, rest) = out.split_at_mut(rows.len().min(out.len()));
    whole.iter_mut().zip(rows).for_each(|(out, row)| *out = number.read(row));
    // The last number need not be followed by a whole stride.
    rest.iter_mut().for_each(|out| *out = number.read(last));
}

macro_rules! from_slices {
    ($($Number:ty => $Kind:ident),+) => {
        $(
            impl<'a> From<&'a [$Number]> for Column<'a> {
                fn from(x: &'a [$Number]) -> Self {
                    Column::$Kind(x)
                }
            }
            impl<'a> From<&'a Vec<$Number>> for Column<'a> {
                fn from(x: &'a Vec<$Number>) -> Self {
                    Column::$Kind(x)
                }
            }
        )+
    };
}
from_slices!(f64 => F64, f32 => F32, u32 => U32);
