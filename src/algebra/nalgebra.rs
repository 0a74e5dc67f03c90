//! `RealField` and `ComplexField` of `nalgebra`, whose decompositions so differentiate unchanged.
//!
//! All functions are the methods that the numbers have. Where `nalgebra`'s own rule for plain numbers takes
//! a branch, that branch is taken here, so that values are the same and the derivative is that of the branch.

use super::for_each_number;
use crate::{Dual, Dual2, Real, Taylor, Var};
use nalgebra::{ComplexField, Field, RealField, SimdValue};
use num_traits::{Float, One, Zero};
use simba::scalar::SubsetOf;

macro_rules! field {
    ([$($any:tt)*] $T:ty) => {
        impl<$($any)*> SubsetOf<$T> for $T {
            #[inline(always)]
            fn to_superset(&self) -> $T {
                *self
            }
            #[inline(always)]
            fn from_superset_unchecked(element: &$T) -> $T {
                *element
            }
            #[inline(always)]
            fn is_in_subset(_: &$T) -> bool {
                true
            }
        }
        field! { plain [$($any)*] $T, f64 }
        field! { plain [$($any)*] $T, f32 }

        impl<$($any)*> SimdValue for $T {
            const LANES: usize = 1;
            type Element = Self;
            type SimdBool = bool;
            #[inline(always)]
            fn splat(val: Self) -> Self {
                val
            }
            #[inline(always)]
            fn extract(&self, _: usize) -> Self {
                *self
            }
            // The trait declares it so. Nothing unsafe is done.
            #[allow(unsafe_code)]
            #[inline(always)]
            unsafe fn extract_unchecked(&self, _: usize) -> Self {
                *self
            }
            #[inline(always)]
            fn replace(&mut self, _: usize, val: Self) {
                *self = val;
            }
            // The trait declares it so. Nothing unsafe is done.
            #[allow(unsafe_code)]
            #[inline(always)]
            unsafe fn replace_unchecked(&mut self, _: usize, val: Self) {
                *self = val;
            }
            #[inline(always)]
            fn select(self, cond: bool, other: Self) -> Self {
                if cond { self } else { other }
            }
        }

        impl<$($any)*> Field for $T {}

        field! { complex [$($any)*] $T;
            one: floor ceil round trunc fract recip sin cos tan asin acos atan sinh cosh tanh
                asinh acosh atanh log2 log10 ln ln_1p sqrt exp exp2 exp_m1 cbrt;
            two: hypot log powf;
        }
        field! { real [$($any)*] $T;
            questions: is_sign_positive is_sign_negative;
            two: copysign max min atan2;
            constants: pi PI, two_pi TAU, frac_pi_2 FRAC_PI_2, frac_pi_3 FRAC_PI_3,
                frac_pi_4 FRAC_PI_4, frac_pi_6 FRAC_PI_6, frac_pi_8 FRAC_PI_8,
                frac_1_pi FRAC_1_PI, frac_2_pi FRAC_2_PI, frac_2_sqrt_pi FRAC_2_SQRT_PI, e E,
                log2_e LOG2_E, log10_e LOG10_E, ln_2 LN_2, ln_10 LN_10;
        }
    };

    // A plain number is in the field as a constant. What depends on a variable is none.
    (plain [$($any:tt)*] $T:ty, $N:ty) => {
        impl<$($any)*> SubsetOf<$T> for $N {
            #[inline(always)]
            fn to_superset(&self) -> $T {
                F::from_double(f64::from(*self)).into()
            }
            #[inline(always)]
            fn from_superset_unchecked(element: &$T) -> $N {
                element.value().to_double() as $N
            }
            #[inline(always)]
            fn is_in_subset(element: &$T) -> bool {
                element.is_constant()
            }
        }
    };

    (complex [$($any:tt)*] $T:ty; one: $($unary:ident)+; two: $($binary:ident)+;) => {
        impl<$($any)*> ComplexField for $T {
            type RealField = Self;
            $(#[inline(always)] #[track_caller] fn $unary(self) -> Self { <$T>::$unary(self) })+
            $(#[inline(always)] #[track_caller] fn $binary(self, other: Self) -> Self {
                <$T>::$binary(self, other)
            })+
            #[inline(always)]
            fn from_real(re: Self) -> Self {
                re
            }
            #[inline(always)]
            fn real(self) -> Self {
                self
            }
            #[inline(always)]
            fn imaginary(self) -> Self {
                Self::zero()
            }
            #[inline(always)]
            fn conjugate(self) -> Self {
                self
            }
            #[inline(always)]
            #[track_caller]
            fn modulus(self) -> Self {
                <$T>::abs(self)
            }
            #[inline(always)]
            #[track_caller]
            fn modulus_squared(self) -> Self {
                self * self
            }
            #[inline(always)]
            #[track_caller]
            fn norm1(self) -> Self {
                <$T>::abs(self)
            }
            #[inline(always)]
            #[track_caller]
            fn abs(self) -> Self {
                <$T>::abs(self)
            }
            #[inline(always)]
            #[track_caller]
            fn signum(self) -> Self {
                <$T>::signum(self)
            }
            /// 0 for a number that is not negative, else π.
            #[inline(always)]
            fn argument(self) -> Self {
                if self.value() >= F::zero() { Self::zero() } else { F::PI().into() }
            }
            /// Modulus and sign: one branch for both, at 0 that of positive numbers.
            #[inline(always)]
            #[track_caller]
            fn to_exp(self) -> (Self, Self) {
                if self.value() >= F::zero() { (self, Self::one()) } else { (-self, -Self::one()) }
            }
            #[inline(always)]
            #[track_caller]
            fn scale(self, factor: Self) -> Self {
                self * factor
            }
            #[inline(always)]
            #[track_caller]
            fn unscale(self, factor: Self) -> Self {
                self / factor
            }
            #[inline(always)]
            #[track_caller]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                <$T>::mul_add(self, factor, term)
            }
            #[inline(always)]
            fn sin_cos(self) -> (Self, Self) {
                <$T>::sin_cos(self)
            }
            #[inline(always)]
            #[track_caller]
            fn powi(self, n: i32) -> Self {
                <$T>::powi(self, n)
            }
            #[inline(always)]
            #[track_caller]
            fn powc(self, n: Self) -> Self {
                <$T>::powf(self, n)
            }
            /// `sin x / x`. By the table's function, of `x / π`, whose slope does not cancel near 0.
            #[inline(always)]
            #[track_caller]
            fn sinc(self) -> Self {
                <$T>::sinc(self * F::FRAC_1_PI())
            }
            #[inline(always)]
            #[track_caller]
            fn try_sqrt(self) -> Option<Self> {
                (self.value() >= F::zero()).then(|| <$T>::sqrt(self))
            }
            #[inline(always)]
            fn is_finite(&self) -> bool {
                Float::is_finite(self.value())
            }
        }
    };

    (
        real [$($any:tt)*] $T:ty;
        questions: $($question:ident)+;
        two: $($binary:ident)+;
        constants: $($constant:ident $NAME:ident),+;
    ) => {
        impl<$($any)*> RealField for $T {
            $(#[inline(always)] fn $question(&self) -> bool { Float::$question(self.value()) })+
            $(#[inline(always)] #[track_caller] fn $binary(self, other: Self) -> Self {
                <$T>::$binary(self, other)
            })+
            $(fn $constant() -> Self { F::$NAME().into() })+
            /// Between bounds that may vary, as that of `num_traits`.
            #[inline(always)]
            #[track_caller]
            fn clamp(self, min: Self, max: Self) -> Self {
                Float::clamp(self, min, max)
            }
            fn min_value() -> Option<Self> {
                Some(<F as Float>::min_value().into())
            }
            fn max_value() -> Option<Self> {
                Some(<F as Float>::max_value().into())
            }
        }
    };
}
for_each_number!(field);
