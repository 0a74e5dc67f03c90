//! What native code is made of: the steps of a plan, each with what it reads and writes.
//!
//! Every place is written once, so that a place is a value: it can stay in a register, and what is
//! computed from it can go to any later time.

use crate::program::ir::operation::Operation;
use crate::program::native::NativeError;
use crate::program::native::arithmetic::is_instructions;
use crate::program::native::memory::Memory;
use crate::program::plan::uniform::{Operand as Planned, Uniform, UniformInstruction};
use crate::program::plan::{Plan, PlannedOutput};

/// A loop over so few numbers is written out, one number after the other.
const WRITTEN_OUT: u32 = 12;
/// The most places that are brought together by instructions of their own.
const BROUGHT: usize = 64;
pub(super) const NONE: u32 = u32::MAX;

/// What an item does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Task {
    /// An operation that is a few instructions, `len` times.
    Compute(Operation),
    /// An operation on one number, by the library's own function.
    Call(Operation),
    /// A number as it is.
    Copy,
    /// `len` sums, each of so many neighbours.
    Neighbours(u32),
    /// Into an output, as it is.
    Number(u32),
    /// Into a vector among the outputs, added to 0.
    Entry(u32),
    /// Notes whether a condition is not as it was recorded.
    Guard { holds: bool },
    /// A step that the interpreter does.
    Interpret(UniformInstruction),
}

/// Where an argument is: of the `i`-th result it is at `at + i · step`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operand {
    pub(super) at: u32,
    pub(super) step: u32,
}

/// Something that is done at a time, `len` times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) task: Task,
    /// Where the first result goes.
    pub(super) out: u32,
    pub(super) len: u32,
    operands: [u32; 2],
}

/// All that a stage does.
#[derive(Debug)]
pub(super) struct Items {
    pub(super) list: Vec<Item>,
    operands: Vec<Operand>,
    /// By place: the item that writes it.
    pub(super) producer: Vec<u32>,
}

impl Items {
    /// Those of a stage. With `direct`, the stage is the whole program and writes its outputs too.
    pub(super) fn new(
        plan: &Plan,
        stage: usize,
        memory: &Memory,
        direct: bool,
    ) -> Result<Self, NativeError> {
        let producer = vec![NONE; plan.numbers];
        let mut items = Items { list: Vec::new(), operands: Vec::new(), producer };
        let uniform = &plan.stages[stage];
        for &step in uniform.steps() {
            items.step(uniform, step);
        }
        for &(of, at, guard) in &plan.guards {
            if of as usize == stage {
                let holds = memory.guards[guard as usize];
                items.push(Task::Guard { holds }, NONE, 1, [Operand { at, step: 0 }]);
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

    /// The runs of places that an item reads: where each begins, and its length.
    pub(super) fn reads(&self, item: &Item) -> impl Iterator<Item = [u32; 2]> {
        let (task, len) = (item.task, item.len);
        self.operands(item).iter().map(move |operand| {
            let len = match (task, operand.step) {
                (Task::Neighbours(width), _) => len * width,
                (_, 0) => 1,
                _ => len,
            };
            [operand.at, len]
        })
    }

    /// Calls `found` with each item that computes something for this one, perhaps several times.
    pub(super) fn needs(&self, item: &Item, mut found: impl FnMut(u32)) {
        for [mut at, len] in self.reads(item) {
            let end = at + len;
            while at < end {
                let producer = self.producer[at as usize];
                at += 1;
                if producer != NONE {
                    found(producer);
                    let Item { out, len, .. } = self.list[producer as usize];
                    at = out + len;
                }
            }
        }
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
        if !matches!(task, Task::Number(_) | Task::Entry(_) | Task::Guard { .. }) {
            self.producer[out as usize..(out + len) as usize].fill(self.list.len() as u32);
        }
        self.list.push(Item { task, out, len, operands: [from, to] });
    }

    fn step(&mut self, uniform: &Uniform, step: UniformInstruction) {
        let same = |&at: &u32| Operand { at, step: 0 };
        match step {
            UniformInstruction::Singles { from, to } => {
                for (at, single) in (from..).zip(uniform.singles(from, to)) {
                    let (operation, places) = uniform.operation(single);
                    let task = if is_instructions(operation) {
                        Task::Compute(operation)
                    } else if operation.arity().is_some_and(|arity| (1..=3).contains(&arity)) {
                        Task::Call(operation)
                    } else {
                        let [from, to] = [at, at + 1];
                        Task::Interpret(UniformInstruction::Singles { from, to })
                    };
                    self.push(task, single.out, 1, places.iter().map(same));
                }
            }
            UniformInstruction::Map { operation, out, len, from, to } => {
                let operands = uniform.operands(from, to).iter().map(|operand| match *operand {
                    Planned::Same(at) => Operand { at, step: 0 },
                    Planned::Run(at) => Operand { at, step: 1 },
                });
                if !is_instructions(operation) {
                    self.push(Task::Interpret(step), out, len, operands);
                } else if len > WRITTEN_OUT {
                    self.push(Task::Compute(operation), out, len, operands);
                } else {
                    let operands: Vec<Operand> = operands.collect();
                    for i in 0..len {
                        let at = |x: &Operand| Operand { at: x.at + i * x.step, step: 0 };
                        self.push(Task::Compute(operation), out + i, 1, operands.iter().map(at));
                    }
                }
            }
            UniformInstruction::Neighbours { out, len, width, at } => {
                self.push(Task::Neighbours(width), out, len, [Operand { at, step: width }]);
            }
            UniformInstruction::Gather { out, from, to } => {
                let places = uniform.places(from, to);
                if places.len() > BROUGHT {
                    let len = places.len() as u32;
                    return self.push(Task::Interpret(step), out, len, places.iter().map(same));
                }
                for (out, place) in (out..).zip(places) {
                    self.push(Task::Copy, out, 1, [same(place)]);
                }
            }
        }
    }

    fn output(&mut self, which: u32, output: &PlannedOutput, memory: &Memory) {
        match output {
            &PlannedOutput::Number(at) => {
                self.push(Task::Number(which), 0, 1, [Operand { at, step: 0 }]);
            }
            PlannedOutput::Vector { runs, .. } => {
                for &[to, from, len] in runs {
                    self.entries(which, to, from, len, memory);
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
                    let Item { out, len, .. } = self.list[producer as usize];
                    out + len
                }
            };
            let (piece, out) = (next.min(end) - at, to + (at - from));
            if piece > WRITTEN_OUT {
                self.push(Task::Entry(which), out, piece, [Operand { at, step: 1 }]);
            } else {
                for i in 0..piece {
                    let operand = Operand { at: at + i, step: 0 };
                    self.push(Task::Entry(which), out + i, 1, [operand]);
                }
            }
            at += piece;
        }
    }
}
