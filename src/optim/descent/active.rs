//! A kink in a certificate: [`ActiveKink`].

#[cfg(doc)]
use super::Certificate;
use crate::op::{Op, Sides};
use std::panic::Location;
use std::sync::OnceLock;

/// A kink that the point is at, in a [`Certificate`]. A maximum of `n` numbers counts as `n - 1`
/// kinks.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveKink {
    pub(super) op: Op,
    pub(super) location: &'static Location<'static>,
    pub(super) distance: f64,
    pub(super) sides: Sides,
    pub(super) slope: f64,
    pub(super) weight: f64,
    pub(super) row: Entries,
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

    /// How far its operand is from the kink in the recording at the point. As a rule this is only
    /// rounding.
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

    /// The gradient of its operand by the parameters; [`entries`](Self::entries) tells those of its slopes
    /// that are not 0.
    ///
    /// ```
    /// # use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0], |x| (x[0] * 2.0).abs())?;
    /// assert_eq!(found.kinks()[0].row(), [2.0]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn row(&self) -> &[f64] {
        self.row.full()
    }

    /// The parameters that its operand depends on, and its slopes by them: what [`row`](Self::row)
    /// holds, less the zeros. Where there are many parameters it costs less.
    ///
    /// ```
    /// # use wengert::optim::KinkDescent;
    /// let found = KinkDescent::new().minimize(&mut [3.0, 4.0], |x| (x[1] * 2.0).abs())?;
    /// assert_eq!(found.kinks()[0].entries().collect::<Vec<_>>(), [(1, 2.0)]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    pub fn entries(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.row.entries()
    }
}

/// A bound that holds a parameter, in a [`Certificate`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ActiveBound {
    pub(super) place: usize,
    pub(super) is_upper: bool,
    pub(super) multiplier: f64,
}

impl ActiveBound {
    /// The index of the parameter.
    ///
    /// ```
    /// # use wengert::optim::{Bounds, KinkDescent};
    /// let descent = KinkDescent::builder().within(Bounds::new(&[1.0], &[9.0])?).build()?;
    /// let found = descent.minimize(&mut [3.0], |x| x[0] * 2.0)?;
    /// assert_eq!(found.bounds()[0].place(), 0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn place(&self) -> usize {
        self.place
    }

    /// Whether it is the upper one.
    ///
    /// ```
    /// # use wengert::optim::{Bounds, KinkDescent};
    /// let descent = KinkDescent::builder().within(Bounds::new(&[1.0], &[9.0])?).build()?;
    /// let found = descent.minimize(&mut [3.0], |x| x[0] * 2.0)?;
    /// assert!(!found.bounds()[0].is_upper());
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn is_upper(&self) -> bool {
        self.is_upper
    }

    /// How fast the loss falls if the bound moves outwards; at least 0.
    ///
    /// ```
    /// # use wengert::optim::{Bounds, KinkDescent};
    /// let descent = KinkDescent::builder().within(Bounds::new(&[1.0], &[9.0])?).build()?;
    /// let found = descent.minimize(&mut [3.0], |x| x[0] * 2.0)?;
    /// assert_eq!(found.bounds()[0].multiplier(), 2.0);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn multiplier(&self) -> f64 {
        self.multiplier
    }

    /// What it adds to the generalized gradient, by its parameter.
    pub(super) fn slope(&self) -> f64 {
        if self.is_upper { self.multiplier } else { -self.multiplier }
    }
}

/// A row by its entries other than 0; in full if it is asked for.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    len: usize,
    entries: Vec<(u32, f64)>,
    full: OnceLock<Vec<f64>>,
}

impl Entries {
    pub(super) fn new(len: usize, entries: impl Iterator<Item = (usize, f64)>) -> Self {
        let own = entries.filter(|(_, a)| *a != 0.0).map(|(j, a)| (j as u32, a)).collect();
        Entries { len, entries: own, full: OnceLock::new() }
    }

    pub(super) fn of_full(row: &[f64]) -> Self {
        Entries::new(row.len(), row.iter().copied().enumerate())
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (usize, f64)> + '_ {
        self.entries.iter().map(|&(j, a)| (j as usize, a))
    }

    fn full(&self) -> &[f64] {
        self.full.get_or_init(|| {
            let mut full = vec![0.0; self.len];
            self.entries.iter().for_each(|&(j, a)| full[j as usize] = a);
            full
        })
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        (self.len, &self.entries) == (other.len, &other.entries)
    }
}
