//! The traits of `num_traits`, up to `Float`, so that generic code written elsewhere runs on the numbers of
//! this crate.

/// The traits, for a type with its functions as methods. It is given for any precision `F`, with what it is
/// generic in; then how a step function of two comes from its value, and a linear one from value and slope.
macro_rules! number_family {
    (
        [$($any:tt)*] $T:ty,
        step: |$a:ident, $b:ident, $quotient:ident| $step:expr,
        linear: |$x:ident, $value:ident, $slope:ident| $linear:expr,
    ) => {
        impl<$($any)*> num::Zero for $T {
            #[inline(always)]
            fn zero() -> Self {
                <$T as From<F>>::from(F::zero())
            }
            #[inline(always)]
            fn is_zero(&self) -> bool {
                self.value().is_zero()
            }
        }

        impl<$($any)*> num::One for $T {
            #[inline(always)]
            fn one() -> Self {
                <$T as From<F>>::from(F::one())
            }
        }

        impl<$($any)*> num::Bounded for $T {
            fn min_value() -> Self {
                <$T as From<F>>::from(<F as num::Float>::min_value())
            }
            fn max_value() -> Self {
                <$T as From<F>>::from(<F as num::Float>::max_value())
            }
        }

        impl<$($any)*> num::Num for $T {
            type FromStrRadixErr = F::FromStrRadixErr;
            fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
                F::from_str_radix(text, radix).map(<$T as From<F>>::from)
            }
        }

        impl<$($any)*> num::ToPrimitive for $T {
            fn to_i64(&self) -> Option<i64> {
                self.value().to_i64()
            }
            fn to_u64(&self) -> Option<u64> {
                self.value().to_u64()
            }
            fn to_i128(&self) -> Option<i128> {
                self.value().to_i128()
            }
            fn to_u128(&self) -> Option<u128> {
                self.value().to_u128()
            }
            fn to_f32(&self) -> Option<f32> {
                self.value().to_f32()
            }
            fn to_f64(&self) -> Option<f64> {
                Some(self.value().to_double())
            }
        }

        impl<$($any)*> num::FromPrimitive for $T {
            fn from_i64(n: i64) -> Option<Self> {
                F::from_i64(n).map(<$T as From<F>>::from)
            }
            fn from_u64(n: u64) -> Option<Self> {
                F::from_u64(n).map(<$T as From<F>>::from)
            }
            fn from_f64(x: f64) -> Option<Self> {
                Some(<$T as From<F>>::from(F::from_double(x)))
            }
        }

        impl<$($any)*> num::NumCast for $T {
            fn from<T: num::ToPrimitive>(n: T) -> Option<Self> {
                <F as num::NumCast>::from(n).map(<Self as From<F>>::from)
            }
        }

        impl<$($any)*> num::Signed for $T {
            #[inline(always)]
            #[track_caller]
            fn abs(&self) -> Self {
                <$T>::abs(*self)
            }
            #[track_caller]
            fn abs_sub(&self, other: &Self) -> Self {
                num::Float::abs_sub(*self, *other)
            }
            #[inline(always)]
            fn signum(&self) -> Self {
                <$T>::signum(*self)
            }
            fn is_positive(&self) -> bool {
                self.value() > F::zero()
            }
            fn is_negative(&self) -> bool {
                self.value() < F::zero()
            }
        }

        impl<$($any)*> num::Inv for $T {
            type Output = Self;
            #[track_caller]
            fn inv(self) -> Self {
                self.recip()
            }
        }

        impl<$($any)*> num::Euclid for $T {
            /// A step function like `floor`: slope 0.
            #[track_caller]
            fn div_euclid(&self, v: &Self) -> Self {
                let ($a, $b) = (*self, *v);
                let $quotient = num::Euclid::div_euclid(&self.value(), &v.value());
                $step
            }
            #[track_caller]
            fn rem_euclid(&self, v: &Self) -> Self {
                <$T>::rem_euclid(*self, *v)
            }
        }

        impl<$($any)*> num::MulAdd for $T {
            type Output = Self;
            #[track_caller]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                <$T>::mul_add(self, factor, term)
            }
        }

        impl<$($any)*> num::MulAddAssign for $T {
            #[track_caller]
            fn mul_add_assign(&mut self, factor: Self, term: Self) {
                *self = <$T>::mul_add(*self, factor, term);
            }
        }

        number_family! { pow [$($any)*] $T;
            i8, |x, n| x.powi(i32::from(n));
            u8, |x, n| x.powi(i32::from(n));
            i16, |x, n| x.powi(i32::from(n));
            u16, |x, n| x.powi(i32::from(n));
            i32, |x, n| x.powi(n);
            F, |x, n| x.powf(n);
            $T, |x, n| x.powf(n);
        }
        number_family! { constants [$($any)*] $T;
            E FRAC_1_PI FRAC_1_SQRT_2 FRAC_2_PI FRAC_2_SQRT_PI FRAC_PI_2 FRAC_PI_3 FRAC_PI_4
            FRAC_PI_6 FRAC_PI_8 LN_10 LN_2 LOG10_E LOG2_E PI SQRT_2
        }
        number_family! { float [$($any)*] $T;
            linear: |$x, $value, $slope| $linear;
            constants: nan infinity neg_infinity neg_zero min_value min_positive_value max_value
                epsilon;
            questions: is_nan is_infinite is_finite is_normal is_sign_positive is_sign_negative;
            one: floor ceil round trunc fract abs signum recip sqrt cbrt exp exp2 exp_m1 ln log2
                log10 ln_1p sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh;
            two: powf log max min hypot atan2 copysign;
        }
        number_family! { constant [$($any)*] $T;
            u8 i8 u16 i16 u32 i32 u64 i64 u128 i128 usize isize f32 f64
        }
    };

    // `num_traits::Pow` for an exponent, on values and references.
    (pow $any:tt $T:ty; $($Exponent:ty, |$x:ident, $n:ident| $power:expr;)+) => {$(
        number_family!(form $any $T; $T, $Exponent, |$x, $n| $power);
        number_family!(form $any $T; &$T, $Exponent, |$x, $n| $power);
        number_family!(form $any $T; $T, &$Exponent, |$x, $n| $power);
        number_family!(form $any $T; &$T, &$Exponent, |$x, $n| $power);
    )+};
    (form [$($any:tt)*] $T:ty; $Base:ty, $Exponent:ty, |$x:ident, $n:ident| $power:expr) => {
        impl<$($any)*> num::Pow<$Exponent> for $Base {
            type Output = $T;
            #[inline(always)]
            #[track_caller]
            fn pow(self, exponent: $Exponent) -> $T {
                let ($x, $n) = (self.clone(), exponent.clone());
                $power
            }
        }
    };

    (constants [$($any:tt)*] $T:ty; $($NAME:ident)+) => {
        impl<$($any)*> num::FloatConst for $T {
            $(fn $NAME() -> Self { <$T as From<F>>::from(F::$NAME()) })+
        }
    };

    // `num_traits::Float`, from the methods of the type and questions to its value.
    (
        float [$($any:tt)*] $T:ty;
        linear: |$x:ident, $value:ident, $slope:ident| $linear:expr;
        constants: $($constant:ident)+;
        questions: $($question:ident)+;
        one: $($unary:ident)+;
        two: $($binary:ident)+;
    ) => {
        impl<$($any)*> num::Float for $T {
            $(#[inline(always)] fn $constant() -> Self {
                <$T as From<F>>::from(<F as num::Float>::$constant())
            })+
            $(#[inline(always)] fn $question(self) -> bool {
                num::Float::$question(self.value())
            })+
            $(#[inline(always)] #[track_caller] fn $unary(self) -> Self { <$T>::$unary(self) })+
            $(#[inline(always)] #[track_caller] fn $binary(self, other: Self) -> Self {
                <$T>::$binary(self, other)
            })+
            fn classify(self) -> FpCategory {
                self.value().classify()
            }
            fn integer_decode(self) -> (u64, i16, i8) {
                self.value().integer_decode()
            }
            #[track_caller]
            fn powi(self, n: i32) -> Self {
                <$T>::powi(self, n)
            }
            #[track_caller]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                <$T>::mul_add(self, factor, term)
            }
            #[track_caller]
            fn sin_cos(self) -> (Self, Self) {
                <$T>::sin_cos(self)
            }
            /// Between bounds that may vary: at a bound that does not, as the method `clamp`. NaN stays NaN.
            #[track_caller]
            fn clamp(self, least: Self, most: Self) -> Self {
                let held = self.max(least).min(most);
                // The greater of NaN and a number is the number.
                if self.value().is_nan() { self * self } else { held }
            }
            #[track_caller]
            fn to_degrees(self) -> Self {
                let ($x, $value, $slope) = (self, self.value().to_degrees(), F::one().to_degrees());
                $linear
            }
            #[track_caller]
            fn to_radians(self) -> Self {
                let ($x, $value, $slope) = (self, self.value().to_radians(), F::one().to_radians());
                $linear
            }
            /// The positive difference, `max(self - other, 0)`.
            #[track_caller]
            fn abs_sub(self, other: Self) -> Self {
                (self - other).relu()
            }
        }
    };

    // Plain numbers as constants, which generic code asks for as `f64: AsPrimitive<T>`.
    (constant $any:tt $T:ty; $($N:ty)+) => {
        $(number_family!(from $N, $any $T);)+
    };
    (from $N:ty, [$($any:tt)*] $T:ty) => {
        impl<$($any)*> num::AsPrimitive<$T> for $N
        where
            $N: num::AsPrimitive<F>,
        {
            #[inline(always)]
            fn as_(self) -> $T {
                <$T as From<F>>::from(num::AsPrimitive::<F>::as_(self))
            }
        }
    };
}
pub(crate) use number_family;
