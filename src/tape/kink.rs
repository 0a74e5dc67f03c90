//! Kinks met while recording.

use super::storage::StatementId;
use crate::op::{Corner, Op, Sides};
use crate::real::Short;
use smallvec::SmallVec;
use std::fmt;
use std::panic::Location;

/// A kink that a recording met exactly: an operation evaluated where it is continuous but has no
/// derivative. See [`Tape::kinks`](super::Tape::kinks).
///
/// ```
/// use wengert::{Tape, op::Op};
/// let tape = Tape::new();
/// let x = tape.var(2.0);
/// let y = (x - 2.0).abs();
/// let kink = &tape.kinks()[0];
/// assert_eq!((kink.op(), kink.operands(), kink.slopes()), (Op::Abs, &[0.0][..], &[0.0][..]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Kink {
    pub(super) op: Op,
    pub(super) corner: Corner,
    /// 0 at the kink itself.
    pub(super) distance: f64,
    pub(super) location: &'static Location<'static>,
    pub(super) operands: SmallVec<[f64; 2]>,
    /// Whether any other kinks of the operation bend it the same way.
    pub(super) alike: bool,
    /// For each operand.
    pub(super) slopes: Slopes,
    /// For each operand the statement that it is; none for a constant.
    pub(super) statements: SmallVec<[Option<StatementId>; 2]>,
    pub(super) statement: StatementId,
    /// The plain parameters of the operation. Of `max_of` and `min_of`, where one operand ties with
    /// constants, how many of these stand before it and after it.
    pub(super) parameters: [f64; 2],
}

/// A slope for each operand of a kink.
pub(crate) type Slopes = SmallVec<[f64; 2]>;

/// The slopes that a rule has chosen at a kink.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Locked {
    pub(crate) slopes: Slopes,
    /// Whether the rule had a reason.
    pub(crate) resolved: bool,
}

/// The slopes at kinks met, in their order. A gradient points to them, to be small without.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Locks(pub(crate) Vec<Locked>);

impl Kink {
    /// The operation that was at its kink.
    ///
    /// ```
    /// use wengert::{Tape, op::Op};
    /// let tape = Tape::new();
    /// tape.var(0.0).abs();
    /// assert_eq!(tape.kinks()[0].op(), Op::Abs);
    /// ```
    pub fn op(&self) -> Op {
        self.op
    }

    /// The shape of the operation there: its one-sided slopes, a tie, or the tip of a cone.
    ///
    /// ```
    /// use wengert::{Tape, op::{Corner, Sides}};
    /// let tape = Tape::new();
    /// tape.var(0.0).abs();
    /// let sides = Sides { left: -1.0, right: 1.0 };
    /// assert_eq!(tape.kinks()[0].corner(), Corner::Sides(sides));
    /// ```
    pub fn corner(&self) -> Corner {
        self.corner
    }

    /// Where in the caller's source the operation was written.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// tape.var(0.0).abs();
    /// assert!(tape.kinks()[0].location().line() > 0);
    /// ```
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// The values of the operands that take part in the kink. A constant is among them only in a tie
    /// of several variables with it, and as a branch of a [`select`](crate::Scalar::select).
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let [a, b] = tape.vars([2.0, 2.0]);
    /// a.max(b);
    /// assert_eq!(tape.kinks()[0].operands(), [2.0, 2.0]);
    /// ```
    pub fn operands(&self) -> &[f64] {
        &self.operands
    }

    /// The slope that `backward` uses for each of those operands, by the default convention; beside a
    /// kink the true one.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let [a, b] = tape.vars([2.0, 2.0]);
    /// a.max(b);
    /// assert_eq!(tape.kinks()[0].slopes(), [0.5, 0.5]);
    /// ```
    pub fn slopes(&self) -> &[f64] {
        &self.slopes
    }

    /// How far the operands were from the kink: 0 in what [`Tape::kinks`](super::Tape::kinks) lists.
    ///
    /// Beside a kink, as [`Tape::near_kinks`](super::Tape::near_kinks) lists them, it is the argument
    /// less that of the kink; for a tie of two the first operand less the second, for one of more
    /// the gap between the chosen and the next; for the tip of a cone the distance from the origin.
    ///
    /// ```
    /// let tape = wengert::Tape::new().watching(0.1)?;
    /// tape.var(1.75).max(2.0);
    /// tape.var(1.9375).max(2.0);
    /// let near = tape.near_kinks();
    /// assert_eq!((near.len(), near[0].distance()), (1, -0.0625));
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    pub fn distance(&self) -> f64 {
        self.distance
    }

    /// The statement of the operation, as an index.
    pub(crate) fn index(&self) -> StatementId {
        self.statement
    }

    /// What else of the operation other engines choose by.
    pub(crate) fn parameters(&self) -> [f64; 2] {
        self.parameters
    }

    /// Whether any other kinks of the operation bend it the same way.
    pub(crate) fn is_alike(&self) -> bool {
        self.alike
    }

    /// For each operand the statement that it is; none for a constant.
    pub(crate) fn statements(&self) -> &[Option<StatementId>] {
        &self.statements
    }

    /// Of a tie, which of its operands tie; of others none.
    pub(crate) fn tied(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        let best = match self.corner {
            Corner::Tie { greater: true } => {
                self.operands.iter().copied().fold(f64::NEG_INFINITY, f64::max)
            }
            Corner::Tie { greater: false } => {
                self.operands.iter().copied().fold(f64::INFINITY, f64::min)
            }
            _ => f64::NAN,
        };
        (0..self.operands.len()).filter(move |&i| self.operands[i] == best)
    }

    /// Whether these operands are one and the same.
    pub(crate) fn are_one(&self, operands: &[usize]) -> bool {
        operands.windows(2).all(|pair| self.statements[pair[0]] == self.statements[pair[1]])
    }

    /// Whether there is a choice: the sides have different slopes, the operands that tie are not all
    /// the same.
    pub(crate) fn has_choice(&self) -> bool {
        match self.corner {
            Corner::Sides(Sides { left, right }) => left != right,
            Corner::Tie { .. } => !self.are_one(&self.tied().collect::<SmallVec<[usize; 4]>>()),
            Corner::Apex | Corner::Jump | Corner::Branch { .. } => true,
        }
    }

    /// The place of the kink's statement on its tape.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// tape.var(0.0).abs(); // statement 0 is the variable, 1 the kink
    /// assert_eq!(tape.kinks()[0].statement(), 1);
    /// ```
    pub fn statement(&self) -> usize {
        self.statement.at()
    }
}

impl fmt::Display for Kink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}", self.op.name(), self.operands.as_slice())?;
        if self.distance != 0.0 {
            write!(f, ", {} from its kink", Short(self.distance))?;
        }
        write!(f, ", {}", self.location)
    }
}
