//! One operation over runs of numbers.

use super::{Operand, Others};
use crate::op::vector::level::Level;
use crate::program::ir::operation::{Operation, chain};
use crate::program::kernel::{self, Arg};
use smallvec::SmallVec;

/// One operation over runs.
pub(super) fn map(
    level: Level,
    operation: Operation,
    numbers: &mut [f64],
    [out, len]: [u32; 2],
    operands: &[Operand],
) {
    let (out, others) = Others::split(numbers, out, len);
    let arg = |operand: Operand| match operand {
        Operand::Same(at) => Arg::Same(others.number(at)),
        Operand::Run(at) => Arg::Rows(others.run(at, len)),
    };
    match (operation, operands) {
        (_, &[x]) if len <= SHORT && short(operation, out, [arg(x); 2]) => {}
        (_, &[a, b]) if len <= SHORT && short(operation, out, [arg(a), arg(b)]) => {}
        (Operation::Sum, &[a, b, ref rest @ ..]) if len <= SHORT => {
            each(out, [arg(a), arg(b)], |a, b| a + b);
            for &x in rest {
                match arg(x) {
                    Arg::Rows(x) => out.iter_mut().zip(x).for_each(|(sum, &x)| *sum += x),
                    Arg::Same(x) => out.iter_mut().for_each(|sum| *sum += x),
                }
            }
        }
        (Operation::Neg, &[x]) => kernel::frequent(level, operation, out, [arg(x); 2]),
        (Operation::Add | Operation::Sub | Operation::Mul | Operation::Chain(_), &[a, b]) => {
            kernel::frequent(level, operation, out, [arg(a), arg(b)]);
        }
        (Operation::Sum, &[a, b, c, d]) => {
            kernel::sums(level, out, &[arg(a), arg(b), arg(c), arg(d)]);
        }
        (Operation::Sum, _) => {
            let terms: SmallVec<[Arg<'_>; 32]> = operands.iter().map(|&x| arg(x)).collect();
            kernel::sums(level, out, &terms);
        }
        (_, &[x]) => kernel::map(level, true, operation, out, &[arg(x)]),
        (_, &[a, b]) => kernel::map(level, true, operation, out, &[arg(a), arg(b)]),
        (_, &[a, b, c]) => kernel::map(level, true, operation, out, &[arg(a), arg(b), arg(c)]),
        _ => {
            let args: SmallVec<[Arg<'_>; 32]> = operands.iter().map(|&x| arg(x)).collect();
            kernel::map(level, true, operation, out, &args);
        }
    }
}

/// How many numbers a loop is over, at most, before one of a kernel's would have begun.
const SHORT: u32 = 32;

/// The common operations over few numbers; whether it is one of those. Of one argument it takes the
/// first.
#[inline(always)]
fn short(operation: Operation, out: &mut [f64], args: [Arg<'_>; 2]) -> bool {
    match operation {
        Operation::Neg => each(out, args, |a, _| -a),
        Operation::Add => each(out, args, |a, b| a + b),
        Operation::Sub => each(out, args, |a, b| a - b),
        Operation::Mul => each(out, args, |a, b| a * b),
        Operation::Chain(gate) => each(out, args, |a, b| chain(gate, a, b)),
        _ => return false,
    }
    true
}

#[inline(always)]
fn each(out: &mut [f64], args: [Arg<'_>; 2], f: impl Fn(f64, f64) -> f64) {
    match args {
        [Arg::Rows(a), Arg::Rows(b)] => {
            out.iter_mut().zip(a).zip(b).for_each(|((out, &a), &b)| *out = f(a, b));
        }
        [Arg::Rows(a), Arg::Same(b)] => out.iter_mut().zip(a).for_each(|(out, &a)| *out = f(a, b)),
        [Arg::Same(a), Arg::Rows(b)] => out.iter_mut().zip(b).for_each(|(out, &b)| *out = f(a, b)),
        [Arg::Same(a), Arg::Same(b)] => out.fill(f(a, b)),
    }
}
