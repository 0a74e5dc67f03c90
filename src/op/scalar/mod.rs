//! What a loss may ask of a number: [`Scalar`].
//!
//! The trait is one list of methods: the entries of the table, from `for_each_op`, and by hand those here, of
//! `lists` and of `custom`.

mod custom;
mod delegate;
mod family;
mod left;
mod lists;
mod operators;
mod partials;
mod plain;

use crate::Real;
use crate::op::for_each_op;
use crate::op::nary::{LengthError, ListError};
use crate::op::table::{parameter, word};
pub(crate) use custom::pieces;
pub(crate) use delegate::{own_lists, own_methods, table_methods};
pub(crate) use family::number_family;
pub use left::{LeftOf, NumberOnLeft};
pub(crate) use operators::operator;
pub use partials::Partials;
use std::fmt::{Debug, Display};
use std::iter::{Product, Sum};
use std::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

macro_rules! emit_scalar {
    (
        unary { $(
            $(#[doc = $doc:literal])+
            $unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* ) {
                $($word:ident: $text:tt),+;
                $($rest:tt)*
            }
        )+ }
        binary { $(
            $(#[doc = $bdoc:literal])+
            $binary:ident = $Binary:ident {
                $($bword:ident: $btext:tt),+;
                $($brest:tt)*
            }
        )+ }
        three { $(
            $(#[doc = $tdoc:literal])+
            $three:ident = $Three:ident ( $second:ident, $third:ident ) {
                $($tword:ident: $ttext:tt),+;
                $($trest:tt)*
            }
        )+ }
        list { $(
            $(#[doc = $ldoc:literal])+
            $list:ident = $List:ident {
                $($lword:ident: $ltext:tt),+;
                $($lrest:tt)*
            }
        )+ }
        $($others:tt)*
    ) => {
        /// A number that a loss can be written in: `f64`, `f32`, a [`Var`](crate::Var) that records its own
        /// derivative, or a [`Dual`](crate::Dual) that carries it along.
        ///
        /// `F` is the precision, `f64` unless said otherwise. Constants are plain numbers on either side
        /// of an operator, or `T::from(2.0)`, or `2.0.into()` where a `T` is asked for. Where a function
        /// takes a second number (`powf`, `max`, `atan2`), that may be a constant too.
        ///
        /// ```
        /// use wengert::{Scalar, gradient};
        ///
        /// fn rosenbrock<T: Scalar>(x: &[T]) -> T {
        ///     x.windows(2)
        ///         .map(|w| 100.0 * (w[1] - w[0].square()).square() + (1.0 - w[0]).square())
        ///         .sum()
        /// }
        ///
        /// assert_eq!(rosenbrock(&[1.0, 2.0]), 100.0); // plain numbers
        /// let (value, slope) = gradient(rosenbrock, &[1.0, 2.0]); // the tape
        /// assert_eq!((value, slope), (100.0, vec![-400.0, 200.0]));
        /// ```
        ///
        /// What is written otherwise than one might think:
        ///
        /// | first guess | instead | since |
        /// | --- | --- | --- |
        /// | `total / xs.len()` | `total / xs.len() as f64`, or `T::mean(xs)` | `T` may be `f64`, which cannot be divided by a length; a [`Var`](crate::Var) can |
        /// | `2 * t` | `2.0 * t` | as for `f64`, whole numbers are not converted |
        /// | `let mut s = 0.0; s += t` | `let mut s = T::ZERO; s += t` | a plain number cannot hold what the sum depends on |
        /// | `type Output: Scalar` in a trait | see [`NumberOnLeft`](crate::NumberOnLeft) | the trait has to promise numbers on the left for it too |
        ///
        /// ```compile_fail
        /// # use wengert::Scalar;
        /// fn mean<T: Scalar>(xs: &[T]) -> T {
        ///     xs.iter().copied().sum::<T>() / xs.len()
        /// }
        /// ```
        ///
        /// ```compile_fail
        /// # use wengert::Scalar;
        /// fn twice<T: Scalar>(t: T) -> T {
        ///     2 * t
        /// }
        /// ```
        ///
        /// ```compile_fail
        /// # use wengert::Scalar;
        /// fn total<T: Scalar>(terms: &[T]) -> T {
        ///     let mut total = 0.0;
        ///     for &term in terms {
        ///         total += term;
        ///     }
        ///     total
        /// }
        /// ```
        pub trait Scalar<F: Real = f64>:
            Copy
            + Debug
            + Display
            + Default
            + From<F>
            + PartialEq
            + PartialOrd
            + PartialEq<F>
            + PartialOrd<F>
            + Neg<Output = Self>
            + Add<Output = Self> + Add<F, Output = Self>
            + Sub<Output = Self> + Sub<F, Output = Self>
            + Mul<Output = Self> + Mul<F, Output = Self>
            + Div<Output = Self> + Div<F, Output = Self>
            + Rem<Output = Self> + Rem<F, Output = Self>
            + AddAssign + AddAssign<F>
            + SubAssign + SubAssign<F>
            + MulAssign + MulAssign<F>
            + DivAssign + DivAssign<F>
            + RemAssign + RemAssign<F>
            + Sum + for<'a> Sum<&'a Self>
            + Product + for<'a> Product<&'a Self>
            + NumberOnLeft<F, Number: LeftOf<Self>>
            + 'static
        {
            /// The outcome of a comparison that [`Scalar::select`] takes; `bool` for numbers.
            type Mask: Copy;

            /// The constant 0, with which a loop begins a sum.
            ///
            /// ```
            /// use wengert::Scalar;
            /// fn total<T: Scalar>(terms: &[T]) -> T {
            ///     let mut total = T::ZERO;
            ///     for &term in terms {
            ///         total += term;
            ///     }
            ///     total
            /// }
            /// assert_eq!(total(&[1.0, 2.0]), 3.0);
            /// ```
            const ZERO: Self;

            /// The constant 1: what a product begins with.
            ///
            /// ```
            /// use wengert::{Scalar, Var};
            /// assert_eq!(Var::ONE * 2.0, <Var as Scalar>::ONE + 1.0);
            /// ```
            const ONE: Self;

            /// The value, without its derivative.
            fn value(self) -> F;

            $(
                $(#[doc = $doc])+
                ///
                #[doc = concat!("Domain: ", word!(domain; $($word: $text,)+), ". Slope within ", word!(ulp; $($word: $text,)+), " ULP.")]
                ///
                /// ```
                /// use approx::assert_relative_eq;
                /// use wengert::{Tape, Var};
                /// let tape = Tape::new();
                #[doc = word!(unary $unary; $($word: $text,)+)]
                /// ```
                fn $unary(self $(, $param: parameter!(type $kind, F))*) -> Self;
            )+
            $(
                $(#[doc = $bdoc])+
                ///
                #[doc = concat!("Domain: ", word!(domain; $($bword: $btext,)+), ". Slopes within ", word!(ulp; $($bword: $btext,)+), " ULP.")]
                ///
                /// ```
                /// use approx::assert_relative_eq;
                /// use wengert::{Tape, Var};
                /// let tape = Tape::new();
                #[doc = word!(binary $binary; $($bword: $btext,)+)]
                /// ```
                fn $binary(self, other: impl Into<Self>) -> Self;
            )+
            $(
                $(#[doc = $tdoc])+
                ///
                #[doc = concat!("Domain: ", word!(domain; $($tword: $ttext,)+), ". Slopes within ", word!(ulp; $($tword: $ttext,)+), " ULP.")]
                ///
                /// ```
                /// use approx::assert_relative_eq;
                /// use wengert::{Tape, Var};
                /// let tape = Tape::new();
                #[doc = word!(three $three; $($tword: $ttext,)+)]
                /// ```
                fn $three(self, $second: impl Into<Self>, $third: impl Into<Self>) -> Self;
            )+
            $(
                $(#[doc = $ldoc])+
                ///
                #[doc = concat!("Domain: ", word!(domain; $($lword: $ltext,)+), ". Slopes within ", word!(ulp; $($lword: $ltext,)+), " ULP.")]
                ///
                /// ```
                /// use approx::assert_relative_eq;
                /// use wengert::{Tape, Var};
                /// let tape = Tape::new();
                #[doc = word!(list $list; $($lword: $ltext,)+)]
                /// ```
                fn $list(xs: &[Self]) -> Self;
            )+

            /// The square, `x · x`.
            ///
            /// ```
            /// use wengert::{Scalar, gradient_array};
            /// fn error<T: Scalar>(x: T) -> T {
            ///     (1.0 - x).square()
            /// }
            /// assert_eq!(error(3.0), 4.0);
            /// assert_eq!(gradient_array(|[x]| error(x), [3.0]), (4.0, [4.0]));
            /// ```
            #[inline(always)]
            #[track_caller]
            fn square(self) -> Self {
                self * self
            }

            /// [`Scalar::powi`] by the name that powers of whole numbers have in std. For an exponent that
            /// is no whole number there is [`Scalar::powf`].
            ///
            /// ```
            /// use wengert::{Scalar, Var};
            /// assert_eq!(Scalar::pow(3.0_f64, 2), 9.0);
            /// assert_eq!(Var::from(3.0).pow(2), 9.0);
            /// ```
            #[inline(always)]
            #[track_caller]
            fn pow(self, exponent: i32) -> Self {
                self.powi(exponent)
            }

            /// Sine and cosine together.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(Scalar::sin_cos(0.0_f64), (0.0, 1.0));
            /// ```
            fn sin_cos(self) -> (Self, Self);

            /// `self · factor + term`, rounded once.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(Scalar::mul_add(2.0_f64, 3.0, 4.0), 10.0);
            /// ```
            fn mul_add(self, factor: impl Into<Self>, term: impl Into<Self>) -> Self;

            /// Whether `self > bound`, as [`Scalar::select`] wants it.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert!(Scalar::above(2.0_f64, 1.0));
            /// ```
            fn above(self, bound: impl Into<Self>) -> Self::Mask;

            /// Whether `self < bound`, as [`Scalar::select`] wants it.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert!(Scalar::below(1.0_f64, 2.0));
            /// ```
            fn below(self, bound: impl Into<Self>) -> Self::Mask;

            /// `yes` where the mask holds, else `no`. No derivative enters the branch that is not
            /// taken, so a NaN or an infinite slope there does no harm.
            ///
            /// If the mask compared equal numbers, the point is a kink where `yes` and `no` are
            /// equal too, with the slope of the branch taken by default. Where they differ, it is a
            /// jump. A rule or a derivative that goes by a direction takes the branch which the
            /// direction enters, unless a derivative of it that is asked for is infinite or NaN: then
            /// the branch taken stays, for nothing infinite enters from the other.
            ///
            /// ```
            /// use wengert::{Scalar, gradient_array};
            /// fn safe_root<T: Scalar>(x: T) -> T {
            ///     T::select(x.above(0.0), x.sqrt(), T::ZERO)
            /// }
            /// assert_eq!(gradient_array(|[x]| safe_root(x), [0.0]), (0.0, [0.0]));
            /// assert_eq!(gradient_array(|[x]| safe_root(x), [4.0]), (2.0, [0.25]));
            /// ```
            fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

            /// The element of `table` at a whole number that comes from the data, as the weight of a
            /// category does, or the logit of a class.
            ///
            /// If the table is a run of neighbouring parameters, a program reads the element by its
            /// place. For any other table it compares the index with one place after the other,
            /// which takes two operations for each place in each row; such a table may have up to
            /// 4096 elements.
            ///
            /// # Panics
            /// If `index` is no whole number below the table's length; [`Scalar::try_gather`] says so
            /// instead. A program checks the index of each row as it runs, and has an error for it.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::gather(&[10.0, 20.0, 30.0], 2.0), 30.0);
            /// ```
            #[track_caller]
            fn gather(table: &[Self], index: Self) -> Self {
                match ListError::place(table.len(), index.value()) {
                    Ok(at) => table[at],
                    Err(error) => panic!("{error}"),
                }
            }

            /// [`Scalar::gather`], with an error where the index is outside the table: in a program, where
            /// that of the row that it is recorded with is.
            ///
            /// # Errors
            /// If `index` is no whole number below the table's length.
            ///
            /// ```
            /// use wengert::{ListError, Scalar};
            /// assert_eq!(f64::try_gather(&[10.0, 20.0], 1.0)?, 20.0);
            /// assert!(f64::try_gather(&[10.0, 20.0], 0.5).is_err());
            /// # Ok::<(), ListError>(())
            /// ```
            #[track_caller]
            fn try_gather(table: &[Self], index: Self) -> Result<Self, ListError> {
                ListError::place(table.len(), index.peek())?;
                Ok(Self::gather(table, index))
            }

            /// Up to which order it carries derivatives: 0 for plain numbers.
            #[doc(hidden)]
            const ORDER: usize;

            /// The value, also where [`Scalar::value`] would end a recording: for checks of data.
            #[doc(hidden)]
            #[inline(always)]
            fn peek(self) -> F {
                self.value()
            }

            /// The sum of an iterator's terms, which are asked for at the caller's line.
            #[doc(hidden)]
            #[inline(always)]
            #[track_caller]
            fn total(terms: impl Iterator<Item = Self>) -> Self {
                Sum::sum(terms)
            }

            /// [`Scalar::select`] between two computations. Numbers and variables carry out only
            /// the one that is taken; where the mask compared equal numbers, variables carry out
            /// both.
            ///
            /// ```
            /// use wengert::Scalar;
            /// let x = 3.0_f64;
            /// let half = f64::select_with(Scalar::above(x, 0.0), || x / 2.0, || unreachable!());
            /// assert_eq!(half, 1.5);
            /// ```
            #[track_caller]
            fn select_with(
                mask: Self::Mask,
                yes: impl FnOnce() -> Self,
                no: impl FnOnce() -> Self,
            ) -> Self {
                Self::select(mask, yes(), no())
            }

            /// [`Scalar::select_with`] for both computations on the caller's line, where they are no
            /// more than a part of what the caller asked for.
            #[doc(hidden)]
            #[inline(always)]
            #[track_caller]
            fn select_here(
                mask: Self::Mask,
                yes: impl FnOnce() -> Self,
                no: impl FnOnce() -> Self,
            ) -> Self {
                Self::select_with(mask, yes, no)
            }

            $crate::op::scalar::lists::list_methods!();

            $crate::op::scalar::custom::custom_methods!();
        }
    };
}
for_each_op!(emit_scalar);
