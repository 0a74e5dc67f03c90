//! Sums over the rows of the products of each of several factors with the same other factors, which are
//! read once for all of them. A product is added to its own lanes, so the bits are those of
//! [`add_moments`](super::add_moments) for one factor after the other.

use super::lanes::{LANES, Lanes, WIDTH, each, total};
use super::moments::{Common, MOMENTS, add_moments};
use crate::op::vector::level::{Level, Work};
use crate::program::ir::operation::{Gate, Reduction};

/// The most factors. Their sums with [`MOMENTS`] others fit the registers of the widest level.
pub(crate) const CROSSED: usize = 4;

/// The most sums.
const MOST: usize = CROSSED * MOMENTS;

/// What a block is added to: the sums of each of two to four factors with the same others, those of the first
/// factor first.
pub(crate) enum Crossed<'l> {
    Lanes(&'l mut [Lanes]),
    /// Nothing was added before, and nothing is after.
    Totals(&'l mut [f64], &'l mut Tile),
}

/// Room for the lanes of sums on the way to their totals.
#[derive(Debug)]
pub(crate) struct Tile {
    /// Of each eight lanes, those of one sum after the other.
    parts: [[f64; WIDTH * MOST]; LANES / WIDTH],
    /// The sums of lanes that are as many modulo 8: those of 0 to 3, and of 4 to 7.
    low: [[f64; WIDTH / 2]; MOST],
    high: [[f64; WIDTH / 2]; MOST],
}

impl Default for Tile {
    fn default() -> Self {
        let parts = [[0.0; _]; LANES / WIDTH];
        Tile { parts, low: Default::default(), high: Default::default() }
    }
}

/// Lanes of several sums: where the eight that begin with one stand, for each sum.
struct Places<'l> {
    lanes: &'l mut [f64],
    /// From a sum to the next, and from eight lanes to the next.
    strides: [usize; 2],
    /// Whether nothing was added before. What the lanes hold then means nothing.
    opens: bool,
}

/// Adds a block's products of factors with others, the first row's to lane `from`; see [`add_moments`].
pub(crate) fn add_cross_moments(
    level: Level,
    careful: Option<Gate>,
    from: usize,
    crossed: Crossed<'_>,
    factors: &[&[f64]],
    others: [Option<&[f64]>; MOMENTS],
) {
    match crossed {
        Crossed::Lanes(lanes) if careful.is_some() || from != 0 => {
            add_one_by_one(level, careful, from, lanes, factors, others);
        }
        Crossed::Totals(totals, _) if careful.is_some() || from != 0 => {
            let mut lanes = [[0.0; LANES]; MOST];
            let lanes = &mut lanes[..totals.len()];
            add_one_by_one(level, careful, from, lanes, factors, others);
            let all = totals.iter_mut().zip(lanes);
            all.for_each(|(to, lanes)| *to = total(Reduction::Sum, lanes));
        }
        Crossed::Lanes(lanes) => {
            let count = lanes.len();
            let lanes = lanes.as_flattened_mut();
            let places = Places { lanes, strides: [LANES, WIDTH], opens: false };
            add_all(level, (places, count), factors, others);
        }
        Crossed::Totals(totals, tile) => {
            let (lanes, strides) = (tile.parts.as_flattened_mut(), [WIDTH, WIDTH * MOST]);
            let places = Places { lanes, strides, opens: true };
            add_all(level, (places, totals.len()), factors, others);
            level.run(Totals { tile, totals });
        }
    }
}

fn add_one_by_one(
    level: Level,
    careful: Option<Gate>,
    from: usize,
    lanes: &mut [Lanes],
    factors: &[&[f64]],
    others: [Option<&[f64]>; MOMENTS],
) {
    for (lanes, a) in lanes.chunks_exact_mut(lanes.len() / factors.len()).zip(factors) {
        add_moments(level, careful, lanes, from, Common { a, b: None }, others);
    }
}

/// Adds plain products of rows that begin with the first lane to so many sums.
fn add_all(
    level: Level,
    (mut places, count): (Places<'_>, usize),
    factors: &[&[f64]],
    others: [Option<&[f64]>; MOMENTS],
) {
    let (n, len) = (factors.len(), factors[0].len());
    let rest = len % LANES;
    if len > rest {
        let mut rows = [&[][..]; CROSSED];
        rows.iter_mut().zip(factors).for_each(|(rows, x)| *rows = x.as_chunks().0);
        let others = others.map(|other| other.map(|x| x.as_chunks().0));
        add_rounds(level, (&mut places, count), &rows[..n], others);
        places.opens = false;
    }
    if rest > 0 {
        // A lane that has no row more gets 0, which changes nothing.
        let mut padded = [[[0.0; LANES]; 1]; CROSSED + MOMENTS];
        let (rows, other_rows) = padded.split_at_mut(CROSSED);
        for ([to], x) in rows.iter_mut().zip(factors) {
            to[..rest].copy_from_slice(&x[len - rest..]);
        }
        for ([to], x) in other_rows.iter_mut().zip(others) {
            x.iter().for_each(|x| to[..rest].copy_from_slice(&x[len - rest..]));
        }
        let rows = [&rows[0][..], &rows[1], &rows[2], &rows[3]];
        let mut last = [None; MOMENTS];
        for ((to, other), padded) in last.iter_mut().zip(others).zip(&*other_rows) {
            *to = other.map(|_| &padded[..]);
        }
        add_rounds(level, (&mut places, count), &rows[..n], last);
    }
}

/// Joins lanes, as [`total`].
struct Totals<'l> {
    tile: &'l mut Tile,
    totals: &'l mut [f64],
}

impl Work for Totals<'_> {
    type Output = ();
    /// A step of the tree for all sums after the other, over numbers that lie side by side in memory: the
    /// compiler would fetch one by one those that do not.
    #[inline(always)]
    fn run(self) {
        let Totals { tile: Tile { parts, low, high }, totals } = self;
        let [a, b, c, d] = parts;
        let numbers = 0..totals.len() * WIDTH;
        for (((a, b), c), d) in a[numbers.clone()].iter_mut().zip(&*b).zip(&*c).zip(&*d) {
            *a = (*a + c) + (b + d);
        }
        let halves = a[numbers].as_chunks::<WIDTH>().0.iter().zip(low.iter_mut().zip(&mut *high));
        for (x, (low, high)) in halves {
            low.copy_from_slice(&x[..WIDTH / 2]);
            high.copy_from_slice(&x[WIDTH / 2..]);
        }
        let pairs = low.as_flattened_mut().iter_mut().zip(high.as_flattened());
        pairs.for_each(|(a, b)| *a += b);
        for (to, [a, b, c, d]) in totals.iter_mut().zip(low) {
            *to = (*a + *c) + (*b + *d);
        }
    }
}

/// Adds plain products for rounds of all lanes.
fn add_rounds(
    level: Level,
    (places, count): (&mut Places<'_>, usize),
    factors: &[&[Lanes]],
    others: [Option<&[Lanes]>; MOMENTS],
) {
    macro_rules! run {
        ($($factors:literal $others:literal $plain:literal,)+) => {
            match (factors.len(), count / factors.len(), others[0].is_none()) {
                $(($factors, $others, $plain) => {
                    level.run(Cross::<$factors, $others, $plain>::of(places, factors, others));
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
struct Cross<'p, 'l, 'a, const N: usize, const K: usize, const PLAIN: bool> {
    places: &'p mut Places<'l>,
    factors: [&'a [Lanes]; N],
    others: [&'a [Lanes]; K],
}

impl<'p, 'l, 'a, const N: usize, const K: usize, const PLAIN: bool> Cross<'p, 'l, 'a, N, K, PLAIN> {
    fn of(
        places: &'p mut Places<'l>,
        factors: &[&'a [Lanes]],
        others: [Option<&'a [Lanes]>; MOMENTS],
    ) -> Self {
        let factors: [_; N] = std::array::from_fn(|n| factors[n]);
        let others = std::array::from_fn(|k| others[k].unwrap_or(factors[0]));
        Cross { places, factors, others }
    }
}

impl<const N: usize, const K: usize, const PLAIN: bool> Work for Cross<'_, '_, '_, N, K, PLAIN> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Cross { places, factors, others } = self;
        let Places { lanes, strides: [next, apart], opens } = places;
        let rounds = factors[0].len();
        let (factors, others) = (factors.map(|x| &x[..rounds]), others.map(|x| &x[..rounds]));
        for part in 0..LANES / WIDTH {
            let mut sums = [[[0.0; WIDTH]; K]; N];
            if !*opens {
                for (at, sum) in sums.as_flattened_mut().iter_mut().enumerate() {
                    sum.copy_from_slice(&lanes[at * *next + part * *apart..][..WIDTH]);
                }
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
            for (at, sum) in sums.as_flattened().iter().enumerate() {
                lanes[at * *next + part * *apart..][..WIDTH].copy_from_slice(sum);
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
                let one_by_one = |begin: f64| {
                    let mut lanes = vec![[begin; LANES]; count * n];
                    for (lanes, &a) in lanes.chunks_exact_mut(count).zip(&factors) {
                        let common = Common { a, b: None };
                        add_moments(level, careful, lanes, from, common, others);
                    }
                    lanes
                };
                let way = format!("{level:?}, {n} factors of {len} rows");
                let (mut found, expected) = (vec![[0.5; LANES]; count * n], one_by_one(0.5));
                let crossed = Crossed::Lanes(&mut found);
                add_cross_moments(level, careful, from, crossed, &factors, others);
                assert_eq!(bits(found.as_flattened()), bits(expected.as_flattened()), "{way}");

                let (mut found, mut tile) = (vec![f64::NAN; count * n], Tile::default());
                tile.parts.as_flattened_mut().fill(f64::NAN);
                let total = |lanes: &Lanes| total(Reduction::Sum, lanes);
                let expected: Vec<f64> = one_by_one(0.0).iter().map(total).collect();
                let crossed = Crossed::Totals(&mut found, &mut tile);
                add_cross_moments(level, careful, from, crossed, &factors, others);
                assert_eq!(bits(&found), bits(&expected), "the totals of {way}");
            }
        }
    }

    fn bits(numbers: &[f64]) -> Vec<u64> {
        numbers.iter().map(|x| if x.is_nan() { 0 } else { x.to_bits() }).collect()
    }
}
