//! The first vertex, and the same vertex computed anew.

use super::basis::Basis;
use super::lines::Lines;
use super::{Edges, Guess, NONE, SPARSE};
use crate::polyhedral::model::Model;
use crate::polyhedral::span::norm;

impl<'a> Edges<'a> {
    /// The whole of a model, at 0, where the lines `near` are at their kinks.
    pub(super) fn of_model(model: &'a Model, near: &[usize], guess: &Guess) -> Self {
        let mut base = model.base.clone();
        let mut is_near = vec![false; model.lines.len()];
        near.iter().for_each(|&i| is_near[i] = true);
        let mut lines = Vec::with_capacity(model.lines.len());
        for (i, line) in model.lines.iter().enumerate() {
            if line.weight * (line.right - line.left) > 0.0 && line.size > 0.0 {
                lines.push(i as u32);
            } else {
                model.row(i).add_to(line.weight * line.right, &mut base);
            }
        }
        let shift = |&i: &u32| model.lines[i as usize].distance;
        let shifts = lines.iter().map(shift).collect();
        Edges::new(model, lines, shifts, base, |i| is_near[i as usize], guess)
    }

    /// Some lines of a model, at these distances from their kinks, or at them.
    pub(super) fn new(
        model: &'a Model,
        lines: Vec<u32>,
        shifts: Vec<f64>,
        base: Vec<f64>,
        is_near: impl Fn(u32) -> bool,
        guess: &Guess,
    ) -> Self {
        let (n, k) = (base.len(), lines.len());
        let lines = Lines::new(model, lines);
        let by_variable = lines.by_variable(SPARSE);
        let mut edges = Edges {
            ends: Vec::with_capacity(k),
            shifts: Vec::with_capacity(k),
            by_variable,
            base,
            x: [vec![0.0; n], vec![0.0; n]],
            u: vec![[0.0; 2]; k],
            tolerances: vec![0.0; k],
            is_high: Vec::with_capacity(k),
            places: vec![NONE; k],
            vertex: (k as u32..(k + n) as u32).collect(),
            anchors: vec![[0.0; 2]; n],
            basis: Basis::default(),
            multipliers: vec![0.0; n],
            limits: vec![(0.0, 0.0); n],
            lengths: vec![1.0; n],
            scale: 0.0,
            far: 0.0,
            blur: 64.0,
            stalled: 0,
            fresh: false,
            edge: vec![0.0; n],
            rates: vec![0.0; k],
            moved: Vec::new(),
            breaks: Vec::new(),
            variables: vec![0.0; n],
            alpha: vec![0.0; n],
            tau: vec![0.0; n],
            rounds: 0,
            lines,
        };
        let guessed = if guess.slopes.len() == model.lines.len() { &guess.slopes[..] } else { &[] };
        for (i, &shift) in shifts.iter().enumerate() {
            let (own, line, unit) = (edges.lines.own(i), edges.lines.line(i), edges.lines.unit(i));
            let high = match guessed.get(own) {
                _ if !is_near(own as u32) => shift > 0.0,
                Some(slope) if *slope == line.left || *slope == line.right => *slope == line.right,
                _ => noise(i) < 0.5,
            };
            let weight = line.weight / unit;
            edges.ends.push((weight * line.left, weight * line.right));
            edges.is_high.push(high);
            let fine = edges.aside(i);
            edges.shifts.push([unit * shift, fine]);
        }
        if !guessed.is_empty() {
            edges.guess_vertex(guess);
        }
        edges.refresh();
        edges
    }

    /// Puts lines of the vertex guessed in place of variables that stay where they are.
    fn guess_vertex(&mut self, guess: &Guess) {
        let mut local = vec![NONE; self.lines.model().lines.len()];
        (0..self.lines.len()).for_each(|i| local[self.lines.own(i)] = i as u32);
        let guessed = guess.vertex.iter().map(|&(own, length)| (local[own as usize], length));
        let chosen: Vec<(u32, f64)> =
            guessed.filter(|&(i, _)| i != NONE).take(self.vertex.len()).collect();
        if chosen.is_empty() {
            return;
        }
        // The variables that are needed beside them are found with the factors.
        self.vertex.fill(NONE);
        for (place, &(i, length)) in chosen.iter().enumerate() {
            self.vertex[place] = i;
            self.places[i as usize] = place as u32;
            self.lengths[place] = length.max(self.shortest_edge(i));
        }
    }

    /// No edge along which a line changes at the rate 1 is shorter; squared.
    pub(super) fn shortest_edge(&self, i: u32) -> f64 {
        let i = i as usize;
        if i < self.lines.len() { self.lines.size(i).powi(2).recip() } else { 1.0 }
    }

    /// A place on the side that a line is on, beside 0 by less than any number.
    pub(super) fn aside(&self, i: usize) -> f64 {
        let far = self.lines.size(i) * (0.5 + 0.5 * noise(i + 1));
        if self.is_high[i] { far } else { -far }
    }

    /// Computes everything from the lines of the vertex.
    pub(super) fn refresh(&mut self) {
        self.factorize();
        for (place, &line) in self.vertex.iter().enumerate() {
            self.limits[place] = self.limits_of(line);
        }
        for part in 0..2 {
            for (place, r) in self.tau.iter_mut().enumerate() {
                let line = self.vertex[place] as usize;
                *r = match self.shifts.get(line) {
                    Some(shift) => -shift[part],
                    None => self.anchors[line - self.lines.len()][part],
                };
            }
            self.basis.direction(&self.tau, &mut self.x[part]);
            // Once more for what rounding has left.
            for (place, r) in self.tau.iter_mut().enumerate() {
                let line = self.vertex[place] as usize;
                *r -= if line < self.lines.len() {
                    self.lines.row(line).dot(&self.x[part])
                } else {
                    self.x[part][line - self.lines.len()]
                };
            }
            self.basis.direction(&self.tau, &mut self.variables);
            self.x[part].iter_mut().zip(&self.variables).for_each(|(x, by)| *x += by);
        }
        self.far = norm(&self.x[0]);
        for i in 0..self.lines.len() {
            let (row, [shift, fine]) = (self.lines.row(i), self.shifts[i]);
            let u = [shift + row.dot(&self.x[0]), fine + row.dot(&self.x[1])];
            // Each variable bears the rounding of all that it was computed from.
            let size = shift.abs() + self.lines.size(i) * self.far;
            let noise = self.lines.line(i).noise * self.lines.unit(i);
            self.tolerances[i] = noise + self.blur * f64::EPSILON * size;
            self.place(i, u);
        }
        self.sum_up();
        self.fresh = true;
    }

    /// Sets where a line is that is not of the vertex.
    pub(super) fn place(&mut self, i: usize, [u, fine]: [f64; 2]) {
        if self.places[i] != NONE {
            self.u[i] = [0.0; 2];
        } else if u.abs() > self.tolerances[i] {
            self.is_high[i] = u > 0.0;
            self.u[i] = [u, fine];
        } else if (fine > 0.0) == self.is_high[i] && fine != 0.0 {
            self.u[i] = [0.0, fine];
        } else {
            // What is smaller than any number may be chosen anew.
            let chosen = self.aside(i);
            self.shifts[i][1] += chosen - fine;
            self.u[i] = [0.0, chosen];
        }
    }

    /// The factors of the vertex; lines that depend on the others leave it.
    fn factorize(&mut self) {
        let (lines, vertex) = (&self.lines, &self.vertex);
        let k = lines.len();
        let row = |place: usize| {
            let line = vertex[place];
            let variable = (line != NONE && line as usize >= k).then(|| (line as usize - k, 1.0));
            let row = ((line as usize) < k).then(|| lines.row(line as usize));
            row.into_iter().flat_map(|row| row.entries()).chain(variable)
        };
        let stand_ins = self.basis.set(vertex.len(), row);
        for (place, variable) in stand_ins {
            let (place, variable) = (place as usize, variable as usize);
            if let Some(left) = self.places.get_mut(self.vertex[place] as usize) {
                *left = NONE;
            }
            self.vertex[place] = (k + variable) as u32;
            self.anchors[variable] = [self.x[0][variable], self.x[1][variable]];
            self.lengths[place] = 1.0;
        }
    }

    /// The multipliers, and what the gradient is a sum of.
    fn sum_up(&mut self) {
        let terms = &self.lines.model().terms;
        let mut sizes: Vec<f64> =
            self.base.iter().zip(terms).map(|(g, t)| g.abs().max(*t)).collect();
        self.variables.copy_from_slice(&self.base);
        for i in 0..self.lines.len() {
            let (low, high) = self.ends[i];
            let row = self.lines.row(i);
            if self.places[i] == NONE {
                let slope = if self.is_high[i] { high } else { low };
                row.add_to(slope, &mut self.variables);
                row.entries().for_each(|(j, a)| sizes[j] += (slope * a).abs());
            }
        }
        self.variables.iter_mut().for_each(|g| *g = -*g);
        self.basis.combination(&self.variables, &mut self.multipliers);
        // Once more for what rounding has left.
        for (place, s) in self.multipliers.iter().enumerate() {
            let line = self.vertex[place] as usize;
            if line < self.lines.len() {
                self.lines.row(line).add_to(-s, &mut self.variables);
            } else {
                self.variables[line - self.lines.len()] -= s;
            }
        }
        self.basis.combination(&self.variables, &mut self.tau);
        self.multipliers.iter_mut().zip(&self.tau).for_each(|(s, by)| *s += by);
        for (place, s) in self.multipliers.iter().enumerate() {
            let line = self.vertex[place] as usize;
            if line < self.lines.len() {
                let own = s.abs() + self.lack(place).abs();
                self.lines.row(line).entries().for_each(|(j, a)| sizes[j] += (own * a).abs());
            }
        }
        self.scale = norm(&sizes);
    }
}

/// Numbers between 0 and 1 without a pattern (Steele, Lea and Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014).
pub(super) fn noise(i: usize) -> f64 {
    let z = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}
