//! The table's functions as methods of [`Var`], and [`Scalar`] for it.

use super::Var;
use super::mask::Mask;
use super::nary::{itself, note_curved};
use super::sum::added_up;
use crate::Real;
use crate::op::scalar::{LeftOf, Partials, Scalar, own_lists, own_methods, table_methods};
use crate::op::table::parameter;
use crate::op::{self, Corner, Op, Sides};
use crate::tape::var::apart::{self, Met};
use std::panic::Location;

/// The functions of the table; each is described at [`Scalar`].
impl<F: Real> Var<F> {
    table_methods!(F);
}

impl<F: Real> Scalar<F> for Var<F>
where
    F: LeftOf<Var<F>>,
{
    type Mask = Mask<F>;
    const ORDER: usize = 1;
    own_methods!(F);
    own_lists!(F);
    #[inline(always)]
    #[track_caller]
    fn total(terms: impl Iterator<Item = Self>) -> Self {
        added_up::<true, F>(terms)
    }
}

impl<F: Real> Var<F> {
    /// Sine and cosine together; see [`Scalar::sin_cos`].
    #[inline(always)]
    pub fn sin_cos(self) -> (Self, Self) {
        note_curved(&[self], itself);
        let (sin, cos) = self.value.sin_cos();
        (self.chained(sin, cos), self.chained(cos, -sin))
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
