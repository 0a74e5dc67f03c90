//! The operators of [`Var`], in all forms: by value and by reference, with numbers on either side,
//! and assigning.

use super::Var;
use crate::Real;
use crate::op::{self, arithmetic};
use crate::tape::core::Core;
use std::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

/// All forms of one operator, from those on two variables, a variable and a number, and a number and
/// a variable.
macro_rules! operator {
    ($Trait:ident $method:ident $Assign:ident $assign:ident,
     |$a:ident, $b:ident| $both:expr, |$x:ident, $c:ident| $right:expr,
     |$d:ident, $y:ident| $left:expr) => {
        impl<F: Real> $Trait for Var<F> {
            type Output = Var<F>;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: Var<F>) -> Var<F> {
                let ($a, $b) = (self, other);
                $both
            }
        }
        impl<F: Real> $Trait<F> for Var<F> {
            type Output = Var<F>;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: F) -> Var<F> {
                let ($x, $c) = (self, other);
                $right
            }
        }
        operator!(forward $Trait $method, <F>, &Var<F>, Var<F>);
        operator!(forward $Trait $method, <F>, Var<F>, &Var<F>);
        operator!(forward $Trait $method, <F>, &Var<F>, &Var<F>);
        operator!(forward $Trait $method, <F>, &Var<F>, F);
        operator!(forward $Trait $method, <F>, Var<F>, &F);
        operator!(forward $Trait $method, <F>, &Var<F>, &F);
        operator!(left $Trait $method, f64, |$d, $y| $left);
        operator!(left $Trait $method, f32, |$d, $y| $left);
        operator!(assign $Assign $assign $method, Var<F>);
        operator!(assign $Assign $assign $method, &Var<F>);
        operator!(assign $Assign $assign $method, F);
        operator!(assign $Assign $assign $method, &F);
    };
    (forward $Trait:ident $method:ident, <$F:ident>, $Left:ty, $Right:ty) => {
        impl<$F: Real> $Trait<$Right> for $Left {
            type Output = Var<$F>;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: $Right) -> Var<$F> {
                $Trait::$method(self.clone(), other.clone())
            }
        }
    };
    (left $Trait:ident $method:ident, $F:ty, |$d:ident, $y:ident| $left:expr) => {
        impl $Trait<Var<$F>> for $F {
            type Output = Var<$F>;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: Var<$F>) -> Var<$F> {
                let ($d, $y) = (self, other);
                $left
            }
        }
        operator!(left_forward $Trait $method, $F, $F, &Var<$F>);
        operator!(left_forward $Trait $method, $F, &$F, Var<$F>);
        operator!(left_forward $Trait $method, $F, &$F, &Var<$F>);
    };
    (left_forward $Trait:ident $method:ident, $F:ty, $Left:ty, $Right:ty) => {
        impl $Trait<$Right> for $Left {
            type Output = Var<$F>;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: $Right) -> Var<$F> {
                $Trait::$method(self.clone(), other.clone())
            }
        }
    };
    (assign $Assign:ident $assign:ident $method:ident, $Right:ty) => {
        impl<F: Real> $Assign<$Right> for Var<F> {
            #[inline(always)]
            #[track_caller]
            fn $assign(&mut self, other: $Right) {
                *self = (*self).$method(other);
            }
        }
    };
}

operator!(Add add AddAssign add_assign,
    |a, b| a.joined(b, arithmetic::add(a.value, b.value)),
    |x, c| x.shifted(x.value + c),
    |c, x| x.shifted(c + x.value));
operator!(Sub sub SubAssign sub_assign,
    |a, b| a.joined(b, arithmetic::sub(a.value, b.value)),
    |x, c| x.shifted(x.value - c),
    |c, x| (-x).shifted(c - x.value));
operator!(Mul mul MulAssign mul_assign,
    |a, b| curved(a, b).joined(b, arithmetic::mul(a.value, b.value)),
    |x, c| x.chained(x.value * c, c),
    |c, x| x.chained(c * x.value, c));
operator!(Div div DivAssign div_assign,
    |a, b| quotient(a, b),
    |x, c| quotient_by_number(x, c),
    |c, x| quotient_of_number(c, x));
operator!(Rem rem RemAssign rem_assign,
    |a, b| jumping(a).joined(jumping(b), arithmetic::rem(a.value, b.value)),
    |x, c| jumping(x).shifted(x.value % c),
    |c, x| Var::from(c) % x);

/// The first of two operands of an operation that is not piecewise linear where both vary, which is noted on
/// a tape that is watched.
#[inline(always)]
fn curved<F: Real>(a: Var<F>, b: Var<F>) -> Var<F> {
    if a.recording == b.recording {
        Core::<F>::note_curved(a.recording);
    }
    a
}

/// An operand of an operation that jumps, which is noted on a tape that is watched.
#[inline(always)]
fn jumping<F: Real>(x: Var<F>) -> Var<F> {
    if x.recording.is_watched() {
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
