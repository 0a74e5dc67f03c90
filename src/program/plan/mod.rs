//! From nodes to steps: what is computed once, and what for each row.

mod digest;
pub(crate) mod pass;
pub(crate) mod schedule;
pub(crate) mod uniform;

use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::nature::Provenance;
use crate::program::ir::operation::{Operation, Reduction};
use crate::program::plan::pass::{Pass, PassBuilder};
use crate::program::plan::uniform::{Places, Readers, Uniform};
use crate::program::transform::fuse::count_uses;
use crate::program::{Guard, Output, Program, Scatter};

/// A vector output: runs of numbers, and what is scattered, with its scale.
#[derive(Debug)]
pub(crate) enum PlannedOutput {
    Number(u32),
    Vector {
        len: usize,
        /// Numbers that go to neighbouring places: the first place, where the first number stands,
        /// how many.
        runs: Vec<[u32; 3]>,
        /// Whether they are all of it.
        whole: bool,
        scatters: Vec<PlannedScatter>,
    },
    /// What a pass emits, and the numbers that are the same in all rows, with their places.
    Rows {
        len: usize,
        pass: usize,
        index: usize,
        same: Vec<(u32, u32)>,
    },
}

impl PlannedOutput {
    /// How many numbers it has, in all or for a row.
    #[cfg(feature = "native")]
    pub(crate) fn len(&self) -> usize {
        match self {
            PlannedOutput::Number(_) => 1,
            PlannedOutput::Vector { len, .. } | PlannedOutput::Rows { len, .. } => *len,
        }
    }

    /// Room for it.
    pub(crate) fn zeros(&self) -> Vec<f64> {
        match self {
            PlannedOutput::Number(_) => vec![0.0],
            PlannedOutput::Vector { len, .. } => vec![0.0; *len],
            PlannedOutput::Rows { .. } => Vec::new(),
        }
    }
}

/// A scatter of a pass, which adds up numbers by place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PlannedScatter {
    pub(crate) pass: usize,
    pub(crate) index: usize,
    pub(crate) scale: u32,
}

/// The place of a number that has none yet.
const UNPLACED: u32 = u32::MAX;

/// The whole of it: stages of numbers, with passes over the rows between them.
#[derive(Debug)]
pub(crate) struct Plan {
    /// How many places for numbers there are.
    pub(crate) numbers: usize,
    pub(crate) constants: Vec<(u32, f64)>,
    /// Parameters that are read as numbers: where a run of them stands, the first, how many.
    pub(crate) parameters: Vec<[u32; 3]>,
    pub(crate) rows: Option<u32>,
    /// The sum of the weights of a weighted mean, a result of the first pass.
    pub(crate) weights: Option<u32>,
    pub(crate) stages: Vec<Uniform>,
    pub(crate) passes: Vec<Pass>,
    pub(crate) outputs: Vec<PlannedOutput>,
    /// Guards that do not depend on the row: the stage, the number, the guard.
    pub(crate) guards: Vec<(u32, u32, u32)>,
    /// Kinks that do not depend on the row: the number, and which kink.
    pub(crate) kinks: Vec<(u32, u32)>,
    /// The places of computed numbers that are read when their stage has run.
    pub(crate) kept: Vec<u32>,
}

impl Plan {
    pub(crate) fn of(program: &Program) -> Self {
        Plan::in_places(program, Places::default())
    }

    /// The same with a place of its own for each number, written once.
    #[cfg(feature = "native")]
    pub(crate) fn written_once(program: &Program) -> Self {
        Plan::in_places(program, Places::used_once())
    }

    fn in_places(program: &Program, mut places: Places) -> Self {
        let graph = &program.graph;
        let mut uses = count_uses(graph, program.roots());
        let scatters = program.outputs.iter().flat_map(|(_, output)| output.scatters());
        let emitted = program.outputs.iter().filter_map(|(_, output)| output.stage_of_rows(graph));
        let last = program
            .roots()
            .map(|id| graph.stage(id) + u32::from(graph.is_varying(id)))
            .chain(scatters.map(|scatter| scatter.stage(graph) + 1))
            .chain(emitted.map(|stage| stage + 1))
            .max();
        let stages = last.unwrap_or(0) as usize + 1;
        let mut plan = Plan {
            numbers: 0,
            constants: Vec::new(),
            parameters: Vec::new(),
            rows: None,
            weights: None,
            stages: Vec::new(),
            passes: Vec::new(),
            outputs: Vec::new(),
            guards: Vec::new(),
            kinks: Vec::new(),
            kept: Vec::new(),
        };
        let mut number = vec![UNPLACED; graph.len()];
        let one = places.take();
        plan.constants.push((one, 1.0));
        plan.place_parameters(graph, &mut number, &mut places);
        place_sums(program, &mut number, &mut places);
        let computed = plan.place_others(graph, stages, &mut number, &mut places);
        let passes = computed.len().saturating_sub(1) as u32;
        let of_stages = if passes == 0 { std::mem::take(&mut uses) } else { uses.clone() };
        let mut readers = Readers::new(graph, of_stages, program.roots());
        let outlive = |id: &&Id| readers.outlives(**id);
        let kept: Vec<Id> = computed.iter().flatten().filter(outlive).copied().collect();
        for ids in computed {
            plan.stages.push(Uniform::new(graph, ids, &mut readers, &mut number, &mut places));
        }
        drop(readers);
        plan.kept = kept.iter().map(|id| number[id.at()]).collect();
        let weights = program.weights.and_then(|column| {
            let column = graph.find(Operation::Column(column), &[])?;
            graph.find(Operation::Reduce(Reduction::Sum), &[column])
        });
        plan.weights = weights.map(|sum| number[sum.at()]);
        plan.numbers = places.len();
        let builder = PassBuilder { program, uses: &uses, number: &number, one };
        plan.passes = (0..passes).map(|stage| builder.build(stage)).collect();
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
        // Each pass counts its scatters in the order of the outputs.
        let mut scattered = vec![0; plan.passes.len()];
        let mut place = |scatter: &Scatter| {
            let pass = scatter.stage(graph) as usize;
            scattered[pass] += 1;
            PlannedScatter { pass, index: scattered[pass] - 1, scale: number[scatter.scale.at()] }
        };
        let mut emitted = vec![0; plan.passes.len()];
        plan.outputs = program
            .outputs
            .iter()
            .map(|(_, output)| match output {
                Output::Number(id) => PlannedOutput::Number(number[id.at()]),
                Output::Vector { len, entries, scatters } => PlannedOutput::Vector {
                    len: *len,
                    runs: runs(entries.iter().map(|&(at, id)| (at, number[id.at()]))),
                    whole: entries.len() == *len && scatters.is_empty(),
                    scatters: scatters.iter().map(&mut place).collect(),
                },
                Output::Rows { len, entries, .. } => {
                    let pass = output.stage_of_rows(graph).unwrap_or(0) as usize;
                    emitted[pass] += 1;
                    let same = entries.iter().filter(|(_, id)| !graph.is_varying(*id));
                    let same = same.map(|&(at, id)| (at, number[id.at()])).collect();
                    PlannedOutput::Rows { len: *len, pass, index: emitted[pass] - 1, same }
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
        for (at, (_, id)) in (from..).zip(&read) {
            number[id.at()] = at;
        }
        let placed = (from..).zip(read);
        self.parameters = runs(placed.map(|(at, (parameter, _))| (at, parameter)));
    }

    /// Gives the other numbers that no stage computes their places; returns those that each stage
    /// computes.
    fn place_others(
        &mut self,
        graph: &Graph,
        stages: usize,
        number: &mut [u32],
        places: &mut Places,
    ) -> Vec<Vec<Id>> {
        let mut computed: Vec<Vec<Id>> = vec![Vec::new(); stages];
        for id in graph.ids().filter(|&id| !graph.is_varying(id)) {
            match graph.operation(id).provenance() {
                Provenance::Parameter(_) => {}
                Provenance::Constant(x) => {
                    number[id.at()] = places.take();
                    self.constants.push((number[id.at()], x));
                }
                Provenance::Rows => {
                    number[id.at()] = places.take();
                    self.rows = Some(number[id.at()]);
                }
                Provenance::Reduction(_) => {
                    if number[id.at()] == UNPLACED {
                        number[id.at()] = places.take();
                    }
                }
                Provenance::Column(_) | Provenance::Chosen { .. } | Provenance::Arguments => {
                    computed[graph.stage(id) as usize].push(id)
                }
            }
        }
        computed
    }
}

/// Gives the sums over rows that a vector's entries are, or are made of, places in the order of the entries: these
/// are then computed and written by runs.
fn place_sums(program: &Program, number: &mut [u32], places: &mut Places) {
    let graph = &program.graph;
    for (_, output) in &program.outputs {
        let Output::Vector { entries, .. } = output else { continue };
        for &(_, entry) in entries {
            for &id in [entry].iter().chain(graph.args(entry)) {
                let sum = matches!(graph.operation(id), Operation::Reduce(_));
                if sum && number[id.at()] == UNPLACED {
                    number[id.at()] = places.take();
                }
            }
        }
    }
}

/// Pairs of places that follow each other on both sides, as runs: the first of both, and how many.
fn runs(pairs: impl Iterator<Item = (u32, u32)>) -> Vec<[u32; 3]> {
    let mut runs: Vec<[u32; 3]> = Vec::new();
    for (to, from) in pairs {
        match runs.last_mut() {
            Some([a, b, len]) if *a + *len == to && *b + *len == from => *len += 1,
            _ => runs.push([to, from, 1]),
        }
    }
    runs
}
