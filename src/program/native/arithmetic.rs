//! Operations as instructions, on one number or on two side by side.

use super::emit::Emitter;
use super::entries::is_entry;
use crate::program::ir::operation::{Division, Operation};
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{Endianness, InstBuilder, MemFlags, Value, types};

/// Whether an operation is a few instructions, the same bits for any arguments.
pub(super) fn is_instructions(operation: Operation) -> bool {
    use Operation::*;
    match operation {
        Neg
        | Add
        | Sub
        | Mul
        | Div
        | ProductPlus
        | Chain(_)
        | Above
        | AtLeast
        | Equal
        | Select
        | Sum
        | Dot
        | ChainDot(_)
        | Detach
        | Within { .. }
        | Share(_) => true,
        Unary(_) | UnarySlope(_) | UnaryKink(_) | Binary(_) | BinaryKink(_) => is_entry(operation),
        BinarySlope { .. } => is_entry(operation),
        Constant(_) | Parameter(_) | Column(_) | Rows | Gather { .. } | Reduce(_) => false,
        Rem | RemSlope | MulAdd | Many(_) | FusedDot | MaxOf | Norm | NormScale | NormRoot => false,
        NormSlope | ExpShift | LogSum | LogSumExp => false,
    }
}

/// Whether a NaN among the arguments comes out in any case, by these instructions.
pub(super) fn shows_nan(operation: Operation) -> bool {
    use Operation::*;
    match operation {
        Neg | Add | Sub | Mul | Div | ProductPlus | Chain(_) | Sum | Dot | ChainDot(_) => true,
        Detach | Within { .. } | Unary(_) => true,
        Above | AtLeast | Equal | Select | Share(_) | UnarySlope(_) | UnaryKink(_) => false,
        Binary(_) | BinarySlope { .. } | BinaryKink(_) => false,
        Constant(_) | Parameter(_) | Column(_) | Rows | Gather { .. } | Reduce(_) => false,
        Rem | RemSlope | MulAdd | Many(_) | FusedDot | MaxOf | Norm | NormScale | NormRoot => false,
        NormSlope | ExpShift | LogSum | LogSumExp => false,
    }
}

impl Emitter<'_, '_> {
    /// What an operation gives, in both lanes if the arguments are a `pair`. Of a comparison of single numbers
    /// also as a flag; `condition` is the flag of the first argument, if that is known.
    pub(super) fn compute(
        &mut self,
        operation: Operation,
        args: &[Value],
        pair: bool,
        condition: Option<Value>,
    ) -> (Value, Option<Value>) {
        let flag = match (operation, args) {
            (Operation::Above, &[a, b]) => self.compare(FloatCC::GreaterThan, a, b),
            (Operation::AtLeast, &[a, b]) => self.compare(FloatCC::GreaterThanOrEqual, a, b),
            (Operation::Equal, &[a, b]) => self.compare(FloatCC::Equal, a, b),
            (Operation::UnaryKink(_) | Operation::BinaryKink(_), _) => {
                self.of_entry(operation, args, pair)
            }
            (Operation::Select, &[mask, yes, no]) => {
                let flag = condition.unwrap_or_else(|| {
                    let zero = self.constant(0.0, pair);
                    self.compare(FloatCC::NotEqual, mask, zero)
                });
                return (self.choose(flag, yes, no), None);
            }
            _ => return (self.plain(operation, args, pair), None),
        };
        let [one, zero] = [1.0, 0.0].map(|x| self.constant(x, pair));
        (self.choose(flag, one, zero), Some(flag))
    }

    /// How two numbers compare: a flag, or a mask of each lane.
    pub(super) fn compare(&mut self, how: FloatCC, a: Value, b: Value) -> Value {
        self.b.ins().fcmp(how, a, b)
    }

    /// One number where a flag is set, else another.
    pub(super) fn choose(&mut self, flag: Value, yes: Value, no: Value) -> Value {
        if self.b.func.dfg.value_type(flag).is_vector() {
            let bits = MemFlags::new().with_endianness(Endianness::Little);
            let mask = self.b.ins().bitcast(types::F64X2, bits, flag);
            self.b.ins().bitselect(mask, yes, no)
        } else {
            self.b.ins().select(flag, yes, no)
        }
    }

    fn plain(&mut self, operation: Operation, args: &[Value], pair: bool) -> Value {
        match (operation, args) {
            (Operation::Neg, &[x]) => {
                let sign = self.kept(-0.0, pair);
                self.b.ins().bxor(x, sign)
            }
            (Operation::Add, &[a, b]) => self.b.ins().fadd(a, b),
            (Operation::Sub, &[a, b]) => self.b.ins().fsub(a, b),
            (Operation::Mul, &[a, b]) => self.b.ins().fmul(a, b),
            (Operation::Div | Operation::Share(Division::Quotient), &[a, b, ..]) => {
                self.b.ins().fdiv(a, b)
            }
            (Operation::Share(Division::Reciprocal), &[part, total, _]) => {
                let one = self.constant(1.0, pair);
                let inverse = self.b.ins().fdiv(one, total);
                self.b.ins().fmul(part, inverse)
            }
            (Operation::ProductPlus, &[a, b, c]) => {
                let product = self.b.ins().fmul(a, b);
                self.b.ins().fadd(product, c)
            }
            (Operation::Chain(_), &[a, b]) => self.product(a, b, true),
            (Operation::Detach | Operation::Within { .. }, &[x]) => x,
            (Operation::Sum, &[first, ref rest @ ..]) => {
                rest.iter().fold(first, |sum, &x| self.b.ins().fadd(sum, x))
            }
            (Operation::Dot | Operation::ChainDot(_), &[a, b, ref rest @ ..]) => {
                let chained = operation != Operation::Dot;
                let first = self.product(a, b, chained);
                rest.as_chunks::<2>().0.iter().fold(first, |sum, &[a, b]| {
                    let product = self.product(a, b, chained);
                    self.b.ins().fadd(sum, product)
                })
            }
            _ => self.of_entry(operation, args, pair),
        }
    }

    /// A product; if it is one of derivatives, it is looked at whether it is NaN, unless that shows.
    fn product(&mut self, a: Value, b: Value, chained: bool) -> Value {
        let product = self.b.ins().fmul(a, b);
        if chained && self.watched {
            self.odd.look_at(&mut self.b, product);
        }
        product
    }
}
