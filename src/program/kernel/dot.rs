//! Sums of products, row by row.
//!
//! Terms are added in their order, up to four at a time: the sum so far is fetched and stored once
//! for four terms.

use super::Arg;
use crate::op::vector::level::{Level, Work};
use crate::program::operation::chain;

/// A term of a sum: a product.
pub(crate) type Term<'a> = (Arg<'a>, Arg<'a>);

/// The most terms added at a time.
const MOST: usize = 4;

/// `Σ aₖ bₖ` as adjoints and partials, in the order of the terms: an adjoint that is 0 passes nothing
/// on, even of an infinity.
pub(crate) fn chained_products<'a>(
    out: &mut [f64],
    terms: usize,
    term: impl Fn(usize) -> Term<'a>,
) {
    for (row, out) in out.iter_mut().enumerate() {
        let products = (0..terms).map(|k| {
            let (a, b) = term(k);
            chain(a.at(row), b.at(row))
        });
        *out = products.reduce(|sum, x| sum + x).unwrap_or(0.0);
    }
}

/// `Σ aₖ bₖ` in the order of the terms, which `term` gives; if `FUSED`, each product is rounded once
/// together with its addition.
pub(crate) fn products<'a, const FUSED: bool>(
    level: Level,
    out: &mut [f64],
    terms: usize,
    term: impl Fn(usize) -> Term<'a>,
) {
    let mut group = Group::default();
    for k in 0..terms {
        let (a, b) = match term(k) {
            // Numbers that are the same for all rows come first.
            (a @ Arg::Rows(_), b @ Arg::Same(_)) => (b, a),
            pair => pair,
        };
        if group.len == MOST || (group.len > 0 && !group.fits(a, b)) {
            group.add::<FUSED>(level, out);
        }
        group.take(a, b);
    }
    group.add::<FUSED>(level, out);
}

/// Terms of one kind that are added together.
#[derive(Default)]
struct Group<'a> {
    len: usize,
    /// Whether a sum has begun.
    begun: bool,
    /// The first factors, where they are the same for all rows.
    numbers: [f64; MOST],
    /// The first factors, where they vary.
    firsts: [&'a [f64]; MOST],
    /// The second factors, where they are the same for all rows, as the first are.
    second_numbers: [f64; MOST],
    /// The second factors, where they vary.
    seconds: [&'a [f64]; MOST],
    kind: Kind,
}

/// Which factors vary.
#[derive(Clone, Copy, Default, PartialEq)]
enum Kind {
    #[default]
    Neither,
    Second,
    Both,
}

impl<'a> Group<'a> {
    fn kind(a: Arg<'_>, b: Arg<'_>) -> Kind {
        match (a, b) {
            (Arg::Rows(_), _) => Kind::Both,
            (_, Arg::Rows(_)) => Kind::Second,
            _ => Kind::Neither,
        }
    }

    fn fits(&self, a: Arg<'_>, b: Arg<'_>) -> bool {
        self.kind == Self::kind(a, b)
    }

    fn take(&mut self, a: Arg<'a>, b: Arg<'a>) {
        self.kind = Self::kind(a, b);
        let at = self.len;
        match (a, b) {
            (Arg::Same(a), Arg::Same(b)) => {
                (self.numbers[at], self.second_numbers[at]) = (a, b);
            }
            (Arg::Same(a), Arg::Rows(b)) => (self.numbers[at], self.seconds[at]) = (a, b),
            (Arg::Rows(a), Arg::Rows(b)) => (self.firsts[at], self.seconds[at]) = (a, b),
            (Arg::Rows(a), Arg::Same(b)) => (self.numbers[at], self.seconds[at]) = (b, a),
        }
        self.len += 1;
    }

    /// Adds the terms to the sums.
    fn add<const FUSED: bool>(&mut self, level: Level, out: &mut [f64]) {
        match self.len {
            0 => return,
            1 => self.add_terms::<1, FUSED>(level, out),
            2 => self.add_terms::<2, FUSED>(level, out),
            3 => self.add_terms::<3, FUSED>(level, out),
            _ => self.add_terms::<MOST, FUSED>(level, out),
        }
        self.begun = true;
        self.len = 0;
    }

    fn add_terms<const N: usize, const FUSED: bool>(&self, level: Level, out: &mut [f64]) {
        let begun = self.begun;
        let first =
            |list: &[&'a [f64]; MOST]| -> [&'a [f64]; N] { std::array::from_fn(|k| list[k]) };
        let numbers = std::array::from_fn(|k| self.numbers[k]);
        match self.kind {
            Kind::Neither => {
                let seconds = std::array::from_fn(|k| self.second_numbers[k]);
                level.run(Constants::<N, FUSED> { out, begun, firsts: numbers, seconds });
            }
            Kind::Second => {
                level.run(Scaled::<N, FUSED> { out, begun, numbers, rows: first(&self.seconds) });
            }
            Kind::Both => {
                let (a, b) = (first(&self.firsts), first(&self.seconds));
                level.run(Products::<N, FUSED> { out, begun, a, b });
            }
        }
    }
}

struct Constants<'o, const N: usize, const FUSED: bool> {
    out: &'o mut [f64],
    begun: bool,
    firsts: [f64; N],
    seconds: [f64; N],
}

impl<const N: usize, const FUSED: bool> Work for Constants<'_, N, FUSED> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        add::<N, FUSED>(self.out, self.begun, |k, _| (self.firsts[k], self.seconds[k]));
    }
}

struct Scaled<'a, 'o, const N: usize, const FUSED: bool> {
    out: &'o mut [f64],
    begun: bool,
    numbers: [f64; N],
    rows: [&'a [f64]; N],
}

impl<const N: usize, const FUSED: bool> Work for Scaled<'_, '_, N, FUSED> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let (numbers, rows) = (self.numbers, self.rows.map(|rows| &rows[..self.out.len()]));
        add::<N, FUSED>(self.out, self.begun, |k, row| (numbers[k], rows[k][row]));
    }
}

struct Products<'a, 'o, const N: usize, const FUSED: bool> {
    out: &'o mut [f64],
    begun: bool,
    a: [&'a [f64]; N],
    b: [&'a [f64]; N],
}

impl<const N: usize, const FUSED: bool> Work for Products<'_, '_, N, FUSED> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let a = self.a.map(|rows| &rows[..self.out.len()]);
        let b = self.b.map(|rows| &rows[..self.out.len()]);
        add::<N, FUSED>(self.out, self.begun, |k, row| (a[k][row], b[k][row]));
    }
}

/// Adds `N` products to each row's sum, or begins it with them.
#[inline(always)]
fn add<const N: usize, const FUSED: bool>(
    out: &mut [f64],
    begun: bool,
    term: impl Fn(usize, usize) -> (f64, f64),
) {
    let plus = |sum: f64, (a, b): (f64, f64)| if FUSED { a.mul_add(b, sum) } else { sum + a * b };
    if begun {
        for (row, out) in out.iter_mut().enumerate() {
            let mut sum = *out;
            for k in 0..N {
                sum = plus(sum, term(k, row));
            }
            *out = sum;
        }
    } else {
        for (row, out) in out.iter_mut().enumerate() {
            let (a, b) = term(0, row);
            let mut sum = a * b;
            for k in 1..N {
                sum = plus(sum, term(k, row));
            }
            *out = sum;
        }
    }
}
