//! Numbers that are the same for all rows: computed once.
//!
//! A program in ten thousand unknowns is often the same few operations, ten thousand times. What can
//! be computed side by side is found when the program is compiled (see [`arrange`]), and gets
//! neighbouring places (see [`placement`]), so that one loop over slices computes all of it. What
//! stands alone is a list of operations on single numbers. Either way each number has the bits that
//! [`evaluate`] gives it.

mod arrange;
mod chains;
mod loops;
mod placement;
mod places;
mod readers;

use chains::Listed;
pub(crate) use places::{Numbers, Places};
pub(crate) use readers::Readers;

#[cfg(test)]
mod tests;

use crate::op::vector::level::Level;
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Gate, Operation, chain, evaluate};
use crate::program::kernel;
use smallvec::SmallVec;

/// An operation on single numbers: where it finds its arguments, and where its result goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SingleOp {
    code: Code,
    pub(crate) out: u32,
    /// The places of the arguments; of an operation of any number of arguments, where these begin
    /// and end in the list of places.
    args: [u32; 3],
}

/// What is done to single numbers. The common operations are told apart by one jump, and without
/// [`evaluate`], which takes a slice.
#[derive(Clone, Copy, Debug)]
enum Code {
    Neg,
    Add,
    Sub,
    Mul,
    Div,
    Chain(Gate),
    Sum,
    /// Any other, by its place in the list of operations.
    Other(u32),
}

/// Where a loop finds an argument.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Operand {
    /// One number for all.
    Same(u32),
    /// Neighbours, from this one on.
    Run(u32),
}

/// What is done at a time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum UniformInstruction {
    /// Operations on single numbers, some of the list.
    Singles { from: u32, to: u32 },
    /// One operation `len` times; the operands are some of the list.
    Map { operation: Operation, out: u32, len: u32, from: u32, to: u32 },
    /// `len` sums, each of `width` neighbours, which follow each other.
    Neighbours { out: u32, len: u32, width: u32, at: u32 },
    /// Numbers brought together; their places are some of the list.
    Gather { out: u32, from: u32, to: u32 },
}

/// A list of operations on single numbers and on runs of them.
#[derive(Debug, Default)]
pub(crate) struct Uniform {
    steps: Vec<UniformInstruction>,
    singles: Vec<SingleOp>,
    operations: Vec<Operation>,
    operands: Vec<Operand>,
    places: Vec<u32>,
}

impl Uniform {
    /// Of these nodes, each after those that it needs; each gets a place, noted in `number`.
    pub(crate) fn new(
        graph: &Graph,
        mut ids: Vec<Id>,
        readers: &mut Readers,
        number: &mut Vec<u32>,
        places: &mut Places,
    ) -> Self {
        if ids.is_empty() {
            return Uniform::default();
        }
        let nodes = Listed::new(graph, &mut ids, readers);
        number.resize(nodes.len(), u32::MAX);
        let groups = arrange::groups(&nodes, ids, readers);
        placement::Placement::new(&nodes, readers, number, places).build(&groups)
    }

    /// Computes all of them.
    pub(crate) fn run(&self, level: Level, numbers: &mut [f64]) {
        for &step in &self.steps {
            self.step(step, level, numbers);
        }
    }

    /// What is done, one after the other.
    #[cfg(feature = "native")]
    pub(crate) fn steps(&self) -> &[UniformInstruction] {
        &self.steps
    }

    /// The operations on single numbers from one to another.
    pub(crate) fn singles(&self, from: u32, to: u32) -> &[SingleOp] {
        &self.singles[from as usize..to as usize]
    }

    /// Some of the operands.
    pub(crate) fn operands(&self, from: u32, to: u32) -> &[Operand] {
        &self.operands[from as usize..to as usize]
    }

    /// Some of the places.
    pub(crate) fn places(&self, from: u32, to: u32) -> &[u32] {
        &self.places[from as usize..to as usize]
    }

    /// What an operation on single numbers does, and the places of its arguments.
    #[cfg(feature = "native")]
    pub(crate) fn operation(&self, single: &SingleOp) -> (Operation, SmallVec<[u32; 8]>) {
        let operation = match single.code {
            Code::Neg => Operation::Neg,
            Code::Add => Operation::Add,
            Code::Sub => Operation::Sub,
            Code::Mul => Operation::Mul,
            Code::Div => Operation::Div,
            Code::Chain(gate) => Operation::Chain(gate),
            Code::Sum => Operation::Sum,
            Code::Other(which) => self.operations[which as usize],
        };
        let places = match operation.arity() {
            Some(arity) => &single.args[..arity],
            None => self.places(single.args[0], single.args[1]),
        };
        (operation, places.into())
    }

    /// Does one of the steps.
    #[inline(always)]
    pub(crate) fn step(&self, step: UniformInstruction, level: Level, numbers: &mut [f64]) {
        match step {
            UniformInstruction::Singles { from, to } => {
                for single in self.singles(from, to) {
                    numbers[single.out as usize] = self.single(single, numbers);
                }
            }
            UniformInstruction::Map { operation, out, len, from, to } => {
                loops::map(level, operation, numbers, [out, len], self.operands(from, to));
            }
            UniformInstruction::Neighbours { out, len, width, at } => {
                let (out, others) = Others::split(numbers, out, len);
                kernel::neighbours(level, out, others.run(at, len * width), width as usize);
            }
            UniformInstruction::Gather { out, from, to } => {
                let places = self.places(from, to);
                let (out, others) = Others::split(numbers, out, places.len() as u32);
                for (out, &place) in out.iter_mut().zip(places) {
                    *out = others.number(place);
                }
            }
        }
    }

    #[inline(always)]
    fn single(&self, &SingleOp { code, args, .. }: &SingleOp, numbers: &[f64]) -> f64 {
        let [a, b, _] = args;
        let at = |place: u32| numbers[place as usize];
        match code {
            Code::Neg => -at(a),
            Code::Add => at(a) + at(b),
            Code::Sub => at(a) - at(b),
            Code::Mul => at(a) * at(b),
            Code::Div => at(a) / at(b),
            Code::Chain(gate) => chain(gate, at(a), at(b)),
            Code::Sum => {
                let terms = self.places[a as usize..b as usize].iter().map(|&place| at(place));
                terms.reduce(|sum, x| sum + x).unwrap_or(f64::NAN)
            }
            Code::Other(which) => self.other(which, args, numbers),
        }
    }

    /// What any operation gives.
    fn other(&self, which: u32, args: [u32; 3], numbers: &[f64]) -> f64 {
        let operation = self.operations[which as usize];
        let [a, b, c] = args;
        let at = |place: u32| numbers[place as usize];
        let result = match operation.arity() {
            Some(1) => evaluate(operation, &[at(a)]),
            Some(2) => evaluate(operation, &[at(a), at(b)]),
            Some(_) => evaluate(operation, &[at(a), at(b), at(c)]),
            None => {
                let places = &self.places[a as usize..b as usize];
                let args: SmallVec<[f64; 8]> = places.iter().map(|&place| at(place)).collect();
                evaluate(operation, &args)
            }
        };
        result.unwrap_or(f64::NAN)
    }
}

/// All numbers but those that are being written.
#[derive(Clone, Copy)]
struct Others<'n> {
    before: &'n [f64],
    after: &'n [f64],
    /// Where those after begin.
    from: usize,
}

impl<'n> Others<'n> {
    #[inline]
    fn split(numbers: &'n mut [f64], out: u32, len: u32) -> (&'n mut [f64], Self) {
        let (before, rest) = numbers.split_at_mut(out as usize);
        let (out, after) = rest.split_at_mut(len as usize);
        let from = before.len() + out.len();
        (out, Others { before, after, from })
    }

    /// A run lies on one side of what is written, since it has none of it.
    #[inline]
    fn run(self, at: u32, len: u32) -> &'n [f64] {
        let (at, len) = (at as usize, len as usize);
        if at < self.before.len() {
            &self.before[at..at + len]
        } else {
            &self.after[at - self.from..][..len]
        }
    }

    #[inline]
    fn number(self, at: u32) -> f64 {
        let at = at as usize;
        if at < self.before.len() { self.before[at] } else { self.after[at - self.from] }
    }
}
