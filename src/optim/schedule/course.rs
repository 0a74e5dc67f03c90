//! How far a [`Schedule`](super::Schedule) has come: [`Course`].

use super::Schedule;
use crate::Real;

/// How far a schedule has come, as plain data, which [`Pace::resume`](super::Pace::resume) goes on from.
///
/// ```
/// use wengert::optim::Schedule;
/// let schedule = Schedule::exponential(0.5);
/// let mut pace = schedule.pace(8.0)?;
/// pace.advance(0.0);
/// let mut resumed = schedule.pace(8.0)?;
/// resumed.resume(pace.course().clone())?;
/// assert_eq!(resumed.rate(), 4.0);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Course<F: Real = f64> {
    pub(super) step: u64,
    /// What kinds of schedules it is of, each before those that it is composed of.
    pub(super) kinds: Vec<String>,
    pub(super) cells: Vec<Cell<F>>,
}

/// What one simple schedule remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Cell<F: Real> {
    /// The rate now; the sum of the losses since it changed, of a schedule of epochs.
    pub(super) rate: F,
    /// The best loss met.
    pub(super) best: Option<F>,
    /// For how many steps the loss was no better.
    pub(super) waited: u64,
    /// How many steps of rest are left.
    pub(super) rest: u64,
}

impl<F: Real> Course<F> {
    pub(super) fn of(schedule: &Schedule<F>, rate: F) -> Self {
        let cell = Cell { rate: F::zero(), best: None, waited: 0, rest: 0 };
        let kinds = schedule.kinds().into_iter().map(str::to_owned).collect();
        let mut course = Course { step: 0, kinds, cells: vec![cell; schedule.cells()] };
        schedule.enter(0, rate, F::zero(), &mut course.cells);
        course
    }

    /// All that it remembers.
    pub(in crate::optim) fn numbers(&self) -> impl Iterator<Item = F> {
        self.cells.iter().flat_map(|cell| [Some(cell.rate), cell.best]).flatten()
    }
}
