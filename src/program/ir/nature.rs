//! What is true of each operation of a program, whatever its arguments are.
//!
//! Each of these functions lists every operation, so that a new one does not compile until all of them say what it is.
//! Whoever decides something about any operation asks here; elsewhere an operation is only looked for.

use crate::program::ir::operation::{Gate, Operation, Reduction};

/// How many arguments an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ArgumentCount {
    Exactly(usize),
    Least(usize),
    Pairs,
    /// One, and pairs.
    OneAndPairs,
}

/// Where the value of a node comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Provenance {
    /// It stands in the program.
    Constant(f64),
    /// A parameter, by its place.
    Parameter(u32),
    /// One of `len` parameters from `base` on, which the row chooses.
    Chosen { base: u32, len: u32 },
    /// A column of the data.
    Column(u32),
    /// How many rows there are.
    Rows,
    /// All rows.
    Reduction(Reduction),
    /// Its arguments.
    Arguments,
}

/// What the first argument has to be.
#[cfg(feature = "serde")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstArgument {
    /// Any number, if there is an argument.
    Number,
    /// 0, or a whole number above.
    Condition,
    /// A number for each row.
    OfRows,
}

/// How a program that is compiled computes an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Execution {
    /// It is there before anything is computed.
    Given,
    /// It takes the one of `len` parameters from `base` on that an index says.
    Gather { base: u32, len: u32 },
    /// It makes sure that an index is below `len`.
    Within { len: u32 },
    /// From a number of each argument one number.
    Map,
    /// The terms of a sum may be spread over several steps.
    Sum,
    /// The same of a sum of products.
    Products,
    /// At the end of a pass over the rows.
    Reduction,
    /// It stands for derivatives to come, and is another operation when none come.
    Lowered,
}

impl Operation {
    fn count(self) -> ArgumentCount {
        use ArgumentCount::{Exactly, Least};
        use Operation::*;
        match self {
            Constant(_) | Parameter(_) | Column(_) | Rows => Exactly(0),
            Gather { .. } | Within { .. } => Exactly(1),
            Neg | Unary(_) | UnaryKink(_) | Detach | Reduce(_) => Exactly(1),
            Add | Sub | Mul | Div | Rem | RemSlope | Chain(_) | UnarySlope(_) => Exactly(2),
            Binary(_) | BinaryKink(_) | Above | AtLeast | Equal | ExpShift => Exactly(2),
            BinarySlope { .. } => Exactly(3),
            MulAdd | ProductPlus | Select | NormSlope | Share(_) => Exactly(3),
            Many(kind) => kind.arity().map_or(Least(1), Exactly),
            Sum | MaxOf | Norm => Least(1),
            NormScale | NormRoot => Least(2),
            LogSumExp => Least(3),
            Dot | FusedDot | ChainDot(_) => ArgumentCount::Pairs,
            LogSum => ArgumentCount::OneAndPairs,
        }
    }

    /// How many arguments it takes; `None` of a list.
    pub(crate) fn arity(self) -> Option<usize> {
        match self.count() {
            ArgumentCount::Exactly(count) => Some(count),
            ArgumentCount::Least(_) | ArgumentCount::Pairs | ArgumentCount::OneAndPairs => None,
        }
    }

    /// Whether it takes so many arguments.
    #[cfg(feature = "serde")]
    pub(crate) fn takes(self, found: usize) -> bool {
        match self.count() {
            ArgumentCount::Exactly(count) => found == count,
            ArgumentCount::Least(least) => found >= least,
            ArgumentCount::Pairs => found >= 2 && found.is_multiple_of(2),
            ArgumentCount::OneAndPairs => found >= 3 && !found.is_multiple_of(2),
        }
    }

    /// Where its value comes from.
    #[inline(always)]
    pub(crate) fn provenance(self) -> Provenance {
        use Operation::*;
        match self {
            Constant(bits) => Provenance::Constant(bits.into()),
            Parameter(place) => Provenance::Parameter(place),
            Gather { base, len } => Provenance::Chosen { base, len },
            Column(place) => Provenance::Column(place),
            Rows => Provenance::Rows,
            Reduce(reduction) => Provenance::Reduction(reduction),
            Within { .. } | BinarySlope { .. } => Provenance::Arguments,
            Neg | Add | Sub | Mul | Div | Rem | RemSlope | MulAdd | ProductPlus => {
                Provenance::Arguments
            }
            Chain(_) | Unary(_) | UnarySlope(_) | UnaryKink(_) => Provenance::Arguments,
            Binary(_) | BinaryKink(_) | Many(_) => Provenance::Arguments,
            Above | AtLeast | Equal | Select | Detach => Provenance::Arguments,
            Sum | Dot | FusedDot | ChainDot(_) | MaxOf => Provenance::Arguments,
            Norm | NormScale | NormRoot | NormSlope => Provenance::Arguments,
            ExpShift | Share(_) | LogSum | LogSumExp => Provenance::Arguments,
        }
    }

    /// Which factors stop its products, if these are of derivatives.
    #[inline]
    pub(crate) fn gate(self) -> Option<Gate> {
        use Operation::*;
        match self {
            Chain(gate) | ChainDot(gate) => Some(gate),
            Constant(_) | Parameter(_) | Column(_) | Rows | Reduce(_) | Detach => None,
            Gather { .. } | Within { .. } | BinarySlope { .. } => None,
            Neg | Add | Sub | Mul | Div | Rem | RemSlope | MulAdd | ProductPlus => None,
            Unary(_) | UnarySlope(_) | UnaryKink(_) => None,
            Binary(_) | BinaryKink(_) | Many(_) => None,
            Above | AtLeast | Equal | Select | Sum | Dot | FusedDot | MaxOf => None,
            Norm | NormScale | NormRoot | NormSlope => None,
            ExpShift | Share(_) | LogSum | LogSumExp => None,
        }
    }

    /// How a program that is compiled computes it.
    pub(crate) fn execution(self) -> Execution {
        use Operation::*;
        match self {
            Constant(_) | Parameter(_) | Column(_) | Rows => Execution::Given,
            Gather { base, len } => Execution::Gather { base, len },
            Within { len } => Execution::Within { len },
            Reduce(_) => Execution::Reduction,
            Sum => Execution::Sum,
            Dot | FusedDot | ChainDot(_) => Execution::Products,
            Share(_) | LogSum => Execution::Lowered,
            BinarySlope { .. } => Execution::Map,
            Neg | Add | Sub | Mul | Div | Rem | RemSlope | MulAdd | ProductPlus => Execution::Map,
            Chain(_) | Unary(_) | UnarySlope(_) | UnaryKink(_) => Execution::Map,
            Binary(_) | BinaryKink(_) | Many(_) => Execution::Map,
            Above | AtLeast | Equal | Select | Detach | MaxOf => Execution::Map,
            Norm | NormScale | NormRoot | NormSlope | ExpShift | LogSumExp => Execution::Map,
        }
    }

    /// Whether it is made when a program is compiled, and is in none that was recorded.
    #[cfg(feature = "serde")]
    pub(crate) fn is_compiled(self) -> bool {
        use Operation::*;
        match self {
            Dot | FusedDot | ChainDot(_) | ProductPlus => true,
            Constant(_) | Parameter(_) | Column(_) | Rows | Reduce(_) | Detach => false,
            Gather { .. } | Within { .. } | BinarySlope { .. } => false,
            Neg | Add | Sub | Mul | Div | Rem | RemSlope | MulAdd | Chain(_) => false,
            Unary(_) | UnarySlope(_) | UnaryKink(_) => false,
            Binary(_) | BinaryKink(_) | Many(_) => false,
            Above | AtLeast | Equal | Select | Sum | MaxOf => false,
            Norm | NormScale | NormRoot | NormSlope => false,
            ExpShift | Share(_) | LogSum | LogSumExp => false,
        }
    }

    /// What its first argument has to be.
    #[cfg(feature = "serde")]
    pub(crate) fn wanted(self) -> FirstArgument {
        use Operation::*;
        match self {
            Select => FirstArgument::Condition,
            Gather { .. } | Within { .. } => FirstArgument::OfRows,
            Reduce(_) => FirstArgument::OfRows,
            BinarySlope { .. } => FirstArgument::Number,
            Constant(_) | Parameter(_) | Column(_) | Rows | Detach => FirstArgument::Number,
            Neg | Add | Sub | Mul | Div | Rem | RemSlope | MulAdd | ProductPlus => {
                FirstArgument::Number
            }
            Chain(_) | Unary(_) | UnarySlope(_) | UnaryKink(_) => FirstArgument::Number,
            Binary(_) | BinaryKink(_) | Many(_) => FirstArgument::Number,
            Above | AtLeast | Equal | Sum | Dot | FusedDot | ChainDot(_) | MaxOf => {
                FirstArgument::Number
            }
            Norm | NormScale | NormRoot | NormSlope => FirstArgument::Number,
            ExpShift | Share(_) | LogSum | LogSumExp => FirstArgument::Number,
        }
    }

    /// Whether it gives 1 or 0 for a condition.
    pub(crate) fn is_mask(self) -> bool {
        use Operation::*;
        match self {
            Above | AtLeast | Equal | UnaryKink(_) | BinaryKink(_) => true,
            Constant(_) | Parameter(_) | Column(_) | Rows | Reduce(_) | Detach => false,
            Gather { .. } | Within { .. } | BinarySlope { .. } => false,
            Neg | Add | Sub | Mul | Div | Rem | RemSlope | MulAdd | ProductPlus => false,
            Chain(_) | Unary(_) | UnarySlope(_) | Binary(_) | Many(_) => false,
            Select | Sum | Dot | FusedDot | ChainDot(_) | MaxOf => false,
            Norm | NormScale | NormRoot | NormSlope => false,
            ExpShift | Share(_) | LogSum | LogSumExp => false,
        }
    }

    /// Whether it counts as a constant, whatever its arguments do.
    pub(crate) fn is_still(self) -> bool {
        use Operation::*;
        match self {
            Detach | Above | AtLeast | Equal | UnaryKink(_) | BinaryKink(_) => true,
            Constant(_) | Parameter(_) | Column(_) | Rows | Reduce(_) => false,
            Gather { .. } | Within { .. } | BinarySlope { .. } => false,
            Neg | Add | Sub | Mul | Div | Rem | RemSlope | MulAdd | ProductPlus => false,
            Chain(_) | Unary(_) | UnarySlope(_) | Binary(_) | Many(_) => false,
            Select | Sum | Dot | FusedDot | ChainDot(_) | MaxOf => false,
            Norm | NormScale | NormRoot | NormSlope => false,
            ExpShift | Share(_) | LogSum | LogSumExp => false,
        }
    }

    /// Whether a NaN among its arguments comes out, whatever the others are, or is of an argument that is
    /// not taken.
    pub(crate) fn passes_nan(self) -> bool {
        use Operation::*;
        match self {
            Neg | Add | Sub | Mul | Div | Rem | MulAdd | ProductPlus | Chain(_) => true,
            Select | Sum | Dot | FusedDot | ChainDot(_) | Detach | Reduce(_) => true,
            Constant(_) | Parameter(_) | Column(_) | Rows => false,
            Gather { .. } | Within { .. } | BinarySlope { .. } => false,
            RemSlope | Unary(_) | UnarySlope(_) | UnaryKink(_) => false,
            Binary(_) | BinaryKink(_) | Many(_) => false,
            Above | AtLeast | Equal | MaxOf => false,
            Norm | NormScale | NormRoot | NormSlope => false,
            ExpShift | Share(_) | LogSum | LogSumExp => false,
        }
    }

    /// Whether its two arguments can change places.
    #[inline]
    pub(crate) fn is_commutative(self) -> bool {
        use Operation::*;
        match self {
            Add | Mul | Equal => true,
            Constant(_) | Parameter(_) | Column(_) | Rows | Reduce(_) | Detach => false,
            Gather { .. } | Within { .. } | BinarySlope { .. } => false,
            Neg | Sub | Div | Rem | RemSlope | MulAdd | ProductPlus | Chain(_) => false,
            Unary(_) | UnarySlope(_) | UnaryKink(_) => false,
            Binary(_) | BinaryKink(_) | Many(_) => false,
            Above | AtLeast | Select | Sum | Dot | FusedDot | ChainDot(_) | MaxOf => false,
            Norm | NormScale | NormRoot | NormSlope => false,
            ExpShift | Share(_) | LogSum | LogSumExp => false,
        }
    }
}
