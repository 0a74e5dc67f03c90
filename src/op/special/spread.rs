//! How far the numbers of a list lie apart.

use crate::Scalar;
use crate::op::rule::two_sum;
use smallvec::SmallVec;

/// How far each lies from the mean of all, right to the last places also where a number is nearly the mean:
///
/// ```text
/// total + lost = Σ xᵢ
/// mean = total / n,  rest = (total - n mean + lost) / n
/// (xᵢ - mean) - rest
/// ```
///
/// T. Ogita, S. M. Rump and S. Oishi, "Accurate sum and dot product", SIAM Journal on Scientific Computing 26(6),
/// 2005, algorithm 4.4.
fn deviations<S: Scalar>(xs: &[S]) -> SmallVec<[S; 8]> {
    let n = xs.len() as f64;
    let (total, lost) = xs.iter().fold((S::ZERO, S::ZERO), |(total, lost), &x| {
        let (total, less) = two_sum(total, x);
        (total, lost + less)
    });
    let mean = total / n;
    let rest = (mean.mul_add(-n, total) + lost) / n;
    xs.iter().map(|&x| (x - mean) - rest).collect()
}

/// `Σ (xᵢ - m)² / n`.
pub(in crate::op) fn variance(xs: &[f64]) -> f64 {
    let apart = deviations(xs);
    f64::dot(&apart, &apart) / xs.len() as f64
}

/// `2 (xᵢ - m) / n`.
pub(in crate::op) fn variance_slopes<S: Scalar>(xs: &[S]) -> SmallVec<[S; 8]> {
    // Twice a number may be beyond the range; half their count is exact.
    let half = xs.len() as f64 / 2.0;
    deviations(xs).into_iter().map(|x| x / half).collect()
}
