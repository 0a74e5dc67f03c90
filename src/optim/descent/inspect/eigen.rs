//! The eigenvalues of a small symmetric matrix.

/// The eigenvalues of an `n × n` matrix, which is overwritten, and their vectors of length 1: rotations
/// that make one entry off the diagonal 0 after the other (C. G. J. Jacobi, Journal für die reine und
/// angewandte Mathematik 30, 1846).
pub(super) fn eigen(a: &mut [f64], n: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    const SWEEPS: usize = 60;
    let mut vectors: Vec<Vec<f64>> = vec![vec![0.0; n]; n];
    (0..n).for_each(|i| vectors[i][i] = 1.0);
    let size = a.iter().fold(0.0_f64, |size, x| size.max(x.abs()));
    for _ in 0..SWEEPS {
        let mut turned = false;
        for p in 0..n {
            for q in p + 1..n {
                let off = a[p * n + q];
                if off.abs() <= 1e-17 * size {
                    continue;
                }
                turned = true;
                let ratio = (a[q * n + q] - a[p * n + p]) / (2.0 * off);
                let tangent = 1f64.copysign(ratio) / (ratio.abs() + ratio.hypot(1.0));
                let cosine = tangent.hypot(1.0).recip();
                let sine = tangent * cosine;
                let turn = |x: f64, y: f64| (cosine * x - sine * y, sine * x + cosine * y);
                for k in 0..n {
                    (a[k * n + p], a[k * n + q]) = turn(a[k * n + p], a[k * n + q]);
                }
                for k in 0..n {
                    (a[p * n + k], a[q * n + k]) = turn(a[p * n + k], a[q * n + k]);
                }
                let (before, after) = vectors.split_at_mut(q);
                for (x, y) in before[p].iter_mut().zip(&mut after[0]) {
                    (*x, *y) = turn(*x, *y);
                }
            }
        }
        if !turned {
            break;
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), vectors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::polyhedral::span::dot;

    #[test]
    fn a_matrix_is_what_its_eigenvalues_and_vectors_make() {
        for n in 1..9 {
            let entry = |i: usize, j: usize| ((i * 7 + j * 7 + i * j * 3) % 11) as f64 - 4.5;
            let mut a: Vec<f64> = (0..n * n).map(|at| entry(at / n, at % n)).collect();
            let (values, vectors) = eigen(&mut a, n);
            for i in 0..n {
                for j in 0..n {
                    let made = (0..n).map(|k| values[k] * vectors[k][i] * vectors[k][j]);
                    assert!((made.sum::<f64>() - entry(i, j)).abs() < 1e-12, "{n} {i} {j}");
                    let unit = if i == j { 1.0 } else { 0.0 };
                    assert!((dot(&vectors[i], &vectors[j]) - unit).abs() < 1e-14);
                }
            }
        }
    }
}
