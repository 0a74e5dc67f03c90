//! What is fitted: [`LeastSquaresProblem`], and programs over columns, [`ProgramResiduals`].

use super::LeastSquaresError;
use crate::program::{Columns, Program, Sweep};

/// Residuals and their Jacobian at a point.
///
/// A closure from parameters to both is one: the Jacobian row by row, a row for each residual. So is a
/// program over columns, [`ProgramResiduals`]. A type of your own can keep its memory:
///
/// ```
/// use wengert::optim::least_squares::{LeastSquares, LeastSquaresError, LeastSquaresProblem};
///
/// struct Line(Vec<(f64, f64)>);
/// impl LeastSquaresProblem for Line {
///     fn evaluate(
///         &mut self,
///         parameters: &[f64],
///         residuals: &mut Vec<f64>,
///         jacobian: &mut Vec<f64>,
///     ) -> Result<(), LeastSquaresError> {
///         for &(x, y) in &self.0 {
///             residuals.push(parameters[0] + parameters[1] * x - y);
///             jacobian.extend([1.0, x]);
///         }
///         Ok(())
///     }
/// }
/// let mut line = [0.0, 0.0];
/// LeastSquares::new().fit(&mut line, Line(vec![(0.0, 1.0), (1.0, 2.0), (2.0, 6.0)]))?;
/// approx::assert_relative_eq!(&line[..], &[0.5, 2.5][..], max_relative = 1e-14);
/// # Ok::<(), LeastSquaresError>(())
/// ```
pub trait LeastSquaresProblem {
    /// Adds the residuals at these parameters, and the derivatives of the first by each parameter, then those
    /// of the second, and so on. Both lists are empty before; there are as many residuals at each point.
    ///
    /// # Errors
    /// If the problem refuses the parameters, as [`LeastSquaresError::Problem`]. At the start that ends the
    /// fit; after a step, the step was too long.
    fn evaluate(
        &mut self,
        parameters: &[f64],
        residuals: &mut Vec<f64>,
        jacobian: &mut Vec<f64>,
    ) -> Result<(), LeastSquaresError>;
}

impl<F: FnMut(&[f64]) -> (Vec<f64>, Vec<f64>)> LeastSquaresProblem for F {
    fn evaluate(
        &mut self,
        parameters: &[f64],
        residuals: &mut Vec<f64>,
        jacobian: &mut Vec<f64>,
    ) -> Result<(), LeastSquaresError> {
        (*residuals, *jacobian) = self(parameters);
        Ok(())
    }
}

/// The residuals of a program in each row of data.
///
/// ```
/// use wengert::optim::least_squares::{LeastSquares, ProgramResiduals};
/// use wengert::program::{Columns, Program};
/// use wengert::{Scalar, objective};
///
/// let decay = objective!(|[a, b], [t, y]| a * (b * t).exp() - y);
/// let program = Program::record(&decay, &[1.0, 0.0], &[0.0, 1.0])?;
/// let data = Columns::new(&[&[0.0, 1.0, 2.0, 3.0], &[8.0, 4.0, 2.0, 1.0]])?;
/// let mut x = [1.0, 0.0];
/// LeastSquares::new().fit(&mut x, ProgramResiduals::new(&program, &data))?;
/// approx::assert_relative_eq!(&x[..], &[8.0, -2_f64.ln()][..], max_relative = 1e-12);
/// # Ok::<(), wengert::Error>(())
/// ```
#[derive(Debug)]
pub struct ProgramResiduals<'a> {
    sweep: Sweep,
    data: Columns<'a>,
    weighted: Option<Weighted>,
}

/// The rows of a weight above 0, as the columns count them, and the roots of their weights.
#[derive(Debug)]
struct Weighted {
    rows: Vec<u32>,
    roots: Vec<f64>,
}

impl<'a> ProgramResiduals<'a> {
    /// Those of an expression, or of several ([`Program::record_residuals`]), in each row of the data, all
    /// rows alike.
    ///
    /// ```
    /// use wengert::optim::least_squares::{LeastSquares, ProgramResiduals};
    /// use wengert::program::{Columns, Program};
    /// use wengert::residuals;
    /// // A system of equations has no columns.
    /// let system = residuals!(|[x, y]| [x * x + y * y - 25.0, x - y + 1.0]);
    /// let program = Program::record_residuals(&system, &[1.0, 1.0], &[])?;
    /// let mut x = [1.0, 1.0];
    /// LeastSquares::new().fit(&mut x, ProgramResiduals::new(&program, &Columns::none()))?;
    /// approx::assert_relative_eq!(&x[..], &[3.0, 4.0][..], max_relative = 1e-14);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn new(program: &Program, data: &Columns<'a>) -> Self {
        let sweep = program.clone().jacobian().compile();
        ProgramResiduals { sweep, data: data.clone(), weighted: None }
    }

    /// The same with a weight for each row, from a column of the data: the cost is `½ Σ w r²`, and the
    /// residuals of the fit are `√w r`. A row of weight 0 is as if it were not there.
    ///
    /// # Errors
    /// If the data have no such column, or a weight is negative, infinite or NaN.
    ///
    /// ```
    /// use wengert::optim::least_squares::{LeastSquares, ProgramResiduals};
    /// use wengert::program::{Columns, Program};
    /// use wengert::objective;
    /// let program = Program::record(&objective!(|[a], [y]| a - y), &[0.0], &[0.0])?;
    /// let (y, w) = ([1.0, 4.0, 77.0], [1.0, 2.0, 0.0]);
    /// let data = Columns::new(&[&y, &w])?;
    /// let mut a = [0.0];
    /// LeastSquares::new().fit(&mut a, ProgramResiduals::new(&program, &data).weights_in(1)?)?;
    /// approx::assert_relative_eq!(a[0], 3.0, max_relative = 1e-14);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn weights_in(mut self, column: usize) -> Result<Self, LeastSquaresError> {
        let expected = self.data.column_count();
        if column >= expected {
            return Err(LeastSquaresError::WeightColumn { expected, found: column });
        }
        let rows = self.data.row_count();
        let weights = self.data.view(column, 0..rows, &mut vec![0.0; rows]).to_vec();
        if let Some(row) = weights.iter().position(|w| !(*w >= 0.0 && w.is_finite())) {
            return Err(LeastSquaresError::Weight { row, value: weights[row] });
        }
        let kept = weights.iter().zip(0_u32..).filter(|&(&w, _)| w > 0.0);
        let rows = kept.clone().map(|(_, row)| match self.data.picked() {
            Some(picked) => picked[row as usize],
            None => row,
        });
        let rows = rows.collect();
        self.weighted = Some(Weighted { rows, roots: kept.map(|(w, _)| w.sqrt()).collect() });
        Ok(self)
    }
}

impl LeastSquaresProblem for ProgramResiduals<'_> {
    fn evaluate(
        &mut self,
        parameters: &[f64],
        residuals: &mut Vec<f64>,
        jacobian: &mut Vec<f64>,
    ) -> Result<(), LeastSquaresError> {
        let Some(Weighted { rows, roots }) = &self.weighted else {
            let found = self.sweep.run(parameters, &self.data)?;
            residuals.extend_from_slice(found.residuals());
            jacobian.extend_from_slice(found.jacobian().as_slice());
            return Ok(());
        };
        let found = self.sweep.run(parameters, &self.data.only(rows))?;
        let (of_rows, slopes) = (found.residuals(), found.jacobian());
        let outputs = of_rows.len().checked_div(roots.len()).unwrap_or(0);
        for (i, r) in of_rows.iter().enumerate() {
            let root = roots[i / outputs.max(1)];
            residuals.push(r * root);
            jacobian.extend(slopes.row(i).iter().map(|slope| slope * root));
        }
        Ok(())
    }
}
