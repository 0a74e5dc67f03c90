//! Sums over the rows of the products of each of several factors with the same other factors, which are
//! read once for all of them. A product is added to its own lanes, so the bits are those of
//! [`add_moments`](super::add_moments) for one factor after the other.

use super::lanes::{LANES, Lanes, WIDTH, each};
use super::moments::{Common, MOMENTS, add_moments};
use crate::op::vector::level::{Level, Work};
use crate::program::ir::operation::Gate;

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
    lanes: [Lanes; MOST],
    /// Of each sum, the sums of lanes that are as many modulo 4.
    fours: [[f64; 4]; MOST],
}

impl Default for Tile {
    fn default() -> Self {
        Tile { lanes: [[0.0; LANES]; MOST], fours: Default::default() }
    }
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
    let plainly = careful.is_none() && from == 0;
    match crossed {
        Crossed::Lanes(lanes) if plainly => add_all(level, (lanes, false), factors, others),
        Crossed::Lanes(lanes) => add_one_by_one(level, careful, from, lanes, factors, others),
        Crossed::Totals(totals, tile) => {
            let lanes = &mut tile.lanes[..totals.len()];
            if plainly {
                add_all(level, (lanes, true), factors, others);
            } else {
                lanes.fill([0.0; LANES]);
                add_one_by_one(level, careful, from, lanes, factors, others);
            }
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

/// Adds plain products of rows that begin with the first lane. If it `opens` the sums, what the lanes hold
/// before means nothing.
fn add_all(
    level: Level,
    (lanes, mut opens): (&mut [Lanes], bool),
    factors: &[&[f64]],
    others: [Option<&[f64]>; MOMENTS],
) {
    let (n, len) = (factors.len(), factors[0].len());
    let rest = len % LANES;
    if len > rest {
        let mut rows = [&[][..]; CROSSED];
        rows.iter_mut().zip(factors).for_each(|(rows, x)| *rows = x.as_chunks().0);
        let others = others.map(|other| other.map(|x| x.as_chunks().0));
        add_rounds(level, (lanes, opens), &rows[..n], others);
        opens = false;
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
        add_rounds(level, (lanes, opens), &rows[..n], last);
    }
}

/// Joins lanes, as [`total`](super::lanes::total).
struct Totals<'l> {
    tile: &'l mut Tile,
    totals: &'l mut [f64],
}

impl Work for Totals<'_> {
    type Output = ();
    /// The last two steps of the trees are done for all sums together.
    #[inline(always)]
    fn run(self) {
        let Totals { tile: Tile { lanes, fours }, totals } = self;
        for ((lanes, four), _) in lanes.iter().zip(&mut *fours).zip(&*totals) {
            let [a, b, c, d] = [0, 1, 2, 3].map(|part| cut::<WIDTH>(lanes, part));
            let mut eight = [0.0; WIDTH];
            each(&mut eight, |_, i| (a[i] + c[i]) + (b[i] + d[i]));
            let mut sums = [0.0; 4];
            each(&mut sums, |_, i| eight[i] + eight[4 + i]);
            *four = sums;
        }
        for (to, [a, b, c, d]) in totals.iter_mut().zip(fours) {
            *to = (*a + *c) + (*b + *d);
        }
    }
}

/// Adds plain products for rounds of all lanes.
fn add_rounds(
    level: Level,
    (lanes, opens): (&mut [Lanes], bool),
    factors: &[&[Lanes]],
    others: [Option<&[Lanes]>; MOMENTS],
) {
    macro_rules! run {
        ($($factors:literal $others:literal $plain:literal,)+) => {
            match (factors.len(), lanes.len() / factors.len(), others[0].is_none()) {
                $(($factors, $others, $plain) => {
                    level.run(Cross::<$factors, $others, $plain>::of(lanes, opens, factors, others));
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
struct Cross<'l, 'a, const N: usize, const K: usize, const PLAIN: bool> {
    lanes: &'l mut [[Lanes; K]],
    opens: bool,
    factors: [&'a [Lanes]; N],
    others: [&'a [Lanes]; K],
}

impl<'l, 'a, const N: usize, const K: usize, const PLAIN: bool> Cross<'l, 'a, N, K, PLAIN> {
    fn of(
        lanes: &'l mut [Lanes],
        opens: bool,
        factors: &[&'a [Lanes]],
        others: [Option<&'a [Lanes]>; MOMENTS],
    ) -> Self {
        let factors: [_; N] = std::array::from_fn(|n| factors[n]);
        let others = std::array::from_fn(|k| others[k].unwrap_or(factors[0]));
        Cross { lanes: lanes.as_chunks_mut().0, opens, factors, others }
    }

    /// Adds the products of `M` factors from this one on, `W` lanes after the other.
    #[inline(always)]
    fn add<const M: usize, const W: usize>(&mut self, first: usize) {
        let rounds = self.factors[0].len();
        let factors: [_; M] = std::array::from_fn(|m| &self.factors[first + m][..rounds]);
        let others = self.others.map(|x| &x[..rounds]);
        let lanes = &mut self.lanes[first..first + M];
        for part in 0..LANES / W {
            let mut sums = [[[0.0; W]; K]; M];
            if !self.opens {
                for (sums, lanes) in sums.iter_mut().zip(&*lanes) {
                    for (sum, lanes) in sums.iter_mut().zip(lanes) {
                        *sum = cut(lanes, part);
                    }
                }
            }
            for at in 0..rounds {
                let others: [[f64; W]; K] = others.map(|other| cut(&other[at], part));
                for (sums, factor) in sums.iter_mut().zip(factors) {
                    let p: [f64; W] = cut(&factor[at], part);
                    for (k, (sum, other)) in sums.iter_mut().zip(others).enumerate() {
                        let alone = PLAIN && k == 0;
                        each(sum, |sum, i| sum + if alone { p[i] } else { p[i] * other[i] });
                    }
                }
            }
            for (sums, lanes) in sums.iter().zip(&mut *lanes) {
                for (sum, lanes) in sums.iter().zip(lanes) {
                    lanes.as_chunks_mut().0[part] = *sum;
                }
            }
        }
    }
}

impl<const N: usize, const K: usize, const PLAIN: bool> Work for Cross<'_, '_, N, K, PLAIN> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.run_in::<WIDTH>();
    }

    /// The widest level has registers for all sums, the others for those of two factors.
    #[inline(always)]
    fn run_in<const W: usize>(mut self) {
        if W == WIDTH {
            return self.add::<N, W>(0);
        }
        self.add::<2, W>(0);
        match N {
            3 => self.add::<1, W>(2),
            4 => self.add::<2, W>(2),
            _ => {}
        }
    }
}

/// One vector of lanes.
#[inline(always)]
fn cut<const W: usize>(lanes: &Lanes, part: usize) -> [f64; W] {
    lanes.as_chunks().0[part]
}

#[cfg(test)]
mod tests {
    use super::super::lanes::total;
    use super::*;
    use crate::program::ir::operation::Reduction;

    #[test]
    fn the_bits_are_those_of_one_factor_after_the_other() {
        let rows = |seed: usize, len: usize| -> Vec<f64> {
            let mut rows: Vec<f64> =
                (0..len).map(|row| ((row * 7 + seed * 3) as f64 * 1.3).sin()).collect();
            let odd = [0.0, -0.0, 1e308, f64::INFINITY, 5e-324][seed % 5];
            // In a row of its own, and in one where zeros meet what is infinite.
            (rows[seed % len], rows[len / 2]) = (odd, odd);
            rows
        };
        let shapes = (2..=CROSSED).flat_map(|n| (1..=MOMENTS).map(move |count| (n, count)));
        let lengths = (1..=20).chain([31, 32, 33, 64, 69, 96, 100, 1024]).map(|len| (len, 0));
        let lengths: Vec<(usize, usize)> = lengths.chain([(20, 7), (25, 7)]).collect();
        for ((n, count), (len, from)) in
            shapes.flat_map(|shape| lengths.iter().map(move |&length| (shape, length)))
        {
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
                tile.lanes.as_flattened_mut().fill(f64::NAN);
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
