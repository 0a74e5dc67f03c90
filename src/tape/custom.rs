//! Functions of the user's own that have kinks.

use super::apart::{self, Met};
use super::nary::note_curved;
use super::var::Var;
use crate::Real;
use crate::op::{Corner, Op, Sides};
use std::panic::Location;

impl<F: Real> Var<F> {
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
        note_curved(&[x]);
        let below = x.value < at;
        let (value, slope) = if below { left(x.value) } else { right(x.value) };
        let met = x.value == at;
        if x.is_constant() || !(met || x.number.is_watched()) {
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
            Ok(index) => Self::statement(value, index, x.number),
            Err(misuse) => misuse.panic(),
        }
    }
}
