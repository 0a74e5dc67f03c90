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

/// `Σ aₖ bₖ` in the order of the terms, which `term` gives. If `careful`, an `aₖ` that is 0 is an
/// adjoint that passes nothing on, even of an infinity.
pub(crate) fn products<'a>(
    level: Level,
    careful: bool,
    out: &mut [f64],
    terms: usize,
    term: impl Fn(usize) -> Term<'a>,
) {
    if careful {
        for (row, out) in out.iter_mut().enumerate() {
            let products = (0..terms).map(|k| {
                let (a, b) = term(k);
                chain(a.at(row), b.at(row))
            });
            *out = products.reduce(|sum, x| sum + x).unwrap_or(0.0);
        }
        return;
    }
    let mut group = Group::default();
    for k in 0..terms {
        let (a, b) = match term(k) {
            // Numbers that are the same for all rows come first.
            (a @ Arg::Rows(_), b @ Arg::Same(_)) => (b, a),
            pair => pair,
        };
        if group.len == MOST || (group.len > 0 && !group.fits(a, b)) {
            group.add(level, out);
        }
        group.take(a, b);
    }
    group.add(level, out);
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
    /// The second factors; none where both are the same for all rows.
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
            (Arg::Same(a), Arg::Same(b)) => self.numbers[at] = a * b,
            (Arg::Same(a), Arg::Rows(b)) => (self.numbers[at], self.seconds[at]) = (a, b),
            (Arg::Rows(a), Arg::Rows(b)) => (self.firsts[at], self.seconds[at]) = (a, b),
            (Arg::Rows(a), Arg::Same(b)) => (self.numbers[at], self.seconds[at]) = (b, a),
        }
        self.len += 1;
    }

    /// Adds the terms to the sums.
    fn add(&mut self, level: Level, out: &mut [f64]) {
        match self.len {
            0 => return,
            1 => self.add_terms::<1>(level, out),
            2 => self.add_terms::<2>(level, out),
            3 => self.add_terms::<3>(level, out),
            _ => self.add_terms::<MOST>(level, out),
        }
        self.begun = true;
        self.len = 0;
    }

    fn add_terms<const N: usize>(&self, level: Level, out: &mut [f64]) {
        let begun = self.begun;
        let first =
            |list: &[&'a [f64]; MOST]| -> [&'a [f64]; N] { std::array::from_fn(|k| list[k]) };
        let numbers = std::array::from_fn(|k| self.numbers[k]);
        match self.kind {
            Kind::Neither => level.run(Constants::<N> { out, begun, numbers }),
            Kind::Second => {
                level.run(Scaled::<N> { out, begun, numbers, rows: first(&self.seconds) });
            }
            Kind::Both => {
                let (a, b) = (first(&self.firsts), first(&self.seconds));
                level.run(Products::<N> { out, begun, a, b });
            }
        }
    }
}

struct Constants<'o, const N: usize> {
    out: &'o mut [f64],
    begun: bool,
    numbers: [f64; N],
}

impl<const N: usize> Work for Constants<'_, N> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        add(self.out, self.begun, |k, _| self.numbers[k], [(); N]);
    }
}

struct Scaled<'a, 'o, const N: usize> {
    out: &'o mut [f64],
    begun: bool,
    numbers: [f64; N],
    rows: [&'a [f64]; N],
}

impl<const N: usize> Work for Scaled<'_, '_, N> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let (numbers, rows) = (self.numbers, self.rows.map(|rows| &rows[..self.out.len()]));
        add(self.out, self.begun, |k, row| numbers[k] * rows[k][row], [(); N]);
    }
}

struct Products<'a, 'o, const N: usize> {
    out: &'o mut [f64],
    begun: bool,
    a: [&'a [f64]; N],
    b: [&'a [f64]; N],
}

impl<const N: usize> Work for Products<'_, '_, N> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let a = self.a.map(|rows| &rows[..self.out.len()]);
        let b = self.b.map(|rows| &rows[..self.out.len()]);
        add(self.out, self.begun, |k, row| a[k][row] * b[k][row], [(); N]);
    }
}

/// Adds `N` terms to each row's sum, or begins it with them.
#[inline(always)]
fn add<const N: usize>(
    out: &mut [f64],
    begun: bool,
    term: impl Fn(usize, usize) -> f64,
    _: [(); N],
) {
    if begun {
        for (row, out) in out.iter_mut().enumerate() {
            let mut sum = *out;
            for k in 0..N {
                sum += term(k, row);
            }
            *out = sum;
        }
    } else {
        for (row, out) in out.iter_mut().enumerate() {
            let mut sum = term(0, row);
            for k in 1..N {
                sum += term(k, row);
            }
            *out = sum;
        }
    }
}
