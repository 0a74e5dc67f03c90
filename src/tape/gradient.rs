//! The result of a reverse sweep.

use super::core::RecordingId;
use super::kink::Locks;
use super::pool::{give_numbers, take_numbers};
use super::storage::parents::Parents;
use super::storage::{StatementId, Storage};
use super::var::Var;
use crate::Real;
use crate::op::nary::LengthError;

/// The derivatives of one output, or of a weighted sum of several, by everything on the tape.
///
/// It is plain data: it outlives the tape and may go to another thread.
///
/// ```
/// use wengert::Tape;
/// let tape = Tape::new();
/// let [a, b] = tape.vars([2.0, 3.0]);
/// let w = tape.vars_from(&[1.0, 10.0]);
/// let g = (a * b + w[1]).backward();
/// assert_eq!(g.wrt(a), 3.0);
/// assert_eq!(g.wrt([a, b]), [3.0, 2.0]);
/// assert_eq!(g.wrt(&w), vec![0.0, 1.0]);
/// assert_eq!(g[a], 3.0);
/// ```
///
/// Two gradients are equal if their numbers are equal, statement by statement in the order of
/// recording; the traits of `approx` compare them in the same way. So the gradients of one function
/// that is recorded twice are equal. To compare two spellings of a function, compare what
/// [`Gradient::wrt`] gives.
///
/// ```
/// use wengert::{Gradient, Tape};
/// let at = |x: f64, y: f64| -> Gradient {
///     let tape = Tape::new();
///     let [x, y] = tape.vars([x, y]);
///     (x * x * y).backward()
/// };
/// assert!(at(1.0, 2.0) == at(1.0, 2.0));
/// assert!(at(1.0, 2.0) != at(1.0, 3.0));
/// ```
#[derive(Debug)]
pub struct Gradient<F: Real = f64> {
    pub(super) recording: RecordingId,
    pub(super) adjoints: Vec<F>,
    /// The slopes at kinks met, in their order, where a rule has chosen others than the default.
    pub(crate) locked: Option<Box<Locks>>,
}

impl<F: Real> Gradient<F> {
    #[inline(always)]
    pub(super) fn zeroed(recording: RecordingId, statements: usize) -> Self {
        let mut adjoints = take_numbers();
        adjoints.resize(statements, F::zero());
        Gradient { recording, adjoints, locked: None }
    }

    /// Sweeps back from the seeds.
    #[inline(always)]
    pub(crate) fn sweep(&mut self, storage: &Storage<F>) {
        storage.sweep(&mut self.adjoints);
    }

    /// Adds the adjoint of an output, before the sweep.
    #[inline]
    pub(super) fn seed(&mut self, output: &Var<F>, seed: F) {
        let Var { partials: [p, q], parents, .. } = *output;
        if parents == Parents::NONE {
            return;
        }
        self.adjoints[parents.place(0).at()] += seed * p;
        if !parents.is_single() {
            self.adjoints[parents.place(1).at()] += seed * q;
        }
    }

    /// The derivative with respect to a variable, an array or a slice of them.
    ///
    /// A variable that the output does not depend on has derivative 0.
    ///
    /// # Panics
    /// If a variable belongs to another recording, is a constant, or is an intermediate result
    /// without a statement of its own; [`Var::keep`] gives it one.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(3.0);
    /// assert_eq!((x * x).backward().wrt(x), 6.0);
    /// ```
    #[track_caller]
    pub fn wrt<W: Wrt<F>>(&self, variables: W) -> W::Derivative {
        variables.derivative(self)
    }

    /// The derivative with respect to a variable; `None` where [`Gradient::wrt`] would panic.
    ///
    /// ```
    /// use wengert::{Tape, Var};
    /// let tape = Tape::new();
    /// let x = tape.var(3.0);
    /// let g = (x * x).backward();
    /// assert_eq!(g.get(x), Some(6.0));
    /// assert_eq!(g.get(Var::from(3.0)), None); // a constant
    /// assert_eq!(g.get(Tape::new().var(3.0)), None); // of another tape
    /// ```
    #[must_use]
    pub fn get(&self, variable: Var<F>) -> Option<F> {
        let statement = variable.own_statement()?;
        self.is_of(variable).then(|| *self.adjoint(statement))
    }

    /// Writes the derivatives with respect to `variables` into `out`, without allocating.
    ///
    /// # Panics
    /// As [`Gradient::wrt`], and if the lengths differ, which the `try_` form says instead.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.vars_from(&[3.0, 4.0]);
    /// let mut slope = [0.0; 2];
    /// (x[0] * x[1]).backward().write_wrt(&x, &mut slope);
    /// assert_eq!(slope, [4.0, 3.0]);
    /// ```
    #[track_caller]
    pub fn write_wrt(&self, variables: &[Var<F>], out: &mut [F]) {
        if let Err(error) = self.try_write_wrt(variables, out) {
            panic!("{} variables, but room for {} derivatives", error.expected, error.found);
        }
    }

    /// [`Gradient::write_wrt`] where the lengths come from the data.
    ///
    /// # Errors
    /// If the lengths differ; nothing is written then.
    ///
    /// # Panics
    /// As [`Gradient::wrt`].
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.vars_from(&[3.0, 4.0]);
    /// let error = (x[0] * x[1]).backward().try_write_wrt(&x, &mut [0.0]).unwrap_err();
    /// assert_eq!((error.expected, error.found), (2, 1));
    /// ```
    #[inline]
    #[track_caller]
    pub fn try_write_wrt(&self, variables: &[Var<F>], out: &mut [F]) -> Result<(), LengthError> {
        LengthError::check(variables.len(), out.len())?;
        if let Some(adjoints) = self.adjoints_of_neighbours(variables) {
            out.copy_from_slice(adjoints);
            return Ok(());
        }
        for (out, &variable) in out.iter_mut().zip(variables) {
            *out = self.of(variable);
        }
        Ok(())
    }

    /// The adjoints of variables that stand side by side on the tape, as those of a slice do.
    fn adjoints_of_neighbours(&self, variables: &[Var<F>]) -> Option<&[F]> {
        let first = variables.first()?;
        let mut misfit = 0;
        let mut expected = first.parents.bits();
        for variable in variables {
            misfit |= variable.parents.bits() ^ expected;
            misfit |= variable.recording.bits() ^ self.recording.bits();
            expected = expected.wrapping_add(1);
        }
        let from = first.own_statement()?.at();
        if misfit == 0 { self.adjoints.get(from..from + variables.len()) } else { None }
    }

    /// Adds the derivatives with respect to `variables` to `sum`: this gathers the gradient of a
    /// loss over many chunks of data in the memory of one chunk.
    ///
    /// # Panics
    /// As [`Gradient::wrt`], and if the lengths differ, which the `try_` form says instead.
    ///
    /// ```
    /// use wengert::Tape;
    /// let tape = Tape::new();
    /// let mut sum = [0.0];
    /// for chunk in [[1.0, 2.0], [3.0, 4.0]] {
    ///     tape.clear();
    ///     let x = tape.vars([10.0]);
    ///     let loss = chunk.iter().map(|&c| x[0] * c).sum::<wengert::Var>();
    ///     loss.backward().add_wrt(&x, &mut sum);
    /// }
    /// assert_eq!(sum, [10.0]);
    /// ```
    #[track_caller]
    pub fn add_wrt(&self, variables: &[Var<F>], sum: &mut [F]) {
        if let Err(error) = self.try_add_wrt(variables, sum) {
            panic!("{} variables, but room for {} derivatives", error.expected, error.found);
        }
    }

    /// [`Gradient::add_wrt`] where the lengths come from the data.
    ///
    /// # Errors
    /// If the lengths differ; nothing is written then.
    ///
    /// # Panics
    /// As [`Gradient::wrt`].
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.vars_from(&[3.0, 4.0]);
    /// let error = (x[0] * x[1]).backward().try_add_wrt(&x, &mut [0.0]).unwrap_err();
    /// assert_eq!((error.expected, error.found), (2, 1));
    /// ```
    #[inline]
    #[track_caller]
    pub fn try_add_wrt(&self, variables: &[Var<F>], sum: &mut [F]) -> Result<(), LengthError> {
        LengthError::check(variables.len(), sum.len())?;
        if let Some(adjoints) = self.adjoints_of_neighbours(variables) {
            sum.iter_mut().zip(adjoints).for_each(|(sum, &adjoint)| *sum += adjoint);
            return Ok(());
        }
        for (sum, &variable) in sum.iter_mut().zip(variables) {
            *sum += self.of(variable);
        }
        Ok(())
    }

    #[inline]
    #[track_caller]
    fn of(&self, variable: Var<F>) -> F {
        let Some(statement) = variable.own_statement() else { not_a_variable(variable) };
        if !self.is_of(variable) {
            panic!("this gradient belongs to another recording than the variable");
        }
        *self.adjoint(statement)
    }

    /// Whether the variable is of the recording that was swept. The gradient of a constant is 0 by
    /// all variables.
    #[inline(always)]
    pub(super) fn is_of(&self, variable: Var<F>) -> bool {
        variable.recording == self.recording || self.recording == RecordingId::NONE
    }

    /// The adjoint of a statement: 0 of what came after the output.
    #[inline(always)]
    fn adjoint(&self, statement: StatementId) -> &F {
        self.adjoints.get(statement.at()).unwrap_or(&F::UNITS[0])
    }
}

impl<F: Real> std::ops::Index<Var<F>> for Gradient<F> {
    type Output = F;

    /// The derivative with respect to a variable.
    ///
    /// # Panics
    /// As [`Gradient::wrt`].
    #[track_caller]
    fn index(&self, variable: Var<F>) -> &F {
        match variable.own_statement() {
            Some(statement) if self.is_of(variable) => self.adjoint(statement),
            // It says what is wrong.
            _ => panic!("{}", self.of(variable)),
        }
    }
}

#[cold]
#[track_caller]
fn not_a_variable<F: Real>(variable: Var<F>) -> ! {
    if variable.is_constant() {
        panic!("the derivative with respect to a constant was asked for");
    }
    panic!("an intermediate result has no derivative of its own; make it with `keep()`")
}

impl<F: Real> Gradient<F> {
    /// The adjoints of each statement in this and in another gradient.
    pub(super) fn beside<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (&'a F, &'a F)> {
        let statements = self.adjoints.len().max(other.adjoints.len());
        let places = (0..statements).map(|i| StatementId::FIRST.offset(i));
        places.map(|at| (self.adjoint(at), other.adjoint(at)))
    }
}

impl<F: Real> PartialEq for Gradient<F> {
    fn eq(&self, other: &Self) -> bool {
        self.beside(other).all(|(a, b)| a == b)
    }
}

impl<F: Real> Drop for Gradient<F> {
    /// The list goes back to the pool, so that the next gradient allocates nothing.
    fn drop(&mut self) {
        give_numbers(std::mem::take(&mut self.adjoints));
    }
}

impl<F: Real> Clone for Gradient<F> {
    fn clone(&self) -> Self {
        let (adjoints, locked) = (self.adjoints.clone(), self.locked.clone());
        Gradient { recording: self.recording, adjoints, locked }
    }
}

/// What [`Gradient::wrt`] answers for: a variable, an array, a slice or a `Vec` of them.
pub trait Wrt<F: Real> {
    /// One number for each variable, in the same shape.
    type Derivative;
    #[doc(hidden)]
    #[track_caller]
    fn derivative(self, gradient: &Gradient<F>) -> Self::Derivative;
}

impl<F: Real> Wrt<F> for Var<F> {
    type Derivative = F;
    #[track_caller]
    fn derivative(self, gradient: &Gradient<F>) -> F {
        gradient.of(self)
    }
}

impl<F: Real> Wrt<F> for &Var<F> {
    type Derivative = F;
    #[track_caller]
    fn derivative(self, gradient: &Gradient<F>) -> F {
        gradient.of(*self)
    }
}

impl<F: Real, const N: usize> Wrt<F> for [Var<F>; N] {
    type Derivative = [F; N];
    #[track_caller]
    fn derivative(self, gradient: &Gradient<F>) -> [F; N] {
        (&self).derivative(gradient)
    }
}

impl<F: Real, const N: usize> Wrt<F> for &[Var<F>; N] {
    type Derivative = [F; N];
    #[track_caller]
    fn derivative(self, gradient: &Gradient<F>) -> [F; N] {
        let mut out = [F::zero(); N];
        gradient.write_wrt(self, &mut out);
        out
    }
}

impl<F: Real> Wrt<F> for &[Var<F>] {
    type Derivative = Vec<F>;
    #[track_caller]
    fn derivative(self, gradient: &Gradient<F>) -> Vec<F> {
        let mut out = vec![F::zero(); self.len()];
        gradient.write_wrt(self, &mut out);
        out
    }
}

impl<F: Real> Wrt<F> for &Vec<Var<F>> {
    type Derivative = Vec<F>;
    #[track_caller]
    fn derivative(self, gradient: &Gradient<F>) -> Vec<F> {
        self.as_slice().derivative(gradient)
    }
}
