//! Linear least squares in few unknowns: a Jacobian is reduced to a triangle, the triangle to its singular
//! values, and from those come the steps of a trust region of any radius.

use super::jacobi::{Singular, singular};
use nalgebra::{DMatrix, DVector};

/// A power of two within a factor of 2 below a number of a size from 2^-1000 to 2^1000, the nearest of these
/// beyond; 0 of 0.
///
/// Scaling by it rounds nothing, so that problems in other units give the same bits.
pub(in crate::optim) fn power_of_two(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return 0.0;
    }
    let exponent = if x.is_normal() { (x.to_bits() >> 52 & 0x7ff) as i32 - 1023 } else { -1022 };
    2.0_f64.powi(exponent.clamp(-1000, 1000))
}

/// `Qᵀ J` and `Qᵀ r` of the orthogonal `Q` that makes `J`, with its columns in another order, a triangle; the
/// columns are back in their order. Squares are taken of nothing.
pub(super) fn reduced(jacobian: DMatrix<f64>, mut residuals: DVector<f64>) -> Reduced {
    let (rows, columns) = jacobian.shape();
    let tolerance = 16.0 * columns as f64 * (rows as f64).sqrt() * f64::EPSILON;
    let few = rows.min(columns);
    if few == 0 {
        return Reduced { matrix: DMatrix::zeros(0, columns), rest: DVector::zeros(0), tolerance };
    }
    let factors = jacobian.col_piv_qr();
    factors.q_tr_mul(&mut residuals);
    let mut matrix = factors.r();
    factors.p().inv_permute_columns(&mut matrix);
    Reduced { matrix, rest: residuals.rows(0, few).into_owned(), tolerance }
}

/// What is left to solve: the step `p` of least `‖matrix p + rest‖`.
#[derive(Clone, Debug)]
pub(super) struct Reduced {
    pub(super) matrix: DMatrix<f64>,
    pub(super) rest: DVector<f64>,
    /// The share of the greatest singular value that rounding hides.
    pub(super) tolerance: f64,
}

impl Reduced {
    /// By how much a step lowers half the sum of squares.
    pub(super) fn gain(&self, step: &DVector<f64>) -> f64 {
        let change = &self.matrix * step;
        -(self.rest.dot(&change) + 0.5 * change.norm_squared())
    }

    /// The gradient of half the sum of squares.
    pub(super) fn gradient(&self) -> DVector<f64> {
        self.matrix.tr_mul(&self.rest)
    }

    /// The same problem with each unknown times a share.
    pub(super) fn in_shares(&self, shares: &DVector<f64>) -> Self {
        let mut scaled = self.clone();
        scaled
            .matrix
            .column_iter_mut()
            .zip(shares)
            .for_each(|(mut column, share)| column *= *share);
        scaled
    }

    /// Singular values, where `at` are the unknowns and the others are fixed at a step.
    pub(super) fn factors(&self, at: &[usize], fixed: &DVector<f64>) -> Factors {
        let rest = &self.rest + &self.matrix * fixed;
        let Singular { values, u, v } = singular(self.matrix.select_columns(at));
        let least = values.iter().fold(0.0_f64, |most, &s| most.max(s)) * self.tolerance;
        Factors { along: u.tr_mul(&rest), values, directions: v, least }
    }
}

/// The singular values, each with its direction, and the residuals along it.
#[derive(Clone, Debug)]
pub(super) struct Factors {
    values: DVector<f64>,
    directions: DMatrix<f64>,
    along: DVector<f64>,
    /// Up to this, rounding hides whether a value differs from 0.
    least: f64,
}

impl Factors {
    /// The values that differ from 0, and the direction of each.
    pub(super) fn told(&self) -> (DVector<f64>, DMatrix<f64>) {
        let told: Vec<usize> =
            (0..self.values.len()).filter(|&i| self.values[i] > self.least).collect();
        (self.values.select_rows(&told), self.directions.select_columns(&told))
    }

    /// The least step of Gauss and Newton.
    fn whole(&self) -> DVector<f64> {
        let part = |a: f64, s: f64| if s > self.least { -a / s } else { 0.0 };
        &self.directions * self.along.zip_map(&self.values, part)
    }

    /// The step of least `‖matrix p + rest‖` within a radius.
    ///
    /// It is `p(λ) = -Σ v s a / (s² + λ)` of the least `λ ≥ 0` with `‖p(λ)‖ ≤ radius`, which Newton's method on
    /// `radius / ‖p(λ)‖` finds from below (J. J. Moré, "The Levenberg-Marquardt algorithm: implementation and
    /// theory", 1978, section 5). Without a radius it is the step of Gauss and Newton, the least one where there
    /// are several; with one, `λ` is at least the square of what rounding hides of values, so that those are
    /// damped, and small ones that are none of rounding are not lost. As there, a tenth more than the radius is
    /// within it.
    pub(super) fn step(&self, radius: f64) -> DVector<f64> {
        if radius == f64::INFINITY {
            return self.whole();
        }
        let within = |lambda: f64| {
            let part = |a: f64, s: f64| if s > 0.0 { -a / (s + lambda / s) } else { 0.0 };
            self.along.zip_map(&self.values, part)
        };
        let mut lambda = self.least * self.least;
        let mut parts = within(lambda);
        for _ in 0..100 {
            let length = parts.norm();
            if length <= 1.1 * radius {
                break;
            }
            let bend = |p: f64, s: f64| if s > 0.0 { p * p / (s * s + lambda) } else { 0.0 };
            let bends = parts.zip_map(&self.values, bend).sum();
            lambda += (length / radius - 1.0) * (length * length / bends);
            parts = within(lambda);
        }
        &self.directions * parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(rows: usize, columns: usize) -> (DMatrix<f64>, DVector<f64>) {
        let number =
            |i: usize, j: usize| ((i * 7919 + j * 104_729 + i * i * j) % 97) as f64 / 16.0 - 3.0;
        let jacobian = DMatrix::from_fn(rows, columns, number);
        (jacobian, DVector::from_fn(rows, |i, _| number(i, columns + 3)))
    }

    #[test]
    fn powers_of_two_lie_within_a_factor_of_two_below() {
        for x in [1.0, 1.99, 2.0, 3e-300, 7e250, 0.3] {
            let power = power_of_two(x);
            assert!(power <= x && x < 2.0 * power, "{x}: {power}");
            assert_eq!(power.to_bits() & ((1 << 52) - 1), 0);
        }
        assert_eq!([power_of_two(0.0), power_of_two(f64::INFINITY)], [0.0; 2]);
        let ends = [f64::from_bits(1), f64::MAX].map(power_of_two);
        assert_eq!(ends, [2.0_f64.powi(-1000), 2.0_f64.powi(1000)]);
    }

    #[test]
    fn a_step_solves_the_damped_normal_equations_at_its_radius() {
        let (jacobian, residuals) = problem(20, 5);
        let reduced = reduced(jacobian.clone(), residuals.clone());
        let all: Vec<usize> = (0..5).collect();
        let factors = reduced.factors(&all, &DVector::zeros(5));
        let newton = factors.step(f64::INFINITY);
        let normal = jacobian.tr_mul(&jacobian);
        let gradient = jacobian.tr_mul(&residuals);
        assert!((&normal * &newton + &gradient).norm() < 1e-12 * gradient.norm());
        for share in [0.9, 0.5, 0.01, 1e-6] {
            let radius = share * newton.norm();
            let step = factors.step(radius);
            assert!(step.norm() <= 1.1 * radius && step.norm() > 0.9 * radius);
            // (JᵀJ + λ) p = -g for one λ.
            let left = &normal * &step + &gradient;
            let lambda = -left.dot(&step) / step.norm_squared();
            assert!(lambda > 0.0 && (left + lambda * step).norm() < 1e-10 * gradient.norm());
        }
    }

    #[test]
    fn columns_that_depend_on_each_other_are_told() {
        let (mut jacobian, residuals) = problem(20, 4);
        let sum = jacobian.column(0) + jacobian.column(1);
        jacobian.set_column(3, &sum);
        let reduced = reduced(jacobian.clone(), residuals.clone());
        let factors = reduced.factors(&[0, 1, 2, 3], &DVector::zeros(4));
        assert_eq!(factors.told().0.len(), 3);
        let step = factors.step(f64::INFINITY);
        assert!(jacobian.tr_mul(&(&jacobian * &step + &residuals)).norm() < 1e-11);
        // The least: nothing of it along what changes nothing.
        assert!((step[0] + step[1] - step[3]).abs() < 1e-13);
    }
}
