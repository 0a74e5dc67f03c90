//! A schedule under way: [`Pace`].

use super::{Course, Schedule};
use crate::Real;
use crate::optim::error::OptimError;

/// A [`Schedule`] under way; from [`Schedule::pace`].
///
/// ```
/// use wengert::optim::Schedule;
/// let mut pace = Schedule::exponential(0.5).pace(8.0)?;
/// assert_eq!(pace.rate(), 8.0);
/// pace.advance(3.0);
/// assert_eq!(pace.rate(), 4.0);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Pace<F: Real = f64> {
    schedule: Schedule<F>,
    rate: F,
    course: Course<F>,
}

impl<F: Real> Pace<F> {
    pub(super) fn new(schedule: Schedule<F>, rate: F) -> Self {
        let course = Course::of(&schedule, rate);
        Pace { schedule, rate, course }
    }

    /// The rate of the step that is to come.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// assert_eq!(Schedule::held(0.5, 3).pace(8.0)?.rate(), 4.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn rate(&self) -> F {
        self.schedule.rate(self.course.step, self.rate, &self.course.cells)
    }

    /// Goes on by one step, which was taken where the loss had this value; its negative, when
    /// maximising.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// let mut pace = Schedule::polynomial(2, 1.0).pace(8.0)?;
    /// pace.advance(0.0);
    /// assert_eq!(pace.rate(), 4.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn advance(&mut self, value: F) {
        self.course.step += 1;
        self.schedule.enter(self.course.step, self.rate, value, &mut self.course.cells);
    }

    /// How far it has come.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// let (a, b) = (Schedule::constant().pace(8.0)?, Schedule::constant().pace(8.0)?);
    /// assert_eq!(a.course(), b.course());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn course(&self) -> &Course<F> {
        &self.course
    }

    /// Goes on from where another of the same schedule was.
    ///
    /// # Errors
    /// If the course is one of a schedule of other parts or kinds. It has changed nothing then.
    ///
    /// ```
    /// use wengert::optim::Schedule;
    /// let two = Schedule::constant().then(5, Schedule::exponential(0.5));
    /// let foreign = two.pace(8.0)?.course().clone();
    /// assert!(Schedule::constant().pace(8.0)?.resume(foreign).is_err());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn resume(&mut self, course: Course<F>) -> Result<(), OptimError> {
        self.check_course(&course)?;
        self.course = course;
        Ok(())
    }

    /// Begins again.
    pub(in crate::optim) fn reset(&mut self) {
        self.course = Course::of(&self.schedule, self.rate);
    }

    pub(in crate::optim) fn check_course(&self, course: &Course<F>) -> Result<(), OptimError> {
        let (expected, found) = (self.course.cells.len(), course.cells.len());
        if expected != found {
            return Err(OptimError::StateLength { part: "schedule".into(), expected, found });
        }
        let kinds = self.schedule.kinds();
        if let Some((expected, found)) =
            kinds.iter().zip(&course.kinds).find(|(expected, found)| expected != found)
        {
            return Err(OptimError::ForeignState { expected, found: found.clone() });
        }
        let (expected, found) = (kinds.len(), course.kinds.len());
        if expected != found {
            let part = "list of schedules".into();
            return Err(OptimError::StateLength { part, expected, found });
        }
        Ok(())
    }
}
