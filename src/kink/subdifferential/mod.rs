//! The generalized gradient as a set: [`Subdifferential`].

mod extent;
mod sum;

pub use extent::{Extent, Stationarity};

use super::KinkError;
use crate::polyhedral::cells::{Ended, Hull, visit_cells};
use crate::polyhedral::extract::{Extract, extract};
use crate::polyhedral::least::{Nearest, least_norm};
use crate::polyhedral::model::Model;
use crate::polyhedral::span::{add_scaled, norm};
use crate::{Real, Var};
use std::fmt;
use sum::{Sum, as_sum};

/// The generalized gradient of a recorded number at the point of its recording, as a set.
///
/// Away from kinks it is the gradient. Where kinks are met it is convex, and comes in one of two forms:
///
/// - Where no kink depends on another and all bend the same way (as in a mean absolute error), it is a
///   sum: a centre; for each kink of two sides a segment, `t g` with `t` in `[-1, 1]` and a generator
///   `g`; for each tie of more than two numbers the hull of their gradients; for each tip of a cone a
///   ball, `Σ vᵢ rᵢ` with `‖v‖ ≤ 1`. Segments alone make a zonotope.
/// - Else it is the hull of the gradients of the smooth pieces that meet there. A piece counts if a
///   direction enters it, which is asked without trying all `2ᵏ` sides of `k` kinks.
///
/// [`Subdifferential::extent`] says how it compares with F. H. Clarke's generalized gradient
/// ("Optimization and Nonsmooth Analysis", Wiley 1983, section 2.3): equal, inside or containing.
///
/// ```
/// use wengert::{Extent, Tape};
/// let tape = Tape::new();
/// let [x, y] = tape.vars([0.0, 0.0]);
/// let set = (x.abs() + (x + y).abs() + y * 0.5).subdifferential(&[x, y])?;
/// assert_eq!(set.extent(), Extent::Whole);
/// assert_eq!(set.centre(), [0.0, 0.5]);
/// assert_eq!(set.generators().collect::<Vec<_>>(), [[1.0, 0.0], [1.0, 1.0]]);
/// assert!(set.stationarity(1e-12)?.is_stationary()); // 0 = (0, 0.5) + 0.5 (1, 0) - 0.5 (1, 1)
///
/// // Kinks that cancel: the function is -x, whatever is said of its kinks.
/// let set = (x.abs() - x.max(0.0) * 2.0).subdifferential(&[x])?;
/// assert_eq!(set.pieces(), [[-1.0]]);
/// # Ok::<(), wengert::KinkError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Subdifferential {
    form: Form,
    extent: Extent,
    dim: usize,
    /// The sum of the norms of what gradients are sums of.
    scale: f64,
}

#[derive(Clone, Debug)]
enum Form {
    Sum(Sum),
    Pieces(Vec<Vec<f64>>),
}

impl<F: Real> Var<F> {
    /// The generalized gradient by these variables, as a set. Kinks count if they are met exactly.
    ///
    /// Where kinks depend on each other, or bend different ways, up to 1000 pieces are listed;
    /// [`Var::subdifferential_with`] takes another budget. Else the cost is linear in the tape plus the
    /// kinks times the variables: what many kinks depend on is swept once, if there are more of them than
    /// of such statements.
    ///
    /// # Errors
    /// If the number is NaN, or the recording failed.
    ///
    /// # Panics
    /// If the number or a variable is stale, or a variable is a constant or an intermediate result
    /// without a statement of its own.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(0.0);
    /// let set = x.relu().subdifferential(&[x])?;
    /// assert_eq!(set.centre(), [0.5]);
    /// assert_eq!(set.generators().collect::<Vec<_>>(), [[0.5]]); // 0.5 ± 0.5
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[track_caller]
    pub fn subdifferential(&self, variables: &[Var<F>]) -> Result<Subdifferential, KinkError> {
        self.subdifferential_with(variables, 1000)
    }

    /// [`Var::subdifferential`] with at most `budget` pieces. The search asks at most `64 · budget`
    /// times whether a direction enters a piece.
    ///
    /// # Errors
    /// If the budget is 0, the number is NaN, or the recording failed.
    ///
    /// # Panics
    /// As [`Var::subdifferential`].
    ///
    /// ```
    /// use wengert::{Extent, KinkError, Scalar, Tape, Var};
    /// let tape = Tape::new();
    /// let x = tape.vars([0.0; 10]);
    /// let nested = x.iter().map(|x| x.abs()).sum::<Var>().max(x[0]);
    /// let set = nested.subdifferential_with(&x, 20)?;
    /// assert_eq!((set.pieces().len(), set.extent()), (20, Extent::Incomplete));
    /// assert_eq!(nested.subdifferential_with(&x, 0).unwrap_err(), KinkError::Budget);
    /// # Ok::<(), KinkError>(())
    /// ```
    #[track_caller]
    pub fn subdifferential_with(
        &self,
        variables: &[Var<F>],
        budget: usize,
    ) -> Result<Subdifferential, KinkError> {
        if budget == 0 {
            return Err(KinkError::Budget);
        }
        if self.value().is_nan() {
            return Err(KinkError::NotANumber);
        }
        for variable in variables {
            let stale =
                !variable.is_constant() && !self.is_constant() && !variable.shares_tape(self);
            assert!(!stale, "a variable belongs to another recording than the result");
            assert!(
                variable.place().is_some(),
                "a constant or an intermediate result is no variable"
            );
        }
        self.recording_failure()?;
        Ok(Subdifferential::of(&extract(self, variables, 0.0, true), budget))
    }
}

impl Subdifferential {
    fn of(extract: &Extract, budget: usize) -> Self {
        let Extract { model, singular, ties } = extract;
        let dim = model.dim();
        let scale = norm(&model.base)
            + model.lines.iter().map(|l| l.weight.abs().max(1.0) * l.size).sum::<f64>();
        let set = |form, extent| Subdifferential { form, extent, dim, scale };
        let (sum, bends) = match as_sum(model, ties) {
            Some((sum, up, down)) => (Some(sum), !(up && down)),
            None => (None, false),
        };
        if bends && let Some(sum) = sum {
            let extent = if *singular { Extent::Incomplete } else { Extent::Whole };
            return set(Form::Sum(sum), extent);
        }
        let (pieces, ended) = pieces(model, budget);
        match (ended, sum) {
            (Ended::Partial, Some(sum)) if !singular => set(Form::Sum(sum), Extent::Outer),
            (Ended::Complete, _) if !singular => set(Form::Pieces(pieces), Extent::Directions),
            _ => set(Form::Pieces(pieces), Extent::Incomplete),
        }
    }

    /// How it compares with Clarke's generalized gradient.
    ///
    /// ```
    /// use wengert::{Extent, Tape};
    /// let tape = Tape::new();
    /// let x = tape.var(0.0);
    /// assert_eq!(x.abs().subdifferential(&[x])?.extent(), Extent::Whole);
    /// assert_eq!(x.abs().abs().subdifferential(&[x])?.extent(), Extent::Directions);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[must_use]
    pub fn extent(&self) -> Extent {
        self.extent
    }

    /// The centre of the sum: the gradient, with half of both slopes at each kink. For a list of pieces,
    /// their mean.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(0.0);
    /// assert_eq!(x.relu().subdifferential(&[x])?.centre(), [0.5]);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[must_use]
    pub fn centre(&self) -> Vec<f64> {
        match &self.form {
            Form::Sum(sum) => sum.centre.clone(),
            Form::Pieces(pieces) => {
                let mut mean = vec![0.0; self.dim];
                pieces.iter().for_each(|p| add_scaled(&mut mean, 1.0 / pieces.len() as f64, p));
                mean
            }
        }
    }

    /// The generators of the sum's segments; none for a list of pieces.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(0.0);
    /// let set = (x.abs() * 3.0).subdifferential(&[x])?;
    /// assert_eq!(set.generators().collect::<Vec<_>>(), [[3.0]]);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    pub fn generators(&self) -> impl Iterator<Item = &[f64]> {
        let sum = if let Form::Sum(sum) = &self.form { &sum.generators[..] } else { &[] };
        sum.chunks_exact(self.dim.max(1))
    }

    /// The hulls in the sum: for each tie of more than two the gradients of the numbers tied.
    ///
    /// ```
    /// use wengert::{Tape, Var};
    /// let tape = Tape::new();
    /// let x = tape.vars([0.0; 3]);
    /// let set = Var::max_of(&x).subdifferential(&x)?;
    /// assert_eq!(set.hulls()[0], [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[must_use]
    pub fn hulls(&self) -> &[Vec<Vec<f64>>] {
        if let Form::Sum(sum) = &self.form { &sum.hulls } else { &[] }
    }

    /// The balls in the sum, one for each tip of a cone. A ball is given by the gradients of the
    /// operands: it holds their combinations with weights whose Euclidean norm is at most 1.
    ///
    /// ```
    /// use wengert::{Tape, Var};
    /// let tape = Tape::new();
    /// let x = tape.vars([0.0; 2]);
    /// let set = (Var::norm(&x) * 2.0).subdifferential(&x)?;
    /// assert_eq!(set.balls()[0], [[2.0, 0.0], [0.0, 2.0]]);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[must_use]
    pub fn balls(&self) -> &[Vec<Vec<f64>>] {
        if let Form::Sum(sum) = &self.form { &sum.balls } else { &[] }
    }

    /// The gradients of the pieces, each once, where the set is given as their hull.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let [x, y] = tape.vars([0.0, 0.0]);
    /// let set = x.max(x.min(y)).subdifferential(&[x, y])?; // it is x
    /// assert_eq!(set.pieces(), [[1.0, 0.0]]);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[must_use]
    pub fn pieces(&self) -> &[Vec<f64>] {
        if let Form::Pieces(pieces) = &self.form { pieces } else { &[] }
    }

    fn nearest(&self) -> Nearest {
        let start = self.centre();
        match &self.form {
            Form::Sum(sum) => least_norm(&mut &*sum, &start, 10_000),
            Form::Pieces(pieces) => {
                let pieces: Vec<&[f64]> = pieces.iter().map(Vec::as_slice).collect();
                least_norm(&mut Hull(&pieces), &start, 10_000)
            }
        }
    }

    /// The element of least norm (P. Wolfe, "Finding the nearest point in a polytope", Mathematical
    /// Programming 11, 1976). It is exactly 0 where only rounding keeps it from 0.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let [x, y] = tape.vars([0.0, 0.0]);
    /// let set = (x.abs() + x * 0.5 + (y - x).relu() + y).subdifferential(&[x, y])?;
    /// assert_eq!(set.least_norm(), [0.0, 1.0]);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[must_use]
    pub fn least_norm(&self) -> Vec<f64> {
        let least = self.nearest().point;
        let rounding = 16.0 * f64::EPSILON * self.scale;
        if norm(&least) <= rounding { vec![0.0; self.dim] } else { least }
    }

    /// The direction of steepest descent, of length 1: against the element of least norm. `None` if that
    /// is 0. Where the set is Clarke's of a convex function, it is the steepest of all; else it goes
    /// down all the same, except for [`Extent::Incomplete`], where it may not.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let [x, y] = tape.vars([0.0, 0.0]);
    /// let set = (x.abs() + y * 2.0).subdifferential(&[x, y])?;
    /// assert_eq!(set.steepest_descent(), Some(vec![0.0, -1.0]));
    /// assert_eq!(x.abs().subdifferential(&[x, y])?.steepest_descent(), None);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[must_use]
    pub fn steepest_descent(&self) -> Option<Vec<f64>> {
        let least = self.least_norm();
        let length = norm(&least);
        (length > 0.0).then(|| least.iter().map(|x| -x / length).collect())
    }

    /// Whether the least generalized gradient is within `tolerance` of 0.
    ///
    /// # Errors
    /// If the tolerance is negative or NaN.
    ///
    /// ```
    /// use wengert::{KinkError, Tape};
    /// let tape = Tape::new();
    /// let x = tape.var(0.0);
    /// let set = (x.abs() + x * 1.5).subdifferential(&[x])?;
    /// let answer = set.stationarity(0.1)?;
    /// assert!(!answer.is_stationary() && answer.norm == 0.5);
    /// assert!(matches!(set.stationarity(-1.0), Err(KinkError::Tolerance { .. })));
    /// # Ok::<(), KinkError>(())
    /// ```
    pub fn stationarity(&self, tolerance: f64) -> Result<Stationarity, KinkError> {
        if tolerance.is_nan() || tolerance < 0.0 {
            return Err(KinkError::Tolerance { value: tolerance });
        }
        Ok(Stationarity { norm: norm(&self.least_norm()), tolerance, extent: self.extent })
    }
}

/// One line: the form, how many parts, and the extent.
impl fmt::Display for Subdifferential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.form {
            Form::Sum(sum) => {
                let segments = self.generators().count();
                let (hulls, balls) = (sum.hulls.len(), sum.balls.len());
                write!(f, "a centre, {segments} segments, {hulls} hulls and {balls} balls")?;
            }
            Form::Pieces(pieces) => write!(f, "the hull of {} gradients", pieces.len())?,
        }
        f.write_str(match self.extent {
            Extent::Whole => ": Clarke's generalized gradient",
            Extent::Directions => ": the limits along directions",
            Extent::Outer => ": containing Clarke's generalized gradient",
            Extent::Incomplete => ": incomplete",
        })
    }
}

/// The gradients of the pieces, each once.
fn pieces(model: &Model, budget: usize) -> (Vec<Vec<f64>>, Ended) {
    let all: Vec<usize> = (0..model.lines.len()).collect();
    let slopes = vec![0.0; all.len()];
    let mut pieces: Vec<Vec<f64>> = Vec::new();
    let (mut adjoints, mut gradient) = (Vec::new(), vec![0.0; model.dim()]);
    let ended = visit_cells(model, &slopes, &all, budget, |slopes, _, _| {
        model.gradient(slopes, &mut adjoints, &mut gradient);
        let close = |p: &Vec<f64>| {
            p.iter().zip(&gradient).all(|(a, b)| (a - b).abs() <= 1e-14 * a.abs().max(b.abs()))
        };
        if !pieces.iter().any(close) {
            pieces.push(gradient.clone());
        }
        false
    });
    (pieces, ended)
}
