//! Where an optimizer is, as plain data: [`DriverState`].

use super::Driver;
use crate::Real;
use crate::optim::driver::UpdateRule;
use crate::optim::error::OptimError;
use crate::optim::schedule::{Course, Memory};

/// Where an optimizer is, as plain data; from [`Driver::state`]. The options are not in it.
///
/// With the feature `serde` it can be written and read. A format that keeps each number exactly resumes
/// a run bit for bit; of `serde_json` that is true with its feature `float_roundtrip`.
///
/// ```
/// use wengert::optim::{Optimizer, Sgd};
/// let mut sgd = Sgd::builder(0.5).momentum(0.5).build()?;
/// sgd.step(&mut [1.0, 2.0], 0.0, &[4.0, -3.0])?;
/// let state = sgd.state();
/// assert_eq!((state.rule.as_str(), state.step_count), ("sgd", 1));
/// assert_eq!((state.buffers[0].name.as_str(), &state.buffers[0].values[..]), ("momentum", &[4.0, -3.0][..]));
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct DriverState<F: Real = f64> {
    /// [`UpdateRule::NAME`].
    pub rule: String,
    /// How many steps were taken.
    pub step_count: u64,
    /// How many parameters there are, once that is known.
    pub parameters: Option<usize>,
    /// What the rule remembers, a list for each of [`UpdateRule::BUFFERS`]; none before the first step.
    pub buffers: Vec<Buffer<F>>,
    /// The mean of the points, by [`DriverBuilder::average_from`](super::DriverBuilder::average_from).
    pub average: Vec<F>,
    groups: Vec<GroupState<F>>,
}

/// What a rule remembers of all parameters under one name.
///
/// ```
/// use wengert::optim::{Buffer, Optimizer, Sgd};
/// let mut sgd = Sgd::builder(0.5).momentum(0.5).build()?;
/// sgd.step(&mut [1.0], 0.0, &[4.0])?;
/// let expected = Buffer { name: "momentum".into(), values: vec![4.0] };
/// assert_eq!(sgd.state().buffers, [expected]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Buffer<F: Real = f64> {
    /// The name.
    pub name: String,
    /// A number for each parameter.
    pub values: Vec<F>,
}

/// Where the rate of a group is.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct GroupState<F: Real> {
    course: Option<Course<F>>,
    memory: Memory<F>,
    product: F,
}

impl<F: Real, R: UpdateRule<F>> Driver<R, F> {
    /// Where it is, as plain data.
    ///
    /// ```
    /// use wengert::optim::{Optimizer, Sgd};
    /// let options = Sgd::builder(0.1).momentum(0.9);
    /// let (mut first, mut second) = (options.clone().build()?, options.build()?);
    /// let mut x = [1.0, 2.0];
    /// first.step(&mut x, 0.0, &[0.3, 0.7])?;
    /// let mut y = x;
    /// second.restore(first.state())?;
    /// first.step(&mut x, 0.0, &[0.1, 0.2])?;
    /// second.step(&mut y, 0.0, &[0.1, 0.2])?;
    /// assert_eq!(x, y);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn state(&self) -> DriverState<F> {
        let buffer = |(k, &name): (usize, &&str)| Buffer {
            name: name.to_owned(),
            values: self.state.iter().map(|state| state.as_ref()[k]).collect(),
        };
        let names = if self.state.is_empty() { &[] } else { R::BUFFERS };
        DriverState {
            rule: R::NAME.to_owned(),
            step_count: self.steps,
            parameters: self.parameters,
            buffers: names.iter().enumerate().map(buffer).collect(),
            average: self.average.clone(),
            groups: self
                .walks
                .iter()
                .map(|walk| GroupState {
                    course: walk.pace.as_ref().map(|pace| pace.course().clone()),
                    memory: walk.memory,
                    product: walk.product,
                })
                .collect(),
        }
    }

    /// Goes on from where another optimizer of the same rule was. The options stay: a rate or a
    /// schedule of the same kind may be another.
    ///
    /// # Errors
    /// If the state is that of another rule, of other numbers of parameters, buffers or groups, or of a
    /// schedule of other parts or kinds, or a number in it is infinite or NaN. Nothing has changed then.
    ///
    /// ```
    /// use wengert::optim::Sgd;
    /// let mut state = Sgd::<f64>::builder(0.1).build()?.state();
    /// state.rule = "adam".into();
    /// let refused = Sgd::builder(0.1).build()?.restore(state).unwrap_err();
    /// assert_eq!(refused.to_string(), "the state is of `adam`, not of `sgd`");
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn restore(&mut self, state: DriverState<F>) -> Result<(), OptimError> {
        let remembered = self.check_state(&state)?;
        self.state = remembered;
        self.next_state.clear();
        self.average = state.average;
        self.steps = state.step_count;
        self.parameters = state.parameters.or(self.expected);
        for (walk, group) in self.walks.iter_mut().zip(state.groups) {
            (walk.memory, walk.product) = (group.memory, group.product);
            if let (Some(pace), Some(course)) = (&mut walk.pace, group.course) {
                pace.resume(course)?;
            }
        }
        Ok(())
    }

    /// What is remembered of each parameter, if the state is one of such an optimizer.
    fn check_state(&self, state: &DriverState<F>) -> Result<Vec<R::State>, OptimError> {
        if state.rule != R::NAME {
            return Err(OptimError::ForeignState { expected: R::NAME, found: state.rule.clone() });
        }
        let check = |part: &str, expected: usize, found: usize| {
            let part = part.to_owned();
            if expected == found {
                Ok(())
            } else {
                Err(OptimError::StateLength { part, expected, found })
            }
        };
        if let (Some(expected), Some(found)) = (self.expected, state.parameters)
            && expected != found
        {
            return Err(OptimError::ParameterCount { expected, found });
        }
        let parameters = state.parameters.unwrap_or(0);
        let remembers = self.walks.iter().any(|walk| walk.options.rule.remembers());
        let stepped = state.step_count > 0;
        let names = if stepped && remembers && parameters > 0 { R::BUFFERS } else { &[] };
        check("list of buffers", names.len(), state.buffers.len())?;
        let mut remembered =
            vec![R::State::default(); if names.is_empty() { 0 } else { parameters }];
        for (k, (buffer, &name)) in state.buffers.iter().zip(names).enumerate() {
            if buffer.name != name {
                let found = buffer.name.clone();
                return Err(OptimError::ForeignState { expected: name, found });
            }
            check(name, parameters, buffer.values.len())?;
            check_finite(&buffer.values, name)?;
            for (state, &value) in remembered.iter_mut().zip(&buffer.values) {
                state.as_mut()[k] = value;
            }
        }
        let averaged = if stepped && self.averaging.is_some() { parameters } else { 0 };
        check("average", averaged, state.average.len())?;
        check_finite(&state.average, "average")?;
        check("list of groups", self.walks.len(), state.groups.len())?;
        for (walk, group) in self.walks.iter().zip(&state.groups) {
            match (&walk.pace, &group.course) {
                (Some(pace), Some(course)) => pace.check_course(course)?,
                (pace, course) => {
                    check("schedule", pace.is_some().into(), course.is_some().into())?;
                }
            }
            group.check_finite()?;
        }
        Ok(remembered)
    }
}

impl<F: Real> GroupState<F> {
    fn check_finite(&self) -> Result<(), OptimError> {
        let schedule = self.course.iter().flat_map(Course::numbers).map(|x| ("schedule", x));
        let step_size = self.memory.numbers().map(|x| ("step size", x));
        let mut numbers = schedule.chain(step_size).chain([("product", self.product)]);
        match numbers.find(|(_, x)| !x.is_finite()) {
            Some((part, x)) => Err(OptimError::NonFiniteState { part, value: x.to_double() }),
            None => Ok(()),
        }
    }
}

/// `Ok` if what a state holds of each parameter is finite.
fn check_finite<F: Real>(values: &[F], buffer: &'static str) -> Result<(), OptimError> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(i) => Err(OptimError::StateOverflow { place: i.into(), buffer }),
        None => Ok(()),
    }
}
