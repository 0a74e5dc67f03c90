//! A program's nodes: a list in static single assignment form, each computed from earlier ones.
//!
//! Equal nodes are stored once. What can be simplified without changing a bit of any result,
//! for NaN, infinities and signed zeros too, is simplified when it is added.

use crate::program::error::SourceLine;
use crate::program::ir::hash::Mixed;
use crate::program::ir::index::Index;
use crate::program::ir::nodes::{Key, Kind, Nodes};
use crate::program::ir::operation::{Operation, evaluate};
use indexmap::{IndexMap, IndexSet};
use smallvec::SmallVec;
use std::borrow::Cow;

pub(crate) use crate::program::ir::nodes::{Id, LineId};

pub(crate) type Args = SmallVec<[Id; 3]>;

/// Nodes, each after its arguments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    nodes: Nodes,
    index: Index,
    /// The lines of the user's source that nodes were written on.
    lines: IndexSet<SourceLine, Mixed>,
    /// Where derivatives follow a convention: the condition under which they do.
    kinks: IndexMap<Id, Kinked>,
}

/// An operation that may meet a kink.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Kinked {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) line: Option<SourceLine>,
}

impl Graph {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn ids(&self) -> impl DoubleEndedIterator<Item = Id> + use<> {
        self.nodes.ids()
    }

    /// The node that applies an operation to these, if there is one.
    pub(crate) fn find(&self, operation: Operation, args: &[Id]) -> Option<Id> {
        let key = Key::new(operation, args);
        if self.index.is_complete(&self.nodes) {
            self.index.find(&self.nodes, &key).ok()
        } else {
            self.ids().find(|id| self.nodes.is(id.at(), &key))
        }
    }

    #[inline]
    pub(crate) fn operation(&self, id: Id) -> Operation {
        self.nodes.operation(id)
    }

    /// Its operation as a number; all constants are of one kind, and so are all parameters.
    #[inline]
    pub(crate) fn kind(&self, id: Id) -> Kind {
        self.nodes.kind(id)
    }

    #[inline]
    pub(crate) fn args(&self, id: Id) -> &[Id] {
        self.nodes.args(id)
    }

    /// Whether it has a value for each row.
    #[inline]
    pub(crate) fn is_varying(&self, id: Id) -> bool {
        self.nodes.head(id).varying
    }

    /// How many passes over the rows must come before it.
    #[inline]
    pub(crate) fn stage(&self, id: Id) -> u32 {
        self.nodes.head(id).stage
    }

    /// Where it was written, if that is known.
    pub(crate) fn line(&self, id: Id) -> Option<&SourceLine> {
        self.source(self.line_of(id))
    }

    /// The same as a place among the lines.
    pub(crate) fn line_of(&self, id: Id) -> Option<LineId> {
        self.nodes.head(id).line
    }

    fn source(&self, line: Option<LineId>) -> Option<&SourceLine> {
        self.lines.get_index(line?.at())
    }

    /// The place of a line.
    pub(crate) fn place_line(&mut self, line: SourceLine) -> LineId {
        LineId::of(self.lines.insert_full(line).0)
    }

    #[inline]
    pub(crate) fn constant_value(&self, id: Id) -> Option<f64> {
        self.nodes.constant_value(id)
    }

    pub(crate) fn constant(&mut self, value: f64) -> Id {
        self.insert(Operation::Constant(value.into()), &[], None)
    }

    /// Notes under which condition an operation meets a kink.
    pub(crate) fn watch(
        &mut self,
        condition: Id,
        operation: impl Into<Cow<'static, str>>,
        line: Option<LineId>,
    ) {
        if self.constant_value(condition).is_none() && !self.kinks.contains_key(&condition) {
            let kinked = Kinked { operation: operation.into(), line: self.source(line).cloned() };
            self.kinks.insert(condition, kinked);
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
    pub(crate) fn push(&mut self, operation: Operation, args: &[Id], line: Option<LineId>) -> Id {
        if operation.is_commutative()
            && let &[a, b] = args
            && a > b
        {
            return self.push_in_order(operation, &[b, a], line);
        }
        self.push_in_order(operation, args, line)
    }

    fn push_in_order(&mut self, operation: Operation, args: &[Id], line: Option<LineId>) -> Id {
        if let Some(id) = self.folded(operation, args) {
            return id;
        }
        if let Some(id) = self.simplified(operation, args, line) {
            return id;
        }
        self.insert(operation, args, line)
    }

    pub(crate) fn unary(&mut self, operation: Operation, x: Id) -> Id {
        self.push(operation, &[x], None)
    }

    pub(crate) fn binary(&mut self, operation: Operation, a: Id, b: Id) -> Id {
        self.push(operation, &[a, b], None)
    }

    fn insert(&mut self, operation: Operation, args: &[Id], line: Option<LineId>) -> Id {
        self.index.complete(&self.nodes);
        let key = Key::new(operation, args);
        match self.index.find(&self.nodes, &key) {
            Ok(id) => id,
            Err(vacant) => {
                let id = self.nodes.push(&key, line);
                self.index.insert(id, vacant);
                id
            }
        }
    }

    /// The result where all arguments are constants.
    #[inline]
    fn folded(&mut self, operation: Operation, args: &[Id]) -> Option<Id> {
        if args.is_empty() || !args.iter().all(|&arg| self.constant_value(arg).is_some()) {
            return None;
        }
        let values: SmallVec<[f64; 4]> =
            args.iter().filter_map(|&arg| self.constant_value(arg)).collect();
        evaluate(operation, &values).map(|value| self.constant(value))
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
        self.index.make_room(self.nodes.len() + more);
    }

    /// Whether no node has a value for each row.
    pub(crate) fn is_point(&self) -> bool {
        self.nodes.is_point()
    }

    /// Makes nodes be found without a search through all of them.
    pub(crate) fn complete_index(&mut self) {
        self.index.complete(&self.nodes);
    }

    /// Gives back memory that only serves to add nodes.
    pub(crate) fn rest(&mut self) {
        self.index = Index::default();
        self.nodes.rest();
    }

    /// Leaves out all nodes that are not needed, and what is watched of them; returns where the
    /// others went. What is needed by a node must be, too.
    pub(crate) fn keep(&mut self, needed: &[bool]) -> Vec<Id> {
        self.index = Index::default();
        let place = self.nodes.keep(needed);
        let kinks = std::mem::take(&mut self.kinks);
        let kept = kinks.into_iter().filter(|(id, _)| needed[id.at()]);
        self.kinks = kept.map(|(id, kink)| (place[id.at()], kink)).collect();
        place
    }

    /// Copies a node into another graph, its arguments replaced.
    pub(crate) fn copy_into(&self, id: Id, args: &[Id], other: &mut Graph) -> Id {
        let line = self.line_into(id, other);
        other.push(self.operation(id), args, line)
    }

    /// The line of a node among those of another graph.
    pub(crate) fn line_into(&self, id: Id, other: &mut Graph) -> Option<LineId> {
        self.line(id).map(|line| match other.lines.get_index_of(line) {
            Some(at) => LineId::of(at),
            None => other.place_line(line.clone()),
        })
    }
}
