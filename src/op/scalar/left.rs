//! How plain numbers come to stand on the left of an operator in generic code.
//!
//! That `2.0 * t` exists for every `T: Scalar` is a bound on the number, `f64: Mul<T>`, and not on `T`.
//! As a where clause of a trait, such a bound would have to be repeated by every function that uses the
//! trait. A bound on an associated type of a supertrait need not be: here that type is the number itself.
//!
//! A single bound of this kind would make the compiler read every product of plain numbers as one with
//! `T`. [`NumberOnLeft`] is therefore asked for the products of plain numbers too, so that it is the
//! operand on the right that decides.

use std::ops::{Add, Div, Mul, Rem, Sub};

/// A plain number that may stand on the left of a `T`, and of a plain number, in every operator.
///
/// `f64` is one for `Var`, and `f32` for `Var<f32>`. A function that works on `Var<F>` in either precision
/// `F` asks for it, if it writes a number on the left or calls a function of any
/// [`Scalar`](crate::Scalar):
///
/// ```
/// use wengert::{LeftOf, Real, Tape, Var};
/// fn doubled<F: Real + LeftOf<Var<F>>>(x: Var<F>) -> Var<F> {
///     F::from_double(2.0) * x
/// }
/// assert_eq!(doubled(Tape::<f32>::default().var(4.0)).value(), 8.0);
/// ```
///
/// ```
/// use wengert::{LeftOf, Var};
/// fn half<T>(t: T) -> T where f64: LeftOf<T> {
///     0.5 * t
/// }
/// assert_eq!(half(Var::from(4.0)).value(), 2.0);
/// ```
pub trait LeftOf<T>:
    Sized
    + Add<T, Output = T>
    + for<'a> Add<&'a Self, Output = Self>
    + Sub<T, Output = T>
    + for<'a> Sub<&'a Self, Output = Self>
    + Mul<T, Output = T>
    + for<'a> Mul<&'a Self, Output = Self>
    + Div<T, Output = T>
    + for<'a> Div<&'a Self, Output = Self>
    + Rem<T, Output = T>
    + for<'a> Rem<&'a Self, Output = Self>
{
}
impl<F, T> LeftOf<T> for F where
    F: Add<T, Output = T>
        + for<'a> Add<&'a F, Output = F>
        + Sub<T, Output = T>
        + for<'a> Sub<&'a F, Output = F>
        + Mul<T, Output = T>
        + for<'a> Mul<&'a F, Output = F>
        + Div<T, Output = T>
        + for<'a> Div<&'a F, Output = F>
        + Rem<T, Output = T>
        + for<'a> Rem<&'a F, Output = F>
{
}

/// Lets plain numbers of type `F` stand on the left of an operator: a supertrait of
/// [`Scalar`](crate::Scalar). Every type implements it. The bound on its type `Number` makes the
/// promise.
///
/// ```
/// use wengert::{Scalar, Var};
/// fn area<T: Scalar>(length: T) -> T {
///     length * (100.0 - length)
/// }
/// assert_eq!((area(57.0), area(Var::from(57.0)).value()), (2451.0, 2451.0));
/// ```
///
/// A trait with an associated type that is a number asks for it itself:
///
/// ```
/// use wengert::{LeftOf, NumberOnLeft, Scalar};
/// trait Model: NumberOnLeft<f64, Number: LeftOf<Self::Output>> {
///     type Output: Scalar;
///     fn at(&self, x: f64) -> Self::Output;
/// }
/// fn error<M: Model>(model: &M) -> M::Output {
///     1.0 - 2.0 * model.at(3.0)
/// }
/// struct Line<T>(T);
/// impl<T: Scalar> Model for Line<T> {
///     type Output = T;
///     fn at(&self, x: f64) -> T {
///         x * self.0
///     }
/// }
/// assert_eq!(error(&Line(0.5)), -2.0);
/// ```
pub trait NumberOnLeft<F>: Carries<F, Number = F> {}
impl<F, T: ?Sized> NumberOnLeft<F> for T {}

/// What [`NumberOnLeft`] is made of.
///
/// ```
/// use wengert::Scalar;
/// fn negated<T: Scalar>(t: T) -> T {
///     -1.0 * t
/// }
/// assert_eq!(negated(2.0), -2.0);
/// ```
pub trait Carries<F> {
    /// `F`.
    type Number;
}
impl<F, T: ?Sized> Carries<F> for T {
    type Number = F;
}
