//! Tapes that write kinks down before they are met.

use super::KinkError;
use crate::tape::Kink;
use crate::{Real, Tape};

impl<F: Real> Tape<F> {
    /// The tape, empty, and from here on with every operation that is at most `radius` away from its
    /// kink written as a kink, with its true slopes; see [`Tape::near_kinks`].
    ///
    /// With an infinite radius the whole recording becomes a list of smooth pieces and kinks: the
    /// abs-normal form of A. Griewank, "On stable piecewise linearization and generalized algorithmic
    /// differentiation", Optimization Methods and Software 28(6), 2013. Values and gradients are the
    /// same as without, up to rounding; recording is slower, and takes memory for each operation that
    /// could have a kink. A [`select`](crate::Scalar::select) is a kink only at its tie: beside it,
    /// nothing tells a kink from a jump. The radius is kept by [`Tape::clear`].
    ///
    /// # Errors
    /// If the radius is negative or NaN.
    ///
    /// ```
    /// use wengert::Tape;
    /// let tape = Tape::new().watching(0.5)?;
    /// let x = tape.var(1.75);
    /// let y = (x - 2.0).abs() + x.abs();
    /// assert_eq!(y.backward().wrt(x), 0.0); // -1 + 1: nothing is at a kink
    /// assert_eq!(tape.near_kinks()[0].distance(), -0.25);
    /// assert!(tape.kinks().is_empty() && tape.near_kinks().len() == 1);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    pub fn watching(self, radius: f64) -> Result<Self, KinkError> {
        if radius.is_nan() || radius < 0.0 {
            return Err(KinkError::Radius { value: radius });
        }
        self.watch(radius);
        Ok(self)
    }

    /// The operations that came near a kink and did not meet it, in the order of recording. Only a
    /// tape that is [watched](Tape::watching) has any.
    ///
    /// ```
    /// let tape = wengert::Tape::new().watching(0.1)?;
    /// let [a, b] = tape.vars([2.0, 1.9375]);
    /// a.max(b);
    /// println!("{}", tape.near_kinks()[0]); // max at [2.0, 1.9375], 0.0625 from its kink, src/...
    /// assert_eq!(tape.near_kinks()[0].slopes(), [1.0, 0.0]);
    /// # Ok::<(), wengert::KinkError>(())
    /// ```
    pub fn near_kinks(&self) -> Vec<Kink> {
        self.with_kinks(|kinks| {
            kinks.iter().filter(|kink| kink.distance() != 0.0).cloned().collect()
        })
    }
}
