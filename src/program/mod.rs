//! Programs: an expression recorded once, differentiated as a program, and swept over rows of data.
//!
//! A [`Var`](crate::Var) records anew at each call. A loss over data is the same small expression for
//! every row: [`Program::record`] records it once, [`Program::gradient`] turns it into a program that
//! computes the gradient too, and [`Program::compile`] makes it ready to be run over columns of any
//! length, block by block with vector instructions.
//!
//! ```
//! use wengert::program::{Columns, Program};
//! use wengert::objective;
//!
//! let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
//! let program = Program::record(&loss, &[-2.0, 30.0], &[1.0, 99.0])?.mean().gradient();
//!
//! let x: Vec<f64> = (0..100).map(f64::from).collect();
//! let y: Vec<f64> = x.iter().map(|x| 100.0 * x - x * x).collect();
//! let mut sweep = program.compile();
//! let found = sweep.run(&[-2.0, 30.0], &Columns::new(&[&x, &y])?)?;
//! assert_eq!(found.value(), 6748.5);
//! assert_eq!(found.gradient(), [-3283.5, -49.5]);
//! assert_eq!(found.kinks()[0].row_count, 1); // at x = 0
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod data;
mod emit;
mod error;
mod ir;
mod kernel;
#[cfg(feature = "native")]
mod native;
mod plan;
mod record;
mod run;
pub mod sparse;
mod steps;
#[cfg(test)]
mod tests;
mod transform;

#[cfg(feature = "arrow")]
pub use data::arrow::{ArrowChunk, ArrowColumnError};
#[cfg(feature = "ipc")]
pub use data::arrow::{ArrowIpc, ArrowIpcError};
#[cfg(feature = "parquet")]
pub use data::arrow::{Parquet, ParquetError};
#[cfg(feature = "arrow")]
pub use data::chosen::Chosen;
pub use data::column::Column;
pub use data::columns::Columns;
#[cfg(feature = "npy")]
pub use data::npy;
pub use data::numbers::{NumberType, Numbers};
pub use data::stream;
pub use emit::rust::EmitError;
pub use error::{RecordError, RunError, SourceLine};
#[cfg(feature = "native")]
pub use native::NativeError;
pub use record::objective::Objective;
pub use record::residuals::Residuals;
pub use record::scalar::TermMask;
pub use record::term::Term;
pub use run::finite::NonFinite;
pub use run::found::{Found, KinkCount, Matrix};
pub use run::partials;
pub use run::rows::FoundRows;
pub use run::sweep::Sweep;
pub use steps::{Steps, Transition};

use crate::program::sparse::Compressed;
use ir::graph::{Graph, Id};
use ir::names::Names;
use ir::operation::Operation;
use ir::output::{Guard, Name, Output, Scatter};
use std::sync::Arc;

/// A recorded expression: nodes over parameters and columns, and what is to be computed.
///
/// Transformations make programs of programs: [`Program::mean`] and its like add up the rows,
/// [`Program::gradient`] and [`Program::jvp`] differentiate. `Display` prints the nodes.
///
/// ```
/// use wengert::{objective, program::Program};
/// let loss = objective!(|[a], [x, y]| (a * x - y).abs());
/// let program = Program::record(&loss, &[2.0], &[3.0, 5.0])?;
/// assert_eq!((program.parameter_count(), program.column_count()), (1, 2));
/// # Ok::<(), wengert::program::RecordError>(())
/// ```
///
/// With the feature `serde` a program can be written and read. What is written bears a version, and
/// what is read is checked: each node after those that it uses, with as many arguments as its
/// operation takes, parameters and columns within their ranges, conditions where conditions must
/// stand. A program that fails a check is an error of the reader; one that passes can be run. The bits of
/// constants are kept, those of NaN and infinities too, and the results are the same to the bit. The numbers
/// in a file are not protected: add a checksum where a file may be damaged.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "ir::stored::Stored", into = "ir::stored::Stored"))]
pub struct Program {
    graph: Graph,
    parameters: usize,
    columns: usize,
    guards: Vec<Guard>,
    /// What it computes, and what each of that is to the caller.
    outputs: Vec<(Name, Output)>,
    /// Where the numbers of a sparse matrix stand in the outputs.
    compressed: Option<Arc<Compressed>>,
    /// Whether products may be fused with additions.
    fused: bool,
    /// The column of the weights of a weighted mean.
    weights: Option<u32>,
    /// Whether a sum was asked for over rows that the objective does not look at.
    rowless: bool,
    /// What parameters and columns are called.
    names: Names,
}

/// A comparison that the recording followed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GuardInfo<'p> {
    /// The comparison in the user's source.
    pub line: &'p SourceLine,
    /// Whether the condition, as the program states it, held.
    pub holds: bool,
}

impl Program {
    /// Records an objective at these parameters and this row.
    ///
    /// Where the objective compares numbers, the recording takes the way that they take at this
    /// point, and the program refuses data that would take another; see [`RunError::GuardTurned`].
    ///
    /// # Errors
    /// If the objective takes another number of parameters or columns, reads the value of a number, or
    /// calls a function of the user's own.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let cost = objective!(|[a, b], [x]| (a * x + b).abs());
    /// let program = Program::record(&cost, &[0.0, 1.0], &[2.0])?;
    /// assert!(Program::record(&cost, &[0.0], &[2.0]).is_err());
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    #[track_caller]
    pub fn record<O: Objective + ?Sized>(
        objective: &O,
        parameters: &[f64],
        row: &[f64],
    ) -> Result<Self, RecordError> {
        check_counts(
            [objective.parameter_count(), objective.column_count()],
            [parameters.len(), row.len()],
        )?;
        let at = |parameters: &[Term], row: &[Term]| vec![objective.at(parameters, row)];
        let [of_parameters, of_columns] = objective.names();
        let program = Self::recorded(parameters, row, at)?;
        Ok(program.with_names(of_parameters.iter().copied(), of_columns.iter().copied()))
    }

    /// Records several values at once, as the residuals of a model with several outputs.
    ///
    /// [`Program::gradient`] differentiates the first of them, [`Program::jacobian`] and
    /// [`Program::gauss_newton`] all.
    ///
    /// # Errors
    /// As [`Program::record`], and if there are no values.
    ///
    /// ```
    /// use wengert::program::{Columns, Program};
    /// use wengert::residuals;
    /// // How far a point on a circle about (a, b) is from (x, y), in both directions.
    /// let circle = residuals!(|[a, b, r], [t, x, y]| [a + r * t.cos() - x, b + r * t.sin() - y]);
    /// let row = [0.0, 1.0, 0.0];
    /// let program = Program::record_residuals(&circle, &[0.0, 0.0, 1.0], &row)?.jacobian();
    /// let mut sweep = program.compile();
    /// let found = sweep.run(&[1.0, 2.0, 3.0], &Columns::new(&[&[0.0], &[4.5], &[2.5]])?)?;
    /// assert_eq!(found.residuals(), [-0.5, -0.5]);
    /// assert_eq!(found.jacobian().row(0), [1.0, 0.0, 1.0]);
    /// assert_eq!(found.jacobian().row(1), [0.0, 1.0, 0.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn record_residuals<R: Residuals + ?Sized>(
        residuals: &R,
        parameters: &[f64],
        row: &[f64],
    ) -> Result<Self, RecordError> {
        check_counts(
            [residuals.parameter_count(), residuals.column_count()],
            [parameters.len(), row.len()],
        )?;
        let at = |parameters: &[Term], row: &[Term]| residuals.at(parameters, row);
        let [of_parameters, of_columns] = residuals.names();
        let program = Self::recorded(parameters, row, at)?;
        Ok(program.with_names(of_parameters.iter().copied(), of_columns.iter().copied()))
    }

    #[track_caller]
    fn recorded(
        parameters: &[f64],
        row: &[f64],
        at: impl FnOnce(&[Term], &[Term]) -> Vec<Term>,
    ) -> Result<Self, RecordError> {
        let (outputs, recording) = record::record(|number| {
            let inputs = |values: &[f64], operation: fn(u32) -> Operation| -> Vec<Term> {
                let places = values.iter().zip(0..);
                places.map(|(&x, place)| record::input(number, operation(place), x)).collect()
            };
            let parameters = inputs(parameters, Operation::Parameter);
            let row = inputs(row, Operation::Column);
            let terms = at(&parameters, &row);
            terms.into_iter().map(|term| record::place(number, term)).collect::<Vec<Id>>()
        })?;
        if outputs.is_empty() {
            return Err(RecordError::NoValue);
        }
        Ok(Program {
            graph: recording.graph,
            parameters: parameters.len(),
            columns: row.len(),
            guards: recording.guards,
            outputs: outputs.into_iter().map(|id| (Name::Value, Output::Number(id))).collect(),
            compressed: None,
            fused: false,
            weights: None,
            rowless: false,
            names: Names::default(),
        })
    }

    /// How many parameters it has.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let program = Program::record(&objective!(|w| w[0] * w[1]), &[1.0, 2.0], &[])?;
    /// assert_eq!(program.parameter_count(), 2);
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn parameter_count(&self) -> usize {
        self.parameters
    }

    /// How many columns it reads.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let program = Program::record(&objective!(|[a], [x, y]| a * x - y), &[1.0], &[2.0, 3.0])?;
    /// assert_eq!(program.column_count(), 2);
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn column_count(&self) -> usize {
        self.columns
    }

    /// The comparisons that the recording followed.
    ///
    /// ```
    /// use wengert::{objective, program::Program};
    /// let cost = objective!(|[a]| if a > 0.0 { a } else { a * 2.0 });
    /// let program = Program::record(&cost, &[-1.0], &[])?;
    /// assert!(program.guards().all(|guard| !guard.holds));
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn guards(&self) -> impl Iterator<Item = GuardInfo<'_>> {
        self.guards.iter().map(|guard| GuardInfo { line: &guard.line, holds: guard.holds })
    }

    /// The same with products that may be rounded once together with the addition that follows, as
    /// [`f64::mul_add`]: more accurate, and faster on processors that have the instruction (without
    /// it much slower). The bits of the results then differ from those without.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let f = objective!(|[a, b], [x]| a * x + b);
    /// let program = Program::record(&f, &[1.0, 1.0], &[1.0])?.allow_fused_products();
    /// let third = 1.0 / 3.0;
    /// let mut sweep = program.compile();
    /// let found = sweep.run(&[third, -1.0], &Columns::new(&[&[3.0]])?)?;
    /// assert_eq!(found.value(), third.mul_add(3.0, -1.0)); // not 0
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn allow_fused_products(self) -> Self {
        Program { fused: true, ..self }
    }

    /// The nodes that it is for.
    fn roots(&self) -> impl Iterator<Item = Id> {
        let guarded = self.guards.iter().map(|guard| guard.condition);
        let kinked = self.graph.kinks().map(|(condition, _)| condition);
        self.outputs.iter().flat_map(|(_, output)| output.ids()).chain(guarded).chain(kinked)
    }

    /// The nodes that anything needs, as flags by place; `None` if that is all of them, but for
    /// constants, which do no harm.
    fn needed(&self) -> Option<Vec<bool>> {
        let needed = self.graph.needed(self.roots());
        let spare = |id: Id| !needed[id.at()] && self.graph.constant_value(id).is_none();
        self.graph.ids().any(spare).then_some(needed)
    }

    /// The same without nodes that nothing needs.
    fn trimmed(mut self) -> Self {
        let Some(needed) = self.needed() else {
            self.graph.rest();
            return self;
        };
        let mut graph = std::mem::take(&mut self.graph);
        let place = graph.keep(&needed);
        self.moved(graph, |id| place[id.at()])
    }

    /// The same with other nodes, to which `moved` leads.
    fn moved(mut self, graph: Graph, moved: impl Fn(Id) -> Id) -> Self {
        self.graph = graph;
        self.outputs.iter_mut().for_each(|(_, output)| output.move_to(&moved));
        self.guards.iter_mut().for_each(|guard| guard.condition = moved(guard.condition));
        self
    }
}

/// Whether an expression takes as many parameters and columns as there are.
fn check_counts(expected: [Option<usize>; 2], found: [usize; 2]) -> Result<(), RecordError> {
    for ((what, expected), found) in ["parameters", "columns"].into_iter().zip(expected).zip(found)
    {
        if let Some(expected) = expected.filter(|&expected| expected != found) {
            return Err(RecordError::Count { what, expected, found });
        }
    }
    Ok(())
}
