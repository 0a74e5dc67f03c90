//! Comparisons that a later [`select`](crate::Scalar::select) goes by.

use super::jet::Jet;
use crate::Real;
use num_traits::Float;
use std::cmp::Ordering;

/// The outcome of [`Dual::above`](crate::Dual::above) or [`Dual::below`](crate::Dual::below), which `select`
/// takes.
///
/// Of a comparison of equal numbers it remembers whether it holds a little way on.
///
/// ```
/// use wengert::Dual;
/// assert!(Dual::variable(2.0).above(1.0).holds());
/// assert!(!Dual::variable(1.0).above(1.0).holds());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    holds: bool,
    /// Whether numbers were compared that are equal, of which one changes; then it does not hold.
    tie: bool,
    /// Whether it holds a little way on from a tie.
    enters: bool,
}

impl Comparison {
    /// Whether `a` is above `b`, or below.
    #[inline(always)]
    pub(super) fn of<J: Jet>(a: J, b: J, above: bool) -> Self {
        let changes = !(a.is_level() && b.is_level());
        Self::by(a.here(), b.here(), above, changes, || a.leads(&b))
    }

    /// From the values, whether one of them changes, and the order of two that are equal a little way on.
    #[inline(always)]
    pub(crate) fn by<F: Real>(
        x: F,
        y: F,
        above: bool,
        changes: bool,
        leads: impl FnOnce() -> Ordering,
    ) -> Self {
        let holds = if above { x > y } else { x < y };
        if x != y || !changes {
            return Comparison { holds, tie: false, enters: false };
        }
        let wanted = if above { Ordering::Greater } else { Ordering::Less };
        Comparison { holds, tie: true, enters: leads() == wanted }
    }

    /// Whether the comparison holds.
    ///
    /// ```
    /// assert!(wengert::Dual::variable(1.0).below(2.0).holds());
    /// ```
    #[inline(always)]
    pub fn holds(self) -> bool {
        self.holds
    }

    /// Whether numbers were compared that are equal, of which one changes.
    #[inline(always)]
    pub(crate) fn is_tie(self) -> bool {
        self.tie
    }

    /// `yes` where it holds, else `no`; where equal numbers were compared and the two meet, the one that is
    /// entered.
    #[inline(always)]
    pub(super) fn select<J: Jet>(self, yes: impl FnOnce() -> J, no: impl FnOnce() -> J) -> J {
        self.branch(yes, no, entered)
    }

    /// [`Comparison::select`] of what is computed otherwise: `entered` is given both where the first branch is
    /// entered from a tie.
    #[inline(always)]
    pub(crate) fn branch<T>(
        self,
        yes: impl FnOnce() -> T,
        no: impl FnOnce() -> T,
        entered: impl FnOnce(T, T) -> T,
    ) -> T {
        if self.holds {
            yes()
        } else if self.tie && self.enters {
            entered(yes(), no())
        } else {
            no()
        }
    }
}

impl From<Comparison> for bool {
    #[inline(always)]
    fn from(comparison: Comparison) -> bool {
        comparison.holds
    }
}

/// The branch that is entered from a tie, if it meets the other there; else it is a jump. Nothing infinite
/// enters from it.
#[cold]
fn entered<J: Jet>(yes: J, no: J) -> J {
    let is_finite = yes.parts().all(J::F::is_finite);
    if is_finite && close(yes.here(), no.here()) { yes.shifted(no.here()) } else { no }
}

/// Whether two numbers are equal but for rounding: one branch may well be computed otherwise than the
/// other.
pub(crate) fn close<F: Real>(x: F, y: F) -> bool {
    const ULPS: f64 = 16.0;
    let difference = (x - y).abs();
    let room = F::from_double(ULPS) * F::epsilon() * x.abs().max(y.abs());
    // Nothing finite is close to an infinity.
    x == y || difference.is_finite() && difference <= room
}
