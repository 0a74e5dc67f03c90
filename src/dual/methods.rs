//! The functions of the table as methods, and [`Scalar`].

use super::comparison::Comparison;
use super::first::Dual;
use super::jet::Jet;
use super::second::Dual2;
use super::taylor::Taylor;
use crate::Real;
use crate::op::nary::{self, carried, order};
use crate::op::scalar::{Partials, Scalar, own_lists, own_methods, pieces, table_methods};
use crate::op::table::parameter;
use crate::op::{self, Pairs};
use smallvec::SmallVec;

macro_rules! methods {
    ($Jet:ident) => {
        /// The functions of the table; each is described at [`Scalar`].
        impl<const N: usize, F: Real> $Jet<N, F> {
            table_methods!(F);
        }

        impl<const N: usize, F: Real> $Jet<N, F> {
            /// Sine and cosine together; see [`Scalar::sin_cos`].
            #[inline(always)]
            pub fn sin_cos(self) -> (Self, Self) {
                let (sin, cos) = self.here().sin_cos();
                (self.sin().shifted(sin), self.cos().shifted(cos))
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

            /// `yes` where the mask holds, else `no`; see [`Scalar::select`].
            #[inline(always)]
            pub fn select(mask: Comparison, yes: Self, no: Self) -> Self {
                mask.select(|| yes, || no)
            }

            /// The choice between two computations; see [`Scalar::select_with`].
            #[inline(always)]
            pub fn select_with(
                mask: Comparison,
                yes: impl FnOnce() -> Self,
                no: impl FnOnce() -> Self,
            ) -> Self {
                mask.select(yes, no)
            }

            /// See [`Scalar::sum_of`].
            pub fn sum_of(xs: &[Self]) -> Self {
                Jet::list(xs, op::SumOf)
            }

            /// See [`Scalar::mean`].
            pub fn mean(xs: &[Self]) -> Self {
                Jet::list(xs, op::Mean)
            }

            /// See [`Scalar::dot`].
            #[track_caller]
            pub fn dot<T: Copy + Into<Self> + 'static>(a: &[Self], b: &[T]) -> Self {
                nary::same_length(a.len(), b.len());
                let pairs = || a.iter().zip(b).map(|(&a, &b)| (a, b.into()));
                let value = op::Dot.value(pairs().map(|(a, b): (Self, Self)| (a.here(), b.here())));
                Jet::dot_of(pairs(), value)
            }

            /// See [`Scalar::norm`].
            pub fn norm(xs: &[Self]) -> Self {
                Jet::list(xs, op::Norm)
            }

            /// See [`Scalar::max_of`].
            pub fn max_of(xs: &[Self]) -> Self {
                Jet::extreme(xs, op::MaxOf)
            }

            /// See [`Scalar::min_of`].
            pub fn min_of(xs: &[Self]) -> Self {
                Jet::extreme(xs, op::MinOf)
            }

            /// See [`Scalar::sorted`].
            pub fn sorted(xs: &[Self]) -> Vec<Self> {
                Jet::ascending(xs)
            }

            /// See [`Scalar::quantile_of`].
            #[track_caller]
            pub fn quantile_of(xs: &[Self], level: F) -> Self {
                let (at, share) = order::quantile(xs.len().max(1), level);
                order::between(&Jet::ascending(xs), at, share)
            }

            /// See [`Scalar::log_sum_exp`].
            pub fn log_sum_exp(xs: &[Self]) -> Self {
                Jet::list(xs, op::LogSumExp)
            }

            /// See [`Scalar::softmax`].
            pub fn softmax(xs: &[Self]) -> Vec<Self> {
                Jet::shares(xs, op::Softmax)
            }

            /// A function of your own; see [`Scalar::custom`].
            #[inline(always)]
            pub fn custom<const M: usize>(
                _: &'static str,
                args: [Self; M],
                rule: impl FnOnce([F; M]) -> (F, [F; M]),
            ) -> Self {
                let (value, partials) = rule(args.map(|x| x.here()));
                Jet::known(&args, value, &partials)
            }

            /// A function of your own of two pieces; see [`Scalar::custom_pieces`].
            pub fn custom_pieces(
                _: &'static str,
                x: Self,
                at: F,
                left: impl Fn(F) -> (F, F),
                right: impl Fn(F) -> (F, F),
            ) -> Self {
                let (value, slope, sides) = pieces(x.here(), at, left, right);
                let slope = sides.map_or(slope, |sides| F::from_double(x.side(sides)));
                Jet::known(&[x], value, &[slope])
            }

            /// A function of your own of a list; see [`Scalar::custom_slice`].
            #[track_caller]
            pub fn custom_slice(
                name: &'static str,
                args: &[Self],
                rule: impl FnOnce(&[F]) -> (F, Partials<F>),
            ) -> Self {
                let xs: SmallVec<[F; 8]> = Jet::values(args).collect();
                let (value, partials) = rule(&xs);
                nary::one_partial_each(name, args.len(), partials.len());
                Jet::known(args, value, &partials)
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
            const ORDER: usize = <Self as Jet>::ORDER;
            own_methods!($F);
            own_lists!($F);
            #[inline(always)]
            fn total(terms: impl Iterator<Item = Self>) -> Self {
                let mut sum = <Self as Jet>::Wide::constant(0.0);
                let value = carried::in_turn(terms.map(|x| {
                    sum = sum.plus(x.widen(), 0.0);
                    x.here()
                }));
                Jet::narrow(sum, value)
            }
        }
    };
}
methods!(Dual);
methods!(Dual2);
methods!(Taylor);
