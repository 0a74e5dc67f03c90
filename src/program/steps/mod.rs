//! Steps of a recurrence as programs: [`Steps`].

mod back;

use crate::program::record::objective::Objective;
use crate::program::run::sweep::Sweep;
use crate::program::{Program, RecordError};
use crate::tape::schedule;
use crate::{CheckpointError, Checkpoints, Scalar, Unrolled};
use back::Reversal;

/// A recurrence of which each step is the same expression, as those of a differential equation: written once, for
/// plain numbers, for variables, and for programs. An example is at [`Steps`].
///
/// What else a step needs, as the time or a force that was measured, are numbers of its row. All are called several
/// times for a step, and must give the same each time.
pub trait Transition {
    /// Turns a state into the next, in its place.
    fn next<T: Scalar>(&self, parameters: &[T], row: &[T], state: &mut [T]);

    /// Whether the state after `t` steps adds to the loss.
    fn is_seen(&self, t: usize) -> bool;

    /// What it adds, if it does.
    fn loss<T: Scalar>(&self, t: usize, parameters: &[T], state: &[T]) -> T;
}

/// The steps of a [`Transition`] as programs, for value and gradient of a loss of their states in the memory of
/// few states: what [`checkpointed`](crate::checkpointed) finds, quicker as native code.
///
/// ```
/// use wengert::program::{Steps, Transition};
/// use wengert::{Checkpoints, Scalar};
///
/// /// A pendulum that a force drives, by small steps; at the end it should hang still.
/// struct Pendulum;
/// impl Transition for Pendulum {
///     fn next<T: Scalar>(&self, p: &[T], row: &[T], x: &mut [T]) {
///         x[1] += (row[0] - p[0] * x[1] - x[0].sin()) * 0.001;
///         x[0] += x[1] * 0.001;
///     }
///     fn is_seen(&self, t: usize) -> bool {
///         t == 5000
///     }
///     fn loss<T: Scalar>(&self, _: usize, _: &[T], x: &[T]) -> T {
///         x[0].square() + x[1].square()
///     }
/// }
/// let force: Vec<f64> = (0..5000).map(|t| (f64::from(t) * 0.002).cos()).collect();
/// let (friction, first) = ([0.3], [1.0, 0.0]);
/// let mut steps = Steps::record(&Pendulum, &friction, &first, &force[..1])?;
/// let found = steps.checkpointed(Checkpoints::new(5000, 40)?, &friction, &first, &force)?;
///
/// let value = |friction: f64| {
///     let mut x = first;
///     force.iter().for_each(|&force| Pendulum.next(&[friction], &[force], &mut x));
///     x[0] * x[0] + x[1] * x[1]
/// };
/// assert!((found.value / value(0.3) - 1.0).abs() < 1e-12);
/// let slope = (value(0.3 + 1e-5) - value(0.3 - 1e-5)) / 2e-5;
/// assert!((found.by_parameters[0] / slope - 1.0).abs() < 1e-7);
/// # Ok::<(), wengert::Error>(())
/// ```
///
/// # How
///
/// Some steps after one another are recorded as a program of the product `w · x` of their last state with
/// weights. Its gradient by the first state and the parameters is what goes back over them, when the weights are
/// the derivatives by the last state. It computes the steps between itself, so that with a
/// checkpoint for each such group every step is computed twice in all, once forward and once to go back. Which
/// states are kept follows the schedule of [`checkpointed`](crate::checkpointed). With the feature `native` the
/// program is native code: of 100,000 steps of an orbit the gradient took 2.9 times as long as the steps alone with a
/// checkpoint for each group, and 3.7 with 300, where one tape of all took 6.2. Without it the
/// interpreter takes each operation by itself, and the tape of [`checkpointed`](crate::checkpointed) may be as quick.
///
/// A group in which a state adds to the loss is gone back over step by step; the losses are recorded on a tape.
///
/// # Kinks and comparisons
///
/// At kinks it follows the default convention, as [`Program::gradient`] does. Where a step compares numbers, and a
/// comparison comes out otherwise than in the recording, that step is recorded on a tape when it is gone back
/// over: the result is right, and [`Unrolled::recorded_step_count`] says how many there were.
#[derive(Debug)]
pub struct Steps<'r, R> {
    transition: &'r R,
    shape: Shape,
    /// Steps of a group.
    together: usize,
    group: Sweep,
    one: Sweep,
}

/// How many parameters there are, and numbers of a state and of a row.
#[derive(Clone, Copy, Debug)]
struct Shape {
    parameters: usize,
    state: usize,
    row: usize,
}

/// Steps of a group, at most.
const TOGETHER: usize = 16;
/// Nodes of a group, about: what is native code should find room near the processor.
const NODES: usize = 2048;

impl<'r, R: Transition> Steps<'r, R> {
    /// Records the steps at these parameters, this state and this row, and compiles them: as native code, with
    /// the feature `native` and where that can be had.
    ///
    /// Where a step compares numbers, the recording takes the way that they take there.
    ///
    /// # Errors
    /// If a step reads the value of a number, or calls a function of the user's own, so that it cannot be a
    /// program; [`checkpointed`](crate::checkpointed) takes it.
    ///
    /// ```
    /// use wengert::program::{RecordError, Steps, Transition};
    /// use wengert::{Checkpoints, Scalar};
    /// struct Line;
    /// impl Transition for Line {
    ///     fn next<T: Scalar>(&self, p: &[T], _: &[T], x: &mut [T]) {
    ///         x[0] = p[0] * x[0] + p[1];
    ///     }
    ///     fn is_seen(&self, t: usize) -> bool {
    ///         t == 2
    ///     }
    ///     fn loss<T: Scalar>(&self, _: usize, _: &[T], x: &[T]) -> T {
    ///         x[0]
    ///     }
    /// }
    /// let mut steps = Steps::record(&Line, &[2.0, 1.0], &[5.0], &[])?;
    /// // a (a x + b) + b = 23; by a it is 2 a x + b.
    /// let found = steps.checkpointed(Checkpoints::new(2, 1)?, &[2.0, 1.0], &[5.0], &[])?;
    /// assert_eq!((found.value, found.by_parameters, found.by_state), (23.0, vec![21.0, 3.0], vec![4.0]));
    ///
    /// #[derive(Debug)]
    /// struct Rounded;
    /// impl Transition for Rounded {
    ///     fn next<T: Scalar>(&self, _: &[T], _: &[T], x: &mut [T]) {
    ///         x[0] = T::from(x[0].value().to_degrees());
    ///     }
    ///     fn is_seen(&self, _: usize) -> bool {
    ///         false
    ///     }
    ///     fn loss<T: Scalar>(&self, _: usize, _: &[T], _: &[T]) -> T {
    ///         T::ZERO
    ///     }
    /// }
    /// let error = Steps::record(&Rounded, &[], &[5.0], &[]).unwrap_err();
    /// assert!(matches!(error, RecordError::ValueRead { .. }));
    /// # Ok::<(), wengert::Error>(())
    /// ```
    #[track_caller]
    pub fn record(
        transition: &'r R,
        parameters: &[f64],
        state: &[f64],
        row: &[f64],
    ) -> Result<Self, RecordError> {
        let shape = Shape { parameters: parameters.len(), state: state.len(), row: row.len() };
        let of = |steps: usize| {
            let weights = vec![1.0; state.len()];
            let point = [parameters, state, &weights, &row.repeat(steps)].concat();
            let program = Program::record(&Several { transition, shape, steps }, &point, &[])?;
            Ok(program.gradient_by(shape.parameters + shape.state))
        };
        let one = of(1)?;
        let together = (NODES / one.graph.len().max(1)).clamp(1, TOGETHER);
        let (group, one) = (of(together)?.compile_best(), one.compile_best());
        Ok(Steps { transition, shape, together, group, one })
    }

    /// Value and gradient of the loss of all steps of the plan, by parameters and first state, in the memory of
    /// the states that may be kept. `rows` holds the row of one step after that of another.
    ///
    /// The loss is the sum of what the states add, from the first to the last, if they are
    /// [seen](Transition::is_seen). It may be asked for many times: the programs stay.
    ///
    /// # Errors
    /// If there are not as many parameters, numbers of the state, or numbers of the rows as the steps were
    /// recorded with.
    ///
    /// An example is at [`Steps`].
    #[track_caller]
    pub fn checkpointed(
        &mut self,
        plan: Checkpoints,
        parameters: &[f64],
        state: &[f64],
        rows: &[f64],
    ) -> Result<Unrolled, CheckpointError> {
        let Shape { parameters: p, state: x, row } = self.shape;
        let count = plan.step_count();
        let wanted = [
            ("parameters", p, parameters.len()),
            ("state", x, state.len()),
            ("rows of the steps", count.saturating_mul(row), rows.len()),
        ];
        if let Some((what, expected, found)) = wanted.into_iter().find(|(_, a, b)| a != b) {
            return Err(CheckpointError::Length { what, expected, found });
        }
        let groups = count.div_ceil(self.together).max(1);
        let mut legs = Reversal::new(self, count, parameters, rows);
        let kept = schedule::reverse(groups, plan.checkpoint_count(), state, &mut legs);
        Ok(legs.found(kept))
    }

    /// How many steps are gone back over at a time: fewer the longer they are. One checkpoint for each such group
    /// is as many as serve.
    ///
    /// An example is at [`is_native`](Self::is_native).
    pub fn group_len(&self) -> usize {
        self.together
    }

    /// Whether they run as native code.
    ///
    /// ```
    /// use wengert::Scalar;
    /// use wengert::program::{Steps, Transition};
    /// struct Halved;
    /// impl Transition for Halved {
    ///     fn next<T: Scalar>(&self, _: &[T], _: &[T], x: &mut [T]) {
    ///         x[0] *= 0.5;
    ///     }
    ///     fn is_seen(&self, _: usize) -> bool {
    ///         true
    ///     }
    ///     fn loss<T: Scalar>(&self, _: usize, _: &[T], x: &[T]) -> T {
    ///         x[0]
    ///     }
    /// }
    /// let steps = Steps::record(&Halved, &[], &[1.0], &[])?;
    /// assert_eq!(steps.group_len(), 16);
    /// assert!(cfg!(feature = "native") || !steps.is_native());
    /// # Ok::<(), wengert::program::RecordError>(())
    /// ```
    pub fn is_native(&self) -> bool {
        self.group.is_native() && self.one.is_native()
    }
}

/// Some steps, and the product of weights with the last state. Its parameters are those of the steps, the first
/// state, the weights, and the rows of the steps.
struct Several<'r, R> {
    transition: &'r R,
    shape: Shape,
    steps: usize,
}

impl<R: Transition> Objective for Several<'_, R> {
    fn at<T: Scalar>(&self, all: &[T], _: &[T]) -> T {
        let (parameters, rest) = all.split_at(self.shape.parameters);
        let (first, rest) = rest.split_at(self.shape.state);
        let (weights, rows) = rest.split_at(self.shape.state);
        let mut state = first.to_vec();
        for t in 0..self.steps {
            let row = &rows[t * self.shape.row..][..self.shape.row];
            self.transition.next(parameters, row, &mut state);
        }
        T::dot(&state, weights)
    }
}
