//! A root by plain numbers: whether it is one, and the inverse of the residuals' Jacobian there.

use super::ImplicitError;
use crate::program::Residuals;
use crate::{Dual, Scalar};
use nalgebra::{DMatrix, DVector};

/// How small Newton's step must be beside what the residuals are made of: half the digits.
const SMALL: f64 = 1.0 / (1u64 << 26) as f64;

/// How many columns of a Jacobian one evaluation gives.
const LANES: usize = 8;

/// The inverse of the Jacobian of the residuals by `x`, if `x` is a root.
///
/// ```text
/// J = F_x;  scale each row of J by a power of two, to a greatest element near 1
/// P J = L U; a pivot within rounding of 0 beside its column is an error
/// step = -J⁻¹ F
/// scale = |J⁻¹| |J| |x|, and + |J⁻¹| |F_p| |p| where that does not do
/// a step that is not small beside its scale is an error
/// ```
///
/// The scale has the units of `x` whatever those of the residuals and arguments are, and is not below `|x|`.
/// Residuals of the same size as their rounding errors make a step that is small beside it, also where the
/// root is 0.
pub(super) fn inverse_at(
    x: &[f64],
    p: &[f64],
    residuals: &impl Residuals,
) -> Result<DMatrix<f64>, ImplicitError> {
    let n = x.len();
    count("unknowns", residuals.parameter_count().unwrap_or(n), n)?;
    count("arguments", residuals.column_count().unwrap_or(p.len()), p.len())?;
    finite("unknown", x)?;
    finite("argument", p)?;
    let values = residuals.at(x, p);
    count("residuals", n, values.len())?;
    finite("residual", &values)?;

    let slopes = jacobian(x, n, |xs| residuals.at(xs, &constants(p)))?;
    let inverse = inverse(&slopes)?;
    let step = -(&inverse * DVector::from_vec(values));
    let sizes =
        |numbers: &[f64]| DVector::from_iterator(numbers.len(), numbers.iter().map(|x| x.abs()));
    let (slopes, spread) = (slopes.abs(), inverse.abs());
    let scale = &spread * (slopes * sizes(x));
    let first_large = |scale: &DVector<f64>| {
        let is_small = |(step, scale): (&f64, &f64)| step.abs() <= SMALL * scale;
        step.iter().zip(scale).position(|pair| !is_small(pair))
    };
    if first_large(&scale).is_some() {
        let by_arguments = jacobian(p, n, |ps| residuals.at(&constants(x), ps))?;
        let scale = scale + spread * (by_arguments.abs() * sizes(p));
        if let Some(unknown) = first_large(&scale) {
            return Err(ImplicitError::NoRoot { unknown, value: x[unknown], step: step[unknown] });
        }
    }
    Ok(inverse)
}

fn count(what: &'static str, expected: usize, found: usize) -> Result<(), ImplicitError> {
    let fits = expected == found;
    fits.then_some(()).ok_or(ImplicitError::Count { what, expected, found })
}

fn finite(what: &'static str, numbers: &[f64]) -> Result<(), ImplicitError> {
    let odd = numbers.iter().enumerate().find(|(_, x)| !x.is_finite());
    odd.map_or(Ok(()), |(index, &value)| Err(ImplicitError::NotFinite { what, index, value }))
}

fn constants<T: Scalar>(numbers: &[f64]) -> Vec<T> {
    numbers.iter().map(|&x| T::from(x)).collect()
}

/// The Jacobian of a function of `n` results, some columns at a time.
fn jacobian(
    at: &[f64],
    n: usize,
    f: impl Fn(&[Dual<LANES>]) -> Vec<Dual<LANES>>,
) -> Result<DMatrix<f64>, ImplicitError> {
    let mut found = DMatrix::zeros(n, at.len());
    for first in (0..at.len()).step_by(LANES) {
        let mut seeded: Vec<Dual<LANES>> = constants(at);
        let columns = first..at.len().min(first + LANES);
        for column in columns.clone() {
            seeded[column] = Dual::seed(at[column], column - first);
        }
        for (row, y) in f(&seeded).iter().enumerate() {
            for column in columns.clone() {
                let value = y.tangents()[column - first];
                finite("slope of residual", &[value]).map_err(|_| ImplicitError::NotFinite {
                    what: "slope of residual",
                    index: row,
                    value,
                })?;
                found[(row, column)] = value;
            }
        }
    }
    Ok(found)
}

/// The inverse, with the rows scaled by powers of two so that the choice of pivots does not depend on the units
/// of the residuals.
fn inverse(slopes: &DMatrix<f64>) -> Result<DMatrix<f64>, ImplicitError> {
    let n = slopes.nrows();
    let mut scaled = slopes.clone();
    let mut scales = vec![1.0; n];
    for (mut row, scale) in scaled.row_iter_mut().zip(&mut scales) {
        let most = row.amax();
        if most > 0.0 {
            *scale = power_near(most).recip();
            row *= *scale;
        }
    }
    let columns: Vec<f64> = scaled.column_iter().map(|column| column.amax()).collect();
    let factors = scaled.lu();
    let rounding = n as f64 * f64::EPSILON;
    let pivots = factors.u().diagonal();
    let gone = |column: &usize| pivots[*column].abs() <= rounding * columns[*column];
    if let Some(column) = (0..n).find(gone) {
        return Err(ImplicitError::Singular { column });
    }
    let Some(mut inverse) = factors.try_inverse() else {
        return Err(ImplicitError::Singular { column: n.saturating_sub(1) });
    };
    for (mut column, scale) in inverse.column_iter_mut().zip(scales) {
        column *= scale;
    }
    // Slopes by unknowns that are near the least number have an inverse beyond the greatest.
    for (index, row) in inverse.row_iter().enumerate() {
        if let Some(&value) = row.iter().find(|x| !x.is_finite()) {
            return Err(ImplicitError::NotFinite { what: "slope of unknown", index, value });
        }
    }
    Ok(inverse)
}

/// The power of two not above a positive number, between the least normal number and 2^1022, whose reciprocals
/// are normal.
fn power_near(x: f64) -> f64 {
    let exponent_bits = x.to_bits() & (0x7ff << 52);
    f64::from_bits(exponent_bits).clamp(f64::MIN_POSITIVE, f64::MIN_POSITIVE.recip())
}
