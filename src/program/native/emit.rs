//! Functions of native code.

use super::calls::{Called, Kernels};
use super::items::{Item, Items, Task};
use super::memory::{Memory, Source};
use super::odd::Odd;
use super::order::Segment;
use super::stored::HELD;
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
        let bytes = |len: usize| (len < 1 << 26).then(|| 8 * len as i32);
        let outputs = outputs.iter().map(|output| bytes(output.len())).collect::<Option<_>>()?;
        Some(Points { parameters: bytes(parameters)?, outputs })
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

impl Known {
    /// The register, unless it is so long since that the number is read again.
    fn at(&mut self, clock: u32) -> Option<Value> {
        if self.read.is_some_and(|at| clock - at >= HELD) {
            return None;
        }
        self.read = self.read.map(|_| clock);
        Some(self.value)
    }
}

/// A function in the making.
pub(super) struct Emitter<'a, 'f> {
    pub(super) b: FunctionBuilder<'f>,
    pub(super) common: &'a Common<'a>,
    pub(super) kernels: &'a mut Kernels,
    parameters: Value,
    numbers: Value,
    outputs: Value,
    output: HashMap<u32, Value>,
    known: HashMap<u32, Known>,
    /// Numbers that were computed side by side: in which register, and in which lane.
    lanes: HashMap<u32, (Value, u8)>,
    /// Numbers that were brought together.
    together: HashMap<[u32; 2], Known>,
    /// Constants that stay in registers, by their bits, alone and in both lanes.
    kept: HashMap<(u64, bool), Value>,
    /// Conditions as flags, by the place of their number.
    conditions: HashMap<u32, Value>,
    pub(super) clock: u32,
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
            together: HashMap::new(),
            kept: HashMap::new(),
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
                Segment::Singles(list) => {
                    for &at in list {
                        let item = &self.common.items.list[at as usize];
                        match item.task {
                            Task::CallBoth(kinds) => self.call_both(at, kinds),
                            _ if item.len == 2 => self.pair(at),
                            _ => self.single(at),
                        }
                    }
                }
                Segment::Loop(list) => self.repeated(list),
                Segment::Sums(at) => self.sums(*at),
            }
        }
        let odd = self.odd.result(&mut self.b);
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
    pub(super) fn is_wide(&self) -> bool {
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
        let clock = self.clock;
        if let Some(known) = self.known.get_mut(&place).and_then(|known| known.at(clock)) {
            return known;
        }
        if let Some(&(value, lane)) = self.lanes.get(&place) {
            let value = self.lane(value, lane);
            self.known.insert(place, Known { value, read: Some(self.clock) });
            return value;
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
                    self.call(Called::One(operation), &args)
                });
                self.joined(lanes)
            }
            Task::Call(operation) => self.call(Called::One(operation), &args),
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
            Task::CallBoth(_) | Task::Neighbours(_) | Task::Interpret(_) => return,
        };
        self.note(item.out, value, self.common.stored[at as usize]);
    }

    /// Notes what a single number is, which may go to memory too.
    pub(super) fn note(&mut self, place: u32, value: Value, stored: bool) {
        self.known.insert(place, Known { value, read: stored.then_some(self.clock) });
        if stored {
            let size = if self.is_wide() { 16 } else { 8 };
            self.b.ins().store(Self::flags(), value, self.numbers, place as i32 * size);
        }
    }

    /// Notes in which lane of a register a number is.
    pub(super) fn name(&mut self, place: u32, value: Value, lane: u8) {
        self.lanes.insert(place, (value, lane));
    }

    /// The register that holds two numbers as lanes, if there is one.
    pub(super) fn together(&mut self, places: [u32; 2]) -> Option<Value> {
        if let [Some((first, 0)), Some((second, 1))] =
            places.map(|place| self.lanes.get(&place).copied())
            && first == second
        {
            return Some(first);
        }
        let clock = self.clock;
        self.together.get_mut(&places).and_then(|known| known.at(clock))
    }

    /// Brings two numbers together: to a register that has the first already, if there is one.
    pub(super) fn beside(&mut self, places: [u32; 2]) -> Value {
        let second = self.number(places[1]);
        let first = match self.lanes.get(&places[0]) {
            Some(&(value, 0)) if self.b.func.dfg.value_type(value).is_vector() => value,
            _ => {
                let first = self.number(places[0]);
                return self.joined([first, second]);
            }
        };
        self.b.ins().insertlane(first, second, 1)
    }

    /// Notes which register holds two numbers.
    pub(super) fn bring_together(&mut self, places: [u32; 2], value: Value) {
        let in_memory = places[0] == places[1] && !self.is_held(places[0]);
        let read = in_memory.then_some(self.clock);
        self.together.insert(places, Known { value, read });
    }

    /// What stands at these places, if registers hold any of it: as a pair, or the first of them.
    pub(super) fn by_name(&mut self, places: [u32; 2], pair: bool) -> Option<Value> {
        let is_held = |place| self.lanes.contains_key(place) || self.is_held(*place);
        if !places.iter().any(is_held) {
            return None;
        }
        if !pair {
            return Some(self.number(places[0]));
        }
        Some(self.together(places).unwrap_or_else(|| self.beside(places)))
    }

    /// Whether a single number is in a register and nowhere else.
    fn is_held(&self, place: u32) -> bool {
        self.known.get(&place).is_some_and(|known| known.read.is_none())
    }

    /// A number of a vector, or one by itself.
    pub(super) fn lane(&mut self, value: Value, lane: u8) -> Value {
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
        let both = self.b.ins().splat(types::F64X2, first);
        self.b.ins().insertlane(both, second, 1)
    }

    /// `0 + x`, as numbers go into a vector that is 0.
    pub(super) fn entry(&mut self, value: Value, pair: bool) -> Value {
        let zero = self.kept(0.0, pair);
        self.b.ins().fadd(zero, value)
    }

    /// The same number, in each lane.
    pub(super) fn constant(&mut self, x: f64, pair: bool) -> Value {
        if x.to_bits() == 0 && !pair {
            return self.b.ins().f64const(x);
        }
        let both = self.constants([x; 2]);
        if pair { both } else { self.b.ins().extractlane(both, 0) }
    }

    /// A constant that is used again and again.
    pub(super) fn kept(&mut self, x: f64, pair: bool) -> Value {
        if let Some(&known) = self.kept.get(&(x.to_bits(), pair)) {
            return known;
        }
        let value = self.constant(x, pair);
        self.kept.insert((x.to_bits(), pair), value);
        value
    }

    /// Two numbers, by one load.
    pub(super) fn constants(&mut self, lanes: [f64; 2]) -> Value {
        let lanes = lanes.map(f64::to_le_bytes);
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
            self.odd.look_at(&mut self.b, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Points;

    #[test]
    fn points_too_far_apart_for_an_address_are_not_taken_two_at_a_time() {
        let bytes = |parameters: usize| Points::new(parameters, &[]).map(|at| at.parameters);
        assert_eq!([0, 3, (1 << 26) - 1].map(bytes), [0, 24, (1 << 29) - 8].map(Some));
        for far in [1 << 26, 1 << 28, 1 << 31, usize::MAX / 8 + 1, usize::MAX] {
            assert_eq!(bytes(far), None, "{far}");
        }
    }
}
