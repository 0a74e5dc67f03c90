//! Where infinities and NaN begin.

use crate::op::Op;
use crate::real::Short;
use smallvec::SmallVec;
use std::fmt;
use std::panic::Location;

/// An operation that turned finite operands into a value or a slope that is not finite. See
/// [`Tape::troubles`](super::Tape::troubles).
///
/// ```
/// use wengert::{Tape, op::Op};
/// let tape = Tape::new();
/// let y = tape.var(0.0).ln();
/// let trouble = &tape.troubles()[0];
/// assert_eq!(trouble.op(), Op::Ln);
/// println!("{trouble}"); // what, of which operands, where, and a way out
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub(super) op: Op,
    pub(super) operands: SmallVec<[f64; 2]>,
    pub(super) value: f64,
    pub(super) slopes: SmallVec<[f64; 2]>,
    pub(super) location: &'static Location<'static>,
}

impl Trouble {
    /// The operation.
    ///
    /// ```
    /// use wengert::{Tape, op::Op};
    /// let tape = Tape::new();
    /// tape.var(0.0).ln();
    /// assert_eq!(tape.troubles()[0].op(), Op::Ln);
    /// ```
    pub fn op(&self) -> Op {
        self.op
    }

    /// The operands, all finite.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// tape.var(0.0).ln();
    /// assert_eq!(tape.troubles()[0].operands(), [0.0]);
    /// ```
    pub fn operands(&self) -> &[f64] {
        &self.operands
    }

    /// The value of the operation.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// tape.var(0.0).ln();
    /// assert_eq!(tape.troubles()[0].value(), f64::NEG_INFINITY);
    /// ```
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The slope by each operand; 0 where an operand is a constant.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// tape.var(0.0).sqrt();
    /// assert_eq!(tape.troubles()[0].slopes(), [f64::INFINITY]);
    /// ```
    pub fn slopes(&self) -> &[f64] {
        &self.slopes
    }

    /// Where in the caller's source the operation was written.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// tape.var(0.0).ln();
    /// assert!(tape.troubles()[0].location().line() > 0);
    /// ```
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {:?} is {} with slope {:?}, {}",
            self.op.name(),
            self.operands.as_slice(),
            Short(self.value),
            self.slopes.as_slice(),
            self.location
        )?;
        match self.op.hint() {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}
