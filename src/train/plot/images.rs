//! Small images side by side: [`Images`].

use super::error::PlotError;
use super::ink::{
    Area, GRID, INK, MARGIN, TITLE, WORDS, draw_title, failed, px, stroke, text, width,
};
use super::picture::Picture;
use plotters::prelude::*;
use std::path::Path;

/// Small gray images in rows, each with a caption: digits that were read wrongly, filters, weights.
///
/// The least number of an image is white, the greatest is ink.
///
/// ```
/// use wengert::plot::Images;
/// let svg = Images::new("Two digits")
///     .image("a one", 3, &[0.0, 9.0, 0.0, 0.0, 9.0, 0.0])?
///     .image("a bar", 3, &[0.0, 0.0, 0.0, 5.0, 5.0, 5.0])?
///     .svg()?;
/// assert!(svg.contains("a one") && svg.contains("a bar"));
/// # Ok::<(), wengert::plot::PlotError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "`save` writes it"]
pub struct Images {
    title: String,
    list: Vec<Image>,
}

#[derive(Clone, Debug)]
struct Image {
    caption: String,
    columns: usize,
    /// Row by row from the top, from 0 for white to 1 for ink.
    shades: Vec<f64>,
}

impl Images {
    /// No image yet.
    ///
    /// ```
    /// let refused = wengert::plot::Images::new("none").svg().unwrap_err();
    /// assert_eq!(refused.to_string(), "\"none\" has no image to show");
    /// ```
    pub fn new(title: impl Into<String>) -> Self {
        Images { title: title.into(), list: Vec::new() }
    }

    /// Adds an image of so many columns; its pixels come row by row, from the top.
    ///
    /// # Errors
    /// If there are no pixels, or the last row is not full.
    ///
    /// ```
    /// use wengert::plot::{Images, PlotError};
    /// let refused = Images::new("t").image("ragged", 2, &[0.0, 1.0, 0.5]).unwrap_err();
    /// assert!(matches!(refused, PlotError::Pixels { expected: 2, found: 3 }));
    /// ```
    pub fn image(
        mut self,
        caption: impl Into<String>,
        columns: usize,
        pixels: &[f64],
    ) -> Result<Self, PlotError> {
        if columns == 0 || pixels.is_empty() || !pixels.len().is_multiple_of(columns) {
            return Err(PlotError::Pixels { expected: columns, found: pixels.len() });
        }
        let finite = pixels.iter().copied().filter(|x| x.is_finite());
        let least = finite.clone().fold(f64::INFINITY, f64::min);
        let span = finite.fold(f64::NEG_INFINITY, f64::max) - least;
        let shade = |x: &f64| if span > 0.0 { ((x - least) / span).clamp(0.0, 1.0) } else { 0.0 };
        let shades = pixels.iter().map(shade).map(|x| if x.is_nan() { 0.0 } else { x }).collect();
        self.list.push(Image { caption: caption.into(), columns, shades });
        Ok(self)
    }

    /// The picture as the text of an SVG.
    ///
    /// # Errors
    /// If there is no image.
    ///
    /// ```
    /// use wengert::plot::Images;
    /// assert!(Images::new("t").image("white", 1, &[0.0])?.svg()?.starts_with("<svg "));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn svg(&self) -> Result<String, PlotError> {
        Picture::of(self.clone()).svg()
    }

    /// Writes the picture to a file: see [`Picture::save`].
    ///
    /// # Errors
    /// Those of [`Images::svg`], and if the file's name ends in no known format, or it cannot be written.
    ///
    /// ```
    /// use wengert::plot::Images;
    /// let directory = tempfile::tempdir()?;
    /// Images::new("t").image("gray", 2, &[0.0, 1.0])?.save(directory.path().join("gray.svg"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        Picture::of(self.clone()).save(path)
    }

    pub(super) fn draw(&self, area: &Area<'_>, [wide, high]: [f64; 2]) -> Result<(), PlotError> {
        if self.list.is_empty() {
            return Err(PlotError::NoImages { title: self.title.clone() });
        }
        draw_title(area, &self.title, wide)?;
        let top = MARGIN + TITLE + 14.0;
        let [wide, high] = [wide - 2.0 * MARGIN, high - top - MARGIN];
        // As many columns as make the images largest.
        let cell = |columns: usize| {
            let rows = self.list.len().div_ceil(columns);
            (wide / columns as f64).min(high / rows as f64 - WORDS - 12.0)
        };
        let best = (1..=self.list.len()).max_by(|a, b| cell(*a).total_cmp(&cell(*b)));
        let columns = best.unwrap_or(1);
        let side = (cell(columns) - 10.0).max(4.0);
        let step = [wide / columns as f64, side + WORDS + 22.0];
        for (at, image) in self.list.iter().enumerate() {
            let left = MARGIN + step[0] * (at % columns) as f64 + (step[0] - side) / 2.0;
            let top = top + step[1] * (at / columns) as f64;
            image.draw(area, [left, top], side)?;
            let room = 0.9 * step[0] / width(&image.caption, 1.0).max(1.0);
            let size = WORDS.min(room);
            let left = left + (side - width(&image.caption, size)) / 2.0;
            let at = (px(left), px(top + side + 5.0));
            area.draw(&Text::new(&*image.caption, at, text(size, &INK))).map_err(failed)?;
        }
        Ok(())
    }
}

impl Image {
    fn draw(&self, area: &Area<'_>, [left, top]: [f64; 2], side: f64) -> Result<(), PlotError> {
        let rows = self.shades.len() / self.columns;
        let pixel = side / self.columns.max(rows) as f64;
        // A smaller side is centered.
        let left = left + (side - pixel * self.columns as f64) / 2.0;
        let top = top + (side - pixel * rows as f64) / 2.0;
        let corner = |x: usize, y: usize| (px(left + pixel * x as f64), px(top + pixel * y as f64));
        for (at, shade) in self.shades.iter().enumerate().filter(|(_, shade)| **shade > 0.0) {
            let (x, y) = (at % self.columns, at / self.columns);
            let mixed = |ink: u8| (255.0 - shade * (255.0 - f64::from(ink))).round() as u8;
            let color = RGBColor(mixed(INK.0), mixed(INK.1), mixed(INK.2));
            let square = Rectangle::new([corner(x, y), corner(x + 1, y + 1)], color.filled());
            area.draw(&square).map_err(failed)?;
        }
        let frame = Rectangle::new([corner(0, 0), corner(self.columns, rows)], stroke(1.0, GRID));
        area.draw(&frame).map_err(failed)
    }
}
