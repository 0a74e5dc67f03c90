//! Solutions of systems of equations, proved to be there.

use super::ball::Ball;

/// The inverse of an `m × m` matrix but for rounding, by elimination with the greatest pivots; none if there is no pivot.
pub(super) fn inverse(matrix: &[f64], m: usize) -> Option<Vec<f64>> {
    let mut rest = matrix.to_vec();
    let mut inverse = vec![0.0; m * m];
    (0..m).for_each(|i| inverse[i * m + i] = 1.0);
    for p in 0..m {
        let size = |&i: &usize| rest[i * m + p].abs();
        let pivot = (p..m).max_by(|i, j| size(i).total_cmp(&size(j)))?;
        if pivot != p {
            for k in 0..m {
                rest.swap(pivot * m + k, p * m + k);
                inverse.swap(pivot * m + k, p * m + k);
            }
        }
        let scale = rest[p * m + p].recip();
        if !scale.is_finite() {
            return None;
        }
        for row in [&mut rest, &mut inverse] {
            row[p * m..][..m].iter_mut().for_each(|x| *x *= scale);
        }
        let (own, other) = (rest[p * m..][..m].to_vec(), inverse[p * m..][..m].to_vec());
        for i in (0..m).filter(|&i| i != p) {
            let by = rest[i * m + p];
            if by != 0.0 {
                rest[i * m..][..m].iter_mut().zip(&own).for_each(|(x, y)| *x -= by * y);
                inverse[i * m..][..m].iter_mut().zip(&other).for_each(|(x, y)| *x -= by * y);
            }
        }
    }
    Some(inverse)
}

/// Whether `M d = r` has a solution with `|dᵢ| ≤ share · roomᵢ` for every right side up to `most` in magnitude, and the
/// least such share that is proved. With `C` near the inverse of `M`,
///
/// ```text
/// d = C r + (1 - C M) d
/// ```
///
/// and if the last matrix shrinks all vectors, lengths being measured by the room, the solution is unique and no longer than
/// `|C r|` over 1 less that factor (S. M. Rump, "Verification methods: rigorous results using floating-point
/// arithmetic", Acta Numerica 19, 2010, section 10).
pub(super) fn share(matrix: &[Ball], inverse: &[f64], most: &[f64], room: &[f64]) -> Option<f64> {
    /// As a share of the greatest, what any entry of `C r` counts as at least.
    const LEAST: f64 = 1e-6;
    const TIMES: f64 = 4.0;
    let m = room.len();
    let rounding = (m as f64 + 4.0) * f64::EPSILON;
    let to = 1.0 + 2.0 * rounding;
    let length = |row: &[f64]| row.iter().zip(most).map(|(c, r)| (c * r).abs()).sum::<f64>() * to;
    let first: Vec<f64> = inverse.chunks_exact(m).map(length).collect();
    let greatest = first.iter().copied().fold(0.0, at_least);
    // More room than it takes would only count against the others.
    let own = |(first, room): (&f64, &f64)| (TIMES * first.max(LEAST * greatest)).min(*room);
    let lengths: Vec<f64> = first.iter().zip(room).map(own).collect();
    if greatest == 0.0 {
        return Some(0.0);
    }
    let mut shrinks = 0.0_f64;
    let (mut product, mut sizes) = (vec![0.0; m], vec![0.0; m]);
    for (i, row) in inverse.chunks_exact(m).enumerate() {
        product.fill(0.0);
        sizes.fill(0.0);
        for (c, by) in row.iter().enumerate().filter(|(_, by)| **by != 0.0) {
            for (j, ball) in matrix[c * m..][..m].iter().enumerate() {
                product[j] += by * ball.mid;
                sizes[j] += by.abs() * (rounding * ball.mid.abs() + ball.radius);
            }
        }
        product[i] -= 1.0;
        sizes[i] += f64::EPSILON;
        let off = product.iter().zip(&sizes).zip(&lengths);
        let off = off.map(|((p, size), length)| (p.abs() + size) * length);
        shrinks = at_least(shrinks, off.sum::<f64>() / lengths[i] * to);
    }
    let times = (1.0 - shrinks).recip() * (1.0 + 4.0 * f64::EPSILON);
    let shares = first.iter().zip(&lengths).map(|(first, length)| first / length * times);
    let longest = shares.fold(0.0, at_least);
    let shares = lengths.iter().zip(room).map(|(length, room)| length / room * longest);
    let share = shares.fold(0.0, at_least);
    (shrinks < 0.5 && share.is_finite()).then_some(share)
}

/// The greater one; NaN if one is.
fn at_least(a: f64, b: f64) -> f64 {
    if b > a || b.is_nan() { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_bounds_the_solution_and_a_singular_matrix_has_none() {
        for m in 1..8 {
            let entry = |i: usize, j: usize| ((i * 5 + j * 3 + i * j * j) % 7) as f64 - 2.5;
            let at =
                |k: usize| entry(k / m, k % m) + if k.is_multiple_of(m + 1) { 9.0 } else { 0.0 };
            let numbers: Vec<f64> = (0..m * m).map(at).collect();
            let balls: Vec<Ball> = numbers.iter().map(|&x| Ball::exact(x)).collect();
            let inverse = inverse(&numbers, m).unwrap();
            // The right sides of a solution that is known.
            let known: Vec<f64> = (0..m).map(|i| 1.0 + i as f64).collect();
            let right = |row: &[f64]| row.iter().zip(&known).map(|(a, d)| a * d).sum::<f64>();
            let most: Vec<f64> = numbers.chunks(m).map(|row| right(row).abs()).collect();
            let room = vec![1.0; m];
            let proved = share(&balls, &inverse, &most, &room).unwrap();
            assert!(proved >= m as f64, "{m}: {proved}");
            let less: Vec<f64> = most.iter().map(|r| r * 2f64.powi(-20)).collect();
            assert!(share(&balls, &inverse, &less, &room).unwrap() < 1e-3);
        }
        assert_eq!(inverse(&[1.0, 2.0, 2.0, 4.0], 2), None);
        // An inverse that is none proves nothing, nor does a matrix that may be singular.
        let balls = [1.0, 0.0, 0.0, 1.0].map(Ball::exact);
        assert_eq!(share(&balls, &[9.0, 0.0, 0.0, 9.0], &[1e-9; 2], &[1.0; 2]), None);
        let blurred = balls.map(|b| Ball { radius: 0.6, ..b });
        assert_eq!(share(&blurred, &[1.0, 0.0, 0.0, 1.0], &[1e-9; 2], &[1.0; 2]), None);
    }
}
