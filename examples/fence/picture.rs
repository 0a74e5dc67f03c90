//! The picture of the fence and the fit: three panels of an SVG.

use crate::{Fit, Outcome, area, curve};
use plotters::coord::{CoordTranslate, Shift};
use plotters::prelude::*;
use std::path::{Path, PathBuf};

const INK: RGBColor = RGBColor(38, 50, 56);
const MUTED: RGBColor = RGBColor(144, 156, 164);
const GRID: RGBColor = RGBColor(232, 236, 239);
const BLUE: RGBColor = RGBColor(33, 102, 172);
const RED: RGBColor = RGBColor(200, 62, 45);
const GOLD: RGBColor = RGBColor(222, 160, 36);
const FONT: &str = "Helvetica, Arial, sans-serif";

type Panel<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// `target/fence.svg`, beside the manifest.
pub fn default_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target")
        .join("fence.svg")
}

/// Draws the ascent, the fit and the errors of all fits; the first fit is the one that converges.
pub fn draw(path: &Path, ascent: &[f64], points: &[(f64, f64)], fits: &[Fit]) -> Outcome<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let root = SVGBackend::new(path, (1500, 520)).into_drawing_area();
    root.fill(&WHITE)?;
    let panels = root.margin(16, 12, 16, 16).split_evenly((1, 3));
    draw_ascent(&panels[0], ascent)?;
    draw_fit(&panels[1], points, &fits[0])?;
    draw_errors(&panels[2], fits)?;
    root.present()?;
    Ok(())
}

fn style(size: u32, color: RGBColor) -> TextStyle<'static> {
    (FONT, size).into_font().color(&color)
}

/// The frame that all panels share; a macro, for the type of a chart names its coordinates.
macro_rules! chart {
    ($panel:expr, $title:expr, $x:expr, $y:expr, $x_name:expr, $y_name:expr, $y_label:expr) => {{
        let mut chart = ChartBuilder::on($panel)
            .caption($title, style(21, INK))
            .margin(8)
            .x_label_area_size(44)
            .y_label_area_size(64)
            .build_cartesian_2d($x, $y)?;
        chart
            .configure_mesh()
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(MUTED)
            .label_style(style(14, INK))
            .axis_desc_style(style(15, INK))
            .x_desc($x_name)
            .y_desc($y_name)
            .x_labels(6)
            .y_labels(7)
            .y_label_formatter(&$y_label)
            .draw()?;
        chart
    }};
}

fn draw_ascent(panel: &Panel, ascent: &[f64]) -> Outcome<()> {
    let title = "The fence: up the slope of the area";
    let whole = |v: &f64| format!("{v:.0}");
    let mut chart = chart!(
        panel,
        title,
        42.0..58.5,
        2430.0..2508.0,
        "length l (m)",
        "area (m²)",
        whole
    );
    let lengths = (420..=585).map(|l| f64::from(l) / 10.0);
    chart.draw_series(LineSeries::new(
        lengths.map(|l| (l, area(l))),
        BLUE.stroke_width(2),
    ))?;
    let steps: Vec<(f64, f64)> = ascent.iter().map(|&l| (l, area(l))).collect();
    let drops = steps
        .iter()
        .map(|&(l, y)| PathElement::new([(l, 2430.0), (l, y)], RED.mix(0.3)));
    chart.draw_series(drops)?;
    chart.draw_series(steps.iter().map(|&at| Circle::new(at, 4, RED.filled())))?;
    for &(l, y) in steps.iter().take(3) {
        label(&chart, (l, y), &format!("{l:.1}"), (10, -13), RED)?;
    }
    label(&chart, (50.0, 2500.0), "50.0: 2500 m²", (-46, -24), RED)?;
    Ok(())
}

fn draw_fit(panel: &Panel, points: &[(f64, f64)], fit: &Fit) -> Outcome<()> {
    let title = "The fit: a x² + b x";
    let whole = |v: &f64| format!("{v:.0}");
    let mut chart = chart!(panel, title, 0.0..100.0, -6000.0..3200.0, "x", "y", whole);
    let last = fit.path.len() - 1;
    let through = |ab: [f64; 2]| (0..=100).map(f64::from).map(move |x| (x, curve(ab, x)));
    // Some steps between the first and the last, paler, so that the way is seen.
    for step in [1, 2, 3, 5, 8, 13].into_iter().filter(|&step| step < last) {
        chart.draw_series(LineSeries::new(through(fit.path[step]), GOLD.mix(0.55)))?;
    }
    chart.draw_series(LineSeries::new(through(fit.path[0]), GOLD.stroke_width(2)))?;
    let dots = points
        .iter()
        .step_by(2)
        .map(|&at| Circle::new(at, 3, BLUE.mix(0.75).filled()));
    chart.draw_series(dots)?;
    chart.draw_series(LineSeries::new(
        through(fit.path[last]),
        RED.stroke_width(2),
    ))?;
    let first = curve(fit.path[0], 50.0);
    label(
        &chart,
        (50.0, 2500.0),
        "last: a = -1, b = 100",
        (-66, -24),
        RED,
    )?;
    label(
        &chart,
        (50.0, first),
        "first: a = -2, b = 30",
        (-150, 6),
        GOLD,
    )?;
    label(&chart, (82.0, 1476.0), "data", (10, -10), BLUE)?;
    label(&chart, (20.0, -700.0), "between", (-44, 24), GOLD)?;
    Ok(())
}

fn draw_errors(panel: &Panel, fits: &[Fit]) -> Outcome<()> {
    let title = "The error of the fit, step by step";
    let steps = (fits[0].errors.len() as f64 / 50.0).ceil() * 50.0;
    let power = |v: &f64| format!("{v:.0e}");
    let errors = (1e-9..1e7).log_scale();
    let mut chart = chart!(
        panel,
        title,
        0.0..steps,
        errors,
        "step",
        "mean absolute error",
        power
    );
    for (fit, color) in fits.iter().zip([RED, MUTED, GOLD]) {
        let line = fit
            .errors
            .iter()
            .enumerate()
            .map(|(step, &error)| (step as f64, error));
        let line = line.take_while(|&(step, _)| step <= steps);
        chart.draw_series(LineSeries::new(line, color.stroke_width(2)))?;
    }
    let middle = steps * 0.4;
    label(
        &chart,
        (middle, fits[1].errors[1]),
        &fits[1].name,
        (0, -40),
        INK,
    )?;
    label(
        &chart,
        (middle, fits[2].errors[0]),
        &fits[2].name,
        (0, -22),
        GOLD,
    )?;
    label(&chart, (middle, 1.0), &fits[0].name, (0, 0), RED)?;
    Ok(())
}

/// Writes a text some pixels off a point.
fn label<'a, C: CoordTranslate<From = (f64, f64)>>(
    chart: &ChartContext<'a, SVGBackend<'a>, C>,
    at: (f64, f64),
    text: &str,
    off: (i32, i32),
    color: RGBColor,
) -> Outcome<()> {
    let text = Text::new(text.to_owned(), off, style(14, color));
    Ok(chart.plotting_area().draw(&(EmptyElement::at(at) + text))?)
}
