//! The form in which programs are written to a file, and what is checked when they come back.
//!
//! Nodes come back by the way on which they were made, [`Graph::push`], so that a program that was
//! read has all that the rest of the module takes for granted.

use crate::program::error::SourceLine;
use crate::program::ir::graph::{Args, Graph, Id, Kinked};
use crate::program::ir::nature::{FirstArgument, Provenance};
use crate::program::ir::operation::Operation;
use crate::program::ir::output::Guard;
use crate::program::sparse::Compressed;
use crate::program::{Name, Output, Program, Scatter};
use std::sync::Arc;

/// The version that is written. Another is refused.
const VERSION: u32 = 3;

/// An operation and what it is applied to.
#[derive(serde::Serialize, serde::Deserialize)]
struct Node {
    operation: Operation,
    args: Args,
}

/// A program as it is written.
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stored {
    /// First, so that a program of another version is known as such before all else.
    version: Version,
    parameters: u32,
    columns: u32,
    fused: bool,
    nodes: Vec<Node>,
    /// Where nodes were written, by their places.
    lines: Vec<(u32, SourceLine)>,
    kinks: Vec<(u32, Kinked)>,
    guards: Vec<Guard>,
    outputs: Vec<(Name, Output)>,
    #[serde(default)]
    compressed: Option<Compressed>,
    #[serde(default)]
    weights: Option<u32>,
    #[serde(default)]
    rowless: bool,
}

#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "u32", into = "u32")]
struct Version;

impl TryFrom<u32> for Version {
    type Error = Damage;
    fn try_from(found: u32) -> Result<Self, Damage> {
        if found == VERSION { Ok(Version) } else { Err(Damage::Version { found }) }
    }
}

impl From<Version> for u32 {
    fn from(_: Version) -> u32 {
        VERSION
    }
}

/// Why what was read is no program.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Damage {
    #[error("the program is of version {found}, but only version {VERSION} can be read")]
    Version { found: u32 },
    #[error("node {node} uses a node that is not before it")]
    Order { node: usize },
    #[error("node {node} has {found} arguments, which do not fit its operation")]
    Arity { node: usize, found: usize },
    #[error("node {node} is outside the parameters or columns of the program")]
    Range { node: usize },
    #[error("node {node} is of a kind that is no part of a recorded program")]
    Kind { node: usize },
    #[error("node {node} wants a condition, or a number for each row, where it has none")]
    Type { node: usize },
    #[error("the {what} {at} leads to no fitting node")]
    Root { what: &'static str, at: usize },
    #[error("the first output of a program is one number")]
    NoValue,
}

impl From<Program> for Stored {
    fn from(program: Program) -> Self {
        let graph = &program.graph;
        let node = |id: Id| Node { operation: graph.operation(id), args: graph.args(id).into() };
        let line = |id: Id| Some((id.at() as u32, graph.line(id)?.clone()));
        Stored {
            version: Version,
            parameters: program.parameters as u32,
            columns: program.columns as u32,
            fused: program.fused,
            nodes: graph.ids().map(node).collect(),
            lines: graph.ids().filter_map(line).collect(),
            kinks: graph.kinks().map(|(id, kinked)| (id.at() as u32, kinked.clone())).collect(),
            guards: program.guards,
            outputs: program.outputs,
            compressed: program.compressed.map(|compressed| (*compressed).clone()),
            weights: program.weights,
            rowless: program.rowless,
        }
    }
}

impl TryFrom<Stored> for Program {
    type Error = Damage;

    fn try_from(stored: Stored) -> Result<Self, Damage> {
        let mut reader = Reader {
            parameters: stored.parameters,
            columns: stored.columns,
            graph: Graph::default(),
            place: Vec::with_capacity(stored.nodes.len()),
            conditions: Vec::new(),
            most: stored.outputs.len().saturating_mul(stored.parameters.max(1) as usize),
        };
        let mut lines = vec![None; stored.nodes.len()];
        for (at, (node, line)) in stored.lines.iter().enumerate() {
            let place = lines.get_mut(*node as usize);
            *place.ok_or(Damage::Root { what: "line", at })? = Some(line);
        }
        for (node, line) in stored.nodes.iter().zip(lines) {
            reader.node(node, line)?;
        }
        for (at, (condition, kinked)) in stored.kinks.into_iter().enumerate() {
            let condition = reader.place.get(condition as usize).copied();
            // The tie of a choice may be a product of conditions.
            let condition = condition.filter(|&id| reader.conditions[id.at()]);
            let condition = condition.ok_or(Damage::Root { what: "kink", at })?;
            let line = kinked.line.map(|line| reader.graph.place_line(line));
            reader.graph.watch(condition, kinked.operation, line);
        }
        let guards = stored.guards.into_iter().enumerate();
        let guards = guards.map(|(at, guard)| reader.guard(at, guard)).collect::<Result<_, _>>()?;
        let outputs = stored.outputs.into_iter().enumerate();
        let outputs = outputs.map(|(at, (name, output))| {
            let output = reader.output(at, output)?;
            let fits = match (name, &output) {
                (Name::Value | Name::Jvp, Output::Number(_)) => true,
                (
                    Name::Gradient
                    | Name::GradientAlong
                    | Name::Hessian
                    | Name::GaussNewton
                    | Name::Hvp,
                    Output::Vector { len, .. },
                ) => *len <= stored.parameters as usize,
                (Name::Residuals | Name::Jacobian, Output::Vector { .. } | Output::Rows { .. }) => {
                    true
                }
                (Name::SparseHessian | Name::SparseJacobian, Output::Vector { .. }) => true,
                (Name::Higher, _) => true,
                _ => false,
            };
            if fits { Ok((name, output)) } else { Err(Damage::Root { what: "output", at }) }
        });
        let outputs: Vec<(Name, Output)> = outputs.collect::<Result<_, _>>()?;
        if !matches!(outputs.first(), Some((Name::Value, _))) {
            return Err(Damage::NoValue);
        }
        if let Some(compressed) = &stored.compressed {
            let products = outputs.iter().filter_map(|(name, output)| match (name, output) {
                (Name::SparseHessian | Name::SparseJacobian, Output::Vector { len, .. }) => {
                    Some(*len)
                }
                _ => None,
            });
            if !compressed.is_sound(&products.collect::<Vec<usize>>()) {
                return Err(Damage::Root { what: "sparse matrix", at: 0 });
            }
        }
        if let Some(at) = stored.weights.filter(|&at| at >= stored.columns) {
            return Err(Damage::Root { what: "column of weights", at: at as usize });
        }
        Ok(Program {
            graph: reader.graph,
            parameters: stored.parameters as usize,
            columns: stored.columns as usize,
            guards,
            compressed: stored.compressed.map(Arc::new),
            outputs,
            fused: stored.fused,
            weights: stored.weights,
            rowless: stored.rowless,
            names: Default::default(),
        })
    }
}

/// A program that is being read.
struct Reader {
    parameters: u32,
    columns: u32,
    graph: Graph,
    /// Where each node went.
    place: Vec<Id>,
    /// Which nodes of the graph are conditions.
    conditions: Vec<bool>,
    /// The most numbers that an output may have, in all or for a row.
    most: usize,
}

impl Reader {
    fn moved(&self, id: Id) -> Option<Id> {
        self.place.get(id.at()).copied()
    }

    /// Whether it is 0 or a whole number above: a comparison, a choice among comparisons, a count of
    /// those that held, or a product of such. Of any other operation that is not known.
    fn is_condition(&self, id: Id) -> bool {
        match self.graph.operation(id) {
            Operation::Constant(bits) => matches!(f64::from(bits), 0.0 | 1.0),
            Operation::Add | Operation::Sum | Operation::Mul => {
                self.graph.args(id).iter().all(|arg| self.conditions[arg.at()])
            }
            Operation::Select => {
                self.graph.args(id)[1..].iter().all(|arg| self.conditions[arg.at()])
            }
            operation => operation.is_mask(),
        }
    }

    fn node(
        &mut self,
        Node { operation, args }: &Node,
        line: Option<&SourceLine>,
    ) -> Result<(), Damage> {
        let node = self.place.len();
        let moved: Option<Args> = args.iter().map(|&arg| self.moved(arg)).collect();
        let moved = moved.ok_or(Damage::Order { node })?;
        let found = args.len();
        if !operation.takes(found) {
            return Err(Damage::Arity { node, found });
        }
        let within = match operation.provenance() {
            Provenance::Parameter(place) => place < self.parameters,
            Provenance::Column(place) => place < self.columns,
            Provenance::Chosen { base, len } => {
                len > 0 && base.checked_add(len).is_some_and(|end| end <= self.parameters)
            }
            Provenance::Constant(_)
            | Provenance::Rows
            | Provenance::Reduction(_)
            | Provenance::Arguments => true,
        };
        if !within || matches!(operation, Operation::Within { len: 0 }) {
            return Err(Damage::Range { node });
        }
        if operation.is_compiled() {
            return Err(Damage::Kind { node });
        }
        let typed = match operation.wanted() {
            FirstArgument::Number => true,
            FirstArgument::Condition => {
                self.graph.constant_value(moved[0]).is_some() || self.is_condition(moved[0])
            }
            FirstArgument::OfRows => self.graph.is_varying(moved[0]),
        };
        if !typed {
            return Err(Damage::Type { node });
        }
        let line = line.map(|line| self.graph.place_line(line.clone()));
        let id = self.graph.push(*operation, &moved, line);
        self.place.push(id);
        for id in self.graph.ids().skip(self.conditions.len()) {
            self.conditions.push(self.is_condition(id));
        }
        Ok(())
    }

    fn guard(&self, at: usize, guard: Guard) -> Result<Guard, Damage> {
        let condition = self.moved(guard.condition);
        match condition.filter(|&id| self.graph.operation(id).is_mask()) {
            Some(condition) => Ok(Guard { condition, ..guard }),
            None => Err(Damage::Root { what: "guard", at }),
        }
    }

    fn output(&self, at: usize, output: Output) -> Result<Output, Damage> {
        let root = || Damage::Root { what: "output", at };
        Ok(match output {
            Output::Number(id) => Output::Number(self.moved(id).ok_or_else(root)?),
            Output::Vector { len, entries, scatters } => {
                let (entries, scatters) = self.places((len, false), entries, scatters, root)?;
                Output::Vector { len, entries, scatters }
            }
            Output::Rows { len, entries, scatters } => {
                let (entries, scatters) = self.places((len, true), entries, scatters, root)?;
                Output::Rows { len, entries, scatters }
            }
        })
    }

    /// What stands at places below `len`, or is added there; all the same for all rows unless `varying`.
    #[expect(clippy::type_complexity)] // two lists that an output is made of
    fn places(
        &self,
        (len, varying): (usize, bool),
        entries: Vec<(u32, Id)>,
        scatters: Vec<Scatter>,
        root: impl Fn() -> Damage,
    ) -> Result<(Vec<(u32, Id)>, Vec<Scatter>), Damage> {
        let number = |id: Id| {
            let id = self.moved(id).filter(|&id| varying || !self.graph.is_varying(id));
            id.ok_or_else(&root)
        };
        let ordered = entries.is_sorted_by(|a, b| a.0 < b.0);
        let last = entries.last().map_or(0, |&(place, _)| place as usize + 1);
        if !ordered || last > len || len > self.most {
            return Err(root());
        }
        let entries = entries.into_iter().map(|(place, id)| Ok((place, number(id)?)));
        let scatters = scatters.into_iter().map(|s| {
            let index = self.moved(s.index).filter(|&id| self.graph.is_varying(id));
            let value = self.moved(s.value);
            let end = s.base.checked_add(s.len);
            if s.len == 0 || end.is_none_or(|end| end as usize > len) {
                return Err(root());
            }
            let (index, value) = index.zip(value).ok_or_else(&root)?;
            Ok(Scatter { index, value, scale: number(s.scale)?, ..s })
        });
        Ok((entries.collect::<Result<_, _>>()?, scatters.collect::<Result<_, _>>()?))
    }
}
