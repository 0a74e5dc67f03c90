//! Sums of products with the same rows, `Σₖ aⱼₖ xₖ` for several `j`, as the units of a layer are. The
//! rows, which are in the second cache, are read once for all sums instead of once for each.
//!
//! The terms of each sum are added in their order, as in [`add_terms`](super::add_terms), so the bits
//! are the same.

use super::dot::{MOST, Start, SummandOf, add_number, add_terms};
use crate::op::vector::level::{Level, Work};

/// The most sums at a time. Their numbers for [`MOST`] rows fit the registers of the widest level.
pub(crate) const UNITS: usize = 4;

/// Rows in a step of the loop: one vector of the widest level.
const WIDTH: usize = 8;

/// Writes two or four sums over the same rows, of at least [`MOST`] terms; `number(unit, k)` is what
/// the `k`-th rows are multiplied with, and `last(unit)` what is added in the end. If `FUSED`, each
/// product is rounded once together with its addition.
pub(crate) fn layer<const FUSED: bool>(
    level: Level,
    outs: &mut [&mut [f64]],
    rows: &[&[f64]],
    number: impl Fn(usize, usize) -> f64,
    last: impl Fn(usize) -> Option<f64>,
) {
    let (whole, rest) = rows.as_chunks::<MOST>();
    for (at, &rows) in whole.iter().enumerate() {
        let first = at == 0;
        let of = |unit| {
            let numbers = std::array::from_fn(|k| number(unit, at * MOST + k));
            let ends = rest.is_empty() && at + 1 == whole.len();
            (numbers, if ends { last(unit) } else { None })
        };
        match outs {
            [a, b] => {
                let units = [of(0), of(1)];
                level.run(Tile::<2, FUSED> { outs: [a, b], rows, units, first });
            }
            [a, b, c, d] => {
                let units = [of(0), of(1), of(2), of(3)];
                level.run(Tile::<4, FUSED> { outs: [a, b, c, d], rows, units, first });
            }
            _ => unreachable!("{} sums at a time", outs.len()),
        }
    }
    if rest.is_empty() {
        return;
    }
    for (unit, out) in outs.iter_mut().enumerate() {
        let mut terms = [SummandOf::default(); MOST];
        for (k, (term, &second)) in (whole.len() * MOST..).zip(terms.iter_mut().zip(rest)) {
            *term = SummandOf { number: number(unit, k), first: &[], second };
        }
        add_terms::<FUSED>(level, out, Start::Sum, &terms, (rest.len(), 0));
        if let Some(number) = last(unit) {
            add_number(level, out, Start::Sum, number);
        }
    }
}

/// Adds the products of four numbers with four lists of rows to each of `N` sums.
struct Tile<'o, 'a, const N: usize, const FUSED: bool> {
    outs: [&'o mut [f64]; N],
    rows: [&'a [f64]; MOST],
    /// The numbers, and what is added after them if the sum ends here; for all units or for none.
    units: [([f64; MOST], Option<f64>); N],
    /// Whether the sums begin here.
    first: bool,
}

impl<const N: usize, const FUSED: bool> Work for Tile<'_, '_, N, FUSED> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        match (self.first, self.units[0].1.is_some()) {
            (true, false) => self.add::<true, false>(),
            (true, true) => self.add::<true, true>(),
            (false, false) => self.add::<false, false>(),
            (false, true) => self.add::<false, true>(),
        }
    }
}

impl<const N: usize, const FUSED: bool> Tile<'_, '_, N, FUSED> {
    #[inline(always)]
    fn add<const FIRST: bool, const LAST: bool>(self) {
        let Tile { outs, rows, units, .. } = self;
        let len = rows[0].len();
        let mut outs = outs.map(|out| out[..len].as_chunks_mut::<WIDTH>());
        let rows = rows.map(|x| x[..len].as_chunks::<WIDTH>());
        let units = units.map(|(numbers, last)| (numbers, last.unwrap_or(0.0)));
        for at in 0..len / WIDTH {
            let x = rows.map(|(whole, _)| whole[at]);
            for (out, (numbers, last)) in outs.iter_mut().zip(units) {
                let sum = sums::<WIDTH, FUSED, FIRST>(out.0[at], numbers, x);
                out.0[at] = if LAST { sum.map(|sum| sum + last) } else { sum };
            }
        }
        for at in 0..len % WIDTH {
            let x = rows.map(|(_, rest)| [rest[at]]);
            for (out, (numbers, last)) in outs.iter_mut().zip(units) {
                let [sum] = sums::<1, FUSED, FIRST>([out.1[at]], numbers, x);
                out.1[at] = if LAST { sum + last } else { sum };
            }
        }
    }
}

/// Sums with four more terms.
#[inline(always)]
fn sums<const W: usize, const FUSED: bool, const FIRST: bool>(
    mut sums: [f64; W],
    numbers: [f64; MOST],
    rows: [[f64; W]; MOST],
) -> [f64; W] {
    for (k, (number, x)) in numbers.into_iter().zip(rows).enumerate() {
        for (sum, x) in sums.iter_mut().zip(x) {
            *sum = match (FIRST && k == 0, FUSED) {
                (true, _) => number * x,
                (false, true) => number.mul_add(x, *sum),
                (false, false) => *sum + number * x,
            };
        }
    }
    sums
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
                if fused {
                    layer::<true>(level, &mut outs, &rows, number, last);
                } else {
                    layer::<false>(level, &mut outs, &rows, number, last);
                }
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
