//! A pair of axes and what is shown on them: [`Plot`].

use super::axis::{Scale, between};
use super::error::PlotError;
use super::ink::{INK, color};
use super::picture::Picture;
use plotters::style::RGBColor;
use std::path::Path;

pub(super) type Points = Vec<(f64, f64)>;

/// A pair of axes with layers: lines, dots, paths, marks.
///
/// Each layer takes the next of eight colors, and its name stands in the legend above the axes. The axes span
/// what is shown, with some room, unless a range is given; what is beyond the range is cut off.
///
/// ```
/// use wengert::plot::Plot;
/// let steps = [1.0, 0.5, 0.25, 0.125];
/// let points = steps.iter().enumerate().map(|(step, error)| (step as f64, *error));
/// let svg = Plot::new("Halving", "step", "error").line("error", points).log_y().svg()?;
/// assert!(svg.starts_with("<svg ") && svg.contains("Halving"));
/// # Ok::<(), wengert::plot::PlotError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "`save` writes it"]
pub struct Plot {
    pub(super) title: String,
    pub(super) x: AxisOptions,
    pub(super) y: AxisOptions,
    pub(super) layers: Vec<Layer>,
}

#[derive(Clone, Debug)]
pub(super) struct AxisOptions {
    pub(super) name: String,
    pub(super) scale: Scale,
    pub(super) range: Option<[f64; 2]>,
}

#[derive(Clone, Debug)]
pub(super) struct Layer {
    /// What the legend says; nothing if it is empty.
    pub(super) name: String,
    /// Its place among the colors; none for what is ink.
    pub(super) color: Option<usize>,
    pub(super) shape: Shape,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Line {
        points: Points,
        is_dashed: bool,
    },
    Dots(Points),
    /// A line from an open ring to a full dot.
    Path(Points),
    /// A ring with words beside it.
    Mark {
        at: (f64, f64),
        words: String,
    },
    /// A level across the whole plot.
    Rule {
        y: f64,
    },
    /// Lines of equal value, the lowest level first, and a place where there is a value.
    Levels {
        seen: Option<(f64, f64)>,
        levels: Vec<f64>,
        lines: Vec<Vec<Points>>,
    },
    /// Where a function is at least 0, and where it is 0: strips of from, to, bottom, top.
    Sides {
        strips: Vec<[f64; 4]>,
        boundary: Vec<Points>,
    },
}

impl Layer {
    pub(super) fn color(&self) -> RGBColor {
        self.color.map_or(INK, color)
    }
}

impl Plot {
    /// Axes with nothing on them.
    ///
    /// ```
    /// let plot = wengert::plot::Plot::new("A title", "x (m)", "y (s)");
    /// assert!(plot.svg().is_err()); // nothing to show yet
    /// ```
    pub fn new(title: impl Into<String>, x: impl Into<String>, y: impl Into<String>) -> Self {
        let axis = |name| AxisOptions { name, scale: Scale::Linear, range: None };
        let (x, y) = (axis(x.into()), axis(y.into()));
        Plot { title: title.into(), x, y, layers: Vec::new() }
    }

    /// Adds a layer of the next color.
    pub(super) fn layer(self, name: impl Into<String>, shape: Shape) -> Self {
        let last = self.layers.iter().filter_map(|layer| layer.color).max();
        let color = Some(last.map_or(0, |last| last + 1));
        self.colored(color, name, shape)
    }

    /// Adds a layer of the last color.
    fn same_color(self, name: impl Into<String>, shape: Shape) -> Self {
        let color = self.layers.last().and_then(|layer| layer.color);
        self.colored(color, name, shape)
    }

    /// Adds a layer of ink.
    pub(super) fn ink(self, name: impl Into<String>, shape: Shape) -> Self {
        self.colored(None, name, shape)
    }

    fn colored(mut self, color: Option<usize>, name: impl Into<String>, shape: Shape) -> Self {
        self.layers.push(Layer { name: name.into(), color, shape });
        self
    }

    /// A line through points.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// let plot = Plot::new("t", "x", "y").line("up", [(0.0, 1.0), (1.0, 2.0)]);
    /// assert!(plot.svg()?.contains("<polyline"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn line(
        self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let points = points.into_iter().collect();
        self.layer(name, Shape::Line { points, is_dashed: false })
    }

    /// A dashed line in the color of the layer before, to which it belongs.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// let plot = Plot::new("t", "step", "loss");
    /// let plot = plot.line("training", [(1.0, 1.0), (2.0, 0.5)]).dashed("held back", [(1.0, 2.0), (2.0, 0.9)]);
    /// assert!(plot.svg()?.contains("held back"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn dashed(
        self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let points = points.into_iter().collect();
        self.same_color(name, Shape::Line { points, is_dashed: true })
    }

    /// A line through 512 points of a function, from one `x` to another.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// assert!(Plot::new("t", "x", "y").curve("sine", [0.0, 3.0], f64::sin).svg().is_ok());
    /// ```
    pub fn curve(self, name: impl Into<String>, ends: [f64; 2], f: impl FnMut(f64) -> f64) -> Self {
        let xs = (0..512).map(|i| between(ends, f64::from(i) / 511.0));
        let mut f = f;
        self.line(name, xs.map(|x| (x, f(x))).collect::<Points>())
    }

    /// Dots at points.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// let svg = Plot::new("t", "x", "y").dots("data", [(0.0, 1.0), (1.0, 2.0)]).svg()?;
    /// assert!(svg.contains("<circle"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn dots(
        self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let points = points.into_iter().collect();
        self.layer(name, Shape::Dots(points))
    }

    /// The path of a search: a line from an open ring to a full dot, with a small dot for each step if these do
    /// not crowd.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// let bowl = Plot::contour("A bowl", [-1.0, 1.0], [-1.0, 1.0], |x, y| x * x + 4.0 * y * y);
    /// assert!(bowl.path("downhill", [(0.9, 0.9), (0.4, 0.1), (0.0, 0.0)]).svg()?.contains("downhill"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn path(
        self,
        name: impl Into<String>,
        points: impl IntoIterator<Item = (f64, f64)>,
    ) -> Self {
        let points = points.into_iter().collect();
        self.layer(name, Shape::Path(points))
    }

    /// A ring at a point with words beside it, in the color of the layer before.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// let plot = Plot::new("t", "x", "y").line("", [(0.0, 1.0), (1.0, 2.0)]).mark((1.0, 2.0), "the end");
    /// assert!(plot.svg()?.contains("the end"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn mark(self, at: (f64, f64), words: impl Into<String>) -> Self {
        let words = words.into();
        self.same_color("", Shape::Mark { at, words })
    }

    /// Makes the horizontal axis logarithmic.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// let svg = Plot::new("t", "x", "y").line("", [(1.0, 1.0), (1e6, 2.0)]).log_x().svg()?;
    /// assert!(svg.contains("1e6"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn log_x(mut self) -> Self {
        self.x.scale = Scale::Log;
        self
    }

    /// Makes the vertical axis logarithmic.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// let svg = Plot::new("t", "x", "y").line("", [(1.0, 1e-9), (2.0, 1.0)]).log_y().svg()?;
    /// assert!(svg.contains("1e-8"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn log_y(mut self) -> Self {
        self.y.scale = Scale::Log;
        self
    }

    /// The ends of the horizontal axis.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// let plot = Plot::new("t", "x", "y").line("", [(0.0, 1.0), (9.0, 2.0)]);
    /// assert!(plot.clone().x_range(0.0, 1.0).svg().is_ok() && plot.x_range(1.0, 0.0).svg().is_err());
    /// ```
    pub fn x_range(mut self, from: f64, to: f64) -> Self {
        self.x.range = Some([from, to]);
        self
    }

    /// The ends of the vertical axis.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// let plot = Plot::new("t", "x", "y").line("", [(0.0, 1.0), (9.0, 2.0)]);
    /// assert!(plot.clone().y_range(0.0, 1.0).svg().is_ok() && plot.log_y().y_range(0.0, 1.0).svg().is_err());
    /// ```
    pub fn y_range(mut self, from: f64, to: f64) -> Self {
        self.y.range = Some([from, to]);
        self
    }

    /// Other names for the axes.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// let plot = Plot::fit("Growth", &[(0.0, 1.0), (1.0, 2.0)], |x| x + 1.0).names("time (s)", "height (m)");
    /// assert!(plot.svg()?.contains("time (s)"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn names(mut self, x: impl Into<String>, y: impl Into<String>) -> Self {
        (self.x.name, self.y.name) = (x.into(), y.into());
        self
    }

    /// The picture as the text of an SVG.
    ///
    /// # Errors
    /// If there is nothing to show, or a range is none.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// assert!(Plot::new("t", "x", "y").dots("", [(1.0, 1.0)]).svg()?.ends_with("</svg>\n"));
    /// # Ok::<(), wengert::plot::PlotError>(())
    /// ```
    pub fn svg(&self) -> Result<String, PlotError> {
        Picture::of(self.clone()).svg()
    }

    /// Writes the picture to a file: see [`Picture::save`].
    ///
    /// # Errors
    /// Those of [`Plot::svg`], and if the file's name ends in no known format, or it cannot be written.
    ///
    /// ```
    /// # use wengert::plot::Plot;
    /// let directory = tempfile::tempdir()?;
    /// Plot::new("t", "x", "y").dots("", [(1.0, 1.0)]).save(directory.path().join("dot.svg"))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), PlotError> {
        Picture::of(self.clone()).save(path)
    }
}
