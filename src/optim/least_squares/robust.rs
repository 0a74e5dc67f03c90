//! Losses that outliers pull less: [`Robust`].

use crate::optim::OptimError;
use crate::optim::error::check_option;

/// A loss `½ c² ρ(r²/c²)` of a residual `r` in place of `½ r²`: near it within the scale `c`, in units of
/// the residual, and flatter beyond.
///
/// | | `ρ(s)` |
/// | --- | --- |
/// | `Huber` | `s` up to 1, then `2 √s - 1`: a line of slope `c` |
/// | `SoftL1` | `2 (√(1 + s) - 1)`: the same without an edge |
/// | `Cauchy` | `ln(1 + s)`: what lies far off hardly pulls at all; not convex |
///
/// ```
/// use wengert::optim::least_squares::{LeastSquares, Robust};
/// // Where most agree, whatever the last says.
/// let data = [1.0, 1.5, 2.0, 100.0];
/// let mut x = [0.0];
/// let robust = LeastSquares::builder().robust(Robust::Huber(1.0)).build()?;
/// robust.fit(&mut x, |p: &[f64]| (data.map(|y| p[0] - y).to_vec(), vec![1.0; 4]))?;
/// // 0 = (x - 1) + (x - 1.5) + (x - 2) - 1
/// approx::assert_relative_eq!(x[0], 5.5 / 3.0, max_relative = 1e-12);
/// # Ok::<(), wengert::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Robust {
    /// P. J. Huber's, of this scale.
    Huber(f64),
    /// The smooth one between squares and absolute values, of this scale.
    SoftL1(f64),
    /// A. Cauchy's, of this scale.
    Cauchy(f64),
}

/// `ρ`, `ρ'` and `ρ''` at a number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rho {
    pub(super) value: f64,
    pub(super) slope: f64,
    pub(super) curve: f64,
}

/// Of the curvature that a weight alone would give, the least share that is kept: the correction would take
/// all of it from an outlier, and divide by what is left.
const KEPT: f64 = 1.0 / 64.0;

impl Robust {
    pub(super) fn scale(self) -> f64 {
        match self {
            Robust::Huber(scale) | Robust::SoftL1(scale) | Robust::Cauchy(scale) => scale,
        }
    }

    pub(super) fn check(self) -> Result<(), OptimError> {
        check_option("robust", self.scale(), "of a finite scale above 0", |c| c > 0.0)
    }

    pub(super) fn rho(self, s: f64) -> Rho {
        match self {
            Robust::Huber(_) if s <= 1.0 => Rho { value: s, slope: 1.0, curve: 0.0 },
            Robust::Huber(_) => {
                let root = s.sqrt();
                Rho { value: 2.0 * root - 1.0, slope: root.recip(), curve: -0.5 / (s * root) }
            }
            Robust::SoftL1(_) => {
                let root = (1.0 + s).sqrt();
                // 2 (root - 1), without its cancellation.
                let value = 2.0 * s / (root + 1.0);
                Rho { value, slope: root.recip(), curve: -0.5 / ((1.0 + s) * root) }
            }
            Robust::Cauchy(_) => {
                let slope = (1.0 + s).recip();
                Rho { value: s.ln_1p(), slope, curve: -slope * slope }
            }
        }
    }

    /// What to multiply a residual and its slopes by, so that Gauss and Newton's model of half the squares
    /// has the gradient of the loss and its curvature but for that of the residual itself: `ρ' / w` and
    /// `w`, where `w² = ρ' + 2 s ρ''`.
    ///
    /// The second-order correction of B. Triggs, P. F. McLauchlan, R. I. Hartley, A. W. Fitzgibbon, "Bundle
    /// adjustment - a modern synthesis", 2000, section 4.3, for a single residual; their `1 - α` is
    /// `w / √ρ'`, which is kept from 0.
    pub(super) fn correction(self, s: f64) -> (f64, f64) {
        let rho = self.rho(s);
        let w = (rho.slope + 2.0 * s * rho.curve).max(KEPT * rho.slope).sqrt();
        (rho.slope / w, w)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scalar, gradient_array};

    fn value<T: Scalar>(of: Robust, s: T) -> T {
        match of {
            Robust::Huber(_) if s <= 1.0 => s,
            Robust::Huber(_) => s.sqrt() * 2.0 - 1.0,
            Robust::SoftL1(_) => ((s + 1.0).sqrt() - 1.0) * 2.0,
            Robust::Cauchy(_) => s.ln_1p(),
        }
    }

    #[test]
    fn slopes_are_those_of_the_tape_and_curves_those_of_the_slopes() {
        for of in [Robust::Huber(1.0), Robust::SoftL1(1.0), Robust::Cauchy(1.0)] {
            for s in [0.25, 0.9, 1.5, 7.0, 300.0] {
                let rho = of.rho(s);
                let (want, [slope]) = gradient_array(|[s]| value(of, s), [s]);
                assert!((rho.value - want).abs() <= 1e-14 * want, "{of:?} at {s}");
                assert!((rho.slope - slope).abs() <= 1e-14 * slope, "{of:?} at {s}");
                let h = s * 1e-5;
                let curve = (of.rho(s + h).slope - of.rho(s - h).slope) / (2.0 * h);
                assert!((rho.curve - curve).abs() <= 1e-8 * (rho.slope / s), "{of:?} at {s}");
            }
        }
    }

    #[test]
    fn the_correction_keeps_the_gradient() {
        for of in [Robust::Huber(1.0), Robust::SoftL1(1.0), Robust::Cauchy(1.0)] {
            for s in [0.0, 0.25, 0.9, 1.5, 7.0, 300.0, 1e200] {
                let (of_residual, of_slopes) = of.correction(s);
                let slope = of.rho(s).slope;
                assert!((of_residual * of_slopes - slope).abs() <= 1e-15 * slope);
            }
        }
    }
}
