//! A rate that falls where the loss does not: [`Plateau`].

use super::course::Cell;
use crate::Real;
use crate::optim::error::{OptimError, check_option};

/// A [`Schedule`](super::Schedule) that multiplies the rate by a factor where the loss has not become
/// better for a while; PyTorch's `ReduceLROnPlateau`, with its defaults.
///
/// ```text
/// best ← ∞ at first
/// if f < best − threshold |best|: best ← f, waited ← 0, else waited ← waited + 1
/// if resting: rest ← rest − 1, waited ← 0
/// if waited > patience: r ← max(factor r, least), rest ← cooldown, waited ← 0
/// ```
///
/// For losses below 0 PyTorch's relative threshold asks for a loss that is worse; here it is a share of
/// the magnitude. A first loss that is infinite or NaN is no gain. When maximising, `f` is the negative of the value.
///
/// ```
/// use wengert::optim::{Optimizer, Plateau, Sgd};
/// let mut sgd = Sgd::builder(1.0).schedule(Plateau::new(0.5).patience(1)).build()?;
/// let mut sizes = Vec::new();
/// for loss in [9.0, 9.0, 9.0, 8.0] {
///     sizes.push(sgd.step(&mut [1.0], loss, &[1.0])?.size);
/// }
/// assert_eq!(sizes, [1.0, 1.0, 1.0, 0.5]);
/// # Ok::<(), wengert::optim::OptimError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Plateau<F: Real = f64> {
    factor: F,
    patience: u64,
    threshold: F,
    absolute: bool,
    cooldown: u64,
    least: F,
    least_change: F,
}

impl<F: Real> Plateau<F> {
    /// A rate that is multiplied by `factor`; PyTorch's default is 0.1.
    ///
    /// ```
    /// use wengert::optim::{Plateau, Schedule};
    /// let schedule = Schedule::from(Plateau::new(0.1));
    /// assert_eq!(schedule.rates(1.0, 12)?[11], 1.0); // its patience is 10
    /// assert_eq!(schedule.rates(1.0, 13)?[12], 0.1);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn new(factor: F) -> Self {
        Plateau {
            factor,
            patience: 10,
            threshold: F::from_double(1e-4),
            absolute: false,
            cooldown: 0,
            least: F::zero(),
            least_change: F::from_double(1e-8),
        }
    }

    /// For how many steps without a gain the rate stays; 10 unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::{Plateau, Schedule};
    /// let schedule = Schedule::from(Plateau::new(0.5).patience(0));
    /// assert_eq!(schedule.rates(1.0, 3)?, [1.0, 1.0, 0.5]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn patience(self, steps: u64) -> Self {
        Plateau { patience: steps, ..self }
    }

    /// What share of the best loss is a gain; 10⁻⁴ unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::{Plateau, Schedule};
    /// let plateau = Plateau::new(0.5).patience(0);
    /// for (threshold, rate) in [(0.01, 1.0), (0.2, 0.5)] {
    ///     let mut pace = Schedule::from(plateau.threshold(threshold)).pace(1.0)?;
    ///     pace.advance(10.0);
    ///     pace.advance(9.0);
    ///     assert_eq!(pace.rate(), rate);
    /// }
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn threshold(self, share: F) -> Self {
        Plateau { threshold: share, absolute: false, ..self }
    }

    /// How much less is a gain, in the unit of the loss.
    ///
    /// ```
    /// use wengert::optim::{Plateau, Schedule};
    /// let mut pace = Schedule::from(Plateau::new(0.5).patience(0).absolute_threshold(2.0)).pace(1.0)?;
    /// pace.advance(10.0);
    /// pace.advance(9.0);
    /// assert_eq!(pace.rate(), 0.5);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn absolute_threshold(self, gain: F) -> Self {
        Plateau { threshold: gain, absolute: true, ..self }
    }

    /// How many steps after a fall do not count; 0 unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::{Plateau, Schedule};
    /// let schedule = Schedule::from(Plateau::new(0.5).patience(0).cooldown(2));
    /// assert_eq!(schedule.rates(1.0, 6)?, [1.0, 1.0, 0.5, 0.5, 0.5, 0.25]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn cooldown(self, steps: u64) -> Self {
        Plateau { cooldown: steps, ..self }
    }

    /// Below what the rate never falls; 0 unless said otherwise.
    ///
    /// ```
    /// use wengert::optim::{Plateau, Schedule};
    /// let schedule = Schedule::from(Plateau::new(0.5).patience(0).least(0.4));
    /// assert_eq!(schedule.rates(1.0, 5)?, [1.0, 1.0, 0.5, 0.4, 0.4]);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn least(self, rate: F) -> Self {
        Plateau { least: rate, ..self }
    }

    /// A fall by no more than this is not made. It has the unit of the rate: 10⁻⁸ unless said otherwise,
    /// as PyTorch's `eps`. Rates that are small by their units need 0.
    ///
    /// ```
    /// use wengert::optim::{Plateau, Schedule};
    /// let plateau = Plateau::new(0.5).patience(0);
    /// assert_eq!(Schedule::from(plateau).rates(1e-8, 3)?[2], 1e-8);
    /// assert_eq!(Schedule::from(plateau.least_change(0.0)).rates(1e-8, 3)?[2], 0.5e-8);
    /// # Ok::<(), wengert::optim::OptimError>(())
    /// ```
    #[must_use]
    pub fn least_change(self, change: F) -> Self {
        Plateau { least_change: change, ..self }
    }

    pub(super) fn check(&self) -> Result<(), OptimError> {
        let (zero, one) = (F::zero(), F::one());
        let not_negative = "finite and not negative";
        check_option("factor of a plateau", self.factor, "in (0, 1)", |f| f > zero && f < one)?;
        check_option("threshold", self.threshold, not_negative, |t| t >= zero)?;
        check_option("least rate", self.least, not_negative, |r| r >= zero)?;
        check_option("least change of a rate", self.least_change, not_negative, |c| c >= zero)
    }

    pub(super) fn enter(&self, k: u64, rate: F, value: F, cell: &mut Cell<F>) {
        if k == 0 {
            *cell = Cell { rate, best: None, waited: 0, rest: 0 };
            return;
        }
        // A share of an infinite loss is none to compare with, so that none is ever the best.
        let better = match cell.best {
            None => value < F::infinity(),
            Some(best) => {
                let gain = if self.absolute { self.threshold } else { self.threshold * best.abs() };
                value < best - gain
            }
        };
        if better {
            (cell.best, cell.waited) = (Some(value), 0);
        } else {
            cell.waited += 1;
        }
        if cell.rest > 0 {
            (cell.rest, cell.waited) = (cell.rest - 1, 0);
        }
        if cell.waited > self.patience {
            let fallen = (cell.rate * self.factor).max(self.least);
            if cell.rate - fallen > self.least_change {
                cell.rate = fallen;
            }
            (cell.rest, cell.waited) = (self.cooldown, 0);
        }
    }
}
