//! A kink in a certificate: [`ActiveKink`].

#[cfg(doc)]
use super::Certificate;
use crate::op::{Op, Sides};
use std::panic::Location;

/// A kink that the point is at, in a [`Certificate`]. A maximum of several numbers counts as as many
/// kinks as it has numbers, less one.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveKink {
    pub(super) op: Op,
    pub(super) location: &'static Location<'static>,
    pub(super) distance: f64,
    pub(super) sides: Sides,
    pub(super) slope: f64,
    pub(super) weight: f64,
    pub(super) row: Vec<f64>,
}

impl ActiveKink {
    /// The operation.
    ///
    /// ```
    /// # use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| (x[0] - 1.0).relu() - x[0] * 0.5)?;
    /// assert_eq!(found.kinks()[0].op(), wengert::op::Op::Relu);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn op(&self) -> Op {
        self.op
    }

    /// Where in the caller's source it was written.
    ///
    /// ```
    /// # use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert!(found.kinks()[0].location().line() > 0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// How far its operand is from the kink, by the recording at the point: rounding, as a rule.
    ///
    /// ```
    /// # use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs())?;
    /// assert_eq!(found.kinks()[0].distance(), 0.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn distance(&self) -> f64 {
        self.distance
    }

    /// The slopes of the operation on the two sides.
    ///
    /// ```
    /// # use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].leaky_relu(-0.5))?;
    /// assert_eq!(found.kinks()[0].sides().left, -0.5);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn sides(&self) -> Sides {
        self.sides
    }

    /// The slope between them that makes the gradient least: the kink's multiplier.
    ///
    /// ```
    /// # use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs() + x[0] * 0.5)?;
    /// assert_eq!(found.kinks()[0].slope(), -0.5);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// The derivative of the loss by the operation's result.
    ///
    /// ```
    /// # use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| x[0].abs() * 7.0)?;
    /// assert_eq!(found.kinks()[0].weight(), 7.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn weight(&self) -> f64 {
        self.weight
    }

    /// The gradient of its operand by the parameters.
    ///
    /// ```
    /// # use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| (x[0] * 2.0).abs())?;
    /// assert_eq!(found.kinks()[0].row(), [2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn row(&self) -> &[f64] {
        &self.row
    }
}
