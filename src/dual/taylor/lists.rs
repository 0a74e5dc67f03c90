//! Functions of lists of series.

use super::Taylor;
use crate::dual::jet::Jet;
use crate::dual::lanes::along;
use crate::dual::series::integral;

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
}
