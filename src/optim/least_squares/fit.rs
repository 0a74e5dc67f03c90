//! What was fitted, and how sure it is: [`Fit`].

use super::error::listed;
use super::iterate::Arrived;
use super::robust::Rho;
use super::squares::Squares;
use super::told::Told;
use super::{Held, LeastSquaresError, Robust};
use crate::optim::{Bounds, Place, Stopped};
use crate::real::Short;
use std::fmt;

/// A fitted problem: plain data, from [`LeastSquares::fit`](super::LeastSquares::fit).
///
/// With `n` residuals `r`, their Jacobian `J`, `p` parameters that no bound holds, and `s² = Σ r² / (n - p)`,
/// the covariance of the estimates is `s² (JᵀJ)⁻¹`, to first order: `J` is that of the end, and residuals are
/// taken for independent and of equal variance, or weighted to be. Standard errors are the roots of its
/// diagonal. A parameter at a bound was not estimated, and has none.
///
/// ```
/// use wengert::optim::least_squares::LeastSquares;
/// // A line through (0, 1), (1, 3), (2, 4), (3, 6).
/// let data = [(0.0, 1.0), (1.0, 3.0), (2.0, 4.0), (3.0, 6.0)];
/// let mut line = [0.0, 0.0];
/// let fit = LeastSquares::new().fit(&mut line, |p: &[f64]| {
///     let residuals = data.map(|(x, y)| p[0] + p[1] * x - y).to_vec();
///     (residuals, data.iter().flat_map(|&(x, _)| [1.0, x]).collect())
/// })?;
/// approx::assert_relative_eq!(fit.parameters(), &[1.1, 1.6][..], max_relative = 1e-14);
/// approx::assert_relative_eq!(fit.residual_deviation()?, 0.1_f64.sqrt(), max_relative = 1e-13);
/// approx::assert_relative_eq!(fit.covariance()?[1][1], 0.02, max_relative = 1e-13);
/// println!("{fit}");
/// # Ok::<(), wengert::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Fit {
    parameters: Vec<f64>,
    names: Vec<Option<String>>,
    residuals: Vec<f64>,
    cost: f64,
    /// The variance of the residuals in the covariance, times the degrees of freedom.
    scatter: Option<Squares>,
    /// How many parameters no bound holds.
    free: usize,
    at_bound: Vec<bool>,
    told: Told,
    held: Vec<Held>,
    stopped: Stopped,
    evaluations: usize,
    steps: usize,
}

impl Fit {
    pub(super) fn new(arrived: Arrived, bounds: Option<&Bounds>) -> Self {
        let Arrived { point, units, model, stopped, evaluations, steps } = arrived;
        let n = point.x.len();
        let side = |j: usize| {
            let bounds = bounds?;
            let x = point.x[j];
            (x == bounds.upper()[j] || x == bounds.lower()[j]).then(|| x == bounds.upper()[j])
        };
        let at_bound: Vec<bool> = (0..n).map(|j| side(j).is_some()).collect();
        let free: Vec<usize> = (0..n).filter(|&j| !at_bound[j]).collect();
        let held = (0..n).filter_map(|j| {
            let is_upper = side(j)?;
            let unit = if model.scale[j] > 0.0 { model.scale[j] } else { 1.0 };
            let slope = model.gradient[j] * unit * units.residual * units.residual;
            // -0 is no multiplier.
            let multiplier = if is_upper { -slope } else { slope } + 0.0;
            Some(Held { place: j.into(), is_upper, multiplier })
        });
        Fit {
            held: held.collect(),
            names: vec![None; n],
            cost: point.cost * units.residual * units.residual,
            scatter: scatter(&point.residuals, units.robust),
            told: Told::of(&point, &free),
            free: free.len(),
            parameters: point.x,
            residuals: point.residuals,
            at_bound,
            stopped,
            evaluations,
            steps,
        }
    }

    /// The same with names of the parameters.
    pub(super) fn named(mut self, name: impl Fn(usize) -> Option<String>) -> Self {
        self.names = (0..self.parameters.len()).map(&name).collect();
        for held in &mut self.held {
            held.place.name = name(held.place.index);
        }
        self
    }

    /// The parameters of least cost.
    ///
    /// ```
    /// # use wengert::optim::least_squares::LeastSquares;
    /// # let of = |p: &[f64]| (vec![p[0] - 1.0, p[0] - 3.0], vec![1.0; 2]);
    /// # let fit = LeastSquares::new().fit(&mut [0.5], of)?;
    /// assert_eq!(fit.parameters(), [2.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// The residuals there, as the problem gives them.
    ///
    /// ```
    /// # use wengert::optim::least_squares::LeastSquares;
    /// # let of = |p: &[f64]| (vec![p[0] - 1.0, p[0] - 3.0], vec![1.0; 2]);
    /// # let fit = LeastSquares::new().fit(&mut [0.5], of)?;
    /// assert_eq!(fit.residuals(), [1.0, -1.0]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn residuals(&self) -> &[f64] {
        &self.residuals
    }

    /// The cost there: `½ Σ r²`, or what a [`Robust`] loss makes of it.
    ///
    /// ```
    /// # use wengert::optim::least_squares::LeastSquares;
    /// # let of = |p: &[f64]| (vec![p[0] - 1.0, p[0] - 3.0], vec![1.0; 2]);
    /// # let fit = LeastSquares::new().fit(&mut [0.5], of)?;
    /// assert_eq!(fit.cost(), 1.0);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn cost(&self) -> f64 {
        self.cost
    }

    /// `Σ r²`, also where the loss is robust.
    ///
    /// ```
    /// # use wengert::optim::least_squares::LeastSquares;
    /// # let of = |p: &[f64]| (vec![p[0] - 1.0, p[0] - 3.0], vec![1.0; 2]);
    /// # let fit = LeastSquares::new().fit(&mut [0.5], of)?;
    /// assert_eq!(fit.sum_of_squares(), 2.0);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn sum_of_squares(&self) -> f64 {
        self.squares().value()
    }

    /// How many residuals there are more than parameters that no bound holds.
    ///
    /// ```
    /// # use wengert::optim::least_squares::LeastSquares;
    /// # let of = |p: &[f64]| (vec![p[0] - 1.0, p[0] - 3.0], vec![1.0; 2]);
    /// # let fit = LeastSquares::new().fit(&mut [0.5], of)?;
    /// assert_eq!(fit.degrees_of_freedom(), 1);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn degrees_of_freedom(&self) -> usize {
        self.residuals.len().saturating_sub(self.free)
    }

    /// `√(Σ r² / degrees of freedom)`, in units of the residuals.
    ///
    /// # Errors
    /// If there is no degree of freedom.
    ///
    /// ```
    /// # use wengert::optim::least_squares::LeastSquares;
    /// # let of = |p: &[f64]| (vec![p[0] - 1.0, p[0] - 3.0], vec![1.0; 2]);
    /// # let fit = LeastSquares::new().fit(&mut [0.5], of)?;
    /// assert_eq!(fit.residual_deviation()?, 2_f64.sqrt());
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn residual_deviation(&self) -> Result<f64, LeastSquaresError> {
        Ok(self.squares().root_mean(self.freedom()?))
    }

    /// The covariance of the parameters, `s² (JᵀJ)⁻¹`: its rows. 0 for those at a bound, which were held fast.
    ///
    /// With a [`Robust`] loss of slope `ψ` it is `Σ ψ² / (n - p) / mean(ψ')² (JᵀJ)⁻¹` (P. J. Huber, "Robust
    /// Statistics", 1981, section 7.6).
    ///
    /// # Errors
    /// If there is no degree of freedom, or the residuals do not tell parameters apart; or of a robust loss,
    /// if it bends downwards on the whole.
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// // Of two parameters only the sum is seen.
    /// let fit = LeastSquares::new().fit(&mut [0.0, 1.0], |p: &[f64]| {
    ///     ([1.0, 2.0, 3.0].map(|y| p[0] + p[1] - y).to_vec(), vec![1.0; 6])
    /// })?;
    /// assert_eq!(
    ///     fit.covariance().unwrap_err().to_string(),
    ///     "the residuals do not tell parameters apart: nothing changes along 1 · index 0 - 1 · index 1",
    /// );
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn covariance(&self) -> Result<Vec<Vec<f64>>, LeastSquaresError> {
        let (inverse, units) = self.spread()?;
        let entry = |i: usize, j: usize| inverse[i][j] * units[i] * units[j];
        let all = 0..units.len();
        Ok(all.clone().map(|i| all.clone().map(|j| entry(i, j)).collect()).collect())
    }

    /// The standard error of each parameter; none of one at a bound.
    ///
    /// # Errors
    /// As [`covariance`](Self::covariance).
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// // A mean of four, and its error of √(5/3 / 4).
    /// let fit = LeastSquares::new().fit(&mut [0.0], |p: &[f64]| {
    ///     ([1.0, 2.0, 3.0, 4.0].map(|y| p[0] - y).to_vec(), vec![1.0; 4])
    /// })?;
    /// let error = fit.standard_errors()?[0].expect("it is not at a bound");
    /// approx::assert_relative_eq!(error, (5.0_f64 / 12.0).sqrt(), max_relative = 1e-14);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn standard_errors(&self) -> Result<Vec<Option<f64>>, LeastSquaresError> {
        // Squares of errors may leave the range of numbers.
        let (inverse, units) = self.spread()?;
        let of = |j: usize| (!self.at_bound[j]).then(|| inverse[j][j].sqrt() * units[j]);
        Ok((0..self.parameters.len()).map(of).collect())
    }

    /// `1 - Σ r² / Σ (y - ȳ)²`: the share of the responses' scatter that the model explains.
    ///
    /// # Errors
    /// If there are not as many responses as residuals, or they are all the same.
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// let y = [1.0, 2.0, 4.0];
    /// let fit = LeastSquares::new().fit(&mut [0.0, 0.0], |p: &[f64]| {
    ///     let of = |x: usize| p[0] + p[1] * x as f64 - y[x];
    ///     (vec![of(0), of(1), of(2)], vec![1.0, 0.0, 1.0, 1.0, 1.0, 2.0])
    /// })?;
    /// approx::assert_relative_eq!(fit.r_squared(&y)?, 27.0 / 28.0, max_relative = 1e-14);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn r_squared(&self, responses: &[f64]) -> Result<f64, LeastSquaresError> {
        self.weighted_r_squared(responses, &vec![1.0; responses.len()])
    }

    /// The same of a fit with weights: `1 - Σ w (model - y)² / Σ w (y - ȳ)²` with the weighted mean `ȳ`. The
    /// residuals of the fit hold the roots of the weights already; rows of weight 0 are left out of all lists.
    ///
    /// # Errors
    /// If there are not as many responses or weights as residuals, or all responses are the same.
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// let (y, w) = ([1.0, 3.0], [1.0, 4.0]);
    /// let fit = LeastSquares::new()
    ///     .fit(&mut [0.0], |p: &[f64]| (vec![p[0] - y[0], 2.0 * (p[0] - y[1])], vec![1.0, 2.0]))?;
    /// approx::assert_relative_eq!(fit.weighted_r_squared(&y, &w)?, 0.0, epsilon = 1e-14);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    pub fn weighted_r_squared(
        &self,
        responses: &[f64],
        weights: &[f64],
    ) -> Result<f64, LeastSquaresError> {
        let expected = self.residuals.len();
        if let Some(found) = [responses.len(), weights.len()].into_iter().find(|&n| n != expected) {
            return Err(LeastSquaresError::Responses { expected, found });
        }
        let rows = || responses.iter().zip(weights);
        let mean = rows().map(|(y, w)| w * y).sum::<f64>() / weights.iter().sum::<f64>();
        let total = Squares::of(rows().map(|(y, w)| w.sqrt() * (y - mean)));
        if responses.iter().all(|&y| y == responses[0]) {
            return Err(LeastSquaresError::SameResponses);
        }
        Ok(1.0 - self.squares().over(total))
    }

    /// Combinations of parameters along which no residual changes, but for rounding: for each, how far the
    /// parameters in it move where the first of them moves by 1. None where all can be told apart.
    ///
    /// ```
    /// use wengert::optim::least_squares::LeastSquares;
    /// // The first two only as 2 a + b.
    /// let fit = LeastSquares::new().fit(&mut [0.0; 3], |p: &[f64]| {
    ///     let residuals = (0..4).map(|i| 2.0 * p[0] + p[1] + f64::from(i) * p[2] - 7.0);
    ///     (residuals.collect(), (0..4).flat_map(|i| [2.0, 1.0, f64::from(i)]).collect())
    /// })?;
    /// let [combination] = &fit.indistinct()[..] else { panic!("one") };
    /// let moves: Vec<_> = combination.iter().map(|(place, by)| (place.index, by.round())).collect();
    /// assert_eq!(moves, [(0, 1.0), (1, -2.0)]);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn indistinct(&self) -> Vec<Vec<(Place, f64)>> {
        let place = |index: usize| Place { index, name: self.names[index].clone() };
        let of =
            |moves: &Vec<(usize, f64)>| moves.iter().map(|&(at, by)| (place(at), by)).collect();
        self.told.indistinct.iter().map(of).collect()
    }

    /// The parameters that lie at a bound, those between equal bounds among them.
    ///
    /// ```
    /// # use wengert::optim::least_squares::LeastSquares;
    /// # let of = |p: &[f64]| (vec![p[0] - 1.0, p[0] - 3.0], vec![1.0; 2]);
    /// # let fit = LeastSquares::new().fit(&mut [0.5], of)?;
    /// assert!(fit.held().is_empty());
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// Why it ended.
    ///
    /// ```
    /// # use wengert::optim::least_squares::LeastSquares;
    /// # let of = |p: &[f64]| (vec![p[0] - 1.0, p[0] - 3.0], vec![1.0; 2]);
    /// # let fit = LeastSquares::new().fit(&mut [0.5], of)?;
    /// assert!(fit.ending().is_converged());
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn ending(&self) -> Stopped {
        self.stopped
    }

    /// How often the residuals were evaluated, with their Jacobian.
    ///
    /// ```
    /// # use wengert::optim::least_squares::LeastSquares;
    /// # let of = |p: &[f64]| (vec![p[0] - 1.0, p[0] - 3.0], vec![1.0; 2]);
    /// # let fit = LeastSquares::new().fit(&mut [0.5], of)?;
    /// assert!(fit.evaluation_count() < 5);
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn evaluation_count(&self) -> usize {
        self.evaluations
    }

    /// How many steps were taken; steps that were not, as they led upwards, are not among them.
    ///
    /// ```
    /// # use wengert::optim::least_squares::LeastSquares;
    /// # let of = |p: &[f64]| (vec![p[0] - 1.0, p[0] - 3.0], vec![1.0; 2]);
    /// # let fit = LeastSquares::new().fit(&mut [0.5], of)?;
    /// assert!(fit.step_count() < fit.evaluation_count());
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[must_use]
    pub fn step_count(&self) -> usize {
        self.steps
    }

    fn squares(&self) -> Squares {
        Squares::of(self.residuals.iter().copied())
    }

    /// The covariance: a matrix, and for each parameter the unit that its row and its column are in.
    fn spread(&self) -> Result<(&[Vec<f64>], Vec<f64>), LeastSquaresError> {
        let freedom = self.freedom()?;
        let Some(inverse) = &self.told.inverse else {
            let combination = self.indistinct().swap_remove(0);
            return Err(LeastSquaresError::Indistinct { combination });
        };
        let deviation = self.scatter.ok_or(LeastSquaresError::Scatter)?.root_mean(freedom);
        Ok((inverse, self.told.scales.iter().map(|scale| deviation / scale).collect()))
    }

    fn freedom(&self) -> Result<f64, LeastSquaresError> {
        match self.degrees_of_freedom() {
            0 => {
                let (residuals, parameters) = (self.residuals.len(), self.free);
                Err(LeastSquaresError::NoFreedom { residuals, parameters })
            }
            freedom => Ok(freedom as f64),
        }
    }
}

/// `Σ r²`, or for a robust loss `Σ ψ² / mean(ψ')²`; none if that mean is not positive.
fn scatter(residuals: &[f64], robust: Option<Robust>) -> Option<Squares> {
    let Some(robust) = robust else { return Some(Squares::of(residuals.iter().copied())) };
    let at = |r: f64| {
        let s = (r / robust.scale()).powi(2);
        (s, robust.rho(s))
    };
    let bend = |(s, rho): (f64, Rho)| rho.slope + 2.0 * s * rho.curve;
    let bends: f64 = residuals.iter().map(|&r| bend(at(r))).sum();
    let mean = bends / residuals.len() as f64;
    (mean > 0.0).then(|| Squares::of(residuals.iter().map(|&r| at(r).1.slope * r / mean)))
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cost = Short(self.cost);
        writeln!(f, "{}: cost {cost} after {} evaluations", self.stopped, self.evaluations)?;
        let errors = self.standard_errors();
        for (j, &x) in self.parameters.iter().enumerate() {
            match &self.names[j] {
                Some(name) => write!(f, "{name} = {}", Short(x))?,
                None => write!(f, "[{j}] = {}", Short(x))?,
            }
            match errors.as_ref().map(|errors| errors[j]) {
                Ok(Some(error)) => writeln!(f, " ± {}", Short(error))?,
                Ok(None) => writeln!(f, " at its bound")?,
                Err(_) => writeln!(f)?,
            }
        }
        for combination in self.indistinct() {
            writeln!(f, "not told apart: {}", listed(&combination))?;
        }
        Ok(())
    }
}
