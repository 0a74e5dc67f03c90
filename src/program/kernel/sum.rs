//! Sums of several terms, one after the other, for many rows at once.

use super::Arg;
use crate::op::vector::level::{Level, Work};

/// `Σ xₖ` in the order of the terms, for each row.
pub(crate) fn sums(level: Level, out: &mut [f64], terms: &[Arg<'_>]) {
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
    terms: &'a [Arg<'b>; N],
    begin: bool,
}

impl<const N: usize> Work for Terms<'_, '_, N> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Terms { out, terms, mut begin } = self;
        let mut runs = [&[][..]; N];
        let mut all = true;
        for (run, term) in runs.iter_mut().zip(terms) {
            match *term {
                Arg::Rows(rows) => *run = &rows[..out.len()],
                Arg::Same(_) => all = false,
            }
        }
        if all {
            add(out, begin, |k, row| runs[k][row], [(); N]);
            return;
        }
        for term in terms {
            match *term {
                Arg::Rows(rows) => {
                    let rows = &rows[..out.len()];
                    add(out, begin, |_, row| rows[row], [(); 1]);
                }
                Arg::Same(x) => add(out, begin, |_, _| x, [(); 1]),
            }
            begin = false;
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

/// The sum of each `width` neighbours, one after the other.
pub(crate) fn neighbours(level: Level, out: &mut [f64], xs: &[f64], width: usize) {
    level.run(Neighbours { out, xs, width });
}

struct Neighbours<'a> {
    out: &'a mut [f64],
    xs: &'a [f64],
    width: usize,
}

impl Work for Neighbours<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Neighbours { out, xs, width } = self;
        // Sums side by side, so that an addition need not wait for the one before it.
        let (several, rest) = out.as_chunks_mut::<8>();
        let (far, near) = xs.split_at(several.len() * 8 * width);
        for (out, xs) in several.iter_mut().zip(far.chunks_exact(8 * width)) {
            let mut parts = [&[][..]; 8];
            for (part, xs) in parts.iter_mut().zip(xs.chunks_exact(width)) {
                *part = &xs[..width];
            }
            *out = parts.map(|part| part[0]);
            for k in 1..width {
                for (sum, part) in out.iter_mut().zip(parts) {
                    *sum += part[k];
                }
            }
        }
        for (out, xs) in rest.iter_mut().zip(near.chunks_exact(width)) {
            *out = xs[0];
            for x in &xs[1..] {
                *out += x;
            }
        }
    }
}
