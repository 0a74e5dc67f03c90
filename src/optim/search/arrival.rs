//! What a [`Search`](super::Search) tells: [`Visit`] on its way, [`Arrival`] at its end.

use crate::Real;
use crate::real::Short;
use std::fmt;

/// A point on the way of a [`Search`](super::Search); see [`Search::each`](super::Search::each).
///
/// ```
/// use wengert::optim::{Search, Sgd};
/// let sgd = Sgd::builder(0.25).build()?;
/// let mut search = Search::new(sgd, 100).flat(1e-3).each(|at| {
///     if at.step % 10 == 0 {
///         println!("{:5} {:12.6} {:12.6}", at.step, at.x[0], at.value);
///     }
/// });
/// search.fit(&mut [8.0], |x| x[0] * x[0])?;
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Visit<'v, F: Real = f64> {
    /// How many steps led here.
    pub step: u64,
    /// The point.
    pub x: &'v [F],
    /// The value there.
    pub value: F,
    /// The gradient there.
    pub gradient: &'v [F],
    /// The best value so far, this one included.
    pub best: F,
}

/// Where and why a [`Search`](super::Search) ended.
///
/// ```
/// use wengert::optim::{Search, Sgd};
/// let sgd = Sgd::builder(0.25).build()?;
/// let arrival = Search::new(sgd, 100).target(0.5).fit(&mut [8.0], |x| x[0] * x[0])?;
/// assert_eq!(arrival.to_string(), "the target is reached: 0.25 at step 4 of 4");
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Arrival<F: Real = f64> {
    /// The rule that ended it.
    pub end: End,
    /// How many steps were taken.
    pub step_count: u64,
    /// The value of the point found.
    pub value: F,
    /// How many steps led to it.
    pub at_step: u64,
}

/// The rule that ended a [`Search`](super::Search).
///
/// ```
/// use wengert::optim::{End, Search, Sgd};
/// let arrival = Search::new(Sgd::builder(0.25).build()?, 7).fit(&mut [8.0], |x| x[0] * x[0])?;
/// assert_eq!(arrival.end, End::Steps);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// The value is as good as [`Search::target`](super::Search::target) asked.
    Target,
    /// The gradient is as short as [`Search::flat`](super::Search::flat) asked.
    Flat,
    /// There was no gain for as long as [`Search::patience`](super::Search::patience) allowed.
    Patience,
    /// The steps of [`Search::new`](super::Search::new) were taken.
    Steps,
    /// The values became as much worse as [`Search::diverges`](super::Search::diverges) tells, or the
    /// next step would have made a number infinite.
    Diverged,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            End::Target => "the target is reached",
            End::Flat => "the slope is flat",
            End::Patience => "nothing more is gained",
            End::Steps => "the steps are used up",
            End::Diverged => "the search diverges",
        })
    }
}

/// One line; a precision (`{:.6}`) goes to the value.
impl<F: Real> fmt::Display for Arrival<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.end)?;
        fmt::Display::fmt(&Short(self.value), f)?;
        write!(f, " at step {} of {}", self.at_step, self.step_count)
    }
}
