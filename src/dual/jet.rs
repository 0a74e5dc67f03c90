//! What the three numbers of forward mode share: [`Jet`], a value and how it changes.
//!
//! All that chooses is here: the branch at a kink, the order of numbers that tie, the side of a comparison
//! of equal numbers. It goes by the parts of the change in their order, of which the first that is not 0
//! decides: for one direction that is the branch that the direction enters, for several it is the
//! lexicographic directional derivative (K. A. Khan and P. I. Barton, "A vector forward mode of automatic
//! differentiation for generalized derivative evaluation", Optimization Methods and Software 30(6), 2015).

use crate::Real;
use crate::op::nary::{self, order};
use crate::op::{Binary, Corner, Extreme, List, Many, Shares, Sides, Unary};
use num_traits::{Float, Zero};
use smallvec::SmallVec;
use std::cmp::Ordering;

/// An entry of a list where it is: what it is made of, what it keeps for each number, and its value.
#[derive(Clone, Copy)]
pub(crate) struct Local<'k, O: List, F: Real> {
    pub(super) entry: O,
    pub(super) parts: O::Parts<F>,
    pub(super) kept: &'k [F],
    pub(super) value: F,
}

impl<'k, O: List, F: Real> Local<'k, O, F> {
    /// What an entry is of numbers.
    #[inline(always)]
    pub(super) fn of<T>(
        xs: &[T],
        number: impl Fn(&T) -> F + Copy,
        entry: O,
        kept: &'k mut SmallVec<[F; 8]>,
    ) -> Self {
        let parts = entry.parts(xs, number, kept);
        // A constant where nothing is kept, so that the room for it is not made.
        let kept: &[F] = if O::KEEPS { kept } else { &[] };
        Local { entry, parts, kept, value: entry.value(parts, xs.iter().map(number)) }
    }

    /// The slope by the number `x` at a place.
    #[inline(always)]
    pub(super) fn slope(self, at: usize, x: F) -> F {
        self.entry.slope(self.parts, x, || self.kept[at])
    }

    /// The place of a slope that is most of all, if the entry says that the change of its number may be taken off all:
    /// where there is none, nothing cancels.
    #[inline(always)]
    pub(super) fn leader(self, xs: impl Iterator<Item = F>) -> Option<usize> {
        let half = F::from_double(0.5);
        let is_most = |(at, x): (usize, F)| self.slope(at, x) > half;
        if O::SHIFTS { xs.enumerate().position(is_most) } else { None }
    }
}

/// A number that carries its derivatives along.
///
/// In all of them a slope of 0 passes nothing on, and a change of 0 gives 0 whatever the slope: see
/// [`along`](super::lanes::along).
pub(crate) trait Jet: Copy {
    /// The precision.
    type F: Real;
    /// The same in double precision, in which long sums are formed.
    type Wide: Jet<F = f64, Wide = Self::Wide>;
    /// The highest order of its derivatives.
    const ORDER: usize;

    /// A number that does not change.
    fn constant(value: Self::F) -> Self;
    /// The value.
    fn here(&self) -> Self::F;
    /// The parts of the change, in the order in which they decide.
    fn parts(&self) -> impl Iterator<Item = Self::F>;
    /// The same in double precision.
    fn widen(self) -> Self::Wide;
    /// A change that was found in double precision, with this value.
    fn narrow(wide: Self::Wide, value: Self::F) -> Self;

    /// The same change, for another value.
    fn shifted(self, value: Self::F) -> Self;
    /// A linear function, from its value and slope.
    fn chained(self, value: Self::F, slope: Self::F) -> Self;
    /// A linear function of both, from its value and slopes.
    fn joined(self, other: Self, rule: (Self::F, Self::F, Self::F)) -> Self;
    /// `self + other`, for this value.
    fn plus(self, other: Self, value: Self::F) -> Self;
    /// `self · other`.
    fn times(self, other: Self) -> Self;
    /// `self / other`.
    fn over(self, other: Self) -> Self;
    /// `number / self`.
    fn under(self, number: Self::F) -> Self;
    /// An entry of one argument.
    fn unary<O: Unary>(self, entry: O) -> Self;
    /// An entry of two arguments, away from its kinks.
    fn smooth<O: Binary>(self, other: Self, entry: O) -> Self;
    /// An entry of three arguments or of a list.
    fn many<O: Many>(xs: &[Self], entry: O) -> Self;
    /// The norm of numbers all of which are 0.
    fn tip(xs: &[Self]) -> Self;
    /// An entry of a list in the precision of the numbers, away from its tip, with its slopes here.
    fn list_at<O: List>(xs: &[Self], at: Local<'_, O, Self::F>) -> Self;
    /// The slopes of an entry of a list that shifts.
    fn shares<O: Shares>(xs: &[Self], entry: O) -> Vec<Self>;
    /// A function of which only value and partials are known.
    fn known(args: &[Self], value: Self::F, partials: &[Self::F]) -> Self;

    /// Whether it does not change.
    #[inline(always)]
    fn is_level(&self) -> bool {
        self.parts().all(|part| part == Self::F::zero())
    }

    /// Which of the two is the greater a little way on, of two that are equal here.
    fn leads(&self, other: &Self) -> Ordering {
        // What is NaN decides nothing.
        let orders = self.parts().zip(other.parts()).filter_map(|(p, q)| p.partial_cmp(&q));
        orders.into_iter().find(|&order| order != Ordering::Equal).unwrap_or(Ordering::Equal)
    }

    /// Whether it grows or falls.
    fn heading(&self) -> Ordering {
        self.leads(&Self::constant(Self::F::zero()))
    }

    /// The slope on the side of a kink that is entered; of a number that stays, that of the convention.
    fn side(self, sides: Sides) -> f64 {
        sides.towards(self.heading())
    }

    /// The slope of an entry of one argument where it may have a kink; and whether one was decided.
    // By value, as what has its address taken would live in memory on the usual path too.
    #[cold]
    #[inline(never)]
    fn bent<O: Unary>(self, entry: O, x: f64, y: f64) -> (f64, bool) {
        match entry.kink(x) {
            // A kink at a finite number has a value.
            Some(Corner::Sides(sides)) if Self::F::from_double(y).is_finite() || !x.is_finite() => {
                (self.side(sides), true)
            }
            _ => (entry.slope(x, y), false),
        }
    }

    /// The same, and which kink it is.
    #[cold]
    #[inline(never)]
    fn bent_at<O: Unary>(self, entry: O, x: f64, y: f64) -> (f64, Option<usize>) {
        let (slope, decided) = self.bent(entry, x, y);
        let place = || entry.kinks().iter().position(|&(at, _)| at == x);
        (slope, if decided { place() } else { None })
    }

    /// An entry of one argument as it is here: value, slope and the slope's derivative; and whether a kink was
    /// decided.
    #[inline(always)]
    fn local<O: Unary>(self, entry: O) -> (f64, f64, f64, bool) {
        let x = self.here().to_double();
        let y = entry.value(x);
        let (slope, which) =
            if entry.is_smooth(x) { (entry.slope(x, y), None) } else { self.bent_at(entry, x, y) };
        let curve = match which {
            None => entry.curve(x, y, slope),
            Some(which) => entry.bends().get(which).map_or(0.0, |&bends| self.side(bends)),
        };
        (y, slope, curve, which.is_some())
    }

    /// An entry of two arguments.
    #[inline(always)]
    fn binary<O: Binary>(self, other: Self, entry: O) -> Self {
        let (a, b) = (self.here().to_double(), other.here().to_double());
        match entry.kink(a, b) {
            None => self.smooth(other, entry),
            Some(corner) => {
                let value = Self::F::from_double(entry.value(a, b));
                Self::cornered(&[self, other], corner, value)
            }
        }
    }

    /// A function of numbers that are at its kink.
    #[cold]
    fn cornered(operands: &[Self], corner: Corner, value: Self::F) -> Self {
        match corner {
            Corner::Tie { greater } => Self::foremost(operands, greater).shifted(value),
            Corner::Apex => Self::tip(operands).shifted(value),
            // The other two are of other operations.
            Corner::Jump | Corner::Sides(_) | Corner::Branch { .. } => Self::constant(value),
        }
    }

    /// Of numbers that tie, the one that becomes the greatest or the least.
    fn foremost(tied: &[Self], greater: bool) -> Self {
        let wanted = if greater { Ordering::Greater } else { Ordering::Less };
        let ahead = |best: Self, x: &Self| if x.leads(&best) == wanted { *x } else { best };
        let best = tied.iter().skip(1).fold(tied[0], ahead);
        // A part that is NaN compares with nothing, and so is not passed over.
        match tied.iter().find(|x| x.parts().any(Self::F::is_nan)) {
            Some(&nan) => {
                let value = best.here();
                best.plus(nan, value).chained(value, Self::F::from_double(0.5))
            }
            None => best,
        }
    }

    /// `Σ slopes · xs`, for this value.
    #[inline(always)]
    fn combined(terms: impl Iterator<Item = (Self, Self::F)>, value: Self::F) -> Self {
        let add = |sum: Self::Wide, (x, slope): (Self, Self::F)| {
            sum.plus(x.widen().chained(0.0, slope.to_double()), 0.0)
        };
        Self::narrow(terms.fold(Self::Wide::constant(0.0), add), value)
    }

    /// `Σ aᵢ bᵢ`, for this value.
    fn dot_of(pairs: impl Iterator<Item = (Self, Self)>, value: Self::F) -> Self {
        let add = |sum: Self::Wide, (a, b): (Self, Self)| sum.plus(a.widen().times(b.widen()), 0.0);
        Self::narrow(pairs.fold(Self::Wide::constant(0.0), add), value)
    }

    /// The values of numbers.
    #[inline(always)]
    fn values(xs: &[Self]) -> impl ExactSizeIterator<Item = Self::F> + Clone {
        xs.iter().map(Self::here)
    }

    /// An entry of a list in the precision of the numbers.
    #[inline(always)]
    fn list<O: List>(xs: &[Self], entry: O) -> Self {
        let mut kept: SmallVec<[Self::F; 8]> = SmallVec::new();
        let at = Local::of(xs, Self::here, entry, &mut kept);
        if O::TIP && at.value == Self::F::zero() {
            return Self::tip(xs).shifted(at.value);
        }
        Self::list_at(xs, at)
    }

    /// The greatest or the least of a list, whose value that is.
    fn extreme<O: Extreme>(xs: &[Self], entry: O) -> Self {
        let value = entry.value(Self::values(xs));
        let tied = nary::extremes(xs, value, Self::here);
        match *tied {
            [] => Self::constant(value),
            [x] => x,
            _ => Self::foremost(&tied, O::GREATER).shifted(value),
        }
    }

    /// The numbers in ascending order, with the values that plain ones have; all are the first NaN if there is
    /// one.
    fn ascending(xs: &[Self]) -> Vec<Self> {
        if let Some(&nan) = xs.iter().find(|x| x.here().is_nan()) {
            return vec![nan; xs.len()];
        }
        let mut sorted = xs.to_vec();
        sorted.sort_by(|a, b| order::ascending(a.here(), b.here()).then_with(|| a.leads(b)));
        // Of zeros of both signs the place is by the plain order.
        let plain = order::sorted(&Self::values(xs).collect::<Vec<Self::F>>());
        sorted.into_iter().zip(plain).map(|(x, value)| x.shifted(value)).collect()
    }
}
