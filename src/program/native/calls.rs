//! Calls of the library's own functions.

use super::emit::{Base, Emitter};
use super::kernels::Kernel;
use crate::program::ir::entries::UnaryKind;
use crate::program::ir::operation::Operation;
use cranelift_codegen::ir::{AbiParam, InstBuilder, Signature, Value, types};
use smallvec::SmallVec;
use std::collections::HashMap;

/// The kernels of a program, each once.
#[derive(Debug, Default)]
pub(super) struct Kernels {
    pub(super) list: Vec<Kernel>,
    known: HashMap<Called, usize>,
}

/// What a kernel computes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Called {
    One(Operation),
    Both([UnaryKind; 2]),
}

impl Kernels {
    /// The addresses of a function and of what it is handed first.
    fn addresses(&mut self, called: Called) -> [i64; 2] {
        let list = &mut self.list;
        let at = *self.known.entry(called).or_insert_with(|| {
            list.push(match called {
                Called::One(operation) => Kernel::of(operation),
                Called::Both(kinds) => Kernel::of_both(kinds),
            });
            list.len() - 1
        });
        let Kernel { address, entry } = &self.list[at];
        let entry: *const (dyn std::any::Any + Send + Sync) = &**entry;
        [*address as i64, entry.cast::<()>().expose_provenance() as i64]
    }
}

impl Emitter<'_, '_> {
    /// Two functions of a number: one goes to its place in memory, the other stays in a register.
    pub(super) fn call_both(&mut self, at: u32, kinds: [UnaryKind; 2]) {
        let item = self.common.items.list[at as usize];
        self.clock += 1;
        let x = self.number(self.common.items.operands(&item)[0].at);
        let called = Called::Both(kinds);
        let (size, lanes) = if self.is_wide() { (16, 2) } else { (8, 1) };
        let mut returned: SmallVec<[Value; 2]> = SmallVec::new();
        for lane in 0..lanes {
            let x = self.lane(x, lane);
            let to = i64::from(item.out) * size + 8 * i64::from(lane);
            let numbers = self.base(Base::Numbers);
            let to = self.b.ins().iadd_imm(numbers, to);
            returned.push(self.call(called, &[to, x]));
        }
        let value = match returned[..] {
            [first, second] => self.joined([first, second]),
            _ => returned[0],
        };
        self.note(item.result(1), value, self.common.stored[at as usize]);
    }

    /// What a function gives.
    pub(super) fn call(&mut self, called: Called, args: &[Value]) -> Value {
        let [address, entry] = self.kernels.addresses(called);
        let pointer = self.pointer();
        let mut signature = Signature::new(self.common.call_conv);
        signature.params.push(AbiParam::new(pointer));
        let types = args.iter().map(|&arg| self.b.func.dfg.value_type(arg));
        signature.params.extend(types.map(AbiParam::new));
        signature.returns.push(AbiParam::new(types::F64));
        let signature = self.b.import_signature(signature);
        let address = self.b.ins().iconst(pointer, address);
        let entry = self.b.ins().iconst(pointer, entry);
        let all: SmallVec<[Value; 4]> =
            std::iter::once(entry).chain(args.iter().copied()).collect();
        let call = self.b.ins().call_indirect(signature, address, &all);
        self.b.inst_results(call)[0]
    }
}
