//! The precisions: [`Real`], and what a tape computes with: [`Number`].

#[cfg(feature = "serde")]
pub(crate) mod bits;
pub(crate) mod dot;
mod short;

use num_traits as num;
pub(crate) use short::{Short, counted, rounded};
use std::fmt::{Debug, Display, LowerExp};
use std::iter::Sum;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for f32 {}
}

/// A precision: `f64` or `f32`. Sealed: the engines are written for these two.
///
/// ```
/// use wengert::Real;
/// fn half<F: Real>() -> F {
///     F::from_double(0.5)
/// }
/// assert_eq!(half::<f32>().to_double(), 0.5);
/// ```
pub trait Real:
    num::Float
    + num::FloatConst
    + num::FromPrimitive
    + num::NumAssign
    + num::Euclid
    + Debug
    + Default
    + Display
    + LowerExp
    + Sum
    + approx::UlpsEq<Epsilon = Self>
    + approx::RelativeEq
    + Send
    + 'static
    + Sync
    + sealed::Sealed
{
    /// From double precision, rounded to nearest.
    fn from_double(x: f64) -> Self;
    /// To double precision, exactly.
    fn to_double(self) -> f64;
    /// Its bits, as the low ones of a word.
    #[doc(hidden)]
    fn word(self) -> u64;
    /// The number of these bits; those above its own are left out.
    #[doc(hidden)]
    fn of_word(word: u64) -> Self;
    /// 0 and 1, where a constant or a reference is wanted.
    #[doc(hidden)]
    const UNITS: &'static [Self; 2];
    /// Whether long sums are to go on in double precision.
    #[doc(hidden)]
    const SINGLE: bool;
}

macro_rules! impl_real {
    ($F:ty, $Word:ty) => {
        impl Real for $F {
            const UNITS: &'static [Self; 2] = &[0.0, 1.0];
            const SINGLE: bool = size_of::<$F>() < size_of::<f64>();
            #[inline(always)]
            fn from_double(x: f64) -> Self {
                x as $F
            }
            #[inline(always)]
            fn to_double(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn word(self) -> u64 {
                u64::from(self.to_bits())
            }
            #[inline(always)]
            fn of_word(word: u64) -> Self {
                <$F>::from_bits(word as $Word)
            }
        }
    };
}
impl_real!(f64, u64);
impl_real!(f32, u32);

/// What a tape computes with: a precision, or a number that carries derivatives along.
///
/// It is compared by value alone, as all numbers are. So whether a number passes anything on is a question of
/// its own.
pub trait Number: num::Float + num::NumAssign + Sum + Debug + Default + 'static {
    /// The same in double precision.
    type Wide: Number<Wide = Self::Wide>;
    /// Whether long sums are to go on in double precision.
    const SINGLE: bool;
    /// A number that does not change, rounded.
    fn still(x: f64) -> Self;
    /// The value alone, in double precision.
    fn plain(self) -> f64;
    /// In double precision, exactly.
    fn widen(self) -> Self::Wide;
    /// From double precision, rounded.
    fn narrow(wide: Self::Wide) -> Self;
    /// Whether it is 0 and stays so: as an adjoint or a slope it passes nothing on.
    fn is_nothing(self) -> bool;
    /// What a partial makes of an adjoint that is not nothing.
    fn pass(self, adjoint: Self) -> Self;
    /// The same change, at another value.
    fn moved(self, value: Self) -> Self;
    /// `e^x`, as the precision has it.
    fn exponential(self) -> Self;
    /// `ln x`, as the precision has it.
    fn logarithm(self) -> Self;
}

impl<F: Real> Number for F {
    type Wide = f64;
    const SINGLE: bool = <F as Real>::SINGLE;
    #[inline(always)]
    fn still(x: f64) -> Self {
        F::from_double(x)
    }
    #[inline(always)]
    fn plain(self) -> f64 {
        self.to_double()
    }
    #[inline(always)]
    fn widen(self) -> f64 {
        self.to_double()
    }
    #[inline(always)]
    fn narrow(wide: f64) -> Self {
        F::from_double(wide)
    }
    #[inline(always)]
    fn is_nothing(self) -> bool {
        self == F::zero()
    }
    #[inline(always)]
    fn pass(self, adjoint: Self) -> Self {
        self * adjoint
    }
    #[inline(always)]
    fn moved(self, value: Self) -> Self {
        value
    }
    #[inline(always)]
    fn exponential(self) -> Self {
        self.exp()
    }
    #[inline(always)]
    fn logarithm(self) -> Self {
        self.ln()
    }
}
