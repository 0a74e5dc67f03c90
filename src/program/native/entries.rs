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

/// What an entry, its slope or its kinks are as instructions.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Recipe {
    Abs,
    SlopeOfAbs,
    Sqrt,
    SlopeOfSqrt,
    Recip,
    SlopeOfRecip,
    Relu,
    SlopeOfRelu,
    /// It is the value.
    SlopeOfExp,
    Floor,
    Ceil,
    Trunc,
    Powi(i32),
    SlopeOfPowi(i32),
    /// The greater of two, or the lesser.
    Extreme {
        greater: bool,
        tie: Tie,
    },
    /// Its slope by the one that has to be the greater to be taken, and the slope at a tie.
    SlopeOfExtreme {
        first: bool,
        tied: f64,
    },
    /// Whether the argument is 0, or both are equal.
    Kink,
}

/// What an operation is as instructions. `None` of one that is no entry, or one for which a function is called.
fn recipe(operation: Operation) -> Option<Recipe> {
    use UnaryKind::*;
    Some(match operation {
        Operation::Unary(Abs {}) => Recipe::Abs,
        Operation::Unary(Sqrt {}) => Recipe::Sqrt,
        Operation::Unary(Recip {}) => Recipe::Recip,
        Operation::Unary(Relu {}) => Recipe::Relu,
        Operation::Unary(Floor {}) if rounds() => Recipe::Floor,
        Operation::Unary(Ceil {}) if rounds() => Recipe::Ceil,
        Operation::Unary(Trunc {}) if rounds() => Recipe::Trunc,
        Operation::Unary(Powi { n }) if (1..=5).contains(&n) => Recipe::Powi(n),
        Operation::UnarySlope(Abs {}) => Recipe::SlopeOfAbs,
        Operation::UnarySlope(Sqrt {}) => Recipe::SlopeOfSqrt,
        Operation::UnarySlope(Recip {}) => Recipe::SlopeOfRecip,
        Operation::UnarySlope(Relu {}) => Recipe::SlopeOfRelu,
        Operation::UnarySlope(Exp {}) => Recipe::SlopeOfExp,
        Operation::UnarySlope(Powi { n }) if (2..=5).contains(&n) => Recipe::SlopeOfPowi(n),
        Operation::UnaryKink(Abs {} | Relu {}) => Recipe::Kink,
        Operation::Binary(kind) => Recipe::Extreme { greater: is_max(kind)?, tie: tie(kind)? },
        Operation::BinarySlope { kind, side, alone } => {
            tie(kind)?;
            let first = is_max(kind)? == (side == Side::First);
            Recipe::SlopeOfExtreme { first, tied: if alone { 0.0 } else { 0.5 } }
        }
        Operation::BinaryKink(kind) => tie(kind).map(|_| Recipe::Kink)?,
        _ => return None,
    })
}

/// Whether an entry, its slope or its kinks are instructions.
pub(super) fn is_entry(operation: Operation) -> bool {
    recipe(operation).is_some()
}

/// Of the greater and the lesser of two, whether it is the greater. `None` of all else.
fn is_max(kind: BinaryKind) -> Option<bool> {
    match kind {
        BinaryKind::Max => Some(true),
        BinaryKind::Min => Some(false),
        _ => None,
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
fn tie(kind: BinaryKind) -> Option<Tie> {
    is_max(kind)?;
    let of = |args: [f64; 2]| evaluate(Operation::Binary(kind), &black_box(args));
    let negative = [of([-0.0, 0.0])?, of([0.0, -0.0])?].map(f64::is_sign_negative);
    match negative {
        [true, false] => Some(Tie::First),
        [false, true] => Some(Tie::Second),
        [true, true] | [false, false] => None,
    }
}

impl Emitter<'_, '_> {
    /// What an entry gives, its slope, or whether it has a kink there: a flag, or a mask of each lane.
    pub(super) fn of_entry(&mut self, operation: Operation, args: &[Value], pair: bool) -> Value {
        let Some(recipe) = recipe(operation) else {
            unreachable!("{operation:?} is instructions");
        };
        let x = args[0];
        match recipe {
            Recipe::Abs => self.b.ins().fabs(x),
            Recipe::Sqrt => self.b.ins().sqrt(x),
            Recipe::Floor => self.b.ins().floor(x),
            Recipe::Ceil => self.b.ins().ceil(x),
            Recipe::Trunc => self.b.ins().trunc(x),
            Recipe::Recip => {
                let one = self.constant(1.0, pair);
                self.b.ins().fdiv(one, x)
            }
            Recipe::Relu => {
                let zero = self.constant(0.0, pair);
                let flag = self.compare(FloatCC::LessThanOrEqual, x, zero);
                self.choose(flag, zero, x)
            }
            Recipe::Powi(n) => self.power(x, n, pair),
            Recipe::SlopeOfExp => args[1],
            Recipe::SlopeOfSqrt => {
                let half = self.constant(0.5, pair);
                let size = self.b.ins().fabs(args[1]);
                self.b.ins().fdiv(half, size)
            }
            Recipe::SlopeOfRecip => {
                let square = self.b.ins().fmul(args[1], args[1]);
                self.b.ins().fneg(square)
            }
            Recipe::SlopeOfAbs => {
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
            Recipe::SlopeOfRelu => {
                self.odd_if_nan(x, x);
                let [one, zero] = [1.0, 0.0].map(|x| self.constant(x, pair));
                let flag = self.compare(FloatCC::GreaterThan, x, zero);
                self.choose(flag, one, zero)
            }
            Recipe::SlopeOfPowi(n) => {
                let factor = self.constant(f64::from(n), pair);
                let first = self.b.ins().fmul(factor, x);
                let rest = self.power(x, n - 2, pair);
                self.b.ins().fmul(first, rest)
            }
            Recipe::Extreme { greater, tie } => {
                let b = args[1];
                self.odd_if_nan(x, b);
                let first = match (greater, tie) {
                    (true, Tie::First) => FloatCC::GreaterThanOrEqual,
                    (true, Tie::Second) => FloatCC::GreaterThan,
                    (false, Tie::First) => FloatCC::LessThanOrEqual,
                    (false, Tie::Second) => FloatCC::LessThan,
                };
                let flag = self.compare(first, x, b);
                self.choose(flag, x, b)
            }
            Recipe::SlopeOfExtreme { first, tied } => {
                let b = args[1];
                self.odd_if_nan(x, b);
                let wins = if first { FloatCC::GreaterThan } else { FloatCC::LessThan };
                let [one, zero] = [1.0, 0.0].map(|x| self.constant(x, pair));
                let share = self.constant(tied, pair);
                let wins = self.compare(wins, x, b);
                let slope = self.choose(wins, one, zero);
                let flag = self.compare(FloatCC::Equal, x, b);
                self.choose(flag, share, slope)
            }
            Recipe::Kink => {
                let other = args.get(1).copied();
                let other = other.unwrap_or_else(|| self.constant(0.0, pair));
                self.compare(FloatCC::Equal, x, other)
            }
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
