//! Sums of products, row by row.
//!
//! Terms are added in their order, four at a time: the sum so far is fetched and stored once for
//! four terms.

use super::Arg;
use crate::op::vector::level::{Level, Work};
use crate::program::operation::chain;

/// Terms of a sum: products of pairs.
pub(crate) type Term<'a> = (Arg<'a>, Arg<'a>);

/// `Σ aₖ bₖ` in the order of the terms. If `careful`, an `aₖ` that is 0 is an adjoint that passes
/// nothing on, even of an infinity.
pub(crate) fn products(level: Level, careful: bool, out: &mut [f64], terms: &[Term<'_>]) {
    if careful {
        for (row, out) in out.iter_mut().enumerate() {
            let products = terms.iter().map(|(a, b)| chain(a.at(row), b.at(row)));
            *out = products.reduce(|sum, x| sum + x).unwrap_or(0.0);
        }
        return;
    }
    let (quads, rest) = terms.as_chunks::<4>();
    let mut begin = true;
    for quad in quads {
        level.run(Terms { out, terms: quad, begin });
        begin = false;
    }
    for term in rest {
        level.run(Terms { out, terms: &[*term], begin });
        begin = false;
    }
}

/// Adds `N` terms to the sum, or begins it with them.
struct Terms<'a, 'b, const N: usize> {
    out: &'a mut [f64],
    terms: &'a [Term<'b>; N],
    begin: bool,
}

impl<const N: usize> Work for Terms<'_, '_, N> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Terms { out, terms, begin } = self;
        if let Some((a, b)) = numbers_and_rows(terms, out.len()) {
            add(out, begin, |k, row| a[k] * b[k][row], [(); N]);
        } else if let Some((a, b)) = rows_and_rows(terms, out.len()) {
            add(out, begin, |k, row| a[k][row] * b[k][row], [(); N]);
        } else {
            let mut begin = begin;
            for &(a, b) in terms {
                let term = [(a, b)];
                if let Some(([a], [b])) = numbers_and_rows(&term, out.len()) {
                    add(out, begin, |_, row| a * b[row], [(); 1]);
                } else if let Some(([a], [b])) = rows_and_rows(&term, out.len()) {
                    add(out, begin, |_, row| a[row] * b[row], [(); 1]);
                } else {
                    let product = a.at(0) * b.at(0);
                    add(out, begin, |_, _| product, [(); 1]);
                }
                begin = false;
            }
        }
    }
}

/// Adds `N` terms to each row's sum.
#[inline(always)]
fn add<const N: usize>(
    out: &mut [f64],
    begin: bool,
    term: impl Fn(usize, usize) -> f64,
    _: [(); N],
) {
    if begin {
        for (row, out) in out.iter_mut().enumerate() {
            let mut sum = term(0, row);
            for k in 1..N {
                sum += term(k, row);
            }
            *out = sum;
        }
    } else {
        for (row, out) in out.iter_mut().enumerate() {
            let mut sum = *out;
            for k in 0..N {
                sum += term(k, row);
            }
            *out = sum;
        }
    }
}

/// Terms of which each has one number that is the same for all rows.
#[inline(always)]
fn numbers_and_rows<'b, const N: usize>(
    terms: &[Term<'b>; N],
    n: usize,
) -> Option<([f64; N], [&'b [f64]; N])> {
    let (mut numbers, mut rows) = ([0.0; N], [&[][..]; N]);
    for (k, term) in terms.iter().enumerate() {
        (numbers[k], rows[k]) = match *term {
            (Arg::Same(x), Arg::Rows(y)) | (Arg::Rows(y), Arg::Same(x)) => (x, &y[..n]),
            _ => return None,
        };
    }
    Some((numbers, rows))
}

/// Terms of which both numbers vary.
#[inline(always)]
fn rows_and_rows<'b, const N: usize>(
    terms: &[Term<'b>; N],
    n: usize,
) -> Option<([&'b [f64]; N], [&'b [f64]; N])> {
    let (mut a, mut b) = ([&[][..]; N], [&[][..]; N]);
    for (k, term) in terms.iter().enumerate() {
        (a[k], b[k]) = match *term {
            (Arg::Rows(x), Arg::Rows(y)) => (&x[..n], &y[..n]),
            _ => return None,
        };
    }
    Some((a, b))
}
