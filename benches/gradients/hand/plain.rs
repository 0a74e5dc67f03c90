//! As one writes it first: the loss's loop, with its slopes beside it.

use super::Slopes;
use crate::loss::{
    COMPONENTS, DIM, HIDDEN, INPUTS, Layers, Sample, TRIANGLE, log_normaliser, mean_and_factor, row,
};

pub(crate) fn mean_absolute_error(
    [a, b]: [f64; 2],
    points: &[(f64, f64)],
    gradient: &mut [f64],
) -> f64 {
    let (mut loss, mut by_a, mut by_b) = (0.0, 0.0, 0.0);
    for &(x, y) in points {
        let r = a * x * x + b * x - y;
        let sign = if r > 0.0 {
            1.0
        } else if r < 0.0 {
            -1.0
        } else {
            0.0
        };
        loss += r.abs();
        by_a += sign * x * x;
        by_b += sign * x;
    }
    let n = points.len() as f64;
    gradient[0] = by_a / n;
    gradient[1] = by_b / n;
    loss / n
}

pub(crate) fn rosenbrock(x: &[f64], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let mut f = 0.0;
    for i in 0..x.len() - 1 {
        let t = x[i + 1] - x[i] * x[i];
        let u = x[i] - 1.0;
        f += 100.0 * t * t + u * u;
        gradient[i] += -400.0 * x[i] * t + 2.0 * u;
        gradient[i + 1] += 200.0 * t;
    }
    f
}

/// Samples beyond the margin and units at rest are passed over.
pub(crate) fn hinge(weights: &[f64], samples: &[Sample], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let Layers { w1, b1, w2, b2, w3, b3 } = Layers::of(weights);
    let by = Slopes::of(gradient);
    let n = samples.len() as f64;
    let mut loss = 0.0;
    for &(x, class) in samples {
        let (mut h1, mut h2) = ([0.0; HIDDEN], [0.0; HIDDEN]);
        for j in 0..HIDDEN {
            let z = w1[j * INPUTS] * x[0] + w1[j * INPUTS + 1] * x[1] + b1[j];
            h1[j] = z.max(0.0);
        }
        for j in 0..HIDDEN {
            let mut z = b2[j];
            for k in 0..HIDDEN {
                z += w2[j * HIDDEN + k] * h1[k];
            }
            h2[j] = z.max(0.0);
        }
        let mut score = *b3;
        for j in 0..HIDDEN {
            score += w3[j] * h2[j];
        }
        let margin = 1.0 - class * score;
        if margin <= 0.0 {
            continue;
        }
        loss += margin;

        let by_score = -class / n;
        *by.b3 += by_score;
        let mut by_h1 = [0.0; HIDDEN];
        for j in 0..HIDDEN {
            if h2[j] > 0.0 {
                by.w3[j] += by_score * h2[j];
                let by_z = by_score * w3[j];
                by.b2[j] += by_z;
                for k in 0..HIDDEN {
                    by.w2[j * HIDDEN + k] += by_z * h1[k];
                    by_h1[k] += by_z * w2[j * HIDDEN + k];
                }
            }
        }
        for j in 0..HIDDEN {
            if h1[j] > 0.0 {
                by.b1[j] += by_h1[j];
                by.w1[j * INPUTS] += by_h1[j] * x[0];
                by.w1[j * INPUTS + 1] += by_h1[j] * x[1];
            }
        }
    }
    loss / n
}

pub(crate) fn mixture(parameters: &[f64], points: &[[f64; DIM]], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let alphas = &parameters[..COMPONENTS];
    let (by_alphas, rest) = gradient.split_at_mut(COMPONENTS);
    let (by_means, by_factors) = rest.split_at_mut(COMPONENTS * DIM);

    let mut diagonals = [[0.0; DIM]; COMPONENTS];
    let mut log_weights = [0.0; COMPONENTS];
    for k in 0..COMPONENTS {
        let (_, factor) = mean_and_factor(parameters, k);
        log_weights[k] = alphas[k];
        for i in 0..DIM {
            let q = factor[row(i) + i];
            diagonals[k][i] = q.exp();
            log_weights[k] += q;
        }
    }

    let mut likelihood = 0.0;
    let mut v = [[0.0; DIM]; COMPONENTS];
    let mut z = [[0.0; DIM]; COMPONENTS];
    let mut terms = [0.0; COMPONENTS];
    for x in points {
        for k in 0..COMPONENTS {
            let (mean, factor) = mean_and_factor(parameters, k);
            for i in 0..DIM {
                v[k][i] = mean[i] - x[i];
            }
            let mut square = 0.0;
            for i in 0..DIM {
                z[k][i] = diagonals[k][i] * v[k][i];
                for j in 0..i {
                    z[k][i] += factor[row(i) + j] * v[k][j];
                }
                square += z[k][i] * z[k][i];
            }
            terms[k] = log_weights[k] - 0.5 * square;
        }
        likelihood += softmax(&mut terms);

        for k in 0..COMPONENTS {
            let (_, factor) = mean_and_factor(parameters, k);
            let by_mean = &mut by_means[k * DIM..][..DIM];
            let by_factor = &mut by_factors[k * TRIANGLE..][..TRIANGLE];
            let share = terms[k];
            by_alphas[k] += share;
            for i in 0..DIM {
                let by_z = -share * z[k][i];
                for j in 0..i {
                    by_factor[row(i) + j] += by_z * v[k][j];
                    by_mean[j] += by_z * factor[row(i) + j];
                }
                by_factor[row(i) + i] += share + by_z * v[k][i] * diagonals[k][i];
                by_mean[i] += by_z * diagonals[k][i];
            }
        }
    }

    let n = points.len() as f64;
    terms.copy_from_slice(alphas);
    let normaliser = softmax(&mut terms) + log_normaliser();
    for k in 0..COMPONENTS {
        by_alphas[k] -= n * terms[k];
    }
    likelihood - n * normaliser
}

/// The shares `eᵗ / Σ eᵗ` in place of the terms, and `ln Σ eᵗ`.
fn softmax(terms: &mut [f64]) -> f64 {
    let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut total = 0.0;
    for term in &mut *terms {
        *term = (*term - most).exp();
        total += *term;
    }
    for term in terms {
        *term /= total;
    }
    most + total.ln()
}
