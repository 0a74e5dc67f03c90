//! From a number for each row to one: sums, means, the greatest.

use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Operation, Reduction};
use crate::program::transform::branch;
use crate::program::{Name, Output, Program};

impl Program {
    /// The sum over the rows. A program that was reduced to one number already stays as it is.
    ///
    /// An objective that is given columns has a value for each row, whether it looks at them or not. One that
    /// is given none has one value: its mean is that value, but a sum of it fails when it is run,
    /// [`RunError::NoColumn`](crate::program::RunError::NoColumn).
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let sum = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.sum();
    /// let mut sweep = sum.compile();
    /// let found = sweep.run(&[2.0], &Columns::new(&[&[1.0, 2.0, 3.0]])?)?;
    /// assert_eq!(found.value(), 12.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sum(mut self) -> Self {
        let one_value = |id| self.columns == 0 && self.graph.stage(id) == 0;
        self.rowless |= matches!(self.outputs[0].1, Output::Number(id) if one_value(id));
        self.summed()
    }

    /// The same where an objective that is given no column is a number, as for its derivatives.
    pub(crate) fn summed(self) -> Self {
        let sum = |graph: &mut Graph, id| sum_of_rows(graph, id, true);
        self.reduced(sum, sum)
    }

    /// The mean over the rows; NaN if there are none.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let mean = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.mean();
    /// let mut sweep = mean.compile();
    /// let found = sweep.run(&[2.0], &Columns::new(&[&[1.0, 2.0, 3.0]])?)?;
    /// assert_eq!(found.value(), 4.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn mean(self) -> Self {
        let mean = |graph: &mut Graph, id| {
            let sum = graph.unary(Operation::Reduce(Reduction::Sum), id);
            let rows = graph.push(Operation::Rows, &[], None);
            graph.binary(Operation::Div, sum, rows)
        };
        self.reduced(mean, |graph, id| {
            // NaN if there are no rows.
            let rows = graph.push(Operation::Rows, &[], None);
            let share = graph.binary(Operation::Div, rows, rows);
            graph.binary(Operation::Mul, id, share)
        })
    }

    /// The mean over the rows, each with its weight, which stands in one more column, the last:
    /// `Σ wᵢ lᵢ / Σ wᵢ`.
    ///
    /// A row of weight 0 is left out, as if the data did not have it: its numbers may be anything, NaN
    /// too, and its kinks are not met. A run fails if a weight is negative, infinite or NaN,
    /// [`RunError::Weight`](crate::program::RunError::Weight), or if they sum to 0 or overflow,
    /// [`RunError::WeightSum`](crate::program::RunError::WeightSum).
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let mean = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.weighted_mean();
    /// let data = Columns::new(&[&[1.0, 2.0, 3.0], &[0.0, 1.0, 1.0]])?;
    /// assert_eq!(mean.compile().run(&[2.0], &data)?.value(), 5.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn weighted_mean(mut self) -> Self {
        let column = self.columns as u32;
        self.names.name_column(self.columns, "weight");
        self.columns += 1;
        // What uses no column has the same value in each row; its weights are checked all the same.
        if matches!(self.outputs[0].1, Output::Number(id) if self.graph.stage(id) == 0) {
            self.weights = Some(column);
        }
        let weighted = |graph: &mut Graph, id| {
            let weight = graph.push(Operation::Column(column), &[], None);
            let weighted = graph.binary(Operation::Mul, id, weight);
            let sum = graph.unary(Operation::Reduce(Reduction::Sum), weighted);
            let weights = graph.unary(Operation::Reduce(Reduction::Sum), weight);
            graph.binary(Operation::Div, sum, weights)
        };
        self.reduced(weighted, weighted)
    }

    /// The greatest over the rows; `-∞` if there are none, NaN if any is NaN. Rows that tie share the
    /// slope.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let worst = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.max();
    /// let mut sweep = worst.gradient().compile();
    /// let found = sweep.run(&[2.0], &Columns::new(&[&[1.0, 3.0, 2.0]])?)?;
    /// assert_eq!((found.value(), found.gradient()), (6.0, &[3.0][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn max(self) -> Self {
        let max = |graph: &mut Graph, id| graph.unary(Operation::Reduce(Reduction::Max), id);
        self.reduced(max, |graph, id| {
            let rows = graph.push(Operation::Rows, &[], None);
            let [zero, none] = [0.0, f64::NEG_INFINITY].map(|x| graph.constant(x));
            let are_some = graph.binary(Operation::Above, rows, zero);
            branch::select(graph, are_some, id, none)
        })
    }

    /// The same with its values reduced to one each: those that vary from row to row, and those `alike` in each row.
    fn reduced(
        mut self,
        varying: impl Fn(&mut Graph, Id) -> Id,
        alike: impl Fn(&mut Graph, Id) -> Id,
    ) -> Self {
        let has_rows = self.columns > 0;
        for (name, output) in &mut self.outputs {
            if let Output::Number(id) = output {
                if self.graph.is_varying(*id) {
                    *id = varying(&mut self.graph, *id);
                } else if *name == Name::Value && has_rows && self.graph.stage(*id) == 0 {
                    *id = alike(&mut self.graph, *id);
                }
            }
        }
        self
    }
}

/// The sum of a number over the rows, also where it is the same in each of them. One of a program without columns,
/// or that was reduced, is not of rows.
pub(super) fn sum_of_rows(graph: &mut Graph, id: Id, has_rows: bool) -> Id {
    if graph.is_varying(id) || has_rows && graph.stage(id) == 0 {
        graph.unary(Operation::Reduce(Reduction::Sum), id)
    } else {
        id
    }
}
