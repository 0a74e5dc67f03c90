//! A program's nodes: a list in static single assignment form, each computed from earlier ones.
//!
//! Equal nodes are stored once. What can be simplified without changing a bit of any result,
//! for NaN, infinities and signed zeros too, is simplified when it is added.

use crate::op::nary;
use crate::program::error::SourceLine;
use crate::program::ir::entries::UnaryKind;
use crate::program::ir::hash_index::HashIndex;
use crate::program::ir::operation::{Operation, Reduction, evaluate};
use indexmap::IndexMap;
use smallvec::SmallVec;
use std::borrow::Cow;

/// The place of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Id(u32);

impl Id {
    #[inline]
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }
}

pub(crate) type Args = SmallVec<[Id; 3]>;

/// An operation and what it is applied to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Node {
    pub(crate) operation: Operation,
    pub(crate) args: Args,
}

/// What is known of a node beside its operation.
#[derive(Clone, Debug)]
struct Traits {
    /// Whether it has a value for each row.
    varying: bool,
    /// How many passes over the rows must come before it.
    stage: u32,
    /// Where it was written: its place among the lines, or [`UNKNOWN`].
    line: u32,
}

/// No line.
const UNKNOWN: u32 = u32::MAX;

/// Nodes, each after its arguments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    nodes: Vec<Node>,
    index: HashIndex,
    traits: Vec<Traits>,
    lines: Lines,
    /// Where derivatives follow a convention: the condition under which they do.
    kinks: IndexMap<Id, Kinked>,
}

/// The lines of the user's source that nodes were written on, each once.
#[derive(Clone, Debug, Default)]
struct Lines {
    list: Vec<SourceLine>,
    index: HashIndex,
}

impl Lines {
    fn place(&mut self, line: &SourceLine) -> u32 {
        let hash = HashIndex::hash(&(line.line, line.column));
        let at = self.index.find(hash, |at| self.list[at] == *line).unwrap_or_else(|| {
            self.index.insert(hash, self.list.len());
            self.list.push(line.clone());
            self.list.len() - 1
        });
        at as u32
    }
}

/// An operation that may meet a kink.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Kinked {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) line: Option<SourceLine>,
}

impl Graph {
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn ids(&self) -> impl DoubleEndedIterator<Item = Id> + use<> {
        (0..self.nodes.len() as u32).map(Id)
    }

    pub(crate) fn node(&self, id: Id) -> &Node {
        &self.nodes[id.at()]
    }

    /// The node that applies an operation to these, if there is one.
    pub(crate) fn find(&self, operation: Operation, args: &[Id]) -> Option<Id> {
        let node = Node { operation, args: Args::from_slice(args) };
        let at = self.index.find(HashIndex::hash(&node), |at| self.nodes[at] == node)?;
        Some(Id(at as u32))
    }

    pub(crate) fn operation(&self, id: Id) -> Operation {
        self.node(id).operation
    }

    pub(crate) fn args(&self, id: Id) -> &[Id] {
        &self.node(id).args
    }

    /// Whether it has a value for each row.
    pub(crate) fn is_varying(&self, id: Id) -> bool {
        self.traits[id.at()].varying
    }

    /// How many passes over the rows must come before it.
    pub(crate) fn stage(&self, id: Id) -> u32 {
        self.traits[id.at()].stage
    }

    /// Where it was written, if that is known.
    pub(crate) fn line(&self, id: Id) -> Option<&SourceLine> {
        self.lines.list.get(self.traits[id.at()].line as usize)
    }

    pub(crate) fn constant_value(&self, id: Id) -> Option<f64> {
        match self.operation(id) {
            Operation::Constant(bits) => Some(bits.into()),
            _ => None,
        }
    }

    fn is_constant(&self, id: Id, value: f64) -> bool {
        self.constant_value(id).is_some_and(|x| x.to_bits() == value.to_bits())
    }

    pub(crate) fn constant(&mut self, value: f64) -> Id {
        self.insert(Node { operation: Operation::Constant(value.into()), args: Args::new() }, None)
    }

    /// Notes under which condition an operation meets a kink.
    pub(crate) fn watch(
        &mut self,
        condition: Id,
        operation: impl Into<Cow<'static, str>>,
        line: Option<&SourceLine>,
    ) {
        if self.constant_value(condition).is_none() {
            let kinked = Kinked { operation: operation.into(), line: line.cloned() };
            self.kinks.entry(condition).or_insert(kinked);
        }
    }

    /// The conditions under which derivatives follow a convention.
    pub(crate) fn kinks(&self) -> impl Iterator<Item = (Id, &Kinked)> {
        self.kinks.iter().map(|(&condition, kinked)| (condition, kinked))
    }

    /// Takes over what another graph watches, its nodes moved.
    pub(crate) fn watch_as(&mut self, other: &Graph, moved: impl Fn(Id) -> Id) {
        let kinks = other.kinks.iter().map(|(&id, kinked)| (moved(id), kinked.clone()));
        self.kinks.extend(kinks);
    }

    /// Adds a node, or finds an equal one.
    pub(crate) fn push(
        &mut self,
        operation: Operation,
        args: &[Id],
        line: Option<&SourceLine>,
    ) -> Id {
        let mut args = Args::from_slice(args);
        if operation.is_commutative() {
            args.sort_unstable();
        }
        if let Some(id) = self.folded(operation, &args) {
            return id;
        }
        if let Some(id) = self.simplified(operation, &args, line) {
            return id;
        }
        self.insert(Node { operation, args }, line)
    }

    pub(crate) fn unary(&mut self, operation: Operation, x: Id) -> Id {
        self.push(operation, &[x], None)
    }

    pub(crate) fn binary(&mut self, operation: Operation, a: Id, b: Id) -> Id {
        self.push(operation, &[a, b], None)
    }

    fn insert(&mut self, node: Node, line: Option<&SourceLine>) -> Id {
        let hash = HashIndex::hash(&node);
        if let Some(at) = self.index.find(hash, |at| self.nodes[at] == node) {
            return Id(at as u32);
        }
        let at = self.nodes.len();
        self.index.insert(hash, at);
        let line = line.map_or(UNKNOWN, |line| self.lines.place(line));
        self.traits.push(self.traits_of(&node, line));
        self.nodes.push(node);
        Id(at as u32)
    }

    fn traits_of(&self, node: &Node, line: u32) -> Traits {
        let args = || node.args.iter().map(|&arg| &self.traits[arg.at()]);
        let (mut varying, mut stage) = (args().any(|t| t.varying), 0);
        for arg in args() {
            stage = stage.max(arg.stage);
        }
        match node.operation {
            Operation::Column(_) => varying = true,
            // Of a stream it is known after the last row.
            Operation::Rows => stage = 1,
            Operation::Reduce(_) => {
                varying = false;
                stage += 1;
            }
            _ => {}
        }
        Traits { varying, stage, line }
    }

    /// The result where all arguments are constants.
    fn folded(&mut self, operation: Operation, args: &[Id]) -> Option<Id> {
        if args.is_empty() {
            return None;
        }
        let values: Option<SmallVec<[f64; 4]>> =
            args.iter().map(|&arg| self.constant_value(arg)).collect();
        evaluate(operation, &values?).map(|value| self.constant(value))
    }

    /// What a node is the negative of.
    fn negated(&self, id: Id) -> Option<Id> {
        match self.node(id) {
            Node { operation: Operation::Neg, args } => Some(args[0]),
            _ => None,
        }
    }

    /// An equal node that is cheaper.
    fn simplified(
        &mut self,
        operation: Operation,
        args: &[Id],
        line: Option<&SourceLine>,
    ) -> Option<Id> {
        use Operation::*;
        match (operation, args) {
            (Neg, &[x]) => self.negated(x),
            (Add, &[a, b]) => {
                for (x, y) in [(a, b), (b, a)] {
                    if self.is_constant(y, -0.0) {
                        return Some(x);
                    }
                    if let Some(y) = self.negated(y) {
                        return Some(self.push(Sub, &[x, y], line));
                    }
                }
                None
            }
            (Sub, &[a, b]) if self.is_constant(b, 0.0) => Some(a),
            (Sub, &[a, b]) => self.negated(b).map(|b| self.push(Add, &[a, b], line)),
            (Mul | Chain(_), &[a, b]) => self.simplified_product(operation, [a, b], line),
            (Div, &[a, b]) if self.is_constant(b, 1.0) => Some(a),
            (Div, &[a, b]) => {
                let inverse = self.constant_value(b).and_then(exact_reciprocal)?;
                let inverse = self.constant(inverse);
                Some(self.push(Mul, &[a, inverse], line))
            }
            (Select, &[_, yes, no]) if yes == no => Some(yes),
            (Select, &[condition, yes, no]) => {
                let condition = self.constant_value(condition)?;
                Some(if condition != 0.0 { yes } else { no })
            }
            (Sum, &[]) => Some(self.constant(0.0)),
            (Sum | MaxOf, &[x]) => Some(x),
            (Sum, &[a, b]) => Some(self.push(Add, &[a, b], line)),
            (Sum, &[a, b, c]) => {
                let ab = self.push(Add, &[a, b], line);
                Some(self.push(Add, &[ab, c], line))
            }
            (Sum, args) if args.len() > nary::IN_TURN => Some(self.tree(args, line)),
            (Unary(UnaryKind::Powi { n }), &[x]) => self.power(x, n, line),
            // A piecewise linear slope does not ask for the value.
            (UnarySlope(kind), &[x, y]) if kind.is_linear() && x != y => {
                Some(self.push(operation, &[x, x], line))
            }
            (Reduce(Reduction::Sum), &[x]) if !self.is_varying(x) => {
                let rows = self.push(Rows, &[], None);
                Some(self.push(Mul, &[rows, x], line))
            }
            (Reduce(Reduction::Max), &[x]) if !self.is_varying(x) => Some(x),
            _ => None,
        }
    }

    /// The same for a product, be it with an adjoint or not.
    fn simplified_product(
        &mut self,
        operation: Operation,
        [a, b]: [Id; 2],
        line: Option<&SourceLine>,
    ) -> Option<Id> {
        for (x, y) in [(a, b), (b, a)] {
            if self.is_constant(y, 1.0) {
                return Some(x);
            }
            if self.is_constant(y, -1.0) {
                return Some(self.push(Operation::Neg, &[x], line));
            }
        }
        if let (Some(a), Some(b)) = (self.negated(a), self.negated(b)) {
            return Some(self.push(operation, &[a, b], line));
        }
        // With a constant that is finite and not 0 it is a product like others.
        let plain = [a, b]
            .into_iter()
            .any(|x| self.constant_value(x).is_some_and(|x| x.is_finite() && x != 0.0));
        (operation != Operation::Mul && plain).then(|| self.push(Operation::Mul, &[a, b], line))
    }

    /// A small integer power as products, in the order of the entry.
    fn power(&mut self, x: Id, n: i32, line: Option<&SourceLine>) -> Option<Id> {
        // The first power stays: its slope is NaN at NaN, that of `x` is 1.
        if !(2..=5).contains(&n) {
            return None;
        }
        let square = self.push(Operation::Mul, &[x, x], line);
        Some(match n {
            2 => square,
            3 => self.push(Operation::Mul, &[x, square], line),
            _ => {
                let fourth = self.push(Operation::Mul, &[square, square], line);
                if n == 4 { fourth } else { self.push(Operation::Mul, &[x, fourth], line) }
            }
        })
    }

    /// The nodes that these depend on, themselves included, as flags by place.
    pub(crate) fn needed(&self, roots: impl IntoIterator<Item = Id>) -> Vec<bool> {
        let mut needed = vec![false; self.len()];
        for root in roots {
            needed[root.at()] = true;
        }
        for id in self.ids().rev() {
            if needed[id.at()] {
                for arg in self.args(id) {
                    needed[arg.at()] = true;
                }
            }
        }
        needed
    }

    /// Makes room for so many more nodes.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.nodes.reserve(more);
        self.traits.reserve(more);
        self.index.reserve(more);
    }

    /// Whether no node has a value for each row.
    pub(crate) fn is_point(&self) -> bool {
        !self.traits.iter().any(|traits| traits.varying)
    }

    /// Leaves out all nodes that are not needed, and what is watched of them; returns where the
    /// others went. What is needed by a node must be, too.
    pub(crate) fn keep(&mut self, needed: &[bool]) -> Vec<Option<Id>> {
        let mut place: Vec<Option<Id>> = Vec::with_capacity(self.len());
        let mut next = 0;
        for &needed in needed {
            place.push(needed.then_some(Id(next)));
            next += u32::from(needed);
        }
        let mut flags = needed.iter();
        self.nodes.retain(|_| flags.next() == Some(&true));
        let mut flags = needed.iter();
        self.traits.retain(|_| flags.next() == Some(&true));
        self.index = HashIndex::default();
        self.index.reserve(self.nodes.len());
        for (at, node) in self.nodes.iter_mut().enumerate() {
            // In the same order as before, so the arguments of what is commutative stay sorted.
            for arg in &mut node.args {
                *arg = place[arg.at()].unwrap_or(*arg);
            }
            self.index.insert(HashIndex::hash(node), at);
        }
        let kinks = std::mem::take(&mut self.kinks);
        let kept = kinks.into_iter().filter_map(|(id, kink)| Some((place[id.at()]?, kink)));
        self.kinks = kept.collect();
        place
    }

    /// Copies a node into another graph, its arguments replaced.
    pub(crate) fn copy_into(&self, id: Id, args: &[Id], other: &mut Graph) -> Id {
        other.push(self.operation(id), args, self.line(id))
    }
}

/// `1 / c` where that is exact, so that a quotient by `c` is a product with it, bit by bit.
fn exact_reciprocal(c: f64) -> Option<f64> {
    let inverse = c.recip();
    let power_of_two = c.is_normal() && c.to_bits() & ((1 << 52) - 1) == 0;
    (power_of_two && inverse.is_normal()).then_some(inverse)
}
