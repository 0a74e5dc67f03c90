//! Which nodes are printed where: sections of numbers, and loops over the rows between them; and of long
//! ones pieces that are functions of their own.

use crate::program::emit::rust::EmitError;
use crate::program::emit::rust::facts::Facts;
use crate::program::emit::rust::steps::Forms;
use crate::program::ir::graph::Id;
use crate::program::ir::nature::Provenance;
use crate::program::ir::operation::{Operation, Reduction};
use crate::program::{Output, Program};
use std::collections::HashMap;

/// How many steps stand in one function: a compiler's time grows faster than the length.
pub(super) const PIECE: usize = 250;

/// A loop over the rows, or what is computed before, between and after loops.
#[derive(Debug)]
pub(super) struct Section {
    /// The loop's number, or how many loops come before.
    pub(super) stage: u32,
    /// Of a loop, how many rows become one number before the tree; `None` of numbers.
    pub(super) segment: Option<usize>,
    /// The sums of the loop before.
    pub(super) sums: Vec<Id>,
    pub(super) nodes: Vec<Id>,
    /// What is read after the nodes, as often as it is printed: by reductions, conditions and outputs.
    pub(super) ends: Vec<Id>,
    uses: HashMap<Id, u32>,
}

impl Section {
    /// The nodes in pieces, and whether these are functions of their own.
    pub(super) fn pieces(&self) -> (std::slice::Chunks<'_, Id>, bool) {
        let cut = self.is_cut();
        (self.nodes.chunks(if cut { PIECE } else { usize::MAX }), cut)
    }

    fn is_cut(&self) -> bool {
        self.nodes.len() > PIECE * 3 / 2
    }

    /// Whether a node is printed once.
    pub(super) fn is_lone(&self, id: Id) -> bool {
        self.uses.get(&id) == Some(&1)
    }
}

/// Where nodes are printed.
#[derive(Debug)]
pub(super) struct Arrangement {
    pub(super) sections: Vec<Section>,
    pub(super) needed: Vec<bool>,
    /// Which nodes are read outside the section that they are printed in.
    pub(super) kept: Vec<bool>,
    /// Which are read by another function.
    pub(super) crossing: Vec<bool>,
    /// After which piece, counted through all sections, those are not read any more.
    pub(super) last: Vec<usize>,
    /// The arguments of each node that are printed.
    pub(super) reads: Vec<Vec<Id>>,
}

/// The column of weights, and their sum.
pub(super) fn weights(program: &Program) -> Option<(u32, Id)> {
    let column = program.weights?;
    let weight = program.graph.find(Operation::Column(column), &[])?;
    let sum = program.graph.find(Operation::Reduce(Reduction::Sum), &[weight])?;
    Some((column, sum))
}

/// Whether a node is printed as a step or a part of one.
fn is_step(operation: Operation) -> bool {
    match operation.provenance() {
        Provenance::Constant(_)
        | Provenance::Parameter(_)
        | Provenance::Column(_)
        | Provenance::Rows => false,
        Provenance::Chosen { .. } | Provenance::Reduction(_) | Provenance::Arguments => true,
    }
}

impl Arrangement {
    pub(super) fn of(
        program: &Program,
        facts: &Facts,
        forms: &mut Forms,
        segments: &[usize],
    ) -> Result<Self, EmitError> {
        let graph = &program.graph;
        let mut needed = vec![false; graph.len()];
        let guarded = program.guards.iter().map(|guard| guard.condition);
        let weighed = weights(program).map(|(_, sum)| sum);
        let outputs = program.outputs.iter().flat_map(|(_, output)| output.ids());
        for id in outputs.chain(guarded).chain(weighed) {
            needed[id.at()] = true;
        }
        let mut reads = vec![Vec::new(); graph.len()];
        for id in graph.ids().rev() {
            if needed[id.at()] {
                reads[id.at()] = forms.prepare(graph, facts, id)?;
                for arg in &reads[id.at()] {
                    needed[arg.at()] = true;
                }
            }
        }
        let mut layout = Arrangement {
            sections: Vec::new(),
            needed,
            kept: vec![false; graph.len()],
            crossing: vec![false; graph.len()],
            last: vec![0; graph.len()],
            reads,
        };
        layout.find_sections(program, segments);
        layout.find_uses(program);
        Ok(layout)
    }

    /// Whether any section is printed as functions.
    pub(super) fn is_cut(&self) -> bool {
        self.sections.iter().any(Section::is_cut)
    }

    fn find_sections(&mut self, program: &Program, segments: &[usize]) {
        let graph = &program.graph;
        let section = |stage, segment| Section {
            stage,
            segment,
            sums: Vec::new(),
            nodes: Vec::new(),
            ends: Vec::new(),
            uses: HashMap::new(),
        };
        let mut numbers: Vec<Section> = Vec::new();
        numbers.resize_with(segments.len() + 1, || section(0, None));
        for id in graph.ids().filter(|&id| self.needed[id.at()] && !graph.is_varying(id)) {
            let section = &mut numbers[graph.stage(id) as usize];
            match graph.operation(id).provenance() {
                Provenance::Reduction(_) => section.sums.push(id),
                Provenance::Chosen { .. } | Provenance::Arguments => section.nodes.push(id),
                Provenance::Constant(_) | Provenance::Parameter(_) => {}
                Provenance::Column(_) | Provenance::Rows => {}
            }
        }
        let mut ends = Ends::of(program, numbers.len());
        let mut sections = Vec::new();
        for (stage, mut section_of_numbers) in (0..).zip(numbers) {
            section_of_numbers.stage = stage;
            section_of_numbers.ends = std::mem::take(&mut ends.of_numbers[stage as usize]);
            let sums = numbers_next(&self.needed, program, stage);
            sections.push(section_of_numbers);
            let Some(&segment) = segments.get(stage as usize) else { continue };
            let mut of_rows = std::mem::take(&mut ends.of_rows[stage as usize]);
            of_rows.extend(sums.iter().map(|&id| graph.args(id)[0]));
            let mut section = section(stage, Some(segment));
            let mut needed = vec![false; graph.len()];
            of_rows.iter().for_each(|id| needed[id.at()] = true);
            for id in graph.ids().rev().filter(|&id| graph.is_varying(id)) {
                if needed[id.at()] {
                    self.reads[id.at()].iter().for_each(|arg| needed[arg.at()] = true);
                    section.nodes.extend(is_step(graph.operation(id)).then_some(id));
                }
            }
            section.nodes.reverse();
            section.ends = of_rows;
            if !section.ends.is_empty() || stage == 0 && program.weights.is_some() {
                sections.push(section);
            }
        }
        self.sections = sections;
    }

    /// Counts who reads what, and where.
    fn find_uses(&mut self, program: &Program) {
        let graph = &program.graph;
        // The section in which a number is computed, and the piece.
        let mut home: HashMap<Id, (usize, Option<usize>)> = HashMap::new();
        for (at, section) in self.sections.iter().enumerate().filter(|(_, s)| s.segment.is_none()) {
            let (pieces, cut) = section.pieces();
            for (piece, ids) in pieces.enumerate() {
                home.extend(ids.iter().map(|&id| (id, (at, cut.then_some(piece)))));
            }
            home.extend(section.sums.iter().map(|&id| (id, (at, None))));
        }
        let mut first = 0;
        for (at, section) in self.sections.iter_mut().enumerate() {
            let (pieces, cut) = section.pieces();
            let mut own: HashMap<Id, usize> = HashMap::new();
            let mut reads: Vec<(Id, Option<usize>)> = Vec::new();
            let end = first + pieces.len();
            for (piece, ids) in pieces.enumerate() {
                for &id in ids {
                    own.insert(id, piece);
                    reads
                        .extend(self.reads[id.at()].iter().map(|&arg| (arg, cut.then_some(piece))));
                }
            }
            reads.extend(section.ends.iter().map(|&id| (id, None)));
            for (id, piece) in reads {
                if !is_step(graph.operation(id)) {
                    continue;
                }
                *section.uses.entry(id).or_default() += 1;
                // A loop comes back to what it did not compute itself.
                let again = section.segment.is_some() && !own.contains_key(&id);
                let reader = piece.filter(|_| !again).map_or(end, |piece| first + piece);
                let last = &mut self.last[id.at()];
                *last = reader.max(*last);
                let from = match own.get(&id) {
                    Some(&piece) => (at, cut.then_some(piece)),
                    None => home.get(&id).copied().unwrap_or((at, None)),
                };
                self.kept[id.at()] |= from.0 != at;
                self.crossing[id.at()] |=
                    from != (at, piece) && (from.1.is_some() || piece.is_some());
            }
            first = end + 1;
        }
    }
}

/// The reductions of a loop.
fn numbers_next(needed: &[bool], program: &Program, stage: u32) -> Vec<Id> {
    let graph = &program.graph;
    let is_sum = |id: &Id| {
        let reduces = matches!(graph.operation(*id), Operation::Reduce(_));
        needed[id.at()] && reduces && graph.stage(*id) == stage + 1
    };
    graph.ids().filter(is_sum).collect()
}

/// What is read after the nodes of each section, other than by reductions.
struct Ends {
    of_rows: Vec<Vec<Id>>,
    of_numbers: Vec<Vec<Id>>,
}

impl Ends {
    fn of(program: &Program, sections: usize) -> Self {
        let graph = &program.graph;
        let mut ends =
            Ends { of_rows: vec![Vec::new(); sections], of_numbers: vec![Vec::new(); sections] };
        for guard in &program.guards {
            let id = guard.condition;
            let of = if graph.is_varying(id) { &mut ends.of_rows } else { &mut ends.of_numbers };
            of[graph.stage(id) as usize].push(id);
        }
        if let Some((_, sum)) = weights(program) {
            // Whether it is above 0, and finite.
            ends.of_numbers[1].extend([sum; 2]);
        }
        let last = sections - 1;
        for (_, output) in &program.outputs {
            match output {
                Output::Number(id) => ends.of_numbers[last].push(*id),
                Output::Vector { entries, scatters, .. } => {
                    ends.of_numbers[last].extend(entries.iter().map(|&(_, id)| id));
                    for scatter in scatters {
                        let stage = scatter.stage(graph) as usize;
                        ends.of_rows[stage].extend([scatter.index, scatter.value]);
                        // It stands in a loop.
                        ends.of_numbers[last].extend([scatter.scale; 2]);
                    }
                }
                Output::Rows { entries, scatters, .. } => {
                    let stage = output.stage_of_rows(graph).unwrap_or(0) as usize;
                    let chosen = scatters.iter().flat_map(|s| [s.index, s.value]);
                    ends.of_rows[stage].extend(entries.iter().map(|&(_, id)| id).chain(chosen));
                }
            }
        }
        ends
    }
}
