//! The residual of bundle adjustment: where a camera sees a point, less where it was seen.
//!
//! Fifteen parameters: rotation vector, centre, focal length, principal point and two radial distortions
//! of the camera; the point; a weight. Two residuals, and 2 × 15 derivatives.

use wengert::Scalar;
use wengert::program::Residuals;

pub(crate) const PARAMETERS: usize = 15;
/// Where the point was seen.
const SEEN: [f64; 2] = [0.7, -0.3];
pub(crate) const AT: [f64; PARAMETERS] =
    [0.3, -0.2, 0.1, 0.5, -0.4, -3.0, 1.2, 0.05, -0.02, 0.03, -0.01, 0.6, 0.8, 1.5, 0.9];

pub(crate) struct Camera;

impl Residuals for Camera {
    fn at<T: Scalar>(&self, p: &[T], _: &[T]) -> Vec<T> {
        let [u, v] = image(p, [p[11], p[12], p[13]]);
        vec![p[14] * (u - SEEN[0]), p[14] * (v - SEEN[1])]
    }
}

/// Where a camera of these eleven parameters, or more, sees a point.
pub(crate) fn image<T: Scalar>(p: &[T], point: [T; 3]) -> [T; 2] {
    let r = [p[0], p[1], p[2]];
    let x = [point[0] - p[3], point[1] - p[4], point[2] - p[5]];
    let angle = (r[0] * r[0] + r[1] * r[1] + r[2] * r[2]).sqrt();
    let axis = r.map(|r| r / angle);
    let (s, c) = angle.sin_cos();
    let cross = crossed(axis, x);
    let along = (axis[0] * x[0] + axis[1] * x[1] + axis[2] * x[2]) * (-c + 1.0);
    let turned = [0, 1, 2].map(|i| x[i] * c + cross[i] * s + axis[i] * along);
    let plane = [turned[0] / turned[2], turned[1] / turned[2]];
    let square = plane[0] * plane[0] + plane[1] * plane[1];
    let stretch = p[9] * square + p[10] * square * square + 1.0;
    [p[6] * plane[0] * stretch + p[7], p[6] * plane[1] * stretch + p[8]]
}

pub(crate) fn crossed<T: Scalar>(a: [T; 3], b: [T; 3]) -> [T; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// Residuals and their derivatives, row by row, as one derives them: the chain rule from the plane back
/// to the turned point, and from that to rotation and centre.
pub(crate) fn by_hand(p: &[f64], residuals: &mut [f64], jacobian: &mut [f64]) {
    let r = [p[0], p[1], p[2]];
    let x = [p[11] - p[3], p[12] - p[4], p[13] - p[5]];
    let angle = (r[0] * r[0] + r[1] * r[1] + r[2] * r[2]).sqrt();
    let w = r.map(|r| r / angle);
    let (s, c) = angle.sin_cos();
    let cross = crossed(w, x);
    let dot = w[0] * x[0] + w[1] * x[1] + w[2] * x[2];
    let turned: [f64; 3] =
        std::array::from_fn(|i| x[i] * c + cross[i] * s + w[i] * dot * (1.0 - c));
    let plane = [turned[0] / turned[2], turned[1] / turned[2]];
    let square = plane[0] * plane[0] + plane[1] * plane[1];
    let stretch = 1.0 + p[9] * square + p[10] * square * square;
    let by_square = p[9] + 2.0 * p[10] * square;

    // By each component of the rotation vector, and of the point.
    let mut by_turn = [[0.0; 3]; 3];
    for k in 0..3 {
        let dw: [f64; 3] =
            std::array::from_fn(|j| (f64::from(u8::from(j == k)) - w[j] * w[k]) / angle);
        let dcross = crossed(dw, x);
        let ddot = dw[0] * x[0] + dw[1] * x[1] + dw[2] * x[2];
        for i in 0..3 {
            let by_angle = -s * x[i] + c * cross[i] + s * dot * w[i];
            by_turn[k][i] =
                by_angle * w[k] + s * dcross[i] + (1.0 - c) * (dw[i] * dot + w[i] * ddot);
        }
    }
    let tilt = [[0.0, -w[2], w[1]], [w[2], 0.0, -w[0]], [-w[1], w[0], 0.0]];
    let mut by_point = [[0.0; 3]; 3];
    for k in 0..3 {
        for i in 0..3 {
            let one = f64::from(u8::from(i == k));
            by_point[k][i] = c * one + s * tilt[i][k] + (1.0 - c) * w[i] * w[k];
        }
    }
    for (i, row) in jacobian.chunks_exact_mut(PARAMETERS).enumerate() {
        let unweighted = p[6] * plane[i] * stretch + p[6 + 1 + i] - SEEN[i];
        residuals[i] = p[14] * unweighted;
        let scale = p[14] * p[6];
        // By the two coordinates in the plane.
        let by_plane: [f64; 2] = std::array::from_fn(|j| {
            let one = f64::from(u8::from(i == j));
            scale * (one * stretch + plane[i] * by_square * 2.0 * plane[j])
        });
        let by_turned = [
            by_plane[0] / turned[2],
            by_plane[1] / turned[2],
            -(by_plane[0] * plane[0] + by_plane[1] * plane[1]) / turned[2],
        ];
        let through = |d: [f64; 3]| by_turned[0] * d[0] + by_turned[1] * d[1] + by_turned[2] * d[2];
        for k in 0..3 {
            row[k] = through(by_turn[k]);
            let by = through(by_point[k]);
            (row[3 + k], row[11 + k]) = (-by, by);
        }
        row[6] = p[14] * plane[i] * stretch;
        (row[7], row[8]) = if i == 0 { (p[14], 0.0) } else { (0.0, p[14]) };
        row[9] = scale * plane[i] * square;
        row[10] = scale * plane[i] * square * square;
        row[14] = unweighted;
    }
}
