//! From a number for each row to one: sums, means, the greatest.

use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Operation, Reduction};
use crate::program::{Output, Program};

impl Program {
    /// The sum over the rows. A program that was reduced to one number already stays as it is.
    ///
    /// An objective that uses no column has one value, not one for each row: its mean is that value, but
    /// a sum of it fails when it is run, [`RunError::NoColumn`](crate::program::RunError::NoColumn).
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
        let one_value = |id| !self.graph.is_varying(id) && self.graph.stage(id) == 0;
        self.rowless |= matches!(self.outputs[0].1, Output::Number(id) if one_value(id));
        self.summed()
    }

    /// The same where an objective that uses no column is a number, as for its derivatives.
    pub(crate) fn summed(self) -> Self {
        self.reduced(|graph, id| graph.unary(Operation::Reduce(Reduction::Sum), id))
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
        self.reduced(|graph, id| {
            let sum = graph.unary(Operation::Reduce(Reduction::Sum), id);
            let rows = graph.push(Operation::Rows, &[], None);
            graph.binary(Operation::Div, sum, rows)
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
        self.columns += 1;
        // What uses no column has the same value in each row; its weights are checked all the same.
        let of_rows = |graph: &Graph, id| graph.is_varying(id) || graph.stage(id) == 0;
        if matches!(self.outputs[0].1, Output::Number(id) if of_rows(&self.graph, id)) {
            self.weights = Some(column);
        }
        self.reduced_where(of_rows, |graph, id| {
            let weight = graph.push(Operation::Column(column), &[], None);
            let weighted = graph.binary(Operation::Mul, id, weight);
            let sum = graph.unary(Operation::Reduce(Reduction::Sum), weighted);
            let weights = graph.unary(Operation::Reduce(Reduction::Sum), weight);
            graph.binary(Operation::Div, sum, weights)
        })
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
        self.reduced(|graph, id| graph.unary(Operation::Reduce(Reduction::Max), id))
    }

    fn reduced(self, reduce: impl Fn(&mut Graph, Id) -> Id) -> Self {
        self.reduced_where(Graph::is_varying, reduce)
    }

    fn reduced_where(
        mut self,
        of_rows: impl Fn(&Graph, Id) -> bool,
        reduce: impl Fn(&mut Graph, Id) -> Id,
    ) -> Self {
        for (_, output) in &mut self.outputs {
            if let Output::Number(id) = output
                && of_rows(&self.graph, *id)
            {
                *id = reduce(&mut self.graph, *id);
            }
        }
        self
    }
}
