//! How functions of native code notice that something is not as usual: a guard that turned, or a NaN where a
//! product of derivatives may have to be 0.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use cranelift_frontend::{FunctionBuilder, Variable};

/// What a function in the making has noted so far.
pub(super) struct Odd {
    /// Of single numbers: whether something is not as usual.
    flag: Option<Value>,
    /// The same for each lane; loops carry it on.
    lanes: Variable,
    /// A number that has not been looked at.
    unseen: Option<Value>,
}

impl Odd {
    /// Nothing yet.
    pub(super) fn new(b: &mut FunctionBuilder<'_>) -> Self {
        let lanes = b.declare_var(types::I64X2);
        let none = b.ins().iconst(types::I64, 0);
        let none = b.ins().splat(types::I64X2, none);
        b.def_var(lanes, none);
        Odd { flag: None, lanes, unseen: None }
    }

    /// What a function returns: 1 if anything was noted. Lanes are asked for it if there may be any.
    pub(super) fn result(&mut self, b: &mut FunctionBuilder<'_>, has_lanes: bool) -> Value {
        self.look_at(b, None);
        if has_lanes {
            let lanes = b.use_var(self.lanes);
            let any = b.ins().vany_true(lanes);
            self.note(b, any);
        }
        match self.flag {
            Some(odd) => b.ins().uextend(types::I32, odd),
            None => b.ins().iconst(types::I32, 0),
        }
    }

    /// Notes that something is not as usual, if the flag is set. Loops have pairs alone.
    pub(super) fn note(&mut self, b: &mut FunctionBuilder<'_>, flag: Value) {
        if b.func.dfg.value_type(flag).is_vector() {
            let odd = b.use_var(self.lanes);
            let odd = b.ins().bor(odd, flag);
            b.def_var(self.lanes, odd);
        } else {
            self.flag = Some(match self.flag {
                Some(odd) => b.ins().bor(odd, flag),
                None => flag,
            });
        }
    }

    /// Notes whether a number is NaN; two at a time, and with none the last.
    pub(super) fn look_at(&mut self, b: &mut FunctionBuilder<'_>, product: Option<Value>) {
        match (self.unseen.take(), product) {
            (None, None) => {}
            (None, product) => self.unseen = product,
            (Some(other), product) => {
                let product = product.unwrap_or(other);
                let flag = b.ins().fcmp(FloatCC::Unordered, other, product);
                self.note(b, flag);
            }
        }
    }
}
