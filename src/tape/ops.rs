//! The operators of [`Var`], in all forms: by value and by reference, with numbers on either side,
//! and assigning.

use super::var::Var;
use crate::Real;
use crate::op::{self, arithmetic};
use std::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

/// All forms of one operator, from its form on two variables and on a variable and a number.
macro_rules! operator {
    ($Trait:ident $method:ident $Assign:ident $assign:ident,
     |$a:ident, $b:ident| $both:expr, |$x:ident, $c:ident| $right:expr) => {
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
        operator!(left $Trait $method, f64);
        operator!(left $Trait $method, f32);
        operator!(assign $Assign $assign $method, Var<F>);
        operator!(assign $Assign $assign $method, &Var<F>);
        operator!(assign $Assign $assign $method, F);
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
    (left $Trait:ident $method:ident, $F:ty) => {
        impl $Trait<Var<$F>> for $F {
            type Output = Var<$F>;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: Var<$F>) -> Var<$F> {
                $Trait::$method(Var::from(self), other)
            }
        }
        impl $Trait<&Var<$F>> for $F {
            type Output = Var<$F>;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: &Var<$F>) -> Var<$F> {
                $Trait::$method(Var::from(self), *other)
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
    |x, c| x.shifted(x.value + c));
operator!(Sub sub SubAssign sub_assign,
    |a, b| a.joined(b, arithmetic::sub(a.value, b.value)),
    |x, c| x.shifted(x.value - c));
operator!(Mul mul MulAssign mul_assign,
    |a, b| a.joined(b, arithmetic::mul(a.value, b.value)),
    |x, c| x.chained(x.value * c, c));
operator!(Div div DivAssign div_assign,
|a, b| {
    // A divisor of 0 is watched like a row of the table.
    if b.value == F::zero() {
        return a.binary(b, op::Quotient);
    }
    a.joined(b, arithmetic::div(a.value, b.value))
},
|x, c| {
    if c == F::zero() {
        return x.binary(Var::from(c), op::Quotient);
    }
    x.chained(x.value / c, c.recip())
});
operator!(Rem rem RemAssign rem_assign,
    |a, b| a.joined(b, arithmetic::rem(a.value, b.value)),
    |x, c| x.shifted(x.value % c));

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
