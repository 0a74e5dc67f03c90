//! Functions of lists of series.

use super::Taylor;
use crate::dual::jet::Jet;
use crate::dual::lanes::along;
use crate::dual::series::{integral, product, quotient};
use crate::op::nary::Norm;

impl<const K: usize> Taylor<K, f64> {
    /// `ln Σ e^xᵢ` and the shares `pᵢ`.
    ///
    /// With `m` the number of the greatest share, `zᵢ = xᵢ - xₘ` and `r = ln Σ e^zᵢ`:
    ///
    /// ```text
    /// r' = Σ pᵢ zᵢ'            pᵢ' = pᵢ (zᵢ' - r')
    /// y' = Σ pᵢ xᵢ'            y'' = Σ pᵢ xᵢ'' + Σ pᵢ' zᵢ'
    /// ```
    ///
    /// where `zₘ` is 0 exactly, so that nothing cancels if `pₘ` is nearly 1; with `xᵢ' - y'` for `zᵢ' - r'`, what
    /// changes `pₘ` would be lost from a difference of 37 on.
    pub(super) fn shared(xs: &[Self], value: f64, shares: &[f64]) -> (Self, Vec<Self>) {
        let greater = |best: usize, i: usize| if shares[i] > shares[best] { i } else { best };
        let most = (0..shares.len()).fold(0, greater);
        let apart = |i: usize, j: usize| {
            if i == most { 0.0 } else { xs[i].at(j) - xs[most].at(j) }
        };
        let mut shares: Vec<Self> = shares.iter().map(|&share| Self::constant(share)).collect();
        let [mut y, mut rest] = [value, 0.0].map(Self::constant);
        for k in 1..=K {
            let sum = |part: &dyn Fn(usize, &Self) -> f64| -> f64 {
                shares.iter().enumerate().map(|(i, p)| part(i, p)).sum()
            };
            let before = |i: usize, j: usize| if j < k { apart(i, j) } else { 0.0 };
            let bent = sum(&|i, p| integral(|j| before(i, j), |j| p.at(j), k));
            y.rest[k - 1] = sum(&|i, p| along(p.value, xs[i].at(k))) + bent;
            rest.rest[k - 1] = sum(&|i, p| along(p.value, apart(i, k))) + bent;
            for (i, p) in shares.iter_mut().enumerate() {
                p.rest[k - 1] = integral(|j| apart(i, j) - rest.at(j), |j| p.at(j), k);
            }
        }
        (y, shares)
    }

    /// `y = |x|` away from its tip, from the unit vector `u = x / y` that it has here.
    ///
    /// ```text
    /// w = x' - y' u            u' = w / y
    /// y' = u · x'              y'' = u · x'' + u' · w
    /// ```
    ///
    /// No square of an `xᵢ` is formed, which might leave the range, and `u' · w` is a sum of squares over `y`, which
    /// does not cancel. By `y` is divided as by the two factors of the norm, as the norm itself may be beyond the
    /// range.
    pub(super) fn stretched(xs: &[Self], units: &[f64], norm: Norm<f64>) -> Self {
        let mut y = Self::constant(norm.value());
        let mut parts: Vec<[Self; 2]> =
            units.iter().map(|&u| [u, 0.0].map(Self::constant)).collect();
        let order = |j: usize| j as f64;
        for k in 1..=K {
            let bent = |x: &Self, [u, w]: &[Self; 2]| {
                let twice = |j: usize| order((j + 1) * (j + 2)) * x.at(j + 2);
                let turn = |j: usize| order(j + 1) * u.at(j + 1);
                let straight = product(twice, |j| u.at(j), k - 2);
                (straight, product(turn, |j| w.at(j), k - 2))
            };
            let terms = xs.iter().zip(&parts);
            y.rest[k - 1] = if k == 1 {
                terms.map(|(x, [u, _])| along(u.value, x.at(1))).sum()
            } else {
                let sums = terms.map(|(x, part)| bent(x, part));
                let (straight, bent) =
                    sums.fold((0.0, 0.0), |(s, b), (straight, bent)| (s + straight, b + bent));
                (straight + bent) / order(k * (k - 1))
            };
            for (x, [u, w]) in xs.iter().zip(&mut parts) {
                let slope = |j: usize| order(j + 1) * y.at(j + 1);
                let across = order(k) * x.at(k) - product(|j| u.at(j), slope, k - 1);
                *w.place(k - 1) = across;
                let turned = |j: usize| if j == 0 { 0.0 } else { order(j) * u.at(j) };
                let others = |j: usize| if j == 0 { 0.0 } else { y.at(j) };
                let number = across - product(turned, others, k);
                let turn = quotient(quotient(number, norm.root), norm.scale);
                *u.place(k) = turn / order(k);
            }
        }
        y
    }
}
