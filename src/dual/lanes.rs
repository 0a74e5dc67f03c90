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

/// `slope · t`, where 0 passes nothing on: without a branch, so that it is vector code.
#[inline(always)]
pub(super) fn passed<F: Real>(slope: F, t: F) -> F {
    let product = slope * t;
    if t != F::zero() && slope != F::zero() { product } else { F::zero() }
}

/// `slope · t` of each, where 0 passes nothing on.
#[inline(always)]
pub(super) fn scaled<F: Real, const N: usize>(ts: &[F; N], slope: F) -> [F; N] {
    if is_plain(slope) { each(ts, |t| slope * t) } else { each(ts, |t| passed(slope, t)) }
}

/// Whether it is neither 0 nor infinite nor NaN, which one comparison of whole numbers tells.
#[inline(always)]
fn is_plain<F: Real>(slope: F) -> bool {
    let magnitude = |x: f64| x.to_bits() << 1;
    magnitude(slope.to_double()).wrapping_sub(1) < magnitude(f64::INFINITY) - 1
}

/// `by_a · s + by_b · t` of each two, where 0 passes nothing on.
#[inline(always)]
pub(super) fn joined<F: Real, const N: usize>(
    (by_a, ss): (F, &[F; N]),
    (by_b, ts): (F, &[F; N]),
) -> [F; N] {
    both(ss, ts, |s, t| passed(by_a, s) + passed(by_b, t))
}
