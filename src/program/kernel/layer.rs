//! Sums of products with the same rows, `Σₖ aⱼₖ xₖ` for several `j`, as the units of a layer are. A few rows
//! of all sums are in registers while their terms are added, and what is multiplied is read once for all
//! sums.
//!
//! The terms of each sum are added in their order, as in [`add_terms`](super::add_terms), so the bits
//! are the same.

use crate::op::vector::level::{Level, Work};

/// The most sums at a time.
pub(crate) const UNITS: usize = 4;

/// Rows in a step of the loop: one vector of the widest level.
const WIDTH: usize = 8;

/// Writes two or four sums over the same rows. `numbers` are what the first rows are multiplied with in one
/// sum after the other, then the second, and so on; and `last` is what is added in the end, for all sums or
/// for none. If `FUSED`, each product is rounded once together with its addition.
pub(crate) fn layer<const FUSED: bool>(
    level: Level,
    outs: &mut [&mut [f64]],
    rows: &[&[f64]],
    numbers: &[f64],
    last: &[Option<f64>],
) {
    match outs {
        [a, b] => level.run(Units::<2, FUSED>::of([a, b], rows, numbers, last)),
        [a, b, c, d] => level.run(Units::<4, FUSED>::of([a, b, c, d], rows, numbers, last)),
        _ => unreachable!("{} sums at a time", outs.len()),
    }
}

/// `N` sums.
struct Units<'o, 'a, const N: usize, const FUSED: bool> {
    outs: [&'o mut [f64]; N],
    rows: &'a [&'a [f64]],
    numbers: &'a [[f64; N]],
    last: Option<[f64; N]>,
}

impl<'o, 'a, const N: usize, const FUSED: bool> Units<'o, 'a, N, FUSED> {
    fn of(
        outs: [&'o mut [f64]; N],
        rows: &'a [&'a [f64]],
        numbers: &'a [f64],
        last: &[Option<f64>],
    ) -> Self {
        let last = last[0].map(|_| std::array::from_fn(|unit| last[unit].unwrap_or(0.0)));
        Units { outs, rows, numbers: numbers.as_chunks().0, last }
    }

    /// The sums of `W` rows from this one on.
    #[inline(always)]
    fn add<const W: usize>(&mut self, at: usize) {
        let mut sums = [[0.0; W]; N];
        let mut terms = self.rows.iter().map(|x| &x[at..at + W]).zip(self.numbers);
        if let Some((x, numbers)) = terms.next() {
            each(&mut sums, x, numbers, |_, number, x| number * x);
        }
        for (x, numbers) in terms {
            each(&mut sums, x, numbers, |sum, number, x| match FUSED {
                true => number.mul_add(x, sum),
                false => sum + number * x,
            });
        }
        if let Some(last) = self.last {
            for (sum, last) in sums.iter_mut().zip(last) {
                sum.iter_mut().for_each(|sum| *sum += last);
            }
        }
        for (out, sum) in self.outs.iter_mut().zip(&sums) {
            out[at..at + W].copy_from_slice(sum);
        }
    }
}

#[inline(always)]
fn each<const W: usize, const N: usize>(
    sums: &mut [[f64; W]; N],
    x: &[f64],
    numbers: &[f64; N],
    of: impl Fn(f64, f64, f64) -> f64,
) {
    for (sums, &number) in sums.iter_mut().zip(numbers) {
        for (sum, &x) in sums.iter_mut().zip(x) {
            *sum = of(*sum, number, x);
        }
    }
}

impl<const N: usize, const FUSED: bool> Work for Units<'_, '_, N, FUSED> {
    type Output = ();
    #[inline(always)]
    fn run(mut self) {
        let len = self.outs[0].len();
        if len < WIDTH {
            (0..len).for_each(|at| self.add::<1>(at));
            return;
        }
        for at in (0..len / WIDTH).map(|at| at * WIDTH) {
            self.add::<WIDTH>(at);
        }
        if !len.is_multiple_of(WIDTH) {
            // Some rows once more: the same sums.
            self.add::<WIDTH>(len - WIDTH);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The terms in their order, row by row.
    fn expected(fused: bool, numbers: &[f64], x: &[f64], last: Option<f64>) -> f64 {
        let first = numbers[0] * x[0];
        let terms = numbers.iter().zip(x).skip(1);
        let add = |sum, (&a, &x): (&f64, &f64)| if fused { a.mul_add(x, sum) } else { sum + a * x };
        let sum = terms.fold(first, add);
        last.map_or(sum, |last| sum + last)
    }

    #[test]
    fn each_sum_has_the_bits_of_its_terms_in_their_order() {
        let number = |unit: usize, k: usize| (unit * 31 + k * 17 + 1) as f64 * 0.37 - 3.0;
        let special = [0.0, -0.0, f64::INFINITY, 1e308, 5e-324];
        for (units, terms, len) in
            [(2, 4, 1), (4, 4, 8), (2, 5, 7), (4, 6, 33), (2, 7, 64), (4, 8, 100), (4, 9, 15)]
        {
            let rows: Vec<Vec<f64>> = (0..terms)
                .map(|k| (0..len).map(|row| ((row * 7 + k * 3) as f64 * 1.3).sin()).collect())
                .map(|mut x: Vec<f64>| {
                    x[terms % len] = special[terms % special.len()];
                    x
                })
                .collect();
            let rows: Vec<&[f64]> = rows.iter().map(|x| &x[..]).collect();
            for (level, ends, fused) in Level::all()
                .flat_map(|level| [false, true].map(|ends| (level, ends)))
                .flat_map(|(level, ends)| [false, true].map(|fused| (level, ends, fused)))
            {
                let last = |unit: usize| ends.then_some(unit as f64 - 0.1);
                let mut sums = vec![vec![f64::NAN; len]; units];
                let mut outs: Vec<&mut [f64]> = sums.iter_mut().map(|sum| &mut sum[..]).collect();
                let of_all = |k: usize| (0..units).map(move |unit| number(unit, k));
                let numbers: Vec<f64> = (0..terms).flat_map(of_all).collect();
                let lasts: Vec<Option<f64>> = (0..units).map(last).collect();
                let layer = if fused { layer::<true> } else { layer::<false> };
                layer(level, &mut outs, &rows, &numbers, &lasts);
                for (unit, sums) in sums.iter().enumerate() {
                    let numbers: Vec<f64> = (0..terms).map(|k| number(unit, k)).collect();
                    for (row, sum) in sums.iter().enumerate() {
                        let x: Vec<f64> = rows.iter().map(|x| x[row]).collect();
                        let want = expected(fused, &numbers, &x, last(unit));
                        let same = sum.to_bits() == want.to_bits() || sum.is_nan() && want.is_nan();
                        assert!(
                            same,
                            "{level:?}, {units} of {terms}, row {row}: {sum}, not {want}"
                        );
                    }
                }
            }
        }
    }
}
