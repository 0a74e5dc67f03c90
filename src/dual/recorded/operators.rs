//! [`Var2`] as a number among others: operators, sums, conversions, comparisons, formatting, and the traits of
//! `num_traits` and `approx`.

use super::lists::inner;
use super::var::Var2;
use crate::Real;
use crate::op::arithmetic;
use crate::op::scalar::{number_family, operator};
use crate::tape::sum;
use crate::{Dual, Var};
use approx::{AbsDiffEq, RelativeEq, UlpsEq};
use num_traits as num;
use std::cmp::Ordering;
use std::fmt;
use std::iter::{Product, Sum};
use std::num::FpCategory;
use std::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

/// The forms of an operator, in both precisions.
macro_rules! operators {
    ($($operator:tt)*) => {
        operator! {
            [const N: usize, F: Real] Var2<N, F>;
            [const N: usize] f64, Var2<N, f64>;
            [const N: usize] f32, Var2<N, f32>;
            $($operator)*
        }
    };
}

operators!(Add add AddAssign add_assign,
    |a, b| a.linear(b, arithmetic::add(a.number(), b.number())),
    |x, c| x.shifted(x.value() + c),
    |c, x| x.shifted(c + x.value()));
operators!(Sub sub SubAssign sub_assign,
    |a, b| a.linear(b, arithmetic::sub(a.number(), b.number())),
    |x, c| x.shifted(x.value() - c),
    |c, x| (-x).shifted(c - x.value()));
operators!(Mul mul MulAssign mul_assign,
    |a, b| a.linear(b, arithmetic::mul(a.number(), b.number())),
    |x, c| x.scaled(c),
    |c, x| x.scaled(c));
operators!(Div div DivAssign div_assign,
    |a, b| a.over(b),
    |x, c| x.over_number(c),
    |c, x| x.under(c));
operators!(Rem rem RemAssign rem_assign,
    |a, b| a.linear(b, arithmetic::rem(a.number(), b.number())),
    |x, c| x.shifted(x.value() % c),
    |c, x| Var2::from(c) % x);

impl<const N: usize, F: Real> Neg for Var2<N, F> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.scaled(-F::one()).shifted(-self.value())
    }
}
impl<const N: usize, F: Real> Neg for &Var2<N, F> {
    type Output = Var2<N, F>;
    #[inline(always)]
    fn neg(self) -> Var2<N, F> {
        -*self
    }
}

impl<const N: usize, F: Real> Sum for Var2<N, F> {
    /// The sum; of nothing std's, which is -0 or 0 by version.
    #[inline(always)]
    #[track_caller]
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        Var2(sum::added_up::<false, Dual<N, F>>(terms.map(inner)))
    }
}
impl<'a, const N: usize, F: Real> Sum<&'a Var2<N, F>> for Var2<N, F> {
    #[inline(always)]
    #[track_caller]
    fn sum<I: Iterator<Item = &'a Self>>(terms: I) -> Self {
        terms.copied().sum()
    }
}
impl<const N: usize, F: Real> Product for Var2<N, F> {
    /// The product; 1 of nothing.
    #[inline]
    #[track_caller]
    fn product<I: Iterator<Item = Self>>(factors: I) -> Self {
        let mut product = Self::ONE;
        for factor in factors {
            product *= factor;
        }
        product
    }
}
impl<'a, const N: usize, F: Real> Product<&'a Var2<N, F>> for Var2<N, F> {
    #[inline]
    #[track_caller]
    fn product<I: Iterator<Item = &'a Self>>(factors: I) -> Self {
        factors.copied().product()
    }
}

impl<const N: usize, F: Real> From<F> for Var2<N, F> {
    /// A constant.
    #[inline(always)]
    fn from(value: F) -> Self {
        Var2(Var::constant(Dual::from(value)))
    }
}
impl<const N: usize, F: Real> Default for Var2<N, F> {
    /// The constant 0.
    #[inline(always)]
    fn default() -> Self {
        Self::ZERO
    }
}
impl<const N: usize, F: Real> fmt::Display for Var2<N, F> {
    /// The value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value(), f)
    }
}
impl<const N: usize, F: Real> fmt::LowerExp for Var2<N, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerExp::fmt(&self.value(), f)
    }
}
impl<const N: usize, F: Real> fmt::Debug for Var2<N, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.is_constant() { "Const" } else { "Var2" };
        f.debug_tuple(name).field(&self.value()).field(&self.number().tangents()).finish()
    }
}

impl<const N: usize, F: Real> PartialEq for Var2<N, F> {
    /// By value.
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}
impl<const N: usize, F: Real> PartialOrd for Var2<N, F> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value().partial_cmp(&other.value())
    }
}
impl<const N: usize, F: Real> PartialEq<F> for Var2<N, F> {
    #[inline(always)]
    fn eq(&self, other: &F) -> bool {
        self.value() == *other
    }
}
impl<const N: usize, F: Real> PartialOrd<F> for Var2<N, F> {
    #[inline(always)]
    fn partial_cmp(&self, other: &F) -> Option<Ordering> {
        self.value().partial_cmp(other)
    }
}

impl<const N: usize, F: Real> AbsDiffEq for Var2<N, F> {
    type Epsilon = F;
    fn default_epsilon() -> F {
        F::default_epsilon()
    }
    fn abs_diff_eq(&self, other: &Self, epsilon: F) -> bool {
        self.value().abs_diff_eq(&other.value(), epsilon)
    }
}
impl<const N: usize, F: Real> RelativeEq for Var2<N, F> {
    fn default_max_relative() -> F {
        F::default_max_relative()
    }
    fn relative_eq(&self, other: &Self, epsilon: F, max_relative: F) -> bool {
        self.value().relative_eq(&other.value(), epsilon, max_relative)
    }
}
impl<const N: usize, F: Real> UlpsEq for Var2<N, F> {
    fn default_max_ulps() -> u32 {
        F::default_max_ulps()
    }
    fn ulps_eq(&self, other: &Self, epsilon: F, max_ulps: u32) -> bool {
        self.value().ulps_eq(&other.value(), epsilon, max_ulps)
    }
}

number_family! {
    [const N: usize, F: Real] Var2<N, F>,
    step: |a, b, quotient| {
        let (a, b) = (a.floor(), b.floor());
        (a + b).shifted(quotient)
    },
    linear: |x, value, slope| x.scaled(slope).shifted(value),
}
