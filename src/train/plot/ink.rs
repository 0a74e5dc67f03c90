//! What all panels share: colors, type, and the size of a pixel.

use super::error::PlotError;
use plotters::coord::Shift;
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use std::io;

pub(super) const INK: RGBColor = RGBColor(38, 50, 56);
pub(super) const MUTED: RGBColor = RGBColor(132, 144, 152);
pub(super) const GRID: RGBColor = RGBColor(230, 234, 237);

/// The colors of layers, in their order: apart for those too who see red and green alike.
const LAYERS: [RGBColor; 8] = [
    RGBColor(33, 102, 172),
    RGBColor(200, 62, 45),
    RGBColor(214, 150, 20),
    RGBColor(27, 135, 100),
    RGBColor(118, 84, 160),
    RGBColor(70, 170, 210),
    RGBColor(205, 90, 150),
    RGBColor(110, 90, 60),
];

/// The color of the layer at a place.
pub(super) fn color(place: usize) -> RGBColor {
    LAYERS[place % LAYERS.len()]
}

/// The heights of titles and of other words, and the room around a panel, in pixels as shown.
pub(super) const TITLE: f64 = 19.0;
pub(super) const WORDS: f64 = 13.5;
pub(super) const MARGIN: f64 = 14.0;

const FONT: &str = "Helvetica, Arial, sans-serif";

/// Plotters rounds to whole pixels, which makes curves jagged: drawn larger by this and shown smaller, they
/// are smooth.
pub(super) const SCALE: u32 = 4;

/// Where something is drawn.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Pixels as shown, in those drawn.
pub(super) fn px(pixels: f64) -> i32 {
    (pixels * f64::from(SCALE)).round() as i32
}

/// Text of a height in pixels as shown.
pub(super) fn text(size: f64, color: &RGBColor) -> TextStyle<'static> {
    // Plotters divides by this what it writes into an SVG.
    (FONT, size * f64::from(SCALE) * 1.24).into_font().color(color)
}

/// How wide a text is in Helvetica, in pixels as shown, to a few per cent: no font is at hand to measure it.
pub(super) fn width(words: &str, size: f64) -> f64 {
    let wide = |c: char| match c {
        'i' | 'j' | 'l' | '\'' | '|' => 0.24,
        ' ' | 'f' | 't' | 'r' | '.' | ',' | ':' | ';' | '(' | ')' | 'I' | '·' => 0.31,
        '²' | '³' | '¹' | '₀'..='₉' | '-' => 0.36,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.84,
        'A'..='Z' => 0.7,
        _ => 0.56,
    };
    size * words.chars().map(wide).sum::<f64>()
}

/// A line of a width in pixels as shown.
pub(super) fn stroke(width: f64, color: impl Color) -> ShapeStyle {
    color.stroke_width(px(width).max(1) as u32)
}

/// Writes the title of a panel of a width.
pub(super) fn draw_title(area: &Area<'_>, title: &str, wide: f64) -> Result<(), PlotError> {
    // A long title becomes small rather than cut off.
    let room = (wide - 2.0 * MARGIN) / width(title, 1.0).max(1.0);
    let style = text(TITLE.min(room), &INK);
    area.draw(&Text::new(title, (px(MARGIN), px(MARGIN)), style)).map_err(failed)
}

pub(super) fn failed(error: DrawingAreaErrorKind<io::Error>) -> PlotError {
    PlotError::Draw { reason: error.to_string() }
}

/// The ink of a level: the lowest is dark.
pub(super) fn shade(level: usize, levels: usize) -> RGBAColor {
    INK.mix(0.85 - 0.6 * level as f64 / (levels.max(2) - 1) as f64)
}

pub(super) fn dashes(
    points: &[(i32, i32)],
    color: RGBColor,
) -> DashedPathElement<std::vec::IntoIter<(i32, i32)>, i32> {
    DashedPathElement::new(points.to_vec(), px(7.0), px(4.0), stroke(2.0, color))
}
