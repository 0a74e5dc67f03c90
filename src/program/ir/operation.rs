//! What a node of a program computes: the operations, and their meaning for single numbers.
//!
//! [`evaluate`] is the definition. The block interpreter computes the same bits, many rows at a time.

use crate::op::nary;
use crate::op::{Binary, Corner, Many, Unary, arithmetic, vector};
use crate::program::ir::entries::{
    BinaryKind, Bits, ManyKind, UnaryKind, VisitBinary, VisitMany, VisitUnary,
};

/// Which argument of an entry of two a slope is by.
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

/// How a share is computed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) enum Division {
    /// Rounded once.
    Quotient,
    /// By the reciprocal of the total, which all shares of it have in common.
    Reciprocal,
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
    /// An entry of one argument.
    Unary(UnaryKind),
    /// Its slope, from argument and value.
    UnarySlope(UnaryKind),
    /// An entry of two arguments.
    Binary(BinaryKind),
    /// Its slope by one of them, from both and the value; `alone` if the other does not vary with
    /// the parameters, which matters at a tie.
    BinarySlope {
        kind: BinaryKind,
        side: Side,
        alone: bool,
    },
    /// An entry of three arguments, or of a list.
    Many(ManyKind),
    /// Whether an entry of one argument has a kink there: 1 or 0.
    UnaryKink(UnaryKind),
    /// Whether an entry of two arguments has a kink there.
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
    /// What a norm, the first argument, of the others is divided by before it is squared and added up:
    /// see [`nary::Norm`].
    NormScale,
    /// The norm of what has been so divided.
    NormRoot,
    /// The slope of a norm, from one of its arguments, its scale and its root.
    NormSlope,
    /// `e^(x - m)` for `x ≤ m`; where `m` is infinite, whether `x` is it.
    ExpShift,
    /// A part of a total, from the part, the total, and what the others come to.
    Share(Division),
    /// `ln Σ e^xᵢ`, from the sum, the `xᵢ`, and the `e^xᵢ`, which may all be divided by one number.
    LogSum,
    /// The first argument, `ln Σ e^xᵢ` as the second, the greatest, and a logarithm make it; found another way from
    /// the others, the `xᵢ`, where it is near 0.
    LogSumExp,
    /// The first argument, as a constant.
    Detach,
    /// One number from all rows.
    Reduce(Reduction),
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

/// An entry's value.
#[inline(always)]
pub(crate) fn unary_value<O: Unary>(entry: O, x: f64) -> f64 {
    if x.abs() > O::REACH { entry.value(x) } else { entry.vector_value(x) }
}

/// An entry's slope with the default convention at kinks.
#[inline(always)]
pub(crate) fn unary_slope<O: Unary>(entry: O, x: f64, y: f64) -> f64 {
    match entry.kink(x) {
        Some(Corner::Sides(sides)) => sides.least(),
        Some(_) => 0.0,
        None if x.abs() > O::REACH => entry.slope(x, y),
        None => entry.vector_slope(x, y),
    }
}

/// An entry's slope by one argument with the default convention at kinks.
#[inline(always)]
pub(crate) fn binary_slope<O: Binary>(
    entry: O,
    side: Side,
    alone: bool,
    [a, b, y]: [f64; 3],
) -> f64 {
    if entry.kink(a, b).is_some() {
        return at_kink::<O>(alone);
    }
    match (side, entry.rare(a, b, y)) {
        (Side::First, false) => entry.vector_slope_a(a, b, y),
        (Side::First, true) => entry.slope_a(a, b, y),
        (Side::Second, false) => entry.vector_slope_b(a, b, y),
        (Side::Second, true) => entry.slope_b(a, b, y),
    }
}

/// The default convention where an entry of two arguments has a kink.
#[inline(always)]
pub(crate) fn at_kink<O: Binary>(alone: bool) -> f64 {
    if matches!(O::CORNER, Some(Corner::Tie { .. })) && !alone { 0.5 } else { 0.0 }
}

/// `e^(x - m)`; where `m` is infinite, whether `x` is it.
#[inline(always)]
pub(crate) fn exp_shift(x: f64, m: f64) -> f64 {
    if m.is_infinite() { mask(x == m) } else { nary::exp_below(x, m, vector::exp) }
}

/// The norm of these numbers, whose value is known.
#[inline(always)]
pub(crate) fn norm_of(
    norm: f64,
    xs: impl ExactSizeIterator<Item = f64> + Clone,
) -> nary::Norm<f64> {
    // Where the squares surely add up within the normal range, they need not be.
    if (1e-135..1e150).contains(&norm) {
        nary::Norm { scale: 1.0, root: norm }
    } else {
        nary::Norm::of(xs)
    }
}

/// The slope of a norm; 0 at the origin.
#[inline(always)]
pub(crate) fn norm_slope(x: f64, scale: f64, root: f64) -> f64 {
    if scale == 0.0 { 0.0 } else { nary::Norm { scale, root }.slope(x) }
}

/// The slope of `a % b` by `b`.
#[inline(always)]
pub(crate) fn rem_slope(a: f64, b: f64) -> f64 {
    arithmetic::rem(a, b).2
}

struct Value(f64);
impl VisitUnary for Value {
    type Output = f64;
    fn visit<O: Unary>(self, entry: O) -> f64 {
        unary_value(entry, self.0)
    }
}

struct Slope(f64, f64);
impl VisitUnary for Slope {
    type Output = f64;
    fn visit<O: Unary>(self, entry: O) -> f64 {
        unary_slope(entry, self.0, self.1)
    }
}

struct HasKink(f64);
impl VisitUnary for HasKink {
    type Output = bool;
    fn visit<O: Unary>(self, entry: O) -> bool {
        entry.kink(self.0).is_some()
    }
}

struct HasKink2(f64, f64);
impl VisitBinary for HasKink2 {
    type Output = bool;
    fn visit<O: Binary>(self, entry: O) -> bool {
        entry.kink(self.0, self.1).is_some()
    }
}

struct Value2(f64, f64);
impl VisitBinary for Value2 {
    type Output = f64;
    fn visit<O: Binary>(self, entry: O) -> f64 {
        entry.vector_value(self.0, self.1)
    }
}

struct Slope2(Side, bool, [f64; 3]);
impl VisitBinary for Slope2 {
    type Output = f64;
    fn visit<O: Binary>(self, entry: O) -> f64 {
        binary_slope(entry, self.0, self.1, self.2)
    }
}

struct ValueOfMany<'a>(&'a [f64]);
impl VisitMany for ValueOfMany<'_> {
    type Output = f64;
    fn visit<O: Many>(self, entry: O) -> f64 {
        entry.value(self.0)
    }
}

/// What an operation makes of numbers; `None` if that is not known from them alone.
pub(crate) fn evaluate(operation: Operation, args: &[f64]) -> Option<f64> {
    use Operation::*;
    let pairs = || args.as_chunks::<2>().0.iter();
    let numbers = |from: usize| args[from..].iter().copied();
    Some(match operation {
        Constant(bits) => bits.into(),
        Neg => -args[0],
        Add => args[0] + args[1],
        Sub => args[0] - args[1],
        Mul => args[0] * args[1],
        Div => args[0] / args[1],
        Rem => args[0] % args[1],
        RemSlope => rem_slope(args[0], args[1]),
        MulAdd => args[0].mul_add(args[1], args[2]),
        ProductPlus => args[0] * args[1] + args[2],
        Chain(gate) => chain(gate, args[0], args[1]),
        Unary(kind) => kind.visit(Value(args[0])),
        UnarySlope(kind) => kind.visit(Slope(args[0], args[1])),
        UnaryKink(kind) => mask(kind.visit(HasKink(args[0]))),
        Binary(kind) => kind.visit(Value2(args[0], args[1])),
        BinarySlope { kind, side, alone } => {
            kind.visit(Slope2(side, alone, [args[0], args[1], args[2]]))
        }
        BinaryKink(kind) => mask(kind.visit(HasKink2(args[0], args[1]))),
        Many(kind) => kind.visit(ValueOfMany(args)),
        Above => mask(args[0] > args[1]),
        AtLeast => mask(args[0] >= args[1]),
        Equal => mask(args[0] == args[1]),
        Select => args[if args[0] != 0.0 { 1 } else { 2 }],
        Sum => numbers(0).reduce(|sum, x| sum + x)?,
        Dot => pairs().map(|[a, b]| a * b).reduce(|sum, x| sum + x)?,
        FusedDot => {
            let (&[a, b], rest) = args.as_chunks::<2>().0.split_first()?;
            rest.iter().fold(a * b, |sum, &[a, b]| a.mul_add(b, sum))
        }
        ChainDot(gate) => pairs().map(|&[a, b]| chain(gate, a, b)).reduce(|sum, x| sum + x)?,
        MaxOf => nary::max(numbers(0)),
        Norm => nary::Norm::of(numbers(0)).value(),
        NormScale => norm_of(args[0], numbers(1)).scale,
        NormRoot => norm_of(args[0], numbers(1)).root,
        NormSlope => norm_slope(args[0], args[1], args[2]),
        ExpShift => exp_shift(args[0], args[1]),
        Share(Division::Quotient) => args[0] / args[1],
        Share(Division::Reciprocal) => args[0] * (1.0 / args[1]),
        LogSum => vector::ln(args[0]),
        LogSumExp => {
            nary::right_near_zero(nary::LogSum { value: args[0], most: args[1] }, numbers(2))
        }
        Detach | Within { .. } => args[0],
        Parameter(_) | Column(_) | Rows | Gather { .. } | Reduce(_) => return None,
    })
}
