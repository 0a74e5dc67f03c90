//! Numbers side by side, and the types that they have in files.

use crate::program::data::column::Column;

/// Numbers that lie side by side.
///
/// ```
/// use wengert::{objective, program::{Column, Columns, NonFinite, Numbers, Program}};
/// let masked = Column::Masked { numbers: Numbers::F64(&[1.0, 7.0, 3.0]), present: &[0b101], first: 0 };
/// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?;
/// let mut sweep = program.compile().non_finite(NonFinite::Skip);
/// assert_eq!(sweep.run(&[1.0], &Columns::mixed([masked])?)?.value(), 4.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Numbers<'a> {
    /// In double precision.
    F64(&'a [f64]),
    /// In single precision, widened exactly.
    F32(&'a [f32]),
    /// Whole numbers of 8 bits from 0 on.
    U8(&'a [u8]),
    /// Whole numbers of 16 bits from 0 on.
    U16(&'a [u16]),
    /// Whole numbers from 0 on.
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
}

impl<'a> From<Numbers<'a>> for Column<'a> {
    fn from(numbers: Numbers<'a>) -> Self {
        match numbers {
            Numbers::F64(x) => Column::F64(x),
            Numbers::F32(x) => Column::F32(x),
            Numbers::U8(x) => Column::U8(x),
            Numbers::U16(x) => Column::U16(x),
            Numbers::U32(x) => Column::U32(x),
            Numbers::U64(x) => Column::U64(x),
            Numbers::I8(x) => Column::I8(x),
            Numbers::I16(x) => Column::I16(x),
            Numbers::I32(x) => Column::I32(x),
            Numbers::I64(x) => Column::I64(x),
        }
    }
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
    /// Whole numbers of 8 bits from 0 on.
    U8,
    /// Whole numbers of 16 bits from 0 on.
    U16,
    /// Whole numbers of 32 bits from 0 on.
    U32,
    /// Whole numbers of 64 bits from 0 on, rounded to double precision.
    U64,
    /// Whole numbers of 8 bits.
    I8,
    /// Whole numbers of 16 bits.
    I16,
    /// Whole numbers of 32 bits.
    I32,
    /// Whole numbers of 64 bits, rounded to double precision.
    I64,
}

impl NumberType {
    /// How many bytes one number takes.
    ///
    /// ```
    /// assert_eq!(wengert::program::NumberType::F64.size(), 8);
    /// ```
    pub const fn size(self) -> usize {
        match self {
            NumberType::F64 | NumberType::U64 | NumberType::I64 => 8,
            NumberType::F32 | NumberType::U32 | NumberType::I32 => 4,
            NumberType::U16 | NumberType::I16 => 2,
            NumberType::U8 | NumberType::I8 => 1,
        }
    }

    pub(super) fn is_whole(self) -> bool {
        !matches!(self, NumberType::F64 | NumberType::F32)
    }

    /// The number at the beginning of these bytes; missing if they are too few.
    #[inline(always)]
    pub(super) fn read(self, bytes: &[u8]) -> f64 {
        fn first<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f64) -> f64 {
            bytes.first_chunk().map_or(Column::MISSING, |&bytes| read(bytes))
        }
        match self {
            NumberType::F64 => first(bytes, f64::from_le_bytes),
            NumberType::F32 => first(bytes, |bytes| f32::from_le_bytes(bytes).into()),
            NumberType::U8 => first(bytes, |bytes| u8::from_le_bytes(bytes).into()),
            NumberType::U16 => first(bytes, |bytes| u16::from_le_bytes(bytes).into()),
            NumberType::U32 => first(bytes, |bytes| u32::from_le_bytes(bytes).into()),
            NumberType::U64 => first(bytes, |bytes| u64::from_le_bytes(bytes) as f64),
            NumberType::I8 => first(bytes, |bytes| i8::from_le_bytes(bytes).into()),
            NumberType::I16 => first(bytes, |bytes| i16::from_le_bytes(bytes).into()),
            NumberType::I32 => first(bytes, |bytes| i32::from_le_bytes(bytes).into()),
            NumberType::I64 => first(bytes, |bytes| i64::from_le_bytes(bytes) as f64),
        }
    }
}
