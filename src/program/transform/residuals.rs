//! Derivatives of several values, each in each row: the Jacobian, and what least squares make of it.

use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::Operation;
use crate::program::transform::branch;
use crate::program::transform::forward::{Direction, tangent};
use crate::program::transform::over_rows::sum_of_rows;
use crate::program::transform::reverse::in_each_row;
use crate::program::{Name, Output, Program, Scatter};

impl Program {
    /// The same with the Jacobian of its values, the residuals, by all parameters, and the residuals
    /// themselves, in each row: [`Found::jacobian`](crate::program::Found::jacobian) and
    /// [`Found::residuals`](crate::program::Found::residuals).
    ///
    /// Of `n` rows, `m` values and `p` parameters it is a matrix of `n m` rows and `p` columns; it takes
    /// a reverse sweep for each value, in each row. [`Sweep::run_rows`](crate::program::Sweep::run_rows) hands it
    /// out as it is found, where it does not fit in memory. A program without columns has one row; of one with
    /// columns each value is one for each row, whether it looks at the row or not. Values that
    /// were reduced, as by [`mean`](Self::mean), stay as they are. At kinks it follows the default
    /// convention, as [`gradient`](Self::gradient) does.
    ///
    /// ```
    /// use wengert::{Scalar, objective, program::{Columns, Program}};
    /// let decay = objective!(|[a, b], [t, y]| a * (b * t).exp() - y);
    /// let program = Program::record(&decay, &[1.0, 0.0], &[0.0, 1.0])?.jacobian();
    /// let data = Columns::new(&[&[0.0, 1.0, 2.0], &[5.0, 2.0, 1.0]])?;
    /// let mut sweep = program.compile();
    /// let found = sweep.run(&[4.0, 0.0], &data)?;
    /// assert_eq!(found.residuals(), [-1.0, 2.0, 3.0]);
    /// let jacobian = found.jacobian();
    /// assert_eq!((jacobian.row_count(), jacobian.column_count()), (3, 2));
    /// assert_eq!(jacobian.row(2), [1.0, 8.0]); // by a: e^(b t); by b: a t e^(b t)
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn jacobian(mut self) -> Self {
        let values = self.values();
        let (count, parameters) = (values.len(), self.parameters);
        let (mut entries, mut scatters) = (Vec::new(), Vec::new());
        for (&value, first) in values.iter().zip((0..).step_by(parameters.max(1))) {
            branch::watch_choices(&mut self.graph, value, parameters, branch::Order::First);
            let (fixed, chosen) = in_each_row(&mut self.graph, value, parameters);
            entries.extend(fixed.into_iter().map(|(place, id)| (first + place, id)));
            scatters.extend(chosen.into_iter().map(|s| Scatter { base: first + s.base, ..s }));
        }
        let residuals: Vec<(u32, Id)> = (0..).zip(values).collect();
        let graph = &self.graph;
        let varies = residuals.iter().chain(&entries).any(|&(_, id)| graph.is_varying(id));
        let of_rows =
            varies || self.columns > 0 && residuals.iter().any(|&(_, id)| graph.stage(id) == 0);
        let mut push = |name, len, entries, scatters| {
            self.outputs.push(match of_rows {
                true => (name, Output::Rows { len, entries, scatters }),
                false => (name, Output::Vector { len, entries, scatters }),
            });
        };
        push(Name::Residuals, count, residuals, Vec::new());
        push(Name::Jacobian, count * parameters, entries, scatters);
        self.summed().trimmed()
    }

    /// Half the sum of the squares of its values, the residuals `r`, over all rows; with the gradient
    /// `Jᵀ r`, and with `Jᵀ J`, where `J` is their Jacobian: what a step of Gauss and Newton or of
    /// Levenberg and Marquardt is made of, in one pass over the rows and without the Jacobian in memory.
    ///
    /// It has a sum over the rows for each pair of parameters, so it is for few of them. `Jᵀ J` squares
    /// the condition of `J`: where digits matter, take [`jacobian`](Self::jacobian). At kinks it follows
    /// the default convention.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let line = objective!(|[a, b], [x, y]| a * x + b - y);
    /// let program = Program::record(&line, &[0.0, 0.0], &[1.0, 1.0])?.gauss_newton();
    /// let data = Columns::new(&[&[1.0, 2.0], &[3.0, 5.0]])?;
    /// let mut sweep = program.compile();
    /// let found = sweep.run(&[0.0, 0.0], &data)?;
    /// assert_eq!((found.value(), found.gradient()), (17.0, &[-13.0, -8.0][..]));
    /// assert_eq!(found.gauss_newton(), [[5.0, 3.0], [3.0, 2.0]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn gauss_newton(mut self) -> Self {
        let (values, parameters) = (self.values(), self.parameters);
        let graph = &mut self.graph;
        let rows: Vec<Vec<Option<Id>>> = values
            .iter()
            .map(|&value| {
                branch::watch_choices(graph, value, parameters, branch::Order::First);
                slopes(graph, value, parameters)
            })
            .collect();
        let has_rows = self.columns > 0;
        let squares: Vec<[Id; 2]> = values.iter().map(|&value| [value, value]).collect();
        let half = graph.constant(0.5);
        let sum = products(graph, &squares, has_rows);
        let value = graph.binary(Operation::Mul, sum, half);
        let by = |p: usize| rows.iter().map(move |row| row[p]);
        let pairs = |others: &mut dyn Iterator<Item = Option<Id>>, p| -> Vec<[Id; 2]> {
            by(p).zip(others).filter_map(|(a, b)| Some([a?, b?])).collect()
        };
        let mut vector = |list: Vec<(u32, Vec<[Id; 2]>)>| {
            let entries = list.into_iter().filter(|(_, pairs)| !pairs.is_empty());
            let entries =
                entries.map(|(at, pairs)| (at, products(graph, &pairs, has_rows))).collect();
            Output::Vector { len: parameters, entries, scatters: Vec::new() }
        };
        let residuals = || values.iter().copied().map(Some);
        let all = || (0..).zip(0..parameters);
        let gradient = vector(all().map(|(at, p)| (at, pairs(&mut residuals(), p))).collect());
        let mut outputs = vec![(Name::Value, Output::Number(value)), (Name::Gradient, gradient)];
        for p in 0..parameters {
            // The same pairs in the same order on both sides of the diagonal.
            let of = |q: usize| pairs(&mut by(p.max(q)), p.min(q));
            let row = vector(all().map(|(at, q)| (at, of(q))).collect());
            outputs.push((Name::GaussNewton, row));
        }
        self.outputs = outputs;
        self.trimmed()
    }

    /// The nodes of its values.
    pub(crate) fn values(&self) -> Vec<Id> {
        let values = self.outputs.iter().filter_map(|(name, output)| match (name, output) {
            (Name::Value, Output::Number(id)) => Some(*id),
            _ => None,
        });
        values.collect()
    }
}

/// The derivatives of a number by the parameters, in each row; none where it does not depend on one.
fn slopes(graph: &mut Graph, value: Id, parameters: usize) -> Vec<Option<Id>> {
    let (fixed, chosen) = in_each_row(graph, value, parameters);
    let mut slopes = vec![None; parameters];
    for (place, id) in fixed {
        slopes[place as usize] = Some(id);
    }
    // A parameter that rows choose has the derivative in the rows that choose it.
    for Scatter { base, len, .. } in &chosen {
        for place in *base..base + len {
            let along = Direction::axis(parameters, place);
            if let Output::Number(id) = tangent(graph, &Output::Number(value), along) {
                slopes[place as usize] = Some(id);
            }
        }
    }
    slopes
}

/// The sum of products, over the rows if there are any.
fn products(graph: &mut Graph, pairs: &[[Id; 2]], has_rows: bool) -> Id {
    let mut sums = Vec::with_capacity(pairs.len());
    for &[a, b] in pairs {
        let product = graph.binary(Operation::Mul, a, b);
        sums.push(sum_of_rows(graph, product, has_rows));
    }
    graph.push(Operation::Sum, &sums, None)
}
