//! One pass over the rows: its steps, and the registers between them.

use super::graph::{Graph, Id};
use super::operation::{Operation, Reduction};
use super::rows::UnaryKind;
use super::{Guard, Output, Program, Scatter};
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

/// How the products of a sum are formed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Multiply {
    Plain,
    /// Rounded once, together with the addition.
    Fused,
    /// Of adjoints and partials.
    Chained,
}

/// One operation over a block of rows.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Into a register.
    Map { operation: Operation, out: u32, args: Sources },
    /// A row of the table and its slope, which share most of their work, into two registers.
    ValueAndSlope { kind: UnaryKind, out: u32, slope: u32, x: Source },
    /// `Σ aₖ bₖ` into a register.
    Products { out: u32, terms: Vec<(Source, Source)>, multiply: Multiply },
    /// Parameters that the rows choose, into a register.
    Gather { out: u32, base: u32, len: u32, index: Source },
    /// Into the lanes of a reduction.
    Reduce { into: u32, reduction: Reduction, x: Source },
    /// A row of the table into the lanes of a sum.
    ReduceMap { into: u32, kind: UnaryKind, x: Source },
    /// Products into the lanes of a sum.
    ReduceProducts { into: u32, a: Source, b: Source, chained: bool },
    /// To the places that the rows choose.
    Scatter { into: u32, base: u32, len: u32, index: Source, value: Source },
    /// Counts the rows where a condition holds.
    Count { into: u32, condition: Source },
    /// Counts the rows where a row of the table has a kink.
    CountKinks { into: u32, kind: UnaryKind, x: Source },
    /// Refuses rows where a condition comes out otherwise.
    Guard { guard: u32, condition: Source, holds: bool },
}

/// What is done for each row between two stages of numbers.
#[derive(Debug, Default)]
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
    /// The pass over the rows that follows a stage of numbers.
    pub(super) fn build(self, stage: u32) -> Pass {
        Builder::new(self, stage).build()
    }
}

/// The steps of one pass.
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
        ends.extend(here.map(|scatter| End::Scatter { scatter: *scatter }));
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

    /// The product, or row of the table, that a sum over the rows takes as it is.
    fn swallowed(&self, end: &End) -> Option<Operation> {
        let End::Reduce { id, reduction: Reduction::Sum } = *end else {
            return None;
        };
        let x = self.graph.args(id)[0];
        let operation = self.graph.operation(x);
        let simple = match operation {
            Operation::Mul | Operation::Chain => true,
            Operation::Unary(kind) => kind.has_kinks(),
            _ => false,
        };
        (simple && self.from.uses[x.at()] == 1).then_some(operation)
    }

    fn build(mut self) -> Pass {
        let ends = self.ends();
        let graph = self.graph;
        let mut needed = vec![false; graph.len()];
        let mut after: Vec<Vec<usize>> = vec![Vec::new(); graph.len()];
        for (at, end) in ends.iter().enumerate() {
            let reads = self.reads(end);
            for &id in &reads {
                needed[id.at()] = true;
                self.readers[id.at()] += 1;
            }
            // As soon as the last of what it reads is there.
            let last = reads.iter().filter(|&&id| graph.is_varying(id)).max();
            if let Some(last) = last {
                after[last.at()].push(at);
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
        for id in graph.ids() {
            if needed[id.at()] && graph.is_varying(id) {
                self.step(id);
            }
            for &at in &after[id.at()] {
                self.finish(&ends[at]);
            }
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
        let operation = self.graph.operation(id);
        if let Operation::Column(column) = operation {
            let at = self.pass.columns.len() as u32;
            self.pass.columns.push(column);
            self.place[id.at()] = Some(Source::Column(at));
            return;
        }
        if let Operation::UnarySlope(_) = operation
            && self.place[id.at()].is_some()
        {
            // It came with its value.
            let graph = self.graph;
            self.release(graph.args(id));
            return;
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
                let one = Source::Number(self.from.one);
                let terms = sources.iter().map(|&x| (one, x)).collect();
                Step::Products { out, terms, multiply: Multiply::Plain }
            }
            Operation::Dot | Operation::FusedDot | Operation::ChainDot => {
                let terms = sources.as_chunks::<2>().0.iter().map(|&[a, b]| (a, b)).collect();
                let multiply = match operation {
                    Operation::Dot => Multiply::Plain,
                    Operation::FusedDot => Multiply::Fused,
                    _ => Multiply::Chained,
                };
                Step::Products { out, terms, multiply }
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

    /// The slope that goes with a value, if this pass needs it too. Rows with kinks, whose slopes
    /// follow a convention there, share no work anyway.
    fn slope_of(&self, value: Id, kind: UnaryKind, x: Id) -> Option<Id> {
        if kind.has_kinks() {
            return None;
        }
        let slope = self.graph.find(Operation::UnarySlope(kind), &[x, value])?;
        (self.readers[slope.at()] > 0).then_some(slope)
    }

    /// The step of what outlives the pass.
    fn finish(&mut self, end: &End) {
        let reads = self.reads(end);
        let step = match *end {
            End::Guard { at, ref guard } => {
                let condition = self.source(guard.condition);
                Step::Guard { guard: at, condition, holds: guard.holds }
            }
            End::Kink { at, condition } => {
                let into = self.pass.counts.len() as u32;
                self.pass.counts.push(at);
                match self.graph.operation(condition) {
                    Operation::UnaryKink(kind) => {
                        Step::CountKinks { into, kind, x: self.source(reads[0]) }
                    }
                    _ => Step::Count { into, condition: self.source(condition) },
                }
            }
            End::Reduce { id, reduction } => {
                let into = self.pass.reductions.len() as u32;
                self.pass.reductions.push((reduction, self.from.number[id.at()]));
                match self.swallowed(end) {
                    Some(Operation::Unary(kind)) => {
                        Step::ReduceMap { into, kind, x: self.source(reads[0]) }
                    }
                    Some(operation) => {
                        let chained = operation == Operation::Chain;
                        self.pass.chained |= chained;
                        let (a, b) = (self.source(reads[0]), self.source(reads[1]));
                        Step::ReduceProducts { into, a, b, chained }
                    }
                    None => Step::Reduce { into, reduction, x: self.source(reads[0]) },
                }
            }
            End::Scatter { scatter: Scatter { base, len, index, value, .. } } => {
                let into = self.pass.scatters as u32;
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
    Guard { at: u32, guard: Guard },
    Kink { at: u32, condition: Id },
    Reduce { id: Id, reduction: Reduction },
    Scatter { scatter: Scatter },
}
