//! Bundle adjustment row by row: where one camera sees points, less where they were seen.
//!
//! Eleven parameters: rotation vector, centre, focal length, principal point and two radial distortions. A row
//! is a point and where it was seen; two residuals, and 2 × 11 derivatives.

use crate::camera::image;
use wengert::Scalar;
use wengert::program::Residuals;

pub(crate) const PARAMETERS: usize = 11;
pub(crate) const AT: [f64; PARAMETERS] =
    [0.3, -0.2, 0.1, 0.5, -0.4, -3.0, 1.2, 0.05, -0.02, 0.03, -0.01];

pub(crate) struct Observed;

impl Residuals for Observed {
    fn at<T: Scalar>(&self, p: &[T], row: &[T]) -> Vec<T> {
        let [u, v] = image(p, [row[0], row[1], row[2]]);
        vec![u - row[3], v - row[4]]
    }
}

/// So many points, by column, and about where they are seen.
pub(crate) fn columns(rows: usize) -> [Vec<f64>; 5] {
    let column = |step: f64, from: f64, size: f64| {
        (0..rows).map(|i| from + size * (i as f64 * step).sin()).collect()
    };
    [
        column(0.37, 0.2, 1.0),
        column(0.61, -0.1, 1.0),
        column(0.23, 1.5, 0.5),
        column(0.37, 0.1, 0.4),
        column(0.61, -0.1, 0.4),
    ]
}

/// Residuals and their derivatives, row by row, as one derives them; what all rows have in common is computed
/// once: the rotation, and how it goes with its vector.
pub(crate) fn by_hand(
    p: &[f64],
    [xs, ys, zs, us, vs]: &[Vec<f64>; 5],
    residuals: &mut [f64],
    jacobian: &mut [f64],
) {
    let r = [p[0], p[1], p[2]];
    let angle = (r[0] * r[0] + r[1] * r[1] + r[2] * r[2]).sqrt();
    let w = r.map(|r| r / angle);
    let (s, c) = angle.sin_cos();
    let unit = |i: usize, j: usize| f64::from(u8::from(i == j));
    let tilted = |w: [f64; 3]| [[0.0, -w[2], w[1]], [w[2], 0.0, -w[0]], [-w[1], w[0], 0.0]];
    let tilt = tilted(w);
    let mut turn = [[0.0; 3]; 3];
    let mut by_vector = [[[0.0; 3]; 3]; 3];
    for i in 0..3 {
        for j in 0..3 {
            turn[i][j] = c * unit(i, j) + s * tilt[i][j] + (1.0 - c) * w[i] * w[j];
        }
    }
    for (k, by) in by_vector.iter_mut().enumerate() {
        let dw: [f64; 3] = std::array::from_fn(|j| (unit(j, k) - w[j] * w[k]) / angle);
        let dtilt = tilted(dw);
        for i in 0..3 {
            for j in 0..3 {
                let by_angle = -s * unit(i, j) + c * tilt[i][j] + s * w[i] * w[j];
                let products = dw[i] * w[j] + w[i] * dw[j];
                by[i][j] = by_angle * w[k] + s * dtilt[i][j] + (1.0 - c) * products;
            }
        }
    }
    let jacobians = jacobian.as_chunks_mut::<{ 2 * PARAMETERS }>().0;
    let rows = residuals.as_chunks_mut::<2>().0.iter_mut().zip(jacobians);
    let data = xs.iter().zip(ys).zip(zs).zip(us).zip(vs);
    for ((residuals, jacobian), ((((x, y), z), u), v)) in rows.zip(data) {
        let x = [x - p[3], y - p[4], z - p[5]];
        let turned = times(&turn, x);
        let inverse = 1.0 / turned[2];
        let plane = [turned[0] * inverse, turned[1] * inverse];
        let square = plane[0] * plane[0] + plane[1] * plane[1];
        let stretch = 1.0 + p[9] * square + p[10] * square * square;
        let by_turn = [times(&by_vector[0], x), times(&by_vector[1], x), times(&by_vector[2], x)];
        let stretched = p[6] * stretch;
        let along = p[6] * 2.0 * (p[9] + 2.0 * p[10] * square);
        let across = along * plane[0] * plane[1];
        let by_first = [stretched + along * plane[0] * plane[0], across];
        let by_second = [across, stretched + along * plane[1] * plane[1]];
        for (i, by_plane, seen) in [(0, by_first, u), (1, by_second, v)] {
            let row = i * PARAMETERS;
            residuals[i] = plane[i] * stretched + p[7 + i] - seen;
            let g = [
                by_plane[0] * inverse,
                by_plane[1] * inverse,
                -(by_plane[0] * plane[0] + by_plane[1] * plane[1]) * inverse,
            ];
            for k in 0..3 {
                jacobian[row + k] = product(g, by_turn[k]);
                jacobian[row + 3 + k] = -product(g, [turn[0][k], turn[1][k], turn[2][k]]);
            }
            jacobian[row + 6] = plane[i] * stretch;
            (jacobian[row + 7 + i], jacobian[row + 8 - i]) = (1.0, 0.0);
            jacobian[row + 9] = p[6] * plane[i] * square;
            jacobian[row + 10] = p[6] * plane[i] * square * square;
        }
    }
}

#[inline(always)]
fn product(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[inline(always)]
fn times(m: &[[f64; 3]; 3], x: [f64; 3]) -> [f64; 3] {
    [product(m[0], x), product(m[1], x), product(m[2], x)]
}
