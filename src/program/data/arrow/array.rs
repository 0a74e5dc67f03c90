//! An Arrow array as a column.

use super::ArrowColumnError;
use crate::program::data::chosen::{Chosen, Part};
use crate::program::data::column::Column;
use crate::program::data::numbers::Numbers;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};

impl<'a> Column<'a> {
    /// An Arrow array of numbers as a column, without copying it. What is null there is
    /// [missing](Self::MISSING), so that [`NonFinite`](crate::program::NonFinite) says what becomes of its row. A slice of an
    /// array begins where it begins. A dictionary has the numbers that its keys choose.
    ///
    /// # Errors
    /// If the array is of another type than `Float64`, `Float32`, whole numbers of 8 to 64 bits, and dictionaries of
    /// those, or if a number of 64 bits needs more digits than an `f64` has. They call the column by `name`.
    ///
    /// ```
    /// use arrow_array::{DictionaryArray, Float64Array, types::Int8Type};
    /// use std::sync::Arc;
    /// use wengert::{objective, program::{Column, Columns, NonFinite, Program}};
    /// let x = Float64Array::from(vec![Some(1.0), None, Some(3.0)]);
    /// let list = Arc::new(Float64Array::from(vec![10.0, 20.0]));
    /// let y = DictionaryArray::<Int8Type>::try_new(vec![1, 0, 0].into(), list)?;
    /// let data = Columns::mixed([Column::arrow("x", &x)?, Column::arrow("y", &y)?])?;
    /// let program = Program::record(&objective!(|[a], [x, y]| a * x + y), &[1.0], &[1.0; 2])?;
    /// let mut sweep = program.mean().compile().non_finite(NonFinite::Skip);
    /// let found = sweep.run(&[2.0], &data)?;
    /// assert_eq!((found.value(), found.skipped_count()), (19.0, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn arrow(name: &str, array: &'a dyn Array) -> Result<Self, ArrowColumnError> {
        let name = || name.to_string();
        let found = || array.data_type().to_string();
        let column = borrowed(array)
            .ok_or_else(|| ArrowColumnError::Type { name: name(), found: found() })?;
        match too_long(array) {
            None => Ok(column),
            Some((row, value)) => Err(ArrowColumnError::Digits { name: name(), row, value }),
        }
    }
}

/// An array as a column, if it is of numbers.
pub(super) fn borrowed(array: &dyn Array) -> Option<Column<'_>> {
    match array.as_any_dictionary_opt() {
        None => part(array).map(Column::from),
        Some(of) => Some(Column::Chosen(Chosen::new(part(of.keys())?, part(of.values())?))),
    }
}

/// An array that is no dictionary, if it is of numbers.
fn part(array: &dyn Array) -> Option<Part<'_>> {
    fn slice<T: ArrowPrimitiveType>(array: &dyn Array) -> Option<&[T::Native]> {
        array.as_primitive_opt::<T>().map(|x| &x.values()[..])
    }
    let numbers = slice::<Float64Type>(array).map(Numbers::F64);
    let numbers = numbers
        .or_else(|| slice::<Float32Type>(array).map(Numbers::F32))
        .or_else(|| slice::<UInt8Type>(array).map(Numbers::U8))
        .or_else(|| slice::<UInt16Type>(array).map(Numbers::U16))
        .or_else(|| slice::<UInt32Type>(array).map(Numbers::U32))
        .or_else(|| slice::<UInt64Type>(array).map(Numbers::U64))
        .or_else(|| slice::<Int8Type>(array).map(Numbers::I8))
        .or_else(|| slice::<Int16Type>(array).map(Numbers::I16))
        .or_else(|| slice::<Int32Type>(array).map(Numbers::I32))
        .or_else(|| slice::<Int64Type>(array).map(Numbers::I64))?;
    let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
    Some(Part { numbers, present: nulls.map(|nulls| (nulls.validity(), nulls.offset())) })
}

/// The first row whose number an `f64` does not hold, and that number.
fn too_long(array: &dyn Array) -> Option<(usize, i128)> {
    let Some(dictionary) = array.as_any_dictionary_opt() else {
        return part(array).and_then(|part| (0..array.len()).find_map(too_long_of(part)?));
    };
    let too_long = too_long_of(part(dictionary.values())?)?;
    let chosen = Chosen::new(part(dictionary.keys())?, part(dictionary.values())?);
    (0..array.len()).find_map(|row| Some((row, too_long(chosen.place(row)?)?.1)))
}

/// Of each place, itself and its number if an `f64` does not hold that; `None` if all are held.
fn too_long_of(part: Part<'_>) -> Option<impl Fn(usize) -> Option<(usize, i128)>> {
    /// So many, counted from 0, are held without a gap.
    const WITHOUT_GAP: u64 = 1 << f64::MANTISSA_DIGITS;
    let all_held = match part.numbers {
        Numbers::I64(x) => x.iter().all(|x| x.unsigned_abs() <= WITHOUT_GAP),
        Numbers::U64(x) => x.iter().all(|&x| x <= WITHOUT_GAP),
        _ => true,
    };
    let number = move |at: usize| match part.numbers {
        Numbers::I64(x) => i128::from(x[at]),
        Numbers::U64(x) => i128::from(x[at]),
        _ => 0,
    };
    let too_long = move |at: usize| {
        let number = number(at);
        (number as f64 as i128 != number && part.is_there(at)).then_some((at, number))
    };
    (!all_held).then_some(too_long)
}

/// The place of a name, which is there once.
pub(super) fn only<'n>(
    names: impl Iterator<Item = &'n str>,
    name: &str,
) -> Result<usize, ArrowColumnError> {
    let mut places = names.enumerate().filter(|&(_, other)| other == name).map(|(at, _)| at);
    match (places.next(), places.next()) {
        (Some(at), None) => Ok(at),
        (None, _) => Err(ArrowColumnError::Missing { name: name.to_string() }),
        (_, Some(_)) => Err(ArrowColumnError::Twice { name: name.to_string() }),
    }
}

/// The array of this name.
pub(super) fn named<'b>(
    batch: &'b RecordBatch,
    name: &str,
) -> Result<&'b ArrayRef, ArrowColumnError> {
    let fields = batch.schema_ref().fields();
    let at = only(fields.iter().map(|field| &field.name()[..]), name)?;
    Ok(batch.column(at))
}
