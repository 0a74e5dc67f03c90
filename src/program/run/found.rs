//! What a run has found: [`Found`].

use crate::program::ir::graph::Kinked;
use crate::program::sparse::{Compressed, SparseMatrix};
use crate::program::{Name, Program, SourceLine};
use std::ops::Index;
use std::sync::Arc;

/// The numbers behind it.
#[derive(Debug)]
pub(crate) struct Results {
    /// Made when there are parameters, of which a damaged program may claim any number.
    pub(crate) outputs: Vec<Vec<f64>>,
    names: Vec<Name>,
    /// How many columns the Jacobian has.
    columns: usize,
    compressed: Option<Arc<Compressed>>,
    /// Whether there is no parameter, so that a matrix with a row for each has none.
    is_fixed: bool,
    kinked: Vec<Kinked>,
    pub(crate) kinks: Vec<u64>,
    pub(crate) rows: u64,
    pub(crate) skipped: u64,
}

impl Results {
    pub(crate) fn new(program: &Program) -> Self {
        let names = program.outputs.iter().map(|&(name, _)| name).collect();
        let width = |wanted: Name| {
            let output = program.outputs.iter().find(|&&(name, _)| name == wanted);
            output.map_or(0, |(_, output)| output.len())
        };
        let columns = width(Name::Jacobian).checked_div(width(Name::Residuals)).unwrap_or(0);
        let compressed = program.compressed.clone();
        let kinked: Vec<Kinked> = program.graph.kinks().map(|(_, kinked)| kinked.clone()).collect();
        let (outputs, kinks) = (Vec::new(), vec![0; kinked.len()]);
        let is_fixed = program.parameters == 0;
        let (rows, skipped) = (0, 0);
        Results { outputs, names, columns, compressed, is_fixed, kinks, kinked, rows, skipped }
    }

    /// Which output the first of a kind is.
    pub(super) fn place(&self, name: Name) -> Option<usize> {
        self.names.iter().position(|&found| found == name)
    }
}

/// How many rows met a kink of an operation, where the derivative follows a convention.
///
/// ```
/// use wengert::{objective, program::{Columns, Program}};
/// let loss = objective!(|[a], [x]| (a - x).abs());
/// let mut sweep = Program::record(&loss, &[0.0], &[1.0])?.sum().gradient().compile();
/// let found = sweep.run(&[2.0], &Columns::new(&[&[1.0, 2.0, 2.0]])?)?;
/// let kink = &found.kinks()[0];
/// assert_eq!((kink.operation, kink.row_count), ("abs", 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KinkCount<'s> {
    /// The name of the operation.
    pub operation: &'s str,
    /// The line where it was written.
    pub line: Option<&'s SourceLine>,
    /// How many rows met it; 1 if the kink does not depend on the row.
    pub row_count: u64,
}

/// The result of a run.
///
/// ```
/// use wengert::{objective, program::{Columns, Program}};
/// let program = Program::record(&objective!(|[x]| x * x), &[3.0], &[])?.gradient();
/// let mut sweep = program.compile();
/// let found = sweep.run(&[3.0], &Columns::none())?;
/// assert_eq!((found.value(), found.gradient()), (9.0, &[6.0][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Found<'s> {
    results: &'s Results,
}

impl<'s> Found<'s> {
    pub(crate) fn new(results: &'s Results) -> Self {
        Found { results }
    }

    /// The first output: the loss.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let mut sweep = Program::record(&objective!(|[x]| x.exp()), &[0.0], &[])?.compile();
    /// assert_eq!(sweep.run(&[0.0], &Columns::none())?.value(), 1.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn value(self) -> f64 {
        self.output(0)[0]
    }

    /// The gradient of the value by all parameters, of a program that
    /// [`Program::gradient`](crate::program::Program::gradient),
    /// [`gradient_along`](crate::program::Program::gradient_along) or
    /// [`hessian`](crate::program::Program::hessian) made.
    ///
    /// # Panics
    /// If the program computes no gradient.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x, y]| x * y), &[1.0, 1.0], &[])?;
    /// let mut sweep = program.gradient().compile();
    /// assert_eq!(sweep.run(&[2.0, 3.0], &Columns::none())?.gradient(), [3.0, 2.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn gradient(self) -> &'s [f64] {
        &self.named("gradient", |name| matches!(name, Name::Gradient | Name::GradientAlong))[0]
    }

    /// The Hessian of the value, of a program that
    /// [`Program::hessian`](crate::program::Program::hessian) made: its rows, one for each parameter, so
    /// that `hessian()[i][j]` is the second derivative by the parameters `i` and `j`.
    ///
    /// # Panics
    /// If the program computes no Hessian, unless it has no parameter: then that is empty.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x, y]| x * x * y), &[1.0, 1.0], &[])?.hessian();
    /// let mut sweep = program.compile();
    /// let found = sweep.run(&[2.0, 3.0], &Columns::none())?;
    /// assert_eq!(found.hessian(), [[6.0, 4.0], [4.0, 0.0]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn hessian(self) -> &'s [Vec<f64>] {
        self.by_parameter("Hessian", |name| name == Name::Hessian)
    }

    /// The derivative of the value along a direction, of a program that
    /// [`Program::jvp`](crate::program::Program::jvp) made.
    ///
    /// # Panics
    /// If the program computes no such derivative.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x, y]| x * y), &[1.0, 1.0], &[])?.jvp();
    /// let mut sweep = program.compile();
    /// // At (2, 3), along (1, 10).
    /// assert_eq!(sweep.run(&[2.0, 3.0, 1.0, 10.0], &Columns::none())?.jvp(), 23.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn jvp(self) -> f64 {
        self.named("derivative along a direction", |name| name == Name::Jvp)[0][0]
    }

    /// The product of the Hessian of the value with a direction, of a program that
    /// [`Program::hvp`](crate::program::Program::hvp) made.
    ///
    /// # Panics
    /// If the program computes no such product.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x, y]| x * x * y), &[1.0, 1.0], &[])?.hvp();
    /// let mut sweep = program.compile();
    /// // At (2, 3), along (1, 10).
    /// assert_eq!(sweep.run(&[2.0, 3.0, 1.0, 10.0], &Columns::none())?.hvp(), [46.0, 4.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn hvp(self) -> &'s [f64] {
        &self.named("product of the Hessian", |name| name == Name::Hvp)[0]
    }

    /// The values in each row, the residuals, of a program that
    /// [`Program::jacobian`](crate::program::Program::jacobian) made: those of the first row, then those
    /// of the next. Rows that were skipped are not among them.
    ///
    /// # Panics
    /// If the program computes none.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let line = objective!(|[a], [x, y]| a * x - y);
    /// let mut sweep = Program::record(&line, &[0.0], &[1.0, 1.0])?.jacobian().compile();
    /// let data = Columns::new(&[&[1.0, 2.0], &[3.0, 5.0]])?;
    /// assert_eq!(sweep.run(&[2.0], &data)?.residuals(), [-1.0, -1.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn residuals(self) -> &'s [f64] {
        &self.named("residuals", |name| name == Name::Residuals)[0]
    }

    /// The derivatives of the [`residuals`](Self::residuals) by all parameters: a row for each residual,
    /// a column for each parameter.
    ///
    /// # Panics
    /// If the program computes none.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let line = objective!(|[a, b], [x, y]| a * x + b - y);
    /// let mut sweep = Program::record(&line, &[0.0, 0.0], &[1.0, 1.0])?.jacobian().compile();
    /// let data = Columns::new(&[&[1.0, 2.0], &[3.0, 5.0]])?;
    /// let found = sweep.run(&[2.0, 0.0], &data)?;
    /// assert_eq!(found.jacobian().as_slice(), [1.0, 1.0, 2.0, 1.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn jacobian(self) -> Matrix<'s> {
        let numbers = &self.named("Jacobian", |name| name == Name::Jacobian)[0];
        Matrix::new(numbers, self.results.columns)
    }

    /// The Hessian of the value, of a program that
    /// [`Program::sparse_hessian`](crate::program::Program::sparse_hessian) made.
    ///
    /// # Panics
    /// If the program computes none.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x, y]| x * x + y), &[1.0, 1.0], &[])?;
    /// let mut sweep = program.sparse_hessian().compile();
    /// let found = sweep.run(&[2.0, 3.0], &Columns::none())?;
    /// assert!(found.sparse_hessian().triplets().eq([(0, 0, 2.0)]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn sparse_hessian(self) -> SparseMatrix<'s> {
        self.sparse("sparse Hessian", Name::SparseHessian)
    }

    /// The Jacobian of the values, of a program that
    /// [`Program::sparse_jacobian`](crate::program::Program::sparse_jacobian) made.
    ///
    /// # Panics
    /// If the program computes none.
    ///
    /// ```
    /// use wengert::{program::{Columns, Program}, residuals};
    /// let pair = residuals!(|[x, y]| [x * x, y - 1.0]);
    /// let program = Program::record_residuals(&pair, &[1.0, 1.0], &[])?.sparse_jacobian();
    /// let mut sweep = program.compile();
    /// let found = sweep.run(&[2.0, 3.0], &Columns::none())?;
    /// assert!(found.sparse_jacobian().triplets().eq([(0, 0, 4.0), (1, 1, 1.0)]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn sparse_jacobian(self) -> SparseMatrix<'s> {
        self.sparse("sparse Jacobian", Name::SparseJacobian)
    }

    #[track_caller]
    fn sparse(self, what: &str, name: Name) -> SparseMatrix<'s> {
        match &self.results.compressed {
            Some(compressed) if self.results.names.contains(&name) => {
                SparseMatrix { compressed, products: self.named(what, |found| found == name) }
            }
            // Nothing differs from 0, so there is no product.
            Some(compressed) if compressed.pattern.is_zero() => {
                SparseMatrix { compressed, products: &[] }
            }
            _ => panic!("the program computes no {what}"),
        }
    }

    /// `Jᵀ J` of the Jacobian `J` of the values, of a program that
    /// [`Program::gauss_newton`](crate::program::Program::gauss_newton) made: its rows.
    ///
    /// # Panics
    /// If the program computes none, unless it has no parameter: then that is empty.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let line = objective!(|[a], [x, y]| a * x - y);
    /// let mut sweep = Program::record(&line, &[0.0], &[1.0, 1.0])?.gauss_newton().compile();
    /// let data = Columns::new(&[&[1.0, 2.0], &[3.0, 5.0]])?;
    /// assert_eq!(sweep.run(&[2.0], &data)?.gauss_newton(), [[5.0]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn gauss_newton(self) -> &'s [Vec<f64>] {
        self.by_parameter("products of a Jacobian", |name| name == Name::GaussNewton)
    }

    /// The outputs of a kind of which there is one for each parameter.
    #[track_caller]
    fn by_parameter(self, what: &str, is_it: impl Fn(Name) -> bool) -> &'s [Vec<f64>] {
        if self.results.is_fixed { &[] } else { self.named(what, is_it) }
    }

    /// The outputs of a kind, which stand side by side.
    #[track_caller]
    fn named(self, what: &str, is_it: impl Fn(Name) -> bool) -> &'s [Vec<f64>] {
        let names = &self.results.names;
        let Some(first) = names.iter().position(|&name| is_it(name)) else {
            panic!("the program computes no {what}")
        };
        let len = names[first..].iter().take_while(|&&name| is_it(name)).count();
        &self.results.outputs[first..first + len]
    }

    /// One of the outputs: a single number, or one for each parameter.
    ///
    /// # Panics
    /// If the program has no such output.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x]| x * x), &[1.0], &[])?;
    /// let mut sweep = program.jvp().compile();
    /// let found = sweep.run(&[3.0, 0.5], &Columns::none())?;
    /// assert_eq!((found.output(0), found.output(1)), (&[9.0][..], &[3.0][..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn output(self, which: usize) -> &'s [f64] {
        let outputs = &self.results.outputs;
        assert!(which < outputs.len(), "output {which} of a program with {}", outputs.len());
        &outputs[which]
    }

    /// How many outputs there are.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x]| x * x), &[1.0], &[])?;
    /// let mut sweep = program.gradient().jvp().compile();
    /// assert_eq!(sweep.run(&[3.0, 1.0], &Columns::none())?.output_count(), 4);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn output_count(self) -> usize {
        self.results.outputs.len()
    }

    /// How many rows were computed. Rows that were skipped or have weight 0 are not counted.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let mut sweep = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?.compile();
    /// assert_eq!(sweep.run(&[1.0], &Columns::new(&[&[1.0, 2.0]])?)?.row_count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn row_count(self) -> u64 {
        self.results.rows
    }

    /// How many rows were skipped; see [`NonFinite::Skip`](crate::program::NonFinite::Skip).
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, NonFinite, Program}};
    /// let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0])?;
    /// let mut sweep = program.compile().non_finite(NonFinite::Skip);
    /// let found = sweep.run(&[1.0], &Columns::new(&[&[1.0, f64::INFINITY]])?)?;
    /// assert_eq!(found.skipped_count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn skipped_count(self) -> u64 {
        self.results.skipped
    }

    /// The kinks met, each with its number of rows.
    ///
    /// ```
    /// use wengert::{objective, program::{Columns, Program}};
    /// let program = Program::record(&objective!(|[x]| x.abs()), &[1.0], &[])?;
    /// let mut sweep = program.gradient().compile();
    /// assert!(sweep.run(&[2.0], &Columns::none())?.kinks().is_empty());
    /// assert_eq!(sweep.run(&[0.0], &Columns::none())?.kinks().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn kinks(self) -> Vec<KinkCount<'s>> {
        let counts = self.results.kinked.iter().zip(&self.results.kinks);
        let met = counts.filter(|&(_, &row_count)| row_count > 0);
        met.map(|(kinked, &row_count)| KinkCount {
            operation: &kinked.operation,
            line: kinked.line.as_ref(),
            row_count,
        })
        .collect()
    }
}

/// A matrix that a run has found, row by row in memory.
///
/// ```
/// use wengert::{objective, program::{Columns, Program}};
/// let line = objective!(|[a, b], [x]| a * x + b);
/// let mut sweep = Program::record(&line, &[0.0, 0.0], &[1.0])?.jacobian().compile();
/// let found = sweep.run(&[2.0, 0.0], &Columns::new(&[&[3.0, 5.0]])?)?;
/// let jacobian = found.jacobian();
/// assert_eq!((jacobian[[1, 0]], jacobian.row(1)), (5.0, &[5.0, 1.0][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matrix<'s> {
    numbers: &'s [f64],
    columns: usize,
}

impl<'s> Matrix<'s> {
    pub(super) fn new(numbers: &'s [f64], columns: usize) -> Self {
        Matrix { numbers, columns }
    }

    /// How many rows it has; an example is at [`Program::jacobian`](crate::program::Program::jacobian).
    pub fn row_count(self) -> usize {
        self.numbers.len().checked_div(self.columns).unwrap_or(0)
    }

    /// How many columns it has.
    pub fn column_count(self) -> usize {
        self.columns
    }

    /// A row.
    ///
    /// # Panics
    /// If it has no such row.
    #[track_caller]
    pub fn row(self, row: usize) -> &'s [f64] {
        assert!(row < self.row_count(), "row {row} of a matrix of {}", self.row_count());
        &self.numbers[row * self.columns..][..self.columns]
    }

    /// All its numbers, row by row.
    pub fn as_slice(self) -> &'s [f64] {
        self.numbers
    }
}

impl Index<[usize; 2]> for Matrix<'_> {
    type Output = f64;
    #[track_caller]
    fn index(&self, [row, column]: [usize; 2]) -> &f64 {
        &self.row(row)[column]
    }
}
