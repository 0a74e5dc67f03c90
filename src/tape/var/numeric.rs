//! The traits of `num_traits` for [`Var`], up to `Float`, so that generic code written elsewhere runs on
//! it.

use super::Var;
use super::nary::meet;
use crate::Real;
use num_traits as num;
use std::num::FpCategory;

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

/// `num_traits::Pow` for an exponent, on values and references.
macro_rules! pow {
    ($($Exponent:ty, |$x:ident, $n:ident| $power:expr;)+) => {$(
        pow!(one Var<F>, $Exponent, |$x, $n| $power);
        pow!(one &Var<F>, $Exponent, |$x, $n| $power);
        pow!(one Var<F>, &$Exponent, |$x, $n| $power);
        pow!(one &Var<F>, &$Exponent, |$x, $n| $power);
    )+};
    (one $Base:ty, $Exponent:ty, |$x:ident, $n:ident| $power:expr) => {
        impl<F: Real> num::Pow<$Exponent> for $Base {
            type Output = Var<F>;
            #[inline(always)]
            #[track_caller]
            fn pow(self, exponent: $Exponent) -> Var<F> {
                let ($x, $n) = (self.clone(), exponent.clone());
                $power
            }
        }
    };
}
pow! {
    i8, |x, n| x.powi(i32::from(n));
    u8, |x, n| x.powi(i32::from(n));
    i16, |x, n| x.powi(i32::from(n));
    u16, |x, n| x.powi(i32::from(n));
    i32, |x, n| x.powi(n);
    F, |x, n| x.powf(n);
    Var<F>, |x, n| x.powf(n);
}

impl<F: Real> num::Euclid for Var<F> {
    /// A step function like `floor`: slope 0.
    #[track_caller]
    fn div_euclid(&self, v: &Self) -> Self {
        meet(&[*self, *v]);
        self.floor().shifted(num::Euclid::div_euclid(&self.value, &v.value))
    }
    #[track_caller]
    fn rem_euclid(&self, v: &Self) -> Self {
        Var::rem_euclid(*self, *v)
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
            /// Between bounds that may vary: at a bound that does not, as [`Var::clamp`].
            #[track_caller]
            fn clamp(self, least: Self, most: Self) -> Self {
                self.max(least).min(most)
            }
            #[track_caller]
            fn to_degrees(self) -> Self {
                self.chained(self.value.to_degrees(), F::one().to_degrees())
            }
            #[track_caller]
            fn to_radians(self) -> Self {
                self.chained(self.value.to_radians(), F::one().to_radians())
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

/// Plain numbers as constants, which generic code asks for as `f64: AsPrimitive<T>`.
macro_rules! as_constant {
    ($($N:ty)+) => {$(
        impl<F: Real> num::AsPrimitive<Var<F>> for $N
        where
            $N: num::AsPrimitive<F>,
        {
            #[inline(always)]
            fn as_(self) -> Var<F> {
                Var::from(num::AsPrimitive::<F>::as_(self))
            }
        }
    )+};
}
as_constant!(u8 i8 u16 i16 u32 i32 u64 i64 u128 i128 usize isize f32 f64);
