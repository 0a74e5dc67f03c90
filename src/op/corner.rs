//! What a function looks like at a kink.

use std::cmp::Ordering;

/// The slopes on the two sides of a kink: coming from below, and from above.
///
/// ```
/// use wengert::{Var, check, op::Sides};
/// let report = check::differences(|x: &[Var]| x[0].abs(), &[0.0]);
/// let Some(Sides { left, right }) = report.components()[0].sides else { panic!("no kink") };
/// assert!((left + 1.0).abs() < 1e-9 && (right - 1.0).abs() < 1e-9);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sides {
    /// Slope on the side of smaller arguments.
    pub left: f64,
    /// Slope on the side of larger arguments.
    pub right: f64,
}

impl Sides {
    /// The slope of least magnitude between the two: 0 where they differ in sign.
    ///
    /// It is the default convention at a kink of a function of one variable.
    ///
    /// ```
    /// use wengert::op::Sides;
    /// assert_eq!(Sides { left: -1.0, right: 1.0 }.least(), 0.0); // abs
    /// assert_eq!(Sides { left: 0.1, right: 1.0 }.least(), 0.1); // leaky_relu
    /// ```
    pub fn least(self) -> f64 {
        let Sides { left, right } = self;
        if left * right <= 0.0 {
            0.0
        } else if left.abs() <= right.abs() {
            left
        } else {
            right
        }
    }

    /// The slope on the side to which an argument moves; of one that stays, that of the convention.
    pub(crate) fn towards(self, heading: Ordering) -> f64 {
        match heading {
            Ordering::Less => self.left,
            Ordering::Greater => self.right,
            Ordering::Equal => self.least(),
        }
    }

    /// The slope of greatest magnitude; the right one, where both are as great.
    ///
    /// ```
    /// use wengert::op::Sides;
    /// assert_eq!(Sides { left: -1.0, right: 1.0 }.steepest(), 1.0); // abs
    /// assert_eq!(Sides { left: 1.0, right: 0.0 }.steepest(), 1.0); // clamp at its upper end
    /// ```
    pub fn steepest(self) -> f64 {
        if self.left.abs() > self.right.abs() { self.left } else { self.right }
    }
}

/// The shape of a function at a kink: what each rule for choosing a slope starts from.
///
/// ```
/// use wengert::{Tape, op::{Corner, Sides}};
/// let tape = Tape::new();
/// let [x, y] = tape.vars([0.0, 0.0]);
/// let _ = (x.relu(), x.max(y));
/// assert_eq!(tape.kinks()[0].corner(), Corner::Sides(Sides { left: 0.0, right: 1.0 }));
/// assert_eq!(tape.kinks()[1].corner(), Corner::Tie { greater: true });
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Corner {
    /// One argument, two slopes: `abs`, `relu`, `clamp`.
    Sides(Sides),
    /// Equal arguments, of which one is chosen: `max` chooses the greater, `min` the smaller.
    Tie {
        /// Whether the greater argument is the one chosen.
        greater: bool,
    },
    /// The tip of a cone, where the slope depends on the direction of all arguments together:
    /// `hypot` and `norm` at the origin.
    Apex,
    /// A point at which the function jumps in every direction, so that it has no slope at all, and the
    /// convention is 0: `atan2` at the origin.
    Jump,
    /// A comparison of equal numbers, on which [`select`](crate::Scalar::select) chose between two
    /// numbers that are equal too, up to 16 units in the last place. The operands are the difference
    /// of what was compared, the number for where the comparison holds, and the other.
    Branch {
        /// Whether the comparison holds above the tie, rather than below.
        above: bool,
    },
}
