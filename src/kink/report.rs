//! What a gradient has to say about the kinks it came through.

use super::KinkError;
use crate::real::Short;
use crate::tape::{Kink, Slopes};
use crate::{Gradient, Real};
use smallvec::SmallVec;
use std::fmt;

/// A kink that a gradient came through or near, and the slopes that were chosen there. See
/// [`Gradient::kinks`].
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    kink: Kink,
    slopes: Slopes,
    adjoint: f64,
    resolved: bool,
}

impl Choice {
    /// The kink: operation, line, operands, one-sided slopes, distance.
    ///
    /// ```
    /// use wengert::{Tape, op::Op};
    /// let tape = Tape::new();
    /// let y = tape.var(0.0).abs();
    /// assert_eq!(y.backward().kinks()?[0].kink().op(), Op::Abs);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    pub fn kink(&self) -> &Kink {
        &self.kink
    }

    /// The slope used for each operand.
    ///
    /// ```
    /// use wengert::{Rule, Tape};
    /// let tape = Tape::new();
    /// let y = tape.var(0.0).abs();
    /// assert_eq!(y.backward().kinks()?[0].slopes(), [0.0]);
    /// assert_eq!(y.backward_with(Rule::Left)?.kinks()?[0].slopes(), [-1.0]);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    pub fn slopes(&self) -> &[f64] {
        &self.slopes
    }

    /// The derivative of the output by the value of the operation. It tells how much the slope at
    /// the kink weighs in the gradient.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let y = tape.var(0.0).abs() * 3.0;
    /// assert_eq!(y.backward().kinks()?[0].adjoint(), 3.0);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    pub fn adjoint(&self) -> f64 {
        self.adjoint
    }

    /// Whether the gradient depends on the choice: the kink was met, the output depends on it, and its
    /// sides differ.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(0.0);
    /// let y = x.abs() * x.abs() + x.relu(); // the square is smooth
    /// let choices = y.backward().kinks()?;
    /// let matter: Vec<bool> = choices.iter().map(|choice| choice.matters()).collect();
    /// assert_eq!(matter, [false, false, true]);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    pub fn matters(&self) -> bool {
        self.kink.distance() == 0.0 && self.adjoint != 0.0 && self.kink.has_choice()
    }

    /// Whether the rule decided the choice. It is `false` where a direction moves all operands
    /// alike, so that it enters no side. See [`Rule::Directional`](crate::Rule::Directional).
    ///
    /// ```
    /// use wengert::{Rule, Tape};
    /// let tape = Tape::new();
    /// let x = tape.var(0.0);
    /// let y = (x * x).abs() + x.abs();
    /// let choices = y.backward_with(Rule::Directional)?.kinks()?;
    /// assert!(!choices[0].is_resolved() && choices[1].is_resolved());
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    pub fn is_resolved(&self) -> bool {
        self.resolved
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Choice { kink, slopes, adjoint, .. } = self;
        let adjoint = Short(*adjoint);
        write!(f, "{kink}: slope {:?}, adjoint {adjoint}", slopes.as_slice())?;
        let unresolved = if self.resolved { "" } else { ", unresolved" };
        f.write_str(unresolved)
    }
}

impl<F: Real> Gradient<F> {
    /// The kinks recorded up to the output, near ones of a tape that is
    /// [watched](crate::Tape::watching) included, with the slopes that were chosen there.
    /// [`Choice::matters`] tells whether the gradient depends on a choice. The list is computed at
    /// each call.
    ///
    /// # Errors
    /// If the recording is over, or on another thread.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let [a, b] = tape.vars([2.0, 2.0]);
    /// let g = (a.max(b) * 3.0).backward();
    /// let choices = g.kinks()?;
    /// println!("{}", choices[0]); // max at [2.0, 2.0], src/main.rs:3:12: slope [0.5, 0.5], adjoint 3
    /// assert!(choices[0].matters());
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    pub fn kinks(&self) -> Result<Vec<Choice>, KinkError> {
        if self.is_of_constant() {
            return Ok(Vec::new());
        }
        let recording = self.recording().ok_or(KinkError::Over)?;
        let mut locked = self.locked.iter().flat_map(|locks| &locks.0);
        let mut choice = |kink: &Kink| {
            let locked = if kink.distance() == 0.0 { locked.next() } else { None };
            let slopes = locked.map_or(kink.slopes(), |locked| &locked.slopes);
            Choice {
                slopes: SmallVec::from_slice(slopes),
                resolved: locked.is_none_or(|locked| locked.resolved),
                adjoint: adjoint(self, kink).to_double(),
                kink: kink.clone(),
            }
        };
        let before = |kink: &&Kink| kink.index().at() < self.adjoints().len();
        Ok(recording.read(|kinks| kinks.iter().take_while(before).map(&mut choice).collect()))
    }

    /// Whether it is the gradient in the classical sense: the output does not depend on the slope of
    /// any kink that was met. All rules then agree.
    ///
    /// # Errors
    /// If the recording is over, or on another thread.
    ///
    /// ```
    /// let tape = wengert::Tape::new();
    /// let x = tape.var(0.0);
    /// assert!((x.abs() * x).backward().is_classical()?); // |x| x is smooth
    /// assert!(!(x.abs() + x).backward().is_classical()?);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    pub fn is_classical(&self) -> Result<bool, KinkError> {
        if self.is_of_constant() {
            return Ok(true);
        }
        let recording = self.recording().ok_or(KinkError::Over)?;
        Ok(recording.read(|kinks| !kinks.iter().any(|kink| depends(self, kink))))
    }
}

/// The derivative of the output by a kink's value.
fn adjoint<F: Real>(gradient: &Gradient<F>, kink: &Kink) -> F {
    gradient.adjoints().get(kink.index().at()).copied().unwrap_or(F::zero())
}

/// Whether a gradient depends on the slope that is chosen at a kink.
pub(super) fn depends<F: Real>(gradient: &Gradient<F>, kink: &Kink) -> bool {
    kink.distance() == 0.0 && adjoint(gradient, kink) != F::zero() && kink.has_choice()
}
