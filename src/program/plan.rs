//! From nodes to steps: what is computed once, what for each row, and in which registers.

use super::fuse::count_uses;
use super::graph::{Graph, Id};
use super::operation::{Operation, Reduction};
use super::point::{Nodes, Places, Point};
use super::{Guard, Output, Program};
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

/// One operation over a block of rows.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Into a register.
    Map { operation: Operation, out: u32, args: Sources },
    /// `Σ aₖ bₖ` into a register; as adjoints and partials if `chained`.
    Products { out: u32, terms: Vec<(Source, Source)>, chained: bool },
    /// Parameters that the rows choose, into a register.
    Gather { out: u32, base: u32, len: u32, index: Source },
    /// Into the lanes of a reduction.
    Reduce { into: u32, reduction: Reduction, x: Source },
    /// Products into the lanes of a sum.
    ReduceProducts { into: u32, a: Source, b: Source, chained: bool },
    /// To the places that the rows choose.
    Scatter { into: u32, base: u32, len: u32, index: Source, value: Source },
    /// Counts the rows where a condition holds.
    Count { into: u32, condition: Source },
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

/// A vector output: runs of numbers, and what is scattered, with its scale.
#[derive(Debug)]
pub(super) enum PlannedOutput {
    Number(u32),
    Vector {
        len: usize,
        /// Numbers that go to neighbouring places: the first place, where the first number stands,
        /// how many.
        runs: Vec<[u32; 3]>,
        scatters: Vec<PlannedScatter>,
    },
}

/// A scatter of a pass, which adds up numbers by place.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlannedScatter {
    pub(super) pass: usize,
    pub(super) index: usize,
    pub(super) scale: u32,
}

/// The whole of it: stages of numbers, with passes over the rows between them.
#[derive(Debug)]
pub(super) struct Plan {
    /// How many places for numbers there are.
    pub(super) numbers: usize,
    pub(super) constants: Vec<(u32, f64)>,
    /// Parameters that are read as numbers: where a run of them stands, the first, how many.
    pub(super) parameters: Vec<[u32; 3]>,
    pub(super) rows: Option<u32>,
    pub(super) stages: Vec<Point>,
    pub(super) passes: Vec<Pass>,
    pub(super) outputs: Vec<PlannedOutput>,
    /// Guards that do not depend on the row: the stage, the number, the guard.
    pub(super) guards: Vec<(u32, u32, u32)>,
    /// Kinks that do not depend on the row: the number, and which kink.
    pub(super) kinks: Vec<(u32, u32)>,
}

impl Plan {
    pub(super) fn of(program: &Program) -> Self {
        let graph = &program.graph;
        let roots = || {
            let guarded = program.guards.iter().map(|guard| guard.condition);
            let kinked = graph.kinks().map(|(condition, _)| condition);
            program.outputs.iter().flat_map(Output::ids).chain(guarded).chain(kinked)
        };
        let uses = count_uses(graph, roots());
        let last = roots().map(|id| graph.stage(id) + u32::from(graph.is_varying(id))).max();
        let stages = last.unwrap_or(0) as usize + 1;
        let kept = kept(graph, roots());
        // Where each number stands: the parameters side by side, then what is known before a stage.
        let mut number = vec![u32::MAX; graph.len()];
        let mut places = Places::default();
        let one = places.take();
        let mut plan = Plan {
            numbers: 0,
            constants: vec![(one, 1.0)],
            parameters: Vec::new(),
            rows: None,
            stages: Vec::new(),
            passes: Vec::new(),
            outputs: Vec::new(),
            guards: Vec::new(),
            kinks: Vec::new(),
        };
        plan.place_parameters(graph, &mut number, &mut places);
        let mut computed: Vec<Vec<Id>> = vec![Vec::new(); stages];
        for id in graph.ids().filter(|&id| !graph.is_varying(id)) {
            match graph.operation(id) {
                Operation::Parameter(_) => {}
                Operation::Constant(bits) => {
                    let at = places.take();
                    number[id.at()] = at;
                    plan.constants.push((at, bits.into()));
                }
                Operation::Rows => {
                    let at = places.take();
                    number[id.at()] = at;
                    plan.rows = Some(at);
                }
                Operation::Reduce(_) => number[id.at()] = places.take(),
                _ => computed[graph.stage(id) as usize].push(id),
            }
        }
        let nodes = Nodes { graph, uses: &uses, kept: &kept };
        for ids in &computed {
            plan.stages.push(Point::new(&nodes, ids, &mut number, &mut places));
        }
        plan.numbers = places.len();
        let scatters: Vec<&super::Scatter> = program.outputs.iter().flat_map(scatters_of).collect();
        let mut placed = Vec::new();
        for stage in 0..computed.len().saturating_sub(1) as u32 {
            let pass =
                Builder::new(program, &uses, (&number, one), stage).build(&scatters, &mut placed);
            plan.passes.push(pass);
        }
        for (at, Guard { condition, .. }) in program.guards.iter().enumerate() {
            if !graph.is_varying(*condition) {
                let stage = graph.stage(*condition);
                plan.guards.push((stage, number[condition.at()], at as u32));
            }
        }
        for (at, (condition, _)) in graph.kinks().enumerate() {
            if !graph.is_varying(condition) {
                plan.kinks.push((number[condition.at()], at as u32));
            }
        }
        let mut next = 0;
        plan.outputs = program
            .outputs
            .iter()
            .map(|output| match output {
                Output::Number(id) => PlannedOutput::Number(number[id.at()]),
                Output::Vector { len, entries, scatters } => {
                    let mut runs: Vec<[u32; 3]> = Vec::new();
                    for &(place, id) in entries {
                        let at = number[id.at()];
                        match runs.last_mut() {
                            Some([to, from, len]) if *to + *len == place && *from + *len == at => {
                                *len += 1;
                            }
                            _ => runs.push([place, at, 1]),
                        }
                    }
                    let scatters = scatters.iter().map(|scatter| {
                        next += 1;
                        let (pass, index) = placed
                            .iter()
                            .find(|&&(which, ..)| which == next - 1)
                            .map_or((0, 0), |&(_, pass, index)| (pass, index));
                        PlannedScatter { pass, index, scale: number[scatter.scale.at()] }
                    });
                    let scatters = scatters.collect();
                    PlannedOutput::Vector { len: *len, runs, scatters }
                }
            })
            .collect();
        plan
    }

    /// Gives the parameters their places, those that follow each other side by side.
    fn place_parameters(&mut self, graph: &Graph, number: &mut [u32], places: &mut Places) {
        let mut read: Vec<(u32, Id)> = Vec::new();
        for id in graph.ids() {
            if let Operation::Parameter(place) = graph.operation(id) {
                read.push((place, id));
            }
        }
        read.sort_unstable();
        let from = places.take_run(read.len() as u32);
        for (at, (place, id)) in (from..).zip(read) {
            number[id.at()] = at;
            match self.parameters.last_mut() {
                Some([_, first, len]) if *first + *len == place => *len += 1,
                _ => self.parameters.push([at, place, 1]),
            }
        }
    }
}

/// The numbers that are read after the stage that computes them: by a pass, a later stage, or the
/// caller.
fn kept(graph: &Graph, roots: impl IntoIterator<Item = Id>) -> Vec<bool> {
    let mut kept = vec![false; graph.len()];
    for id in roots {
        kept[id.at()] = true;
    }
    for id in graph.ids() {
        let stage = (!graph.is_varying(id)).then(|| graph.stage(id));
        for &arg in graph.args(id) {
            kept[arg.at()] |= stage != Some(graph.stage(arg));
        }
    }
    kept
}

fn scatters_of(output: &Output) -> &[super::Scatter] {
    match output {
        Output::Number(_) => &[],
        Output::Vector { scatters, .. } => scatters,
    }
}

/// The steps of one pass over the rows.
struct Builder<'p> {
    program: &'p Program,
    graph: &'p Graph,
    uses: &'p [u32],
    number: &'p [u32],
    /// The number 1.
    one: u32,
    stage: u32,
    pass: Pass,
    /// Where each varying node is.
    place: Vec<Option<Source>>,
    /// How many steps still read it.
    readers: Vec<u32>,
    free: Vec<u32>,
}

impl<'p> Builder<'p> {
    fn new(
        program: &'p Program,
        uses: &'p [u32],
        (number, one): (&'p [u32], u32),
        stage: u32,
    ) -> Self {
        let graph = &program.graph;
        Builder {
            program,
            graph,
            uses,
            number,
            one,
            stage,
            pass: Pass::default(),
            place: vec![None; graph.len()],
            readers: vec![0; graph.len()],
            free: Vec::new(),
        }
    }

    /// The nodes that end in something that outlives the pass: a reduction, or a condition.
    fn ends(&self, scatters: &[&super::Scatter]) -> Vec<End> {
        let graph = self.graph;
        let here = |id: Id| graph.is_varying(id) && graph.stage(id) == self.stage;
        let mut ends = Vec::new();
        for (at, guard) in self.program.guards.iter().enumerate() {
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
        for (at, scatter) in scatters.iter().enumerate() {
            if graph.stage(scatter.value).max(graph.stage(scatter.index)) == self.stage {
                ends.push(End::Scatter { at, scatter: **scatter });
            }
        }
        ends
    }

    /// What a node reads when it is a step: its arguments, those of a product that it swallows
    /// included.
    fn reads(&self, end: &End) -> SmallVec<[Id; 3]> {
        match end {
            End::Guard { guard, .. } => SmallVec::from_slice(&[guard.condition]),
            End::Kink { condition, .. } => SmallVec::from_slice(&[*condition]),
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

    /// The product that a sum over the rows takes as it is.
    fn swallowed(&self, end: &End) -> Option<Operation> {
        let End::Reduce { id, reduction: Reduction::Sum } = *end else {
            return None;
        };
        let x = self.graph.args(id)[0];
        let operation = self.graph.operation(x);
        let product = matches!(operation, Operation::Mul | Operation::Chain);
        (product && self.uses[x.at()] == 1).then_some(operation)
    }

    fn build(
        mut self,
        scatters: &[&super::Scatter],
        placed: &mut Vec<(usize, usize, usize)>,
    ) -> Pass {
        let ends = self.ends(scatters);
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
                self.finish(&ends[at], placed);
            }
        }
        self.pass
    }

    fn source(&self, id: Id) -> Source {
        match self.place[id.at()] {
            Some(source) => source,
            None => Source::Number(self.number[id.at()]),
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
        let args = &self.graph.node(id).args;
        let sources: Sources = args.iter().map(|&arg| self.source(arg)).collect();
        let out = self.free.pop().unwrap_or_else(|| {
            self.pass.registers += 1;
            self.pass.registers as u32 - 1
        });
        self.place[id.at()] = Some(Source::Register(out));
        self.pass.chained |= matches!(operation, Operation::Chain | Operation::ChainDot);
        let step = match operation {
            Operation::Gather { base, len } => Step::Gather { out, base, len, index: sources[0] },
            Operation::Sum => {
                // A product with 1 is the number itself, bit by bit.
                let one = Source::Number(self.one);
                let terms = sources.iter().map(|&x| (one, x)).collect();
                Step::Products { out, terms, chained: false }
            }
            Operation::Dot | Operation::ChainDot => {
                let terms = sources.as_chunks::<2>().0.iter().map(|&[a, b]| (a, b)).collect();
                Step::Products { out, terms, chained: operation == Operation::ChainDot }
            }
            _ => Step::Map { operation, out, args: sources },
        };
        self.pass.steps.push(step);
        self.release(&args.clone());
    }

    /// The step of what outlives the pass.
    fn finish(&mut self, end: &End, placed: &mut Vec<(usize, usize, usize)>) {
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
                let into = self.pass.reductions.len() as u32;
                self.pass.reductions.push((reduction, self.number[id.at()]));
                match self.swallowed(end) {
                    Some(operation) => {
                        let chained = operation == Operation::Chain;
                        self.pass.chained |= chained;
                        let (a, b) = (self.source(reads[0]), self.source(reads[1]));
                        Step::ReduceProducts { into, a, b, chained }
                    }
                    None => Step::Reduce { into, reduction, x: self.source(reads[0]) },
                }
            }
            End::Scatter { at, scatter } => {
                let into = self.pass.scatters;
                self.pass.scatters += 1;
                placed.push((at, self.stage as usize, into));
                let super::Scatter { base, len, .. } = scatter;
                let (index, value) = (self.source(scatter.index), self.source(scatter.value));
                Step::Scatter { into: into as u32, base, len, index, value }
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
    Scatter { at: usize, scatter: super::Scatter },
}
