//! Pictures: losses, fits, residuals, decision boundaries, contours with the paths of optimisers, images.
//!
//! A [`Plot`] is a pair of axes with layers; some come ready made ([`Plot::fit`], [`Plot::contour`] and others), and
//! each takes more lines, dots and paths. A [`Picture`] is one or several of them, and [`Images`], side by side.
//! The file's name says the format: SVG, and with the feature `png` also PNG. Numbers that are not finite, or not
//! above 0 on a logarithmic axis, are gaps.
//!
//! ```
//! use wengert::plot::{Picture, Plot};
//! let points: Vec<(f64, f64)> = (0..40).map(|i| f64::from(i) * 0.1).map(|x| (x, x.sin())).collect();
//! let fit = Plot::fit("A cubic", &points, |x| x - x.powi(3) / 6.0);
//! let errors = points.iter().map(|(x, y)| (*x, (x - x.powi(3) / 6.0 - y).abs()));
//! let errors = Plot::new("Its error", "x", "error").line("absolute", errors).log_y();
//! let directory = tempfile::tempdir()?;
//! let file = directory.path().join("cubic.svg");
//! Picture::of(fit).and(errors).save(&file)?;
//! assert!(std::fs::read_to_string(&file)?.contains("A cubic"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod axis;
mod draw;
mod error;
mod frame;
mod grid;
mod images;
mod ink;
mod layer;
mod picture;
#[cfg(feature = "png")]
mod png;
mod ready;

pub use error::PlotError;
pub use images::Images;
pub use layer::Plot;
pub use picture::Picture;
