//! Pictures as PNG: the SVG, rendered.
//!
//! So both formats show the same. Type is set in Ubuntu Light, which comes with the program: a machine without
//! fonts draws the same picture.

use super::error::PlotError;
use super::picture::Picture;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Pixels of a PNG for each of the picture, along each side.
const SHARPNESS: f32 = 2.0;

impl Picture {
    /// The picture as the bytes of a PNG, with twice as many pixels along each side, for sharp screens. With
    /// the feature `png`.
    ///
    /// # Errors
    /// Those of [`Picture::svg`].
    ///
    /// ```
    /// use wengert::plot::{Picture, Plot};
    /// let plot = Plot::new("t", "x", "y").dots("", [(0.0, 1.0)]);
    /// assert!(Picture::of(plot).png()?.starts_with(b"\x89PNG"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        let failed = |reason: String| PlotError::Draw { reason };
        let mut options = Options::default();
        let fonts = options.fontdb_mut();
        fonts.load_font_data(epaint_default_fonts::UBUNTU_LIGHT.to_vec());
        fonts.set_sans_serif_family("Ubuntu");
        let tree = Tree::from_str(&self.svg()?, &options).map_err(|e| failed(e.to_string()))?;
        let size = tree.size().to_int_size().scale_by(SHARPNESS);
        let pixels = size.and_then(|size| Pixmap::new(size.width(), size.height()));
        let mut pixels = pixels.ok_or_else(|| failed("there is no room for the pixels".into()))?;
        resvg::render(&tree, Transform::from_scale(SHARPNESS, SHARPNESS), &mut pixels.as_mut());
        pixels.encode_png().map_err(|e| failed(e.to_string()))
    }
}
