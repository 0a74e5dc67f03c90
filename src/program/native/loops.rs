//! Loops over neighbouring numbers.
//!
//! ```text
//! for i in steps of a few pairs:
//!     for each pair: for each item: compute both lanes; what the loop computes stays in registers
//! what is left over: pair by pair, then one number
//! ```
//!
//! Additions go in the order of the interpreter: sums of neighbours are side by side, each in its turn.

use super::emit::{Base, Emitter};
use super::items::{Operand, Task};
use super::memory::Source;
use super::order::{is_written_out, pairs, turns};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use smallvec::SmallVec;
use std::collections::HashMap;

/// Sums side by side.
const SIDE: u32 = 8;

/// Where numbers lie that are so far apart from turn to turn.
type Way = (Base, u32);
/// Where a turn finds them.
type Bases = SmallVec<[(Way, Value); 4]>;

impl Emitter<'_, '_> {
    /// Items of one length, turn by turn.
    pub(super) fn repeated(&mut self, list: &[u32]) {
        let len = self.common.items.list[list[0] as usize].len;
        self.odd.look_at_last(&mut self.b);
        let used = self.prepare(list);
        let pairs = pairs(list);
        let (step, turns) = (2 * pairs, turns(list, len));
        let same = self.same_for_all(list);
        if turns > 0 {
            self.turned(&used, turns, step * 8, |this, bases| {
                for pair in 0..pairs {
                    this.turn(list, &same, bases, 2 * pair, true);
                }
            });
        }
        let bases: Bases = used.iter().map(|&way| (way, self.base(way.0))).collect();
        let mut at = turns * step;
        while at < len {
            let pair = at + 2 <= len;
            self.turn(list, &same, &bases, at, pair);
            at += if pair { 2 } else { 1 };
        }
    }

    /// A loop of so many turns, by each of which the bases go so many bytes further.
    fn turned(
        &mut self,
        used: &[Way],
        turns: u32,
        bytes: u32,
        mut body: impl FnMut(&mut Self, &Bases),
    ) {
        let pointer = self.pointer();
        let (header, after) = (self.b.create_block(), self.b.create_block());
        let from = self.b.append_block_param(header, pointer);
        let zero = self.b.ins().iconst(pointer, 0);
        self.b.ins().jump(header, &[zero.into()]);
        self.b.switch_to_block(header);
        let bases: Bases = used
            .iter()
            .map(|&(base, step)| {
                let start = self.base(base);
                let behind = match step {
                    1 => from,
                    _ => self.b.ins().imul_imm(from, i64::from(step)),
                };
                ((base, step), self.b.ins().iadd(start, behind))
            })
            .collect();
        body(self, &bases);
        self.odd.look_at_last(&mut self.b);
        let next = self.b.ins().iadd_imm(from, i64::from(bytes));
        let end = i64::from(turns) * i64::from(bytes);
        let on = self.b.ins().icmp_imm(IntCC::UnsignedLessThan, next, end);
        self.b.ins().brif(on, header, &[next.into()], after, &[]);
        self.b.seal_block(header);
        self.b.switch_to_block(after);
        self.b.seal_block(after);
    }

    /// Reads what the loop needs before it begins: the bases that it uses.
    fn prepare(&mut self, list: &[u32]) -> SmallVec<[Way; 4]> {
        let items = self.common.items;
        let mut used = SmallVec::new();
        let mut add = |base| {
            if !used.contains(&base) {
                used.push(base);
            }
        };
        for &at in list {
            let item = &items.list[at as usize];
            for operand in items.operands(item).iter().filter(|operand| operand.step > 0) {
                let base = self.address(operand.at).map_or(Base::Numbers, |(base, _)| base);
                add((base, operand.step));
            }
            match item.task {
                Task::Entry(which) => add((Base::Output(which), 1)),
                _ => add((Base::Numbers, 1)),
            }
        }
        for &(base, _) in &used {
            self.base(base);
        }
        used
    }

    /// Numbers that are the same in each turn: alone, and in both lanes.
    fn same_for_all(&mut self, list: &[u32]) -> HashMap<u32, [Value; 2]> {
        let items = self.common.items;
        let mut same = HashMap::new();
        for &at in list {
            for operand in items.operands(&items.list[at as usize]) {
                if operand.step == 0 && !same.contains_key(&operand.at) {
                    let one = self.number(operand.at);
                    let both = match self.common.memory.source(operand.at) {
                        Source::Constant(x) => self.constant(x, true),
                        Source::Parameter(_) | Source::Number => {
                            self.b.ins().splat(types::F64X2, one)
                        }
                    };
                    same.insert(operand.at, [one, both]);
                }
            }
        }
        same
    }

    /// One turn, of a pair or of one number; it is `at` numbers behind where the bases are.
    fn turn(
        &mut self,
        list: &[u32],
        same: &HashMap<u32, [Value; 2]>,
        bases: &Bases,
        at: u32,
        pair: bool,
    ) {
        let written_out = is_written_out(self.common.items, list);
        let items = self.common.items;
        let mut known: HashMap<Operand, Value> = HashMap::with_capacity(2 * list.len());
        for &which in list {
            let item = items.list[which as usize];
            let mut args: SmallVec<[Value; 8]> = SmallVec::new();
            for &operand in items.operands(&item) {
                args.push(match (operand.step, known.get(&operand)) {
                    (0, _) => same[&operand.at][usize::from(pair)],
                    (_, Some(&value)) => value,
                    (_, None) => {
                        let value = self.neighbour(operand, bases, (at, pair, written_out));
                        known.insert(operand, value);
                        value
                    }
                });
            }
            match item.task {
                Task::Entry(which) => {
                    let value = self.entry(args[0], pair);
                    self.show(value);
                    let base = found(bases, (Base::Output(which), 1));
                    let to = (item.out + at) as i32 * 8;
                    self.b.ins().store(Self::flags(), value, base, to);
                }
                Task::Compute(operation) => {
                    self.watched = self.common.hidden[which as usize];
                    let (value, _) = self.compute(operation, &args, pair, None);
                    if written_out {
                        for lane in 0..=u32::from(pair) {
                            self.name(item.out + at + lane, value, lane as u8);
                        }
                    }
                    known.insert(Operand { at: item.out, step: 1 }, value);
                    if self.common.stored[which as usize] {
                        let base = found(bases, (Base::Numbers, 1));
                        self.store(&item, value, Some(base), at);
                    }
                }
                _ => unreachable!("a loop computes and writes entries"),
            }
        }
        self.odd.look_at_last(&mut self.b);
    }

    /// What is read in a turn.
    fn neighbour(
        &mut self,
        operand: Operand,
        bases: &Bases,
        (at, pair, written_out): (u32, bool, bool),
    ) -> Value {
        let lanes = [operand.of(at), operand.of(at + u32::from(pair))];
        if written_out && let Some(value) = self.by_name(lanes, pair) {
            return value;
        }
        let Operand { at: place, step } = operand;
        let (base, byte) = self.address(place).unwrap_or((Base::Numbers, place as i32 * 8));
        let base = found(bases, (base, step));
        let byte = |at: u32| byte + (at * step) as i32 * 8;
        match (pair, step) {
            (true, 1) => self.b.ins().load(types::F64X2, Self::flags(), base, byte(at)),
            (false, _) => self.b.ins().load(types::F64, Self::flags(), base, byte(at)),
            (true, _) => {
                let lanes = [at, at + 1]
                    .map(|at| self.b.ins().load(types::F64, Self::flags(), base, byte(at)));
                self.joined(lanes)
            }
        }
    }

    /// Sums of neighbours, several side by side.
    pub(super) fn sums(&mut self, which: u32) {
        let items = self.common.items;
        let item = items.list[which as usize];
        let Task::Neighbours(width) = item.task else { return };
        let from = items.operands(&item)[0].at;
        let (base, byte) = self.address(from).unwrap_or((Base::Numbers, from as i32 * 8));
        let turns = item.len / SIDE;
        if turns > 1 {
            // What is read and what is written go on by different lengths.
            let pointer = self.pointer();
            let (header, after) = (self.b.create_block(), self.b.create_block());
            let read = self.b.append_block_param(header, pointer);
            let write = self.b.append_block_param(header, pointer);
            let start = self.base(base);
            let numbers = self.base(Base::Numbers);
            self.b.ins().jump(header, &[start.into(), numbers.into()]);
            self.b.switch_to_block(header);
            let sums = self.side_by_side(read, byte, width, SIDE);
            for (sum, at) in sums.iter().zip(0..) {
                self.store(&item, *sum, Some(write), at);
            }
            let next = self.b.ins().iadd_imm(read, i64::from(SIDE * width * 8));
            let wrote = self.b.ins().iadd_imm(write, i64::from(SIDE * 8));
            let end = self.b.ins().iadd_imm(numbers, i64::from(turns * SIDE * 8));
            let on = self.b.ins().icmp(IntCC::UnsignedLessThan, wrote, end);
            self.b.ins().brif(on, header, &[next.into(), wrote.into()], after, &[]);
            self.b.seal_block(header);
            self.b.switch_to_block(after);
            self.b.seal_block(after);
        }
        let mut at = if turns > 1 { turns * SIDE } else { 0 };
        let base = self.base(base);
        while at < item.len {
            let many = (item.len - at).min(SIDE);
            let sums = self.side_by_side(base, byte + (at * width) as i32 * 8, width, many);
            for (sum, k) in sums.iter().zip(at..) {
                self.store(&item, *sum, None, k);
            }
            at += many;
        }
    }

    fn side_by_side(
        &mut self,
        base: Value,
        byte: i32,
        width: u32,
        many: u32,
    ) -> SmallVec<[Value; SIDE as usize]> {
        let mut sums: SmallVec<[Value; SIDE as usize]> = SmallVec::new();
        for k in 0..width {
            for row in 0..many {
                let at = byte + (row * width + k) as i32 * 8;
                let term = self.b.ins().load(types::F64, Self::flags(), base, at);
                match sums.get_mut(row as usize) {
                    Some(sum) => *sum = self.b.ins().fadd(*sum, term),
                    None => sums.push(term),
                }
            }
        }
        sums
    }
}

/// A base that was prepared.
fn found(bases: &Bases, wanted: Way) -> Value {
    let found = bases.iter().find(|(way, _)| *way == wanted);
    found.map(|(_, value)| *value).unwrap_or_else(|| unreachable!("a base that was prepared"))
}
