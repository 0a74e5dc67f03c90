//! Losses on the tape, and as programs.

use super::pass::Pass;
use super::{Evaluate, EvaluateHessian, ProblemError};
use crate::program::{Columns, Found, Program};
use crate::{Objective, Var, gradient, hessian};

/// An [`Objective`] of parameters alone, recorded on a tape at each call, so that it may branch.
///
/// ```
/// use argmin::core::CostFunction;
/// use wengert::optim::argmin::{ExpressionLoss, Problem};
/// use wengert::{Objective, Scalar};
/// /// The mean squared error of a line.
/// struct Line(Vec<(f64, f64)>);
/// impl Objective for Line {
///     fn at<T: Scalar>(&self, p: &[T], _: &[T]) -> T {
///         let errors = self.0.iter().map(|&(x, y)| (p[0] * x + p[1] - y).square());
///         errors.sum::<T>() / self.0.len() as f64
///     }
/// }
/// let problem = Problem::new(ExpressionLoss::new(Line(vec![(1.0, 2.0), (2.0, 5.0)])));
/// assert_eq!(problem.cost(&vec![2.0, 0.0])?, 0.5);
/// # Ok::<(), argmin::core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExpressionLoss<O> {
    objective: O,
}

impl<O: Objective> ExpressionLoss<O> {
    /// That of an objective without columns.
    ///
    /// ```
    /// use wengert::objective;
    /// use wengert::optim::argmin::{Evaluate, ExpressionLoss};
    /// let loss = ExpressionLoss::new(objective!(|[x]| x * x));
    /// assert_eq!(loss.gradient(&[3.0])?, [6.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn new(objective: O) -> Self {
        ExpressionLoss { objective }
    }

    fn check(&self, parameters: &[f64]) -> Result<(), ProblemError> {
        fitting(self.objective.parameter_count(), parameters)
    }
}

/// Whether there are as many parameters as are taken, where that is fixed.
pub(super) fn fitting(expected: Option<usize>, parameters: &[f64]) -> Result<(), ProblemError> {
    let found = parameters.len();
    match expected {
        Some(expected) if expected != found => Err(ProblemError::Length { expected, found }),
        _ => Ok(()),
    }
}

impl<O: Objective> Evaluate for ExpressionLoss<O> {
    fn value(&self, parameters: &[f64]) -> Result<f64, ProblemError> {
        self.check(parameters)?;
        Ok(self.objective.at(parameters, &[]))
    }

    fn gradient(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError> {
        self.check(parameters)?;
        Ok(gradient(|x: &[Var]| self.objective.at(x, &[]), parameters).1)
    }
}

impl<O: Objective> EvaluateHessian for ExpressionLoss<O> {
    fn hessian(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError> {
        self.check(parameters)?;
        Ok(hessian(|x| self.objective.at(x, &[]), parameters).2.concat())
    }
}

/// A closure from variables to the loss. Second derivatives need an [`ExpressionLoss`] or a [`ProgramLoss`].
///
/// ```
/// use argmin::core::Gradient;
/// use wengert::optim::argmin::{Problem, TapeLoss};
/// let points = [(1.0, 3.0), (2.0, 3.0)];
/// let problem = Problem::new(TapeLoss::new(|p| points.iter().map(|&(x, y)| (p[0] * x - y).abs()).sum()));
/// assert_eq!(problem.gradient(&vec![2.0])?, [1.0]);
/// # Ok::<(), argmin::core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TapeLoss<F> {
    loss: F,
}

impl<F: Fn(&[Var]) -> Var> TapeLoss<F> {
    /// That of a closure, which panics by itself where the number of parameters is wrong.
    ///
    /// ```
    /// use wengert::optim::argmin::{Evaluate, TapeLoss};
    /// assert_eq!(TapeLoss::new(|x| x[0] * x[1]).gradient(&[2.0, 3.0])?, [3.0, 2.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn new(loss: F) -> Self {
        TapeLoss { loss }
    }
}

impl<F: Fn(&[Var]) -> Var> Evaluate for TapeLoss<F> {
    fn value(&self, parameters: &[f64]) -> Result<f64, ProblemError> {
        let constants: Vec<Var> = parameters.iter().map(|&x| x.into()).collect();
        Ok((self.loss)(&constants).value())
    }

    fn gradient(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError> {
        Ok(gradient(&self.loss, parameters).1)
    }
}

/// The first value of a program over data, the quickest where there are many rows.
///
/// ```
/// use argmin::core::{Gradient, Hessian};
/// use wengert::objective;
/// use wengert::optim::argmin::{Problem, ProgramLoss};
/// use wengert::program::{Columns, Program};
/// let loss = objective!(|[a], [x, y]| (a * x - y).square());
/// let program = Program::record(&loss, &[1.0], &[1.0, 1.0])?.mean();
/// let data = Columns::new(&[&[1.0, 3.0], &[2.0, 5.0]])?;
/// let problem = Problem::new(ProgramLoss::new(&program, &data));
/// assert_eq!(problem.gradient(&vec![2.0])?, [3.0]);
/// assert_eq!(problem.hessian(&vec![2.0])?, [[10.0]]);
/// # Ok::<(), argmin::core::Error>(())
/// ```
#[derive(Debug)]
pub struct ProgramLoss<'d> {
    program: Program,
    data: Columns<'d>,
    value: Pass,
    gradient: Pass,
    hessian: Pass,
}

impl<'d> ProgramLoss<'d> {
    /// That of a program that has not been differentiated.
    ///
    /// ```
    /// use wengert::optim::argmin::{EvaluateHessian, ProgramLoss};
    /// use wengert::program::{Columns, Program};
    /// let program = Program::record(&wengert::objective!(|[x, y]| x * x * y), &[1.0, 1.0], &[])?;
    /// let loss = ProgramLoss::new(&program, &Columns::none());
    /// assert_eq!(loss.hessian(&[2.0, 3.0])?, [6.0, 4.0, 4.0, 0.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn new(program: &Program, data: &Columns<'d>) -> Self {
        ProgramLoss {
            program: program.clone(),
            data: data.clone(),
            value: Pass::new(|program| program),
            gradient: Pass::new(Program::gradient),
            hessian: Pass::new(Program::hessian),
        }
    }
}

impl Evaluate for ProgramLoss<'_> {
    fn value(&self, parameters: &[f64]) -> Result<f64, ProblemError> {
        Ok(self.value.at(&self.program, parameters, &self.data, |found| found.value())?)
    }

    fn gradient(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError> {
        let read = |found: Found<'_>| found.gradient().to_vec();
        Ok(self.gradient.at(&self.program, parameters, &self.data, read)?)
    }
}

impl EvaluateHessian for ProgramLoss<'_> {
    fn hessian(&self, parameters: &[f64]) -> Result<Vec<f64>, ProblemError> {
        let read = |found: Found<'_>| found.hessian().concat();
        Ok(self.hessian.at(&self.program, parameters, &self.data, read)?)
    }
}
