//! The step of a trust region on a quadratic model that may bend downwards.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

/// `½ pᵀ H p + gᵀ p` by the curvatures of `H`.
#[derive(Clone, Debug)]
pub(super) struct Quadratic {
    pub(super) gradient: DVector<f64>,
    curvatures: DVector<f64>,
    directions: DMatrix<f64>,
    /// The slopes along the directions.
    along: DVector<f64>,
}

impl Quadratic {
    pub(super) fn of(hessian: DMatrix<f64>, gradient: DVector<f64>) -> Self {
        if gradient.is_empty() {
            let (curvatures, along) = (DVector::zeros(0), DVector::zeros(0));
            return Quadratic { gradient, curvatures, directions: hessian, along };
        }
        let SymmetricEigen { eigenvectors, eigenvalues } = hessian.symmetric_eigen();
        let along = eigenvectors.tr_mul(&gradient);
        Quadratic { gradient, curvatures: eigenvalues, directions: eigenvectors, along }
    }

    /// The least and the greatest curvature, and what rounding hides of curvatures.
    pub(super) fn curvatures(&self) -> [f64; 3] {
        let least = self.curvatures.iter().fold(f64::INFINITY, |least, &c| least.min(c));
        let greatest = self.curvatures.iter().fold(f64::NEG_INFINITY, |most, &c| most.max(c));
        [
            least,
            greatest,
            16.0 * self.curvatures.len() as f64 * f64::EPSILON * self.curvatures.amax(),
        ]
    }

    /// By how much a step lowers the model.
    pub(super) fn gain(&self, step: &DVector<f64>) -> f64 {
        let parts = self.directions.tr_mul(step);
        let change = parts.iter().zip(&self.curvatures).zip(&self.along);
        -change.map(|((p, c), a)| (a + 0.5 * c * p) * p).sum::<f64>()
    }

    /// The inverse of the Hessian, if it is positive definite.
    pub(super) fn inverse(&self) -> Option<DMatrix<f64>> {
        let [least, _, hidden] = self.curvatures();
        let parts = || {
            let columns = self.directions.column_iter().zip(&self.curvatures);
            let columns: Vec<DVector<f64>> = columns.map(|(v, c)| v / c.sqrt()).collect();
            DMatrix::from_columns(&columns)
        };
        (least > hidden).then(|| parts() * parts().transpose())
    }

    /// The least step to the minimum; none where the model has none beyond rounding.
    pub(super) fn whole(&self) -> Option<DVector<f64>> {
        let [_, _, hidden] = self.curvatures();
        let slope = self.along.amax();
        let mut has_minimum = true;
        let parts = self.along.zip_map(&self.curvatures, |a, c| {
            if c > hidden {
                return -a / c;
            }
            // The slope there as well may be rounding.
            has_minimum &= c >= -hidden && a.abs() <= 64.0 * f64::EPSILON * slope;
            0.0
        });
        has_minimum.then(|| &self.directions * parts)
    }

    /// The step of least model within a radius.
    ///
    /// It is `p(λ) = -(H + λ)⁻¹ g` of the least `λ ≥ 0` for which `H + λ` bends nowhere downwards and `p` lies
    /// within the radius; where there is none on the radius, as the slope has no part along the lowest
    /// curvature, that direction is added (J. J. Moré and D. C. Sorensen, "Computing a trust region step", SIAM
    /// Journal on Scientific and Statistical Computing 4, 1983). A tenth more than the radius is within it.
    pub(super) fn step(&self, radius: f64) -> DVector<f64> {
        let [least, _, hidden] = self.curvatures();
        let lowest = if least < -hidden { -least } else { 0.0 };
        let slope = self.along.norm();
        // Directions without curvature at the lowest λ count where the slope has a part along them.
        let parts = |lambda: f64| {
            self.along.zip_map(&self.curvatures, |a, c| {
                let bend = c + lambda;
                if bend <= hidden && a.abs() <= 1e-15 * slope { 0.0 } else { -a / bend.max(0.0) }
            })
        };
        let mut found = parts(lowest);
        if found.norm() <= radius {
            if lowest > 0.0 {
                let at = self.curvatures.imin();
                let left = (radius * radius - found.norm_squared()).max(0.0).sqrt();
                found[at] -= left.copysign(self.along[at]);
            }
            return &self.directions * found;
        }
        let (mut low, mut high) = (lowest, lowest + slope / radius);
        let mut lambda = high;
        for _ in 0..200 {
            found = parts(lambda);
            let length = found.norm();
            if (length - radius).abs() <= 0.1 * radius {
                break;
            }
            if length > radius {
                low = lambda
            } else {
                high = lambda
            }
            let bends = found.zip_map(&self.curvatures, |p, c| p * p / (c + lambda));
            let next = lambda + (length / radius - 1.0) * (length * length / bends.sum());
            lambda = if next > low && next < high { next } else { 0.5 * (low + high) };
        }
        &self.directions * found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quadratic(curvatures: &[f64], slopes: &[f64]) -> (DMatrix<f64>, Quadratic) {
        let n = curvatures.len();
        // A rotation by a reflection.
        let v = DVector::from_fn(n, |i, _| 1.0 + i as f64).normalize();
        let turn = DMatrix::identity(n, n) - 2.0 * &v * v.transpose();
        let hessian = &turn * DMatrix::from_diagonal(&DVector::from_row_slice(curvatures)) * &turn;
        let gradient = &turn * DVector::from_row_slice(slopes);
        (turn, Quadratic::of(hessian, gradient))
    }

    /// No point of many within the radius is lower, but for what a tenth of the radius may gain.
    fn assert_least(model: &Quadratic, radius: f64) {
        let step = model.step(radius);
        assert!(step.norm() <= 1.1 * radius * (1.0 + 1e-9));
        let gain = model.gain(&step);
        let n = step.len();
        let mut state = 1_u64;
        for _ in 0..20_000 {
            let other = DVector::from_fn(n, |_, _| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 33) as f64 / 2.0_f64.powi(30) - 1.0
            });
            let other = &other * (0.89 * radius / other.norm());
            assert!(model.gain(&other) <= gain * (1.0 + 1e-9), "{other} is lower than {step}");
        }
    }

    #[test]
    fn a_step_is_the_least_point_within_its_radius() {
        for (curvatures, slopes) in [
            ([1.0, 2.0, 5.0], [1.0, -3.0, 2.0]),
            ([-1.0, 2.0, 5.0], [1.0, -3.0, 2.0]),
            ([-4.0, -1.0, 0.0], [1e-9, 1.0, 1.0]),
            ([0.0, 1.0, 2.0], [0.0, 1.0, 1.0]),
            ([0.0, 1.0, 2.0], [1.0, 1.0, 1.0]),
        ] {
            let (_, model) = quadratic(&curvatures, &slopes);
            for radius in [1e-3, 0.5, 2.0, 100.0] {
                assert_least(&model, radius);
            }
        }
    }

    #[test]
    fn without_a_slope_along_the_lowest_curvature_it_goes_there_all_the_same() {
        let (turn, model) = quadratic(&[-2.0, 1.0, 3.0], &[0.0, 1.0, 1.0]);
        assert_least(&model, 10.0);
        let step = &turn * model.step(10.0);
        assert!((step[1] + 1.0 / 3.0).abs() < 1e-6 && (step[2] + 0.2).abs() < 1e-6, "{step}");
        assert!(step[0].abs() > 9.0);
        let (_, flat) = quadratic(&[-2.0, 1.0, 3.0], &[0.0; 3]);
        assert!((flat.step(1.0).norm() - 1.0).abs() < 1e-12);
    }
}
