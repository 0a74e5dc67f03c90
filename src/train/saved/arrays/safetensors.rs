//! Files of safetensors: a header in JSON, then the numbers of all arrays.

use super::array::{self, Array, Element, Stored};
use super::error::ArrayError;
use crate::{Params, Real};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::path::Path;

const KIND: &str = ".safetensors";
/// The key of the header that is no array.
const RESERVED: &str = "__metadata__";
/// Where the header begins, behind its length.
const HEADER: usize = 8;

impl<F: Real> Params<F> {
    /// Writes all parameters as a `.safetensors` file, an array for each name: scalars without extents, blocks
    /// with one, arrays with theirs, in the precision of the parameters. A file that is there is replaced as a
    /// whole, and on an error stays as it was. Needs the feature `safetensors`.
    ///
    /// ```text
    /// >>> safetensors.numpy.load_file("line.safetensors")["slopes"]
    /// array([2. , 0.5])
    /// ```
    ///
    /// # Errors
    /// If the file cannot be written, or a parameter is named `__metadata__`.
    ///
    /// ```
    /// use wengert::Params;
    /// let file = std::env::temp_dir().join(format!("wengert-line-{}.safetensors", std::process::id()));
    /// let mut params = Params::from_scalars([("offset", 1.0)])?;
    /// params.insert_block("slopes", &[2.0, 0.5])?;
    /// params.save_safetensors(&file)?;
    /// assert_eq!(Params::from_safetensors(&file)?, params);
    /// # std::fs::remove_file(&file)?;
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn save_safetensors(&self, path: impl AsRef<Path>) -> Result<(), ArrayError> {
        if self.range(RESERVED).is_ok() {
            return Err(ArrayError::Name { name: RESERVED.to_owned(), kind: KIND });
        }
        let path = path.as_ref();
        let bytes = encode(self).map_err(|error| ArrayError::Io {
            path: path.to_owned(),
            source: std::io::Error::other(error.to_string()),
        })?;
        array::write(path, &bytes)
    }

    /// Takes the numbers of all parameters from a `.safetensors` file. Numbers of single precision are widened,
    /// which is exact; an infinity or NaN is taken as it is. The format has no checksum: a file that is cut short,
    /// or whose header has changed, is noticed, and numbers that have changed are not. Needs the feature
    /// `safetensors`.
    ///
    /// # Errors
    /// If the file cannot be read, is none or damaged, has more or fewer arrays than there are names, or one of
    /// another shape, or numbers that are no floating-point numbers of at most the precision of the parameters.
    /// All parameters keep their numbers then.
    ///
    /// ```
    /// use wengert::Params;
    /// let file = std::env::temp_dir().join(format!("wengert-load-{}.safetensors", std::process::id()));
    /// Params::from_scalars([("a", 1.5_f32), ("b", 2.0)])?.save_safetensors(&file)?;
    /// let mut params = Params::from_scalars([("b", 0.0), ("a", 0.0)])?;
    /// params.load_safetensors(&file)?;
    /// assert_eq!(params.values(), [2.0, 1.5]);
    /// # std::fs::remove_file(&file)?;
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn load_safetensors(&mut self, path: impl AsRef<Path>) -> Result<(), ArrayError> {
        let path = path.as_ref();
        array::load(self, decode(path)?, path)
    }

    /// Parameters of all arrays of a `.safetensors` file, in the order of their names. Needs the feature
    /// `safetensors`.
    ///
    /// # Errors
    /// As [`Params::load_safetensors`], but for names and shapes, which are those of the file.
    ///
    /// ```
    /// use wengert::Params;
    /// let file = std::env::temp_dir().join(format!("wengert-from-{}.safetensors", std::process::id()));
    /// let mut params = Params::new();
    /// params.insert_array("w", &[2, 1], &[1.0, 2.0])?;
    /// params.save_safetensors(&file)?;
    /// assert_eq!(Params::<f64>::from_safetensors(&file)?.shape("w")?, [2, 1]);
    /// # std::fs::remove_file(&file)?;
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn from_safetensors(path: impl AsRef<Path>) -> Result<Self, ArrayError> {
        Ok(array::collected(decode(path.as_ref())?))
    }
}

fn encode<F: Real>(params: &Params<F>) -> Result<Vec<u8>, safetensors::SafeTensorError> {
    let dtype = match Element::of::<F>() {
        Element::Single => Dtype::F32,
        Element::Double => Dtype::F64,
    };
    let arrays: Vec<(&str, &[usize], Vec<u8>)> =
        params.arrays().map(|(name, shape, values)| (name, shape, array::bytes(values))).collect();
    let views = arrays.iter().map(|(name, shape, bytes)| {
        TensorView::new(dtype, shape.to_vec(), bytes).map(|view| (*name, view))
    });
    safetensors::serialize(views.collect::<Result<Vec<_>, _>>()?, None)
}

fn decode<F: Real>(path: &Path) -> Result<Vec<Array<F>>, ArrayError> {
    let bytes = array::read(path)?;
    if bytes.get(HEADER) != Some(&b'{') {
        return Err(ArrayError::Foreign { path: path.to_owned(), expected: KIND });
    }
    let file = SafeTensors::deserialize(&bytes).map_err(|error| ArrayError::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    let mut views = file.tensors();
    views.sort_by(|a, b| a.0.cmp(&b.0));
    let stored = views.into_iter().map(|(name, view)| Stored {
        name,
        shape: view.shape().to_vec(),
        element: match view.dtype() {
            Dtype::F32 => Some(Element::Single),
            Dtype::F64 => Some(Element::Double),
            _ => None,
        },
        dtype: view.dtype().to_string(),
        big_endian: false,
        columns_first: false,
        bytes: view.data(),
    });
    stored.map(|stored| stored.decode(path)).collect()
}
