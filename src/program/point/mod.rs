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

/// Where an operation on single numbers finds its arguments, and where its result goes.
#[derive(Clone, Copy, Debug)]
struct Scalar {
    out: u32,
    /// The places of the arguments; of an operation of any number of arguments, where these begin
    /// and end in the list of places.
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
    /// One operation on single numbers, some of the list.
    Scalars { operation: Operation, from: u32, to: u32 },
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
                Step::Scalars { operation, from, to } => {
                    self.singles(operation, &self.scalars[from as usize..to as usize], numbers);
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

    /// One operation on single numbers, one after the other. The common ones are not left to
    /// [`evaluate`], which takes a slice.
    fn singles(&self, operation: Operation, scalars: &[Scalar], n: &mut [f64]) {
        use Operation::*;
        match operation {
            Neg => scalars.iter().for_each(|s| n[s.out as usize] = -n[s.args[0] as usize]),
            Add => two(scalars, n, |a, b| a + b),
            Sub => two(scalars, n, |a, b| a - b),
            Mul => two(scalars, n, |a, b| a * b),
            Div => two(scalars, n, |a, b| a / b),
            Chain => two(scalars, n, chain),
            Sum => {
                for &Scalar { out, args: [from, to, _] } in scalars {
                    let terms = self.places[from as usize..to as usize].iter();
                    let sum = terms.map(|&at| n[at as usize]).reduce(|sum, x| sum + x);
                    n[out as usize] = sum.unwrap_or(f64::NAN);
                }
            }
            _ => {
                for scalar in scalars {
                    n[scalar.out as usize] = self.single(operation, scalar, n);
                }
            }
        }
    }

    /// What any operation gives.
    fn single(&self, operation: Operation, scalar: &Scalar, n: &[f64]) -> f64 {
        let args = match operation.arity() {
            Some(arity) => &scalar.args[..arity],
            None => &self.places[scalar.args[0] as usize..scalar.args[1] as usize],
        };
        let args: SmallVec<[f64; 8]> = args.iter().map(|&at| n[at as usize]).collect();
        evaluate(operation, &args).unwrap_or(f64::NAN)
    }
}

/// An operation of two arguments on single numbers.
#[inline(always)]
fn two(scalars: &[Scalar], n: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    for &Scalar { out, args: [a, b, _] } in scalars {
        n[out as usize] = f(n[a as usize], n[b as usize]);
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
