//! numpy's files of arrays: a zip archive with an entry `NAME.npy` for each.

use super::array::{self, Array, Element, Stored};
use super::error::ArrayError;
use crate::program::npy::read_header;
use crate::{Params, Real};
use ndarray_npy::npy::header::{Header, Layout};
use py_literal::Value;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use zip::CompressionMethod;
use zip::read::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

const KIND: &str = ".npz";
/// What follows the name of an array in the name of its entry.
const ENDING: &str = ".npy";
/// How an archive begins, and how one without entries does.
const BEGINNINGS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
impl<F: Real> Params<F> {
    /// Writes all parameters as a `.npz` file, an array for each name, as `numpy.savez` would: scalars without
    /// extents, blocks with one, arrays with theirs, in the precision of the parameters. A file that is there is
    /// replaced as a whole, and on an error stays as it was. Needs the feature `npz`.
    ///
    /// ```text
    /// >>> numpy.load("line.npz")["slopes"]
    /// array([2. , 0.5])
    /// ```
    ///
    /// # Errors
    /// If the file cannot be written, or a name is longer than an archive allows.
    ///
    /// ```
    /// use wengert::Params;
    /// let file = std::env::temp_dir().join(format!("wengert-line-{}.npz", std::process::id()));
    /// let mut params = Params::from_scalars([("offset", 1.0)])?;
    /// params.insert_block("slopes", &[2.0, 0.5])?;
    /// params.save_npz(&file)?;
    /// assert_eq!(Params::from_npz(&file)?, params);
    /// # std::fs::remove_file(&file)?;
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn save_npz(&self, path: impl AsRef<Path>) -> Result<(), ArrayError> {
        let path = path.as_ref();
        let bytes = encode(self)
            .map_err(|source| ArrayError::Io { path: path.to_owned(), source: source.into() })?;
        array::write(path, &bytes)
    }

    /// Takes the numbers of all parameters from a `.npz` file, as this crate or `numpy.savez` writes it,
    /// compressed or not, in either order of bytes and of axes. Numbers of single precision are widened, which is
    /// exact; an infinity or NaN is taken as it is. Needs the feature `npz`.
    ///
    /// # Errors
    /// If the file cannot be read, is none or damaged, has an entry that is no array, has more or fewer arrays
    /// than there are names, or one of another shape, or numbers that are no floating-point numbers of at most the
    /// precision of the parameters. All parameters keep their numbers then.
    ///
    /// ```
    /// use wengert::Params;
    /// let file = std::env::temp_dir().join(format!("wengert-load-{}.npz", std::process::id()));
    /// Params::from_scalars([("a", 1.5_f32), ("b", 2.0)])?.save_npz(&file)?;
    /// let mut params = Params::from_scalars([("b", 0.0), ("a", 0.0)])?;
    /// params.load_npz(&file)?;
    /// assert_eq!(params.values(), [2.0, 1.5]);
    /// # std::fs::remove_file(&file)?;
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn load_npz(&mut self, path: impl AsRef<Path>) -> Result<(), ArrayError> {
        let path = path.as_ref();
        array::load(self, decode(path)?, path)
    }

    /// Parameters of all arrays of a `.npz` file, in the order of the file. Needs the feature `npz`.
    ///
    /// # Errors
    /// As [`Params::load_npz`], but for names and shapes, which are those of the file.
    ///
    /// ```
    /// use wengert::Params;
    /// let file = std::env::temp_dir().join(format!("wengert-from-{}.npz", std::process::id()));
    /// let mut params = Params::new();
    /// params.insert_array("w", &[2, 1], &[1.0, 2.0])?;
    /// params.save_npz(&file)?;
    /// assert_eq!(Params::<f64>::from_npz(&file)?.shape("w")?, [2, 1]);
    /// # std::fs::remove_file(&file)?;
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn from_npz(path: impl AsRef<Path>) -> Result<Self, ArrayError> {
        Ok(array::collected(decode(path.as_ref())?))
    }
}

fn encode<F: Real>(params: &Params<F>) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, shape, values) in params.arrays() {
        let header = Header {
            type_descriptor: Value::String(format!("<f{}", Element::of::<F>().size())),
            layout: Layout::Standard,
            shape: shape.to_vec(),
        };
        let header = header.to_bytes().map_err(std::io::Error::other)?;
        let bytes = array::bytes(values);
        let is_large = header.len() + bytes.len() >= u32::MAX as usize;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(is_large);
        archive.start_file(format!("{name}{ENDING}"), options)?;
        archive.write_all(&header)?;
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn decode<F: Real>(path: &Path) -> Result<Vec<Array<F>>, ArrayError> {
    let bytes = array::read(path)?;
    if !BEGINNINGS.iter().any(|beginning| bytes.starts_with(beginning)) {
        return Err(ArrayError::Foreign { path: path.to_owned(), expected: KIND });
    }
    let damaged = |reason: String| ArrayError::Damaged { path: path.to_owned(), reason };
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(error.to_string()))?;
    if archive.has_duplicate_names() {
        return Err(damaged("two entries have one name".to_owned()));
    }
    let mut arrays = Vec::with_capacity(archive.len());
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).map_err(|error| damaged(error.to_string()))?;
        let name = entry.name().map_err(|error| damaged(error.to_string()))?.into_owned();
        let Some(name) = name.strip_suffix(ENDING) else {
            return Err(ArrayError::NoArray { path: path.to_owned(), name });
        };
        let in_array = |reason: String| damaged(format!("the array `{name}`: {reason}"));
        let mut content = Vec::new();
        // The end of an entry is where its checksum is compared.
        entry.read_to_end(&mut content).map_err(|error| in_array(error.to_string()))?;
        let mut bytes = &content[..];
        let header = read_header(&mut bytes).map_err(in_array)?;
        let (element, big_endian) = match &header.type_descriptor {
            Value::String(dtype) => match dtype.as_str() {
                "<f8" => (Some(Element::Double), false),
                ">f8" => (Some(Element::Double), true),
                "<f4" => (Some(Element::Single), false),
                ">f4" => (Some(Element::Single), true),
                _ => (None, false),
            },
            _ => (None, false),
        };
        let stored = Stored {
            name: name.to_owned(),
            shape: header.shape,
            element,
            dtype: header.type_descriptor.to_string(),
            big_endian,
            columns_first: header.layout.is_fortran(),
            bytes,
        };
        arrays.push(stored.decode(path)?);
    }
    Ok(arrays)
}
