//! Derivatives by hand that the root package's benchmark does not have.

use crate::rows::FEATURES;

/// The mean logistic loss over rows of features and a label, as one writes it first.
pub(crate) fn logistic(weights: &[f64], rows: &[f64], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let mut loss = 0.0;
    for row in rows.chunks_exact(FEATURES + 1) {
        let mut z = weights[FEATURES];
        for j in 0..FEATURES {
            z += weights[j] * row[j];
        }
        let (value, by_z) = of_score(z, row[FEATURES]);
        loss += value;
        for j in 0..FEATURES {
            gradient[j] += by_z * row[j];
        }
        gradient[FEATURES] += by_z;
    }
    let n = (rows.len() / (FEATURES + 1)) as f64;
    gradient.iter_mut().for_each(|slope| *slope /= n);
    loss / n
}

/// The same with sums in several lanes, and lengths that the compiler knows.
pub(crate) fn logistic_tuned(weights: &[f64], rows: &[f64], gradient: &mut [f64]) -> f64 {
    const LANES: usize = 4;
    let ([weights], [bias]) = weights.as_chunks::<FEATURES>() else { return f64::NAN };
    let (mut loss, mut by_weights, mut by_bias) = (0.0, [0.0; FEATURES], 0.0);
    for row in rows.as_chunks::<{ FEATURES + 1 }>().0 {
        let mut lanes = [0.0; LANES];
        for j in 0..FEATURES {
            lanes[j % LANES] += weights[j] * row[j];
        }
        let z = (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]) + bias;
        let (value, by_z) = of_score(z, row[FEATURES]);
        loss += value;
        for j in 0..FEATURES {
            by_weights[j] += by_z * row[j];
        }
        by_bias += by_z;
    }
    let n = (rows.len() / (FEATURES + 1)) as f64;
    for (slope, sum) in gradient.iter_mut().zip(by_weights.iter().chain([&by_bias])) {
        *slope = sum / n;
    }
    loss / n
}

/// `ln(1 + eᶻ) - z y` and its slope, from one exponential.
#[inline(always)]
fn of_score(z: f64, y: f64) -> (f64, f64) {
    let e = (-z.abs()).exp();
    let share = 1.0 / (1.0 + e);
    (z.max(0.0) + e.ln_1p() - z * y, if z < 0.0 { e * share } else { share } - y)
}

/// The mean absolute error of `a x² + b x` over columns, with the widest vector instructions that
/// the processor has; nothing if it has neither AVX-512 nor AVX2 with fused multiply-add.
pub(crate) fn vector_error() -> Option<(&'static str, VectorError)> {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("fma") {
            // SAFETY: the processor has what the function needs.
            return Some(("by hand, AVX-512", |p, x, y, g| unsafe { x86::avx512(p, x, y, g) }));
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the processor has what the function needs.
            return Some(("by hand, AVX2", |p, x, y, g| unsafe { x86::avx2(p, x, y, g) }));
        }
    }
    None
}

/// Of the parameters and the columns `x` and `y`; writes the gradient.
pub(crate) type VectorError = fn([f64; 2], &[f64], &[f64], &mut [f64]) -> f64;

#[cfg(target_arch = "x86_64")]
mod x86 {
    #[target_feature(enable = "avx512f,fma")]
    pub(super) fn avx512(at: [f64; 2], x: &[f64], y: &[f64], gradient: &mut [f64]) -> f64 {
        error::<8>(at, x, y, gradient)
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) fn avx2(at: [f64; 2], x: &[f64], y: &[f64], gradient: &mut [f64]) -> f64 {
        error::<4>(at, x, y, gradient)
    }

    /// Registers added to in turn, so that no addition waits for the one before.
    const REGISTERS: usize = 4;

    #[inline(always)]
    fn error<const LANES: usize>(
        [a, b]: [f64; 2],
        x: &[f64],
        y: &[f64],
        gradient: &mut [f64],
    ) -> f64 {
        let mut loss = [[0.0; LANES]; REGISTERS];
        let mut by_a = [[0.0; LANES]; REGISTERS];
        let mut by_b = [[0.0; LANES]; REGISTERS];
        let (xs, x_rest) = x.as_chunks::<LANES>();
        let (ys, y_rest) = y.as_chunks::<LANES>();
        let (xs, x_late) = xs.as_chunks::<REGISTERS>();
        let (ys, y_late) = ys.as_chunks::<REGISTERS>();
        for (x, y) in xs.iter().zip(ys) {
            for k in 0..REGISTERS {
                for i in 0..LANES {
                    let x = x[k][i];
                    let r = a.mul_add(x, b).mul_add(x, -y[k][i]);
                    let slope = sign(r) * x;
                    loss[k][i] += r.abs();
                    by_b[k][i] += slope;
                    by_a[k][i] = slope.mul_add(x, by_a[k][i]);
                }
            }
        }
        let late = x_late.as_flattened().iter().zip(y_late.as_flattened());
        for (&x, &y) in late.chain(x_rest.iter().zip(y_rest)) {
            let r = a.mul_add(x, b).mul_add(x, -y);
            loss[0][0] += r.abs();
            by_b[0][0] += sign(r) * x;
            by_a[0][0] += sign(r) * x * x;
        }
        let n = x.len() as f64;
        gradient[0] = by_a.as_flattened().iter().sum::<f64>() / n;
        gradient[1] = by_b.as_flattened().iter().sum::<f64>() / n;
        loss.as_flattened().iter().sum::<f64>() / n
    }

    /// -1, 0 or 1, without a branch.
    #[inline(always)]
    fn sign(x: f64) -> f64 {
        let positive = if x > 0.0 { 1.0 } else { 0.0 };
        let negative = if x < 0.0 { 1.0 } else { 0.0 };
        positive - negative
    }
}
