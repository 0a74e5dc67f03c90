//! Derivatives of which most are 0 whatever the point: their places, and a few products that hold all of
//! them.

use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::nature::Provenance;
use crate::program::ir::operation::Operation;
use crate::program::sparse::{Coloring, Compressed, Pattern};
use crate::program::transform::derive::{partials, varying_with_parameters};
use crate::program::transform::forward::Direction;
use crate::program::transform::{branch, forward, reverse};
use crate::program::{Name, Output, Program};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

impl Program {
    /// Which second derivatives of its first number, a sum over the rows, may differ from 0. It is
    /// symmetric.
    ///
    /// It is that of the expression: what cancels only in numbers counts, what is linear does not. A
    /// parameter that rows choose may be any of its table.
    ///
    /// ```
    /// use wengert::{objective, program::Program, sparse::Pattern};
    /// let f = objective!(|[x, y, z]| x * y.exp() + z + 3.0 * x);
    /// let program = Program::record(&f, &[1.0, 1.0, 1.0], &[])?;
    /// assert_eq!(program.hessian_pattern(), Pattern::from_rows(3, [vec![1], vec![0, 1], vec![]]));
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn hessian_pattern(&self) -> Pattern {
        let mut program = self.clone().summed();
        program.outputs.truncate(1);
        let mut program = program.gradient();
        program.pattern_of_gradient()
    }

    /// Which derivatives of its values, sums over the rows, by the parameters may differ from 0: a row for
    /// each value.
    ///
    /// ```
    /// use wengert::{program::Program, residuals, sparse::Pattern};
    /// let steps = residuals!(|x| x.windows(2).map(|w| w[1] - w[0] * w[0]).collect::<Vec<T>>());
    /// let program = Program::record_residuals(&steps, &[1.0; 4], &[])?;
    /// let pattern = Pattern::from_rows(4, [[0, 1], [1, 2], [2, 3]]);
    /// assert_eq!(program.jacobian_pattern(), pattern);
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn jacobian_pattern(&self) -> Pattern {
        let mut program = self.clone().summed();
        let values = program.values();
        let sets = dependences(&mut program.graph, program.parameters, &values);
        Pattern::from_rows(program.parameters, values.iter().map(|id| sets.of(*id).to_vec()))
    }

    /// The same with the gradient of its first number and the Hessian of that, of which only the numbers
    /// are computed that may differ from 0: [`Found::sparse_hessian`](crate::program::Found::sparse_hessian).
    ///
    /// Columns that do not get into each other's way are computed together: a band of three takes three
    /// products, however many parameters there are; see [`Coloring::of_symmetric`]. A product computes only
    /// what its columns move, so where the number is a sum of parts that each meet few parameters, many products
    /// cost about what few do. Of few parameters that all meet each other, [`hessian`](Self::hessian) is the
    /// same.
    ///
    /// At a kink the columns that are computed together take the branch that their sum of axes enters. Away
    /// from kinks the numbers are those of [`hessian`](Self::hessian).
    ///
    /// ```
    /// use wengert::{Scalar, objective, program::{Columns, Program}};
    /// let smooth = objective!(|x| x.windows(2).map(|w| (w[1] - w[0]).exp()).sum());
    /// let mut sweep = Program::record(&smooth, &[0.0; 3], &[])?.sparse_hessian().compile();
    /// let found = sweep.run(&[0.0; 3], &Columns::none())?;
    /// let hessian = found.sparse_hessian();
    /// assert_eq!(hessian.values(), [1.0, -1.0, -1.0, 2.0, -1.0, -1.0, 1.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sparse_hessian(self) -> Self {
        let mut program = self.summed();
        program.outputs.truncate(1);
        let mut program = program.gradient();
        let pattern = program.pattern_of_gradient();
        let coloring = Coloring::of_symmetric(&pattern);
        program.watch_choices(branch::Order::Second);
        let products = if pattern.is_zero() { 0 } else { coloring.len() };
        for color in 0..products as u32 {
            let direction = Direction::colored(program.parameters, coloring.colors(), color);
            let product = program.gradient_tangent(1, direction);
            program.outputs.push((Name::SparseHessian, product));
        }
        program.compressed = Some(Arc::new(Compressed::symmetric(pattern, &coloring)));
        program.trimmed()
    }

    /// The same with the Jacobian of its values, sums over the rows as [`sum`](Self::sum) has them, of which only the numbers are computed
    /// that may differ from 0: [`Found::sparse_jacobian`](crate::program::Found::sparse_jacobian).
    ///
    /// Either columns are computed together by products with directions, or rows by gradients of sums,
    /// whichever takes fewer; see [`Coloring::of_columns`]. At kinks it follows the default convention.
    ///
    /// ```
    /// use wengert::{program::{Columns, Program}, residuals};
    /// let steps = residuals!(|x| x.windows(2).map(|w| w[1] - w[0] * w[0]).collect::<Vec<T>>());
    /// let program = Program::record_residuals(&steps, &[1.0; 4], &[])?.sparse_jacobian();
    /// let mut sweep = program.compile();
    /// let found = sweep.run(&[1.0, 2.0, 3.0, 4.0], &Columns::none())?;
    /// assert_eq!(found.sparse_jacobian().values(), [-2.0, 1.0, -4.0, 1.0, -6.0, 1.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sparse_jacobian(self) -> Self {
        let mut program = self.summed();
        let (values, parameters) = (program.values(), program.parameters);
        for &value in &values {
            branch::watch_choices(&mut program.graph, value, parameters, branch::Order::First);
        }
        let pattern = program.jacobian_pattern();
        let (columns, rows) =
            (Coloring::of_columns(&pattern), Coloring::of_columns(&pattern.transposed()));
        let graph = &mut program.graph;
        let by_columns = columns.len() <= rows.len();
        let coloring = if by_columns { &columns } else { &rows };
        let mut products: Vec<Output> = Vec::new();
        let colors = if pattern.is_zero() { 0 } else { coloring.len() };
        for color in 0..colors as u32 {
            products.push(if by_columns {
                let direction = Direction::colored(parameters, coloring.colors(), color);
                // A vector of the values, of which forward mode makes one of their derivatives.
                let entries = (0..).zip(values.iter().copied()).collect();
                let all = Output::Vector { len: values.len(), entries, scatters: Vec::new() };
                forward::tangent(graph, &all, direction)
            } else {
                let of_color = values.iter().zip(coloring.colors()).filter(|(_, of)| **of == color);
                let of_color: Vec<Id> = of_color.map(|(&value, _)| value).collect();
                let sum = graph.push(Operation::Sum, &of_color, None);
                reverse::gradient(graph, sum, parameters, None)
            });
        }
        let named = products.into_iter().map(|product| (Name::SparseJacobian, product));
        program.outputs.extend(named);
        program.compressed = Some(Arc::new(match by_columns {
            true => Compressed::by_columns(pattern, &columns),
            false => Compressed::by_rows(pattern, &rows),
        }));
        program.trimmed()
    }

    /// Of a program with the gradient as second output, the pattern of that by the parameters.
    fn pattern_of_gradient(&mut self) -> Pattern {
        let parameters = self.parameters;
        let Some((_, Output::Vector { entries, scatters, .. })) = self.outputs.get(1) else {
            return Pattern::from_rows(parameters, vec![Vec::new(); parameters]);
        };
        // Of what rows choose, and of what a scatter is multiplied with.
        let mut parts: BTreeMap<u32, Vec<Id>> = BTreeMap::new();
        for &(place, id) in entries {
            parts.entry(place).or_default().push(id);
        }
        for s in scatters {
            for place in s.base..s.base + s.len {
                parts.entry(place).or_default().extend([s.value, s.scale]);
            }
        }
        let roots: Vec<Id> = parts.values().flatten().copied().collect();
        let sets = dependences(&mut self.graph, parameters, &roots);
        let row = |place: u32| -> Vec<u32> {
            let ids = parts.get(&place).into_iter().flatten();
            ids.flat_map(|&id| sets.of(id).iter().copied()).collect()
        };
        Pattern::from_rows(parameters, (0..parameters as u32).map(row)).symmetric()
    }
}

/// The parameters that each node has a derivative by, in ascending order.
struct Dependences(Vec<Option<Rc<[u32]>>>);

impl Dependences {
    fn of(&self, id: Id) -> &[u32] {
        self.0.get(id.at()).and_then(Option::as_deref).unwrap_or(&[])
    }
}

/// On which parameters nodes depend by derivatives that are not 0 everywhere.
fn dependences(graph: &mut Graph, parameters: usize, roots: &[Id]) -> Dependences {
    let needed = graph.needed(roots.iter().copied());
    let active = varying_with_parameters(graph, parameters);
    let is_active = |id: Id| active.get(id.at()).copied().unwrap_or(false);
    let mut sets: Vec<Option<Rc<[u32]>>> = vec![None; needed.len()];
    let ids: Vec<Id> = graph.ids().filter(|id| needed[id.at()] && is_active(*id)).collect();
    for id in ids {
        let set: Option<Rc<[u32]>> = match graph.operation(id).provenance() {
            Provenance::Parameter(place) => Some([place].into()),
            Provenance::Chosen { base, len } => Some((base..base + len).collect()),
            Provenance::Constant(_) | Provenance::Column(_) | Provenance::Rows => None,
            Provenance::Reduction(_) | Provenance::Arguments => {
                let by = partials(graph, id, is_active, None);
                let mut parts = by.iter().filter_map(|(arg, _)| sets.get(arg.at())?.clone());
                let first = parts.next();
                let mut others = parts.peekable();
                match first {
                    Some(first) if others.peek().is_some() => {
                        let mut all: Vec<u32> = first.to_vec();
                        others.for_each(|part| all.extend_from_slice(&part));
                        all.sort_unstable();
                        all.dedup();
                        Some(all.into())
                    }
                    one => one,
                }
            }
        };
        sets[id.at()] = set;
    }
    Dependences(sets)
}
