//! A vertex: as many independent lines as there are variables, exchanged one at a time.
//!
//! ```text
//! B    the rows of the lines, one for each place
//! B'   where the line at place p is another, whose row is Σ αᵢ bᵢ: B' = E B, where E is the unit matrix
//!      but for its row p, which is α
//! ```
//!
//! So both systems are solved with the factors of the first `B` and the `α` since. (The product form of
//! the inverse: G. B. Dantzig and W. Orchard-Hays, Mathematical Tables and Other Aids to Computation 8,
//! 1954.)

use super::factor::{Factor, Lists};
use super::skip::others;

/// The rows at the places, factorised.
#[derive(Clone, Debug, Default)]
pub(super) struct Basis {
    factor: Factor,
    /// Of each exchange the place, its `α` there, and the others.
    exchanges: Lists,
    pivots: Vec<(usize, f64)>,
    work: Vec<f64>,
    vectors: Lists,
}

impl Basis {
    /// Factorises rows over `n` variables, of lengths about 1. `row` tells the entries of the row at a place. Told are the
    /// places whose rows depend on the others, with the variable whose unit row now stands there.
    pub(super) fn set<I: Iterator<Item = (usize, f64)>>(
        &mut self,
        n: usize,
        row: impl Fn(usize) -> I,
    ) -> Vec<(u32, u32)> {
        self.exchanges.clear();
        self.pivots.clear();
        self.vectors.clear();
        self.work.resize(n, 0.0);
        for place in 0..n {
            row(place).filter(|(_, a)| *a != 0.0).for_each(|(j, a)| self.vectors.push(j, a));
            self.vectors.end();
        }
        let (factor, stand_ins) = Factor::new(n, &self.vectors);
        self.factor = factor;
        stand_ins
    }

    /// How many exchanges there were since, and how many numbers they hold.
    pub(super) fn exchanged(&self) -> (usize, usize) {
        (self.pivots.len(), self.exchanges.total())
    }

    /// The `s` with `Σ sᵢ bᵢ = v`.
    pub(super) fn combination(&mut self, v: &[f64], s: &mut [f64]) {
        self.factor.combination(v, s);
        for (at, &(p, pivot)) in self.pivots.iter().enumerate() {
            if s[p] != 0.0 {
                s[p] /= pivot;
                let own = s[p];
                self.exchanges.list(at).iter().for_each(|&(i, a)| s[i as usize] -= a * own);
            }
        }
    }

    /// The `d` with `bᵢ · d = rᵢ`.
    pub(super) fn direction(&mut self, r: &[f64], d: &mut [f64]) {
        self.work.copy_from_slice(r);
        for (at, &(p, pivot)) in self.pivots.iter().enumerate().rev() {
            let others: f64 =
                self.exchanges.list(at).iter().map(|&(i, a)| a * self.work[i as usize]).sum();
            self.work[p] = (self.work[p] - others) / pivot;
        }
        self.factor.direction(&self.work, d);
    }

    /// Puts another row at place `p`, `Σ αᵢ bᵢ`.
    pub(super) fn exchange(&mut self, p: usize, alpha: &[f64]) {
        let others = others(alpha).filter(|&(i, _)| i != p);
        others.for_each(|(i, a)| self.exchanges.push(i, a));
        self.exchanges.end();
        self.pivots.push((p, alpha[p]));
    }
}
