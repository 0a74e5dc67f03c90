//! One pass over the rows: its steps, and the registers between them.

use super::block::SEGMENT;
use super::graph::{Graph, Id};
use super::kernel::{MOMENTS, MOST, together};
use super::operation::{Operation, Reduction};
use super::rows::UnaryKind;
use super::schedule::{self, Item};
use super::{Guard, Output, Program, Scatter};
use indexmap::IndexMap;
use smallvec::SmallVec;

/// Where a step finds an argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Source {
    /// A register, which holds a number for each row of the block.
    Register(u32),
    /// A column of the data, by its place among those that the pass reads.
    Column(u32),
    /// A number that is the same for all rows.
    Number(u32),
}

pub(super) type Sources = SmallVec<[Source; 3]>;

/// A term of a sum; numbers are the same for all rows, and sources vary.
#[derive(Clone, Copy, Debug)]
pub(super) enum TermOf {
    /// `a b`.
    Number(u32, u32),
    /// `a x`.
    Scaled(u32, Source),
    /// `a x y`.
    Product(u32, Source, Source),
}

/// Terms that are added in one go.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub(super) terms: SmallVec<[TermOf; MOST]>,
    /// A bit for each that is a product of two numbers that vary.
    pub(super) varying: u8,
}

impl Group {
    /// The same terms in their order, in groups.
    fn all(terms: impl Iterator<Item = TermOf>) -> Vec<Self> {
        let mut groups: Vec<Group> = Vec::new();
        for term in terms {
            let product = u8::from(matches!(term, TermOf::Product(..)));
            let with = |group: &Group| group.varying | product << group.terms.len();
            let number = |term: &TermOf| matches!(term, TermOf::Number(..));
            match groups.last_mut() {
                Some(group)
                    if together(group.terms.len() + 1, with(group))
                        && !number(&term)
                        && !group.terms.iter().any(number) =>
                {
                    group.varying = with(group);
                    group.terms.push(term);
                }
                _ => groups.push(Group { terms: SmallVec::from_slice(&[term]), varying: product }),
            }
        }
        groups
    }
}

/// What is asked of a row of the table with kinks, where it goes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// The register of the values.
    pub(super) values: Option<u32>,
    /// The reduction that adds them up.
    pub(super) sum: Option<u32>,
    /// The register of the slopes.
    pub(super) slopes: Option<u32>,
    /// The count of the rows that have a kink.
    pub(super) count: Option<u32>,
}

/// One operation over a block of rows.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Into a register.
    Map { operation: Operation, out: u32, args: Sources },
    /// A row of the table and its slope, which share most of their work, into two registers.
    ValueAndSlope { kind: UnaryKind, out: u32, slope: u32, x: Source },
    /// A sum of terms into a register. If `fused`, each is rounded once together with its addition.
    /// If the terms are of adjoints and partials, `chained` has these pairs.
    Products { out: u32, groups: Vec<Group>, fused: bool, chained: Vec<[Source; 2]> },
    /// Parameters that the rows choose, into a register.
    Gather { out: u32, base: u32, len: u32, index: Source },
    /// A row of the table with kinks: all that is asked of it.
    Corner { kind: UnaryKind, x: Source, asked: Asked },
    /// Into the lanes of a reduction.
    Reduce { into: u32, reduction: Reduction, x: Source },
    /// Products with a common factor, which may be one itself, into the lanes of sums that follow one
    /// another. Where the other factor is missing, it is the common one alone.
    Moments {
        into: u32,
        common: (Source, Option<Source>),
        others: [Option<Source>; MOMENTS],
        count: usize,
        chained: bool,
    },
    /// To the places that the rows choose.
    Scatter { into: u32, base: u32, len: u32, index: Source, value: Source },
    /// Counts the rows where a condition holds.
    Count { into: u32, condition: Source },
    /// Refuses rows where a condition comes out otherwise.
    Guard { guard: u32, condition: Source, holds: bool },
}

/// What is done for each row between two stages of numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Pass {
    pub(super) steps: Vec<Step>,
    pub(super) registers: usize,
    /// The columns that it reads.
    pub(super) columns: Vec<u32>,
    /// Its reductions, and which number each becomes.
    pub(super) reductions: Vec<(Reduction, u32)>,
    pub(super) scatters: usize,
    /// The kinks that it counts, by their place among all.
    pub(super) counts: Vec<u32>,
    /// Whether an adjoint that is 0 may meet an infinite partial.
    pub(super) chained: bool,
}

impl Pass {
    /// How many rows are reduced to one number before the tree: fewer of a long program, so that there
    /// is work for several threads though the rows be few.
    pub(super) fn segment(&self) -> usize {
        const LONG: usize = 1024;
        if self.steps.len() < LONG { SEGMENT } else { SEGMENT / 4 }
    }
}

/// What all passes of a program are made from.
#[derive(Clone, Copy)]
pub(super) struct PassBuilder<'p> {
    pub(super) program: &'p Program,
    /// How often each node is used.
    pub(super) uses: &'p [u32],
    /// The place of each node that is the same for all rows.
    pub(super) number: &'p [u32],
    /// The place of the number 1.
    pub(super) one: u32,
}

impl PassBuilder<'_> {
    /// The pass over the rows that follows a stage of numbers: its steps in the order of the program
    /// or, if it needs fewer registers, in the one that is made for that.
    pub(super) fn build(self, stage: u32) -> Pass {
        Builder::new(self, stage).build()
    }
}

/// The steps of one pass.
#[derive(Clone)]
struct Builder<'p> {
    from: PassBuilder<'p>,
    graph: &'p Graph,
    stage: u32,
    pass: Pass,
    /// Where each varying node is.
    place: Vec<Option<Source>>,
    /// How many steps still read it.
    readers: Vec<u32>,
    free: Vec<u32>,
    /// The number and the other factor of products that terms form on the way.
    scaled: Vec<Option<(u32, Id)>>,
    /// Of rows of the table with kinks, by their argument: the sum and the kink that the pass ends in.
    /// What has become a step is gone.
    corners: IndexMap<(UnaryKind, Id), CornerEnds>,
}

/// The ends of a row of the table with kinks.
#[derive(Clone, Copy, Default)]
struct CornerEnds {
    sum: Option<Id>,
    kink: Option<u32>,
    done: bool,
}

impl<'p> Builder<'p> {
    fn new(from: PassBuilder<'p>, stage: u32) -> Self {
        let graph = &from.program.graph;
        Builder {
            from,
            graph,
            stage,
            pass: Pass::default(),
            place: vec![None; graph.len()],
            readers: vec![0; graph.len()],
            free: Vec::new(),
            scaled: vec![None; graph.len()],
            corners: IndexMap::new(),
        }
    }

    /// The nodes that end in something that outlives the pass: a reduction, or a condition.
    fn ends(&self) -> Vec<End> {
        let graph = self.graph;
        let here = |id: Id| graph.is_varying(id) && graph.stage(id) == self.stage;
        let mut ends = Vec::new();
        for (at, guard) in self.from.program.guards.iter().enumerate() {
            if here(guard.condition) {
                ends.push(End::Guard { at: at as u32, guard: guard.clone() });
            }
        }
        for (at, (condition, _)) in graph.kinks().enumerate() {
            if here(condition) {
                ends.push(End::Kink { at: at as u32, condition });
            }
        }
        for id in graph.ids() {
            if let Operation::Reduce(reduction) = graph.operation(id)
                && graph.stage(id) == self.stage + 1
            {
                ends.push(End::Reduce { id, reduction });
            }
        }
        let scatters = self.from.program.outputs.iter().flat_map(Output::scatters);
        let here = scatters.filter(|scatter| scatter.stage(graph) == self.stage);
        let counted = (0..).zip(here);
        ends.extend(counted.map(|(into, scatter)| End::Scatter { into, scatter: *scatter }));
        ends
    }

    /// What a node reads when it is a step: its arguments, those of a product that it swallows
    /// included.
    fn reads(&self, end: &End) -> SmallVec<[Id; 3]> {
        match end {
            End::Guard { guard, .. } => SmallVec::from_slice(&[guard.condition]),
            End::Kink { condition, .. } => match self.graph.operation(*condition) {
                Operation::UnaryKink(_) => SmallVec::from_slice(self.graph.args(*condition)),
                _ => SmallVec::from_slice(&[*condition]),
            },
            End::Scatter { scatter, .. } => SmallVec::from_slice(&[scatter.index, scatter.value]),
            End::Reduce { id, .. } => {
                let x = self.graph.args(*id)[0];
                match self.swallowed(end) {
                    Some(_) => SmallVec::from_slice(self.graph.args(x)),
                    None => SmallVec::from_slice(&[x]),
                }
            }
        }
    }

    /// The product of two numbers that vary, or row of the table, that a sum over the rows takes as it
    /// is.
    fn swallowed(&self, end: &End) -> Option<Operation> {
        let End::Reduce { id, reduction: Reduction::Sum } = *end else {
            return None;
        };
        let x = self.graph.args(id)[0];
        let operation = self.graph.operation(x);
        let simple = match operation {
            Operation::Mul | Operation::Chain => {
                self.graph.args(x).iter().all(|&arg| self.graph.is_varying(arg))
            }
            Operation::Unary(kind) => kind.has_kinks(),
            _ => false,
        };
        (simple && self.from.uses[x.at()] == 1).then_some(operation)
    }

    fn build(mut self) -> Pass {
        self.find_scaled();
        let ends = self.ends();
        for end in &ends {
            if let Some((kind, x)) = self.corner_of(end) {
                let corner = self.corners.entry((kind, x)).or_default();
                match *end {
                    End::Kink { at, .. } => corner.kink = Some(at),
                    End::Reduce { id, .. } => corner.sum = Some(id),
                    _ => {}
                }
            }
        }
        let graph = self.graph;
        let mut needed = vec![false; graph.len()];
        for end in &ends {
            for &id in &self.reads(end) {
                needed[id.at()] = true;
                self.readers[id.at()] += 1;
            }
        }
        for id in graph.ids().rev() {
            if needed[id.at()] && graph.is_varying(id) {
                for arg in graph.args(id) {
                    needed[arg.at()] = true;
                    self.readers[arg.at()] += 1;
                }
            }
        }
        let varying = graph.ids().filter(|&id| needed[id.at()] && graph.is_varying(id));
        let nodes: Vec<Id> = varying.collect();
        let as_given = self.clone().in_order(&nodes, &ends);
        let thrifty = self.thrifty(&nodes, &ends);
        let thrifty = self.in_order(&thrifty, &ends);
        if thrifty.registers < as_given.registers { thrifty } else { as_given }
    }

    /// The same nodes in an order for few registers.
    fn thrifty(&self, nodes: &[Id], ends: &[End]) -> Vec<Id> {
        let graph = self.graph;
        let mut place = vec![0; graph.len()];
        (0..).zip(nodes).for_each(|(at, id)| place[id.at()] = at);
        let item = |reads: &[Id], register| {
            let varying = reads.iter().filter(|&&id| graph.is_varying(id));
            let mut reads: Vec<u32> = varying.map(|id| place[id.at()]).collect();
            reads.sort_unstable();
            reads.dedup();
            Item { reads, register }
        };
        let is_column = |id| matches!(graph.operation(id), Operation::Column(_));
        let nodes_first = nodes.iter().map(|&id| item(graph.args(id), !is_column(id)));
        let then_ends = ends.iter().map(|end| item(&self.reads(end), false));
        let order = schedule::order(&nodes_first.chain(then_ends).collect::<Vec<_>>());
        order.into_iter().filter_map(|at| nodes.get(at as usize).copied()).collect()
    }

    /// The steps of these nodes, and of ends as soon as the last of what they read is there.
    fn in_order(mut self, nodes: &[Id], ends: &[End]) -> Pass {
        let graph = self.graph;
        let mut place = vec![0; graph.len()];
        nodes.iter().enumerate().for_each(|(at, id)| place[id.at()] = at);
        let mut after: Vec<Vec<&End>> = vec![Vec::new(); nodes.len()];
        for end in ends {
            let reads = self.reads(end);
            let varying = reads.iter().filter(|&&id| graph.is_varying(id));
            if let Some(last) = varying.map(|id| place[id.at()]).max() {
                after[last].push(end);
            }
        }
        for (&id, ends) in nodes.iter().zip(after) {
            self.step(id);
            self.finish_all(ends);
        }
        self.pass
    }

    fn source(&self, id: Id) -> Source {
        match self.place[id.at()] {
            Some(source) => source,
            None => Source::Number(self.from.number[id.at()]),
        }
    }

    /// A register is free again after its last reader.
    fn release(&mut self, ids: &[Id]) {
        for id in ids {
            self.readers[id.at()] -= 1;
            if self.readers[id.at()] == 0
                && let Some(Source::Register(register)) = self.place[id.at()]
            {
                self.free.push(register);
            }
        }
    }

    /// The step of a varying node.
    fn step(&mut self, id: Id) {
        if self.scaled[id.at()].is_some() {
            return;
        }
        let operation = self.graph.operation(id);
        if let Operation::Column(column) = operation {
            let at = self.pass.columns.len() as u32;
            self.pass.columns.push(column);
            self.place[id.at()] = Some(Source::Column(at));
            return;
        }
        match operation {
            Operation::Unary(kind) | Operation::UnarySlope(kind) if kind.has_kinks() => {
                return self.corner(kind, self.graph.args(id)[0]);
            }
            Operation::UnarySlope(_) if self.place[id.at()].is_some() => {
                // It came with its value.
                return self.release(self.graph.args(id));
            }
            _ => {}
        }
        let graph = self.graph;
        let args = &graph.node(id).args;
        let sources: Sources = args.iter().map(|&arg| self.source(arg)).collect();
        let out = self.register(id);
        self.pass.chained |= matches!(operation, Operation::Chain | Operation::ChainDot);
        let step = match operation {
            Operation::Gather { base, len } => Step::Gather { out, base, len, index: sources[0] },
            Operation::Sum => {
                // A product with 1 is the number itself, bit by bit.
                let one = self.from.one;
                let groups = Group::all(sources.iter().map(|&source| match source {
                    Source::Number(a) => TermOf::Number(one, a),
                    x => TermOf::Scaled(one, x),
                }));
                Step::Products { out, groups, fused: false, chained: Vec::new() }
            }
            Operation::Dot | Operation::FusedDot | Operation::ChainDot => {
                let terms = args.as_chunks::<2>().0.iter();
                let groups = Group::all(terms.map(|&[a, b]| self.term(a, b)));
                let fused = operation == Operation::FusedDot;
                let chained = match operation {
                    Operation::ChainDot => sources.as_chunks::<2>().0.to_vec(),
                    _ => Vec::new(),
                };
                Step::Products { out, groups, fused, chained }
            }
            Operation::Unary(kind) => match self.slope_of(id, kind, args[0]) {
                Some(slope) => {
                    let slope = self.register(slope);
                    Step::ValueAndSlope { kind, out, slope, x: sources[0] }
                }
                None => Step::Map { operation, out, args: sources },
            },
            _ => Step::Map { operation, out, args: sources },
        };
        self.pass.steps.push(step);
        self.release(args);
        for arg in args {
            if let Some((_, x)) = self.scaled[arg.at()] {
                self.release(&[x]);
            }
        }
    }

    /// A product as a term.
    fn term(&self, a: Id, b: Id) -> TermOf {
        for (factor, other) in [(a, b), (b, a)] {
            if let Some((number, x)) = self.scaled[factor.at()] {
                return TermOf::Product(number, self.source(x), self.source(other));
            }
        }
        match (self.source(a), self.source(b)) {
            (Source::Number(a), Source::Number(b)) => TermOf::Number(a, b),
            (Source::Number(a), x) | (x, Source::Number(a)) => TermOf::Scaled(a, x),
            (x, y) => TermOf::Product(self.from.one, x, y),
        }
    }

    /// Products of a number and one that varies which only serve as factors of one term: the term
    /// forms them on the way.
    fn find_scaled(&mut self) {
        let graph = self.graph;
        for id in graph.ids() {
            if !matches!(graph.operation(id), Operation::Dot | Operation::FusedDot) {
                continue;
            }
            for &[a, b] in graph.args(id).as_chunks::<2>().0 {
                if !(graph.is_varying(a) && graph.is_varying(b)) {
                    continue;
                }
                let scaled = |factor: Id| match *graph.args(factor) {
                    [p, q] if graph.operation(factor) == Operation::Mul => {
                        let lone = self.from.uses[factor.at()] == 1;
                        let (number, x) = if graph.is_varying(p) { (q, p) } else { (p, q) };
                        let one_varies = graph.is_varying(x) && !graph.is_varying(number);
                        (lone && one_varies).then(|| (self.from.number[number.at()], x))
                    }
                    _ => None,
                };
                let found = [a, b].into_iter().find_map(|id| Some((id, scaled(id)?)));
                if let Some((factor, scaled)) = found {
                    self.scaled[factor.at()] = Some(scaled);
                }
            }
        }
    }

    /// A register for a node.
    fn register(&mut self, id: Id) -> u32 {
        let register = self.free.pop().unwrap_or_else(|| {
            self.pass.registers += 1;
            self.pass.registers as u32 - 1
        });
        self.place[id.at()] = Some(Source::Register(register));
        register
    }

    /// The slope that goes with a value, if this pass needs it too.
    fn slope_of(&self, value: Id, kind: UnaryKind, x: Id) -> Option<Id> {
        let slope = self.graph.find(Operation::UnarySlope(kind), &[x, value])?;
        (self.readers[slope.at()] > 0).then_some(slope)
    }

    /// The row of the table with kinks that an end asks something of, and its argument.
    fn corner_of(&self, end: &End) -> Option<(UnaryKind, Id)> {
        match *end {
            End::Kink { condition, .. } => match self.graph.operation(condition) {
                Operation::UnaryKink(kind) => Some((kind, self.graph.args(condition)[0])),
                _ => None,
            },
            End::Reduce { .. } => match self.swallowed(end) {
                Some(Operation::Unary(kind)) => Some((kind, self.reads(end)[0])),
                _ => None,
            },
            _ => None,
        }
    }

    /// The step of a row of the table with kinks, unless it is there already: all that the pass asks
    /// of it.
    fn corner(&mut self, kind: UnaryKind, x: Id) {
        let ends = self.corners.entry((kind, x)).or_default();
        if std::mem::replace(&mut ends.done, true) {
            return;
        }
        let ends = *ends;
        let read = self.source(x);
        let mut asked = Asked::default();
        if let Some(at) = ends.kink {
            asked.count = Some(self.pass.counts.len() as u32);
            self.pass.counts.push(at);
        }
        asked.sum = ends.sum.map(|id| self.reduction(Reduction::Sum, id));
        let value = self.graph.find(Operation::Unary(kind), &[x]);
        let slope = [Some(x), value]
            .into_iter()
            .flatten()
            .find_map(|y| self.graph.find(Operation::UnarySlope(kind), &[x, y]));
        let wanted = |id: &Id| self.readers[id.at()] > 0;
        let (value, slope) = (value.filter(wanted), slope.filter(wanted));
        asked.values = value.map(|id| self.register(id));
        asked.slopes = slope.map(|id| self.register(id));
        self.pass.steps.push(Step::Corner { kind, x: read, asked });
        let graph = self.graph;
        for id in value.into_iter().chain(slope) {
            self.release(graph.args(id));
        }
        for _ in ends.sum.iter().map(drop).chain(ends.kink.iter().map(drop)) {
            self.release(&[x]);
        }
    }

    /// A place among the reductions.
    fn reduction(&mut self, reduction: Reduction, id: Id) -> u32 {
        self.pass.reductions.push((reduction, self.from.number[id.at()]));
        self.pass.reductions.len() as u32 - 1
    }

    /// The steps of ends whose last argument is there now. Sums of products with a common factor go
    /// together.
    fn finish_all(&mut self, mut ends: Vec<&End>) {
        while let Some(first) = ends.first() {
            let Some((common, _)) = self.product(first) else {
                self.finish(ends.remove(0));
                continue;
            };
            let mut operation = None;
            let (mut together, mut others) = (Vec::new(), Vec::new());
            for end in ends {
                match self.product(end) {
                    Some((factor, product))
                        if factor == common
                            && together.len() < MOMENTS
                            && product.is_none_or(|(of, _)| *operation.get_or_insert(of) == of) =>
                    {
                        // What is added as it is comes first.
                        let at = if product.is_none() { 0 } else { together.len() };
                        together.insert(at, end);
                    }
                    _ => others.push(end),
                }
            }
            self.moments(common, operation, &together);
            ends = others;
        }
    }

    /// Of a sum over the rows the first factor of what is added, and the product and the other factor
    /// if it is one.
    fn product(&self, end: &End) -> Option<(Id, Option<(Operation, Id)>)> {
        let End::Reduce { reduction: Reduction::Sum, .. } = end else {
            return None;
        };
        match (self.swallowed(end), &self.reads(end)[..]) {
            (Some(Operation::Unary(_)), _) => None,
            (Some(product), &[a, b]) => Some((a, Some((product, b)))),
            (_, reads) => Some((*reads.first()?, None)),
        }
    }

    /// The step of sums of products with a common factor.
    fn moments(&mut self, common: Id, operation: Option<Operation>, ends: &[&End]) {
        let mut others = [None; MOMENTS];
        for (other, end) in others.iter_mut().zip(ends) {
            let product = self.product(end).and_then(|(_, product)| product);
            *other = product.map(|(_, id)| self.source(id));
        }
        let mut factor = (self.source(common), None);
        // If nothing else reads the common factor, a product just computed, it is formed on the way.
        let reads = ends.iter().flat_map(|end| self.reads(end)).filter(|&id| id == common).count();
        if self.readers[common.at()] as usize == reads
            && let Some(Step::Map { operation: last, out, args }) = self.pass.steps.last()
            && Source::Register(*out) == factor.0
            && matches!(last, Operation::Mul | Operation::Chain)
            && operation.is_none_or(|operation| operation == *last)
            && !args.iter().any(|arg| matches!(arg, Source::Number(_)))
        {
            factor = (args[0], Some(args[1]));
            self.pass.steps.pop();
        }
        let chained = match self.graph.operation(common) {
            Operation::Chain if factor.1.is_some() => true,
            _ => operation == Some(Operation::Chain),
        };
        self.pass.chained |= chained;
        let mut into = 0;
        for (at, end) in ends.iter().enumerate() {
            if let End::Reduce { id, .. } = **end {
                let place = self.reduction(Reduction::Sum, id);
                into = if at == 0 { place } else { into };
            }
        }
        let count = ends.len();
        self.pass.steps.push(Step::Moments { into, common: factor, others, count, chained });
        for end in ends {
            self.release(&self.reads(end));
        }
    }

    /// The step of what outlives the pass.
    fn finish(&mut self, end: &End) {
        if let Some((kind, x)) = self.corner_of(end) {
            return self.corner(kind, x);
        }
        let reads = self.reads(end);
        let step = match *end {
            End::Guard { at, ref guard } => {
                let condition = self.source(guard.condition);
                Step::Guard { guard: at, condition, holds: guard.holds }
            }
            End::Kink { at, condition } => {
                let into = self.pass.counts.len() as u32;
                self.pass.counts.push(at);
                Step::Count { into, condition: self.source(condition) }
            }
            End::Reduce { id, reduction } => {
                let into = self.reduction(reduction, id);
                Step::Reduce { into, reduction, x: self.source(reads[0]) }
            }
            End::Scatter { into, scatter: Scatter { base, len, index, value, .. } } => {
                self.pass.scatters += 1;
                let (index, value) = (self.source(index), self.source(value));
                Step::Scatter { into, base, len, index, value }
            }
        };
        self.pass.steps.push(step);
        self.release(&reads);
    }
}

/// What outlives a pass.
#[derive(Debug)]
enum End {
    Guard {
        at: u32,
        guard: Guard,
    },
    Kink {
        at: u32,
        condition: Id,
    },
    Reduce {
        id: Id,
        reduction: Reduction,
    },
    /// Counted in the order of the outputs.
    Scatter {
        into: u32,
        scatter: Scatter,
    },
}
