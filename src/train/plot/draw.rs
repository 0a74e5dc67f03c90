//! Drawing a [`Plot`]: title, legend and axes; a [`Frame`] draws what is within.

use super::axis::{Axis, Scale, short};
use super::error::PlotError;
use super::frame::Frame;
use super::ink::{
    Area, GRID, INK, MARGIN, MUTED, TITLE, WORDS, dashes, draw_title, failed, px, shade, stroke,
    text, width,
};
use super::layer::{AxisOptions, Layer, Plot, Shape};
use plotters::prelude::*;

/// The height of a row of the legend, in pixels as shown.
const ROW: f64 = 21.0;
/// Of a layer's sample in the legend, with the space after it.
const SAMPLE: f64 = 34.0;
const GAP: f64 = 18.0;

impl Plot {
    pub(super) fn draw(&self, area: &Area<'_>, [wide, high]: [f64; 2]) -> Result<(), PlotError> {
        self.check_ranges()?;
        let empty = || PlotError::Empty { title: self.title.clone() };
        let horizontal = |point: &(f64, f64)| point.0;
        let vertical = |point: &(f64, f64)| point.1;
        let most = [(wide / 80.0) as usize, (high / 60.0) as usize];
        let x = axis(&self.x, self.numbers(horizontal), most[0]).ok_or_else(empty)?;
        let y = axis(&self.y, self.numbers(vertical), most[1]).ok_or_else(empty)?;
        let rows = self.legend_rows(wide - 2.0 * MARGIN);
        self.draw_head(area, &rows, wide)?;

        let longest = y.labels().map(|label| width(&label, WORDS)).fold(0.0, f64::max);
        let top = MARGIN + TITLE + 14.0 + ROW * rows.len() as f64 + 10.0;
        let mut chart = ChartBuilder::on(area)
            .margin_top(px(top))
            .margin_bottom(px(8.0))
            .margin_left(px(8.0))
            .margin_right(px(26.0))
            .x_label_area_size(px(46.0))
            .y_label_area_size(px(longest + 34.0))
            .build_cartesian_2d(x.clone(), y.clone())
            .map_err(failed)?;
        chart
            .configure_mesh()
            .bold_line_style(stroke(1.0, GRID))
            .light_line_style(TRANSPARENT)
            .axis_style(stroke(1.0, MUTED))
            .set_all_tick_mark_size(px(4.0))
            .label_style(text(WORDS, &INK))
            .axis_desc_style(text(WORDS + 1.0, &INK))
            .x_desc(&*self.x.name)
            .y_desc(&*self.y.name)
            .x_label_formatter(&|number| x.label(*number))
            .y_label_formatter(&|number| y.label(*number))
            .draw()
            .map_err(failed)?;
        let within = chart.plotting_area().strip_coord_spec();
        Frame { area: &within, x: &x, y: &y }.draw(&self.layers)
    }

    fn check_ranges(&self) -> Result<(), PlotError> {
        for AxisOptions { name, scale, range } in [&self.x, &self.y] {
            if let Some([from, to]) = *range {
                let is_range = from < to && from.is_finite() && to.is_finite();
                if !is_range || *scale == Scale::Log && from <= 0.0 {
                    return Err(PlotError::Range { axis: name.clone(), from, to });
                }
            }
        }
        Ok(())
    }

    /// One coordinate of all points whose both have a place.
    fn numbers(&self, of: impl Fn(&(f64, f64)) -> f64) -> impl Iterator<Item = f64> {
        let is_shown = |scale: Scale, x: f64| x.is_finite() && (scale == Scale::Linear || x > 0.0);
        let points = self.layers.iter().flat_map(|layer| layer.shape.points());
        points
            .filter(move |(x, y)| is_shown(self.x.scale, *x) && is_shown(self.y.scale, *y))
            .map(move |point| of(&point))
    }

    /// The layers that the legend names, in rows of this width.
    fn legend_rows(&self, wide: f64) -> Vec<Vec<&Layer>> {
        let mut rows: Vec<Vec<&Layer>> = Vec::new();
        let mut used = f64::INFINITY;
        for layer in self.layers.iter().filter(|layer| !layer.name.is_empty()) {
            let own = SAMPLE + width(&layer.words(), WORDS) + GAP;
            if used + own > wide + GAP {
                rows.push(Vec::new());
                used = 0.0;
            }
            used += own;
            if let Some(row) = rows.last_mut() {
                row.push(layer);
            }
        }
        rows
    }

    /// Title and legend, above the axes.
    fn draw_head(&self, area: &Area<'_>, rows: &[Vec<&Layer>], wide: f64) -> Result<(), PlotError> {
        draw_title(area, &self.title, wide)?;
        for (row, layers) in rows.iter().enumerate() {
            let y = MARGIN + TITLE + 12.0 + ROW * row as f64 + ROW / 2.0;
            let mut x = MARGIN;
            for layer in layers {
                layer.draw_sample(area, [x, y])?;
                let words = layer.words();
                let at = (px(x + SAMPLE), px(y - 0.45 * WORDS));
                area.draw(&Text::new(&*words, at, text(WORDS, &INK))).map_err(failed)?;
                x += SAMPLE + width(&words, WORDS) + GAP;
            }
        }
        Ok(())
    }
}

fn axis(options: &AxisOptions, numbers: impl Iterator<Item = f64>, most: usize) -> Option<Axis> {
    let mut numbers = numbers.peekable();
    // A range alone shows nothing.
    numbers.peek()?;
    Axis::over(numbers, options.scale, options.range, most)
}

impl Shape {
    /// What the axes are to span.
    fn points(&self) -> Box<dyn Iterator<Item = (f64, f64)> + '_> {
        match self {
            Shape::Line { points, .. } | Shape::Dots(points) | Shape::Path(points) => {
                Box::new(points.iter().copied())
            }
            Shape::Mark { at, .. } => Box::new(std::iter::once(*at)),
            Shape::Rule { .. } => Box::new(std::iter::empty()),
            Shape::Levels { seen, lines, .. } => {
                Box::new(seen.iter().chain(lines.iter().flatten().flatten()).copied())
            }
            Shape::Sides { strips, .. } => {
                Box::new(strips.iter().flat_map(|[a, b, c, d]| [(*a, *c), (*b, *d)]))
            }
        }
    }
}

impl Layer {
    /// What the legend says.
    fn words(&self) -> String {
        match &self.shape {
            Shape::Levels { levels, .. } => match (levels.first(), levels.last()) {
                (Some(first), Some(last)) => {
                    format!("{} from {} to {}", self.name, short(*first), short(*last))
                }
                _ => format!("{}, flat", self.name),
            },
            _ => self.name.clone(),
        }
    }

    /// A sample, its middle line at a height.
    fn draw_sample(&self, area: &Area<'_>, [x, y]: [f64; 2]) -> Result<(), PlotError> {
        let ends = [(px(x), px(y)), (px(x + 24.0), px(y))];
        let middle = (px(x + 12.0), px(y));
        let color = self.color();
        match &self.shape {
            Shape::Line { is_dashed: false, .. } | Shape::Rule { .. } => {
                area.draw(&PathElement::new(ends, stroke(2.0, color)))
            }
            Shape::Line { is_dashed: true, .. } => area.draw(&dashes(&ends, color)),
            Shape::Dots(_) => area.draw(&Circle::new(middle, px(4.0), color.mix(0.75).filled())),
            Shape::Path(_) => {
                area.draw(&PathElement::new(ends, stroke(2.0, color))).map_err(failed)?;
                area.draw(&Circle::new(ends[1], px(3.5), color.filled()))
            }
            Shape::Mark { .. } => area.draw(&Circle::new(middle, px(5.0), stroke(1.5, color))),
            Shape::Levels { .. } => {
                for k in 0..3_u8 {
                    let y = y - 5.0 + 5.0 * f64::from(k);
                    let ends = [(px(x), px(y)), (px(x + 24.0), px(y))];
                    let shade = shade(usize::from(2 - k), 3);
                    area.draw(&PathElement::new(ends, stroke(1.25, shade))).map_err(failed)?;
                }
                Ok(())
            }
            Shape::Sides { .. } => area.draw(&PathElement::new(ends, stroke(2.0, color))),
        }
        .map_err(failed)
    }
}
