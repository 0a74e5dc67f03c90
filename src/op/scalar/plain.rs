//! [`Scalar`] for plain numbers.

use super::{Partials, Real, Scalar};
use crate::op::nary::{self, carried, order};
use crate::op::table::parameter;
use crate::op::{self, Binary, Extreme, List, Many, Pairs, Shares, Unary, for_each_signature};
use smallvec::SmallVec;

/// An entry of a list that keeps no numbers.
#[inline(always)]
fn value_of<F: Real, O: List>(xs: &[F], entry: O) -> F {
    let mut none: SmallVec<[F; 8]> = SmallVec::new();
    entry.value(entry.parts(xs, |&x| x, &mut none), xs.iter().copied())
}

/// The slopes of an entry of a list, which keeps them.
fn shares<F: Real, O: Shares>(xs: &[F], _: O) -> Vec<F> {
    let mut kept: Vec<F> = Vec::with_capacity(xs.len());
    let parts = O::OF.parts(xs, |&x| x, &mut kept);
    for (own, &x) in kept.iter_mut().zip(xs) {
        *own = O::OF.slope(parts, x, || *own);
    }
    kept
}

macro_rules! emit_plain {
    (
        unary { $($unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* );)+ }
        binary { $($binary:ident = $Binary:ident;)+ }
        three { $($three:ident = $Three:ident ( $second:ident, $third:ident );)+ }
        list { $($list:ident = $List:ident;)+ }
    ) => {
        macro_rules! impl_scalar {
            ($F:ty) => {
                impl Scalar<$F> for $F {
                    type Mask = bool;
                    const ZERO: Self = 0.0;
                    const ONE: Self = 1.0;
                    const ORDER: usize = 0;
                    #[inline(always)]
                    fn value(self) -> $F {
                        self
                    }
                    $(
                        #[inline(always)]
                        fn $unary(self $(, $param: parameter!(type $kind, $F))*) -> Self {
                            let entry = op::$Unary { $($param: parameter!(take $kind, $param)),* };
                            Self::from_double(entry.value(self.to_double()))
                        }
                    )+
                    $(
                        #[inline(always)]
                        fn $binary(self, other: impl Into<Self>) -> Self {
                            Self::from_double(op::$Binary.value(self.to_double(), other.into().to_double()))
                        }
                    )+
                    $(
                        #[inline(always)]
                        fn $three(self, $second: impl Into<Self>, $third: impl Into<Self>) -> Self {
                            let xs = [self, $second.into(), $third.into()].map(Real::to_double);
                            Self::from_double(op::$Three.value(&xs))
                        }
                    )+
                    $(
                        fn $list(xs: &[Self]) -> Self {
                            let xs: SmallVec<[f64; 8]> = xs.iter().map(|x| x.to_double()).collect();
                            Self::from_double(op::$List.value(&xs))
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
                        value_of(xs, op::SumOf)
                    }
                    fn mean(xs: &[Self]) -> Self {
                        value_of(xs, op::Mean)
                    }
                    #[track_caller]
                    fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self {
                        nary::same_length(a.len(), b.len());
                        op::Dot.value(a.iter().zip(b).map(|(&a, &b)| (a, b.into())))
                    }
                    fn norm(xs: &[Self]) -> Self {
                        value_of(xs, op::Norm)
                    }
                    fn max_of(xs: &[Self]) -> Self {
                        op::MaxOf.value(xs.iter().copied())
                    }
                    fn min_of(xs: &[Self]) -> Self {
                        op::MinOf.value(xs.iter().copied())
                    }
                    fn sorted(xs: &[Self]) -> Vec<Self> {
                        order::sorted(xs)
                    }
                    #[track_caller]
                    fn quantile_of(xs: &[Self], level: $F) -> Self {
                        let (at, share) = order::quantile(xs.len().max(1), level);
                        order::between(&order::sorted(xs), at, share)
                    }
                    // The value alone, without the room for the shares that the slopes in the table are.
                    fn log_sum_exp(xs: &[Self]) -> Self {
                        nary::log_sum_exp(xs.iter().copied())
                    }
                    fn softmax(xs: &[Self]) -> Vec<Self> {
                        shares(xs, op::Softmax)
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
            };
        }
        impl_scalar!(f64);
        impl_scalar!(f32);
    };
}
for_each_signature!(emit_plain);
