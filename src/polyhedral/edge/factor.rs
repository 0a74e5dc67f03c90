//! The factors of a sparse square matrix.
//!
//! The columns of `M` are vectors, kept by their entries. `M = L U` but for the order of both sides:
//!
//! ```text
//! while a vector has one coordinate left, or a coordinate is in one vector only:
//!     it is the next pivot, and changes nothing else
//! for the other vectors, the shortest first:
//!     take out the pivots before it: y = L⁻¹ a
//!     its pivot is a coordinate left with |y| at least a tenth of the greatest, one that is in few vectors
//!     if nothing is left of it, it depends on those before, and a coordinate left over stands in for it
//! ```
//!
//! The first loop is all that there is for the vectors of a forest, as those of differences of
//! neighbours. The second is J. R. Gilbert and T. Peierls, "Sparse partial pivoting in time
//! proportional to arithmetic operations", SIAM Journal on Scientific and Statistical Computing 9,
//! 1988, with H. M. Markowitz's counts in the choice of the pivot.

use super::skip::{first, last, others};

/// Lists of entries, one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Lists {
    ends: Vec<usize>,
    entries: Vec<(u32, f64)>,
}

impl Lists {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many entries.
    pub(super) fn total(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn clear(&mut self) {
        self.ends.clear();
        self.entries.clear();
    }

    pub(super) fn push(&mut self, at: usize, value: f64) {
        self.entries.push((at as u32, value));
    }

    /// Ends the list that was pushed to.
    pub(super) fn end(&mut self) {
        self.ends.push(self.entries.len());
    }

    #[inline]
    pub(super) fn list(&self, i: usize) -> &[(u32, f64)] {
        let from = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.entries[from..self.ends[i]]
    }

    /// The same entries by what they are at, one of `n`.
    pub(super) fn transposed(&self, n: usize) -> Lists {
        let mut next = vec![0; n + 1];
        self.entries.iter().for_each(|&(at, _)| next[at as usize + 1] += 1);
        for i in 0..n {
            next[i + 1] += next[i];
        }
        let ends = next[1..].to_vec();
        let mut entries = vec![(0, 0.0); self.entries.len()];
        for i in 0..self.len() {
            for &(at, value) in self.list(i) {
                let place = &mut next[at as usize];
                entries[*place] = (i as u32, value);
                *place += 1;
            }
        }
        Lists { ends, entries }
    }
}

/// `L` and `U`, by the places of their pivots, each by columns and by rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Factor {
    /// The coordinate and the vector of each pivot.
    coordinates: Vec<u32>,
    vectors: Vec<u32>,
    /// The places of the pivots of each coordinate and vector.
    of_coordinate: Vec<u32>,
    of_vector: Vec<u32>,
    diagonal: Vec<f64>,
    lower: Lists,
    lower_rows: Lists,
    upper: Lists,
    upper_rows: Lists,
    work: Vec<f64>,
}

const NONE: u32 = u32::MAX;
/// What is left of a vector, below this share of it, is rounding.
const DEPENDENT: f64 = 1e-11;
/// A pivot is at least this share of the greatest one possible.
const THRESHOLD: f64 = 0.1;

impl Factor {
    /// The factors of `n` vectors, some of them empty. Told are the vectors that depend on others, each
    /// with the coordinate whose unit vector stands in for it.
    pub(super) fn new(n: usize, vectors: &Lists) -> (Factor, Vec<(u32, u32)>) {
        let mut order = Pivots::new(n, vectors);
        let singles = order.peel(vectors);
        let mut elimination = Elimination::new(n);
        for &(vector, coordinate) in &singles {
            elimination.take(vector, vectors.list(vector as usize), |_, _| Some(coordinate));
        }
        elimination.nucleus = elimination.out.vectors.len();
        let mut rest: Vec<u32> = (0..n as u32).filter(|&v| !order.is_taken[v as usize]).collect();
        rest.sort_by_key(|&v| vectors.list(v as usize).len());
        let mut dependent = Vec::new();
        for vector in rest {
            let counts = &mut order.coordinate_counts;
            let choose = |pattern: &[u32], work: &[f64]| {
                let size = |c: u32| work[c as usize].abs();
                let greatest = pattern.iter().map(|&c| size(c)).fold(0.0, f64::max);
                let able = pattern.iter().copied().filter(|&c| size(c) >= THRESHOLD * greatest);
                let rank = |c: u32| (counts[c as usize], c);
                able.min_by_key(|&c| rank(c)).filter(|_| greatest > DEPENDENT)
            };
            if !elimination.take(vector, vectors.list(vector as usize), choose) {
                dependent.push(vector);
            }
            vectors.list(vector as usize).iter().for_each(|&(c, _)| counts[c as usize] -= 1);
        }
        elimination.finish(&dependent)
    }

    /// The `s` with `M s = v`, from coordinates to vectors.
    pub(super) fn combination(&mut self, v: &[f64], s: &mut [f64]) {
        let work = &mut self.work;
        work.fill(0.0);
        others(v).for_each(|(c, v)| work[self.of_coordinate[c] as usize] = v);
        let mut from = 0;
        while let Some(k) = first(work, from) {
            let y = work[k];
            self.lower.list(k).iter().for_each(|&(r, l)| work[r as usize] -= l * y);
            from = k + 1;
        }
        s.fill(0.0);
        let mut before = work.len();
        while let Some(k) = last(work, before) {
            let own = work[k] / self.diagonal[k];
            self.upper.list(k).iter().for_each(|&(r, u)| work[r as usize] -= u * own);
            s[self.vectors[k] as usize] = own;
            before = k;
        }
    }

    /// The `d` with `Mᵀ d = r`, from vectors to coordinates.
    pub(super) fn direction(&mut self, r: &[f64], d: &mut [f64]) {
        let work = &mut self.work;
        work.fill(0.0);
        others(r).for_each(|(v, r)| work[self.of_vector[v] as usize] = r);
        let mut from = 0;
        while let Some(k) = first(work, from) {
            work[k] /= self.diagonal[k];
            let own = work[k];
            self.upper_rows.list(k).iter().for_each(|&(c, u)| work[c as usize] -= u * own);
            from = k + 1;
        }
        d.fill(0.0);
        let mut before = work.len();
        while let Some(k) = last(work, before) {
            let own = work[k];
            self.lower_rows.list(k).iter().for_each(|&(c, l)| work[c as usize] -= l * own);
            d[self.coordinates[k] as usize] = own;
            before = k;
        }
    }
}

/// Which pivots change nothing else.
struct Pivots {
    by_coordinate: Lists,
    /// How many coordinates a vector has left, and all of them by exclusive or: the last is what is left.
    vector_counts: Vec<u32>,
    vector_left: Vec<u32>,
    coordinate_counts: Vec<u32>,
    coordinate_left: Vec<u32>,
    is_taken: Vec<bool>,
}

impl Pivots {
    fn new(n: usize, vectors: &Lists) -> Self {
        let mut order = Pivots {
            by_coordinate: vectors.transposed(n),
            vector_counts: vec![0; n],
            vector_left: vec![0; n],
            coordinate_counts: vec![0; n],
            coordinate_left: vec![0; n],
            is_taken: vec![false; n],
        };
        for v in 0..n {
            for &(c, _) in vectors.list(v) {
                order.vector_counts[v] += 1;
                order.vector_left[v] ^= c;
                order.coordinate_counts[c as usize] += 1;
                order.coordinate_left[c as usize] ^= v as u32;
            }
        }
        order
    }

    /// Such vectors and their coordinates, in order.
    fn peel(&mut self, vectors: &Lists) -> Vec<(u32, u32)> {
        let n = self.is_taken.len() as u32;
        let mut singles = Vec::new();
        let mut is_pivot = vec![false; n as usize];
        let mut waiting: Vec<(bool, u32)> = (0..n)
            .rev()
            .flat_map(|i| [(true, i), (false, i)])
            .filter(|&(is_vector, i)| {
                let counts = if is_vector { &self.vector_counts } else { &self.coordinate_counts };
                counts[i as usize] == 1
            })
            .collect();
        while let Some((is_vector, i)) = waiting.pop() {
            let counts = if is_vector { &self.vector_counts } else { &self.coordinate_counts };
            if counts[i as usize] != 1 {
                continue;
            }
            let (v, c) = if is_vector {
                (i, self.vector_left[i as usize])
            } else {
                (self.coordinate_left[i as usize], i)
            };
            if self.is_taken[v as usize] || is_pivot[c as usize] {
                continue;
            }
            self.is_taken[v as usize] = true;
            is_pivot[c as usize] = true;
            singles.push((v, c));
            for &(c, _) in vectors.list(v as usize) {
                self.coordinate_counts[c as usize] -= 1;
                self.coordinate_left[c as usize] ^= v;
                if self.coordinate_counts[c as usize] == 1 {
                    waiting.push((false, c));
                }
            }
            for &(w, _) in self.by_coordinate.list(c as usize) {
                self.vector_counts[w as usize] -= 1;
                self.vector_left[w as usize] ^= c;
                if self.vector_counts[w as usize] == 1 {
                    waiting.push((true, w));
                }
            }
        }
        singles
    }
}

/// The factors, vector by vector; until the end `L` has coordinates where places of pivots will be.
struct Elimination {
    out: Factor,
    /// Where the pivots begin that change others.
    nucleus: usize,
    /// The place of each coordinate's pivot.
    places: Vec<u32>,
    work: Vec<f64>,
    is_met: Vec<bool>,
    met: Vec<u32>,
    left: Vec<u32>,
}

impl Elimination {
    fn new(n: usize) -> Self {
        Elimination {
            out: Factor::default(),
            nucleus: n,
            places: vec![NONE; n],
            work: vec![0.0; n],
            is_met: vec![false; n],
            met: Vec::new(),
            left: Vec::new(),
        }
    }

    /// Adds a vector, if a pivot is chosen among the coordinates left.
    fn take(
        &mut self,
        vector: u32,
        entries: &[(u32, f64)],
        choose: impl FnOnce(&[u32], &[f64]) -> Option<u32>,
    ) -> bool {
        let Elimination { out, nucleus, places, work, is_met, met, left } = self;
        for &(c, a) in entries {
            work[c as usize] = a;
            is_met[c as usize] = true;
            met.push(c);
        }
        for k in *nucleus..out.vectors.len() {
            let y = work[out.coordinates[k] as usize];
            if y != 0.0 {
                for &(c, l) in out.lower.list(k) {
                    if !std::mem::replace(&mut is_met[c as usize], true) {
                        met.push(c);
                    }
                    work[c as usize] -= l * y;
                }
            }
        }
        left.extend(met.iter().copied().filter(|&c| places[c as usize] == NONE));
        let pivot = choose(left, work);
        if let Some(pivot) = pivot {
            let diagonal = work[pivot as usize];
            for &c in met.iter() {
                let value = work[c as usize];
                match places[c as usize] {
                    _ if c == pivot || value == 0.0 => {}
                    NONE => out.lower.push(c as usize, value / diagonal),
                    k => out.upper.push(k as usize, value),
                }
            }
            out.lower.end();
            out.upper.end();
            places[pivot as usize] = out.vectors.len() as u32;
            out.coordinates.push(pivot);
            out.vectors.push(vector);
            out.diagonal.push(diagonal);
        }
        for c in met.drain(..) {
            work[c as usize] = 0.0;
            is_met[c as usize] = false;
        }
        left.clear();
        pivot.is_some()
    }

    fn finish(mut self, dependent: &[u32]) -> (Factor, Vec<(u32, u32)>) {
        let n = self.places.len();
        let free: Vec<u32> = (0..n as u32).filter(|&c| self.places[c as usize] == NONE).collect();
        let stand_ins: Vec<(u32, u32)> = dependent.iter().copied().zip(free).collect();
        for &(vector, coordinate) in &stand_ins {
            self.take(vector, &[(coordinate, 1.0)], |_, _| Some(coordinate));
        }
        let Elimination { mut out, places, .. } = self;
        out.lower.entries.iter_mut().for_each(|(c, _)| *c = places[*c as usize]);
        out.lower_rows = out.lower.transposed(n);
        out.upper_rows = out.upper.transposed(n);
        out.of_coordinate = places;
        out.of_vector = vec![0; n];
        (0..).zip(&out.vectors).for_each(|(k, &v)| out.of_vector[v as usize] = k);
        out.work = vec![0.0; n];
        (out, stand_ins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reproducible stream of numbers.
    fn stream(mut state: u64) -> impl FnMut() -> f64 {
        move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as f64 / (1_u64 << 31) as f64
        }
    }

    #[test]
    fn both_systems_are_solved_at_every_density_and_dependent_vectors_are_replaced() {
        let mut next = stream(3);
        for case in 0..400 {
            let n = 1 + case % 23;
            let density = next();
            let mut full = vec![vec![0.0; n]; n];
            for vector in &mut full {
                for a in vector.iter_mut() {
                    if next() < density {
                        *a = (next() * 8.0 - 4.0).round();
                    }
                }
            }
            if case % 3 == 0 && n > 2 {
                full[1] = full[0].iter().zip(&full[n - 1]).map(|(a, b)| a - 2.0 * b).collect();
            }
            let mut lists = Lists::default();
            for vector in &full {
                for (c, &a) in vector.iter().enumerate().filter(|(_, a)| **a != 0.0) {
                    lists.push(c, a);
                }
                lists.end();
            }
            let (mut factor, stand_ins) = Factor::new(n, &lists);
            assert!(case % 3 != 0 || n <= 2 || !stand_ins.is_empty());
            for (vector, coordinate) in stand_ins {
                full[vector as usize] = vec![0.0; n];
                full[vector as usize][coordinate as usize] = 1.0;
            }
            let truth: Vec<f64> = (0..n).map(|_| next() - 0.5).collect();
            let mut image = vec![0.0; n];
            for (s, vector) in truth.iter().zip(&full) {
                image.iter_mut().zip(vector).for_each(|(v, a)| *v += s * a);
            }
            let mut found = vec![0.0; n];
            factor.combination(&image, &mut found);
            let off =
                |v: &[f64]| v.iter().zip(&truth).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(off(&found) < 1e-8, "{case}: {found:?} {truth:?}");
            let image: Vec<f64> =
                full.iter().map(|v| v.iter().zip(&truth).map(|(a, x)| a * x).sum()).collect();
            factor.direction(&image, &mut found);
            assert!(off(&found) < 1e-8, "{case}: {found:?} {truth:?}");
        }
    }
}
