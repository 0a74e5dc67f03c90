//! Arrays between their bytes and parameters, whatever the kind of file.

use super::ArrayError;
use crate::train::saved::file;
use crate::{Params, Real};
use indexmap::IndexMap;
use std::fs;
use std::path::Path;

/// An array of a file.
pub(super) struct Array<F> {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    /// Rows first.
    pub(super) values: Vec<F>,
}

/// Types of numbers that are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    Single,
    Double,
}

impl Element {
    /// That of the parameters.
    pub(super) fn of<F: Real>() -> Self {
        if F::SINGLE { Element::Single } else { Element::Double }
    }

    /// How many bytes it has.
    pub(super) fn size(self) -> usize {
        match self {
            Element::Single => size_of::<f32>(),
            Element::Double => size_of::<f64>(),
        }
    }

    /// Whether each of its numbers is one of `F`.
    fn fits<F: Real>(self) -> bool {
        self == Element::Single || !F::SINGLE
    }

    /// The numbers of these bytes: the same bits, or the same value in more of them.
    fn read<F: Real>(self, bytes: &[u8], big_endian: bool) -> Vec<F> {
        let joined = |word: u64, &byte: &u8| word << 8 | u64::from(byte);
        let word = |bytes: &[u8]| {
            if big_endian {
                bytes.iter().fold(0, joined)
            } else {
                bytes.iter().rev().fold(0, joined)
            }
        };
        let number = |word: u64| match self {
            Element::Single if !F::SINGLE => F::from_double(f32::of_word(word).to_double()),
            _ => F::of_word(word),
        };
        bytes.chunks_exact(self.size()).map(|bytes| number(word(bytes))).collect()
    }
}

/// How an array lies in a file.
pub(super) struct Stored<'b> {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    /// `None` if its numbers are of no type that is read.
    pub(super) element: Option<Element>,
    /// As the file says it.
    pub(super) dtype: String,
    pub(super) big_endian: bool,
    pub(super) columns_first: bool,
    pub(super) bytes: &'b [u8],
}

impl Stored<'_> {
    pub(super) fn decode<F: Real>(self, path: &Path) -> Result<Array<F>, ArrayError> {
        let Stored { name, shape, dtype: found, bytes, .. } = self;
        let Some(element) = self.element.filter(|element| element.fits::<F>()) else {
            let expected = if F::SINGLE { "f32" } else { "f64 or f32" };
            return Err(ArrayError::Dtype { path: path.to_owned(), name, expected, found });
        };
        let size = shape.iter().try_fold(element.size(), |all, &extent| all.checked_mul(extent));
        if size != Some(bytes.len()) {
            let reason = format!("the array `{name}` of shape {shape:?} has {} bytes", bytes.len());
            return Err(ArrayError::Damaged { path: path.to_owned(), reason });
        }
        let values = element.read(bytes, self.big_endian);
        let values = if self.columns_first { rows_first(&values, &shape) } else { values };
        Ok(Array { name, shape, values })
    }
}

/// Numbers whose first index runs fastest, in the order in which the last one does.
fn rows_first<F: Copy>(values: &[F], shape: &[usize]) -> Vec<F> {
    let strides: Vec<usize> = shape
        .iter()
        .scan(1, |stride, extent| Some(std::mem::replace(stride, *stride * extent)))
        .collect();
    let place = |at: usize| {
        let axes = shape.iter().zip(&strides).rev();
        axes.fold((0, at), |(place, rest), (extent, stride)| {
            (place + rest % extent * stride, rest / extent)
        })
    };
    (0..values.len()).map(|at| values[place(at).0]).collect()
}

/// The bytes of numbers, little-endian.
pub(super) fn bytes<F: Real>(values: &[F]) -> Vec<u8> {
    let size = Element::of::<F>().size();
    values.iter().flat_map(|x| x.word().to_le_bytes().into_iter().take(size)).collect()
}

/// Puts a file in place.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), ArrayError> {
    let failed = |source| ArrayError::Io { path: path.to_owned(), source };
    file::replace(path, bytes).map_err(failed)
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ArrayError> {
    fs::read(path).map_err(|source| ArrayError::Io { path: path.to_owned(), source })
}

/// Parameters of all arrays, whose names differ.
pub(super) fn collected<F: Real>(arrays: Vec<Array<F>>) -> Params<F> {
    let mut params = Params::new();
    for Array { name, shape, values } in arrays {
        params.push(name, &values, &shape);
    }
    params
}

/// Replaces the numbers of all parameters, or of none.
pub(super) fn load<F: Real>(
    params: &mut Params<F>,
    arrays: Vec<Array<F>>,
    path: &Path,
) -> Result<(), ArrayError> {
    let path_of = || path.to_owned();
    let found: Vec<String> = arrays.iter().map(|array| array.name.clone()).collect();
    let mut rest: IndexMap<&str, Array<F>> = found.iter().map(String::as_str).zip(arrays).collect();
    let mut values = Vec::with_capacity(params.len());
    for (name, shape, _) in params.arrays() {
        let Some(array) = rest.swap_remove(name) else {
            return Err(ArrayError::Missing { path: path_of(), name: name.to_owned(), found });
        };
        if array.shape != shape {
            let (name, expected, found) = (array.name, shape.to_vec(), array.shape);
            return Err(ArrayError::Shape { path: path_of(), name, expected, found });
        }
        values.extend(array.values);
    }
    if let Some(name) = found.iter().find(|name| rest.contains_key(name.as_str())) {
        return Err(ArrayError::Unexpected { path: path_of(), name: name.clone() });
    }
    params.values_mut().copy_from_slice(&values);
    Ok(())
}
