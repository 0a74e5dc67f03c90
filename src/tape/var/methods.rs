//! The table's functions as methods of [`Var`], and [`Scalar`] for it.

use super::Var;
use super::mask::Mask;
use super::nary::{itself, note_curved};
use super::sum::added_up;
use crate::Real;
use crate::op::scalar::{LeftOf, Partials, Scalar};
use crate::op::table::parameter;
use crate::op::{self, Corner, Op, Sides, for_each_op};
use crate::tape::apart::{self, Met};
use std::panic::Location;

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
        impl<F: Real> Var<F> {
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

        impl<F: Real> Scalar<F> for Var<F> where F: LeftOf<Var<F>> {
            $(
                #[inline(always)]
                #[track_caller]
                fn $unary(self $(, $param: parameter!(type $kind, F))*) -> Self {
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
            type Mask = Mask<F>;
            const ZERO: Self = Var::ZERO;
            const ONE: Self = Var::ONE;
            #[inline(always)]
            fn value(self) -> F {
                self.value
            }
            #[inline(always)]
            fn sin_cos(self) -> (Self, Self) {
                self.sin_cos()
            }
            #[inline(always)]
            #[track_caller]
            fn mul_add(self, factor: impl Into<Self>, term: impl Into<Self>) -> Self {
                self.mul_add(factor, term)
            }
            #[inline(always)]
            fn above(self, bound: impl Into<Self>) -> Mask<F> {
                self.above(bound)
            }
            #[inline(always)]
            fn below(self, bound: impl Into<Self>) -> Mask<F> {
                self.below(bound)
            }
            #[inline(always)]
            #[track_caller]
            fn select(mask: Mask<F>, yes: Self, no: Self) -> Self {
                Self::select(mask, yes, no)
            }
            #[inline(always)]
            #[track_caller]
            fn select_with(
                mask: Mask<F>,
                yes: impl FnOnce() -> Self,
                no: impl FnOnce() -> Self,
            ) -> Self {
                Self::select_with(mask, yes, no)
            }
            #[inline(always)]
            #[track_caller]
            fn total(terms: impl Iterator<Item = Self>) -> Self {
                added_up::<true, F>(terms)
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
            fn quantile_of(xs: &[Self], level: F) -> Self {
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
            fn custom<const N: usize>(
                name: &'static str,
                args: [Self; N],
                rule: impl FnOnce([F; N]) -> (F, [F; N]),
            ) -> Self {
                Self::custom(name, args, rule)
            }
            #[track_caller]
            fn custom_pieces(
                name: &'static str,
                x: Self,
                at: F,
                left: impl Fn(F) -> (F, F),
                right: impl Fn(F) -> (F, F),
            ) -> Self {
                Self::custom_pieces(name, x, at, left, right)
            }
            #[track_caller]
            fn custom_slice(
                name: &'static str,
                args: &[Self],
                rule: impl FnOnce(&[F]) -> (F, Partials<F>),
            ) -> Self {
                Self::custom_slice(name, args, rule)
            }
        }
    };
}
for_each_op!(emit_methods);

impl<F: Real> Var<F> {
    /// Sine and cosine together; see [`Scalar::sin_cos`].
    #[inline(always)]
    pub fn sin_cos(self) -> (Self, Self) {
        note_curved(&[self], itself);
        let (sin, cos) = self.value.sin_cos();
        (self.chained(sin, cos), self.chained(cos, -sin))
    }

    /// `self · factor + term`, rounded once; see [`Scalar::mul_add`].
    #[inline(always)]
    #[track_caller]
    pub fn mul_add(self, factor: impl Into<Self>, term: impl Into<Self>) -> Self {
        let (factor, term) = (factor.into(), term.into());
        let value = self.value.mul_add(factor.value, term.value);
        (self * factor + term).shifted(value)
    }

    /// A function of your own; see [`Scalar::custom`].
    #[inline(always)]
    #[track_caller]
    pub fn custom<const N: usize>(
        name: &'static str,
        args: [Self; N],
        rule: impl FnOnce([F; N]) -> (F, [F; N]),
    ) -> Self {
        Self::custom_slice(name, &args, |_| {
            let (value, partials) = rule(args.map(|x| x.value));
            (value, Partials::from(partials))
        })
    }

    /// A function of your own of two pieces; see
    /// [`Scalar::custom_pieces`](crate::Scalar::custom_pieces).
    #[track_caller]
    pub fn custom_pieces(
        name: &'static str,
        x: Self,
        at: F,
        left: impl Fn(F) -> (F, F),
        right: impl Fn(F) -> (F, F),
    ) -> Self {
        note_curved(&[x], itself);
        let below = x.value < at;
        let (value, slope) = if below { left(x.value) } else { right(x.value) };
        let met = x.value == at;
        if x.is_constant() || !(met || x.recording.is_watched()) {
            return Self::custom(name, [x], |_| (value, [slope]));
        }
        let (_, other) = if below { right(at) } else { left(at) };
        let [left, right] = if below { [slope, other] } else { [other, slope] };
        let sides = Sides { left: left.to_double(), right: right.to_double() };
        if !(value.is_finite() && left.is_finite() && right.is_finite()) {
            return Self::custom(name, [x], |_| (value, [slope]));
        }
        let distance = if met { 0.0 } else { (x.value - at).to_double() };
        let (op, corner) = (Op::Custom(name), Corner::Sides(sides));
        let met = Met::plain(op, corner, distance, Location::caller());
        match apart::near_or_far(&[x], met, &[slope.to_double()]) {
            Ok(index) => Self::statement(value, index, x.recording),
            Err(misuse) => misuse.panic(),
        }
    }
}
