//! Minima against all vertices, and the same bits in other units.

use super::start::noise;
use super::{Guess, Reached, minimize, prove::prove};
use crate::polyhedral::descent::DescentEnd;
use crate::polyhedral::matrix::Matrix;
use crate::polyhedral::model::{Line, Model};

/// A reproducible stream of numbers between 0 and 1.
struct Stream(usize);

impl Stream {
    fn unit(&mut self) -> f64 {
        self.0 += 1;
        noise(self.0)
    }

    /// A whole number from `-n` to `n`.
    fn whole(&mut self, n: usize) -> f64 {
        (self.unit() * (2 * n + 1) as f64).floor() - n as f64
    }
}

/// `Σ wᵢ zᵢ(aᵢ · x + cᵢ)`, by rows.
#[derive(Clone)]
struct Problem {
    base: Vec<f64>,
    /// MatrixRow, distance, slopes, weight.
    lines: Vec<(Vec<f64>, f64, [f64; 2], f64)>,
}

impl Problem {
    fn random(stream: &mut Stream, n: usize, k: usize) -> Self {
        let mut lines: Vec<(Vec<f64>, f64, [f64; 2], f64)> = Vec::new();
        for j in 0..n {
            // They see to it that there is a minimum at a vertex.
            let row = (0..n).map(|i| f64::from(i == j)).collect();
            lines.push((row, stream.whole(2), [-1.0, 1.0], 0.25 + n as f64));
        }
        for i in 0..k {
            let sides = [[-1.0, 1.0], [0.0, 1.0], [-0.25, 0.75], [1.0, -1.0]][i % 4];
            let weight = if sides[0] > sides[1] { -1.0 } else { 1.0 };
            let row: Vec<f64> = (0..n).map(|_| stream.whole(2)).collect();
            lines.push((row, stream.whole(4), sides, weight * stream.unit().mul_add(2.0, 0.1)));
            if i % 5 == 0 {
                lines.push(lines[lines.len() - 1].clone());
            }
        }
        Problem { base: (0..n).map(|_| 0.5 * stream.whole(1)).collect(), lines }
    }

    fn model(&self) -> Model {
        let n = self.base.len();
        let rows = Matrix::new(n);
        let base = self.base.clone();
        let terms = base.iter().map(|g| g.abs()).collect();
        let mut model = Model { base, terms, rows, convex: true, ..Model::default() };
        for (at, (row, distance, sides, weight)) in self.lines.iter().enumerate() {
            let columns: Vec<u32> = (0..n as u32).filter(|&j| row[j as usize] != 0.0).collect();
            model.rows.push(row, &columns);
            let line = Line::sides(*distance, sides[0], sides[1], at);
            model.end_line(Line { weight: *weight, noise: 1e-15 * distance.abs(), ..line });
        }
        model
    }

    fn value(&self, x: &[f64]) -> f64 {
        let dot = |a: &[f64]| a.iter().zip(x).map(|(a, x)| a * x).sum::<f64>();
        let line = |(row, c, sides, w): &(Vec<f64>, f64, [f64; 2], f64)| {
            let u = dot(row) + c;
            w * u * if u < 0.0 { sides[0] } else { sides[1] }
        };
        dot(&self.base) + self.lines.iter().map(line).sum::<f64>()
    }

    /// The least value of all vertices of two or three variables, or of one.
    fn least(&self) -> f64 {
        let n = self.base.len();
        let mut least = f64::INFINITY;
        let mut chosen = vec![0; n];
        self.visit(&mut chosen, 0, 0, &mut |x| least = least.min(self.value(x)));
        least
    }

    fn visit(&self, chosen: &mut [usize], at: usize, from: usize, see: &mut impl FnMut(&[f64])) {
        if at < chosen.len() {
            for i in from..self.lines.len() {
                chosen[at] = i;
                self.visit(chosen, at + 1, i + 1, see);
            }
            return;
        }
        let rows = chosen.iter().map(|&i| {
            let (row, c, ..) = &self.lines[i];
            row.iter().copied().chain([-c]).collect::<Vec<f64>>()
        });
        if let Some(x) = solve(rows.collect()) {
            see(&x);
        }
    }
}

/// Elimination with the greatest pivots; the right sides are the last column.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let n = rows.len();
    for k in 0..n {
        let best = (k..n).max_by(|&a, &b| rows[a][k].abs().total_cmp(&rows[b][k].abs()))?;
        rows.swap(k, best);
        if rows[k][k].abs() < 1e-9 {
            return None;
        }
        for i in (0..n).filter(|&i| i != k) {
            let by = rows[i][k] / rows[k][k];
            let pivot = rows[k].clone();
            rows[i].iter_mut().zip(pivot).for_each(|(a, p)| *a -= by * p);
        }
    }
    Some((0..n).map(|k| rows[k][n] / rows[k][k]).collect())
}

fn found(model: &Model) -> Reached {
    minimize(model, &[], &Guess::default(), 10_000)
}

#[test]
fn degenerate_problems_end_at_the_least_of_all_vertices_with_a_proof() {
    let mut stream = Stream(0);
    for case in 0..600 {
        let n = 1 + case % 3;
        let problem = Problem::random(&mut stream, n, case % 9);
        let model = problem.model();
        let Reached { end, x, active, guess, rounds, .. } = found(&model);
        assert!(end == DescentEnd::Stationary && rounds < 60, "{case}: {end:?} {rounds}");
        let (value, least) = (problem.value(&x), problem.least());
        assert!((value - least).abs() <= 1e-12 * (1.0 + least.abs()), "{case}: {value} {least}");
        // The proof is of the model there.
        let mut there = problem.clone();
        for (row, c, ..) in &mut there.lines {
            *c += row.iter().zip(&x).map(|(a, x)| a * x).sum::<f64>();
        }
        for guess in [&guess, &Guess::default()] {
            let proved = prove(&there.model(), &active, guess);
            assert!(proved.is_zero(), "{case}: {:?} of {}", proved.least, proved.rounding);
            for (&i, slope) in active.iter().zip(&proved.slopes) {
                let (.., sides, _) = &problem.lines[i];
                let [low, high] = [sides[0].min(sides[1]), sides[0].max(sides[1])];
                assert!(low <= *slope && *slope <= high);
            }
        }
    }
}

#[test]
fn nothing_that_can_be_improved_is_proved() {
    let mut stream = Stream(9_000);
    let mut refused = 0;
    for case in 0..300 {
        let problem = Problem::random(&mut stream, 1 + case % 3, 6);
        let model = problem.model();
        // Lines that are at their kinks at 0, which is rarely a minimum.
        let near: Vec<usize> =
            (0..model.lines.len()).filter(|&i| model.lines[i].distance == 0.0).collect();
        let proved = prove(&model, &near, &Guess::default());
        let here = problem.value(&vec![0.0; problem.base.len()]);
        let is_least = here - problem.least() <= 1e-12 * (1.0 + here.abs());
        assert_eq!(proved.is_zero(), is_least, "{case}: {:?}", proved.least);
        refused += usize::from(!is_least);
    }
    assert!(refused > 100);
}

#[test]
fn powers_of_two_change_no_bit() {
    let mut stream = Stream(70_000);
    for case in 0..40 {
        let n = [2, 20, 33][case % 3];
        let mut problem = Problem::random(&mut stream, n, 2 * n);
        if case % 2 == 0 {
            problem.lines.iter_mut().for_each(|line| line.1 += 1e-3 * stream.unit());
        }
        let own = found(&problem.model());
        for loss in [-500, -50, 50, 400] {
            let times = |e: i32| f64::from(e).exp2();
            let mut other = problem.clone();
            other.base.iter_mut().for_each(|g| *g *= times(loss));
            for (row, c, _, w) in &mut other.lines {
                let line = stream.whole(60) as i32;
                row.iter_mut().for_each(|a| *a *= times(line));
                *c *= times(line);
                *w *= times(loss - line);
            }
            let scaled = found(&other.model());
            assert_eq!((own.end, own.rounds), (scaled.end, scaled.rounds), "{case} {loss}");
            assert_eq!(own.x, scaled.x, "{case} {loss}");
            assert_eq!((&own.slopes, &own.active), (&scaled.slopes, &scaled.active));
        }
    }
}

#[test]
fn a_fall_without_end_is_seen() {
    let mut stream = Stream(5);
    for case in 0..100 {
        let n = 1 + case % 20;
        let mut problem = Problem::random(&mut stream, n, n);
        // Along the last variable nothing rises, if all are turned to fall along it.
        for (row, _, sides, w) in &mut problem.lines {
            row[n - 1] = row[n - 1].abs();
            (*sides, *w) = ([-1.0, 0.0], w.abs());
        }
        problem.base = vec![0.0; n];
        problem.base[n - 1] = -0.5;
        assert_eq!(found(&problem.model()).end, DescentEnd::Unbounded, "{case}");
    }
}
