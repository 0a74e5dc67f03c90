//! `Var` as a number among others: conversions, comparisons, formatting, and the traits of
//! `num_traits` and `approx`, so that generic code written elsewhere runs on it.

use super::gradient::Gradient;
use super::var::Var;
use crate::Real;
use approx::{AbsDiffEq, RelativeEq, UlpsEq};
use num_traits as num;
use std::cmp::Ordering;
use std::fmt;
use std::num::FpCategory;

impl<F: Real> From<F> for Var<F> {
    /// A constant.
    #[inline(always)]
    fn from(value: F) -> Self {
        Var::constant(value)
    }
}

impl<F: Real> Default for Var<F> {
    /// The constant 0.
    #[inline(always)]
    fn default() -> Self {
        Var::from(F::zero())
    }
}

impl<F: Real> fmt::Display for Var<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.value, f)
    }
}

impl<F: Real> fmt::Debug for Var<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.is_constant() { "Const" } else { "Var" };
        f.debug_tuple(name).field(&self.value).finish()
    }
}

impl<F: Real> fmt::LowerExp for Var<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:e}", self.value.to_double())
    }
}

impl<F: Real> PartialEq for Var<F> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<F: Real> PartialOrd for Var<F> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<F: Real> PartialEq<F> for Var<F> {
    #[inline(always)]
    fn eq(&self, other: &F) -> bool {
        self.value == *other
    }
}

impl<F: Real> PartialOrd<F> for Var<F> {
    #[inline(always)]
    fn partial_cmp(&self, other: &F) -> Option<Ordering> {
        self.value.partial_cmp(other)
    }
}

impl<F: Real> num::Zero for Var<F> {
    #[inline(always)]
    fn zero() -> Self {
        Var::from(F::zero())
    }
    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.value.is_zero()
    }
}

impl<F: Real> num::One for Var<F> {
    #[inline(always)]
    fn one() -> Self {
        Var::from(F::one())
    }
}

impl<F: Real> num::Bounded for Var<F> {
    fn min_value() -> Self {
        Var::from(<F as num::Float>::min_value())
    }
    fn max_value() -> Self {
        Var::from(<F as num::Float>::max_value())
    }
}

impl<F: Real> num::Num for Var<F> {
    type FromStrRadixErr = F::FromStrRadixErr;
    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        F::from_str_radix(text, radix).map(Var::from)
    }
}

impl<F: Real> num::ToPrimitive for Var<F> {
    fn to_i64(&self) -> Option<i64> {
        self.value.to_i64()
    }
    fn to_u64(&self) -> Option<u64> {
        self.value.to_u64()
    }
    fn to_i128(&self) -> Option<i128> {
        self.value.to_i128()
    }
    fn to_u128(&self) -> Option<u128> {
        self.value.to_u128()
    }
    fn to_f32(&self) -> Option<f32> {
        self.value.to_f32()
    }
    fn to_f64(&self) -> Option<f64> {
        Some(self.value.to_double())
    }
}

impl<F: Real> num::FromPrimitive for Var<F> {
    fn from_i64(n: i64) -> Option<Self> {
        F::from_i64(n).map(Var::from)
    }
    fn from_u64(n: u64) -> Option<Self> {
        F::from_u64(n).map(Var::from)
    }
    fn from_f64(x: f64) -> Option<Self> {
        Some(Var::from(F::from_double(x)))
    }
}

impl<F: Real> num::NumCast for Var<F> {
    fn from<T: num::ToPrimitive>(n: T) -> Option<Self> {
        <F as num::NumCast>::from(n).map(<Self as From<F>>::from)
    }
}

impl<F: Real> num::Signed for Var<F> {
    #[inline(always)]
    #[track_caller]
    fn abs(&self) -> Self {
        Var::abs(*self)
    }
    #[track_caller]
    fn abs_sub(&self, other: &Self) -> Self {
        num::Float::abs_sub(*self, *other)
    }
    #[inline(always)]
    fn signum(&self) -> Self {
        Var::signum(*self)
    }
    fn is_positive(&self) -> bool {
        self.value > F::zero()
    }
    fn is_negative(&self) -> bool {
        self.value < F::zero()
    }
}

impl<F: Real> num::Inv for Var<F> {
    type Output = Self;
    #[track_caller]
    fn inv(self) -> Self {
        self.recip()
    }
}

impl<F: Real> num::Pow<i32> for Var<F> {
    type Output = Self;
    #[track_caller]
    fn pow(self, n: i32) -> Self {
        self.powi(n)
    }
}

impl<F: Real> num::Pow<F> for Var<F> {
    type Output = Self;
    #[track_caller]
    fn pow(self, exponent: F) -> Self {
        self.powf(exponent)
    }
}

impl<F: Real> num::Pow<Var<F>> for Var<F> {
    type Output = Self;
    #[track_caller]
    fn pow(self, exponent: Self) -> Self {
        self.powf(exponent)
    }
}

impl<F: Real> num::MulAdd for Var<F> {
    type Output = Self;
    #[track_caller]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Var::mul_add(self, factor, term)
    }
}

impl<F: Real> num::MulAddAssign for Var<F> {
    #[track_caller]
    fn mul_add_assign(&mut self, factor: Self, term: Self) {
        *self = Var::mul_add(*self, factor, term);
    }
}

macro_rules! float_const {
    ($($NAME:ident)+) => {
        impl<F: Real> num::FloatConst for Var<F> {
            $(fn $NAME() -> Self { Var::from(F::$NAME()) })+
        }
    };
}
float_const!(E FRAC_1_PI FRAC_1_SQRT_2 FRAC_2_PI FRAC_2_SQRT_PI FRAC_PI_2 FRAC_PI_3 FRAC_PI_4
    FRAC_PI_6 FRAC_PI_8 LN_10 LN_2 LOG10_E LOG2_E PI SQRT_2);

/// `num_traits::Float`, from the methods of `Var` and questions to its value.
macro_rules! float {
    (
        constants: $($constant:ident)+;
        questions: $($question:ident)+;
        one: $($unary:ident)+;
        two: $($binary:ident)+;
    ) => {
        impl<F: Real> num::Float for Var<F> {
            $(#[inline(always)] fn $constant() -> Self { Var::from(<F as num::Float>::$constant()) })+
            $(#[inline(always)] fn $question(self) -> bool { num::Float::$question(self.value) })+
            $(#[inline(always)] #[track_caller] fn $unary(self) -> Self { Var::$unary(self) })+
            $(#[inline(always)] #[track_caller] fn $binary(self, other: Self) -> Self {
                Var::$binary(self, other)
            })+
            fn classify(self) -> FpCategory {
                self.value.classify()
            }
            fn integer_decode(self) -> (u64, i16, i8) {
                self.value.integer_decode()
            }
            #[track_caller]
            fn powi(self, n: i32) -> Self {
                Var::powi(self, n)
            }
            #[track_caller]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                Var::mul_add(self, factor, term)
            }
            #[track_caller]
            fn sin_cos(self) -> (Self, Self) {
                Var::sin_cos(self)
            }
            /// The positive difference, `max(self - other, 0)`.
            #[track_caller]
            fn abs_sub(self, other: Self) -> Self {
                (self - other).relu()
            }
        }
    };
}
float! {
    constants: nan infinity neg_infinity neg_zero min_value min_positive_value max_value epsilon;
    questions: is_nan is_infinite is_finite is_normal is_sign_positive is_sign_negative;
    one: floor ceil round trunc fract abs signum recip sqrt cbrt exp exp2 exp_m1 ln log2 log10
        ln_1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh;
    two: powf log max min hypot atan2 copysign;
}

impl<F: Real> AbsDiffEq for Var<F> {
    type Epsilon = F;
    fn default_epsilon() -> F {
        F::default_epsilon()
    }
    fn abs_diff_eq(&self, other: &Self, epsilon: F) -> bool {
        self.value.abs_diff_eq(&other.value, epsilon)
    }
}

impl<F: Real> RelativeEq for Var<F> {
    fn default_max_relative() -> F {
        F::default_max_relative()
    }
    fn relative_eq(&self, other: &Self, epsilon: F, max_relative: F) -> bool {
        self.value.relative_eq(&other.value, epsilon, max_relative)
    }
}

impl<F: Real> UlpsEq for Var<F> {
    fn default_max_ulps() -> u32 {
        F::default_max_ulps()
    }
    fn ulps_eq(&self, other: &Self, epsilon: F, max_ulps: u32) -> bool {
        self.value.ulps_eq(&other.value, epsilon, max_ulps)
    }
}

/// Two gradients agree where all their adjoints do, statement by statement.
impl<F: Real> AbsDiffEq for Gradient<F> {
    type Epsilon = F;
    fn default_epsilon() -> F {
        F::default_epsilon()
    }
    fn abs_diff_eq(&self, other: &Self, epsilon: F) -> bool {
        self.adjoints.abs_diff_eq(&other.adjoints, epsilon)
    }
}

impl<F: Real> RelativeEq for Gradient<F> {
    fn default_max_relative() -> F {
        F::default_max_relative()
    }
    fn relative_eq(&self, other: &Self, epsilon: F, max_relative: F) -> bool {
        self.adjoints.relative_eq(&other.adjoints, epsilon, max_relative)
    }
}

impl<F: Real> UlpsEq for Gradient<F> {
    fn default_max_ulps() -> u32 {
        F::default_max_ulps()
    }
    fn ulps_eq(&self, other: &Self, epsilon: F, max_ulps: u32) -> bool {
        self.adjoints.ulps_eq(&other.adjoints, epsilon, max_ulps)
    }
}
