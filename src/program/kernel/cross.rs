//! Sums over the rows of the products of each of several factors with the same other factors, which are
//! read once for all of them. A product is added to its own lanes, so the bits are those of
//! [`add_moments`](super::add_moments) for one factor after the other.

use super::lanes::{LANES, Lanes, WIDTH, each};
use super::moments::{Common, MOMENTS, add_moments};
use crate::op::vector::level::{Level, Work};
use crate::program::ir::operation::Gate;

/// The most factors. Their sums with [`MOMENTS`] others fit the registers of the widest level.
pub(crate) const CROSSED: usize = 4;

/// Adds a block's products of two to four factors with others to their lanes, the first row's to lane
/// `from`; see [`add_moments`].
pub(crate) fn add_cross_moments(
    level: Level,
    careful: Option<Gate>,
    lanes: &mut [&mut [Lanes]],
    from: usize,
    factors: &[&[f64]],
    others: [Option<&[f64]>; MOMENTS],
) {
    let len = factors[0].len();
    let rounds = if careful.is_some() || from != 0 { 0 } else { len / LANES };
    if rounds > 0 {
        add_rounds(level, lanes, factors, others, rounds);
    }
    let rest = rounds * LANES..len;
    if rest.is_empty() {
        return;
    }
    let others = others.map(|other| other.map(|other| &other[rest.clone()]));
    for (lanes, factor) in lanes.iter_mut().zip(factors) {
        let common = Common { a: &factor[rest.clone()], b: None };
        add_moments(level, careful, lanes, from, common, others);
    }
}

/// Adds plain products for rounds of all lanes.
fn add_rounds(
    level: Level,
    lanes: &mut [&mut [Lanes]],
    factors: &[&[f64]],
    others: [Option<&[f64]>; MOMENTS],
    rounds: usize,
) {
    macro_rules! run {
        ($($factors:literal $others:literal $plain:literal,)+) => {
            match (factors.len(), lanes[0].len(), others[0].is_none()) {
                $(($factors, $others, $plain) => {
                    level.run(Cross::<$factors, $others, $plain>::of(lanes, factors, others, rounds));
                })+
                (n, k, _) => unreachable!("{n} factors with {k} others"),
            }
        };
    }
    run! {
        2 1 false, 2 2 false, 2 3 false, 2 4 false, 2 1 true, 2 2 true, 2 3 true, 2 4 true,
        3 1 false, 3 2 false, 3 3 false, 3 4 false, 3 1 true, 3 2 true, 3 3 true, 3 4 true,
        4 1 false, 4 2 false, 4 3 false, 4 4 false, 4 1 true, 4 2 true, 4 3 true, 4 4 true,
    }
}

/// `N` factors with `K` others. If `PLAIN`, the first sum of each is of the factor alone.
struct Cross<'l, 'o, 'a, const N: usize, const K: usize, const PLAIN: bool> {
    lanes: &'l mut [&'o mut [Lanes]],
    factors: [&'a [Lanes]; N],
    others: [&'a [Lanes]; K],
}

impl<'l, 'o, 'a, const N: usize, const K: usize, const PLAIN: bool> Cross<'l, 'o, 'a, N, K, PLAIN> {
    fn of(
        lanes: &'l mut [&'o mut [Lanes]],
        factors: &[&'a [f64]],
        others: [Option<&'a [f64]>; MOMENTS],
        rounds: usize,
    ) -> Self {
        let cut = |rows: &'a [f64]| &rows.as_chunks().0[..rounds];
        let factors = std::array::from_fn(|n| cut(factors[n]));
        let others = std::array::from_fn(|k| others[k].map_or(factors[0], cut));
        Cross { lanes, factors, others }
    }
}

impl<const N: usize, const K: usize, const PLAIN: bool> Work for Cross<'_, '_, '_, N, K, PLAIN> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Cross { lanes, factors, others } = self;
        let rounds = factors[0].len();
        let (factors, others) = (factors.map(|x| &x[..rounds]), others.map(|x| &x[..rounds]));
        for part in 0..LANES / WIDTH {
            let mut sums = [[[0.0; WIDTH]; K]; N];
            for (sums, lanes) in sums.iter_mut().zip(lanes.iter()) {
                *sums = std::array::from_fn(|k| cut(&lanes[k], part));
            }
            for at in 0..rounds {
                let others = others.map(|other| cut(&other[at], part));
                for (sums, factor) in sums.iter_mut().zip(factors) {
                    let p = cut(&factor[at], part);
                    for (k, (sum, other)) in sums.iter_mut().zip(others).enumerate() {
                        let alone = PLAIN && k == 0;
                        each(sum, |sum, i| sum + if alone { p[i] } else { p[i] * other[i] });
                    }
                }
            }
            for (sums, lanes) in sums.into_iter().zip(lanes.iter_mut()) {
                for (sum, lanes) in sums.into_iter().zip(lanes.iter_mut()) {
                    lanes[part * WIDTH..][..WIDTH].copy_from_slice(&sum);
                }
            }
        }
    }
}

/// One vector of lanes.
#[inline(always)]
fn cut(lanes: &Lanes, part: usize) -> [f64; WIDTH] {
    lanes.as_chunks().0[part]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_those_of_one_factor_after_the_other() {
        let rows = |seed: usize, len: usize| -> Vec<f64> {
            let mut rows: Vec<f64> =
                (0..len).map(|row| ((row * 7 + seed * 3) as f64 * 1.3).sin()).collect();
            rows[seed % len] = [0.0, -0.0, 1e308, f64::INFINITY, 5e-324][seed % 5];
            rows
        };
        for (n, count, len, from) in [
            (2, 4, 64, 0),
            (3, 2, 100, 0),
            (4, 4, 1024, 0),
            (4, 1, 96, 0),
            (4, 3, 31, 0),
            (2, 4, 20, 7),
        ] {
            let factors: Vec<Vec<f64>> = (0..n).map(|seed| rows(seed, len)).collect();
            let others: Vec<Vec<f64>> = (0..MOMENTS).map(|k| rows(k + 10, len)).collect();
            let factors: Vec<&[f64]> = factors.iter().map(|x| &x[..]).collect();
            for (level, plain, careful) in Level::all()
                .flat_map(|level| [false, true].map(|plain| (level, plain)))
                .flat_map(|(level, plain)| {
                    [None, Some(Gate::First)].map(|careful| (level, plain, careful))
                })
            {
                let others: [Option<&[f64]>; MOMENTS] =
                    std::array::from_fn(|k| (k > 0 || !plain).then(|| &others[k][..]));
                let mut expected = vec![vec![[0.5; LANES]; count]; n];
                for (lanes, &a) in expected.iter_mut().zip(&factors) {
                    let common = Common { a, b: None };
                    add_moments(level, careful, lanes, from, common, others);
                }
                let mut found = vec![vec![[0.5; LANES]; count]; n];
                let mut lanes: Vec<&mut [Lanes]> = found.iter_mut().map(|l| &mut l[..]).collect();
                add_cross_moments(level, careful, &mut lanes, from, &factors, others);
                let bits = |lanes: &[Vec<Lanes>]| -> Vec<u64> {
                    let numbers = lanes.iter().flatten().flatten();
                    numbers.map(|x| if x.is_nan() { 0 } else { x.to_bits() }).collect()
                };
                assert_eq!(bits(&found), bits(&expected), "{level:?}, {n} factors of {len} rows");
            }
        }
    }
}
