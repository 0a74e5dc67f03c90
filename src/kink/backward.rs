//! Reverse sweeps under a rule, and the directional derivative.

use super::KinkError;
use super::direction::{generic, lock, tangents};
use super::report::depends;
use super::rule::{Convention, Rule};
use crate::op::Engine;
use crate::tape::{Kink, Locked, Locks, StatementId};
use crate::{Gradient, Real, Tape, Var};

impl<F: Real> Var<F> {
    /// [`Var::backward`] with the slopes at kinks chosen by a rule, on the same recording.
    ///
    /// # Errors
    /// [`Rule::Along`] fails if the direction is not finite, or does not have one number for each
    /// variable. [`Rule::Error`] fails if the gradient depends on a choice. Both, and
    /// [`Rule::Directional`], fail if the number is NaN. All rules fail where [`Var::try_backward`]
    /// does.
    ///
    /// # Panics
    /// If the variable is stale, or a direction is along anything but variables of its tape.
    ///
    /// ```
    /// use wengert::{Rule, Tape};
    /// let tape = Tape::new();
    /// let x = tape.var(0.0);
    /// let y = x.relu() - (-x).relu(); // x, in two pieces
    /// assert_eq!(y.backward().wrt(x), 0.0); // as most conventions answer
    /// assert_eq!(y.backward_with(Rule::Directional)?.wrt(x), 1.0);
    /// assert!(y.backward_with(Rule::Error).is_err());
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[inline]
    #[track_caller]
    pub fn backward_with(self, rule: Rule<'_, F>) -> Result<Gradient<F>, KinkError> {
        if rule.needs_no_direction()
            && !self.value().is_nan()
            && let Some(gradient) = self.backward_without_kinks()
        {
            return gradient.map_err(KinkError::Tape);
        }
        self.ruled(rule)
    }

    #[inline(never)]
    #[track_caller]
    fn ruled(self, rule: Rule<'_, F>) -> Result<Gradient<F>, KinkError> {
        rule.admits(self)?;
        swept(self.seeded()?, rule)
    }

    /// The derivative along a direction, `lim (f(x + t d) - f(x)) / t` for `t ↓ 0`, at kinks too.
    /// It takes one forward sweep. Variables that are not named do not move.
    ///
    /// Where the function has a gradient, the derivative is the product of gradient and direction.
    /// At a kink it is the slope on the side that the direction enters. At a `select` whose
    /// comparison does not move along the direction it follows the branch taken; at `atan2` of
    /// zeros, a jump, it is 0. A program's [`jvp`](crate::program::Program::jvp) follows the
    /// default convention at kinks instead.
    ///
    /// # Errors
    /// If the direction is not finite or has not one number for each variable, the number is NaN, or
    /// the tape ran full while recording.
    ///
    /// # Panics
    /// If the variable is stale, or the direction is along anything but variables of its tape.
    ///
    /// ```
    /// use wengert::Tape;
    /// let tape = Tape::new();
    /// let x = tape.vars([0.0, 0.0]);
    /// let y = x[0].abs() + x[0].hypot(x[1]);
    /// assert_eq!(y.jvp(&x, &[3.0, 4.0])?, 8.0);
    /// assert_eq!(y.jvp(&x, &[-3.0, 4.0])?, 8.0);
    /// assert_eq!(x[0].abs().jvp(&x[..1], &[1.0])?, 1.0); // the convention's slope is 0
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[track_caller]
    pub fn jvp(self, variables: &[Var<F>], direction: &[F]) -> Result<F, KinkError> {
        Rule::Along(variables, direction).admits(self)?;
        let gradient = self.seeded()?;
        let direction = Direction::along(variables, direction, &gradient)?;
        let Some(recording) = gradient.recording() else { return Ok(F::zero()) };
        Ok(recording.change(|storage, kinks| {
            let end = gradient.adjoints().len();
            let kinks = met_before(kinks, end);
            self.tangent(&tangents(storage, &kinks, end, |leaf| direction.at(leaf)))
        }))
    }
}

impl<F: Real> Tape<F> {
    /// [`Tape::backward`] with the slopes at kinks chosen by a rule: see [`Var::backward_with`].
    ///
    /// # Errors
    /// As [`Var::backward_with`].
    ///
    /// # Panics
    /// If an output is stale or belongs to another tape, or a direction is along anything but
    /// variables of this tape.
    ///
    /// ```
    /// use wengert::{Rule, Tape};
    /// let tape = Tape::new();
    /// let x = tape.var(0.0);
    /// let outputs = [(x.abs(), 1.0), (x.relu(), 10.0)];
    /// assert_eq!(tape.backward_with(outputs, Rule::Right)?.wrt(x), 11.0);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    #[track_caller]
    pub fn backward_with(
        &self,
        outputs: impl IntoIterator<Item = (Var<F>, F)>,
        rule: Rule<'_, F>,
    ) -> Result<Gradient<F>, KinkError> {
        let mut admitted = Ok(());
        let outputs = outputs.into_iter().inspect(|&(output, _)| {
            admitted = admitted.clone().and(rule.admits(output));
        });
        let gradient = self.seeded(outputs)?;
        admitted?;
        swept(gradient, rule)
    }
}

/// A direction by the places of leaves, in ascending order.
struct Direction<F>(Vec<(StatementId, F)>);

impl<F: Real> Direction<F> {
    #[track_caller]
    fn along(
        variables: &[Var<F>],
        direction: &[F],
        gradient: &Gradient<F>,
    ) -> Result<Self, KinkError> {
        if variables.len() != direction.len() {
            let (expected, found) = (variables.len(), direction.len());
            return Err(KinkError::Length { expected, found });
        }
        let wild = |(index, x): (usize, &F)| (!x.is_finite()).then(|| (index, x.to_double()));
        if let Some((index, value)) = direction.iter().enumerate().find_map(wild) {
            return Err(KinkError::Direction { index, value });
        }
        let mut leaves = Vec::with_capacity(variables.len());
        for (variable, &number) in variables.iter().zip(direction) {
            leaves.push((gradient.leaf(variable), number));
        }
        leaves.sort_by_key(|(index, _)| index.at());
        Ok(Direction(leaves))
    }

    /// The number for a leaf; a variable named twice has the sum.
    fn at(&self, leaf: StatementId) -> F {
        let from = self.0.partition_point(|(index, _)| index.at() < leaf.at());
        let own = self.0[from..].iter().take_while(|(index, _)| *index == leaf);
        own.map(|&(_, number)| number).sum()
    }
}

/// The kinks that were met, of statements before `end`.
fn met_before(kinks: &[Kink], end: usize) -> Vec<&Kink> {
    let before = kinks.partition_point(|kink| kink.index().at() < end);
    kinks[..before].iter().filter(|kink| kink.distance() == 0.0).collect()
}

/// The gradient of these seeds, swept back under a rule.
#[track_caller]
fn swept<F: Real>(mut gradient: Gradient<F>, rule: Rule<'_, F>) -> Result<Gradient<F>, KinkError> {
    let direction = match rule {
        Rule::Along(variables, numbers) => Direction::along(variables, numbers, &gradient)?,
        _ => Direction(Vec::new()),
    };
    let Some(recording) = gradient.recording() else { return Ok(gradient) };
    recording.change(|storage, kinks| {
        let kinks = met_before(kinks, gradient.adjoints().len());
        let by = |convention: Convention| {
            let locked = |&kink| Locked { slopes: convention.slopes(kink), resolved: true };
            kinks.iter().map(locked).collect()
        };
        let locked: Vec<Locked> = match rule {
            _ if kinks.is_empty() => Vec::new(),
            Rule::Default | Rule::Error => Vec::new(),
            Rule::Left => by(Convention::Left),
            Rule::Right => by(Convention::Right),
            Rule::First => by(Convention::First),
            Rule::PyTorch => by(Convention::Engine(Engine::PyTorch)),
            Rule::PyTorch2_13 => by(Convention::Engine(Engine::PyTorch2_13)),
            Rule::Jax => by(Convention::Engine(Engine::Jax)),
            Rule::Jax0_11 => by(Convention::Engine(Engine::Jax0_11)),
            Rule::CasADi => by(Convention::Engine(Engine::CasADi)),
            Rule::Directional => lock(storage, &kinks, &mut [&mut generic()]),
            Rule::Along(..) => {
                lock(storage, &kinks, &mut [&mut |leaf| direction.at(leaf), &mut generic()])
            }
        };
        for (kink, locked) in kinks.iter().zip(&locked) {
            storage.set_slopes(kink.index(), varying(kink, &locked.slopes));
        }
        gradient.sweep(storage);
        // The recording is as it was, for other rules to come.
        for (kink, _) in kinks.iter().zip(&locked) {
            storage.set_slopes(kink.index(), varying(kink, kink.slopes()));
        }
        gradient.locked = (!locked.is_empty()).then(|| Box::new(Locks(locked)));
        let matters = |kink: &&&Kink| matches!(rule, Rule::Error) && depends(&gradient, kink);
        match kinks.iter().find(matters) {
            Some(&kink) => Err(KinkError::Met { kink: Box::new(kink.clone()) }),
            None => Ok(()),
        }
    })?;
    Ok(gradient)
}

/// The slopes of the operands that vary.
fn varying<'a, F: Real>(kink: &'a Kink, slopes: &'a [f64]) -> impl Iterator<Item = F> + 'a {
    let pairs = slopes.iter().zip(kink.statements());
    pairs.filter(|(_, statement)| statement.is_some()).map(|(&slope, _)| F::from_double(slope))
}
