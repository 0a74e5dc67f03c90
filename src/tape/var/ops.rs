//! The operators of [`Var`], in all forms: by value and by reference, with numbers on either side,
//! and assigning.

use super::Var;
use crate::Real;
use crate::op::scalar::operator;
use crate::op::{self, arithmetic};
use crate::tape::core::Core;
use std::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

/// The forms of an operator, for variables of either precision.
macro_rules! operators {
    ($($operator:tt)*) => {
        operator! { [F: Real] Var<F>; [] f64, Var<f64>; [] f32, Var<f32>; $($operator)* }
    };
}

operators!(Add add AddAssign add_assign,
    |a, b| a.grown(b, arithmetic::add(a.value, b.value)),
    |x, c| x.shifted(x.value + c),
    |c, x| x.shifted(c + x.value));
operators!(Sub sub SubAssign sub_assign,
    |a, b| a.grown(b, arithmetic::sub(a.value, b.value)),
    |x, c| x.shifted(x.value - c),
    |c, x| (-x).shifted(c - x.value));
operators!(Mul mul MulAssign mul_assign,
    |a, b| product(a, b),
    |x, c| x.chained(x.value * c, c),
    |c, x| x.chained(c * x.value, c));
operators!(Div div DivAssign div_assign,
    |a, b| quotient(a, b),
    |x, c| quotient_by_number(x, c),
    |c, x| quotient_of_number(c, x));
operators!(Rem rem RemAssign rem_assign,
    |a, b| jumping(a).joined(jumping(b), arithmetic::rem(a.value, b.value)),
    |x, c| jumping(x).shifted(x.value % c),
    |c, x| Var::from(c) % x);

/// A product is not piecewise linear where both operands vary, which is noted on a tape that is watched.
#[inline(always)]
#[track_caller]
fn product<F: Real>(a: Var<F>, b: Var<F>) -> Var<F> {
    let rule = arithmetic::mul(a.value, b.value);
    if a.recording != b.recording {
        return a.joined_across(b, rule);
    }
    Core::<F>::note_curved_here(a.recording);
    a.joined_within::<false>(b, rule)
}

/// An operand of an operation that jumps, which is noted on a tape that is watched.
#[inline(always)]
#[track_caller]
fn jumping<F: Real>(x: Var<F>) -> Var<F> {
    if x.recording.is_watched() {
        Core::<F>::note_curved_here(x.recording);
        Core::<F>::note_jump(x.recording);
    }
    x
}

// A divisor of 0 is set apart like an entry of the table, and any that varies on a tape that is watched.

#[inline(always)]
#[track_caller]
fn quotient<F: Real>(a: Var<F>, b: Var<F>) -> Var<F> {
    if b.value == F::zero() || a.recording.is_watched() && a.recording == b.recording {
        return a.binary(b, op::Quotient);
    }
    a.joined(b, arithmetic::div(a.value, b.value))
}

#[inline(always)]
#[track_caller]
fn quotient_by_number<F: Real>(x: Var<F>, c: F) -> Var<F> {
    if c == F::zero() {
        return x.binary(Var::from(c), op::Quotient);
    }
    x.chained(x.value / c, c.recip())
}

#[inline(always)]
#[track_caller]
fn quotient_of_number<F: Real>(c: F, x: Var<F>) -> Var<F> {
    if x.value == F::zero() || x.recording.is_watched() {
        return Var::from(c).binary(x, op::Quotient);
    }
    let (y, _, by_x) = arithmetic::div(c, x.value);
    x.chained(y, by_x)
}

impl<F: Real> Neg for Var<F> {
    type Output = Var<F>;
    #[inline(always)]
    fn neg(self) -> Var<F> {
        let [p, q] = self.partials;
        Var { partials: [-p, -q], ..self.shifted(-self.value) }
    }
}

impl<F: Real> Neg for &Var<F> {
    type Output = Var<F>;
    #[inline(always)]
    fn neg(self) -> Var<F> {
        -*self
    }
}

/// Forms of the division by a length.
macro_rules! by_length {
    ($($Left:ty),+) => {$(
        impl<F: Real> Div<usize> for $Left {
            type Output = Var<F>;
            /// Divides by a length: the one conversion of a whole number that an operator makes, as
            /// `total / points.len()` is what is meant.
            #[inline(always)]
            #[track_caller]
            fn div(self, length: usize) -> Var<F> {
                self / F::from_usize(length).unwrap_or_else(F::nan)
            }
        }
    )+};
}
by_length!(Var<F>, &Var<F>);

impl<F: Real> DivAssign<usize> for Var<F> {
    #[inline(always)]
    #[track_caller]
    fn div_assign(&mut self, length: usize) {
        *self = *self / length;
    }
}
