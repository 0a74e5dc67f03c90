//! What the numbers with derivatives have in common as methods, and [`Scalar`](crate::Scalar) from those.
//!
//! ```text
//! table_methods!(F)   the functions of the table, from `unary`, `binary` and `many`   impl Number
//! own_methods!(F)     them, what is constant, and the choices                              impl Scalar<F> for Number
//! own_lists!(F)       the functions of lists, and those of the user's own                  impl Scalar<F> for Number
//! ```
//!
//! The last two hand on to methods of the type with the same names. What the trait has beyond these, and the
//! order of its derivatives, each number says itself.

use crate::op::for_each_op;

macro_rules! emit_delegates {
    (
        unary { $(
            $(#[doc = $doc:literal])+
            $unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* ) { $($rest:tt)* }
        )+ }
        binary { $(
            $(#[doc = $bdoc:literal])+
            $binary:ident = $Binary:ident { $($brest:tt)* }
        )+ }
        three { $(
            $(#[doc = $tdoc:literal])+
            $three:ident = $Three:ident ( $second:ident, $third:ident ) { $($trest:tt)* }
        )+ }
        list { $(
            $(#[doc = $ldoc:literal])+
            $list:ident = $List:ident { $($lrest:tt)* }
        )+ }
        $($others:tt)*
    ) => {
        macro_rules! table_methods {
            ($F:ty) => {
                $(
                    $(#[doc = $doc])+
                    ///
                    #[doc = concat!("An example is at [`Scalar::", stringify!($unary), "`].")]
                    #[inline(always)]
                    #[track_caller]
                    pub fn $unary(self $(, $param: parameter!(type $kind, $F))*) -> Self {
                        self.unary(op::$Unary { $($param: parameter!(take $kind, $param)),* })
                    }
                )+
                $(
                    $(#[doc = $bdoc])+
                    ///
                    #[doc = concat!("An example is at [`Scalar::", stringify!($binary), "`].")]
                    #[inline(always)]
                    #[track_caller]
                    pub fn $binary(self, other: impl Into<Self>) -> Self {
                        let of_magnitude = <op::$Binary as op::Binary>::OF_MAGNITUDE;
                        let first = if of_magnitude { self.abs() } else { self };
                        first.binary(other.into(), op::$Binary)
                    }
                )+
                $(
                    $(#[doc = $tdoc])+
                    ///
                    #[doc = concat!("An example is at [`Scalar::", stringify!($three), "`].")]
                    #[inline(always)]
                    #[track_caller]
                    pub fn $three(self, $second: impl Into<Self>, $third: impl Into<Self>) -> Self {
                        Self::many(&[self, $second.into(), $third.into()], op::$Three)
                    }
                )+
                $(
                    $(#[doc = $ldoc])+
                    ///
                    #[doc = concat!("An example is at [`Scalar::", stringify!($list), "`].")]
                    #[track_caller]
                    pub fn $list(xs: &[Self]) -> Self {
                        Self::many(xs, op::$List)
                    }
                )+
                /// `self · factor + term`, rounded once; see [`Scalar::mul_add`]. Its slopes are those of the
                /// product and the sum.
                #[inline(always)]
                #[track_caller]
                pub fn mul_add(self, factor: impl Into<Self>, term: impl Into<Self>) -> Self {
                    let (factor, term) = (factor.into(), term.into());
                    let value = self.value().mul_add(factor.value(), term.value());
                    (self * factor + term).shifted(value)
                }
            };
        }

        macro_rules! own_methods {
            ($F:ty) => {
                const ZERO: Self = Self::ZERO;
                const ONE: Self = Self::ONE;
                #[inline(always)]
                fn value(self) -> $F {
                    self.value()
                }
                $(
                    #[inline(always)]
                    #[track_caller]
                    fn $unary(self $(, $param: parameter!(type $kind, $F))*) -> Self {
                        self.$unary($($param),*)
                    }
                )+
                $(
                    #[inline(always)]
                    #[track_caller]
                    fn $binary(self, other: impl Into<Self>) -> Self {
                        self.$binary(other)
                    }
                )+
                $(
                    #[inline(always)]
                    #[track_caller]
                    fn $three(self, $second: impl Into<Self>, $third: impl Into<Self>) -> Self {
                        self.$three($second, $third)
                    }
                )+
                $(
                    #[track_caller]
                    fn $list(xs: &[Self]) -> Self {
                        Self::$list(xs)
                    }
                )+
                #[inline(always)]
                #[track_caller]
                fn sin_cos(self) -> (Self, Self) {
                    self.sin_cos()
                }
                #[inline(always)]
                #[track_caller]
                fn mul_add(self, factor: impl Into<Self>, term: impl Into<Self>) -> Self {
                    self.mul_add(factor, term)
                }
                #[inline(always)]
                fn above(self, bound: impl Into<Self>) -> Self::Mask {
                    self.above(bound)
                }
                #[inline(always)]
                fn below(self, bound: impl Into<Self>) -> Self::Mask {
                    self.below(bound)
                }
                #[inline(always)]
                #[track_caller]
                fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
                    Self::select(mask, yes, no)
                }
                #[inline(always)]
                #[track_caller]
                fn select_with(
                    mask: Self::Mask,
                    yes: impl FnOnce() -> Self,
                    no: impl FnOnce() -> Self,
                ) -> Self {
                    Self::select_with(mask, yes, no)
                }
            };
        }
    };
}
for_each_op!(emit_delegates);

macro_rules! own_lists {
    ($F:ty) => {
        #[track_caller]
        fn sum_of(xs: &[Self]) -> Self {
            Self::sum_of(xs)
        }
        #[track_caller]
        fn mean(xs: &[Self]) -> Self {
            Self::mean(xs)
        }
        #[inline(always)]
        #[track_caller]
        fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self {
            Self::dot(a, b)
        }
        #[track_caller]
        fn norm(xs: &[Self]) -> Self {
            Self::norm(xs)
        }
        #[track_caller]
        fn max_of(xs: &[Self]) -> Self {
            Self::max_of(xs)
        }
        #[track_caller]
        fn min_of(xs: &[Self]) -> Self {
            Self::min_of(xs)
        }
        #[track_caller]
        fn sorted(xs: &[Self]) -> Vec<Self> {
            Self::sorted(xs)
        }
        #[track_caller]
        fn quantile_of(xs: &[Self], level: $F) -> Self {
            Self::quantile_of(xs, level)
        }
        #[track_caller]
        fn log_sum_exp(xs: &[Self]) -> Self {
            Self::log_sum_exp(xs)
        }
        #[track_caller]
        fn softmax(xs: &[Self]) -> Vec<Self> {
            Self::softmax(xs)
        }
        #[inline(always)]
        #[track_caller]
        fn custom<const M: usize>(
            name: &'static str,
            args: [Self; M],
            rule: impl FnOnce([$F; M]) -> ($F, [$F; M]),
        ) -> Self {
            Self::custom(name, args, rule)
        }
        #[track_caller]
        fn custom_pieces(
            name: &'static str,
            x: Self,
            at: $F,
            left: impl Fn($F) -> ($F, $F),
            right: impl Fn($F) -> ($F, $F),
        ) -> Self {
            Self::custom_pieces(name, x, at, left, right)
        }
        #[track_caller]
        fn custom_slice(
            name: &'static str,
            args: &[Self],
            rule: impl FnOnce(&[$F]) -> ($F, Partials<$F>),
        ) -> Self {
            Self::custom_slice(name, args, rule)
        }
    };
}
pub(crate) use {own_lists, own_methods, table_methods};
