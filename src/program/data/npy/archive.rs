//! The bytes of a `.npz` file as columns.

use super::NpyError;
use super::view::columns;
use crate::program::data::column::Column;
use crate::program::data::columns::Columns;
use std::io::Cursor;
use zip::CompressionMethod;
use zip::read::ZipArchive;

impl<'a> Columns<'a> {
    /// The columns of these arrays, in this order, of a `.npz` file that lies in memory, as one that is
    /// [mapped](crate::program::npy) and that `numpy.savez` wrote. None is copied. A table is several columns. That the
    /// bytes are those that were written is not checked: their checksums are not looked at. Needs the feature
    /// `npy`.
    ///
    /// # Errors
    /// If the bytes are no archive, lack an array or have it compressed; if the arrays have not the same number of rows;
    /// or as [`Columns::npy`], by the array's name.
    ///
    /// ```
    /// use wengert::program::{Columns, npy::NpyError};
    /// assert!(matches!(Columns::npz(b"no archive", &["x"]), Err(NpyError::Archive { .. })));
    /// ```
    pub fn npz(bytes: &'a [u8], names: &[&str]) -> Result<Self, NpyError> {
        let damaged =
            |error: zip::result::ZipError| NpyError::Archive { reason: error.to_string() };
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        if archive.has_duplicate_names() {
            return Err(NpyError::Archive { reason: "two arrays have one name".into() });
        }
        let mut all: Vec<Column<'a>> = Vec::new();
        for &name in names {
            let place = archive.index_for_name(&format!("{name}.npy"));
            let place = place.ok_or_else(|| NpyError::Missing { name: name.into() })?;
            let entry = archive.by_index_raw(place).map_err(damaged)?;
            if entry.compression() != CompressionMethod::Stored || entry.encrypted() {
                return Err(NpyError::Compressed { name: name.into() });
            }
            let start = entry.data_start().and_then(|start| usize::try_from(start).ok());
            let rest = start.and_then(|start| bytes.get(start..)).unwrap_or_default();
            let len = entry.size();
            let array = usize::try_from(len).ok().and_then(|len| rest.get(..len));
            let array = array.ok_or_else(|| {
                let (name, found) = (name.to_string(), rest.len() as u64);
                NpyError::Length { name, expected: len, found }
            })?;
            all.extend(columns(array, name)?);
        }
        Ok(Columns::mixed(all)?)
    }
}
