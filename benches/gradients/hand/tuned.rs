//! As one writes it for speed: sums in several lanes, which do not wait for one another, and inner
//! loops that the compiler turns into vector code.

use super::Slopes;
use crate::loss::{
    COMPONENTS, DIM, HIDDEN, INPUTS, Layers, Sample, TRIANGLE, log_normaliser, mean_and_factor, row,
};
use std::array;

const LANES: usize = 4;
type Lanes = [f64; LANES];

/// One expression in every lane.
#[inline(always)]
fn each(f: impl FnMut(usize) -> f64) -> Lanes {
    array::from_fn(f)
}

#[inline(always)]
fn total(lanes: Lanes) -> f64 {
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
}

/// -1, 0 or 1, without a branch.
#[inline(always)]
fn sign(x: f64) -> f64 {
    let positive = if x > 0.0 { 1.0 } else { 0.0 };
    let negative = if x < 0.0 { 1.0 } else { 0.0 };
    positive - negative
}

pub(crate) fn mean_absolute_error(
    [a, b]: [f64; 2],
    points: &[(f64, f64)],
    gradient: &mut [f64],
) -> f64 {
    let (mut loss, mut by_a, mut by_b) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let (blocks, rest) = points.as_chunks::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            let (x, y) = block[lane];
            let r = (a * x + b) * x - y;
            let slope = sign(r) * x;
            loss[lane] += r.abs();
            by_b[lane] += slope;
            by_a[lane] += slope * x;
        }
    }
    for &(x, y) in rest {
        let r = (a * x + b) * x - y;
        let slope = sign(r) * x;
        loss[0] += r.abs();
        by_b[0] += slope;
        by_a[0] += slope * x;
    }
    let n = points.len() as f64;
    gradient[0] = total(by_a) / n;
    gradient[1] = total(by_b) / n;
    total(loss) / n
}

/// Each slope is written once, from the two terms that its variable stands in.
pub(crate) fn rosenbrock(x: &[f64], gradient: &mut [f64]) -> f64 {
    let n = x.len();
    let residual = |x: f64, next: f64| next - x * x;
    gradient[0] = -400.0 * x[0] * residual(x[0], x[1]) + 2.0 * (x[0] - 1.0);
    gradient[n - 1] = 200.0 * residual(x[n - 2], x[n - 1]);

    let (inner, behind, ahead) = (&x[1..n - 1], &x[..n - 2], &x[2..]);
    for (((slope, &x), &behind), &ahead) in
        gradient[1..n - 1].iter_mut().zip(inner).zip(behind).zip(ahead)
    {
        let (before, t) = (residual(behind, x), residual(x, ahead));
        *slope = 200.0 * before - 400.0 * x * t + 2.0 * (x - 1.0);
    }

    let term = |x: f64, next: f64| {
        let (t, u) = (residual(x, next), x - 1.0);
        100.0 * t * t + u * u
    };
    let mut f = [0.0; LANES];
    let (blocks, rest) = x[..n - 1].as_chunks::<LANES>();
    let (nexts, rest_nexts) = x[1..].as_chunks::<LANES>();
    for (block, next) in blocks.iter().zip(nexts) {
        for lane in 0..LANES {
            f[lane] += term(block[lane], next[lane]);
        }
    }
    let tail: f64 = rest.iter().zip(rest_nexts).map(|(&x, &next)| term(x, next)).sum();
    total(f) + tail
}

/// `a · b` of a layer's size.
#[inline(always)]
fn dot(a: &[f64; HIDDEN], b: &[f64; HIDDEN]) -> f64 {
    let mut sums = [0.0; LANES];
    for i in 0..HIDDEN {
        sums[i % LANES] += a[i] * b[i];
    }
    total(sums)
}

/// `y += c x` of a layer's size.
#[inline(always)]
fn add_scaled(y: &mut [f64; HIDDEN], c: f64, x: &[f64; HIDDEN]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += c * x;
    }
}

pub(crate) fn hinge(weights: &[f64], samples: &[Sample], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let Layers { w1, b1, w2, b2, w3, b3 } = Layers::of(weights);
    let by = Slopes::of(gradient);
    let (w1, _) = w1.as_chunks::<INPUTS>();
    let (w2, _) = w2.as_chunks::<HIDDEN>();
    let (by_w1, _) = by.w1.as_chunks_mut::<INPUTS>();
    let (by_w2, _) = by.w2.as_chunks_mut::<HIDDEN>();
    let ([w3], _) = w3.as_chunks::<HIDDEN>() else {
        return f64::NAN;
    };
    let n = samples.len() as f64;
    let mut loss = 0.0;
    for &(x, class) in samples {
        let h1: [f64; HIDDEN] =
            array::from_fn(|j| (b1[j] + w1[j][0] * x[0] + w1[j][1] * x[1]).max(0.0));
        let h2: [f64; HIDDEN] = array::from_fn(|j| (b2[j] + dot(&w2[j], &h1)).max(0.0));
        let margin = 1.0 - class * (b3 + dot(w3, &h2));
        if margin <= 0.0 {
            continue;
        }
        loss += margin;

        let by_score = -class / n;
        *by.b3 += by_score;
        let mut by_h1 = [0.0; HIDDEN];
        for j in 0..HIDDEN {
            if h2[j] > 0.0 {
                let by_z = by_score * w3[j];
                by.w3[j] += by_score * h2[j];
                by.b2[j] += by_z;
                add_scaled(&mut by_w2[j], by_z, &h1);
                add_scaled(&mut by_h1, by_z, &w2[j]);
            }
        }
        for j in 0..HIDDEN {
            let by_z = if h1[j] > 0.0 { by_h1[j] } else { 0.0 };
            by.b1[j] += by_z;
            by_w1[j][0] += by_z * x[0];
            by_w1[j][1] += by_z * x[1];
        }
    }
    loss / n
}

/// As many points side by side as there are lanes.
pub(crate) fn mixture(parameters: &[f64], points: &[[f64; DIM]], gradient: &mut [f64]) -> f64 {
    gradient.fill(0.0);
    let alphas = &parameters[..COMPONENTS];
    let (by_alphas, rest) = gradient.split_at_mut(COMPONENTS);
    let (by_means, by_factors) = rest.split_at_mut(COMPONENTS * DIM);

    // The factors, with their diagonals.
    let mut factors = [[0.0; TRIANGLE]; COMPONENTS];
    let mut log_weights = [0.0; COMPONENTS];
    for k in 0..COMPONENTS {
        factors[k].copy_from_slice(mean_and_factor(parameters, k).1);
        log_weights[k] = alphas[k];
        for i in (0..DIM).map(|i| row(i) + i) {
            log_weights[k] += factors[k][i];
            factors[k][i] = factors[k][i].exp();
        }
    }

    let mut likelihood = 0.0;
    let mut v = [[[0.0; LANES]; DIM]; COMPONENTS];
    let mut z = [[[0.0; LANES]; DIM]; COMPONENTS];
    let mut terms = [[0.0; LANES]; COMPONENTS];
    for block in points.chunks(LANES) {
        // The last block is filled up with its last point, which then counts for nothing.
        let counts = each(|lane| if lane < block.len() { 1.0 } else { 0.0 });
        let x: [Lanes; DIM] = array::from_fn(|i| each(|lane| block[lane.min(block.len() - 1)][i]));

        for k in 0..COMPONENTS {
            let (mean, _) = mean_and_factor(parameters, k);
            v[k] = array::from_fn(|i| each(|lane| mean[i] - x[i][lane]));
            let mut square = [0.0; LANES];
            for i in 0..DIM {
                let mut sum = [0.0; LANES];
                for j in 0..=i {
                    sum = each(|lane| sum[lane] + factors[k][row(i) + j] * v[k][j][lane]);
                }
                z[k][i] = sum;
                square = each(|lane| square[lane] + sum[lane] * sum[lane]);
            }
            terms[k] = each(|lane| log_weights[k] - 0.5 * square[lane]);
        }
        let logs = softmax(&mut terms);
        likelihood += total(each(|lane| counts[lane] * logs[lane]));

        for k in 0..COMPONENTS {
            let by_mean = &mut by_means[k * DIM..][..DIM];
            let by_factor = &mut by_factors[k * TRIANGLE..][..TRIANGLE];
            let shares = each(|lane| counts[lane] * terms[k][lane]);
            by_alphas[k] += total(shares);
            let mut by_v = [[0.0; LANES]; DIM];
            for i in 0..DIM {
                let by_z = each(|lane| -shares[lane] * z[k][i][lane]);
                for j in 0..=i {
                    by_factor[row(i) + j] += total(each(|lane| by_z[lane] * v[k][j][lane]));
                    by_v[j] = each(|lane| by_v[j][lane] + by_z[lane] * factors[k][row(i) + j]);
                }
            }
            for i in 0..DIM {
                by_mean[i] += total(by_v[i]);
            }
        }
    }

    let n = points.len() as f64;
    let mut shares: [Lanes; COMPONENTS] = array::from_fn(|k| [alphas[k]; LANES]);
    let normaliser = softmax(&mut shares)[0] + log_normaliser();
    for k in 0..COMPONENTS {
        // Each point's share of `qₖᵢ` is its share of `αₖ`; the rest came by way of `exp qₖᵢ`.
        for i in (0..DIM).map(|i| row(i) + i) {
            let by_diagonal = &mut by_factors[k * TRIANGLE + i];
            *by_diagonal = by_alphas[k] + *by_diagonal * factors[k][i];
        }
        by_alphas[k] -= n * shares[k][0];
    }
    likelihood - n * normaliser
}

/// The shares `eᵗ / Σ eᵗ` in place of the terms, and `ln Σ eᵗ`, lane by lane.
fn softmax(terms: &mut [Lanes; COMPONENTS]) -> Lanes {
    let mut most = [f64::NEG_INFINITY; LANES];
    for term in &*terms {
        most = each(|lane| if term[lane] > most[lane] { term[lane] } else { most[lane] });
    }
    let mut sum = [0.0; LANES];
    for term in &mut *terms {
        *term = each(|lane| (term[lane] - most[lane]).exp());
        sum = each(|lane| sum[lane] + term[lane]);
    }
    for term in terms {
        *term = each(|lane| term[lane] / sum[lane]);
    }
    each(|lane| most[lane] + sum[lane].ln())
}
