//! Loops over the derivatives along several directions, which the compiler makes vector code.

use crate::Real;
pub(super) use crate::tape::along;

/// `f` of each.
#[inline(always)]
pub(super) fn each<F: Copy, const N: usize>(xs: &[F; N], f: impl Fn(F) -> F) -> [F; N] {
    let mut all = *xs;
    for x in &mut all {
        *x = f(*x);
    }
    all
}

/// `f` of each two.
#[inline(always)]
pub(super) fn both<F: Copy, const N: usize>(
    xs: &[F; N],
    ys: &[F; N],
    f: impl Fn(F, F) -> F,
) -> [F; N] {
    let mut all = *xs;
    for (x, y) in all.iter_mut().zip(ys) {
        *x = f(*x, *y);
    }
    all
}

#[inline(always)]
fn any_nan<F: Real, const N: usize>(xs: &[F; N]) -> bool {
    xs.iter().fold(false, |any, x| any | x.is_nan())
}

/// `slope · t` of each, where 0 passes nothing on.
#[inline(always)]
pub(super) fn scaled<F: Real, const N: usize>(ts: &[F; N], slope: F) -> [F; N] {
    let products = each(ts, |t| slope * t);
    // Where 0 met an infinity, with care.
    if any_nan(&products) { scaled_with_care(ts, slope) } else { products }
}

#[cold]
#[inline(never)]
fn scaled_with_care<F: Real, const N: usize>(ts: &[F; N], slope: F) -> [F; N] {
    each(ts, |t| along(slope, t))
}

/// `by_a · s + by_b · t` of each two, where 0 passes nothing on.
#[inline(always)]
pub(super) fn joined<F: Real, const N: usize>(
    (by_a, ss): (F, &[F; N]),
    (by_b, ts): (F, &[F; N]),
) -> [F; N] {
    let sums = both(ss, ts, |s, t| by_a * s + by_b * t);
    if any_nan(&sums) { joined_with_care((by_a, ss), (by_b, ts)) } else { sums }
}

#[cold]
#[inline(never)]
fn joined_with_care<F: Real, const N: usize>(
    (by_a, ss): (F, &[F; N]),
    (by_b, ts): (F, &[F; N]),
) -> [F; N] {
    both(ss, ts, |s, t| along(by_a, s) + along(by_b, t))
}
