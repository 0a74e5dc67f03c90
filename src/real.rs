//! The precisions: [`Real`].

use num_traits as num;
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
    /// 0 and 1, where a constant or a reference is wanted.
    #[doc(hidden)]
    const UNITS: &'static [Self; 2];
    /// Whether long sums are to go on in double precision.
    #[doc(hidden)]
    const SINGLE: bool;
}

macro_rules! impl_real {
    ($F:ty) => {
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
        }
    };
}
impl_real!(f64);
impl_real!(f32);
