//! The numbers of forward mode among others: operators, sums, conversions, comparisons, formatting, and the
//! traits of `num_traits` and `approx`.

use super::first::Dual;
use super::jet::Jet;
use super::second::Dual2;
use super::taylor::Taylor;
use crate::Real;
use crate::op::arithmetic;
use crate::op::scalar::{number_family, operator};
use approx::{AbsDiffEq, RelativeEq, UlpsEq};
use num_traits as num;
use std::cmp::Ordering;
use std::fmt;
use std::iter::{Product, Sum};
use std::num::FpCategory;
use std::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

/// All of them, for one of the numbers.
macro_rules! number {
    ($Jet:ident) => {
        number! { operator $Jet Add add AddAssign add_assign,
            |a, b| Jet::plus(a, b, a.here() + b.here()),
            |x, c| x.shifted(x.here() + c),
            |c, x| x.shifted(c + x.here()) }
        number! { operator $Jet Sub sub SubAssign sub_assign,
            |a, b| Jet::plus(a, -b, a.here() - b.here()),
            |x, c| x.shifted(x.here() - c),
            |c, x| (-x).shifted(c - x.here()) }
        number! { operator $Jet Mul mul MulAssign mul_assign,
            |a, b| a.times(b),
            |x, c| x.chained(x.here() * c, c),
            |c, x| x.chained(c * x.here(), c) }
        number! { operator $Jet Div div DivAssign div_assign,
            |a, b| a.over(b),
            |x, c| x.chained(x.here() / c, c.recip()),
            |c, x| x.under(c) }
        number! { operator $Jet Rem rem RemAssign rem_assign,
            |a, b| a.joined(b, arithmetic::rem(a.here(), b.here())),
            |x, c| x.shifted(x.here() % c),
            |c, x| $Jet::from(c) % x }

        impl<const N: usize, F: Real> Neg for $Jet<N, F> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                self.chained(-self.here(), -F::one())
            }
        }
        impl<const N: usize, F: Real> Neg for &$Jet<N, F> {
            type Output = $Jet<N, F>;
            #[inline(always)]
            fn neg(self) -> $Jet<N, F> {
                -*self
            }
        }

        impl<const N: usize, F: Real> Sum for $Jet<N, F> {
            /// The sum; of nothing std's, which is -0 or 0 by version.
            #[inline(always)]
            fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
                terms.fold(Jet::constant(std::iter::empty::<F>().sum()), |sum, x| sum + x)
            }
        }
        impl<'a, const N: usize, F: Real> Sum<&'a $Jet<N, F>> for $Jet<N, F> {
            #[inline(always)]
            fn sum<I: Iterator<Item = &'a Self>>(terms: I) -> Self {
                terms.copied().sum()
            }
        }
        impl<const N: usize, F: Real> Product for $Jet<N, F> {
            /// The product; 1 of nothing.
            #[inline(always)]
            fn product<I: Iterator<Item = Self>>(factors: I) -> Self {
                factors.fold(Jet::constant(F::one()), |product, x| product * x)
            }
        }
        impl<'a, const N: usize, F: Real> Product<&'a $Jet<N, F>> for $Jet<N, F> {
            #[inline(always)]
            fn product<I: Iterator<Item = &'a Self>>(factors: I) -> Self {
                factors.copied().product()
            }
        }

        #[cfg(feature = "nalgebra")]
        impl<const N: usize, F: Real> $Jet<N, F> {
            /// Whether it changes along no direction.
            pub(crate) fn is_constant(&self) -> bool {
                self.is_level()
            }
        }

        impl<const N: usize, F: Real> From<F> for $Jet<N, F> {
            /// A constant.
            #[inline(always)]
            fn from(value: F) -> Self {
                Jet::constant(value)
            }
        }
        impl<const N: usize, F: Real> Default for $Jet<N, F> {
            /// The constant 0.
            #[inline(always)]
            fn default() -> Self {
                Jet::constant(F::zero())
            }
        }
        impl<const N: usize, F: Real> fmt::Display for $Jet<N, F> {
            /// The value.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.here(), f)
            }
        }
        impl<const N: usize, F: Real> fmt::LowerExp for $Jet<N, F> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::LowerExp::fmt(&self.here(), f)
            }
        }

        impl<const N: usize, F: Real> PartialEq for $Jet<N, F> {
            /// By value.
            #[inline(always)]
            fn eq(&self, other: &Self) -> bool {
                self.here() == other.here()
            }
        }
        impl<const N: usize, F: Real> PartialOrd for $Jet<N, F> {
            #[inline(always)]
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                self.here().partial_cmp(&other.here())
            }
        }
        impl<const N: usize, F: Real> PartialEq<F> for $Jet<N, F> {
            #[inline(always)]
            fn eq(&self, other: &F) -> bool {
                self.here() == *other
            }
        }
        impl<const N: usize, F: Real> PartialOrd<F> for $Jet<N, F> {
            #[inline(always)]
            fn partial_cmp(&self, other: &F) -> Option<Ordering> {
                self.here().partial_cmp(other)
            }
        }

        impl<const N: usize, F: Real> AbsDiffEq for $Jet<N, F> {
            type Epsilon = Self;
            fn default_epsilon() -> Self {
                F::default_epsilon().into()
            }
            fn abs_diff_eq(&self, other: &Self, epsilon: Self) -> bool {
                self.here().abs_diff_eq(&other.here(), epsilon.here())
            }
        }
        impl<const N: usize, F: Real> RelativeEq for $Jet<N, F> {
            fn default_max_relative() -> Self {
                F::default_max_relative().into()
            }
            fn relative_eq(&self, other: &Self, epsilon: Self, max_relative: Self) -> bool {
                self.here().relative_eq(&other.here(), epsilon.here(), max_relative.here())
            }
        }
        impl<const N: usize, F: Real> UlpsEq for $Jet<N, F> {
            fn default_max_ulps() -> u32 {
                F::default_max_ulps()
            }
            fn ulps_eq(&self, other: &Self, epsilon: Self, max_ulps: u32) -> bool {
                self.here().ulps_eq(&other.here(), epsilon.here(), max_ulps)
            }
        }

        number_family! {
            [const N: usize, F: Real] $Jet<N, F>,
            step: |a, b, quotient| a.joined(b, (quotient, F::zero(), F::zero())),
            linear: |x, value, slope| x.chained(value, slope),
        }
    };
    (operator $Jet:ident $($operator:tt)*) => {
        operator! {
            [const N: usize, F: Real] $Jet<N, F>;
            [const N: usize] f64, $Jet<N, f64>;
            [const N: usize] f32, $Jet<N, f32>;
            $($operator)*
        }
    };
}
number!(Dual);
number!(Dual2);
number!(Taylor);
