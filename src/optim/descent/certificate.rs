//! What is known of the point where a descent ended: [`Certificate`].

use super::ActiveKink;
use super::pieces::Pieces;
use crate::op::Sides;
use std::fmt;

/// Why a point is a minimum, or how far it is from a proof; plain data, from
/// [`KinkDescent::minimize`](super::KinkDescent::minimize).
///
/// At a minimum of a loss with kinks 0 is in the generalized gradient: some mean of the gradients of
/// the smooth pieces that meet there is 0. Of a convex loss that is a proof of the minimum. The
/// certificate holds the mean of least norm with all that it is made of, so that it can be checked
/// without trust in the search:
///
/// - [`least`](Self::least) is the sum over [`pieces`](Self::pieces) of share times gradient, the shares
///   being positive and their sum 1;
/// - where no active kink's operand depends on another active kink, it is also
///   [`rest`](Self::rest) plus the sum over [`kinks`](Self::kinks) of `weight · slope · row`, each
///   slope between those of the two sides.
///
/// A kink counts as met where its operand is 0 but for its own rounding. Where slopes times parameters
/// are many times as large as the loss, that rounding is large too: the loss may then lie above its
/// minimum by as much, and where the slopes by all parameters are alike to many digits (data far from
/// their origin), the descent may end close to the minimum without a proof, and says so.
///
/// Tolerances have the units of the loss, which is expected to be near 1, as its slopes are: of a curved
/// loss that is many powers of ten greater or smaller a certificate may say more than holds. And of a
/// smooth curved loss 0 in the generalized gradient is no proof of a minimum: it may be a maximum.
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
    pub(super) rounding: f64,
    pub(super) tolerance: f64,
    pub(super) rest: Vec<f64>,
    pub(super) kinks: Vec<ActiveKink>,
    pub(super) pieces: Pieces,
    pub(super) nested: bool,
    pub(super) convex: bool,
    pub(super) every_way: bool,
    pub(super) recordings: usize,
    pub(super) moves: usize,
}

impl Certificate {
    /// Whether the least generalized gradient is 0: but for rounding, or within the tolerance asked
    /// for.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert!(found.is_certified());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn is_certified(&self) -> bool {
        self.exact || self.norm <= self.tolerance
    }

    /// Whether it is 0 but for rounding, the slope by each parameter being held against what it is a sum
    /// of.
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

    /// Whether the recording's piecewise-linear model is convex, as far as the rules of composition tell:
    /// all its kinks, near and far, bend it upwards. A piecewise-linear loss is its model, so if it is
    /// certified too, it is at its minimum.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs().max(1.0))?;
    /// assert!(found.is_certified() && found.is_convex());
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| (x[0].abs() - 1.0).abs())?;
    /// assert!(found.is_certified() && !found.is_convex());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn is_convex(&self) -> bool {
        self.convex
    }

    /// Whether it is sure that no direction leads down, to first order, from where 0 is in the
    /// generalized gradient but for rounding. It is where [`is_convex`](Self::is_convex) holds, and where
    /// all pieces that meet there were looked at, which is given up after 256.
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
        self.every_way
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

    /// A norm beyond this is more than rounding: a few units in the last place of all that the gradient
    /// is a sum of.
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

    /// Gradients of smooth pieces that meet at the point, each with its share of the least
    /// generalized gradient. With 16 parameters or more, where no kinks nest and all bend upwards, they are
    /// gradients with each active kink's slope at one of its sides: elements of the generalized gradient,
    /// all of them of pieces where the kinks' rows are independent. They are then made when first asked
    /// for, and may take memory for as many gradients as kinks.
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
        self.pieces.get(&self.rest, &self.kinks)
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

    /// How often the loss was recorded.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert_eq!(found.recordings(), 2); // at the start, and where it ended
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn recordings(&self) -> usize {
        self.recordings
    }

    /// How many steps from kink to kink there were.
    ///
    /// ```
    /// use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert_eq!(found.moves(), 1);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn moves(&self) -> usize {
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
        fmt::Display::fmt(&self.value, f)?;
        let verdict = if self.is_exact() {
            "certified: 0 is in the generalized gradient, but for rounding of"
        } else if self.is_certified() {
            "certified within the tolerance: the least generalized gradient is"
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
            writeln!(f, "  {} has slope {slope:.6} of [{left}, {right}], {location}", op.name())?;
        }
        if self.kinks.len() > SHOWN {
            writeln!(f, "  and {} more", self.kinks.len() - SHOWN)?;
        }
        write!(f, "{} recordings, {} steps from kink to kink", self.recordings, self.moves)
    }
}
