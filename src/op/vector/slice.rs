//! Entries of the table over slices, in the vector forms.
//!
//! Where a form has a reach or rare arguments, the whole slice goes through it and then, if any
//! element lies beyond, those elements again through the ordinary function. So an element's result depends on itself
//! alone, never on its neighbours, its place or the length of the slice.

use crate::op::{Binary, Unary};

/// `out[i] = f(xs[i])`.
#[inline(always)]
pub(crate) fn values<R: Unary>(entry: R, xs: &[f64], out: &mut [f64]) {
    for (out, &x) in out.iter_mut().zip(xs) {
        *out = entry.vector_value(x);
    }
    if any_beyond(R::REACH, xs) {
        for (out, &x) in out.iter_mut().zip(xs).filter(|(_, x)| x.abs() > R::REACH) {
            *out = entry.value(x);
        }
    }
}

/// `out[i] = f'(xs[i])`, where `ys` are the values.
#[inline(always)]
pub(crate) fn slopes<R: Unary>(entry: R, xs: &[f64], ys: &[f64], out: &mut [f64]) {
    for (out, (&x, &y)) in out.iter_mut().zip(xs.iter().zip(ys)) {
        *out = entry.vector_slope(x, y);
    }
    if any_beyond(R::REACH, xs) {
        for (out, (&x, &y)) in out.iter_mut().zip(xs.iter().zip(ys)) {
            if x.abs() > R::REACH {
                *out = entry.slope(x, y);
            }
        }
    }
}

/// Both of them in one loop, where the compiler computes once what they share: most of the work for
/// `sin`, `tanh`, `sigmoid` and their kind. The bits are those of [`values`] and [`slopes`].
#[inline(always)]
pub(crate) fn values_and_slopes<R: Unary>(
    entry: R,
    xs: &[f64],
    ys: &mut [f64],
    slopes: &mut [f64],
) {
    for (&x, (y, slope)) in xs.iter().zip(ys.iter_mut().zip(slopes.iter_mut())) {
        *y = entry.vector_value(x);
        *slope = entry.vector_slope(x, *y);
    }
    if any_beyond(R::REACH, xs) {
        for (&x, (y, slope)) in xs.iter().zip(ys.iter_mut().zip(slopes)) {
            if x.abs() > R::REACH {
                *y = entry.value(x);
                *slope = entry.slope(x, *y);
            }
        }
    }
}

/// Whether any magnitude is above `reach`, found without a branch for each.
#[inline(always)]
fn any_beyond(reach: f64, xs: &[f64]) -> bool {
    reach < f64::INFINITY && xs.iter().fold(false, |any, x| any | (x.abs() > reach))
}

/// `out[i] = f(a[i], b[i])`.
#[inline(always)]
pub(crate) fn binary_values<R: Binary>(entry: R, a: &[f64], b: &[f64], out: &mut [f64]) {
    for (out, (&a, &b)) in out.iter_mut().zip(a.iter().zip(b)) {
        *out = entry.vector_value(a, b);
    }
}

/// The slopes by the first argument, where `ys` are the values.
#[inline(always)]
pub(crate) fn slopes_a<R: Binary>(entry: R, a: &[f64], b: &[f64], ys: &[f64], out: &mut [f64]) {
    for (out, ((&a, &b), &y)) in out.iter_mut().zip(a.iter().zip(b).zip(ys)) {
        *out = entry.vector_slope_a(a, b, y);
    }
    if any_rare(entry, a, b, ys) {
        for (out, ((&a, &b), &y)) in out.iter_mut().zip(a.iter().zip(b).zip(ys)) {
            if entry.rare(a, b, y) {
                *out = entry.slope_a(a, b, y);
            }
        }
    }
}

/// The slopes by the second argument.
#[inline(always)]
pub(crate) fn slopes_b<R: Binary>(entry: R, a: &[f64], b: &[f64], ys: &[f64], out: &mut [f64]) {
    for (out, ((&a, &b), &y)) in out.iter_mut().zip(a.iter().zip(b).zip(ys)) {
        *out = entry.vector_slope_b(a, b, y);
    }
    if any_rare(entry, a, b, ys) {
        for (out, ((&a, &b), &y)) in out.iter_mut().zip(a.iter().zip(b).zip(ys)) {
            if entry.rare(a, b, y) {
                *out = entry.slope_b(a, b, y);
            }
        }
    }
}

#[inline(always)]
fn any_rare<R: Binary>(entry: R, a: &[f64], b: &[f64], ys: &[f64]) -> bool {
    a.iter().zip(b).zip(ys).fold(false, |any, ((&a, &b), &y)| any | entry.rare(a, b, y))
}
