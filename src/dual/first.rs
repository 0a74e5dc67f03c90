//! First derivatives along several directions: [`Dual`].

use super::jet::{Jet, Local};
use super::lanes::{along, both, each, joined, scaled};
use crate::Real;
use crate::op::nary::tip_slopes;
use crate::op::{self, Binary, List, Many, Pairs, Shape, Shares, Unary, arithmetic};
use smallvec::SmallVec;

/// A number with its derivatives along `N` directions, computed forward: no tape, no memory, `Copy`.
///
/// It is a [`Scalar`](crate::Scalar), with the operators, functions and traits of a [`Var`](crate::Var), and
/// the same values to the bit. One evaluation costs about `1 + N` plain ones, in vector code for `N` of 4 or 8,
/// so it is the cheaper way to a gradient of few variables, and to a derivative along one direction.
///
/// # At kinks
///
/// The branch is taken that the direction enters, so a derivative along one direction is exact at
/// kinks too, as that of [`Var::jvp`](crate::Var::jvp). Of several directions the first along which the
/// argument changes decides, so that `N` unit vectors give an element of the generalized gradient whatever
/// the function is composed of. A jump, as that of `floor` or of `atan2` at the origin, has the slope that
/// the page [`conventions`](crate::conventions) says. A slope of 0 passes nothing on, not even of an
/// infinite or NaN derivative, and an argument that does not change gives a slope of 0, be the function's
/// infinite.
///
/// ```
/// use wengert::{Dual, Scalar};
/// fn loss<T: Scalar>(x: T) -> T {
///     x.relu() - (-x).relu() // x, in two pieces
/// }
/// let y = loss(Dual::variable(0.0));
/// assert_eq!((y.value(), y.tangent()), (0.0, 1.0));
///
/// // The gradient by two variables, at once.
/// let (a, b) = (Dual::<2>::seed(3.0, 0), Dual::<2>::seed(4.0, 1));
/// assert_eq!((a * b).tangents(), [4.0, 3.0]);
/// assert_eq!(a.hypot(b).tangents(), [0.6, 0.8]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Dual<const N: usize = 1, F: Real = f64> {
    value: F,
    tangents: [F; N],
}

impl<const N: usize, F: Real> Dual<N, F> {
    /// The constant 0.
    pub const ZERO: Self = Self::new(F::UNITS[0], [F::UNITS[0]; N]);

    /// The constant 1.
    pub const ONE: Self = Self::new(F::UNITS[1], [F::UNITS[0]; N]);

    /// A number with these derivatives.
    ///
    /// ```
    /// use wengert::Dual;
    /// let x = Dual::new(2.0, [1.0, 10.0]); // along two directions
    /// assert_eq!((x * x).tangents(), [4.0, 40.0]);
    /// ```
    #[inline(always)]
    pub const fn new(value: F, tangents: [F; N]) -> Self {
        Dual { value, tangents }
    }

    /// The variable that the direction of this number moves, with slope 1.
    ///
    /// # Panics
    /// If there are not so many directions.
    ///
    /// ```
    /// use wengert::Dual;
    /// let y = Dual::<4>::seed(2.0, 3).exp2();
    /// assert_eq!(y.tangents()[..3], [0.0; 3]);
    /// ```
    #[inline(always)]
    #[track_caller]
    pub fn seed(value: F, direction: usize) -> Self {
        assert!(direction < N, "direction {direction} of a number with {N}");
        let mut tangents = [F::zero(); N];
        tangents[direction] = F::one();
        Dual { value, tangents }
    }

    /// The `N` variables, each moved by a direction of its own: their derivatives are gradients.
    ///
    /// ```
    /// use wengert::Dual;
    /// let [x, y] = Dual::seeds([2.0, 5.0]);
    /// assert_eq!((x * x + y).tangents(), [4.0, 1.0]);
    /// ```
    #[inline(always)]
    pub fn seeds(values: [F; N]) -> [Self; N] {
        std::array::from_fn(|i| Self::seed(values[i], i))
    }

    /// The value.
    ///
    /// ```
    /// assert_eq!((wengert::Dual::variable(3.0) * 2.0).value(), 6.0);
    /// ```
    #[inline(always)]
    pub fn value(self) -> F {
        self.value
    }

    /// The derivatives along the directions, in their order.
    ///
    /// ```
    /// use wengert::Dual;
    /// assert_eq!((Dual::<2>::seed(3.0, 1) * 2.0).tangents(), [0.0, 2.0]);
    /// ```
    #[inline(always)]
    pub fn tangents(self) -> [F; N] {
        self.tangents
    }
}

impl<F: Real> Dual<1, F> {
    /// A variable, moved with slope 1 by the one direction.
    ///
    /// ```
    /// use wengert::Dual;
    /// assert_eq!(Dual::variable(3.0).powi(2).tangent(), 6.0);
    /// ```
    #[inline(always)]
    pub fn variable(value: F) -> Self {
        Dual { value, tangents: [F::one()] }
    }

    /// The derivative along the one direction.
    ///
    /// ```
    /// use wengert::Dual;
    /// assert_eq!(Dual::variable(-2.0).abs().tangent(), -1.0);
    /// ```
    #[inline(always)]
    pub fn tangent(self) -> F {
        self.tangents[0]
    }
}

impl<const N: usize, F: Real> Dual<N, F> {
    /// What makes the slopes of an entry of a list change, `w`, and by how much of it each does, `p / q`: see [`List`].
    /// Of each number `number` tells value and change, and `rate` the change of the entry, which is not linear.
    #[inline(always)]
    pub(super) fn turns<T, O: List>(
        xs: &[T],
        number: impl Fn(&T) -> Self + Copy,
        at: Local<'_, O, F>,
        rate: impl FnOnce() -> [F; N],
    ) -> impl Iterator<Item = ([F; N], F)> {
        let leader = at.leader(xs.iter().map(|x| number(x).value)).map(|m| (m, number(&xs[m])));
        let apart = move |i: usize, x: Self| match leader {
            None => x.tangents,
            Some((m, _)) if m == i => [F::zero(); N],
            Some((_, leader)) => both(&x.tangents, &leader.tangents, |s, t| s - t),
        };
        let numbers = move || xs.iter().map(number).enumerate();
        let rate = if leader.is_some() {
            let terms =
                numbers().map(|(i, x)| (Dual::new(F::zero(), apart(i, x)), at.slope(i, x.value)));
            Self::combined(terms, F::zero()).tangents
        } else {
            rate()
        };
        let [first, second] = at.entry.divisors(at.parts);
        numbers().map(move |(i, x)| {
            let [p, _, a] = at.entry.law(F::one(), at.slope(i, x.value), at.value);
            let across = both(&apart(i, x), &rate, |t, rate| t - along(a, rate));
            (across, p / first / second)
        })
    }
}

impl<const N: usize, F: Real> Jet for Dual<N, F> {
    type F = F;
    type Wide = Dual<N, f64>;
    const ORDER: usize = 1;

    #[inline(always)]
    fn constant(value: F) -> Self {
        Dual { value, tangents: [F::zero(); N] }
    }
    #[inline(always)]
    fn here(&self) -> F {
        self.value
    }
    #[inline(always)]
    fn parts(&self) -> impl Iterator<Item = F> {
        self.tangents.into_iter()
    }
    #[inline(always)]
    fn widen(self) -> Dual<N, f64> {
        Dual { value: self.value.to_double(), tangents: self.tangents.map(F::to_double) }
    }
    #[inline(always)]
    fn narrow(wide: Dual<N, f64>, value: F) -> Self {
        Dual { value, tangents: wide.tangents.map(F::from_double) }
    }
    #[inline(always)]
    fn shifted(self, value: F) -> Self {
        Dual { value, ..self }
    }
    #[inline(always)]
    fn chained(self, value: F, slope: F) -> Self {
        Dual { value, tangents: scaled(&self.tangents, slope) }
    }
    #[inline(always)]
    fn joined(self, other: Self, (value, by_self, by_other): (F, F, F)) -> Self {
        let tangents = joined((by_self, &self.tangents), (by_other, &other.tangents));
        Dual { value, tangents }
    }
    #[inline(always)]
    fn plus(self, other: Self, value: F) -> Self {
        Dual { value, tangents: both(&self.tangents, &other.tangents, |s, t| s + t) }
    }
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        self.joined(other, arithmetic::mul(self.value, other.value))
    }
    #[inline(always)]
    fn over(self, other: Self) -> Self {
        self.joined(other, arithmetic::div(self.value, other.value))
    }
    #[inline(always)]
    fn under(self, number: F) -> Self {
        let (value, _, slope) = arithmetic::div(number, self.value);
        self.chained(value, slope)
    }
    #[inline(always)]
    fn unary<O: Unary>(self, entry: O) -> Self {
        let x = self.value.to_double();
        let y = entry.value(x);
        let value = F::from_double(y);
        if !entry.is_smooth(x) {
            return self.chained(value, F::from_double(self.bent(entry, x, y).0));
        }
        let slope = F::from_double(entry.slope(x, y));
        // That of `abs` is so by construction, which the compiler sees: whether it is 0 is not looked at then.
        if O::SHAPE == Shape::Linear && slope.abs() == F::one() {
            return Dual { value, tangents: each(&self.tangents, |t| slope * t) };
        }
        self.chained(value, slope)
    }
    #[inline(always)]
    fn smooth<O: Binary>(self, other: Self, entry: O) -> Self {
        let (a, b) = (self.value.to_double(), other.value.to_double());
        let y = entry.value(a, b);
        // The slope by what does not change leads nowhere, so it is not computed.
        let by_a = if self.is_level() { 0.0 } else { entry.slope_a(a, b, y) };
        let by_b = if other.is_level() { 0.0 } else { entry.slope_b(a, b, y) };
        let [value, by_a, by_b] = [y, by_a, by_b].map(F::from_double);
        self.joined(other, (value, by_a, by_b))
    }
    fn many<O: Many>(xs: &[Self], entry: O) -> Self {
        let numbers: SmallVec<[f64; 8]> = Self::values(xs).map(F::to_double).collect();
        let y = entry.value(&numbers);
        let slopes = entry.slopes(&numbers, y).into_iter().map(F::from_double);
        Self::combined(xs.iter().copied().zip(slopes), F::from_double(y))
    }
    /// Along the first direction in which they move, `m`, the norm is `|m|`; from there on it is smooth, with
    /// the slopes `m / |m|`.
    fn tip(xs: &[Self]) -> Self {
        match tip_slopes(xs.len(), N, |which, i| xs[i].tangents[which]) {
            Some(slopes) => Self::combined(xs.iter().copied().zip(slopes), F::zero()),
            None => Self::constant(F::zero()),
        }
    }
    #[inline(always)]
    fn list_at<O: List>(xs: &[Self], at: Local<'_, O, F>) -> Self {
        Self::combined(xs.iter().enumerate().map(|(i, &x)| (x, at.slope(i, x.value))), at.value)
    }
    fn shares<O: Shares>(xs: &[Self], _: O) -> Vec<Self> {
        let mut kept: SmallVec<[F; 8]> = SmallVec::new();
        let at = Local::of(xs, Self::here, O::OF, &mut kept);
        let turns = Self::turns(xs, |&x| x, at, || Self::list_at(xs, at).tangents);
        let turned =
            |((across, by), &share): (([F; N], F), &F)| Dual::new(share, scaled(&across, by));
        turns.zip(at.kept).map(turned).collect()
    }
    #[inline(always)]
    fn dot_of(pairs: impl Iterator<Item = (Self, Self)>, value: F) -> Self {
        Self::combined(
            pairs.flat_map(|(a, b)| {
                let (_, by_a, by_b) = op::Dot.pair(a.value, b.value);
                [(a, by_a), (b, by_b)]
            }),
            value,
        )
    }
    #[inline(always)]
    fn known(args: &[Self], value: F, partials: &[F]) -> Self {
        Self::combined(args.iter().copied().zip(partials.iter().copied()), value)
    }
}
