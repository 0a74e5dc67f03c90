//! What is known of the point where a descent ended: [`Certificate`].

use super::pieces::Pieces;
use super::{ActiveBound, ActiveKink, Ending};
use crate::op::Sides;
use crate::real::Short;
use std::fmt;

/// What is known of the point where a descent ended; plain data, from
/// [`KinkDescent::minimize`](super::KinkDescent::minimize).
///
/// At a minimum of a loss with kinks, 0 is in the generalized gradient: some mean of the gradients
/// of the smooth pieces that meet there is 0. The certificate holds the mean of least norm and
/// everything that it is made of, so that you can check it without trusting the descent:
///
/// - [`least`](Self::least) is the sum over [`pieces`](Self::pieces) of share times gradient, the shares
///   being positive and their sum 1;
/// - where no active kink's operand depends on another active kink, it is also
///   [`rest`](Self::rest) plus the sum over [`kinks`](Self::kinks) of `weight · slope · row`, each
///   slope between those of the two sides, and for each of the [`bounds`](Self::bounds) that hold its multiplier,
///   added by its parameter where it is an upper one, and taken off where it is a lower one.
///
/// How much that says depends on the loss. From the least to the most:
///
/// | | |
/// | --- | --- |
/// | [`is_stationary`](Self::is_stationary) | the least gradient is 0, but for rounding or for what the tolerance leaves: so it is at minima, maxima and saddles |
/// | [`is_certified`](Self::is_certified) | and no way leads down: not to first order, and of a curved loss not by the curvature seen there: a local minimum |
/// | [`is_minimum`](Self::is_minimum) | and the loss is convex and rises in all directions, as is proved: there is no lower point, however far |
///
/// All of it is told of the loss as it was recorded: a branch that was chosen by
/// [`Var::value`](crate::Var::value) is not seen. A certificate does not depend on units: with the
/// loss, a parameter or a column of the data multiplied by a power of two it is the same, bit for bit,
/// as long as no number leaves its range, and the start tells units: a parameter that is 0 and has the
/// slope 0 there is measured by how far along its axis the loss changes, and in units of 1 if it never does.
///
/// A kink counts as met where its operand is 0 but for its own rounding. Where slopes times parameters
/// are many times as large as the loss, that rounding is large too: the loss may then lie above its
/// minimum by as much, as [`error`](Self::error) says, and where the slopes by all parameters are alike to
/// many digits (data far from their origin), the descent may end close to the minimum without a proof, and
/// says so.
///
/// ```
/// use wengert::optim::KinkDescent;
/// let mut x = [5.0];
/// let found = KinkDescent::new().minimize(&mut x, |x| (x[0] - 1.0).abs() * 4.0 + x[0])?;
/// let kink = &found.kinks()[0];
/// // 0 = 1 + 4 · slope · 1
/// assert_eq!(found.rest()[0] + kink.weight() * kink.slope() * kink.row()[0], 0.0);
/// assert!(kink.slope() == -0.25 && kink.sides().left == -1.0 && kink.sides().right == 1.0);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    pub(super) value: f64,
    pub(super) least: Vec<f64>,
    pub(super) norm: f64,
    pub(super) exact: bool,
    /// Whether no more than the tolerance is to be gained.
    pub(super) enough: bool,
    pub(super) rounding: f64,
    pub(super) error: f64,
    pub(super) rest: Vec<f64>,
    pub(super) kinks: Vec<ActiveKink>,
    pub(super) bounds: Vec<ActiveBound>,
    pub(super) pieces: Pieces,
    pub(super) nested: bool,
    pub(super) curved: bool,
    pub(super) every_way: bool,
    /// Whether the loss is level around the point, as far as is seen, and may be lower beyond.
    pub(super) open: bool,
    /// Whether no point is lower, however far.
    pub(super) proved: bool,
    pub(super) ending: Ending,
    pub(super) recordings: usize,
    pub(super) moves: usize,
}

impl Certificate {
    /// Takes back what is said of ways down: one was seen.
    pub(super) fn refute(&mut self) {
        (self.enough, self.every_way, self.proved) = (false, false, false);
        self.error = f64::INFINITY;
    }

    /// Leaves open what lies where level ways lead.
    pub(super) fn leave_open(&mut self) {
        (self.open, self.proved) = (true, false);
        self.error = f64::INFINITY;
    }

    /// Takes a greater error.
    pub(super) fn set_error(&mut self, error: f64) {
        self.error = error;
    }

    /// Adds what was found to be uncertain besides.
    pub(super) fn add_error(&mut self, by: f64) {
        self.error += by;
    }

    /// Whether the least generalized gradient is 0 within rounding, or so small that no more than
    /// the tolerance can be gained.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// // At a maximum too.
    /// let found = KinkDescent::new().minimize(&mut [0.0], |x| -(x[0] * x[0]))?;
    /// assert!(found.is_stationary() && !found.is_certified());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn is_stationary(&self) -> bool {
        self.exact || self.enough
    }

    /// Whether it is stationary and no way leads down: not to first order, on any of the pieces that
    /// meet there, and where the loss is curved not by its curvature along all ways on which the active
    /// kinks stay met. Then no point nearby is lower by more than [`error`](Self::error).
    ///
    /// The curvature is from differences of gradients, and counts where the loss rises by it over some length. A
    /// curved loss has to curve upwards along all ways on which the active kinks stay met, and, where those kinks
    /// do not all bend it upwards, to rise to first order on all others. Where the curvature along a way
    /// cannot be told from 0 the loss may be level there, as along the weights of a unit of a network that
    /// is never active, and lower where that leads: nothing is certified then, even if the loss is convex, for no
    /// proof of that is made of what is curved. So a minimum of fourth order is not certified. Parameters that
    /// nothing depends on are left out. With more than 128 such ways nothing is certified, nor where an operation
    /// may jump, as `floor` and `%` do.
    ///
    /// Last the loss is asked for after steps of many lengths: against the least gradient, and unless
    /// [`is_minimum`](Self::is_minimum) proves more also along the axes (of 32 parameters at most) and
    /// in 16 fixed directions, forwards and backwards. None of them leads lower by more than the error,
    /// but beyond where it has led higher by as much. Where one seems to, and slopes that are no numbers keep its rounding
    /// untold, nothing is certified. No way down is found so that is bent and narrow, and leads
    /// down to third order or higher.
    ///
    /// A loss of straight pieces that is not convex has to rise on all ways, but along parameters that it does
    /// not depend on: where it is level around, nothing is certified. Where a convex one may be level nearby, descents
    /// of the loss with a slight tilt slide along what is level, in several fixed directions, and go on from where it is
    /// lower. None of straight pieces is certified that changes along a parameter by which it has no slope at all: by the
    /// rounding of parts that cancel, as in `((x + 1) - 1) - x`, which grows with the way.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert!(found.is_certified());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn is_certified(&self) -> bool {
        self.no_way_down() && (self.enough || !self.curved) && !self.open
    }

    /// Whether it is proved that no point is lower, however far, by more than [`error`](Self::error). The loss
    /// consists of straight pieces, and its kinks, near and far, all bend it upwards by the rules of
    /// composition: so it is nowhere below the linear function that has a slope between the two sides of each
    /// kink in place of the kink. Some such function is level. That is proved for multipliers near those here,
    /// which have room for four times the rounding of all slopes, as recorded; the rounding of these proofs is bounded.
    ///
    /// It is false where the loss is level without end, as with a column of data that others add up to, or so
    /// nearly that rounding does not tell whether it rises or falls there: a slope of 1e-16 comes to anything, far
    /// enough. [`is_certified`](Self::is_certified) may hold then.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs().max(1.0))?;
    /// assert!(found.is_minimum());
    /// // No proof: not convex, or curved.
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| (x[0].abs() - 1.0).abs())?;
    /// assert!(found.is_certified() && !found.is_minimum());
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0] * x[0])?;
    /// assert!(found.is_certified() && !found.is_minimum());
    /// // Nor where it is level without end, but for rounding: along x = -y here.
    /// let found = KinkDescent::new().minimize(&mut [3.0, 0.0], |x| {
    ///     let sum = x[0] + x[1];
    ///     (sum - 1.0).abs() + (sum * 2.0 - 3.0).abs()
    /// })?;
    /// assert!(found.is_certified() && !found.is_minimum());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn is_minimum(&self) -> bool {
        self.proved
    }

    /// Whether the least generalized gradient is 0 within rounding. The slope by each parameter is
    /// compared with the terms that it is a sum of, and the whole with the gradients that it is a
    /// mean of, by their shares.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert!(found.is_exact());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// Whether the loss is curved. If it is not, it consists of straight pieces, and its model at
    /// the point is the loss itself nearby.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert!(!found.is_curved());
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs() + x[0].exp())?;
    /// assert!(found.is_curved());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn is_curved(&self) -> bool {
        self.curved
    }

    /// Whether it is proved that no direction leads down to first order. The proof succeeds if all
    /// kinks bend upwards, or if all pieces that meet at the point were examined, which are at most
    /// 256.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// // 0 is in the generalized gradient at 0 too, but that is no place to stay.
    /// let found = KinkDescent::new().minimize(&mut [0.0], |x| (x[0].abs() - 1.0).abs())?;
    /// assert!(found.value() == 0.0 && found.no_way_down());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn no_way_down(&self) -> bool {
        self.is_stationary() && self.every_way
    }

    /// How far the loss may lie above the certified minimum, in its own units. It is the sum of
    /// four parts: the rounding of the loss; the least gradient times the size of the parameters; for
    /// [`is_minimum`](Self::is_minimum) what the proof leaves open; and, for a curved loss, the gain that
    /// gradient and curvature leave, and the rounding of the parameters. It is infinite where nothing is known.
    ///
    /// The rounding of numbers on the way to the loss that cancel is measured: differences of the loss are
    /// held against its slopes. It is four times the greatest difference seen.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| (x[0] - 0.1).abs() * 1e20)?;
    /// assert!(found.error() < 1e5);
    /// // Near 1e6 numbers are 1e-10 apart.
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| ((x[0] - 0.1).abs() + 1e6) - 1e6)?;
    /// assert!(found.error() > 1e-10 && found.error() < 1e-8);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn error(&self) -> f64 {
        self.error
    }

    /// Why the descent ended.
    ///
    /// ```
    /// use wengert::optim::{Ending, KinkDescent};
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert_eq!(found.ending(), Ending::Arrived);
    /// let found = KinkDescent::new().minimize(&mut [0.0], |x| -(x[0] * x[0]))?;
    /// assert_eq!(found.ending(), Ending::CurvesDown);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// The loss.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs() + 2.0)?;
    /// assert_eq!(found.value(), 2.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The norm of the least generalized gradient.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert_eq!(found.norm(), 0.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn norm(&self) -> f64 {
        self.norm
    }

    /// The greatest norm that rounding explains: a few units in the last place of the terms that
    /// the gradient is a sum of.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert!(found.rounding() < 1e-13);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn rounding(&self) -> f64 {
        self.rounding
    }

    /// The least generalized gradient.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert_eq!(found.least(), [0.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn least(&self) -> &[f64] {
        &self.least
    }

    /// The gradient of all but the active kinks.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs() + x[0] * 0.5)?;
    /// assert_eq!(found.rest(), [0.5]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn rest(&self) -> &[f64] {
        &self.rest
    }

    /// The kinks that the point is at.
    ///
    /// ```
    /// use wengert::{op::Op, optim::KinkDescent};
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert_eq!(found.kinks()[0].op(), Op::Abs);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn kinks(&self) -> &[ActiveKink] {
        &self.kinks
    }

    /// The bounds that hold a parameter.
    ///
    /// ```
    /// use wengert::optim::{Bounds, KinkDescent};
    /// let descent = KinkDescent::builder().within(Bounds::new(&[-1.0], &[1.0])?).build()?;
    /// let found = descent.minimize(&mut [0.0], |x| x[0].exp() - x[0] * 5.0)?;
    /// let bound = &found.bounds()[0];
    /// assert!(found.is_certified() && bound.is_upper());
    /// approx::assert_relative_eq!(found.rest()[0] + bound.multiplier(), 0.0, epsilon = 1e-15);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn bounds(&self) -> &[ActiveBound] {
        &self.bounds
    }

    /// Gradients of smooth pieces that meet at the point, each with its share of the least generalized
    /// gradient. With 16 parameters or more, where no kinks nest and all bend upwards, they are
    /// gradients with each active kink's slope at one of its sides: elements of the generalized
    /// gradient, all of them of pieces where the kinks' rows are independent. They are then made when
    /// first asked for, and may take memory for as many gradients as kinks. A bound that holds counts
    /// as a kink: pieces beyond it are as steep as it has to be.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// let mean: f64 = found.pieces().iter().map(|(share, gradient)| share * gradient[0]).sum();
    /// assert_eq!(mean, 0.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn pieces(&self) -> &[(f64, Vec<f64>)] {
        self.pieces.get(&self.rest, &self.kinks, &self.bounds)
    }

    /// Whether one of the kinks, near or far, depends on another.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| (x[0].abs() - 1.0).abs())?;
    /// assert!(found.is_nested());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn is_nested(&self) -> bool {
        self.nested
    }

    /// How often the loss was recorded. Evaluations at the end that need only its value do not
    /// count.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert_eq!(found.recording_count(), 2); // at the start, and where it ended
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn recording_count(&self) -> usize {
        self.recordings
    }

    /// How many steps from kink to kink there were.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert_eq!(found.move_count(), 1);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn move_count(&self) -> usize {
        self.moves
    }

    /// How far the farthest active kink is from being met exactly.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| (x[0] - 0.1).abs())?;
    /// assert!(found.distance() < 1e-16);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.kinks.iter().map(|kink| kink.distance.abs()).fold(0.0, f64::max)
    }
}

/// A few lines: the loss and the verdict, the active kinks with their multipliers (the first eight),
/// and what it took. A precision (`{:.6}`) goes to the loss.
impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 8;
        f.write_str("loss ")?;
        fmt::Display::fmt(&Short(self.value), f)?;
        let verdict = if self.is_minimum() {
            "a minimum, for the loss is convex and rises from there; the least generalized gradient is"
        } else if self.is_certified() {
            "certified: no way leads down, and the least generalized gradient is"
        } else if self.ending == Ending::CurvesDown {
            "NOT certified: the loss curves downwards, and the least generalized gradient is"
        } else if self.open {
            "NOT certified: the loss is level around, as far as is seen, and the least generalized gradient is"
        } else {
            "NOT certified: the least generalized gradient is"
        };
        writeln!(f, ", {verdict} {:.1e}", self.norm)?;
        match self.kinks.len() {
            0 => writeln!(f, "no kink is active")?,
            1 => f.write_str("1 kink is active, ")?,
            n => write!(f, "{n} kinks are active, ")?,
        }
        match self.distance() {
            _ if self.kinks.is_empty() => {}
            0.0 => writeln!(f, "met exactly:")?,
            distance => writeln!(f, "at a distance of up to {distance:.1e}:")?,
        }
        for kink in self.kinks.iter().take(SHOWN) {
            let Sides { left, right } = kink.sides;
            let ActiveKink { op, slope, location, .. } = kink;
            let [slope, left, right] = [slope, &left, &right].map(|x| Short(*x));
            writeln!(f, "  {} has slope {slope:.6} of [{left}, {right}], {location}", op.name())?;
        }
        if self.kinks.len() > SHOWN {
            writeln!(f, "  and {} more", self.kinks.len() - SHOWN)?;
        }
        for bound in self.bounds.iter().take(SHOWN) {
            let ActiveBound { place, is_upper, multiplier } = bound;
            let side = if *is_upper { "upper" } else { "lower" };
            let multiplier = Short(*multiplier);
            writeln!(
                f,
                "the {side} bound at index {place} holds, with multiplier {multiplier:.6}"
            )?;
        }
        if self.bounds.len() > SHOWN {
            writeln!(f, "  and {} more", self.bounds.len() - SHOWN)?;
        }
        write!(f, "{} recordings, {} steps from kink to kink; ", self.recordings, self.moves)?;
        self.ending.fmt(f)
    }
}
