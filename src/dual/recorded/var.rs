//! The variable of a tape of second order, and the entries of the table on it.

use crate::dual::{Comparison, Jet};
use crate::op::nary::tip_slopes;
use crate::op::{Binary, Corner, Unary, arithmetic};
use crate::tape::{Var, along};
use crate::{Dual, Real};
use num_traits::Float;
use smallvec::SmallVec;
use std::cmp::Ordering;

/// A number that remembers how it was computed from the variables of a function, and carries its derivatives
/// along `N` directions: from it come a gradient and the products of the Hessian with the directions, in one
/// reverse sweep.
///
/// It is what [`hvp`](crate::hvp) and [`hessian`](crate::hessian) hand to a function, and is used like a
/// [`Var`]: it has the operators and functions, it is a [`Scalar`](crate::Scalar) with the same values to the
/// bit, and it is `Copy`.
///
/// # At kinks
///
/// The branch is taken that the direction enters, as for a [`Dual`]: of several directions the first along
/// which the argument changes decides. The branch holds for all orders, so `|x| |x|` has the second derivative
/// 2 at 0. Where an argument does not change along any direction, its second derivatives decide, so `|-x²|` has
/// 2 as well; where these are 0 too, the default convention of a [`Var`] stays. Of functions of the user's own,
/// [`custom`](crate::Scalar::custom), second derivatives are not known, so they are NaN.
///
/// ```
/// use wengert::{Scalar, hvp};
/// fn loss<T: Scalar>(x: &[T]) -> T {
///     x[0] * x[0] * x[1] + x[1].abs() * x[1].abs()
/// }
/// let (value, gradient, product) = hvp(loss, &[3.0, 0.0], &[1.0, 10.0])?;
/// assert_eq!((value, gradient), (0.0, vec![0.0, 9.0]));
/// assert_eq!(product, [60.0, 26.0]); // [[2 y, 2 x], [2 x, 2]] · [1, 10]
/// # Ok::<(), wengert::LengthError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Var2<const N: usize = 1, F: Real = f64>(pub(super) Var<Dual<N, F>>);

impl<const N: usize, F: Real> Var2<N, F> {
    /// The constant 0.
    pub const ZERO: Self = Var2(Var::unchanging(Dual::ZERO, [Dual::ZERO; 2]));

    /// The constant 1.
    pub const ONE: Self = Var2(Var::unchanging(Dual::ONE, [Dual::ZERO; 2]));

    /// The value.
    ///
    /// ```
    /// assert_eq!(wengert::Var2::<1>::from(3.0).value(), 3.0);
    /// ```
    #[inline(always)]
    pub fn value(self) -> F {
        self.0.number().value()
    }

    /// Whether it depends on no variable.
    ///
    /// ```
    /// assert!(wengert::Var2::<1>::from(3.0).is_constant());
    /// ```
    #[inline(always)]
    pub fn is_constant(self) -> bool {
        self.0.is_constant()
    }

    /// The value and how it changes.
    #[inline(always)]
    pub(super) fn number(self) -> Dual<N, F> {
        self.0.number()
    }

    #[inline(always)]
    pub(super) fn constant(number: Dual<N, F>) -> Self {
        Var2(Var::constant(number))
    }

    /// The same number, of which the value came out otherwise.
    #[inline(always)]
    pub(super) fn shifted(self, value: F) -> Self {
        Var2(self.0.shifted(self.number().shifted(value)))
    }

    /// A linear function.
    #[inline(always)]
    pub(super) fn scaled(self, factor: F) -> Self {
        let value = Jet::chained(self.number(), self.value() * factor, factor);
        Var2(self.0.chained(value, Dual::from(factor)))
    }

    /// An entry of one argument.
    #[inline(always)]
    #[track_caller]
    pub(super) fn unary<O: Unary>(self, entry: O) -> Self {
        let (value, slope, kink) = self.number().sloped(entry);
        if self.is_constant() {
            return Self::constant(value);
        }
        if kink {
            self.0.note_decided();
            if self.number().is_level() {
                return self.bent(entry);
            }
        }
        if O::TAME || (value.is_finite() && slope.is_finite()) {
            Var2(self.0.curved_by(value, slope))
        } else {
            Var2(Var::set_apart(&[self.0], value, &[slope]))
        }
    }

    /// An entry of one argument at a kink where the argument is level: how it curves decides.
    #[cold]
    #[track_caller]
    fn bent<O: Unary>(self, entry: O) -> Self {
        let x = self.value().to_double();
        let y = entry.value(x);
        let slope = match entry.kink(x) {
            Some(Corner::Sides(sides)) => sides.towards(self.leads(&Self::ZERO)),
            _ => entry.slope(x, y),
        };
        let [value, slope] = [y, slope].map(|x| Dual::from(F::from_double(x)));
        Var2(self.0.curved_by(value, slope))
    }

    /// The second derivatives along each two directions, of which the first is not after the second: the change of
    /// the gradient along the one, along the other.
    fn curvatures(self) -> SmallVec<[F; 3]> {
        let pairs = || (0..N).flat_map(|i| (i..N).map(move |j| (i, j)));
        let along = |adjoints: &[Dual<N, F>], leaves: &[Dual<N, F>], (i, j): (usize, usize)| {
            let terms = leaves.iter().zip(adjoints);
            terms.map(|(leaf, a)| along(leaf.tangents()[i], a.tangents()[j])).sum()
        };
        let all = self.0.looked_back(|adjoints, leaves| {
            pairs().map(|pair| along(adjoints, leaves, pair)).collect()
        });
        all.unwrap_or_else(|| pairs().map(|_| F::zero()).collect())
    }

    /// Whether its gradient is finite, and how that changes.
    pub(super) fn has_finite_derivatives(self) -> bool {
        let is_finite = |x: &Dual<N, F>| {
            x.value().is_finite() && x.tangents().iter().all(|tangent| tangent.is_finite())
        };
        let gradient = self.0.looked_back(|adjoints, _| adjoints.iter().all(is_finite));
        gradient.unwrap_or(true) && is_finite(&self.number())
    }

    /// Which of the two is the greater a little way on, of two that are equal here: where they change alike, how
    /// they curve decides.
    pub(super) fn leads(&self, other: &Self) -> Ordering {
        let order = self.number().leads(&other.number());
        if order != Ordering::Equal || (self.is_constant() && other.is_constant()) {
            return order;
        }
        // What is NaN decides nothing.
        let (own, others) = (self.curvatures(), other.curvatures());
        let mut orders = own.iter().zip(&others).filter_map(|(p, q)| p.partial_cmp(q));
        orders.find(|&order| order != Ordering::Equal).unwrap_or(Ordering::Equal)
    }

    /// Whether it is above another, or below.
    #[inline(always)]
    pub(super) fn compared(self, other: Self, above: bool) -> Comparison {
        let changes = !(self.is_constant() && other.is_constant());
        Comparison::by(self.value(), other.value(), above, changes, || self.leads(&other))
    }

    /// An entry of two arguments.
    #[inline(always)]
    #[track_caller]
    pub(super) fn binary<O: Binary>(self, other: Self, entry: O) -> Self {
        let (a, b) = (self.number(), other.number());
        let (x, y) = (a.value().to_double(), b.value().to_double());
        match entry.kink(x, y) {
            None => {
                let asked = [!self.is_constant(), !other.is_constant()];
                let rule = a.sloped_by_both(b, entry, asked);
                self.joined(other, rule)
            }
            Some(corner) => {
                let value = F::from_double(entry.value(x, y));
                Self::cornered(&[self, other], corner, value)
            }
        }
    }

    /// A function of two numbers from its value and slopes.
    #[inline(always)]
    #[track_caller]
    pub(super) fn linear(self, other: Self, rule: (Dual<N, F>, Dual<N, F>, Dual<N, F>)) -> Self {
        Var2(self.0.joined(other.0, rule))
    }

    /// A function of two numbers from its value and slopes, set apart where they are not finite.
    #[inline(always)]
    #[track_caller]
    fn joined(
        self,
        other: Self,
        (value, by_a, by_b): (Dual<N, F>, Dual<N, F>, Dual<N, F>),
    ) -> Self {
        if value.is_finite() && by_a.is_finite() && by_b.is_finite() {
            return self.linear(other, (value, by_a, by_b));
        }
        Var2(Var::set_apart(&[self.0, other.0], value, &[by_a, by_b]))
    }

    /// A function of numbers that are at its kink.
    #[cold]
    #[track_caller]
    pub(super) fn cornered(operands: &[Self], corner: Corner, value: F) -> Self {
        match corner {
            Corner::Tie { greater } => Self::foremost(operands, greater, value),
            Corner::Apex => Self::tip(operands, value),
            // The other two are of other operations.
            Corner::Jump | Corner::Sides(_) | Corner::Branch { .. } => {
                Self::straight(operands, value, |_| F::zero())
            }
        }
    }

    /// Of numbers that tie, the one that becomes the greatest or the least. Of several that stay alike each has an
    /// equal share, beside a constant none.
    #[track_caller]
    pub(super) fn foremost(tied: &[Self], greater: bool, value: F) -> Self {
        if let Some(varying) = tied.iter().find(|x| !x.is_constant()) {
            varying.0.note_decided();
        }
        let wanted = if greater { Ordering::Greater } else { Ordering::Less };
        let ahead = |best: Self, x: &Self| if x.leads(&best) == wanted { *x } else { best };
        let best = tied.iter().skip(1).fold(tied[0], ahead);
        let alike = |x: &&Self| x.leads(&best) == Ordering::Equal;
        let best: SmallVec<[Self; 4]> = tied.iter().filter(alike).copied().collect();
        if let [only] = *best {
            return only.shifted(value);
        }
        let constant = best.iter().any(|x| x.is_constant());
        let share = if constant { F::zero() } else { F::from_double((best.len() as f64).recip()) };
        Self::straight(&best, value, |_| share)
    }

    /// The norm of numbers all of which are 0: from there along the direction a straight line.
    #[track_caller]
    pub(super) fn tip(xs: &[Self], value: F) -> Self {
        if let Some(varying) = xs.iter().find(|x| !x.is_constant()) {
            varying.0.note_decided();
        }
        let moved = tip_slopes(xs.len(), N, |which, i| xs[i].number().tangents()[which]);
        let slopes = moved.or_else(|| {
            let curvatures: Vec<_> = xs.iter().map(|x| x.curvatures()).collect();
            tip_slopes(xs.len(), N * (N + 1) / 2, |which, i| curvatures[i][which])
        });
        Self::straight(xs, value, |i| slopes.as_ref().map_or(F::zero(), |slopes| slopes[i]))
    }

    /// `self / other`.
    #[inline(always)]
    #[track_caller]
    pub(super) fn over(self, other: Self) -> Self {
        let rule = arithmetic::div(self.number(), other.number());
        if other.value() == F::zero() {
            return self.joined(other, rule);
        }
        self.linear(other, rule)
    }

    /// `self / divisor`.
    #[inline(always)]
    #[track_caller]
    pub(super) fn over_number(self, divisor: F) -> Self {
        if divisor == F::zero() {
            return self.over(Self::from(divisor));
        }
        let number = self.number();
        let slope = divisor.recip();
        let value = Jet::chained(number, number.value() / divisor, slope);
        Var2(self.0.chained(value, Dual::from(slope)))
    }

    /// `number / self`.
    #[inline(always)]
    #[track_caller]
    pub(super) fn under(self, number: F) -> Self {
        if self.value() == F::zero() {
            return Self::from(number).over(self);
        }
        let (value, _, slope) = arithmetic::div(Dual::from(number), self.number());
        Var2(self.0.chained(value, slope))
    }
}
