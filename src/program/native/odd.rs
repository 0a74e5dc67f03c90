//! How functions of native code notice that something is not as usual: a guard that turned, or a NaN where a
//! product of derivatives may have to be 0.
//!
//! Where such a product is NaN and a factor is 0, it is 0: that is rare, and the interpreter does it. So it is
//! enough to notice it. A NaN goes through sums and products to the outputs, of which there are fewer:
//! where it surely gets there, only these are looked at.

use super::arithmetic::shows_nan;
use super::items::{Items, Task};
use crate::program::ir::operation::Operation;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_frontend::{FunctionBuilder, Variable};

/// What a function in the making has noted so far.
pub(super) struct Odd {
    /// Of single numbers: whether something is not as usual.
    flag: Option<Value>,
    /// The same for each lane; loops carry it on.
    lanes: Variable,
    /// Whether any lane was noted.
    has_lanes: bool,
    /// A number, and a pair, that have not been looked at.
    unseen: [Option<Value>; 2],
}

impl Odd {
    /// Nothing yet.
    pub(super) fn new(b: &mut FunctionBuilder<'_>) -> Self {
        let lanes = b.declare_var(types::I64X2);
        let none = b.ins().iconst(types::I64, 0);
        let none = b.ins().splat(types::I64X2, none);
        b.def_var(lanes, none);
        Odd { flag: None, lanes, has_lanes: false, unseen: [None; 2] }
    }

    /// What a function returns: 1 if anything was noted.
    pub(super) fn result(&mut self, b: &mut FunctionBuilder<'_>) -> Value {
        self.look_at_last(b);
        if self.has_lanes {
            let lanes = b.use_var(self.lanes);
            let any = b.ins().vany_true(lanes);
            self.note(b, any);
        }
        match self.flag {
            Some(odd) => b.ins().uextend(types::I32, odd),
            None => b.ins().iconst(types::I32, 0),
        }
    }

    /// Notes that something is not as usual, if the flag is set.
    pub(super) fn note(&mut self, b: &mut FunctionBuilder<'_>, flag: Value) {
        if b.func.dfg.value_type(flag).is_vector() {
            let odd = b.use_var(self.lanes);
            let odd = b.ins().bor(odd, flag);
            b.def_var(self.lanes, odd);
            self.has_lanes = true;
        } else {
            self.flag = Some(match self.flag {
                Some(odd) => b.ins().bor(odd, flag),
                None => flag,
            });
        }
    }

    /// Notes whether a number is NaN, or one of a pair; two at a time.
    pub(super) fn look_at(&mut self, b: &mut FunctionBuilder<'_>, product: Value) {
        let unseen = &mut self.unseen[usize::from(b.func.dfg.value_type(product).is_vector())];
        match unseen.take() {
            None => *unseen = Some(product),
            Some(other) => {
                let flag = b.ins().fcmp(FloatCC::Unordered, other, product);
                self.note(b, flag);
            }
        }
    }

    /// Notes it of those that have not been looked at.
    pub(super) fn look_at_last(&mut self, b: &mut FunctionBuilder<'_>) {
        for product in std::mem::take(&mut self.unseen).into_iter().flatten() {
            let flag = b.ins().fcmp(FloatCC::Unordered, product, product);
            self.note(b, flag);
        }
    }
}

/// By item: whether a NaN among its results might not show in an output; and whether any product shows there,
/// so that outputs are to be looked at.
pub(super) fn hidden(items: &Items, writes_outputs: bool) -> (Vec<bool>, bool) {
    let mut hidden = vec![true; items.list.len()];
    let mut any = false;
    if !writes_outputs {
        return (hidden, any);
    }
    let mut shows = vec![false; items.producer.len()];
    for (item, hidden) in items.list.iter().zip(&mut hidden).rev() {
        let passes = match item.task {
            Task::Number(_) | Task::Entry(_) => true,
            Task::Compute(operation) => shows_nan(operation),
            Task::Copy | Task::Neighbours(_) => true,
            Task::Call(_)
            | Task::CallBoth(_)
            | Task::Zero(_)
            | Task::Guard { .. }
            | Task::Interpret(_) => false,
        };
        let goes_out = matches!(item.task, Task::Number(_) | Task::Entry(_));
        if !goes_out && !matches!(item.task, Task::Zero(_) | Task::Guard { .. }) {
            *hidden = !item.results().all(|place| shows[place as usize]);
            let chained =
                matches!(item.task, Task::Compute(Operation::Chain(_) | Operation::ChainDot(_)));
            any |= chained && !*hidden;
        }
        if !passes {
            continue;
        }
        for at in 0..item.len {
            if !goes_out && !shows[item.result(at) as usize] {
                continue;
            }
            match item.task {
                Task::Neighbours(width) => {
                    let from = items.operands(item)[0].of(at) as usize;
                    shows[from..from + width as usize].fill(true);
                }
                _ => items.operands(item).iter().for_each(|x| shows[x.of(at) as usize] = true),
            }
        }
    }
    (hidden, any)
}
