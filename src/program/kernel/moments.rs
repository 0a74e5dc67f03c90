//! Sums over the rows of products with a common factor: `Σ p`, `Σ p x`, `Σ p y`, as the slopes of
//! `a x + b y + c` are, where `p` may be a product itself. The common factor is read, or formed, once
//! for up to four of them.
//!
//! There are as many lanes as in every sum over rows, too many for the registers to hold those of four
//! sums. So the rows are gone through for a part of the lanes after the other, all of it in the
//! nearest cache.

use super::lanes::{LANES, Lanes, WIDTH, each, vectors};
use crate::op::vector::level::{Level, Work};
use crate::program::ir::operation::{Gate, chain};

/// The most sums that one common factor is read for.
pub(crate) const MOMENTS: usize = 4;

/// The common factor: a number for each row, or a product of two.
#[derive(Clone, Copy)]
pub(crate) struct Common<'a> {
    pub(crate) a: &'a [f64],
    pub(crate) b: Option<&'a [f64]>,
}

/// Adds a block's products to lanes, the first row's to lane `from`. Of the other factors only the
/// first may be missing: then the common factor itself is added. If `careful`, products are
/// as [`chain`].
pub(crate) fn add_moments(
    level: Level,
    careful: Option<Gate>,
    lanes: &mut [Lanes],
    from: usize,
    common: Common<'_>,
    others: [Option<&[f64]>; MOMENTS],
) {
    let len = common.a.len();
    let rounds = if careful.is_some() || from != 0 { 0 } else { len / LANES };
    if rounds > 0 {
        add_rounds(level, lanes, common, others, rounds);
    }
    let of = |a: f64, b: f64| match careful {
        Some(gate) => chain(gate, a, b),
        None => a * b,
    };
    for row in rounds * LANES..len {
        let p = common.b.map_or(common.a[row], |b| of(common.a[row], b[row]));
        for (lanes, other) in lanes.iter_mut().zip(others) {
            lanes[(from + row) % LANES] += other.map_or(p, |other| of(p, other[row]));
        }
    }
}

/// Adds plain products for rounds of all lanes.
fn add_rounds(
    level: Level,
    lanes: &mut [Lanes],
    Common { a, b }: Common<'_>,
    others: [Option<&[f64]>; MOMENTS],
    rounds: usize,
) {
    let cut = |rows| &<[f64]>::as_chunks(rows).0[..rounds];
    let common = [cut(a), cut(b.unwrap_or(a))];
    let mut factors = [common[0]; MOMENTS];
    for (factor, other) in factors.iter_mut().zip(others) {
        *factor = other.map_or(common[0], cut);
    }
    macro_rules! run {
        ($($count:literal $product:literal $plain:literal,)+) => {
            match (lanes, b.is_some(), others[0].is_none()) {
                $((lanes, $product, $plain) if lanes.len() == $count => {
                    level.run(Moments::<$count, $product, $plain> { common, factors, lanes });
                })+
                (lanes, ..) => unreachable!("{} sums with a common factor", lanes.len()),
            }
        };
    }
    run! {
        1 false false, 1 false true, 1 true false, 1 true true,
        2 false false, 2 false true, 2 true false, 2 true true,
        3 false false, 3 false true, 3 true false, 3 true true,
        4 false false, 4 false true, 4 true false, 4 true true,
    }
}

/// `N` sums. If `PRODUCT`, the common factor is a product itself; if `PLAIN`, the first sum is of the
/// common factor alone.
struct Moments<'a, const N: usize, const PRODUCT: bool, const PLAIN: bool> {
    common: [&'a [Lanes]; 2],
    factors: [&'a [Lanes]; MOMENTS],
    lanes: &'a mut [Lanes],
}

impl<const N: usize, const PRODUCT: bool, const PLAIN: bool> Work
    for Moments<'_, N, PRODUCT, PLAIN>
{
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Moments { common: [a, b], factors, lanes } = self;
        let rounds = a.len();
        let b = &b[..rounds];
        let [w, x, y, z] = factors.map(|factor| &factor[..rounds]);
        let p = |round: usize, lane: usize| {
            if PRODUCT { a[round][lane] * b[round][lane] } else { a[round][lane] }
        };
        let first = |round: usize, lane: usize| {
            if PLAIN { p(round, lane) } else { p(round, lane) * w[round][lane] }
        };
        if N == 1 {
            let [mut q, mut r, mut s, mut t] = vectors(&lanes[0]);
            for at in 0..rounds {
                each(&mut q, |sum, i| sum + first(at, i));
                each(&mut r, |sum, i| sum + first(at, WIDTH + i));
                each(&mut s, |sum, i| sum + first(at, 2 * WIDTH + i));
                each(&mut t, |sum, i| sum + first(at, 3 * WIDTH + i));
            }
            lanes[0].copy_from_slice([q, r, s, t].as_flattened());
            return;
        }
        for part in 0..LANES / WIDTH {
            let from = part * WIDTH;
            let sums = |k: usize| if k < N { vectors(&lanes[k])[part] } else { [0.0; WIDTH] };
            let [mut q, mut r, mut s, mut t] = [sums(0), sums(1), sums(2), sums(3)];
            for at in 0..rounds {
                each(&mut q, |sum, i| sum + first(at, from + i));
                each(&mut r, |sum, i| sum + p(at, from + i) * x[at][from + i]);
                if N > 2 {
                    each(&mut s, |sum, i| sum + p(at, from + i) * y[at][from + i]);
                }
                if N > 3 {
                    each(&mut t, |sum, i| sum + p(at, from + i) * z[at][from + i]);
                }
            }
            for (lanes, sums) in lanes.iter_mut().zip([q, r, s, t]) {
                lanes[from..from + WIDTH].copy_from_slice(&sums);
            }
        }
    }
}
