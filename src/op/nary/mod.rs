//! The values of functions of many arguments, shared by plain numbers and the engines so that all
//! of them give the same bits.

pub(crate) mod carried;
mod error;
mod length;
pub(crate) mod order;

pub use error::ListError;
pub use length::LengthError;
pub(crate) use length::{one_partial_each, same_length};

use crate::op::nary::carried::{PART, by_parts};
use crate::op::special;
use crate::real::Number;
use num_traits::Float;
use smallvec::SmallVec;

/// The most terms that are added one after the other.
pub(crate) const IN_TURN: usize = 32;

/// The sum of the terms: of up to [`IN_TURN`] one after the other, of more the [sum](Sums) of the sums of
/// so many each. The chains of additions are short, so they need not wait for one another, and the
/// rounding error grows with the logarithm of their number.
///
/// The sum of one term is that term, be it -0, and of products too: a dot product of one pair is the
/// product. The sum of nothing is -0, as std's is: the number that changes no other. A long one in single
/// precision is one of [parts](crate::op::nary::carried).
#[inline(always)]
pub(crate) fn sum<F: Number>(mut terms: impl ExactSizeIterator<Item = F>) -> F {
    if F::SINGLE && terms.len() > PART {
        let mut whole = F::Wide::neg_zero();
        while terms.len() > 0 {
            whole += sum_of_part(terms.by_ref().take(PART)).widen();
        }
        return F::narrow(whole);
    }
    sum_of_part(terms)
}

#[inline(always)]
fn sum_of_part<F: Number>(mut terms: impl ExactSizeIterator<Item = F>) -> F {
    if terms.len() <= IN_TURN {
        return in_turn(terms);
    }
    let mut sums = Sums::default();
    while terms.len() > 0 {
        sums.push(in_turn(terms.by_ref().take(IN_TURN)));
    }
    sums.total()
}

#[inline(always)]
fn in_turn<F: Number>(terms: impl Iterator<Item = F>) -> F {
    terms.fold(F::neg_zero(), |sum, term| sum + term)
}

/// [`sum`] of a term for each element, which need not ask for each whether there is one.
#[inline(always)]
pub(crate) fn sum_of<T, F: Number>(xs: &[T], term: impl Fn(&T) -> F) -> F {
    by_parts(xs, |xs| {
        if xs.len() <= IN_TURN {
            return in_turn(xs.iter().map(&term));
        }
        let mut sums = Sums::default();
        for chunk in xs.chunks(IN_TURN) {
            sums.push(in_turn(chunk.iter().map(&term)));
        }
        sums.total()
    })
}

/// Sums, of which so many as may be added one after the other become one of the next level, so many of
/// those one of the next, and so on.
pub(crate) struct Sums<F> {
    /// The sum of each level that goes on, and of how many it is.
    levels: SmallVec<[(F, usize); 4]>,
}

impl<F> Default for Sums<F> {
    fn default() -> Self {
        Sums { levels: SmallVec::new() }
    }
}

impl<F: Number> Sums<F> {
    #[inline(always)]
    pub(crate) fn push(&mut self, mut sum: F) {
        for (level, count) in &mut self.levels {
            (*level, *count) = (*level + sum, *count + 1);
            if *count < IN_TURN {
                return;
            }
            sum = *level;
            (*level, *count) = (F::neg_zero(), 0);
        }
        self.levels.push((sum, 1));
    }

    /// What all come to. What is left of a level is the last of the next.
    pub(crate) fn total(&self) -> F {
        self.levels.iter().fold(F::neg_zero(), |rest, &(level, _)| level + rest)
    }
}

/// The greatest; `-∞` if there are none, NaN if any is NaN.
#[inline(always)]
pub(crate) fn max<F: Number>(xs: impl Iterator<Item = F>) -> F {
    xs.fold(F::neg_infinity(), |most, x| if most >= x || most.is_nan() { most } else { x })
}

/// The least; `∞` if there are none, NaN if any is NaN.
#[inline(always)]
pub(crate) fn min<F: Number>(xs: impl Iterator<Item = F>) -> F {
    -max(xs.map(|x| -x))
}

/// Those of a list that have this value, its extreme; the first NaN if that is NaN. Of an empty list none.
#[inline(always)]
pub(crate) fn extremes<T: Copy, F: Number>(
    xs: &[T],
    extreme: F,
    value: impl Fn(&T) -> F,
) -> SmallVec<[T; 4]> {
    let equal: SmallVec<[T; 4]> = xs.iter().copied().filter(|x| value(x) == extreme).collect();
    if equal.is_empty() {
        // Nothing equals NaN.
        return xs.iter().copied().find(|x| value(x).is_nan()).into_iter().collect();
    }
    equal
}

/// A Euclidean norm, kept as `scale · root`, where `scale` is 1 unless the squares would leave the
/// normal range.
#[derive(Clone, Copy)]
pub(crate) struct Norm<F> {
    pub(crate) scale: F,
    pub(crate) root: F,
}

impl<F: Number> Norm<F> {
    #[inline(always)]
    pub(crate) fn of(xs: impl ExactSizeIterator<Item = F> + Clone) -> Self {
        let squares = sum(xs.clone().map(|x| x * x));
        // Below `floor` a square may have lost bits to underflow.
        let floor = F::min_positive_value() / (F::epsilon() * F::epsilon());
        if squares > floor && squares.is_finite() {
            return Norm { scale: F::one(), root: squares.sqrt() };
        }
        // The norm of nothing is 0.
        let scale = max(std::iter::once(F::zero()).chain(xs.clone().map(F::abs)));
        let root = if scale == F::zero() || !scale.is_finite() {
            F::one()
        } else {
            sum(xs.map(|x| (x / scale) * (x / scale))).sqrt()
        };
        Norm { scale, root }
    }

    #[inline(always)]
    pub(crate) fn value(self) -> F {
        self.scale * self.root
    }

    /// The partial by one of the numbers, `x / norm`, of a norm that is not 0. Where the norm is
    /// infinite, it is the sign of a number that is too.
    #[inline(always)]
    pub(crate) fn slope(self, x: F) -> F {
        if self.scale.is_infinite() && x.is_infinite() {
            x.signum()
        } else {
            x / self.scale / self.root
        }
    }
}

/// The slopes of a norm of numbers all of which are 0, on the side of its tip that is entered where number `i`
/// changes by `part(which, i)`: the first part that is not 0 of all decides. `None` if there is none.
pub(crate) fn tip_slopes<F: Number>(
    numbers: usize,
    parts: usize,
    part: impl Fn(usize, usize) -> F,
) -> Option<SmallVec<[F; 8]>> {
    (0..parts).find_map(|which| {
        let change: SmallVec<[F; 8]> = (0..numbers).map(|i| part(which, i)).collect();
        let norm = Norm::of(change.iter().copied());
        let moves = norm.value() > F::zero() && norm.value().is_finite();
        moves.then(|| change.into_iter().map(|x| norm.slope(x)).collect())
    })
}

/// `e^(x - m)` for `x ≤ m` by this exponential. What the difference loses to rounding comes back as a
/// factor, unless it is not finite.
#[inline(always)]
pub(crate) fn exp_below<F: Number>(x: F, m: F, exp: impl Fn(F) -> F) -> F {
    // D. Knuth, The Art of Computer Programming 2, section 4.2.2, theorem B.
    let difference = x - m;
    let other = difference - x;
    let lost = (x - (difference - other)) - (m + other);
    let e = exp(difference);
    if difference > F::still(-800.0) { e + e * lost } else { e }
}

/// `ln Σ e^x`; `-∞` if there are none.
#[inline(always)]
pub(crate) fn log_sum_exp<F: Number>(xs: impl ExactSizeIterator<Item = F> + Clone) -> F {
    let most = max(xs.clone());
    if !most.is_finite() {
        return most;
    }
    let value = most + sum(xs.clone().map(|x| exp_below(x, most, F::exp))).ln();
    right_near_zero(LogSum { most, value }, xs)
}

/// `ln Σ e^xᵢ` as the greatest of the numbers and a logarithm make it, and that greatest.
#[derive(Clone, Copy)]
pub(crate) struct LogSum<F> {
    pub(crate) most: F,
    pub(crate) value: F,
}

/// The value of the numbers, which is found another way where it is [near 0](special::is_near_zero).
#[inline(always)]
pub(crate) fn right_near_zero<F: Number>(
    LogSum { most, value }: LogSum<F>,
    xs: impl Iterator<Item = F> + Clone,
) -> F {
    let (of, near) = (most.plain(), value.plain());
    if special::is_near_zero(of, near) {
        return value.moved(F::still(special::log_sum_near_zero(xs.map(F::plain), of, near)));
    }
    value
}

/// `e^xᵢ / Σ e^xⱼ` in place, and what `ln Σ e^xⱼ` is made of. Where the greatest is infinite, its equals share, and
/// go on as numbers that are equal do.
#[inline(always)]
pub(crate) fn softmax<F: Number>(xs: &mut [F]) -> LogSum<F> {
    let most = max(xs.iter().copied());
    let infinite = most.is_infinite();
    let still = most.moved(F::zero());
    for x in &mut *xs {
        *x = if !infinite {
            exp_below(*x, most, F::exponential)
        } else if *x == most {
            (x.moved(F::zero()) - still).exponential()
        } else {
            F::zero()
        };
    }
    let total = sum(xs.iter().copied());
    for x in xs {
        *x /= total;
    }
    let value = if infinite { still + total.logarithm() } else { most + total.logarithm() };
    LogSum { most, value: if infinite { value.moved(most) } else { value } }
}
