//! Room for multipliers that have none, from kinks farther away.
//!
//! ```text
//! Θ(p) = the multipliers at the minimum of p · d + Σ W |uᵢ(d)|'     of lines that may be given room:
//!        |u|' is 0 on the side whose slope the line has, and |u| on the other
//! t ← t + η (Θ(p) + Θ(-p))
//! ```
//!
//! Both minima have a gradient of 0, so the sum adds nothing to the gradient, and moves multipliers inwards; if `p` is in general
//! position, those of as many lines as there are variables. If one of the two functions falls without end, the minimum
//! reaches as far, and nothing is proved.

use super::Minorant;
use crate::polyhedral::descent::DescentEnd;
use crate::polyhedral::edge::{self, Guess};
use crate::polyhedral::matrix::Matrix;
use crate::polyhedral::model::{Line, Model, generic_direction};
use crate::polyhedral::span::norm;

/// Variables, and lines times variables, for which minima are found in a moment.
const MOST: usize = 64;
const LINES: usize = 1 << 20;

const ROUNDS: usize = 10_000;

/// How steep the lines are, the `p` being of length 1.
const STEEP: f64 = 65536.0;

/// The `η`, of what the gradient is a sum of, that are tried one after the other.
const SHARES: [i32; 4] = [-48, -45, -42, -38];

/// Of the way to the middle between the two sides, what is tried where there are too many variables.
const INWARDS: [i32; 2] = [-42, -38];

/// The excess with more room, if that proves one.
pub(super) fn excess(narrow: &Minorant<'_>) -> Option<f64> {
    let model = narrow.model;
    let (n, k) = (model.dim(), model.lines.len());
    if n > MOST || n * k > LINES {
        let middle = |(slope, line): (&f64, &Line)| 0.5 * (line.left + line.right) - slope;
        let inwards: Vec<f64> = narrow.slopes.iter().zip(&model.lines).map(middle).collect();
        return INWARDS.into_iter().find_map(|exponent| {
            let by = f64::from(exponent).exp2();
            let slopes = narrow.slopes.iter().zip(&inwards).map(|(s, d)| s + by * d).collect();
            Minorant::new(model, slopes).excess()
        });
    }
    let directions = directions(narrow)?;
    let size = norm(&narrow.terms);
    SHARES.into_iter().find_map(|exponent| {
        let by = f64::from(exponent).exp2() * size;
        Minorant::new(model, moved(narrow, &directions, by)).excess()
    })
}

/// `Θ(p) + Θ(-p)`, by line.
fn directions(narrow: &Minorant<'_>) -> Option<Vec<f64>> {
    let (model, n) = (narrow.model, narrow.model.dim());
    let mut p = generic_direction(n);
    // Nothing hangs on these.
    (0..n).filter(|&j| narrow.is_idle(j)).for_each(|j| p[j] = 0.0);
    let length = norm(&p);
    p.iter_mut().for_each(|p| *p /= length);
    let mut sum = vec![0.0; model.lines.len()];
    let (mut own, lines) = rooms(narrow);
    for sign in [1.0, -1.0] {
        own.base = p.iter().map(|p| sign * p).collect();
        let met: Vec<usize> =
            (0..own.lines.len()).filter(|&i| own.lines[i].distance == 0.0).collect();
        let found = edge::minimize(&own, &met, &Guess::default(), ROUNDS);
        if found.end != DescentEnd::Stationary {
            return None;
        }
        lines.iter().zip(found.slopes).for_each(|(&i, slope)| sum[i] += slope);
    }
    Some(sum)
}

/// The function without its linear part, and the lines that it is made of.
fn rooms(narrow: &Minorant<'_>) -> (Model, Vec<usize>) {
    let (model, n) = (narrow.model, narrow.model.dim());
    let mut rooms = Model { terms: vec![1.0; n], convex: true, ..Model::default() };
    rooms.base = vec![0.0; n];
    rooms.rows = Matrix::new(n);
    let mut lines = Vec::new();
    for (i, line) in model.lines.iter().enumerate() {
        let (adjoint, t) = (narrow.adjoints[i].mid, narrow.multipliers[i].mid);
        let wide = (adjoint * (line.right - line.left)).abs();
        let row: Vec<f64> = narrow.effect(i).row.iter().map(|a| a.mid).collect();
        let size = norm(&row);
        if wide == 0.0 || size == 0.0 {
            continue;
        }
        let inside = |end: f64| (t - adjoint * end).abs() > 1e-9 * wide;
        let (down, up) = (inside(line.left), inside(line.right));
        // A line that is met is on the side whose slope it has.
        let is_met = down && up || line.distance.abs() <= line.noise;
        let distance = if is_met { 0.0 } else { line.distance };
        let steep = STEEP / size;
        let left = if down { -steep } else { 0.0 };
        let right = if up { steep } else { 0.0 };
        rooms.rows.push(&row, &(0..n as u32).collect::<Vec<_>>());
        rooms.end_line(Line { weight: 1.0, ..Line::sides(distance, left, right, 0) });
        lines.push(i);
    }
    (rooms, lines)
}

/// The slopes with multipliers that are moved so far.
fn moved(narrow: &Minorant<'_>, directions: &[f64], by: f64) -> Vec<f64> {
    let model = narrow.model;
    let mut adjoints: Vec<f64> = model.lines.iter().map(|line| line.weight).collect();
    let mut slopes = narrow.slopes.clone();
    for i in (0..slopes.len()).rev() {
        let mut t = adjoints[i] * slopes[i];
        if directions[i] != 0.0 && adjoints[i] != 0.0 {
            t += by * directions[i];
            slopes[i] = t / adjoints[i];
        }
        model.deps_of(i).iter().for_each(|&(j, own)| adjoints[j as usize] += t * own);
    }
    slopes
}
