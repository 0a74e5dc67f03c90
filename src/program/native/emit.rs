//! Functions of native code.

use super::items::{Item, Items, Task};
use super::kernels::Kernel;
use super::memory::{Memory, Source};
use super::odd::Odd;
use super::order::Segment;
use super::stored::HELD;
use crate::program::ir::operation::Operation;
use crate::program::plan::PlannedOutput;
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{
    AbiParam, ConstantData, InstBuilder, MemFlags, Signature, Type, Value, types,
};
use cranelift_codegen::isa::CallConv;
use cranelift_frontend::FunctionBuilder;
use std::collections::HashMap;

/// What the functions of a stage have in common.
#[derive(Debug)]
pub(super) struct Common<'a> {
    pub(super) items: &'a Items,
    pub(super) memory: &'a Memory,
    /// By item: whether its results go to memory.
    pub(super) stored: &'a [bool],
    /// By item: whether a NaN product of derivatives would not show in the outputs.
    pub(super) hidden: &'a [bool],
    /// Whether outputs are looked at, since products that show in them are not.
    pub(super) shown: bool,
    pub(super) call_conv: CallConv,
    /// Of two points at a time: how far the second lies behind the first.
    pub(super) points: Option<Points>,
}

/// How far the second of two points lies behind the first, in bytes.
#[derive(Debug)]
pub(super) struct Points {
    pub(super) parameters: i32,
    pub(super) outputs: Vec<i32>,
}

impl Points {
    /// Of points that follow each other; `None` if they are too far apart for an address.
    pub(super) fn new(parameters: usize, outputs: &[PlannedOutput]) -> Option<Self> {
        let bytes = |len: usize| (len < 1 << 26).then_some(8 * len as i32);
        let outputs = outputs.iter().map(|output| bytes(output.len())).collect::<Option<_>>()?;
        Some(Points { parameters: bytes(parameters)?, outputs })
    }
}

/// The kernels of a program, each once.
#[derive(Debug, Default)]
pub(super) struct Kernels {
    pub(super) list: Vec<Kernel>,
    known: HashMap<Operation, usize>,
}

impl Kernels {
    /// The addresses of a function and of what it is handed first.
    fn addresses(&mut self, operation: Operation) -> [i64; 2] {
        let list = &mut self.list;
        let at = *self.known.entry(operation).or_insert_with(|| {
            list.push(Kernel::of(operation));
            list.len() - 1
        });
        let Kernel { address, entry } = &self.list[at];
        let entry: *const (dyn std::any::Any + Send + Sync) = &**entry;
        [*address as i64, entry.cast::<()>().expose_provenance() as i64]
    }
}

/// Where numbers lie.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Base {
    Parameters,
    Numbers,
    Output(u32),
}

/// A number that a register holds.
#[derive(Clone, Copy)]
struct Known {
    value: Value,
    /// When it was read from memory, from where it can be read again.
    read: Option<u32>,
}

/// A function in the making.
pub(super) struct Emitter<'a, 'f> {
    pub(super) b: FunctionBuilder<'f>,
    pub(super) common: &'a Common<'a>,
    kernels: &'a mut Kernels,
    parameters: Value,
    numbers: Value,
    outputs: Value,
    output: HashMap<u32, Value>,
    known: HashMap<u32, Known>,
    /// Numbers that loops which are written out left in registers: which, and in which lane.
    lanes: HashMap<u32, (Value, u8)>,
    /// Conditions as flags, by the place of their number.
    conditions: HashMap<u32, Value>,
    clock: u32,
    /// Whether something is not as usual.
    pub(super) odd: Odd,
    /// Whether products of derivatives are looked at.
    pub(super) watched: bool,
}

impl<'a, 'f> Emitter<'a, 'f> {
    /// The signature of all functions: parameters, numbers, and a list of outputs; whether something is
    /// not as usual.
    pub(super) fn signature(call_conv: CallConv, pointer: Type) -> Signature {
        let mut signature = Signature::new(call_conv);
        signature.params = vec![AbiParam::new(pointer); 3];
        signature.returns = vec![AbiParam::new(types::I32)];
        signature
    }

    pub(super) fn new(
        mut b: FunctionBuilder<'f>,
        common: &'a Common<'a>,
        kernels: &'a mut Kernels,
    ) -> Self {
        let entry = b.create_block();
        b.append_block_params_for_function_params(entry);
        b.switch_to_block(entry);
        b.seal_block(entry);
        let &[parameters, numbers, outputs] = b.block_params(entry) else {
            unreachable!("the signature has three parameters")
        };
        let odd = Odd::new(&mut b);
        Emitter {
            b,
            common,
            kernels,
            parameters,
            numbers,
            outputs,
            output: HashMap::new(),
            known: HashMap::new(),
            lanes: HashMap::new(),
            conditions: HashMap::new(),
            clock: 0,
            odd,
            watched: true,
        }
    }

    /// Writes all of it.
    pub(super) fn function(mut self, segments: &[Segment]) {
        for segment in segments {
            match segment {
                Segment::Singles(list) => list.iter().for_each(|&at| self.single(at)),
                Segment::Loop(list) => self.repeated(list),
                Segment::Sums(at) => self.sums(*at),
            }
        }
        let has_loop = segments.iter().any(|segment| matches!(segment, Segment::Loop(_)));
        let odd = self.odd.result(&mut self.b, has_loop || self.common.points.is_some());
        self.b.ins().return_(&[odd]);
        self.b.seal_all_blocks();
        self.b.finalize();
    }

    /// The type of an address.
    pub(super) fn pointer(&self) -> Type {
        self.b.func.dfg.value_type(self.outputs)
    }

    pub(super) fn flags() -> MemFlags {
        MemFlags::new().with_notrap()
    }

    /// Whether there are two points, each in a lane.
    fn is_wide(&self) -> bool {
        self.common.points.is_some()
    }

    /// Where a place is, if it is in memory, and the byte of it there.
    pub(super) fn address(&self, place: u32) -> Option<(Base, i32)> {
        match self.common.memory.source(place) {
            Source::Parameter(at) => Some((Base::Parameters, at as i32 * 8)),
            Source::Number => Some((Base::Numbers, place as i32 * 8)),
            Source::Constant(_) => None,
        }
    }

    pub(super) fn base(&mut self, base: Base) -> Value {
        match base {
            Base::Parameters => self.parameters,
            Base::Numbers => self.numbers,
            Base::Output(which) => {
                if let Some(&known) = self.output.get(&which) {
                    return known;
                }
                let pointer = self.pointer();
                let at = which as i32 * pointer.bytes() as i32;
                let value = self.b.ins().load(pointer, Self::flags(), self.outputs, at);
                self.output.insert(which, value);
                value
            }
        }
    }

    /// A number by its place.
    pub(super) fn number(&mut self, place: u32) -> Value {
        if let Some(known) = self.known.get_mut(&place)
            && known.read.is_none_or(|at| self.clock - at < HELD)
        {
            known.read = known.read.map(|_| self.clock);
            return known.value;
        }
        if let Some(&(value, lane)) = self.lanes.get(&place) {
            return self.lane(value, lane);
        }
        let value = match self.common.memory.source(place) {
            Source::Constant(x) => self.constant(x, self.is_wide()),
            Source::Parameter(_) | Source::Number => {
                let (base, at) = self.address(place).unwrap_or((Base::Numbers, 0));
                let from = self.base(base);
                match (&self.common.points, base) {
                    (None, _) => self.b.ins().load(types::F64, Self::flags(), from, at),
                    (Some(_), Base::Numbers) => {
                        self.b.ins().load(types::F64X2, Self::flags(), from, 2 * at)
                    }
                    (Some(points), _) => {
                        let there = at + points.parameters;
                        let lanes = [at, there]
                            .map(|at| self.b.ins().load(types::F64, Self::flags(), from, at));
                        self.joined(lanes)
                    }
                }
            }
        };
        self.known.insert(place, Known { value, read: Some(self.clock) });
        value
    }

    /// A single number.
    fn single(&mut self, at: u32) {
        let item = self.common.items.list[at as usize];
        let operands = self.common.items.operands(&item);
        self.clock += operands.len() as u32;
        let args: smallvec::SmallVec<[Value; 8]> =
            operands.iter().map(|operand| self.number(operand.at)).collect();
        let value = match item.task {
            Task::Compute(operation) => {
                self.watched = self.common.hidden[at as usize];
                let condition = self.conditions.get(&operands[0].at).copied();
                let (value, flag) = self.compute(operation, &args, self.is_wide(), condition);
                if let Some(flag) = flag {
                    self.conditions.insert(item.out, flag);
                }
                value
            }
            Task::Call(operation) if self.is_wide() => {
                let lanes = [0, 1].map(|lane| {
                    let args: smallvec::SmallVec<[Value; 4]> =
                        args.iter().map(|&arg| self.b.ins().extractlane(arg, lane)).collect();
                    self.call(operation, &args)
                });
                self.joined(lanes)
            }
            Task::Call(operation) => self.call(operation, &args),
            Task::Copy => args[0],
            Task::Number(which) => {
                self.show(args[0]);
                return self.put(which, item.out, args[0]);
            }
            Task::Entry(which) => {
                let value = self.entry(args[0], self.is_wide());
                self.show(value);
                return self.put(which, item.out, value);
            }
            Task::Zero(which) => {
                let zero = self.constant(0.0, self.is_wide());
                return self.put(which, item.out, zero);
            }
            Task::Guard { holds } => {
                let condition = self.conditions.get(&operands[0].at).copied();
                return self.guard(args[0], condition, holds);
            }
            Task::Neighbours(_) | Task::Interpret(_) => return,
        };
        let stored = self.common.stored[at as usize];
        self.known.insert(item.out, Known { value, read: stored.then_some(self.clock) });
        if stored {
            self.store(&item, value, None, 0);
        }
    }

    /// Notes what a loop that is written out computed.
    pub(super) fn name(&mut self, place: u32, value: Value, pair: bool) {
        self.lanes.insert(place, (value, 0));
        if pair {
            self.lanes.insert(place + 1, (value, 1));
        }
    }

    /// What stands at these places, if registers hold any of it: as a pair, or the first of them.
    pub(super) fn by_name(&mut self, places: [u32; 2], pair: bool) -> Option<Value> {
        let is_held = |place| self.lanes.contains_key(place) || self.is_held(*place);
        if !places.iter().any(is_held) {
            return None;
        }
        match places.map(|place| self.lanes.get(&place).copied()) {
            [Some((first, 0)), Some((second, 1))] if pair && first == second => Some(first),
            _ if pair => {
                let lanes = places.map(|place| self.number(place));
                Some(self.joined(lanes))
            }
            _ => Some(self.number(places[0])),
        }
    }

    /// Whether a single number is in a register and nowhere else.
    fn is_held(&self, place: u32) -> bool {
        self.known.get(&place).is_some_and(|known| known.read.is_none())
    }

    /// A number of a vector, or one by itself.
    fn lane(&mut self, value: Value, lane: u8) -> Value {
        if self.b.func.dfg.value_type(value).is_vector() {
            self.b.ins().extractlane(value, lane)
        } else {
            value
        }
    }

    /// Writes a number to its place in an output.
    fn put(&mut self, which: u32, at: u32, value: Value) {
        let base = self.base(Base::Output(which));
        let at = at as i32 * 8;
        match &self.common.points {
            None => {
                self.b.ins().store(Self::flags(), value, base, at);
            }
            Some(points) => {
                for (lane, behind) in [(0, 0), (1, points.outputs[which as usize])] {
                    let value = self.b.ins().extractlane(value, lane);
                    self.b.ins().store(Self::flags(), value, base, at + behind);
                }
            }
        }
    }

    /// Two numbers as lanes.
    pub(super) fn joined(&mut self, [first, second]: [Value; 2]) -> Value {
        let both = self.b.ins().scalar_to_vector(types::F64X2, first);
        self.b.ins().insertlane(both, second, 1)
    }

    /// `0 + x`, as numbers go into a vector that is 0.
    pub(super) fn entry(&mut self, value: Value, pair: bool) -> Value {
        let zero = self.constant(0.0, pair);
        self.b.ins().fadd(zero, value)
    }

    /// The same number, in each lane.
    pub(super) fn constant(&mut self, x: f64, pair: bool) -> Value {
        if !pair {
            return self.b.ins().f64const(x);
        }
        // One load, where a number would be brought to both lanes.
        let lanes = [x.to_le_bytes(); 2];
        let both = self.b.func.dfg.constants.insert(ConstantData::from(lanes.as_flattened()));
        self.b.ins().vconst(types::F64X2, both)
    }

    /// Writes a result of an item to memory: the `at`-th of it, or that of the turn that lies `from` bytes
    /// from the first, and `at` more.
    pub(super) fn store(&mut self, item: &Item, value: Value, from: Option<Value>, at: u32) {
        let base = match from {
            Some(from) => from,
            None => self.numbers,
        };
        let size = if self.is_wide() { 16 } else { 8 };
        self.b.ins().store(Self::flags(), value, base, (item.out + at) as i32 * size);
    }

    /// Notes if a condition that was recorded turned out otherwise.
    fn guard(&mut self, number: Value, condition: Option<Value>, holds: bool) {
        let flag = condition.unwrap_or_else(|| {
            let zero = self.constant(0.0, self.is_wide());
            self.compare(FloatCC::NotEqual, number, zero)
        });
        let turned = match (holds, self.is_wide()) {
            (false, _) => flag,
            (true, false) => self.b.ins().bxor_imm(flag, 1),
            (true, true) => self.b.ins().bnot(flag),
        };
        self.odd.note(&mut self.b, turned);
    }

    /// Looks at a number that goes out, if products of derivatives are to show in it.
    pub(super) fn show(&mut self, value: Value) {
        if self.common.shown {
            self.odd.look_at(&mut self.b, Some(value));
        }
    }

    fn call(&mut self, operation: Operation, args: &[Value]) -> Value {
        let [address, entry] = self.kernels.addresses(operation);
        let pointer = self.pointer();
        let mut signature = Signature::new(self.common.call_conv);
        signature.params.push(AbiParam::new(pointer));
        signature.params.extend(args.iter().map(|_| AbiParam::new(types::F64)));
        signature.returns.push(AbiParam::new(types::F64));
        let signature = self.b.import_signature(signature);
        let address = self.b.ins().iconst(pointer, address);
        let entry = self.b.ins().iconst(pointer, entry);
        let all: smallvec::SmallVec<[Value; 4]> =
            std::iter::once(entry).chain(args.iter().copied()).collect();
        let call = self.b.ins().call_indirect(signature, address, &all);
        self.b.inst_results(call)[0]
    }
}
