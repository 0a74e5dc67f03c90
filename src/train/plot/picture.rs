//! Panels side by side, and how they get into a file: [`Picture`].

use super::error::PlotError;
use super::images::Images;
use super::ink::{SCALE, failed, px};
use super::layer::Plot;
use crate::train::saved::file;
use plotters::prelude::*;
use std::path::Path;

/// The formats that a file's name may end in.
const FORMATS: &[&str] = if cfg!(feature = "png") { &["svg", "png"] } else { &["svg"] };

/// One or several plots and rows of images, side by side.
///
/// ```
/// use wengert::plot::{Picture, Plot};
/// let left = Plot::new("left", "x", "y").dots("", [(0.0, 1.0)]);
/// let right = Plot::new("right", "x", "y").dots("", [(0.0, 2.0)]);
/// let svg = Picture::of(left).and(right).size(400, 300).svg()?;
/// assert!(svg.contains(r#"width="800" height="300""#));
/// # Ok::<(), wengert::plot::PlotError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "`save` writes it"]
pub struct Picture {
    panels: Vec<Panel>,
    columns: usize,
    size: (u32, u32),
}

/// What a picture shows at one place.
#[derive(Clone, Debug)]
pub(super) enum Panel {
    Plot(Plot),
    Images(Images),
}

impl From<Plot> for Picture {
    fn from(plot: Plot) -> Self {
        vec![plot].into()
    }
}

impl From<Images> for Picture {
    fn from(images: Images) -> Self {
        Picture { panels: vec![Panel::Images(images)], ..Vec::<Plot>::new().into() }
    }
}

impl From<Vec<Plot>> for Picture {
    fn from(plots: Vec<Plot>) -> Self {
        let panels = plots.into_iter().map(Panel::Plot).collect();
        Picture { panels, columns: 3, size: (560, 460) }
    }
}

impl Picture {
    /// A picture of a [`Plot`], of several in a `Vec`, or of [`Images`].
    ///
    /// ```
    /// use wengert::plot::{Picture, Plot};
    /// assert!(Picture::of(Plot::new("t", "x", "y").dots("", [(0.0, 1.0)])).svg().is_ok());
    /// ```
    pub fn of(first: impl Into<Picture>) -> Self {
        first.into()
    }

    /// Adds what another picture shows.
    ///
    /// ```
    /// use wengert::plot::{Images, Picture, Plot};
    /// let plot = Plot::new("t", "x", "y").dots("", [(0.0, 1.0)]);
    /// let images = Images::new("i").image("gray", 1, &[0.5])?;
    /// assert!(Picture::of(plot).and(images).svg().is_ok());
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn and(mut self, next: impl Into<Picture>) -> Self {
        self.panels.extend(next.into().panels);
        self
    }

    /// At most so many panels side by side; three unless told otherwise.
    ///
    /// ```
    /// use wengert::plot::{Picture, Plot};
    /// let plot = Plot::new("t", "x", "y").dots("", [(0.0, 1.0)]);
    /// let picture = Picture::of(plot.clone()).and(plot).columns(1).size(400, 300);
    /// assert!(picture.svg()?.contains(r#"width="400" height="600""#));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = columns.max(1);
        self
    }

    /// Width and height of each panel in pixels; 560 by 460 unless told otherwise. A PNG has twice as many.
    ///
    /// ```
    /// use wengert::plot::{Picture, Plot};
    /// let plot = Plot::new("t", "x", "y").dots("", [(0.0, 1.0)]);
    /// assert!(Picture::of(plot).size(0, 300).svg().is_err());
    /// ```
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.size = (width, height);
        self
    }

    /// The picture as the text of an SVG. A character of a name that XML has no place for becomes `U+FFFD`.
    ///
    /// # Errors
    /// If a panel has nothing to show or a range that is none, or the picture is too small for its axes or too
    /// large for its coordinates.
    ///
    /// ```
    /// use wengert::plot::{Picture, Plot};
    /// let plot = Plot::new("t", "x", "y").dots("", [(0.0, 1.0)]);
    /// assert!(Picture::of(plot).svg()?.starts_with("<svg "));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn svg(&self) -> Result<String, PlotError> {
        const LEAST: u32 = 200;
        const MOST: u32 = 1 << 14;
        let (panels, (width, height)) = (self.panels.len(), self.size);
        let columns = self.columns.min(panels).max(1);
        let rows = panels.div_ceil(columns);
        let shown = (width.saturating_mul(columns as u32), height.saturating_mul(rows as u32));
        if panels == 0 || width.min(height) < LEAST || shown.0.max(shown.1) > MOST {
            return Err(PlotError::Size { panels, width, height });
        }
        let drawn = (shown.0 * SCALE, shown.1 * SCALE);
        let mut svg = String::new();
        {
            let root = SVGBackend::with_string(&mut svg, drawn).into_drawing_area();
            root.fill(&WHITE).map_err(failed)?;
            for (panel, area) in self.panels.iter().zip(root.split_evenly((rows, columns))) {
                let area = area.margin(px(2.0), px(2.0), px(2.0), px(2.0));
                let size = [f64::from(width) - 4.0, f64::from(height) - 4.0];
                match panel {
                    Panel::Plot(plot) => plot.draw(&area, size)?,
                    Panel::Images(images) => images.draw(&area, size)?,
                }
            }
            root.present().map_err(failed)?;
        }
        let svg = svg.replace(is_no_xml, "\u{FFFD}");
        let size = |(width, height)| format!("width=\"{width}\" height=\"{height}\"");
        Ok(svg.replacen(&size(drawn), &size(shown), 1))
    }

    /// Writes the picture to a file, in the format that its name ends in: `.svg`, or with the feature `png` also
    /// `.png`.
    ///
    /// The file is the old one or the new one, whatever happens meanwhile.
    ///
    /// # Errors
    /// Those of [`Picture::svg`], and if the file's name ends in no known format, or it cannot be written.
    ///
    /// ```
    /// use wengert::plot::{Picture, Plot, PlotError};
    /// let picture = Picture::of(Plot::new("t", "x", "y").dots("", [(0.0, 1.0)]));
    /// let directory = tempfile::tempdir()?;
    /// picture.save(directory.path().join("dot.svg"))?;
    /// let refused = picture.save(directory.path().join("dot.bmp")).unwrap_err();
    /// assert!(matches!(refused, PlotError::Format { found, .. } if found == "bmp"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        let path = path.as_ref();
        let end = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let bytes = match &*end {
            "svg" => self.svg()?.into_bytes(),
            #[cfg(feature = "png")]
            "png" => self.png()?,
            _ => {
                let path = path.to_owned();
                return Err(PlotError::Format { path, expected: FORMATS, found: end });
            }
        };
        file::replace(path, &bytes)
            .map_err(|source| PlotError::Io { path: path.to_owned(), source })
    }
}

/// Whether XML 1.0 (section 2.2) has no place for a character.
fn is_no_xml(c: char) -> bool {
    let is_control = c < ' ' && !matches!(c, '\t' | '\n' | '\r');
    is_control || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}
