//! A function of two numbers on a grid: where it passes a level.

use super::axis::{between, part};
use std::collections::HashMap;

/// Points of a grid along each direction.
pub(super) const POINTS: usize = 281;

/// The values of a function at evenly spaced places of a rectangle.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    x: [f64; 2],
    y: [f64; 2],
    /// Row by row from the least `y`.
    values: Vec<f64>,
}

/// The place of a crossing: the lower or left point of its edge, and whether the edge goes up.
type Edge = (usize, usize, bool);

impl Grid {
    pub(super) fn of(x: [f64; 2], y: [f64; 2], mut f: impl FnMut(f64, f64) -> f64) -> Self {
        let mut values = Vec::with_capacity(POINTS * POINTS);
        for j in 0..POINTS {
            for i in 0..POINTS {
                values.push(f(at(x, i as f64), at(y, j as f64)));
            }
        }
        Grid { x, y, values }
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.values[j * POINTS + i]
    }

    /// A place at which the function is finite.
    pub(super) fn seen(&self) -> Option<(f64, f64)> {
        let place = self.values.iter().position(|value| value.is_finite())?;
        Some((at(self.x, (place % POINTS) as f64), at(self.y, (place / POINTS) as f64)))
    }

    /// At most so many levels, closer together where the function is small, as its values lie: they bear no
    /// unit and see no outlier. Ascending. One in the middle if almost all values are the least or the greatest.
    pub(super) fn levels(&self, most: usize) -> Vec<f64> {
        let mut sorted: Vec<f64> = self.values.iter().copied().filter(|x| x.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let Some(last) = sorted.len().checked_sub(1) else { return Vec::new() };
        let share = |k: usize| (k as f64 / (most + 1) as f64).powf(1.5);
        let mut levels: Vec<f64> =
            (1..=most).map(|k| sorted[(share(k) * last as f64) as usize]).collect();
        levels.dedup();
        let (least, greatest) = (sorted[0], sorted[last]);
        levels.retain(|level| least < *level && *level < greatest);
        if levels.is_empty() && least < greatest {
            levels.push(least.midpoint(greatest).max(least.next_up()));
        }
        levels
    }

    /// The lines along which the function has a level.
    ///
    /// Marching squares: each cell joins the crossings of its edges two by two, a saddle by the mean of its
    /// corners, and what meets at an edge is one line. Source: C. Maple, "Geometric design and space planning
    /// using the marching squares and marching cube algorithms", GMAG 2003.
    pub(super) fn lines(&self, level: f64) -> Vec<Vec<(f64, f64)>> {
        let mut next: HashMap<Edge, Vec<Edge>> = HashMap::new();
        let mut order = Vec::new();
        for j in 0..POINTS - 1 {
            for i in 0..POINTS - 1 {
                for [a, b] in self.pieces(i, j, level) {
                    next.entry(a).or_default().push(b);
                    next.entry(b).or_default().push(a);
                    order.extend([a, b]);
                }
            }
        }
        // Open lines begin where only one piece ends; what is left then is closed.
        let ends = order.iter().filter(|edge| next[*edge].len() == 1).copied();
        let starts: Vec<Edge> = ends.chain(order.iter().copied()).collect();
        let mut lines = Vec::new();
        for start in starts {
            let mut line = vec![start];
            let mut at = start;
            while let Some(to) = next.get_mut(&at).and_then(Vec::pop) {
                if let Some(back) = next.get_mut(&to)
                    && let Some(place) = back.iter().position(|edge| *edge == at)
                {
                    back.swap_remove(place);
                }
                line.push(to);
                at = to;
            }
            if line.len() > 1 {
                lines.push(line.into_iter().map(|edge| self.crossing(edge, level)).collect());
            }
        }
        lines
    }

    /// The pieces of a level's line within a cell.
    fn pieces(&self, i: usize, j: usize, level: f64) -> Vec<[Edge; 2]> {
        let corners = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)];
        let values = corners.map(|(i, j)| self.at(i, j));
        if values.iter().any(|x| !x.is_finite()) {
            return Vec::new();
        }
        let above = values.map(|x| x >= level);
        let edges = [(i, j, false), (i + 1, j, true), (i, j + 1, false), (i, j, true)];
        let crossed: Vec<Edge> =
            (0..4).filter(|&k| above[k] != above[(k + 1) % 4]).map(|k| edges[k]).collect();
        match crossed[..] {
            [a, b] => vec![[a, b]],
            [a, b, c, d] => {
                let middle = values.iter().map(|x| x / 4.0).sum::<f64>() >= level;
                if middle == above[0] { vec![[a, b], [c, d]] } else { vec![[a, d], [b, c]] }
            }
            _ => Vec::new(),
        }
    }

    /// Where an edge passes the level.
    fn crossing(&self, (i, j, up): Edge, level: f64) -> (f64, f64) {
        let (a, b) = (self.at(i, j), if up { self.at(i, j + 1) } else { self.at(i + 1, j) });
        let part = part(level, [a, b]).clamp(0.0, 1.0);
        let (i, j) = (i as f64, j as f64);
        let (i, j) = if up { (i, j + part) } else { (i + part, j) };
        (at(self.x, i), at(self.y, j))
    }

    /// Strips, one for each row of points, in which the function is at least 0: from, to, and the strip's
    /// bottom and top.
    pub(super) fn strips(&self) -> Vec<[f64; 4]> {
        let mut strips = Vec::new();
        for j in 0..POINTS {
            let ends = [j as f64 - 0.5, j as f64 + 0.5].map(|j| at(self.y, j.clamp(0.0, LAST)));
            let mut from = (self.at(0, j) >= 0.0).then_some(self.x[0]);
            for i in 1..POINTS {
                match (from, self.at(i, j) >= 0.0) {
                    (None, true) => from = Some(self.crossing((i - 1, j, false), 0.0).0),
                    (Some(start), false) => {
                        let end = self.crossing((i - 1, j, false), 0.0).0;
                        strips.push([start, end, ends[0], ends[1]]);
                        from = None;
                    }
                    _ => {}
                }
            }
            if let Some(start) = from {
                strips.push([start, self.x[1], ends[0], ends[1]]);
            }
        }
        strips
    }
}

const LAST: f64 = (POINTS - 1) as f64;

/// The number at a point of the grid, or between two.
fn at(ends: [f64; 2], point: f64) -> f64 {
    between(ends, point / LAST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{PI, TAU};

    fn length(line: &[(f64, f64)]) -> f64 {
        line.windows(2).map(|w| (w[1].0 - w[0].0).hypot(w[1].1 - w[0].1)).sum()
    }

    #[test]
    fn the_level_of_a_cone_is_one_closed_circle() {
        let grid = Grid::of([-1.0, 1.0], [-2.0, 2.0], f64::hypot);
        let lines = grid.lines(0.75);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        assert!(lines[0].iter().all(|(x, y)| (x.hypot(*y) - 0.75).abs() < 1e-3));
        assert!((length(&lines[0]) - 0.75 * TAU).abs() < 2e-2);
    }

    #[test]
    fn levels_that_leave_the_rectangle_are_open_lines_and_saddles_do_not_cross() {
        let grid = Grid::of([-1.0, 1.0], [-1.0, 1.0], |x, y| x * y);
        for level in [-0.25, 0.25] {
            let lines = grid.lines(level);
            assert_eq!(lines.len(), 2);
            for line in &lines {
                let on_edge = |(x, y): (f64, f64)| x.abs() == 1.0 || y.abs() == 1.0;
                assert!(on_edge(line[0]) && on_edge(line[line.len() - 1]));
                assert!(line.iter().all(|(x, y)| (x * y - level).abs() < 1e-4));
            }
        }
        // An odd grid has its saddle on a point; moved aside it lies within a cell.
        let grid = Grid::of([-1.0, 1.01], [-1.0, 1.01], |x, y| x * y);
        assert_eq!(grid.lines(0.0).len(), 2);
    }

    #[test]
    fn strips_cover_the_area_where_a_function_is_positive() {
        let grid = Grid::of([-1.0, 1.0], [-1.0, 1.0], |x, y| 0.64 - x * x - y * y);
        let area: f64 = grid.strips().iter().map(|[a, b, c, d]| (b - a) * (d - c)).sum();
        assert!((area - PI * 0.64).abs() < 2e-3);
        let ring = Grid::of([-1.0, 1.0], [-1.0, 1.0], |x, y| x * x + y * y - 0.64);
        let rest: f64 = ring.strips().iter().map(|[a, b, c, d]| (b - a) * (d - c)).sum();
        assert!((area + rest - 4.0).abs() < 1e-9);
    }

    #[test]
    fn levels_follow_the_values_whatever_their_unit() {
        let bowl = |x: f64, y: f64| x * x + 100.0 * y * y;
        let levels = Grid::of([-1.0, 1.0], [-1.0, 1.0], bowl).levels(10);
        let larger = Grid::of([-1.0, 1.0], [-1.0, 1.0], |x, y| 1024.0 * bowl(x, y)).levels(10);
        assert_eq!(levels.len(), 10);
        assert!(levels.is_sorted() && levels[0] < 1.0);
        assert_eq!(levels.iter().map(|x| x * 1024.0).collect::<Vec<_>>(), larger);
        for [low, high] in [[0.0, 1.0], [1.0, 1.0_f64.next_up()], [f64::MIN, f64::MAX]] {
            let two = Grid::of([0.0, 1.0], [0.0, 1.0], |x, _| if x < 0.25 { low } else { high });
            let levels = two.levels(10);
            assert!(levels.len() == 1 && low < levels[0] && levels[0] <= high, "{levels:?}");
            assert_eq!(two.lines(levels[0]).len(), 1);
        }
        assert!(Grid::of([0.0, 1.0], [0.0, 1.0], |_, _| 3.0).levels(10).is_empty());
        assert!(Grid::of([0.0, 1.0], [0.0, 1.0], |_, _| f64::NAN).levels(10).is_empty());
    }
}
