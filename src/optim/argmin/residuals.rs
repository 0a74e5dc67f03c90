//! Residuals on the tape, and as programs.

use super::losses::fitting;
use super::pass::Pass;
use super::{Evaluate, EvaluateResiduals, ProblemError};
use crate::program::{Columns, Found, Program, Residuals};
use crate::{Var, jacobian};

/// Half the sum of squares.
fn half_squares(residuals: &[f64]) -> f64 {
    0.5 * residuals.iter().map(|r| r * r).sum::<f64>()
}

/// Its gradient, `Jᵀ r`.
fn slopes((residuals, jacobian): (Vec<f64>, Vec<f64>), parameters: usize) -> Vec<f64> {
    let mut gradient = vec![0.0; parameters];
    for (r, row) in residuals.iter().zip(jacobian.chunks(parameters.max(1))) {
        gradient.iter_mut().zip(row).for_each(|(sum, slope)| *sum += r * slope);
    }
    gradient
}

/// [`Residuals`] of parameters alone, recorded on a tape at each call.
///
/// ```
/// use argmin::core::{Jacobian, Operator};
/// use wengert::optim::argmin::{ExpressionResiduals, Problem};
/// use wengert::residuals;
/// let system = residuals!(|[x, y]| [x * x + y * y - 25.0, x - y + 1.0]);
/// let problem = Problem::new(ExpressionResiduals::new(system));
/// let x = vec![2.0, 4.0];
/// assert_eq!(problem.apply(&x)?, [-5.0, -1.0]);
/// assert_eq!(problem.jacobian(&x)?, [[4.0, 8.0], [1.0, -1.0]]);
/// # Ok::<(), argmin::core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExpressionResiduals<R> {
    residuals: R,
}

impl<R: Residuals> ExpressionResiduals<R> {
    /// Those of an expression without columns.
    ///
    /// ```
    /// use wengert::optim::argmin::{EvaluateResiduals, ExpressionResiduals};
    /// let pair = ExpressionResiduals::new(wengert::residuals!(|[x]| [x - 1.0, x * x]));
    /// assert_eq!(pair.residuals(&[3.0])?, [2.0, 9.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn new(residuals: R) -> Self {
        ExpressionResiduals { residuals }
    }

    fn check(&self, parameters: &[f64]) -> Result<(), ProblemError> {
        fitting(self.residuals.parameter_count(), parameters)
    }
}

impl<R: Residuals> Evaluate for ExpressionResiduals<R> {
    fn value(&self, parameters: &[f64]) -> Result<f64, ProblemError> {
        Ok(half_squares(&self.residuals(parameters)?))
    }

    fn gradient(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError> {
        Ok(slopes(self.jacobian(parameters)?, parameters.len()))
    }
}

impl<R: Residuals> EvaluateResiduals for ExpressionResiduals<R> {
    fn residuals(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError> {
        self.check(parameters)?;
        Ok(self.residuals.at(parameters, &[]))
    }

    fn jacobian(&self, parameters: &[f64]) -> Result<(Vec<f64>, Vec<f64>), ProblemError> {
        self.check(parameters)?;
        let (values, rows) = jacobian(|x: &[Var]| self.residuals.at(x, &[]), parameters);
        Ok((values, rows.concat()))
    }
}

/// The values of a program in each row of data, as residuals.
///
/// ```
/// use argmin::core::{CostFunction, Jacobian, Operator};
/// use wengert::objective;
/// use wengert::optim::argmin::{Problem, ProgramResiduals};
/// use wengert::program::{Columns, Program};
/// let line = objective!(|[a, b], [x, y]| a * x + b - y);
/// let program = Program::record(&line, &[0.0, 0.0], &[1.0, 1.0])?;
/// let data = Columns::new(&[&[1.0, 2.0], &[3.0, 7.0]])?;
/// let problem = Problem::new(ProgramResiduals::new(&program, &data));
/// let x = vec![2.0, 0.0];
/// assert_eq!((problem.apply(&x)?, problem.cost(&x)?), (vec![-1.0, -3.0], 5.0));
/// assert_eq!(problem.jacobian(&x)?, [[1.0, 1.0], [2.0, 1.0]]);
/// # Ok::<(), argmin::core::Error>(())
/// ```
#[derive(Debug)]
pub struct ProgramResiduals<'d> {
    program: Program,
    data: Columns<'d>,
    pass: Pass,
}

impl<'d> ProgramResiduals<'d> {
    /// Those of a program that has not been differentiated, of one value or of several
    /// ([`Program::record_residuals`]).
    ///
    /// ```
    /// use wengert::optim::argmin::{EvaluateResiduals, ProgramResiduals};
    /// use wengert::program::{Columns, Program};
    /// let pair = wengert::residuals!(|[x]| [x - 1.0, x * x]);
    /// let program = Program::record_residuals(&pair, &[1.0], &[])?;
    /// assert_eq!(ProgramResiduals::new(&program, &Columns::none()).residuals(&[3.0])?, [2.0, 9.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn new(program: &Program, data: &Columns<'d>) -> Self {
        let (program, data) = (program.clone(), data.clone());
        ProgramResiduals { program, data, pass: Pass::new(Program::jacobian) }
    }
}

impl Evaluate for ProgramResiduals<'_> {
    fn value(&self, parameters: &[f64]) -> Result<f64, ProblemError> {
        Ok(half_squares(&self.residuals(parameters)?))
    }

    fn gradient(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError> {
        Ok(slopes(self.jacobian(parameters)?, parameters.len()))
    }
}

impl EvaluateResiduals for ProgramResiduals<'_> {
    fn residuals(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError> {
        let read = |found: Found<'_>| found.residuals().to_vec();
        Ok(self.pass.at(&self.program, parameters, &self.data, read)?)
    }

    fn jacobian(&self, parameters: &[f64]) -> Result<(Vec<f64>, Vec<f64>), ProblemError> {
        let read =
            |found: Found<'_>| (found.residuals().to_vec(), found.jacobian().as_slice().to_vec());
        Ok(self.pass.at(&self.program, parameters, &self.data, read)?)
    }
}
