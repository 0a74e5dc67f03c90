//! The library's own functions, as native code calls them.
//!
//! Each is the function that the interpreter computes for one number, so that the bits are the same.

use crate::op::{Binary, Unary};
use crate::program::ir::entries::{UnaryKind, VisitBinary, VisitUnary};
use crate::program::ir::operation::{
    Operation, Side, binary_slope, evaluate, unary_slope, unary_value,
};
use std::any::Any;

/// A function to call: its address, and what it is handed before its arguments.
pub(super) struct Kernel {
    pub(super) address: usize,
    /// An entry of the table with its parameters, or an operation.
    pub(super) entry: Box<dyn Any + Send + Sync>,
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kernel").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Kernel {
    /// The function of an operation of one to three arguments.
    pub(super) fn of(operation: Operation) -> Self {
        match operation {
            Operation::Unary(kind) => kind.visit(Value),
            Operation::UnarySlope(kind) => kind.visit(Slope),
            Operation::Binary(kind) => kind.visit(Value),
            Operation::BinarySlope { kind, side, alone } => kind.visit(SlopeBy(side, alone)),
            _ => {
                let address = match operation.arity() {
                    Some(1) => one as *const () as usize,
                    Some(2) => two as *const () as usize,
                    _ => three as *const () as usize,
                };
                Kernel { address, entry: Box::new(operation) }
            }
        }
    }
}

impl Kernel {
    /// Of two functions of one number: one is written where the caller says, the other returned.
    pub(super) fn of_both([written, returned]: [UnaryKind; 2]) -> Self {
        written.visit(Written(returned))
    }
}

struct Written(UnaryKind);

impl VisitUnary for Written {
    type Output = Kernel;
    fn visit<O: Unary>(self, entry: O) -> Kernel {
        self.0.visit(And(entry))
    }
}

struct And<O>(O);

impl<O: Unary> VisitUnary for And<O> {
    type Output = Kernel;
    fn visit<P: Unary>(self, entry: P) -> Kernel {
        extern "C" fn both<O: Unary, P: Unary>(
            (written, returned): &(O, P),
            to: &mut f64,
            x: f64,
        ) -> f64 {
            *to = unary_value(*written, x);
            unary_value(*returned, x)
        }
        let address = both::<O, P> as *const () as usize;
        Kernel { address, entry: Box::new((self.0, entry)) }
    }
}

struct Value;

impl VisitUnary for Value {
    type Output = Kernel;
    fn visit<O: Unary>(self, entry: O) -> Kernel {
        extern "C" fn value<O: Unary>(entry: &O, x: f64) -> f64 {
            unary_value(*entry, x)
        }
        Kernel { address: value::<O> as *const () as usize, entry: Box::new(entry) }
    }
}

impl VisitBinary for Value {
    type Output = Kernel;
    fn visit<O: Binary>(self, entry: O) -> Kernel {
        extern "C" fn value<O: Binary>(entry: &O, a: f64, b: f64) -> f64 {
            entry.vector_value(a, b)
        }
        Kernel { address: value::<O> as *const () as usize, entry: Box::new(entry) }
    }
}

struct Slope;

impl VisitUnary for Slope {
    type Output = Kernel;
    fn visit<O: Unary>(self, entry: O) -> Kernel {
        extern "C" fn slope<O: Unary>(entry: &O, x: f64, y: f64) -> f64 {
            unary_slope(*entry, x, y)
        }
        Kernel { address: slope::<O> as *const () as usize, entry: Box::new(entry) }
    }
}

struct SlopeBy(Side, bool);

impl VisitBinary for SlopeBy {
    type Output = Kernel;
    fn visit<O: Binary>(self, entry: O) -> Kernel {
        extern "C" fn slope<O: Binary>(
            (entry, side, alone): &(O, Side, bool),
            a: f64,
            b: f64,
            y: f64,
        ) -> f64 {
            binary_slope(*entry, *side, *alone, [a, b, y])
        }
        let SlopeBy(side, alone) = self;
        Kernel { address: slope::<O> as *const () as usize, entry: Box::new((entry, side, alone)) }
    }
}

extern "C" fn one(operation: &Operation, x: f64) -> f64 {
    evaluate(*operation, &[x]).unwrap_or(f64::NAN)
}

extern "C" fn two(operation: &Operation, a: f64, b: f64) -> f64 {
    evaluate(*operation, &[a, b]).unwrap_or(f64::NAN)
}

extern "C" fn three(operation: &Operation, a: f64, b: f64, c: f64) -> f64 {
    evaluate(*operation, &[a, b, c]).unwrap_or(f64::NAN)
}
