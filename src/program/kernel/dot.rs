//! Sums of products, row by row.
//!
//! Terms are added in their order, up to four at a time: the sum so far is fetched and stored once
//! for four terms. A term is a number times rows, or a number times rows times rows; terms of both
//! kinds go together too, up to three, for which there are few enough loops.

use super::Arg;
use crate::op::vector::level::{Level, Work};
use crate::program::ir::operation::{Gate, chain};

/// The most terms added at a time.
pub(crate) const MOST: usize = 4;

/// Whether so many terms, a bit for each that has two factors that vary, can be added at a time.
pub(crate) fn together(terms: usize, varying: u8) -> bool {
    let alike = varying == 0 || varying == (1 << terms) - 1;
    terms < MOST || alike && terms == MOST
}

/// `Σ aₖ bₖ`, in the order of the terms, each product as [`chain`].
pub(crate) fn chained_products<'a>(
    gate: Gate,
    out: &mut [f64],
    terms: impl Iterator<Item = (Arg<'a>, Arg<'a>)> + Clone,
) {
    for (row, out) in out.iter_mut().enumerate() {
        let products = terms.clone().map(|(a, b)| chain(gate, a.at(row), b.at(row)));
        *out = products.reduce(|sum, x| sum + x).unwrap_or(0.0);
    }
}

/// What terms are added to.
#[derive(Clone, Copy)]
pub(crate) enum Start {
    /// Nothing: the first begins the sum.
    Nothing,
    Number(f64),
    /// The sums so far.
    Sum,
}

/// A term: `number first second`, where the first may be missing.
#[derive(Clone, Copy, Default)]
pub(crate) struct SummandOf<'a> {
    pub(crate) number: f64,
    pub(crate) first: &'a [f64],
    pub(crate) second: &'a [f64],
}

/// Adds terms, in their order, that go [`together`]; `varying` has a bit for each that has two factors
/// that vary. If `FUSED`, each product is rounded once together with its addition.
pub(crate) fn add_terms<const FUSED: bool>(
    level: Level,
    out: &mut [f64],
    start: Start,
    terms: &[SummandOf<'_>; MOST],
    (count, varying): (usize, u8),
) {
    macro_rules! run {
        ($($count:literal $varying:literal,)+) => {
            match (count, varying) {
                $(($count, $varying) => {
                    level.run(Terms::<$count, $varying, FUSED> { terms, out, start });
                })+
                _ => unreachable!("{count} terms of kinds {varying:b}"),
            }
        };
    }
    run! {
        1 0b0, 1 0b1,
        2 0b00, 2 0b01, 2 0b10, 2 0b11,
        3 0b000, 3 0b001, 3 0b010, 3 0b011, 3 0b100, 3 0b101, 3 0b110, 3 0b111,
        4 0b0000, 4 0b1111,
    }
}

/// Adds a number to the sums.
pub(crate) fn add_number(level: Level, out: &mut [f64], start: Start, number: f64) -> Start {
    match start {
        Start::Nothing => return Start::Number(number),
        Start::Number(sum) => return Start::Number(sum + number),
        Start::Sum => level.run(AddNumber { out, number }),
    }
    Start::Sum
}

struct AddNumber<'o> {
    out: &'o mut [f64],
    number: f64,
}

impl Work for AddNumber<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        self.out.iter_mut().for_each(|out| *out += self.number);
    }
}

struct Terms<'t, 'a, 'o, const N: usize, const VARYING: u8, const FUSED: bool> {
    terms: &'t [SummandOf<'a>; MOST],
    out: &'o mut [f64],
    start: Start,
}

impl<const N: usize, const VARYING: u8, const FUSED: bool> Work
    for Terms<'_, '_, '_, N, VARYING, FUSED>
{
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Terms { terms, out, start } = self;
        let varies = |k: usize| VARYING >> k & 1 != 0;
        let len = out.len();
        let mut numbers = [0.0; N];
        let (mut firsts, mut seconds) = ([&[][..]; N], [&[][..]; N]);
        for k in 0..N {
            numbers[k] = terms[k].number;
            seconds[k] = &terms[k].second[..len];
            firsts[k] = if varies(k) { &terms[k].first[..len] } else { &[] };
        }
        add::<N, FUSED>(out, start, |k, row| {
            let first = if varies(k) { numbers[k] * firsts[k][row] } else { numbers[k] };
            (first, seconds[k][row])
        });
    }
}

/// Adds `N` products to each row's sum.
#[expect(
    clippy::needless_range_loop,
    reason = "what an iterator keeps is compiled for the baseline, or longer"
)]
#[inline(always)]
fn add<const N: usize, const FUSED: bool>(
    out: &mut [f64],
    start: Start,
    term: impl Fn(usize, usize) -> (f64, f64),
) {
    let plus = |sum: f64, (a, b): (f64, f64)| if FUSED { a.mul_add(b, sum) } else { sum + a * b };
    let rest = |row: usize, mut sum: f64, from: usize| {
        for k in from..N {
            sum = plus(sum, term(k, row));
        }
        sum
    };
    match start {
        Start::Nothing => {
            for row in 0..out.len() {
                let (a, b) = term(0, row);
                out[row] = rest(row, a * b, 1);
            }
        }
        Start::Number(x) => {
            for row in 0..out.len() {
                out[row] = rest(row, x, 0);
            }
        }
        Start::Sum => {
            for row in 0..out.len() {
                out[row] = rest(row, out[row], 0);
            }
        }
    }
}
