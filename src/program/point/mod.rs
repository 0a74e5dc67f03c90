//! Numbers that are the same for all rows: computed once.
//!
//! A program in ten thousand unknowns is often the same few operations, ten thousand times. What can
//! be computed side by side is found when the program is compiled (see [`arrange`]), and gets
//! neighbouring places (see [`layout`]), so that one loop over slices computes all of it. What
//! stands alone is a list of operations on single numbers. Either way each number has the bits that
//! [`evaluate`] gives it.

mod arrange;
mod layout;
mod places;

pub(super) use places::{Numbers, Places};

#[cfg(test)]
mod tests;

use super::graph::{Graph, Id};
use super::kernel::{self, Arg};
use super::operation::{Operation, chain, evaluate};
use crate::op::vector::level::Level;
use smallvec::SmallVec;

/// One operation on single numbers.
#[derive(Clone, Copy, Debug)]
struct Scalar {
    operation: Operation,
    out: u32,
    /// Where its arguments stand; of an operation of any number of arguments, where these begin and
    /// end in the list of places.
    args: [u32; 3],
}

/// Where a loop finds an argument.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Operand {
    /// One number for all.
    Same(u32),
    /// Neighbours, from this one on.
    Run(u32),
}

/// What is done at a time.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Some of the operations on single numbers.
    Scalars { from: u32, to: u32 },
    /// One operation `len` times; the operands are some of the list.
    Map { operation: Operation, out: u32, len: u32, from: u32, to: u32 },
    /// `len` sums, each of `width` neighbours, which follow each other.
    Neighbours { out: u32, len: u32, width: u32, at: u32 },
    /// Numbers brought together; their places are some of the list.
    Gather { out: u32, from: u32, to: u32 },
}

/// A list of operations on single numbers and on runs of them.
#[derive(Debug, Default)]
pub(super) struct Point {
    steps: Vec<Step>,
    scalars: Vec<Scalar>,
    operands: Vec<Operand>,
    places: Vec<u32>,
}

/// What is known of the nodes that a list computes from.
pub(super) struct Nodes<'p> {
    pub(super) graph: &'p Graph,
    /// How often each is used.
    pub(super) uses: &'p [u32],
    /// Whether it is read when the list has run.
    pub(super) kept: &'p [bool],
}

impl Point {
    /// Of these nodes, each after those that it needs; each gets a place, noted in `number`.
    pub(super) fn new(
        nodes: &Nodes<'_>,
        ids: &[Id],
        number: &mut [u32],
        places: &mut Places,
    ) -> Self {
        if ids.is_empty() {
            return Point::default();
        }
        let groups = arrange::groups(nodes, ids);
        layout::Layout::new(nodes, ids, number, places).point(&groups)
    }

    /// Computes all of them.
    pub(super) fn run(&self, level: Level, numbers: &mut [f64]) {
        for step in &self.steps {
            match *step {
                Step::Scalars { from, to } => {
                    for scalar in &self.scalars[from as usize..to as usize] {
                        numbers[scalar.out as usize] = self.single(scalar, numbers);
                    }
                }
                Step::Map { operation, out, len, from, to } => {
                    let operands = &self.operands[from as usize..to as usize];
                    map(level, operation, numbers, [out, len], operands);
                }
                Step::Neighbours { out, len, width, at } => {
                    let (out, others) = Others::split(numbers, out, len);
                    kernel::neighbours(level, out, others.run(at, len * width), width as usize);
                }
                Step::Gather { out, from, to } => {
                    let places = &self.places[from as usize..to as usize];
                    let (out, others) = Others::split(numbers, out, places.len() as u32);
                    for (out, &place) in out.iter_mut().zip(places) {
                        *out = others.number(place);
                    }
                }
            }
        }
    }

    /// What one operation gives. The common ones are not left to [`evaluate`], which takes a slice.
    #[inline(always)]
    fn single(&self, scalar: &Scalar, numbers: &[f64]) -> f64 {
        use Operation::*;
        let [a, b, c] = scalar.args;
        let x = |at: u32| numbers[at as usize];
        let all = || &self.places[a as usize..b as usize];
        match scalar.operation {
            Neg => -x(a),
            Add => x(a) + x(b),
            Sub => x(a) - x(b),
            Mul => x(a) * x(b),
            Div => x(a) / x(b),
            Chain => chain(x(a), x(b)),
            Sum => all().iter().map(|&at| x(at)).reduce(|sum, x| sum + x).unwrap_or(f64::NAN),
            operation => {
                let mut values = SmallVec::<[f64; 8]>::new();
                match operation.arity() {
                    Some(n) => values.extend([a, b, c][..n].iter().map(|&at| x(at))),
                    None => values.extend(all().iter().map(|&at| x(at))),
                }
                evaluate(operation, &values).unwrap_or(f64::NAN)
            }
        }
    }
}

/// One operation over runs.
fn map(
    level: Level,
    operation: Operation,
    numbers: &mut [f64],
    [out, len]: [u32; 2],
    operands: &[Operand],
) {
    let (out, others) = Others::split(numbers, out, len);
    let arg = |operand: Operand| match operand {
        Operand::Same(at) => Arg::Same(others.number(at)),
        Operand::Run(at) => Arg::Rows(others.run(at, len)),
    };
    match (operation, operands) {
        (Operation::Sum, _) => {
            let terms: SmallVec<[Arg<'_>; 32]> = operands.iter().map(|&x| arg(x)).collect();
            kernel::sums(level, out, &terms);
        }
        (_, &[x]) => kernel::map(level, true, operation, out, &[arg(x)]),
        (_, &[a, b]) => kernel::map(level, true, operation, out, &[arg(a), arg(b)]),
        (_, &[a, b, c]) => kernel::map(level, true, operation, out, &[arg(a), arg(b), arg(c)]),
        _ => {
            let args: SmallVec<[Arg<'_>; 32]> = operands.iter().map(|&x| arg(x)).collect();
            kernel::map(level, true, operation, out, &args);
        }
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
