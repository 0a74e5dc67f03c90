//! What a node of a program computes: the operations, and their meaning for single numbers.
//!
//! [`evaluate`] is the definition. The block interpreter computes the same bits, many rows at a time.

use super::rows::{BinaryKind, Bits, UnaryKind, VisitBinary, VisitUnary};
use crate::nary;
use crate::op::{Binary, Corner, Unary, arithmetic, vector};

/// Which argument of a row of two a slope is by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Side {
    First,
    Second,
}

/// Which factor of a product of derivatives, where it is 0, lets nothing through.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Gate {
    /// The adjoint, which comes first. An infinite one stays what it is, so that it shows.
    First,
    /// A tangent, and the slope that it meets: what is not taken has no say.
    Either,
}

/// How the rows of a column become one number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Reduction {
    Sum,
    Max,
}

/// What a node computes from its arguments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Operation {
    Constant(Bits),
    /// A parameter, by its place.
    Parameter(u32),
    /// A column of the data.
    Column(u32),
    /// How many rows there are.
    Rows,
    /// The parameter at `base` + the argument, which is a whole number below `len`.
    Gather {
        base: u32,
        len: u32,
    },
    /// The argument, which is a whole number below `len`.
    Within {
        len: u32,
    },
    Neg,
    Add,
    Sub,
    Mul,
    Div,
    /// The remainder of truncated division.
    Rem,
    /// Its slope by the divisor.
    RemSlope,
    /// `a · b + c`, rounded once.
    MulAdd,
    /// `a · b + c`, rounded twice: a product and a sum in one pass over the rows.
    ProductPlus,
    /// A product of derivatives, of which a zero lets nothing through of an infinity or NaN.
    Chain(Gate),
    /// A row of one argument.
    Unary(UnaryKind),
    /// Its slope, from argument and value.
    UnarySlope(UnaryKind),
    /// A row of two arguments.
    Binary(BinaryKind),
    /// Its slope by one of them, from both and the value; `alone` if the other does not vary with
    /// the parameters, which matters at a tie.
    BinarySlope {
        kind: BinaryKind,
        side: Side,
        alone: bool,
    },
    /// Whether a row of one argument has a kink there: 1 or 0.
    UnaryKink(UnaryKind),
    /// Whether a row of two arguments has a kink there.
    BinaryKink(BinaryKind),
    /// Whether the first is greater: 1 or 0.
    Above,
    /// Whether the first is greater or equal.
    AtLeast,
    /// Whether both are equal.
    Equal,
    /// The second where the first is not 0, else the third.
    Select,
    /// The sum of four or more, one after the other.
    Sum,
    /// The sum of products of neighbours, one after the other.
    Dot,
    /// As [`Operation::Dot`], each product rounded once together with its addition.
    FusedDot,
    /// As [`Operation::Dot`], of derivatives and partials.
    ChainDot(Gate),
    /// The greatest of all.
    MaxOf,
    /// The Euclidean norm.
    Norm,
    /// Its slope, from one of its arguments and the value.
    NormSlope,
    /// `e^(x - m)`; where `m` is infinite, whether `x` is it.
    ExpShift,
    /// The first argument, as a constant.
    Detach,
    /// One number from all rows.
    Reduce(Reduction),
}

impl Operation {
    /// How many arguments it takes; `None` for any number of at least one.
    pub(crate) fn arity(self) -> Option<usize> {
        use Operation::*;
        Some(match self {
            Constant(_) | Parameter(_) | Column(_) | Rows => 0,
            Gather { .. } | Within { .. } | Neg | Unary(_) | UnaryKink(_) | Detach | Reduce(_) => 1,
            Add | Sub | Mul | Div | Rem | RemSlope | Chain(_) | UnarySlope(_) | Binary(_) => 2,
            BinaryKink(_) => 2,
            Above | AtLeast | Equal | NormSlope | ExpShift => 2,
            MulAdd | ProductPlus | BinarySlope { .. } | Select => 3,
            Sum | Dot | FusedDot | ChainDot(_) | MaxOf | Norm => return None,
        })
    }

    /// Whether it gives 1 or 0 for a condition.
    pub(crate) fn is_mask(self) -> bool {
        use Operation::*;
        matches!(self, Above | AtLeast | Equal | UnaryKink(_) | BinaryKink(_))
    }

    /// Whether its two arguments can change places.
    pub(crate) fn is_commutative(self) -> bool {
        matches!(self, Operation::Add | Operation::Mul | Operation::Equal)
    }
}

/// `a · b`, or 0 where that is NaN and a factor that the gate names is 0.
#[inline(always)]
pub(crate) fn chain(gate: Gate, a: f64, b: f64) -> f64 {
    let product = a * b;
    let shut = a == 0.0 || gate == Gate::Either && b == 0.0;
    if product.is_nan() && shut { 0.0 } else { product }
}

/// 1 or 0.
#[inline(always)]
pub(crate) fn mask(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// A row's value.
#[inline(always)]
pub(crate) fn unary_value<O: Unary>(row: O, x: f64) -> f64 {
    if x.abs() > O::REACH { row.value(x) } else { row.vector_value(x) }
}

/// A row's slope with the default convention at kinks.
#[inline(always)]
pub(crate) fn unary_slope<O: Unary>(row: O, x: f64, y: f64) -> f64 {
    match row.kink(x) {
        Some(Corner::Sides(sides)) => sides.least(),
        Some(_) => 0.0,
        None if x.abs() > O::REACH => row.slope(x, y),
        None => row.vector_slope(x, y),
    }
}

/// A row's slope by one argument with the default convention at kinks.
#[inline(always)]
pub(crate) fn binary_slope<O: Binary>(row: O, side: Side, alone: bool, [a, b, y]: [f64; 3]) -> f64 {
    if row.kink(a, b).is_some() {
        return at_kink::<O>(alone);
    }
    match (side, row.rare(a, b, y)) {
        (Side::First, false) => row.vector_slope_a(a, b, y),
        (Side::First, true) => row.slope_a(a, b, y),
        (Side::Second, false) => row.vector_slope_b(a, b, y),
        (Side::Second, true) => row.slope_b(a, b, y),
    }
}

/// The default convention where a row of two arguments has a kink.
#[inline(always)]
pub(crate) fn at_kink<O: Binary>(alone: bool) -> f64 {
    if matches!(O::CORNER, Some(Corner::Tie { .. })) && !alone { 0.5 } else { 0.0 }
}

/// `e^(x - m)`; where `m` is infinite, whether `x` is it.
#[inline(always)]
pub(crate) fn exp_shift(x: f64, m: f64) -> f64 {
    if m.is_infinite() { mask(x == m) } else { vector::exp(x - m) }
}

/// `x / norm`; 0 at the origin, the sign of what is infinite where the norm is.
#[inline(always)]
pub(crate) fn norm_slope(x: f64, norm: f64) -> f64 {
    if norm == 0.0 {
        0.0
    } else if norm.is_infinite() && x.is_infinite() {
        x.signum()
    } else {
        x / norm
    }
}

/// The slope of `a % b` by `b`.
#[inline(always)]
pub(crate) fn rem_slope(a: f64, b: f64) -> f64 {
    arithmetic::rem(a, b).2
}

struct Value(f64);
impl VisitUnary for Value {
    type Output = f64;
    fn visit<O: Unary>(self, row: O) -> f64 {
        unary_value(row, self.0)
    }
}

struct Slope(f64, f64);
impl VisitUnary for Slope {
    type Output = f64;
    fn visit<O: Unary>(self, row: O) -> f64 {
        unary_slope(row, self.0, self.1)
    }
}

struct Kink(f64);
impl VisitUnary for Kink {
    type Output = bool;
    fn visit<O: Unary>(self, row: O) -> bool {
        row.kink(self.0).is_some()
    }
}

struct Kink2(f64, f64);
impl VisitBinary for Kink2 {
    type Output = bool;
    fn visit<O: Binary>(self, row: O) -> bool {
        row.kink(self.0, self.1).is_some()
    }
}

struct Value2(f64, f64);
impl VisitBinary for Value2 {
    type Output = f64;
    fn visit<O: Binary>(self, row: O) -> f64 {
        row.vector_value(self.0, self.1)
    }
}

struct Slope2(Side, bool, [f64; 3]);
impl VisitBinary for Slope2 {
    type Output = f64;
    fn visit<O: Binary>(self, row: O) -> f64 {
        binary_slope(row, self.0, self.1, self.2)
    }
}

/// What an operation makes of numbers; `None` if that is not known from them alone.
pub(crate) fn evaluate(operation: Operation, args: &[f64]) -> Option<f64> {
    use Operation::*;
    let pairs = || args.as_chunks::<2>().0.iter();
    Some(match (operation, args) {
        (Constant(bits), []) => bits.into(),
        (Neg, &[x]) => -x,
        (Add, &[a, b]) => a + b,
        (Sub, &[a, b]) => a - b,
        (Mul, &[a, b]) => a * b,
        (Div, &[a, b]) => a / b,
        (Rem, &[a, b]) => a % b,
        (RemSlope, &[a, b]) => rem_slope(a, b),
        (MulAdd, &[a, b, c]) => a.mul_add(b, c),
        (ProductPlus, &[a, b, c]) => a * b + c,
        (Chain(gate), &[a, b]) => chain(gate, a, b),
        (Unary(kind), &[x]) => kind.visit(Value(x)),
        (UnarySlope(kind), &[x, y]) => kind.visit(Slope(x, y)),
        (Binary(kind), &[a, b]) => kind.visit(Value2(a, b)),
        (BinarySlope { kind, side, alone }, &[a, b, y]) => {
            kind.visit(Slope2(side, alone, [a, b, y]))
        }
        (UnaryKink(kind), &[x]) => mask(kind.visit(Kink(x))),
        (BinaryKink(kind), &[a, b]) => mask(kind.visit(Kink2(a, b))),
        (Above, &[a, b]) => mask(a > b),
        (AtLeast, &[a, b]) => mask(a >= b),
        (Equal, &[a, b]) => mask(a == b),
        (Select, &[condition, yes, no]) => {
            if condition != 0.0 {
                yes
            } else {
                no
            }
        }
        (Sum, _) => args.iter().copied().reduce(|sum, x| sum + x)?,
        (Dot, _) => pairs().map(|[a, b]| a * b).reduce(|sum, x| sum + x)?,
        (FusedDot, &[a, b, ref rest @ ..]) => {
            let rest = rest.as_chunks::<2>().0.iter();
            rest.fold(a * b, |sum, &[a, b]| a.mul_add(b, sum))
        }
        (ChainDot(gate), _) => pairs().map(|&[a, b]| chain(gate, a, b)).reduce(|sum, x| sum + x)?,
        (MaxOf, _) => nary::max(args.iter().copied()),
        (Norm, _) => nary::Norm::of(args.iter().copied()).value(),
        (NormSlope, &[x, norm]) => norm_slope(x, norm),
        (ExpShift, &[x, m]) => exp_shift(x, m),
        (Detach | Within { .. }, &[x]) => x,
        _ => return None,
    })
}
