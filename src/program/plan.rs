//! From nodes to steps: what is computed once, and what for each row.

use super::fuse::count_uses;
use super::graph::Id;
use super::operation::Operation;
use super::pass::{Pass, PassBuilder};
use super::point::Point;
use super::{Guard, Output, Program, Scatter};

/// A vector output: places and numbers, and what is scattered, with its scale.
#[derive(Debug)]
pub(super) enum PlannedOutput {
    Number(u32),
    Vector { len: usize, entries: Vec<(u32, u32)>, scatters: Vec<PlannedScatter> },
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
    /// How many numbers there are; the last is 1.
    pub(super) numbers: usize,
    pub(super) constants: Vec<(u32, f64)>,
    pub(super) parameters: Vec<(u32, u32)>,
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
        // The numbers: all nodes that are the same for all rows.
        let mut number = vec![u32::MAX; graph.len()];
        let singles: Vec<Id> = graph.ids().filter(|&id| !graph.is_varying(id)).collect();
        for (at, id) in singles.iter().enumerate() {
            number[id.at()] = at as u32;
        }
        let mut plan = Plan {
            numbers: singles.len() + 1,
            constants: vec![(singles.len() as u32, 1.0)],
            parameters: Vec::new(),
            rows: None,
            stages: Vec::new(),
            passes: Vec::new(),
            outputs: Vec::new(),
            guards: Vec::new(),
            kinks: Vec::new(),
        };
        let last = roots().map(|id| graph.stage(id) + u32::from(graph.is_varying(id))).max();
        let mut computed: Vec<Vec<Id>> = vec![Vec::new(); last.unwrap_or(0) as usize + 1];
        for &id in &singles {
            let at = number[id.at()];
            match graph.operation(id) {
                Operation::Constant(bits) => plan.constants.push((at, bits.into())),
                Operation::Parameter(place) => plan.parameters.push((at, place)),
                Operation::Rows => plan.rows = Some(at),
                Operation::Reduce(_) => {}
                _ => computed[graph.stage(id) as usize].push(id),
            }
        }
        plan.stages = computed.iter().map(|ids| Point::new(graph, ids, &number)).collect();
        let builder =
            PassBuilder { program, uses: &uses, number: &number, one: singles.len() as u32 };
        let passes = 0..computed.len().saturating_sub(1) as u32;
        plan.passes = passes.map(|stage| builder.build(stage)).collect();
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
        plan.outputs = program
            .outputs
            .iter()
            .map(|output| match output {
                Output::Number(id) => PlannedOutput::Number(number[id.at()]),
                Output::Vector { len, entries, scatters } => PlannedOutput::Vector {
                    len: *len,
                    entries: entries.iter().map(|&(at, id)| (at, number[id.at()])).collect(),
                    scatters: scatters.iter().map(&mut place).collect(),
                },
            })
            .collect();
        plan
    }
}
