//! Least squares and Newton's method: against closed forms, certified values and other ways to the same.

mod bounds;
mod certified;
mod linear;
mod minima;
mod misuse;
#[path = "../../examples/algebra/curves/models.rs"]
mod models;
mod newton;
#[path = "../../examples/algebra/curves/nist.rs"]
mod nist;
mod robust;
mod units;
mod verdicts;

/// Whole numbers from -16 to 15, without a pattern.
pub(crate) fn whole_numbers(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 20 & 31) as f64 - 16.0
    };
    (0..n).map(|_| next()).collect()
}

/// `A x - b` and `A`, of a matrix row by row.
pub(crate) fn linear_problem(a: &[f64], b: &[f64]) -> impl FnMut(&[f64]) -> (Vec<f64>, Vec<f64>) {
    let (a, b) = (a.to_vec(), b.to_vec());
    move |x| {
        let rows = a.chunks(x.len()).zip(&b);
        let residual =
            |(row, b): (&[f64], &f64)| row.iter().zip(x).map(|(a, x)| a * x).sum::<f64>() - b;
        (rows.map(residual).collect(), a.clone())
    }
}
