//! Powers of series.

use super::Taylor;
use crate::Real;
use crate::dual::jet::Jet;
use crate::dual::lanes::along;
use crate::dual::series::{integral, quotient};
use crate::op;

impl<const K: usize, F: Real> Taylor<K, F> {
    /// `self^power` of a value other than 0, for this value: from `x y' = power · x' y`,
    /// `k x₀ yₖ = Σ (power · j - (k - j)) xⱼ yₖ₋ⱼ`.
    fn power(&self, power: f64, value: F) -> Self {
        Self::constant(value).filled(|y, k| {
            let weight = |j: usize| F::from_double(power * j as f64 - (k - j) as f64);
            let terms = (1..=k).map(|j| weight(j) * self.at(j) * y.at(k - j));
            let sum = terms.fold(F::zero(), |sum, term| sum + term);
            quotient(sum, F::from_double(k as f64) * self.value)
        })
    }

    /// `self^power` where the value is 0 or leaves the normal range and its derivatives need not: from
    /// `y' = power · x' self^(power - 1)`, whose last power is needed to order 0 alone.
    fn rising_power(&self, power: f64) -> Self {
        let value = |less: usize| F::from_double(self.value.to_double().powf(power - less as f64));
        (0..K).rev().fold(Self::constant(value(K)), |below, less| {
            let factor = F::from_double(power - less as f64);
            let slope = below.chained(along(factor, below.value), factor);
            Self::constant(value(less)).following(self, &slope)
        })
    }

    /// `self^power` of a whole power, by multiplication.
    fn whole_power(&self, power: u32) -> Self {
        let (mut product, mut factor, mut rest) = (Self::constant(F::one()), *self, power);
        while rest > 0 {
            if rest & 1 == 1 {
                product = product.times(factor);
            }
            factor = factor.times(factor);
            rest >>= 1;
        }
        product
    }
}

impl<const K: usize> Taylor<K, f64> {
    /// `a^b`, whose second derivatives are powers again.
    pub(super) fn powered(self, other: Self, rule: (f64, f64, f64)) -> Self {
        let (a, b) = (self.value, other.value);
        let straight = self.joined(other, rule);
        if !other.is_level() {
            // `e^(b ln a)`
            let exponent = other.times(self.unary(op::Ln {}));
            return if a > 0.0 {
                Self::constant(rule.0).filled(|y, k| integral(|j| exponent.at(j), |j| y.at(j), k))
            } else {
                self.risen(&other, straight)
            };
        }
        let whole = b >= 0.0 && b <= f64::from(u32::MAX) && b.fract() == 0.0;
        let power = if whole && (a == 0.0 || b <= 64.0) {
            self.whole_power(b as u32)
        } else if a == 0.0 && b < 0.0 || a != 0.0 && !rule.0.is_normal() {
            self.rising_power(b)
        } else if a == 0.0 {
            self.risen(&other, straight)
        } else {
            self.power(b, rule.0)
        };
        // The first order is that of the table.
        power.shifted(rule.0).filled(|y, k| if k == 1 { straight.at(1) } else { y.at(k) })
    }

    /// `self^other` where the value of the base is 0, or where it is negative and the exponent varies.
    ///
    /// With the base `tᵐ u` and the exponent `b + c tʲ + …` it is `tⁿ u^b (1 + m c tʲ ln t + …)`, where
    /// `n = m b`. Where `n` is not whole, the derivatives from order `n` on are infinite, and from `n + j` on those
    /// of `tⁿ⁺ʲ ln t` are.
    fn risen(&self, other: &Self, straight: Self) -> Self {
        let b = other.value;
        let Some(m) = self.first_change().filter(|&m| b > 0.0 && (b >= 1.0 || m == 1)) else {
            let stays = self.is_level() && self.value == 0.0 && b > 0.0;
            return if stays { Self::constant(straight.value) } else { straight.only_first() };
        };
        if self.value < 0.0 {
            return straight.only_first();
        }
        let (n, lead) = (m as f64 * b, self.at(m));
        let rest =
            Self::constant(lead).filled(|_, k| if m + k <= K { self.at(m + k) } else { 0.0 });
        let rest = rest.power(b, lead.powf(b));
        let (bent, by) = other.first_change().map_or((usize::MAX, 0.0), |j| (j, other.at(j)));
        let infinite =
            |is_negative: bool| if is_negative { f64::NEG_INFINITY } else { f64::INFINITY };
        straight.filled(|_, k| {
            if k == 1 {
                // The first order is that of the table.
                return straight.at(1);
            } else if (k as f64) < n {
                return 0.0;
            }
            let beyond = k - n.ceil() as usize;
            if lead < 0.0 {
                f64::NAN
            } else if n.fract() != 0.0 {
                infinite(!beyond.is_multiple_of(2))
            } else if beyond < bent {
                rest.at(beyond)
            } else {
                // Of the logarithm and its derivatives.
                infinite((by > 0.0) == (beyond == bent || (beyond - bent).is_multiple_of(2)))
            }
        })
    }
}
