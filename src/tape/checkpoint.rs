//! Gradients of long recurrences in the memory of few states: [`checkpointed`].

use crate::op::nary::carried::{carry, settle};
use crate::{Real, Tape, Var};

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

/// Why a recurrence has no gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// No state may be kept.
    #[error("a recurrence needs at least one checkpoint")]
    NoCheckpoint,
    /// A step changed the length of the state.
    #[error("step {step} turned a state of {expected} numbers into one of {found}")]
    State {
        /// The step, counted from 0.
        step: usize,
        /// The length of the state before.
        expected: usize,
        /// The length of the state that it gave.
        found: usize,
    },
}

/// What [`checkpointed`] found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Unrolled<F: Real = f64> {
    /// The sum of the losses.
    pub value: F,
    /// Its derivatives by the parameters.
    pub by_parameters: Vec<F>,
    /// Its derivatives by the initial state.
    pub by_state: Vec<F>,
    /// How many steps were computed without a record; each was recorded once besides.
    pub plain_step_count: usize,
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

/// Value and gradient of a loss over a long recurrence, such as the steps of a differential equation, in
/// the memory of the states that may be kept.
///
/// From the state `xₜ` and the parameters `p`, `step(t, p, xₜ)` makes the next state, and `loss(t, p, xₜ)`
/// what that state adds to the loss, [`Var::ZERO`] for nothing. The whole is
/// `Σ loss(t, p, xₜ)` for `t` from 0 to the number of steps, the last state included. Both are called several
/// times for a step, and must give the same each time.
///
/// A tape of all steps would hold each operation. Here some states are kept; going back, the steps between two
/// of them are computed again, without a record but the last few, which are recorded and swept. Which states
/// are kept follows the binomial schedule (A. Griewank and A. Walther, "Algorithm 799: revolve", ACM
/// Transactions on Mathematical Software 26(1), 2000): with `c` states, the first among them, `r` more
/// computations of each step are enough for `(c+r)! / (c! r!)` groups of 16 steps. So 300 checkpoints reach 700,000 steps with two.
///
/// At kinks it follows the default convention, as [`gradient`](crate::gradient) does.
///
/// # Errors
/// If a step gives a state of another length.
///
/// ```
/// use wengert::{Checkpoints, Var, checkpointed};
/// // Exponential decay by 1,000 explicit steps, and the square of where it ends.
/// let step = |_, p: &[Var], x: &[Var]| vec![x[0] - p[0] * x[0] * 0.001];
/// let loss = |t, _: &[Var], x: &[Var]| if t == 1000 { x[0] * x[0] } else { Var::ZERO };
/// let found = checkpointed(Checkpoints::new(1000, 8)?, &[2.0], &[3.0], step, loss)?;
/// let end = 3.0 * 0.998_f64.powi(1000);
/// assert!((found.value - end * end).abs() < 1e-14);
/// // 2 end · 3 · 1000 · 0.998⁹⁹⁹ · (-0.001)
/// assert!((found.by_parameters[0] + 2.0 * end * end / 0.998).abs() < 1e-13);
/// assert!((found.by_state[0] - 2.0 * end * end / 3.0).abs() < 1e-13);
/// # Ok::<(), wengert::CheckpointError>(())
/// ```
#[track_caller]
pub fn checkpointed<F: Real>(
    plan: Checkpoints,
    parameters: &[F],
    state: &[F],
    step: impl FnMut(usize, &[Var<F>], &[Var<F>]) -> Vec<Var<F>>,
    loss: impl FnMut(usize, &[Var<F>], &[Var<F>]) -> Var<F>,
) -> Result<Unrolled<F>, CheckpointError> {
    let fixed: Vec<Var<F>> = parameters.iter().map(|&p| Var::from(p)).collect();
    let mut sweep = Sweep { plan, parameters, fixed, step, loss, tape: Tape::default(), plain: 0 };
    let mut back = Back::new(parameters.len(), state.len());
    // States that are kept, and the group of steps that each begins.
    let mut kept = vec![(0, state.to_vec())];
    let mut end = plan.steps.div_ceil(TOGETHER).max(1);
    while let Some((first, state)) = kept.last() {
        let (groups, free) = (end - first, plan.checkpoints + 1 - kept.len());
        if groups == 1 {
            sweep.record(*first, state, &mut back)?;
            (end, _) = (*first, kept.pop());
        } else if free == 0 {
            let last = end - 1;
            let state = sweep.advance(*first..last, state)?;
            sweep.record(last, &state, &mut back)?;
            end = last;
        } else {
            let middle = first + split(groups, free);
            let state = sweep.advance(*first..middle, state)?;
            kept.push((middle, state));
        }
    }
    Ok(back.found(sweep.plain))
}

/// How many of these groups lie before the next state that is kept, of which `free` may be.
///
/// `reach(c, r) = (c+r)! / (c! r!)` groups can be gone back over with `c` states, the first among them, and
/// at most `r` more computations of each. With the least `r` that is enough, the groups before the state can
/// be gone back over with one computation fewer, and those behind it with one state fewer: `reach(c, r-1)` and
/// `reach(c-1, r)`, whose sum is `reach(c, r)`. Of the ways to fill these up, all are as good that leave at
/// least `reach(c-1, r-1)` groups behind it.
fn split(groups: usize, free: usize) -> usize {
    let (states, groups) = (free as u128 + 1, groups as u128);
    let (mut reach, mut before, mut times) = (1, 0, 0);
    while reach < groups {
        times += 1;
        (before, reach) = (reach, reach * (states + times) / times);
    }
    // reach(c-1, r-1) = reach(c, r-1) c / (c + r - 1)
    let behind = before * states / (states + times - 1).max(1);
    before.min(groups.saturating_sub(behind)).clamp(1, groups - 1) as usize
}

/// What goes through the steps.
struct Sweep<'p, F: Real, S, L> {
    plan: Checkpoints,
    parameters: &'p [F],
    /// The parameters as constants.
    fixed: Vec<Var<F>>,
    step: S,
    loss: L,
    tape: Tape<F>,
    /// Steps computed without a record.
    plain: usize,
}

impl<F, S, L> Sweep<'_, F, S, L>
where
    F: Real,
    S: FnMut(usize, &[Var<F>], &[Var<F>]) -> Vec<Var<F>>,
    L: FnMut(usize, &[Var<F>], &[Var<F>]) -> Var<F>,
{
    /// The steps of groups.
    fn steps(&self, groups: std::ops::Range<usize>) -> std::ops::Range<usize> {
        groups.start * TOGETHER..(groups.end * TOGETHER).min(self.plan.steps)
    }

    /// The next state.
    fn next(
        &mut self,
        step: usize,
        parameters: &[Var<F>],
        state: &[Var<F>],
    ) -> Result<Vec<Var<F>>, CheckpointError> {
        let next = (self.step)(step, parameters, state);
        let (expected, found) = (state.len(), next.len());
        if found == expected {
            Ok(next)
        } else {
            Err(CheckpointError::State { step, expected, found })
        }
    }

    /// The state behind these groups, without a record.
    fn advance(
        &mut self,
        groups: std::ops::Range<usize>,
        state: &[F],
    ) -> Result<Vec<F>, CheckpointError> {
        let fixed = std::mem::take(&mut self.fixed);
        let mut state: Vec<Var<F>> = state.iter().map(|&x| Var::from(x)).collect();
        let steps = self.steps(groups);
        self.plain += steps.len();
        for step in steps {
            state = self.next(step, &fixed, &state)?;
        }
        self.fixed = fixed;
        Ok(state.into_iter().map(Var::value).collect())
    }

    /// Records a group, and goes back over it.
    fn record(
        &mut self,
        group: usize,
        state: &[F],
        back: &mut Back<F>,
    ) -> Result<(), CheckpointError> {
        self.tape.clear();
        let parameters = self.tape.vars_from(self.parameters);
        let first = self.tape.vars_from(state);
        let (mut state, mut losses) = (first.clone(), Vec::with_capacity(TOGETHER + 1));
        let steps = self.steps(group..group + 1);
        let is_last = steps.end == self.plan.steps;
        for step in steps {
            losses.push((self.loss)(step, &parameters, &state));
            state = self.next(step, &parameters, &state)?;
        }
        if is_last {
            losses.push((self.loss)(self.plan.steps, &parameters, &state));
        }
        let loss = Var::sum_of(&losses);
        let seeds = state.iter().copied().zip(back.by_state.iter().copied());
        let gradient = self.tape.backward(seeds.chain([(loss, F::one())]));
        gradient.write_wrt(&first, &mut back.by_state);
        gradient.add_wrt(&parameters, &mut back.by_parameters);
        back.value += loss.value();
        back.carry();
        Ok(())
    }
}

/// What came of the steps so far, the last first. In single precision the sums go on in double precision.
struct Back<F> {
    value: F,
    values: f64,
    by_parameters: Vec<F>,
    slopes: Vec<f64>,
    by_state: Vec<F>,
}

impl<F: Real> Back<F> {
    fn new(parameters: usize, state: usize) -> Self {
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

    fn found(mut self, plain_step_count: usize) -> Unrolled<F> {
        settle(&self.slopes, &mut self.by_parameters);
        let value = crate::op::nary::carried::settled(self.values, self.value);
        let Back { by_parameters, by_state, .. } = self;
        Unrolled { value, by_parameters, by_state, plain_step_count }
    }
}
