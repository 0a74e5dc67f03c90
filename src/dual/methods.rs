//! The functions of the table as methods, and [`Scalar`].

use super::comparison::Comparison;
use super::first::Dual;
use super::jet::Jet;
use super::second::Dual2;
use super::taylor::Taylor;
use crate::Real;
use crate::op::nary::{self, carried, order};
use crate::op::scalar::{Partials, Scalar};
use crate::op::table::parameter;
use crate::op::{self, Sides, for_each_op};
use smallvec::SmallVec;

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
        macro_rules! methods {
            ($Jet:ident) => {
                /// The functions of the table; each is described at [`Scalar`].
                impl<const N: usize, F: Real> $Jet<N, F> {
                    $(
                        $(#[doc = $doc])+
                        ///
                        #[doc = concat!("An example is at [`Scalar::", stringify!($unary), "`].")]
                        #[inline(always)]
                        pub fn $unary(self $(, $param: parameter!(type $kind, F))*) -> Self {
                            Jet::unary(self, op::$Unary { $($param: parameter!(take $kind, $param)),* })
                        }
                    )+
                    $(
                        $(#[doc = $bdoc])+
                        ///
                        #[doc = concat!("An example is at [`Scalar::", stringify!($binary), "`].")]
                        #[inline(always)]
                        pub fn $binary(self, other: impl Into<Self>) -> Self {
                            Jet::binary(self, other.into(), op::$Binary)
                        }
                    )+

                    /// Sine and cosine together; see [`Scalar::sin_cos`].
                    #[inline(always)]
                    pub fn sin_cos(self) -> (Self, Self) {
                        let (sin, cos) = self.here().sin_cos();
                        (self.sin().shifted(sin), self.cos().shifted(cos))
                    }

                    /// `self · factor + term`, rounded once; see [`Scalar::mul_add`].
                    #[inline(always)]
                    pub fn mul_add(self, factor: impl Into<Self>, term: impl Into<Self>) -> Self {
                        let (factor, term) = (factor.into(), term.into());
                        let value = self.here().mul_add(factor.here(), term.here());
                        self.times(factor).plus(term, value)
                    }

                    /// Whether `self > bound`; see [`Scalar::above`].
                    #[inline(always)]
                    pub fn above(self, bound: impl Into<Self>) -> Comparison {
                        Comparison::of(self, bound.into(), true)
                    }

                    /// Whether `self < bound`; see [`Scalar::below`].
                    #[inline(always)]
                    pub fn below(self, bound: impl Into<Self>) -> Comparison {
                        Comparison::of(self, bound.into(), false)
                    }
                }
                scalar!($Jet, f64);
                scalar!($Jet, f32);
            };
        }
        macro_rules! scalar {
            ($Jet:ident, $F:ty) => {
                impl<const N: usize> Scalar<$F> for $Jet<N, $F> {
                    type Mask = Comparison;
                    const ZERO: Self = Self::ZERO;
                    const ONE: Self = Self::ONE;
                    const ORDER: usize = <Self as Jet>::ORDER;
                    #[inline(always)]
                    fn value(self) -> $F {
                        self.here()
                    }
                    $(
                        #[inline(always)]
                        fn $unary(self $(, $param: parameter!(type $kind, $F))*) -> Self {
                            self.$unary($($param),*)
                        }
                    )+
                    $(
                        #[inline(always)]
                        fn $binary(self, other: impl Into<Self>) -> Self {
                            self.$binary(other)
                        }
                    )+
                    #[inline(always)]
                    fn sin_cos(self) -> (Self, Self) {
                        self.sin_cos()
                    }
                    #[inline(always)]
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
                    fn select(mask: Comparison, yes: Self, no: Self) -> Self {
                        mask.select(|| yes, || no)
                    }
                    #[inline(always)]
                    fn select_with(
                        mask: Comparison,
                        yes: impl FnOnce() -> Self,
                        no: impl FnOnce() -> Self,
                    ) -> Self {
                        mask.select(yes, no)
                    }
                    #[inline(always)]
                    fn total(terms: impl Iterator<Item = Self>) -> Self {
                        let mut sum = <Self as Jet>::Wide::constant(0.0);
                        let value = carried::in_turn(terms.map(|x| {
                            sum = sum.plus(x.widen(), 0.0);
                            x.here()
                        }));
                        Jet::narrow(sum, value)
                    }
                    fn sum_of(xs: &[Self]) -> Self {
                        let value = nary::sum_of(xs, Jet::here);
                        Jet::combined(xs.iter().map(|&x| (x, 1.0)), value)
                    }
                    fn mean(xs: &[Self]) -> Self {
                        let n = xs.len() as $F;
                        let value = nary::sum_of(xs, Jet::here) / n;
                        Jet::combined(xs.iter().map(|&x| (x, n.recip())), value)
                    }
                    #[track_caller]
                    fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self {
                        nary::same_length(a.len(), b.len());
                        let pairs = || a.iter().zip(b).map(|(&a, &b)| (a, b.into()));
                        let value = nary::sum(pairs().map(|(a, b): (Self, Self)| a.here() * b.here()));
                        Jet::dot_of(pairs(), value)
                    }
                    fn norm(xs: &[Self]) -> Self {
                        Jet::length(xs)
                    }
                    fn max_of(xs: &[Self]) -> Self {
                        Jet::extreme(xs, true)
                    }
                    fn min_of(xs: &[Self]) -> Self {
                        Jet::extreme(xs, false)
                    }
                    fn sorted(xs: &[Self]) -> Vec<Self> {
                        Jet::ascending(xs)
                    }
                    #[track_caller]
                    fn quantile_of(xs: &[Self], level: $F) -> Self {
                        let (at, share) = order::quantile(xs.len().max(1), level);
                        order::between(&Jet::ascending(xs), at, share)
                    }
                    fn log_sum_exp(xs: &[Self]) -> Self {
                        let (shares, value) = Jet::shares(xs);
                        Jet::log_sum_exp_of(xs, value, &shares)
                    }
                    fn softmax(xs: &[Self]) -> Vec<Self> {
                        let (shares, _) = Jet::shares(xs);
                        (0..xs.len()).map(|i| Jet::share_of(xs, &shares, i)).collect()
                    }
                    #[inline(always)]
                    fn custom<const M: usize>(
                        _: &'static str,
                        args: [Self; M],
                        rule: impl FnOnce([$F; M]) -> ($F, [$F; M]),
                    ) -> Self {
                        let (value, partials) = rule(args.map(|x| x.here()));
                        Jet::known(&args, value, &partials)
                    }
                    fn custom_pieces(
                        name: &'static str,
                        x: Self,
                        at: $F,
                        left: impl Fn($F) -> ($F, $F),
                        right: impl Fn($F) -> ($F, $F),
                    ) -> Self {
                        let below = x.here() < at;
                        let (value, slope) = if below { left(x.here()) } else { right(x.here()) };
                        let mut slopes = [slope];
                        if x.here() == at {
                            let (_, other) = left(at);
                            if value.is_finite() && slope.is_finite() && other.is_finite() {
                                let sides = Sides { left: other.to_double(), right: slope.to_double() };
                                slopes = [<$F>::from_double(x.side(sides))];
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
                        let xs: SmallVec<[$F; 8]> = Jet::values(args).collect();
                        let (value, partials) = rule(&xs);
                        nary::one_partial_each(name, args.len(), partials.len());
                        Jet::known(args, value, &partials)
                    }
                }
            };
        }
    };
}
for_each_op!(emit_methods);
methods!(Dual);
methods!(Dual2);
methods!(Taylor);
