//! The functions of the table as methods of [`Var2`], and [`Scalar`] for it.

use super::lists::inner;
use super::var::Var2;
use crate::dual::{Comparison, close};
use crate::op;
use crate::op::scalar::{Partials, Scalar, own_lists, own_methods, table_methods};
use crate::op::table::parameter;
use crate::tape::sum;
use crate::{Dual, Real};

impl<const N: usize, F: Real> Var2<N, F> {
    /// Sine and cosine together; see [`Scalar::sin_cos`].
    #[inline(always)]
    #[track_caller]
    pub fn sin_cos(self) -> (Self, Self) {
        let (sin, cos) = self.value().sin_cos();
        (self.sin().shifted(sin), self.cos().shifted(cos))
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

    /// `yes` where the mask holds, else `no`; see [`Scalar::select`].
    #[inline(always)]
    #[track_caller]
    pub fn select(mask: Comparison, yes: Self, no: Self) -> Self {
        Self::meet(&[yes, no]);
        Self::select_with(mask, || yes, || no)
    }

    /// [`Var2::select`] between two computations; see [`Scalar::select_with`].
    #[inline(always)]
    #[track_caller]
    pub fn select_with(
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

    /// The branch that is entered from a tie, if it meets the other there; else it is a jump. Nothing infinite
    /// enters from it, in its derivatives by any variable either.
    #[cold]
    fn entered(yes: Self, no: Self) -> Self {
        let meets = close(yes.value(), no.value());
        if meets && yes.has_finite_derivatives() { yes.shifted(no.value()) } else { no }
    }
}

/// The functions of the table; each is described at [`Scalar`].
impl<const N: usize, F: Real> Var2<N, F> {
    table_methods!(F);
}

macro_rules! scalar {
    ($F:ty) => {
        impl<const N: usize> Scalar<$F> for Var2<N, $F> {
            type Mask = Comparison;
            const ORDER: usize = 2;
            own_methods!($F);
            own_lists!($F);
            #[inline(always)]
            #[track_caller]
            fn total(terms: impl Iterator<Item = Self>) -> Self {
                Var2(sum::added_up::<true, Dual<N, $F>>(terms.map(inner)))
            }
        }
    };
}
scalar!(f64);
scalar!(f32);
