//! The picture of the fence and the fit: three panels of an SVG.

use crate::{Fit, Outcome, area, curve};
use plotters::coord::{CoordTranslate, Shift};
use plotters::prelude::*;
use std::path::{Path, PathBuf};

const INK: RGBColor = RGBColor(38, 50, 56);
const MUTED: RGBColor = RGBColor(132, 144, 152);
const GRID: RGBColor = RGBColor(230, 234, 237);
const BLUE: RGBColor = RGBColor(33, 102, 172);
const RED: RGBColor = RGBColor(200, 62, 45);
const GOLD: RGBColor = RGBColor(199, 138, 20);
const FONT: &str = "Helvetica, Arial, sans-serif";

/// Plotters rounds to whole pixels, which makes curves jagged: drawn larger by this and shown at
/// `SHOWN`, they are smooth.
const SCALE: u32 = 4;
/// Width and height as shown.
const SHOWN: (u32, u32) = (1500, 520);

type Panel<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// `fence.svg` in Cargo's target folder, wherever that is: three above this program, which is in
/// `release/examples`.
pub(crate) fn default_path() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.ancestors().nth(3).unwrap_or(Path::new(".")).join("fence.svg")
}

/// Draws the ascent, the fit and the errors of all fits; the first fit is the one that converges.
pub(crate) fn draw(
    path: &Path,
    ascent: &[f64],
    points: &[(f64, f64)],
    fits: &[Fit],
) -> Outcome<()> {
    let (width, height) = (SHOWN.0 * SCALE, SHOWN.1 * SCALE);
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        root.fill(&WHITE)?;
        let panels = root.margin(px(12), px(8), px(8), px(12)).split_evenly((1, 3));
        draw_ascent(&panels[0], ascent)?;
        draw_fit(&panels[1], points, &fits[0])?;
        draw_errors(&panels[2], fits)?;
        root.present()?;
    }
    let size = |(width, height)| format!("width=\"{width}\" height=\"{height}\"");
    let svg = svg.replacen(&size((width, height)), &size(SHOWN), 1);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok(std::fs::write(path, svg)?)
}

/// Pixels as shown, in those drawn.
fn px(pixels: i32) -> i32 {
    pixels * SCALE as i32
}

fn text(size: u32, color: RGBColor) -> TextStyle<'static> {
    (FONT, size * SCALE).into_font().color(&color)
}

fn line(color: RGBColor) -> ShapeStyle {
    color.stroke_width(2 * SCALE)
}

/// The frame that all panels share; a macro, because the type of a chart names its coordinates.
macro_rules! chart {
    ($panel:expr, $title:expr, $x:expr, $y:expr, $x_name:expr, $y_name:expr, $y_label:expr) => {{
        let mut chart = ChartBuilder::on($panel)
            .caption($title, text(20, INK))
            .margin(px(10))
            .x_label_area_size(px(44))
            .y_label_area_size(px(62))
            .build_cartesian_2d($x, $y)?;
        chart
            .configure_mesh()
            .bold_line_style(GRID.stroke_width(SCALE))
            .light_line_style(TRANSPARENT)
            .axis_style(MUTED.stroke_width(SCALE))
            .set_all_tick_mark_size(px(4))
            .label_style(text(14, INK))
            .axis_desc_style(text(15, INK))
            .x_desc($x_name)
            .y_desc($y_name)
            .x_labels(6)
            .y_labels(7)
            .x_label_formatter(&|x| format!("{x:.0}"))
            .y_label_formatter(&$y_label)
            .draw()?;
        chart
    }};
}

/// Writes a text some pixels off a point.
fn label<'a, C: CoordTranslate<From = (f64, f64)>>(
    chart: &ChartContext<'a, SVGBackend<'a>, C>,
    at: (f64, f64),
    off: (i32, i32),
    words: &str,
    color: RGBColor,
) -> Outcome<()> {
    let words = Text::new(words.to_owned(), (px(off.0), px(off.1)), text(14, color));
    Ok(chart.plotting_area().draw(&(EmptyElement::at(at) + words))?)
}

fn dot(at: (f64, f64), radius: u32, color: RGBColor) -> Circle<(f64, f64), u32> {
    Circle::new(at, radius * SCALE, color.filled())
}

fn draw_ascent(panel: &Panel, ascent: &[f64]) -> Outcome<()> {
    let title = "The fence: up the slope of the area";
    let (x, y) = (42.0..58.0, 2430.0..2506.0);
    let whole = |y: &f64| format!("{y:.0}");
    let mut chart = chart!(panel, title, x, y, "length l (m)", "area l (100 - l) (m²)", whole);
    let lengths = (420..=580).map(|l| f64::from(l) / 10.0);
    chart.draw_series(LineSeries::new(lengths.map(|l| (l, area(l))), line(BLUE)))?;
    let steps: Vec<(f64, f64)> = ascent.iter().map(|&l| (l, area(l))).collect();
    let pale = RED.mix(0.25).stroke_width(SCALE);
    // Where the steps crowd, their drops would run into one thick line.
    let drops = steps.iter().take(6).map(|&(l, y)| PathElement::new([(l, 2430.0), (l, y)], pale));
    chart.draw_series(drops)?;
    chart.draw_series(steps.iter().map(|&at| dot(at, 4, RED)))?;
    for &(l, y) in steps.iter().take(3) {
        let off = if l > 56.0 { (-36, -6) } else { (9, -12) };
        label(&chart, (l, y), off, &format!("{l:.1}"), RED)?;
    }
    label(&chart, (50.0, 2500.0), (-110, -22), "50.0 m: 2500 m²", RED)
}

fn draw_fit(panel: &Panel, points: &[(f64, f64)], fit: &Fit) -> Outcome<()> {
    let title = "The fit of a x² + b x by mean absolute error";
    let floor = -4000.0;
    let whole = |y: &f64| format!("{y:.0}");
    let mut chart = chart!(panel, title, 0.0..100.0, floor..3200.0, "x", "y", whole);
    let through = |ab: [f64; 2]| {
        let xs = (0..1000).map(|x| f64::from(x) / 10.0);
        xs.map(move |x| (x, curve(ab, x))).take_while(|&(_, y)| y >= floor)
    };
    let (first, last) = (fit.path[0], fit.path[fit.path.len() - 1]);
    chart.draw_series(points.iter().step_by(3).map(|&at| dot(at, 4, BLUE)))?;
    chart.draw_series(LineSeries::new(through(first), line(GOLD)))?;
    chart.draw_series(LineSeries::new(through(last), line(RED)))?;
    label(&chart, (78.0, 1716.0), (12, -8), "the data", BLUE)?;
    let name = |[a, b]: [f64; 2]| format!("a = {a:.0}, b = {b:.0}");
    label(&chart, (45.0, -2700.0), (-172, -4), &format!("first: {}", name(first)), GOLD)?;
    label(&chart, (50.0, 2500.0), (-72, 36), &format!("last: {}", name(last)), RED)
}

fn draw_errors(panel: &Panel, fits: &[Fit]) -> Outcome<()> {
    let title = "The error of the fit, step by step";
    let steps = (fits[0].errors.len() as f64 / 40.0).ceil() * 40.0;
    let errors = (1e-9..1e6).log_scale();
    let power = |y: &f64| format!("{y:.0e}");
    let mut chart = chart!(panel, title, 0.0..steps, errors, "step", "mean absolute error", power);
    for (fit, color) in fits.iter().zip([RED, MUTED, GOLD]).rev() {
        let errors = fit.errors.iter().enumerate().map(|(step, &error)| (step as f64, error));
        let errors = errors.take_while(|&(step, _)| step <= steps);
        chart.draw_series(LineSeries::new(errors, line(color)))?;
    }
    let at = (steps * 0.45, fits[0].errors[0]);
    label(&chart, at, (0, -24), &format!("{}: too short for b", fits[2].name), GOLD)?;
    label(&chart, at, (0, 32), &format!("{}: too long for a", fits[1].name), MUTED)?;
    label(&chart, (steps * 0.45, 0.3), (-20, 4), &fits[0].name, RED)
}
