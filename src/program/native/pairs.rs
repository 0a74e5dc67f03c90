//! Which results are computed two at a time, in one register.
//!
//! Rows of a Jacobian or of a Hessian are computed alike, each from its own numbers and from some that
//! they share. So two entries of one column make a pair, and what both are computed from, and so on:
//!
//! ```text
//! until no pair is left to look at:
//!     two results of one operation, equally far from the outputs, are a pair
//!     their arguments, one by one, are pairs to look at
//! ```
//!
//! What is one step farther from the outputs is computed earlier, so that pairs never wait for each other.

use super::emit::{Base, Emitter};
use super::items::{Item, Items, NONE, Operand, Task};
use super::memory::{Memory, Source};
use crate::program::plan::{Plan, PlannedOutput};
use cranelift_codegen::ir::{InstBuilder, Value, types};
use smallvec::SmallVec;
use std::collections::BTreeMap;

/// Outputs that have several rows as long as there are parameters.
pub(super) fn matrices(plan: &Plan, parameters: usize) -> Vec<u32> {
    let is_matrix = |output: &PlannedOutput| match output {
        PlannedOutput::Vector { len, .. } => {
            parameters > 0 && *len >= 2 * parameters && len.is_multiple_of(parameters)
        }
        PlannedOutput::Number(_) | PlannedOutput::Rows { .. } => false,
    };
    (0..).zip(&plan.outputs).filter(|(_, output)| is_matrix(output)).map(|(at, _)| at).collect()
}

/// Makes single numbers pairs, and says which items each is made of.
pub(super) fn paired(
    items: &Items,
    memory: &Memory,
    matrices: &[u32],
    row: u32,
) -> Vec<(u32, Option<u32>)> {
    let count = items.list.len();
    let mut pairs = Pairs {
        items,
        memory,
        after: after(items),
        second: vec![NONE; count],
        is_second: vec![false; count],
        waiting: Vec::new(),
    };
    pairs.of_rows(matrices, row);
    while let Some([first, second]) = pairs.waiting.pop() {
        pairs.look_at(first, second);
    }
    let all = (0..count as u32).filter(|&at| !pairs.is_second[at as usize]);
    let with = |at: u32| Some(pairs.second[at as usize]).filter(|&second| second != NONE);
    all.map(|at| (at, with(at))).collect()
}

/// By item: how many others in a row wait for it at most.
fn after(items: &Items) -> Vec<u32> {
    let mut after = vec![0; items.list.len()];
    for (at, item) in items.list.iter().enumerate().rev() {
        let next = after[at] + 1;
        items.needs(item, |producer| {
            let after = &mut after[producer as usize];
            *after = next.max(*after);
        });
    }
    after
}

struct Pairs<'a> {
    items: &'a Items,
    memory: &'a Memory,
    after: Vec<u32>,
    /// By item: the second of the pair of which it is the first.
    second: Vec<u32>,
    is_second: Vec<bool>,
    waiting: Vec<[u32; 2]>,
}

impl Pairs<'_> {
    /// The entries of each two rows that follow each other, column by column.
    fn of_rows(&mut self, matrices: &[u32], row: u32) {
        let mut entries = BTreeMap::new();
        for (at, item) in (0..).zip(&self.items.list) {
            if let Task::Entry(which) = item.task
                && item.len == 1
                && matrices.contains(&which)
            {
                entries.insert((which, item.out), at);
            }
        }
        for (&(which, out), &first) in &entries {
            if (out / row).is_multiple_of(2)
                && let Some(&second) = entries.get(&(which, out + row))
            {
                self.waiting.push([first, second]);
            }
        }
    }

    /// Whether two items are a pair, or could be one.
    fn is_alike(&self, first: u32, second: u32) -> bool {
        let [a, b] = [first, second].map(|at| &self.items.list[at as usize]);
        let same = match (a.task, b.task) {
            (Task::Compute(a), Task::Compute(b)) => a == b,
            (Task::Entry(a), Task::Entry(b)) => a == b,
            (Task::Copy, Task::Copy) => true,
            _ => false,
        };
        let is_free = |at: u32| self.second[at as usize] == NONE && !self.is_second[at as usize];
        same && (a.len, b.len) == (1, 1)
            && self.after[first as usize] == self.after[second as usize]
            && self.items.operands(a).len() == self.items.operands(b).len()
            && (self.second[first as usize] == second
                || first != second && is_free(first) && is_free(second))
    }

    /// The items that compute two numbers, if both are computed and apart.
    fn producers(&self, places: [u32; 2]) -> Option<[u32; 2]> {
        let found = places.map(|place| self.items.producer[place as usize]);
        (!found.contains(&NONE) && found[0] != found[1]).then_some(found)
    }

    /// Whether two numbers are at hand as a pair, as far as one sees.
    fn is_at_hand(&self, places: [u32; 2]) -> bool {
        let is_constant = |place: &u32| matches!(self.memory.source(*place), Source::Constant(_));
        places[0] == places[1]
            || places.iter().all(is_constant)
            || self.producers(places).is_some_and(|[first, second]| self.is_alike(first, second))
    }

    /// Makes a pair of two items, unless it takes more to bring their arguments together than it saves.
    fn look_at(&mut self, first: u32, second: u32) {
        if self.second[first as usize] != NONE || !self.is_alike(first, second) {
            return;
        }
        let [a, b] = [first, second].map(|at| self.items.list[at as usize]);
        let both = self.items.operands(&a).iter().zip(self.items.operands(&b));
        let arguments: SmallVec<[[u32; 2]; 8]> = both.map(|(a, b)| [a.at, b.at]).collect();
        let apart = arguments.iter().filter(|&&places| !self.is_at_hand(places)).count();
        let saved = match a.task {
            Task::Compute(_) => arguments.len().saturating_sub(1).max(1),
            _ => 0,
        };
        if apart > saved {
            return;
        }
        self.second[first as usize] = second;
        self.is_second[second as usize] = true;
        let next = arguments.iter().filter_map(|&places| self.producers(places));
        self.waiting.extend(next.collect::<SmallVec<[_; 8]>>());
    }
}

impl Emitter<'_, '_> {
    /// Two results side by side.
    pub(super) fn pair(&mut self, at: u32) {
        let item = self.common.items.list[at as usize];
        let operands = self.common.items.operands(&item);
        self.clock += operands.len() as u32;
        let args: SmallVec<[Value; 8]> =
            operands.iter().map(|&operand| self.both(operand)).collect();
        let value = match item.task {
            Task::Entry(which) => {
                let value = self.entry(args[0], true);
                self.show(value);
                let base = self.base(Base::Output(which));
                return self.store_lanes(&item, value, base);
            }
            Task::Compute(operation) => {
                self.watched = self.common.hidden[at as usize];
                self.compute(operation, &args, true, None).0
            }
            _ => args[0],
        };
        for (lane, place) in (0..).zip(item.results()) {
            self.name(place, value, lane);
        }
        if self.common.stored[at as usize] {
            let base = self.base(Base::Numbers);
            self.store_lanes(&item, value, base);
        }
    }

    fn store_lanes(&mut self, item: &Item, value: Value, base: Value) {
        for (lane, place) in (0..).zip(item.results()) {
            let number = self.b.ins().extractlane(value, lane);
            self.b.ins().store(Self::flags(), number, base, place as i32 * 8);
        }
    }

    /// The two numbers of an argument, in a register.
    fn both(&mut self, operand: Operand) -> Value {
        let places = [operand.of(0), operand.of(1)];
        if let Some(known) = self.together(places) {
            return known;
        }
        let sources = places.map(|place| self.common.memory.source(place));
        let value = match sources {
            [Source::Constant(a), Source::Constant(b)] => self.constants([a, b]),
            [Source::Parameter(a), Source::Parameter(b)] if a + 1 == b => {
                let base = self.base(Base::Parameters);
                self.b.ins().load(types::F64X2, Self::flags(), base, a as i32 * 8)
            }
            _ if operand.step == 0 => {
                let number = self.number(places[0]);
                self.b.ins().splat(types::F64X2, number)
            }
            _ => self.beside(places),
        };
        self.bring_together(places, value);
        value
    }
}
