//! The inside of the axes: [`Frame`].

use super::axis::Axis;
use super::error::PlotError;
use super::ink::{Area, INK, WORDS, color, dashes, failed, px, shade, stroke, text, width};
use super::layer::{Layer, Points, Shape};
use plotters::prelude::*;

/// The inside of the axes.
pub(super) struct Frame<'f, 'a> {
    pub(super) area: &'f Area<'a>,
    pub(super) x: &'f Axis,
    pub(super) y: &'f Axis,
}

impl Frame<'_, '_> {
    pub(super) fn draw(&self, layers: &[Layer]) -> Result<(), PlotError> {
        // What covers much lies below; words lie above all.
        let depth = |layer: &&Layer| match layer.shape {
            Shape::Sides { .. } | Shape::Levels { .. } => 0,
            Shape::Rule { .. } => 1,
            Shape::Dots(_) => 2,
            Shape::Line { .. } | Shape::Path(_) => 3,
            Shape::Mark { .. } => 4,
        };
        let mut sorted: Vec<&Layer> = layers.iter().collect();
        sorted.sort_by_key(depth);
        sorted.into_iter().try_for_each(|layer| self.draw_layer(layer))
    }

    fn draw_layer(&self, layer: &Layer) -> Result<(), PlotError> {
        let color = layer.color();
        match &layer.shape {
            Shape::Line { points, is_dashed: false } => self.draw_line(points, stroke(2.0, color)),
            Shape::Line { points, is_dashed: true } => {
                for piece in self.pieces(points) {
                    self.area.draw(&dashes(&piece, color)).map_err(failed)?;
                }
                Ok(())
            }
            Shape::Dots(points) => {
                let size = if points.len() > 400 { 2.5 } else { 3.5 };
                points.iter().try_for_each(|at| self.draw_dot(*at, size, color.mix(0.75).filled()))
            }
            Shape::Path(points) => self.draw_path(points, color),
            Shape::Mark { at, words } => self.draw_mark(*at, words, color),
            Shape::Rule { y } => {
                let [from, to] = self.x.ends();
                self.draw_line(&[(from, *y), (to, *y)], stroke(1.25, color))
            }
            Shape::Levels { lines, .. } => {
                for (level, pieces) in lines.iter().enumerate() {
                    for piece in pieces {
                        self.draw_line(piece, stroke(1.0, shade(level, lines.len())))?;
                    }
                }
                Ok(())
            }
            Shape::Sides { strips, boundary } => self.draw_sides(strips, boundary),
        }
    }

    /// A point in pixels of the frame, if it has a place.
    fn place(&self, (x, y): (f64, f64)) -> Option<[f64; 2]> {
        Some([self.x.place(x)?, self.y.place(y)?])
    }

    fn pixel(&self, [u, v]: [f64; 2]) -> (i32, i32) {
        let (wide, high) = self.area.dim_in_pixel();
        let at = |place: f64, size: u32| (place * f64::from(size)).round() as i32;
        (at(u, wide), at(1.0 - v, high))
    }

    /// A line in pixels, cut at the frame and where a point has no place.
    fn pieces(&self, points: &[(f64, f64)]) -> Vec<Vec<(i32, i32)>> {
        let mut pieces: Vec<Vec<(i32, i32)>> = Vec::new();
        let mut end = None;
        for pair in points.windows(2) {
            let (Some(a), Some(b)) = (self.place(pair[0]), self.place(pair[1])) else {
                end = None;
                continue;
            };
            let Some([from, to]) = cut(a, b) else {
                end = None;
                continue;
            };
            let (from, to) = (self.pixel(from), self.pixel(to));
            if end != Some(from) {
                pieces.push(vec![from]);
            }
            if let Some(piece) = pieces.last_mut()
                && to != from
            {
                piece.push(to);
            }
            end = Some(to);
        }
        pieces.retain(|piece| piece.len() > 1);
        pieces
    }

    fn draw_line(&self, points: &[(f64, f64)], style: ShapeStyle) -> Result<(), PlotError> {
        for piece in self.pieces(points) {
            self.area.draw(&PathElement::new(piece, style)).map_err(failed)?;
        }
        Ok(())
    }

    /// A dot, if it lies within the frame.
    fn draw_dot(&self, at: (f64, f64), size: f64, style: ShapeStyle) -> Result<(), PlotError> {
        match self.place(at).filter(is_within) {
            Some(place) => {
                self.area.draw(&Circle::new(self.pixel(place), px(size), style)).map_err(failed)
            }
            None => Ok(()),
        }
    }

    fn draw_path(&self, points: &[(f64, f64)], color: RGBColor) -> Result<(), PlotError> {
        self.draw_line(points, stroke(1.75, color))?;
        let [Some(first), Some(last)] = [points.first(), points.last()] else { return Ok(()) };
        if points.len() <= 60 {
            points.iter().try_for_each(|at| self.draw_dot(*at, 2.5, color.filled()))?;
        }
        self.draw_dot(*first, 4.5, WHITE.filled())?;
        self.draw_dot(*first, 4.5, stroke(2.0, color))?;
        self.draw_dot(*last, 6.0, WHITE.filled())?;
        self.draw_dot(*last, 4.5, color.filled())
    }

    fn draw_mark(&self, at: (f64, f64), words: &str, color: RGBColor) -> Result<(), PlotError> {
        self.draw_dot(at, 5.5, stroke(1.75, color))?;
        let Some(place) = self.place(at).filter(is_within) else { return Ok(()) };
        let (x, y) = self.pixel(place);
        let (wide, _) = self.area.dim_in_pixel();
        let own = px(width(words, WORDS));
        let right = x + px(11.0);
        // Beside it, or above the line that has led there.
        let (left, top) = if right + own <= wide as i32 {
            (right, y - px(0.5 * WORDS))
        } else {
            let above = y - px(WORDS + 12.0);
            ((x + px(5.0) - own).max(0), if above >= 0 { above } else { y + px(12.0) })
        };
        let corners = [(left - px(2.0), top - px(2.0)), (left + own, top + px(WORDS + 2.0))];
        self.area.draw(&Rectangle::new(corners, WHITE.mix(0.8).filled())).map_err(failed)?;
        self.area.draw(&Text::new(words, (left, top), text(WORDS, &color))).map_err(failed)
    }

    /// A rectangle in a pale color that covers what lies below.
    fn draw_pale(&self, corners: [(i32, i32); 2], color: RGBColor) -> Result<(), PlotError> {
        for style in [WHITE.filled(), color.mix(0.15).filled()] {
            self.area.draw(&Rectangle::new(corners, style)).map_err(failed)?;
        }
        Ok(())
    }

    fn draw_sides(&self, strips: &[[f64; 4]], boundary: &[Points]) -> Result<(), PlotError> {
        let (wide, high) = self.area.dim_in_pixel();
        self.draw_pale([(0, 0), (wide as i32, high as i32)], color(1))?;
        for [from, to, bottom, top] in strips {
            let corners = [self.place((*from, *bottom)), self.place((*to, *top))];
            let [Some(a), Some(b)] = corners else { continue };
            self.draw_pale([self.pixel(a), self.pixel(b)], color(0))?;
        }
        boundary.iter().try_for_each(|line| self.draw_line(line, stroke(2.0, INK)))
    }
}

fn is_within(place: &[f64; 2]) -> bool {
    place.iter().all(|x| (-1e-9..=1.0 + 1e-9).contains(x))
}

/// The part of a line within the unit square: cut at one side after the other, as I. Sutherland and G. Hodgman,
/// "Reentrant polygon clipping", Communications of the ACM 17(1), 1974, do. Each cut is reckoned from the end that
/// stays, so that the other may be anywhere.
fn cut(mut a: [f64; 2], mut b: [f64; 2]) -> Option<[[f64; 2]; 2]> {
    for (i, side, inward) in [(0, 0.0, 1.0), (0, 1.0, -1.0), (1, 0.0, 1.0), (1, 1.0, -1.0)] {
        let is_inside = |point: [f64; 2]| (point[i] - side) * inward >= 0.0;
        let crossing = |stays: [f64; 2], goes: [f64; 2]| {
            let part = (side - stays[i]) / (goes[i] - stays[i]);
            let mut point = [0, 1].map(|k| stays[k] + part * (goes[k] - stays[k]));
            point[i] = side;
            point
        };
        match (is_inside(a), is_inside(b)) {
            (true, true) => {}
            (true, false) => b = crossing(a, b),
            (false, true) => a = crossing(b, a),
            (false, false) => return None,
        }
    }
    Some([a, b])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_at_the_frame() {
        assert_eq!(cut([0.25, 0.5], [0.75, 0.5]), Some([[0.25, 0.5], [0.75, 0.5]]));
        assert_eq!(cut([-1.0, 0.5], [2.0, 0.5]), Some([[0.0, 0.5], [1.0, 0.5]]));
        assert_eq!(cut([0.5, 0.5], [0.5, -1.5]), Some([[0.5, 0.5], [0.5, 0.0]]));
        assert_eq!(cut([-0.5, 0.5], [0.5, 1.5]), Some([[0.0, 1.0], [0.0, 1.0]]));
        assert_eq!(cut([0.25, 1e300], [0.5, 0.5]), Some([[0.5, 1.0], [0.5, 0.5]]));
        assert_eq!(cut([-0.5, 0.75], [0.25, 1.5]), None);
        assert_eq!(cut([-1.0, 2.0], [2.0, 2.0]), None);
    }
}
