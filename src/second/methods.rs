//! The functions of the table as methods of [`Var2`], and [`Scalar`] for it.

use super::lists::inner;
use super::var::Var2;
use crate::dual::{Comparison, close};
use crate::op::nary;
use crate::op::scalar::{Partials, Scalar};
use crate::op::table::parameter;
use crate::op::{self, Sides, for_each_op};
use crate::tape::sum;
use crate::{Dual, Real};
use smallvec::SmallVec;

impl<const N: usize, F: Real> Var2<N, F> {
    /// Sine and cosine together; see [`Scalar::sin_cos`].
    #[inline(always)]
    #[track_caller]
    pub fn sin_cos(self) -> (Self, Self) {
        let (sin, cos) = self.value().sin_cos();
        (self.sin().shifted(sin), self.cos().shifted(cos))
    }

    /// `self · factor + term`, rounded once; see [`Scalar::mul_add`].
    #[inline(always)]
    #[track_caller]
    pub fn mul_add(self, factor: impl Into<Self>, term: impl Into<Self>) -> Self {
        let (factor, term) = (factor.into(), term.into());
        let value = self.value().mul_add(factor.value(), term.value());
        (self * factor + term).shifted(value)
    }

    /// Whether `self > bound`; see [`Scalar::above`].
    #[inline(always)]
    pub fn above(self, bound: impl Into<Self>) -> Comparison {
        self.compared(bound.into(), true)
    }

    /// Whether `self < bound`; see [`Scalar::below`].
    #[inline(always)]
    pub fn below(self, bound: impl Into<Self>) -> Comparison {
        self.compared(bound.into(), false)
    }

    /// The branch that is entered from a tie, if it meets the other there; else it is a jump.
    #[cold]
    fn entered(yes: Self, no: Self) -> Self {
        if close(yes.value(), no.value()) { yes.shifted(no.value()) } else { no }
    }
}

macro_rules! emit_methods {
    (
        unary { $(
            $(#[doc = $doc:literal])+
            $unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* ) { $($rest:tt)* }
        )+ }
        binary { $(
            $(#[doc = $bdoc:literal])+
            $binary:ident = $Binary:ident { $($brest:tt)* }
        )+ }
        $($others:tt)*
    ) => {
        /// The functions of the table; each is described at [`Scalar`].
        impl<const N: usize, F: Real> Var2<N, F> {
            $(
                $(#[doc = $doc])+
                ///
                #[doc = concat!("An example is at [`Scalar::", stringify!($unary), "`].")]
                #[inline(always)]
                #[track_caller]
                pub fn $unary(self $(, $param: parameter!(type $kind, F))*) -> Self {
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
                    self.binary(other.into(), op::$Binary)
                }
            )+
        }
        macro_rules! scalar {
            ($F:ty) => {
                impl<const N: usize> Scalar<$F> for Var2<N, $F> {
                    type Mask = Comparison;
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
                    fn above(self, bound: impl Into<Self>) -> Comparison {
                        self.above(bound)
                    }
                    #[inline(always)]
                    fn below(self, bound: impl Into<Self>) -> Comparison {
                        self.below(bound)
                    }
                    #[inline(always)]
                    #[track_caller]
                    fn select(mask: Comparison, yes: Self, no: Self) -> Self {
                        Self::meet(&[yes, no]);
                        Self::select_with(mask, || yes, || no)
                    }
                    #[inline(always)]
                    #[track_caller]
                    fn select_with(
                        mask: Comparison,
                        yes: impl FnOnce() -> Self,
                        no: impl FnOnce() -> Self,
                    ) -> Self {
                        let chosen = mask.branch(yes, no, Self::entered);
                        if mask.is_tie() {
                            chosen.0.note_decided();
                        }
                        chosen
                    }
                    #[inline(always)]
                    #[track_caller]
                    fn total(terms: impl Iterator<Item = Self>) -> Self {
                        Var2(sum::added_up::<true, Dual<N, $F>>(terms.map(inner)))
                    }
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
                        Self::extreme(xs, true)
                    }
                    #[track_caller]
                    fn min_of(xs: &[Self]) -> Self {
                        Self::extreme(xs, false)
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
                    #[track_caller]
                    fn custom<const M: usize>(
                        _: &'static str,
                        args: [Self; M],
                        rule: impl FnOnce([$F; M]) -> ($F, [$F; M]),
                    ) -> Self {
                        let (value, partials) = rule(args.map(|x| x.value()));
                        Self::known(&args, value, &partials)
                    }
                    #[track_caller]
                    fn custom_pieces(
                        name: &'static str,
                        x: Self,
                        at: $F,
                        left: impl Fn($F) -> ($F, $F),
                        right: impl Fn($F) -> ($F, $F),
                    ) -> Self {
                        let below = x.value() < at;
                        let (value, slope) = if below { left(x.value()) } else { right(x.value()) };
                        let mut slopes = [slope];
                        if x.value() == at {
                            let (_, other) = left(at);
                            if value.is_finite() && slope.is_finite() && other.is_finite() {
                                let sides = Sides { left: other.to_double(), right: slope.to_double() };
                                slopes = [<$F>::from_double(sides.towards(x.leads(&Self::from(0.0))))];
                                x.0.note_decided();
                            }
                        }
                        Self::custom(name, [x], |_| (value, slopes))
                    }
                    #[track_caller]
                    fn custom_slice(
                        name: &'static str,
                        args: &[Self],
                        rule: impl FnOnce(&[$F]) -> ($F, Partials<$F>),
                    ) -> Self {
                        let xs: SmallVec<[$F; 8]> = args.iter().map(|x| x.value()).collect();
                        let (value, partials) = rule(&xs);
                        nary::one_partial_each(name, args.len(), partials.len());
                        Self::known(args, value, &partials)
                    }
                }
            };
        }
        scalar!(f64);
        scalar!(f32);
    };
}
for_each_op!(emit_methods);
