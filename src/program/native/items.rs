//! What native code is made of: the steps of a plan, each with what it reads and writes.
//!
//! Every place is written once, so that a place is a value: it can stay in a register, and what is
//! computed from it can go to any later time.

use crate::program::ir::entries::UnaryKind;
use crate::program::ir::operation::Operation;
use crate::program::native::NativeError;
use crate::program::native::arithmetic::is_instructions;
use crate::program::native::memory::Memory;
use crate::program::plan::uniform::{Operand as Planned, Uniform, UniformInstruction};
use crate::program::plan::{Plan, PlannedOutput};
use smallvec::SmallVec;
use std::collections::{BTreeMap, HashMap};

/// A loop over so few numbers is written out, one number after the other.
pub(super) const WRITTEN_OUT: u32 = 3;
/// The same of a program with rows of entries, whose numbers are paired one by one.
pub(super) const WRITTEN_OUT_OF_ROWS: u32 = 16;
/// The most places that are brought together by instructions of their own.
const BROUGHT: usize = 64;
/// The most zeros that are written one by one.
const ZEROS: usize = 16;
/// The farthest that numbers read by one loop are apart.
const FAR: u32 = 1 << 12;
pub(super) const NONE: u32 = u32::MAX;

/// What an item does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Task {
    /// An operation that is a few instructions, `len` times.
    Compute(Operation),
    /// An operation on one number, by the library's own function.
    Call(Operation),
    /// Two functions of one number, by a function for both.
    CallBoth([UnaryKind; 2]),
    /// A number as it is.
    Copy,
    /// `len` sums, each of so many neighbours.
    Neighbours(u32),
    /// Into an output, as it is.
    Number(u32),
    /// Into a vector among the outputs, added to 0.
    Entry(u32),
    /// A 0 into a vector among the outputs.
    Zero(u32),
    /// Notes whether a condition is not as it was recorded.
    Guard { holds: bool },
    /// A step that the interpreter does.
    Interpret(UniformInstruction),
}

/// Where an argument is: of the `i`-th result it is at `at + i · step`. Of two results the second may be read
/// from before the first: then the step is so many less than `2^32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Operand {
    pub(super) at: u32,
    pub(super) step: u32,
}

impl Operand {
    /// A single number.
    fn one(at: u32) -> Self {
        Operand { at, step: 0 }
    }

    /// Where it is for a result.
    pub(super) fn of(self, result: u32) -> u32 {
        self.at.wrapping_add(result.wrapping_mul(self.step))
    }
}

/// Something that is done at a time, `len` times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) task: Task,
    /// Where the first result goes.
    pub(super) out: u32,
    pub(super) len: u32,
    /// How far apart results are.
    pub(super) apart: u32,
    operands: [u32; 2],
}

impl Item {
    /// Where a result goes.
    pub(super) fn result(&self, which: u32) -> u32 {
        self.out.wrapping_add(which.wrapping_mul(self.apart))
    }

    /// Where all results go.
    pub(super) fn results(&self) -> impl Iterator<Item = u32> {
        let item = *self;
        (0..self.len).map(move |which| item.result(which))
    }

    /// Whether results are numbers that have places.
    fn has_place(&self) -> bool {
        !matches!(self.task, Task::Number(_) | Task::Entry(_) | Task::Zero(_) | Task::Guard { .. })
    }

    /// Whether it is one number, or two that are computed side by side from any places.
    pub(super) fn is_single(&self) -> bool {
        self.len <= 2
    }
}

/// All that a stage does.
#[derive(Debug)]
pub(super) struct Items {
    pub(super) list: Vec<Item>,
    operands: Vec<Operand>,
    /// By place: the item that writes it.
    pub(super) producer: Vec<u32>,
    /// Numbers that are not brought together, since they stand at equal distances: by the place where they
    /// would be, how many, where the first is and how far apart they are.
    views: BTreeMap<u32, View>,
    /// Where what a function of one number gives is, by function and argument.
    called: HashMap<(Operation, u32), u32>,
    /// A loop over so few numbers is written out.
    written_out: u32,
}

#[derive(Clone, Copy, Debug)]
struct View {
    len: u32,
    first: u32,
    step: u32,
    gather: UniformInstruction,
}

impl Items {
    /// Those of a stage. With `direct`, the stage is the whole program and writes its outputs too. A loop over at
    /// most `written_out` numbers becomes these, one by one.
    pub(super) fn new(
        plan: &Plan,
        stage: usize,
        memory: &Memory,
        direct: bool,
        written_out: u32,
    ) -> Result<Self, NativeError> {
        let producer = vec![NONE; plan.numbers];
        let mut items = Items {
            list: Vec::new(),
            operands: Vec::new(),
            producer,
            views: BTreeMap::new(),
            called: HashMap::new(),
            written_out,
        };
        let uniform = &plan.stages[stage];
        for &step in uniform.steps() {
            items.step(uniform, step);
        }
        for &(of, at, guard) in &plan.guards {
            if of as usize == stage {
                let holds = memory.guards[guard as usize];
                items.push(Task::Guard { holds }, NONE, 1, [Operand::one(at)]);
            }
        }
        if direct {
            for (which, output) in (0..).zip(&plan.outputs) {
                items.output(which, output, memory);
            }
        }
        match u32::try_from(items.list.len().max(items.operands.len())) {
            Ok(found) if found < NONE => Ok(items),
            _ => Err(NativeError::too_large(items.operands.len())),
        }
    }

    pub(super) fn operands(&self, item: &Item) -> &[Operand] {
        let [from, to] = item.operands;
        &self.operands[from as usize..to as usize]
    }

    /// All places that single numbers read.
    pub(super) fn places(&self, item: &Item) -> impl Iterator<Item = u32> {
        let len = item.len;
        self.operands(item).iter().flat_map(move |operand| (0..len).map(|at| operand.of(at)))
    }

    /// What an item reads: for each argument how many numbers, the first of them, and how far apart they are.
    pub(super) fn reads(&self, item: &Item) -> impl Iterator<Item = (u32, Operand)> {
        let (task, len) = (item.task, item.len);
        self.operands(item).iter().map(move |&operand| match (task, operand.step) {
            (Task::Neighbours(width), _) => (len * width, Operand { at: operand.at, step: 1 }),
            (_, 0) => (1, operand),
            _ => (len, operand),
        })
    }

    /// Calls `found` with each item that computes something for this one, perhaps several times.
    pub(super) fn needs(&self, item: &Item, mut found: impl FnMut(u32)) {
        for (count, operand) in self.reads(item) {
            let mut at = 0;
            while at < count {
                let place = operand.of(at);
                at += 1;
                let producer = self.producer[place as usize];
                if producer != NONE {
                    found(producer);
                    let Item { out, len, apart, .. } = self.list[producer as usize];
                    if operand.step == 1 && apart == 1 {
                        at = out + len - operand.at;
                    }
                }
            }
        }
    }

    /// The same with pairs: each item is made of one, or of two that compute one number each.
    pub(super) fn merged(mut self, made_of: &[(u32, Option<u32>)]) -> Self {
        let old = std::mem::take(&mut self.list);
        for (number, &(first, second)) in (0..).zip(made_of) {
            let mut item = old[first as usize];
            if let Some(second) = second {
                let second = old[second as usize];
                let from = self.operands.len() as u32;
                for (a, b) in (item.operands[0]..item.operands[1]).zip(second.operands[0]..) {
                    let [Operand { at, .. }, b] = [a, b].map(|at| self.operands[at as usize]);
                    self.operands.push(Operand { at, step: b.at.wrapping_sub(at) });
                }
                item.operands = [from, self.operands.len() as u32];
                item.apart = second.out.wrapping_sub(item.out);
                item.len = 2;
            }
            if item.has_place() {
                item.results().for_each(|place| self.producer[place as usize] = number);
            }
            self.list.push(item);
        }
        self
    }

    fn push(
        &mut self,
        task: Task,
        out: u32,
        len: u32,
        operands: impl IntoIterator<Item = Operand>,
    ) {
        let from = self.operands.len() as u32;
        self.operands.extend(operands);
        let to = self.operands.len() as u32;
        let item = Item { task, out, len, apart: 1, operands: [from, to] };
        if item.has_place() {
            self.producer[out as usize..(out + len) as usize].fill(self.list.len() as u32);
        }
        self.list.push(item);
    }

    fn step(&mut self, uniform: &Uniform, step: UniformInstruction) {
        match step {
            UniformInstruction::Singles { from, to } => {
                for (at, single) in (from..).zip(uniform.singles(from, to)) {
                    let (operation, places) = uniform.operation(single);
                    self.single(operation, single.out, &places, at, uniform);
                }
            }
            UniformInstruction::Map { operation, out, len, from, to } => {
                let operands = uniform.operands(from, to).iter().map(|operand| match *operand {
                    Planned::Same(at) => Operand::one(at),
                    Planned::Run(at) => Operand { at, step: 1 },
                });
                if !is_instructions(operation) {
                    operands.clone().for_each(|operand| self.bring(operand.at, uniform));
                    return self.push(Task::Interpret(step), out, len, operands);
                }
                let operands: Vec<Operand> = operands.map(|x| self.viewed(x)).collect();
                if len > self.written_out {
                    return self.push(Task::Compute(operation), out, len, operands);
                }
                for i in 0..len {
                    let at = operands.iter().map(|operand| Operand::one(operand.of(i)));
                    self.push(Task::Compute(operation), out + i, 1, at);
                }
            }
            UniformInstruction::Neighbours { out, len, width, at } => {
                self.push(Task::Neighbours(width), out, len, [Operand { at, step: width }]);
            }
            UniformInstruction::Gather { out, from, to } => {
                let places = uniform.places(from, to);
                match evenly(places) {
                    Some(step_between) => {
                        let (len, first) = (places.len() as u32, places[0]);
                        let view = View { len, first, step: step_between, gather: step };
                        self.views.insert(out, view);
                    }
                    None => self.gather(step, out, places),
                }
            }
        }
    }

    /// Brings numbers together.
    fn gather(&mut self, step: UniformInstruction, out: u32, places: &[u32]) {
        let operands = places.iter().map(|&at| Operand::one(at));
        if places.len() > BROUGHT {
            return self.push(Task::Interpret(step), out, places.len() as u32, operands);
        }
        for (out, operand) in (out..).zip(operands) {
            self.push(Task::Copy, out, 1, [operand]);
        }
    }

    /// An operation on single numbers, which is one of the list of those.
    fn single(
        &mut self,
        operation: Operation,
        out: u32,
        places: &[u32],
        at: u32,
        uniform: &Uniform,
    ) {
        let arity = operation.arity();
        if !is_instructions(operation) && !arity.is_some_and(|arity| (1..=3).contains(&arity)) {
            places.iter().for_each(|&place| self.bring(place, uniform));
            let step = UniformInstruction::Singles { from: at, to: at + 1 };
            return self.push(
                Task::Interpret(step),
                out,
                1,
                places.iter().map(|&at| Operand::one(at)),
            );
        }
        let operands: SmallVec<[Operand; 8]> =
            places.iter().map(|&at| self.viewed(Operand::one(at))).collect();
        if let Some((task, operands)) = self.task(operation, out, operands) {
            self.push(task, out, 1, operands);
        }
    }

    /// What computes an operation, and from what: from a result that there is, perhaps, since the slope of a
    /// sine is a cosine, to the bit. `None` if a call that there is computes it too.
    fn task(
        &mut self,
        operation: Operation,
        out: u32,
        mut operands: SmallVec<[Operand; 8]>,
    ) -> Option<(Task, SmallVec<[Operand; 8]>)> {
        if is_instructions(operation) {
            return Some((Task::Compute(operation), operands));
        }
        let (function, how) = match operation {
            Operation::UnarySlope(UnaryKind::Sin {}) => {
                (Operation::Unary(UnaryKind::Cos {}), Task::Copy)
            }
            Operation::UnarySlope(UnaryKind::Cos {}) => {
                (Operation::Unary(UnaryKind::Sin {}), Task::Compute(Operation::Neg))
            }
            other => (other, Task::Copy),
        };
        let argument = operands[0].at;
        if let Some(&known) = self.called.get(&(function, argument)) {
            return Some((how, SmallVec::from_slice(&[Operand::one(known)])));
        }
        if let (Task::Copy, Operation::Unary(kind)) = (how, function) {
            self.called.insert((function, argument), out);
            if self.joins(kind, argument, out) {
                return None;
            }
            operands.truncate(1);
            return Some((Task::Call(function), operands));
        }
        Some((Task::Call(operation), operands))
    }

    /// Lets the call of a sine give the cosine too, or the other way round; whether there is one.
    fn joins(&mut self, kind: UnaryKind, argument: u32, out: u32) -> bool {
        let other = match kind {
            UnaryKind::Sin {} => UnaryKind::Cos {},
            UnaryKind::Cos {} => UnaryKind::Sin {},
            _ => return false,
        };
        let Some(&at) = self.called.get(&(Operation::Unary(other), argument)) else { return false };
        let number = self.producer[at as usize];
        let item = &mut self.list[number as usize];
        item.task = Task::CallBoth([other, kind]);
        (item.len, item.apart) = (2, out.wrapping_sub(item.out));
        self.producer[out as usize] = number;
        true
    }

    /// Where an argument really is.
    fn viewed(&self, operand: Operand) -> Operand {
        match self.views.range(..=operand.at).next_back() {
            Some((&out, view)) if operand.at < out + view.len => Operand {
                at: view.first + (operand.at - out) * view.step,
                step: operand.step * view.step,
            },
            _ => operand,
        }
    }

    /// Brings numbers together that the interpreter will read.
    fn bring(&mut self, place: u32, uniform: &Uniform) {
        let view = self.views.range(..=place).next_back();
        if let Some((&out, &view)) = view.filter(|(out, view)| place < **out + view.len)
            && let UniformInstruction::Gather { from, to, .. } = view.gather
        {
            self.views.remove(&out);
            self.gather(view.gather, out, uniform.places(from, to));
        }
    }

    fn output(&mut self, which: u32, output: &PlannedOutput, memory: &Memory) {
        match output {
            &PlannedOutput::Number(at) => {
                self.push(Task::Number(which), 0, 1, [Operand::one(at)]);
            }
            PlannedOutput::Vector { runs, .. } => {
                for &[to, from, len] in runs {
                    self.entries(which, to, from, len, memory);
                }
                for at in gaps(output).unwrap_or_default() {
                    self.push(Task::Zero(which), at, 1, []);
                }
            }
            PlannedOutput::Rows { .. } => {}
        }
    }

    /// A run of entries, in as long pieces as were computed at a time.
    fn entries(&mut self, which: u32, to: u32, from: u32, len: u32, memory: &Memory) {
        let (mut at, end) = (from, from + len);
        while at < end {
            let producer = self.producer[at as usize];
            let next = match producer {
                NONE => memory.parameters_from(at).unwrap_or(at + 1),
                _ => {
                    // A sine and its cosine may lie anywhere.
                    let Item { out, len, apart, .. } = self.list[producer as usize];
                    if apart == 1 { out + len } else { at + 1 }
                }
            };
            let (piece, out) = (next.min(end) - at, to + (at - from));
            if piece > self.written_out {
                self.push(Task::Entry(which), out, piece, [Operand { at, step: 1 }]);
            } else {
                for i in 0..piece {
                    self.push(Task::Entry(which), out + i, 1, [Operand::one(at + i)]);
                }
            }
            at += piece;
        }
    }
}

/// The entries of a vector that are 0 and written as such; `None` of one that has too many of them, or none at
/// all.
pub(super) fn gaps(output: &PlannedOutput) -> Option<Vec<u32>> {
    let PlannedOutput::Vector { len, runs, .. } = output else { return None };
    let written: usize = runs.iter().map(|run| run[2] as usize).sum();
    if !(1..=ZEROS).contains(&len.saturating_sub(written)) {
        return None;
    }
    let mut is_written = vec![false; *len];
    for &[to, _, count] in runs {
        is_written[to as usize..(to + count) as usize].fill(true);
    }
    Some((0..*len as u32).filter(|&at| !is_written[at as usize]).collect())
}

/// How far apart places are, if they are evenly and in order.
fn evenly(places: &[u32]) -> Option<u32> {
    let [first, second, ..] = *places else { return None };
    let step = second.checked_sub(first).filter(|step| (1..=FAR).contains(step))?;
    places.windows(2).all(|pair| pair[1].checked_sub(pair[0]) == Some(step)).then_some(step)
}
