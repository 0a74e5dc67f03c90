//! Entries of the table that are a few instructions.
//!
//! Where an argument is NaN, and what comes out is no matter of arithmetic, the run counts as odd: the
//! interpreter does it again.

use super::emit::Emitter;
use crate::program::ir::entries::{BinaryKind, UnaryKind};
use crate::program::ir::operation::{Operation, Side, evaluate};
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Value};
use std::hint::black_box;

/// Which of two equal numbers the greater or the lesser of them is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Tie {
    First,
    Second,
}

/// Whether an entry of one argument, its slope or its kinks are instructions.
pub(super) fn is_entry(operation: Operation) -> bool {
    use UnaryKind::*;
    match operation {
        Operation::Unary(Abs {} | Sqrt {} | Recip {} | Relu {}) => true,
        Operation::Unary(Floor {} | Ceil {} | Trunc {}) => rounds(),
        Operation::UnarySlope(Abs {} | Sqrt {} | Recip {} | Relu {} | Exp {}) => true,
        Operation::UnaryKink(Abs {} | Relu {}) => true,
        Operation::Unary(Powi { n }) => (1..=5).contains(&n),
        Operation::UnarySlope(Powi { n }) => (2..=5).contains(&n),
        _ => false,
    }
}

/// Whether rounding to a whole number is an instruction.
fn rounds() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("sse4.1");
    #[cfg(not(target_arch = "x86_64"))]
    return true;
}

/// What the greater and the lesser of two are at a tie, where zeros of both signs tell: the processor's
/// own instruction decides. `None` of what is no choice between two, or follows the signs.
pub(super) fn tie(kind: BinaryKind) -> Option<Tie> {
    if !matches!(kind, BinaryKind::Max | BinaryKind::Min) {
        return None;
    }
    let of = |args: [f64; 2]| evaluate(Operation::Binary(kind), &black_box(args));
    let negative = [of([-0.0, 0.0])?, of([0.0, -0.0])?].map(f64::is_sign_negative);
    match negative {
        [true, false] => Some(Tie::First),
        [false, true] => Some(Tie::Second),
        _ => None,
    }
}

impl Emitter<'_, '_> {
    /// What an entry gives.
    pub(super) fn of_entry(&mut self, operation: Operation, args: &[Value], pair: bool) -> Value {
        match (operation, args) {
            (Operation::Unary(kind), &[x]) => self.value_of(kind, x, pair),
            (Operation::UnarySlope(kind), &[x, y]) => self.slope_of(kind, x, y, pair),
            (Operation::Binary(kind), &[a, b]) => {
                self.odd_if_nan(a, b);
                let first = match (kind, tie(kind)) {
                    (BinaryKind::Max, Some(Tie::First)) => FloatCC::GreaterThanOrEqual,
                    (BinaryKind::Max, _) => FloatCC::GreaterThan,
                    (_, Some(Tie::First)) => FloatCC::LessThanOrEqual,
                    _ => FloatCC::LessThan,
                };
                let flag = self.compare(first, a, b);
                self.choose(flag, a, b)
            }
            (Operation::BinarySlope { kind, side, alone }, &[a, b, _]) => {
                self.odd_if_nan(a, b);
                let first_is_greater = (kind == BinaryKind::Max) == (side == Side::First);
                let wins = if first_is_greater { FloatCC::GreaterThan } else { FloatCC::LessThan };
                let [one, zero] = [1.0, 0.0].map(|x| self.constant(x, pair));
                let share = self.constant(if alone { 0.0 } else { 0.5 }, pair);
                let wins = self.compare(wins, a, b);
                let slope = self.choose(wins, one, zero);
                let tied = self.compare(FloatCC::Equal, a, b);
                self.choose(tied, share, slope)
            }
            _ => unreachable!("an operation that is instructions"),
        }
    }

    fn value_of(&mut self, kind: UnaryKind, x: Value, pair: bool) -> Value {
        match kind {
            UnaryKind::Abs {} => self.b.ins().fabs(x),
            UnaryKind::Sqrt {} => self.b.ins().sqrt(x),
            UnaryKind::Floor {} => self.b.ins().floor(x),
            UnaryKind::Ceil {} => self.b.ins().ceil(x),
            UnaryKind::Trunc {} => self.b.ins().trunc(x),
            UnaryKind::Recip {} => {
                let one = self.constant(1.0, pair);
                self.b.ins().fdiv(one, x)
            }
            UnaryKind::Relu {} => {
                let zero = self.constant(0.0, pair);
                let flag = self.compare(FloatCC::LessThanOrEqual, x, zero);
                self.choose(flag, zero, x)
            }
            UnaryKind::Powi { n } => self.power(x, n, pair),
            _ => unreachable!("an entry that is instructions"),
        }
    }

    fn slope_of(&mut self, kind: UnaryKind, x: Value, y: Value, pair: bool) -> Value {
        match kind {
            UnaryKind::Exp {} => y,
            UnaryKind::Sqrt {} => {
                let half = self.constant(0.5, pair);
                let size = self.b.ins().fabs(y);
                self.b.ins().fdiv(half, size)
            }
            UnaryKind::Recip {} => {
                let square = self.b.ins().fmul(y, y);
                self.b.ins().fneg(square)
            }
            UnaryKind::Abs {} => {
                self.odd_if_nan(x, x);
                let [one, zero] = [1.0, 0.0].map(|x| self.constant(x, pair));
                let sign = if pair {
                    let sign = self.constant(-0.0, pair);
                    let sign = self.b.ins().band(x, sign);
                    self.b.ins().bor(sign, one)
                } else {
                    self.b.ins().fcopysign(one, x)
                };
                let flag = self.compare(FloatCC::Equal, x, zero);
                self.choose(flag, zero, sign)
            }
            UnaryKind::Relu {} => {
                self.odd_if_nan(x, x);
                let [one, zero] = [1.0, 0.0].map(|x| self.constant(x, pair));
                let flag = self.compare(FloatCC::GreaterThan, x, zero);
                self.choose(flag, one, zero)
            }
            UnaryKind::Powi { n } => {
                let factor = self.constant(f64::from(n), pair);
                let first = self.b.ins().fmul(factor, x);
                let rest = self.power(x, n - 2, pair);
                self.b.ins().fmul(first, rest)
            }
            _ => unreachable!("an entry that is instructions"),
        }
    }

    /// An integer power, multiplied out as the table does it.
    fn power(&mut self, x: Value, n: i32, pair: bool) -> Value {
        let square = self.b.ins().fmul(x, x);
        match n {
            0 => self.constant(1.0, pair),
            1 => x,
            2 => square,
            3 => self.b.ins().fmul(x, square),
            4 => self.b.ins().fmul(square, square),
            _ => {
                let fourth = self.b.ins().fmul(square, square);
                self.b.ins().fmul(x, fourth)
            }
        }
    }

    fn odd_if_nan(&mut self, a: Value, b: Value) {
        let flag = self.compare(FloatCC::Unordered, a, b);
        self.odd.note(&mut self.b, flag);
    }
}
