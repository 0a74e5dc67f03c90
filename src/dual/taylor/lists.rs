//! Functions of lists of series.

use super::Taylor;
use crate::dual::jet::Jet;
use crate::dual::series::integral;

impl<const K: usize> Taylor<K, f64> {
    /// `ln Σ e^xᵢ` and the shares `pᵢ`: from `y' = Σ pᵢ xᵢ'` and `pᵢ' = pᵢ (xᵢ' - y')`.
    pub(super) fn shared(xs: &[Self], value: f64, shares: &[f64]) -> (Self, Vec<Self>) {
        let mut shares: Vec<Self> = shares.iter().map(|&share| Self::constant(share)).collect();
        let mut y = Self::constant(value);
        for k in 1..=K {
            let terms = xs.iter().zip(&shares);
            y.rest[k - 1] = terms.map(|(x, p)| integral(|j| x.at(j), |j| p.at(j), k)).sum();
            for (x, p) in xs.iter().zip(&mut shares) {
                p.rest[k - 1] = integral(|j| x.at(j) - y.at(j), |j| p.at(j), k);
            }
        }
        (y, shares)
    }
}
