//! What may be told of some parameters apart from others: [`Group`], and where they are: [`Spans`].

use crate::Real;
use crate::optim::driver::UpdateRule;
use crate::optim::error::{OptimError, check_option};
use crate::optim::schedule::{Memory, Pace, Schedule, Size, StepSize};
use std::ops::Range;

/// The options of a group of parameters.
#[derive(Clone, Debug)]
pub(super) struct Group<R, F: Real> {
    pub(super) step_size: StepSize<F>,
    pub(super) schedule: Option<Schedule<F>>,
    pub(super) rule: R,
    pub(super) weight_decay: F,
    pub(super) decoupled: bool,
    /// That of the soft threshold.
    pub(super) penalty: F,
}

impl<F: Real, R: UpdateRule<F>> Group<R, F> {
    pub(super) fn new(step_size: StepSize<F>, rule: R) -> Self {
        let (weight_decay, penalty) = (F::zero(), F::zero());
        Group { step_size, schedule: None, rule, weight_decay, decoupled: false, penalty }
    }

    pub(super) fn check(&self) -> Result<(), OptimError> {
        let zero = F::zero();
        self.step_size.check()?;
        self.rule.check()?;
        let not_negative = "finite and not negative";
        check_option("weight decay", self.weight_decay, not_negative, |d| d >= zero)?;
        check_option("penalty", self.penalty, not_negative, |p| p >= zero)?;
        let refuse = |option, reason| Err(OptimError::Contradiction { option, reason });
        if let Some(schedule) = &self.schedule {
            schedule.check()?;
            if self.step_size.constant_rate().is_none() {
                return refuse("a schedule", "needs a constant step size to begin with");
            }
        }
        let unseen = "is not in the value that Polyak's step size takes; add it to the loss";
        if self.step_size.uses_value() && self.weight_decay != zero {
            return refuse("weight decay", unseen);
        }
        if self.step_size.uses_value() && self.penalty != zero {
            return refuse("a penalty", unseen);
        }
        let rated =
            self.schedule.is_some() || self.penalty != zero || self.decoupled_decay() != zero;
        if R::OWN_SIZE && rated {
            let reason = "needs a learning rate, and the rule has step sizes of its own";
            return refuse("a schedule, a penalty or decoupled weight decay", reason);
        }
        Ok(())
    }

    /// What is added to the gradient, as a multiple of the parameter.
    pub(super) fn coupled_decay(&self) -> F {
        if self.decoupled { F::zero() } else { self.weight_decay }
    }

    /// What is taken from the parameter, as a multiple of it and of the rate.
    pub(super) fn decoupled_decay(&self) -> F {
        if self.decoupled { self.weight_decay } else { F::zero() }
    }
}

/// A group of parameters under way.
#[derive(Clone, Debug)]
pub(super) struct Walk<R, F: Real> {
    pub(super) options: Group<R, F>,
    pub(super) pace: Option<Pace<F>>,
    pub(super) memory: Memory<F>,
    pub(super) product: F,
    /// How long the step is that is being tried, and what is remembered if it is taken.
    pub(super) size: Size<F>,
    pub(super) next_memory: Memory<F>,
}

impl<F: Real, R: UpdateRule<F>> Walk<R, F> {
    pub(super) fn new(options: Group<R, F>) -> Result<Self, OptimError> {
        let pace = match (&options.schedule, options.step_size.constant_rate()) {
            (Some(schedule), Some(rate)) => Some(schedule.pace(rate)?),
            _ => None,
        };
        let memory = Memory::new();
        let (product, size) = (F::one(), F::one().into());
        Ok(Walk { options, pace, memory, product, size, next_memory: memory })
    }

    pub(super) fn reset(&mut self) {
        (self.memory, self.product) = (Memory::new(), F::one());
        if let Some(pace) = &mut self.pace {
            pace.reset();
        }
    }

    /// The rate that a rule is told.
    pub(super) fn rate(&self) -> F {
        match &self.pace {
            Some(pace) => pace.rate(),
            None => self.options.step_size.constant_rate().unwrap_or(F::one()),
        }
    }
}

/// Which parameters belong to which group: consecutive spans, with the end of each and its group.
#[derive(Clone, Debug, Default)]
pub(super) struct Spans {
    given: Vec<(Range<usize>, usize)>,
    all: Vec<(Range<usize>, usize)>,
}

impl Spans {
    /// The groups are numbered from 1, as they are given; 0 is what remains.
    pub(super) fn new(ranges: impl Iterator<Item = Range<usize>>) -> Result<Self, OptimError> {
        let mut given: Vec<_> = ranges.zip(1..).filter(|(range, _)| !range.is_empty()).collect();
        given.sort_by_key(|(range, _)| range.start);
        if given.windows(2).any(|pair| pair[1].0.start < pair[0].0.end) {
            let reason = "has parameters of another group";
            return Err(OptimError::Contradiction { option: "a group", reason });
        }
        Ok(Spans { given, all: Vec::new() })
    }

    /// Makes them cover so many parameters.
    pub(super) fn cover(&mut self, parameters: usize) -> Result<(), OptimError> {
        let covered = self.all.last().map_or(0, |(range, _)| range.end);
        if covered == parameters && parameters > 0 {
            return Ok(());
        }
        if let Some((range, _)) = self.given.last()
            && range.end > parameters
        {
            return Err(OptimError::Group { end: range.end, parameters });
        }
        self.all.clear();
        let mut end = 0;
        for (range, group) in self.given.iter().cloned().chain([(parameters..parameters, 0)]) {
            if end < range.start {
                self.all.push((end..range.start, 0));
            }
            end = range.end;
            if !range.is_empty() {
                self.all.push((range, group));
            }
        }
        Ok(())
    }

    /// All spans in order.
    pub(super) fn all(&self) -> &[(Range<usize>, usize)] {
        &self.all
    }
}
