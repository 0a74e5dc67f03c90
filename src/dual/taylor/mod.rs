//! Derivatives of any order along one direction: [`Taylor`].

mod lists;
mod powers;

use crate::Real;
use crate::dual::jet::{Jet, Local};
use crate::dual::lanes::{both, joined, scaled};
use crate::dual::series::{integral, product, quotient};
use crate::op::{self, Binary, List, Many, Op, Shape, Shares, Slopes, Unary, arithmetic};
use smallvec::SmallVec;
use std::cmp::Ordering;

/// A number with its derivatives of all orders up to `K` along one direction, as the coefficients of a power
/// series: `x(t) = x₀ + x₁ t + … + x_K t^K` for `t ≥ 0`.
///
/// It is to be had wherever a [`Dual`](crate::Dual) is, with the same values and slopes. A product or a quotient
/// takes about `K²` multiplications. A function of the table takes up to `K` rounds of its second derivative,
/// each of some products: from `y' = s x'`, `s' = c x'` and the entry's `c`, an expression of `x`, `y` and `s`, each
/// round makes another order right. Powers have a recurrence of their own.
///
/// # At kinks
///
/// The branch is taken that is entered for small `t > 0`, by the first coefficient that is not 0, so derivatives
/// of all orders are one-sided and exact, at the tip of a cone too. Where a second derivative jumps
/// and the function has no kink, as that of `softsign` at 0, it is the one that the entry states.
///
/// Of functions of the user's own, [`custom`](crate::Scalar::custom), only first derivatives are known; from the
/// second on they are NaN.
///
/// ```
/// use wengert::Taylor;
/// let y = Taylor::<4>::variable(0.0).exp();
/// assert_eq!(y.coefficients(), [1.0, 0.5, 1.0 / 6.0, 1.0 / 24.0]);
/// assert_eq!(y.derivative(4), 1.0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Taylor<const K: usize, F: Real = f64> {
    value: F,
    /// From the first order on.
    rest: [F; K],
}

impl<const K: usize, F: Real> Taylor<K, F> {
    /// The constant 0.
    pub const ZERO: Self = Self::new(F::UNITS[0], [F::UNITS[0]; K]);

    /// The constant 1.
    pub const ONE: Self = Self::new(F::UNITS[1], [F::UNITS[0]; K]);

    /// A number with this value, and these coefficients from the first order on.
    ///
    /// ```
    /// use wengert::Taylor;
    /// let path = Taylor::new(1.0, [2.0, 3.0]); // 1 + 2t + 3t²
    /// assert_eq!((path * path).coefficients(), [4.0, 10.0]);
    /// ```
    #[inline(always)]
    pub const fn new(value: F, coefficients: [F; K]) -> Self {
        Taylor { value, rest: coefficients }
    }

    /// A variable, `value + t`.
    ///
    /// ```
    /// use wengert::Taylor;
    /// let y = 1.0 / (1.0 - Taylor::<3>::variable(0.0));
    /// assert_eq!(y.coefficients(), [1.0, 1.0, 1.0]);
    /// ```
    #[inline(always)]
    pub fn variable(value: F) -> Self {
        let mut rest = [F::zero(); K];
        if let Some(first) = rest.first_mut() {
            *first = F::one();
        }
        Taylor { value, rest }
    }

    /// The value.
    ///
    /// ```
    /// assert_eq!(wengert::Taylor::<2>::variable(3.0).powi(2).value(), 9.0);
    /// ```
    #[inline(always)]
    pub fn value(self) -> F {
        self.value
    }

    /// The coefficients from the first order on.
    ///
    /// ```
    /// use wengert::Taylor;
    /// assert_eq!(Taylor::<3>::variable(2.0).powi(2).coefficients(), [4.0, 1.0, 0.0]);
    /// ```
    #[inline(always)]
    pub fn coefficients(self) -> [F; K] {
        self.rest
    }

    /// The coefficient of an order; of 0 it is the value.
    ///
    /// # Panics
    /// If the order is above `K`.
    ///
    /// ```
    /// use wengert::Taylor;
    /// assert_eq!(Taylor::<3>::variable(0.0).sin().coefficient(3), -1.0 / 6.0);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn coefficient(self, order: usize) -> F {
        assert!(order <= K, "order {order} of a series with {K}");
        self.at(order)
    }

    /// The derivative of an order, `k!` times the coefficient; of 0 it is the value.
    ///
    /// # Panics
    /// If the order is above `K`.
    ///
    /// ```
    /// use wengert::Taylor;
    /// assert_eq!(Taylor::<3>::variable(0.0).sin().derivative(3), -1.0);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn derivative(self, order: usize) -> F {
        let factorial = (1..=order).fold(1.0, |product, j| product * j as f64);
        F::from_double(self.coefficient(order).to_double() * factorial)
    }

    #[inline(always)]
    fn at(&self, order: usize) -> F {
        if order == 0 { self.value } else { self.rest[order - 1] }
    }

    #[inline(always)]
    fn place(&mut self, order: usize) -> &mut F {
        if order == 0 { &mut self.value } else { &mut self.rest[order - 1] }
    }

    /// The coefficients from the first order on, each from those before it.
    #[inline(always)]
    fn filled(mut self, coefficient: impl Fn(&Self, usize) -> F) -> Self {
        for k in 1..=K {
            self.rest[k - 1] = coefficient(&self, k);
        }
        self
    }

    /// `y` of `y' = slope · x'`.
    #[inline(always)]
    fn following(self, x: &Self, slope: &Self) -> Self {
        self.filled(|_, k| integral(|j| x.at(j), |j| slope.at(j), k))
    }

    /// `y` of `y' = by_a · a' + by_b · b'`.
    #[inline(always)]
    fn following_both(self, (a, by_a): (&Self, &Self), (b, by_b): (&Self, &Self)) -> Self {
        let part = |x: &Self, slope: &Self, k| integral(|j| x.at(j), |j| slope.at(j), k);
        self.filled(|_, k| part(a, by_a, k) + part(b, by_b, k))
    }

    /// A linear function, of which nothing is known beyond.
    fn only_first(self) -> Self {
        self.filled(|x, k| if k == 1 { x.at(k) } else { F::nan() })
    }

    /// The first order at which it changes, if there is one.
    fn first_change(&self) -> Option<usize> {
        (1..=K).find(|&k| self.at(k) != F::zero())
    }
}

impl<const K: usize> Taylor<K, f64> {
    fn same(&self, other: &Self) -> bool {
        let bits = |x: &Self| x.rest.map(f64::to_bits);
        bits(self) == bits(other)
    }

    /// An entry of one argument, from its slope there.
    fn follow<O: Unary>(self, entry: O, value: f64, slope: f64) -> Self {
        let slope = Self::constant(slope);
        let mut s = slope;
        let mut y = Self::constant(value).following(&self, &s);
        for _ in 1..K {
            let curve = entry.curve(self, y, s);
            let next = slope.following(&self, &curve);
            if next.same(&s) {
                break;
            }
            s = next;
            y = y.following(&self, &s);
        }
        y
    }

    /// An entry of two arguments, from its slopes there.
    fn follow_both<O: Binary>(
        self,
        other: Self,
        entry: O,
        (value, by_a, by_b): (f64, f64, f64),
    ) -> Self {
        let slopes = [by_a, by_b].map(Self::constant);
        let (a, b) = (&self, &other);
        let mut y = Self::constant(value).following_both((a, &slopes[0]), (b, &slopes[1]));
        for _ in 1..K {
            let (twice_a, mixed, twice_b) = entry.curves(self, other, y);
            let by_a = slopes[0].following_both((a, &twice_a), (b, &mixed));
            let by_b = slopes[1].following_both((a, &mixed), (b, &twice_b));
            let next = y.following_both((a, &by_a), (b, &by_b));
            if next.same(&y) {
                break;
            }
            y = next;
        }
        y
    }

    /// An entry of many arguments: each round of the slopes gains an order.
    fn follow_all<O: Many>(xs: &[Self], entry: O) -> Self {
        let numbers: SmallVec<[f64; 8]> = Self::values(xs).collect();
        let value = entry.value(&numbers);
        let by_value = |y: &Self, slopes: &[Self]| {
            let part = |(x, s): (&Self, &Self), k| integral(|j| x.at(j), |j| s.at(j), k);
            y.filled(|_, k| xs.iter().zip(slopes).map(|pair| part(pair, k)).sum())
        };
        let slopes = entry.slopes(&numbers, value).into_iter().map(Self::constant);
        let mut y = by_value(&Self::constant(value), &slopes.collect::<Slopes<Self>>());
        for _ in 1..K {
            let next = by_value(&y, &entry.slopes(xs, y));
            if next.same(&y) {
                break;
            }
            y = next;
        }
        y
    }
}

impl<const K: usize, F: Real> Jet for Taylor<K, F> {
    type F = F;
    type Wide = Taylor<K, f64>;
    const ORDER: usize = K;

    #[inline(always)]
    fn constant(value: F) -> Self {
        Self::new(value, [F::zero(); K])
    }
    #[inline(always)]
    fn here(&self) -> F {
        self.value
    }
    #[inline(always)]
    fn parts(&self) -> impl Iterator<Item = F> {
        self.rest.into_iter()
    }
    #[inline(always)]
    fn widen(self) -> Taylor<K, f64> {
        Taylor { value: self.value.to_double(), rest: self.rest.map(F::to_double) }
    }
    #[inline(always)]
    fn narrow(wide: Taylor<K, f64>, value: F) -> Self {
        Taylor { value, rest: wide.rest.map(F::from_double) }
    }
    #[inline(always)]
    fn shifted(self, value: F) -> Self {
        Taylor { value, ..self }
    }
    #[inline(always)]
    fn chained(self, value: F, slope: F) -> Self {
        Taylor { value, rest: scaled(&self.rest, slope) }
    }
    #[inline(always)]
    fn joined(self, other: Self, (value, by_self, by_other): (F, F, F)) -> Self {
        Taylor { value, rest: joined((by_self, &self.rest), (by_other, &other.rest)) }
    }
    #[inline(always)]
    fn plus(self, other: Self, value: F) -> Self {
        Taylor { value, rest: both(&self.rest, &other.rest, |s, t| s + t) }
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        let value = arithmetic::mul(self.value, other.value).0;
        Self::constant(value).filled(|_, k| product(|j| self.at(j), |j| other.at(j), k))
    }
    /// From `y · b = a`: `b₀ yₖ = aₖ - Σ bⱼ yₖ₋ⱼ`.
    #[inline(always)]
    fn over(self, other: Self) -> Self {
        let value = arithmetic::div(self.value, other.value).0;
        Self::constant(value).filled(|y, k| {
            let others = |j: usize| if j == 0 { F::zero() } else { other.at(j) };
            quotient(self.at(k) - product(others, |j| y.at(j), k), other.value)
        })
    }
    #[inline(always)]
    fn under(self, number: F) -> Self {
        Self::constant(number).over(self)
    }
    fn unary<O: Unary>(self, entry: O) -> Self {
        let at = self.value.to_double();
        let y = entry.value(at);
        let value = F::from_double(y);
        if self.is_level() {
            return Self::constant(value);
        }
        let (slope, decided) =
            if entry.is_smooth(at) { (entry.slope(at, y), false) } else { self.bent(entry, at, y) };
        if O::SHAPE != Shape::Curved {
            return self.chained(value, F::from_double(slope));
        }
        let mut x = self.widen();
        if decided {
            // The next number on the side that is entered, so that its second derivative is that of the piece.
            x.value = match self.heading() {
                Ordering::Less => at.next_down(),
                Ordering::Greater => at.next_up(),
                Ordering::Equal => at,
            };
        }
        let found = if O::OP == Op::Powi {
            let [power, _] = entry.parameters();
            x.powered(Taylor::constant(power), (y, slope, 0.0))
        } else {
            x.follow(entry, y, slope)
        };
        Self::narrow(found, value)
    }
    fn smooth<O: Binary>(self, other: Self, entry: O) -> Self {
        let (a, b) = (self.value.to_double(), other.value.to_double());
        let y = entry.value(a, b);
        let value = F::from_double(y);
        if self.is_level() && other.is_level() {
            return Self::constant(value);
        }
        let by_a = if self.is_level() { 0.0 } else { entry.slope_a(a, b, y) };
        let by_b = if other.is_level() { 0.0 } else { entry.slope_b(a, b, y) };
        let (wide, others) = (self.widen(), other.widen());
        let found = if O::OP == Op::Powf {
            wide.powered(others, (y, by_a, by_b))
        } else {
            wide.follow_both(others, entry, (y, by_a, by_b))
        };
        Self::narrow(found, value)
    }
    fn many<O: Many>(xs: &[Self], entry: O) -> Self {
        let xs: SmallVec<[Self::Wide; 8]> = xs.iter().map(|x| x.widen()).collect();
        let y = Taylor::follow_all(&xs, entry);
        Self::narrow(y, F::from_double(y.value))
    }
    /// `|x| = t |x / t|`, as `t ≥ 0`.
    fn tip(xs: &[Self]) -> Self {
        let zero = Self::constant(F::zero());
        if xs.iter().all(Self::is_level) {
            return zero;
        }
        let before = |x: &Self| {
            let after = zero.filled(|_, k| if k < K { x.at(k + 1) } else { F::zero() });
            after.shifted(if K > 0 { x.at(1) } else { F::zero() })
        };
        let length = Self::list(&xs.iter().map(before).collect::<Vec<Self>>(), op::Norm);
        zero.filled(|_, k| length.at(k - 1))
    }
    fn list_at<O: List>(xs: &[Self], at: Local<'_, O, F>) -> Self {
        if O::LINEAR {
            let terms = xs.iter().enumerate().map(|(i, &x)| (x, at.slope(i, x.value)));
            return Self::combined(terms, at.value);
        }
        Self::narrow(Taylor::turning(xs, at).0, at.value)
    }
    fn shares<O: Shares>(xs: &[Self], _: O) -> Vec<Self> {
        let mut kept: SmallVec<[F; 8]> = SmallVec::new();
        let at = Local::of(xs, Self::here, O::OF, &mut kept);
        let (_, slopes) = Taylor::turning(xs, at);
        slopes.zip(at.kept).map(|(slope, &share)| Self::narrow(slope, share)).collect()
    }
    fn known(args: &[Self], value: F, partials: &[F]) -> Self {
        if args.iter().all(Self::is_level) {
            return Self::constant(value);
        }
        Self::combined(args.iter().copied().zip(partials.iter().copied()), value).only_first()
    }
}
