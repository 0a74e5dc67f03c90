//! The nodes of a graph in memory: sixteen bytes each.
//!
//! What many nodes have in common, their operation and what goes with it, is a [`Head`] that stands once
//! in a list. A node has the place of its head and up to three arguments; more of them stand in a list
//! that all nodes share. The number in a constant, and the place of an input, stand where the arguments
//! of others do.

use crate::program::ir::hash::{Mixed, Mixer};
use crate::program::ir::nature::Provenance;
use crate::program::ir::operation::Operation;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

/// The place of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Id(u32);

impl Id {
    #[inline]
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }

    #[inline]
    pub(crate) fn of(place: usize) -> Self {
        Id(place as u32)
    }
}

/// A line of the user's source, by its place among those of a graph.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct LineId(u32);

impl LineId {
    #[inline]
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn of(place: usize) -> Self {
        LineId(place as u32)
    }
}

/// What nodes have in common.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Head {
    /// A constant of 0 stands for all constants, and the first input for all of its kind.
    pub(crate) operation: Operation,
    /// Where they were written, if that is known.
    pub(crate) line: Option<LineId>,
    /// Whether they have a value for each row.
    pub(crate) varying: bool,
    /// How many passes over the rows must come before them.
    pub(crate) stage: u32,
}

/// An operation, whatever line it is on: one number that no other has, and its hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Kind {
    pub(crate) number: u32,
    pub(crate) hash: u64,
}

/// A node: the place of its head, times 8, plus how many arguments it has here. If these are `LISTED`,
/// here is where in the list they begin, and how many they are.
#[derive(Clone, Copy, Debug)]
struct Entry {
    head: u32,
    args: [Id; HERE],
}

/// How many arguments stand in a node itself.
const HERE: usize = 3;
const LISTED: u32 = 4;

/// An operation and what it is applied to, in the form in which nodes have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'a> {
    operation: Operation,
    of_operation: u64,
    here: [Id; HERE],
    count: u32,
    listed: &'a [Id],
}

impl<'a> Key<'a> {
    #[inline]
    pub(crate) fn new(operation: Operation, args: &'a [Id]) -> Self {
        let (operation, mut here) = match operation {
            Operation::Constant(bits) => {
                let bits = f64::from(bits).to_bits();
                (Operation::Constant(0.0.into()), [bits as u32, (bits >> 32) as u32, 0])
            }
            Operation::Parameter(at) => (Operation::Parameter(0), [at, 0, 0]),
            Operation::Column(at) => (Operation::Column(0), [at, 0, 0]),
            other => (other, [0; HERE]),
        };
        let (mut listed, mut count) = (&[][..], args.len() as u32);
        match *args {
            [] => {}
            [a] => here = [a.0, 0, 0],
            [a, b] => here = [a.0, b.0, 0],
            [a, b, c] => here = [a.0, b.0, c.0],
            _ => (listed, count) = (args, LISTED),
        }
        let of_operation = Mixed::default().hash_one(operation);
        Key { operation, of_operation, here: here.map(Id), count, listed }
    }

    #[inline]
    pub(crate) fn trace(&self) -> Trace {
        Trace::new(self.of_operation, self.here, self.listed)
    }
}

/// Where to look for a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trace {
    pub(crate) hash: u64,
    /// The last argument and the first, or the place of an input: nodes that are made one after the other
    /// have them near each other.
    pub(crate) near: [u32; 2],
}

impl Trace {
    #[inline]
    fn new(of_operation: u64, here: [Id; HERE], listed: &[Id]) -> Self {
        let [a, b, c] = here.map(|id| id.0);
        let mut near = [a.max(b).max(c), a.min(b)];
        let mut mixer = Mixer::default();
        mixer.write_u64(of_operation.wrapping_add(u64::from(c)));
        mixer.write_u64(u64::from(a) | u64::from(b) << 32);
        if let [first, .., last] = listed {
            near = [last.0, first.0];
            listed.iter().for_each(|arg| mixer.write_u32(arg.0));
        }
        Trace { hash: mixer.finish(), near }
    }
}

/// Nodes, each after its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Nodes {
    entries: Vec<Entry>,
    listed: Vec<Id>,
    heads: Vec<Head>,
    /// The operation of each head.
    kinds: Vec<Kind>,
    head_at: HashMap<Head, u32, Mixed>,
    kind_at: HashMap<Operation, u32, Mixed>,
    /// Heads that were asked for of late, by a part of their hash.
    recent: [u32; RECENT],
}

const RECENT: usize = 64;
/// The head of all constants.
const CONSTANT: u32 = 0;

impl Default for Nodes {
    fn default() -> Self {
        let operation = Operation::Constant(0.0.into());
        let constant = Head { operation, line: None, varying: false, stage: 0 };
        Nodes {
            entries: Vec::new(),
            listed: Vec::new(),
            heads: vec![constant],
            kinds: vec![Kind { number: 0, hash: Mixed::default().hash_one(operation) }],
            head_at: HashMap::from_iter([(constant, CONSTANT)]),
            kind_at: HashMap::from_iter([(operation, 0)]),
            recent: [CONSTANT; RECENT],
        }
    }
}

impl Nodes {
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn ids(&self) -> impl DoubleEndedIterator<Item = Id> + use<> {
        (0..self.entries.len() as u32).map(Id)
    }

    #[inline]
    pub(crate) fn head(&self, id: Id) -> &Head {
        &self.heads[(self.entries[id.at()].head >> 3) as usize]
    }

    #[inline]
    pub(crate) fn kind(&self, id: Id) -> Kind {
        self.kinds[(self.entries[id.at()].head >> 3) as usize]
    }

    #[inline]
    pub(crate) fn args(&self, id: Id) -> &[Id] {
        self.args_of(&self.entries[id.at()])
    }

    #[inline]
    fn args_of<'a>(&'a self, entry: &'a Entry) -> &'a [Id] {
        match entry.head & 7 {
            LISTED => &self.listed[entry.args[0].at()..][..entry.args[1].at()],
            count => &entry.args[..count as usize],
        }
    }

    #[inline]
    pub(crate) fn operation(&self, id: Id) -> Operation {
        let Entry { head, args } = self.entries[id.at()];
        match self.heads[(head >> 3) as usize].operation {
            Operation::Constant(_) => Operation::Constant(number(args).into()),
            Operation::Parameter(_) => Operation::Parameter(args[0].0),
            Operation::Column(_) => Operation::Column(args[0].0),
            other => other,
        }
    }

    #[inline]
    pub(crate) fn constant_value(&self, id: Id) -> Option<f64> {
        let Entry { head, args } = self.entries[id.at()];
        (head >> 3 == CONSTANT).then(|| number(args))
    }

    /// Whether a node is what the key says.
    #[inline]
    pub(crate) fn is(&self, at: usize, key: &Key<'_>) -> bool {
        let entry = &self.entries[at];
        let same = match key.count {
            LISTED => entry.head & 7 == LISTED && self.args_of(entry) == key.listed,
            count => entry.args == key.here && entry.head & 7 == count,
        };
        same && self.heads[(entry.head >> 3) as usize].operation == key.operation
    }

    /// Where to look for a node.
    #[inline]
    pub(crate) fn trace(&self, id: Id) -> Trace {
        let entry = &self.entries[id.at()];
        let of_operation = self.kinds[(entry.head >> 3) as usize].hash;
        match entry.head & 7 {
            LISTED => Trace::new(of_operation, [Id(0); HERE], self.args_of(entry)),
            _ => Trace::new(of_operation, entry.args, &[]),
        }
    }

    /// Adds a node.
    pub(crate) fn push(&mut self, key: &Key<'_>, line: Option<LineId>) -> Id {
        let line = line.filter(|_| !matches!(key.operation, Operation::Constant(_)));
        let head = self.head_of(key, line);
        let at = self.len();
        assert!(at < u32::MAX as usize, "a program of more than 2³² nodes");
        let args = match key.count {
            LISTED => {
                let from = self.listed.len();
                assert!(from < u32::MAX as usize, "a program of more than 2³² arguments in lists");
                grow(&mut self.listed, key.listed.len());
                self.listed.extend_from_slice(key.listed);
                [from, key.listed.len(), 0].map(|x| Id(x as u32))
            }
            _ => key.here,
        };
        grow(&mut self.entries, 1);
        self.entries.push(Entry { head: head << 3 | key.count, args });
        Id(at as u32)
    }

    /// The place of a new node's head.
    #[inline]
    fn head_of(&mut self, key: &Key<'_>, line: Option<LineId>) -> u32 {
        let operation = key.operation;
        let (mut varying, mut stage) = (false, 0);
        let args = if key.count == LISTED { key.listed } else { &key.here[..key.count as usize] };
        for &arg in args {
            let arg = self.head(arg);
            varying |= arg.varying;
            stage = stage.max(arg.stage);
        }
        match operation.provenance() {
            Provenance::Column(_) => varying = true,
            // Of a stream it is known after the last row.
            Provenance::Rows => stage = 1,
            Provenance::Reduction(_) => {
                varying = false;
                stage += 1;
            }
            Provenance::Constant(_) | Provenance::Parameter(_) | Provenance::Chosen { .. } => {}
            Provenance::Arguments => {}
        }
        let head = Head { operation, line, varying, stage };
        let recent =
            (key.of_operation ^ line.map_or(0, |line| u64::from(line.0))) as usize % RECENT;
        let at = self.recent[recent];
        if self.heads[at as usize] == head {
            return at;
        }
        let at = *self.head_at.entry(head).or_insert_with(|| {
            let next = self.kind_at.len() as u32;
            let number = *self.kind_at.entry(operation).or_insert(next);
            self.kinds.push(Kind { number, hash: key.of_operation });
            self.heads.push(head);
            self.heads.len() as u32 - 1
        });
        assert!(at <= u32::MAX >> 3, "a program of more than 2²⁹ operations on lines");
        self.recent[recent] = at;
        at
    }

    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, more: usize) {
        self.entries.reserve_exact(more);
    }

    /// Gives back what is spare.
    pub(crate) fn rest(&mut self) {
        self.entries.shrink_to_fit();
        self.listed.shrink_to_fit();
    }

    /// Leaves out all that are not needed; returns where the others went. What is needed by a node must
    /// be, too.
    pub(crate) fn keep(&mut self, needed: &[bool]) -> Vec<Id> {
        let mut next = 0;
        let place = needed.iter().map(|&needed| {
            let place = Id(next);
            next += u32::from(needed);
            place
        });
        let place: Vec<Id> = place.collect();
        let (mut kept, mut listed) = (0, 0);
        for (at, _) in needed.iter().enumerate().filter(|(_, needed)| **needed) {
            let Entry { head, args: mut here } = self.entries[at];
            match head & 7 {
                LISTED => {
                    let [from, len] = [here[0].at(), here[1].at()];
                    here[0] = Id(listed as u32);
                    for from in from..from + len {
                        self.listed[listed] = place[self.listed[from].at()];
                        listed += 1;
                    }
                }
                // In the same order as before, so the arguments of what is commutative stay sorted.
                count => {
                    here[..count as usize].iter_mut().for_each(|arg| *arg = place[arg.at()]);
                }
            }
            self.entries[kept] = Entry { head, args: here };
            kept += 1;
        }
        self.entries.truncate(kept);
        self.listed.truncate(listed);
        self.rest();
        place
    }

    /// Whether none has a value for each row.
    pub(crate) fn is_point(&self) -> bool {
        !self.entries.iter().any(|entry| self.heads[(entry.head >> 3) as usize].varying)
    }
}

/// The number in a constant.
#[inline]
fn number([low, high, _]: [Id; HERE]) -> f64 {
    f64::from_bits(u64::from(low.0) | u64::from(high.0) << 32)
}

/// Makes room for more by half as much again: long lists are moved a few times, and a third of what they
/// take is spare at most.
fn grow<T>(list: &mut Vec<T>, more: usize) {
    const LEAST: usize = 64;
    if list.capacity() - list.len() < more {
        list.reserve_exact(more.max(list.len() / 2).max(LEAST));
    }
}
