//! Gradients of long recurrences in the memory of few states: [`checkpointed`].

pub(crate) mod schedule;

use crate::op::nary::carried::{carry, settle};
use crate::{Real, Scalar, Tape, Var};
use schedule::Legs;
use std::ops::Range;

/// How long a recurrence is, and how many of its states may be kept at a time.
///
/// ```
/// use wengert::Checkpoints;
/// let plan = Checkpoints::new(100_000, 300)?;
/// assert_eq!((plan.step_count(), plan.checkpoint_count()), (100_000, 300));
/// assert!(Checkpoints::new(100_000, 0).is_err());
/// # Ok::<(), wengert::CheckpointError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoints {
    steps: usize,
    checkpoints: usize,
}

/// Why there is no such plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// No state may be kept.
    #[error("a recurrence needs at least one checkpoint")]
    NoCheckpoint,
    /// There are not as many numbers as the steps were recorded with.
    #[error("{found} numbers are given as {what}, and {expected} are needed")]
    Length {
        /// Which: parameters, state, or rows of all steps.
        what: &'static str,
        /// How many are needed.
        expected: usize,
        /// How many there are.
        found: usize,
    },
}

/// What [`checkpointed`] or [`Steps`](crate::program::Steps) found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Unrolled<F: Real = f64> {
    /// The sum of the losses.
    pub value: F,
    /// Its derivatives by the parameters.
    pub by_parameters: Vec<F>,
    /// Its derivatives by the initial state.
    pub by_state: Vec<F>,
    /// How many steps were computed by plain numbers.
    pub plain_step_count: usize,
    /// How many steps were recorded on a tape, to go back over them: by [`checkpointed`] each, once.
    pub recorded_step_count: usize,
    /// Bytes held at most: for the states that were kept, for the statements and edges of the tape, and for
    /// the numbers of a program.
    pub bytes: usize,
}

/// A long recurrence, as the steps of a differential equation, and a loss of its states: written once, for plain
/// numbers and for variables.
///
/// From the state `xₜ` and the parameters `p`, [`step`](Self::step) makes the next state, and
/// [`loss`](Self::loss) what a state adds to the loss. Both are called several times for a step, and must give
/// the same each time. An example is at [`checkpointed`].
pub trait Recurrence<F: Real = f64> {
    /// Turns the state before step `t`, counted from 0, into the one behind it, in its place.
    fn step<T: Scalar<F>>(&self, t: usize, parameters: &[T], state: &mut [T]);

    /// What the state after `t` steps adds to the loss, `T::ZERO` for nothing.
    fn loss<T: Scalar<F>>(&self, t: usize, parameters: &[T], state: &[T]) -> T;
}

/// Steps that are recorded together: so the parameters are put on the tape once for several steps.
const TOGETHER: usize = 16;

impl Checkpoints {
    /// A recurrence of so many steps, of which so many states may be kept besides the first.
    ///
    /// # Errors
    /// If no state may be kept.
    pub fn new(steps: usize, checkpoints: usize) -> Result<Self, CheckpointError> {
        match checkpoints {
            0 => Err(CheckpointError::NoCheckpoint),
            _ => Ok(Checkpoints { steps, checkpoints }),
        }
    }

    /// How many steps there are.
    pub fn step_count(self) -> usize {
        self.steps
    }

    /// How many states may be kept.
    pub fn checkpoint_count(self) -> usize {
        self.checkpoints
    }
}

/// Value and gradient of the loss of a long [`Recurrence`] by its parameters and its first state, in the memory
/// of the states that may be kept.
///
/// The loss is `Σ loss(t, p, xₜ)` for `t` from 0 to the number of steps, the last state included. A tape of
/// all steps would hold each operation. Here some states are kept; going back, the steps between two of
/// them are computed again, by plain numbers but for the last few, which are recorded and swept. Which states
/// are kept follows the binomial schedule (A. Griewank and A. Walther, "Algorithm 799: revolve", ACM
/// Transactions on Mathematical Software 26(1), 2000): with `c` states, the first among them, `r` more
/// computations of each step are enough for `(c+r)! / (c! r!)` groups of 16 steps. So 300 checkpoints reach
/// 700,000 steps with two.
///
/// At kinks it follows the default convention, as [`gradient`](crate::gradient) does.
///
/// ```
/// use wengert::{Checkpoints, Recurrence, Scalar, checkpointed};
///
/// /// Exponential decay by 1,000 explicit steps, and the square of where it ends.
/// struct Decay;
/// impl Recurrence for Decay {
///     fn step<T: Scalar>(&self, _: usize, p: &[T], x: &mut [T]) {
///         x[0] -= p[0] * x[0] * 0.001;
///     }
///     fn loss<T: Scalar>(&self, t: usize, _: &[T], x: &[T]) -> T {
///         if t == 1000 { x[0] * x[0] } else { T::ZERO }
///     }
/// }
/// let found = checkpointed(Checkpoints::new(1000, 8)?, &Decay, &[2.0], &[3.0]);
/// let end = 3.0 * 0.998_f64.powi(1000);
/// assert!((found.value - end * end).abs() < 1e-14);
/// // 2 end · 3 · 1000 · 0.998⁹⁹⁹ · (-0.001)
/// assert!((found.by_parameters[0] + 2.0 * end * end / 0.998).abs() < 1e-13);
/// assert!((found.by_state[0] - 2.0 * end * end / 3.0).abs() < 1e-13);
/// # Ok::<(), wengert::CheckpointError>(())
/// ```
#[track_caller]
pub fn checkpointed<F>(
    plan: Checkpoints,
    recurrence: &impl Recurrence<F>,
    parameters: &[F],
    state: &[F],
) -> Unrolled<F>
where
    F: Real + Scalar<F>,
    Var<F>: Scalar<F>,
{
    let mut legs = Reversal {
        plan,
        recurrence,
        parameters,
        tape: Tape::default(),
        plain: 0,
        back: Back::new(parameters.len(), state.len()),
    };
    let groups = plan.steps.div_ceil(TOGETHER).max(1);
    let kept = schedule::reverse(groups, plan.checkpoints, state, &mut legs);
    let bytes = kept + legs.tape.stats().bytes;
    legs.back.found([legs.plain, plan.steps], bytes)
}

/// What goes through the steps.
struct Reversal<'p, F: Real, R> {
    plan: Checkpoints,
    recurrence: &'p R,
    parameters: &'p [F],
    tape: Tape<F>,
    /// Steps computed without a record.
    plain: usize,
    back: Back<F>,
}

impl<F, R> Reversal<'_, F, R>
where
    F: Real + Scalar<F>,
    Var<F>: Scalar<F>,
    R: Recurrence<F>,
{
    /// The steps of groups.
    fn steps(&self, groups: Range<usize>) -> Range<usize> {
        groups.start * TOGETHER..(groups.end * TOGETHER).min(self.plan.steps)
    }
}

impl<F, R> Legs<F> for Reversal<'_, F, R>
where
    F: Real + Scalar<F>,
    Var<F>: Scalar<F>,
    R: Recurrence<F>,
{
    fn advance(&mut self, groups: Range<usize>, state: &mut [F]) {
        let steps = self.steps(groups);
        self.plain += steps.len();
        steps.for_each(|t| self.recurrence.step(t, self.parameters, state));
    }

    /// Records a group, and goes back over it.
    #[track_caller]
    fn go_back(&mut self, group: usize, state: &[F]) {
        self.tape.clear();
        let parameters = self.tape.vars_from(self.parameters);
        let first = self.tape.vars_from(state);
        let (mut state, mut losses) = (first.clone(), Vec::with_capacity(TOGETHER + 1));
        let steps = self.steps(group..group + 1);
        let is_last = steps.end == self.plan.steps;
        for t in steps {
            losses.push(self.recurrence.loss(t, &parameters, &state));
            self.recurrence.step(t, &parameters, &mut state);
        }
        if is_last {
            losses.push(self.recurrence.loss(self.plan.steps, &parameters, &state));
        }
        let (loss, back) = (Var::sum_of(&losses), &mut self.back);
        let seeds = state.iter().copied().zip(back.by_state.iter().copied());
        let gradient = self.tape.backward(seeds.chain([(loss, F::one())]));
        gradient.write_wrt(&first, &mut back.by_state);
        gradient.add_wrt(&parameters, &mut back.by_parameters);
        back.value += loss.value();
        back.carry();
    }
}

/// What came of the steps so far, the last first. In single precision the sums go on in double precision.
pub(crate) struct Back<F> {
    pub(crate) value: F,
    values: f64,
    pub(crate) by_parameters: Vec<F>,
    slopes: Vec<f64>,
    pub(crate) by_state: Vec<F>,
}

impl<F: Real> Back<F> {
    pub(crate) fn new(parameters: usize, state: usize) -> Self {
        Back {
            value: F::zero(),
            values: 0.0,
            by_parameters: vec![F::zero(); parameters],
            slopes: vec![0.0; if F::SINGLE { parameters } else { 0 }],
            by_state: vec![F::zero(); state],
        }
    }

    fn carry(&mut self) {
        if F::SINGLE {
            carry(std::slice::from_mut(&mut self.values), std::slice::from_mut(&mut self.value));
            carry(&mut self.slopes, &mut self.by_parameters);
        }
    }

    /// All of it; how many steps were computed plainly, and how many were recorded.
    pub(crate) fn found(
        mut self,
        [plain_step_count, recorded_step_count]: [usize; 2],
        bytes: usize,
    ) -> Unrolled<F> {
        settle(&self.slopes, &mut self.by_parameters);
        let value = crate::op::nary::carried::settled(self.values, self.value);
        let Back { by_parameters, by_state, .. } = self;
        Unrolled { value, by_parameters, by_state, plain_step_count, recorded_step_count, bytes }
    }
}
