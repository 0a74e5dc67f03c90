//! What a loss may ask of a number: [`Scalar`]; and the precisions it runs in: [`Real`].

mod left;
mod partials;

use crate::carried;
use crate::error::LengthError;
use crate::nary;
use crate::op::{self, Binary, Unary, for_each_op};
use crate::order;
use crate::short::Short;
use crate::tape::Var;
pub use left::{LeftOf, NumberOnLeft};
use num_traits as num;
pub use partials::Partials;
use std::fmt::{Debug, Display, LowerExp};
use std::iter::{Product, Sum};
use std::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

/// A precision: `f64` or `f32`. Sealed: the tape keeps a pool for each.
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
    + crate::tape::Pooled
    + LeftOf<Self>
    + LeftOf<Var<Self>>
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

macro_rules! parameter {
    (type i32, $F:ty) => {
        i32
    };
    (type real, $F:ty) => {
        $F
    };
    (take i32, $param:ident) => {
        $param
    };
    (take real, $param:ident) => {
        Real::to_double($param)
    };
}

macro_rules! emit_scalar {
    (
        unary { $(
            $(#[doc = $doc:literal])+
            $unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* ) {
                domain: $domain:literal,
                value: |$x:pat_param| $value:expr,
                slope: |$sx:pat_param, $sy:pat_param| $slope:expr,
                $(curve: |$cx:pat_param, $cy:pat_param, $cs:pat_param| $curve:expr,)?
                $(vector: |$vx:pat_param| $vvalue:expr,)?
                $(vector_slope: |$vsx:pat_param, $vsy:pat_param| $vslope:expr,)?
                $(reach: $reach:expr,)?
                $(
                    kinks: { $($at:expr => ($left:expr, $right:expr)),+ },
                    elsewhere: |$engine:pat_param, $ex_at:pat_param| $elsewhere:expr,
                )?
                ulp: $ulp:literal,
                example: $ex:literal ( $($ep:literal),* ) => $ey:literal, $es:literal,
                $(hint: $hint:literal,)?
            }
        )+ }
        binary { $(
            $(#[doc = $bdoc:literal])+
            $binary:ident = $Binary:ident {
                domain: $bdomain:literal,
                value: |$a:pat_param, $b:pat_param| $bvalue:expr,
                slopes: |$da:pat_param, $db:pat_param, $dy:pat_param| ($slope_a:expr, $slope_b:expr),
                $(curves: |$ca:pat_param, $cb:pat_param, $cy2:pat_param| $curves:expr,)?
                $(vector: |$va:pat_param, $vb:pat_param| $vbvalue:expr,)?
                $(vector_slopes: |$vda:pat_param, $vdb:pat_param, $vdy:pat_param| ($vslope_a:expr, $vslope_b:expr),)?
                $(rare: |$ra:pat_param, $rb:pat_param, $ry:pat_param| $rare:expr,)?
                $(
                    kink: |$ka:pat_param, $kb:pat_param| $when:expr => $corner:expr,
                    elsewhere: |$bengine:pat_param| $belsewhere:expr,
                )?
                ulp: $bulp:literal,
                example: ($exa:literal, $exb:literal) => $bey:literal, ($bea:literal, $beb:literal),
                $(hint: $bhint:literal,)?
            }
        )+ }
    ) => {
        /// A number that a loss can be written in: `f64`, `f32`, or a [`Var`](crate::Var) that
        /// records its own derivative.
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
        /// | `total / xs.len()` | `total / xs.len() as f64`, or `T::mean(xs)` | `T` may be `f64`, which no length divides; a [`Var`](crate::Var) by itself it does |
        /// | `2 * t` | `2.0 * t` | as for `f64`, whole numbers are not converted |
        /// | `let mut s = 0.0; s += t` | `let mut s = T::ZERO; s += t` | a plain number has no room for what the sum depends on |
        /// | `type Output: Scalar` in a trait | see [`NumberOnLeft`](crate::NumberOnLeft) | numbers on the left have to be promised for it too |
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

            /// The constant 0: what a sum begins with that is added up in a loop.
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
                #[doc = concat!("Domain: ", $domain, ". Slope within ", stringify!($ulp), " ULP.")]
                ///
                /// ```
                /// use approx::assert_relative_eq;
                /// use wengert::{Tape, Var};
                /// let tape = Tape::new();
                #[doc = concat!("let x = tape.var(", stringify!($ex), ");")]
                #[doc = concat!("let y: Var = x.", stringify!($unary), "(", stringify!($($ep),*), ");")]
                #[doc = concat!("assert_relative_eq!(y.value(), ", stringify!($ey), ", max_relative = 1e-15);")]
                #[doc = concat!("assert_relative_eq!(y.backward().wrt(x), ", stringify!($es), ", max_relative = 1e-15);")]
                /// ```
                fn $unary(self $(, $param: parameter!(type $kind, F))*) -> Self;
            )+
            $(
                $(#[doc = $bdoc])+
                ///
                #[doc = concat!("Domain: ", $bdomain, ". Slopes within ", stringify!($bulp), " ULP.")]
                ///
                /// ```
                /// use approx::assert_relative_eq;
                /// use wengert::{Tape, Var};
                /// let tape = Tape::new();
                #[doc = concat!("let [a, b] = tape.vars([", stringify!($exa), ", ", stringify!($exb), "]);")]
                #[doc = concat!("let y: Var = a.", stringify!($binary), "(b);")]
                #[doc = concat!("assert_relative_eq!(y.value(), ", stringify!($bey), ", max_relative = 1e-15);")]
                /// let [by_a, by_b] = y.backward().wrt([a, b]);
                #[doc = concat!("assert_relative_eq!(by_a, ", stringify!($bea), ", max_relative = 1e-15);")]
                #[doc = concat!("assert_relative_eq!(by_b, ", stringify!($beb), ", max_relative = 1e-15);")]
                /// ```
                fn $binary(self, other: impl Into<Self>) -> Self;
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

            /// `yes` where the mask holds, else `no`. No derivative enters the one not taken, so a
            /// NaN or an infinite slope there does no harm.
            ///
            /// Where what the mask compared is equal, and so are `yes` and `no`, it is a kink, with the
            /// slope of the one taken as the default; where they are not, a jump.
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
            /// A program finds neighbouring parameters by their place. Other numbers it compares the
            /// index with one after the other, which takes two operations for each, in each row; and up
            /// to 4096 of them.
            ///
            /// # Panics
            /// If `index` is no whole number below the table's length.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::gather(&[10.0, 20.0, 30.0], 2.0), 30.0);
            /// ```
            #[track_caller]
            fn gather(table: &[Self], index: Self) -> Self {
                table[table_index(table.len(), index.value())]
            }

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

            /// [`Scalar::select`] between two computations, of which numbers and variables carry out the
            /// one that is taken; where what the mask compared is equal, variables carry out both.
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

            /// Sum of a slice; 0 if empty. One statement on a tape.
            ///
            /// As std's sums it begins with -0, the number that changes no other: the sum of one number
            /// is that number, be it -0, and the sum of nothing is -0, which equals 0.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::sum_of(&[1.0, 2.0, 4.0]), 7.0);
            /// ```
            fn sum_of(xs: &[Self]) -> Self;

            /// Arithmetic mean of a slice; NaN if empty. One statement on a tape.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::mean(&[1.0, 2.0, 6.0]), 3.0);
            /// ```
            fn mean(xs: &[Self]) -> Self;

            /// Dot product `Σ aᵢ bᵢ`; 0 if empty. Begins as [`Scalar::sum_of`] does. Either side may be plain numbers. One statement on
            /// a tape, which keeps runs of neighbouring variables as ranges, so that the reverse
            /// sweep over them is vector code.
            ///
            /// # Panics
            /// If the lengths differ; [`Scalar::try_dot`] says so instead.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::dot(&[1.0, 2.0], &[3.0, 4.0]), 11.0);
            /// ```
            fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self;

            /// [`Scalar::dot`] of lists whose lengths come from the data.
            ///
            /// # Errors
            /// If the lengths differ.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::try_dot(&[1.0, 2.0], &[3.0, 4.0])?, 11.0);
            /// assert!(f64::try_dot(&[1.0, 2.0], &[3.0]).is_err());
            /// # Ok::<(), wengert::LengthError>(())
            /// ```
            #[track_caller]
            fn try_dot<T: Copy + Into<Self> + 'static>(
                a: &[Self],
                b: &[T],
            ) -> Result<Self, LengthError> {
                LengthError::check(a.len(), b.len())?;
                Ok(Self::dot(a, b))
            }

            /// Euclidean norm `√Σ xᵢ²`, scaled so that it neither overflows nor underflows unduly.
            /// Slopes `xᵢ / norm`; all 0 at the origin.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::norm(&[3.0, 4.0]), 5.0);
            /// ```
            fn norm(xs: &[Self]) -> Self;

            /// The greatest of a slice, `-∞` if empty; NaN if any is NaN. Ties share the slope
            /// equally; a tie with a constant has slope 0.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::max_of(&[3.0, 4.0, -1.0]), 4.0);
            /// ```
            fn max_of(xs: &[Self]) -> Self;

            /// The least of a slice, `+∞` if empty; NaN if any is NaN. Ties as in
            /// [`Scalar::max_of`].
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::min_of(&[3.0, 4.0, -1.0]), -1.0);
            /// ```
            fn min_of(xs: &[Self]) -> Self;

            /// The numbers of a slice in ascending order; all NaN if any is NaN.
            ///
            /// Each is one of them, with its slope. Those that tie meet kinks of [`Scalar::max`] and
            /// [`Scalar::min`], which share their slopes.
            ///
            /// Without ties, a tape sorts the variables and writes nothing. With ties, and in a program,
            /// whose order is that of each row, `n` numbers are sorted by about `n (log₂ n)² / 4` pairs of
            /// a minimum and a maximum: 1,100 pairs of 100 numbers, 25,000 of 1000.
            ///
            /// ```
            /// use wengert::{Scalar, gradient_array};
            /// assert_eq!(f64::sorted(&[3.0, 1.0, 2.0]), [1.0, 2.0, 3.0]);
            /// // The range without the greatest and the least.
            /// let trimmed = |x: [wengert::Var; 4]| {
            ///     let x = Scalar::sorted(&x[..]);
            ///     x[2] - x[1]
            /// };
            /// let (value, slopes) = gradient_array(trimmed, [5.0, 2.0, 9.0, -1.0]);
            /// assert_eq!((value, slopes), (3.0, [1.0, -1.0, 0.0, 0.0]));
            /// ```
            fn sorted(xs: &[Self]) -> Vec<Self>;

            /// The quantile of a slice: the least at level 0, the greatest at 1, and between two ranks of
            /// the sorted list, which lie `1 / (n - 1)` apart, on the line from one to the other. NaN if
            /// empty, or if any is NaN. Slopes, kinks and cost as for [`Scalar::sorted`], but that a tape
            /// looks for ties at these ranks alone, and a program does only what leads to them, and counts
            /// each tie that it meets on the way. The mean of two that tie with no third is smooth.
            ///
            /// # Panics
            /// If the level is not between 0 and 1.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::quantile_of(&[4.0, 1.0, 2.0], 0.75), 3.0);
            /// ```
            #[track_caller]
            fn quantile_of(xs: &[Self], level: F) -> Self;

            /// The median of a slice, its [quantile](Scalar::quantile_of) of level ½: the middle one, or
            /// the mean of the two in the middle.
            ///
            /// ```
            /// use wengert::{Scalar, Tape, Var};
            /// assert_eq!(f64::median_of(&[4.0, 1.0, 2.0]), 2.0);
            /// let tape = Tape::new();
            /// let x = tape.vars([4.0, 1.0, 1.0]);
            /// let tied = Var::median_of(&x).backward();
            /// assert!(!tied.is_classical()?); // it is the greater of two equal numbers
            /// # Ok::<(), wengert::KinkError>(())
            /// ```
            #[track_caller]
            fn median_of(xs: &[Self]) -> Self {
                Self::quantile_of(xs, F::from_double(0.5))
            }

            /// `ln Σ e^xᵢ` without overflow; `-∞` if empty. Slopes: the softmax of `xs`.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::log_sum_exp(&[1000.0, 1000.0]), 1000.0 + 2f64.ln());
            /// ```
            fn log_sum_exp(xs: &[Self]) -> Self;

            /// `yᵢ = e^xᵢ / Σ e^xⱼ` for each `i`, without overflow. Slopes `yᵢ (1 - yᵢ)` by `xᵢ` and
            /// `-yᵢ yⱼ` by the others; `n` statements of `n` edges on a tape. For a loss,
            /// [`Scalar::log_sum_exp`] is cheaper and more accurate.
            ///
            /// ```
            /// use wengert::Scalar;
            /// assert_eq!(f64::softmax(&[1.0, 1.0]), [0.5, 0.5]);
            /// ```
            fn softmax(xs: &[Self]) -> Vec<Self>;

            /// A function of your own: from the values of its arguments, `rule` gives its value and
            /// its partial by each. `name` appears in reports.
            ///
            /// ```
            /// use wengert::{Scalar, gradient_array};
            /// fn softsign<T: Scalar>(x: T) -> T {
            ///     T::custom("softsign", [x], |[x]| {
            ///         let d = 1.0 + x.abs();
            ///         (x / d, [1.0 / (d * d)])
            ///     })
            /// }
            /// assert_eq!(softsign(1.0), 0.5);
            /// assert_eq!(gradient_array(|[x]| softsign(x), [1.0]), (0.5, [0.25]));
            /// ```
            fn custom<const N: usize>(
                name: &'static str,
                args: [Self; N],
                rule: impl FnOnce([F; N]) -> (F, [F; N]),
            ) -> Self;

            /// A function of your own with a kink: two smooth pieces that meet at `at`, each giving
            /// its value and slope. At the kink all rules apply, the default being the slope of least
            /// magnitude.
            ///
            /// ```
            /// use wengert::{Rule, Scalar, Tape};
            /// fn elu<T: Scalar>(x: T) -> T {
            ///     T::custom_pieces("elu", x, 0.0, |x| (2.0 * x.exp_m1(), 2.0 * x.exp()), |x| (x, 1.0))
            /// }
            /// let tape = Tape::new();
            /// let x = tape.var(0.0);
            /// let y = elu(x);
            /// assert_eq!(y.backward().wrt(x), 1.0);
            /// assert_eq!(y.backward_with(Rule::Left)?.wrt(x), 2.0);
            /// # Ok::<(), wengert::KinkError>(())
            /// ```
            fn custom_pieces(
                name: &'static str,
                x: Self,
                at: F,
                left: impl Fn(F) -> (F, F),
                right: impl Fn(F) -> (F, F),
            ) -> Self {
                let one = |(value, slope)| (value, [slope]);
                if x < at {
                    Self::custom(name, [x], |[x]| one(left(x)))
                } else {
                    Self::custom(name, [x], |[x]| one(right(x)))
                }
            }

            /// [`Scalar::custom`] for a list of arguments whose length is known only at run time.
            ///
            /// # Panics
            /// If `rule` does not give one partial for each argument.
            ///
            /// ```
            /// use wengert::Scalar;
            /// let product = f64::custom_slice("product", &[2.0, 3.0], |x| {
            ///     (x[0] * x[1], [x[1], x[0]].into_iter().collect())
            /// });
            /// assert_eq!(product, 6.0);
            /// ```
            fn custom_slice(
                name: &'static str,
                args: &[Self],
                rule: impl FnOnce(&[F]) -> (F, Partials<F>),
            ) -> Self;
        }

        macro_rules! impl_scalar {
            ($F:ty) => {
                impl Scalar<$F> for $F {
                    type Mask = bool;
                    const ZERO: Self = 0.0;
                    const ONE: Self = 1.0;
                    #[inline(always)]
                    fn value(self) -> $F {
                        self
                    }
                    $(
                        #[inline(always)]
                        fn $unary(self $(, $param: parameter!(type $kind, $F))*) -> Self {
                            let row = op::$Unary { $($param: parameter!(take $kind, $param)),* };
                            Self::from_double(row.value(self.to_double()))
                        }
                    )+
                    $(
                        #[inline(always)]
                        fn $binary(self, other: impl Into<Self>) -> Self {
                            Self::from_double(op::$Binary.value(self.to_double(), other.into().to_double()))
                        }
                    )+
                    #[inline(always)]
                    fn sin_cos(self) -> (Self, Self) {
                        <$F>::sin_cos(self)
                    }
                    #[inline(always)]
                    fn mul_add(self, factor: impl Into<Self>, term: impl Into<Self>) -> Self {
                        <$F>::mul_add(self, factor.into(), term.into())
                    }
                    #[inline(always)]
                    fn above(self, bound: impl Into<Self>) -> bool {
                        self > bound.into()
                    }
                    #[inline(always)]
                    fn below(self, bound: impl Into<Self>) -> bool {
                        self < bound.into()
                    }
                    #[inline(always)]
                    fn select(mask: bool, yes: Self, no: Self) -> Self {
                        if mask { yes } else { no }
                    }
                    #[inline(always)]
                    fn select_with(
                        mask: bool,
                        yes: impl FnOnce() -> Self,
                        no: impl FnOnce() -> Self,
                    ) -> Self {
                        if mask { yes() } else { no() }
                    }
                    #[inline(always)]
                    fn total(terms: impl Iterator<Item = Self>) -> Self {
                        carried::in_turn(terms)
                    }
                    fn sum_of(xs: &[Self]) -> Self {
                        nary::sum(xs.iter().copied())
                    }
                    fn mean(xs: &[Self]) -> Self {
                        Self::sum_of(xs) / xs.len() as $F
                    }
                    #[track_caller]
                    fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self {
                        nary::same_length(a.len(), b.len());
                        nary::sum(a.iter().zip(b).map(|(&a, &b)| a * b.into()))
                    }
                    fn norm(xs: &[Self]) -> Self {
                        nary::Norm::of(xs.iter().copied()).value()
                    }
                    fn max_of(xs: &[Self]) -> Self {
                        nary::max(xs.iter().copied())
                    }
                    fn min_of(xs: &[Self]) -> Self {
                        -nary::max(xs.iter().map(|&x| -x))
                    }
                    fn sorted(xs: &[Self]) -> Vec<Self> {
                        order::sorted(xs)
                    }
                    #[track_caller]
                    fn quantile_of(xs: &[Self], level: $F) -> Self {
                        let (at, share) = order::quantile(xs.len().max(1), level);
                        order::between(&order::sorted(xs), at, share)
                    }
                    fn log_sum_exp(xs: &[Self]) -> Self {
                        nary::log_sum_exp(xs.iter().copied())
                    }
                    fn softmax(xs: &[Self]) -> Vec<Self> {
                        let mut out = xs.to_vec();
                        nary::softmax(&mut out);
                        out
                    }
                    fn custom<const N: usize>(
                        _: &'static str,
                        args: [Self; N],
                        rule: impl FnOnce([$F; N]) -> ($F, [$F; N]),
                    ) -> Self {
                        rule(args).0
                    }
                    #[track_caller]
                    fn custom_slice(
                        name: &'static str,
                        args: &[Self],
                        rule: impl FnOnce(&[$F]) -> ($F, Partials<$F>),
                    ) -> Self {
                        let (value, partials) = rule(args);
                        nary::one_partial_each(name, args.len(), partials.len());
                        value
                    }
                }

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
        impl_scalar!(f64);
        impl_scalar!(f32);
    };
}
for_each_op!(emit_scalar);

/// A whole number as an index.
#[track_caller]
fn table_index<F: Real>(len: usize, index: F) -> usize {
    let at = index.to_usize().filter(|&at| at < len && F::from_usize(at) == Some(index));
    let Some(at) = at else { panic!("the index {} is outside a table of {len}", Short(index)) };
    at
}
