//! What can go wrong with a picture: [`PlotError`].

use crate::real::{Short, counted};
use std::path::PathBuf;

/// Why there is no picture.
///
/// ```
/// use wengert::plot::{Plot, PlotError};
/// let refused = Plot::new("nothing", "x", "y").save("nothing.svg").unwrap_err();
/// assert!(matches!(refused, PlotError::Empty { .. }));
/// assert_eq!(refused.to_string(), "\"nothing\" has no finite point to show");
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlotError {
    /// Nothing that can be shown: no point, or none that is finite, or on a logarithmic axis none above 0.
    #[error("{title:?} has no finite point to show")]
    Empty {
        /// The title of what is empty.
        title: String,
    },
    /// Images, but none is given.
    #[error("{title:?} has no image to show")]
    NoImages {
        /// The title of what is empty.
        title: String,
    },
    /// The ends of an axis are not in order, not finite, or on a logarithmic axis not above 0.
    #[error("the axis {axis:?} cannot go from {} to {}", Short(*from), Short(*to))]
    Range {
        /// The axis.
        axis: String,
        /// Where it was to begin.
        from: f64,
        /// Where it was to end.
        to: f64,
    },
    /// Lists that go together have different lengths.
    #[error("{} for {} predicted", counted(*found, "observed value"), expected)]
    Length {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Pixels that make no rectangle.
    #[error("{} cannot be rows of {expected}", counted(*found, "pixel"))]
    Pixels {
        /// How wide the image is.
        expected: usize,
        /// How many pixels it has.
        found: usize,
    },
    /// A picture without panels, or of a size of 0.
    #[error("no picture has {} of {width} by {height} pixels", counted(*panels, "panel"))]
    Size {
        /// How many panels.
        panels: usize,
        /// How wide each is.
        width: u32,
        /// How high each is.
        height: u32,
    },
    /// The name of the file ends in no format that is offered. PNG needs the feature `png`.
    #[error("{} ends in {found:?}, not in one of {expected:?}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The formats there are.
        expected: &'static [&'static str],
        /// How its name ends.
        found: String,
    },
    /// The picture could not be drawn.
    #[error("the picture could not be drawn: {reason}")]
    Draw {
        /// What the drawing library says.
        reason: String,
    },
    /// The file could not be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
