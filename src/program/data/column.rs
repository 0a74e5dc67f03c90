//! One column of data, borrowed, as it lies in memory.

#[cfg(feature = "arrow")]
use crate::program::data::chosen::Chosen;
use crate::program::data::numbers::{NumberType, Numbers};
use num_traits::AsPrimitive;
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
    /// Whole numbers of 8 bits from 0 on.
    U8(&'a [u8]),
    /// Whole numbers of 16 bits from 0 on.
    U16(&'a [u16]),
    /// Whole numbers, as indices of a table.
    U32(&'a [u32]),
    /// Whole numbers from 0 on, rounded to double precision.
    U64(&'a [u64]),
    /// Whole numbers of 8 bits.
    I8(&'a [i8]),
    /// Whole numbers of 16 bits.
    I16(&'a [i16]),
    /// Whole numbers.
    I32(&'a [i32]),
    /// Whole numbers, rounded to double precision.
    I64(&'a [i64]),
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
    /// Numbers some of which are missing, as Arrow has them. A missing one is [`MISSING`](Self::MISSING), whatever
    /// stands in its place.
    Masked {
        /// The numbers.
        numbers: Numbers<'a>,
        /// A bit for each, the least of a byte first: 1 where the number is there.
        present: &'a [u8],
        /// The bit of the first number.
        first: usize,
    },
    /// Numbers of a list, each chosen by a key, as Arrow's dictionaries; [`Column::arrow`] makes it.
    #[cfg(feature = "arrow")]
    Chosen(Chosen<'a>),
}

/// Does the same for numbers side by side of any type; what else there is follows.
macro_rules! each_type {
    ($column:expr, $x:ident => $then:expr, $($rest:tt)*) => {
        match $column {
            Column::F64($x) => $then,
            Column::F32($x) => $then,
            Column::U8($x) => $then,
            Column::U16($x) => $then,
            Column::U32($x) => $then,
            Column::U64($x) => $then,
            Column::I8($x) => $then,
            Column::I16($x) => $then,
            Column::I32($x) => $then,
            Column::I64($x) => $then,
            $($rest)*
        }
    };
}

impl<'a> Column<'a> {
    /// What stands for a missing number: a NaN with the number 1954 in it, as R has it. Rows that have it are
    /// [skipped or refused](crate::program::NonFinite) as those with any other NaN, and the error calls it missing.
    ///
    /// ```
    /// use wengert::{objective, program::{Column, Columns, Program, RunError}};
    /// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
    /// let error = sweep.run(&[1.0], &Columns::new(&[&[2.0, Column::MISSING]])?).err();
    /// assert_eq!(error, Some(RunError::Missing { column: 0, name: None, row: 1 }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const MISSING: f64 = f64::from_bits(0x7ff8_0000_0000_07a2);

    /// Whether a number is missing.
    pub(crate) fn is_missing(x: f64) -> bool {
        x.to_bits() == Self::MISSING.to_bits()
    }

    pub(crate) fn len(&self) -> usize {
        each_type!(*self, x => x.len(),
            Column::Masked { numbers, present, first } => {
                // There are not more numbers than bits.
                let bits = present.len().saturating_mul(8).saturating_sub(first);
                Column::from(numbers).len().min(bits)
            }
            #[cfg(feature = "arrow")]
            Column::Chosen(chosen) => chosen.len(),
            Column::Strided { table, first, width } => rows(table.len(), first, width),
            Column::StridedF32 { table, first, width } => rows(table.len(), first, width),
            Column::Bytes { bytes, first, stride, number } => {
                let numbers = (bytes.len() + 1).saturating_sub(first.saturating_add(number.size()));
                numbers.div_ceil(stride.max(1))
            }
        )
    }

    /// How many places lie between the beginnings of two numbers, and how many at least must.
    pub(crate) fn stride(&self) -> (usize, usize) {
        match *self {
            Column::Strided { width, .. } | Column::StridedF32 { width, .. } => (width, 1),
            Column::Bytes { stride, number, .. } => (stride, number.size()),
            _ => (1, 1),
        }
    }

    pub(super) fn get(&self, row: usize) -> f64 {
        each_type!(*self, x => x[row].as_(),
            Column::Masked { numbers, present, first } => {
                let there = is_set(present, first + row);
                if there { Column::from(numbers).get(row) } else { Self::MISSING }
            }
            #[cfg(feature = "arrow")]
            Column::Chosen(chosen) => chosen.get(row),
            Column::Strided { table, first, width } => table[row * width + first],
            Column::StridedF32 { table, first, width } => table[row * width + first].into(),
            Column::Bytes { bytes, first, stride, number } => {
                number.read(&bytes[first + row * stride..])
            }
        )
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
        use Column::{Bytes, I8, I16, I32, I64, U8, U16, U32, U64};
        match self {
            U8(_) | U16(_) | U32(_) | U64(_) | I8(_) | I16(_) | I32(_) | I64(_) => true,
            Bytes { number, .. } => number.is_whole(),
            _ => false,
        }
    }

    /// Writes neighbouring rows to `out`, from this one on.
    pub(crate) fn copy(&self, from: usize, out: &mut [f64]) {
        if out.is_empty() {
            return; // A table may end before where its rows would go on.
        }
        let to = from + out.len();
        each_type!(*self, x => out.iter_mut().zip(&x[from..to]).for_each(|(out, x)| *out = x.as_()),
            Column::Masked { numbers, present, first } => {
                Column::from(numbers).copy(from, out);
                for (out, bit) in out.iter_mut().zip(first + from..) {
                    *out = if is_set(present, bit) { *out } else { Self::MISSING };
                }
            }
            #[cfg(feature = "arrow")]
            Column::Chosen(chosen) => {
                out.iter_mut().zip(from..).for_each(|(out, row)| *out = chosen.get(row));
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
        )
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
pub(super) fn is_set(bits: &[u8], at: usize) -> bool {
    bits[at / 8] >> (at % 8) & 1 != 0
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
from_slices!(f64 => F64, f32 => F32, u8 => U8, u16 => U16, u32 => U32, u64 => U64);
from_slices!(i8 => I8, i16 => I16, i32 => I32, i64 => I64);
