//! Where numbers stand, and the steps that compute them.
//!
//! The results of a group follow each other. They stand in such an order that its arguments do, too,
//! in as long pieces as can be had: each piece is one loop. An argument that is in no order is
//! gathered first. A place is used again when its number is no longer needed.

use super::arrange::Groups;
use super::chains::Listed;
use super::{Code, Operand, Places, Readers, SingleOp, Uniform, UniformInstruction};
use crate::program::ir::graph::Id;
use crate::program::ir::nature::Execution;
use crate::program::ir::operation::Operation;
use smallvec::SmallVec;

/// The least that a loop over slices is worth beginning for: of what takes one instruction, and of
/// the rest.
const LEAST: [usize; 2] = [5, 4];
/// The most arguments that are gathered for one loop.
const GATHERED: usize = 3;
const NONE: u32 = u32::MAX;

/// Places that are given back together, when none of their numbers is needed.
#[derive(Debug)]
struct Block {
    at: u32,
    len: u32,
    needed: u32,
}

/// The steps of a [`Uniform`] in the making.
pub(super) struct Placement<'a, 'g> {
    nodes: &'a Listed<'g>,
    readers: &'a mut Readers,
    number: &'a mut [u32],
    places: &'a mut Places,
    /// By line of places: the block that it is of.
    block: Vec<u32>,
    blocks: Vec<Block>,
    uniform: Uniform,
    /// Where the arguments of the group's members stand: those of one after those of another.
    rows: Vec<u32>,
}

impl<'a, 'g> Placement<'a, 'g> {
    pub(super) fn new(
        nodes: &'a Listed<'g>,
        readers: &'a mut Readers,
        number: &'a mut [u32],
        places: &'a mut Places,
    ) -> Self {
        Placement {
            nodes,
            readers,
            number,
            places,
            block: Vec::new(),
            blocks: Vec::new(),
            uniform: Uniform::default(),
            rows: Vec::new(),
        }
    }

    pub(super) fn build(mut self, groups: &Groups) -> Uniform {
        for members in groups.iter() {
            if !self.side_by_side(members) {
                members.iter().for_each(|&id| self.alone(id));
            }
            members.iter().for_each(|&id| self.release(id));
        }
        self.uniform
    }

    /// One node by itself.
    fn alone(&mut self, id: Id) {
        let args = self.nodes.args(id).iter();
        let args: SmallVec<[u32; 8]> = args.map(|arg| self.number[arg.at()]).collect();
        let out = self.places.take();
        self.number[id.at()] = out;
        self.single(self.nodes.operation(id), out, &args);
    }

    /// A step of single numbers.
    fn single(&mut self, operation: Operation, out: u32, args: &[u32]) {
        let Uniform { steps, singles, operations, places, .. } = &mut self.uniform;
        let args = if operation.arity().is_some() {
            let mut list = [0; 3];
            list[..args.len()].copy_from_slice(args);
            list
        } else {
            let from = places.len() as u32;
            places.extend_from_slice(args);
            [from, places.len() as u32, 0]
        };
        let code = match operation {
            Operation::Neg => Code::Neg,
            Operation::Add => Code::Add,
            Operation::Sub => Code::Sub,
            Operation::Mul => Code::Mul,
            Operation::Div => Code::Div,
            Operation::Chain(gate) => Code::Chain(gate),
            Operation::Sum => Code::Sum,
            other => {
                if operations.last() != Some(&other) {
                    operations.push(other);
                }
                Code::Other(operations.len() as u32 - 1)
            }
        };
        singles.push(SingleOp { code, out, args });
        let end = singles.len() as u32;
        match steps.last_mut() {
            Some(UniformInstruction::Singles { to, .. }) => *to = end,
            _ => steps.push(UniformInstruction::Singles { from: end - 1, to: end }),
        }
    }

    /// What a node read may be needed no longer.
    fn release(&mut self, id: Id) {
        for &arg in self.nodes.args(id) {
            if !self.readers.read(arg) {
                continue;
            }
            let at = self.number[arg.at()];
            match self.block.get((at / Places::LINE) as usize) {
                Some(&block) if block != NONE => {
                    let Block { at, len, needed } = &mut self.blocks[block as usize];
                    *needed -= 1;
                    if *needed == 0 {
                        let lines = (*at / Places::LINE) as usize..;
                        let lines = lines.take(len.div_ceil(Places::LINE) as usize);
                        lines.for_each(|line| self.block[line] = NONE);
                        self.places.give_run(*at, *len);
                    }
                }
                _ => self.places.give(at),
            }
        }
    }

    /// A group by loops, if that is better than one by one.
    fn side_by_side(&mut self, members: &[Id]) -> bool {
        let nodes = self.nodes;
        let (operation, arity) = (nodes.operation(members[0]), nodes.args(members[0]).len());
        let has_loops = match operation.execution() {
            Execution::Map | Execution::Sum => true,
            // Of those not all have arguments, and none is a loop over numbers side by side.
            Execution::Given | Execution::Gather { .. } | Execution::Within { .. } => false,
            Execution::Products | Execution::Reduction | Execution::Lowered => false,
        };
        if !has_loops || members.len() < least(operation) {
            return false;
        }
        self.read(operation, members);
        if operation == Operation::Sum && self.neighbours(members, arity) {
            return true;
        }
        let (mut order, fewest) = self.best_order(members.len(), arity);
        let mut gathered = SmallVec::<[usize; GATHERED]>::new();
        if fewest * 8 > members.len() {
            order.sort_unstable();
            gathered.extend(
                (0..arity)
                    .filter(|&k| breaks(&self.rows, arity, &order, k..k + 1) * 8 > members.len())
                    .take(GATHERED + 1),
            );
            if gathered.len() > GATHERED {
                return false;
            }
        }
        let scratch: SmallVec<[u32; GATHERED]> =
            gathered.iter().map(|&k| self.gather(k, arity, &order)).collect();
        let at = self.block(members, &order);
        for [from, to] in pieces(&self.rows, arity, &order) {
            self.piece(operation, arity, &order[from..to], at + from as u32);
        }
        for at in scratch {
            self.places.give_run(at, members.len() as u32);
        }
        true
    }

    /// Notes where the arguments stand: of a commutative operation those of like kinds in one column.
    fn read(&mut self, operation: Operation, members: &[Id]) {
        self.rows.clear();
        let commutative = operation.is_commutative();
        for &id in members {
            match *self.nodes.args(id) {
                [a, b] if commutative => {
                    let kind = |id| self.nodes.kind_as_argument(self.readers, id);
                    let [a, b] = if kind(a) > kind(b) { [b, a] } else { [a, b] };
                    self.rows.extend([a, b].map(|arg| self.number[arg.at()]));
                }
                ref args => self.rows.extend(args.iter().map(|arg| self.number[arg.at()])),
            }
        }
    }

    /// The order of the members in which their arguments have the fewest breaks, and how many.
    fn best_order(&self, len: usize, arity: usize) -> (Vec<u32>, usize) {
        let mut best: Vec<u32> = (0..len as u32).collect();
        let mut fewest = breaks(&self.rows, arity, &best, 0..arity);
        for k in 0..arity.min(3) {
            if fewest * 8 <= len {
                break;
            }
            let mut order: Vec<u32> = (0..len as u32).collect();
            // What is the same by one argument stands by the others, not as it came.
            order.sort_by(|&a, &b| {
                let [a, b] = [a, b].map(|row| self.row(row, arity));
                a[k].cmp(&b[k]).then_with(|| a.cmp(b))
            });
            let breaks = breaks(&self.rows, arity, &order, 0..arity);
            if breaks < fewest {
                (best, fewest) = (order, breaks);
            }
        }
        (best, fewest)
    }

    /// Brings one argument of all members together, and notes where.
    fn gather(&mut self, k: usize, arity: usize, order: &[u32]) -> u32 {
        let out = self.places.take_run(order.len() as u32);
        let list = &mut self.uniform.places;
        let from = list.len() as u32;
        for (place, &row) in (out..).zip(order) {
            let arg = &mut self.rows[row as usize * arity + k];
            list.push(*arg);
            *arg = place;
        }
        self.uniform.steps.push(UniformInstruction::Gather { out, from, to: list.len() as u32 });
        out
    }

    /// Places for a group's results, in this order.
    fn block(&mut self, members: &[Id], order: &[u32]) -> u32 {
        let len = members.len() as u32;
        let at = self.places.take_run(len);
        for (place, &row) in (at..).zip(order) {
            self.number[members[row as usize].at()] = place;
        }
        let lines = (at / Places::LINE) as usize..(at + len).div_ceil(Places::LINE) as usize;
        if lines.end > self.block.len() {
            self.block.resize(lines.end, NONE);
        }
        self.block[lines].fill(self.blocks.len() as u32);
        self.blocks.push(Block { at, len, needed: len });
        at
    }

    /// Members whose arguments are runs or the same, from the place `out` on.
    fn piece(&mut self, operation: Operation, arity: usize, order: &[u32], out: u32) {
        if order.len() < least(operation) {
            for (out, &row) in (out..).zip(order) {
                let args: SmallVec<[u32; 8]> = self.row(row, arity).into();
                self.single(operation, out, &args);
            }
            return;
        }
        let from = self.uniform.operands.len() as u32;
        for k in 0..arity {
            let [a, b] = [order[0], order[1]].map(|row| self.rows[row as usize * arity + k]);
            let operand = if a == b { Operand::Same(a) } else { Operand::Run(a) };
            self.uniform.operands.push(operand);
        }
        let (len, to) = (order.len() as u32, from + arity as u32);
        self.uniform.steps.push(UniformInstruction::Map { operation, out, len, from, to });
    }

    fn row(&self, row: u32, arity: usize) -> &[u32] {
        &self.rows[row as usize * arity..][..arity]
    }

    /// Sums of numbers that follow each other, which themselves do: if that is what they are.
    fn neighbours(&mut self, members: &[Id], arity: usize) -> bool {
        let mut order: Vec<u32> = (0..members.len() as u32).collect();
        order.sort_by_key(|&row| self.rows[row as usize * arity]);
        let in_line = |row: u32| self.row(row, arity).windows(2).all(|p| p[1] == p[0] + 1);
        let first = |row: u32| self.rows[row as usize * arity];
        let joined =
            |a: u32, b: u32| in_line(a) && in_line(b) && first(b) == first(a) + arity as u32;
        let mut ends: Vec<usize> =
            (1..order.len()).filter(|&j| !joined(order[j - 1], order[j])).collect();
        ends.push(order.len());
        if ends.len() * 4 > order.len() {
            return false;
        }
        let at = self.block(members, &order);
        let mut from = 0;
        for to in ends {
            let (piece, out) = (&order[from..to], at + from as u32);
            if piece.len() > 1 {
                let (len, width) = (piece.len() as u32, arity as u32);
                let at = self.rows[piece[0] as usize * arity];
                self.uniform.steps.push(UniformInstruction::Neighbours { out, len, width, at });
            } else {
                self.piece(Operation::Sum, arity, piece, out);
            }
            from = to;
        }
        true
    }
}

fn least(operation: Operation) -> usize {
    use Operation::*;
    let simple = matches!(operation, Neg | Add | Sub | Mul | Div | Chain(_) | Sum);
    if simple { LEAST[0] } else { LEAST[1] }
}

/// How often one of these arguments is neither the same as before nor its neighbour.
fn breaks(rows: &[u32], arity: usize, order: &[u32], columns: std::ops::Range<usize>) -> usize {
    let row = |row: u32| &rows[row as usize * arity..][columns.clone()];
    let broken =
        |pair: &&[u32]| row(pair[0]).iter().zip(row(pair[1])).any(|(&a, &b)| b.wrapping_sub(a) > 1);
    order.windows(2).filter(broken).count()
}

/// The longest pieces in which each argument is the same throughout or a run.
fn pieces(rows: &[u32], arity: usize, order: &[u32]) -> Vec<[usize; 2]> {
    let row = |at: usize| &rows[order[at] as usize * arity..][..arity];
    let (mut list, mut from) = (Vec::new(), 0);
    for at in 1..order.len() {
        let (here, before) = (row(at), row(at - 1));
        let mut steps = here.iter().zip(before).map(|(&b, &a)| b.wrapping_sub(a));
        let goes_on = if at == from + 1 {
            steps.all(|step| step < 2)
        } else {
            let first = before.iter().zip(row(at - 2)).map(|(&b, &a)| b.wrapping_sub(a));
            steps.zip(first).all(|(step, first)| step == first)
        };
        if !goes_on {
            list.push([from, at]);
            from = at;
        }
    }
    list.push([from, order.len()]);
    list
}
